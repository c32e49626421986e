#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mutants - every patch of ours finds its place in today's source, and the kill table tells who survives
# The mutants themselves are built and run by `make mutants`, which takes too long for here.
. harness/tests/tap

value() { sed -n "s/^$2 = //p" "kernels/$1.kernel"; }

# patched KERNEL: its patches change the files that they name, and nothing else
patched()
{
	build/finrig image --patches "$1" >"$tap_dir/diff" || return 1
	for patch in $(value "$1" patches | tr ':;' '  '); do sed -n 's/^# file: //p' "kernels/patches/$patch"; done | sort -u >"$tap_dir/named"
	sed -n 's|^+++ b/||p' "$tap_dir/diff" | sort -u >"$tap_dir/changed"
	[ -s "$tap_dir/changed" ] && diff "$tap_dir/named" "$tap_dir/changed"
}

# table CODE PATTERN KERNEL...: of a run of these kernels, out of stored cells
table()
{
	code=$1 pattern=$2
	shift 2
	printf '{"kernels": [%s], "cases": ["closing-fin-retransmit"]}\n' "$(printf '"%s", ' "$@" | sed 's/, $//')" >"$tap_dir/run/run.json"
	build/finrig mutants --read "$tap_dir/run" >"$tap_dir/out" 2>"$tap_dir/err"
	got=$?
	cat "$tap_dir/out" "$tap_dir/err"
	same "$code" $got && grep -q -e "$pattern" "$tap_dir/out" "$tap_dir/err"
}

mutants=$(grep -l '^mutant-of = source-6.1$' kernels/*.kernel | sed 's|.*/\(.*\)\.kernel$|\1|')
check "there are at least 8 mutants of source-6.1" [ "$(echo "$mutants" | wc -l)" -ge 8 ]
for kernel in $(grep -l '^mutant-of = ' kernels/*.kernel | sed 's|.*/\(.*\)\.kernel$|\1|'); do
	check "$kernel is a mutant of a kernel that is there" [ -e "kernels/$(value "$kernel" mutant-of).kernel" ]
done
for patch in kernels/patches/*; do
	check "$(basename "$patch") is some kernel's" grep -q "^patches = .*$(basename "$patch")" kernels/*.kernel
done
for kernel in $mutants; do
	check "adding.md tells what $kernel does wrong" grep -q "^| \`$kernel\` | " docs/adding.md
	case $(build/finrig image --patches "$kernel" 2>/dev/null) in
	*SKIP:*) skip "the patches of $kernel" "[network] linux-source-6.1 cannot be fetched" ;;
	*) check "the patches of $kernel change what they name" patched "$kernel" ;;
	esac
done

cp -r harness/tests/golden/run "$tap_dir/run"
cp -r "$tap_dir/run/sample-6.1" "$tap_dir/run/unnoticed"
check "a mutant that a case tells is killed" table 0 '^2 mutants of sample-6.1: 2 killed, 0 survive, 0 not seen$' sample-6.1 sample-6.1-mutant sample-crash
check "the table names the case and its reason" grep -q '^  closing-fin-retransmit  BUGGY    timer backed off ' "$tap_dir/out"
check "a crash kills too" grep -q '^  closing-fin-retransmit  CRASH ' "$tap_dir/out"
check "one that no case tells survives" table 1 '^unnoticed: SURVIVES 1 case$' sample-6.1 sample-6.1-mutant unnoticed
check "one that was not to be had is no proof" table 2 '^unavailable: NOT SEEN: linux-2.6.32.tar.xz cannot be fetched' sample-6.1 sample-6.1-mutant unavailable
check "a case that is not FIXED on the right kernel proves nothing" table 2 '^sample-2.6.32, which is right, is not FIXED in$' sample-2.6.32 sample-6.1-mutant
check "a cell without a verdict is no proof" table 2 '^1 cell broke or was not judged$' sample-6.1 sample-6.1-mutant never-run
check "a run of one kernel has no mutants" table 2 'expected a run of a kernel and its mutants' sample-6.1
check "a kernel without mutants" sh -c "build/finrig mutants --of linux-4.4 2>&1 | grep -q 'no kernel file says .mutant-of = linux-4.4.'"
plan

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cli - the command line without any guest: usage errors, help, man page and README agree
. harness/tests/tap
finrig=build/finrig

# refuses STATUS PATTERN ARGUMENT...: exit code and message on stderr, nothing on stdout
refuses()
{
	want=$1 pattern=$2
	shift 2
	"$finrig" "$@" >"$tap_dir/out" 2>"$tap_dir/err"
	got=$?
	cat "$tap_dir/err"
	same "$want" "$got" && grep -q -e "$pattern" "$tap_dir/err" && [ ! -s "$tap_dir/out" ]
}

printf '// observe: soon\n0 close(3) = 0\n' >"$tap_dir/header.pkt"
printf '0 close(3) = 0\n+0 nonsense\n' >"$tap_dir/script.pkt"
printf '// ok: fin.retransmit >= 4\n0 close(3) = 0\n' >"$tap_dir/fact.pkt"

check "no command" refuses 2 'Usage: finrig'
check "unknown command" refuses 2 'frobnicate: no such command' frobnicate
check "a negative number" refuses 2 '--jobs: expected a number that is not negative, found -4' bisect --jobs -4 --case x
check "a negative limit" refuses 2 '--timeout: expected a number that is not negative' run --timeout=-1 closing-fin-drained
check "a mail to nobody" refuses 2 'expected --mail ADDRESS in one line' nightly --mail= x.nightly
check "JSON and a mail at once" refuses 2 'expected --json without --mail and --check' nightly --mail=a@b --json x.nightly
check "an option of one value, twice" refuses 2 '--case is given twice: expected it once' bisect --case x --jobs 2 --case=y
check "the same with other options between" refuses 2 '--old is given twice' bisect --old c1 --new --old --old c16
check "a short and a long name" refuses 2 '--strip is given twice' backport --patch x -p1 --strip 0
check "a value that looks like an option, and what is behind --" refuses 2 "did not expect '--'" backport --base --base -- --base --base
check "options that may be given more than once" refuses 2 'no-such-kernel' run -k debian-6.1 -k no-such-kernel closing-fin-retransmit
check "an empty argument" refuses 2 'no such case' run -k debian-6.1 ""
check "unknown option" refuses 2 'Unknown option --frob' run --frob
check "no kernel" refuses 2 'expected --kernel' run closing-fin-retransmit
check "no case" refuses 2 'expected a case' run --kernel debian-6.1
check "unknown kernel" refuses 2 'no-such-kernel' run --kernel no-such-kernel closing-fin-retransmit
check "unknown case" refuses 2 'no-such-case: no such case' run --kernel debian-6.1 no-such-case
check "bad header names file, line, column" refuses 2 'header.pkt:1:13: expected a time' run --kernel debian-6.1 "$tap_dir/header.pkt"
check "bad script names file, line, column" refuses 2 'script.pkt:2:12: expected' run --kernel debian-6.1 "$tap_dir/script.pkt"
check "unknown fact names the near ones" refuses 2 'fact.pkt:1:8: .*fin.retransmits' run --kernel debian-6.1 "$tap_dir/fact.pkt"
check "a script error leaves no results folder" [ ! -e "$tap_dir/results" ]
check "bad shift" refuses 2 'expected --shift from 0 to 10' run --shift 11 --kernel debian-6.1 closing-fin-retransmit
check "bad accel" refuses 2 'expected --accel tcg or kvm' run --accel hvf --kernel debian-6.1 closing-fin-retransmit
check "bad part" refuses 2 "expected --part as 1/N to N/N, images or merge, found '3/2'" run --part 3/2 --results "$tap_dir/p" --kernel debian-6.1 closing-fin-retransmit
check "a part of which run" refuses 2 'expected --results DIR' run --part 1/2 --kernel debian-6.1 closing-fin-retransmit
check "bad drain" refuses 2 "expected --drain never, always.*found 'seldom'" run --drain seldom --kernel debian-6.1 closing-fin-retransmit
check "same kernel twice" refuses 2 'two kernels are called debian-6.1' run -k debian-6.1 -k debian-6.1 closing-fin-retransmit
check "bad IP version" refuses 2 "expected --ip-version ipv4, .* found 'ipv5'" run --ip-version ipv4,ipv5 --kernel debian-6.1 closing-fin-retransmit
printf '0 close(3) = 0\n0 assert fin.snt == 1\n' >"$tap_dir/assert.pkt"
check "an assert statement's unknown fact" refuses 2 'assert.pkt:2:1: no fact is called "fin.snt"' run --kernel debian-6.1 "$tap_dir/assert.pkt"
mkdir -p "$tap_dir/suite"
printf '0 frob(3) = 0\n+0 frob(4) = 0\n+0 close(FOO) = 0\n' >"$tap_dir/suite/a.pkt"
printf '0 frob(3) = 0\n' >"$tap_dir/suite/b.pkt"
counted()
{
	"$finrig" cases --check "$tap_dir/suite" >"$tap_dir/out" 2>"$tap_dir/err"
	same 2 $? && cat "$tap_dir/out" && grep -q '^2 scripts, 2 with faults$' "$tap_dir/out" && grep -q '^ *[0-9]  call frob$' "$tap_dir/out"
}
check "constructs that are not understood are counted" counted
printf '[nightly]\nkernels = debian-6.1\ncases = closing-fin-retransmit\nkeep = soon\n' >"$tap_dir/a.nightly"
check "a nightly's fault names file and line" refuses 2 'a.nightly:4: expected a number' nightly --check "$tap_dir/a.nightly"
# nightly_fault PATTERN LINE...: below two kernels and two cases
nightly_fault()
{
	pattern=$1
	shift
	printf '%s\n' '[nightly]' 'kernels = debian-6.1; debian-6.1-mutant' 'cases = closing-fin-*' "$@" >"$tap_dir/b.nightly"
	refuses 2 "$pattern" nightly --check "$tap_dir/b.nightly"
}
check "a nightly's unknown kernel" nightly_fault 'b.nightly:5: no kernel of this nightly is called linux' '[variant x]' 'kernels = linux-*'
check "a nightly's unknown case" nightly_fault 'b.nightly:5: no case of this nightly is called close' '[variant x]' 'cases = close-*'
check "a nightly's expectation of nothing" nightly_fault 'b.nightly:5: no cell of this variant' '[variant x]' 'expect.debian-6.1/none = buggy'
check "a canary that is not there" nightly_fault 'b.nightly:4: no kernel of this nightly is called x' 'canaries = x'
check "a canary with nothing to tell" nightly_fault 'b.nightly:4: no case of this nightly is expected to be buggy on debian-6.1' 'canaries = debian-6.1'
printf '[nightly]\nkernels = debian-*; no-such\ncases = closing-fin-retransmit\n' >"$tap_dir/c.nightly"
check "a nightly's kernel that does not exist" refuses 2 'c.nightly:2: no-such: no such kernel' nightly "$tap_dir/c.nightly"
check "no configuration" refuses 2 'expected one configuration' nightly
check "a nightly's fault leaves no history" [ ! -e results/history.sqlite ]
check "history that is not there" refuses 2 'none.sqlite: no history there' history --history "$tap_dir/none.sqlite" c k
check "history of what" refuses 2 'expected a case and a kernel' history c
check "regressions since when" refuses 2 'expected --since DATE' regressions
check "regressions since no date" refuses 2 "found 'recently'" regressions --since recently
check "all cases are read" "$finrig" cases --check
check "cases are listed" sh -c "$finrig cases | grep -q '^closing-fin-retransmit'"
check "kernels are listed" sh -c "$finrig kernels | grep -q '^linux-2.6.32 '"

# Every command and option of --help stands in the man page, and every one of the man page exists.
for command in $("$finrig" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	"$finrig" "$command" --help | grep -o -- '--[a-z][-a-z]*' | sort -u | grep -v '^--help' | sed "s/^/$command /"
done >"$tap_dir/options"
sed 's/\\-/-/g' docs/finrig.1 >"$tap_dir/man"
grep -o -- '--[a-z][-a-z]*' "$tap_dir/man" | sort -u | grep -v '^--help' >"$tap_dir/man.options"
sed 's/^[a-z]* //' "$tap_dir/options" | sort -u >"$tap_dir/all.options"

every_command_in_man()
{
	for command in $("$finrig" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
		grep -q "\\b$command\\b" "$tap_dir/man" || { echo "missing: $command"; return 1; }
	done
}
check "man page has every command" every_command_in_man
check "man page and --help have the same options" sh -c "[ -s $tap_dir/all.options ] && diff $tap_dir/all.options $tap_dir/man.options"
check "man page has no error" sh -c "! command -v mandoc >/dev/null || mandoc -T lint -W error docs/finrig.1"
check "README's finrig commands exist" sh -c "grep -o 'finrig [a-z]\+ --[a-z][-a-z]*' README.md | sort -u |
	while read -r f c o; do grep -q \"^\$c \$o\$\" $tap_dir/options || { echo unknown: \$c \$o; exit 1; }; done"
plan

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# language - the conformance suite: every script of cases/language/ passes, and its twin language/NAME.fail.pkt here fails as it says
# The twin's first line `// fails: TEXT` is what the message must hold, with file and line. Twins are no cases: a run of all of cases/
# has none of them.
. harness/tests/tap
kernels=${LANGUAGE_KERNELS:-debian-6.1 source-6.1}
if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "conformance suite" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
for kernel in $kernels; do set -- "$@" --kernel "$kernel"; done
build/finrig run --results "$tap_dir/run" --cases cases/language --cases harness/tests/language "$@" >"$tap_dir/summary" 2>"$tap_dir/progress"
status=$?
check "the suite ran" [ $status -le 2 ]

field() { sed -n "s/^ *\"$2\" *: *\"\(.*\)\",\{0,1\}$/\1/p" "$1/5-verdict.json" | head -n 1; }
passes() { same FIXED "$(field "$1" outcome)" || { field "$1" cause; return 1; }; }
# The message is in the verdict's cause, or, behind one that was not fatal, a mismatch among the events. JSON writes " as \".
fails()
{
	want=$(sed -n '1s/^\/\/ fails: //p' "$2" | sed 's/\\/\\\\/g; s/"/\\"/g')
	case $(field "$1" outcome) in
	CHANGED | BROKEN) ;; # BROKEN: the script itself is wrong
	*) same "CHANGED or BROKEN" "$(field "$1" outcome)" || return 1 ;;
	esac
	[ -n "$want" ] && grep -q -F -e "$want" "$1/4-analysis.json" "$1/5-verdict.json" && return 0
	place=$(echo "$want" | sed -n 's/^\([0-9]*\):\([0-9]*\): .*/"line": \1, "column": \2,/p')
	[ -n "$place" ] && grep -F -e "$place" "$1/2-events.jsonl" | grep -q -F -e "${want#*:*: }" && return 0
	echo "no such text: $want"
	field "$1" cause
	return 1
}
# A script whose `needs` a kernel lacks is judged on the other one.
lacking() { [ "$(field "$1" outcome)" = SKIP ] && grep -q '^// needs: ' "$2" && [ "$kernel" != "${kernels%% *}" ]; }

check "every script has a twin, and every twin a script" sh -c "ls cases/language | sed 's/\.pkt$//' >$tap_dir/scripts &&
	ls harness/tests/language | sed 's/\.fail\.pkt$//' | diff $tap_dir/scripts -"
for kernel in $kernels; do
	for file in cases/language/*.pkt harness/tests/language/*.pkt; do
		name=$(basename "$file" .pkt)
		! lacking "$tap_dir/run/$kernel/$name" "$file" || continue
		case $name in
		*.fail) check "$kernel $name" fails "$tap_dir/run/$kernel/$name" "$file" ;;
		*) check "$kernel $name" passes "$tap_dir/run/$kernel/$name" ;;
		esac
	done
done
# So many cells restore at the same moment as nowhere else; a QEMU that refuses shows in the note of its cell.
check "no QEMU refused to restore" sh -c "! grep -r --include=1-vm.json 'cannot be kept' $tap_dir/run"
plan

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# used_folder - runs into a folder that has one already: each report is of its own run alone, and no cell of another is lost
. harness/tests/tap
if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "a used folder" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
folder=$tap_dir/run
run() { build/finrig run --results "$folder" "$@" >"$tap_dir/out" 2>"$tap_dir/err"; }
told() { grep -c "^$folder: .* of an earlier run" "$tap_dir/err"; }
ends() { run "$@" || { cat "$tap_dir/out" "$tap_dir/err"; return 1; }; }
files() { (cd "$1" && ls) | tr '\n' ' '; }
# diffs FOLDER: of the one case
diffs() { files "$folder/diff/closing-fin-drained"; }

a=debian-6.1 b=debian-6.1-mutant c=debian-6.12
check "a run of three kernels" ends --kernel $a --kernel $c --kernel $b closing-fin-drained
check "nothing is told of a new folder" same 0 "$(told)"
check "a run of two of them and another case" ends --kernel $a --kernel $b closing-fin-drained closing-nothing-before
check "the cell of the third stays, and is told" grep -qx "$folder: 1 cell of an earlier run stays here, in none of its reports: $c/closing-fin-drained" \
	"$tap_dir/err"
check "all of it" [ -s "$folder/$c/closing-fin-drained/3-packets.pcap" ]
check "it is in no report" sh -c "! grep -rl '$c' '$folder'/run.json '$folder'/report.* '$folder'/summary.txt"
check "no diff of the run before is left" same "$a..$b.json " "$(diffs)"
check "finrig report tells the same" sh -c "build/finrig report '$folder' 2>&1 >'$tap_dir/again' | grep -q ' 1 cell of an earlier run stays'"
check "and prints the same" cmp "$tap_dir/again" "$folder/report.txt"
# Once more, so that the guests of both are kept ones.
check "the same run again" ends --kernel $a --kernel $b closing-fin-drained closing-nothing-before
build/finrig run --results "$tap_dir/fresh" --kernel $a --kernel $b closing-fin-drained closing-nothing-before >/dev/null 2>&1
for file in report.ktap report.junit.xml report.kcidb.json; do
	sed 's/"tests\/[^"]*"//; s/name="run"/name="fresh"/' "$folder/$file" >"$tap_dir/used"
	check "its $file is that of a new folder" cmp "$tap_dir/used" "$tap_dir/fresh/$file"
done

# A kernel that could be had and cannot any more: its cell has nothing of before.
printf '[kernel]\ntitle = t\nwhy = t\ndeb = linux-image-cloud-amd64\n' >"$tap_dir/k.kernel"
ends_either() { run "$@"; [ $? -le 1 ]; }
check "a kernel that is there" ends_either --kernel "$tap_dir/k.kernel" closing-fin-drained
printf '[kernel]\ntitle = t\nwhy = t\ntree = /nowhere\n' >"$tap_dir/k.kernel"
run --kernel "$tap_dir/k.kernel" closing-fin-drained
check "and is gone" grep -q 'SKIP' "$folder/report.txt"
check "leaves nothing of its guest" same "0-case.pkt 0-cell.json 5-verdict.json " "$(files "$folder/k/closing-fin-drained")"
check "the others stay" same 6 "$(find "$folder" -name 5-verdict.json | wc -l)"

# An interrupted run has none of the verdicts that it did not come to.
cp cases/close-wait-held.pkt "$tap_dir/long.pkt"
check "two cells" ends --kernel $a "$tap_dir/long.pkt" closing-nothing-before
sed -i 's/^\/\/ observe:.*/\/\/ observe: 99d/' "$tap_dir/long.pkt"
rm "$tap_dir/err"
build/finrig run --again --jobs 1 --results "$folder" --kernel $a "$tap_dir/long.pkt" closing-nothing-before >"$tap_dir/out" 2>"$tap_dir/err" &
pid=$!
while kill -0 $pid 2>/dev/null && ! grep -qs 'long: vm' "$tap_dir/err"; do sleep 0.1; done
kill -INT $pid
wait $pid
check "a run of the same that is interrupted" same 130 $?
check "judged neither" same 2 "$(grep -c 'not judged' "$folder/report.txt")"
check "what it did not come to can be judged from what lies there" sh -c "build/finrig verdict '$folder/$a/closing-nothing-before' >/dev/null 2>&1; \
	[ -s '$folder/$a/closing-nothing-before/5-verdict.json' ]"

check "repetitions" ends --repeat 2 --kernel $a closing-fin-drained
mkdir -p "$folder/repeat/7/$a/closing-fin-drained" && echo other >"$folder/repeat/7/$a/closing-fin-drained/2-events.jsonl"
check "a run without" ends --kernel $a closing-fin-drained
check "has none" [ ! -e "$folder/repeat" ]
check "and no text about them" [ ! -e "$folder/repeat.txt" ]

mkdir "$tap_dir/bisection" && echo '{}' >"$tap_dir/bisection/0-bisect.json"
check "a bisection's folder is refused" sh -c "build/finrig run --results '$tap_dir/bisection' --kernel $a closing-fin-drained 2>&1 |
	grep -q 'bisection holds a bisection: expected --results'"
check "and left as it is" same "0-bisect.json " "$(files "$tap_dir/bisection")"
plan

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# interrupt - Ctrl-C in the middle of a run: what is done stays, and no QEMU is left; and a QEMU that is killed takes one cell, at most
. harness/tests/tap
if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "interrupt" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
mkdir "$tap_dir/cases"
cp cases/closing-fin-retransmit.pkt "$tap_dir/cases/a.pkt"
# So long that it is still at work when the interrupt comes.
sed 's/^\/\/ observe:.*/\/\/ observe: 99d/' cases/close-wait-held.pkt >"$tap_dir/cases/b.pkt"

build/finrig run --jobs 1 --results "$tap_dir/run" --kernel debian-6.1 --cases "$tap_dir/cases" >"$tap_dir/out" 2>"$tap_dir/err" &
pid=$!
# Not a sleep: wait until the first cell is judged and the second one's guest talks.
while kill -0 $pid 2>/dev/null; do
	children=$(ps -o pid= --ppid $pid)
	[ -s "$tap_dir/run/debian-6.1/a/5-verdict.json" ] && [ -e "$tap_dir/run/debian-6.1/b/1-console.log" ] && [ -n "$children" ] && break
	sleep 0.1
done
kill -INT $pid
wait $pid
status=$?
check "exit code 130" same 130 $status
check "says where the finished cells are" grep -q "interrupted; finished cells are in" "$tap_dir/err"
check "the finished cell is reported" grep -q 'FIXED' "$tap_dir/run/report.txt"
check "the interrupted cell has no verdict" [ ! -e "$tap_dir/run/debian-6.1/b/5-verdict.json" ]
check "a QEMU was at work" [ -n "$children" ]
check "no QEMU is left" sh -c "for p in $children; do ! kill -0 \$p 2>/dev/null || exit 1; done"

# qemu_at_work FINRIG KILLED...: the process id of its QEMU, none of those killed, once the guest itself runs: a restore takes less
# processor time than this, the case many times as much.
qemu_at_work()
{
	finrig=$1
	shift
	while kill -0 $finrig 2>/dev/null; do
		for child in $(ps -o pid=,comm= --ppid $finrig | awk '$2 ~ /^qemu-system/ { print $1 }'); do
			case " $* " in *" $child "*) continue ;; esac
			[ "$(awk '{ print ($14 + $15 >= 50) }' /proc/$child/stat 2>/dev/null)" = 1 ] && echo $child && return
		done
		sleep 0.1
	done
}

# killed NAME CASE TIMES: a run of one cell whose QEMU is killed so many times; status and output are left
killed()
{
	build/finrig run --again --results "$tap_dir/$1" --kernel debian-6.1 "$2" >"$tap_dir/out" 2>"$tap_dir/err" &
	pid=$! gone=
	for time in $(seq "$3"); do
		child=$(qemu_at_work $pid $gone)
		[ -n "$child" ] && kill -9 $child && gone="$gone $child"
	done
	wait $pid
	status=$?
	set -- $gone
	kills=$#
}

# Long enough to be caught, short enough to be waited for.
sed 's/^\/\/ observe:.*/\/\/ observe: 2d/' cases/close-wait-held.pkt >"$tap_dir/days.pkt"
killed once "$tap_dir/days.pkt" 1
check "a QEMU was killed" same 1 $kills
check "the cell was run a second time, and is as expected" same 0 $status
check "the table says so" grep -q 'FIXED.*\[run twice: QEMU was ended by signal 9 (Killed) at guest time [0-9.]* s\]' "$tap_dir/out"
check "and KTAP" grep -q '# debian-6.1: run twice: QEMU was ended by signal 9' "$tap_dir/once/report.ktap"
build/finrig run --again --results "$tap_dir/whole" --kernel debian-6.1 "$tap_dir/days.pkt" >"$tap_dir/out" 2>&1
for file in 1-records.bin 1-console.log 2-events.jsonl 3-packets.pcap 5-verdict.json; do
	check "its $file has the same bytes as without that" cmp "$tap_dir/whole/debian-6.1/days/$file" "$tap_dir/once/debian-6.1/days/$file"
done
killed twice "$tap_dir/cases/b.pkt" 2
check "two QEMUs were killed" same 2 $kills
check "the rig broke" same 2 $status
check "which is no verdict on the kernel" grep -q 'BROKEN.*vm died: QEMU was ended by signal 9 (Killed) at guest time' "$tap_dir/out"
plan

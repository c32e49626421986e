#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# interrupt - Ctrl-C in the middle of a run: what is done stays, and no QEMU is left
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
plan

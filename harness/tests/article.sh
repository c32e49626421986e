#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# article - the two scripts of the article finrig started from, verbatim, comments in Chinese included
# They are not in this repository; SEEDS names the folder that holds the article's text.
. harness/tests/tap
seeds=${SEEDS:-../shared/seeds}

# The n-th block from the first statement to the line that holds the process alive.
extract()
{
	cat "$seeds"/*.txt | sed 's/\r$//' | awk -v want="$1" '/^0\.000 socket\(/ { n++ } n == want { print } n == want && /^[12]0000?\.000 close\(4\) = 0/ { exit }'
}

mismatch_line() { grep -o '"type":"mismatch".*' "$1/2-events.jsonl" | grep -o '"line":[0-9]*' | head -n 1; }

if [ ! -d "$seeds" ]; then
	skip "the article's scripts" "[seeds] no folder $seeds; set SEEDS"
	plan
	exit 0
fi
mkdir "$tap_dir/article"
extract 1 >"$tap_dir/article/closing.pkt"
extract 2 >"$tap_dir/article/close-wait.pkt"
check "both scripts were found" sh -c "[ \$(grep -c . $tap_dir/article/closing.pkt) -gt 15 ] && [ \$(grep -c . $tap_dir/article/close-wait.pkt) -gt 12 ]"
check "both are read" build/finrig cases --check "$tap_dir/article"

# 6.1 offers another window and scale than 2.6.32 did: the script says so at its SYN-ACK and, if asked to, goes on.
build/finrig run --results "$tap_dir/strict" --kernel debian-6.1 --cases "$tap_dir/article" >"$tap_dir/strict.txt" 2>&1
check "on 6.1 the SYN-ACK's window is the mismatch" grep -q '^closing.pkt\|win 5840' "$tap_dir/strict/debian-6.1/closing/5-verdict.json"
build/finrig run --results "$tap_dir/lenient" --non-fatal packet,syscall --kernel debian-6.1 --kernel debian-6.1-mutant \
	--cases "$tap_dir/article" >"$tap_dir/lenient.txt" 2>&1
for kernel in debian-6.1 debian-6.1-mutant; do
	cell=$tap_dir/lenient/$kernel/closing
	check "$kernel goes through CLOSING" grep -q '"state": *"CLOSING"' "$cell/2-events.jsonl"
	check "$kernel: the second close(4) is EBADF, as the article's own tool would say" \
		grep -q 'EBADF' "$cell/2-events.jsonl"
done
fins() { tshark -r "$tap_dir/lenient/$1/closing/3-packets.pcap" -Y 'sll.pkttype == 4 && tcp.flags.fin == 1' 2>/dev/null | wc -l; }
check "the fixed kernel sends the FIN again and again" [ "$(fins debian-6.1)" -ge 5 ]
check "the mutant, whose tun is drained only for expected packets, does not" [ "$(fins debian-6.1-mutant)" -le 2 ]
check "CLOSE_WAIT stays" grep -q '"state": *"CLOSE_WAIT"' "$tap_dir/lenient/debian-6.1/close-wait/2-events.jsonl"
plan

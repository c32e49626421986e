#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# diff - finrig diff on the golden run: what A and B can be, exit codes, widths, damage, pcapng of another tool
# FINRIG_ACCEPT=1 writes golden/diff: then review the difference with git.
. harness/tests/tap
finrig=build/finrig
run=harness/tests/golden/run
golden=harness/tests/golden/diff
good=$run/sample-6.1/closing-fin-retransmit
bad=$run/sample-6.1-mutant/closing-fin-retransmit

# gives STATUS PATTERN ARGUMENT...: exit code, and a pattern in what is printed on either stream
gives()
{
	want=$1 pattern=$2
	shift 2
	"$finrig" diff "$@" >"$tap_dir/out" 2>"$tap_dir/err"
	got=$?
	cat "$tap_dir/out" "$tap_dir/err"
	same "$want" "$got" && grep -q -e "$pattern" "$tap_dir/out" "$tap_dir/err"
}

# no_wider WIDTH: packets' lines of the last output
no_wider()
{
	awk -v width="$1" '/^[ <>|~] / && /(-->|<--)/ { n++; if (length($0) > width) { print; bad = 1 } } END { exit bad || !n }' "$tap_dir/out"
}

check "two cells" gives 1 '^same to packet 8 .*only in ' "$good" "$bad"
check "a cell with itself" gives 0 '^all 1[0-9] packets the same$' "$good" "$good"
check "kernels of a run" gives 1 '^B sample-6.1-mutant: 8 packets$' --run "$run" sample-6.1 sample-6.1-mutant
check "KERNEL/CASE" gives 1 '^< .*retransmission' --run "$run" sample-6.1/closing-fin-retransmit sample-6.1-mutant/closing-fin-retransmit
check "two runs, a line for each cell; what has no packets is trouble and stops nothing" gives 2 'the cell is SKIP' "$run" "$run"
check "the other cells were compared" grep -q '^sample-6.1/closing-fin-retransmit: all 1[0-9] packets the same$' "$tap_dir/out"
check "one cell of two runs" gives 0 '^all ' --case sample-6.1/closing-fin-retransmit "$run" "$run"
check "a cell that is not there" gives 2 'has no cell frob' --case frob "$run" "$run"
check "a kernel that is not there names those that are" gives 2 'frob: expected .* kernel of .* (sample-2.6.32, sample-6.1' --run "$run" frob sample-6.1
check "a cell with a run" gives 2 'expected two of a kind' "$good" "$run"
check "a capture with its cell" gives 0 '^not compared: .*socket states, counters' --width 400 "$good/3-packets.pcap" "$good"
check "windows are compared when asked for" gives 1 '^compared: .*windows' --width 400 --compare window "$good" "$bad"
check "only what is asked for" gives 1 '^compared: flags$' --ignore all --compare flags "$good" "$bad"
check "an unknown word" gives 2 "expected all, seq, .*found 'frob'" --ignore frob "$good" "$bad"
check "JSON" gives 1 '"mark": "only_a"' --json "$good" "$bad"
if command -v jq >/dev/null; then
	check "JSON is JSON" sh -c "jq -e '.rows[8].a.kind == \"FIN retransmission\" and .first.row == 8' <$tap_dir/out"
else
	skip "JSON is JSON" "[jq] jq is not installed"
fi
for width in 150 100 64; do
	gives 1 . --width $width --run "$run" sample-6.1 sample-6.1-mutant >/dev/null
	check "lines of packets fit in $width letters" no_wider $width
	[ -z "$FINRIG_ACCEPT" ] || cp "$tap_dir/out" "$golden/$width.txt"
	check "the text in $width letters is the golden one" diff "$golden/$width.txt" "$tap_dir/out"
done
check "two columns where they fit" sh -c "$finrig diff --width 150 $good $bad | grep -q 'SYN seq 0 len 0  *[0-9.]* <-- SYN seq 0 len 0'"
check "one where they do not" sh -c "! $finrig diff --width 80 $good $bad | grep -q 'SYN seq 0 len 0  *[0-9.]* <-- SYN seq 0 len 0'"

# Damage: file and byte, and what stands before it is compared.
size=$(wc -c <"$good/3-packets.pcap")
head -c $((size - 10)) "$good/3-packets.pcap" >"$tap_dir/cut.pcap"
: >"$tap_dir/empty.pcap"
head -c 24 "$good/3-packets.pcap" >"$tap_dir/none.pcap"
echo "no capture at all, but some text" >"$tap_dir/text.pcap"
check "a capture that is cut off" gives 2 'cut.pcap: byte [0-9]*, after 1[0-9] packets: .*compared up to there' "$tap_dir/cut.pcap" "$good/3-packets.pcap"
check "all before the cut is compared" grep -q '^same to packet 1[0-9] .*, then 1 FIN retransmission only in ' "$tap_dir/out"
check "an empty file" gives 2 'empty.pcap: ' "$tap_dir/empty.pcap" "$good/3-packets.pcap"
check "no capture" gives 2 'text.pcap: ' "$good/3-packets.pcap" "$tap_dir/text.pcap"
check "a capture without packets is no damage" gives 1 '^not one packet the same: ' "$tap_dir/none.pcap" "$good/3-packets.pcap"
check "a file that is not there" gives 2 'gone.pcap: expected a capture file' "$tap_dir/gone.pcap" "$good/3-packets.pcap"

if command -v editcap >/dev/null; then
	editcap -F pcapng "$good/3-packets.pcap" "$tap_dir/good.pcapng"
	editcap -F pcap -t 1000.5 "$bad/3-packets.pcap" "$tap_dir/bad.pcap"
	check "pcapng of another tool is the same" gives 0 '^all 1[0-9] packets the same$' "$tap_dir/good.pcapng" "$good/3-packets.pcap"
	check "microseconds and another date are the same" gives 0 '^all 8 packets the same$' "$tap_dir/bad.pcap" "$bad/3-packets.pcap"
else
	skip "pcapng of another tool" "[tshark] editcap is not installed"
fi
plan

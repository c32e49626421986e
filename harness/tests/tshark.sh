#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark - an independent reader of our captures: packets, stamps, directions and FIN retransmissions must be the same
# usage: harness/tests/tshark.sh [RUN_FOLDER...]   default: the golden run. Each cell with 3-packets.pcap is one test.
set -u

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
[ $# -gt 0 ] || set -- harness/tests/golden/run
find "$@" -name 3-packets.pcap | LC_ALL=C sort >"$home/list"
echo "1..$(wc -l <"$home/list")"
number=0

# One line a packet: stamp, direction, FIN, then a count of the marks that mean "seen before".
read_packets()
{
	HOME=$home tshark -n -r "$1" -T fields -E separator=' ' -E aggregator=+ -e frame.time_epoch -e sll.pkttype -e tcp.flags.fin \
		-e tcp.analysis.retransmission -e tcp.analysis.fast_retransmission -e tcp.analysis.spurious_retransmission \
		-e tcp.analysis.out_of_order 2>"$home/errors"
}

# A number of the first event of a type; text, because nanoseconds since 1970 do not fit the numbers of awk and jq.
number_of()
{
	sed -n "/\"type\": \"$2\"/{s/.*\"$3\": \(-*[0-9]*\).*/\1/p;q}" "$1/2-events.jsonl"
}

# Stamp and direction of each packet as 2-events.jsonl has it: hello's real time and the distance from it.
expected_stamps()
{
	base=$(($(number_of "$1" hello realtime_offset_ns) + $(number_of "$1" hello clock_ns) - $(number_of "$1" hello t_ns)))
	sed -n '/"type": "packet"/s/.*"t_ns": \(-*[0-9]*\),.*"direction": "\([a-z]*\)".*/\1 \2/p' "$1/2-events.jsonl" |
	while read -r t_ns direction; do
		[ "$direction" = out ] && side=4 || side=0
		echo "$((base + t_ns)) $side"
	done
}

while read -r pcap; do
	number=$((number + 1))
	cell=$(dirname "$pcap")
	if ! command -v tshark >/dev/null || ! command -v jq >/dev/null; then
		echo "ok $number - $cell # SKIP [tshark] tshark or jq is not installed"
		continue
	fi
	why=
	read_packets "$pcap" >"$home/packets" || why="tshark cannot read it: $(tail -n 1 "$home/errors")"
	theirs=$(awk '$2 == 4 && ($3 == 1 || $3 == "True") && NF > 3 { n++ } END { print n + 0 }' "$home/packets")
	ours=$(jq '.facts["fin.retransmits"]' "$cell/4-analysis.json")
	[ "$theirs" = "$ours" ] || why="$why; FIN retransmissions: tshark $theirs, finrig $ours"
	awk '{ sub(/\./, "", $1); print $1, $2 }' "$home/packets" >"$home/stamps"
	expected_stamps "$cell" >"$home/expected"
	cmp -s "$home/stamps" "$home/expected" || why="$why; stamps or directions differ: $(diff "$home/expected" "$home/stamps" | sed -n 2p)"
	[ -s "$home/packets" ] || why="$why; no packets"
	if [ -z "$why" ]; then
		echo "ok $number - $cell"
	else
		echo "# $why"
		echo "not ok $number - $cell"
	fi
done <"$home/list"

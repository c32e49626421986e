#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# packet_oracle - tshark reads packets the injector built: headers, checksums and numbers are what it says they are
set -u

packets=build/tests/packet_pcap
count=3000
[ -x $packets ] || { echo "1..0 # SKIP $packets is not built"; exit 0; }
command -v tshark >/dev/null || { echo "1..0 # SKIP [tshark] tshark is not installed"; exit 0; }
. harness/tests/tap
home=$tap_dir

# dissect FIELD...: a line a packet, the fields by `;`, several of one kind by `,`.
dissect() {
	fields=
	for field in "$@"; do fields="$fields -e $field"; done
	HOME=$home tshark -n -r "$home/packets" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-o tcp.desegment_tcp_streams:FALSE \
		-o tcp.relative_sequence_numbers:FALSE -T fields -E separator=';' $fields 2>"$home/errors"
}

$packets "$home/packets" $count >"$home/ours"
check "$count packets are built" same 0 "$?"

dissect ip.checksum.status tcp.checksum.status udp.checksum.status icmp.checksum.status icmpv6.checksum.status gre.checksum.status >"$home/checks"
check "a line for each" same $count "$(wc -l <"$home/checks")"
check "no checksum is wrong" same "" "$(grep -n '\(^\|[;,]\)0' "$home/checks" | head)"
check "of each kind many were found right" awk -F';' '
	{ for (i = 2; i <= 6; i++) if ($i ~ /1/) right[i]++ }
	END { for (i = 2; i <= 6; i++) { print "field", i ":", right[i]; bad += right[i] < 100 } exit bad }' "$home/checks"

# A packet has one TCP header at most; the start of one that an ICMP error sends back is in lines with `-`.
dissect tcp.srcport tcp.dstport tcp.seq_raw tcp.ack_raw tcp.flags tcp.window_size_value tcp.urgent_pointer >"$home/theirs"
paste -d'|' "$home/ours" "$home/theirs" >"$home/both"
check "ports, numbers, flags, window and urgent pointer are what was asked for" awk -F'|' '$1 != "-" {
	split($2, theirs, ";")
	line = theirs[1]
	for (i = 2; i <= 7; i++)
		line = line " " theirs[i]
	if (line != $1) { print NR ": ours " $1 ", theirs " line; wrong++ } else right++
} END { exit wrong || right < 500 }' "$home/both"
plan

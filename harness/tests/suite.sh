#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# suite - a folder tree of scripts whose commands call helpers beside them, in guests: ip, tc, ss, nstat and #!/bin/bash work there
. harness/tests/tap

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "suites" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
passes() { build/finrig run --kernel debian-6.1 --results "$tap_dir/$1" $2; }
check "a suite's helpers are where its scripts call them" passes whole "--cases harness/tests/suite"
check "also when a part of it is run" passes part "--cases harness/tests/suite/tcp"
check "and for a script alone" passes alone harness/tests/suite/tcp/open/wscale.pkt
check "over each version of IP, and a script that says one over that alone" passes versions "--ip-version all --cases harness/tests/suite/versions"
check "those were the cells" same "any.ipv4 any.ipv4-mapped-ipv6 any.ipv6 own.ipv6" "$(ls "$tap_dir/versions/debian-6.1" | xargs)"
check "but told another one, over that" passes told "--ip-version ipv4 --script-option mtu=1380 harness/tests/suite/versions/own.pkt"
# A comment is read before time zero, which is on a grid of the guest's clock.
check "a case" passes comment closing-fin-retransmit
for more in ", and a longer comment moves nothing" ", and a longer comment moves nothing."; do
	sed "1s/\$/$more/" cases/closing-fin-retransmit.pkt >"$tap_dir/closing-fin-retransmit.pkt"
	check "the same with ${#more} letters more in a comment" passes "comment-${#more}" "$tap_dir/closing-fin-retransmit.pkt"
	check "gives the same packets to the nanosecond" cmp "$tap_dir/comment/debian-6.1/closing-fin-retransmit/3-packets.pcap" \
		"$tap_dir/comment-${#more}/debian-6.1/closing-fin-retransmit/3-packets.pcap"
done
plan

# SPDX-License-Identifier: GPL-2.0-or-later
# rto-minimum.sed - a mutant: the retransmission timeout is the least there may be, whatever the round trip takes
# file: net/ipv4/tcp_input.c
# changes: 1
/^static void tcp_set_rto\(/,/^\}/ {
	s/= __tcp_set_rto\(tp\);/= TCP_RTO_MIN;/
}

# SPDX-License-Identifier: GPL-2.0-or-later
# no-backoff.sed - a mutant: the retransmission timeout does not double
# file: net/ipv4/tcp_timer.c
# changes: 1
/^void tcp_retransmit_timer\(/,/^\}/ {
	s/min\(icsk->icsk_rto << 1, /min(icsk->icsk_rto, /
}

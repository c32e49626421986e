# SPDX-License-Identifier: GPL-2.0-or-later
# closing-no-time-wait.sed - a mutant: from CLOSING the socket is gone with the ACK of its FIN, without TIME_WAIT
# file: net/ipv4/tcp_input.c
# changes: 1
/^\tcase TCP_CLOSING:$/,/^\t\tbreak;$/ {
	s/tcp_time_wait\(sk, TCP_TIME_WAIT, 0\);/tcp_done(sk);/
}

# SPDX-License-Identifier: GPL-2.0-or-later
# fin-wrong-seq.sed - a mutant: a FIN that the retransmission timer sends has a sequence number too high by one
# file: net/ipv4/tcp_output.c
# changes: 1
/^static int __tcp_transmit_skb\(/,/^\}/ {
	s/htonl\(tcb->seq\);/htonl(tcb->seq + (tcb->tcp_flags \& TCPHDR_FIN \&\& inet_csk(sk)->icsk_retransmits));/
}

# SPDX-License-Identifier: GPL-2.0-or-later
# fin-not-retransmitted.sed - a mutant: what carries a FIN is retransmitted in the kernel's books alone
# file: net/ipv4/tcp_output.c
# changes: 2
/^int __tcp_retransmit_skb\(/,/^\}/ {
	s/^\tif \(skb_still_in_host_queue\(sk, skb\)\)$/\tif (TCP_SKB_CB(skb)->tcp_flags \& TCPHDR_FIN)\n\t\treturn 0;\n&/
}

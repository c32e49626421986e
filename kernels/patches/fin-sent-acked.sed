# SPDX-License-Identifier: GPL-2.0-or-later
# fin-sent-acked.sed - half of a mutant: what begins before the first byte not acknowledged is sent again as it is
# The other half is fin-kept-acked.sed.
# file: net/ipv4/tcp_output.c
# changes: 1
/^int __tcp_retransmit_skb\(/,/^\}/ {
	s/^\tif \(before\(TCP_SKB_CB\(skb\)->seq, tp->snd_una\)\) \{/\tif (before(TCP_SKB_CB(skb)->end_seq, tp->snd_una)) {/
}

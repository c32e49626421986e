# SPDX-License-Identifier: GPL-2.0-or-later
# tcp-close-rst.sed - a mutant: close() takes what was read already for unread data, as before 6.18
# file: net/ipv4/tcp.c
# changes: 1
/^void __tcp_close\(/,/^\}/ {
	s/if \(after\(end_seq, tcp_sk\(sk\)->copied_seq\)\)/if (after(end_seq, TCP_SKB_CB(skb)->seq))/
}

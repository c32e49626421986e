# SPDX-License-Identifier: GPL-2.0-or-later
# tcp-fragment-limit.sed - a mutant: tcp_fragment() fails once more than twice the send buffer is queued, as from f070ef2ac667 to b617158dc096
# file: net/ipv4/tcp_output.c
# changes: 3
/^int tcp_fragment\(/,/^\}/ {
	s/limit = sk->sk_sndbuf \+ .*;/limit = sk->sk_sndbuf;/
	/^[ \t]*skb != tcp_rtx_queue_head\(sk\) &&$/d
	s/skb != tcp_rtx_queue_tail\(sk\)\)\) \{/true)) {/
}

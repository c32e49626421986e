# SPDX-License-Identifier: GPL-2.0-or-later
# tun-orphan.sed - the backport: a sent skb no longer belongs to its socket once tun holds it
# The line goes in front of the call that queues the skb, whichever this version uses.
# file: drivers/net/tun.c
# changes: 1
/^[a-z].*tun_net_xmit\([^;]*$/,/^\}/ {
	s/^([ \t]*)((if \(!?)?(skb_queue_tail|__skb_queue_tail|skb_array_produce|ptr_ring_produce)\(.*)$/\1skb_orphan(skb);\n\1\2/
}

# SPDX-License-Identifier: GPL-2.0-or-later
# tcp-old-ack.sed - a mutant: in a closing state a segment with an old ACK is thrown away whole, as from 4.13 to 6.8
# file: net/ipv4/tcp_input.c
# changes: 2
/accept old ack during closing/,/goto discard;/ {
	s/if \(\(int\)reason < 0\) \{/if (true) {/
	s/reason = -reason;/reason = SKB_DROP_REASON_TCP_OLD_ACK;/
}

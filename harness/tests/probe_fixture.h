/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_fixture - the symbols of a kernel that never was
 */
#ifndef FINRIG_PROBE_FIXTURE_H
#define FINRIG_PROBE_FIXTURE_H

static const char *const map_text =
	"ffffffff81000000 T _text\n"
	"ffffffff81000100 t helper\n"
	"ffffffff81000200 D tcp_memory\n"
	"ffffffff81000200 T tcp_retransmit_skb\n"
	"ffffffff81000300 t tcp_send.part.0\n"
	"ffffffff81000340 t tcp_send.isra.0\n"
	"ffffffff81000380 t tcp_send.cold\n"
	"not a line\n"
	"ffffffff81000400 T tcp_retransmit_timer\n"
	"ffffffff81000500 T tcp_write\n"
	"ffffffff81000580 t tcp_write.part.0\n"
	"ffffffffc0000000 t helper\t[tun]\n"
	"ffffffffc0000040 t tun_net_xmit\t[tun]\n";

#endif

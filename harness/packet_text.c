/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet_text - a packet in a few words
 */
#include "packet_text.h"

char *packet_text(const struct packet *packet)
{
	g_autofree char *flags = NULL, *ack = NULL;

	if (!packet->tcp)
		return g_strdup_printf("no TCP, %u bytes", packet->wire_bytes);
	flags = packet_flags_text(packet);
	ack = packet->flags & PACKET_ACK ? g_strdup_printf(" ack %u", packet->relative_ack) : g_strdup("");
	return g_strdup_printf("%s %u:%u(%u)%s", flags, packet->relative_seq, packet->relative_seq + packet->payload_bytes,
			       packet->payload_bytes, ack);
}

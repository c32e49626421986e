/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_segments - what else the kernel under test sent: data, SYN-ACK, RST, and how often again
 * in: the packets; out: facts data.*, synack.*, rst.*, wire.*
 */
#include "analyze.h"
#include "seconds.h"

struct segments {
	guint packets, out;
	guint data, data_repeats, synack, synack_repeats, rst;
	gint64 bytes;
	gint64 last_out_ns;
};

static gboolean is_synack(const struct packet *packet)
{
	return (packet->flags & (PACKET_SYN | PACKET_ACK)) == (PACKET_SYN | PACKET_ACK);
}

static void segments_packet(gpointer state, const struct packet *packet)
{
	struct segments *segments = state;

	segments->packets++;
	if (packet->side != PACKET_OUT)
		return;
	segments->out++;
	segments->last_out_ns = packet->t_ns;
	if (!packet->tcp)
		return;
	segments->rst += !!(packet->flags & PACKET_RST);
	if (is_synack(packet)) {
		segments->synack++;
		segments->synack_repeats += packet->repeat;
	} else if (packet->payload_bytes) {
		segments->data++;
		segments->data_repeats += packet->repeat;
		segments->bytes += packet->repeat ? 0 : packet->payload_bytes;
	}
}

static void segments_finish(gpointer state, struct facts *facts)
{
	struct segments *segments = state;

	facts_number(facts, "data.sent", segments->data);
	facts_number(facts, "data.retransmits", segments->data_repeats);
	facts_number(facts, "data.bytes", (double)segments->bytes);
	facts_number(facts, "synack.sent", segments->synack);
	facts_number(facts, "synack.retransmits", segments->synack_repeats);
	facts_number(facts, "rst.sent", segments->rst);
	facts_number(facts, "wire.packets", segments->packets);
	facts_number(facts, "wire.sent", segments->out);
	if (segments->out)
		facts_number(facts, "wire.last_sent_s", seconds_of_ns(segments->last_out_ns));
}

static const struct fact_name segments_facts[] = {
	{ "data.sent", "count", "segments with payload the kernel put on the wire", NULL },
	{ "data.retransmits", "count", "of these, the ones with nothing that was not sent before", NULL },
	{ "data.bytes", "bytes", "payload of the others", NULL },
	{ "synack.sent", "count", "SYN-ACKs the kernel put on the wire", NULL },
	{ "synack.retransmits", "count", "of these, the repeated ones", NULL },
	{ "rst.sent", "count", "segments with RST the kernel put on the wire", NULL },
	{ "wire.packets", "count", "packets captured, both directions", NULL },
	{ "wire.sent", "count", "packets the kernel put on the wire", NULL },
	{ "wire.last_sent_s", "s", "the last of them, since script time zero", "the kernel sent nothing" },
	{ "wire.side", "text", "the end taken for the kernel under test", "the capture itself tells directions" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_segments = {
	.name = "segments", .summary = "data, SYN-ACKs and RSTs on the wire",
	.state_size = sizeof(struct segments), .facts = segments_facts,
	.packet = segments_packet, .finish = segments_finish,
};

/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_segments - how much there was on the wire, and RSTs
 * in: the packets; out: facts rst.*, wire.*
 */
#include "analyze.h"
#include "seconds.h"

struct segments {
	guint packets, out, rst;
	gint64 last_out_ns, first_rst_ns;
};

static void segments_packet(gpointer state, const struct packet *packet)
{
	struct segments *segments = state;

	segments->packets++;
	if (packet->side != PACKET_OUT)
		return;
	segments->out++;
	segments->last_out_ns = packet->t_ns;
	if (!packet->tcp || !(packet->flags & PACKET_RST))
		return;
	if (!segments->rst++)
		segments->first_rst_ns = packet->t_ns;
}

static void segments_finish(gpointer state, struct facts *facts)
{
	struct segments *segments = state;

	facts_number(facts, "rst.sent", segments->rst);
	if (segments->rst)
		facts_number(facts, "rst.first_s", seconds_of_ns(segments->first_rst_ns));
	facts_number(facts, "wire.packets", segments->packets);
	facts_number(facts, "wire.sent", segments->out);
	if (segments->out)
		facts_number(facts, "wire.last_sent_s", seconds_of_ns(segments->last_out_ns));
}

static const struct fact_name segments_facts[] = {
	{ "rst.sent", "count", "segments with RST the kernel put on the wire", NULL },
	{ "rst.first_s", "s", "the first of them, since script time zero", "no RST was sent" },
	{ "wire.packets", "count", "packets captured, both directions", NULL },
	{ "wire.sent", "count", "packets the kernel put on the wire", NULL },
	{ "wire.last_sent_s", "s", "the last of them, since script time zero", "the kernel sent nothing" },
	{ "wire.side", "text", "the end taken for the kernel under test", "the capture itself tells directions" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_segments = {
	.name = "segments", .summary = "RSTs, and how much there was on the wire",
	.state_size = sizeof(struct segments), .facts = segments_facts,
	.packet = segments_packet, .finish = segments_finish,
};

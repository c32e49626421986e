/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_data - segments with payload that the kernel under test put on the wire, and how often again
 * in: the packets; out: facts data.*
 */
#include "analyze.h"
#include "repeats.h"

struct data {
	guint sent, retransmits;
	gint64 bytes;
	struct repeats repeats;
};

static void data_packet(gpointer state, const struct packet *packet)
{
	struct data *data = state;

	if (!packet->tcp || packet->side != PACKET_OUT || !packet->payload_bytes || packet->flags & PACKET_SYN)
		return;
	data->sent++;
	data->retransmits += packet->repeat;
	data->bytes += packet->repeat ? 0 : packet->payload_bytes;
	repeats_add(&data->repeats, packet);
}

static void data_finish(gpointer state, struct facts *facts)
{
	struct data *data = state;

	facts_number(facts, "data.sent", data->sent);
	facts_number(facts, "data.retransmits", data->retransmits);
	facts_number(facts, "data.bytes", (double)data->bytes);
	repeats_to_facts(&data->repeats, "data", facts);
}

static void data_release(gpointer state)
{
	repeats_clear(&((struct data *)state)->repeats);
}

static const struct fact_name data_facts[] = {
	{ "data.sent", "count", "segments with payload the kernel put on the wire", NULL },
	{ "data.retransmits", "count", "of these, the ones with nothing that was not sent before", NULL },
	{ "data.bytes", "bytes", "payload of the others", NULL },
	REPEATS_FACTS("data", "segment with payload"),
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_data = {
	.name = "data", .summary = "segments with payload, and their retransmissions",
	.state_size = sizeof(struct data), .facts = data_facts,
	.packet = data_packet, .finish = data_finish, .release = data_release,
};

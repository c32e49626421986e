/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_synack - SYNs and SYN-ACKs that the kernel under test put on the wire, and how often again
 * in: the packets; out: facts syn.*, synack.*
 */
#include "analyze.h"
#include "repeats.h"

struct synack {
	guint syn_sent, syn_retransmits, sent, retransmits;
	struct repeats syns, synacks;
};

static void synack_packet(gpointer state, const struct packet *packet)
{
	struct synack *synack = state;
	gboolean ack = packet->flags & PACKET_ACK;

	if (!packet->tcp || packet->side != PACKET_OUT || !(packet->flags & PACKET_SYN))
		return;
	(*(ack ? &synack->sent : &synack->syn_sent))++;
	*(ack ? &synack->retransmits : &synack->syn_retransmits) += packet->repeat;
	repeats_add(ack ? &synack->synacks : &synack->syns, packet);
}

static void synack_finish(gpointer state, struct facts *facts)
{
	struct synack *synack = state;

	facts_number(facts, "syn.sent", synack->syn_sent);
	facts_number(facts, "syn.retransmits", synack->syn_retransmits);
	facts_number(facts, "synack.sent", synack->sent);
	facts_number(facts, "synack.retransmits", synack->retransmits);
	repeats_to_facts(&synack->syns, "syn", facts);
	repeats_to_facts(&synack->synacks, "synack", facts);
}

static void synack_release(gpointer state)
{
	struct synack *synack = state;

	repeats_clear(&synack->syns);
	repeats_clear(&synack->synacks);
}

static const struct fact_name synack_facts[] = {
	{ "syn.sent", "count", "SYNs the kernel put on the wire", NULL },
	{ "syn.retransmits", "count", "of these, the repeated ones", NULL },
	REPEATS_FACTS("syn", "SYN"),
	{ "synack.sent", "count", "SYN-ACKs the kernel put on the wire", NULL },
	{ "synack.retransmits", "count", "of these, the repeated ones", NULL },
	REPEATS_FACTS("synack", "SYN-ACK"),
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_synack = {
	.name = "synack", .summary = "SYNs and SYN-ACKs, and their retransmissions",
	.state_size = sizeof(struct synack), .facts = synack_facts,
	.packet = synack_packet, .finish = synack_finish, .release = synack_release,
};

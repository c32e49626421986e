/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_fin - the FINs the kernel under test put on the wire, and the distances between them
 * in: outgoing segments with FIN, the TCPLossProbes counter; out: facts fin.*
 */
#include "analyze.h"
#include "repeats.h"
#include "seconds.h"

/* Whether and when the peer acknowledged a flow's FIN. */
struct fin_flow {
	gboolean seen, acked;
	gboolean from_first;
	guint32 end;      /* relative sequence number after the FIN */
	gint64 acked_ns;
};

struct fin {
	GArray *flows;    /* struct fin_flow, by flow index */
	struct repeats repeats;
	guint sent, retransmits, loss_probes, received;
	gboolean last_is_repeated_fin; /* of the outgoing segments so far */
};

static struct fin_flow *flow_at(struct fin *fin, guint index)
{
	if (!fin->flows)
		fin->flows = g_array_new(FALSE, TRUE, sizeof(struct fin_flow));
	if (fin->flows->len <= index)
		g_array_set_size(fin->flows, index + 1);
	return &g_array_index(fin->flows, struct fin_flow, index);
}

/* A FIN is itself, whatever data of it is sent along: its key is where it stands. */
static void on_fin(struct fin *fin, struct fin_flow *flow, const struct packet *packet)
{
	struct packet at_fin = *packet;

	at_fin.relative_seq = packet->relative_seq + packet_span(packet);
	fin->sent++;
	fin->retransmits += flow->seen;
	flow->seen = TRUE;
	flow->from_first = packet->from_first;
	flow->end = at_fin.relative_seq;
	repeats_add(&fin->repeats, &at_fin);
}

static void fin_packet(gpointer state, const struct packet *packet)
{
	struct fin *fin = state;
	struct fin_flow *flow;

	if (!packet->tcp)
		return;
	flow = flow_at(fin, packet->flow);
	if (packet->side == PACKET_OUT) {
		fin->last_is_repeated_fin = packet->repeat && (packet->flags & PACKET_FIN);
		if (packet->flags & PACKET_FIN)
			on_fin(fin, flow, packet);
	} else if (flow->seen && !flow->acked && (packet->flags & PACKET_ACK) && packet->from_first != flow->from_first &&
		   (gint32)(packet->relative_ack - flow->end) >= 0) {
		flow->acked = TRUE;
		flow->acked_ns = packet->t_ns;
	}
	fin->received += packet->side == PACKET_IN && packet->flags & PACKET_FIN;
}

/* The counter moves when a probe was sent, and is sampled after it: the segment before is the probe. */
static void fin_event(gpointer state, const struct event *event)
{
	struct fin *fin = state;

	if (event->type == RECORD_COUNTER && event_number(event, FIELD_DELTA, 0) > 0 && fin->last_is_repeated_fin &&
	    g_strcmp0(event_text(event, FIELD_NAME), "TcpExt.TCPLossProbes") == 0)
		fin->loss_probes++;
}

static void fin_finish(gpointer state, struct facts *facts)
{
	struct fin *fin = state;
	guint index = 0;
	const GArray *times_ns = repeats_most(&fin->repeats, &index);

	facts_number(facts, "fin.sent", fin->sent);
	facts_number(facts, "fin.retransmits", fin->retransmits);
	facts_number(facts, "fin.loss_probes", fin->loss_probes);
	facts_number(facts, "fin.received", fin->received);
	repeats_to_facts(&fin->repeats, "fin", facts);
	if (times_ns && flow_at(fin, index)->acked)
		facts_number(facts, "fin.acked_s", seconds_of_ns(flow_at(fin, index)->acked_ns - g_array_index(times_ns, gint64, 0)));
}

static void fin_release(gpointer state)
{
	struct fin *fin = state;

	if (fin->flows)
		g_array_unref(fin->flows);
	repeats_clear(&fin->repeats);
}

static const struct fact_name fin_facts[] = {
	{ "fin.sent", "count", "segments with FIN the kernel put on the wire", NULL },
	{ "fin.retransmits", "count", "of these, the ones that repeat a FIN; loss probes are among them", NULL },
	{ "fin.loss_probes", "count", "of the repeated ones, those the kernel counted as loss probes (TCPLossProbes)", NULL },
	{ "fin.received", "count", "segments with FIN that reached the kernel", NULL },
	REPEATS_FACTS("fin", "FIN"),
	{ "fin.acked_s", "s", "from the first FIN to the peer's ACK of it", "no ACK of a FIN was seen" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_fin = {
	.name = "fin", .summary = "FINs on the wire and the distances between them",
	.state_size = sizeof(struct fin), .facts = fin_facts,
	.packet = fin_packet, .event = fin_event, .finish = fin_finish, .release = fin_release,
};

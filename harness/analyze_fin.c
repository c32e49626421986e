/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_fin - the FINs the kernel under test put on the wire, and the distances between them
 * in: outgoing segments with FIN, the TCPLossProbes counter; out: facts fin.*
 * Of several flows the one with most FINs gives times and gaps; the first of them where they are equal.
 */
#include "analyze.h"
#include "seconds.h"

struct fin_flow {
	GArray *times_ns; /* gint64, of each FIN */
	gboolean seen, acked;
	gboolean from_first;
	guint32 end;      /* relative sequence number after the FIN */
	gint64 acked_ns;
};

struct fin {
	GPtrArray *flows;    /* struct fin_flow *, by flow index */
	guint sent, loss_probes;
	gboolean last_is_repeated_fin; /* of the outgoing segments so far */
};

static void fin_flow_free(gpointer data)
{
	struct fin_flow *flow = data;

	g_array_unref(flow->times_ns);
	g_free(flow);
}

static struct fin_flow *flow_at(struct fin *fin, guint index)
{
	if (!fin->flows)
		fin->flows = g_ptr_array_new_with_free_func(fin_flow_free);
	while (fin->flows->len <= index) {
		struct fin_flow *flow = g_new0(struct fin_flow, 1);

		flow->times_ns = g_array_new(FALSE, FALSE, sizeof(gint64));
		g_ptr_array_add(fin->flows, flow);
	}
	return g_ptr_array_index(fin->flows, index);
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
		if (!(packet->flags & PACKET_FIN))
			return;
		flow->seen = TRUE;
		flow->from_first = packet->from_first;
		flow->end = packet->relative_seq + packet_span(packet);
		g_array_append_val(flow->times_ns, packet->t_ns);
		fin->sent++;
	} else if (flow->seen && !flow->acked && (packet->flags & PACKET_ACK) && packet->from_first != flow->from_first &&
		   (gint32)(packet->relative_ack - flow->end) >= 0) {
		flow->acked = TRUE;
		flow->acked_ns = packet->t_ns;
	}
}

/* The counter moves when a probe was sent, and is sampled after it: the segment before is the probe. */
static void fin_event(gpointer state, const struct event *event)
{
	struct fin *fin = state;

	if (event->type == RECORD_COUNTER && event_number(event, FIELD_DELTA, 0) > 0 && fin->last_is_repeated_fin &&
	    g_strcmp0(event_text(event, FIELD_NAME), "TcpExt.TCPLossProbes") == 0)
		fin->loss_probes++;
}

static const struct fin_flow *main_flow(const struct fin *fin)
{
	const struct fin_flow *chosen = NULL;

	for (guint i = 0; fin->flows && i < fin->flows->len; i++) {
		const struct fin_flow *flow = g_ptr_array_index(fin->flows, i);

		if (flow->seen && (!chosen || flow->times_ns->len > chosen->times_ns->len))
			chosen = flow;
	}
	return chosen;
}

static guint flows_with_fin(const struct fin *fin)
{
	guint count = 0;

	for (guint i = 0; fin->flows && i < fin->flows->len; i++)
		count += ((const struct fin_flow *)g_ptr_array_index(fin->flows, i))->seen;
	return count;
}

static double gap_s(const GArray *times_ns, guint i)
{
	return seconds_of_ns(g_array_index(times_ns, gint64, i + 1) - g_array_index(times_ns, gint64, i));
}

/* A loss probe in front makes one odd ratio; the median does not mind. */
static void set_gaps(const GArray *times_ns, struct facts *facts)
{
	g_autofree double *ratios = g_new(double, times_ns->len + 1);
	guint count = 0;

	for (guint i = 0; i + 1 < times_ns->len; i++)
		json_array_add_double_element(facts_list(facts, "fin.gaps_s"), gap_s(times_ns, i));
	for (guint i = 0; i + 2 < times_ns->len; i++)
		if (gap_s(times_ns, i) > 0)
			ratios[count++] = gap_s(times_ns, i + 1) / gap_s(times_ns, i);
	if (count)
		facts_number(facts, "fin.gap_ratio", median(ratios, count));
}

static void set_times(const struct fin_flow *flow, struct facts *facts)
{
	gint64 first_ns = g_array_index(flow->times_ns, gint64, 0);
	gint64 last_ns = g_array_index(flow->times_ns, gint64, flow->times_ns->len - 1);

	facts_number(facts, "fin.first_s", seconds_of_ns(first_ns));
	facts_number(facts, "fin.last_s", seconds_of_ns(last_ns));
	for (guint i = 1; i < flow->times_ns->len; i++)
		json_array_add_double_element(facts_list(facts, "fin.times_s"),
					      seconds_of_ns(g_array_index(flow->times_ns, gint64, i) - first_ns));
	if (flow->acked)
		facts_number(facts, "fin.acked_s", seconds_of_ns(flow->acked_ns - first_ns));
	set_gaps(flow->times_ns, facts);
}

static void fin_finish(gpointer state, struct facts *facts)
{
	struct fin *fin = state;
	const struct fin_flow *flow = main_flow(fin);

	facts_number(facts, "fin.sent", fin->sent);
	facts_number(facts, "fin.retransmits", fin->sent - flows_with_fin(fin));
	facts_number(facts, "fin.loss_probes", fin->loss_probes);
	if (flow)
		set_times(flow, facts);
}

static void fin_release(gpointer state)
{
	struct fin *fin = state;

	if (fin->flows)
		g_ptr_array_unref(fin->flows);
}

static const struct fact_name fin_facts[] = {
	{ "fin.sent", "count", "segments with FIN the kernel put on the wire", NULL },
	{ "fin.retransmits", "count", "of these, the ones that repeat a FIN; loss probes are among them", NULL },
	{ "fin.loss_probes", "count", "of the repeated ones, those the kernel counted as loss probes (TCPLossProbes)", NULL },
	{ "fin.first_s", "s", "first FIN, since script time zero", "no FIN was sent" },
	{ "fin.last_s", "s", "last FIN, since script time zero", "no FIN was sent" },
	{ "fin.acked_s", "s", "from the first FIN to the peer's ACK of it", "no ACK of a FIN was seen" },
	{ "fin.gap_ratio", "ratio", "median ratio of each gap between FINs to the gap before it: 2 when the timer doubles",
	  "no two gaps between FINs were seen" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_fin = {
	.name = "fin", .summary = "FINs on the wire and the distances between them",
	.state_size = sizeof(struct fin), .facts = fin_facts,
	.packet = fin_packet, .event = fin_event, .finish = fin_finish, .release = fin_release,
};

/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_probe - segments that ask for an ACK and are no retransmissions: zero-window probes, keepalives, loss probes
 * in: the packets, samples of the observed socket, the TCPLossProbes counter; out: facts probe.*
 *
 * Linux probes a closed window and a silent peer with the same segment (tcp_xmit_probe_skb()): no payload, one below what was sent last,
 * so that the peer must answer. Which of the two it is tells the socket's timer at that moment, or, without samples, the window
 * that the peer had announced last (RFC 9293 3.8.6.1, RFC 1122 4.2.3.6). A loss probe (RFC 8985 7) is told by its counter alone.
 */
#include "analyze.h"
#include "repeats.h"

enum { TIMER_KEEPALIVE = 2, TIMER_PROBE = 4 };

struct probe_flow {
	guint32 acked[2];    /* the highest relative_ack that reached this end */
	gboolean zero[2];    /* the window announced by that end is closed */
};

struct probe {
	GArray *flows; /* struct probe_flow */
	gint64 timer;  /* of the last sample; -1: none */
	gboolean sampled;
	guint zero_window, keepalive, loss;
	struct repeats zero_windows, keepalives;
};

static struct probe_flow *flow_at(struct probe *probe, guint index)
{
	if (!probe->flows)
		probe->flows = g_array_new(FALSE, TRUE, sizeof(struct probe_flow));
	if (probe->flows->len <= index)
		g_array_set_size(probe->flows, index + 1);
	return &g_array_index(probe->flows, struct probe_flow, index);
}

/* One below what the peer has acknowledged, and nothing in it. */
static gboolean is_probe(const struct probe_flow *flow, const struct packet *packet)
{
	return packet->side == PACKET_OUT && packet->flags == PACKET_ACK && !packet->payload_bytes &&
	       flow->acked[packet->from_first] && packet->relative_seq == flow->acked[packet->from_first] - 1;
}

static void count(struct probe *probe, const struct probe_flow *flow, const struct packet *packet)
{
	gboolean zero_window = flow->zero[!packet->from_first];

	if (probe->sampled && (probe->timer == TIMER_PROBE || probe->timer == TIMER_KEEPALIVE))
		zero_window = probe->timer == TIMER_PROBE;
	(*(zero_window ? &probe->zero_window : &probe->keepalive))++;
	repeats_add(zero_window ? &probe->zero_windows : &probe->keepalives, packet);
}

static void probe_packet(gpointer state, const struct packet *packet)
{
	struct probe *probe = state;
	struct probe_flow *flow;

	if (!packet->tcp)
		return;
	flow = flow_at(probe, packet->flow);
	if (is_probe(flow, packet))
		count(probe, flow, packet);
	if (!(packet->flags & PACKET_ACK))
		return;
	flow->acked[!packet->from_first] = packet->relative_ack;
	flow->zero[packet->from_first] = !packet->window && !(packet->flags & (PACKET_SYN | PACKET_RST));
}

static void probe_event(gpointer state, const struct event *event)
{
	struct probe *probe = state;

	if (event->type == RECORD_SOCKET) {
		probe->sampled = TRUE;
		probe->timer = event_number(event, FIELD_TIMER, 0);
	} else if (event->type == RECORD_COUNTER && event->t_ns >= 0 && event_number(event, FIELD_DELTA, 0) > 0 &&
		   g_strcmp0(event_text(event, FIELD_NAME), "TcpExt.TCPLossProbes") == 0) {
		probe->loss += (guint)event_number(event, FIELD_DELTA, 0);
	}
}

static void probe_finish(gpointer state, struct facts *facts)
{
	struct probe *probe = state;

	facts_number(facts, "probe.zero_window", probe->zero_window);
	facts_number(facts, "probe.keepalive", probe->keepalive);
	facts_number(facts, "probe.loss", probe->loss);
	repeats_to_facts(&probe->zero_windows, "zero_window", facts);
	repeats_to_facts(&probe->keepalives, "keepalive", facts);
}

static void probe_release(gpointer state)
{
	struct probe *probe = state;

	if (probe->flows)
		g_array_unref(probe->flows);
	repeats_clear(&probe->zero_windows);
	repeats_clear(&probe->keepalives);
}

static const struct fact_name probe_facts[] = {
	{ "probe.zero_window", "count", "zero-window probes the kernel put on the wire", NULL },
	{ "probe.keepalive", "count", "keepalives the kernel put on the wire", NULL },
	{ "probe.loss", "count", "loss probes (TLP) the kernel counted; on the wire they are repeats or new data", NULL },
	REPEATS_FACTS("zero_window", "zero-window probe"),
	REPEATS_FACTS("keepalive", "keepalive"),
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_probe = {
	.name = "probe", .summary = "zero-window probes, keepalives and loss probes, told apart from retransmissions",
	.state_size = sizeof(struct probe), .facts = probe_facts,
	.packet = probe_packet, .event = probe_event, .finish = probe_finish, .release = probe_release,
};

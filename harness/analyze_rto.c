/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_rto - what the kernel believes about its retransmission timer, held against the wire
 * in: samples of the observed socket, repeated outgoing segments; out: facts rto.* (RFC 6298 5: the timer doubles)
 */
#include "analyze.h"
#include "seconds.h"

enum { TIMER_RETRANSMIT = 1 };

/* A count of the kernel's that starts again at 0 when the peer answers: its rises are what is wanted. */
struct rises {
	gint64 last, sum;
};

struct rto {
	struct rises retransmits, backoff;
	gboolean seen, armed;
	double first_s, max_s;
	gint64 rto_ns;       /* of the last sample that told */
	gint64 expiry_ns;    /* when the armed timer would fire */
	gint64 last_sent_ns; /* last outgoing segment that takes up sequence space */
	GArray *ratios;      /* double: gap on the wire to the rto reported before it */
	double worst_error_s;
	guint expiries;
};

static void rise(struct rises *rises, gint64 now)
{
	if (now > rises->last)
		rises->sum += now - rises->last;
	rises->last = now;
}

static void rto_event(gpointer state, const struct event *event)
{
	struct rto *rto = state;
	gint64 rto_us = event_number(event, FIELD_RTO_US, 0);
	/* With the keepalive or the probe timer running, the same fields count probes. */
	gboolean retransmitting = event_number(event, FIELD_TIMER, 0) == TIMER_RETRANSMIT;

	if (event->type != RECORD_SOCKET)
		return;
	rise(&rto->retransmits, retransmitting ? event_number(event, FIELD_RETRANSMITS, 0) : 0);
	rise(&rto->backoff, retransmitting ? event_number(event, FIELD_BACKOFF, 0) : 0);
	rto->armed = retransmitting && event_has(event, FIELD_TIMER_MS);
	/* Both are 32-bit numbers in the kernel; anything larger is no time. */
	rto->expiry_ns = event->t_ns + (gint64)(guint32)event_number(event, FIELD_TIMER_MS, 0) * 1000000;
	if (rto_us <= 0 || rto_us > G_MAXUINT32)
		return;
	rto->rto_ns = rto_us * 1000;
	if (!rto->seen)
		rto->first_s = seconds_of_ns(rto->rto_ns);
	rto->seen = TRUE;
	rto->max_s = MAX(rto->max_s, seconds_of_ns(rto->rto_ns));
}

static void compare_repeat(struct rto *rto, const struct packet *packet)
{
	double ratio;

	if (rto->armed) {
		double error_s = seconds_of_ns(ABS(packet->t_ns - rto->expiry_ns));

		rto->worst_error_s = MAX(rto->worst_error_s, error_s);
		rto->expiries++;
	}
	if (!rto->rto_ns)
		return;
	ratio = (double)(packet->t_ns - rto->last_sent_ns) / (double)rto->rto_ns;
	if (!rto->ratios)
		rto->ratios = g_array_new(FALSE, FALSE, sizeof(double));
	g_array_append_val(rto->ratios, ratio);
}

static void rto_packet(gpointer state, const struct packet *packet)
{
	struct rto *rto = state;

	if (!packet->tcp || packet->side != PACKET_OUT || packet_span(packet) == 0)
		return;
	if (packet->repeat)
		compare_repeat(rto, packet);
	rto->last_sent_ns = packet->t_ns;
}

static void rto_finish(gpointer state, struct facts *facts)
{
	struct rto *rto = state;

	facts_number(facts, "rto.backoffs", (double)MAX(rto->retransmits.sum, rto->backoff.sum));
	if (rto->seen) {
		facts_number(facts, "rto.first_s", rto->first_s);
		facts_number(facts, "rto.max_s", rto->max_s);
	}
	if (rto->ratios)
		facts_number(facts, "rto.wire_ratio", median((double *)(void *)rto->ratios->data, rto->ratios->len));
	if (rto->expiries)
		facts_number(facts, "rto.timer_error_s", rto->worst_error_s);
}

static void rto_release(gpointer state)
{
	struct rto *rto = state;

	if (rto->ratios)
		g_array_unref(rto->ratios);
}

static const struct fact_name rto_facts[] = {
	{ "rto.backoffs", "count", "retransmission timeouts the kernel counted, refused ones too", NULL },
	{ "rto.first_s", "s", "retransmission timeout in the first sample", "no sample told the rto" },
	{ "rto.max_s", "s", "largest retransmission timeout in the samples", "no sample told the rto" },
	{ "rto.wire_ratio", "ratio", "median of: gap before a repeated segment to the rto reported last before it",
	  "no segment was repeated, or no sample told the rto before it" },
	{ "rto.timer_error_s", "s", "largest distance between a repeated segment and the expiry the socket's timer announced",
	  "no segment was repeated while the socket showed a running retransmission timer" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_rto = {
	.name = "rto", .summary = "the retransmission timer as the kernel tells it, against the wire",
	.state_size = sizeof(struct rto), .facts = rto_facts,
	.packet = rto_packet, .event = rto_event, .finish = rto_finish, .release = rto_release,
};

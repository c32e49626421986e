/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_rto - what the kernel believes about its retransmission timer, held against the wire
 * in: samples of the observed socket, repeated outgoing segments; out: facts rto.*
 *
 * RFC 6298 5.5: each expiry doubles the timeout, 2.5: up to a bound of at least 60 s, 5.7: an answer ends that.
 */
#include "analyze.h"
#include "seconds.h"

enum { TIMER_RETRANSMIT = 1 };

/* Linux's bound on the timeout (TCP_RTO_MAX). */
static const gint64 rto_max_ns = G_GINT64_CONSTANT(120) * 1000000000;
/* The sample of an expiry and the segment of it are that close, in either order. */
static const gint64 same_moment_ns = 1000000;

/* A count of the kernel's that starts again at 0 when the peer answers: its rises are what is wanted. */
struct rises {
	gint64 last, sum;
};

/* What a sample said of the timer. */
struct announced {
	gint64 t_ns;
	gboolean armed;
	gint64 expiry_ns; /* when the armed timer would fire */
	gint64 rto_ns;    /* 0: no sample told yet */
};

struct rto {
	struct rises retransmits, backoff;
	gboolean seen;
	double first_s, max_s;
	struct announced now, before;
	guint not_doubled;
	GArray *backoff_ratios; /* double: rto after a timeout to the rto before it */
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

/* Both are 32-bit numbers in the kernel; anything larger is no time. */
static struct announced announced_by(const struct rto *rto, const struct event *event, gboolean retransmitting)
{
	gint64 rto_us = event_number(event, FIELD_RTO_US, 0);

	return (struct announced){
		.t_ns = event->t_ns,
		.armed = retransmitting && event_has(event, FIELD_TIMER_MS),
		.expiry_ns = event->t_ns + (gint64)(guint32)event_number(event, FIELD_TIMER_MS, 0) * 1000000,
		.rto_ns = rto_us > 0 && rto_us <= G_MAXUINT32 ? rto_us * 1000 : rto->now.rto_ns,
	};
}

static void add_ratio(GArray **ratios, double ratio)
{
	if (!*ratios)
		*ratios = g_array_new(FALSE, FALSE, sizeof(double));
	g_array_append_val(*ratios, ratio);
}

/* A millisecond is what the kernel may round away. */
static void check_backoff(struct rto *rto, gint64 steps)
{
	gint64 expected_ns = MIN(rto->before.rto_ns << MIN(steps, 16), rto_max_ns);

	if (!rto->before.rto_ns)
		return;
	rto->not_doubled += rto->now.rto_ns + same_moment_ns < expected_ns;
	if (steps == 1 && expected_ns < rto_max_ns)
		add_ratio(&rto->backoff_ratios, (double)rto->now.rto_ns / (double)rto->before.rto_ns);
}

static void rto_event(gpointer state, const struct event *event)
{
	struct rto *rto = state;
	/* With the keepalive or the probe timer running, the same fields count probes. */
	gboolean retransmitting = event_number(event, FIELD_TIMER, 0) == TIMER_RETRANSMIT;
	gint64 backoffs = rto->backoff.sum;

	if (event->type != RECORD_SOCKET)
		return;
	rise(&rto->retransmits, retransmitting ? event_number(event, FIELD_RETRANSMITS, 0) : 0);
	rise(&rto->backoff, retransmitting ? event_number(event, FIELD_BACKOFF, 0) : 0);
	rto->before = rto->now;
	rto->now = announced_by(rto, event, retransmitting);
	if (rto->backoff.sum > backoffs)
		check_backoff(rto, rto->backoff.sum - backoffs);
	if (!rto->now.rto_ns)
		return;
	if (!rto->seen)
		rto->first_s = seconds_of_ns(rto->now.rto_ns);
	rto->seen = TRUE;
	rto->max_s = MAX(rto->max_s, seconds_of_ns(rto->now.rto_ns));
}

/* What had been announced when the segment became due. */
static void compare_repeat(struct rto *rto, const struct packet *packet)
{
	const struct announced *due = packet->t_ns - rto->now.t_ns < same_moment_ns ? &rto->before : &rto->now;

	if (due->armed) {
		double error_s = seconds_of_ns(ABS(packet->t_ns - due->expiry_ns));

		rto->worst_error_s = MAX(rto->worst_error_s, error_s);
		rto->expiries++;
	}
	if (due->rto_ns)
		add_ratio(&rto->ratios, (double)(packet->t_ns - rto->last_sent_ns) / (double)due->rto_ns);
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
	if (rto->seen)
		facts_number(facts, "rto.not_doubled", rto->not_doubled);
	if (rto->backoff_ratios)
		facts_number(facts, "rto.backoff_ratio", median((double *)(void *)rto->backoff_ratios->data, rto->backoff_ratios->len));
}

static void rto_release(gpointer state)
{
	struct rto *rto = state;

	if (rto->ratios)
		g_array_unref(rto->ratios);
	if (rto->backoff_ratios)
		g_array_unref(rto->backoff_ratios);
}

static const struct fact_name rto_facts[] = {
	{ "rto.backoffs", "count", "retransmission timeouts the kernel counted, refused ones too", NULL },
	{ "rto.first_s", "s", "retransmission timeout in the first sample", "no sample told the rto" },
	{ "rto.max_s", "s", "largest retransmission timeout in the samples", "no sample told the rto" },
	{ "rto.wire_ratio", "ratio", "median of: gap before a repeated segment to the rto reported last before it",
	  "no segment was repeated, or no sample told the rto before it" },
	{ "rto.timer_error_s", "s", "largest distance between a repeated segment and the expiry the socket's timer announced",
	  "no segment was repeated while the socket showed a running retransmission timer" },
	{ "rto.backoff_ratio", "ratio", "median of: timeout after an expiry to the one before it; RFC 6298 5.5 says 2",
	  "no two samples told of one expiry between them" },
	{ "rto.not_doubled", "count", "expiries after which the timeout was less than doubled, its bound of 120 s aside", "no sample told the rto" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_rto = {
	.name = "rto", .summary = "the retransmission timer as the kernel tells it, against the wire",
	.state_size = sizeof(struct rto), .facts = rto_facts,
	.packet = rto_packet, .event = rto_event, .finish = rto_finish, .release = rto_release,
};

/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_blocked - retransmissions the kernel counted and the wire never saw, and who refused them
 * in: samples, counters, repeated outgoing segments; out: facts blocked.*
 *
 * The reason names only what was seen: a counter that rose, or memory above its limit when a timeout had just been counted.
 */
#include <stdio.h>

#include "analyze.h"

enum { TIMER_RETRANSMIT = 1, LISTEN = 10 };

struct blocked {
	gint64 last_retransmits, timeouts, loss_probes, retrans_segs, repeats;
	gint64 host_queue, dropped, failed, no_route;
	gboolean unacked, timer;    /* of the last sample */
	gboolean over;              /* a timeout was counted with tmem above limit; the first such: */
	gint64 tmem, limit;
	gboolean limit_is_checked;  /* this kernel's tcp_retransmit_skb() compares the two */
	char *dropper;
};

/* The comparison was taken out of tcp_retransmit_skb() in v5.13. */
static gboolean release_checks_limit(const char *release)
{
	unsigned major, minor;

	return release && sscanf(release, "%u.%u", &major, &minor) == 2 && (major < 5 || (major == 5 && minor < 13));
}

/* min(sk_wmem_queued * 1.25, sk_sndbuf); a kernel before 3.6 does not tell sndbuf, and being above the first is enough. */
static gint64 memory_limit(const struct event *event)
{
	gint64 queued = event_number(event, FIELD_WMEM, 0);
	gint64 limit = queued + (queued >> 2);

	return event_has(event, FIELD_SNDBUF) ? MIN(limit, event_number(event, FIELD_SNDBUF, 0)) : limit;
}

static void on_sample(struct blocked *blocked, const struct event *event)
{
	/* With the keepalive or the probe timer running, the same field counts probes. */
	gint64 retransmits = event_number(event, FIELD_TIMER, 0) == TIMER_RETRANSMIT ? event_number(event, FIELD_RETRANSMITS, 0) : 0;
	gboolean rose = retransmits > blocked->last_retransmits;

	blocked->unacked = event_number(event, FIELD_UNACKED, 0) > 0 && event_number(event, FIELD_STATE, 0) != LISTEN;
	blocked->timer = event_number(event, FIELD_TIMER, 0) != 0;
	if (rose)
		blocked->timeouts += retransmits - blocked->last_retransmits;
	blocked->last_retransmits = retransmits;
	if (!rose || blocked->over || !event_has(event, FIELD_TMEM) || !event_has(event, FIELD_WMEM))
		return;
	blocked->tmem = event_number(event, FIELD_TMEM, 0);
	blocked->limit = memory_limit(event);
	blocked->over = blocked->tmem > blocked->limit;
}

static void on_counter(struct blocked *blocked, const struct event *event)
{
	const char *name = event_text(event, FIELD_NAME);
	gint64 delta = event_number(event, FIELD_DELTA, 0);

	if (!name || delta <= 0 || event->t_ns < 0)
		return;
	if (g_str_equal(name, "TcpExt.TCPSpuriousRtxHostQueues"))
		blocked->host_queue += delta;
	else if (g_str_equal(name, "TcpExt.TCPLossProbes"))
		blocked->loss_probes += delta;
	else if (g_str_equal(name, "Tcp.RetransSegs"))
		blocked->retrans_segs += delta;
	else if (g_str_equal(name, "TcpExt.TCPRetransFail"))
		blocked->failed += delta;
	else if (g_str_equal(name, "Ip.OutNoRoutes"))
		blocked->no_route += delta;
	else if (g_str_has_suffix(name, ".tx_dropped")) {
		blocked->dropped += delta;
		if (!blocked->dropper)
			blocked->dropper = g_strdup(name);
	}
}

static void blocked_event(gpointer state, const struct event *event)
{
	struct blocked *blocked = state;

	if (event->type == RECORD_HELLO)
		blocked->limit_is_checked = release_checks_limit(event_text(event, FIELD_RELEASE));
	else if (event->type == RECORD_SOCKET)
		on_sample(blocked, event);
	else if (event->type == RECORD_COUNTER)
		on_counter(blocked, event);
}

static void blocked_packet(gpointer state, const struct packet *packet)
{
	struct blocked *blocked = state;

	blocked->repeats += packet->tcp && packet->side == PACKET_OUT && packet->repeat;
}

static char *reason(const struct blocked *blocked)
{
	if (blocked->host_queue)
		return g_strdup_printf("skb still in host queue (-EBUSY, TCPSpuriousRtxHostQueues +%" G_GINT64_FORMAT ")",
				       blocked->host_queue);
	if (blocked->over && blocked->limit_is_checked)
		return g_strdup_printf("sk_wmem_alloc %" G_GINT64_FORMAT " above its limit %" G_GINT64_FORMAT " (-EAGAIN)",
				       blocked->tmem, blocked->limit);
	if (blocked->no_route)
		return g_strdup_printf("no route (Ip.OutNoRoutes +%" G_GINT64_FORMAT ")", blocked->no_route);
	if (blocked->dropped)
		return g_strdup_printf("the device dropped packets (%s +%" G_GINT64_FORMAT ")", blocked->dropper, blocked->dropped);
	if (blocked->failed)
		return g_strdup_printf("the kernel's own attempts failed (TCPRetransFail +%" G_GINT64_FORMAT ")", blocked->failed);
	return g_strdup("by whom was not observed");
}

/* Both ways of counting miss something: refused timeouts are no RetransSegs, fast retransmissions are no timeouts. */
static void blocked_finish(gpointer state, struct facts *facts)
{
	struct blocked *blocked = state;
	gint64 kernel = MAX(blocked->timeouts + blocked->loss_probes, blocked->retrans_segs);
	gint64 count = MAX(kernel - blocked->repeats, 0);
	g_autofree char *text = count ? reason(blocked) : NULL;

	facts_number(facts, "blocked.count", (double)count);
	facts_number(facts, "blocked.no_timer", blocked->unacked && !blocked->timer);
	if (text)
		facts_text(facts, "blocked.reason", text);
	if (blocked->over) {
		facts_number(facts, "blocked.tmem", (double)blocked->tmem);
		facts_number(facts, "blocked.limit", (double)blocked->limit);
	}
}

static void blocked_release(gpointer state)
{
	g_free(((struct blocked *)state)->dropper);
}

#define NEVER_OVER "sk_wmem_alloc was not seen above its limit after a timeout"

static const struct fact_name blocked_facts[] = {
	{ "blocked.count", "count", "retransmissions the kernel counted less those on the wire", NULL },
	{ "blocked.reason", "text", "what was seen to hold them back", "nothing was held back" },
	{ "blocked.no_timer", "yes/no", "1 when the last sample has something unacknowledged and no timer that would send it again", NULL },
	{ "blocked.tmem", "bytes", "sk_wmem_alloc when a timeout had been counted with it above its limit", NEVER_OVER },
	{ "blocked.limit", "bytes", "that limit: min(sk_wmem_queued * 1.25, sk_sndbuf)", NEVER_OVER },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_blocked = {
	.name = "blocked", .summary = "retransmissions counted by the kernel that never reached the wire, and why",
	.state_size = sizeof(struct blocked), .facts = blocked_facts,
	.packet = blocked_packet, .event = blocked_event, .finish = blocked_finish, .release = blocked_release,
};

/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_blocked - retransmissions the kernel counted and the wire never saw, and who refused them
 * in: samples, counters, outgoing segments; out: facts blocked.*
 *
 * A timeout is held against what the socket sent between two samples. What goes out when a timer is up need not have been on the wire
 * before: a loss probe may carry new data (RFC 8985 7.3), and a first sending may be lost before any wire.
 * The reason names only what was seen: a counter that rose, or memory above its limit when a timeout had just been counted. Where a kernel
 * knows both, it looks at the memory first, so timeouts counted above the limit were refused for it: then the counter rose for something
 * else, such as a loss probe.
 */
#include <stdio.h>

#include "analyze.h"

enum { TIMER_RETRANSMIT = 1, LISTEN = 10, DROPPERS_MAX = 4 };

struct blocked {
	char *local;                /* of the observed socket; NULL before its first sample */
	char *sender;               /* of the first outgoing segment */
	gboolean many_senders;      /* RetransSegs counts for all of them */
	gint64 sent, fresh;         /* by the socket since the last sample: segments of data, SYN and FIN, and those seen for the first time */
	gint64 ahead;               /* sent for a timeout that the last sample did not count yet */
	gint64 silent, above;       /* timeouts for which it sent nothing; those of them counted with tmem above limit */
	gint64 late;                /* segments that a timer sent and the wire had not seen before */
	gint64 last_retransmits, retrans_segs, repeats;
	gint64 host_queue, queue_too_big, failed, no_route;
	gint64 last_timer, last_backoff;
	gboolean unacked;           /* of the last sample */
	gboolean over;              /* a timeout was counted with tmem above limit; the first such: */
	gint64 tmem, limit;
	gboolean limit_is_checked;  /* this kernel's tcp_retransmit_skb() compares the two */
	struct dropper { char *name; gint64 count; } droppers[DROPPERS_MAX];
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

/* rose: timeouts counted since the last sample. A timer may fire while the kernel fills in its answer: then tcp_info, which is read last, has
 * its backoff, and the count of timeouts, which is read first, has it in the next sample alone. */
static void hold_against_wire(struct blocked *blocked, const struct event *event, gint64 rose, gboolean above)
{
	gboolean fired = blocked->last_timer == TIMER_RETRANSMIT && g_strcmp0(event_text(event, FIELD_CAUSE), "timer") == 0;
	gboolean torn = !rose && event_number(event, FIELD_BACKOFF, 0) > blocked->last_backoff;
	gint64 silent = MAX(rose - blocked->sent - blocked->ahead, 0);

	blocked->silent += silent;
	blocked->above += above ? silent : 0;
	blocked->ahead = torn ? blocked->sent : 0;
	blocked->last_backoff = event_number(event, FIELD_BACKOFF, 0);
	if (fired || rose)
		blocked->late += blocked->fresh;
	blocked->sent = blocked->fresh = 0;
}

/* Is more charged to the socket than the kernel lets be when it retransmits? The first time is kept. */
static gboolean is_above_limit(struct blocked *blocked, const struct event *event)
{
	gboolean above = event_has(event, FIELD_TMEM) && event_has(event, FIELD_WMEM) && event_number(event, FIELD_TMEM, 0) > memory_limit(event);

	if (above && !blocked->over) {
		blocked->tmem = event_number(event, FIELD_TMEM, 0);
		blocked->limit = memory_limit(event);
		blocked->over = TRUE;
	}
	return above;
}

static void on_sample(struct blocked *blocked, const struct event *event)
{
	/* With the keepalive or the probe timer running, the same field counts probes. */
	gint64 timer = event_number(event, FIELD_TIMER, 0);
	gint64 retransmits = timer == TIMER_RETRANSMIT ? event_number(event, FIELD_RETRANSMITS, 0) : 0;
	gint64 rose = MAX(retransmits - blocked->last_retransmits, 0);

	if (!blocked->local)
		blocked->local = g_strdup(event_text(event, FIELD_LOCAL));
	hold_against_wire(blocked, event, rose, rose && is_above_limit(blocked, event));
	blocked->unacked = event_number(event, FIELD_UNACKED, 0) > 0 && event_number(event, FIELD_STATE, 0) != LISTEN;
	blocked->last_timer = timer;
	blocked->last_retransmits = retransmits;
}

/* Devices beyond the first few are left out. */
static void add_drop(struct blocked *blocked, const char *name, gint64 count)
{
	guint i = 0;

	while (i < DROPPERS_MAX && blocked->droppers[i].name && !g_str_equal(blocked->droppers[i].name, name))
		i++;
	if (i == DROPPERS_MAX)
		return;
	if (!blocked->droppers[i].name)
		blocked->droppers[i].name = g_strdup(name);
	blocked->droppers[i].count += count;
}

static void on_counter(struct blocked *blocked, const struct event *event)
{
	const char *name = event_text(event, FIELD_NAME);
	gint64 delta = event_number(event, FIELD_DELTA, 0);

	if (!name || delta <= 0 || event->t_ns < 0)
		return;
	if (g_str_equal(name, "TcpExt.TCPSpuriousRtxHostQueues"))
		blocked->host_queue += delta;
	else if (g_str_equal(name, "TcpExt.TCPWqueueTooBig"))
		blocked->queue_too_big += delta;
	else if (g_str_equal(name, "Tcp.RetransSegs"))
		blocked->retrans_segs += delta;
	else if (g_str_equal(name, "TcpExt.TCPRetransFail"))
		blocked->failed += delta;
	else if (g_str_equal(name, "Ip.OutNoRoutes"))
		blocked->no_route += delta;
	else if (g_str_has_suffix(name, ".tx_dropped"))
		add_drop(blocked, name, delta);
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
	g_autofree char *source = NULL;

	if (!packet->tcp || packet->side != PACKET_OUT)
		return;
	source = packet_source_text(packet);
	blocked->repeats += packet->repeat;
	if (!blocked->sender)
		blocked->sender = g_strdup(source);
	blocked->many_senders = blocked->many_senders || !g_str_equal(blocked->sender, source);
	if ((blocked->local && !g_str_equal(blocked->local, source)) || (!packet->payload_bytes && !(packet->flags & (PACKET_SYN | PACKET_FIN))))
		return;
	blocked->sent++;
	blocked->fresh += !packet->repeat;
}

/* "the device dropped packets (lo.tx_dropped +2, tun0.tx_dropped +1)" */
static char *drops(const struct blocked *blocked)
{
	GString *text = g_string_new("the device dropped packets (");

	for (guint i = 0; i < DROPPERS_MAX && blocked->droppers[i].name; i++)
		g_string_append_printf(text, "%s%s +%" G_GINT64_FORMAT, i ? ", " : "", blocked->droppers[i].name, blocked->droppers[i].count);
	g_string_append_c(text, ')');
	return g_string_free(text, FALSE);
}

static char *above_limit(const struct blocked *blocked)
{
	return g_strdup_printf("sk_wmem_alloc %" G_GINT64_FORMAT " above its limit %" G_GINT64_FORMAT " (-EAGAIN)", blocked->tmem, blocked->limit);
}

static gint64 dropped(const struct blocked *blocked)
{
	gint64 all = 0;

	for (guint i = 0; i < DROPPERS_MAX; i++)
		all += blocked->droppers[i].count;
	return all;
}

/* Of count retransmissions. What stops a packet on its way is counted for each: fewer drops than that tell of other packets. */
static char *reason(const struct blocked *blocked, gint64 count)
{
	gboolean checked = blocked->over && blocked->limit_is_checked;

	if (checked && blocked->above && blocked->above >= blocked->silent - blocked->above)
		return above_limit(blocked);
	if (blocked->host_queue)
		return g_strdup_printf("skb still in host queue (-EBUSY, TCPSpuriousRtxHostQueues +%" G_GINT64_FORMAT ")",
				       blocked->host_queue);
	if (blocked->queue_too_big)
		return g_strdup_printf("no segment could be cut off, too much is queued (TCPWqueueTooBig +%" G_GINT64_FORMAT ")",
				       blocked->queue_too_big);
	if (checked)
		return above_limit(blocked);
	if (blocked->no_route >= count)
		return g_strdup_printf("no route (Ip.OutNoRoutes +%" G_GINT64_FORMAT ")", blocked->no_route);
	if (dropped(blocked) >= count)
		return drops(blocked);
	if (blocked->failed)
		return g_strdup_printf("the kernel's own attempts failed (TCPRetransFail +%" G_GINT64_FORMAT ")", blocked->failed);
	return g_strdup("by whom was not observed");
}

/* Both ways of counting miss something: refused timeouts are no RetransSegs, fast retransmissions are no timeouts. */
static void blocked_finish(gpointer state, struct facts *facts)
{
	struct blocked *blocked = state;
	gint64 lost = blocked->many_senders ? 0 : blocked->retrans_segs - blocked->repeats - blocked->late;
	gint64 count = MAX(blocked->silent, lost);
	g_autofree char *text = count ? reason(blocked, count) : NULL;

	facts_number(facts, "blocked.count", (double)count);
	facts_number(facts, "blocked.no_timer", blocked->unacked && !blocked->last_timer);
	if (text)
		facts_text(facts, "blocked.reason", text);
	if (blocked->over) {
		facts_number(facts, "blocked.tmem", (double)blocked->tmem);
		facts_number(facts, "blocked.limit", (double)blocked->limit);
	}
}

static void blocked_release(gpointer state)
{
	struct blocked *blocked = state;

	g_free(blocked->local);
	g_free(blocked->sender);
	for (guint i = 0; i < DROPPERS_MAX; i++)
		g_free(blocked->droppers[i].name);
}

#define NEVER_OVER "sk_wmem_alloc was not seen above its limit after a timeout"

static const struct fact_name blocked_facts[] = {
	{ "blocked.count", "count", "retransmissions the kernel counted and the wire did not see", NULL },
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

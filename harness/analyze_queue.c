/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_queue - how many packets tun held for its reader
 * in: the counter tun0.queue, which the agent reckons at each look at the counters (initramfs/agent/queue.h); out: facts queue.*
 */
#include "analyze.h"

struct queue {
	gboolean seen;
	gint64 last, max;
};

static void queue_event(gpointer state, const struct event *event)
{
	struct queue *queue = state;

	if (event->type != RECORD_COUNTER || g_strcmp0(event_text(event, FIELD_NAME), "tun0.queue") != 0)
		return;
	queue->seen = TRUE;
	queue->last = event_number(event, FIELD_VALUE, 0);
	queue->max = MAX(queue->max, queue->last);
}

static void queue_finish(gpointer state, struct facts *facts)
{
	const struct queue *queue = state;

	if (!queue->seen)
		return;
	facts_number(facts, "queue.last", (double)queue->last);
	facts_number(facts, "queue.max", (double)queue->max);
}

static const char unseen[] = "the guest did not tell its counters";

static const struct fact_name queue_facts[] = {
	{ "queue.last", "count", "packets that tun held for its reader when the counters were read last", unseen },
	{ "queue.max", "count", "the most it held at any such moment: timer expiries and the end", unseen },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_queue = {
	.name = "queue", .summary = "how many packets tun held for its reader",
	.state_size = sizeof(struct queue), .facts = queue_facts,
	.event = queue_event, .finish = queue_finish,
};

/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_socket - what the kernel told of the observed socket: each number of its samples, the last and the largest
 * in: samples of the observed socket; out: facts socket.*
 *
 * A sample need not tell all: in TIME_WAIT there is no struct tcp_info, and an old kernel's is shorter. The last value is that of the last
 * sample that has one.
 */
#include "analyze.h"
#include "socket_field.h"

struct number {
	gboolean told;
	gint64 last, max;
};

struct told {
	struct number *numbers; /* socket_field_count */
	char *congestion;
};

static void told_event(gpointer state, const struct event *event)
{
	struct told *told = state;
	const char *congestion = event_text(event, FIELD_CONGESTION);

	if (event->type != RECORD_SOCKET)
		return;
	if (!told->numbers)
		told->numbers = g_new0(struct number, socket_field_count);
	for (gsize i = 0; i < socket_field_count; i++) {
		struct number *number = &told->numbers[i];

		if (!event_has(event, socket_fields[i].id))
			continue;
		number->last = event_number(event, socket_fields[i].id, 0);
		number->max = number->told ? MAX(number->max, number->last) : number->last;
		number->told = TRUE;
	}
	if (!congestion)
		return;
	g_free(told->congestion);
	told->congestion = g_strdup(congestion);
}

static void told_finish(gpointer state, struct facts *facts)
{
	const struct told *told = state;

	for (gsize i = 0; told->numbers && i < socket_field_count; i++) {
		g_autofree char *last = g_strconcat("socket.", socket_fields[i].name, NULL), *max = g_strconcat(last, "_max", NULL);

		if (!told->numbers[i].told)
			continue;
		facts_number(facts, last, (double)told->numbers[i].last);
		facts_number(facts, max, (double)told->numbers[i].max);
	}
	if (told->congestion)
		facts_text(facts, "socket.congestion", told->congestion);
}

static void told_release(gpointer state)
{
	struct told *told = state;

	g_free(told->numbers);
	g_free(told->congestion);
}

static const char untold[] = "no sample told it: this kernel does not, or no socket was sampled";

#define FACTS(id, name, unit, kind, meaning) \
	{ "socket." name, unit, meaning "; the last sample", untold }, { "socket." name "_max", unit, meaning "; the most", untold },

static const struct fact_name told_facts[] = {
	SOCKET_FIELDS(FACTS)
	{ "socket.congestion", "text", "its congestion control", untold },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_socket = {
	.name = "socket", .summary = "each number the kernel told of the socket, the last and the largest",
	.state_size = sizeof(struct told), .facts = told_facts,
	.event = told_event, .finish = told_finish, .release = told_release,
};

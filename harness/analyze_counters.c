/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_counters - every SNMP and device counter that moved during the script
 * in: counter events from script time zero on; out: one fact each, by the counter's own name
 */
#include "analyze.h"

struct counters {
	GPtrArray *moved; /* struct counter * */
};

struct counter {
	char *name;
	gint64 delta;
};

static void counter_free(gpointer data)
{
	g_free(((struct counter *)data)->name);
	g_free(data);
}

static struct counter *counter_at(struct counters *counters, const char *name)
{
	struct counter *counter;

	if (!counters->moved)
		counters->moved = g_ptr_array_new_with_free_func(counter_free);
	for (guint i = 0; i < counters->moved->len; i++) {
		counter = g_ptr_array_index(counters->moved, i);
		if (g_str_equal(counter->name, name))
			return counter;
	}
	counter = g_new0(struct counter, 1);
	counter->name = g_strdup(name);
	g_ptr_array_add(counters->moved, counter);
	return counter;
}

static void counters_event(gpointer state, const struct event *event)
{
	const char *name = event_text(event, FIELD_NAME);
	struct counter *counter;

	if (event->type != RECORD_COUNTER || event->t_ns < 0 || !name || !facts_declaration(name))
		return;
	counter = counter_at(state, name);
	if (__builtin_add_overflow(counter->delta, event_number(event, FIELD_DELTA, 0), &counter->delta))
		counter->delta = G_MAXINT64;
}

static void counters_finish(gpointer state, struct facts *facts)
{
	struct counters *counters = state;

	for (guint i = 0; counters->moved && i < counters->moved->len; i++) {
		const struct counter *counter = g_ptr_array_index(counters->moved, i);

		facts_number(facts, counter->name, (double)counter->delta);
	}
}

static void counters_release(gpointer state)
{
	struct counters *counters = state;

	if (counters->moved)
		g_ptr_array_unref(counters->moved);
}

#define FAMILY(name, of) { name ".*", "count", "how far a counter of " of " moved", \
	"the counter did not move, or this kernel has not got it" }

static const struct fact_name counters_facts[] = {
	FAMILY("Tcp", "/proc/net/snmp"), FAMILY("Ip", "/proc/net/snmp"), FAMILY("Icmp", "/proc/net/snmp"),
	FAMILY("TcpExt", "/proc/net/netstat"), FAMILY("IpExt", "/proc/net/netstat"), FAMILY("Ip6", "/proc/net/snmp6"),
	FAMILY("tun0", "the device tun0"), FAMILY("lo", "the device lo"),
	FAMILY("veth0", "the device veth0"), FAMILY("veth1", "the device veth1"),
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_counters = {
	.name = "counters", .summary = "SNMP and device counters that moved",
	.state_size = sizeof(struct counters), .facts = counters_facts,
	.event = counters_event, .finish = counters_finish, .release = counters_release,
};

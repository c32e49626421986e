/* SPDX-License-Identifier: GPL-2.0-or-later
 * repeats - when segments were sent and sent again, and how the distances grow
 */
#include "repeats.h"

#include "seconds.h"

struct segment {
	guint flow;
	guint32 relative_seq;
	GArray *times_ns; /* gint64 */
};

static void segment_free(gpointer data)
{
	struct segment *segment = data;

	g_array_unref(segment->times_ns);
	g_free(segment);
}

/* The newest is looked at first: what is repeated was mostly sent last. */
static struct segment *find(struct repeats *repeats, const struct packet *packet)
{
	struct segment *segment;

	if (!repeats->segments)
		repeats->segments = g_ptr_array_new_with_free_func(segment_free);
	for (guint i = repeats->segments->len; i-- > 0;) {
		segment = repeats->segments->pdata[i];
		if (segment->flow == packet->flow && segment->relative_seq == packet->relative_seq)
			return segment;
	}
	segment = g_new0(struct segment, 1);
	segment->flow = packet->flow;
	segment->relative_seq = packet->relative_seq;
	segment->times_ns = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_ptr_array_add(repeats->segments, segment);
	return segment;
}

void repeats_add(struct repeats *repeats, const struct packet *packet)
{
	g_array_append_val(find(repeats, packet)->times_ns, packet->t_ns);
}

const GArray *repeats_most(const struct repeats *repeats, guint *flow)
{
	const struct segment *most = NULL;

	for (guint i = 0; repeats->segments && i < repeats->segments->len; i++) {
		const struct segment *segment = repeats->segments->pdata[i];

		if (!most || segment->times_ns->len > most->times_ns->len)
			most = segment;
	}
	if (most && flow)
		*flow = most->flow;
	return most ? most->times_ns : NULL;
}

static double time_s(const GArray *times_ns, guint i)
{
	return seconds_of_ns(g_array_index(times_ns, gint64, i));
}

static double gap_s(const GArray *times_ns, guint i)
{
	return seconds_of_ns(g_array_index(times_ns, gint64, i + 1) - g_array_index(times_ns, gint64, i));
}

static char *name_of(const char *prefix, const char *name)
{
	return g_strconcat(prefix, ".", name, NULL);
}

/* A loss probe in front makes one odd ratio; the median does not mind. */
static void set_ratio(const GArray *times_ns, const char *prefix, struct facts *facts)
{
	g_autofree double *ratios = g_new(double, times_ns->len + 1);
	g_autofree char *name = name_of(prefix, "gap_ratio");
	guint count = 0;

	for (guint i = 0; i + 2 < times_ns->len; i++)
		if (gap_s(times_ns, i) > 0)
			ratios[count++] = gap_s(times_ns, i + 1) / gap_s(times_ns, i);
	if (count)
		facts_number(facts, name, median(ratios, count));
}

static void set_lists(const GArray *times_ns, const char *prefix, struct facts *facts)
{
	g_autofree char *times = name_of(prefix, "times_s"), *gaps = name_of(prefix, "gaps_s");

	for (guint i = 1; i < times_ns->len; i++) {
		gint64 after_ns = g_array_index(times_ns, gint64, i) - g_array_index(times_ns, gint64, 0);

		json_array_add_double_element(facts_list(facts, times), seconds_of_ns(after_ns));
		json_array_add_double_element(facts_list(facts, gaps), gap_s(times_ns, i - 1));
	}
}

void repeats_to_facts(const struct repeats *repeats, const char *prefix, struct facts *facts)
{
	g_autofree char *first = name_of(prefix, "first_s"), *last = name_of(prefix, "last_s");
	const GArray *times_ns = repeats_most(repeats, NULL);

	if (!times_ns)
		return;
	facts_number(facts, first, time_s(times_ns, 0));
	facts_number(facts, last, time_s(times_ns, times_ns->len - 1));
	set_ratio(times_ns, prefix, facts);
	set_lists(times_ns, prefix, facts);
}

void repeats_clear(struct repeats *repeats)
{
	g_clear_pointer(&repeats->segments, g_ptr_array_unref);
}

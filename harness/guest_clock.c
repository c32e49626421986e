/* SPDX-License-Identifier: GPL-2.0-or-later
 * guest_clock - what the guest's CLOCK_MONOTONIC was when its processor's counter stood at a value
 */
#include "guest_clock.h"

#include "record.h"

struct pair {
	guint64 tsc;
	gint64 ns;
};

struct guest_clock {
	GArray *pairs; /* struct pair, both rising */
};

static gboolean field_of(struct record_view view, enum record_field_id id, guint64 *value)
{
	struct record_field field;

	while (record_next_field(&view, &field))
		if (field.id == id) {
			*value = field.uint_value;
			return TRUE;
		}
	return FALSE;
}

/* A guest may say anything; a line that runs backwards would be no clock. */
static void add(GArray *pairs, const struct record_view *view)
{
	const struct pair *last = pairs->len ? &g_array_index(pairs, struct pair, pairs->len - 1) : NULL;
	struct pair pair = { 0, (gint64)view->clock_ns };

	if (view->clock_ns <= G_MAXINT64 && field_of(*view, FIELD_TSC, &pair.tsc) &&
	    (!last || (pair.tsc > last->tsc && pair.ns > last->ns)))
		g_array_append_val(pairs, pair);
}

struct guest_clock *guest_clock_new(const unsigned char *stream, gsize length_bytes)
{
	struct guest_clock *clock = g_new0(struct guest_clock, 1);
	struct record_view view;
	const char *why;
	size_t used;

	clock->pairs = g_array_new(FALSE, FALSE, sizeof(struct pair));
	for (gsize at = 0; record_parse(stream + at, length_bytes - at, &view, &used, &why) == RECORD_OK; at += used)
		add(clock->pairs, &view);
	if (clock->pairs->len)
		return clock;
	guest_clock_free(clock);
	return NULL;
}

void guest_clock_free(struct guest_clock *clock)
{
	if (!clock)
		return;
	g_array_unref(clock->pairs);
	g_free(clock);
}

gint64 guest_clock_ns(const struct guest_clock *clock, guint64 tsc)
{
	const struct pair *a = (const struct pair *)clock->pairs->data, *last = a + clock->pairs->len - 1;
	double ratio = 1;

	while (a + 1 < last && a[1].tsc < tsc)
		a++;
	if (a < last)
		ratio = (double)(a[1].ns - a->ns) / (double)(a[1].tsc - a->tsc);
	/* Only the small part beyond 1:1 goes through a double, which has 53 bits. */
	return a->ns + (gint64)(tsc - a->tsc) + (gint64)((double)(gint64)(tsc - a->tsc) * (ratio - 1));
}

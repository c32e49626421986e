/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_align - pairs the elements of two sequences that have the same key, in order
 * Common beginnings and ends are taken off first; what is between them goes through the table of longest common sequences.
 */
#include "diff_align.h"

#include <string.h>

enum { PAIRS_MAX = 16 * 1000 * 1000 };

struct span {
	const char *const *a, *const *b;
	guint a_from, a_to, b_from, b_to;
};

static void add_row(GArray *rows, guint a, guint b)
{
	struct diff_row row = { a, b };

	g_array_append_val(rows, row);
}

static gboolean same(const struct span *span, guint a, guint b)
{
	return strcmp(span->a[a], span->b[b]) == 0;
}

/* lengths[i][j]: the longest common sequence of a from i on and b from j on. Filled backwards, walked forwards, so that of
 * equally long ones the earliest pairs win. */
static guint *fill_lengths(const struct span *span, guint rows, guint columns)
{
	guint *lengths = g_new0(guint, (gsize)(rows + 1) * (columns + 1));

	for (guint i = rows; i-- > 0;)
		for (guint j = columns; j-- > 0;) {
			guint *here = lengths + (gsize)i * (columns + 1) + j;
			const guint *below = here + columns + 1;

			if (same(span, span->a_from + i, span->b_from + j))
				*here = below[1] + 1;
			else
				*here = MAX(below[0], here[1]);
		}
	return lengths;
}

static void align_middle(const struct span *span, GArray *rows)
{
	guint a_count = span->a_to - span->a_from, b_count = span->b_to - span->b_from, i = 0, j = 0;
	g_autofree guint *lengths = fill_lengths(span, a_count, b_count);

	while (i < a_count && j < b_count) {
		const guint *here = lengths + (gsize)i * (b_count + 1) + j;

		if (same(span, span->a_from + i, span->b_from + j))
			add_row(rows, span->a_from + i++, span->b_from + j++);
		else if (here[b_count + 1] >= here[1])
			add_row(rows, span->a_from + i++, DIFF_ALIGN_NONE);
		else
			add_row(rows, DIFF_ALIGN_NONE, span->b_from + j++);
	}
	for (; i < a_count; i++)
		add_row(rows, span->a_from + i, DIFF_ALIGN_NONE);
	for (; j < b_count; j++)
		add_row(rows, DIFF_ALIGN_NONE, span->b_from + j);
}

GArray *diff_align(const char *const *a_keys, guint a_count, const char *const *b_keys, guint b_count)
{
	struct span span = { a_keys, b_keys, 0, a_count, 0, b_count };
	GArray *rows;

	while (span.a_from < span.a_to && span.b_from < span.b_to && same(&span, span.a_from, span.b_from))
		span.a_from++, span.b_from++;
	while (span.a_from < span.a_to && span.b_from < span.b_to && same(&span, span.a_to - 1, span.b_to - 1))
		span.a_to--, span.b_to--;
	if ((guint64)(span.a_to - span.a_from) * (span.b_to - span.b_from) > PAIRS_MAX)
		return NULL;
	rows = g_array_new(FALSE, FALSE, sizeof(struct diff_row));
	for (guint i = 0; i < span.a_from; i++)
		add_row(rows, i, i);
	align_middle(&span, rows);
	for (guint i = 0; span.a_to + i < a_count; i++)
		add_row(rows, span.a_to + i, span.b_to + i);
	return rows;
}

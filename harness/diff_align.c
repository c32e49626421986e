/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_align - pairs the elements of two sequences, in order
 * The table of best sums (Needleman-Wunsch), filled backwards and walked forwards. Where it would be too large the sequences are cut:
 * at elements that both have once (as patience sorting does), or, without any, in halves.
 */
#include "diff_align.h"

enum { PAIRS_MAX = 4 * 1000 * 1000 };

/* No digit of a table's sum reaches the next one. */
G_STATIC_ASSERT((gint64)DIFF_ALIGN_SIDE_MAX * DIFF_NEARNESS_MAX < DIFF_WORTH_AGREES);
G_STATIC_ASSERT((gint64)DIFF_ALIGN_SIDE_MAX * DIFF_AGREES_MAX * DIFF_WORTH_AGREES < DIFF_WORTH_HALF);
G_STATIC_ASSERT((gint64)DIFF_ALIGN_SIDE_MAX * DIFF_WORTH_HALF < DIFF_WORTH_WHOLE);
G_STATIC_ASSERT(DIFF_ALIGN_SIDE_MAX < G_MAXINT64 / DIFF_WORTH_WHOLE - 1);

/* From, up to but not with. */
struct span {
	guint a_from, a_to, b_from, b_to;
};

static void add_row(GArray *rows, guint a, guint b)
{
	struct diff_row row = { a, b };

	g_array_append_val(rows, row);
}

/* The empty ends of the table stay 0. */
static gint64 *fill_sums(const struct diff_aligner *aligner, const struct span *span, guint rows, guint columns)
{
	gint64 *sums = g_new0(gint64, (gsize)(rows + 1) * (columns + 1));

	for (guint i = rows; i-- > 0;)
		for (guint j = columns; j-- > 0;) {
			gint64 *here = sums + (gsize)i * (columns + 1) + j;
			const gint64 *below = here + columns + 1;
			gint64 worth = aligner->worth(aligner->user, span->a_from + i, span->b_from + j);

			*here = MAX(below[0], here[1]);
			if (worth && below[1] + worth > *here)
				*here = below[1] + worth;
		}
	return sums;
}

static void align_table(const struct diff_aligner *aligner, const struct span *span, GArray *rows)
{
	guint a_count = span->a_to - span->a_from, b_count = span->b_to - span->b_from, i = 0, j = 0;
	g_autofree gint64 *sums = fill_sums(aligner, span, a_count, b_count);

	while (i < a_count && j < b_count) {
		const gint64 *here = sums + (gsize)i * (b_count + 1) + j, *below = here + b_count + 1;
		gint64 worth = aligner->worth(aligner->user, span->a_from + i, span->b_from + j);

		if (worth && *here == below[1] + worth)
			add_row(rows, span->a_from + i++, span->b_from + j++);
		else if (below[0] > here[1] ||
			 (below[0] == here[1] && aligner->order(aligner->user, span->a_from + i, span->b_from + j) <= 0))
			add_row(rows, span->a_from + i++, DIFF_ALIGN_NONE);
		else
			add_row(rows, DIFF_ALIGN_NONE, span->b_from + j++);
	}
	for (; i < a_count; i++)
		add_row(rows, span->a_from + i, DIFF_ALIGN_NONE);
	for (; j < b_count; j++)
		add_row(rows, DIFF_ALIGN_NONE, span->b_from + j);
}

/* Where a mark was met on one side. */
struct sight {
	guint index, times;
};

static GHashTable *count_marks(guint (*mark)(gconstpointer user, guint index), gconstpointer user, guint from, guint to)
{
	GHashTable *sights = g_hash_table_new_full(NULL, NULL, NULL, g_free);

	for (guint i = from; i < to; i++) {
		gpointer key = GUINT_TO_POINTER(mark(user, i));
		struct sight *sight = g_hash_table_lookup(sights, key);

		if (!sight) {
			sight = g_new0(struct sight, 1);
			sight->index = i;
			g_hash_table_insert(sights, key, sight);
		}
		sight->times++;
	}
	return sights;
}

/* What both have once and can pair, in the order of a. */
static GArray *common_once(const struct diff_aligner *aligner, const struct span *span)
{
	g_autoptr(GHashTable) a = count_marks(aligner->a_mark, aligner->user, span->a_from, span->a_to);
	g_autoptr(GHashTable) b = count_marks(aligner->b_mark, aligner->user, span->b_from, span->b_to);
	GArray *anchors = g_array_new(FALSE, FALSE, sizeof(struct diff_row));

	for (guint i = span->a_from; i < span->a_to; i++) {
		gpointer key = GUINT_TO_POINTER(aligner->a_mark(aligner->user, i));
		const struct sight *mine = g_hash_table_lookup(a, key), *other = g_hash_table_lookup(b, key);

		if (mine->times == 1 && other && other->times == 1 &&
		    aligner->worth(aligner->user, i, other->index) >= DIFF_WORTH_WHOLE)
			add_row(anchors, i, other->index);
	}
	return anchors;
}

/* Index in ends of the first whose b is not below; the anchors there end rising sequences of 1, 2, … elements. */
static guint place(const GArray *anchors, const GArray *ends, guint b)
{
	guint low = 0, high = ends->len;

	while (low < high) {
		guint middle = (low + high) / 2;

		if (g_array_index(anchors, struct diff_row, g_array_index(ends, guint, middle)).b < b)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Keeps a longest sequence of anchors that rises on both sides. */
static GArray *rising(const GArray *anchors)
{
	g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autofree guint *before = g_new(guint, anchors->len + 1);
	GArray *kept = g_array_new(FALSE, FALSE, sizeof(struct diff_row));

	for (guint i = 0; i < anchors->len; i++) {
		guint at = place(anchors, ends, g_array_index(anchors, struct diff_row, i).b);

		before[i] = at ? g_array_index(ends, guint, at - 1) : DIFF_ALIGN_NONE;
		if (at == ends->len)
			g_array_append_val(ends, i);
		else
			g_array_index(ends, guint, at) = i;
	}
	g_array_set_size(kept, ends->len);
	for (guint i = ends->len ? g_array_index(ends, guint, ends->len - 1) : DIFF_ALIGN_NONE, at = ends->len; at-- > 0; i = before[i])
		g_array_index(kept, struct diff_row, at) = g_array_index(anchors, struct diff_row, i);
	return kept;
}

static void align_span(const struct diff_aligner *aligner, struct span span, GArray *rows);

/* FALSE: nothing to cut at. */
static gboolean cut_at_anchors(const struct diff_aligner *aligner, const struct span *span, GArray *rows)
{
	g_autoptr(GArray) anchors = common_once(aligner, span), kept = rising(anchors);
	struct span rest = *span;

	for (guint i = 0; i < kept->len; i++) {
		struct diff_row anchor = g_array_index(kept, struct diff_row, i);

		align_span(aligner, (struct span){ rest.a_from, anchor.a, rest.b_from, anchor.b }, rows);
		add_row(rows, anchor.a, anchor.b);
		rest.a_from = anchor.a + 1;
		rest.b_from = anchor.b + 1;
	}
	if (kept->len)
		align_span(aligner, rest, rows);
	return kept->len > 0;
}

static gboolean too_large(const struct span *span)
{
	guint64 a_count = span->a_to - span->a_from, b_count = span->b_to - span->b_from;

	return a_count && b_count && (a_count > DIFF_ALIGN_SIDE_MAX || b_count > DIFF_ALIGN_SIDE_MAX || a_count * b_count > PAIRS_MAX);
}

static void align_span(const struct diff_aligner *aligner, struct span span, GArray *rows)
{
	guint a_half = span.a_from + (span.a_to - span.a_from) / 2, b_half = span.b_from + (span.b_to - span.b_from) / 2;

	if (!too_large(&span)) {
		align_table(aligner, &span, rows);
	} else if (!cut_at_anchors(aligner, &span, rows)) {
		align_span(aligner, (struct span){ span.a_from, a_half, span.b_from, b_half }, rows);
		align_span(aligner, (struct span){ a_half, span.a_to, b_half, span.b_to }, rows);
	}
}

/* What is paired first and last without doubt needs no table: worth all that a pair can be. */
static gboolean surely_pairs(const struct diff_aligner *aligner, guint a, guint b)
{
	return aligner->worth(aligner->user, a, b) ==
	       DIFF_WORTH_WHOLE + DIFF_AGREES_MAX * DIFF_WORTH_AGREES + DIFF_NEARNESS_MAX;
}

GArray *diff_align(const struct diff_aligner *aligner, guint a_count, guint b_count)
{
	struct span span = { 0, a_count, 0, b_count };
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct diff_row));

	while (span.a_from < span.a_to && span.b_from < span.b_to && surely_pairs(aligner, span.a_from, span.b_from))
		add_row(rows, span.a_from++, span.b_from++);
	while (span.a_from < span.a_to && span.b_from < span.b_to && surely_pairs(aligner, span.a_to - 1, span.b_to - 1))
		span.a_to--, span.b_to--;
	align_span(aligner, span, rows);
	for (guint i = 0; span.a_to + i < a_count; i++)
		add_row(rows, span.a_to + i, span.b_to + i);
	return rows;
}

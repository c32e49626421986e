/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_align - pairs the elements of two sequences, in order
 * in: two counts and what a pair is worth; out: rows. The same rows with the sides changed when the sides are changed.
 */
#ifndef FINRIG_DIFF_ALIGN_H
#define FINRIG_DIFF_ALIGN_H

#include <glib.h>

/* One row of the alignment; DIFF_ALIGN_NONE where a side has no partner. */
enum { DIFF_ALIGN_NONE = G_MAXUINT };

struct diff_row {
	guint a, b;
};

/* What the caller knows of its elements; a and b are indices. */
struct diff_aligner {
	/* What it is worth to pair these two: 0 is never paired. A sum of worths is never better than one more of the same kind, see
	 * DIFF_WORTH_*. Must be symmetric. */
	gint64 (*worth)(gconstpointer user, guint a, guint b);
	/* Which element comes first where both orders are as good: <0 a, >0 b. Must be antisymmetric. */
	int (*order)(gconstpointer user, guint a, guint b);
	/* Equal for what is surely the same element, such as a hash: long sequences are cut where it is found once on each side. */
	guint (*a_mark)(gconstpointer user, guint a), (*b_mark)(gconstpointer user, guint b);
	gconstpointer user;
};

/* Worths add up digit by digit: first as many whole pairs as there can be, then as many half ones, then what agrees in them, then
 * nearness (0 … DIFF_NEARNESS_MAX). Sequences are cut so that no digit overflows. */
#define DIFF_WORTH_WHOLE ((gint64)1 << 50)
#define DIFF_WORTH_HALF ((gint64)1 << 38)
#define DIFF_WORTH_AGREES ((gint64)1 << 24)
enum { DIFF_NEARNESS_MAX = (1 << 12) - 1, DIFF_AGREES_MAX = 3, DIFF_ALIGN_SIDE_MAX = 4000 };

/* Returns rows (struct diff_row) in order: of all that pair most, those worth most. Sequences too long for that (over 4 million pairs
 * to look at) are cut at what is there once on each side, else in halves. */
GArray *diff_align(const struct diff_aligner *aligner, guint a_count, guint b_count);

#endif

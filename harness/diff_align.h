/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_align - pairs the elements of two sequences that have the same key, in order
 */
#ifndef FINRIG_DIFF_ALIGN_H
#define FINRIG_DIFF_ALIGN_H

#include <glib.h>

/* One row of the alignment; DIFF_ALIGN_NONE where a side has no partner. */
enum { DIFF_ALIGN_NONE = G_MAXUINT };

struct diff_row {
	guint a, b;
};

/* a_keys, b_keys: NULL-free arrays of strings. Returns rows (struct diff_row) in order; a longest common sequence, each pair as
 * early as it can be. NULL when what differs is too much to align (over 16 million pairs to look at). */
GArray *diff_align(const char *const *a_keys, guint a_count, const char *const *b_keys, guint b_count);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_rows - the packets of two captures side by side
 * in: a view; out: rows in order. Each direction of each pair of flows is aligned by itself, for the two directions cross on the
 * wire as they like; then all are put in one order, in which both columns go down by time wherever both can.
 */
#ifndef FINRIG_DIFF_ROWS_H
#define FINRIG_DIFF_ROWS_H

#include "diff_align.h"
#include "diff_view.h"

/* struct diff_row: indices into the view's packets. bound_ns: packets further apart in time than this are not taken for one with a
 * field changed. Caller unrefs. */
GArray *diff_rows(const struct diff_view *view, const struct diff_fields *fields, gint64 bound_ns);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_facts - what two runs' sockets and counters were, and facts of any kind, held against each other
 * in: the facts of two sides; out: the arrays "states", "sockets", "counters" and "facts" of a diff's JSON, form in docs/pipeline.md.
 */
#ifndef FINRIG_DIFF_FACTS_H
#define FINRIG_DIFF_FACTS_H

#include "diff.h"

/* The two sockets' states in order, side by side: each row has a, b or both; "mark" as of packets' rows. *differ is set if a state
 * was on one side only or they were entered further apart than the bound. */
JsonArray *diff_states(const struct diff_side *a, const struct diff_side *b, double bound_s, gboolean *differ);
/* Counters with different values; a counter that did not move is absent. */
JsonArray *diff_counters(const struct diff_side *a, const struct diff_side *b);
/* The numbers of the two sockets' last samples that differ, as facts; those both kernels tell. Rates and ages are left out, times within
 * the bound are the same. */
JsonArray *diff_sockets(const struct diff_side *a, const struct diff_side *b, double bound_s);
/* All other facts with different values. Times within the bound and ratios within a twentieth are the same. */
JsonArray *diff_other_facts(const struct diff_side *a, const struct diff_side *b, double bound_s);

#endif

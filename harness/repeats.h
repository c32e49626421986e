/* SPDX-License-Identifier: GPL-2.0-or-later
 * repeats - when segments were sent and sent again, and how the distances grow
 * in: outgoing segments, each with the flow and the sequence number it begins at; out: facts <prefix>.first_s, .last_s, .gap_ratio and the
 * lists <prefix>.times_s (from the first) and .gaps_s. Of several segments the one sent most often gives them, the first of equals.
 */
#ifndef FINRIG_REPEATS_H
#define FINRIG_REPEATS_H

#include "facts.h"
#include "packet.h"

/* Zeroed memory is an empty one. */
struct repeats {
	GPtrArray *segments; /* struct segment *, in the order they were first sent; NULL: none */
};

void repeats_add(struct repeats *repeats, const struct packet *packet);
/* Flow of the segment sent most often, and when it was sent (gint64, ns); NULL for none. Owned by repeats. */
const GArray *repeats_most(const struct repeats *repeats, guint *flow);
void repeats_to_facts(const struct repeats *repeats, const char *prefix, struct facts *facts);
void repeats_clear(struct repeats *repeats);

/* The rows of a table of facts that repeats_to_facts() makes: for prefix "data", what "data segment". */
#define REPEATS_FACTS(prefix, what) \
	{ prefix ".first_s", "s", "first " what " of the one sent most often, since script time zero", "no " what " was sent" }, \
	{ prefix ".last_s", "s", "last time it was sent", "no " what " was sent" }, \
	{ prefix ".gap_ratio", "ratio", "median ratio of each gap between its sendings to the gap before it: 2 when the timer doubles", \
	  "no two gaps between sendings of one " what " were seen" }

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_facts - what a night's text, its JSON and its page tell alike: counts, kernels that moved, canaries, what was not compared
 */
#ifndef FINRIG_NIGHTLY_FACTS_H
#define FINRIG_NIGHTLY_FACTS_H

#include "nightly.h"

/* Cells of the canaries whose bug is known. */
struct nightly_canaries {
	guint all, ran, told; /* ran: not skipped; told: the bug was seen */
};

void nightly_count_events(const struct nightly *nightly, guint counts[NIGHTLY_EVENT_COUNT]);
struct nightly_canaries nightly_count_canaries(const struct nightly *nightly);
/* A cell of the kernel that shows that the kernel has another image than when the cell was last judged; NULL if none does. */
const struct nightly_cell *nightly_moved(const struct nightly *nightly, const struct nightly_kernel *kernel);
/* Did the cell run, and no trusted night before has it? */
gboolean nightly_is_uncompared(const struct nightly_cell *cell);
guint nightly_count_uncompared(const struct nightly *nightly);
/* What was not compared with the history and why, in lines; "" if all was. Caller frees. */
char *nightly_uncompared_text(const struct nightly *nightly);
/* "left out of ipv6: closing-lo names ipv4", of the first ten; NULL if nothing was. Caller frees. */
char *nightly_left_out_text(const struct nightly_part *part);
/* The command that runs this one cell again, or NULL (rerun.h). Caller frees. */
char *nightly_again(const struct nightly *nightly, const struct nightly_cell *cell);

#endif

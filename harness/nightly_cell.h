/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_cell - cells of a night's run, read from their folders, with the digests that tell inputs and bytes apart
 * in: the run of a part; out: struct nightly_cell for each cell, with neither history nor event.
 */
#ifndef FINRIG_NIGHTLY_CELL_H
#define FINRIG_NIGHTLY_CELL_H

#include "nightly.h"

/* What of a cell's inputs is the rig itself: SHA-256 of finrig, its agent and what QEMU is preloaded with. Caller frees. */
char *nightly_rig(const struct workspace *workspace);
/* Adds the cells of a part to nightly->cells. rig: by nightly_rig(). FINRIG_ERROR_BROKEN. */
gboolean nightly_cells_add(struct nightly *nightly, const struct nightly_part *part, const char *rig, GError **error);
void nightly_cell_free(struct nightly_cell *cell);

#endif

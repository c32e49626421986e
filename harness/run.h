/* SPDX-License-Identifier: GPL-2.0-or-later
 * run - many cells: kernels x cases, as many at a time as the machine has cores
 * in: kernels and cases; out: results/<run>/ with a folder for each cell, diffs and reports.
 */
#ifndef FINRIG_RUN_H
#define FINRIG_RUN_H

#include "share.h"

struct run_options {
	GPtrArray *kernels;        /* struct kernel * */
	GPtrArray *cases;          /* struct test_case * */
	const char *directory;     /* the run's folder; made if absent */
	guint repeat;              /* each cell is run so often, the second time on in folders of repeat_directory(); 0 is 1 */
	struct cell_options cell;
	const struct share *share; /* NULL: all of the run; else a part of it for run_share() */
};

/* results/2026-01-31T12-00-00, or -2, -3 ... if that second has a run already. Caller frees. */
char *run_name_directory(void);
/* Makes it; results/latest points to it. Caller frees. */
char *run_new_directory(void);
/* Runs all cells, then diffs neighbouring kernels of each case, then writes the reports. A kernel that cannot be had or built
 * costs its own cells only. FALSE: FINRIG_ERROR_CANCELLED (finished cells and a report of them are there) or FINRIG_ERROR_BROKEN. */
gboolean run_all(const struct run_options *options, const struct workspace *workspace, GCancellable *cancellable, GError **error);
/* Runs the cells of a share that the run's folder has not, and writes no reports; SHARE_IMAGES or SHARE_CELLS (share.h).
 * *ready: no kernel that was needed failed to be had or built. FALSE as run_all(). */
gboolean run_share(const struct run_options *options, const struct workspace *workspace, GCancellable *cancellable, gboolean *ready, GError **error);

#endif

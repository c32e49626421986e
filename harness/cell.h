/* SPDX-License-Identifier: GPL-2.0-or-later
 * cell - one kernel x one case, through the stages vm to verdict
 * in: an image, its initramfs and a case; out: a folder with 0-cell.json, 0-case.pkt, 0-job.txt and all later artefacts.
 */
#ifndef FINRIG_CELL_H
#define FINRIG_CELL_H

#include "case.h"
#include "cell_cache.h"
#include "image.h"
#include "job.h"
#include "kernel.h"
#include "source_checkout.h"
#include "vm.h"

/* What is the same for all cells of a run. */
struct cell_options {
	struct vm_machine machine;
	gboolean shift_given; /* the user's: machine.shift counts for every kernel, whatever its file says */
	struct job_options job;
	gint64 wall_limit_us;
	struct snapshots *snapshots; /* NULL: every guest boots */
	struct cell_cache *cache;    /* NULL: every guest runs, and nothing is kept */
	char **probes;               /* functions to be probed, NULL-terminated; or NULL */
};

struct cell {
	const struct kernel *kernel;
	const struct test_case *test_case;
	const struct probe_plan *probes; /* the options' probes in this kernel; NULL: none; not owned */
	const struct source_checkout *checkout; /* of a kernel from git, or NULL; not owned */
	char *directory; /* results/<run>/<kernel>/<case> */
	char *label;     /* "kernel/case", for progress */
};

/* The machine that a kernel gets: a kernel file may have a shift of its own. */
struct vm_machine cell_machine(const struct cell_options *options, const struct kernel *kernel);
struct cell *cell_new(const char *run_directory, const struct kernel *kernel, const struct test_case *test_case);
/* Runs the cell and judges it; a probed guest is run whatever the cache holds. FALSE: FINRIG_ERROR_CANCELLED (nothing is left),
 * FINRIG_ERROR_BROKEN, FINRIG_ERROR_UNAVAILABLE (a need is absent); the caller records the last two with cell_close(). */
gboolean cell_run(const struct cell *cell, const struct image *image, const struct initramfs *initramfs, const struct workspace *workspace,
		  const struct cell_options *options, GCancellable *cancellable, GError **error);
/* Leaves a verdict SKIP or BROKEN for a cell that could not run, by the error's code. image may be NULL. */
gboolean cell_close(const struct cell *cell, const struct image *image, const GError *why, GError **error);
/* Takes away what an earlier run left of the cell in the same folder; its verdict is gone already (run_folder.h). */
void cell_clear(const struct cell *cell);
void cell_free(struct cell *cell);

#endif

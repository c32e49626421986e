/* SPDX-License-Identifier: GPL-2.0-or-later
 * backport_part - what the steps of a backport share
 * Used by backport*.c alone.
 */
#ifndef FINRIG_BACKPORT_PART_H
#define FINRIG_BACKPORT_PART_H

#include "backport.h"
#include "hunk.h"

struct backporting {
	const struct backport_request *request;
	const struct workspace *workspace;
	GCancellable *cancellable;
	struct backport *backport;
	struct kernel *patched;
	GPtrArray *left_out; /* char *: files that the patch is for and that no module is made from, but for documentation */
	GPtrArray *parts; /* struct hunk *, one for each of backport->hunks; NULL of a .sed file until it was applied */
	char *path;       /* of what is applied: a patch in the run's folder, or the .sed file itself */
};

/* Reads request->patch as people send it, into parts, path, the backport's hunks, and notes of what was left out or read in another way.
 * FINRIG_ERROR_USAGE: no patch, of a kind that is not taken, or for code that the base has ready; errors of source_find(). */
gboolean backport_take_patch(struct backporting *at, GError **error);
/* The base with a patch on top of its own. Caller frees. */
struct kernel *backport_kernel(const struct backporting *at, const char *name, const char *patch);
/* Runs cells and reads what came of them. */
struct run_summary *backport_run_cells(const struct backporting *at, GPtrArray *kernels, GPtrArray *cases, const char *directory, GError **error);
/* Is every hunk needed? Each is left out by itself; of a patch that is VERIFIED, those that are not needed are then left out together, as
 * many as may be. Fills in the backport's hunks. */
gboolean backport_try_hunks(struct backporting *at, GError **error);

#endif

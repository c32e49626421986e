/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_target - what `finrig diff A B` was given: files, cells, kernels of a run, or runs
 * in: a word of the command line; out: the captures and cells it stands for.
 */
#ifndef FINRIG_DIFF_TARGET_H
#define FINRIG_DIFF_TARGET_H

#include <glib.h>

struct diff_target {
	char *name;         /* as it was given */
	gboolean single;    /* one cell or file; else all cells below a folder */
	GPtrArray *keys;    /* char *, sorted: what tells a cell from the others there: "case" or "kernel/case"; "" for a single one */
	GPtrArray *paths;   /* char *, beside each key */
};

/* word: a capture file, a cell's, kernel's or run's folder; or the name of a kernel or KERNEL/CASE in run_dir.
 * FINRIG_ERROR_USAGE says what there is. */
struct diff_target *diff_target_find(const char *word, const char *run_dir, GError **error);
/* NULL if that key is not there. */
const char *diff_target_path(const struct diff_target *target, const char *key);
void diff_target_free(struct diff_target *target);

typedef struct diff_target diff_target_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(diff_target_t, diff_target_free)

#endif

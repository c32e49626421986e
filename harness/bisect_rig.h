/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_rig - the judge of a bisection: builds a point's kernel, boots it, runs the case
 * in: a point; out: its step, and the cell's folder below the bisection's.
 *
 * Skipped, with the reason: what does not build, what a patch of the base does not apply to, a kernel that does not come up, a case
 * whose needs it lacks. A kernel whose bzImage and modules are those of an earlier step is not booted again.
 */
#ifndef FINRIG_BISECT_RIG_H
#define FINRIG_BISECT_RIG_H

#include "bisect.h"
#include "cell.h"

struct rig {
	const struct workspace *workspace;
	const char *directory;             /* the bisection's */
	const struct kernel *base;         /* of commits: what the kernel is but for its source, or NULL; of a series: what it stands on */
	GPtrArray *kernels;                /* struct kernel *, of a list of kernels; else NULL */
	GPtrArray *patches;                /* char *: absolute paths, of a series; else NULL */
	const struct test_case *test_case;
	struct cell_options cell;
	GCancellable *cancellable;
};

/* git's pathspecs of what a packaged kernel with swapped modules is built from: their files, and the headers beside. NULL: a whole tree.
 * Free with g_strfreev(). */
char **rig_compiled(const struct kernel *base);
/* FINRIG_ERROR_USAGE: the base has nothing in it that a repository's commits could change. */
gboolean rig_check_base(const struct kernel *base, GError **error);
/* The kernel of a point, under the point's name. */
struct kernel *rig_kernel(const struct rig *rig, const struct history *history, const struct point *point, GError **error);
/* For struct judge; user is the rig. */
gboolean rig_judge(gpointer user, const struct history *history, const struct point *point, const GPtrArray *steps, struct step *step,
		   GError **error);
/* Judges a kernel: the step is filled in from outcome to cell. */
gboolean rig_judge_kernel(const struct rig *rig, const struct kernel *kernel, const GPtrArray *steps, struct step *step, GError **error);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_plan - what a bisection is about: from what the user says to a history and somebody to judge its points
 * in: the command line's words; out: 0-bisect.json in the bisection's folder, by which a folder is known again.
 */
#ifndef FINRIG_BISECT_PLAN_H
#define FINRIG_BISECT_PLAN_H

#include "bisect_rig.h"
#include "bisect_window.h"

struct plan_request {
	const char *over;       /* "commits", "kernels", "patches" */
	const char *repository; /* of commits */
	const char *old, *new;  /* refs; names of a list. NULL: by window, or the list's first and last */
	const char *base;       /* a kernel's name or spec, or NULL */
	gboolean first_parent;  /* of commits, and so is skip: see struct scope */
	char **skip;
	char **items;           /* of commits, pathspecs; kernels; a series or its patches */
	int window;             /* from 1; 0 for none */
	const char *results;    /* the bisection's folder, or NULL: results/bisect-CASE-<digest of all that it is about> */
	const struct test_case *test_case;
};

struct plan {
	char *directory;
	struct history *history;
	struct kernel *base;
	GPtrArray *kernels;     /* struct kernel * */
	GPtrArray *patches;     /* char * */
	GPtrArray *matrix;      /* struct expectation * */
	GPtrArray *windows;     /* struct window *: the changes that are known between the ends */
	int lock;               /* of the folder */
};

/* FINRIG_ERROR_USAGE: what is said does not make a bisection; the folder is another bisection's. */
struct plan *plan_new(const struct plan_request *request, const struct workspace *workspace, GCancellable *cancellable, GError **error);
/* The parts of the plan that the judge needs. */
void plan_fill_rig(const struct plan *plan, struct rig *rig);
/* Removes the history. */
void plan_free(struct plan *plan);

typedef struct plan plan_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(plan_t, plan_free)

#endif

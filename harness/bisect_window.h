/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_window - where a case's verdict is known to change, so that a bisection with several changes in it is warned of
 * in: what kernel files expect of the case, from release to release; out: the windows, in each of which it changes once.
 * A bisection of a history with several changes finds one of them, and nothing says which: hence one window at a time.
 */
#ifndef FINRIG_BISECT_WINDOW_H
#define FINRIG_BISECT_WINDOW_H

#include "kernel.h"

/* A release and what is expected of it. */
struct expectation {
	char *name;    /* of a release: "3.16"; of a list's kernel: its name */
	char *expect;  /* "buggy", "fixed" */
};

/* Between two neighbours of the matrix that differ. */
struct window {
	const struct expectation *old, *new;
};

/* What kernels/ expects of upstream releases (struct expectation *, by version): tarballs without patches. NULL: FINRIG_ERROR_USAGE. */
GPtrArray *matrix_of_releases(const struct workspace *workspace, const char *case_name, GError **error);
/* The same of kernels (struct kernel *), in their order; those that expect nothing are left out. */
GPtrArray *matrix_of_kernels(const GPtrArray *kernels, const char *case_name);
/* The changes (struct window *) between two releases, both included; NULL for either: no bound there. The matrix must outlive them.
 * Of a matrix of kernels low and high are NULL. */
GPtrArray *windows_between(const GPtrArray *matrix, const char *low, const char *high);
/* A line for each: "--window 1  2.6.33.2 buggy .. 2.6.33.3 fixed". */
char *windows_text(const GPtrArray *windows);
/* The release that a kernel's top Makefile tells: "2.6.33.3", "3.16", "6.1.192"; NULL: it tells none. */
char *release_of_makefile(const char *makefile);

#endif

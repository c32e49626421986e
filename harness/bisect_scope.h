/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_scope - which commits between the ends git bisect may ask for, as the user of git bisect is used to say it
 */
#ifndef FINRIG_BISECT_SCOPE_H
#define FINRIG_BISECT_SCOPE_H

#include <glib.h>

struct history;

/* As said on the command line; all zero: every commit. */
struct scope {
	gboolean first_parent; /* git bisect start --first-parent: of a merge, not what was merged */
	char *const *paths;    /* git's pathspecs, from the top of the tree: commits that change these; NULL: all */
	char *const *skip;     /* git bisect skip: REF, or REF..REF */
};

/* Narrows a history of commits that has its ends. FINRIG_ERROR_USAGE: no commit between the ends changes any of the paths, no such
 * ref, an end is to be skipped. */
gboolean history_narrow(struct history *history, const struct scope *scope, GError **error);
/* Did the user say that this commit is not to be judged? */
gboolean history_skips(const struct history *history, const char *id);
/* A line for each part of the scope, what one bisection's digest has and another's has not; empty for every commit. Skipped ones are not in
 * it: what is skipped changes which commits are asked for, as in git bisect at any time, and not what is sought. */
void scope_append(const struct scope *scope, GString *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect - the search for the commit (kernel, patch) where a case's verdict changes
 * in: a history with two ends, and somebody who judges a point of it; out: what git bisect finds, with the verdicts on both sides.
 *
 * Which point is next is git bisect's decision; what came of each is a file in steps/. Nothing else is kept: a bisection that was
 * killed is begun again, meets its own steps, and is at once where it was. Only whole judgements are steps.
 *
 *   a point of the history → its step is there?  yes → old, new or skip
 *                                                no  → judge it, write the step → old, new or skip
 */
#ifndef FINRIG_BISECT_H
#define FINRIG_BISECT_H

#include "bisect_history.h"
#include "bisect_step.h"
#include "workspace.h"

/* What is to be judged. */
struct point {
	const struct history_commit *commit;
	const char *name;       /* for people, the cell's folder and the kernel's name */
	const char *patch;      /* one more patch on top (absolute path), or NULL */
	const char *without;    /* id of a patch of the series to be left out, or NULL */
};

/* Who judges. */
struct judge {
	gpointer user;
	/* Fills in the step from outcome to cell; outcome NULL with a reason: to be skipped. steps: those before.
	 * FALSE ends the search, to be resumed: FINRIG_ERROR_CANCELLED, or FINRIG_ERROR_BROKEN when the rig failed and not the kernel. */
	gboolean (*run)(gpointer user, const struct history *history, const struct point *point, const GPtrArray *steps, struct step *step,
			GError **error);
};

struct bisect {
	const char *directory;             /* of the bisection; made if absent */
	const struct workspace *workspace; /* for progress */
	struct history *history;
	struct judge judge;
	GPtrArray *steps;                  /* struct step *; of steps_read() */
	gboolean series;                   /* the history is a list of patches, not of kernels */
	char **compiled;                   /* git's pathspecs of all that the kernel is built from; NULL: the whole tree */
};

enum bisect_check { CHECK_NONE, CHECK_CONFIRMED, CHECK_NOT_CONFIRMED, CHECK_DOES_NOT_APPLY, CHECK_COUNT };

/* Steps are the bisection's own. */
struct bisect_result {
	const struct step *old_end, *new_end;
	gboolean found;               /* FALSE: all that is left was skipped, or is outside */
	GPtrArray *candidates;        /* struct history_commit *: the one found, or all it may be, old to new */
	const struct step *before, *after; /* of the one found: its parent's and its own */
	char *outside;                /* a sentence: the paths leave out what is sought. Then nothing is found, and there are no candidates */
	char *outside_old, *outside_new; /* between which it is */
	enum bisect_check check;
	const struct step *checked;   /* NULL when there is none */
	char *check_text;             /* a sentence */
	char *log;                    /* git bisect's */
};

/* A commit's step. NULL: see struct judge. */
const struct step *bisect_judge_commit(struct bisect *bisect, const char *id, GError **error);
/* A point's step, from its file or judged now. NULL: see struct judge. */
const struct step *bisect_judge(struct bisect *bisect, const struct point *point, const char *id, GError **error);
/* FINRIG_ERROR_USAGE: an end cannot be judged, or both have the same verdict. Else as struct judge. */
gboolean bisect_run(struct bisect *bisect, struct bisect_result *result, GError **error);
/* Is it the one? Reverted at the new end, else applied at the old end, it must change the verdict; of a series, the whole without it. */
gboolean bisect_run_check(struct bisect *bisect, struct bisect_result *result, GError **error);
void bisect_result_clear(struct bisect_result *result);
/* 12 digits of a commit's id; of a list, the name. */
char *bisect_name(const struct history *history, const struct history_commit *commit);

#endif

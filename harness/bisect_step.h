/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_step - what came of one point of a bisection; kept in a file each, so that a bisection that was killed knows it
 * in: a judgement; out: steps/NNN-NAME.json below the bisection's folder, written whole or not at all.
 */
#ifndef FINRIG_BISECT_STEP_H
#define FINRIG_BISECT_STEP_H

#include <glib.h>

struct step {
	guint number;     /* from 1, in the order of judging */
	char *id;         /* what was judged: a commit's id, of a check also what was done to it */
	char *name;       /* for people and for the folder of its cell */
	char *subject;    /* a commit's; may be NULL */
	char *outcome;    /* FIXED, BUGGY, ...; NULL: it cannot be judged, skip it */
	char *reason;     /* the verdict's cause, or why it is skipped */
	char *image;      /* key; NULL when there was none */
	char *content;    /* SHA-256 of what is booted; NULL when there was none */
	char *same_as;    /* name of the step that booted the same content, so that this one did not boot; else NULL */
	char *cell;       /* its cell's folder below the bisection's; NULL when none was run */
	double seconds;   /* wall clock that it took */
};

void step_free(struct step *step);
/* All steps of a bisection's folder (struct step *) by number; none when there are none yet. FINRIG_ERROR_BROKEN: one cannot be read. */
GPtrArray *steps_read(const char *directory, GError **error);
gboolean step_write(const struct step *step, const char *directory, GError **error);
/* The step of that id, or NULL. */
struct step *steps_find(const GPtrArray *steps, const char *id);
/* A judged step that booted the same, or NULL. */
struct step *steps_find_content(const GPtrArray *steps, const char *content);
/* "FIXED", or "skipped". */
const char *step_outcome(const struct step *step);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_judge - what a cell's outcome is against its expectation and its history
 * in: the cell, and what it was when it was last judged; out: one of thirteen events. The first that fits:
 *
 *   BROKEN          the rig failed in this cell
 *   CANARY          a mutant whose bug is known to be there did not show it: the rig is broken, believe nothing of this night
 *   NONDETERMINISM  all inputs are those of an earlier cell, and the bytes are not
 *   LOST, SKIPPED   the cell could not run; it could before, or never could
 *   CRASH           the guest died, which it did not before
 *   UNEXPECTED      not as expected, and there is no history
 *   FAILING         not as expected, as before
 *   REGRESSION      not as expected, and was
 *   FIXED           as expected, and was not
 *   FIRST           FIXED or BUGGY, and nothing to hold it against: no expectation and no history
 *   SAME            FIXED or BUGGY without an expectation, as before
 *   EXPECTED        as expected
 *
 * Of a kernel that expects nothing, BUGGY after FIXED is a regression, and FIXED after BUGGY is a fix. An expectation that was changed makes no regression of an outcome that was not.
 */
#ifndef FINRIG_NIGHTLY_JUDGE_H
#define FINRIG_NIGHTLY_JUDGE_H

#include "past.h"

/* In the order in which people want to read of them; from NIGHTLY_SAME on only their number. */
enum nightly_event {
	NIGHTLY_CANARY, NIGHTLY_NONDETERMINISM, NIGHTLY_BROKEN, NIGHTLY_REGRESSION, NIGHTLY_CRASH, NIGHTLY_UNEXPECTED, NIGHTLY_FAILING,
	NIGHTLY_LOST, NIGHTLY_FIXED, NIGHTLY_FIRST, NIGHTLY_SKIPPED, NIGHTLY_SAME, NIGHTLY_EXPECTED, NIGHTLY_EVENT_COUNT
};

/* last: the cell when it was last judged in a night that is trusted, or NULL. canary: its kernel is one. other_bytes: the same
 * inputs gave other bytes at another time. */
enum nightly_event nightly_judge(const struct past_cell *cell, const struct past_cell *last, gboolean canary, gboolean other_bytes);

/* "regression": as in the history. */
const char *nightly_event_word(enum nightly_event event);
/* The same for people: "lost" in a subject line, "ran before, cannot run any more" as a heading. */
const char *nightly_event_brief(enum nightly_event event, guint count);
const char *nightly_event_title(enum nightly_event event);
/* The exit code of a night in which it happened. */
int nightly_event_exit_code(enum nightly_event event);
/* Is something wrong with the kernel from this night on? Of a word that is none: no. */
gboolean nightly_event_is_bad(const char *word);
/* What differs in the inputs of two cells: "kernel 1b2c3d4e5f60 -> …, rig, case"; NULL if nothing does. Caller frees. */
char *nightly_changes(const struct past_cell *from, const struct past_cell *to);

#endif

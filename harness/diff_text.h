/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_text - a diff's JSON for a person, as a chart of two columns
 * in: the object diff_compare() makes, or one read back; out: text. What is absent from the object is left out.
 *
 * Left of each packet is its time; --> is what the kernel under test sent, <-- what it was sent. The first letter of a line is a mark:
 * blank the same, | a field differs, ~ only the time, < only a has it, > only b. Where two columns do not fit side by side, they
 * share one.
 */
#ifndef FINRIG_DIFF_TEXT_H
#define FINRIG_DIFF_TEXT_H

#include <json-glib/json-glib.h>

struct diff_text_options {
	guint width;    /* letters in a line */
	guint context;  /* packets that are the same shown around those that are not; more are folded. G_MAXUINT: all */
};

/* Caller frees. */
char *diff_text(JsonObject *diff, const struct diff_text_options *options);

#endif

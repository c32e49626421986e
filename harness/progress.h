/* SPDX-License-Identifier: GPL-2.0-or-later
 * progress - what a run is doing now, on stderr
 * On a terminal one line for each subject at work, drawn over itself; otherwise a plain line when a stage or a step of it begins.
 */
#ifndef FINRIG_PROGRESS_H
#define FINRIG_PROGRESS_H

#include <glib.h>

/* Fits workspace->progress; from any thread. A stage of NULL says that the subject is done; with stage "note" the text stays. */
void progress_show(gpointer user, const char *stage, const char *subject, const char *text);
/* Takes the drawn lines away, so that a result can be printed below. */
void progress_clear(void);

#endif

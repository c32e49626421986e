/* SPDX-License-Identifier: GPL-2.0-or-later
 * rerun - the command that runs one cell of a run again
 * in: 0-cell.json, 0-case.pkt, 0-job.txt and, for what was probed, 2-events.jsonl: what the cell was given, whichever command gave it.
 */
#ifndef FINRIG_RERUN_H
#define FINRIG_RERUN_H

#include <glib.h>

/* One line for a shell, from where the run was started. NULL when the folder does not tell, or no command line can name the kernel
 * (a backport's, a bisection's). Caller frees. */
char *rerun_command(const char *cell_dir);
/* Appends a word to a command for a shell, quoted where it has to be. */
void rerun_add_word(GString *line, const char *word);

#endif

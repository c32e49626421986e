/* SPDX-License-Identifier: GPL-2.0-or-later
 * code_process - one python3 that runs the program of code_program.c, with a deadline and bounds
 * in: JSON for its standard input; out: the lines it answered, and how it ended. It has a process group of its own, which is gone
 * when code_process_run() returns, and dies with the thread that waits for it.
 */
#ifndef FINRIG_CODE_PROCESS_H
#define FINRIG_CODE_PROCESS_H

#include <glib.h>

/* What python runs; it answers `{"ready": …}` and then one line for each block. */
extern const char code_program[];

struct code_process {
	GString *answer;    /* every whole line, the first one ("ready") left out */
	gboolean late;      /* stopped: limit_us had passed */
	gboolean excessive; /* stopped: answered more than answer_limit_bytes */
	int status;         /* as waitpid() gives it */
};

/* limit_us counts from the moment python is ready. FINRIG_ERROR_BROKEN: no python3 in PATH, or it did not become ready. */
gboolean code_process_run(const GString *input, gint64 limit_us, gsize answer_limit_bytes, struct code_process *process, GError **error);
void code_process_clear(struct code_process *process);

#endif

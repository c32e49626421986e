/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_process - programs that the source and image stages run: git, apt, gpgv, patch, make
 * Each runs in a process group of its own, which a cancel ends as a whole; it dies with the thread that waits for it.
 */
#ifndef FINRIG_SOURCE_PROCESS_H
#define FINRIG_SOURCE_PROCESS_H

#include <gio/gio.h>

struct process {
	const char *const *argv;  /* NULL-terminated; looked up in PATH */
	const char *directory;    /* NULL: where finrig is */
	char **environment;       /* NULL: process_environment() */
	const char *log;          /* file that all output is appended to, or NULL */
	void (*line)(gpointer user, const char *line); /* called for each line as it comes, or NULL */
	gpointer line_user;
};

/* What it is run with: finrig's own environment without what would change a build (MAKEFLAGS, ARCH, CFLAGS, ...), in the C locale. */
char **process_environment(void);
/* Runs it to its end. *output (may be NULL): standard output and errors as they came, for the caller to free.
 * exit_code NULL: anything but exit code 0 is an error, with the last line it printed.
 * Errors: FINRIG_ERROR_BROKEN, FINRIG_ERROR_CANCELLED; FINRIG_ERROR_UNAVAILABLE when the program is not installed. */
gboolean process_run(const struct process *process, GCancellable *cancellable, char **output, int *exit_code, GError **error);

/* Takes the lock file at path, which is made if absent, and waits for whoever holds it. Returns a descriptor: closing it
 * lets go. -1 with FINRIG_ERROR_BROKEN or FINRIG_ERROR_CANCELLED. */
int process_lock(const char *path, GCancellable *cancellable, GError **error);

#endif

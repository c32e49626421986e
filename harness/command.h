/* SPDX-License-Identifier: GPL-2.0-or-later
 * command - one sub-command of finrig; one file harness/command_<name>.c each, found by make
 */
#ifndef FINRIG_COMMAND_H
#define FINRIG_COMMAND_H

#include <glib.h>

#include "workspace.h"

/* Exit codes of every sub-command. */
enum {
	EXIT_AS_EXPECTED = 0, /* every cell came out as its kernel expects; or the command did its work */
	EXIT_DIFFERENT = 1,   /* some did not; or the things compared differ */
	EXIT_BROKEN = 2,      /* the rig broke or was misused */
	EXIT_INTERRUPTED = 130,
};

struct command {
	const char *name;        /* must be what the file is called after command_ */
	const char *arguments;   /* for the usage line */
	const char *summary;     /* one line for the list of commands */
	const char *description; /* the rest of --help */
	/* argv[0] is the sub-command's name. Returns an exit code. */
	int (*run)(const struct command *self, struct workspace *workspace, int argc, char **argv);
	/* Instead of run: a stage, to be run on each cell's folder that is named. */
	gboolean (*stage)(const char *folder, GError **error);
};

extern const struct command *const commands[]; /* NULL at the end; generated */

/* Parses options; entries end with a NULL entry and may be NULL. After it argv holds the other arguments, NULL-terminated, from 1.
 * FALSE with FINRIG_ERROR_USAGE. --help prints and leaves. */
gboolean command_parse(const struct command *command, const GOptionEntry *entries, int *argc, char ***argv, GError **error);
/* Prints "finrig: message" on stderr; returns the exit code for it. */
int command_fail(const GError *error);
/* Parses and carries out a sub-command. Returns its exit code. */
int command_execute(const struct command *command, struct workspace *workspace, int argc, char **argv);

#endif

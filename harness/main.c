/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig - boots guest kernels, injects TCP over tun, and tells a buggy kernel from a fixed one, and why
 * in: the command line; out: an exit code. The sub-commands are harness/command_<name>.c.
 */
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "progress.h"

static void usage(FILE *to)
{
	fputs("Usage: finrig COMMAND [OPTION…] [ARGUMENT…]\n\n", to);
	for (int i = 0; commands[i]; i++)
		fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`finrig COMMAND --help` tells about one. Exit codes: 0 as expected, 1 not as expected, 2 the rig broke or was misused.\n", to);
}

static const struct command *find_command(const char *name)
{
	for (int i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	g_autoptr(workspace_t) workspace = NULL;
	g_autoptr(GError) error = NULL;
	const struct command *command;

	setlocale(LC_CTYPE, "");
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		usage(stdout);
		return EXIT_AS_EXPECTED;
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("finrig " FINRIG_VERSION);
		return EXIT_AS_EXPECTED;
	}
	command = argc > 1 ? find_command(argv[1]) : NULL;
	if (!command) {
		if (argc > 1)
			fprintf(stderr, "finrig: %s: no such command\n", argv[1]);
		usage(stderr);
		return EXIT_BROKEN;
	}
	workspace = workspace_new(argv[0], &error);
	if (!workspace)
		return command_fail(error);
	workspace->progress = progress_show;
	return command_execute(command, workspace, argc - 1, argv + 1);
}

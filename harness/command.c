/* SPDX-License-Identifier: GPL-2.0-or-later
 * command - what all sub-commands share
 */
#include "command.h"

#include <stdio.h>

#include "error.h"
#include "progress.h"

gboolean command_parse(const struct command *command, const GOptionEntry *entries, int *argc, char ***argv, GError **error)
{
	GOptionContext *context = g_option_context_new(command->arguments);
	g_autofree char *program = g_strconcat("finrig ", command->name, NULL);
	g_autoptr(GError) why = NULL;
	gboolean ok;

	g_set_prgname(program);
	g_option_context_set_summary(context, command->summary);
	g_option_context_set_description(context, command->description);
	if (entries)
		g_option_context_add_main_entries(context, entries, NULL);
	ok = g_option_context_parse(context, argc, argv, &why);
	g_option_context_free(context);
	if (!ok)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s (see %s --help)", why->message, program);
	return ok;
}

int command_fail(const GError *error)
{
	progress_clear();
	fprintf(stderr, "finrig: %s\n", error->message);
	return g_error_matches(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED) ? EXIT_INTERRUPTED : EXIT_BROKEN;
}

static int each_folder(const struct command *command, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (!command_parse(command, NULL, &argc, &argv, &error))
		return command_fail(error);
	if (argc < 2)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected a folder (see finrig %s --help)", command->name);
	for (int i = 1; i < argc && !error; i++)
		if (!command->stage(argv[i], &error))
			g_prefix_error(&error, "%s: ", argv[i]);
	return error ? command_fail(error) : EXIT_AS_EXPECTED;
}

int command_execute(const struct command *command, struct workspace *workspace, int argc, char **argv)
{
	return command->stage ? each_folder(command, argc, argv) : command->run(command, workspace, argc, argv);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig report - a run's folder as something to read, again
 */
#include <stdio.h>

#include "command.h"
#include "diff.h"
#include "error.h"
#include "run_folder.h"

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	g_autofree char *format = NULL;
	const GOptionEntry entries[] = {
		{ "format", 0, 0, G_OPTION_ARG_STRING, &format, "What to print: terminal (default), summary, ktap, junit, kcidb, html", "FORMAT" },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	int exit_code = EXIT_BROKEN;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	if (argc != 2)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected a run's folder, such as results/latest");
	else if (report_check_format(format, &error) && diff_stage(argv[1], &error) && report_stage(argv[1], &error) &&
		 report_print(argv[1], format ? format : "terminal", stdout, &exit_code, &error))
		run_folder_tell_strangers(argv[1], workspace, &error);
	return error ? command_fail(error) : exit_code;
}

const struct command command_report = {
	.name = "report", .arguments = "RUN", .run = run,
	.summary = "diffs and reports of a run again",
	.description = "Writes diff/ and report.* anew from the cells' folders and prints one of them; exit code as finrig run.",
};

/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig run - runs cases on kernels and tells the buggy from the fixed
 */
#include <stdio.h>

#include "command.h"
#include "interrupt.h"
#include "merge.h"
#include "probe_check.h"
#include "progress.h"
#include "repeat.h"
#include "report.h"
#include "run_arguments.h"

/* Cells that repeat are no reason for a better exit code, ones that do not are for a worse. KTAP takes lines behind a #. */
static gboolean print_repeats(const struct run_options *options, const char *format, int *exit_code, GError **error)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	gboolean same;

	if (options->repeat < 2)
		return TRUE;
	if (!repeat_compare(options->directory, options->kernels, options->cases, options->repeat, &same, &text, error))
		return FALSE;
	lines = g_strsplit(g_strchomp(text), "\n", -1);
	for (guint i = 0; lines[i]; i++)
		printf("%s%s\n", g_strcmp0(format, "ktap") == 0 ? "# " : "", lines[i]);
	if (!same && *exit_code == EXIT_AS_EXPECTED)
		*exit_code = EXIT_DIFFERENT;
	return TRUE;
}

/* What is wrong with the command line leaves no folder: *directory stays NULL. */
static gboolean check_and_run(struct run_options *options, struct workspace *workspace, const char *results, char **directory, GError **error)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct interrupt *interrupt = interrupt_start(cancellable);
	gboolean ok = !options->cell.probes || probe_check(options->kernels, &options->cell, workspace, cancellable, error);

	if (ok) {
		options->directory = *directory = results ? g_strdup(results) : run_new_directory();
		ok = run_all(options, workspace, cancellable, error);
	}
	interrupt_stop(interrupt);
	progress_clear();
	return ok;
}

static gboolean print_run(const struct run_options *options, const char *format, int *exit_code, GError **error)
{
	progress_clear();
	return report_print(options->directory, format ? format : report_usual_format(options->cases->len), stdout, exit_code, error);
}

static int run_and_print(struct run_options *options, struct workspace *workspace, const char *results, const char *format)
{
	g_autoptr(GError) error = NULL, unprinted = NULL;
	g_autofree char *directory = NULL;
	int exit_code = EXIT_AS_EXPECTED;
	gboolean ok = check_and_run(options, workspace, results, &directory, &error);

	if (!directory)
		return command_fail(error);
	if (!print_run(options, format, &exit_code, &unprinted) && ok)
		return command_fail(unprinted);
	if (ok)
		ok = print_repeats(options, format, &exit_code, &error);
	return ok ? exit_code : command_fail(error);
}

/* A part prints nothing, and its exit code says nothing of verdicts: merge's does. */
static int run_share_only(struct run_options *options, struct workspace *workspace, const char *results)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct interrupt *interrupt = interrupt_start(cancellable);
	g_autoptr(GError) error = NULL;
	gboolean ready, ok;

	options->directory = results;
	ok = run_share(options, workspace, cancellable, &ready, &error);
	interrupt_stop(interrupt);
	progress_clear();
	if (!ok)
		return command_fail(error);
	return ready || options->share->kind != SHARE_IMAGES ? EXIT_AS_EXPECTED : EXIT_DIFFERENT;
}

static int merge_and_print(struct run_options *options, struct workspace *workspace, const char *results, const char *format)
{
	g_autoptr(GError) error = NULL;
	int exit_code;

	options->directory = results;
	if (!merge_parts(options, workspace, &error) || !print_run(options, format, &exit_code, &error))
		return command_fail(error);
	return exit_code;
}

static int run_request(struct run_request *request, struct workspace *workspace, const struct run_arguments *arguments)
{
	struct run_options *options = &request->options;
	const char *format = run_arguments_format(arguments);

	if (!options->share)
		return run_and_print(options, workspace, arguments->results, format);
	return options->share->kind == SHARE_MERGE ? merge_and_print(options, workspace, arguments->results, format) :
	       run_share_only(options, workspace, arguments->results);
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	struct run_arguments arguments = RUN_ARGUMENTS_DEFAULT;
	g_autofree GOptionEntry *entries = run_arguments_entries(&arguments);
	struct run_request request = { NULL };
	g_autoptr(GError) error = NULL;
	int exit_code = EXIT_BROKEN;

	if (command_parse(self, entries, &argc, &argv, &error)) {
		arguments.positional = argv + 1;
		if (run_request_read(&request, &arguments, workspace, &error))
			exit_code = run_request(&request, workspace, &arguments);
		run_request_clear(&request);
	}
	run_arguments_clear(&arguments);
	return error ? command_fail(error) : exit_code;
}

const struct command command_run = {
	.name = "run", .arguments = "--kernel KERNEL… CASE…", .run = run,
	.summary = "run cases on kernels and tell the buggy from the fixed",
	.description = "CASE is a name (see finrig cases) or a path ending in .pkt. KERNEL is a name (see finrig kernels) or one of\n"
		       "tarball:FILE  git:REPOSITORY@REF  tree:FOLDER  deb:PACKAGE  image:BZIMAGE, with ,key=value of a kernel file.",
};

/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig mutants - kernels that are wrong on purpose: does a case tell each of them?
 */
#include <stdio.h>

#include "artefact.h"
#include "case_list.h"
#include "command.h"
#include "error.h"
#include "interrupt.h"
#include "mutant.h"
#include "progress.h"
#include "run_arguments.h"

/* The command line as given. */
struct arguments {
	struct run_arguments run; /* results, jobs, timeout, positional */
	char *twin, *read;
};

/* Of a run's folder, finished just now or long ago. */
static int print_table(const char *directory, GError **error)
{
	g_autoptr(run_summary_t) run = report_read(directory, error);
	g_autoptr(kill_table_t) table = run ? kill_table_new(run, error) : NULL;
	g_autofree char *text = table ? kill_table_text(table) : NULL;

	if (!table)
		return EXIT_BROKEN;
	progress_clear();
	fputs(text, stdout);
	return kill_table_exit_code(table);
}

static GPtrArray *read_cases(const struct workspace *workspace, char **names, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	const struct case_variants as_they_say = { NULL };
	gboolean ok = TRUE;

	for (guint i = 0; ok && names[i]; i++)
		ok = case_list_add(cases, workspace, names[i], &as_they_say, error);
	if (ok && !cases->len)
		ok = case_list_add_own(cases, workspace, &as_they_say, error);
	return ok ? g_steal_pointer(&cases) : NULL;
}

static gboolean run_cells(const struct run_options *options, const struct workspace *workspace, GError **error)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct interrupt *interrupt = interrupt_start(cancellable);
	gboolean done;

	done = run_all(options, workspace, cancellable, error);
	interrupt_stop(interrupt);
	return done;
}

static int run_mutants(struct workspace *workspace, const struct arguments *arguments, GError **error)
{
	struct run_options options = { .cell = { .machine = VM_MACHINE_DEFAULT } };
	g_autoptr(GPtrArray) kernels = mutants_of(workspace, arguments->twin ? arguments->twin : "source-6.1", error);
	g_autoptr(GPtrArray) cases = kernels ? read_cases(workspace, arguments->run.positional, error) : NULL, none = g_ptr_array_new();
	g_autofree char *directory = NULL;
	gboolean done;

	if (!cases)
		return EXIT_BROKEN;
	run_arguments_set_workspace(&arguments->run, workspace);
	directory = arguments->run.results ? g_strdup(arguments->run.results) : run_new_directory();
	options.kernels = kernels;
	options.cases = cases;
	options.directory = directory;
	options.cell.job.options = none;
	run_arguments_fill_cell(&arguments->run, workspace, FALSE, &options.cell);
	done = run_cells(&options, workspace, error);
	run_arguments_free_cell(&options.cell);
	return done ? print_table(directory, error) : EXIT_BROKEN;
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	struct arguments a = { .run = RUN_ARGUMENTS_DEFAULT };
	const GOptionEntry entries[] = {
		{ "of", 0, 0, G_OPTION_ARG_STRING, &a.twin, "The kernel whose mutants are run, and itself (default source-6.1)", "KERNEL" },
		{ "read", 0, 0, G_OPTION_ARG_FILENAME, &a.read, "Run nothing: the table of a run whose first kernel is right and whose others are mutants", "RUN" },
		run_arguments_entry(&a.run, "results", NULL),
		run_arguments_entry(&a.run, "jobs", NULL),
		run_arguments_entry(&a.run, "timeout", NULL),
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	int exit_code = EXIT_BROKEN;

	if (command_parse(self, entries, &argc, &argv, &error)) {
		a.run.positional = argv + 1;
		exit_code = a.read ? print_table(a.read, &error) : run_mutants(workspace, &a, &error);
	}
	g_free(a.twin);
	g_free(a.read);
	run_arguments_clear(&a.run);
	return error ? command_fail(error) : exit_code;
}

const struct command command_mutants = {
	.name = "mutants", .arguments = "[CASE…]", .run = run,
	.summary = "kernels that are wrong on purpose: does a case tell each of them?",
	.description = "Runs the cases (default: all of finrig's own) on a kernel and on those whose files say mutant-of, and prints the kill table:\n"
		       "each mutant, the cases that are FIXED on the right kernel and not on it, and the first reason of each.\n"
		       "Exit codes: 0 all are killed, 1 one survives or the right kernel is not FIXED, 2 a cell broke or a mutant could not be built.",
};

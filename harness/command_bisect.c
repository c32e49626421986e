/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig bisect - finds the commit, kernel or patch where a case's verdict changes
 */
#include <stdio.h>
#include <string.h>

#include "bisect_plan.h"
#include "bisect_report.h"
#include "bisect_run_step.h"
#include "case_list.h"
#include "command.h"
#include "error.h"
#include "interrupt.h"
#include "progress.h"
#include "run_arguments.h"
#include "verdict.h"

/* The command line as given. */
struct arguments {
	struct run_arguments run; /* results, jobs, timeout, tarballs */
	char *repository, *test_case, *old, *new, *base, *over, *old_is;
	char **skip;
	int window;
	gboolean first_parent, json;
};

static void arguments_clear(struct arguments *arguments)
{
	char *texts[] = {arguments->repository, arguments->test_case, arguments->old, arguments->new, arguments->base, arguments->over,
			 arguments->old_is};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	g_strfreev(arguments->skip);
	run_arguments_clear(&arguments->run);
}

static void prepare_rig(struct rig *rig, struct workspace *workspace, const struct arguments *arguments, const struct test_case *test_case)
{
	run_arguments_set_workspace(&arguments->run, workspace);
	rig->workspace = workspace;
	rig->test_case = test_case;
	run_arguments_fill_cell(&arguments->run, workspace, FALSE, &rig->cell);
}

static struct test_case *read_case(const struct workspace *workspace, const char *name, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	const struct case_variants as_it_says = { NULL };

	if (!name) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --case CASE (see finrig cases)");
		return NULL;
	}
	return case_list_add(cases, workspace, name, &as_it_says, error) ? g_ptr_array_steal_index(cases, 0) : NULL;
}

/* A bisection over several known changes finds any one of them. */
static void warn_of_windows(const struct workspace *workspace, const struct plan *plan, const struct test_case *test_case)
{
	g_autofree char *text = windows_text(plan->windows);

	if (plan->windows->len > 1)
		workspace_progress(workspace, "note", "bisect", "warning: %s is known to change %u times between the ends, and one of these will be "
				   "found; take one at a time:\n%s", test_case->base, plan->windows->len, text);
}

static void warn_of_idle_paths(const struct workspace *workspace, const struct history *history)
{
	for (guint i = 0; history->idle && i < history->idle->len; i++)
		workspace_progress(workspace, "note", "bisect", "%s: no commit between the ends changes it", (const char *)history->idle->pdata[i]);
}

static void add_windows(const struct plan *plan, GError *why)
{
	g_autofree char *text = plan->windows->len > 1 ? windows_text(plan->windows) : NULL, *before = text ? why->message : NULL;

	if (text)
		why->message = g_strdup_printf("%s; what is known to change in between:\n%s", before, text);
}

static void print_json(const char *directory)
{
	g_autofree char *path = g_build_filename(directory, "bisect.json", NULL), *json = NULL;

	if (g_file_get_contents(path, &json, NULL, NULL))
		fputs(json, stdout);
}

static gboolean search(struct bisect *bisect, struct bisect_result *result, const struct plan *plan, const struct test_case *test_case,
		       char **text, GError **error)
{
	return (bisect->steps = steps_read(bisect->directory, error)) && bisect_run(bisect, result, error) && bisect_run_check(bisect, result, error) &&
	       bisect_report(bisect, result, test_case->name, plan->windows, text, error);
}

static int bisect_and_print(const struct plan *plan, struct rig *rig, const struct arguments *arguments, GError **error)
{
	struct bisect bisect = {
		.directory = plan->directory, .workspace = rig->workspace, .history = plan->history, .judge = {rig, rig_judge},
		.series = plan->patches != NULL,
	};
	struct bisect_result result = {.found = FALSE};
	g_autofree char *text = NULL;
	gboolean ok;

	plan_fill_rig(plan, rig);
	bisect.compiled = rig_compiled(rig->base);
	warn_of_windows(rig->workspace, plan, rig->test_case);
	warn_of_idle_paths(rig->workspace, plan->history);
	ok = search(&bisect, &result, plan, rig->test_case, &text, error);
	progress_clear();
	if (ok && arguments->json)
		print_json(plan->directory);
	else if (ok)
		printf("%s\nall of it is in %s\n", text, plan->directory);
	else if (error && g_error_matches(*error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED))
		g_prefix_error(error, "the same command goes on where this one stopped (%u steps are in %s): ",
			       bisect.steps ? bisect.steps->len : 0, plan->directory);
	else if (error && g_error_matches(*error, FINRIG_ERROR, FINRIG_ERROR_USAGE))
		add_windows(plan, *error);
	bisect_result_clear(&result);
	g_clear_pointer(&bisect.steps, g_ptr_array_unref);
	g_strfreev(bisect.compiled);
	return ok && result.found ? EXIT_AS_EXPECTED : ok ? EXIT_DIFFERENT : EXIT_BROKEN;
}

static int bisect_arguments(struct workspace *workspace, const struct arguments *arguments, char **items, GError **error)
{
	g_autoptr(test_case_t) test_case = read_case(workspace, arguments->test_case, error);
	struct plan_request request = {
		.over = arguments->over ? arguments->over : "commits", .repository = arguments->repository, .old = arguments->old,
		.new = arguments->new, .base = arguments->base, .first_parent = arguments->first_parent, .skip = arguments->skip,
		.items = items, .window = arguments->window, .results = arguments->run.results,
		.test_case = test_case,
	};
	struct rig rig = {.cell = {.machine = VM_MACHINE_DEFAULT}};
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(plan_t) plan = NULL;
	struct interrupt *interrupt;
	int exit_code = EXIT_BROKEN;

	if (!test_case)
		return EXIT_BROKEN;
	rig.cancellable = cancellable;
	prepare_rig(&rig, workspace, arguments, test_case);
	interrupt = interrupt_start(cancellable);
	plan = plan_new(&request, workspace, cancellable, error);
	if (plan)
		exit_code = bisect_and_print(plan, &rig, arguments, error);
	interrupt_stop(interrupt);
	run_arguments_free_cell(&rig.cell);
	return exit_code;
}

/* The two verdicts that a run-step tells apart: the old one, and the other of the two. A case without bug lines is never BUGGY: what is not FIXED
 * on it is CHANGED. */
static const char *other_outcome(const char *old, const struct test_case *test_case)
{
	return strcmp(old, "FIXED") ? "FIXED" : test_case->bug->len ? "BUGGY" : "CHANGED";
}

static int run_step_arguments(struct workspace *workspace, const struct arguments *arguments, GError **error)
{
	g_autoptr(test_case_t) test_case = read_case(workspace, arguments->test_case, error);
	g_autoptr(kernel_t) base = test_case && arguments->base ? kernel_new(workspace, arguments->base, error) : NULL;
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autofree char *old = g_ascii_strup(arguments->old_is ? arguments->old_is : "fixed", -1), *reason = NULL;
	struct rig rig = {.cell = {.machine = VM_MACHINE_DEFAULT}};
	struct interrupt *interrupt;
	int exit_code;

	if (!test_case || (arguments->base && !base) || !rig_check_base(base, error))
		return RUN_STEP_ABORT;
	if (strcmp(old, "FIXED") && strcmp(old, "BUGGY") && strcmp(old, "CHANGED")) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --old-is fixed, buggy or changed, found '%s'", arguments->old_is);
		return RUN_STEP_ABORT;
	}
	rig.cancellable = cancellable;
	rig.base = base;
	rig.directory = arguments->run.results ? arguments->run.results : "results/bisect-run-step";
	prepare_rig(&rig, workspace, arguments, test_case);
	interrupt = interrupt_start(cancellable);
	exit_code = run_step(&rig, arguments->repository ? arguments->repository : ".", old, other_outcome(old, test_case), &reason, error);
	interrupt_stop(interrupt);
	run_arguments_free_cell(&rig.cell);
	progress_clear();
	if (reason)
		printf("finrig: %s\n", reason);
	return exit_code;
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	struct arguments a = { .run = RUN_ARGUMENTS_DEFAULT };
	const GOptionEntry entries[] = {
		{ "case", 0, 0, G_OPTION_ARG_STRING, &a.test_case, "The case whose verdict changes", "CASE" },
		{ "repo", 0, 0, G_OPTION_ARG_FILENAME, &a.repository, "The repository with the kernel's history; it is only read", "DIR" },
		{ "old", 0, 0, G_OPTION_ARG_STRING, &a.old, "The older end: a ref; of a list, a name", "REF" },
		{ "new", 0, 0, G_OPTION_ARG_STRING, &a.new, "The newer end", "REF" },
		{ "kernel", 'k', 0, G_OPTION_ARG_STRING, &a.base, "What each commit's kernel is but for its source, or what a series is for", "BASE" },
		{ "over", 0, 0, G_OPTION_ARG_STRING, &a.over, "What to search: commits (default), kernels, patches", "WHAT" },
		{ "window", 0, 0, G_OPTION_ARG_INT, &a.window, "Search the Nth of the changes that are known between the ends", "N" },
		{ "first-parent", 0, 0, G_OPTION_ARG_NONE, &a.first_parent, "Of commits: of a merge, follow the first parent alone", NULL },
		{ "skip", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.skip, "Of commits: not to be judged, a ref or REF..REF (repeatable)", "REF" },
		run_arguments_entry(&a.run, "results", "The bisection's folder (default results/bisect-…)"),
		{ "json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Print JSON", NULL },
		{ "old-is", 0, 0, G_OPTION_ARG_STRING, &a.old_is, "Of run-step: the verdict of exit code 0, fixed (default), buggy or changed", "VERDICT" },
		run_arguments_entry(&a.run, "jobs", "make's -j (default: cores)"),
		run_arguments_entry(&a.run, "timeout", NULL),
		run_arguments_entry(&a.run, "tarballs", NULL),
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	gboolean step = argc > 1 && strcmp(argv[1], "run-step") == 0;
	int exit_code = step ? RUN_STEP_ABORT : EXIT_BROKEN; /* to git bisect run, 2 would say something about the commit */

	if (command_parse(self, entries, &argc, &argv, &error)) {
		step = argc > 1 && strcmp(argv[1], "run-step") == 0;
		exit_code = step ? run_step_arguments(workspace, &a, &error) : bisect_arguments(workspace, &a, argv + 1, &error);
	}
	arguments_clear(&a);
	if (error && step)
		command_fail(error);
	return error && !step ? command_fail(error) : exit_code;
}

const struct command command_bisect = {
	.name = "bisect", .arguments = "[run-step] --case CASE …", .run = run,
	.summary = "find the commit, kernel or patch where a case's verdict changes",
	.description = "finrig bisect --repo DIR --case CASE --old REF --new REF [--kernel BASE] [-- PATH…]\n"
		       "finrig bisect --over kernels --case CASE [--old NAME] [--new NAME] [KERNEL…]\n"
		       "finrig bisect --over patches --case CASE --kernel BASE SERIES|FOLDER|PATCH…\n"
		       "git bisect run finrig bisect run-step --case CASE [--kernel BASE] [--old-is buggy]\n\n"
		       "PATH: only commits that change it are asked for, as by git bisect start -- PATH; from the top of the tree.\n"
		       "The same command again goes on where an interrupted one stopped. Exit codes: 0 found, 1 only skipped ones are left or\n"
		       "the paths leave it out,"
		       "2 refused or broken. run-step: 0 old, 1 new, 125 skip, 128 the rig broke.",
};

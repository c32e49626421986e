/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig backport - does a patch mend what it is for, is all of it needed, does it break anything else?
 */
#include <stdio.h>
#include <string.h>

#include "backport.h"
#include "case_list.h"
#include "command.h"
#include "error.h"
#include "interrupt.h"
#include "json_text.h"
#include "progress.h"
#include "run_arguments.h"

/* The command line as given. */
struct arguments {
	struct run_arguments run; /* results, tarballs, jobs, timeout */
	char *base;
	int strip;
	char **patches, **targets, **folders; /* NULL: none given */
	gboolean json;
};

static void arguments_clear(struct arguments *arguments)
{
	g_free(arguments->base);
	g_strfreev(arguments->patches);
	g_strfreev(arguments->targets);
	g_strfreev(arguments->folders);
	run_arguments_clear(&arguments->run);
}

/* Is the case among the first so many? The same script under another name, or from another folder, is not told apart from a target. */
static gboolean is_among(const GPtrArray *cases, guint count, const struct test_case *test_case)
{
	for (guint i = 0; i < count; i++) {
		const struct test_case *other = cases->pdata[i];

		if (!strcmp(other->name, test_case->name) || !strcmp(other->text, test_case->text))
			return TRUE;
	}
	return FALSE;
}

static gboolean add_folder(GPtrArray *cases, const struct workspace *workspace, const char *folder, GError **error)
{
	const struct case_variants as_they_say = { NULL };
	guint before = cases->len;

	if (!case_list_add_folder(cases, workspace, folder, &as_they_say, error))
		return FALSE;
	if (cases->len == before)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no .pkt file below it", folder);
	return cases->len > before;
}

static gboolean add_target(GPtrArray *cases, const struct workspace *workspace, const char *name, GError **error)
{
	const struct case_variants as_they_say = { NULL };

	if (!case_list_add(cases, workspace, name, &as_they_say, error))
		return FALSE;
	if (is_among(cases, cases->len - 1, cases->pdata[cases->len - 1]))
		g_ptr_array_remove_index(cases, cases->len - 1);
	return TRUE;
}

/* First those that the patch is for, then the others, each once. */
static GPtrArray *read_cases(const struct workspace *workspace, const struct arguments *arguments, guint *targets, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	const struct case_variants as_they_say = { NULL };
	gboolean ok = TRUE;

	for (guint i = 0; ok && arguments->targets && arguments->targets[i]; i++)
		ok = add_target(cases, workspace, arguments->targets[i], error);
	*targets = cases->len;
	for (guint i = 0; ok && arguments->folders && arguments->folders[i]; i++)
		ok = add_folder(cases, workspace, arguments->folders[i], error);
	if (ok && !arguments->folders)
		ok = case_list_add_own(cases, workspace, &as_they_say, error);
	for (guint i = cases->len; ok && i-- > *targets;)
		if (is_among(cases, *targets, cases->pdata[i]))
			g_ptr_array_remove_index(cases, i);
	return ok ? g_steal_pointer(&cases) : NULL;
}

static void print(const struct backport *backport, gboolean json)
{
	g_autoptr(JsonNode) root = backport_json(backport);
	g_autoptr(GString) object = g_string_new(NULL);
	g_autofree char *text = backport_text(backport);

	progress_clear();
	json_text_node(object, root, 0);
	if (json)
		puts(object->str);
	else
		fputs(text, stdout);
}

static int run_backport(const struct backport_request *request, const struct workspace *workspace, gboolean json, GError **error)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct interrupt *interrupt = interrupt_start(cancellable);
	g_autoptr(backport_t) backport = NULL;

	backport = backport_run(request, workspace, cancellable, error);
	interrupt_stop(interrupt);
	if (!backport)
		return EXIT_BROKEN;
	print(backport, json);
	return backport->verdict == BACKPORT_VERIFIED ? EXIT_AS_EXPECTED : EXIT_DIFFERENT;
}

static int verify(struct workspace *workspace, const struct arguments *arguments, GError **error)
{
	struct backport_request request = { .strip = arguments->strip, .cell = { .machine = VM_MACHINE_DEFAULT } };
	g_autoptr(kernel_t) base = NULL;
	g_autoptr(GPtrArray) cases = NULL, options = g_ptr_array_new();
	g_autofree char *directory = NULL;
	int exit_code;

	if (!arguments->base || !arguments->patches) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --base KERNEL and --patch FILE");
		return EXIT_BROKEN;
	}
	if (arguments->patches[1]) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected one --patch; a series is one file (mbox), as `cat` makes it of several mails");
		return EXIT_BROKEN;
	}
	request.patch = arguments->patches[0];
	if (arguments->strip < -1 || arguments->strip > BACKPORT_STRIP_MAX) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "--strip=%d: expected a number from 0 to %d", arguments->strip, BACKPORT_STRIP_MAX);
		return EXIT_BROKEN;
	}
	run_arguments_set_workspace(&arguments->run, workspace);
	if (!(base = kernel_new(workspace, arguments->base, error)) || !(cases = read_cases(workspace, arguments, &request.targets, error)))
		return EXIT_BROKEN;
	directory = arguments->run.results ? g_strdup(arguments->run.results) : run_new_directory();
	request.base = base;
	request.cases = cases;
	request.directory = directory;
	request.cell.job.options = options;
	run_arguments_fill_cell(&arguments->run, workspace, FALSE, &request.cell);
	exit_code = run_backport(&request, workspace, arguments->json, error);
	run_arguments_free_cell(&request.cell);
	return exit_code;
}

/* "-p0" as for patch and git apply: GLib takes an option's number only from an argument of its own or behind '='. */
static void part_levels(int argc, char **argv)
{
	static const char *const words[] = { "--strip=0", "--strip=1", "--strip=2", "--strip=3", "--strip=4" };

	for (int i = 1; i < argc; i++)
		if (g_str_has_prefix(argv[i], "-p") && argv[i][2] >= '0' && argv[i][2] <= '4' && !argv[i][3])
			argv[i] = (char *)words[argv[i][2] - '0'];
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	struct arguments a = { .run = RUN_ARGUMENTS_DEFAULT, .strip = -1 };
	const GOptionEntry entries[] = {
		{ "base", 0, 0, G_OPTION_ARG_STRING, &a.base, "The kernel without the patch, by name or as KIND:WHERE[,key=value]…", "KERNEL" },
		{ "patch", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a.patches, "A unified diff, by itself or in a mail, a series of mails in one file, or an edit in a .sed file", "FILE" },
		{ "strip", 'p', 0, G_OPTION_ARG_INT, &a.strip, "Leave out the first N folders of the patch's paths (default: 1, or what fits)", "N" },
		{ "case", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.targets, "A case that the patch is to mend (repeatable; default: any)", "CASE" },
		{ "cases", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a.folders, "Look for side effects in the .pkt files below DIR instead of all of finrig's cases (repeatable)", "DIR" },
		run_arguments_entry(&a.run, "results", NULL),
		run_arguments_entry(&a.run, "tarballs", NULL),
		run_arguments_entry(&a.run, "jobs", NULL),
		run_arguments_entry(&a.run, "timeout", NULL),
		{ "json", 0, 0, G_OPTION_ARG_NONE, &a.json, "Print JSON", NULL },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	int exit_code = EXIT_BROKEN;

	part_levels(argc, argv);
	if (command_parse(self, entries, &argc, &argv, &error)) {
		if (argc > 1)
			g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "did not expect '%s'", argv[1]);
		else
			exit_code = verify(workspace, &a, &error);
	}
	arguments_clear(&a);
	return error ? command_fail(error) : exit_code;
}

const struct command command_backport = {
	.name = "backport", .arguments = "--base KERNEL --patch FILE [--case CASE…]", .run = run,
	.summary = "verify a backported patch: mends what it is for, all of it needed, breaks nothing",
	.description = "Says VERIFIED, INEFFECTIVE, HARMFUL (names the case), DOES NOT APPLY (shows the hunk) or DOES NOT BUILD (shows the error).\n"
		       "Exit codes: 0 verified, 1 not, 2 the rig broke or was misused. All that it rests on is in the run's folder.",
};

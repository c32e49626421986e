/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig cases - lists the cases, or checks scripts without running them
 */
#include <stdio.h>
#include <string.h>

#include "agent_check.h"
#include "case.h"
#include "command.h"
#include "error.h"
#include "verdict.h"

/* Header, comparisons and script; every fault is printed, not only the first file's. */
static gboolean check(const struct workspace *workspace, const struct test_case *test_case, GError **error)
{
	return verdict_check_case(test_case, error) && agent_check(workspace, test_case->file, error);
}

static int check_folder(const struct workspace *workspace, const char *root, guint *faults, GError **error)
{
	g_autoptr(GPtrArray) names = case_names(root, error);

	if (!names)
		return 0;
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *file = g_strconcat(names->pdata[i], ".pkt", NULL);
		g_autofree char *path = g_build_filename(root, file, NULL);
		g_autoptr(GError) fault = NULL;
		g_autoptr(test_case_t) test_case = case_read(path, root, &fault);

		if (test_case && check(workspace, test_case, &fault))
			continue;
		fprintf(stderr, "%s\n", fault->message);
		++*faults;
	}
	return (int)names->len;
}

static int check_all(const struct workspace *workspace, char **paths, int count)
{
	g_autoptr(GError) error = NULL;
	guint faults = 0;
	int files = 0;

	for (int i = 0; i < count && !error; i++) {
		if (g_file_test(paths[i], G_FILE_TEST_IS_DIR)) {
			files += check_folder(workspace, paths[i], &faults, &error);
		} else {
			g_autoptr(GError) fault = NULL;
			g_autoptr(test_case_t) test_case = case_new(workspace, paths[i], &fault);

			files++;
			if (test_case && check(workspace, test_case, &fault))
				continue;
			fprintf(stderr, "%s\n", fault->message);
			faults++;
		}
	}
	if (error)
		return command_fail(error);
	printf("%d scripts, %u with faults\n", files, faults);
	return faults ? EXIT_BROKEN : EXIT_AS_EXPECTED;
}

/* Folders below cases/ are suites: each is one line. */
static int list(const struct workspace *workspace)
{
	g_autofree char *root = g_build_filename(workspace->data, "cases", NULL), *suite = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names = case_names(root, &error);

	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *folder = g_path_get_dirname(names->pdata[i]);
		g_autoptr(test_case_t) test_case = NULL;

		if (strcmp(folder, ".") != 0) {
			if (g_strcmp0(folder, suite) != 0)
				printf("%-28s a suite: finrig run --cases %s/%s\n", folder, root, folder);
			g_free(suite);
			suite = g_steal_pointer(&folder);
			continue;
		}
		test_case = case_new(workspace, names->pdata[i], &error);
		if (!test_case)
			break;
		printf("%-28s %s\n", test_case->name, test_case->title ? test_case->title : "");
	}
	return error ? command_fail(error) : EXIT_AS_EXPECTED;
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	gboolean check_only = FALSE;
	const GOptionEntry entries[] = {
		{ "check", 0, 0, G_OPTION_ARG_NONE, &check_only, "Read the scripts of the given files and folders and report every fault", NULL },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autofree char *root = g_build_filename(workspace->data, "cases", NULL);
	g_autoptr(GError) error = NULL;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	if (argc > 1 && !check_only)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "did not expect '%s' without --check", argv[1]);
	if (error)
		return command_fail(error);
	if (!check_only)
		return list(workspace);
	return argc > 1 ? check_all(workspace, argv + 1, argc - 1) : check_all(workspace, &root, 1);
}

const struct command command_cases = {
	.name = "cases", .arguments = "[--check [CASE|FILE|DIR]…]", .run = run,
	.summary = "list the cases, or check scripts without running them",
	.description = "Each is a file cases/NAME.pkt: a packetdrill script with a header of comment lines (docs/case-language.md).",
};

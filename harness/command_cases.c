/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig cases - lists the cases, or checks scripts without running them
 */
#include <stdio.h>
#include <string.h>

#include "case_list.h"
#include "command.h"
#include "error.h"

/* What is found out of any number of scripts. */
struct findings {
	const struct workspace *workspace;
	guint files, faulty;
	GHashTable *constructs; /* what is not understood -> how many times, as GUINT_TO_POINTER() */
};

/* The agent names the construct that it does not understand at the end of each line, in [ ]. */
static void count_constructs(GHashTable *constructs, const char *message)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		const char *start = strrchr(lines[i], '[');
		gsize length = start ? strlen(start) : 0;
		char *construct;

		if (length < 3 || start[length - 1] != ']')
			continue;
		construct = g_strndup(start + 1, length - 2);
		g_hash_table_replace(constructs, construct,
				     GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(constructs, construct)) + 1));
	}
}

/* Header, comparisons and script; test_case NULL: why it could not even be read. Every fault is printed, not only the first file's. */
static void check(struct findings *findings, struct test_case *test_case, GError *unread)
{
	g_autoptr(GError) fault = unread;

	findings->files++;
	if (test_case && case_check(findings->workspace, test_case, &fault))
		return;
	fprintf(stderr, "%s\n", fault->message);
	findings->faulty++;
	count_constructs(findings->constructs, fault->message);
}

static gboolean check_folder(struct findings *findings, const char *root, GError **error)
{
	g_autoptr(GPtrArray) names = case_names(root, error);

	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *file = g_strconcat(names->pdata[i], ".pkt", NULL);
		g_autofree char *path = g_build_filename(root, file, NULL);
		GError *unread = NULL;
		g_autoptr(test_case_t) test_case = case_read(path, root, &unread);

		check(findings, test_case, unread);
	}
	return names != NULL;
}

/* The most frequent first, equals by name. */
static int compare_counts(gconstpointer a, gconstpointer b, gpointer constructs)
{
	guint left = GPOINTER_TO_UINT(g_hash_table_lookup(constructs, a)), right = GPOINTER_TO_UINT(g_hash_table_lookup(constructs, b));

	return left != right ? (left < right ? 1 : -1) : strcmp(a, b);
}

static void print_constructs(GHashTable *constructs)
{
	GList *names = g_list_sort_with_data(g_hash_table_get_keys(constructs), compare_counts, constructs);

	for (GList *at = names; at; at = at->next)
		printf("%6u  %s\n", GPOINTER_TO_UINT(g_hash_table_lookup(constructs, at->data)), (char *)at->data);
	g_list_free(names);
}

static int check_all(const struct workspace *workspace, char **paths, int count)
{
	g_autoptr(GHashTable) constructs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct findings findings = { workspace, 0, 0, constructs };
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < count; i++) {
		GError *unread = NULL;
		g_autoptr(test_case_t) test_case = NULL;

		if (g_file_test(paths[i], G_FILE_TEST_IS_DIR)) {
			if (!check_folder(&findings, paths[i], &error))
				return command_fail(error);
			continue;
		}
		test_case = case_new(workspace, paths[i], &unread);
		check(&findings, test_case, unread);
	}
	printf("%u scripts, %u with faults\n", findings.files, findings.faulty);
	if (g_hash_table_size(constructs))
		printf("not understood:\n");
	print_constructs(constructs);
	return findings.faulty ? EXIT_BROKEN : EXIT_AS_EXPECTED;
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
		{ "check", 0, 0, G_OPTION_ARG_NONE, &check_only, "Read the scripts of the given files and folders; report every fault, and what is not understood with counts", NULL },
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

/* SPDX-License-Identifier: GPL-2.0-or-later
 * run_folder - a run's folder that was used before
 */
#include "run_folder.h"

#include <glib/gstdio.h>

#include "case.h"
#include "error.h"
#include "kernel.h"
#include "repeat.h"

enum { NAMES_MAX = 3 };

static void forget(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	g_unlink(path);
}

static void forget_cell(const char *directory, const struct kernel *kernel, const struct test_case *test_case)
{
	g_autofree char *cell = g_build_filename(directory, kernel->name, test_case->name, NULL);

	forget(cell, "5-verdict.json");
}

gboolean run_folder_begin(const struct run_options *options, GError **error)
{
	g_autofree char *bisection = g_build_filename(options->directory, "0-bisect.json", NULL);

	if (g_file_test(bisection, G_FILE_TEST_EXISTS)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s holds a bisection: expected --results with another folder", options->directory);
		return FALSE;
	}
	for (guint i = 0; i < options->kernels->len; i++)
		for (guint j = 0; j < options->cases->len; j++)
			forget_cell(options->directory, options->kernels->pdata[i], options->cases->pdata[j]);
	for (guint i = 0; reports[i]; i++)
		forget(options->directory, reports[i]->file);
	repeat_forget(options->directory, options->kernels, options->cases);
	return TRUE;
}

/* Folders of a run that are no kernels', and runs within a run: a backport has one of its hunks. */
static gboolean is_of_others(const char *path, const char *relative)
{
	static const char *const own[] = { "diff", "repeat", ".parts", NULL };
	g_autofree char *plan = g_build_filename(path, "run.json", NULL);

	return g_strv_contains(own, relative) || g_file_test(plan, G_FILE_TEST_EXISTS);
}

/* Adds the cells below path to found; relative is path below the run's folder. */
static void find_cells(const char *path, const char *relative, GPtrArray *found)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *below = g_build_filename(path, name, NULL), *place = *relative ? g_build_filename(relative, name, NULL) : g_strdup(name);
		g_autofree char *cell = g_build_filename(below, "0-cell.json", NULL);

		if (!g_file_test(below, G_FILE_TEST_IS_DIR) || g_file_test(below, G_FILE_TEST_IS_SYMLINK) || is_of_others(below, place))
			continue;
		if (g_file_test(cell, G_FILE_TEST_EXISTS))
			g_ptr_array_add(found, g_strdup(place));
		find_cells(below, place, found);
	}
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(char *const *)a, *(char *const *)b);
}

char *run_folder_strangers(const struct run_summary *run)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) own = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GString) names = g_string_new(NULL);
	guint count = 0;

	for (guint i = 0; i < run->cells->len; i++)
		g_hash_table_add(own, ((struct report_cell *)run->cells->pdata[i])->directory);
	find_cells(run->directory, "", found);
	g_ptr_array_sort(found, by_name);
	for (guint i = 0; i < found->len; i++)
		if (!g_hash_table_contains(own, found->pdata[i]) && count++ < NAMES_MAX)
			g_string_append_printf(names, "%s%s", count == 1 ? "" : ", ", (char *)found->pdata[i]);
	if (!count)
		return NULL;
	return g_strdup_printf("%u cell%s of an earlier run stay%s here, in none of its reports: %s%s", count, count == 1 ? "" : "s",
			       count == 1 ? "s" : "", names->str, count > NAMES_MAX ? ", …" : "");
}

gboolean run_folder_tell_strangers(const char *directory, const struct workspace *workspace, GError **error)
{
	g_autoptr(run_summary_t) run = report_read(directory, error);
	g_autofree char *strangers = run ? run_folder_strangers(run) : NULL;

	if (strangers)
		workspace_progress(workspace, "note", directory, "%s", strangers);
	return run != NULL;
}

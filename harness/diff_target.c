/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_target - what `finrig diff A B` was given
 */
#include "diff_target.h"

#include <string.h>

#include "error.h"

static gboolean has(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

static gboolean is_cell(const char *folder)
{
	return has(folder, "0-cell.json") || has(folder, "5-verdict.json") || has(folder, "3-packets.pcap");
}

/* Parts of a run's folder that are no kernels: diffs, and cells run again by --repeat. */
static gboolean is_aside(const char *folder, const char *name)
{
	return has(folder, "run.json") && (g_str_equal(name, "diff") || g_str_equal(name, "repeat"));
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *sorted_names(const char *folder)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_text);
	return names;
}

/* key: the folder as seen from the target's; "" for that itself. */
static void add_cells(struct diff_target *target, const char *folder, const char *key)
{
	g_autoptr(GPtrArray) names = NULL;

	if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
		return;
	if (is_cell(folder)) {
		g_ptr_array_add(target->keys, g_strdup(key));
		g_ptr_array_add(target->paths, g_strdup(folder));
		return;
	}
	names = sorted_names(folder);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *below = g_build_filename(folder, name, NULL);
		g_autofree char *below_key = *key ? g_strdup_printf("%s/%s", key, name) : g_strdup(name);

		if (!is_aside(folder, name))
			add_cells(target, below, below_key);
	}
}

static char *known_kernels(const char *run_dir)
{
	g_autoptr(GPtrArray) names = sorted_names(run_dir);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *folder = g_build_filename(run_dir, name, NULL);

		if (g_file_test(folder, G_FILE_TEST_IS_DIR) && !is_aside(run_dir, name))
			g_string_append_printf(text, "%s%s", text->len ? ", " : "", name);
	}
	return g_string_free(text, FALSE);
}

static char *path_of_word(const char *word, const char *run_dir, GError **error)
{
	g_autofree char *in_run = g_build_filename(run_dir, word, NULL), *kernels = NULL;

	if (g_file_test(word, G_FILE_TEST_EXISTS))
		return g_strdup(word);
	if (*word && g_file_test(in_run, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&in_run);
	kernels = known_kernels(run_dir);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: expected a capture file, a cell's folder or a kernel of %s%s%s%s", word, run_dir,
		    *kernels ? " (" : ", where there are none", kernels, *kernels ? ")" : "");
	return NULL;
}

struct diff_target *diff_target_find(const char *word, const char *run_dir, GError **error)
{
	g_autofree char *path = path_of_word(word, run_dir, error);
	g_autoptr(diff_target_t) target = g_new0(struct diff_target, 1);

	target->name = g_strdup(word);
	target->keys = g_ptr_array_new_with_free_func(g_free);
	target->paths = g_ptr_array_new_with_free_func(g_free);
	if (!path)
		return NULL;
	target->single = !g_file_test(path, G_FILE_TEST_IS_DIR) || is_cell(path);
	if (target->single) {
		g_ptr_array_add(target->keys, g_strdup(""));
		g_ptr_array_add(target->paths, g_strdup(path));
	} else {
		add_cells(target, path, "");
	}
	if (!target->keys->len) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no cell is in that folder", word);
		return NULL;
	}
	return g_steal_pointer(&target);
}

const char *diff_target_path(const struct diff_target *target, const char *key)
{
	for (guint i = 0; i < target->keys->len; i++)
		if (g_str_equal(g_ptr_array_index(target->keys, i), key))
			return g_ptr_array_index(target->paths, i);
	return NULL;
}

void diff_target_free(struct diff_target *target)
{
	if (!target)
		return;
	g_free(target->name);
	g_ptr_array_unref(target->keys);
	g_ptr_array_unref(target->paths);
	g_free(target);
}

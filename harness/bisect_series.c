/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_series - the list that a bisection without commits goes over: kernels by release, patches in the order they are applied
 */
#include "bisect_series.h"

#include <string.h>

static gboolean is_patch(const char *name)
{
	return g_str_has_suffix(name, ".patch") || g_str_has_suffix(name, ".diff") || g_str_has_suffix(name, ".sed");
}

/* One patch a line, relative to the file; `#` begins a comment. Of quilt's options only -p1, the default, is understood. */
static gboolean read_series_file(const char *path, GPtrArray *patches, GError **error)
{
	g_autofree char *text = NULL, *folder = g_path_get_dirname(path);
	g_autoptr(GError) why = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", why->message);
		return FALSE;
	}
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		char *option;

		lines[i][strcspn(lines[i], "#")] = 0;
		option = strpbrk(g_strstrip(lines[i]), " \t");
		if (option && strcmp(g_strstrip(option + 1), "-p1") != 0) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s:%u: expected a patch's name, or one with -p1", path, i + 1);
			return FALSE;
		}
		if (option)
			*option = 0;
		if (*lines[i])
			g_ptr_array_add(patches, g_canonicalize_filename(lines[i], folder));
	}
	return TRUE;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean read_folder(const char *folder, GPtrArray *patches, GError **error)
{
	g_autofree char *series = g_build_filename(folder, "series", NULL);
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	GDir *directory;
	const char *name;

	if (g_file_test(series, G_FILE_TEST_IS_REGULAR))
		return read_series_file(series, patches, error);
	directory = g_dir_open(folder, 0, error);
	while (directory && (name = g_dir_read_name(directory)))
		if (is_patch(name))
			g_ptr_array_add(found, g_canonicalize_filename(name, folder));
	if (directory)
		g_dir_close(directory);
	g_ptr_array_sort(found, by_name);
	for (guint i = 0; i < found->len; i++)
		g_ptr_array_add(patches, found->pdata[i]);
	return directory != NULL;
}

GPtrArray *series_read(char *const *items, GError **error)
{
	g_autoptr(GPtrArray) patches = g_ptr_array_new_with_free_func(g_free);
	gboolean ok = TRUE;

	for (guint i = 0; ok && items && items[i]; i++) {
		g_autofree char *path = g_canonicalize_filename(items[i], NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			ok = read_folder(path, patches, error);
		else if (!is_patch(path))
			ok = read_series_file(path, patches, error);
		else
			g_ptr_array_add(patches, g_steal_pointer(&path));
	}
	for (guint i = 0; ok && i < patches->len; i++)
		if (!g_file_test(patches->pdata[i], G_FILE_TEST_IS_REGULAR)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no such patch", (char *)patches->pdata[i]);
			ok = FALSE;
		}
	if (ok && !patches->len) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected patches, a folder of them or a series file");
		ok = FALSE;
	}
	return ok ? g_steal_pointer(&patches) : NULL;
}

/* From the first digit on. */
static const char *release_part(const char *name)
{
	return name + strcspn(name, "0123456789");
}

static gint by_release(gconstpointer a, gconstpointer b)
{
	const char *left = (*(const struct kernel *const *)a)->name, *right = (*(const struct kernel *const *)b)->name;
	int order = strverscmp(release_part(left), release_part(right));

	return order ? order : strcmp(left, right);
}

static GPtrArray *own_kernels(const struct workspace *workspace, GError **error)
{
	g_autoptr(GPtrArray) names = kernel_names(workspace, error), kernels = g_ptr_array_new_with_free_func((GDestroyNotify)kernel_free);

	for (guint i = 0; names && i < names->len; i++) {
		g_autoptr(kernel_t) kernel = kernel_new(workspace, names->pdata[i], error);

		if (!kernel)
			return NULL;
		if (!kernel_key(kernel, "patches") && *release_part(kernel->name))
			g_ptr_array_add(kernels, g_steal_pointer(&kernel));
	}
	g_ptr_array_sort(kernels, by_release);
	return names ? g_steal_pointer(&kernels) : NULL;
}

GPtrArray *series_kernels(const struct workspace *workspace, char *const *items, GError **error)
{
	g_autoptr(GPtrArray) kernels = g_ptr_array_new_with_free_func((GDestroyNotify)kernel_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	if (!items || !items[0])
		return own_kernels(workspace, error);
	for (guint i = 0; items[i]; i++) {
		struct kernel *kernel = kernel_new(workspace, items[i], error);

		if (!kernel)
			return NULL;
		g_ptr_array_add(kernels, kernel);
		if (!g_hash_table_add(seen, kernel->name)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "two kernels are called %s; give one another with ,name=NAME", kernel->name);
			return NULL;
		}
	}
	return g_steal_pointer(&kernels);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * kernel - what a kernel's keys say
 */
#include "kernel.h"

#include <string.h>

#include "error.h"

const char *kernel_key(const struct kernel *kernel, const char *key)
{
	return g_hash_table_lookup(kernel->keys, key);
}

char **kernel_list(const struct kernel *kernel, const char *key)
{
	const char *value = kernel_key(kernel, key);
	g_auto(GStrv) parts = g_strsplit_set(value ? value : "", ":; \t", -1);
	GStrvBuilder *list = g_strv_builder_new();
	char **result;

	for (guint i = 0; parts[i]; i++)
		if (*parts[i])
			g_strv_builder_add(list, parts[i]);
	result = g_strv_builder_end(list);
	g_strv_builder_unref(list);
	return result;
}

char *kernel_path(const struct kernel *kernel, const struct workspace *workspace, const char *room, const char *name)
{
	g_autofree char *ours = g_build_filename(workspace->data, "kernels", room, name, NULL);

	if (!strchr(name, '/') && g_file_test(ours, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&ours);
	if (g_str_has_prefix(name, "~/"))
		return g_build_filename(g_get_home_dir(), name + 2, NULL);
	return g_canonicalize_filename(name, kernel->folder);
}

char **kernel_patches(const struct kernel *kernel, const struct workspace *workspace)
{
	g_auto(GStrv) names = kernel_list(kernel, "patches");
	guint named = g_strv_length(names);
	char **paths = g_new0(char *, named + kernel->further->len + 1);

	for (guint i = 0; i < named; i++)
		paths[i] = kernel_path(kernel, workspace, "patches", names[i]);
	for (guint i = 0; i < kernel->further->len; i++)
		paths[named + i] = g_strdup(kernel->further->pdata[i]);
	return paths;
}

const char *kernel_swap_file(const char *value)
{
	const char *colon = strrchr(value, ':');

	return colon ? colon + 1 : NULL;
}

const char *kernel_expectation(const struct kernel *kernel, const char *case_name)
{
	const char *expected = g_hash_table_lookup(kernel->expect, case_name);

	return expected ? expected : g_hash_table_lookup(kernel->expect, "*");
}

gboolean kernel_expectation_is_predicted(const struct kernel *kernel, const char *case_name)
{
	return g_hash_table_contains(kernel->predicted, g_hash_table_contains(kernel->expect, case_name) ? case_name : "*");
}

enum finrig_error kernel_absent(const struct kernel *kernel)
{
	return kernel->from_spec ? FINRIG_ERROR_USAGE : FINRIG_ERROR_UNAVAILABLE;
}

void kernel_free(struct kernel *kernel)
{
	if (!kernel)
		return;
	g_free(kernel->name);
	g_free(kernel->origin);
	g_free(kernel->said);
	g_free(kernel->title);
	g_free(kernel->why);
	g_free(kernel->where);
	g_free(kernel->folder);
	g_hash_table_unref(kernel->keys);
	g_hash_table_unref(kernel->expect);
	g_hash_table_unref(kernel->predicted);
	g_ptr_array_unref(kernel->further);
	g_free(kernel);
}

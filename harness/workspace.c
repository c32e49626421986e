/* SPDX-License-Identifier: GPL-2.0-or-later
 * workspace - where finrig's own data, its caches and the user's sources are
 */
#include "workspace.h"

#include <gio/gio.h>

#include "error.h"

static gboolean has(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* The folder the running binary lies in; /proc is the only one who knows when it was found by PATH. */
static char *binary_folder(const char *argv0)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);

	return g_path_get_dirname(self ? self : argv0);
}

static void split_folders(GPtrArray *folders, const char *list)
{
	g_auto(GStrv) parts = g_strsplit(list ? list : "", ":", -1);

	for (guint i = 0; parts[i]; i++)
		if (*parts[i])
			g_ptr_array_add(folders, g_strdup(parts[i]));
}

static gboolean find_folders(struct workspace *workspace, const char *binaries, GError **error)
{
	g_autofree char *above = g_path_get_dirname(binaries);
	const char *cache = g_getenv("FINRIG_CACHE");

	if (has(above, "kernels") && has(above, "cases")) {
		workspace->data = g_strdup(above);
		workspace->libexec = g_strdup(binaries);
		workspace->cache = g_strdup(cache ? cache : binaries);
		return TRUE;
	}
	workspace->data = g_build_filename(above, "share", "finrig", NULL);
	workspace->libexec = g_build_filename(above, "libexec", "finrig", NULL);
	workspace->cache = cache ? g_strdup(cache) : g_build_filename(g_get_user_cache_dir(), "finrig", NULL);
	if (has(workspace->data, "kernels"))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN,
		    "neither %s/kernels nor %s/kernels is there: run finrig from a checkout or install it with make install",
		    above, workspace->data);
	return FALSE;
}

struct workspace *workspace_new(const char *argv0, GError **error)
{
	g_autoptr(workspace_t) workspace = g_new0(struct workspace, 1);
	g_autofree char *binaries = binary_folder(argv0);
	const char *mirror = g_getenv("FINRIG_MIRROR"), *scratch = g_getenv("FINRIG_SCRATCH");

	workspace->tarball_dirs = g_ptr_array_new_with_free_func(g_free);
	split_folders(workspace->tarball_dirs, g_getenv("FINRIG_TARBALLS"));
	workspace->mirror = g_strdup(mirror ? mirror : "https://cdn.kernel.org/pub/linux/kernel/");
	workspace->jobs = (int)g_get_num_processors();
	if (!find_folders(workspace, binaries, error))
		return NULL;
	workspace->scratch = g_strdup(scratch);
	workspace->lockstep = g_build_filename(workspace->libexec, "lockstep.so", NULL);
	return g_steal_pointer(&workspace);
}

void workspace_free(struct workspace *workspace)
{
	if (!workspace)
		return;
	g_free(workspace->data);
	g_free(workspace->libexec);
	g_free(workspace->lockstep);
	g_free(workspace->cache);
	g_free(workspace->scratch);
	g_ptr_array_unref(workspace->tarball_dirs);
	g_free(workspace->mirror);
	g_free(workspace);
}

const char *workspace_scratch(const struct workspace *workspace)
{
	return workspace->scratch ? workspace->scratch : workspace->cache;
}

void workspace_progress(const struct workspace *workspace, const char *stage, const char *subject, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	if (!workspace->progress)
		return;
	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	workspace->progress(workspace->progress_user, stage, subject, text);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_scope - which commits between the ends git bisect may ask for
 */
#include "bisect_scope.h"

#include <string.h>

#include "bisect_git.h"
#include "error.h"

void scope_append(const struct scope *scope, GString *text)
{
	if (scope->first_parent)
		g_string_append(text, "first-parent\n");
	for (guint i = 0; scope->paths && scope->paths[i]; i++)
		g_string_append_printf(text, "path %s\n", scope->paths[i]);
}

/* From the top of the tree, as git wants it where there is no tree: an absolute path may lie in the user's. */
static char *path_in_tree(const struct history *history, const char *path, GError **error)
{
	g_autofree char *top = g_strconcat(history->repository, "/", NULL);

	if (!g_path_is_absolute(path))
		return g_strdup(path);
	if (g_str_has_prefix(path, top))
		return g_strdup(path + strlen(top));
	error_usage(error, "%s: expected a path below %s", path, history->repository);
	return NULL;
}

/* Does a commit between the ends change one of these? */
static gboolean is_changed(const struct history *history, char *const *paths, gboolean *changed, GError **error)
{
	const char *const words[] = {"rev-list", "--max-count=1", history->new_id, "--not", history->old_id, "--", NULL};
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autofree char *output = NULL;
	int exit_code;

	for (guint i = 0; words[i]; i++)
		g_ptr_array_add(argv, (gpointer)words[i]);
	for (guint i = 0; paths[i]; i++)
		g_ptr_array_add(argv, paths[i]);
	g_ptr_array_add(argv, NULL);
	if (!history_git(history, (const char *const *)argv->pdata, &output, &exit_code, error))
		return FALSE;
	*changed = *g_strstrip(output) != 0;
	return exit_code == 0 || error_usage(error, "git takes these for no paths: %s", output);
}

/* git bisect itself would only find out with both ends judged. */
static gboolean take_paths(struct history *history, char *const *paths, GError **error)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autofree char *all = NULL;
	gboolean changed;

	for (guint i = 0; paths[i]; i++) {
		g_autofree char *path = path_in_tree(history, paths[i], error);

		if (!path)
			return FALSE;
		g_strv_builder_add(builder, path);
	}
	history->paths = g_strv_builder_end(builder);
	history->idle = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; history->paths[i]; i++) {
		char *const one[] = {history->paths[i], NULL};

		if (!is_changed(history, one, &changed, error))
			return FALSE;
		if (!changed)
			g_ptr_array_add(history->idle, g_strdup(history->paths[i]));
	}
	if (!is_changed(history, history->paths, &changed, error))
		return FALSE;
	all = g_strjoinv(", ", history->paths);
	return changed || error_usage(error, "%s: no commit between --old and --new changes it (paths are from the top of the tree, as git log -- PATH "
				      "takes them there)", all);
}

/* The commits of REF or REF..REF, by ids: the user's names are not those of our repository. */
static GStrv resolve_range(const struct history *history, const char *range, GError **error)
{
	const char *dots = strstr(range, "..");
	g_autofree char *first = dots ? g_strndup(range, (gsize)(dots - range)) : g_strdup(range), *output = NULL;
	g_autofree char *from = NULL, *to = NULL;

	if (dots && dots[2] == '.') {
		error_usage(error, "expected REF or REF..REF");
		return NULL;
	}
	from = history_resolve(history, first, error);
	to = from && dots ? history_resolve(history, dots + 2, error) : NULL;
	if (!from || (dots && !to))
		return NULL;
	if (dots) {
		const char *const words[] = {"rev-list", to, "--not", from, NULL};

		if (!history_git(history, words, &output, NULL, error))
			return NULL;
	}
	return g_strsplit(g_strstrip(dots ? output : from), "\n", -1);
}

static gboolean take_skipped(struct history *history, const char *range, GError **error)
{
	g_auto(GStrv) ids = resolve_range(history, range, error);

	if (!ids) {
		g_prefix_error(error, "--skip %s: ", range);
		return FALSE;
	}
	if (!ids[0])
		return error_usage(error, "--skip %s: there is no commit in it", range);
	for (guint i = 0; ids[i]; i++) {
		if (!strcmp(ids[i], history->old_id) || !strcmp(ids[i], history->new_id))
			return error_usage(error, "--skip %s: has the end %s in it, which must be judged", range,
					   strcmp(ids[i], history->old_id) ? "--new" : "--old");
		g_ptr_array_add(history->skipped, g_strdup(ids[i]));
	}
	return TRUE;
}

gboolean history_narrow(struct history *history, const struct scope *scope, GError **error)
{
	history->first_parent = scope->first_parent;
	if (scope->paths && scope->paths[0] && !take_paths(history, scope->paths, error))
		return FALSE;
	history->skipped = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; scope->skip && scope->skip[i]; i++)
		if (!take_skipped(history, scope->skip[i], error))
			return FALSE;
	return TRUE;
}

gboolean history_skips(const struct history *history, const char *id)
{
	return history->skipped && g_ptr_array_find_with_equal_func(history->skipped, id, g_str_equal, NULL);
}

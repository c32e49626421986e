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

/* git bisect itself would only find out with both ends judged, and not say which path it is. */
static gboolean check_path(const struct history *history, const char *path, GError **error)
{
	const char *const words[] = {"rev-list", "--max-count=1", history->new_id, "--not", history->old_id, "--", path, NULL};
	g_autofree char *output = NULL;
	int exit_code;

	if (!history_git(history, words, &output, &exit_code, error))
		return FALSE;
	g_strstrip(output);
	if (exit_code)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: %s", path, output);
	else if (!*output)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE,
			    "%s: no commit between --old and --new changes it (paths are from the top of the tree, as git log -- PATH takes them)", path);
	return !exit_code && *output;
}

/* REF or REF..REF, by ids: the user's names are not those of our repository. */
static char *resolve_range(const struct history *history, const char *range, GError **error)
{
	const char *dots = strstr(range, "..");
	g_autofree char *first = dots ? g_strndup(range, (gsize)(dots - range)) : g_strdup(range);
	g_autofree char *from = history_resolve(history, first, error), *to = from && dots ? history_resolve(history, dots + 2, error) : NULL;

	return dots ? (to ? g_strconcat(from, "..", to, NULL) : NULL) : g_steal_pointer(&from);
}

gboolean history_narrow(struct history *history, const struct scope *scope, GError **error)
{
	history->first_parent = scope->first_parent;
	for (guint i = 0; scope->paths && scope->paths[i]; i++)
		if (!check_path(history, scope->paths[i], error))
			return FALSE;
	if (scope->paths && scope->paths[0])
		history->paths = g_strdupv((char **)scope->paths);
	history->skipped = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; scope->skip && scope->skip[i]; i++) {
		char *range = resolve_range(history, scope->skip[i], error);

		if (!range)
			return FALSE;
		g_ptr_array_add(history->skipped, range);
	}
	return TRUE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_stage - diffs the neighbouring kernels of each case of a run
 * in: run.json, the cells' verdicts, packets and facts; out: diff/<case>/<a>..<b>.json
 */
#include <glib/gstdio.h>
#include <string.h>

#include "artefact.h"
#include "diff.h"
#include "error.h"
#include "json_text.h"
#include "report.h"

/* Only what came to its end has a story to compare. */
static gboolean is_judged(const struct report_cell *cell)
{
	return cell->judged && (cell->outcome == VERDICT_FIXED || cell->outcome == VERDICT_BUGGY || cell->outcome == VERDICT_CHANGED);
}

static gboolean diff_cells(const struct run_summary *run, const struct report_cell *a, const struct report_cell *b, GError **error)
{
	g_autofree char *a_path = g_build_filename(run->directory, a->directory, NULL);
	g_autofree char *b_path = g_build_filename(run->directory, b->directory, NULL);
	g_autofree char *folder = g_build_filename(run->directory, "diff", a->test_case, NULL);
	g_autofree char *name = g_strdup_printf("%s..%s.json", a->kernel, b->kernel);
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	g_autoptr(diff_side_t) a_side = diff_side_new(a->kernel, a_path, error);
	g_autoptr(diff_side_t) b_side = a_side ? diff_side_new(b->kernel, b_path, error) : NULL;
	JsonObject *object = b_side ? diff_compare(a_side, b_side, NULL) : NULL;

	if (!object)
		return FALSE;
	json_node_take_object(root, object);
	return json_text_write(folder, name, root, error);
}

/* Is <a>..<b>.json about one of these kernels? */
static gboolean is_about(const char *name, GHashTable *kernels)
{
	g_auto(GStrv) sides = g_strsplit(name, "..", 2);

	if (!sides[1] || !g_str_has_suffix(sides[1], ".json"))
		return FALSE;
	sides[1][strlen(sides[1]) - strlen(".json")] = '\0';
	return g_hash_table_contains(kernels, sides[0]) || g_hash_table_contains(kernels, sides[1]);
}

/* What an earlier run in the same folder made of these kernels, in which they had other neighbours or another outcome. */
static void forget_diffs(const struct run_summary *run, const char *test_case)
{
	g_autofree char *folder = g_build_filename(run->directory, "diff", test_case, NULL);
	g_autoptr(GHashTable) kernels = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	for (guint i = 0; i < run->kernels->len; i++)
		g_hash_table_add(kernels, run->kernels->pdata[i]);
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = is_about(name, kernels) ? g_build_filename(folder, name, NULL) : NULL;

		if (path)
			g_unlink(path);
	}
}

gboolean diff_stage(const char *run_dir, GError **error)
{
	g_autoptr(run_summary_t) run = report_read(run_dir, error);
	const struct report_cell *previous = NULL;

	if (!run)
		return FALSE;
	for (guint i = 0; i < run->cases->len; i++)
		forget_diffs(run, run->cases->pdata[i]);
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		if (!is_judged(cell))
			continue;
		if (previous && previous->test_case == cell->test_case && !diff_cells(run, previous, cell, error)) {
			g_prefix_error(error, "diff: %s: %s .. %s: ", cell->test_case, previous->kernel, cell->kernel);
			return FALSE;
		}
		previous = cell;
	}
	return TRUE;
}

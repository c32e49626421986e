/* SPDX-License-Identifier: GPL-2.0-or-later
 * merge - the last part of a run that was divided
 */
#include "merge.h"

#include "artefact.h"
#include "diff.h"
#include "error.h"
#include "report.h"
#include "run_folder.h"
#include "share.h"

/* The inputs of a cell that are the same for all of its kernel's. */
static const char *const common[] = { "image", "initramfs", "qemu" };
enum { COMMON = G_N_ELEMENTS(common), WAIT_US = 500000 };

/* What a kernel's cells were run with, as far as they were looked at. */
struct seen {
	char *texts[COMMON];
	gboolean told;
};

static gboolean has_verdict(const struct cell *cell)
{
	g_autofree char *path = g_build_filename(cell->directory, "5-verdict.json", NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

static gboolean close_lost(const struct run_options *options, const struct cell *cell, GError **error)
{
	g_autofree char *why = share_lost(options->directory, cell->kernel->name, cell->test_case->name);
	g_autoptr(GError) broken = g_error_new(FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why);

	return cell_close(cell, NULL, broken, error);
}

static void compare_inputs(const struct cell *cell, struct seen *seen, const struct workspace *workspace)
{
	g_autoptr(JsonObject) object = artefact_read_json(cell->directory, "0-cell.json", NULL);

	for (gsize i = 0; object && i < COMMON; i++) {
		const char *text = artefact_string(object, common[i]);

		if (text && !seen->texts[i])
			seen->texts[i] = g_strdup(text);
		if (!text || seen->told || g_str_equal(text, seen->texts[i]))
			continue;
		seen->told = TRUE;
		workspace_progress(workspace, "note", cell->kernel->name, "its cells were not all run with the same %s (%s was with %s): the nodes "
				   "are not alike, or the kernel's source moved", common[i], cell->test_case->name, text);
	}
}

static gboolean settle_kernel(const struct run_options *options, const struct kernel *kernel, const struct workspace *workspace, GError **error)
{
	struct seen seen = { { NULL }, FALSE };
	gboolean ok = TRUE;

	for (guint i = 0; ok && i < options->cases->len; i++) {
		struct cell *cell = cell_new(options->directory, kernel, options->cases->pdata[i]);

		ok = has_verdict(cell) || close_lost(options, cell, error);
		compare_inputs(cell, &seen, workspace);
		cell_free(cell);
	}
	for (gsize i = 0; i < COMMON; i++)
		g_free(seen.texts[i]);
	return ok;
}

static gboolean lacks_cells(const struct run_options *options)
{
	for (guint i = 0; i < options->kernels->len; i++)
		for (guint j = 0; j < options->cases->len; j++) {
			const struct kernel *kernel = options->kernels->pdata[i];
			const struct test_case *test_case = options->cases->pdata[j];

			if (!share_is_finished(options->directory, kernel->name, test_case->name))
				return TRUE;
		}
	return FALSE;
}

/* A scheduler lets the merge begin when all parts have ended; one that had to begin again is not counted by each of them. */
static void wait_for_parts(const struct run_options *options, const struct workspace *workspace)
{
	g_autofree char *told = NULL;
	char *who;

	while (lacks_cells(options) && (who = share_living(options->directory))) {
		if (g_strcmp0(who, told) != 0)
			workspace_progress(workspace, "note", "merge", "waits: %s still runs cells of this run", who);
		g_free(told);
		told = who;
		g_usleep(WAIT_US);
	}
}

gboolean merge_parts(const struct run_options *options, const struct workspace *workspace, GError **error)
{
	if (!report_plan(options->directory, options->kernels, options->cases, error))
		return FALSE;
	wait_for_parts(options, workspace);
	for (guint i = 0; i < options->kernels->len; i++)
		if (!settle_kernel(options, options->kernels->pdata[i], workspace, error))
			return FALSE;
	share_sweep(options->directory);
	return run_folder_tell_strangers(options->directory, workspace, error) && diff_stage(options->directory, error) && report_stage(options->directory, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_sources - looks whether there is what a nightly's kernels name, as far as that takes no more than a look
 */
#include "error.h"
#include "kernel.h"
#include "nightly_plan.h"
#include "source.h"

static gboolean check_place(const struct kernel *kernel, GFileTest test, const char *what, GError **error)
{
	if (g_file_test(kernel->where, test))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, (gint)kernel_absent(kernel), "%s: no such %s", kernel->where, what);
	return FALSE;
}

static gboolean check_source(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable, GError **error)
{
	g_autofree char *commit = NULL;

	if (kernel->kind == KERNEL_TREE)
		return check_place(kernel, G_FILE_TEST_IS_DIR, "folder", error);
	if (kernel->kind == KERNEL_IMAGE)
		return check_place(kernel, G_FILE_TEST_IS_REGULAR, "file", error);
	if (kernel->kind == KERNEL_GIT)
		commit = source_commit(kernel, workspace, cancellable, error);
	return commit || kernel->kind != KERNEL_GIT;
}

gboolean nightly_plan_check_sources(const struct nightly_plan *plan, const struct nightly_config *config, const struct workspace *workspace,
				    GCancellable *cancellable, GError **error)
{
	for (guint i = 0; i < plan->kernels->len; i++) {
		const struct nightly_kernel *entry = plan->kernels->pdata[i];
		g_autoptr(GError) why = NULL;
		g_autoptr(kernel_t) kernel = kernel_new(workspace, entry->spec, &why);

		if (kernel && (check_source(kernel, workspace, cancellable, &why) || g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE)))
			continue;
		g_propagate_error(error, g_steal_pointer(&why));
		return key_file_prefix(config->file, "nightly", "kernels", error);
	}
	return TRUE;
}

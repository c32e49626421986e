/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_check - before a run: is there any kernel of it that has each of the functions to be probed?
 */
#include "probe_check.h"

#include "error.h"

/* NULL without an error: the kernel cannot be had. */
static struct probe_plan *plan_of(const struct kernel *kernel, const struct cell_options *options, const struct workspace *workspace,
				  GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(image_t) image = image_get(kernel, workspace, cancellable, &why);
	g_autoptr(initramfs_t) initramfs = image ? initramfs_get(image, workspace, &why) : NULL;
	struct vm_machine machine = cell_machine(options, kernel);
	struct symbols_of of = { kernel->name, image, initramfs, &machine, workspace, options->snapshots };

	workspace_progress(workspace, NULL, kernel->name, "%s", "");
	if (initramfs)
		return probe_plan_get(options->probes, &of, cancellable, error);
	if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_CANCELLED))
		g_propagate_error(error, g_steal_pointer(&why));
	return NULL;
}

gboolean probe_check(GPtrArray *kernels, const struct cell_options *options, const struct workspace *workspace, GCancellable *cancellable,
		     GError **error)
{
	g_autoptr(GPtrArray) plans = g_ptr_array_new_with_free_func((GDestroyNotify)probe_plan_free);
	g_autoptr(GError) why = NULL;

	for (guint i = 0; i < kernels->len && !why; i++) {
		struct probe_plan *plan = plan_of(kernels->pdata[i], options, workspace, cancellable, &why);

		if (plan)
			g_ptr_array_add(plans, plan);
	}
	if (!why)
		return probe_plan_check(plans, error);
	g_propagate_error(error, g_steal_pointer(&why));
	return FALSE;
}

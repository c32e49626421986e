/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_check - before a run: is there any kernel of it that has each of the functions to be probed?
 */
#ifndef FINRIG_PROBE_CHECK_H
#define FINRIG_PROBE_CHECK_H

#include "cell.h"

/* Gets and builds all kernels (struct kernel *) to look. Those that cannot be had say nothing: their cells will tell.
 * FALSE: FINRIG_ERROR_USAGE names the first function that none has, and what is near; FINRIG_ERROR_BROKEN, FINRIG_ERROR_CANCELLED. */
gboolean probe_check(GPtrArray *kernels, const struct cell_options *options, const struct workspace *workspace, GCancellable *cancellable,
		     GError **error);

#endif

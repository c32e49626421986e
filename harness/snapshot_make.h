/* SPDX-License-Identifier: GPL-2.0-or-later
 * snapshot_make - boots a guest to the place where it waits for its job, and saves it
 */
#ifndef FINRIG_SNAPSHOT_MAKE_H
#define FINRIG_SNAPSHOT_MAKE_H

#include "snapshot_file.h"

/* Leaves the four files and the manifest in directory, which must exist and be empty.
 * FALSE: FINRIG_ERROR_BROKEN (the guest did not come to that place), FINRIG_ERROR_CANCELLED. */
gboolean snapshot_make(const char *directory, const struct snapshot_inputs *inputs, GCancellable *cancellable, GError **error);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_try - do a kernel's patches apply to its source? Nothing is built
 * in: a kernel whose source is a tree, or a package with swapped modules; out: what the patches do there.
 */
#ifndef FINRIG_IMAGE_TRY_H
#define FINRIG_IMAGE_TRY_H

#include "image_patch.h"
#include "kernel.h"

/* Gets the source where it must be got. Of several swapped modules, what was done to the first.
 * Errors as image_get(); FINRIG_ERROR_UNFIT: one does not apply (shows the hunk); FINRIG_ERROR_USAGE: a ready kernel. */
struct patched *image_try_patches(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable, GError **error);
/* May a patch to this file of the tree have a part in the kernel? Of a package only the files of swapped modules do. */
gboolean image_takes_patch(const struct kernel *kernel, const char *file);

#endif

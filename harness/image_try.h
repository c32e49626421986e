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
/* The folder of the source tree in *directory, got and unpacked where it must be; NULL there for a kernel that has none. */
gboolean image_find_tree(const struct kernel *kernel, const struct workspace *workspace, char **directory, GCancellable *cancellable, GError **error);

enum image_part {
	IMAGE_PART_BUILT,     /* a patch to the file counts */
	IMAGE_PART_NOT_CODE,  /* nothing is compiled from it: documentation, tools, lists of maintainers */
	IMAGE_PART_ELSEWHERE, /* code that a packaged kernel has ready */
};
/* What is a file of the tree to the kernel? Of a package the files of swapped modules, headers beside them, and new headers below include/
 * are built; made: the patch makes the file. */
enum image_part image_part_of(const struct kernel *kernel, const char *file, gboolean made);
/* Is it the very file that a module is built from? */
gboolean image_swaps(const struct kernel *kernel, const char *file);
gboolean image_has_swaps(const struct kernel *kernel);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_make - the three makers of the image stage, one for each form of source
 * in: a recipe whose source is unpacked; out: files in the folder `into`, and recipe's release, loading and absent.
 * Used by image.c and image_try.c alone.
 */
#ifndef FINRIG_IMAGE_MAKE_H
#define FINRIG_IMAGE_MAKE_H

#include <gio/gio.h>

#include "image_recipe.h"

/* A source tree: patched in a room, configured, built. FINRIG_ERROR_UNBUILT: the first error, and where the log is. */
gboolean make_from_tree(struct recipe *recipe, const char *into, GCancellable *cancellable, GError **error);
/* A packaged kernel: taken out, some modules built anew. */
gboolean make_from_package(struct recipe *recipe, const char *into, GCancellable *cancellable, GError **error);
/* *source: the file of a module to be built anew, taken out of its package if need be. Errors of debian_source_file(). */
gboolean make_find_swap(struct recipe *recipe, const struct recipe_swap *swap, char **source, GCancellable *cancellable, GError **error);
/* A ready bzImage and the user's modules. */
gboolean make_from_ready(struct recipe *recipe, const char *into, GCancellable *cancellable, GError **error);

/* FINRIG_ERROR_BROKEN where make cannot build in folder, which need not be there yet. remedy: what to do, up to "… to one that has". */
gboolean make_place(const char *folder, const char *remedy, GError **error);
/* Copies a file. FINRIG_ERROR_BROKEN. */
gboolean make_copy(const char *from, const char *into, const char *name, GError **error);
/* What `uname -r` will say, out of a bzImage's header; NULL if it does not tell. */
char *make_release(const char *bzimage);
/* Turns a failed build into an error: its first telling line; error_about() has more of them, and where the whole log is.
 * FINRIG_ERROR_UNBUILT; FINRIG_ERROR_BROKEN when the host ran out of memory or disk, or lacks a program. */
gboolean make_failed(const char *what, const char *output, const char *log, GError **error);

#endif

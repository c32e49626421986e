/* SPDX-License-Identifier: GPL-2.0-or-later
 * image - the image stage: from a kernel to something QEMU can boot
 * in: struct kernel (whose source the source stage gets first); out: cache/image/<key>/ with bzImage, System.map, vmlinux,
 * config, modules and manifest.json. <key> is the SHA-256 of everything that went in, so nothing is built twice.
 */
#ifndef FINRIG_IMAGE_H
#define FINRIG_IMAGE_H

#include <gio/gio.h>

#include "kernel.h"

struct image {
	char *key;          /* 64 hex digits */
	char *directory;    /* cache/image/<key> */
	char *bzimage;      /* path */
	char *config;       /* path, NULL if unknown (ready bzImage) */
	char *system_map;   /* path, NULL if absent */
	char *vmlinux;      /* path, NULL if absent */
	char *release;      /* what uname -r will say, NULL if unknown */
	GPtrArray *modules; /* char *: paths of uncompressed .ko, in loading order; empty when all is built in */
};

/* Gets the source, builds, or finds what was built before. Blocks; safe from several threads and processes at once
 * (a lock file per key). cancellable may be NULL.
 * Errors: FINRIG_ERROR_UNAVAILABLE (source not to be had; says how to supply it), FINRIG_ERROR_UNFIT (it is no
 * kernel's, or a patch does not apply), FINRIG_ERROR_UNBUILT (build failed: the compiler's own first error with file and line),
 * FINRIG_ERROR_BROKEN, FINRIG_ERROR_USAGE, FINRIG_ERROR_CANCELLED. error_about() has the key that the image would have, and the log. */
struct image *image_get(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable, GError **error);
/* TRUE if the image's config has option (without CONFIG_) as y or m; TRUE as well when there is no config to look at. */
gboolean image_has_option(const struct image *image, const char *option);
void image_free(struct image *image);

typedef struct image image_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(image_t, image_free)

#endif

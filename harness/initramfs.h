/* SPDX-License-Identifier: GPL-2.0-or-later
 * initramfs - the initramfs stage: all a guest's user space is, as one cpio archive made without root
 * in: the agent, busybox, the host's iproute2, initramfs/root/, an image's modules; out: cache/initramfs/<key>.cpio.
 *
 * The archive holds /init (the agent), /bin/busybox and its names, what suites' commands call (ip, tc, ss, nstat, ethtool), device nodes,
 * /modules/ with a file `order`. It is not compressed: a guest pays more instructions for unpacking than QEMU for handing it over.
 */
#ifndef FINRIG_INITRAMFS_H
#define FINRIG_INITRAMFS_H

#include "image.h"

struct initramfs {
	char *key;  /* SHA-256 of the list of what is in it */
	char *path; /* cache/initramfs/<key>.cpio */
};

/* Makes the archive or finds it made before. FINRIG_ERROR_BROKEN if agent or busybox are absent or it cannot be written. */
struct initramfs *initramfs_get(const struct image *image, const struct workspace *workspace, GError **error);
void initramfs_free(struct initramfs *initramfs);

typedef struct initramfs initramfs_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(initramfs_t, initramfs_free)

#endif

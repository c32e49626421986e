/* SPDX-License-Identifier: GPL-2.0-or-later
 * initramfs_tools - the host's iproute2 (Debian package iproute2) for the guest: the programs and the libraries they load
 */
#ifndef FINRIG_INITRAMFS_TOOLS_H
#define FINRIG_INITRAMFS_TOOLS_H

#include <glib.h>

struct initramfs_tool {
	char *path; /* in the archive */
	char *from; /* on the host */
};

/* struct initramfs_tool *, sorted by path: what is installed here, so perhaps nothing. Looked for once; not to be freed. */
const GPtrArray *initramfs_tools(void);

#endif

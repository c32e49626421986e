/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_apt - what apt is asked: which packages there are, and for their files
 * in: the machine's apt set-up, or for a kernel with `suite` one of finrig's own made from it, in cache/source/apt-SUITE/: the same
 * archive, keys and proxies, with that suite's lists. Nothing is installed, no list of the machine's is touched, no root is needed.
 */
#ifndef FINRIG_SOURCE_APT_H
#define FINRIG_SOURCE_APT_H

#include <gio/gio.h>

#include "kernel.h"
#include "workspace.h"

/* The suite whose packages the kernel is of ("bullseye", "sid"); NULL: whatever the machine's apt takes. */
const char *apt_suite(const struct kernel *kernel);
/* Reads the lists of the kernel's suite anew; without a suite there is nothing to do, as the machine's lists are root's.
 * Errors: FINRIG_ERROR_UNAVAILABLE when they cannot be had, FINRIG_ERROR_BROKEN, FINRIG_ERROR_CANCELLED. */
gboolean apt_update(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable, GError **error);
/* The control fields of what apt would take for NAME or NAME=VERSION now; caller frees.
 * Errors: kernel_absent()'s when there is none, FINRIG_ERROR_UNAVAILABLE without apt, FINRIG_ERROR_CANCELLED. */
char *apt_show(const struct kernel *kernel, const struct workspace *workspace, const char *name, GCancellable *cancellable, GError **error);
/* Leaves the package's .deb in folder, checked by apt's signatures. */
gboolean apt_download(const struct kernel *kernel, const struct workspace *workspace, const char *name, const char *version, const char *folder,
		      GCancellable *cancellable, GError **error);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_debian - Debian packages: kernels, their headers and sources
 * in: apt's lists; out: cache/source/debian/ and what was unpacked of it. Nothing is installed and no root is needed.
 *
 * What a name such as linux-image-cloud-amd64 stood for when it was first asked is pinned (cache/source/pins/deb-NAME), so
 * that a run can be repeated and needs no network; remove the pin to move on. Image, headers and source are always taken in one version.
 */
#ifndef FINRIG_SOURCE_DEBIAN_H
#define FINRIG_SOURCE_DEBIAN_H

#include <gio/gio.h>

#include "kernel.h"
#include "source.h"
#include "workspace.h"

struct debian_package {
	char *name, *version; /* of the package that holds the files, not of one that only names it */
	char *depends;        /* its Depends field, NULL when unknown */
};

void debian_package_free(struct debian_package *package);
/* Package, version and dependencies of a .deb file. FINRIG_ERROR_UNFIT if it is none. */
struct debian_package *debian_read(const char *file, GError **error);
/* Path of the package's .deb in the cache, downloaded if it is not there. network FALSE: NULL and FINRIG_ERROR_UNAVAILABLE instead. */
char *debian_download(const struct workspace *workspace, const struct kernel *kernel, const char *name, const char *version, gboolean network,
		      GCancellable *cancellable, GError **error);
/* One file (and the headers beside it that it includes) of a linux-source package, without unpacking it all.
 * *path: where the file is; *sha256: the package's. */
gboolean debian_source_file(const struct workspace *workspace, const struct kernel *kernel, const char *name, const char *version,
			    const char *file, char **path, char **sha256, GCancellable *cancellable, GError **error);
/* The folder to build external modules of a packaged kernel in (what /usr/src/linux-headers-RELEASE would be). */
char *debian_headers(const struct workspace *workspace, const struct kernel *kernel, const char *release, const char *version,
		     GCancellable *cancellable, GError **error);

/* The configuration of a packaged kernel, out of its packages or where they are unpacked; NULL if it has none. Caller frees. */
char *debian_config(const struct workspace *workspace, const struct source *source);
/* Is the file wanted of what a package holds? All but documentation. For struct unpack. */
gboolean debian_wants(const char *path, gpointer unused);

typedef struct debian_package debian_package_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(debian_package_t, debian_package_free)

#endif

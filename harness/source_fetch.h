/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_fetch - files from the mirror of kernel.org's releases, by libcurl
 * in: URLs; out: files in cache/source/. A download that broke off goes on where it stopped (NAME.part).
 * Whether the mirror can be reached at all is asked once in the life of the process, for at most FETCH_CONNECT_SECONDS.
 */
#ifndef FINRIG_SOURCE_FETCH_H
#define FINRIG_SOURCE_FETCH_H

#include <gio/gio.h>

#include "workspace.h"

enum { FETCH_CONNECT_SECONDS = 5 };

/* FALSE with *why (a sentence without a full stop, for the caller to free) if the mirror is out of reach. Any thread. */
gboolean fetch_reachable(const struct workspace *workspace, char **why);
/* Fetches url to the file at path, by path.part. TRUE with *found FALSE when the server has no such file.
 * subject: whose progress it is. Errors: FINRIG_ERROR_UNAVAILABLE with the reason alone, FINRIG_ERROR_CANCELLED. */
gboolean fetch_file(const struct workspace *workspace, const char *subject, const char *url, const char *path, gboolean *found,
		    GCancellable *cancellable, GError **error);

#endif

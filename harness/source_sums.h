/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_sums - what a release's SHA-256 should be, by kernel.org's signed list
 * in: sha256sums.asc of a folder of the mirror; out: the checksum of one file in it, believed only if the signature is good.
 *
 * The key: FINRIG_KEYRING (a keyring for gpgv; every key in it is trusted), else kernel.org's checksum key, asked for once
 * by gpg's web key directory in a private home and kept in cache/source/kernel.org.gpg. FINRIG_UNSIGNED=1 believes the list unsigned.
 */
#ifndef FINRIG_SOURCE_SUMS_H
#define FINRIG_SOURCE_SUMS_H

#include <gio/gio.h>

#include "workspace.h"

/* url: the folder's, ending in `/`. Returns 64 hex digits for the caller to free; NULL with *found FALSE and no error
 * when the folder or the file in it does not exist. Errors: FINRIG_ERROR_UNAVAILABLE with the reason, FINRIG_ERROR_CANCELLED. */
char *sums_lookup(const struct workspace *workspace, const char *subject, const char *url, const char *file, gboolean *found,
		  GCancellable *cancellable, GError **error);

#endif

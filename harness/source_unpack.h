/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_unpack - tarballs and Debian packages, opened by libarchive
 * in: an archive, or an archive inside an archive (a .deb holds data.tar.xz, linux-source holds a tarball in that); out: a
 * folder that is there whole or not at all. Archives are hostile input: no name leads out of the folder, no link is followed.
 */
#ifndef FINRIG_SOURCE_UNPACK_H
#define FINRIG_SOURCE_UNPACK_H

#include <gio/gio.h>

enum { UNPACK_NESTED_MAX = 2 };

struct unpack {
	const char *file;
	GPtrArray *more;         /* char *: archives of the same make whose content belongs into the same folder; NULL: none. For unpack_once() */
	const char *nested[UNPACK_NESTED_MAX + 1]; /* patterns of the member to go on in, e.g. "data.tar*"; ends with NULL */
	gboolean strip;          /* leave out the first folder of each name */
	/* TRUE for what is wanted, by name without "./" and without what strip leaves out; NULL: everything. */
	gboolean (*wanted)(const char *path, gpointer user);
	gpointer user;
	guint stop_after;        /* stop once so many were written; 0: read to the end */
};

/* Unpacks into the existing folder `into`. Times are kept, owners are not. *count (may be NULL): how many were written.
 * Errors: FINRIG_ERROR_UNFIT (damaged, hostile, or lacks a nested member), FINRIG_ERROR_BROKEN, FINRIG_ERROR_CANCELLED. */
gboolean unpack_into(const struct unpack *unpack, const char *into, guint *count, GCancellable *cancellable, GError **error);
/* The same, but makes the folder: in a temporary one beside it first, then by rename, under a lock. A folder that is
 * there is left as it is. check (may be NULL) looks at the unpacked folder before it gets its name. */
gboolean unpack_once(const struct unpack *unpack, const char *folder, gboolean (*check)(const char *folder, GError **error),
		     GCancellable *cancellable, GError **error);
/* The content of the one member that name matches ("*": the first), for the caller to free. */
char *unpack_member(const struct unpack *unpack, const char *pattern, gsize *length_bytes, GError **error);
/* A file's content, decompressed if it is compressed (.ko.xz, .gz, .zst); raw otherwise. */
gboolean unpack_file(const char *from, const char *to, GError **error);
/* Removes a folder and all below it, following no link. */
void remove_folder(const char *folder);

#endif

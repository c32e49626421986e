/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_hash - who is this file, who is this tree?
 * in: files; out: SHA-256. What was hashed once is remembered in cache/source/stat/ by size, times and inode, so that
 * asking again costs a stat.
 */
#ifndef FINRIG_SOURCE_HASH_H
#define FINRIG_SOURCE_HASH_H

#include <gio/gio.h>

#include "workspace.h"

struct tree_file {
	char *path;      /* relative */
	guint32 mode;    /* a regular file or a symbolic link */
	char *hash;      /* SHA-256 of the content; of a link: of where it points */
};

struct tree {
	GPtrArray *files;   /* struct tree_file *, sorted by path */
	char *identity;     /* SHA-256 over all of it */
	gboolean unclean;   /* was built in place; the products are left out */
};

/* 64 hex digits, for the caller to free. FINRIG_ERROR_UNAVAILABLE if the file cannot be read. */
char *hash_file(const struct workspace *workspace, const char *path, GError **error);
/* SHA-256 of text, in hex. */
char *hash_text(const char *text);
/* Reads directory and changes nothing there. FINRIG_ERROR_UNAVAILABLE if that cannot be done. A tree that was built in place is listed by git's ignore rules. */
struct tree *tree_read(const struct workspace *workspace, const char *directory, GCancellable *cancellable, GError **error);
void tree_free(struct tree *tree);

typedef struct tree tree_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tree_t, tree_free)

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * source - the source stage: from what a kernel file names to something the image stage can read
 * in: struct kernel, the user's tarballs, kernel.org, apt; out: cache/source/, which then serves without any network.
 *
 *   source_find()    who is it? gets what has to be fetched; identity is known
 *   source_unpack()  makes directory ready; not called when the image is there already
 *   source_free()
 */
#ifndef FINRIG_SOURCE_H
#define FINRIG_SOURCE_H

#include <gio/gio.h>

#include "kernel.h"
#include "source_hash.h"

enum source_form {
	SOURCE_TREE,    /* a kernel's source, to be built */
	SOURCE_PACKAGE, /* a built kernel with its modules, as Debian packs it */
	SOURCE_READY,   /* a bzImage */
	SOURCE_FORM_COUNT
};

enum source_reach { SOURCE_LOCAL, SOURCE_NETWORK };

struct source {
	enum source_form form;
	char *label;          /* linux-2.6.32.tar.xz; linux-image-… 6.1.192-2; repository@ref: for people */
	char *identity;       /* the content: 64 hex digits of SHA-256, or git's tree id */
	char *family;         /* what sources that may share one build folder have in common */
	char *file;           /* tarball, .deb or bzImage; NULL when it is not needed or not at hand */
	char *package, *version; /* of a Debian package, else NULL */
	GPtrArray *parts;     /* char *: further .deb files that a package is divided into; NULL where there can be none */
	char *directory;      /* a tree: its top; a package: its root. NULL until source_unpack() for what is unpacked */
	gboolean lasting;     /* directory is ours and never changes: its files may be hard-linked */
	struct tree *tree;    /* of a directory that may change (user's tree, git): its files now; else NULL */
	int lock;             /* -1, or held while directory is in use */
};

/* SOURCE_LOCAL touches no network and fetches nothing.
 * Errors: FINRIG_ERROR_UNAVAILABLE (says what is missing and how to supply it), FINRIG_ERROR_USAGE,
 * FINRIG_ERROR_UNFIT (it is there and damaged, or no kernel's), FINRIG_ERROR_BROKEN, FINRIG_ERROR_CANCELLED. */
struct source *source_find(const struct kernel *kernel, const struct workspace *workspace, enum source_reach reach,
			   GCancellable *cancellable, GError **error);
gboolean source_unpack(struct source *source, const struct kernel *kernel, const struct workspace *workspace,
		       GCancellable *cancellable, GError **error);
/* TRUE if the kernel's source is one that finrig itself can get from a registry or mirror. */
gboolean source_can_be_fetched(const struct kernel *kernel);
void source_free(struct source *source);
/* The commit that the ref of a kernel from git stands for now; caller frees. NULL for other kernels, without an error, and with
 * FINRIG_ERROR_USAGE or _UNAVAILABLE if there is no such repository or ref. */
char *source_commit(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable, GError **error);

typedef struct source source_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(source_t, source_free)

/* For the kinds' own files. A source with nothing but its form. */
struct source *source_new(enum source_form form);
/* The tree of a folder that is there and may change; FINRIG_ERROR_UNFIT when it holds no kernel. */
gboolean source_take_tree(struct source *source, const char *directory, const struct workspace *workspace,
			  GCancellable *cancellable, GError **error);
/* TRUE if folder looks like the top of a kernel tree. */
gboolean source_is_tree(const char *folder);

#endif

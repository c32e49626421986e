/* SPDX-License-Identifier: GPL-2.0-or-later
 * kernel - one .kernel file, or the same said on the command line
 * in: kernels/NAME.kernel, or a spec `KIND:WHERE[,key=value]...` with KIND tarball git tree deb image; out: struct kernel.
 */
#ifndef FINRIG_KERNEL_H
#define FINRIG_KERNEL_H

#include <glib.h>

#include "error.h"
#include "workspace.h"

enum kernel_kind {
	KERNEL_TARBALL, /* kernel.org release, e.g. linux-2.6.32 */
	KERNEL_GIT,     /* repository and ref */
	KERNEL_TREE,    /* folder with a source tree, never written to */
	KERNEL_DEB,     /* Debian package of a kernel, or a meta package that names one; or a .deb file */
	KERNEL_IMAGE,   /* ready bzImage, optional modules */
	KERNEL_KIND_COUNT
};

struct kernel {
	char *name;         /* linux-2.6.32; for a spec: the last part of what it names, only [A-Za-z0-9._+-], or its name= key */
	char *origin;       /* "kernels/x.kernel" or the spec: where errors point */
	char *said;         /* what kernel_new() was asked for; NULL of a variant, which no command line can name */
	gboolean from_spec; /* said on the command line, not in a file */
	char *title, *why;  /* may be NULL for a spec */
	enum kernel_kind kind;
	char *where;        /* tarball name, repository, folder, package, bzImage */
	GHashTable *keys;   /* char * -> char *: every key as written, e.g. "sha256", "patches", "modules"; and where the ref of one from
			     * git was looked up already, the "commit" it stood for, which counts from then on */
	GHashTable *expect; /* case name or "*" -> "buggy" | "fixed" */
	GHashTable *predicted; /* the names of these that nobody saw on this kernel yet: "buggy (predicted)" */
	GPtrArray *further; /* char *: paths of patches behind those in the keys, whatever characters they have; see kernel_patches() */
	char *folder;       /* that relative paths in the keys start from: the file's own, or where finrig was called */
};

/* Finds NAME in data/kernels or in the folder of a path ending in .kernel, or reads a spec.
 * NULL with FINRIG_ERROR_USAGE: names file and line, or the part of the spec, and what was expected. */
struct kernel *kernel_new(const struct workspace *workspace, const char *name_or_spec, GError **error);
/* Names (char *) of all .kernel files in data/kernels, sorted as `sort -V` would. */
GPtrArray *kernel_names(const struct workspace *workspace, GError **error);
/* A key as written, or NULL. */
const char *kernel_key(const struct kernel *kernel, const char *key);
/* A key's value as a list, its parts divided by `:`, `;` or blanks; empty when it is not given. */
char **kernel_list(const struct kernel *kernel, const char *key);
/* Where `name` in a key is: data/kernels/ROOM/name if it is one of ours and has no `/`, else relative to kernel->folder. */
char *kernel_path(const struct kernel *kernel, const struct workspace *workspace, const char *room, const char *name);
/* Paths of all its patches, in the order they are applied in; those it names first. Caller frees. */
char **kernel_patches(const struct kernel *kernel, const struct workspace *workspace);
/* The file that a key modules.NAME = WHERE:FILE has, or NULL where it names none; WHERE ends at the last colon, which FILE has not. */
const char *kernel_swap_file(const char *value);
/* "buggy", "fixed", or NULL where the kernel says nothing about this case. */
const char *kernel_expectation(const struct kernel *kernel, const char *case_name);
/* Was that expectation read from source, and not seen on this kernel? */
gboolean kernel_expectation_is_predicted(const struct kernel *kernel, const char *case_name);
/* One line for `finrig kernels`: "built", "source at hand", "to be fetched", "unavailable: why". Caller frees. Touches no network. */
char *kernel_state(const struct kernel *kernel, const struct workspace *workspace);
/* The error for something the kernel names that is not there: a slip of the user's on the command line, while a file may name what
 * this machine lacks. */
enum finrig_error kernel_absent(const struct kernel *kernel);
/* One that says nothing yet; for who reads or makes kernels. */
struct kernel *kernel_blank(const char *origin);
/* A kernel of its own that is base without its expectations, under another name; base NULL: one that says nothing yet, to be given a
 * source. Its folder stays base's, so relative paths in the keys keep their meaning. */
struct kernel *kernel_variant(const struct kernel *base, const char *name);
void kernel_set_key(struct kernel *kernel, const char *key, const char *value);
/* Its source is now a commit of a repository (absolute path); patches, config and make stay. */
void kernel_set_git(struct kernel *kernel, const char *repository, const char *ref);
/* The same with a folder's tree. */
void kernel_set_tree(struct kernel *kernel, const char *folder);
/* One more patch (absolute path) behind those it has. */
void kernel_add_patch(struct kernel *kernel, const char *path);
void kernel_free(struct kernel *kernel);

typedef struct kernel kernel_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kernel_t, kernel_free)

#endif

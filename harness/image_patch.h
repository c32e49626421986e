/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_patch - a kernel's patches, applied to private copies of the files they touch
 * in: .patch files (unified diffs for `patch -p1`) and .sed files (one edit that fits many versions); out: the changed files
 * in a scratch folder, and one unified diff of all that was done. The tree itself is only read.
 *
 * A .sed file names the file it edits in a line `# file: drivers/net/tun.c` and how many lines it changes there in
 * `# changes: 1`; the rest is a script for `sed -E`. An edit that changes more or less than it says is an error.
 */
#ifndef FINRIG_IMAGE_PATCH_H
#define FINRIG_IMAGE_PATCH_H

#include <gio/gio.h>

/* In the message of a patch of which nothing is left to be done: all of its hunks are in the source. */
#define PATCH_IS_THERE "is applied already"
/* The same of one whose white space alone is another: a mailer turned tabs into blanks, say. */
#define PATCH_WANTS_BLANKS "does not apply, and would but for white space"

/* One patch, applied. */
struct patch_step {
	char *name;        /* of its file */
	char *diff;        /* a unified diff of what it does: a .patch file's own text */
	GPtrArray *notes;  /* char *: hunks that went in with fuzz, or at another place than they say; in patch's own words */
};

struct patched {
	char *scratch;     /* holds the changed files under their names in the tree */
	GPtrArray *files;  /* char *: those names, sorted; one that scratch lacks was removed */
	GPtrArray *steps;  /* struct patch_step *, one for each patch */
	char *diff;        /* of all of them; "" when there are none */
};

/* patches: paths, up to NULL. tree: the source's top; it need hold no more than what the patches touch.
 * Errors: FINRIG_ERROR_UNFIT (no patch; does not apply: with the hunk), FINRIG_ERROR_BROKEN, FINRIG_ERROR_CANCELLED. */
struct patched *patches_apply(char *const *patches, const char *tree, GCancellable *cancellable, GError **error);
/* Names (char *) of the files of a tree that a patch file touches. FINRIG_ERROR_USAGE: it cannot be read, or is no patch. */
GPtrArray *patch_files(const char *path, GError **error);
/* Removes scratch too. */
void patched_free(struct patched *patched);

typedef struct patched patched_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(patched_t, patched_free)

#endif

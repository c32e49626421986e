/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_checkout - whose work is the source? What a report to the kernel's developers must name
 * in: a kernel from git, and its repository, which is only read; out: commit, its name, branch and public place, and a sum of the
 * patches on top. No path of this machine is in it.
 */
#ifndef FINRIG_SOURCE_CHECKOUT_H
#define FINRIG_SOURCE_CHECKOUT_H

#include <json-glib/json-glib.h>

#include "kernel.h"

struct source_checkout {
	char *commit;         /* hash of the commit that the source is of, before patches */
	char *name;           /* as `git describe` says it: v6.1-rc2-15-g0123456789ab; NULL where no annotated tag leads there */
	char *branch;         /* that the ref names, without its remote; NULL if the ref is no branch */
	char *repository_url; /* https:// or git://, without a user: the repository's remote that has this commit; NULL if none does */
	char *patchset_hash;  /* SHA-256 of the lines with the SHA-256 of each patch, in their order; "" without patches */
};

/* NULL for kernels that are not from git, without an error. FINRIG_ERROR_USAGE or _UNAVAILABLE: no such repository, ref or patch. */
struct source_checkout *source_checkout_new(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable,
					    GError **error);
/* As it stands in 0-cell.json: members of these names, those that are NULL left out. */
JsonObject *source_checkout_json(const struct source_checkout *checkout);
void source_checkout_free(struct source_checkout *checkout);

typedef struct source_checkout source_checkout_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(source_checkout_t, source_checkout_free)

#endif

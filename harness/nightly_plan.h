/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_plan - the cells of a nightly: its kernels and cases read and checked, once for each variant
 * in: struct nightly_config; out: parts, each a run of its own. Everything that can be wrong is found before a guest boots.
 */
#ifndef FINRIG_NIGHTLY_PLAN_H
#define FINRIG_NIGHTLY_PLAN_H

#include <gio/gio.h>

#include "case_list.h"
#include "nightly_config.h"
#include "workspace.h"

struct nightly_kernel {
	char *name;
	char *spec;       /* as `finrig run --kernel` takes it */
	char *commit;     /* of a kernel from git: what its ref stands for tonight, in all parts; else NULL */
	gboolean canary;  /* what is expected to be buggy on it must come out so, or nothing of the night is believed */
};

/* The cells of one variant. */
struct nightly_part {
	const struct nightly_variant *variant; /* of the config */
	GPtrArray *kernels; /* struct kernel *, with the variant's expectations */
	GPtrArray *cases;   /* struct test_case * */
	GPtrArray *left_out; /* struct case_left_out *: cases that are for another IP version than the variant */
};

struct nightly_plan {
	GPtrArray *kernels; /* struct nightly_kernel * */
	GPtrArray *parts;   /* struct nightly_part * */
	guint cells;
};

/* config must outlive it. FINRIG_ERROR_USAGE with the config's file:line. */
struct nightly_plan *nightly_plan_new(const struct nightly_config *config, const struct workspace *workspace, GCancellable *cancellable,
				      GError **error);
/* Is there what the kernels from KIND:WHERE name: a ref, a folder, a file? A night does not ask: there it costs this kernel's cells, which
 * say why. A kernel file may name what this machine lacks. FINRIG_ERROR_USAGE with the config's file:line. */
gboolean nightly_plan_check_sources(const struct nightly_plan *plan, const struct nightly_config *config, const struct workspace *workspace,
				    GCancellable *cancellable, GError **error);
/* The kernel of that name, or NULL. */
const struct nightly_kernel *nightly_plan_kernel(const struct nightly_plan *plan, const char *name);
void nightly_plan_free(struct nightly_plan *plan);

typedef struct nightly_plan nightly_plan_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nightly_plan_t, nightly_plan_free)

#endif

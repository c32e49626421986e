/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_plan - which functions of a kernel are to be probed, and where they are
 * in: names from the command line, the kernel's symbols; out: addresses, or why a function cannot be probed in this kernel.
 */
#ifndef FINRIG_PROBE_PLAN_H
#define FINRIG_PROBE_PLAN_H

#include "symbols.h"

struct probe_target {
	char *function;
	guint64 address;
	char *absent;    /* NULL: it is at address; else why it is not, with near names */
};

struct probe_plan {
	GPtrArray *targets;     /* struct probe_target *, in the order they were asked for */
	struct symbol_map *map; /* NULL where the kernel has none */
	guint found;            /* how many are not absent */
};

/* functions: NULL-terminated. Takes over map, which may be NULL: then why (not taken over) says why there is none. */
struct probe_plan *probe_plan_new(char **functions, struct symbol_map *map, const GError *why);
/* The same in a kernel that may have to be asked, as symbols_get() does; for a kernel without symbols nothing is found. NULL with
 * FINRIG_ERROR_BROKEN or FINRIG_ERROR_CANCELLED. */
struct probe_plan *probe_plan_get(char **functions, const struct symbols_of *of, GCancellable *cancellable, GError **error);
void probe_plan_free(struct probe_plan *plan);
/* A name given twice counts once. TRUE: each function is in one of the plans (struct probe_plan *) at least, or there is no plan. FALSE:
 * FINRIG_ERROR_USAGE names the first that is in none, and what is near. */
gboolean probe_plan_check(GPtrArray *plans, GError **error);

typedef struct probe_plan probe_plan_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(probe_plan_t, probe_plan_free)

#endif

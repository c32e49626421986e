/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_plan - which functions of a kernel are to be probed, and where they are
 * in: names from the command line, the kernel's symbols; out: addresses, or why a function cannot be probed in this kernel.
 *
 * A function is more than its symbol: GCC makes copies of it for callers that pass less (name.isra.0, name.constprop.0), and splits
 * others, of which it inlines the beginning into callers and leaves the rest as name.part.0. All these are entries of the one function.
 * A call that returns from an inlined beginning is seen nowhere but in its caller: so those who call a .part are probed as well.
 */
#ifndef FINRIG_PROBE_PLAN_H
#define FINRIG_PROBE_PLAN_H

#include "kernel_text.h"
#include "symbols.h"

struct probe_target {
	char *function;
	guint64 address; /* of its first entry */
	GArray *entries; /* struct symbol: the function and what the compiler made of it besides; names are the map's */
	char *absent;    /* NULL: it is at address; else why it is not, with near names */
	char *note;      /* calls of it that are not seen, and what is probed instead; or NULL */
};

struct probe_plan {
	GPtrArray *targets;     /* struct probe_target *: first those that were asked for, in that order */
	struct symbol_map *map; /* NULL where the kernel has none */
	guint asked;            /* how many were asked for; the others are functions that something of those was inlined into */
	guint found;            /* how many are not absent */
};

/* functions: NULL-terminated. Takes over map, which may be NULL: then why (not taken over) says why there is none. */
struct probe_plan *probe_plan_new(char **functions, struct symbol_map *map, const GError *why);
/* TRUE: a function's beginning was inlined somewhere, as the rest of it shows, which stands alone: probe_plan_look() finds out where. */
gboolean probe_plan_must_look(const struct probe_plan *plan);
/* Adds the functions that call such a rest. text may be NULL: then why (not taken over) gets into the notes. */
void probe_plan_look(struct probe_plan *plan, const struct kernel_text *text, const GError *why);
/* All of that in a kernel that may have to be asked, as symbols_get() does; for a kernel without symbols nothing is found. NULL with
 * FINRIG_ERROR_BROKEN or FINRIG_ERROR_CANCELLED. */
struct probe_plan *probe_plan_get(char **functions, const struct symbols_of *of, GCancellable *cancellable, GError **error);
void probe_plan_free(struct probe_plan *plan);
/* A name given twice counts once. TRUE: each function is in one of the plans (struct probe_plan *) at least, or there is no plan. FALSE:
 * FINRIG_ERROR_USAGE names the first that is in none, and what is near. */
gboolean probe_plan_check(GPtrArray *plans, GError **error);

typedef struct probe_plan probe_plan_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(probe_plan_t, probe_plan_free)

#endif

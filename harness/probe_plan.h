/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_plan - which functions of a kernel are to be probed, and where they are
 * in: names from the command line, the kernel's symbols; out: addresses, or why a function cannot be probed in this kernel.
 *
 * A function is more than its symbol: GCC makes copies of it for callers that pass less (name.isra.0, name.constprop.0), and splits
 * others, of which it inlines the beginning into callers and leaves the rest as name.part.0. All these are entries of the one function.
 * A call that returns from an inlined beginning is seen nowhere but in its caller: so those who call a .part are probed as well.
 * Debug info tells of functions that were inlined whole, and of arguments.
 */
#ifndef FINRIG_PROBE_PLAN_H
#define FINRIG_PROBE_PLAN_H

#include "debug_info.h"
#include "kernel_text.h"
#include "symbols.h"

/* Where it is called: the function's own symbol, or what the compiler made of it besides. */
struct probe_entry {
	guint64 address;
	const char *name;     /* the map's, or the target's own */
	GPtrArray *arguments; /* struct debug_argument *; NULL: not known */
	gboolean typed;       /* it is known what it returns: */
	enum debug_kind result;
	guint result_bytes;   /* 0: nothing */
};

struct probe_target {
	char *function;
	guint64 address;   /* of its first entry */
	GArray *entries;   /* struct probe_entry */
	char *absent;      /* NULL: it is at address; else why it is not, with near names */
	gboolean instead;  /* absent, but what it was inlined into is probed */
	char *note;        /* calls of it that are not seen, and what is probed instead; or NULL */
};

/* What is read of a struct sock. */
enum probe_member { PROBE_WMEM_ALLOC, PROBE_WMEM_QUEUED, PROBE_STATE, PROBE_MEMBER_COUNT };

struct probe_place {
	guint offset_bytes, bytes; /* bytes 0: not known */
};

struct probe_plan {
	GPtrArray *targets;     /* struct probe_target *: first those that were asked for, in that order */
	struct symbol_map *map; /* NULL where the kernel has none */
	guint asked;            /* how many were asked for; the others are functions that something of those was inlined into */
	guint found;            /* how many are not absent */
	struct probe_place sock[PROBE_MEMBER_COUNT];
	char *plain;            /* why arguments are not known, and how to get them; NULL: they are */
};

/* What else is known of a kernel; each may be NULL: then there is a reason. Nothing of it is taken over, or needed later. */
struct probe_sources {
	const struct kernel_text *text;
	const GError *no_text;
	const struct debug_info *debug;
	const GError *no_debug;
};

/* functions: NULL-terminated. Takes over map, which may be NULL: then why (not taken over) says why there is none. */
struct probe_plan *probe_plan_new(char **functions, struct symbol_map *map, const GError *why);
/* TRUE: a function's beginning was inlined somewhere, as the rest of it shows, which stands alone: its callers tell where. */
gboolean probe_plan_must_look(const struct probe_plan *plan);
/* Adds the functions that something of those was inlined into, and what is known of arguments. */
void probe_plan_look(struct probe_plan *plan, const struct probe_sources *sources);
/* For probe_plan_look() alone. */
gboolean probe_plan_has(const struct probe_plan *plan, const char *function);
void probe_plan_add(struct probe_plan *plan, const char *function, const GError *why);
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

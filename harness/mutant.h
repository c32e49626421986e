/* SPDX-License-Identifier: GPL-2.0-or-later
 * mutant - kernels that are wrong on purpose, and which cases tell them from the right one
 * in: kernel files with `mutant-of = NAME`, a run of NAME and its mutants; out: the kill table.
 *
 * A case kills a mutant when it is FIXED on the twin and BUGGY, CHANGED or CRASH on the mutant. A mutant that no case kills survives:
 * then what it breaks could break in a real kernel and nobody would see.
 */
#ifndef FINRIG_MUTANT_H
#define FINRIG_MUTANT_H

#include "kernel.h"
#include "report.h"

enum mutant_fate { MUTANT_KILLED, MUTANT_SURVIVES, MUTANT_UNSEEN /* not one of its cells was judged */ };

struct mutant {
	const char *kernel;  /* of the run's list */
	enum mutant_fate fate;
	GPtrArray *killers;  /* const struct report_cell *, of the run */
	guint cases;         /* FIXED on the twin, and judged on the mutant */
	const char *cause;   /* why it was not seen; NULL if it was */
};

struct kill_table {
	const struct run_summary *run;
	GPtrArray *mutants;  /* struct mutant *, in the run's order */
	GPtrArray *useless;  /* const struct report_cell *: the twin's own cells that are neither FIXED nor skipped */
	guint broken;        /* cells that are BROKEN or were not judged */
};

/* twin and all kernels of finrig's own that are mutants of it (struct kernel *), the twin first. FINRIG_ERROR_USAGE: it has none. */
GPtrArray *mutants_of(const struct workspace *workspace, const char *twin, GError **error);
/* Of a run whose first kernel is the twin, all others mutants. run must outlive it. FINRIG_ERROR_USAGE: fewer than two kernels. */
struct kill_table *kill_table_new(const struct run_summary *run, GError **error);
void kill_table_free(struct kill_table *table);
/* Caller frees. */
char *kill_table_text(const struct kill_table *table);
/* 0: all are killed and the twin is well; 1: one survives, or a case is not FIXED on the twin; 2: a cell broke or a mutant was not seen. */
int kill_table_exit_code(const struct kill_table *table);

typedef struct kill_table kill_table_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kill_table_t, kill_table_free)

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * report - the report stage: a run's folder as something to read
 * in: run.json, each cell's 5-verdict.json, diff/<case>/<a>..<b>.json; out: report.txt, report.ktap, …
 *
 * One format = one file harness/report_<format>.c that defines `const struct report report_<format>`; make lists them.
 */
#ifndef FINRIG_REPORT_H
#define FINRIG_REPORT_H

#include <stdio.h>

#include "verdict.h"

struct report_cell {
	const char *kernel, *test_case;  /* of the summary's lists */
	char *directory;                 /* below the run's folder: "<kernel>/<case>" */
	gboolean judged;                 /* FALSE: no verdict is there, the run was interrupted; all below is empty */
	enum verdict_outcome outcome;
	char *cause;                     /* of SKIP: what is missing and how to supply it */
	char *expect;                    /* "fixed", "buggy" or NULL */
	gboolean predicted;              /* what is expected was not seen on this kernel before */
	gboolean as_expected;
	char *wire, *believes;           /* NULL where there are no facts */
	gboolean cached;                 /* the guest was not run: it had been, with the same inputs */
	char *fault;                     /* why its kernel was not there: "unavailable", "unfit", "unbuilt", "broken"; NULL: it was */
	char *log;                       /* of a build that failed, the lines about it; or NULL */
	char *note;                      /* what befell the machine and is no part of the verdict; or NULL */
	char *event, *told;              /* of a night that found fault with it: the history's word, and a sentence; else NULL */
};

/* What a night says of a cell, in words of nightly_judge.h. */
struct report_event {
	const char *word;
	char *told; /* g_free() */
};

struct report_diff {
	const char *test_case, *a, *b;   /* of the summary's lists */
	char *line;
};

struct run_summary {
	char *name;           /* of the run's folder */
	char *directory;
	char *variant;        /* of the nightly that this run is a part of; or NULL */
	GPtrArray *kernels;   /* char *, in the order of the run */
	GPtrArray *cases;     /* char * */
	GPtrArray *cells;     /* struct report_cell *, case by case, in each by kernel */
	GPtrArray *diffs;     /* struct report_diff *, in the same order */
	gboolean colour;      /* the reader is a terminal */
};

struct report {
	const char *name, *summary;
	const char *file;     /* in the run's folder: "report.txt" */
	gboolean (*write)(const struct run_summary *run, GString *out, GError **error);
};

extern const struct report *const reports[]; /* generated; ends with NULL */

/* Writes run.json: what is to be run, in order. kernels: struct kernel *; cases: struct test_case *. FINRIG_ERROR_BROKEN. */
gboolean report_plan(const char *run_dir, GPtrArray *kernels, GPtrArray *cases, GError **error);
/* The same by names (char *). */
gboolean report_plan_names(const char *run_dir, GPtrArray *kernels, GPtrArray *cases, GError **error);
/* Adds to run.json that the run was a variant of a night, and of its cells ("<kernel>/<case>") what the night found fault with, so
 * that all reports say so. events: cell -> struct report_event. FINRIG_ERROR_BROKEN. */
gboolean report_plan_judge(const char *run_dir, const char *variant, GHashTable *events, GError **error);
/* Reads a run's folder, finished or not. FINRIG_ERROR_BROKEN: run.json is absent or wrong. */
struct run_summary *report_read(const char *run_dir, GError **error);
void report_free(struct run_summary *run);
/* "fixed", "buggy (predicted)", or "fixed or buggy" of a kernel that says nothing. Caller frees. */
char *report_expectation(const struct report_cell *cell);
/* What it was held against: "expected fixed", and what a night said of it: "NEW regression: FIXED on …". Caller frees. */
char *report_held_against(const struct report_cell *cell);
/* 2 if a cell is BROKEN or was not judged, 1 if one is not as expected, 0. */
int report_exit_code(const struct run_summary *run);

/* Writes every format into the run's folder. */
gboolean report_stage(const char *run_dir, GError **error);
/* What a run of so many cases prints if nobody asks for a format: more than a table can show are summed up. */
const char *report_usual_format(guint cases);
/* FINRIG_ERROR_USAGE if no report has that name; NULL is well. */
gboolean report_check_format(const char *format, GError **error);
/* Prints one format, with colour if out is a terminal; sets *exit_code if it is not NULL. FINRIG_ERROR_USAGE: no such format. */
gboolean report_print(const char *run_dir, const char *format, FILE *out, int *exit_code, GError **error);

typedef struct run_summary run_summary_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(run_summary_t, report_free)

#endif

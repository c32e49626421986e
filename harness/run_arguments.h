/* SPDX-License-Identifier: GPL-2.0-or-later
 * run_arguments - the options of `finrig run`, and what other commands share of them
 * in: a command line; out: kernels, cases and what is the same for all cells.
 */
#ifndef FINRIG_RUN_ARGUMENTS_H
#define FINRIG_RUN_ARGUMENTS_H

#include "run.h"

enum { SHIFT_NOT_GIVEN = -1 };

/* As given. Begin with RUN_ARGUMENTS_DEFAULT, end with run_arguments_clear(). */
struct run_arguments {
	char **kernels, **tarballs, **cases, **non_fatal, **script_options, **ip_versions, **probes;
	char **positional; /* cases by name or path; not owned */
	char *results, *accel, *seccomp, *mirror, *format, *drain, *part;
	int shift, jobs, timeout_s, memory_mib, repeat;
	gboolean realtime, cold, again, ktap;
};

#define RUN_ARGUMENTS_DEFAULT { .shift = SHIFT_NOT_GIVEN, .timeout_s = 600, .memory_mib = VM_MEMORY_DEFAULT_MIB }

/* The option of that name, to be parsed into arguments; description NULL: what `finrig run --help` says of it. */
GOptionEntry run_arguments_entry(struct run_arguments *arguments, const char *name, const char *description);
/* All options, with a NULL entry at the end; free with g_free(). */
GOptionEntry *run_arguments_entries(struct run_arguments *arguments);
/* The words that say the same again (char *), but for who runs how much of it and what is printed: without --kernel, --results, --part,
 * --jobs, --format, --ktap and the cases. Free with g_ptr_array_unref(). */
GPtrArray *run_arguments_words(const struct run_arguments *arguments);
void run_arguments_clear(struct run_arguments *arguments);

/* --format, of which --ktap is another word; NULL: neither was given. */
const char *run_arguments_format(const struct run_arguments *arguments);
/* --tarballs, --mirror and --jobs. */
void run_arguments_set_workspace(const struct run_arguments *arguments, struct workspace *workspace);
/* --timeout; the machine is the one that cell has already. Snapshots are used and cells kept, again: and not taken.
 * workspace must outlive it; free with run_arguments_free_cell(). */
void run_arguments_fill_cell(const struct run_arguments *arguments, struct workspace *workspace, gboolean again, struct cell_options *cell);
void run_arguments_free_cell(struct cell_options *cell);

/* What a run is made of, read and checked. */
struct run_request {
	GPtrArray *kernels, *cases, *packetdrill;
	char *drain;
	struct share share;
	struct run_options options; /* directory is NULL yet */
};

/* All of it, the workspace too. Every script is read before the first guest boots. FALSE: FINRIG_ERROR_USAGE. End with
 * run_request_clear() in either case; arguments and workspace must outlive it. */
gboolean run_request_read(struct run_request *request, const struct run_arguments *arguments, struct workspace *workspace, GError **error);
void run_request_clear(struct run_request *request);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_config - what a nightly runs: kernels x cases x variants, as a key file says it
 * in: a file (docs/nightly.md tells its keys); out: struct nightly_config. No kernel or case is looked at here: nightly_plan does.
 */
#ifndef FINRIG_NIGHTLY_CONFIG_H
#define FINRIG_NIGHTLY_CONFIG_H

#include "key_file.h"

/* What a nightly's and a variant's name may have: they become parts of paths and of a mail's subject. */
#define NIGHTLY_NAME_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+-"

/* One group [variant NAME]. */
struct nightly_variant {
	char *name;
	char *group;             /* as it stands in the file; NULL: the file has none, this is the one that changes nothing */
	char *ip_version;        /* NULL: as each script says */
	char *drain;             /* by case_drain(); NULL: as each case says */
	int shift;
	char **kernels, **cases; /* patterns; NULL: all */
	GPtrArray *expect;       /* struct nightly_expectation * */
};

/* expect.KERNEL/CASE = buggy: in place of what the kernel's file says. */
struct nightly_expectation {
	char *kernel, *test_case; /* patterns */
	char *outcome;
	char *key;                /* as it stands in the file */
};

struct nightly_config {
	struct key_file *file;
	char *name;
	char **kernels, **cases, **folders, **canaries, **tarballs; /* never NULL but canaries: then all mutants */
	char *results, *history; /* absolute or from where finrig was called */
	gboolean cached;         /* a cell that was run before with the same inputs is not run again */
	int repeat, jobs, memory_mib; /* jobs 0: as many as there are cores */
	guint keep, keep_history; /* nights: with folders, in the history */
	gint64 timeout_us;
	GPtrArray *variants;     /* struct nightly_variant *, at least one */
};

/* Where history is when nobody names it: below where finrig was called. */
#define NIGHTLY_HISTORY "results/history.sqlite"
#define NIGHTLY_RESULTS "results/nights"

/* NULL with FINRIG_ERROR_USAGE: file:line and what was expected. */
struct nightly_config *nightly_config_read(const char *path, GError **error);
void nightly_config_free(struct nightly_config *config);

typedef struct nightly_config nightly_config_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nightly_config_t, nightly_config_free)

#endif

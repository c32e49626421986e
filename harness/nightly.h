/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly - one night: all cells of a plan run, compared with their history, and written into it
 * in: a plan; out: <results>/<name>/<time>/ with a run for each variant night.txt and night.json, the history's new rows.
 *
 *   nightly_run() -> nightly_text() ... -> nightly_free()
 */
#ifndef FINRIG_NIGHTLY_H
#define FINRIG_NIGHTLY_H

#include "nightly_judge.h"
#include "nightly_plan.h"

/* A cell of tonight beside what it was. */
struct nightly_cell {
	struct past_cell *now;
	struct past_cell *last;   /* when it was last judged in a trusted night; or NULL */
	struct past_cell *other;  /* with the same inputs and other bytes; or NULL */
	enum nightly_event event;
	gboolean repeats_differ;     /* the repetitions of tonight gave other bytes; those are kept */
	char *failing_since;         /* start of the first night of an unbroken row of failures; or NULL */
	const struct nightly_kernel *kernel;
	const struct nightly_variant *variant;
	const struct test_case *test_case;
};

struct nightly {
	const struct nightly_config *config;
	const struct nightly_plan *plan;
	const struct workspace *workspace;
	struct past_night *night;
	GPtrArray *cells;            /* struct nightly_cell *, variant by variant, case by case */
	GPtrArray *untrusted;        /* char *, starts of the nights after the last trusted one: nothing is compared with them; newest first */
	GPtrArray *gone;             /* struct past_cell *: the last trusted night had them, tonight has not; by kernel */
	int lock;                    /* held on the folder while the night runs */
};

/* Runs and records. config and plan must outlive the result. NULL: FINRIG_ERROR_CANCELLED (what is finished lies in the folder,
 * nothing is recorded), FINRIG_ERROR_BROKEN, FINRIG_ERROR_USAGE (the history is of a newer finrig). */
struct nightly *nightly_run(const struct nightly_config *config, const struct nightly_plan *plan, const struct workspace *workspace,
			    GCancellable *cancellable, GError **error);
void nightly_free(struct nightly *nightly);

/* The night as a mail's text; its first line is a subject. */
char *nightly_text(const struct nightly *nightly);
/* The same as a whole mail (RFC 5322, MIME) to an address, for `sendmail -t`. */
char *nightly_mail(const struct nightly *nightly, const char *address);
/* The mail of a night that did not come to its end, of the configuration at path: no mail would be read as no news. Caller frees. */
char *nightly_failure_mail(const char *path, const char *address, const char *why);

typedef struct nightly nightly_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(nightly_t, nightly_free)

#endif

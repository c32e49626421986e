/* SPDX-License-Identifier: GPL-2.0-or-later
 * backport - does a patch mend what it is for on this kernel, is every part of it needed, and does it break anything else?
 * in: a base kernel, a patch, cases; out: a verdict with its cause, and a run's folder with all that it rests on.
 *
 * The base and the base with the patch run all cases, in the run's folder itself. What the patch mended or broke is then run
 * without each of its hunks in turn, in the folder hunks/ below. The first verdict that fits:
 *   DOES NOT APPLY   patch refuses a hunk
 *   DOES NOT BUILD   the base builds, with the patch it does not
 *   HARMFUL          a case comes out worse than on the base
 *   INEFFECTIVE      a case that the patch is for is not FIXED by it; none given: no case comes out FIXED that did not before
 *   VERIFIED
 */
#ifndef FINRIG_BACKPORT_H
#define FINRIG_BACKPORT_H

#include <json-glib/json-glib.h>

#include "cell.h"
#include "report.h"

/* The highest level of a patch's paths, as for patch -p. */
enum { BACKPORT_STRIP_MAX = 4 };

enum backport_verdict {
	BACKPORT_VERIFIED, BACKPORT_INEFFECTIVE, BACKPORT_HARMFUL, BACKPORT_DOES_NOT_APPLY, BACKPORT_DOES_NOT_BUILD, BACKPORT_VERDICT_COUNT
};

enum backport_effect {
	EFFECT_NONE,   /* the same outcome */
	EFFECT_MENDED, /* FIXED, and was not */
	EFFECT_HARMED, /* was FIXED and is not, or crashes and did not */
	EFFECT_OTHER,  /* another outcome, as bad as before */
	EFFECT_UNSEEN, /* skipped: the kernel lacks what the case needs */
	EFFECT_COUNT
};

struct backport_case {
	char *name;
	gboolean target;                    /* the patch is for it */
	enum verdict_outcome before, after; /* on the base, with the patch */
	char *before_cause, *after_cause;
	char *packets;                      /* where the two runs part ways, though the outcome stays; else NULL */
	enum backport_effect effect;
};

enum backport_need {
	NEED_UNKNOWN,  /* the patch mends no case, so none could notice */
	NEED_WHOLE,    /* it is all there is */
	NEED_YES,      /* without it, a case is not mended, or comes out worse than with all of the patch */
	NEED_TO_APPLY, /* without it, the rest does not apply */
	NEED_TO_BUILD, /* without it, the rest does not build */
	NEED_NO,       /* no case notices that it is missing; of a VERIFIED patch, that all such hunks are */
	NEED_INSTEAD,  /* needed as soon as those not needed are missing */
	NEED_NO_CODE,  /* nothing is compiled from it */
	NEED_COUNT
};

struct backport_hunk {
	char *file, *heading;
	enum backport_need need;
	gboolean harms;  /* without it, a case that the patch breaks is well */
	char *reason;    /* NULL, or a sentence with the case */
};

struct backport {
	char *base, *patch, *patched; /* names: of the kernel, of the patch file, of the kernel with it */
	enum backport_verdict verdict;
	char *cause;
	char *detail;      /* the hunk that does not apply, the compiler's error; else NULL */
	GPtrArray *notes;  /* char *: what was left out or read in another way, hunks that went in with fuzz or elsewhere */
	GPtrArray *hunks;  /* struct backport_hunk * */
	GPtrArray *cases;  /* struct backport_case * */
};

struct backport_request {
	const struct kernel *base;
	const char *patch;      /* path of a diff, a mail, a series in one mbox, or a .sed file */
	int strip;              /* level of its paths as for patch -p; -1: as they fit */
	GPtrArray *cases;       /* struct test_case *, the first `targets` of them being what the patch is for */
	guint targets;          /* 0: whatever it mends */
	const char *directory;  /* of the run */
	struct cell_options cell;
};

/* FINRIG_ERROR_USAGE: no patch, or one for files that the base has no part for. FINRIG_ERROR_BROKEN: the base does not build, a cell
 * broke, or no case could be judged. FINRIG_ERROR_UNAVAILABLE, FINRIG_ERROR_CANCELLED. */
struct backport *backport_run(const struct backport_request *request, const struct workspace *workspace, GCancellable *cancellable,
			      GError **error);
void backport_free(struct backport *backport);

/* The judging alone, of stored runs. Fills in cases, verdict and cause from a run whose first kernel is the base and whose second has
 * the patch. FINRIG_ERROR_BROKEN. */
gboolean backport_judge(struct backport *backport, const struct run_summary *run, guint targets, GError **error);
/* Hunk number (from 0) by the cells of kernel in a run without it. FINRIG_ERROR_BROKEN. */
gboolean backport_judge_hunk(struct backport *backport, guint number, const struct run_summary *run, const char *kernel, GError **error);
/* What may be missing without loss: need is NEED_NO for kernel, which lacks several hunks, or NEED_YES with a reason. FINRIG_ERROR_BROKEN. */
gboolean backport_judge_set(const struct backport *backport, const struct run_summary *run, const char *kernel, enum backport_need *need, char **reason,
			    GError **error);
struct backport *backport_new(const char *base, const char *patch);
void backport_add_hunk(struct backport *backport, const char *file, const char *heading);

const char *backport_verdict_name(enum backport_verdict verdict);
/* The form is in docs/pipeline.md. */
JsonNode *backport_json(const struct backport *backport);
/* For people; ends with the verdict's line. Caller frees. */
char *backport_text(const struct backport *backport);

typedef struct backport backport_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(backport_t, backport_free)

#endif

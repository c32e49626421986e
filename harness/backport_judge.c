/* SPDX-License-Identifier: GPL-2.0-or-later
 * backport_judge - what a patch did to the cases, and what each of its hunks has to do with it
 * in: run.json's cells of the base, of the base with the patch, and without each hunk; out: struct backport's verdict and hunks.
 */
#include <string.h>

#include "artefact.h"
#include "backport.h"
#include "error.h"

static const char *const verdict_names[] = { "VERIFIED", "INEFFECTIVE", "HARMFUL", "DOES NOT APPLY", "DOES NOT BUILD" };
G_STATIC_ASSERT(G_N_ELEMENTS(verdict_names) == BACKPORT_VERDICT_COUNT);

const char *backport_verdict_name(enum backport_verdict verdict)
{
	return verdict < BACKPORT_VERDICT_COUNT ? verdict_names[verdict] : NULL;
}

static void case_free_one(gpointer data)
{
	struct backport_case *about = data;

	g_free(about->name);
	g_free(about->before_cause);
	g_free(about->after_cause);
	g_free(about->packets);
	g_free(about);
}

static void hunk_free_one(gpointer data)
{
	struct backport_hunk *hunk = data;

	g_free(hunk->file);
	g_free(hunk->heading);
	g_free(hunk->reason);
	g_free(hunk);
}

struct backport *backport_new(const char *base, const char *patch)
{
	struct backport *backport = g_new0(struct backport, 1);
	g_autofree char *stem = g_path_get_basename(patch);

	backport->patch = g_strdup(stem);
	if (strrchr(stem, '.') > stem)
		*strrchr(stem, '.') = 0;
	g_strcanon(stem, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+-", '-');
	backport->base = g_strdup(base);
	backport->patched = g_strdup_printf("%s+%.60s", base, stem);
	backport->notes = g_ptr_array_new_with_free_func(g_free);
	backport->hunks = g_ptr_array_new_with_free_func(hunk_free_one);
	backport->cases = g_ptr_array_new_with_free_func(case_free_one);
	return backport;
}

void backport_free(struct backport *backport)
{
	if (!backport)
		return;
	g_free(backport->base);
	g_free(backport->patch);
	g_free(backport->patched);
	g_free(backport->cause);
	g_free(backport->detail);
	g_ptr_array_unref(backport->notes);
	g_ptr_array_unref(backport->hunks);
	g_ptr_array_unref(backport->cases);
	g_free(backport);
}

void backport_add_hunk(struct backport *backport, const char *file, const char *heading)
{
	struct backport_hunk *hunk = g_new0(struct backport_hunk, 1);

	hunk->file = g_strdup(file);
	hunk->heading = g_strdup(heading);
	g_ptr_array_add(backport->hunks, hunk);
}

/* How bad it is; BROKEN and SKIP say nothing about the kernel. */
static int badness(enum verdict_outcome outcome)
{
	static const int of[VERDICT_OUTCOME_COUNT] = {
		[VERDICT_FIXED] = 0, [VERDICT_BUGGY] = 1, [VERDICT_CHANGED] = 1, [VERDICT_CRASH] = 2, [VERDICT_SKIP] = -1, [VERDICT_BROKEN] = -1,
	};

	return of[outcome];
}

static enum backport_effect effect_of(enum verdict_outcome before, enum verdict_outcome after)
{
	int was = badness(before), is = badness(after);

	if (was < 0 || is < 0)
		return EFFECT_UNSEEN;
	if (before == after)
		return EFFECT_NONE;
	return is > was ? EFFECT_HARMED : is == 0 ? EFFECT_MENDED : EFFECT_OTHER;
}

static const struct report_cell *find_cell(const struct run_summary *run, const char *kernel, const char *test_case, GError **error)
{
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = run->cells->pdata[i];

		if (strcmp(cell->kernel, kernel) || strcmp(cell->test_case, test_case))
			continue;
		if (cell->judged && cell->outcome != VERDICT_BROKEN)
			return cell;
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s %s: %s", kernel, test_case,
			    cell->judged && cell->cause ? cell->cause : "was not judged");
		return NULL;
	}
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: has no cell %s/%s", run->directory, kernel, test_case);
	return NULL;
}

/* The diff's line, if the packets of the two runs are others. */
static char *packets_part(const struct run_summary *run, const char *test_case)
{
	g_autofree char *folder = g_build_filename(run->directory, "diff", test_case, NULL);
	g_autofree char *name = g_strdup_printf("%s..%s.json", (char *)run->kernels->pdata[0], (char *)run->kernels->pdata[1]);
	g_autoptr(JsonObject) diff = artefact_read_json(folder, name, NULL);

	if (!diff || json_object_get_boolean_member_with_default(diff, "same", TRUE))
		return NULL;
	return g_strdup(artefact_string(diff, "line"));
}

static gboolean add_case(struct backport *backport, const struct run_summary *run, const char *name, gboolean target, GError **error)
{
	const struct report_cell *before = find_cell(run, run->kernels->pdata[0], name, error);
	const struct report_cell *after = before ? find_cell(run, run->kernels->pdata[1], name, error) : NULL;
	struct backport_case *about;

	if (!after)
		return FALSE;
	about = g_new0(struct backport_case, 1);
	about->name = g_strdup(name);
	about->target = target;
	about->before = before->outcome;
	about->after = after->outcome;
	about->before_cause = g_strdup(before->cause);
	about->after_cause = g_strdup(after->cause);
	about->effect = effect_of(before->outcome, after->outcome);
	about->packets = about->effect == EFFECT_NONE ? packets_part(run, name) : NULL;
	g_ptr_array_add(backport->cases, about);
	return TRUE;
}

static guint count_effect(const struct backport *backport, enum backport_effect effect)
{
	guint count = 0;

	for (guint i = 0; i < backport->cases->len; i++)
		count += ((const struct backport_case *)backport->cases->pdata[i])->effect == effect;
	return count;
}

static const struct backport_case *first_case(const struct backport *backport, enum backport_effect effect)
{
	for (guint i = 0; i < backport->cases->len; i++) {
		const struct backport_case *about = backport->cases->pdata[i];

		if (about->effect == effect)
			return about;
	}
	return NULL;
}

/* A case that the patch is for and that is not FIXED by it; a mended one comes to nothing here. */
static const struct backport_case *first_unmended(const struct backport *backport)
{
	for (guint i = 0; i < backport->cases->len; i++) {
		const struct backport_case *about = backport->cases->pdata[i];

		if (about->target && about->effect != EFFECT_UNSEEN && about->after != VERDICT_FIXED)
			return about;
	}
	return NULL;
}

static void conclude(struct backport *backport, enum backport_verdict verdict, char *cause)
{
	backport->verdict = verdict;
	g_free(backport->cause);
	backport->cause = cause;
}

static void conclude_harmful(struct backport *backport)
{
	const struct backport_case *harmed = first_case(backport, EFFECT_HARMED);
	guint more = count_effect(backport, EFFECT_HARMED) - 1;
	g_autofree char *others = more ? g_strdup_printf(" (and %u more)", more) : g_strdup("");

	conclude(backport, BACKPORT_HARMFUL, g_strdup_printf("%s is %s without the patch and %s with it%s: %s", harmed->name,
							      verdict_name(harmed->before), verdict_name(harmed->after), others, harmed->after_cause));
}

static void conclude_ineffective(struct backport *backport, guint targets)
{
	const struct backport_case *unmended = first_unmended(backport), *first = backport->cases->pdata[0];
	guint judged = backport->cases->len - count_effect(backport, EFFECT_UNSEEN);
	char *cause;

	if (unmended)
		cause = g_strdup_printf("%s is still %s with the patch: %s", unmended->name, verdict_name(unmended->after), unmended->after_cause);
	else if (targets)
		cause = g_strdup_printf("%s is FIXED without the patch as well: it does not show what the patch mends", first->name);
	else
		cause = g_strdup_printf("none of %u cases comes out FIXED that is not without the patch", judged);
	conclude(backport, BACKPORT_INEFFECTIVE, cause);
}

static void conclude_verified(struct backport *backport)
{
	const struct backport_case *mended = first_case(backport, EFFECT_MENDED);
	guint count = count_effect(backport, EFFECT_MENDED);
	guint rest = backport->cases->len - count - count_effect(backport, EFFECT_UNSEEN);
	g_autofree char *more = count > 1 ? g_strdup_printf(" (and %u more)", count - 1) : g_strdup("");

	conclude(backport, BACKPORT_VERIFIED,
		 g_strdup_printf("%s is %s without the patch and FIXED with it%s: %s; no harm in %u other case%s", mended->name,
				 verdict_name(mended->before), more, mended->after_cause, rest, rest == 1 ? "" : "s"));
}

static gboolean any_target_seen(const struct backport *backport, guint targets, GError **error)
{
	guint count = targets ? targets : backport->cases->len;
	const struct backport_case *about = NULL;

	for (guint i = 0; i < count; i++) {
		about = backport->cases->pdata[i];
		if (about->effect != EFFECT_UNSEEN)
			return TRUE;
	}
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "no case could be judged; %s: %s", about ? about->name : "none given",
		    about ? about->before_cause : "");
	return FALSE;
}

gboolean backport_judge(struct backport *backport, const struct run_summary *run, guint targets, GError **error)
{
	for (guint i = 0; i < run->cases->len; i++)
		if (!add_case(backport, run, run->cases->pdata[i], i < targets, error))
			return FALSE;
	if (!any_target_seen(backport, targets, error))
		return FALSE;
	if (count_effect(backport, EFFECT_HARMED))
		conclude_harmful(backport);
	else if (first_unmended(backport) || !count_effect(backport, EFFECT_MENDED))
		conclude_ineffective(backport, targets);
	else
		conclude_verified(backport);
	return TRUE;
}

/* What one case says of a hunk, from how it came out without it. */
static void hold_hunk(struct backport_hunk *hunk, const struct backport_case *about, const struct report_cell *cell)
{
	if (hunk->need == NEED_NO && badness(cell->outcome) > badness(about->after)) {
		hunk->need = NEED_YES;
		g_free(hunk->reason);
		hunk->reason = g_strdup_printf("without it %s is %s: %s", about->name, verdict_name(cell->outcome), cell->cause);
	}
	if (about->effect == EFFECT_HARMED && badness(cell->outcome) <= badness(about->before)) {
		hunk->harms = TRUE;
		if (!hunk->reason)
			hunk->reason = g_strdup_printf("without it %s is %s", about->name, verdict_name(cell->outcome));
	}
}

/* All judged cases that the patch mends, or all others. */
static gboolean hold_against(const struct backport *backport, struct backport_hunk *hunk, gboolean mended, const struct run_summary *run,
			     const char *kernel, GError **error)
{
	for (guint i = 0; i < backport->cases->len; i++) {
		const struct backport_case *about = backport->cases->pdata[i];
		const struct report_cell *cell;

		if (about->effect == EFFECT_UNSEEN || (about->effect == EFFECT_MENDED) != mended)
			continue;
		cell = find_cell(run, kernel, about->name, error);
		if (!cell)
			return FALSE;
		hold_hunk(hunk, about, cell);
	}
	return TRUE;
}

/* A case that comes out worse without the hunk than with all, or one that the patch broke and that is well: the hunk has a part in it. What the
 * patch mends is asked first, so that it is the reason that is named. */
gboolean backport_judge_hunk(struct backport *backport, guint number, const struct run_summary *run, const char *kernel, GError **error)
{
	struct backport_hunk *hunk = backport->hunks->pdata[number];

	hunk->need = NEED_NO;
	if (!hold_against(backport, hunk, TRUE, run, kernel, error) || !hold_against(backport, hunk, FALSE, run, kernel, error))
		return FALSE;
	if (hunk->need == NEED_NO && !count_effect(backport, EFFECT_MENDED))
		hunk->need = NEED_UNKNOWN;
	return TRUE;
}

gboolean backport_judge_set(const struct backport *backport, const struct run_summary *run, const char *kernel, enum backport_need *need, char **reason,
			    GError **error)
{
	struct backport_hunk set = {.need = NEED_NO};
	gboolean judged = hold_against(backport, &set, TRUE, run, kernel, error) && hold_against(backport, &set, FALSE, run, kernel, error);

	*need = set.need;
	*reason = set.reason;
	return judged;
}

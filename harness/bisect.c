/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect - the search for the commit (kernel, patch) where a case's verdict changes
 */
#include "bisect.h"

#include <string.h>

#include "bisect_outside.h"
#include "bisect_scope.h"
#include "error.h"

void bisect_result_clear(struct bisect_result *result)
{
	if (result->candidates)
		g_ptr_array_unref(result->candidates);
	g_free(result->check_text);
	g_free(result->log);
	g_free(result->outside);
	g_free(result->outside_old);
	g_free(result->outside_new);
}

char *bisect_name(const struct history *history, const struct history_commit *commit)
{
	return history->ids ? g_strdup(commit->subject) : g_strndup(commit->id, 12);
}

static void tell_step(const struct bisect *bisect, const struct step *step)
{
	g_autofree char *title = step->subject && strcmp(step->subject, step->name) ? g_strdup_printf(" \"%s\"", step->subject) : g_strdup("");
	g_autofree char *shared = step->same_as ? g_strdup_printf(" (the same kernel as %s)", step->same_as) : g_strdup("");

	workspace_progress(bisect->workspace, "note", "bisect", "%s%s: %s%s: %s", step->name, title, step_outcome(step), shared, step->reason);
}

const struct step *bisect_judge(struct bisect *bisect, const struct point *point, const char *id, GError **error)
{
	struct step *step = steps_find(bisect->steps, id);
	const struct step *last = bisect->steps->len ? bisect->steps->pdata[bisect->steps->len - 1] : NULL;
	gint64 start_us = g_get_monotonic_time();

	if (step)
		return step;
	step = g_new0(struct step, 1);
	step->number = last ? last->number + 1 : 1;
	step->id = g_strdup(id);
	step->name = g_strdup(point->name);
	step->subject = g_strdup(point->commit->subject);
	if (!bisect->judge.run(bisect->judge.user, bisect->history, point, bisect->steps, step, error)) {
		step_free(step);
		return NULL;
	}
	step->seconds = (double)(g_get_monotonic_time() - start_us) / G_USEC_PER_SEC;
	if (!step_write(step, bisect->directory, error)) {
		step_free(step);
		return NULL;
	}
	g_ptr_array_add(bisect->steps, step);
	tell_step(bisect, step);
	return step;
}

const struct step *bisect_judge_commit(struct bisect *bisect, const char *id, GError **error)
{
	g_autoptr(history_commit_t) commit = history_commit(bisect->history, id, error);
	g_autofree char *name = commit ? bisect_name(bisect->history, commit) : NULL;
	struct point point = {.commit = commit, .name = name};

	return commit ? bisect_judge(bisect, &point, id, error) : NULL;
}

static const struct step *judge_end(struct bisect *bisect, const char *which, const char *id, GError **error)
{
	const struct step *step = bisect_judge_commit(bisect, id, error);

	if (!step || step->outcome)
		return step;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "the %s end, %s, cannot be judged: %s", which, step->name, step->reason);
	return NULL;
}

static gboolean judge_ends(struct bisect *bisect, struct bisect_result *result, GError **error)
{
	if (!(result->old_end = judge_end(bisect, "old", bisect->history->old_id, error)) ||
	    !(result->new_end = judge_end(bisect, "new", bisect->history->new_id, error)))
		return FALSE;
	if (strcmp(result->old_end->outcome, result->new_end->outcome) != 0)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "both ends have the same verdict, so there is nothing to find between them: %s and %s are %s",
		    result->old_end->name, result->new_end->name, result->old_end->outcome);
	return FALSE;
}

static gint by_size(gconstpointer a, gconstpointer b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

/* The median: the first point is built from nothing, and what was met before costs moments. */
static double typical_seconds(const GPtrArray *steps)
{
	g_autoptr(GArray) seconds = g_array_new(FALSE, FALSE, sizeof(double));

	for (guint i = 0; i < steps->len; i++)
		g_array_append_val(seconds, ((const struct step *)steps->pdata[i])->seconds);
	g_array_sort(seconds, by_size);
	return seconds->len ? g_array_index(seconds, double, (seconds->len - 1) / 2) : 0;
}

static void tell_estimate(const struct bisect *bisect, const struct history_answer *answer)
{
	guint seconds = (guint)(typical_seconds(bisect->steps) * answer->steps);

	workspace_progress(bisect->workspace, "left", "bisect", "%u, about %u step%s, about %u min %02u s", answer->left, answer->steps,
			   answer->steps == 1 ? "" : "s", seconds / 60, seconds % 60);
}

/* A verdict that neither end has says nothing about the change that is sought. */
static enum history_mark mark_of(const struct bisect_result *result, const struct step *step)
{
	if (g_strcmp0(step->outcome, result->old_end->outcome) == 0)
		return HISTORY_OLD;
	return g_strcmp0(step->outcome, result->new_end->outcome) == 0 ? HISTORY_NEW : HISTORY_SKIP;
}

/* From one answer to the next. */
static gboolean advance(struct bisect *bisect, const struct bisect_result *result, struct history_answer *answer, GError **error)
{
	g_autofree char *id = g_strdup(answer->ids->pdata[0]);
	const struct step *step;

	tell_estimate(bisect, answer);
	step = bisect_judge_commit(bisect, id, error);
	history_answer_clear(answer);
	return step && history_mark(bisect->history, mark_of(result, step), id, answer, error);
}

static gboolean take_answer(struct bisect *bisect, struct bisect_result *result, const struct history_answer *answer, GError **error)
{
	result->found = answer->state == HISTORY_FOUND;
	result->candidates = g_ptr_array_new_with_free_func((GDestroyNotify)history_commit_free);
	for (guint i = 0; i < answer->ids->len; i++) {
		struct history_commit *commit = history_commit(bisect->history, answer->ids->pdata[i], error);

		if (!commit)
			return FALSE;
		g_ptr_array_add(result->candidates, commit);
	}
	result->log = history_log(bisect->history, error);
	return result->log != NULL;
}

/* Both sides of what was found. git bisect need not have asked for either: of a merge, a parent may lie outside of the range, and of those that
 * change some paths it never asks for the ones between. */
static gboolean judge_sides(struct bisect *bisect, struct bisect_result *result, GError **error)
{
	const struct history_commit *found = result->candidates->pdata[0];

	result->after = bisect_judge_commit(bisect, found->id, error);
	if (result->after && found->parent)
		result->before = bisect_judge_commit(bisect, found->parent, error);
	return result->after && (result->before || !found->parent);
}

/* What was judged before the user said to skip it stays judged. */
static void keep_judged(struct bisect *bisect)
{
	GPtrArray *skipped = bisect->history->skipped;

	for (guint i = skipped ? skipped->len : 0; i-- > 0;) {
		const struct step *step = steps_find(bisect->steps, skipped->pdata[i]);

		if (!step || !step->outcome)
			continue;
		workspace_progress(bisect->workspace, "note", "bisect", "%s: is not skipped, as it is judged already: %s", step->name, step->outcome);
		g_ptr_array_remove_index(skipped, i);
	}
}

gboolean bisect_run(struct bisect *bisect, struct bisect_result *result, GError **error)
{
	struct history_answer answer = {.ids = NULL};
	g_autofree char *old_term = NULL, *new_term = NULL;
	gboolean ok;

	if (!judge_ends(bisect, result, error))
		return FALSE;
	old_term = g_ascii_strdown(result->old_end->outcome, -1);
	new_term = g_ascii_strdown(result->new_end->outcome, -1);
	keep_judged(bisect);
	ok = history_begin(bisect->history, old_term, new_term, &answer, error);
	while (ok && answer.state == HISTORY_NEXT)
		ok = advance(bisect, result, &answer, error);
	ok = ok && take_answer(bisect, result, &answer, error) && (answer.state != HISTORY_NONE || outside_of_all(bisect, result, error));
	history_answer_clear(&answer);
	workspace_progress(bisect->workspace, NULL, "bisect", "%s", "");
	return ok && (!result->found || (judge_sides(bisect, result, error) && outside_of_found(bisect, result, error)));
}

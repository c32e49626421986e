/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_check - is what was found the cause? It is taken out at one end, or put in at the other, and judged again
 * Its patch is revert.patch or apply.patch in the bisection's folder.
 */
#include <string.h>

#include "bisect.h"
#include "error.h"

/* One attempt: where, what is done there, and which verdict shows that it is the cause. */
struct attempt {
	const char *id;       /* of the end */
	const char *end;      /* "new", "old" */
	const char *from, *to; /* the patch */
	const char *file, *done;
	const char *wanted, *unwanted; /* outcomes */
};

static gboolean report(struct bisect_result *result, enum bisect_check check, const struct step *step, char *text)
{
	result->check = check;
	result->checked = step;
	g_free(result->check_text);
	result->check_text = text;
	return TRUE;
}

static const struct step *judge_patched(struct bisect *bisect, const struct history_commit *found, const struct attempt *attempt, GError **error)
{
	g_autoptr(history_commit_t) commit = history_commit(bisect->history, attempt->id, error);
	g_autofree char *path = g_build_filename(bisect->directory, attempt->file, NULL), *absolute = g_canonicalize_filename(path, NULL);
	g_autofree char *base = commit ? bisect_name(bisect->history, commit) : NULL;
	g_autofree char *name = g_strdup_printf("%s-%s-%.12s", base, attempt->done, found->id);
	g_autofree char *id = g_strdup_printf("%s %s %s", attempt->id, attempt->done, found->id);
	struct point point = {.commit = commit, .name = name, .patch = absolute};

	if (!commit || !history_patch(bisect->history, attempt->from, attempt->to, bisect->compiled, absolute, error))
		return NULL;
	return bisect_judge(bisect, &point, id, error);
}

static void conclude(struct bisect_result *result, const struct attempt *attempt, const struct step *step)
{
	if (g_strcmp0(step->outcome, attempt->wanted) == 0)
		report(result, CHECK_CONFIRMED, step, g_strdup_printf("%s at the %s end it changes the verdict there from %s to %s", attempt->done,
								      attempt->end, attempt->unwanted, attempt->wanted));
	else if (step->outcome)
		report(result, CHECK_NOT_CONFIRMED, step, g_strdup_printf("%s at the %s end the verdict there is %s and not %s: %.*s", attempt->done,
									  attempt->end, step->outcome, attempt->wanted,
									  (int)strcspn(step->reason, "\n"), step->reason));
	else
		report(result, CHECK_DOES_NOT_APPLY, step, g_strdup_printf("%s at the %s end it cannot be judged: %.*s", attempt->done, attempt->end,
									   (int)strcspn(step->reason, "\n"), step->reason));
}

static gboolean check_commit(struct bisect *bisect, struct bisect_result *result, GError **error)
{
	const struct history_commit *found = result->candidates->pdata[0];
	const char *old = result->old_end->outcome, *new = result->new_end->outcome;
	const struct attempt attempts[] = {
		{bisect->history->new_id, "new", found->id, found->parent, "revert.patch", "reverted", old, new},
		{bisect->history->old_id, "old", found->parent, found->id, "apply.patch", "applied", new, old},
	};

	if (!found->parent)
		return report(result, CHECK_NONE, NULL, g_strdup("the first commit of all cannot be reverted"));
	for (gsize i = 0; i < G_N_ELEMENTS(attempts) && result->check != CHECK_CONFIRMED && result->check != CHECK_NOT_CONFIRMED; i++) {
		g_autofree char *before = g_steal_pointer(&result->check_text);
		const struct step *step = judge_patched(bisect, found, &attempts[i], error);

		if (!step)
			return FALSE;
		conclude(result, &attempts[i], step);
		if (before) {
			g_autofree char *last = g_steal_pointer(&result->check_text);

			/* the attempt that decided first; of the other, the first line of what patch said */
			result->check_text = g_strdup_printf("%s; %.*s", last, (int)strcspn(before, "\n"), before);
		}
	}
	return TRUE;
}

/* Of a series: all patches but the one found. */
static gboolean check_series(struct bisect *bisect, struct bisect_result *result, GError **error)
{
	const struct history_commit *found = result->candidates->pdata[0];
	const struct attempt attempt = {bisect->history->new_id, "new", NULL, NULL, NULL, "left out", result->old_end->outcome, result->new_end->outcome};
	g_autoptr(history_commit_t) commit = history_commit(bisect->history, attempt.id, error);
	g_autofree char *name = g_strdup_printf("all-but-%s", found->subject), *id = g_strdup_printf("%s without %s", attempt.id, found->id);
	struct point point = {.commit = commit, .name = name, .without = found->id};
	const struct step *step = commit ? bisect_judge(bisect, &point, id, error) : NULL;

	if (step)
		conclude(result, &attempt, step);
	return step != NULL;
}

gboolean bisect_run_check(struct bisect *bisect, struct bisect_result *result, GError **error)
{
	if (!result->found)
		return report(result, CHECK_NONE, NULL, g_strdup("nothing was found that could be checked"));
	if (!bisect->history->ids)
		return check_commit(bisect, result, error);
	if (bisect->series)
		return check_series(bisect, result, error);
	return report(result, CHECK_NONE, NULL, g_strdup("a kernel cannot be taken out of another"));
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_outside - of commits that change some paths git bisect names one, even where what is sought lies in none of them
 */
#include "bisect_outside.h"

#include <stdlib.h>
#include <string.h>

#include "bisect_git.h"

/* Number of commits from one, which must be its ancestor, to another; G_MAXUINT: it is none. */
static gboolean count_between(const struct history *history, const char *from, const char *to, guint *count, GError **error)
{
	g_autofree char *range = g_strdup_printf("%s..%s", from, to), *output = NULL;
	const char *const ask[] = {"merge-base", "--is-ancestor", from, to, NULL}, *const words[] = {"rev-list", "--count", range, NULL};
	int exit_code;

	*count = G_MAXUINT;
	if (!history_git(history, ask, NULL, &exit_code, error))
		return FALSE;
	if (exit_code)
		return TRUE;
	if (!history_git(history, words, &output, NULL, error))
		return FALSE;
	*count = (guint)strtoul(output, NULL, 10);
	return TRUE;
}

/* Of all that has the old verdict, what leaves least to search before to. */
static gboolean nearest_old(const struct bisect *bisect, const struct bisect_result *result, const char *to, const struct step **nearest, GError **error)
{
	guint least = G_MAXUINT, count;

	*nearest = result->old_end;
	for (guint i = 0; i < bisect->steps->len; i++) {
		const struct step *step = bisect->steps->pdata[i];

		if (!git_is_id(step->id) || g_strcmp0(step->outcome, result->old_end->outcome) != 0)
			continue;
		if (!count_between(bisect->history, step->id, to, &count, error))
			return FALSE;
		if (count < least) {
			least = count;
			*nearest = step;
		}
	}
	return TRUE;
}

/* Takes the sentence. */
static gboolean say(struct bisect *bisect, struct bisect_result *result, const char *to, char *sentence, GError **error)
{
	const struct step *nearest;

	result->found = FALSE;
	result->outside = sentence;
	result->before = result->after = NULL;
	if (!nearest_old(bisect, result, to, &nearest, error))
		return FALSE;
	result->outside_old = g_strdup(nearest->name);
	result->outside_new = g_strndup(to, 12);
	g_ptr_array_set_size(result->candidates, 0); /* last: to may be of one of them */
	return TRUE;
}

gboolean outside_of_all(struct bisect *bisect, struct bisect_result *result, GError **error)
{
	return say(bisect, result, bisect->history->new_id, g_strdup_printf("no commit that changes the paths is %s, but the new end is",
									     result->new_end->outcome), error);
}

/* Has the parent the old verdict? What the old end stands on is not asked. */
static gboolean judge_parent(struct bisect *bisect, struct bisect_result *result, const struct history_commit *found, const char *parent, GError **error)
{
	const char *old = result->old_end->outcome;
	const struct step *step;
	guint below;

	if (!count_between(bisect->history, parent, bisect->history->old_id, &below, error))
		return FALSE;
	if (below != G_MAXUINT)
		return TRUE;
	step = bisect_judge_commit(bisect, parent, error);
	if (!step || g_strcmp0(step->outcome, old) == 0)
		return step != NULL;
	if (g_strcmp0(step->outcome, result->after->outcome) == 0)
		return say(bisect, result, parent, g_strdup_printf("%s \"%s\" is the first of those that change them which is %s, but its parent %s, which "
			   "changes none, is so already", result->after->name, found->subject, step->outcome, step->name), error);
	return say(bisect, result, found->id, g_strdup_printf("%s \"%s\" is the first of those that change them which is %s, but of its parent %s, which "
		   "changes none, that cannot be told (%s)", result->after->name, found->subject, result->after->outcome, step->name,
		   step->outcome ? step->outcome : "skipped"), error);
}

gboolean outside_of_found(struct bisect *bisect, struct bisect_result *result, GError **error)
{
	const struct history_commit *found = result->candidates->pdata[0];
	g_auto(GStrv) parents = g_strdupv(found->parents);

	for (guint i = 0; bisect->history->paths && result->found && parents[i] && (i == 0 || !bisect->history->first_parent); i++)
		if (!judge_parent(bisect, result, found, parents[i], error))
			return FALSE;
	return TRUE;
}

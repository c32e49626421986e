/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_report - what a bisection found, for people and for programs
 */
#include "bisect_report.h"

#include <string.h>

#include "artefact.h"
#include "bisect_scope.h"
#include "diff.h"
#include "json_text.h"

struct writing {
	const struct bisect *bisect;
	const struct bisect_result *result;
	const char *case_name;
	const GPtrArray *windows;
	char *diff_file, *diff_line; /* NULL when there is nothing to compare */
};

static const char *const check_names[CHECK_COUNT] = {
	[CHECK_NONE] = "none", [CHECK_CONFIRMED] = "confirmed", [CHECK_NOT_CONFIRMED] = "not confirmed", [CHECK_DOES_NOT_APPLY] = "does not apply",
};

static gboolean has_facts(const struct step *step)
{
	return step && step->cell && step->outcome && strcmp(step->outcome, "CRASH") != 0;
}

/* Where the two sides of what was found, or else the two ends, part ways. */
static gboolean write_diff(struct writing *writing, GError **error)
{
	const struct bisect_result *result = writing->result;
	const struct step *a = result->found ? result->before : result->old_end, *b = result->found ? result->after : result->new_end;
	g_autofree char *a_path = NULL, *b_path = NULL, *name = NULL, *folder = g_build_filename("diff", writing->case_name, NULL);
	g_autofree char *into = g_build_filename(writing->bisect->directory, folder, NULL);
	g_autoptr(diff_side_t) a_side = NULL, b_side = NULL;
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *diff;

	if (!has_facts(a) || !has_facts(b))
		return TRUE;
	a_path = g_build_filename(writing->bisect->directory, a->cell, NULL);
	b_path = g_build_filename(writing->bisect->directory, b->cell, NULL);
	name = g_strdup_printf("%s..%s.json", a->name, b->name);
	a_side = diff_side_new(a->name, a_path, error);
	b_side = a_side ? diff_side_new(b->name, b_path, error) : NULL;
	diff = b_side ? diff_compare(a_side, b_side, NULL) : NULL;
	if (!diff)
		return FALSE;
	writing->diff_line = diff_line(diff);
	writing->diff_file = g_build_filename(folder, name, NULL);
	json_node_take_object(root, diff);
	return json_text_write(into, name, root, error);
}

static void set_string(JsonObject *object, const char *member, const char *value)
{
	if (value)
		json_object_set_string_member(object, member, value);
	else
		json_object_set_null_member(object, member);
}

static JsonObject *step_object(const struct step *step)
{
	JsonObject *object = json_object_new();

	set_string(object, "name", step->name);
	set_string(object, "subject", step->subject);
	set_string(object, "outcome", step->outcome);
	set_string(object, "reason", step->reason);
	set_string(object, "image", step->image);
	set_string(object, "same_as", step->same_as);
	set_string(object, "cell", step->cell);
	return object;
}

static void set_step(JsonObject *object, const char *member, const struct step *step)
{
	if (step)
		json_object_set_object_member(object, member, step_object(step));
	else
		json_object_set_null_member(object, member);
}

static JsonObject *commit_object(const struct history *history, const struct history_commit *commit)
{
	JsonObject *object = json_object_new();

	if (history->ids) {
		set_string(object, "name", commit->subject);
		return object;
	}
	set_string(object, "commit", commit->id);
	set_string(object, "subject", commit->subject);
	set_string(object, "author", commit->author);
	set_string(object, "date", commit->date);
	return object;
}

static JsonArray *candidates_array(const struct writing *writing)
{
	JsonArray *array = json_array_new();
	const GPtrArray *candidates = writing->result->candidates;

	for (guint i = 0; i < candidates->len; i++)
		json_array_add_object_element(array, commit_object(writing->bisect->history, candidates->pdata[i]));
	return array;
}

static JsonArray *steps_array(const struct writing *writing)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < writing->bisect->steps->len; i++)
		json_array_add_object_element(array, step_object(writing->bisect->steps->pdata[i]));
	return array;
}

static JsonArray *windows_array(const struct writing *writing)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < writing->windows->len; i++) {
		const struct window *window = writing->windows->pdata[i];
		JsonObject *object = json_object_new();

		set_string(object, "old", window->old->name);
		set_string(object, "old_expect", window->old->expect);
		set_string(object, "new", window->new->name);
		set_string(object, "new_expect", window->new->expect);
		json_array_add_object_element(array, object);
	}
	return array;
}

static JsonArray *texts_array(char *const *texts, guint count)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < count; i++)
		json_array_add_string_element(array, texts[i]);
	return array;
}

/* Which commits git bisect was to ask for. */
static JsonObject *scope_object(const struct history *history)
{
	JsonObject *object = json_object_new();

	json_object_set_array_member(object, "paths", texts_array(history->paths, history->paths ? g_strv_length(history->paths) : 0));
	json_object_set_boolean_member(object, "first_parent", history->first_parent);
	json_object_set_array_member(object, "skipped", texts_array((char *const *)(history->skipped ? history->skipped->pdata : NULL),
								     history->skipped ? history->skipped->len : 0));
	return object;
}

static JsonObject *outside_object(const struct bisect_result *result)
{
	JsonObject *object = json_object_new();

	set_string(object, "text", result->outside);
	set_string(object, "old", result->outside_old);
	set_string(object, "new", result->outside_new);
	return object;
}

static gboolean write_json(const struct writing *writing, GError **error)
{
	const struct bisect_result *result = writing->result;
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new(), *check = json_object_new();

	set_string(object, "case", writing->case_name);
	json_object_set_boolean_member(object, "found", result->found);
	set_string(object, "from", result->old_end->outcome);
	set_string(object, "to", result->new_end->outcome);
	if (!writing->bisect->history->ids)
		json_object_set_object_member(object, "scope", scope_object(writing->bisect->history));
	json_object_set_array_member(object, "candidates", candidates_array(writing));
	if (result->outside)
		json_object_set_object_member(object, "outside", outside_object(result));
	else
		json_object_set_null_member(object, "outside");
	set_step(object, "old_end", result->old_end);
	set_step(object, "new_end", result->new_end);
	set_step(object, "before", result->before);
	set_step(object, "after", result->after);
	set_string(object, "diff", writing->diff_file);
	set_string(object, "diff_line", writing->diff_line);
	set_string(check, "result", check_names[result->check]);
	set_string(check, "text", result->check_text);
	set_step(check, "step", result->checked);
	json_object_set_object_member(object, "check", check);
	json_object_set_array_member(object, "windows", windows_array(writing));
	json_object_set_array_member(object, "steps", steps_array(writing));
	json_node_take_object(root, object);
	return json_text_write(writing->bisect->directory, "bisect.json", root, error);
}

static void append_commit(GString *text, const struct history *history, const struct history_commit *commit)
{
	g_autofree char *merge = commit->parents[0] && commit->parents[1] ? g_strjoinv(" ", commit->parents) : NULL;

	if (history->ids)
		g_string_append_printf(text, "%s\n", commit->subject);
	else
		g_string_append_printf(text, "commit %s\n%s%s%sAuthor: %s\nDate:   %s\n    %s\n", commit->id, merge ? "Merge:  " : "", merge ? merge : "",
				       merge ? "\n" : "", commit->author, commit->date, commit->subject);
	if (merge)
		g_string_append_printf(text, "a merge; what it brought in can be searched by itself, with --old %.12s --new %.12s\n", commit->parents[0],
				       commit->parents[1]);
}

/* Length: patch and compilers say more, which is in the JSON. */
static int first_line(const char *text)
{
	return (int)strcspn(text, "\n");
}

/* What was searched, if that is not everything. */
static void append_scope(GString *text, const struct history *history)
{
	g_autofree char *paths = history->paths ? g_strjoinv(" ", history->paths) : NULL;

	if (paths)
		g_string_append_printf(text, "paths   %s\n", paths);
	if (history->first_parent)
		g_string_append(text, "merges  by their first parent alone\n");
	if (history->skipped && history->skipped->len)
		g_string_append_printf(text, "skipped %u commit%s, by --skip\n", history->skipped->len, history->skipped->len == 1 ? "" : "s");
}

static void append_step(GString *text, const char *what, const struct step *step)
{
	if (step)
		g_string_append_printf(text, "%s  %s: %s  %.*s\n", what, step->name, step_outcome(step), first_line(step->reason), step->reason);
}

static void append_skipped(GString *text, const struct writing *writing)
{
	for (guint i = 0; i < writing->result->candidates->len; i++) {
		const struct history_commit *commit = writing->result->candidates->pdata[i];
		const struct step *step = steps_find(writing->bisect->steps, commit->id);
		g_autofree char *name = bisect_name(writing->bisect->history, commit);

		g_string_append_printf(text, "  %s", name);
		if (strcmp(name, commit->subject) != 0)
			g_string_append_printf(text, " \"%s\"", commit->subject);
		if (step)
			g_string_append_printf(text, ": %s: %.*s\n", step_outcome(step), first_line(step->reason), step->reason);
		else
			g_string_append(text, history_skips(writing->bisect->history, commit->id) ? ": skipped: --skip says so\n" : ": not judged\n");
	}
}

static void append_log(GString *text, const struct writing *writing)
{
	int width = 0;

	for (guint i = 0; i < writing->bisect->steps->len; i++)
		width = MAX(width, (int)strlen(((const struct step *)writing->bisect->steps->pdata[i])->name));
	g_string_append(text, "\nsteps:\n");
	for (guint i = 0; i < writing->bisect->steps->len; i++) {
		const struct step *step = writing->bisect->steps->pdata[i];

		g_string_append_printf(text, "  %2u  %-*s  %-7s  %.*s%s%s%s\n", step->number, width, step->name, step_outcome(step),
				       first_line(step->reason), step->reason, step->same_as ? " (the same kernel as " : "", step->same_as ? step->same_as : "", step->same_as ? ")" : "");
	}
}

static char *make_text(const struct writing *writing)
{
	const struct bisect_result *result = writing->result;
	const struct history *history = writing->bisect->history;
	const char *what = !history->ids ? "commit" : writing->bisect->series ? "patch" : "kernel";
	GString *text = g_string_new(NULL);

	if (result->found) {
		g_string_append_printf(text, "%s: from %s to %s with this %s:\n", writing->case_name, result->old_end->outcome, result->new_end->outcome, what);
		append_commit(text, history, result->candidates->pdata[0]);
		append_step(text, "before", result->before);
		append_step(text, "after ", result->after);
	} else if (result->outside) {
		g_string_append_printf(text, "%s: from %s to %s, and the paths leave out with which commit: %s\n"
				       "search without paths, with --old %s --new %s\n", writing->case_name, result->old_end->outcome,
				       result->new_end->outcome, result->outside, result->outside_old, result->outside_new);
	} else {
		g_string_append_printf(text, "%s: from %s to %s with one of these %u %ss%s; what is between could not be judged:\n", writing->case_name,
				       result->old_end->outcome, result->new_end->outcome, result->candidates->len, what,
				       history->paths ? ", or one that changes none of the paths" : "");
		append_skipped(text, writing);
	}
	if (writing->diff_line)
		g_string_append_printf(text, "diff    %s\n", writing->diff_line);
	g_string_append_printf(text, "check   %s: %s\n", check_names[result->check], result->check_text);
	append_scope(text, history);
	append_log(text, writing);
	return g_string_free(text, FALSE);
}

gboolean bisect_report(const struct bisect *bisect, const struct bisect_result *result, const char *case_name, const GPtrArray *windows,
		       char **text, GError **error)
{
	struct writing writing = {bisect, result, case_name, windows, NULL, NULL};
	gboolean ok = write_diff(&writing, error);

	*text = ok ? make_text(&writing) : NULL;
	ok = ok && write_json(&writing, error) && artefact_write(bisect->directory, "bisect.txt", *text, strlen(*text), error) &&
	     (bisect->history->ids || artefact_write(bisect->directory, "git-bisect-replay", result->log, strlen(result->log), error));
	g_free(writing.diff_file);
	g_free(writing.diff_line);
	return ok;
}

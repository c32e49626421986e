/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_report - what a bisection found, for people and for programs
 */
#include "bisect_report.h"

#include <string.h>

#include "artefact.h"
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

static gboolean write_json(const struct writing *writing, GError **error)
{
	const struct bisect_result *result = writing->result;
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new(), *check = json_object_new();

	set_string(object, "case", writing->case_name);
	json_object_set_boolean_member(object, "found", result->found);
	set_string(object, "from", result->old_end->outcome);
	set_string(object, "to", result->new_end->outcome);
	json_object_set_array_member(object, "candidates", candidates_array(writing));
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

static void append_commit(GString *text, const struct history *history, const struct history_commit *commit, const char *indent)
{
	if (history->ids)
		g_string_append_printf(text, "%s%s\n", indent, commit->subject);
	else
		g_string_append_printf(text, "%scommit %s\n%sAuthor: %s\n%sDate:   %s\n%s    %s\n", indent, commit->id, indent, commit->author, indent,
				       commit->date, indent, commit->subject);
}

static void append_step(GString *text, const char *what, const struct step *step)
{
	if (step)
		g_string_append_printf(text, "%s  %s: %s  %s\n", what, step->name, step_outcome(step), step->reason);
}

static void append_skipped(GString *text, const struct writing *writing)
{
	for (guint i = 0; i < writing->result->candidates->len; i++) {
		const struct history_commit *commit = writing->result->candidates->pdata[i];
		const struct step *step = steps_find(writing->bisect->steps, commit->id);
		g_autofree char *name = bisect_name(writing->bisect->history, commit);

		g_string_append_printf(text, "  %s \"%s\": %s: %s\n", name, commit->subject, step ? step_outcome(step) : "not judged", step ? step->reason : "");
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

		g_string_append_printf(text, "  %2u  %-*s  %-7s  %s%s%s%s\n", step->number, width, step->name, step_outcome(step), step->reason,
				       step->same_as ? " (the same kernel as " : "", step->same_as ? step->same_as : "", step->same_as ? ")" : "");
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
		append_commit(text, history, result->candidates->pdata[0], "");
		append_step(text, "before", result->before);
		append_step(text, "after ", result->after);
	} else {
		g_string_append_printf(text, "%s: from %s to %s with one of these %u %ss; what is between could not be judged:\n", writing->case_name,
				       result->old_end->outcome, result->new_end->outcome, result->candidates->len, what);
		append_skipped(text, writing);
	}
	if (writing->diff_line)
		g_string_append_printf(text, "diff    %s\n", writing->diff_line);
	g_string_append_printf(text, "check   %s: %s\n", check_names[result->check], result->check_text);
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

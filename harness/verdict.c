/* SPDX-License-Identifier: GPL-2.0-or-later
 * verdict - the verdict stage: a case's expectations against the facts
 */
#include "verdict.h"

#include <string.h>

#include "artefact.h"
#include "cause.h"
#include "error.h"
#include "expression.h"
#include "json_text.h"

static const char *const outcome_names[] = { "FIXED", "BUGGY", "CHANGED", "CRASH", "SKIP", "BROKEN" };
G_STATIC_ASSERT(G_N_ELEMENTS(outcome_names) == VERDICT_OUTCOME_COUNT);

/* All that is known of a cell while it is judged. */
struct judgement {
	JsonObject *cell, *vm, *analysis; /* 0-cell.json, 1-vm.json, 4-analysis.json */
	struct test_case *test_case;
	struct facts *facts;
	GPtrArray *lines;                 /* struct judged_line *, ok lines first, then the script's assertions */
	enum verdict_outcome outcome;
	char *cause;
};

struct judged_line {
	const char *kind;             /* "ok", "assert", "bug" */
	const struct case_line *line;
	struct expression_result result;
};

const char *verdict_name(enum verdict_outcome outcome)
{
	return outcome < VERDICT_OUTCOME_COUNT ? outcome_names[outcome] : NULL;
}

enum verdict_outcome verdict_of_name(const char *name)
{
	guint outcome = 0;

	while (outcome < VERDICT_OUTCOME_COUNT && g_strcmp0(name, outcome_names[outcome]))
		outcome++;
	return (enum verdict_outcome)outcome;
}

gboolean verdict_as_expected(enum verdict_outcome outcome, const char *expect)
{
	if (outcome == VERDICT_SKIP)
		return TRUE;
	if (!expect)
		return outcome == VERDICT_FIXED || outcome == VERDICT_BUGGY;
	return g_ascii_strcasecmp(expect, verdict_name(outcome)) == 0;
}

/* The line a case without ok lines is judged by; the place is the case's first line. */
static const struct case_line implicit_ok = { "script.passed == 1", 1, 1 };

static void judged_line_free(gpointer data)
{
	struct judged_line *judged = data;

	expression_result_clear(&judged->result);
	g_free(judged);
}

static gboolean judge_line(struct judgement *judgement, const char *kind, const struct case_line *line, GError **error)
{
	g_autoptr(expression_t) expression = expression_parse(judgement->test_case->file, line, error);
	struct judged_line *judged;

	if (!expression)
		return FALSE;
	judged = g_new0(struct judged_line, 1);
	judged->kind = kind;
	judged->line = line;
	expression_evaluate(expression, judgement->facts, &judged->result);
	g_ptr_array_add(judgement->lines, judged);
	return TRUE;
}

/* The assert statements that were reached, as analyze_script lists them. */
static void take_assertions(struct judgement *judgement)
{
	JsonArray *list = facts_list(judgement->facts, "assertions");

	for (guint i = 0; i < json_array_get_length(list); i++) {
		JsonObject *reached = json_array_get_object_element(list, i);
		const char *text = reached ? artefact_string(reached, "text") : NULL;

		if (text)
			case_add_line(judgement->test_case->assertions, text, (unsigned)json_object_get_int_member_with_default(reached, "line", 0),
				      (unsigned)json_object_get_int_member_with_default(reached, "column", 0));
	}
}

static gboolean judge_lines(struct judgement *judgement, GError **error)
{
	const struct test_case *test_case = judgement->test_case;

	for (guint i = 0; i < test_case->ok->len; i++)
		if (!judge_line(judgement, "ok", g_ptr_array_index(test_case->ok, i), error))
			return FALSE;
	if (!test_case->ok->len && !judge_line(judgement, "ok", &implicit_ok, error))
		return FALSE;
	for (guint i = 0; i < test_case->assertions->len; i++)
		if (!judge_line(judgement, "assert", g_ptr_array_index(test_case->assertions, i), error))
			return FALSE;
	for (guint i = 0; i < test_case->bug->len; i++)
		if (!judge_line(judgement, "bug", g_ptr_array_index(test_case->bug, i), error))
			return FALSE;
	return TRUE;
}

/* The first line of a kind that did not hold; NULL if all did. */
static const struct judged_line *first_failed(const struct judgement *judgement, const char *kind)
{
	for (guint i = 0; i < judgement->lines->len; i++) {
		const struct judged_line *judged = g_ptr_array_index(judgement->lines, i);

		if (g_str_equal(judged->kind, kind) && !judged->result.held)
			return judged;
	}
	return NULL;
}

/* Of the lines that a fixed kernel's run holds: the header's and the script's own. */
static const struct judged_line *first_not_ok(const struct judgement *judgement)
{
	const struct judged_line *ok = first_failed(judgement, "ok");

	return ok ? ok : first_failed(judgement, "assert");
}

static char *changed_cause(const struct judgement *judgement, const struct judged_line *ok, const struct judged_line *bug)
{
	const char *mismatch = facts_text_of(judgement->facts, "script.first_mismatch");
	g_autofree char *story = cause_story(judgement->facts);
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "%s (%s: %s)", ok->result.reason, ok->kind, ok->line->text);
	if (bug)
		g_string_append_printf(text, "; %s (bug: %s)", bug->result.reason, bug->line->text);
	if (mismatch)
		g_string_append_printf(text, "; script: %s", mismatch);
	g_string_append_printf(text, "; %s", story);
	return g_string_free(text, FALSE);
}

/* Where something held retransmissions back, that is what is to be told. Else what happened on the wire may be much as on a fixed kernel: first
 * comes what the case found otherwise. */
static char *buggy_cause(const struct judgement *judgement, const struct judged_line *ok)
{
	g_autofree char *story = cause_story(judgement->facts);

	if (!ok || facts_text_of(judgement->facts, "blocked.reason"))
		return g_steal_pointer(&story);
	return g_strdup_printf("%s (%s: %s); %s", ok->result.reason, ok->kind, ok->line->text, story);
}

static void judge_facts(struct judgement *judgement)
{
	const struct judged_line *ok = first_not_ok(judgement), *bug = first_failed(judgement, "bug");
	gboolean fixed = !ok, buggy = judgement->test_case->bug->len && !bug;

	if (fixed && buggy) {
		judgement->outcome = VERDICT_CHANGED;
		judgement->cause = g_strdup("all ok lines hold and all bug lines too: this case cannot tell them apart");
	} else if (fixed || buggy) {
		judgement->outcome = fixed ? VERDICT_FIXED : VERDICT_BUGGY;
		judgement->cause = fixed ? cause_story(judgement->facts) : buggy_cause(judgement, ok);
	} else {
		judgement->outcome = VERDICT_CHANGED;
		judgement->cause = changed_cause(judgement, ok, bug);
	}
}

static gboolean member_is_true(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_boolean(node);
}

static gboolean conclude(struct judgement *judgement, enum verdict_outcome outcome, char *cause)
{
	judgement->outcome = outcome;
	judgement->cause = cause;
	return TRUE;
}

/* TRUE when the cell has no story that facts could be believed of. */
static gboolean judge_health(struct judgement *judgement)
{
	const char *status = artefact_string(judgement->vm, "status"), *detail = artefact_string(judgement->vm, "detail");
	const char *death = artefact_string(judgement->analysis, "death"), *damage = artefact_string(judgement->analysis, "damage");
	const char *fault = facts_text_of(judgement->facts, "script.error");

	if (death)
		return conclude(judgement, VERDICT_CRASH, g_strdup(death));
	if (g_strcmp0(status, "crashed") == 0)
		return conclude(judgement, VERDICT_CRASH, g_strdup_printf("guest ended before the script did: %s", detail ? detail : "why is unknown"));
	if (g_strcmp0(status, "ended") != 0)
		return conclude(judgement, VERDICT_BROKEN, g_strdup_printf("vm %s: %s", status ? status : "left no status", detail ? detail : "why is unknown"));
	if (damage)
		return conclude(judgement, VERDICT_BROKEN, g_strdup_printf("record stream damaged %s", damage));
	if (!member_is_true(judgement->analysis, "ended"))
		return conclude(judgement, VERDICT_BROKEN, g_strdup("record stream has no end record"));
	if (fault)
		return conclude(judgement, VERDICT_BROKEN, g_strdup(fault));
	return FALSE;
}

static JsonArray *lines_to_json(const struct judgement *judgement)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < judgement->lines->len; i++) {
		const struct judged_line *judged = g_ptr_array_index(judgement->lines, i);
		JsonObject *object = json_object_new();

		json_object_set_string_member(object, "kind", judged->kind);
		json_object_set_string_member(object, "text", judged->line->text);
		json_object_set_int_member(object, "line", judged->line->line);
		json_object_set_int_member(object, "column", judged->line->column);
		json_object_set_boolean_member(object, "held", judged->result.held);
		json_object_set_string_member(object, "value", judged->result.value);
		json_object_set_string_member(object, "reason", judged->result.reason);
		json_array_add_object_element(array, object);
	}
	return array;
}

static gboolean write_verdict(const char *cell_dir, JsonObject *cell, enum verdict_outcome outcome, const char *cause,
			      JsonObject *rest, GError **error)
{
	const char *expect = cell ? artefact_string(cell, "expect") : NULL;
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();
	JsonObjectIter iter;
	const char *name;
	JsonNode *node;

	json_object_set_string_member(object, "kernel", cell ? artefact_string(cell, "kernel") : NULL);
	json_object_set_string_member(object, "case", cell ? artefact_string(cell, "case") : NULL);
	json_object_set_string_member(object, "outcome", verdict_name(outcome));
	json_object_set_string_member(object, "cause", cause);
	json_object_set_string_member(object, "expect", expect);
	if (cell && member_is_true(cell, "predicted"))
		json_object_set_boolean_member(object, "predicted", TRUE);
	json_object_set_boolean_member(object, "as_expected", verdict_as_expected(outcome, expect));
	json_object_iter_init_ordered(&iter, rest);
	while (json_object_iter_next_ordered(&iter, &name, &node))
		json_object_set_member(object, name, json_node_copy(node));
	json_node_take_object(root, object);
	return json_text_write(cell_dir, "5-verdict.json", root, error);
}

static gboolean write_judgement(const char *cell_dir, const struct judgement *judgement, GError **error)
{
	g_autoptr(JsonObject) rest = json_object_new();
	g_autofree char *wire = cause_wire(judgement->test_case, judgement->facts), *believes = cause_believes(judgement->facts);

	json_object_set_string_member(rest, "wire", wire);
	json_object_set_string_member(rest, "believes", believes);
	json_object_set_array_member(rest, "lines", lines_to_json(judgement));
	return write_verdict(cell_dir, judgement->cell, judgement->outcome, judgement->cause, rest, error);
}

/* The case as it was when the cell ran; its name and file as they were called then. */
static struct test_case *read_case(const char *cell_dir, JsonObject *cell, GError **error)
{
	g_autofree char *path = g_build_filename(cell_dir, "0-case.pkt", NULL), *text = NULL;
	const char *name = artefact_string(cell, "case"), *file = artefact_string(cell, "file");
	g_autoptr(GError) why = NULL;
	gsize length_bytes;

	if (!g_file_get_contents(path, &text, &length_bytes, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why->message);
		return NULL;
	}
	return case_parse(name ? name : "case", file ? file : path, text, length_bytes, error);
}

static gboolean judge(const char *cell_dir, struct judgement *judgement, GError **error)
{
	if (!(judgement->cell = artefact_read_json(cell_dir, "0-cell.json", error)) ||
	    !(judgement->vm = artefact_read_json(cell_dir, "1-vm.json", error)) ||
	    !(judgement->analysis = artefact_read_json(cell_dir, "4-analysis.json", error)) ||
	    !(judgement->test_case = read_case(cell_dir, judgement->cell, error)))
		return FALSE;
	judgement->facts = facts_from_json(judgement->analysis);
	take_assertions(judgement);
	/* Lines are judged for a crashed cell too: how far it came is worth knowing, and a wrong line is always an error. */
	if (!judge_lines(judgement, error))
		return FALSE;
	if (!judge_health(judgement))
		judge_facts(judgement);
	return write_judgement(cell_dir, judgement, error);
}

gboolean verdict_stage(const char *cell_dir, GError **error)
{
	struct judgement judgement = { .lines = g_ptr_array_new_with_free_func(judged_line_free) };
	gboolean done = judge(cell_dir, &judgement, error);

	g_clear_pointer(&judgement.cell, json_object_unref);
	g_clear_pointer(&judgement.vm, json_object_unref);
	g_clear_pointer(&judgement.analysis, json_object_unref);
	g_ptr_array_unref(judgement.lines);
	case_free(judgement.test_case);
	facts_free(judgement.facts);
	g_free(judgement.cause);
	return done;
}

gboolean verdict_write_simple(const char *cell_dir, const char *outcome, const char *cause, GError **error)
{
	g_autoptr(JsonObject) cell = artefact_read_json(cell_dir, "0-cell.json", NULL);
	g_autoptr(JsonObject) nothing = json_object_new();
	enum verdict_outcome known = verdict_of_name(outcome);

	if (known == VERDICT_OUTCOME_COUNT) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "verdict: \"%s\" is no outcome", outcome);
		return FALSE;
	}
	return write_verdict(cell_dir, cell, known, cause, nothing, error);
}

static gboolean check_lines(const char *file, GPtrArray *lines, GError **error)
{
	for (guint i = 0; i < lines->len; i++) {
		g_autoptr(expression_t) expression = expression_parse(file, g_ptr_array_index(lines, i), error);

		if (!expression)
			return FALSE;
	}
	return TRUE;
}

gboolean verdict_check_case(const struct test_case *test_case, GError **error)
{
	return check_lines(test_case->file, test_case->ok, error) && check_lines(test_case->file, test_case->bug, error) &&
	       check_lines(test_case->file, test_case->assertions, error);
}

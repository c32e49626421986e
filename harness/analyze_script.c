/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_script - did the script come out as written?
 * in: mismatch, error and end events, failed code among the mismatches; out: facts script.*
 */
#include "analyze.h"

struct script {
	guint mismatches;
	gint64 status;    /* enum record_end_status, -1 without END */
	gboolean ended;
	char *first, *fault;
	JsonArray *assertions; /* those reached; NULL: none */
};

/* "file:line:column: " as far as it is known. */
static GString *place(const struct event *event)
{
	const char *file = event_text(event, FIELD_FILE);
	GString *text = g_string_new(NULL);

	if (file)
		g_string_append_printf(text, "%s:", file);
	if (event_has(event, FIELD_LINE))
		g_string_append_printf(text, "%" G_GINT64_FORMAT ":", event_number(event, FIELD_LINE, 0));
	if (event_has(event, FIELD_COLUMN))
		g_string_append_printf(text, "%" G_GINT64_FORMAT ":", event_number(event, FIELD_COLUMN, 0));
	if (text->len)
		g_string_append_c(text, ' ');
	return text;
}

static char *mismatch_text(const struct event *event)
{
	const char *text = event_text(event, FIELD_TEXT), *expected = event_text(event, FIELD_EXPECTED);
	const char *actual = event_text(event, FIELD_ACTUAL), *mark = event_text(event, FIELD_MARK);
	GString *line = place(event);

	if (text)
		g_string_append(line, text);
	if (expected)
		g_string_append_printf(line, "%sexpected %s", text ? ": " : "", expected);
	if (actual)
		g_string_append_printf(line, "%sgot %s", text || expected ? ", " : "", actual);
	if (mark && *mark)
		g_string_append_printf(line, " (differs in %s)", mark);
	return g_string_free(line, FALSE);
}

static char *error_text(const struct event *event)
{
	const char *text = event_text(event, FIELD_TEXT);
	GString *line = place(event);

	g_string_append(line, text ? text : "the agent gave up without a word");
	return g_string_free(line, FALSE);
}

static void note_assertion(struct script *script, const struct event *event)
{
	const char *text = event_text(event, FIELD_TEXT);

	if (!script->assertions)
		script->assertions = json_array_new();
	if (text) {
		JsonObject *object = json_object_new();

		json_object_set_int_member(object, "line", event_number(event, FIELD_LINE, 0));
		json_object_set_int_member(object, "column", event_number(event, FIELD_COLUMN, 0));
		json_object_set_string_member(object, "text", text);
		json_array_add_object_element(script->assertions, object);
	}
}

static void script_event(gpointer state, const struct event *event)
{
	struct script *script = state;

	if (event->type == RECORD_MISMATCH && script->mismatches++ == 0)
		script->first = mismatch_text(event);
	else if (event->type == RECORD_ERROR && !script->fault)
		script->fault = error_text(event);
	else if (event->type == RECORD_STATEMENT && g_strcmp0(event_text(event, FIELD_NAME), "assert") == 0)
		note_assertion(script, event);
	else if (event->type == RECORD_END) {
		script->ended = TRUE;
		script->status = event_number(event, FIELD_STATUS, RECORD_END_FAILED);
	}
}

static void script_finish(gpointer state, struct facts *facts)
{
	struct script *script = state;

	/* The guest does not know what came of the script's code. */
	if (script->ended)
		facts_number(facts, "script.passed", script->status == RECORD_END_PASSED && !script->mismatches);
	facts_number(facts, "script.mismatches", script->mismatches);
	for (guint i = 0; script->assertions && i < json_array_get_length(script->assertions); i++)
		json_array_add_object_element(facts_list(facts, "assertions"), json_object_ref(json_array_get_object_element(script->assertions, i)));
	if (script->first)
		facts_text(facts, "script.first_mismatch", script->first);
	if (script->fault)
		facts_text(facts, "script.error", script->fault);
	else if (script->ended && script->status == RECORD_END_FAILED)
		facts_text(facts, "script.error", "the agent ended with status \"failed\" and did not say why");
}

static void script_release(gpointer state)
{
	struct script *script = state;

	g_free(script->first);
	g_free(script->fault);
	g_clear_pointer(&script->assertions, json_array_unref);
}

static const struct fact_name script_facts[] = {
	{ "script.passed", "yes/no", "1 when every statement came out as the script says", "the guest did not reach the end" },
	{ "script.mismatches", "count", "statements that came out otherwise", NULL },
	{ "script.first_mismatch", "text", "the first of them: place, expected, actual", "nothing came out otherwise" },
	{ "script.error", "text", "why the script or the agent could not go on", "there was no error" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_script = {
	.name = "script", .summary = "did the script come out as written",
	.state_size = sizeof(struct script), .facts = script_facts,
	.event = script_event, .finish = script_finish, .release = script_release,
};

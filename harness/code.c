/* SPDX-License-Identifier: GPL-2.0-or-later
 * code - a script's `%{ }%` blocks: python, evaluated on the host over what the guest told at that moment
 */
#include "code.h"

#include <string.h>
#include <sys/wait.h>

#include "artefact.h"
#include "code_process.h"
#include "code_values.h"
#include "error.h"
#include "json_text.h"

/* What python may answer: so much for a block, and what print() may write in all, as JSON at its longest. */
enum { BLOCK_ANSWER_BYTES = 8 << 10, LOG_ANSWER_BYTES = 1 << 20 };

static const char *const outcome_names[] = { "passed", "failed", "unevaluated" };
G_STATIC_ASSERT(G_N_ELEMENTS(outcome_names) == CODE_OUTCOME_COUNT);

/* The case as it was run; text NULL when it is not there, then places are those of the statements. */
struct script {
	char *file, *text;
	gsize text_bytes;
};

/* One block's text and where its first byte is. */
struct block {
	const struct event *event;
	const char *text;
	gint64 line, column;
};

static void script_read(const char *cell_dir, struct script *script)
{
	g_autofree char *path = g_build_filename(cell_dir, "0-case.pkt", NULL);
	g_autoptr(JsonObject) cell = artefact_read_json(cell_dir, "0-cell.json", NULL);
	const char *file = cell ? artefact_string(cell, "file") : NULL;

	script->file = g_strdup(file ? file : "0-case.pkt");
	if (!g_file_get_contents(path, &script->text, &script->text_bytes, NULL))
		script->text = NULL;
}

static void script_clear(struct script *script)
{
	g_free(script->file);
	g_free(script->text);
}

/* Moves line and column over the text up to end. */
static void advance(const char *from, const char *end, gint64 *line, gint64 *column)
{
	for (; from < end; from++) {
		*line += *from == '\n';
		*column = *from == '\n' ? 1 : *column + 1;
	}
}

/* The statement's place moved behind its %{. */
static void find_text(const struct script *script, struct block *block)
{
	const char *at = script->text, *end = at ? at + script->text_bytes : NULL, *open;

	for (gint64 line = 1; at && line < block->line; line++) {
		at = memchr(at, '\n', (gsize)(end - at));
		at = at ? at + 1 : NULL;
	}
	if (!at || block->column > end - at)
		return;
	at += block->column - 1;
	open = g_strstr_len(at, end - at, "%{");
	if (open)
		advance(at, open + 2, &block->line, &block->column);
}

/* The stream may say anything; no script has that many lines. */
static gint64 number_of_place(const struct event *event, enum record_field_id id)
{
	return CLAMP(event_number(event, id, 1), 1, G_MAXINT32);
}

static GArray *find_blocks(const struct script *script, GPtrArray *events)
{
	GArray *blocks = g_array_new(FALSE, FALSE, sizeof(struct block));

	for (guint i = 0; i < events->len; i++) {
		const struct event *event = g_ptr_array_index(events, i);
		const char *text = event_text(event, FIELD_TEXT);
		struct block block = { event, text ? text : "", number_of_place(event, FIELD_LINE), number_of_place(event, FIELD_COLUMN) };

		if (event->type != RECORD_CODE)
			continue;
		find_text(script, &block);
		g_array_append_val(blocks, block);
	}
	return blocks;
}

static void result_free(gpointer data)
{
	struct code_result *result = data;

	g_free(result->file);
	g_free(result->message);
	g_ptr_array_unref(result->log);
	g_free(result);
}

/* Results of blocks that were not evaluated yet. */
static GPtrArray *new_results(const struct script *script, GPtrArray *events, const GArray *blocks)
{
	GPtrArray *results = g_ptr_array_new_with_free_func(result_free);
	guint event = 0;

	for (guint i = 0; i < blocks->len; i++) {
		const struct block *block = &g_array_index(blocks, struct block, i);
		struct code_result *result = g_new0(struct code_result, 1);
		const char *file = event_text(block->event, FIELD_FILE);

		while (g_ptr_array_index(events, event) != block->event)
			event++;
		result->event = event;
		result->file = g_strdup(file ? file : script->file);
		result->line = block->line;
		result->column = block->column;
		advance(block->text, block->text + strspn(block->text, " \t\r\n"), &result->line, &result->column);
		result->outcome = CODE_UNEVALUATED;
		result->log = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(results, result);
	}
	return results;
}

static GString *write_job(const GArray *blocks, GError **error)
{
	g_autoptr(GString) job = g_string_new("{\"blocks\": [");

	for (guint i = 0; i < blocks->len; i++) {
		const struct block *block = &g_array_index(blocks, struct block, i);

		g_string_append(job, i ? ", {\"text\": " : "{\"text\": ");
		json_text_string(job, block->text);
		g_string_append(job, ", \"values\": ");
		if (!code_values_append(job, event_text(block->event, FIELD_VALUES), error)) {
			g_prefix_error(error, "2-events.jsonl: code at line %" G_GINT64_FORMAT " of the script: ", block->line);
			return NULL;
		}
		g_string_append_c(job, '}');
	}
	g_string_append(job, "], ");
	code_values_append_constants(job);
	g_string_append_c(job, '}');
	return g_steal_pointer(&job);
}

static void fail(struct code_result *result, gint64 line, gint64 column, char *message)
{
	result->outcome = CODE_FAILED;
	result->at_line = line;
	result->at_column = column;
	result->message = message;
}

static gint64 int_element(JsonArray *array, guint index)
{
	JsonNode *node = array && index < json_array_get_length(array) ? json_array_get_element(array, index) : NULL;

	return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_int(node) : -1;
}

static JsonArray *array_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

/* place: block, line and column in its text; a block may fail in a function that an earlier one defined. FALSE: no such place. */
static gboolean fail_at(struct code_result *result, JsonArray *place, const char *message, const GArray *blocks)
{
	gint64 index = int_element(place, 0), line = int_element(place, 1), column = int_element(place, 2);
	const struct block *block;

	if (!message || index < 0 || index >= blocks->len || line < 1 || line > G_MAXINT32 || column < 1 || column > G_MAXINT32)
		return FALSE;
	block = &g_array_index(blocks, struct block, (guint)index);
	fail(result, block->line + line - 1, line == 1 ? block->column + column - 1 : column, g_strdup(message));
	return TRUE;
}

/* FALSE: this is no answer about a block. */
static gboolean read_answer(const char *line, struct code_result *result, const GArray *blocks)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonObject *object;
	JsonArray *place, *log;
	JsonNode *root;

	root = json_parser_load_from_data(parser, line, -1, NULL) ? json_parser_get_root(parser) : NULL;
	if (!root || !JSON_NODE_HOLDS_OBJECT(root))
		return FALSE;
	object = json_node_get_object(root);
	place = array_member(object, "place");
	log = array_member(object, "log");
	if (place && !fail_at(result, place, artefact_string(object, "message"), blocks))
		return FALSE;
	if (!place)
		result->outcome = CODE_PASSED;
	for (guint i = 0; log && i < json_array_get_length(log); i++)
		if (JSON_NODE_HOLDS_VALUE(json_array_get_element(log, i)))
			g_ptr_array_add(result->log, g_strdup(json_array_get_string_element(log, i)));
	return TRUE;
}

/* Why there is no answer about the block that was being evaluated. */
static char *silence_text(const struct code_process *process, gint64 limit_us)
{
	if (process->excessive)
		return g_strdup("this code wrote where only answers about code belong; python3 was stopped");
	if (process->late)
		return g_strdup_printf("this code did not end: all code of a script has %" G_GINT64_FORMAT ".%" G_GINT64_FORMAT
				       " s; python3 was stopped", limit_us / G_USEC_PER_SEC, limit_us % G_USEC_PER_SEC / (G_USEC_PER_SEC / 10));
	if (WIFSIGNALED(process->status))
		return g_strdup_printf("this code ended python3 by signal %d (%s)", WTERMSIG(process->status), g_strsignal(WTERMSIG(process->status)));
	return g_strdup_printf("this code ended python3 with exit code %d", WEXITSTATUS(process->status));
}

static void read_answers(const struct code_process *process, gint64 limit_us, const GArray *blocks, GPtrArray *results)
{
	g_auto(GStrv) lines = g_strsplit(process->answer->str, "\n", -1);
	guint answered = 0;
	struct code_result *stuck;

	while (answered < results->len && lines[answered] && read_answer(lines[answered], g_ptr_array_index(results, answered), blocks))
		answered++;
	if (answered == results->len)
		return;
	stuck = g_ptr_array_index(results, answered);
	fail(stuck, stuck->line, stuck->column, silence_text(process, limit_us));
	for (guint i = answered + 1; i < results->len; i++)
		((struct code_result *)g_ptr_array_index(results, i))->message =
			g_strdup_printf("not evaluated: the code at line %" G_GINT64_FORMAT " ended python3", stuck->line);
}

static gboolean evaluate(const GArray *blocks, GPtrArray *results, gint64 limit_us, GError **error)
{
	g_autoptr(GString) job = write_job(blocks, error);
	struct code_process process = { NULL, FALSE, FALSE, 0 };
	gboolean done = job && code_process_run(job, limit_us, LOG_ANSWER_BYTES + (gsize)blocks->len * BLOCK_ANSWER_BYTES, &process, error);

	if (done)
		read_answers(&process, limit_us, blocks, results);
	code_process_clear(&process);
	return done;
}

GPtrArray *code_evaluate(const char *cell_dir, GPtrArray *events, gint64 limit_us, GError **error)
{
	struct script script = { NULL, NULL, 0 };
	g_autoptr(GPtrArray) results = NULL;
	g_autoptr(GArray) blocks = NULL;
	gboolean done;

	script_read(cell_dir, &script);
	blocks = find_blocks(&script, events);
	results = new_results(&script, events, blocks);
	done = !blocks->len || evaluate(blocks, results, limit_us, error);
	script_clear(&script);
	return done ? g_steal_pointer(&results) : NULL;
}

static struct event *mismatch(const struct code_result *result, gint64 t_ns)
{
	const struct event_field fields[] = {
		{ FIELD_FILE, 0, g_strdup(result->file) }, { FIELD_LINE, result->at_line, NULL }, { FIELD_COLUMN, result->at_column, NULL },
		{ FIELD_KIND, 0, g_strdup("code") }, { FIELD_TEXT, 0, g_strdup(result->message) },
	};
	struct event *event = g_new0(struct event, 1);

	event->t_ns = t_ns;
	event->type = RECORD_MISMATCH;
	event->field_count = G_N_ELEMENTS(fields);
	event->fields = g_memdup2(fields, sizeof(fields));
	return event;
}

void code_add_mismatches(GPtrArray *events, GPtrArray *results)
{
	/* From the end, so that the places of those yet to come stay right. */
	for (guint i = results->len; i-- > 0;) {
		const struct code_result *result = g_ptr_array_index(results, i);
		const struct event *event = g_ptr_array_index(events, result->event);

		if (result->outcome == CODE_FAILED)
			g_ptr_array_insert(events, (gint)result->event + 1, mismatch(result, event->t_ns));
	}
}

/* With its place; NULL when there is nothing to say. */
static char *placed_message(const struct code_result *result)
{
	if (result->outcome != CODE_FAILED)
		return g_strdup(result->message);
	return g_strdup_printf("%s:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT ": %s", result->file, result->at_line, result->at_column, result->message);
}

void code_to_json(GPtrArray *results, JsonArray *list)
{
	for (guint i = 0; i < results->len; i++) {
		const struct code_result *result = g_ptr_array_index(results, i);
		g_autofree char *message = placed_message(result);
		JsonObject *object = json_object_new();
		JsonArray *log = json_array_new();

		for (guint j = 0; j < result->log->len; j++)
			json_array_add_string_element(log, g_ptr_array_index(result->log, j));
		json_object_set_int_member(object, "line", result->line);
		json_object_set_int_member(object, "column", result->column);
		json_object_set_string_member(object, "outcome", outcome_names[result->outcome]);
		json_object_set_string_member(object, "message", message);
		json_object_set_array_member(object, "log", log);
		json_array_add_object_element(list, object);
	}
}

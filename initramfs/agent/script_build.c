/* SPDX-License-Identifier: GPL-2.0-or-later
 * build - statements out of what the grammar recognised: times, calls, commands, finrig's own
 */
#include "script_reader.h"
#include "symbols.h"

#include <string.h>

enum { NS_PER_SECOND = 1000000000 };

bool script_time(struct script_reader *reader, enum script_time_kind kind, int64_t start_ns, int64_t end_ns,
		 const struct script_location *at)
{
	if (end_ns < start_ns)
		return script_fail(reader, at, "the range of times ends before it begins");
	reader->draft = (struct script_statement){
		.line = at->line, .column = at->column,
		.time = { .kind = kind, .start_ns = start_ns, .end_ns = end_ns },
	};
	return true;
}

bool script_time_integer(struct script_reader *reader, struct script_number number, int64_t *time_ns,
			 const struct script_location *at)
{
	if (number.hex || number.value > SCRIPT_MAX_SECONDS)
		return script_fail(reader, at, "a time is a number of seconds, at most %d", SCRIPT_MAX_SECONDS);
	*time_ns = number.value * NS_PER_SECOND;
	return true;
}

bool script_blocking(struct script_reader *reader, int64_t end_ns, const struct script_location *at)
{
	struct script_time *time = &reader->draft.time;

	if (time->kind != SCRIPT_TIME_ABSOLUTE && time->kind != SCRIPT_TIME_RELATIVE)
		return script_fail(reader, at, "a blocking call begins at one time, not in a range or at '*'");
	if (end_ns < time->start_ns)
		return script_fail(reader, at, "the blocking call ends before it begins");
	time->blocking = true;
	time->blocking_end_ns = end_ns;
	return true;
}

/* Line breaks and the blanks around them become one blank. */
static char *source_text(struct script_reader *reader, size_t start, size_t end)
{
	char *source = script_take(reader, end - start + 1);
	size_t used = 0;
	bool breaks = false;

	for (size_t i = start; i < end; i++) {
		char byte = reader->text[i];

		if (byte == '\n' || byte == '\r') {
			while (used && (source[used - 1] == ' ' || source[used - 1] == '\t'))
				used--;
			breaks = true;
		} else if (!breaks || (byte != ' ' && byte != '\t')) {
			if (breaks && used)
				source[used++] = ' ';
			breaks = false;
			source[used++] = byte;
		}
	}
	source[used] = '\0';
	return source;
}

/* The array of the draft's statements doubles; what it outgrows stays in the arena until the script goes. */
static bool push_statement(struct script_reader *reader, const struct script_location *at)
{
	struct script *script = reader->script;

	if (script->statement_count == SCRIPT_MAX_STATEMENTS)
		return script_fail(reader, at, "a script has at most %d statements", SCRIPT_MAX_STATEMENTS);
	if (script->statement_count == reader->statement_space) {
		unsigned space = reader->statement_space ? reader->statement_space * 2 : 32;
		struct script_statement *statements = script_take(reader, space * sizeof(*statements));

		if (script->statement_count)
			memcpy(statements, script->statements, script->statement_count * sizeof(*statements));
		script->statements = statements;
		reader->statement_space = space;
	}
	reader->draft.source = source_text(reader, at->start, at->end);
	script->statements[script->statement_count++] = reader->draft;
	return true;
}

bool script_add_statement(struct script_reader *reader, const struct script_location *at)
{
	if (reader->cleanup_seen)
		return script_fail(reader, at, "a command without a time stands before all statements or after all of them");
	if (reader->draft.kind != SCRIPT_PACKET_OUT && reader->draft.time.kind != SCRIPT_TIME_ABSOLUTE &&
	    reader->draft.time.kind != SCRIPT_TIME_RELATIVE)
		return script_fail(reader, at, "'*' and ranges of time are for outgoing packets");
	reader->timed_seen = true;
	return push_statement(reader, at);
}

bool script_add_untimed(struct script_reader *reader, struct script_token command, const struct script_location *at)
{
	reader->draft = (struct script_statement){ .line = at->line, .column = at->column };
	script_draft_text(reader, reader->timed_seen ? SCRIPT_CLEANUP_COMMAND : SCRIPT_INIT_COMMAND, command);
	reader->cleanup_seen = reader->timed_seen;
	return push_statement(reader, at);
}

void script_draft_text(struct script_reader *reader, enum script_kind kind, struct script_token text)
{
	reader->draft.kind = kind;
	reader->draft.text = script_text(reader, text.text, text.bytes);
	reader->draft.text_bytes = text.bytes;
}

static const char *const own_statements[] = {
	"assert", "delay", "drain", "duplicate", "hold", "lose", "mark", "observe", "release", "reorder",
};

bool script_is_own(struct script_token word)
{
	for (size_t i = 0; i < sizeof(own_statements) / sizeof(*own_statements); i++)
		if (script_token_is(word, own_statements[i]))
			return true;
	return false;
}

bool script_draft_own(struct script_reader *reader, struct script_token line)
{
	size_t name_bytes = 0;

	while (name_bytes < line.bytes && line.text[name_bytes] >= 'a' && line.text[name_bytes] <= 'z')
		name_bytes++;
	reader->draft.name = script_text(reader, line.text, name_bytes);
	while (name_bytes < line.bytes && (line.text[name_bytes] == ' ' || line.text[name_bytes] == '\t'))
		name_bytes++;
	script_draft_text(reader, SCRIPT_OWN, (struct script_token){ line.text + name_bytes, line.bytes - name_bytes });
	return true;
}

bool script_draft_call(struct script_reader *reader, struct script_token name, struct script_list arguments,
		       struct script_expr *result, const struct script_location *at)
{
	struct script_call *call = script_take(reader, sizeof(*call));
	int64_t value;

	if (result->kind != SCRIPT_EXPR_ELLIPSIS && !script_integer(result, &value))
		return script_fail(reader, at, "the result of %.*s() is neither a number nor a symbol nor '...'",
				   (int)(name.bytes < 64 ? name.bytes : 64), name.text);
	call->name = script_text(reader, name.text, name.bytes);
	call->arguments = arguments.first;
	call->argument_count = arguments.count;
	call->result = result;
	reader->draft.kind = SCRIPT_CALL;
	reader->draft.call = reader->call = call;
	return true;
}

bool script_draft_errno(struct script_reader *reader, struct script_token name, const struct script_location *at)
{
	char quoted[160];
	int64_t value;

	reader->call->errno_value = errno_value(name.text, name.bytes);
	script_quote(name.text, name.bytes, quoted, sizeof(quoted));
	if (!reader->call->errno_value)
		return script_about(reader, "errno %s", quoted) && script_fail(reader, at, "expected the name of an errno, found '%s'", quoted);
	if (script_integer(reader->call->result, &value) && value != -1)
		return script_fail(reader, at, "%s goes with the result -1", quoted);
	reader->call->errno_name = script_text(reader, name.text, name.bytes);
	return true;
}

void script_draft_note(struct script_reader *reader, struct script_token note)
{
	reader->call->note = script_text(reader, note.text, note.bytes);
}

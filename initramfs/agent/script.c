/* SPDX-License-Identifier: GPL-2.0-or-later
 * script - the packetdrill language: one parse from bytes to statements, and the questions a runtime asks of them
 */
#include "script_reader.h"
#include "script_parser.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Of the scanner flex makes; it writes no header of its own. */
int script_yylex_init_extra(struct script_reader *reader, void **scanner);
int script_yylex_destroy(void *scanner);
void *script_yy_scan_bytes(const char *bytes, int count, void *scanner);

static const char *const kind_names[SCRIPT_KIND_COUNT] = {
	[SCRIPT_PACKET_IN] = "packet-in", [SCRIPT_PACKET_OUT] = "packet-out", [SCRIPT_CALL] = "call",
	[SCRIPT_COMMAND] = "command", [SCRIPT_CODE] = "code", [SCRIPT_OWN] = "own",
	[SCRIPT_INIT_COMMAND] = "init-command", [SCRIPT_CLEANUP_COMMAND] = "cleanup-command",
};

const char *script_kind_name(enum script_kind kind)
{
	return (unsigned)kind < SCRIPT_KIND_COUNT ? kind_names[kind] : NULL;
}

bool script_fail(struct script_reader *reader, const struct script_location *at, const char *format, ...)
{
	va_list arguments;

	if (reader->failed)
		return false;
	reader->failed = true;
	if (!*reader->error->construct)
		snprintf(reader->error->construct, sizeof(reader->error->construct), "value");
	reader->error->line = at->line;
	reader->error->column = at->column;
	va_start(arguments, format);
	vsnprintf(reader->error->message, sizeof(reader->error->message), format, arguments);
	va_end(arguments);
	return false;
}

bool script_about(struct script_reader *reader, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (!reader->failed)
		vsnprintf(reader->error->construct, sizeof(reader->error->construct), format, arguments);
	va_end(arguments);
	return true;
}

/* Bytes of the UTF-8 character at text, 0 when there is none. */
static size_t utf8_bytes(const char *text, size_t left)
{
	unsigned char lead = (unsigned char)*text;
	size_t bytes = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;

	if (bytes > left)
		return 0;
	for (size_t i = 1; i < bytes; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
	return bytes;
}

void script_quote(const char *text, size_t text_bytes, char *quoted, size_t size_bytes)
{
	enum { SHOWN_BYTES = 32, LONGEST_BYTES = 5 };
	size_t used = 0;

	for (size_t i = 0; i < text_bytes && used + LONGEST_BYTES + sizeof("...") < size_bytes;) {
		size_t bytes = text[i] >= ' ' && text[i] <= '~' ? 1 : utf8_bytes(text + i, text_bytes - i);

		if (i >= SHOWN_BYTES) {
			snprintf(quoted + used, size_bytes - used, "...");
			return;
		}
		if (bytes) {
			memcpy(quoted + used, text + i, bytes);
			used += bytes;
			i += bytes;
		} else {
			used += (size_t)snprintf(quoted + used, size_bytes - used, "\\x%02x", (unsigned char)text[i++]);
		}
	}
	quoted[used] = '\0';
}

void *script_take(struct script_reader *reader, size_t size_bytes)
{
	void *piece = arena_take(reader->arena, size_bytes);

	if (!piece)
		longjmp(reader->out_of_memory, 1);
	return piece;
}

char *script_text(struct script_reader *reader, const char *text, size_t text_bytes)
{
	char *copy = script_take(reader, text_bytes + 1);

	if (text_bytes)
		memcpy(copy, text, text_bytes);
	return copy;
}

bool script_token_is(struct script_token token, const char *text)
{
	return strlen(text) == token.bytes && memcmp(token.text, text, token.bytes) == 0;
}

struct script_token script_source(const struct script_reader *reader, const struct script_location *at)
{
	return (struct script_token){ reader->text + at->start, at->end - at->start };
}

static void reader_parse(struct script_reader *reader)
{
	static const struct script_location nowhere = { 1, 1, 0, 0 };
	void *volatile scanner = NULL;
	void *fresh;

	if (setjmp(reader->out_of_memory)) {
		script_fail(reader, &nowhere, "out of memory");
	} else if (script_yylex_init_extra(reader, &fresh)) {
		script_fail(reader, &nowhere, "out of memory");
	} else {
		scanner = fresh;
		script_yy_scan_bytes(reader->text, (int)reader->text_bytes, scanner);
		if (script_yyparse(scanner, reader))
			script_fail(reader, &reader->place, "cannot be read");
	}
	if (scanner)
		script_yylex_destroy(scanner);
}

/* A zero byte would end texts early that the guest's sh and calls are given; strings have \x00 for it. */
static void refuse_zero(struct script_reader *reader)
{
	const char *zero = memchr(reader->text, '\0', reader->text_bytes);
	struct script_location at = { 1, 1, 0, 0 };

	if (!zero)
		return;
	for (const char *byte = reader->text; byte < zero; byte++) {
		at.line += *byte == '\n';
		at.column = *byte == '\n' ? 1 : at.column + 1;
	}
	script_fail(reader, &at, "found an unexpected character '\\x00'");
}

struct script *script_parse(const char *file, const char *text, size_t text_bytes, struct script_error *error)
{
	return script_parse_with(file, text, text_bytes, NULL, 0, error);
}

struct script *script_parse_with(const char *file, const char *text, size_t text_bytes, const struct script_setting *settings,
				 unsigned setting_count, struct script_error *error)
{
	struct script_location beginning = { 1, 1, 0, 0 };
	struct arena *arena = arena_new();
	struct script_reader *reader = arena ? arena_take(arena, sizeof(*reader)) : NULL;

	memset(error, 0, sizeof(*error));
	if (!reader) {
		arena_free(arena);
		*error = (struct script_error){ 1, 1, "out of memory", "memory" };
		return NULL;
	}
	*reader = (struct script_reader){
		.arena = arena, .error = error, .settings = settings, .setting_count = setting_count,
		.line = 1, .column = 1, .place = beginning, .end = beginning,
	};
	if (text_bytes > SCRIPT_MAX_BYTES) {
		script_fail(reader, &beginning, "a script has at most %d bytes, this one %zu", SCRIPT_MAX_BYTES, text_bytes);
	} else if (!(reader->script = arena_take(arena, sizeof(*reader->script))) ||
		   !(reader->text = arena_text(arena, text, text_bytes)) ||
		   !(reader->script->file = arena_text(arena, file, strlen(file)))) {
		script_fail(reader, &beginning, "out of memory");
	} else {
		reader->text_bytes = text_bytes;
		reader->script->arena = arena;
		refuse_zero(reader);
		if (!reader->failed)
			reader_parse(reader);
	}
	if (!reader->failed)
		return reader->script;
	arena_free(arena);
	return NULL;
}

void script_free(struct script *script)
{
	if (script)
		arena_free(script->arena);
}

const char *script_option(const struct script *script, const char *name)
{
	for (unsigned i = script->option_count; i-- > 0;)
		if (strcmp(script->options[i].name, name) == 0)
			return script->options[i].value ? script->options[i].value : "";
	return NULL;
}

int64_t script_option_integer(const struct script *script, const char *name, int64_t fallback)
{
	const char *value = script_option(script, name);
	struct script_number number;

	if (!value || !script_read_integer((struct script_token){ value, strlen(value) }, &number))
		return fallback;
	return number.value;
}

const struct script_expr *script_child(const struct script_expr *parent, unsigned n)
{
	const struct script_expr *child = parent ? parent->first : NULL;

	while (child && n--)
		child = child->next;
	return child;
}

const struct script_expr *script_argument(const struct script_call *call, unsigned n)
{
	const struct script_expr *argument = call->arguments;

	while (argument && n--)
		argument = argument->next;
	return argument;
}

const struct script_expr *script_field(const struct script_expr *parent, const char *name)
{
	for (const struct script_expr *child = parent ? parent->first : NULL; child; child = child->next)
		if (child->kind == SCRIPT_EXPR_FIELD && strcmp(child->text, name) == 0)
			return child->first;
	return NULL;
}

bool script_integer(const struct script_expr *expr, int64_t *value)
{
	if (!expr)
		return false;
	switch (expr->kind) {
	case SCRIPT_EXPR_INTEGER:
	case SCRIPT_EXPR_SYMBOL:
	case SCRIPT_EXPR_OR:
		*value = expr->value;
		return true;
	case SCRIPT_EXPR_LIST:
		return expr->count == 1 && expr->first->kind != SCRIPT_EXPR_LIST && script_integer(expr->first, value);
	case SCRIPT_EXPR_STRING:
	case SCRIPT_EXPR_ELLIPSIS:
	case SCRIPT_EXPR_STRUCT:
	case SCRIPT_EXPR_FIELD:
	case SCRIPT_EXPR_CALL:
	case SCRIPT_EXPR_KIND_COUNT:
		break;
	}
	return false;
}

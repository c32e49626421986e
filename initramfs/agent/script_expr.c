/* SPDX-License-Identifier: GPL-2.0-or-later
 * expr - arguments and results of calls, as a tree
 */
#include "script_reader.h"
#include "symbols.h"

#include <string.h>

struct script_expr *script_expr_new(struct script_reader *reader, enum script_expr_kind kind,
				    const struct script_location *at)
{
	struct script_expr *expr = script_take(reader, sizeof(*expr));

	expr->kind = kind;
	expr->line = at->line;
	expr->column = at->column;
	return expr;
}

struct script_expr *script_expr_integer(struct script_reader *reader, struct script_number number,
					const struct script_location *at)
{
	struct script_expr *expr = script_expr_new(reader, SCRIPT_EXPR_INTEGER, at);

	expr->value = number.value;
	expr->hex = number.hex;
	return expr;
}

struct script_expr *script_expr_parent(struct script_reader *reader, enum script_expr_kind kind,
				       struct script_list children, const struct script_location *at)
{
	struct script_expr *expr = script_expr_new(reader, kind, at);

	expr->first = children.first;
	expr->count = children.count;
	return expr;
}

struct script_expr *script_expr_named(struct script_reader *reader, enum script_expr_kind kind, struct script_token name,
				      struct script_list children, const struct script_location *at)
{
	struct script_expr *expr = script_expr_parent(reader, kind, children, at);

	expr->text = script_text(reader, name.text, name.bytes);
	expr->text_bytes = name.bytes;
	return expr;
}

/* What the kernel calls the level and type of an error queue's messages goes by the socket's family. */
static bool version_value(const struct script_reader *reader, struct script_token name, int64_t *value)
{
	static const struct { const char *name, *symbol_ipv4, *symbol_ipv6; } symbols[] = {
		{ "CMSG_LEVEL_IP", "SOL_IP", "SOL_IPV6" }, { "CMSG_TYPE_RECVERR", "IP_RECVERR", "IPV6_RECVERR" },
	};
	bool v4 = strcmp(script_ip_version(reader), "ipv4") == 0;

	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		const char *symbol = v4 ? symbols[i].symbol_ipv4 : symbols[i].symbol_ipv6;

		if (script_token_is(name, symbols[i].name))
			return symbol_value(symbol, strlen(symbol), value);
	}
	return false;
}

struct script_expr *script_expr_symbol(struct script_reader *reader, struct script_token name,
				       const struct script_location *at)
{
	struct script_expr *expr = script_expr_named(reader, SCRIPT_EXPR_SYMBOL, name, (struct script_list){ 0 }, at);
	char quoted[160];

	if (version_value(reader, name, &expr->value) || symbol_value(name.text, name.bytes, &expr->value))
		return expr;
	script_quote(name.text, name.bytes, quoted, sizeof(quoted));
	script_about(reader, "symbol %s", quoted);
	script_fail(reader, at, "unknown symbol '%s'", quoted);
	return NULL;
}

static const struct { char letter, byte; } escapes[] = {
	{ 'n', '\n' }, { 't', '\t' }, { 'r', '\r' }, { 'f', '\f' }, { 'v', '\v' }, { 'a', '\a' }, { 'b', '\b' },
	{ '0', '\0' }, { '\\', '\\' }, { '"', '"' }, { '\'', '\'' },
};

/* Reads the escape behind a backslash. Returns the bytes it took, 0 when there is no such escape. */
static size_t read_escape(const char *text, size_t left, char *byte)
{
	if (left >= 3 && text[0] == 'x' && script_digit(text[1]) >= 0 && script_digit(text[2]) >= 0) {
		*byte = (char)(script_digit(text[1]) << 4 | script_digit(text[2]));
		return 3;
	}
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		if (left && escapes[i].letter == text[0]) {
			*byte = escapes[i].byte;
			return 1;
		}
	}
	return 0;
}

struct script_expr *script_expr_string(struct script_reader *reader, struct script_token quoted, bool repeated,
				       const struct script_location *at)
{
	struct script_expr *expr = script_expr_new(reader, SCRIPT_EXPR_STRING, at);
	char *text = script_take(reader, quoted.bytes + 1);

	for (size_t i = 0; i < quoted.bytes;) {
		size_t escape_bytes;

		if (quoted.text[i] != '\\') {
			text[expr->text_bytes++] = quoted.text[i++];
			continue;
		}
		i++;
		escape_bytes = read_escape(quoted.text + i, quoted.bytes - i, &text[expr->text_bytes]);
		if (!escape_bytes) {
			script_about(reader, "string escape \\%.1s", quoted.text + i);
			script_fail(reader, at, "unknown escape in a string; there are \\xNN \\n \\t \\r \\f \\v \\a \\b \\0 \\\\ \\\" \\'");
			return NULL;
		}
		expr->text_bytes++;
		i += escape_bytes;
	}
	expr->text = text;
	expr->repeated = repeated;
	return expr;
}

struct script_list script_list_add(struct script_list list, struct script_expr *expr)
{
	if (list.last)
		list.last->next = expr;
	else
		list.first = expr;
	list.last = expr;
	list.count++;
	return list;
}

struct script_expr *script_expr_or(struct script_reader *reader, struct script_expr *left, struct script_expr *right,
				   const struct script_location *at)
{
	struct script_expr *whole = left, *last;

	if (left->kind != SCRIPT_EXPR_OR) {
		whole = script_expr_new(reader, SCRIPT_EXPR_OR, at);
		whole->first = left;
		whole->count = 1;
		whole->value = left->value;
		whole->argument = left; /* the last child while it grows */
	}
	last = whole->argument;
	last->next = right;
	whole->argument = right;
	whole->count++;
	whole->value |= right->value;
	return whole;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * lexical - what the lexer's actions do: places, numbers, and tokens that depend on the ones before
 */
#include "script_reader.h"
#include "script_parser.h"
#include "script_lexical.h"

#include <string.h>

void lexical_place(struct script_reader *reader, size_t bytes, struct script_location *location)
{
	reader->place.line = reader->line;
	reader->place.column = reader->column;
	reader->place.start = reader->place.end = reader->offset;
	lexical_extend(reader, bytes, location);
}

size_t lexical_extend(struct script_reader *reader, size_t bytes, struct script_location *location)
{
	for (size_t i = 0; i < bytes; i++, reader->offset++) {
		if (reader->text[reader->offset] == '\n') {
			reader->line++;
			reader->column = 1;
		} else {
			reader->column++;
		}
	}
	reader->place.end = reader->offset;
	*location = reader->place;
	return bytes;
}

void lexical_end(struct script_reader *reader, struct script_location *location)
{
	*location = reader->place = reader->end;
}

void lexical_back(struct script_reader *reader)
{
	reader->line = reader->place.line;
	reader->column = reader->place.column;
	reader->offset = reader->place.start;
}

struct script_token lexical_token(const struct script_reader *reader, size_t cut_front, size_t cut_back)
{
	return (struct script_token){ reader->text + reader->place.start + cut_front,
				      reader->place.end - reader->place.start - cut_front - cut_back };
}

/* `= -1 EAGAIN (note)`: value tokens after = at depth 0; whatever cannot be part of it ends the wait for a note. */
static enum script_result_state result_after(const struct script_reader *reader, int token)
{
	if (reader->depth)
		return reader->result;
	if (token == '=' && reader->previous == ')')
		return RESULT_VALUE_NEXT;
	if (reader->result == RESULT_NONE)
		return RESULT_NONE;
	if (token == '-' || token == '|')
		return RESULT_VALUE_NEXT;
	if (token == WORD || token == ERRNO)
		return RESULT_VALUE_SEEN;
	if ((token == INTEGER || token == ELLIPSIS || token == '*') && reader->result == RESULT_VALUE_NEXT)
		return RESULT_VALUE_SEEN;
	return RESULT_NONE;
}

int lexical_give(struct script_reader *reader, int token)
{
	reader->result = result_after(reader, token);
	if (token == '(' || token == '[' || token == '{')
		reader->depth++;
	else if ((token == ')' || token == ']' || token == '}') && reader->depth)
		reader->depth--;
	reader->previous = token;
	reader->end = (struct script_location){ reader->line, reader->column, reader->offset, reader->offset };
	return token;
}

int lexical_wrong(struct script_reader *reader, const char *what)
{
	char quoted[160];

	script_about(reader, "token: %s", what);
	if (strstr(what, "unexpected")) {
		script_quote(reader->text + reader->place.start, reader->place.end - reader->place.start,
			     quoted, sizeof(quoted));
		script_fail(reader, &reader->place, "%s '%s'", what, quoted);
	} else {
		script_fail(reader, &reader->place, "%s", what);
	}
	return SCRIPT_YYerror;
}

int lexical_integer(struct script_reader *reader, struct script_number *number)
{
	if (!script_read_integer(lexical_token(reader, 0, 0), number))
		return lexical_wrong(reader, "found a number that does not fit 63 bits");
	return lexical_give(reader, INTEGER);
}

int lexical_time(struct script_reader *reader, int64_t *time_ns)
{
	if (!script_read_time(lexical_token(reader, 0, 0), time_ns))
		return lexical_wrong(reader, "found a time above a billion seconds or finer than a nanosecond");
	return lexical_give(reader, DECIMAL);
}

int lexical_range(struct script_reader *reader, struct script_range *range)
{
	if (!script_read_range(lexical_token(reader, 0, 0), range))
		return lexical_wrong(reader, "found a sequence number that does not fit 32 bits");
	return lexical_give(reader, RANGE);
}

static const struct { const char *name; int token; } keywords[] = {
	{ "udp", UDP }, { "icmp", ICMP }, { "icmpv6", ICMPV6 },
	{ "ipv4", IPV4 }, { "ipv6", IPV6 }, { "gre", GRE }, { "mpls", MPLS },
	{ "mtu", NUMBERED }, { "id", NUMBERED }, { "type", NUMBERED }, { "code", NUMBERED },
};

static const char *const cookie_names[] = { "FO", "FOEXP", "md5", "exp", "opt", "raw" };

static bool is_cookie_name(const struct script_reader *reader, struct script_token word)
{
	if (reader->previous != '<' && reader->previous != ',')
		return false;
	for (size_t i = 0; i < sizeof(cookie_names) / sizeof(*cookie_names); i++)
		if (script_token_is(word, cookie_names[i]))
			return true;
	return false;
}

static int defined_word(const char *text, SCRIPT_YYSTYPE *value)
{
	struct script_token token = { text, strlen(text) };

	if (token.bytes >= 2 && text[0] == '"' && text[token.bytes - 1] == '"') {
		value->token = (struct script_token){ text + 1, token.bytes - 2 };
		return STRING;
	}
	if (text[0] >= '0' && text[0] <= '9' && script_read_integer(token, &value->number))
		return INTEGER;
	value->token = token;
	return WORD;
}

/* A statement of finrig's begins right behind a time, and is no call. */
static bool opens_own_statement(const struct script_reader *reader, struct script_token word)
{
	size_t next = reader->offset;

	if (reader->depth || !script_is_own(word) ||
	    (reader->previous != INTEGER && reader->previous != DECIMAL && reader->previous != '*'))
		return false;
	while (next < reader->text_bytes && (reader->text[next] == ' ' || reader->text[next] == '\t'))
		next++;
	return next == reader->text_bytes || reader->text[next] != '(';
}

int lexical_word(struct script_reader *reader, SCRIPT_YYSTYPE *value)
{
	struct script_token word = lexical_token(reader, 0, 0);
	const char *defined = script_define(reader, word);

	if (defined)
		return defined_word(defined, value);
	value->token = word;
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (script_token_is(word, keywords[i].name))
			return keywords[i].token;
	if (reader->result == RESULT_VALUE_SEEN && reader->depth == 0)
		return ERRNO;
	if (opens_own_statement(reader, word))
		return OWN;
	return is_cookie_name(reader, word) ? COOKIE_NAME : WORD;
}

int lexical_cookie(struct script_reader *reader, struct script_token *token)
{
	const char *defined;

	*token = lexical_token(reader, 0, 0);
	defined = script_define_cookie(reader, *token);
	if (defined)
		*token = (struct script_token){ defined, strlen(defined) };
	return lexical_give(reader, HEXTEXT);
}

size_t lexical_own_comment(const struct script_reader *reader)
{
	static const char name[] = "finrig:";
	struct script_token comment = lexical_token(reader, 0, 0);
	size_t at = strlen("//");

	while (at < comment.bytes && (comment.text[at] == ' ' || comment.text[at] == '\t'))
		at++;
	return comment.bytes - at > strlen(name) && memcmp(comment.text + at, name, strlen(name)) == 0 ? at + strlen(name) : 0;
}

size_t lexical_rest_of_line(const struct script_reader *reader)
{
	const char *rest = reader->text + reader->offset;
	size_t left = reader->text_bytes - reader->offset, end = 0;

	for (size_t i = 0; i < left && rest[i] != '\n' && rest[i] != '#'; i++) {
		if (rest[i] == '/' && i + 1 < left && (rest[i + 1] == '/' || rest[i + 1] == '*'))
			break;
		if (rest[i] != ' ' && rest[i] != '\t' && rest[i] != '\r')
			end = i + 1;
	}
	return end;
}

bool lexical_note_follows(const struct script_reader *reader)
{
	return reader->depth == 0 && reader->result == RESULT_VALUE_SEEN;
}

size_t lexical_note_bytes(const struct script_reader *reader)
{
	const char *rest = reader->text + reader->offset;
	size_t left = reader->text_bytes - reader->offset, end = 0;

	while (end < left && rest[end] != '\n')
		if (rest[end++] == ')')
			break;
	return end;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * check - all errors of a script, not only the first: what is wrong is blanked out and the rest read again
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>

static const char *skip_blanks(const char *line, const char *end)
{
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	return line;
}

/* Scripts begin a statement at the begin of a line; what it may begin with does not begin a line inside one. */
static bool begins_statement(const char *line, const char *end)
{
	static const char own[] = "finrig:";
	bool comment;

	line = skip_blanks(line, end);
	comment = end - line > 2 && line[0] == '/' && line[1] == '/';
	if (comment) { /* one that other tools are not to see */
		line = skip_blanks(line + 2, end);
		return (size_t)(end - line) >= strlen(own) && memcmp(line, own, strlen(own)) == 0;
	}
	return line < end && *line && strchr("0123456789+*.`-", *line);
}

static const char *next_line(const char *line, const char *end)
{
	const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

	return newline ? newline + 1 : end;
}

/* Makes blanks of the statement with the error. False: there is nothing left of it. */
static bool blank_out(char *text, const char *end, unsigned error_line)
{
	char *begin = text, *line = text, *stop;
	bool changed = false;

	for (unsigned number = 1; line < end && number <= error_line; number++) {
		if (begins_statement(line, end))
			begin = line;
		line += next_line(line, end) - line;
	}
	for (stop = line; stop < end && !begins_statement(stop, end);)
		stop += next_line(stop, end) - stop;
	for (char *byte = begin; byte < stop; byte++) {
		if (*byte != ' ' && *byte != '\n' && *byte != '\t' && *byte != '\r') {
			*byte = ' ';
			changed = true;
		}
	}
	return changed;
}

unsigned script_check(const char *file, const char *text, size_t text_bytes,
		      void (*report)(const char *file, const struct script_error *error))
{
	char *copy = malloc(text_bytes + 1);
	struct script_error error = { 1, 1, "out of memory", "memory" };
	unsigned count = 0;

	if (!copy) {
		report(file, &error);
		return 1;
	}
	memcpy(copy, text, text_bytes);
	while (count < SCRIPT_CHECK_ERRORS) {
		struct script *script = script_parse(file, copy, text_bytes, &error);

		script_free(script);
		if (script)
			break;
		report(file, &error);
		count++;
		if (!blank_out(copy, copy + text_bytes, error.line))
			break;
	}
	free(copy);
	return count;
}

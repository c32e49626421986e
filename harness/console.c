/* SPDX-License-Identifier: GPL-2.0-or-later
 * console - finds the guest's death in what it printed
 * in: the console's bytes; out: the line that tells. Only the beginning of a message counts, so that a firmware line
 * ("BIOS BUG: …") or a path with such a word in it kills nobody.
 */
#include <string.h>

#include "analyze.h"

static const char *const deaths[] = {
	"Kernel panic", "Oops", "BUG:", "kernel BUG at", "general protection fault", "Unable to handle kernel",
	"double fault:", "divide error:", "invalid opcode:", "stack segment:",
};

/* Past "<4>", "[    1.234567]", "[    T1]" and blanks, in any number. */
static const char *message_start(const char *line, const char *end)
{
	while (line < end) {
		char close = *line == '<' ? '>' : *line == '[' ? ']' : '\0';
		const char *at = close ? memchr(line, close, (gsize)(end - line)) : NULL;

		if (at)
			line = at + 1;
		else if (g_ascii_isspace(*line))
			line++;
		else
			break;
	}
	return line;
}

static gboolean tells_death(const char *message, gsize length_bytes)
{
	for (gsize i = 0; i < G_N_ELEMENTS(deaths); i++)
		if (length_bytes >= strlen(deaths[i]) && memcmp(message, deaths[i], strlen(deaths[i])) == 0)
			return TRUE;
	return FALSE;
}

char *console_death(const char *text, gsize length_bytes)
{
	const char *end = text + length_bytes;

	while (text < end) {
		const char *newline = memchr(text, '\n', (gsize)(end - text));
		const char *line_end = newline ? newline : end;
		const char *message = message_start(text, line_end);

		if (tells_death(message, (gsize)(line_end - message))) {
			g_autofree char *valid = g_utf8_make_valid(message, line_end - message);

			return g_strdup(g_strchomp(valid));
		}
		text = line_end + 1;
	}
	return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_log - what went wrong in a build, out of all that make printed
 */
#include "image_log.h"

#include <string.h>

/* The most telling first; a line of an earlier kind wins wherever it stands. */
static const char *const telling[] = {
	"No space left on device|Disk quota exceeded|Cannot allocate memory|Killed signal", /* whatever else came of it */
	"^[^ :][^:]*:\\d+:(\\d+:)? (fatal )?error: ",
	"^[^ :][^:]*:\\d+: (Error: |error: |syntax error)",
	"undefined reference to |multiple definition of ",
	": (command )?not found$|: No such file or directory$",
	"^(ld|gcc|cc1|as|objtool|perl)[^ ]*: .*error|error: ",
	" at [^ ]+ line \\d+\\.$",
	"\\*\\*\\* (?!mixed implicit)", /* which make 4 only warns of in old kernels */
};

/* kbuild's `  CC      net/ipv4/tcp.o` and what make tells of itself, which depend on what was built before. */
static const char chatter[] = "^  [A-Z][A-Z0-9_]+( |$)|^  Using .* as source for kernel$|^make(\\[\\d+\\])?: |^$";
/* What make says of the target, right behind the words about it. */
static const char failed_target[] = "^make(\\[\\d+\\])?: \\*\\*\\* \\[";
static const char missing_program[] = ": (line )?\\d+: [^/: ]+: (command )?not found$|^make(\\[\\d+\\])?: [^/: ]+: (Command not found|No such file or directory)$";

enum { LINES_BEFORE_MAX = 12, LINES_MAX = 40 };

static gboolean is_like(const char *line, const char *pattern)
{
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_RAW, 0, NULL);

	return g_regex_match(regex, line, 0, NULL);
}

/* The number of the line; that of the end if all are empty. */
static guint first_error(char **lines)
{
	guint count = g_strv_length(lines), last = count;

	for (guint i = 0; i < G_N_ELEMENTS(telling); i++) {
		g_autoptr(GRegex) regex = g_regex_new(telling[i], G_REGEX_RAW, 0, NULL);

		for (guint j = 0; j < count; j++)
			if (g_regex_match(regex, lines[j], 0, NULL))
				return j;
	}
	for (guint j = 0; j < count; j++)
		if (*lines[j])
			last = j;
	return last;
}

static char **split(const char *log)
{
	char **lines = g_strsplit(log, "\n", -1);

	for (guint i = 0; lines[i]; i++)
		g_strchomp(lines[i]);
	return lines;
}

char *log_first_error(const char *log)
{
	g_auto(GStrv) lines = split(log);
	const char *line = lines[first_error(lines)];

	return line ? g_strstrip(g_strdup(line)) : g_strdup("");
}

char *log_lines(const char *log)
{
	g_auto(GStrv) lines = split(log);
	guint count = g_strv_length(lines), at = first_error(lines), from = at, to = MIN(at + 1, count);
	GString *text = g_string_new(NULL);

	while (from > 0 && at - from < LINES_BEFORE_MAX && !is_like(lines[from - 1], chatter))
		from--;
	while (to < count && to - from < LINES_MAX && !is_like(lines[to], chatter))
		to++;
	if (to < count && to - from < LINES_MAX && is_like(lines[to], failed_target))
		to++;
	for (guint i = from; i < to; i++)
		g_string_append_printf(text, "%s%s", i > from ? "\n" : "", lines[i]);
	return g_string_free(text, FALSE);
}

gboolean log_blames_host(const char *log)
{
	static const char *const signs[] = {"No space left on device", "Disk quota exceeded", "Cannot allocate memory", "out of memory", "Killed signal"};
	g_autofree char *line = log_first_error(log);

	for (guint i = 0; i < G_N_ELEMENTS(signs); i++)
		if (strstr(log, signs[i]))
			return TRUE;
	return is_like(line, missing_program);
}

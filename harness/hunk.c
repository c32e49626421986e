/* SPDX-License-Identifier: GPL-2.0-or-later
 * hunk - the hunks of a unified diff, and the diff again without one of them
 */
#include "hunk.h"

#include <stdio.h>
#include <string.h>

#include "error.h"

struct reading {
	const char *name;
	char **lines;
	guint at;              /* the line to be read next */
	char *file, *header;   /* of the hunks that follow */
	GPtrArray *hunks;
	GError **error;
};

static void hunk_free(gpointer data)
{
	struct hunk *hunk = data;

	g_free(hunk->file);
	g_free(hunk->header);
	g_free(hunk->heading);
	g_free(hunk->text);
	g_free(hunk);
}

static gboolean complain(const struct reading *reading, const char *expected)
{
	const char *found = reading->lines[reading->at];

	g_set_error(reading->error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s:%u: expected %s, found %s%s%s", reading->name, reading->at + 1, expected,
		    found ? "'" : "", found ? found : "its end", found ? "'" : "");
	return FALSE;
}

static gboolean is_header(const struct reading *reading)
{
	const char *line = reading->lines[reading->at], *next = line ? reading->lines[reading->at + 1] : NULL;

	return next && g_str_has_prefix(line, "--- ") && g_str_has_prefix(next, "+++ ");
}

/* The name behind a/ or b/; that of the file before where there is none after. */
static char *header_file(const char *before, const char *after)
{
	const char *line = g_str_has_prefix(after, "+++ /dev/null") ? before : after;
	g_autofree char *name = g_strndup(line + 4, strcspn(line + 4, "\t\r\n"));
	const char *slash = strchr(name, '/');

	return g_strdup(slash ? slash + 1 : name);
}

static void read_header(struct reading *reading)
{
	char **lines = reading->lines + reading->at;

	g_free(reading->file);
	g_free(reading->header);
	reading->file = header_file(lines[0], lines[1]);
	reading->header = g_strdup_printf("%s\n%s\n", lines[0], lines[1]);
	reading->at += 2;
}

/* "@@ -7,3 +7,4 @@": a count that is not given is 1. */
static gboolean read_counts(const char *heading, guint *before, guint *after)
{
	g_autoptr(GRegex) regex = g_regex_new("^@@ -\\d+(?:,(\\d+))? \\+\\d+(?:,(\\d+))? @@", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *first = NULL, *second = NULL;

	if (!g_regex_match(regex, heading, 0, &match))
		return FALSE;
	first = g_match_info_fetch(match, 1);
	second = g_match_info_fetch(match, 2);
	*before = first && *first ? (guint)g_ascii_strtoull(first, NULL, 10) : 1;
	*after = second && *second ? (guint)g_ascii_strtoull(second, NULL, 10) : 1;
	return TRUE;
}

/* Takes one line of a hunk off the counts. An empty line is context whose blank a mailer has eaten. */
static gboolean count_line(const char *line, guint *before, guint *after)
{
	gboolean old = *line == '-' || *line == ' ' || !*line, new = *line == '+' || *line == ' ' || !*line;

	if (*line == '\\') /* "\ No newline at end of file" */
		return TRUE;
	if ((!old && !new) || (old && !*before) || (new && !*after))
		return FALSE;
	*before -= old;
	*after -= new;
	return TRUE;
}

static gboolean read_hunk(struct reading *reading)
{
	const char *heading = reading->lines[reading->at];
	GString *text = g_string_new(NULL);
	guint before = 0, after = 0;
	struct hunk *hunk;

	if (!read_counts(heading, &before, &after)) {
		g_string_free(text, TRUE);
		return complain(reading, "@@ -LINE,COUNT +LINE,COUNT @@");
	}
	g_string_append_printf(text, "%s\n", heading);
	for (reading->at++; before || after || g_str_has_prefix(reading->lines[reading->at] ? reading->lines[reading->at] : "", "\\"); reading->at++) {
		const char *line = reading->lines[reading->at];

		if (!line || (!*line && !reading->lines[reading->at + 1]) || !count_line(line, &before, &after)) {
			g_string_free(text, TRUE);
			return complain(reading, "a line of a hunk");
		}
		g_string_append_printf(text, "%s\n", line);
	}
	hunk = g_new0(struct hunk, 1);
	hunk->file = g_strdup(reading->file);
	hunk->header = g_strdup(reading->header);
	hunk->heading = g_strdup(heading);
	hunk->text = g_string_free(text, FALSE);
	g_ptr_array_add(reading->hunks, hunk);
	return TRUE;
}

GPtrArray *hunks_parse(const char *name, const char *diff, GError **error)
{
	g_autoptr(GPtrArray) hunks = g_ptr_array_new_with_free_func(hunk_free);
	g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);
	struct reading reading = {.name = name, .lines = lines, .hunks = hunks, .error = error};
	gboolean ok = TRUE;

	while (ok && lines[reading.at] && (*lines[reading.at] || lines[reading.at + 1])) {
		if (is_header(&reading))
			read_header(&reading);
		else if (reading.file && g_str_has_prefix(lines[reading.at], "@@ "))
			ok = read_hunk(&reading);
		else
			reading.at++;
	}
	if (ok && !hunks->len)
		ok = complain(&reading, "a hunk of a unified diff");
	g_free(reading.file);
	g_free(reading.header);
	return ok ? g_steal_pointer(&hunks) : NULL;
}

char *hunks_without(const GPtrArray *hunks, guint left_out)
{
	GString *diff = g_string_new(NULL);
	const char *header = NULL;

	for (guint i = 0; i < hunks->len; i++) {
		const struct hunk *hunk = hunks->pdata[i];

		if (i == left_out)
			continue;
		if (g_strcmp0(header, hunk->header) != 0)
			g_string_append(diff, hunk->header);
		header = hunk->header;
		g_string_append(diff, hunk->text);
	}
	return g_string_free(diff, FALSE);
}

/* The word before the first bracket: "static int tun_net_xmit(struct sk_b" is about tun_net_xmit. NULL if there is none. */
static char *function_name(const char *line)
{
	g_autoptr(GRegex) regex = g_regex_new("([A-Za-z_][A-Za-z0-9_]*)\\(", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	return g_regex_match(regex, line, 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}

/* The function that a line (from 1) of a file lies in, found as `diff -p` does: by the last line above that begins with a letter;
 * labels do so too and are passed over. */
static char *function_at(const char *path, guint line)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	lines = g_strsplit(text, "\n", -1);
	for (guint i = MIN(line, g_strv_length(lines)); i-- > 0;)
		if ((g_ascii_isalpha(*lines[i]) || *lines[i] == '_') && !g_str_has_suffix(lines[i], ":"))
			return function_name(lines[i]);
	return NULL;
}

static const struct hunk *find_hunk(const GPtrArray *hunks, const char *file, guint number)
{
	for (guint i = 0; i < hunks->len; i++) {
		const struct hunk *hunk = hunks->pdata[i];

		if (!strcmp(hunk->file, file) && --number == 0)
			return hunk;
	}
	return NULL;
}

char *hunk_astray(const GPtrArray *hunks, const char *note, const char *tree)
{
	g_autoptr(GRegex) regex = g_regex_new("^(.*): Hunk #(\\d+) succeeded at (\\d+)", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *file = NULL, *number = NULL, *line = NULL, *path = NULL, *meant = NULL, *found = NULL;
	const struct hunk *hunk;

	if (!g_regex_match(regex, note, 0, &match))
		return NULL;
	file = g_match_info_fetch(match, 1);
	number = g_match_info_fetch(match, 2);
	line = g_match_info_fetch(match, 3);
	hunk = find_hunk(hunks, file, (guint)g_ascii_strtoull(number, NULL, 10));
	path = g_build_filename(tree, file, NULL);
	meant = hunk ? function_name(strstr(hunk->heading + 2, "@@") + 2) : NULL;
	found = meant ? function_at(path, (guint)g_ascii_strtoull(line, NULL, 10)) : NULL;
	return found && strcmp(meant, found) ? g_strdup_printf("%s: Hunk #%s is for %s() and went into %s()", file, number, meant, found) : NULL;
}

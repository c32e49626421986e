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
	char *before, *after, *header; /* of the hunks that follow; names as written, NULL for /dev/null */
	guint part;            /* headers so far */
	char *mode;            /* a file whose mode changes, until its header comes */
	GPtrArray *hunks, *remarks;
	GError **error;
};

static void hunk_free(gpointer data)
{
	struct hunk *hunk = data;

	g_free(hunk->file);
	g_free(hunk->before);
	g_free(hunk->after);
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

/* git quotes a name with other letters as C does: "a/caf\303\251.c". Takes name; caller frees. */
static char *unquote(char *name)
{
	gsize length = strlen(name);
	g_autofree char *quoted = length > 2 && *name == '"' && name[length - 1] == '"' ? name : NULL;

	if (!quoted)
		return name;
	quoted[length - 1] = 0;
	return g_strcompress(quoted + 1);
}

/* The name in a line "--- a/drivers/net/tun.c<tab>date". */
static char *header_name(const char *line)
{
	char *name = unquote(g_strchomp(g_strndup(line + 4, strcspn(line + 4, "\t\r\n"))));

	if (strcmp(name, "/dev/null"))
		return name;
	g_free(name);
	return NULL;
}

static void read_header(struct reading *reading)
{
	char **lines = reading->lines + reading->at;

	g_free(reading->before);
	g_free(reading->after);
	g_free(reading->header);
	g_clear_pointer(&reading->mode, g_free);
	reading->before = header_name(lines[0]);
	reading->after = header_name(lines[1]);
	reading->header = g_strdup_printf("%s\n%s\n", lines[0], lines[1]);
	reading->part++;
	reading->at += 2;
}

const char *hunk_strip(const char *name, guint level)
{
	for (; name && level; level--) {
		name = strchr(name, '/');
		while (name && *name == '/')
			name++;
	}
	return name && *name ? name : NULL;
}

gboolean hunk_is_new(const struct hunk *hunk)
{
	return !hunk->before || g_str_has_prefix(hunk->heading, "@@ -0,0 ");
}

/* What follows is as long as the level leaves something; else the name stays whole. */
static char *file_at(const struct hunk *hunk, guint level)
{
	const char *name = hunk->after ? hunk->after : hunk->before ? hunk->before : "", *stripped = hunk_strip(name, level);

	return g_strdup(stripped ? stripped : name);
}

/* Without the changed copy's name where the tree has the other: "--- a.c" and "+++ a-new.c" of a plain diff. */
static char *file_there(const struct hunk *hunk, guint level, hunk_has has, gconstpointer user)
{
	const char *before = hunk_is_new(hunk) ? NULL : hunk_strip(hunk->before, level), *after = hunk_strip(hunk->after, level);

	return before && !(after && has(user, after)) && has(user, before) ? g_strdup(before) : file_at(hunk, level);
}

void hunks_strip(GPtrArray *hunks, guint level, hunk_has has, gconstpointer user)
{
	for (guint i = 0; i < hunks->len; i++) {
		struct hunk *hunk = hunks->pdata[i];
		gboolean made = hunk_is_new(hunk);
		const char *end;

		g_free(hunk->file);
		g_free(hunk->header);
		hunk->file = file_there(hunk, level, has, user);
		end = strchr(hunk->file, ' ') ? "\t" : ""; /* patch takes a blank for a name's end where no tab is */
		hunk->header = g_strdup_printf("--- %s%s%s\n+++ %s%s%s\n", made ? "/dev/null" : "a/", made ? "" : hunk->file, made ? "" : end,
					       hunk->after ? "b/" : "/dev/null", hunk->after ? hunk->file : "", hunk->after ? end : "");
	}
}

gboolean hunks_fit(const GPtrArray *hunks, guint level, hunk_has has, gconstpointer user)
{
	gboolean any = FALSE;

	for (guint i = 0; i < hunks->len; i++) {
		const struct hunk *hunk = hunks->pdata[i];
		g_autofree char *file = hunk_is_new(hunk) ? NULL : file_there(hunk, level, has, user);

		if (file && !has(user, file))
			return FALSE;
		any = any || file;
	}
	return any;
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
	hunk->before = g_strdup(reading->before);
	hunk->after = g_strdup(reading->after);
	hunk->part = reading->part;
	hunk->file = file_at(hunk, 1);
	hunk->header = g_strdup(reading->header);
	hunk->heading = g_strdup(heading);
	hunk->text = g_string_free(text, FALSE);
	g_ptr_array_add(reading->hunks, hunk);
	return TRUE;
}

static void remark(const struct reading *reading, const char *file, const char *what)
{
	if (reading->remarks)
		g_ptr_array_add(reading->remarks, g_strdup_printf("%s: %s, left out", file, what));
}

static void end_mode(struct reading *reading)
{
	if (reading->mode)
		remark(reading, reading->mode, "only its mode changes");
	g_clear_pointer(&reading->mode, g_free);
}

/* "diff --git a/x b/x": x, which has no blank in any tree of ours, or is quoted. */
static char *git_file(const char *line)
{
	const char *second = g_str_has_suffix(line, "\"") ? g_strrstr(line, " \"") : strrchr(line, ' ');
	g_autofree char *name = second ? unquote(g_strdup(second + 1)) : NULL;
	const char *file = hunk_strip(name, 1);

	return g_strdup(file ? file : line);
}

/* A line outside of hunks: a mail's words, or what git says of files beside their hunks. */
static gboolean read_other(struct reading *reading)
{
	const char *line = reading->lines[reading->at], *git = NULL;

	for (guint i = reading->at; !git && i-- > 0 && reading->at - i < 8;)
		if (g_str_has_prefix(reading->lines[i], "diff --git "))
			git = reading->lines[i];
	if (g_str_has_prefix(line, "diff --git "))
		end_mode(reading);
	if (git && (g_str_has_prefix(line, "rename from ") || g_str_has_prefix(line, "copy from ")))
		return complain(reading, "no renames and copies (git format-patch --no-renames writes them as files removed and made)");
	if (git && g_str_has_prefix(line, "new mode "))
		reading->mode = git_file(git);
	if (git && (g_str_has_prefix(line, "GIT binary patch") || (g_str_has_prefix(line, "Binary files ") && g_str_has_suffix(line, " differ")))) {
		g_autofree char *file = git_file(git);

		g_clear_pointer(&reading->mode, g_free);
		remark(reading, file, "binary");
	}
	reading->at++;
	return TRUE;
}

static void reading_clear(struct reading *reading)
{
	g_free(reading->before);
	g_free(reading->after);
	g_free(reading->header);
	g_free(reading->mode);
}

GPtrArray *hunks_parse(const char *name, const char *diff, GPtrArray *remarks, GError **error)
{
	g_autoptr(GPtrArray) hunks = g_ptr_array_new_with_free_func(hunk_free);
	g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);
	struct reading reading = {.name = name, .lines = lines, .hunks = hunks, .remarks = remarks, .error = error};
	gboolean ok = TRUE;

	while (ok && lines[reading.at] && (*lines[reading.at] || lines[reading.at + 1])) {
		if (is_header(&reading))
			read_header(&reading);
		else if (reading.part && g_str_has_prefix(lines[reading.at], "@@ "))
			ok = read_hunk(&reading);
		else
			ok = read_other(&reading);
	}
	if (ok)
		end_mode(&reading);
	if (ok && !hunks->len && remarks && remarks->len) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: has no hunk that could be judged: %s", name, (char *)remarks->pdata[remarks->len - 1]);
		ok = FALSE;
	} else if (ok && !hunks->len)
		ok = complain(&reading, "a hunk of a unified diff");
	reading_clear(&reading);
	return ok ? g_steal_pointer(&hunks) : NULL;
}

char *hunks_text(const GPtrArray *hunks, const gboolean *left_out)
{
	GString *diff = g_string_new(NULL);
	guint part = 0;

	for (guint i = 0; i < hunks->len; i++) {
		const struct hunk *hunk = hunks->pdata[i];

		if (left_out && left_out[i])
			continue;
		if (part != hunk->part)
			g_string_append(diff, hunk->header);
		part = hunk->part;
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

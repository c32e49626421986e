/* SPDX-License-Identifier: GPL-2.0-or-later
 * html_excerpt - the parts of a cell's page that are quoted from its files
 */
#include "html_excerpt.h"

#include <string.h>

#include "artefact.h"
#include "console.h"
#include "markup.h"

enum { BEFORE_DEATH = 4, AFTER_DEATH = 36, LAST_LINES = 16, LINE_MAX_CHARACTERS = 400 };

static void append_line(GString *out, JsonObject *line)
{
	const char *kind = artefact_string(line, "kind"), *text = artefact_string(line, "text");
	const char *value = artefact_string(line, "value"), *reason = artefact_string(line, "reason");
	gboolean held = json_object_get_boolean_member_with_default(line, "held", FALSE);

	markup_add(out, "<tr><td>%s</td><td><code>%s</code></td><td>%s</td><td>%s</td></tr>\n", kind ? kind : "", text ? text : "",
		   held ? "\342\234\223 held" : "\342\234\227 not", reason ? reason : value ? value : "");
}

void html_excerpt_lines(const char *cell_dir, GString *out)
{
	g_autoptr(JsonObject) verdict = artefact_read_json(cell_dir, "5-verdict.json", NULL);
	JsonNode *node = verdict ? json_object_get_member(verdict, "lines") : NULL;
	JsonArray *lines = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	if (!lines || !json_array_get_length(lines))
		return;
	g_string_append(out, "<h3>What the case asks</h3>\n<div class=\"scroll\"><table class=\"lines\">\n"
			     "<tr><th>line</th><th>comparison</th><th>held</th><th>found</th></tr>\n");
	for (guint i = 0; i < json_array_get_length(lines); i++) {
		JsonNode *element = json_array_get_element(lines, i);

		if (JSON_NODE_HOLDS_OBJECT(element))
			append_line(out, json_node_get_object(element));
	}
	g_string_append(out, "</table></div>\n");
}

/* The line that tells of the guest's death, or the number of lines. */
static guint death_line(char **lines, const char *text)
{
	g_autoptr(GPtrArray) reports = console_reports(text, strlen(text));
	const char *death = NULL;
	guint i = 0;

	for (guint j = 0; j < reports->len && !death; j++) {
		const struct console_report *report = g_ptr_array_index(reports, j);

		death = report->fatal ? report->text : NULL;
	}
	while (lines[i] && !(death && strstr(lines[i], death)))
		i++;
	return i;
}

void html_excerpt_console(const char *cell_dir, GString *out)
{
	g_autofree char *path = g_build_filename(cell_dir, "1-console.log", NULL), *bytes = NULL, *text = NULL;
	g_auto(GStrv) lines = NULL;
	guint count, at, from, to;
	gsize length;

	if (!g_file_get_contents(path, &bytes, &length, NULL) || !length)
		return;
	text = g_utf8_make_valid(bytes, (gssize)length);
	g_strdelimit(text, "\r", ' ');
	lines = g_strsplit(g_strchomp(text), "\n", -1);
	count = g_strv_length(lines);
	at = death_line(lines, text);
	from = at < count ? (at > BEFORE_DEATH ? at - BEFORE_DEATH : 0) : count > LAST_LINES ? count - LAST_LINES : 0;
	to = at < count ? MIN(count, at + AFTER_DEATH) : count;
	if (!count || !*text)
		return;
	markup_add(out, "<h3>Console</h3>\n<p class=\"key\">Lines %u to %u of %u.</p>\n<pre>", from + 1, to, count);
	for (guint i = from; i < to; i++) {
		g_autofree char *line = g_utf8_substring(lines[i], 0, MIN(g_utf8_strlen(lines[i], -1), LINE_MAX_CHARACTERS));

		markup_add(out, "%s\n", line);
	}
	g_string_append(out, "</pre>\n");
}

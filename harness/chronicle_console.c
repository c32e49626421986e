/* SPDX-License-Identifier: GPL-2.0-or-later
 * chronicle_console - a guest's console lines with their place on its clock
 */
#include "chronicle_console.h"

#include <string.h>

#include "event.h"

static void line_free(gpointer data)
{
	struct chronicle_line *line = data;

	g_free(line->text);
	g_free(line);
}

/* Script time zero on the guest's clock. */
static gint64 zero_ns(GPtrArray *events)
{
	for (guint i = 0; i < events->len; i++) {
		const struct event *event = events->pdata[i];

		if (event->type == RECORD_HELLO)
			return event->clock_ns - event->t_ns;
	}
	return 0;
}

/* "[    3.456789] text", also with "<6>" before it: returns where the text begins, and the stamp. NULL: no stamp. */
static const char *read_stamp(const char *line, gint64 *clock_ns)
{
	char *end;
	double seconds;

	if (line[0] == '<' && (end = strchr(line, '>')))
		line = end + 1;
	if (*line != '[')
		return NULL;
	seconds = g_ascii_strtod(line + 1, &end);
	if (end == line + 1 || *end != ']' || seconds < 0 || seconds > 1e9)
		return NULL;
	*clock_ns = (gint64)(seconds * 1e9);
	return end[1] == ' ' ? end + 2 : end + 1;
}

GPtrArray *chronicle_console(const char *cell_dir, GPtrArray *events)
{
	g_autofree char *path = g_build_filename(cell_dir, "1-console.log", NULL), *bytes = NULL, *text = NULL;
	GPtrArray *lines = g_ptr_array_new_with_free_func(line_free);
	g_auto(GStrv) split = NULL;
	gint64 zero = zero_ns(events), last_ns = -zero;
	gsize length;

	if (!g_file_get_contents(path, &bytes, &length, NULL))
		return lines;
	text = g_utf8_make_valid(bytes, (gssize)length);
	split = g_strsplit_set(text, "\r\n", -1);
	for (guint i = 0; split[i]; i++) {
		gint64 clock_ns;
		const char *rest = read_stamp(split[i], &clock_ns);
		struct chronicle_line *line;

		if (!*split[i])
			continue;
		if (rest)
			last_ns = MAX(last_ns, clock_ns - zero);
		line = g_new0(struct chronicle_line, 1);
		line->t_ns = last_ns;
		line->text = g_strdup(rest ? rest : split[i]);
		g_ptr_array_add(lines, line);
	}
	return lines;
}

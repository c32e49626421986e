/* SPDX-License-Identifier: GPL-2.0-or-later
 * console - what a guest's kernel complained of
 */
#include "console.h"

#include <string.h>

#include "artefact.h"
#include "error.h"
#include "symbol_map.h"

enum { TRACE_MAX_LINES = 64 };

/* How a report begins; a later row is only looked at when no earlier one fits. `inside`: anywhere in the message. */
static const struct opening {
	const char *kind, *start, *inside;
	gboolean fatal;
} openings[] = {
	{ "kasan", "BUG: KASAN:", NULL, TRUE },
	{ "kfence", "BUG: KFENCE:", NULL, TRUE },
	{ "kcsan", "BUG: KCSAN:", NULL, FALSE },
	{ "soft lockup", "watchdog: BUG: soft lockup", NULL, TRUE },
	{ "soft lockup", "BUG: soft lockup", NULL, TRUE },
	{ "hard lockup", "Watchdog detected hard LOCKUP", NULL, TRUE },
	{ "hard lockup", "NMI watchdog: Watchdog detected hard LOCKUP", NULL, TRUE },
	{ "hard lockup", "NMI watchdog: BUG: soft lockup", NULL, TRUE },
	{ "hung task", "INFO: task ", "blocked for more than", TRUE },
	{ "rcu stall", "INFO: rcu_", "detected", TRUE }, /* "self-detected stall on CPU", "detected stalls on CPUs/tasks" */
	{ "rcu stall", "INFO: RCU detected", NULL, TRUE }, /* before 2.6.33 */
	{ "rcu stall", "rcu: INFO: rcu_", "detected", TRUE },
	{ "lockdep", "WARNING: possible circular locking dependency", NULL, TRUE },
	{ "lockdep", "WARNING: possible recursive locking", NULL, TRUE },
	{ "lockdep", "WARNING: inconsistent lock state", NULL, TRUE },
	{ "lockdep", "WARNING: suspicious RCU usage", NULL, TRUE },
	{ "lockdep", "WARNING: bad unlock balance", NULL, TRUE },
	{ "lockdep", "[ INFO: ", "lock", TRUE }, /* before 4.13 */
	{ "lockdep", "INFO: possible circular locking dependency", NULL, TRUE },
	{ "panic", "Kernel panic", NULL, TRUE },
	{ "oops", "Oops", NULL, TRUE },
	{ "bug", "kernel BUG at", NULL, TRUE },
	{ "bug", "BUG:", NULL, TRUE },
	{ "fault", "general protection fault", NULL, TRUE },
	{ "fault", "Unable to handle kernel", NULL, TRUE },
	{ "fault", "double fault:", NULL, TRUE },
	{ "fault", "divide error:", NULL, TRUE },
	{ "fault", "invalid opcode:", NULL, TRUE },
	{ "fault", "stack segment:", NULL, TRUE },
	{ "list corruption", "list_add corruption", NULL, TRUE },
	{ "list corruption", "list_del corruption", NULL, TRUE },
	{ "refcount", "refcount_t:", NULL, FALSE },
	{ "ubsan", "UBSAN:", NULL, FALSE },
	{ "warning", "WARNING: CPU:", NULL, FALSE },
	{ "warning", "WARNING: at ", NULL, FALSE }, /* before 3.12 */
};

/* Past "<4>", "[    1.234567]", "[    T1]" and blanks, in any number. */
static const char *message_start(const char *line, const char *end)
{
	while (line < end) {
		char close = *line == '<' ? '>' : *line == '[' && line + 1 < end && line[1] != '<' ? ']' : '\0';
		const char *at = close ? memchr(line, close, (gsize)(end - line)) : NULL;
		gboolean stamp = at && (*line == '<' || strspn(line + 1, " 0123456789.TC") >= (gsize)(at - line - 1));

		if (stamp)
			line = at + 1;
		else if (g_ascii_isspace(*line))
			line++;
		else
			break;
	}
	return line;
}

static const struct opening *opening_of(const char *message, gsize length)
{
	for (gsize i = 0; i < G_N_ELEMENTS(openings); i++) {
		gsize start = strlen(openings[i].start);

		if (length >= start && memcmp(message, openings[i].start, start) == 0 &&
		    (!openings[i].inside || memmem(message, length, openings[i].inside, strlen(openings[i].inside))))
			return &openings[i];
	}
	return NULL;
}

static void report_free(gpointer data)
{
	struct console_report *report = data;

	g_free(report->text);
	g_ptr_array_unref(report->trace);
	g_free(report);
}

static char *valid_text(const char *message, gsize length)
{
	g_autofree char *valid = g_utf8_make_valid(message, (gssize)length);

	return g_strdup(g_strchomp(valid));
}

/* "[<ffffffff8100abcd>] name+0x1/0x2", " name+0x1/0x2", " ? name+0x1/0x2 [module]", "[<ffffffff8100abcd>] 0xffffffff8100abcd",
 * "RIP: 0010:name+0x1/0x2": the name, or the bare address. NULL for what is no frame; guesses (" ? ") are none. */
static char *frame_of(const char *text)
{
	static GRegex *regex;
	static gsize once;
	g_autoptr(GMatchInfo) match = NULL;

	if (g_once_init_enter(&once)) {
		regex = g_regex_new("^(?:RIP: (?:[0-9a-f]{4}:)?)?\\s*(?:\\[<[0-9a-f]{8,16}>\\]\\s*)*(?:\\{?([A-Za-z_][\\w.]*\\+0x[0-9a-f]+/0x[0-9a-f]+)\\}?"
				    "|(?:0x)?(ffffffff[0-9a-f]{8}))(?:\\s.*)?$", G_REGEX_OPTIMIZE, 0, NULL);
		g_once_init_leave(&once, 1);
	}
	if (strstr(text, " ? ") || g_str_has_prefix(text, "? ") || !g_regex_match(regex, text, 0, &match))
		return NULL;
	for (int group = 1; group <= 2; group++) {
		char *part = g_match_info_fetch(match, group);

		if (part && *part)
			return part;
		g_free(part);
	}
	return NULL;
}

/* Lines behind a report belong to it until another begins. */
static void add_frame(GPtrArray *reports, const char *text)
{
	struct console_report *report = reports->len ? reports->pdata[reports->len - 1] : NULL;
	char *frame = report && report->trace->len < TRACE_MAX_LINES ? frame_of(text) : NULL;

	if (frame)
		g_ptr_array_add(report->trace, frame);
}

/* An accident opens with two lines: "BUG: unable to handle …" then "Oops: …", "kernel BUG at …" then "invalid opcode: …". */
static gboolean is_second_line(const GPtrArray *reports, const struct opening *opening)
{
	const struct console_report *last = reports->len ? reports->pdata[reports->len - 1] : NULL;

	return last && g_str_equal(last->kind, "bug") && !last->trace->len &&
	       (g_str_equal(opening->kind, "oops") || g_str_equal(opening->kind, "fault"));
}

static void take_line(GPtrArray *reports, const char *line, const char *end)
{
	const char *message = message_start(line, end);
	const struct opening *opening = opening_of(message, (gsize)(end - message));
	g_autofree char *text = valid_text(message, (gsize)(end - message));
	struct console_report *report;

	if (!opening) {
		add_frame(reports, text);
		return;
	}
	if (is_second_line(reports, opening))
		return;
	report = g_new0(struct console_report, 1);
	report->kind = opening->kind;
	report->fatal = opening->fatal;
	report->text = g_steal_pointer(&text);
	report->trace = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(reports, report);
}

GPtrArray *console_reports(const char *text, gsize length_bytes)
{
	GPtrArray *reports = g_ptr_array_new_with_free_func(report_free);
	const char *end = text + length_bytes;

	while (text < end) {
		const char *newline = memchr(text, '\n', (gsize)(end - text));
		const char *line_end = newline ? newline : end;

		take_line(reports, text, line_end);
		text = line_end + 1;
	}
	return reports;
}

static gboolean is_bare(const char *frame)
{
	return g_str_has_prefix(frame, "ffffffff") && strlen(frame) == 16;
}

/* "ADDRESS NAME" lines, in the traces' order, each once. */
static char *symbols_of(const GPtrArray *reports, const struct symbol_map *map)
{
	GString *lines = g_string_new(NULL);

	for (guint i = 0; i < reports->len; i++) {
		const GPtrArray *trace = ((const struct console_report *)reports->pdata[i])->trace;

		for (guint j = 0; j < trace->len; j++) {
			const char *frame = trace->pdata[j];
			g_autofree char *name = is_bare(frame) ? symbol_map_frame(map, g_ascii_strtoull(frame, NULL, 16)) : NULL;

			if (name && !strstr(lines->str, frame))
				g_string_append_printf(lines, "%s %s\n", frame, name);
		}
	}
	return g_string_free(lines, FALSE);
}

static gboolean has_bare(const GPtrArray *reports)
{
	for (guint i = 0; i < reports->len; i++) {
		const GPtrArray *trace = ((const struct console_report *)reports->pdata[i])->trace;

		for (guint j = 0; j < trace->len; j++)
			if (is_bare(trace->pdata[j]))
				return TRUE;
	}
	return FALSE;
}

/* No console is no error: a guest can die before its first line. */
static char *read_console(const char *cell_dir, gsize *length_bytes)
{
	g_autofree char *path = g_build_filename(cell_dir, "1-console.log", NULL);
	char *text = NULL;

	*length_bytes = 0;
	return g_file_get_contents(path, &text, length_bytes, NULL) ? text : g_strdup("");
}

static struct symbol_map *read_map(const char *path, GError **error)
{
	g_autoptr(symbol_map_t) map = NULL;
	g_autoptr(GError) why = NULL;
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why->message);
		return NULL;
	}
	map = symbol_map_new(text);
	if (!symbol_map_count(map)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: expected lines such as `ffffffff81000000 T _text`", path);
		return NULL;
	}
	return g_steal_pointer(&map);
}

gboolean console_write_symbols(const char *cell_dir, const char *system_map_path, GError **error)
{
	gsize length_bytes;
	g_autofree char *text = read_console(cell_dir, &length_bytes), *lines = NULL;
	g_autoptr(GPtrArray) reports = console_reports(text, length_bytes);
	g_autoptr(symbol_map_t) map = NULL;

	if (!system_map_path || !has_bare(reports))
		return TRUE;
	if (!(map = read_map(system_map_path, error)))
		return FALSE;
	lines = symbols_of(reports, map);
	return artefact_write(cell_dir, "1-symbols.txt", lines, strlen(lines), error);
}

/* The name that symbols gives a bare address; else the frame as it is. */
static char *named(const char *frame, const char *symbols)
{
	const char *line = symbols && is_bare(frame) ? strstr(symbols, frame) : NULL;
	const char *name = line ? line + strlen(frame) + 1 : NULL;

	return name ? g_strndup(name, strcspn(name, "\n")) : g_strdup(frame);
}

char *console_death(const GPtrArray *reports, const char *symbols)
{
	enum { FEW = 4 };

	for (guint i = 0; i < reports->len; i++) {
		const struct console_report *report = reports->pdata[i];
		GString *text;

		if (!report->fatal)
			continue;
		text = g_string_new(report->text);
		for (guint j = 0; j < MIN(report->trace->len, FEW); j++) {
			g_autofree char *name = named(report->trace->pdata[j], symbols);

			g_string_append_printf(text, "%s%s", j ? " < " : ": ", name);
		}
		return g_string_free(text, FALSE);
	}
	return NULL;
}

static void reports_to_json(const GPtrArray *reports, const char *symbols, JsonArray *list)
{
	for (guint i = 0; i < reports->len; i++) {
		const struct console_report *report = reports->pdata[i];
		JsonObject *object = json_object_new();
		JsonArray *trace = json_array_new();

		json_object_set_string_member(object, "kind", report->kind);
		json_object_set_boolean_member(object, "fatal", report->fatal);
		json_object_set_string_member(object, "text", report->text);
		for (guint j = 0; j < report->trace->len; j++) {
			g_autofree char *name = named(report->trace->pdata[j], symbols);

			json_array_add_string_element(trace, name);
		}
		json_object_set_array_member(object, "trace", trace);
		json_array_add_object_element(list, object);
	}
}

char *console_analyze(const char *cell_dir, JsonArray *list)
{
	gsize length_bytes;
	g_autofree char *text = read_console(cell_dir, &length_bytes), *symbols = NULL;
	g_autofree char *path = g_build_filename(cell_dir, "1-symbols.txt", NULL);
	g_autoptr(GPtrArray) reports = console_reports(text, length_bytes);

	/* Absent when every frame had a name. */
	if (!g_file_get_contents(path, &symbols, NULL, NULL))
		symbols = NULL;
	reports_to_json(reports, symbols, list);
	return console_death(reports, symbols);
}

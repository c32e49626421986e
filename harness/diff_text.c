/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_text - a diff's JSON for a person, as a chart of two columns
 */
#include "diff_text.h"

#include <string.h>

#include "artefact.h"
#include "seconds.h"

enum { MARK_WIDTH = 2, GAP = 3 };

static const char indent[] = "               ";

struct chart {
	JsonObject *diff;
	GString *out;
	guint width, column; /* column: letters of the left one; 0: both share one */
	gboolean many_flows;
	guint next_difference, next_time; /* those of the rows written so far are behind */
};

static JsonArray *array_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

static guint array_length(JsonObject *object, const char *name)
{
	JsonArray *array = array_member(object, name);

	return array ? json_array_get_length(array) : 0;
}

static JsonObject *object_at(JsonArray *array, guint i)
{
	JsonNode *node = array && i < json_array_get_length(array) ? json_array_get_element(array, i) : NULL;

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static JsonObject *object_member(JsonObject *object, const char *name)
{
	JsonNode *node = object ? json_object_get_member(object, name) : NULL;

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static const char *text_member(JsonObject *object, const char *name, const char *otherwise)
{
	const char *text = object ? artefact_string(object, name) : NULL;

	return text ? text : otherwise;
}

static guint letters(const char *text)
{
	return (guint)g_utf8_strlen(text, -1);
}

static void end_line(GString *out)
{
	while (out->len && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	g_string_append_c(out, '\n');
}

static char mark_letter(const char *mark)
{
	static const struct { const char *mark; char letter; } letters_of[] = {
		{ "same", ' ' }, { "differs", '|' }, { "time", '~' }, { "only_a", '<' }, { "only_b", '>' },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(letters_of); i++)
		if (g_str_equal(mark, letters_of[i].mark))
			return letters_of[i].letter;
	return '?';
}

/* Sent again, or to ask: more than flags and numbers tell. NULL: they tell all. */
static const char *role_word(const char *kind)
{
	static const char *const words[] = { "retransmission", "loss probe", "window probe", "keepalive", "repeated", NULL };

	for (guint i = 0; words[i]; i++)
		if (strstr(kind, words[i]))
			return words[i];
	return NULL;
}

/* "   0.400000 --> FIN,ACK seq 1001 len 0 ack 1"; empty for a side that has no such packet. */
static char *packet_text(const struct chart *chart, JsonObject *packet)
{
	const char *direction = text_member(packet, "direction", ""), *kind = text_member(packet, "kind", "");
	char time[G_ASCII_DTOSTR_BUF_SIZE];
	GString *text = g_string_new(NULL);

	if (!packet)
		return g_string_free(text, FALSE);
	g_ascii_formatd(time, sizeof(time), "%.6f", json_object_get_double_member_with_default(packet, "t_s", 0));
	g_string_printf(text, "%11s %s ", time, g_str_equal(direction, "out") ? "-->" : g_str_equal(direction, "in") ? "<--" : "---");
	if (!json_object_has_member(packet, "flags")) {
		g_string_append(text, kind);
		return g_string_free(text, FALSE);
	}
	if (chart->many_flows)
		g_string_append_printf(text, "#%" G_GINT64_FORMAT " ", artefact_int(packet, "flow", 0));
	g_string_append_printf(text, "%s seq %" G_GINT64_FORMAT " len %" G_GINT64_FORMAT, text_member(packet, "flags", ""),
			       artefact_int(packet, "seq", 0), artefact_int(packet, "length", 0));
	if (json_object_has_member(packet, "ack"))
		g_string_append_printf(text, " ack %" G_GINT64_FORMAT, artefact_int(packet, "ack", 0));
	if (role_word(kind))
		g_string_append_printf(text, " (%s)", role_word(kind));
	return g_string_free(text, FALSE);
}

/* Two texts in their columns, or one below the other where they differ and there is one column. */
static void append_pair(const struct chart *chart, char mark, const char *a, const char *b)
{
	if (chart->column) {
		g_string_append_printf(chart->out, "%c %s%*s%s", mark, a, (int)(chart->column - MIN(letters(a), chart->column)) + GAP, "", b);
		end_line(chart->out);
		return;
	}
	g_string_append_printf(chart->out, "%c %s", mark, *a ? a : b);
	end_line(chart->out);
}

/* What the row's two packets do not agree in, a line each. */
static void append_details(struct chart *chart, guint row)
{
	JsonArray *differences = array_member(chart->diff, "differences"), *times = array_member(chart->diff, "times");
	JsonObject *entry;

	while ((entry = object_at(differences, chart->next_difference)) && artefact_int(entry, "row", -1) <= (gint64)row) {
		g_string_append_printf(chart->out, "| %s%s %s against %s\n", indent, text_member(entry, "field", ""), text_member(entry, "a_value", ""),
				       text_member(entry, "b_value", ""));
		chart->next_difference++;
	}
	while ((entry = object_at(times, chart->next_time)) && artefact_int(entry, "row", -1) <= (gint64)row) {
		double later_s = json_object_get_double_member_with_default(entry, "later_s", 0);
		g_autofree char *text = seconds_text(ABS(later_s));

		g_string_append_printf(chart->out, "~ %s%s s %s in B\n", indent, text, later_s > 0 ? "later" : "earlier");
		chart->next_time++;
	}
}

static gboolean is_same(JsonArray *rows, guint i)
{
	return g_str_equal(text_member(object_at(rows, i), "mark", ""), "same");
}

/* One past the last of the rows to be folded from `from` on; `from` itself where nothing is to be folded. */
static guint fold_end(JsonArray *rows, guint from, guint context)
{
	guint count = json_array_get_length(rows), end = from;

	for (guint i = from > context ? from - context : 0; i < from; i++)
		if (!is_same(rows, i))
			return from;
	while (end < count && is_same(rows, end))
		end++;
	if (end < count)
		end -= MIN(context, end - from);
	return end > from + 1 ? end : from;
}

static void append_rows(struct chart *chart, guint context)
{
	JsonArray *rows = array_member(chart->diff, "rows");
	guint count = array_length(chart->diff, "rows");

	for (guint i = 0; i < count;) {
		guint end = context == G_MAXUINT ? i : fold_end(rows, i, context);
		JsonObject *row = object_at(rows, i);
		g_autofree char *a = packet_text(chart, object_member(row, "a")), *b = packet_text(chart, object_member(row, "b"));

		if (end > i) {
			g_string_append_printf(chart->out, "  … %u packets the same\n", end - i);
			i = end;
			continue;
		}
		append_pair(chart, mark_letter(text_member(row, "mark", "")), a, b);
		append_details(chart, i++);
	}
}

static guint widest(const struct chart *chart, const char *side)
{
	JsonArray *rows = array_member(chart->diff, "rows");
	guint width = 0;

	for (guint i = 0; i < array_length(chart->diff, "rows"); i++) {
		g_autofree char *text = packet_text(chart, object_member(object_at(rows, i), side));

		width = MAX(width, letters(text));
	}
	return width;
}

static void append_side(const struct chart *chart, const char *side, char letter)
{
	JsonObject *about = object_member(object_member(chart->diff, "sides"), side);
	const char *kernel = text_member(about, "side", NULL), *damage = text_member(about, "damage", NULL);

	g_string_append_printf(chart->out, "%c %s: %" G_GINT64_FORMAT " packets\n", letter, text_member(chart->diff, side, ""),
			       about ? artefact_int(about, "packets", 0) : 0);
	if (kernel)
		g_string_append_printf(chart->out, "  taken for the kernel under test: %s\n", kernel);
	if (damage)
		g_string_append_printf(chart->out, "  damaged: %s\n", damage);
}

static void append_flows(const struct chart *chart)
{
	JsonArray *flows = array_member(chart->diff, "flows");

	for (guint i = 0; chart->many_flows && i < json_array_get_length(flows); i++) {
		JsonObject *flow = object_at(flows, i);
		const char *a = text_member(flow, "a", NULL), *b = text_member(flow, "b", NULL);

		g_string_append_printf(chart->out, "#%u ", i + 1);
		if (a && b)
			g_string_append_printf(chart->out, "A %s, B %s\n", a, b);
		else
			g_string_append_printf(chart->out, "only in %s: %s\n", a ? "A" : "B", a ? a : b ? b : "");
	}
}

static char *state_text(JsonObject *step)
{
	char time[G_ASCII_DTOSTR_BUF_SIZE];

	if (!step)
		return g_strdup("");
	g_ascii_formatd(time, sizeof(time), "%.6f", json_object_get_double_member_with_default(step, "from_s", 0));
	return g_strdup_printf("%11s %s", time, text_member(step, "state", ""));
}

static void append_states(const struct chart *chart)
{
	JsonArray *rows = array_member(chart->diff, "states");

	if (array_length(chart->diff, "states"))
		g_string_append(chart->out, "socket, since script time zero\n");
	for (guint i = 0; i < array_length(chart->diff, "states"); i++) {
		JsonObject *row = object_at(rows, i);
		g_autofree char *a = state_text(object_member(row, "a")), *b = state_text(object_member(row, "b"));

		append_pair(chart, mark_letter(text_member(row, "mark", "")), a, b);
	}
}

static void append_values(const struct chart *chart, const char *title, const char *member)
{
	enum { NAME_WIDTH = 34 };
	JsonArray *rows = array_member(chart->diff, member);

	if (array_length(chart->diff, member))
		g_string_append_printf(chart->out, "%s\n", title);
	for (guint i = 0; i < array_length(chart->diff, member); i++) {
		JsonObject *row = object_at(rows, i);

		g_string_append_printf(chart->out, "| %-*s %s against %s\n", NAME_WIDTH, text_member(row, "name", ""), text_member(row, "a", "absent"),
				       text_member(row, "b", "absent"));
	}
}

static void append_list(const struct chart *chart, const char *title, const char *member)
{
	JsonArray *array = array_member(chart->diff, member);
	guint at = letters(title);

	g_string_append(chart->out, title);
	for (guint i = 0; i < array_length(chart->diff, member); i++) {
		const char *text = json_array_get_string_element(array, i);
		gboolean last = i + 1 == json_array_get_length(array);

		if (at + 2 + letters(text) > chart->width && at > MARK_WIDTH) {
			g_string_append(chart->out, "\n ");
			at = 1;
		}
		g_string_append_printf(chart->out, " %s%s", text, last ? "" : ",");
		at += 2 + letters(text);
	}
	g_string_append_c(chart->out, '\n');
}

char *diff_text(JsonObject *diff, const struct diff_text_options *options)
{
	struct chart chart = { diff, g_string_new(NULL), options->width, 0, array_length(diff, "flows") > 1, 0, 0 };
	guint a = widest(&chart, "a"), b = widest(&chart, "b");

	chart.column = MARK_WIDTH + a + GAP + b <= options->width ? a : 0;
	append_side(&chart, "a", 'A');
	append_side(&chart, "b", 'B');
	append_flows(&chart);
	append_rows(&chart, options->context);
	append_states(&chart);
	append_values(&chart, "socket, its last sample", "sockets");
	append_values(&chart, "counters", "counters");
	append_values(&chart, "facts", "facts");
	append_list(&chart, "compared:", "compared");
	append_list(&chart, "not compared:", "ignored");
	return g_string_free(chart.out, FALSE);
}

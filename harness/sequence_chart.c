/* SPDX-License-Identifier: GPL-2.0-or-later
 * sequence_chart - two kernels' packets side by side, and where they part
 */
#include "sequence_chart.h"

#include "artefact.h"
#include "seconds.h"
#include "svg.h"

enum {
	WIDTH = 9600, HEAD = 560, ROW = 260, HALF = WIDTH / 2, TIME_RIGHT = 780, KERNEL_X = 900, PEER_X = 4500,
	COMMON_HEAD = 3, COMMON_TAIL = 4, AFTER_MAX = 48,
};

struct chart {
	JsonObject *diff;
	JsonArray *rows;
	GString *out;
	guint parted; /* index of the first row that differs; rows' length when none does */
	int y;
};

static JsonArray *array_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

static JsonObject *object_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static JsonObject *element(JsonArray *array, guint index)
{
	JsonNode *node = json_array_get_element(array, index);

	return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static double number_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node) : 0;
}

/* "ack 101, there 1" of the first field in which a packet differs from its partner; NULL if none does. */
static char *difference_of(const struct chart *chart, JsonObject *packet, const char *side)
{
	JsonArray *differences = array_member(chart->diff, "differences");
	gboolean a = g_str_equal(side, "a");

	for (guint i = 0; differences && i < json_array_get_length(differences); i++) {
		JsonObject *difference = element(differences, i);
		const char *value, *other;

		if (!difference || artefact_int(difference, side, 0) != artefact_int(packet, "packet", -1))
			continue;
		value = artefact_string(difference, a ? "a_value" : "b_value");
		other = artefact_string(difference, a ? "b_value" : "a_value");
		return g_strdup_printf("%s %s, there %s", artefact_string(difference, "field"), value ? value : "none", other ? other : "none");
	}
	return NULL;
}

static void draw_packet(const struct chart *chart, JsonObject *packet, const char *side, int left, gboolean alone)
{
	const char *kind = artefact_string(packet, "kind"), *flags = artefact_string(packet, "flags");
	gboolean out = g_strcmp0(artefact_string(packet, "direction"), "out") == 0;
	g_autofree char *when = seconds_text(number_member(packet, "t_s")), *difference = difference_of(chart, packet, side);
	gint64 seq = artefact_int(packet, "seq", 0), length = artefact_int(packet, "length", 0);
	g_autofree char *numbers = g_strdup_printf("%s  %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT "(%" G_GINT64_FORMAT ")", kind ? kind : "",
						   seq, seq + length, length);
	g_autofree char *stamp = g_strconcat(when, " s", NULL);
	g_autofree char *title = g_strdup_printf("packet %" G_GINT64_FORMAT ", %s s: %s %s", artefact_int(packet, "packet", 0), when,
						 flags ? flags : "", numbers);
	const char *class = alone ? "alone" : difference ? "differs" : out ? "out" : "in";

	if (alone || difference)
		svg_box(chart->out, "marked", left + TIME_RIGHT - 680, chart->y + 10, PEER_X - TIME_RIGHT + 720, ROW - 20, NULL);
	svg_text(chart->out, "tick", left + TIME_RIGHT, chart->y + 190, SVG_END, stamp);
	svg_arrow(chart->out, class, left + (out ? KERNEL_X : PEER_X), left + (out ? PEER_X : KERNEL_X), chart->y + 200, title);
	svg_text(chart->out, "packet", left + (KERNEL_X + PEER_X) / 2, chart->y + 165, SVG_MIDDLE, difference ? difference : numbers);
}

static void draw_absent(const struct chart *chart, int left)
{
	svg_text(chart->out, "absent", left + (KERNEL_X + PEER_X) / 2, chart->y + 175, SVG_MIDDLE, "\342\200\224 no such packet \342\200\224");
}

static void draw_row(struct chart *chart, guint index)
{
	static const char *const sides[] = { "a", "b" };
	JsonObject *row = element(chart->rows, index);

	for (guint i = 0; row && i < G_N_ELEMENTS(sides); i++) {
		JsonObject *packet = object_member(row, sides[i]), *other = object_member(row, sides[1 - i]);

		if (packet)
			draw_packet(chart, packet, sides[i], (int)i * HALF, !other);
		else
			draw_absent(chart, (int)i * HALF);
	}
	chart->y += ROW;
}

static void draw_hidden(struct chart *chart, guint count, const char *what)
{
	g_autofree char *text = g_strdup_printf("\342\213\256 %u %s", count, what);

	svg_text(chart->out, "absent", HALF, chart->y + 175, SVG_MIDDLE, text);
	chart->y += ROW;
}

static void draw_parting(struct chart *chart)
{
	g_autofree char *text = g_strdup_printf("they part here, after %u packet%s the same", chart->parted, chart->parted == 1 ? "" : "s");

	svg_line(chart->out, "parting", 0, chart->y + 60, WIDTH, chart->y + 60);
	svg_text(chart->out, "parting-text", HALF, chart->y + 220, SVG_MIDDLE, text);
	chart->y += ROW + 20;
}

static void draw_rows(struct chart *chart)
{
	guint count = json_array_get_length(chart->rows);
	gboolean fold = chart->parted > COMMON_HEAD + COMMON_TAIL + 2;

	for (guint i = 0; i < count; i++) {
		if (i == chart->parted)
			draw_parting(chart);
		if (fold && i == COMMON_HEAD) {
			draw_hidden(chart, chart->parted - COMMON_HEAD - COMMON_TAIL, "packets the same");
			i = chart->parted - COMMON_TAIL - 1;
		} else if (i >= chart->parted + AFTER_MAX && count - i > 1) {
			draw_hidden(chart, count - i, "more rows; all are in the diff's file");
			break;
		} else {
			draw_row(chart, i);
		}
	}
}

static void draw_head(const struct chart *chart, int bottom)
{
	static const char *const sides[] = { "a", "b" };

	for (int i = 0; i < (int)G_N_ELEMENTS(sides); i++) {
		svg_text(chart->out, "kernel", i * HALF + KERNEL_X - 120, 200, SVG_START, artefact_string(chart->diff, sides[i]));
		svg_text(chart->out, "note", i * HALF + KERNEL_X, 420, SVG_MIDDLE, "kernel");
		svg_text(chart->out, "note", i * HALF + PEER_X, 420, SVG_MIDDLE, "peer");
		svg_line(chart->out, "lifeline", i * HALF + KERNEL_X, HEAD - 80, i * HALF + KERNEL_X, bottom);
		svg_line(chart->out, "lifeline", i * HALF + PEER_X, HEAD - 80, i * HALF + PEER_X, bottom);
	}
}

void sequence_chart_draw(JsonObject *diff, GString *out)
{
	g_autoptr(GString) rows = g_string_new(NULL), head = g_string_new(NULL);
	struct chart chart = { diff, array_member(diff, "rows"), rows, 0, HEAD };
	g_autofree char *label = g_strdup_printf("packets of %s and %s side by side: %s", artefact_string(diff, "a"), artefact_string(diff, "b"),
						 artefact_string(diff, "line"));

	if (!chart.rows || !json_array_get_length(chart.rows))
		return;
	chart.parted = json_object_get_boolean_member_with_default(diff, "same", FALSE) ? json_array_get_length(chart.rows) :
		(guint)artefact_int(diff, "same_to", 0);
	draw_rows(&chart);
	chart.out = head;
	draw_head(&chart, chart.y);
	svg_open(out, "sequence", WIDTH, chart.y + 60, label);
	g_string_append_len(out, head->str, (gssize)head->len);
	g_string_append_len(out, rows->str, (gssize)rows->len);
	svg_close(out);
}

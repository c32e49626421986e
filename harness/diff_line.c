/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_line - a diff's JSON as one line
 * in: the object diff_compare() makes, or one read back; out: text. What is absent from the object is left out.
 */
#include <string.h>

#include "artefact.h"
#include "diff.h"
#include "seconds.h"

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
	JsonNode *node = json_array_get_element(array, i);

	return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static JsonObject *object_member(JsonObject *object, const char *name)
{
	JsonNode *node = object ? json_object_get_member(object, name) : NULL;

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static double number_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node) : 0;
}

struct kind_count {
	const char *kind;
	guint count;
};

static void count_kind(GArray *kinds, const char *kind)
{
	struct kind_count new_kind = { kind, 1 };

	for (guint i = 0; i < kinds->len; i++)
		if (g_str_equal(g_array_index(kinds, struct kind_count, i).kind, kind)) {
			g_array_index(kinds, struct kind_count, i).count++;
			return;
		}
	g_array_append_val(kinds, new_kind);
}

/* "9 FIN retransmissions only in debian-6.1"; "" when that side sent nothing alone. */
static void append_alone(GString *text, JsonObject *diff, const char *mine, const char *other)
{
	g_autoptr(GArray) kinds = g_array_new(FALSE, FALSE, sizeof(struct kind_count));
	JsonArray *rows = array_member(diff, "rows");

	for (guint i = 0; rows && i < json_array_get_length(rows); i++) {
		JsonObject *row = object_at(rows, i), *packet = object_member(row, mine);
		const char *kind = packet && !object_member(row, other) ? artefact_string(packet, "kind") : NULL;

		if (kind)
			count_kind(kinds, kind);
	}
	for (guint i = 0; i < kinds->len; i++) {
		const struct kind_count *kind = &g_array_index(kinds, struct kind_count, i);

		g_string_append_printf(text, "%s%u %s%s", i || text->len ? ", " : "", kind->count, kind->kind, kind->count == 1 ? "" : "s");
	}
	if (kinds->len)
		g_string_append_printf(text, " only in %s", artefact_string(diff, mine));
}

static void append_differences(GString *text, JsonObject *diff)
{
	JsonArray *array = array_member(diff, "differences");
	guint count = array_length(diff, "differences");
	JsonObject *first = count ? object_at(array, 0) : NULL;

	if (!first)
		return;
	g_string_append_printf(text, "%s%s of packet %" G_GINT64_FORMAT " is %s against %s", text->len ? ", " : "",
			       artefact_string(first, "field"), artefact_int(first, "a", 0),
			       artefact_string(first, "a_value"), artefact_string(first, "b_value"));
	if (count > 1)
		g_string_append_printf(text, " and %u more such difference%s", count - 1, count == 2 ? "" : "s");
}

static void append_times(GString *text, JsonObject *diff)
{
	JsonArray *array = array_member(diff, "times");
	guint count = array_length(diff, "times");
	double largest_s = 0;
	g_autofree char *bound = NULL, *largest = NULL;

	for (guint i = 0; i < count; i++) {
		JsonObject *late = object_at(array, i);

		if (late)
			largest_s = MAX(largest_s, ABS(number_member(late, "later_s")));
	}
	if (!count)
		return;
	bound = seconds_text(number_member(diff, "bound_s"));
	largest = seconds_text(largest_s);
	g_string_append_printf(text, "; %u paired packet%s more than %s s apart, at most %s s", count, count == 1 ? " is" : "s are", bound, largest);
}

/* The path of a side's states as one text: "SYN_RECV ESTABLISHED". */
static char *state_path(JsonArray *rows, const char *side)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < json_array_get_length(rows); i++) {
		JsonObject *row = object_at(rows, i), *step = object_member(row, side);

		if (step)
			g_string_append_printf(text, "%s%s", text->len ? " " : "", artefact_string(step, "state"));
	}
	return g_string_free(text, FALSE);
}

/* What else differs where the packets do not; where they do, it follows from them. */
static void append_others(GString *text, JsonObject *diff)
{
	static const struct { const char *member, *word; } others[] = { { "sockets", "last" }, { "counters", "counter" }, { "facts", "fact" } };
	JsonArray *rows = array_member(diff, "states");
	g_autofree char *a = rows ? state_path(rows, "a") : NULL, *b = rows ? state_path(rows, "b") : NULL;

	if (g_strcmp0(a, b) != 0)
		g_string_append_printf(text, "; states %s against %s", a, b);
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		guint count = array_length(diff, others[i].member);
		JsonObject *first = count ? object_at(array_member(diff, others[i].member), 0) : NULL;
		const char *left = first ? artefact_string(first, "a") : NULL, *right = first ? artefact_string(first, "b") : NULL;

		if (!first)
			continue;
		g_string_append_printf(text, "; %s %s is %s against %s", others[i].word, artefact_string(first, "name"), left ? left : "absent",
				       right ? right : "absent");
		if (count > 1)
			g_string_append_printf(text, " and %u more differ%s", count - 1, count == 2 ? "s" : "");
	}
}

char *diff_line(JsonObject *diff)
{
	g_autoptr(GString) what = g_string_new(NULL);
	GString *text = g_string_new(NULL);
	gint64 same_to = artefact_int(diff, "same_to", 0);

	append_alone(what, diff, "a", "b");
	append_alone(what, diff, "b", "a");
	append_differences(what, diff);
	if (!what->len)
		g_string_append_printf(text, "all %" G_GINT64_FORMAT " packets the same", same_to);
	else if (!same_to)
		g_string_append_printf(text, "not one packet the same: %s", what->str);
	else
		g_string_append_printf(text, "same to packet %" G_GINT64_FORMAT, same_to);
	if (what->len && same_to) {
		if (json_object_has_member(diff, "same_after_fin_s")) {
			g_autofree char *after = seconds_text(number_member(diff, "same_after_fin_s"));

			g_string_append_printf(text, " (%s s after FIN)", after);
		}
		g_string_append_printf(text, ", then %s", what->str);
	}
	append_times(text, diff);
	if (!what->len)
		append_others(text, diff);
	return g_string_free(text, FALSE);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * json_text - JSON as text, the same bytes for the same values under any locale
 */
#include "json_text.h"

#include <math.h>

#include "artefact.h"

enum { INDENT_STEP = 2 };

void json_text_string(GString *out, const char *text)
{
	if (!text) {
		g_string_append(out, "null");
		return;
	}
	g_string_append_c(out, '"');
	for (const char *at = text; *at; at++) {
		if (*at == '"' || *at == '\\')
			g_string_append_printf(out, "\\%c", *at);
		else if ((unsigned char)*at < 0x20 || *at == 0x7f)
			g_string_append_printf(out, "\\u%04x", (unsigned char)*at);
		else
			g_string_append_c(out, *at);
	}
	g_string_append_c(out, '"');
}

void json_text_number(GString *out, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(out, isfinite(value) ? g_ascii_formatd(text, sizeof(text), "%.12g", value) : "null");
}

static void append_line(GString *out, int indent)
{
	if (indent >= 0)
		g_string_append_printf(out, "\n%*s", indent, "");
}

static void append_separator(GString *out, gboolean first, int indent)
{
	if (!first)
		g_string_append(out, indent < 0 ? ", " : ",");
	append_line(out, indent < 0 ? -1 : indent + INDENT_STEP);
}

static void append_object(GString *out, JsonObject *object, int indent)
{
	JsonObjectIter iter;
	const char *name;
	JsonNode *member;
	gboolean first = TRUE;

	g_string_append_c(out, '{');
	json_object_iter_init_ordered(&iter, object);
	while (json_object_iter_next_ordered(&iter, &name, &member)) {
		append_separator(out, first, indent);
		json_text_string(out, name);
		g_string_append(out, ": ");
		json_text_node(out, member, indent < 0 ? -1 : indent + INDENT_STEP);
		first = FALSE;
	}
	append_line(out, first ? -1 : indent);
	g_string_append_c(out, '}');
}

/* A list of plain values stays on one line: twenty time stamps are one thing to look at. */
static gboolean is_plain(JsonArray *array)
{
	for (guint i = 0; i < json_array_get_length(array); i++)
		if (!JSON_NODE_HOLDS_VALUE(json_array_get_element(array, i)))
			return FALSE;
	return TRUE;
}

static void append_array(GString *out, JsonArray *array, int indent)
{
	guint length = json_array_get_length(array);

	if (is_plain(array))
		indent = -1;
	g_string_append_c(out, '[');
	for (guint i = 0; i < length; i++) {
		append_separator(out, i == 0, indent);
		json_text_node(out, json_array_get_element(array, i), indent < 0 ? -1 : indent + INDENT_STEP);
	}
	append_line(out, length ? indent : -1);
	g_string_append_c(out, ']');
}

static void append_value(GString *out, JsonNode *node)
{
	switch (json_node_get_value_type(node)) {
	case G_TYPE_STRING:
		json_text_string(out, json_node_get_string(node));
		break;
	case G_TYPE_BOOLEAN:
		g_string_append(out, json_node_get_boolean(node) ? "true" : "false");
		break;
	case G_TYPE_INT64:
		g_string_append_printf(out, "%" G_GINT64_FORMAT, json_node_get_int(node));
		break;
	default:
		json_text_number(out, json_node_get_double(node));
	}
}

void json_text_node(GString *out, JsonNode *node, int indent)
{
	switch (json_node_get_node_type(node)) {
	case JSON_NODE_OBJECT:
		append_object(out, json_node_get_object(node), indent);
		break;
	case JSON_NODE_ARRAY:
		append_array(out, json_node_get_array(node), indent);
		break;
	case JSON_NODE_VALUE:
		append_value(out, node);
		break;
	case JSON_NODE_NULL:
		g_string_append(out, "null");
		break;
	}
}

gboolean json_text_write(const char *directory, const char *name, JsonNode *root, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	json_text_node(text, root, 0);
	g_string_append_c(text, '\n');
	return artefact_write(directory, name, text->str, text->len, error);
}

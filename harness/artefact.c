/* SPDX-License-Identifier: GPL-2.0-or-later
 * artefact - files that are there whole or not at all, and their JSON
 */
#include "artefact.h"

#include <errno.h>

#include "error.h"

gboolean artefact_write(const char *directory, const char *name, const void *data, gsize length_bytes, GError **error)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autoptr(GError) why = NULL;

	if (g_mkdir_with_parents(directory, 0777) < 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: cannot be made: %s", directory, g_strerror(errno));
		return FALSE;
	}
	if (!g_file_set_contents_full(path, data, (gssize)length_bytes,
				      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why->message);
		return FALSE;
	}
	return TRUE;
}

gboolean artefact_write_json(const char *directory, const char *name, JsonNode *root, GError **error)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autofree char *text = NULL, *line = NULL;

	json_generator_set_root(generator, root);
	json_generator_set_pretty(generator, TRUE);
	json_generator_set_indent(generator, 2);
	text = json_generator_to_data(generator, NULL);
	line = g_strconcat(text, "\n", NULL);
	return artefact_write(directory, name, line, strlen(line), error);
}

JsonObject *artefact_read_json(const char *directory, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) why = NULL;
	JsonNode *root;

	if (!json_parser_load_from_file(parser, path, &why)) {
		if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: no such file", path);
			return NULL;
		}
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s%s%s", g_str_has_prefix(why->message, path) ? "" : path,
			    g_str_has_prefix(why->message, path) ? "" : ": ", why->message);
		return NULL;
	}
	root = json_parser_get_root(parser);
	if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: expected a JSON object", path);
		return NULL;
	}
	return json_node_dup_object(root);
}

static JsonNode *value_member(JsonObject *object, const char *member, GType type)
{
	JsonNode *node = json_object_get_member(object, member);

	return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type ? node : NULL;
}

const char *artefact_string(JsonObject *object, const char *member)
{
	JsonNode *node = value_member(object, member, G_TYPE_STRING);

	return node ? json_node_get_string(node) : NULL;
}

gint64 artefact_int(JsonObject *object, const char *member, gint64 otherwise)
{
	JsonNode *node = value_member(object, member, G_TYPE_INT64);

	return node ? json_node_get_int(node) : otherwise;
}

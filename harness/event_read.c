/* SPDX-License-Identifier: GPL-2.0-or-later
 * event_read - 2-events.jsonl back into struct event
 * The lines may have been cut or edited since; a line that is not as event.c writes it is an error with its number.
 */
#include "event.h"

#include <json-glib/json-glib.h>

#include "artefact.h"
#include "error.h"

static void event_free(gpointer data)
{
	struct event *event = data;

	for (guint i = 0; i < event->field_count; i++)
		g_free(event->fields[i].text);
	g_free(event->fields);
	g_free(event);
}

/* EVENT_DAMAGE for "damage", -1 for a name no type has. */
static int type_of_name(const char *name)
{
	for (guint type = 0; name && type < RECORD_TYPE_COUNT; type++)
		if (g_str_equal(name, record_type_name(type)))
			return (int)type;
	return g_strcmp0(name, "damage") == 0 ? EVENT_DAMAGE : -1;
}

static int field_of_name(const char *name)
{
	for (guint id = 0; id < FIELD_COUNT; id++)
		if (g_str_equal(name, record_field_name(id)))
			return (int)id;
	return -1;
}

static gboolean value_of_name(enum record_field_id id, const char *name, gint64 *value)
{
	enum { LARGEST = 32 };

	for (gint64 i = 0; i < LARGEST; i++)
		if (g_strcmp0(event_value_name(id, i), name) == 0) {
			*value = i;
			return TRUE;
		}
	return FALSE;
}

/* FALSE if the member is of no kind its field can be written as. */
static gboolean read_field(JsonNode *node, struct event_field *field)
{
	GType type = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;
	int kind = record_field_kind(field->id);

	field->number = 0;
	field->text = NULL;
	if (kind == FIELD_KIND_TEXT || kind == FIELD_KIND_BYTES) {
		field->text = type == G_TYPE_STRING ? json_node_dup_string(node) : NULL;
		return field->text != NULL;
	}
	if (type == G_TYPE_STRING)
		return value_of_name(field->id, json_node_get_string(node), &field->number);
	field->number = type == G_TYPE_INT64 ? json_node_get_int(node) : 0;
	return type == G_TYPE_INT64;
}

/* NULL when a field is wrong; *wrong names it. Members that are no field (t_ns, type, clock_ns) are passed over. */
static struct event *read_fields(JsonObject *object, const char **wrong)
{
	struct event *event = g_new0(struct event, 1);
	JsonObjectIter iter;
	const char *name;
	JsonNode *node;

	event->fields = g_new0(struct event_field, json_object_get_size(object));
	json_object_iter_init_ordered(&iter, object);
	while (json_object_iter_next_ordered(&iter, &name, &node)) {
		int id = field_of_name(name);

		if (id < 0)
			continue;
		event->fields[event->field_count].id = (enum record_field_id)id;
		if (!read_field(node, &event->fields[event->field_count++])) {
			*wrong = record_field_name((guint)id);
			event_free(event);
			return NULL;
		}
	}
	return event;
}

static struct event *read_line(JsonParser *parser, const char *line, GError **error)
{
	g_autoptr(GError) why = NULL;
	const char *wrong = "type";
	struct event *event = NULL;
	JsonObject *object;
	int type;

	if (!json_parser_load_from_data(parser, line, -1, &why) || !json_parser_get_root(parser) ||
	    !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser))) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "expected a JSON object");
		return NULL;
	}
	object = json_node_get_object(json_parser_get_root(parser));
	type = type_of_name(artefact_string(object, "type"));
	if (type >= 0)
		event = read_fields(object, &wrong);
	if (!event) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "\"%s\" is missing or is not what an event has there", wrong);
		return NULL;
	}
	event->type = (guint)type;
	event->t_ns = artefact_int(object, "t_ns", 0);
	event->clock_ns = artefact_int(object, "clock_ns", 0);
	return event;
}

GPtrArray *event_read(const char *cell_dir, GError **error)
{
	g_autofree char *path = g_build_filename(cell_dir, "2-events.jsonl", NULL), *text = NULL;
	g_autoptr(GPtrArray) events = g_ptr_array_new_with_free_func(event_free);
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) why = NULL;
	guint number = 0;

	if (!g_file_get_contents(path, &text, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why->message);
		return NULL;
	}
	for (char *line = text, *end; *line; line = end) {
		struct event *event;

		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		else
			end = line + strlen(line);
		number++;
		event = read_line(parser, line, error);
		if (!event) {
			g_prefix_error(error, "%s:%u: ", path, number);
			return NULL;
		}
		g_ptr_array_add(events, event);
	}
	return g_steal_pointer(&events);
}

static const struct event_field *find(const struct event *event, enum record_field_id id)
{
	for (guint i = 0; i < event->field_count; i++)
		if (event->fields[i].id == id)
			return &event->fields[i];
	return NULL;
}

gboolean event_has(const struct event *event, enum record_field_id id)
{
	return find(event, id) != NULL;
}

gint64 event_number(const struct event *event, enum record_field_id id, gint64 otherwise)
{
	const struct event_field *field = find(event, id);

	return field && !field->text ? field->number : otherwise;
}

const char *event_text(const struct event *event, enum record_field_id id)
{
	const struct event_field *field = find(event, id);

	return field ? field->text : NULL;
}

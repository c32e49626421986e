/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze - the analyze stage: facts out of packets and events
 */
#include "analyze.h"

#include <string.h>

#include "artefact.h"
#include "capture.h"
#include "code.h"
#include "console.h"
#include "error.h"
#include "json_text.h"

enum { TCP_STATE_LISTEN = 10 };

struct scene {
	GPtrArray *packets; /* struct packet * */
	GPtrArray *events;  /* struct event *; may be empty */
};

/* "local remote" of the observed socket; NULL when no sample shows one. */
static char *socket_key(const struct event *event)
{
	const char *local = event_text(event, FIELD_LOCAL), *remote = event_text(event, FIELD_REMOTE);

	return g_strdup_printf("%s %s", local ? local : "", remote ? remote : "");
}

static char *observed_socket(GPtrArray *events)
{
	for (guint i = 0; i < events->len; i++) {
		const struct event *event = g_ptr_array_index(events, i);

		if (event->type == RECORD_SOCKET && event_number(event, FIELD_STATE, TCP_STATE_LISTEN) != TCP_STATE_LISTEN)
			return socket_key(event);
	}
	return NULL;
}

/* A GONE record that does not say which socket can only mean the observed one. */
static gboolean is_wanted(const struct event *event, const char *observed)
{
	g_autofree char *key = NULL;

	if (event->type == RECORD_PACKET)
		return FALSE;
	if (event->type != RECORD_SOCKET && event->type != RECORD_GONE)
		return TRUE;
	if (event->type == RECORD_GONE && !event_has(event, FIELD_LOCAL))
		return TRUE;
	key = socket_key(event);
	return g_strcmp0(key, observed) == 0;
}

static void give_packet(gpointer *states, const struct packet *packet)
{
	for (guint i = 0; analyzers[i]; i++)
		if (analyzers[i]->packet)
			analyzers[i]->packet(states[i], packet);
}

static void give_event(gpointer *states, const struct event *event)
{
	for (guint i = 0; analyzers[i]; i++)
		if (analyzers[i]->event)
			analyzers[i]->event(states[i], event);
}

static void give_all(const struct scene *scene, gpointer *states)
{
	g_autofree char *observed = observed_socket(scene->events);
	guint next_packet = 0;

	for (guint i = 0; i < scene->events->len; i++) {
		const struct event *event = g_ptr_array_index(scene->events, i);

		while (next_packet < scene->packets->len) {
			const struct packet *packet = g_ptr_array_index(scene->packets, next_packet);

			if (packet->t_ns > event->t_ns)
				break;
			give_packet(states, packet);
			next_packet++;
		}
		if (is_wanted(event, observed))
			give_event(states, event);
	}
	for (; next_packet < scene->packets->len; next_packet++)
		give_packet(states, g_ptr_array_index(scene->packets, next_packet));
}

static struct facts *analyze_scene(const struct scene *scene)
{
	g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func(g_free);
	struct facts *facts = facts_new();

	for (guint i = 0; analyzers[i]; i++)
		g_ptr_array_add(states, g_malloc0(MAX(analyzers[i]->state_size, 1)));
	give_all(scene, states->pdata);
	for (guint i = 0; analyzers[i]; i++) {
		analyzers[i]->finish(states->pdata[i], facts);
		if (analyzers[i]->release)
			analyzers[i]->release(states->pdata[i]);
	}
	return facts;
}

static void set_text(JsonObject *object, const char *name, const char *text)
{
	if (text)
		json_object_set_string_member(object, name, text);
	else
		json_object_set_null_member(object, name);
}

static const char *text_of_first(GPtrArray *events, guint type, enum record_field_id id)
{
	for (guint i = 0; i < events->len; i++) {
		const struct event *event = g_ptr_array_index(events, i);

		if (event->type == type)
			return event_text(event, id);
	}
	return NULL;
}

static gboolean has_type(GPtrArray *events, guint type)
{
	for (guint i = 0; i < events->len; i++)
		if (((const struct event *)g_ptr_array_index(events, i))->type == type)
			return TRUE;
	return FALSE;
}

/* What the verdict needs besides facts: is there a whole, undamaged story at all? */
static void set_health(JsonObject *object, const char *cell_dir, GPtrArray *events)
{
	g_autoptr(JsonArray) console = json_array_new();
	g_autofree char *death = console_analyze(cell_dir, console);

	set_text(object, "release", text_of_first(events, RECORD_HELLO, FIELD_RELEASE));
	json_object_set_boolean_member(object, "ended", has_type(events, RECORD_END));
	set_text(object, "damage", text_of_first(events, EVENT_DAMAGE, FIELD_TEXT));
	set_text(object, "death", death);
	if (json_array_get_length(console))
		json_object_set_array_member(object, "console", g_steal_pointer(&console));
}

gboolean analyze_stage(const char *cell_dir, GError **error)
{
	g_autofree char *path = g_build_filename(cell_dir, "3-packets.pcap", NULL);
	g_autoptr(GPtrArray) events = event_read(cell_dir, error);
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	g_autoptr(GPtrArray) code = NULL;
	g_autoptr(capture_t) capture = NULL;
	g_autoptr(facts_t) facts = NULL;

	if (!events)
		return FALSE;
	capture = capture_read(path, error);
	if (!capture || !(code = code_evaluate(cell_dir, events, CODE_LIMIT_US, error)))
		return FALSE;
	capture_align(capture, events);
	code_add_mismatches(events, code);
	facts = analyze_scene(&(struct scene){ capture->packets, events });
	if (code->len)
		code_to_json(code, facts_list(facts, "code"));
	set_health(object, cell_dir, events);
	facts_to_json(facts, object);
	json_node_set_object(root, object);
	return json_text_write(cell_dir, "4-analysis.json", root, error);
}

struct facts *analyze_wire(const struct capture *capture)
{
	g_autoptr(GPtrArray) no_events = g_ptr_array_new();
	struct facts *facts = analyze_scene(&(struct scene){ capture->packets, no_events });

	if (capture->side_text)
		facts_text(facts, "wire.side", capture->side_text);
	return facts;
}

JsonObject *analyze_capture(const char *path, GError **error)
{
	g_autoptr(capture_t) capture = capture_read(path, error);
	g_autoptr(facts_t) facts = NULL;
	JsonObject *object;

	if (!capture)
		return NULL;
	facts = analyze_wire(capture);
	object = json_object_new();
	facts_to_json(facts, object);
	return object;
}

static void print_member(JsonObject *object, const char *name, JsonNode *node, gpointer user)
{
	GString *out = user;

	(void)object;
	g_string_append_printf(out, "%-26s ", name);
	if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING)
		g_string_append(out, json_node_get_string(node));
	else
		json_text_node(out, node, -1);
	g_string_append_c(out, '\n');
}

void analyze_print(JsonObject *analysis, GString *out)
{
	static const char *const parts[] = { "facts", "lists" };

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		JsonNode *node = json_object_get_member(analysis, parts[i]);

		if (node && JSON_NODE_HOLDS_OBJECT(node))
			json_object_foreach_member(json_node_get_object(node), print_member, out);
	}
}

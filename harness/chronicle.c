/* SPDX-License-Identifier: GPL-2.0-or-later
 * chronicle - all that is known of one cell on one clock; chronicle.h is the manual
 */
#include "chronicle.h"

#include <string.h>

#include "artefact.h"
#include "capture.h"
#include "event.h"
#include "seconds.h"
#include "socket_field.h"
#include "chronicle_console.h"

/* What was last seen of a socket, and what happened since. */
struct watched {
	const struct event *last;
	guint sent;      /* segments from its address and port */
	JsonArray *calls;
	guint expiries;
};

struct builder {
	JsonArray *rows;
	GHashTable *sockets;   /* "local remote" -> struct watched * */
	JsonObject *counters;  /* the row of counters that moved at one moment, still growing; NULL */
	gint64 counters_ns;
};

static void watched_free(gpointer data)
{
	struct watched *watched = data;

	json_array_unref(watched->calls);
	g_free(watched);
}

static JsonObject *new_row(gint64 t_ns, const char *kind)
{
	JsonObject *row = json_object_new();

	json_object_set_int_member(row, "t_ns", t_ns);
	json_object_set_string_member(row, "kind", kind);
	return row;
}

/* Fields of an event as they are, under their own names. */
static void copy_fields(JsonObject *row, const struct event *event, const enum record_field_id *ids, gsize count)
{
	for (gsize i = 0; i < count; i++) {
		const char *name = record_field_name(ids[i]), *text = event_text(event, ids[i]);
		gint64 number = event_number(event, ids[i], 0);
		const char *value_name = event_has(event, ids[i]) && !text ? event_value_name(ids[i], number) : NULL;

		if (text || value_name)
			json_object_set_string_member(row, name, text ? text : value_name);
		else if (event_has(event, ids[i]))
			json_object_set_int_member(row, name, number);
	}
}

static void set_seconds(JsonObject *row, const char *name, const struct event *event, enum record_field_id id, double unit_s)
{
	if (event && event_has(event, id))
		json_object_set_double_member(row, name, (double)event_number(event, id, 0) * unit_s);
}

static struct watched *socket_of(struct builder *builder, const struct event *event)
{
	const char *local = event_text(event, FIELD_LOCAL), *remote = event_text(event, FIELD_REMOTE);
	g_autofree char *key = g_strdup_printf("%s %s", local ? local : "", remote ? remote : "");
	struct watched *watched = g_hash_table_lookup(builder->sockets, key);

	if (watched)
		return watched;
	watched = g_new0(struct watched, 1);
	watched->calls = json_array_new();
	g_hash_table_insert(builder->sockets, g_steal_pointer(&key), watched);
	return watched;
}

static void forget_since(struct watched *watched, const struct event *event)
{
	watched->last = event;
	watched->sent = 0;
	json_array_unref(watched->calls);
	watched->calls = json_array_new();
}

/* The kernel's names for what records call as inet_diag does. */
static void set_memory(JsonObject *row, const struct event *event)
{
	if (event_has(event, FIELD_TMEM))
		json_object_set_int_member(row, "wmem_alloc", event_number(event, FIELD_TMEM, 0));
	if (event_has(event, FIELD_WMEM))
		json_object_set_int_member(row, "wmem_queued", event_number(event, FIELD_WMEM, 0));
}

static gboolean differs(const struct event *a, const struct event *b, enum record_field_id id)
{
	return event_has(a, id) != event_has(b, id) || event_number(a, id, 0) != event_number(b, id, 0) ||
	       g_strcmp0(event_text(a, id), event_text(b, id)) != 0;
}

/* What is not as in the sample before; all that is told, if there is none. */
static JsonArray *changed(const struct event *event, const struct event *before)
{
	static const enum record_field_id others[] = { FIELD_STATE, FIELD_TIMER, FIELD_INODE, FIELD_CONGESTION };
	JsonArray *names = json_array_new();

	if (before && before->type != RECORD_SOCKET)
		before = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		if (before ? differs(event, before, others[i]) : event_has(event, others[i]))
			json_array_add_string_element(names, record_field_name(others[i]));
	for (gsize i = 0; i < socket_field_count; i++)
		if (before ? differs(event, before, socket_fields[i].id) : event_has(event, socket_fields[i].id))
			json_array_add_string_element(names, socket_fields[i].name);
	return names;
}

static void set_socket(JsonObject *row, const struct event *event, const struct event *before)
{
	static const enum record_field_id fields[] = { FIELD_CAUSE, FIELD_LOCAL, FIELD_REMOTE, FIELD_STATE, FIELD_TIMER };
	static const enum record_field_id rest[] = { FIELD_INODE, FIELD_CONGESTION, FIELD_TCP_INFO_REST };

	copy_fields(row, event, fields, G_N_ELEMENTS(fields));
	set_seconds(row, "timer_s", event, FIELD_TIMER_MS, 1e-3);
	set_seconds(row, "rto_s", event, FIELD_RTO_US, 1e-6);
	for (gsize i = 0; i < socket_field_count; i++)
		if (event_has(event, socket_fields[i].id))
			json_object_set_int_member(row, socket_fields[i].name, event_number(event, socket_fields[i].id, 0));
	copy_fields(row, event, rest, G_N_ELEMENTS(rest));
	json_object_set_array_member(row, "changed", changed(event, before));
}

/* The sample that the agent took because the timer had to be up by then, and it was. */
static void set_expiry(JsonObject *row, struct watched *watched)
{
	const struct event *before = watched->last;
	const char *timer = event_value_name(FIELD_TIMER, event_number(before, FIELD_TIMER, 0));

	json_object_set_string_member(row, "kind", "expiry");
	json_object_set_int_member(row, "number", ++watched->expiries);
	if (timer)
		json_object_set_string_member(row, "expired", timer);
	set_seconds(row, "expired_rto_s", before, FIELD_RTO_US, 1e-6);
	json_object_set_array_member(row, "calls", json_array_ref(watched->calls));
	json_object_set_int_member(row, "sent", watched->sent);
}

static void add_socket(struct builder *builder, const struct event *event)
{
	struct watched *watched = socket_of(builder, event);
	JsonObject *row = new_row(event->t_ns, "socket");

	if (event->type == RECORD_GONE) {
		static const enum record_field_id fields[] = { FIELD_CAUSE, FIELD_LOCAL, FIELD_REMOTE };

		copy_fields(row, event, fields, G_N_ELEMENTS(fields));
		json_object_set_boolean_member(row, "gone", TRUE);
	} else
		set_socket(row, event, watched->last);
	if (watched->last && watched->last->type == RECORD_SOCKET && g_strcmp0(event_text(event, FIELD_CAUSE), "timer") == 0)
		set_expiry(row, watched);
	forget_since(watched, event);
	json_array_add_object_element(builder->rows, row);
}

/* Counters that moved between the same two looks stand in one row. */
static void add_counter(struct builder *builder, const struct event *event)
{
	const char *name = event_text(event, FIELD_NAME);

	if (!name || !event_number(event, FIELD_DELTA, 0))
		return;
	if (!builder->counters || builder->counters_ns != event->t_ns) {
		JsonObject *row = new_row(event->t_ns, "counter");

		builder->counters = json_object_new();
		builder->counters_ns = event->t_ns;
		json_object_set_object_member(row, "changes", builder->counters);
		json_array_add_object_element(builder->rows, row);
	}
	json_object_set_int_member(builder->counters, name, event_number(event, FIELD_DELTA, 0));
}

/* To all sockets: a call does not say for which it was. */
static void add_call(struct builder *builder, const struct event *event)
{
	static const enum record_field_id fields[] = {
		FIELD_FUNCTION, FIELD_ENTRY, FIELD_CALLER, FIELD_DEPTH, FIELD_DURATION_NS, FIELD_RESULT, FIELD_ERRNO, FIELD_ARGUMENTS, FIELD_STATE,
	};
	JsonObject *row = new_row(event->t_ns, "call");
	GHashTableIter iter;
	gpointer watched;

	copy_fields(row, event, fields, G_N_ELEMENTS(fields));
	set_memory(row, event);
	json_array_add_object_element(builder->rows, row);
	g_hash_table_iter_init(&iter, builder->sockets);
	while (g_hash_table_iter_next(&iter, NULL, &watched))
		json_array_add_object_element(((struct watched *)watched)->calls, json_object_ref(row));
}

static void add_other(struct builder *builder, const struct event *event)
{
	static const enum record_field_id call[] = { FIELD_LINE, FIELD_NAME, FIELD_RESULT, FIELD_ERRNO };
	static const enum record_field_id mismatch[] = { FIELD_LINE, FIELD_COLUMN, FIELD_MARK, FIELD_EXPECTED, FIELD_ACTUAL };
	static const enum record_field_id text[] = { FIELD_LINE, FIELD_TEXT };
	static const struct {
		guint type;
		const char *kind;
		const enum record_field_id *fields;
		gsize count;
	} others[] = {
		{ RECORD_STATEMENT, "script", call, G_N_ELEMENTS(call) }, { RECORD_MISMATCH, "mismatch", mismatch, G_N_ELEMENTS(mismatch) },
		{ RECORD_ERROR, "error", text, G_N_ELEMENTS(text) }, { RECORD_LOG, "log", text, G_N_ELEMENTS(text) },
		{ RECORD_MARK, "log", text, G_N_ELEMENTS(text) }, { EVENT_DAMAGE, "error", text, G_N_ELEMENTS(text) },
	};

	/* The wire shows its packets itself. */
	if (event->type == RECORD_STATEMENT && event_text(event, FIELD_KIND) && g_str_has_prefix(event_text(event, FIELD_KIND), "packet"))
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		if (event->type == others[i].type) {
			JsonObject *row = new_row(event->t_ns, others[i].kind);

			copy_fields(row, event, others[i].fields, others[i].count);
			if (event->type == RECORD_STATEMENT && event_text(event, FIELD_KIND))
				json_object_set_string_member(row, "statement", event_text(event, FIELD_KIND));
			json_array_add_object_element(builder->rows, row);
		}
}

static void add_event(struct builder *builder, const struct event *event)
{
	if (event->type == RECORD_SOCKET || event->type == RECORD_GONE)
		add_socket(builder, event);
	else if (event->type == RECORD_COUNTER)
		add_counter(builder, event);
	else if (event->type == RECORD_CALL)
		add_call(builder, event);
	else
		add_other(builder, event);
}

static void count_sent(struct builder *builder, const struct packet *packet)
{
	g_autofree char *source = packet_source_text(packet);
	GHashTableIter iter;
	gpointer key, watched;

	g_hash_table_iter_init(&iter, builder->sockets);
	while (g_hash_table_iter_next(&iter, &key, &watched))
		if (g_str_has_prefix(key, source) && ((const char *)key)[strlen(source)] == ' ')
			((struct watched *)watched)->sent++;
}

static void add_packet(struct builder *builder, const struct packet *packet)
{
	static const char *const directions[PACKET_SIDE_COUNT] = { "in", "out", "?" };
	JsonObject *row = new_row(packet->t_ns, "wire");

	json_object_set_int_member(row, "packet", packet->number);
	json_object_set_string_member(row, "direction", directions[packet->side]);
	if (packet->tcp) {
		g_autofree char *flags = packet_flags_text(packet), *options = packet_options_text(packet);

		json_object_set_int_member(row, "flow", packet->flow + 1);
		json_object_set_string_member(row, "flags", flags);
		json_object_set_int_member(row, "seq", packet->relative_seq);
		json_object_set_int_member(row, "length", packet->payload_bytes);
		json_object_set_int_member(row, "ack", packet->relative_ack);
		json_object_set_int_member(row, "window", packet->window);
		json_object_set_string_member(row, "options", options);
		json_object_set_boolean_member(row, "repeat", packet->repeat);
	}
	if (packet->side == PACKET_OUT && packet->tcp)
		count_sent(builder, packet);
	json_array_add_object_element(builder->rows, row);
}

/* A packet stands before an event of the same moment. */
static void add_all(struct builder *builder, GPtrArray *events, const struct capture *capture, GPtrArray *console)
{
	guint packet = 0, line = 0;

	capture_align(capture, events);
	for (guint i = 0; i <= events->len; i++) {
		const struct event *event = i < events->len ? events->pdata[i] : NULL;

		for (; packet < capture->packets->len; packet++) {
			struct packet *next = capture->packets->pdata[packet];

			if (event && next->t_ns > event->t_ns)
				break;
			add_packet(builder, next);
		}
		for (; line < console->len && (!event || ((struct chronicle_line *)console->pdata[line])->t_ns <= event->t_ns); line++) {
			const struct chronicle_line *said = console->pdata[line];
			JsonObject *row = new_row(said->t_ns, "console");

			json_object_set_string_member(row, "text", said->text);
			json_array_add_object_element(builder->rows, row);
		}
		if (event)
			add_event(builder, event);
	}
}

static JsonArray *probes_of(GPtrArray *events)
{
	static const enum record_field_id fields[] = { FIELD_FUNCTION, FIELD_ADDRESS, FIELD_TEXT };
	JsonArray *probes = json_array_new();

	for (guint i = 0; i < events->len; i++) {
		const struct event *event = events->pdata[i];
		JsonObject *probe;

		if (event->type != RECORD_PROBE)
			continue;
		probe = json_object_new();
		copy_fields(probe, event, fields, G_N_ELEMENTS(fields));
		json_array_add_object_element(probes, probe);
	}
	return probes;
}

JsonObject *chronicle_read(const char *cell_dir, GError **error)
{
	g_autofree char *path = g_build_filename(cell_dir, "3-packets.pcap", NULL);
	static const char *const names[] = { "kernel", "case", "release" };
	g_autoptr(JsonObject) cell = artefact_read_json(cell_dir, "0-cell.json", error);
	g_autoptr(GPtrArray) events = cell ? event_read(cell_dir, error) : NULL;
	g_autoptr(capture_t) capture = events ? capture_read(path, error) : NULL;
	g_autoptr(GPtrArray) console = NULL;
	struct builder builder = { .rows = NULL };
	JsonObject *chronicle;

	if (!capture)
		return NULL;
	chronicle = json_object_new();
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (artefact_string(cell, names[i]))
			json_object_set_string_member(chronicle, names[i], artefact_string(cell, names[i]));
	builder.rows = json_array_new();
	builder.sockets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, watched_free);
	console = chronicle_console(cell_dir, events);
	add_all(&builder, events, capture, console);
	g_hash_table_unref(builder.sockets);
	json_object_set_array_member(chronicle, "probes", probes_of(events));
	json_object_set_array_member(chronicle, "rows", builder.rows);
	return chronicle;
}

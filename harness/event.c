/* SPDX-License-Identifier: GPL-2.0-or-later
 * event - the event stage: the guest's record stream as JSON lines
 */
#include "event.h"

#include "artefact.h"
#include "error.h"
#include "guest_clock.h"
#include "json_text.h"
#include "tcp_info.h"

/* One parsed record. */
struct entry {
	struct record_view view;
	guint number; /* in the order they were read */
};

struct stream {
	GArray *entries; /* struct entry */
	char *damage;    /* NULL: none */
};

static const char *const direction_names[] = { "in", "out" };
static const char *const state_names[] = {
	NULL, "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT",
	"LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV",
};
static const char *const timer_names[] = { "none", "retransmit", "keepalive", "timewait", "probe" };
static const char *const status_names[] = { "passed", "mismatched", "failed" };
G_STATIC_ASSERT(G_N_ELEMENTS(direction_names) == RECORD_DIRECTION_COUNT);
G_STATIC_ASSERT(G_N_ELEMENTS(status_names) == RECORD_END_STATUS_COUNT);

static const struct {
	const char *const *names;
	gsize count;
} value_names[FIELD_COUNT] = {
	[FIELD_DIRECTION] = { direction_names, G_N_ELEMENTS(direction_names) },
	[FIELD_STATE] = { state_names, G_N_ELEMENTS(state_names) },
	[FIELD_TIMER] = { timer_names, G_N_ELEMENTS(timer_names) },
	[FIELD_STATUS] = { status_names, G_N_ELEMENTS(status_names) },
};

const char *event_value_name(enum record_field_id id, gint64 value)
{
	if (value < 0 || (guint64)value >= value_names[id].count)
		return NULL;
	return value_names[id].names[value];
}

/* What is wrong with a record that parsed; NULL if nothing. The sequence tells loss, repetition and a second writer. */
static char *entry_fault(const struct record_view *view, guint expected_sequence)
{
	if (view->sequence != expected_sequence)
		return g_strdup_printf("sequence is %u where %u was expected", view->sequence, expected_sequence);
	if (view->clock_ns > G_MAXINT64)
		return g_strdup("clock is out of range");
	return NULL;
}

static char *damage_text(guint records, gsize offset_bytes, const char *why)
{
	return g_strdup_printf("after %u records, at byte %" G_GSIZE_FORMAT ": %s", records, offset_bytes, why);
}

static void stream_parse(struct stream *stream, const unsigned char *data, gsize length_bytes)
{
	guint before = stream->entries->len;

	for (gsize at = 0; at < length_bytes && !stream->damage;) {
		struct entry entry = { .number = stream->entries->len };
		g_autofree char *fault = NULL;
		const char *why = NULL;
		size_t used_bytes = 0;
		enum record_status status = record_parse(data + at, length_bytes - at, &entry.view, &used_bytes, &why);

		if (status == RECORD_SHORT)
			why = "the stream ends inside a record";
		else if (status == RECORD_OK)
			why = fault = entry_fault(&entry.view, stream->entries->len - before);
		if (why)
			stream->damage = damage_text(stream->entries->len - before, at, why);
		else
			g_array_append_val(stream->entries, entry);
		at += used_bytes;
	}
}

/* The order in which they came breaks ties, so equal stamps keep the order in which the guest told them. */
static gint by_clock(gconstpointer a, gconstpointer b)
{
	const struct entry *left = a, *right = b;

	if (left->view.clock_ns != right->view.clock_ns)
		return left->view.clock_ns < right->view.clock_ns ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

/* Script time zero: the START record; without one the first record there is. */
static gint64 stream_zero_ns(const struct stream *stream)
{
	for (guint i = 0; i < stream->entries->len; i++) {
		const struct record_view *view = &g_array_index(stream->entries, struct entry, i).view;

		if (view->type == RECORD_START)
			return (gint64)view->clock_ns;
	}
	return stream->entries->len ? (gint64)g_array_index(stream->entries, struct entry, 0).view.clock_ns : 0;
}

static void append_hex(GString *out, const unsigned char *data, gsize length_bytes)
{
	static const char digits[] = "0123456789abcdef";

	g_string_append_c(out, '"');
	for (gsize i = 0; i < length_bytes; i++) {
		g_string_append_c(out, digits[data[i] >> 4]);
		g_string_append_c(out, digits[data[i] & 15]);
	}
	g_string_append_c(out, '"');
}

static void append_text(GString *out, const unsigned char *data, gsize length_bytes)
{
	g_autofree char *text = g_utf8_make_valid((const char *)data, (gssize)length_bytes);

	json_text_string(out, text);
}

/* JSON readers count in signed 64 bits; nothing a kernel tells comes near the limit. */
static gint64 field_number(const struct record_field *field)
{
	if (field->kind == FIELD_KIND_INT)
		return field->int_value;
	return field->uint_value > G_MAXINT64 ? G_MAXINT64 : (gint64)field->uint_value;
}

static void append_value(GString *out, const struct record_field *field)
{
	const char *name;

	switch (field->kind) {
	case FIELD_KIND_TEXT:
		append_text(out, field->data, field->length_bytes);
		return;
	case FIELD_KIND_BYTES:
		append_hex(out, field->data, field->length_bytes);
		return;
	case FIELD_KIND_UINT:
	case FIELD_KIND_INT:
		name = event_value_name(field->id, field_number(field));
		if (name)
			g_string_append_printf(out, "\"%s\"", name);
		else
			g_string_append_printf(out, "%" G_GINT64_FORMAT, field_number(field));
		return;
	case FIELD_KIND_COUNT:
		return;
	}
}

static void append_head(GString *out, gint64 t_ns, const char *type)
{
	g_string_append_printf(out, "{\"t_ns\": %" G_GINT64_FORMAT ", \"type\": \"%s\"", t_ns, type);
}

static void append_member(GString *out, const struct record_field *field, gboolean *seen)
{
	if (seen[field->id])
		return;
	seen[field->id] = TRUE;
	g_string_append_printf(out, ", \"%s\": ", record_field_name(field->id));
	append_value(out, field);
}

/* Each field under its own name, and what has none as bytes. */
static void append_tcp_info(GString *out, const struct record_field *info, gboolean *seen)
{
	struct record_field field = { .kind = FIELD_KIND_UINT };

	for (gsize i = 0; i < tcp_info_field_count; i++) {
		field.id = tcp_info_fields[i].field;
		if (tcp_info_get(info->data, info->length_bytes, &tcp_info_fields[i], &field.uint_value))
			append_member(out, &field, seen);
	}
	if (info->length_bytes <= TCP_INFO_KNOWN_BYTES)
		return;
	field = (struct record_field){ .id = FIELD_TCP_INFO_REST, .kind = FIELD_KIND_BYTES, .data = info->data + TCP_INFO_KNOWN_BYTES,
				       .length_bytes = info->length_bytes - TCP_INFO_KNOWN_BYTES };
	append_member(out, &field, seen);
}

/* A field that a record carries twice counts once, the first time: JSON readers differ over a name that is there twice. */
static void append_entry(GString *out, const struct entry *entry, gint64 zero_ns)
{
	struct record_view view = entry->view;
	struct record_field field;
	gboolean seen[FIELD_COUNT] = { FALSE };

	append_head(out, (gint64)view.clock_ns - zero_ns, record_type_name(view.type));
	/* The one absolute clock: with it the capture stage can put a date on every packet. */
	if (view.type == RECORD_HELLO)
		g_string_append_printf(out, ", \"clock_ns\": %" G_GUINT64_FORMAT, view.clock_ns);
	while (record_next_field(&view, &field)) {
		if (field.id == FIELD_TCP_INFO)
			append_tcp_info(out, &field, seen);
		else
			append_member(out, &field, seen);
	}
	g_string_append(out, "}\n");
}

/* The host dates its own records by the processor's counter. Without a clock (a guest that said nothing) there are no calls to date. */
static void add_probes(struct stream *stream, const struct event_bytes *guest, const struct event_bytes *probes)
{
	g_autoptr(guest_clock_t) clock = guest_clock_new(guest->data, guest->length);
	guint before = stream->entries->len;
	g_autofree char *damage = g_steal_pointer(&stream->damage);

	if (clock)
		stream_parse(stream, probes->data, probes->length);
	for (guint i = before; i < stream->entries->len; i++) {
		struct record_view *view = &g_array_index(stream->entries, struct entry, i).view;

		/* What is asked for was asked for from the beginning. */
		view->clock_ns = view->type == RECORD_CALL ? (guint64)MAX(guest_clock_ns(clock, view->clock_ns), 0) : 0;
	}
	if (stream->damage && !damage)
		damage = g_strdup_printf("1-probes.bin: %s", stream->damage);
	g_free(stream->damage);
	stream->damage = g_steal_pointer(&damage);
}

GString *event_lines(const struct event_bytes *guest, const struct event_bytes *probes)
{
	struct stream stream = { .entries = g_array_new(FALSE, FALSE, sizeof(struct entry)) };
	GString *out = g_string_new(NULL);
	gint64 zero_ns, last_ns = 0;

	stream_parse(&stream, guest->data, guest->length);
	if (probes)
		add_probes(&stream, guest, probes);
	zero_ns = stream_zero_ns(&stream);
	g_array_sort(stream.entries, by_clock);
	for (guint i = 0; i < stream.entries->len; i++) {
		const struct entry *entry = &g_array_index(stream.entries, struct entry, i);

		append_entry(out, entry, zero_ns);
		last_ns = (gint64)entry->view.clock_ns - zero_ns;
	}
	if (stream.damage) {
		append_head(out, last_ns, "damage");
		g_string_append(out, ", \"text\": ");
		json_text_string(out, stream.damage);
		g_string_append(out, "}\n");
	}
	g_array_unref(stream.entries);
	g_free(stream.damage);
	return out;
}

static GBytes *read_bytes(const char *cell_dir, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(cell_dir, name, NULL);
	g_autoptr(GError) why = NULL;
	gsize length_bytes;
	char *data;

	if (g_file_get_contents(path, &data, &length_bytes, &why))
		return g_bytes_new_take(data, length_bytes);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "event: %s", why->message);
	return NULL;
}

gboolean event_stage(const char *cell_dir, GError **error)
{
	g_autoptr(GBytes) records = read_bytes(cell_dir, "1-records.bin", error), probes = NULL;
	g_autoptr(GString) lines = NULL;
	struct event_bytes guest, host;

	if (!records)
		return FALSE;
	/* Of most runs there are none. */
	probes = read_bytes(cell_dir, "1-probes.bin", NULL);
	guest.data = g_bytes_get_data(records, &guest.length);
	host.data = probes ? g_bytes_get_data(probes, &host.length) : NULL;
	lines = event_lines(&guest, probes ? &host : NULL);
	return artefact_write(cell_dir, "2-events.jsonl", lines->str, lines->len, error);
}

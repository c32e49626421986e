/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff - the diff stage: where two runs of one case part ways
 */
#include "diff.h"

#include "analyze.h"
#include "artefact.h"
#include "diff_align.h"
#include "error.h"
#include "seconds.h"

static const double default_bound_s = 0.05;

/* The packet's place in its flow, with all that must be equal for two packets to be "the same one". */
static char *packet_key(const struct packet *packet)
{
	g_autofree char *flags = NULL;

	if (!packet->tcp)
		return g_strdup_printf("no TCP, %u bytes", packet->wire_bytes);
	flags = packet_flags_text(packet);
	return g_strdup_printf("flow %u %s %s seq %u len %u", packet->flow + 1, packet->from_first ? ">" : "<", flags,
			       packet->relative_seq, packet->payload_bytes);
}

static GPtrArray *packet_keys(const struct capture *capture)
{
	GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < capture->packets->len; i++)
		g_ptr_array_add(keys, packet_key(g_ptr_array_index(capture->packets, i)));
	return keys;
}

/* What is compared of two paired packets. Time stamps (option 8) differ by their base, so only their presence counts. */
static char *ack_value(const struct packet *packet)
{
	return g_strdup_printf("%u", packet->relative_ack);
}

/* SACK edges are sequence numbers of the other end, relative as the acknowledgement is. */
static char *relative_sack(const struct packet *packet, const char *option)
{
	g_auto(GStrv) words = g_strsplit(option, " ", -1);
	GString *text = g_string_new(words[0]);

	for (guint i = 1; words[i]; i++)
		g_string_append_printf(text, " %u", (guint32)g_ascii_strtoull(words[i], NULL, 10) - (packet->ack - packet->relative_ack));
	return g_string_free(text, FALSE);
}

static char *options_value(const struct packet *packet)
{
	g_autofree char *text = packet_options_text(packet);
	g_auto(GStrv) options = g_strsplit(text, ", ", -1);

	for (guint i = 0; options[i]; i++) {
		g_autofree char *option = options[i];

		if (g_str_has_prefix(option, "TS "))
			options[i] = g_strdup("TS");
		else if (g_str_has_prefix(option, "sack "))
			options[i] = relative_sack(packet, option);
		else
			options[i] = g_steal_pointer(&option);
	}
	return g_strjoinv(", ", options);
}

static char *payload_value(const struct packet *packet)
{
	return g_strdup_printf("checksum %08x", packet->payload_crc);
}

static char *window_value(const struct packet *packet)
{
	return g_strdup_printf("%u", packet->window);
}

static const struct compared {
	const char *name;
	char *(*value)(const struct packet *packet);
	gboolean window;
} compared[] = {
	{ "ack", ack_value, FALSE }, { "options", options_value, FALSE }, { "payload", payload_value, FALSE },
	{ "window", window_value, TRUE },
};

struct comparison {
	const struct diff_side *a, *b;
	double bound_s;
	gboolean windows;
	GArray *rows; /* struct diff_row */
	JsonArray *json_rows, *differences, *late;
	guint same;   /* paired packets before the first that is alone or differs in a field */
	gboolean parted;
};

static const struct packet *packet_at(const struct diff_side *side, guint index)
{
	return index == DIFF_ALIGN_NONE ? NULL : g_ptr_array_index(side->capture->packets, index);
}

/* Since the first packet of the capture: the two clocks have nothing else in common. */
static double time_s(const struct diff_side *side, const struct packet *packet)
{
	return seconds_of_ns(packet->t_ns - ((const struct packet *)g_ptr_array_index(side->capture->packets, 0))->t_ns);
}

static const char *packet_kind(const struct packet *packet)
{
	if (!packet->tcp)
		return "packet without TCP";
	if (packet->flags & PACKET_RST)
		return "RST";
	if (packet->flags & PACKET_FIN)
		return packet->repeat ? "FIN retransmission" : "FIN";
	if (packet->flags & PACKET_SYN)
		return packet->flags & PACKET_ACK ? packet->repeat ? "SYN-ACK retransmission" : "SYN-ACK" :
			packet->repeat ? "SYN retransmission" : "SYN";
	if (packet->payload_bytes)
		return packet->repeat ? "data retransmission" : "data segment";
	return "ACK";
}

static JsonObject *describe_packet(const struct diff_side *side, const struct packet *packet)
{
	static const char *const side_names[] = { "in", "out", "unknown" };
	g_autofree char *flags = packet_flags_text(packet);
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "packet", packet->number);
	json_object_set_double_member(object, "t_s", time_s(side, packet));
	json_object_set_string_member(object, "direction", side_names[packet->side]);
	json_object_set_string_member(object, "kind", packet_kind(packet));
	if (packet->tcp) {
		json_object_set_int_member(object, "flow", packet->flow + 1);
		json_object_set_string_member(object, "flags", flags);
		json_object_set_int_member(object, "seq", packet->relative_seq);
		json_object_set_int_member(object, "length", packet->payload_bytes);
	}
	return object;
}

static void add_difference(struct comparison *comparison, const struct packet *a, const struct packet *b,
			   const struct compared *field, const char *a_value, const char *b_value)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "a", a->number);
	json_object_set_int_member(object, "b", b->number);
	json_object_set_string_member(object, "field", field->name);
	json_object_set_string_member(object, "a_value", a_value);
	json_object_set_string_member(object, "b_value", b_value);
	json_array_add_object_element(comparison->differences, object);
	comparison->parted = TRUE;
}

static void compare_fields(struct comparison *comparison, const struct packet *a, const struct packet *b)
{
	for (gsize i = 0; i < G_N_ELEMENTS(compared); i++) {
		g_autofree char *a_value = compared[i].value(a), *b_value = compared[i].value(b);

		if ((!compared[i].window || comparison->windows) && !g_str_equal(a_value, b_value))
			add_difference(comparison, a, b, &compared[i], a_value, b_value);
	}
}

static void compare_times(struct comparison *comparison, const struct packet *a, const struct packet *b)
{
	double a_s = time_s(comparison->a, a), b_s = time_s(comparison->b, b);
	JsonObject *object;

	if (ABS(a_s - b_s) <= comparison->bound_s)
		return;
	object = json_object_new();
	json_object_set_int_member(object, "a", a->number);
	json_object_set_int_member(object, "b", b->number);
	json_object_set_double_member(object, "a_s", a_s);
	json_object_set_double_member(object, "b_s", b_s);
	json_array_add_object_element(comparison->late, object);
}

static void compare_row(struct comparison *comparison, const struct diff_row *row)
{
	const struct packet *a = packet_at(comparison->a, row->a), *b = packet_at(comparison->b, row->b);
	JsonObject *object = json_object_new();

	if (a)
		json_object_set_object_member(object, "a", describe_packet(comparison->a, a));
	if (b)
		json_object_set_object_member(object, "b", describe_packet(comparison->b, b));
	json_array_add_object_element(comparison->json_rows, object);
	if (!a || !b) {
		comparison->parted = TRUE;
		return;
	}
	compare_times(comparison, a, b);
	if (a->tcp && b->tcp)
		compare_fields(comparison, a, b);
	if (!comparison->parted)
		comparison->same++;
}

/* The first FIN either end sent before the runs part, and the last packet they share: how long after it? */
static void set_after_fin(const struct comparison *comparison, JsonObject *object)
{
	const struct packet *last = comparison->same ? g_ptr_array_index(comparison->a->capture->packets, comparison->same - 1) : NULL;

	for (guint i = 0; i < comparison->same; i++) {
		const struct packet *packet = g_ptr_array_index(comparison->a->capture->packets, i);

		if (packet->tcp && (packet->flags & PACKET_FIN)) {
			json_object_set_double_member(object, "same_after_fin_s", seconds_of_ns(last->t_ns - packet->t_ns));
			return;
		}
	}
}

static JsonArray *ignored(gboolean windows)
{
	static const char *const always[] = { "initial sequence numbers", "addresses and ports", "time stamp values" };
	JsonArray *array = json_array_new();

	for (gsize i = 0; i < G_N_ELEMENTS(always); i++)
		json_array_add_string_element(array, always[i]);
	if (!windows)
		json_array_add_string_element(array, "windows");
	return array;
}

static void add_fact(JsonArray *array, const char *name, const struct fact *a, const struct fact *b)
{
	g_autofree char *a_value = a ? fact_value_text(a) : NULL, *b_value = b ? fact_value_text(b) : NULL;
	JsonObject *object;

	if (g_strcmp0(a_value, b_value) == 0)
		return;
	object = json_object_new();
	json_object_set_string_member(object, "name", name);
	json_object_set_string_member(object, "a", a_value);
	json_object_set_string_member(object, "b", b_value);
	json_array_add_object_element(array, object);
}

static JsonArray *compare_facts(const struct diff_side *a, const struct diff_side *b)
{
	g_autoptr(GPtrArray) names = facts_names(a->facts, b->facts);
	JsonArray *array = json_array_new();

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);

		add_fact(array, name, facts_find(a->facts, name), facts_find(b->facts, name));
	}
	return array;
}

static JsonObject *result_object(const struct comparison *comparison)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "a", comparison->a->name);
	json_object_set_string_member(object, "b", comparison->b->name);
	json_object_set_array_member(object, "ignored", ignored(comparison->windows));
	json_object_set_double_member(object, "bound_s", comparison->bound_s);
	json_object_set_boolean_member(object, "same", !comparison->parted);
	json_object_set_int_member(object, "same_to", comparison->same);
	set_after_fin(comparison, object);
	json_object_set_array_member(object, "rows", comparison->json_rows);
	json_object_set_array_member(object, "differences", comparison->differences);
	json_object_set_array_member(object, "times", comparison->late);
	json_object_set_array_member(object, "facts", compare_facts(comparison->a, comparison->b));
	return object;
}

JsonObject *diff_compare(const struct diff_side *a, const struct diff_side *b, const struct diff_options *options, GError **error)
{
	g_autoptr(GPtrArray) a_keys = packet_keys(a->capture), b_keys = packet_keys(b->capture);
	struct comparison comparison = {
		.a = a, .b = b, .bound_s = options && options->bound_s > 0 ? options->bound_s : default_bound_s,
		.windows = options && options->windows,
		.rows = diff_align((const char *const *)a_keys->pdata, a_keys->len, (const char *const *)b_keys->pdata, b_keys->len),
	};
	g_autofree char *line = NULL;
	JsonObject *object;

	if (!comparison.rows) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s and %s differ in too many packets (%u, %u) to be aligned",
			    a->name, b->name, a_keys->len, b_keys->len);
		return NULL;
	}
	comparison.json_rows = json_array_new();
	comparison.differences = json_array_new();
	comparison.late = json_array_new();
	for (guint i = 0; i < comparison.rows->len; i++)
		compare_row(&comparison, &g_array_index(comparison.rows, struct diff_row, i));
	g_array_unref(comparison.rows);
	object = result_object(&comparison);
	line = diff_line(object);
	json_object_set_string_member(object, "line", line);
	return object;
}

static gboolean read_side(struct diff_side *side, const char *path, GError **error)
{
	g_autofree char *packets = g_build_filename(path, "3-packets.pcap", NULL);
	gboolean cell = g_file_test(path, G_FILE_TEST_IS_DIR);
	g_autoptr(JsonObject) analysis = NULL;

	side->capture = capture_read(cell ? packets : path, error);
	if (!side->capture)
		return FALSE;
	analysis = cell ? artefact_read_json(path, "4-analysis.json", error) : analyze_capture(path, error);
	if (analysis)
		side->facts = facts_from_json(analysis);
	return analysis != NULL;
}

struct diff_side *diff_side_new(const char *name, const char *path, GError **error)
{
	g_autoptr(diff_side_t) side = g_new0(struct diff_side, 1);

	side->name = g_strdup(name ? name : path);
	return read_side(side, path, error) ? g_steal_pointer(&side) : NULL;
}

void diff_side_free(struct diff_side *side)
{
	if (!side)
		return;
	g_free(side->name);
	capture_free(side->capture);
	facts_free(side->facts);
	g_free(side);
}

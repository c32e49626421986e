/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff - the diff stage: where two runs of one case part ways
 */
#include "diff.h"

#include "analyze.h"
#include "diff_facts.h"
#include "diff_rows.h"
#include "seconds.h"

static const double default_bound_s = 0.05;

struct comparison {
	const struct diff_side *sides[2];
	struct diff_options options;
	struct diff_view *view;
	GArray *rows;          /* struct diff_row */
	gint64 *shift_ns;      /* by pair of flows: how much later the flow began in b; the last one: packets without TCP */
	gboolean *begun;
	JsonArray *json_rows, *differences, *late;
	guint same;            /* paired packets before the first that is alone or differs in a field */
	gboolean parted, other; /* other: times, states, counters or facts differ */
	gint64 same_after_ns;  /* of these packets, from the first FIN to the last; -1: no FIN among them */
	gint64 fin_ns;
	char *first;           /* the first difference in words */
	guint first_row;
};

void diff_options_default(struct diff_options *options)
{
	options->bound_s = default_bound_s;
	diff_fields_default(&options->fields);
}

static const struct diff_packet *packet_at(const struct comparison *comparison, guint side, guint index)
{
	return index == DIFF_ALIGN_NONE ? NULL : &g_array_index(comparison->view->packets[side], struct diff_packet, index);
}

static void describe_segment(const struct comparison *comparison, const struct diff_packet *seen, JsonObject *object)
{
	g_autofree char *flags = packet_flags_text(seen->packet), *options = diff_field_value(&comparison->options.fields, DIFF_FIELD_OPTIONS, seen);

	json_object_set_int_member(object, "flow", seen->flow + 1);
	json_object_set_string_member(object, "flags", flags);
	json_object_set_int_member(object, "seq", seen->packet->relative_seq);
	json_object_set_int_member(object, "length", seen->packet->payload_bytes);
	if (seen->packet->flags & PACKET_ACK)
		json_object_set_int_member(object, "ack", seen->packet->relative_ack);
	json_object_set_int_member(object, "window", seen->packet->window);
	json_object_set_string_member(object, "options", options);
}

static JsonObject *describe_packet(const struct comparison *comparison, const struct diff_packet *seen)
{
	static const char *const side_names[] = { "in", "out", "unknown" };
	g_autofree char *kind = packet_kind(seen->packet, seen->role);
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "packet", seen->packet->number);
	json_object_set_double_member(object, "t_s", seconds_of_ns(seen->t_ns));
	json_object_set_string_member(object, "direction", side_names[seen->packet->side]);
	json_object_set_string_member(object, "kind", kind);
	if (seen->packet->tcp)
		describe_segment(comparison, seen, object);
	return object;
}

/* The first difference of a kind is kept; one of packets takes the place of one of times. */
static void note_first(struct comparison *comparison, gboolean parts, char *text)
{
	if ((parts && !comparison->parted) || (!parts && !comparison->first)) {
		g_free(comparison->first);
		comparison->first = text;
		comparison->first_row = json_array_get_length(comparison->json_rows);
	} else {
		g_free(text);
	}
	comparison->parted = comparison->parted || parts;
	comparison->other = comparison->other || !parts;
}

static JsonObject *numbered_pair(const struct comparison *comparison, const struct diff_packet *a, const struct diff_packet *b)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "row", json_array_get_length(comparison->json_rows));
	json_object_set_int_member(object, "a", a->packet->number);
	json_object_set_int_member(object, "b", b->packet->number);
	return object;
}

static void compare_field(struct comparison *comparison, const struct diff_packet *a, const struct diff_packet *b, enum diff_field_id id)
{
	const struct diff_fields *fields = &comparison->options.fields;
	g_autofree char *a_value = diff_field_value(fields, id, a), *b_value = diff_field_value(fields, id, b);
	JsonObject *object;

	if (g_strcmp0(a_value, b_value) == 0)
		return;
	object = numbered_pair(comparison, a, b);
	json_object_set_string_member(object, "field", diff_field_name(id));
	json_object_set_string_member(object, "a_value", a_value ? a_value : "none");
	json_object_set_string_member(object, "b_value", b_value ? b_value : "none");
	json_array_add_object_element(comparison->differences, object);
	note_first(comparison, TRUE, g_strdup_printf("%s of packet %u is %s against %s of packet %u", diff_field_name(id), a->packet->number,
						     a_value ? a_value : "none", b_value ? b_value : "none", b->packet->number));
}

/* Returns whether a field differs. */
static gboolean compare_fields(struct comparison *comparison, const struct diff_packet *a, const struct diff_packet *b)
{
	guint before = json_array_get_length(comparison->differences);

	for (enum diff_field_id id = 0; id < DIFF_FIELD_COUNT; id++)
		if (comparison->options.fields.compared[id] && a->packet->tcp && b->packet->tcp)
			compare_field(comparison, a, b, id);
	return json_array_get_length(comparison->differences) > before;
}

/* How much later b's packet is. A flow that begins later is told once, by its first pair. */
static gint64 later_ns(struct comparison *comparison, const struct diff_packet *a, const struct diff_packet *b)
{
	guint flow = a->flow == DIFF_NO_FLOW ? comparison->view->flows->len : a->flow;
	gint64 later = b->t_ns - a->t_ns;

	if (comparison->begun[flow])
		return later - comparison->shift_ns[flow];
	comparison->begun[flow] = TRUE;
	comparison->shift_ns[flow] = later;
	return later;
}

/* Returns whether the times differ. */
static gboolean compare_times(struct comparison *comparison, const struct diff_packet *a, const struct diff_packet *b)
{
	double later_s = seconds_of_ns(later_ns(comparison, a, b));
	g_autofree char *text = seconds_text(ABS(later_s));
	JsonObject *object;

	if (!comparison->options.fields.compared[DIFF_FIELD_TIME] || ABS(later_s) <= comparison->options.bound_s)
		return FALSE;
	object = numbered_pair(comparison, a, b);
	json_object_set_double_member(object, "a_s", seconds_of_ns(a->t_ns));
	json_object_set_double_member(object, "b_s", seconds_of_ns(b->t_ns));
	json_object_set_double_member(object, "later_s", later_s);
	json_array_add_object_element(comparison->late, object);
	note_first(comparison, FALSE, g_strdup_printf("packet %u is %s s %s in %s", a->packet->number, text, later_s > 0 ? "later" : "earlier",
						      comparison->sides[1]->name));
	return TRUE;
}

static const char *compare_pair(struct comparison *comparison, const struct diff_packet *a, const struct diff_packet *b)
{
	gboolean late = compare_times(comparison, a, b);

	return compare_fields(comparison, a, b) ? "differs" : late ? "time" : "same";
}

static const char *note_alone(struct comparison *comparison, guint side, const struct diff_packet *seen)
{
	g_autofree char *kind = packet_kind(seen->packet, seen->role), *time = seconds_text(seconds_of_ns(seen->t_ns));

	note_first(comparison, TRUE, g_strdup_printf("packet %u of %s, %s at %s s, has no partner in %s", seen->packet->number,
						     comparison->sides[side]->name, kind, time, comparison->sides[!side]->name));
	return side == 0 ? "only_a" : "only_b";
}

/* The first FIN either end sent before the runs part, and the last packet they share: how long after it? */
static void count_same(struct comparison *comparison, const struct diff_packet *a)
{
	comparison->same++;
	if (a->packet->tcp && (a->packet->flags & PACKET_FIN) && comparison->fin_ns < 0)
		comparison->fin_ns = a->t_ns;
	if (comparison->fin_ns >= 0)
		comparison->same_after_ns = a->t_ns - comparison->fin_ns;
}

static void compare_row(struct comparison *comparison, const struct diff_row *row)
{
	const struct diff_packet *a = packet_at(comparison, 0, row->a), *b = packet_at(comparison, 1, row->b);
	const char *mark = a && b ? compare_pair(comparison, a, b) : a ? note_alone(comparison, 0, a) : note_alone(comparison, 1, b);
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "mark", mark);
	if (a)
		json_object_set_object_member(object, "a", describe_packet(comparison, a));
	if (b)
		json_object_set_object_member(object, "b", describe_packet(comparison, b));
	json_array_add_object_element(comparison->json_rows, object);
	if (!comparison->parted)
		count_same(comparison, a);
}

static void set_optional(JsonObject *object, const char *member, const char *text)
{
	if (text)
		json_object_set_string_member(object, member, text);
}

static JsonObject *describe_side(const struct diff_side *side)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "kind", side->cell ? "cell" : "capture");
	json_object_set_int_member(object, "packets", side->capture->packets->len);
	json_object_set_int_member(object, "flows", side->capture->flow_count);
	set_optional(object, "side", side->capture->side_text);
	set_optional(object, "damage", side->capture->damage);
	return object;
}

static JsonArray *describe_flows(const struct diff_view *view)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < view->flows->len; i++) {
		struct diff_flow flow = g_array_index(view->flows, struct diff_flow, i);
		g_autofree char *a = flow.a == DIFF_NO_FLOW ? NULL : diff_view_flow_text(view, 0, flow.a);
		g_autofree char *b = flow.b == DIFF_NO_FLOW ? NULL : diff_view_flow_text(view, 1, flow.b);
		JsonObject *object = json_object_new();

		json_object_set_int_member(object, "flow", i + 1);
		set_optional(object, "a", a);
		set_optional(object, "b", b);
		json_array_add_object_element(array, object);
	}
	return array;
}

/* What has no place in the table because nobody looks at it. */
static JsonArray *ignored(const struct comparison *comparison)
{
	JsonArray *array = diff_fields_to_json(&comparison->options.fields, FALSE);

	json_array_add_string_element(array, "IP identification");
	json_array_add_string_element(array, "padding of options");
	json_array_add_string_element(array, "the order of packets of different directions or flows");
	return array;
}

static JsonArray *if_compared(struct comparison *comparison, enum diff_field_id id, JsonArray *(*make)(struct comparison *comparison))
{
	return comparison->options.fields.compared[id] ? make(comparison) : json_array_new();
}

static JsonArray *states(struct comparison *comparison)
{
	return diff_states(comparison->sides[0], comparison->sides[1], comparison->options.bound_s, &comparison->other);
}

static JsonArray *sockets(struct comparison *comparison)
{
	JsonArray *array = diff_sockets(comparison->sides[0], comparison->sides[1], comparison->options.bound_s);

	comparison->other = comparison->other || json_array_get_length(array);
	return array;
}

static JsonArray *counters(struct comparison *comparison)
{
	JsonArray *array = diff_counters(comparison->sides[0], comparison->sides[1]);

	comparison->other = comparison->other || json_array_get_length(array);
	return array;
}

/* A cell's facts are known with its socket and count from script time zero: beside a capture only what its packets tell is taken. */
static JsonArray *facts(struct comparison *comparison)
{
	struct diff_side sides[2] = { *comparison->sides[0], *comparison->sides[1] };
	g_autoptr(facts_t) wire = NULL;
	JsonArray *array;

	if (sides[0].cell != sides[1].cell) {
		struct diff_side *cell = sides[0].cell ? &sides[0] : &sides[1];

		cell->facts = wire = analyze_wire(cell->capture);
	}
	array = diff_other_facts(&sides[0], &sides[1], comparison->options.bound_s);

	comparison->other = comparison->other || json_array_get_length(array);
	return array;
}

static JsonObject *describe_first(const struct comparison *comparison)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "row", comparison->first_row);
	json_object_set_string_member(object, "text", comparison->first);
	return object;
}

static void set_heading(struct comparison *comparison, JsonObject *object)
{
	JsonObject *sides = json_object_new();

	json_object_set_string_member(object, "a", comparison->sides[0]->name);
	json_object_set_string_member(object, "b", comparison->sides[1]->name);
	json_object_set_object_member(sides, "a", describe_side(comparison->sides[0]));
	json_object_set_object_member(sides, "b", describe_side(comparison->sides[1]));
	json_object_set_object_member(object, "sides", sides);
	json_object_set_array_member(object, "compared", diff_fields_to_json(&comparison->options.fields, TRUE));
	json_object_set_array_member(object, "ignored", ignored(comparison));
	json_object_set_double_member(object, "bound_s", comparison->options.bound_s);
}

static JsonObject *result_object(struct comparison *comparison)
{
	JsonObject *object = json_object_new();
	JsonArray *state_rows = if_compared(comparison, DIFF_FIELD_STATES, states);
	JsonArray *socket_rows = if_compared(comparison, DIFF_FIELD_STATES, sockets);
	JsonArray *counter_rows = if_compared(comparison, DIFF_FIELD_COUNTERS, counters);
	JsonArray *fact_rows = if_compared(comparison, DIFF_FIELD_FACTS, facts);

	set_heading(comparison, object);
	json_object_set_boolean_member(object, "same", !comparison->parted && !comparison->other);
	json_object_set_boolean_member(object, "same_packets", !comparison->parted);
	json_object_set_int_member(object, "same_to", comparison->same);
	if (comparison->same_after_ns >= 0)
		json_object_set_double_member(object, "same_after_fin_s", seconds_of_ns(comparison->same_after_ns));
	if (comparison->first)
		json_object_set_object_member(object, "first", describe_first(comparison));
	json_object_set_array_member(object, "flows", describe_flows(comparison->view));
	json_object_set_array_member(object, "rows", comparison->json_rows);
	json_object_set_array_member(object, "differences", comparison->differences);
	json_object_set_array_member(object, "times", comparison->late);
	json_object_set_array_member(object, "states", state_rows);
	json_object_set_array_member(object, "sockets", socket_rows);
	json_object_set_array_member(object, "counters", counter_rows);
	json_object_set_array_member(object, "facts", fact_rows);
	return object;
}

static void compare_rows(struct comparison *comparison)
{
	const struct capture *const captures[2] = { comparison->sides[0]->capture, comparison->sides[1]->capture };
	GArray *const roles[2] = { comparison->sides[0]->roles, comparison->sides[1]->roles };

	comparison->view = diff_view_new(captures, roles, &comparison->options.fields);
	comparison->rows = diff_rows(comparison->view, &comparison->options.fields, (gint64)(comparison->options.bound_s * 1e9 + 0.5));
	comparison->shift_ns = g_new0(gint64, comparison->view->flows->len + 1);
	comparison->begun = g_new0(gboolean, comparison->view->flows->len + 1);
	for (guint i = 0; i < comparison->rows->len; i++)
		compare_row(comparison, &g_array_index(comparison->rows, struct diff_row, i));
}

JsonObject *diff_compare(const struct diff_side *a, const struct diff_side *b, const struct diff_options *options)
{
	struct comparison comparison = {
		.sides = { a, b }, .same_after_ns = -1, .fin_ns = -1,
		.json_rows = json_array_new(), .differences = json_array_new(), .late = json_array_new(),
	};
	g_autofree char *line = NULL;
	JsonObject *object;

	diff_options_default(&comparison.options);
	if (options)
		comparison.options = *options;
	/* A capture alone has neither. */
	if (!a->cell || !b->cell)
		comparison.options.fields.compared[DIFF_FIELD_STATES] = comparison.options.fields.compared[DIFF_FIELD_COUNTERS] = FALSE;
	compare_rows(&comparison);
	object = result_object(&comparison);
	line = diff_line(object);
	json_object_set_string_member(object, "line", line);
	g_array_unref(comparison.rows);
	diff_view_free(comparison.view);
	g_free(comparison.shift_ns);
	g_free(comparison.begun);
	g_free(comparison.first);
	return object;
}

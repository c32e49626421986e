/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_diff_captures - captures of any origin against each other: nothing that does not matter is a difference, all that does is named
 */
#include "artefact.h"
#include "diff.h"
#include "diff_text.h"
#include "error.h"
#include "packet_kind.h"
#include "pcap_fixture.h"

#define P PACKET_PSH
#define A PACKET_ACK
#define S PACKET_SYN
#define F PACKET_FIN

/* Two connections at once: one that is closed and whose FIN is probed and retransmitted, one that a RST ends. */
static const struct segment segments[] = {
	{ .flow = 0, .t_s = 0.1, .flags = S, .mss = 1460, .stamp = 1 },
	{ .flow = 0, .out = TRUE, .t_s = 0.1001, .flags = S | A, .ack = 1, .mss = 1460, .stamp = 2, .echo = 1 },
	{ .flow = 1, .t_s = 0.15, .flags = S, .mss = 1400 },
	{ .flow = 0, .t_s = 0.2, .flags = A, .seq = 1, .ack = 1, .stamp = 3, .echo = 2 },
	{ .flow = 1, .out = TRUE, .t_s = 0.2001, .flags = S | A, .ack = 1, .mss = 1400 },
	{ .flow = 0, .out = TRUE, .t_s = 0.3, .flags = P | A, .seq = 1, .ack = 1, .length = 500, .fill = 'x', .stamp = 4, .echo = 3 },
	{ .flow = 1, .t_s = 0.31, .flags = A, .seq = 1, .ack = 1 },
	{ .flow = 0, .t_s = 0.35, .flags = A, .seq = 1, .ack = 501, .stamp = 5, .echo = 4 },
	{ .flow = 1, .t_s = 0.4, .flags = P | A, .seq = 1, .ack = 1, .length = 100, .fill = 'y' },
	{ .flow = 1, .out = TRUE, .t_s = 0.45, .flags = PACKET_RST | A, .seq = 1, .ack = 101 },
	{ .flow = 0, .out = TRUE, .t_s = 0.5, .flags = F | A, .seq = 501, .ack = 1, .stamp = 6, .echo = 5 },
	{ .flow = 0, .out = TRUE, .t_s = 0.8, .flags = F | A, .seq = 501, .ack = 1, .stamp = 7, .echo = 5 },
	{ .flow = 0, .out = TRUE, .t_s = 1.15, .flags = F | A, .seq = 501, .ack = 1, .stamp = 8, .echo = 5 },
	{ .flow = 0, .out = TRUE, .t_s = 1.8, .flags = F | A, .seq = 501, .ack = 1, .stamp = 9, .echo = 5 },
	{ .flow = 0, .out = TRUE, .t_s = 3.1, .flags = F | A, .seq = 501, .ack = 1, .stamp = 10, .echo = 5 },
};

enum { COUNT = G_N_ELEMENTS(segments), DATA = 5, PURE_ACK = 7, LAST = COUNT - 1 };

static struct diff_side *side_of(const struct fixture *fixture, const struct segment *list, guint count, const char *folder, const char *name)
{
	g_autofree char *path = fixture_write(fixture, list, count, folder, name);
	g_autoptr(GError) error = NULL;
	struct diff_side *side = diff_side_new(name, path, &error);

	g_assert_no_error(error);
	g_assert_null(side->capture->damage);
	return side;
}

/* The diff of two lists, each in a capture of its own. options may be NULL. */
static JsonObject *diff_lists(const struct segment *a, guint a_count, const struct segment *b, guint b_count, const struct diff_options *options)
{
	g_autofree char *folder = stream_folder();
	struct fixture a_fixture = fixture_default(), b_fixture = fixture_random();
	g_autoptr(diff_side_t) left = side_of(&a_fixture, a, a_count, folder, "a"), right = side_of(&b_fixture, b, b_count, folder, "b");
	JsonObject *diff = diff_compare(left, right, options);

	stream_remove(folder);
	return diff;
}

static const char *line_of(JsonObject *diff)
{
	return artefact_string(diff, "line");
}

static guint length_of(JsonObject *diff, const char *member)
{
	return json_array_get_length(json_object_get_array_member(diff, member));
}

/* Whatever the writer chose: no difference at all. */
static void test_nothing(void)
{
	for (guint round = 0; round < 200; round++) {
		g_autoptr(JsonObject) diff = diff_lists(segments, COUNT, segments, COUNT, NULL);

		g_assert_cmpstr(line_of(diff), ==, "all 15 packets the same");
		g_assert_true(json_object_get_boolean_member(diff, "same"));
		g_assert_false(json_object_has_member(diff, "first"));
		g_assert_cmpuint(length_of(diff, "flows"), ==, 2);
	}
}

/* One respect in which one packet is another; the field that must be named. */
static void change_seq(struct segment *list) { list[DATA].seq = 0; }
static void change_length(struct segment *list) { list[DATA].length = 499; }
static void change_flags(struct segment *list) { list[DATA].flags |= PACKET_ECE; }
static void change_psh(struct segment *list) { list[DATA].flags &= ~(guint)P; }
static void change_fin(struct segment *list) { list[LAST].flags = A; }
static void change_ack(struct segment *list) { list[PURE_ACK].ack = 500; }
static void change_mss(struct segment *list) { list[1].mss = 1220; }
static void change_stamps(struct segment *list) { list[DATA].stamp = 0; }
static void change_payload(struct segment *list) { list[DATA].fill = 'z'; }
static void change_urgent(struct segment *list) { list[DATA].flags |= PACKET_URG, list[DATA].urgent = 3; }
static void change_ecn(struct segment *list) { list[DATA].tos = 3; }
static void change_window(struct segment *list) { list[DATA].window = 100; }
static void change_stamp(struct segment *list) { list[DATA].stamp = 44; }
static void change_ttl(struct segment *list) { list[DATA].ttl = 63; }
static void change_dscp(struct segment *list) { list[DATA].tos = 8 << 2; }
static void change_time(struct segment *list) { list[DATA].t_s += 0.04; }

static const struct change {
	const char *field;
	void (*change)(struct segment *list);
	gboolean by_default;
	const char *a_value, *b_value; /* of the difference; NULL: times */
} changes[] = {
	{ "seq", change_seq, TRUE, "1", "0" }, { "length", change_length, TRUE, "500", "499" },
	{ "flags", change_flags, TRUE, "PSH,ACK", "PSH,ACK,ECE" }, { "flags", change_psh, TRUE, "PSH,ACK", "ACK" },
	{ "flags", change_fin, TRUE, "FIN,ACK", "ACK" }, { "ack", change_ack, TRUE, "501", "500" },
	{ "options", change_mss, TRUE, "mss 1460, TS", "mss 1220, TS" }, { "options", change_stamps, TRUE, "TS", "none" },
	{ "payload", change_payload, TRUE, NULL, NULL }, { "urgent", change_urgent, TRUE, "0", "3" },
	{ "ecn", change_ecn, TRUE, "not ECT", "CE" }, { "window", change_window, FALSE, "512", "100" },
	{ "stamps", change_stamp, FALSE, "+2 echo +2", "+42 echo +2" }, { "ttl", change_ttl, FALSE, "64", "63" },
	{ "dscp", change_dscp, FALSE, "0", "8" }, { "time", change_time, FALSE, NULL, NULL },
};

static JsonObject *find_difference(JsonObject *diff, const char *field)
{
	JsonArray *array = json_object_get_array_member(diff, g_str_equal(field, "time") ? "times" : "differences");

	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonObject *object = json_array_get_object_element(array, i);

		if (g_str_equal(field, "time") || g_str_equal(artefact_string(object, "field"), field))
			return object;
	}
	return NULL;
}

static void check_change(const struct change *change)
{
	struct segment list[COUNT];
	struct diff_options options;
	/* Not the end of the data: a FIN that overlaps it would be another kind of packet. */
	const char *const named[] = { change->field, NULL };
	g_autoptr(GError) error = NULL;

	memcpy(list, segments, sizeof(list));
	change->change(list);
	diff_options_default(&options);
	g_autoptr(JsonObject) usual = diff_lists(segments, COUNT, list, COUNT, &options);
	g_assert_cmpint(find_difference(usual, change->field) != NULL, ==, change->by_default);
	g_assert_cmpint(json_object_get_boolean_member(usual, "same"), ==, !change->by_default);

	g_assert_true(diff_fields_choose(&options.fields, named, NULL, &error));
	options.bound_s = g_str_equal(change->field, "time") ? 0.03 : options.bound_s;
	g_autoptr(JsonObject) asked = diff_lists(segments, COUNT, list, COUNT, &options);
	JsonObject *found = find_difference(asked, change->field);
	g_assert_nonnull(found);
	g_assert_false(json_object_get_boolean_member(asked, "same"));
	if (change->a_value) {
		g_assert_cmpstr(artefact_string(found, "a_value"), ==, change->a_value);
		g_assert_cmpstr(artefact_string(found, "b_value"), ==, change->b_value);
	}
	g_assert_cmpuint(length_of(asked, "rows"), ==, COUNT);
	g_assert_cmpint(artefact_int(found, "row", -1), ==, artefact_int(json_object_get_object_member(asked, "first"), "row", -1));
}

static void test_changes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(changes); i++)
		check_change(&changes[i]);
}

/* What is ignored is no difference, and no other field is named in its place. */
static void test_ignore(void)
{
	static const struct { const char *ignore; void (*change)(struct segment *list); } cases[] = {
		{ "psh", change_psh }, { "flags", change_flags }, { "seq", change_seq }, { "payload,length", change_length }, { "ack", change_ack },
		{ "options", change_mss }, { "options", change_stamps }, { "payload", change_payload }, { "urgent,flags", change_urgent }, { "ecn", change_ecn },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		/* Facts count the bytes of data, which ignored lengths and numbers do not keep from differing. */
		const char *const ignored[] = { cases[i].ignore, "facts", NULL };
		struct segment list[COUNT];
		struct diff_options options;
		g_autoptr(GError) error = NULL;

		memcpy(list, segments, sizeof(list));
		cases[i].change(list);
		diff_options_default(&options);
		g_assert_true(diff_fields_choose(&options.fields, NULL, ignored, &error));
		g_autoptr(JsonObject) diff = diff_lists(segments, COUNT, list, COUNT, &options);
		g_assert_cmpstr(line_of(diff), ==, "all 15 packets the same");
		g_assert_true(json_object_get_boolean_member(diff, "same"));
	}
}

static void test_words(void)
{
	static const struct { const char *compare, *ignore, *error; } cases[] = {
		{ "windows", NULL, "--compare: expected all, seq, flags, psh, length, ack," }, { NULL, "ack,frob", "found 'frob'" },
		{ "ack", "seq,ack", "'ack' is both" }, { "all", "all", "'all' is both" },
	};
	struct diff_options options;
	g_autoptr(GError) none = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *const compare[] = { cases[i].compare, NULL }, *const ignore[] = { cases[i].ignore, NULL };
		g_autoptr(GError) error = NULL;

		g_assert_false(diff_fields_choose(&options.fields, compare, ignore, &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
		g_assert_nonnull(strstr(error->message, cases[i].error));
	}
	diff_options_default(&options);
	g_assert_true(diff_fields_choose(&options.fields, (const char *const[]){ "seq, ack", NULL }, (const char *const[]){ "all", NULL }, &none));
	for (guint i = 0; i < DIFF_FIELD_COUNT; i++)
		g_assert_cmpint(options.fields.compared[i], ==, i == DIFF_FIELD_SEQ || i == DIFF_FIELD_ACK);
}

/* A random list: some segments are gone, some are twice, some are changed. */
static guint random_list(struct segment *list)
{
	guint count = 0;

	for (guint i = 0; i < COUNT; i++) {
		if (g_test_rand_int_range(0, 6) == 0)
			continue;
		list[count] = segments[i];
		if (g_test_rand_int_range(0, 6) == 0)
			list[count].ack += 1;
		if (g_test_rand_int_range(0, 6) == 0)
			list[count].t_s += 0.001 * g_test_rand_int_range(0, 100);
		count++;
		if (g_test_rand_int_range(0, 6) == 0) {
			list[count] = list[count - 1];
			list[count++].t_s += 0.0001;
		}
	}
	return count;
}

/* Each row as a line, a's and b's packet; sides in the order asked for. */
static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *rows_text(JsonObject *diff, const char *first, const char *second)
{
	JsonArray *rows = json_object_get_array_member(diff, "rows");
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < json_array_get_length(rows); i++) {
		JsonObject *row = json_array_get_object_element(rows, i);
		gint64 numbers[2] = { 0, 0 };

		for (guint side = 0; side < 2; side++) {
			const char *name = side ? second : first;

			if (json_object_has_member(row, name))
				numbers[side] = artefact_int(json_object_get_object_member(row, name), "packet", 0);
		}
		g_ptr_array_add(lines, g_strdup_printf("%03d %03d", (int)numbers[0], (int)numbers[1]));
	}
	g_ptr_array_sort(lines, by_text);
	g_ptr_array_add(lines, NULL);
	return g_strjoinv("\n", (char **)lines->pdata);
}

/* A with B has the same pairs as B with A, and every packet is in one row. */
static void test_mirror(void)
{
	for (guint round = 0; round < 300; round++) {
		g_autofree char *folder = stream_folder();
		struct segment a[2 * COUNT], b[2 * COUNT];
		guint a_count = random_list(a), b_count = random_list(b), pairs = 0;
		struct fixture a_fixture = fixture_default(), b_fixture = fixture_random();
		g_autoptr(diff_side_t) left = side_of(&a_fixture, a, a_count, folder, "a"), right = side_of(&b_fixture, b, b_count, folder, "b");
		g_autoptr(JsonObject) diff = diff_compare(left, right, NULL), back = diff_compare(right, left, NULL);
		g_autofree char *there = rows_text(diff, "a", "b"), *and_back = rows_text(back, "b", "a");
		JsonArray *rows = json_object_get_array_member(diff, "rows");

		g_assert_cmpstr(there, ==, and_back);
		g_assert_cmpuint(length_of(diff, "differences"), ==, length_of(back, "differences"));
		g_assert_cmpuint(length_of(diff, "times"), ==, length_of(back, "times"));
		g_assert_cmpint(artefact_int(diff, "same_to", -1), ==, artefact_int(back, "same_to", -2));
		for (guint i = 0; i < json_array_get_length(rows); i++)
			pairs += json_object_has_member(json_array_get_object_element(rows, i), "a") &&
				 json_object_has_member(json_array_get_object_element(rows, i), "b");
		g_assert_cmpuint(json_array_get_length(rows), ==, a_count + b_count - pairs);
		stream_remove(folder);
	}
}

/* Connections in another order, and one that only the other side has: pairs are found by what is sent. */
static void test_flows(void)
{
	struct segment list[COUNT + 2];
	guint count = COUNT;

	for (guint i = 0; i < COUNT; i++) {
		list[i] = segments[i];
		list[i].flow = !segments[i].flow;
		list[i].t_s += segments[i].flow ? 0 : 5;
	}
	list[count++] = (struct segment){ .flow = 2, .t_s = 20, .flags = S, .mss = 536 };
	list[count++] = (struct segment){ .flow = 2, .out = TRUE, .t_s = 20.1, .flags = PACKET_RST | A, .ack = 1 };
	g_autoptr(JsonObject) diff = diff_lists(segments, COUNT, list, count, NULL);
	g_assert_cmpstr(line_of(diff), ==,
			"same to packet 15 (2.60 s after FIN), then 1 SYN, 1 RST only in b; 1 paired packet is more than 0.05 s apart, at most 4.95 s");
	g_assert_cmpuint(length_of(diff, "flows"), ==, 3);
	g_assert_false(json_object_has_member(json_array_get_object_element(json_object_get_array_member(diff, "flows"), 2), "a"));
}

/* The first repetition of the FIN is a probe: the next one comes as soon again. It is not counted with the retransmissions. */
static void test_probe(void)
{
	struct segment list[COUNT];
	guint count = 0;

	for (guint i = 0; i < COUNT; i++)
		if (i != 11)
			list[count++] = segments[i];
	g_autoptr(JsonObject) diff = diff_lists(segments, COUNT, list, count, NULL);
	/* b's first repetition comes 0.65 s after the FIN, its second 0.65 s after that one, its third 1.3 s later: no less a probe. */
	g_assert_cmpstr(line_of(diff), ==, "same to packet 12 (0.30 s after FIN), then 1 FIN retransmission only in a; 1 paired packet is more than 0.05 s apart, at most 0.35 s");
	g_autoptr(JsonObject) none = diff_lists(segments, COUNT, segments, 11, NULL);
	g_assert_cmpstr(line_of(none), ==, "same to packet 11 (0.00 s after FIN), then 1 FIN loss probe, 3 FIN retransmissions only in a");
	g_autoptr(JsonObject) one = diff_lists(segments, 12, segments, 11, NULL);
	g_assert_cmpstr(line_of(one), ==, "same to packet 11 (0.00 s after FIN), then 1 repeated FIN only in a");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/diff-captures/nothing", test_nothing);
	g_test_add_func("/diff-captures/changes", test_changes);
	g_test_add_func("/diff-captures/ignore", test_ignore);
	g_test_add_func("/diff-captures/words", test_words);
	g_test_add_func("/diff-captures/mirror", test_mirror);
	g_test_add_func("/diff-captures/flows", test_flows);
	g_test_add_func("/diff-captures/probe", test_probe);
	return g_test_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_diff - what pairs, what is alone, what differs, and what is not to be called a difference
 */
#include <pcap/pcap.h>

#include "analyze.h"
#include "artefact.h"
#include "diff.h"
#include "diff_align.h"
#include "error.h"
#include "report.h"
#include "stream.h"
#include "verdict.h"

static void check_align(const char *a, const char *b, const char *expected)
{
	g_auto(GStrv) left = g_strsplit(a, " ", -1), right = g_strsplit(b, " ", -1);
	guint a_count = *a ? g_strv_length(left) : 0, b_count = *b ? g_strv_length(right) : 0;
	g_autoptr(GArray) rows = diff_align((const char *const *)left, a_count, (const char *const *)right, b_count);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < rows->len; i++) {
		struct diff_row row = g_array_index(rows, struct diff_row, i);

		g_string_append_printf(text, "%s%s%s", i ? " " : "", row.a == DIFF_ALIGN_NONE ? ">" : row.b == DIFF_ALIGN_NONE ? "<" : "",
				       row.a == DIFF_ALIGN_NONE ? right[row.b] : left[row.a]);
	}
	g_assert_cmpstr(text->str, ==, expected);
}

static void test_align(void)
{
	check_align("", "", "");
	check_align("s a f", "s a f", "s a f");
	check_align("s a f f f", "s a f", "s a f <f <f");
	check_align("s a f", "s a f f", "s a f >f");
	check_align("s a f f r", "s a f r", "s a f <f r");
	check_align("", "x", ">x");
	check_align("a b c d", "a c b d", "a <b c >b d");
	check_align("x y", "p q", "<x <y >p >q");
}

/* The longest common sequence by trying all: the table must not be shorter. Rows must give back both inputs. */
static guint longest(const char *a, const char *b)
{
	if (!*a || !*b)
		return 0;
	if (*a == *b)
		return 1 + longest(a + 1, b + 1);
	return MAX(longest(a + 1, b), longest(a, b + 1));
}

static void test_align_random(void)
{
	for (guint round = 0; round < 500; round++) {
		char text[2][9] = { "", "" };
		char letters[2][8][2];
		const char *keys[2][8];
		guint count[2], pairs = 0, next[2] = { 0, 0 };

		for (guint side = 0; side < 2; side++) {
			count[side] = (guint)g_test_rand_int_range(0, 9);
			for (guint i = 0; i < count[side]; i++) {
				text[side][i] = (char)g_test_rand_int_range('a', 'd');
				letters[side][i][0] = text[side][i];
				letters[side][i][1] = '\0';
				keys[side][i] = letters[side][i];
			}
			text[side][count[side]] = '\0';
		}
		g_autoptr(GArray) rows = diff_align(keys[0], count[0], keys[1], count[1]);
		for (guint i = 0; i < rows->len; i++) {
			struct diff_row row = g_array_index(rows, struct diff_row, i);

			if (row.a != DIFF_ALIGN_NONE)
				g_assert_cmpuint(row.a, ==, next[0]++);
			if (row.b != DIFF_ALIGN_NONE)
				g_assert_cmpuint(row.b, ==, next[1]++);
			if (row.a != DIFF_ALIGN_NONE && row.b != DIFF_ALIGN_NONE) {
				g_assert_cmpstr(keys[0][row.a], ==, keys[1][row.b]);
				pairs++;
			}
		}
		g_assert_cmpuint(next[0], ==, count[0]);
		g_assert_cmpuint(next[1], ==, count[1]);
		g_assert_cmpuint(pairs, ==, longest(text[0], text[1]));
	}
}

static void test_align_too_much(void)
{
	enum { MANY = 5000 };
	g_autofree const char **a = g_new(const char *, MANY), **b = g_new(const char *, MANY);

	for (guint i = 0; i < MANY; i++)
		a[i] = "a", b[i] = "b";
	g_assert_null(diff_align(a, MANY, b, MANY));
	g_autoptr(GArray) rows = diff_align(a, MANY, a, MANY);
	g_assert_cmpuint(rows->len, ==, MANY);
}

/* Stages a stream into folder/name; closes it. */
static struct diff_side *side(const char *folder, const char *name, struct stream *stream)
{
	g_autofree char *cell = g_build_filename(folder, name, NULL);
	g_autoptr(GError) error = NULL;
	struct diff_side *made;

	stream_cell(cell, stream, "", "");
	stream_close(stream);
	g_assert_true(event_stage(cell, &error) && capture_stage(cell, &error) && analyze_stage(cell, &error));
	made = diff_side_new(name, cell, &error);
	g_assert_no_error(error);
	return made;
}

static JsonObject *compare(const struct diff_side *a, const struct diff_side *b, const struct diff_options *options)
{
	g_autoptr(GError) error = NULL;
	JsonObject *diff = diff_compare(a, b, options, &error);

	g_assert_no_error(error);
	return diff;
}

/* The pair of the founding case: other initial numbers and ports, the same up to where the FIN should be repeated. */
static void test_pair(void)
{
	g_autofree char *folder = stream_folder(), *text = NULL;
	struct stream fixed, buggy;

	stream_closing(&fixed, "6.1.0", REFUSAL_NONE);
	stream_closing(&buggy, "6.1.0", REFUSAL_HOST_QUEUE);
	g_autoptr(diff_side_t) a = side(folder, "debian-6.1", &fixed), b = side(folder, "debian-6.1-mutant", &buggy);
	g_autoptr(JsonObject) diff = compare(a, b, NULL), back = compare(b, a, NULL);

	g_assert_cmpstr(artefact_string(diff, "line"), ==, "same to packet 8 (0.10 s after FIN), then 8 FIN retransmissions only in debian-6.1");
	g_assert_cmpstr(artefact_string(back, "line"), ==, "same to packet 8 (0.10 s after FIN), then 8 FIN retransmissions only in debian-6.1");
	text = diff_text(diff);
	g_assert_nonnull(strstr(text, "\n<     0.600000 out FIN,ACK seq 1001 len 0\n"));
	g_assert_nonnull(strstr(text, "\nfin.retransmits                    8 against 0\n"));
	g_assert_nonnull(strstr(text, "\nTcpExt.TCPSpuriousRtxHostQueues    absent against 8\n"));
	g_assert_nonnull(strstr(text, "\nnot compared: initial sequence numbers, addresses and ports, time stamp values, windows\n"));
	stream_remove(folder);
}

static void open_sample(struct stream *stream, guint32 isn, guint16 port, double fin_s, guint32 ack)
{
	stream_open(stream, "6.1.0");
	stream->local_isn = isn;
	stream->peer_isn = isn + 7;
	stream->peer_port = port;
	stream_packet(stream, 0.1, FALSE, PACKET_SYN, 0, 0, 0);
	stream_packet(stream, 0.1, TRUE, PACKET_SYN | PACKET_ACK, 0, 0, 1);
	stream_packet(stream, 0.2, FALSE, PACKET_ACK, 1, 0, 1);
	stream_packet(stream, 0.3, FALSE, PACKET_ACK | PACKET_PSH, 1, 100, 1);
	stream_packet(stream, fin_s, TRUE, PACKET_FIN | PACKET_ACK, 1, 0, ack);
	stream_end(stream, 2, RECORD_END_PASSED);
}

static void check_line(double fin_s, guint32 ack, const char *expected)
{
	g_autofree char *folder = stream_folder();
	struct stream left, right;

	open_sample(&left, 100, 40001, 0.5, 101);
	open_sample(&right, 0xffffff00, 50123, fin_s, ack);
	g_autoptr(diff_side_t) a = side(folder, "a", &left), b = side(folder, "b", &right);
	g_autoptr(JsonObject) diff = compare(a, b, NULL);

	g_assert_cmpstr(artefact_string(diff, "line"), ==, expected);
	stream_remove(folder);
}

static void test_fields_and_times(void)
{
	check_line(0.5, 101, "all 5 packets the same");
	check_line(0.54, 101, "all 5 packets the same");
	check_line(0.75, 101, "all 5 packets the same; 1 paired packet is more than 0.05 s apart, at most 0.25 s");
	check_line(0.5, 1, "same to packet 4, then ack of packet 5 is 101 against 1");
}

static void test_bound(void)
{
	g_autofree char *folder = stream_folder();
	struct stream left, right;

	open_sample(&left, 100, 40001, 0.5, 101);
	open_sample(&right, 100, 40001, 0.75, 101);
	g_autoptr(diff_side_t) a = side(folder, "a", &left), b = side(folder, "b", &right);
	g_autoptr(JsonObject) wide = compare(a, b, &(struct diff_options){ .bound_s = 0.3, .windows = TRUE });
	g_assert_cmpstr(artefact_string(wide, "line"), ==, "all 5 packets the same");
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(wide, "ignored")), ==, 3);
	stream_remove(folder);
}

/* Two capture files, no cells: the same diff of the wire, facts of the wire alone. */
static void test_captures(void)
{
	g_autofree char *folder = stream_folder();
	g_autofree char *a_path = g_build_filename(folder, "a", "3-packets.pcap", NULL), *b_path = g_build_filename(folder, "b", "3-packets.pcap", NULL);
	g_autoptr(GError) error = NULL;
	struct stream fixed, buggy;

	stream_closing(&fixed, "6.1.0", REFUSAL_NONE);
	stream_closing(&buggy, "6.1.0", REFUSAL_HOST_QUEUE);
	diff_side_free(side(folder, "a", &fixed));
	diff_side_free(side(folder, "b", &buggy));
	g_autoptr(diff_side_t) a = diff_side_new("A", a_path, &error), b = diff_side_new("B", b_path, &error);
	g_assert_no_error(error);
	g_autoptr(JsonObject) diff = compare(a, b, NULL);
	g_assert_cmpstr(artefact_string(diff, "line"), ==, "same to packet 8 (0.10 s after FIN), then 8 FIN retransmissions only in A");
	g_assert_null(diff_side_new(NULL, "/nonexistent", &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	stream_remove(folder);
}

static void test_empty(void)
{
	g_autofree char *folder = stream_folder();
	struct stream left, right;

	stream_open(&left, "6.1.0");
	stream_closing(&right, "6.1.0", REFUSAL_UNSEEN);
	g_autoptr(diff_side_t) a = side(folder, "a", &left), b = side(folder, "b", &right);
	g_autoptr(JsonObject) none = compare(a, a, NULL), alone = compare(a, b, NULL);
	g_assert_cmpstr(artefact_string(none, "line"), ==, "all 0 packets the same");
	g_assert_cmpstr(artefact_string(alone, "line"), ==, "not one packet the same: 1 SYN, 1 SYN-ACK, 3 ACKs, 1 data segment, 2 FINs only in b");
	stream_remove(folder);
}

/* Neighbours with a verdict are diffed; a kernel without one stands not between them. */
static void test_stage(void)
{
	static const char *const names[] = { "one", "skipped", "two" };
	g_autofree char *run = stream_folder();
	g_autoptr(GPtrArray) kernels = g_ptr_array_new(), cases = g_ptr_array_new();
	g_autoptr(GError) error = NULL;

	g_ptr_array_add(cases, (gpointer) "closing");
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *cell = g_build_filename(run, names[i], "closing", NULL);
		struct stream stream;

		g_ptr_array_add(kernels, (gpointer)names[i]);
		if (i == 1) {
			g_mkdir_with_parents(cell, 0777);
			g_assert_true(verdict_write_simple(cell, "SKIP", "no source", &error));
			continue;
		}
		stream_closing(&stream, "6.1.0", i ? REFUSAL_HOST_QUEUE : REFUSAL_NONE);
		stream_cell(cell, &stream, "// title: t\n0 close(3) = 0\n", "");
		stream_close(&stream);
		g_assert_true(event_stage(cell, &error) && capture_stage(cell, &error) && analyze_stage(cell, &error) && verdict_stage(cell, &error));
	}
	g_assert_true(report_plan_names(run, kernels, cases, &error));
	g_assert_true(diff_stage(run, &error));
	g_assert_no_error(error);
	g_autofree char *only = g_build_filename(run, "diff", "closing", "one..two.json", NULL);
	g_autofree char *not = g_build_filename(run, "diff", "closing", "one..skipped.json", NULL);
	g_assert_true(g_file_test(only, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(not, G_FILE_TEST_EXISTS));
	stream_remove(run);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/diff/align", test_align);
	g_test_add_func("/diff/align-random", test_align_random);
	g_test_add_func("/diff/align-too-much", test_align_too_much);
	g_test_add_func("/diff/pair", test_pair);
	g_test_add_func("/diff/fields-and-times", test_fields_and_times);
	g_test_add_func("/diff/bound", test_bound);
	g_test_add_func("/diff/captures", test_captures);
	g_test_add_func("/diff/empty", test_empty);
	g_test_add_func("/diff/stage", test_stage);
	return g_test_run();
}

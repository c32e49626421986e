/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_diff - what pairs, what is alone, what differs, and what is not to be called a difference
 */
#include <pcap/pcap.h>

#include "analyze.h"
#include "artefact.h"
#include "diff.h"
#include "diff_text.h"
#include "error.h"
#include "report.h"
#include "stream.h"
#include "verdict.h"

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
	return diff_compare(a, b, options);
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
	text = diff_text(diff, &(struct diff_text_options){ 132, 10 });
	g_assert_nonnull(strstr(text, "\n<    0.600000 --> FIN,ACK seq 1001 len 0 ack 2 (retransmission)\n"));
	g_assert_nonnull(strstr(text, "\n| fin.retransmits                    8 against 0\n"));
	g_assert_nonnull(strstr(text, "\n| TcpExt.TCPSpuriousRtxHostQueues    absent against 8\n"));
	g_assert_nonnull(strstr(text, "\nnot compared: windows, time stamp values, initial sequence numbers, ports, addresses,"));
	stream_remove(folder);
}

static void open_numbers(struct stream *stream, guint unacked, guint rtt_us, guint pacing_rate, gboolean tells_segs)
{
	stream_open(stream, "6.1.0");
	record_begin(&stream_record, RECORD_SOCKET, stream_clock_ns(1));
	record_text(&stream_record, FIELD_LOCAL, "192.168.0.1:8080");
	record_text(&stream_record, FIELD_REMOTE, "192.0.2.1:40001");
	record_uint(&stream_record, FIELD_STATE, STATE_CLOSING);
	record_uint(&stream_record, FIELD_UNACKED, unacked);
	record_uint(&stream_record, FIELD_RTT_US, rtt_us);
	record_uint(&stream_record, FIELD_PACING_RATE, pacing_rate);
	record_uint(&stream_record, FIELD_LAST_DATA_SENT_MS, unacked + rtt_us);
	if (tells_segs)
		record_uint(&stream_record, FIELD_SEGS_OUT, 7);
	stream_add(stream);
	stream_end(stream, 2, RECORD_END_PASSED);
}

/* The sockets' last samples: not what runs by itself, nor what one of the kernels does not tell. */
static void test_sockets(void)
{
	g_autofree char *folder = stream_folder(), *text = NULL;
	struct stream left, right, other;

	open_numbers(&left, 1, 200, 4000, TRUE);
	open_numbers(&right, 1, 900, 5000, FALSE);
	open_numbers(&other, 3, 200, 4000, TRUE);
	g_autoptr(diff_side_t) a = side(folder, "a", &left), b = side(folder, "b", &right), c = side(folder, "c", &other);
	g_autoptr(JsonObject) same = compare(a, b, NULL), diff = compare(a, c, NULL);

	g_assert_true(json_object_get_boolean_member(same, "same"));
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(same, "sockets")), ==, 0);
	g_assert_false(json_object_get_boolean_member(diff, "same"));
	g_assert_cmpstr(artefact_string(diff, "line"), ==, "all 0 packets the same; last socket.unacked is 1 against 3");
	text = diff_text(diff, &(struct diff_text_options){ 132, 10 });
	g_assert_nonnull(strstr(text, "\nsocket, its last sample\n| socket.unacked                     1 against 3\n"));
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
	check_line(0.75, 101, "all 5 packets the same; 1 paired packet is more than 0.05 s apart, at most 0.25 s; fact fin.first_s is 0.5 against 0.75 and 2 more differ");
	check_line(0.5, 1, "same to packet 4, then ack of packet 5 is 101 against 1");
}

static void test_bound(void)
{
	g_autofree char *folder = stream_folder();
	struct stream left, right;

	open_sample(&left, 100, 40001, 0.5, 101);
	open_sample(&right, 100, 40001, 0.75, 101);
	g_autoptr(diff_side_t) a = side(folder, "a", &left), b = side(folder, "b", &right);
	struct diff_options options;

	diff_options_default(&options);
	options.bound_s = 0.3;
	g_autoptr(JsonObject) wide = compare(a, b, &options);
	g_assert_cmpstr(artefact_string(wide, "line"), ==, "all 5 packets the same");
	g_assert_true(json_object_get_boolean_member(wide, "same"));
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
	g_test_add_func("/diff/sockets", test_sockets);
	g_test_add_func("/diff/pair", test_pair);
	g_test_add_func("/diff/fields-and-times", test_fields_and_times);
	g_test_add_func("/diff/bound", test_bound);
	g_test_add_func("/diff/captures", test_captures);
	g_test_add_func("/diff/empty", test_empty);
	g_test_add_func("/diff/stage", test_stage);
	return g_test_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_chronicle - one cell's files as one table, and what probed calls add to facts and the verdict's sentence
 */
#include <json-glib/json-glib.h>

#include "artefact.h"
#include "capture.h"
#include "error.h"
#include "event.h"
#include "facts.h"
#include "analyze.h"
#include "cause_calls.h"
#include "stream.h"
#include "chronicle.h"

static char *folder;

static void probe_call(struct stream *probes, double t_s, const char *function, gint64 result, const char *error)
{
	record_begin(&stream_record, RECORD_CALL, stream_clock_ns(t_s));
	record_text(&stream_record, FIELD_FUNCTION, function);
	record_text(&stream_record, FIELD_CALLER, "tcp_retransmit_timer+0x5");
	record_uint(&stream_record, FIELD_DEPTH, 0);
	record_uint(&stream_record, FIELD_DURATION_NS, 5000);
	record_int(&stream_record, FIELD_RESULT, result);
	record_text(&stream_record, FIELD_ERRNO, error);
	/* As a kernel with debug info tells; of one call it does not. */
	if (error) {
		record_text(&stream_record, FIELD_ARGUMENTS, "sk=0xffff888003a51180, segs=1");
		record_uint(&stream_record, FIELD_STATE, STATE_CLOSING);
		record_uint(&stream_record, FIELD_TMEM, 3584);
		record_uint(&stream_record, FIELD_WMEM, 1280);
	}
	stream_add(probes);
}

static void probe_asked(struct stream *probes, const char *function, const char *address, const char *why)
{
	record_begin(&stream_record, RECORD_PROBE, 0);
	record_text(&stream_record, FIELD_FUNCTION, function);
	record_text(&stream_record, FIELD_ADDRESS, address);
	record_text(&stream_record, FIELD_TEXT, why);
	stream_add(probes);
}

/* Two timeouts of the FIN: the first refused, the second sent. The processor's counter runs 1:1 with the guest's clock. */
static void make_cell(gboolean probed)
{
	struct stream stream, probes = { g_byte_array_new(), 0, 0, 0, 0 };
	struct sample sample = { STATE_CLOSING, 1, 600, 1, 1, 600000, 1280, 3584, 87040 };

	stream_open(&stream, "6.1.0");
	stream_to_closing(&stream);
	stream_socket(&stream, 0.7001, "timer", sample);
	stream_counter(&stream, 0.7001, "TcpExt.TCPTimeouts", 1, 1);
	stream_counter(&stream, 0.7001, "TcpExt.TCPSpuriousRtxHostQueues", 1, 1);
	stream_packet(&stream, 1.3, TRUE, PACKET_FIN | PACKET_ACK, 1001, 0, 2);
	sample = (struct sample){ STATE_CLOSING, 1, 1200, 2, 2, 1200000, 1280, 1, 87040 };
	stream_socket(&stream, 1.3001, "timer", sample);
	record_begin(&stream_record, RECORD_HEARTBEAT, stream_clock_ns(2));
	record_uint(&stream_record, FIELD_TSC, stream_clock_ns(2));
	stream_add(&stream);
	stream_end(&stream, 3, RECORD_END_PASSED);
	stream_cell(folder, &stream, "0 close(3) = 0\n", "no stamp\n[    5.500000] TCP: at a half\r\n[    5.1] back in time\n");
	probe_asked(&probes, "tcp_retransmit_skb", "ffffffff81000000", "its beginning is inlined");
	probe_asked(&probes, "gone_skb", NULL, "it was inlined");
	probe_asked(&probes, "never_called", "ffffffff81000010", NULL);
	probe_call(&probes, 0.7, "tcp_retransmit_skb", -16, "EBUSY");
	probe_call(&probes, 1.29999, "tcp_retransmit_skb", 0, NULL);
	if (probed)
		stream_put(folder, "1-probes.bin", probes.bytes->data, probes.bytes->len);
	g_assert_true(event_stage(folder, NULL));
	g_assert_true(capture_stage(folder, NULL));
	stream_close(&stream);
	stream_close(&probes);
}

static void remove_cell(void)
{
	stream_remove(folder);
	g_mkdir_with_parents(folder, 0777);
}

static void test_text(void)
{
	g_auto(GStrv) kinds = g_strsplit("expiry,call,wire,counter,console", ",", -1);
	g_autoptr(JsonObject) chronicle = NULL;
	g_autoptr(GString) text = NULL;

	make_cell(TRUE);
	chronicle = chronicle_read(folder, NULL);
	g_assert_nonnull(chronicle);
	text = chronicle_text(chronicle, kinds, FALSE);
	g_assert_cmpstr(text->str, ==,
		"sample/closing\n"
		"tcp_retransmit_skb: its beginning is inlined\n"
		"gone_skb is not probed: it was inlined\n"
		"    -5.000000  console  no stamp\n"
		"     0.100000  wire     in  SYN seq 0 len 0 ack 0 win 257\n"
		"     0.100000  wire     out SYN,ACK seq 0 len 0 ack 1 win 229\n"
		"     0.200000  wire     in  ACK seq 1 len 0 ack 1 win 257\n"
		"     0.250000  wire     out PSH,ACK seq 1 len 1000 ack 1 win 229\n"
		"     0.300000  wire     in  ACK seq 1 len 0 ack 1001 win 257\n"
		"     0.400000  wire     out FIN,ACK seq 1001 len 0 ack 1 win 229\n"
		"     0.500000  wire     in  FIN,ACK seq 1 len 0 ack 1001 win 257\n"
		"     0.500000  wire     out ACK seq 1002 len 0 ack 2 win 229\n"
		"     0.500000  console  TCP: at a half\n"
		"     0.500000  console  back in time\n"
		"     0.700000  call     tcp_retransmit_skb(sk=0xffff888003a51180, segs=1) = -16 EBUSY, from tcp_retransmit_timer+0x5; CLOSING, "
		"wmem_alloc 3584, wmem_queued 1280\n"
		"     0.700100  expiry   retransmit timer no. 1 after rto 0.3 s: tcp_retransmit_skb = -16 EBUSY at wmem_alloc 3584, nothing sent; CLOSING, "
		"retransmit in 0.6 s, rto 0.6 s, backoff 1, wmem_alloc 3584, wmem_queued 1280\n"
		"     0.700100  counter  TcpExt.TCPTimeouts +1, TcpExt.TCPSpuriousRtxHostQueues +1\n"
		"     1.299990  call     tcp_retransmit_skb = 0, from tcp_retransmit_timer+0x5\n"
		"     1.300000  wire     out FIN,ACK seq 1001 len 0 ack 2 win 229, sent before\n"
		"     1.300100  expiry   retransmit timer no. 2 after rto 0.6 s: tcp_retransmit_skb = 0, 1 segment sent; CLOSING, "
		"retransmit in 1.2 s, rto 1.2 s, backoff 2, wmem_alloc 1, wmem_queued 1280\n");
	remove_cell();
}

/* Without probes an expiry claims no call. */
static void test_unprobed(void)
{
	g_auto(GStrv) kinds = g_strsplit("expiry", ",", -1);
	g_autoptr(JsonObject) chronicle = NULL;
	g_autoptr(GString) text = NULL;

	make_cell(FALSE);
	chronicle = chronicle_read(folder, NULL);
	text = chronicle_text(chronicle, kinds, FALSE);
	g_assert_nonnull(strstr(text->str, "no. 1 after rto 0.3 s: nothing sent; CLOSING"));
	g_assert_nonnull(strstr(text->str, "no. 2 after rto 0.6 s: 1 segment sent; CLOSING"));
	g_assert_null(strstr(text->str, "tcp_retransmit_skb"));
	remove_cell();
}

/* A socket's sample with a number that is shown and one that is not. */
static void quiet_sample(struct stream *stream, double t_s, guint unacked, guint segs_in)
{
	record_begin(&stream_record, RECORD_SOCKET, stream_clock_ns(t_s));
	record_text(&stream_record, FIELD_CAUSE, "packet");
	record_text(&stream_record, FIELD_LOCAL, "192.168.0.1:8080");
	record_text(&stream_record, FIELD_REMOTE, "192.0.2.1:40001");
	record_uint(&stream_record, FIELD_STATE, STATE_ESTABLISHED);
	record_uint(&stream_record, FIELD_UNACKED, unacked);
	record_uint(&stream_record, FIELD_SEGS_IN, segs_in);
	stream_add(stream);
}

static void test_quiet(void)
{
	struct stream stream;
	g_autoptr(JsonObject) chronicle = NULL;
	g_autoptr(GString) text = NULL, all = NULL;

	stream_open(&stream, "6.1.0");
	quiet_sample(&stream, 1, 0, 5);
	quiet_sample(&stream, 2, 0, 6);
	quiet_sample(&stream, 3, 1, 6);
	stream_cell(folder, &stream, "", "");
	stream_close(&stream);
	g_assert_true(event_stage(folder, NULL));
	g_assert_true(capture_stage(folder, NULL));
	chronicle = chronicle_read(folder, NULL);
	text = chronicle_text(chronicle, NULL, FALSE);
	g_assert_cmpstr(strchr(text->str, '\n') + 1, ==,
		"     1.000000  socket   ESTABLISHED\n"
		"     3.000000  socket   ESTABLISHED\n");
	all = chronicle_text(chronicle, NULL, TRUE);
	g_assert_cmpstr(strchr(all->str, '\n') + 1, ==,
		"     1.000000  socket   ESTABLISHED [state ESTABLISHED, unacked 0, segs_in 5]\n"
		"     2.000000  socket   ESTABLISHED [segs_in 6]\n"
		"     3.000000  socket   ESTABLISHED [unacked 1]\n");
	remove_cell();
}

/* All of a row is in the JSON, in the order of time. */
static void test_json(void)
{
	g_autoptr(JsonObject) chronicle = NULL;
	JsonArray *rows;
	guint expiries = 0;

	make_cell(TRUE);
	chronicle = chronicle_read(folder, NULL);
	rows = json_object_get_array_member(chronicle, "rows");
	for (guint i = 0; i < json_array_get_length(rows); i++) {
		JsonObject *row = json_array_get_object_element(rows, i), *call;

		if (i)
			g_assert_cmpint(artefact_int(json_array_get_object_element(rows, i - 1), "t_ns", 0), <=, artefact_int(row, "t_ns", 0));
		if (g_strcmp0(artefact_string(row, "kind"), "expiry") != 0)
			continue;
		g_assert_cmpint(artefact_int(row, "number", 0), ==, ++expiries);
		g_assert_cmpuint(json_array_get_length(json_object_get_array_member(row, "calls")), ==, 1);
		call = json_array_get_object_element(json_object_get_array_member(row, "calls"), 0);
		g_assert_cmpint(artefact_int(call, "result", 1), ==, expiries == 1 ? -16 : 0);
		g_assert_cmpint(artefact_int(row, "sent", 9), ==, expiries - 1);
	}
	g_assert_cmpuint(expiries, ==, 2);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(chronicle, "probes")), ==, 3);
	remove_cell();
}

static struct facts *facts_of_cell(void)
{
	g_autoptr(JsonObject) object = NULL;

	g_assert_true(analyze_stage(folder, NULL));
	object = artefact_read_json(folder, "4-analysis.json", NULL);
	return facts_from_json(object);
}

static void test_facts(void)
{
	g_autoptr(facts_t) facts = NULL;
	g_autofree char *text = NULL;

	make_cell(TRUE);
	facts = facts_of_cell();
	g_assert_cmpfloat(facts_number_of(facts, "call.tcp_retransmit_skb.count", -1), ==, 2);
	g_assert_cmpfloat(facts_number_of(facts, "call.tcp_retransmit_skb.returned_EBUSY", -1), ==, 1);
	g_assert_cmpfloat(facts_number_of(facts, "call.tcp_retransmit_skb.returned_0", -1), ==, 1);
	g_assert_cmpfloat(facts_number_of(facts, "call.never_called.count", -1), ==, 0);
	g_assert_null(facts_find(facts, "call.gone_skb.count"));
	g_assert_cmpfloat(facts_number_of(facts, "call.tcp_retransmit_skb.EBUSY_wmem_alloc_max", -1), ==, 3584);
	g_assert_cmpfloat(facts_number_of(facts, "call.tcp_retransmit_skb.EBUSY_wmem_queued_min", -1), ==, 1280);
	g_assert_cmpstr(facts_text_of(facts, "call.tcp_retransmit_skb.note"), ==, "its beginning is inlined");
	text = cause_calls(facts);
	g_assert_cmpstr(text, ==, "tcp_retransmit_skb returned -EBUSY 1 time at sk_wmem_alloc 3584 and sk_wmem_queued 1280");
	remove_cell();
}

static void test_no_facts(void)
{
	g_autoptr(facts_t) facts = NULL;

	make_cell(FALSE);
	facts = facts_of_cell();
	g_assert_null(cause_calls(facts));
	remove_cell();
}

static void test_no_cell(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(chronicle_read(folder, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_assert_nonnull(strstr(error->message, "0-cell.json"));
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	folder = stream_folder();
	g_test_add_func("/chronicle/text", test_text);
	g_test_add_func("/chronicle/unprobed", test_unprobed);
	g_test_add_func("/chronicle/quiet", test_quiet);
	g_test_add_func("/chronicle/json", test_json);
	g_test_add_func("/chronicle/facts", test_facts);
	g_test_add_func("/chronicle/no-facts", test_no_facts);
	g_test_add_func("/chronicle/no-cell", test_no_cell);
	status = g_test_run();
	stream_remove(folder);
	g_free(folder);
	return status;
}

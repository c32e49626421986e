/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_analyze_socket - facts of the socket's samples and of counters, out of made-up runs whose truth is known
 */
#include "analyze.h"
#include "artefact.h"
#include "capture.h"
#include "socket_field.h"
#include "stream.h"
#include "tcp_info.h"

/* Takes the stream through the stages; closes it. */
static struct facts *analyze(struct stream *stream)
{
	g_autofree char *folder = stream_folder();
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) object = NULL;

	stream_cell(folder, stream, "", "");
	stream_close(stream);
	g_assert_true(event_stage(folder, &error) && capture_stage(folder, &error) && analyze_stage(folder, &error));
	object = artefact_read_json(folder, "4-analysis.json", &error);
	g_assert_no_error(error);
	stream_remove(folder);
	return facts_from_json(object);
}

static void assert_near(const struct facts *facts, const char *name, double value)
{
	const struct fact *fact = facts_find(facts, name);

	if (!fact)
		g_error("%s is absent", name);
	g_assert_cmpfloat_with_epsilon(fact->number, value, 1e-6);
}

/* A loss probe with new data is no repetition, and nothing was refused. */
static void test_probe_of_new_data(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.1.0");
	stream_to_closing(&stream);
	stream_packet(&stream, 0.55, TRUE, PACKET_PSH | PACKET_ACK, 1002, 1000, 2);
	stream_socket(&stream, 0.55, "timer", (struct sample){ STATE_CLOSING, 1, 300, 0, 0, 300000, 1280, 1, 0 });
	stream_counter(&stream, 0.55, "TcpExt.TCPLossProbes", 1, 1);
	stream_packet(&stream, 0.85, TRUE, PACKET_FIN | PACKET_ACK, 1001, 0, 2);
	stream_socket(&stream, 0.85, "timer", (struct sample){ STATE_CLOSING, 1, 600, 1, 1, 600000, 1280, 1, 0 });
	stream_counter(&stream, 0.85, "Tcp.RetransSegs", 1, 1);
	stream_end(&stream, 20, RECORD_END_PASSED);
	facts = analyze(&stream);
	assert_near(facts, "blocked.count", 0);
	g_assert_null(facts_find(facts, "blocked.reason"));
}

/* Where a first sending was lost before the wire, RetransSegs and the wire differ, and no retransmission was refused. */
static void test_lost_first(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.1.0");
	stream_socket(&stream, 0.2, "packet", (struct sample){ .state = STATE_ESTABLISHED, .rto_us = 300000 });
	stream_socket(&stream, 0.4, "statement", (struct sample){ STATE_FIN_WAIT1, 1, 300, 0, 0, 300000, 1280, 1, 0 });
	stream_packet(&stream, 0.7, TRUE, PACKET_FIN | PACKET_ACK, 1001, 0, 1);
	stream_socket(&stream, 0.7, "timer", (struct sample){ STATE_FIN_WAIT1, 1, 600, 1, 1, 600000, 1280, 1, 0 });
	stream_counter(&stream, 0.7, "Tcp.RetransSegs", 1, 1);
	stream_counter(&stream, 0.7, "lo.tx_dropped", 1, 1);
	stream_end(&stream, 20, RECORD_END_PASSED);
	facts = analyze(&stream);
	assert_near(facts, "blocked.count", 0);
	assert_near(facts, "lo.tx_dropped", 1);
}

/* A sample that the timer fell into: its backoff is new, its count of timeouts is not. */
static void test_torn_sample(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.12.1");
	stream_to_closing(&stream);
	stream_packet(&stream, 0.7, TRUE, PACKET_FIN | PACKET_ACK, 1001, 0, 2);
	stream_socket(&stream, 0.7, "timer", (struct sample){ STATE_CLOSING, 1, 0, 0, 1, 600000, 1280, 1, 0 });
	stream_socket(&stream, 0.703, "timer", (struct sample){ STATE_CLOSING, 1, 600, 1, 1, 600000, 1280, 1, 0 });
	stream_socket(&stream, 1.3, "timer", (struct sample){ STATE_CLOSING, 1, 1200, 2, 2, 1200000, 1280, 1, 0 });
	stream_end(&stream, 20, RECORD_END_PASSED);
	facts = analyze(&stream);
	assert_near(facts, "blocked.count", 1); /* the second one */
}

/* What was seen to hold the timeouts back: counters that rose, of each device that dropped. */
static void test_reasons(void)
{
	static const struct { const char *counter, *reason; } samples[] = {
		{ "TcpExt.TCPWqueueTooBig", "no segment could be cut off, too much is queued (TCPWqueueTooBig +2)" },
		{ "Ip.OutNoRoutes", "no route (Ip.OutNoRoutes +2)" },
		{ "lo.tx_dropped", "the device dropped packets (lo.tx_dropped +2, tun0.tx_dropped +5)" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct stream stream;
		g_autoptr(facts_t) facts = NULL;

		stream_open(&stream, "6.1.0");
		stream_to_closing(&stream);
		for (guint j = 1; j <= 2; j++) {
			stream_socket(&stream, j, "timer", (struct sample){ STATE_CLOSING, 1, 600u << j, j, j, 300000u << j, 1280, 1, 0 });
			stream_counter(&stream, j, samples[i].counter, j, 1);
		}
		stream_counter(&stream, 3, "tun0.tx_dropped", 5, 5);
		stream_end(&stream, 20, RECORD_END_PASSED);
		facts = analyze(&stream);
		assert_near(facts, "blocked.count", 2);
		g_assert_cmpstr(facts_text_of(facts, "blocked.reason"), ==, samples[i].reason);
	}
}

/* A device that dropped one packet did not hold back two. */
static void test_too_few_drops(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.1.0");
	stream_to_closing(&stream);
	stream_counter(&stream, 0.6, "tun0.tx_dropped", 1, 1);
	for (guint j = 1; j <= 2; j++)
		stream_socket(&stream, j, "timer", (struct sample){ STATE_CLOSING, 1, 600u << j, j, j, 300000u << j, 1280, 1, 0 });
	stream_end(&stream, 20, RECORD_END_PASSED);
	facts = analyze(&stream);
	assert_near(facts, "blocked.count", 2);
	g_assert_cmpstr(facts_text_of(facts, "blocked.reason"), ==, "by whom was not observed");
}

static void test_queue(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "2.6.32");
	stream_counter(&stream, 1, "tun0.queue", 4, 4);
	stream_counter(&stream, 2, "tun0.queue", 1, -3);
	stream_end(&stream, 3, RECORD_END_PASSED);
	facts = analyze(&stream);
	assert_near(facts, "queue.max", 4);
	assert_near(facts, "queue.last", 1);
}

/* The last and the most of each number; what the last sample does not tell is what the one before told. */
static void test_socket_numbers(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_closing(&stream, "6.1.0", REFUSAL_MEMORY);
	facts = analyze(&stream);
	assert_near(facts, "socket.wmem_alloc", 1280);
	assert_near(facts, "socket.wmem_alloc_max", 3584);
	assert_near(facts, "socket.backoff", 8);
	assert_near(facts, "socket.rto_us", 76800000);
	g_assert_null(facts_find(facts, "socket.segs_out"));
	g_assert_nonnull(facts_declaration("socket.segs_out_max"));
	for (gsize i = 0; i < socket_field_count; i++) {
		const char *name = record_field_name(socket_fields[i].id);

		if (socket_fields[i].id != FIELD_TMEM && socket_fields[i].id != FIELD_WMEM)
			g_assert_cmpstr(socket_fields[i].name, ==, name);
	}
}

/* Every field of struct tcp_info can be asserted on. */
static void test_socket_table(void)
{
	for (gsize i = 0; i < tcp_info_field_count; i++) {
		const struct socket_field *field = socket_field_named(record_field_name(tcp_info_fields[i].field));

		g_assert_nonnull(field);
		g_assert_cmpint(field->kind == SOCKET_FIELD_AGE, ==, tcp_info_fields[i].kind == TCP_INFO_AGE);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/analyze-socket/probe-of-new-data", test_probe_of_new_data);
	g_test_add_func("/analyze-socket/lost-first", test_lost_first);
	g_test_add_func("/analyze-socket/torn-sample", test_torn_sample);
	g_test_add_func("/analyze-socket/reasons", test_reasons);
	g_test_add_func("/analyze-socket/too-few-drops", test_too_few_drops);
	g_test_add_func("/analyze-socket/queue", test_queue);
	g_test_add_func("/analyze-socket/socket-numbers", test_socket_numbers);
	g_test_add_func("/analyze-socket/socket-table", test_socket_table);
	return g_test_run();
}

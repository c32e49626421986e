/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_analyze - facts out of made-up runs whose truth is known
 */
#include "analyze.h"
#include "artefact.h"
#include "capture.h"
#include "error.h"
#include "stream.h"

/* Takes the stream through the stages; closes it. */
static struct facts *analyze(struct stream *stream, JsonObject **analysis)
{
	g_autofree char *folder = stream_folder();
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) object = NULL;
	gboolean done;

	stream_cell(folder, stream, "", "booting\n");
	stream_close(stream);
	done = event_stage(folder, &error) && capture_stage(folder, &error) && analyze_stage(folder, &error);
	g_assert_no_error(error);
	g_assert_true(done);
	object = artefact_read_json(folder, "4-analysis.json", &error);
	g_assert_no_error(error);
	stream_remove(folder);
	if (analysis)
		*analysis = json_object_ref(object);
	return facts_from_json(object);
}

static double number(const struct facts *facts, const char *name)
{
	const struct fact *fact = facts_find(facts, name);

	if (!fact)
		g_error("%s is absent", name);
	return fact->number;
}

#define assert_near(facts, name, value) g_assert_cmpfloat_with_epsilon(number(facts, name), value, 1e-6)

static void test_fixed(void)
{
	struct stream stream;
	g_autoptr(JsonObject) analysis = NULL;
	g_autoptr(facts_t) facts = NULL;

	stream_closing(&stream, "6.1.0", REFUSAL_NONE);
	facts = analyze(&stream, &analysis);
	assert_near(facts, "fin.sent", 9);
	assert_near(facts, "fin.retransmits", 8);
	assert_near(facts, "fin.loss_probes", 0);
	assert_near(facts, "fin.first_s", 0.4);
	assert_near(facts, "fin.last_s", 0.4 + 0.3 * 255);
	assert_near(facts, "fin.gap_ratio", 2);
	assert_near(facts, "rto.backoffs", 8);
	assert_near(facts, "rto.first_s", 0.3);
	assert_near(facts, "rto.max_s", 76.8);
	assert_near(facts, "rto.wire_ratio", 1);
	g_assert_cmpfloat(number(facts, "rto.timer_error_s"), <, 0.001);
	assert_near(facts, "rto.backoff_ratio", 2);
	assert_near(facts, "rto.not_doubled", 0);
	assert_near(facts, "blocked.no_timer", 0);
	assert_near(facts, "blocked.count", 0);
	assert_near(facts, "Tcp.RetransSegs", 8);
	assert_near(facts, "TcpExt.TCPTimeouts", 8);
	assert_near(facts, "script.passed", 1);
	assert_near(facts, "data.sent", 1);
	assert_near(facts, "data.bytes", 1000);
	assert_near(facts, "synack.sent", 1);
	assert_near(facts, "state.closing_s", 139.5);
	assert_near(facts, "state.established_s", 0.2);
	g_assert_cmpstr(facts_text_of(facts, "state.last"), ==, "CLOSING");
	g_assert_cmpstr(facts_text_of(facts, "state.path"), ==, "ESTABLISHED FIN_WAIT1 CLOSING");
	g_assert_null(facts_find(facts, "fin.acked_s"));
	g_assert_null(facts_find(facts, "blocked.reason"));
	g_assert_cmpuint(json_array_get_length(facts_list(facts, "fin.times_s")), ==, 8);
	g_assert_cmpstr(artefact_string(analysis, "release"), ==, "6.1.0");
	g_assert_null(artefact_string(analysis, "damage"));
	g_assert_null(artefact_string(analysis, "death"));
	g_assert_cmpstr(artefact_string(json_object_get_object_member(analysis, "absent"), "fin.acked_s"), ==, "no ACK of a FIN was seen");
}

/* The same silence on the wire for three reasons, and for none that was seen. */
static void test_blocked(void)
{
	static const struct { const char *release; enum refusal refusal; const char *reason; } samples[] = {
		{ "6.1.0", REFUSAL_HOST_QUEUE, "skb still in host queue (-EBUSY, TCPSpuriousRtxHostQueues +8)" },
		{ "2.6.32", REFUSAL_MEMORY, "sk_wmem_alloc 3584 above its limit 1600 (-EAGAIN)" },
		{ "5.12.19", REFUSAL_MEMORY, "sk_wmem_alloc 3584 above its limit 1600 (-EAGAIN)" },
		{ "5.10.0", REFUSAL_MEMORY_AFTER_PROBE, "sk_wmem_alloc 3584 above its limit 1600 (-EAGAIN)" },
		{ "5.13.0", REFUSAL_MEMORY_AFTER_PROBE, "skb still in host queue (-EBUSY, TCPSpuriousRtxHostQueues +1)" },
		{ "5.13.0", REFUSAL_MEMORY, "by whom was not observed" }, /* compares no longer */
		{ "2.6.32", REFUSAL_UNSEEN, "by whom was not observed" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct stream stream;
		g_autoptr(facts_t) facts = NULL;

		stream_closing(&stream, samples[i].release, samples[i].refusal);
		facts = analyze(&stream, NULL);
		assert_near(facts, "fin.sent", 1);
		assert_near(facts, "fin.retransmits", 0);
		assert_near(facts, "rto.backoffs", 8);
		assert_near(facts, "blocked.count", 8);
		g_assert_null(facts_find(facts, "fin.gap_ratio"));
		g_assert_cmpstr(facts_text_of(facts, "blocked.reason"), ==, samples[i].reason);
	}
}

/* A probe before the timer: told by its counter, an odd ratio in front that the median passes over. */
static void test_loss_probe(void)
{
	static const double times_s[] = { 0.7, 1.3, 2.5, 4.9, 9.7 };
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.1.0");
	stream_to_closing(&stream);
	stream_packet(&stream, 0.55, TRUE, PACKET_FIN | PACKET_ACK, 1001, 0, 2);
	stream_counter(&stream, 0.55, "TcpExt.TCPLossProbes", 1, 1);
	for (guint i = 0; i < G_N_ELEMENTS(times_s); i++) {
		stream_packet(&stream, times_s[i], TRUE, PACKET_FIN | PACKET_ACK, 1001, 0, 2);
		stream_socket(&stream, times_s[i], "timer", (struct sample){ STATE_CLOSING, 1, 600u << i, i + 1, i + 1, 600000u << i, 1280, 1, 0 });
	}
	stream_end(&stream, 20, RECORD_END_PASSED);
	facts = analyze(&stream, NULL);
	assert_near(facts, "fin.retransmits", 6);
	assert_near(facts, "fin.loss_probes", 1);
	assert_near(facts, "rto.backoffs", 5);
	assert_near(facts, "blocked.count", 0);
	g_assert_cmpfloat(number(facts, "fin.gap_ratio"), >, 1.9);
	g_assert_cmpfloat(number(facts, "fin.gap_ratio"), <, 2.1);
}

/* A timer the peer's answer reset counts again from 0: both rounds are timeouts. Counters from before the script do not count. */
static void test_resets(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "3.9.6");
	stream_counter(&stream, -1, "Tcp.RetransSegs", 4, 4);
	for (guint i = 1; i <= 3; i++)
		stream_socket(&stream, i, "timer", (struct sample){ .state = STATE_ESTABLISHED, .timer = 1, .retransmits = i });
	stream_socket(&stream, 4, "packet", (struct sample){ .state = STATE_ESTABLISHED });
	stream_socket(&stream, 5, "timer", (struct sample){ .state = STATE_ESTABLISHED, .timer = 1, .retransmits = 2 });
	stream_end(&stream, 6, RECORD_END_PASSED);
	facts = analyze(&stream, NULL);
	assert_near(facts, "rto.backoffs", 5);
	g_assert_null(facts_find(facts, "Tcp.RetransSegs"));
}

/* Keepalives and window probes are counted in the same fields, but are no retransmissions. */
static void test_probes(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.1.0");
	for (guint i = 1; i <= 4; i++)
		stream_socket(&stream, i, "timer", (struct sample){ .state = STATE_ESTABLISHED, .timer = i % 2 ? 2 : 4, .retransmits = i, .backoff = i });
	stream_end(&stream, 6, RECORD_END_PASSED);
	facts = analyze(&stream, NULL);
	assert_near(facts, "rto.backoffs", 0);
	assert_near(facts, "blocked.count", 0);
}

static void test_gone(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "2.6.32");
	stream_to_closing(&stream);
	record_begin(&stream_record, RECORD_GONE, stream_clock_ns(114));
	stream_add(&stream);
	stream_end(&stream, 140, RECORD_END_PASSED);
	facts = analyze(&stream, NULL);
	assert_near(facts, "socket.gone", 1);
	assert_near(facts, "socket.gone_s", 114);
	assert_near(facts, "state.closing_s", 113.5);
}

static void test_acked(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.1.0");
	stream_to_closing(&stream);
	stream_packet(&stream, 0.9, FALSE, PACKET_ACK, 2, 0, 1001); /* not yet the FIN */
	stream_packet(&stream, 1.0, FALSE, PACKET_ACK, 2, 0, 1002);
	stream_end(&stream, 2, RECORD_END_PASSED);
	facts = analyze(&stream, NULL);
	assert_near(facts, "fin.acked_s", 0.6);
	assert_near(facts, "fin.retransmits", 0);
}

static void test_script(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.1.0");
	for (guint i = 0; i < 2; i++) {
		record_begin(&stream_record, RECORD_MISMATCH, stream_clock_ns(1 + i));
		record_text(&stream_record, FIELD_FILE, "cases/x.pkt");
		record_uint(&stream_record, FIELD_LINE, 7 + i);
		record_uint(&stream_record, FIELD_COLUMN, 3);
		record_text(&stream_record, FIELD_EXPECTED, "F. 1:1(0) ack 1");
		record_text(&stream_record, FIELD_ACTUAL, "F. 2:2(0) ack 1");
		record_text(&stream_record, FIELD_MARK, "seq");
		stream_add(&stream);
	}
	stream_end(&stream, 3, RECORD_END_MISMATCHED);
	facts = analyze(&stream, NULL);
	assert_near(facts, "script.passed", 0);
	assert_near(facts, "script.mismatches", 2);
	g_assert_cmpstr(facts_text_of(facts, "script.first_mismatch"), ==,
			"cases/x.pkt:7:3: expected F. 1:1(0) ack 1, got F. 2:2(0) ack 1 (differs in seq)");
	g_assert_null(facts_find(facts, "script.error"));
}

static void test_empty(void)
{
	struct stream stream = { .bytes = g_byte_array_new() };
	g_autoptr(JsonObject) analysis = NULL;
	g_autoptr(facts_t) facts = analyze(&stream, &analysis);

	assert_near(facts, "fin.sent", 0);
	g_assert_null(facts_find(facts, "script.passed"));
	g_assert_false(json_object_get_boolean_member(analysis, "ended"));
	g_assert_null(artefact_string(analysis, "release"));
}

static void test_foreign(void)
{
	struct stream stream;
	g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "3-packets.pcap", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	stream_closing(&stream, "6.1.0", REFUSAL_NONE);
	stream_cell(folder, &stream, "", "");
	stream_close(&stream);
	g_assert_true(event_stage(folder, &error) && capture_stage(folder, &error));
	g_autoptr(JsonObject) analysis = analyze_capture(path, &error);
	g_assert_no_error(error);
	g_autoptr(facts_t) facts = facts_from_json(analysis);
	assert_near(facts, "fin.retransmits", 8);
	assert_near(facts, "fin.gap_ratio", 2);
	g_assert_null(facts_find(facts, "state.last"));
	analyze_print(analysis, text);
	g_assert_nonnull(strstr(text->str, "fin.retransmits            8\n"));
	g_assert_null(analyze_capture("/nonexistent.pcap", &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	stream_remove(folder);
}

/* Each analyzer makes only what it declares, and nothing is declared twice. */
static void test_declarations(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	stream_closing(&stream, "2.6.32", REFUSAL_MEMORY);
	facts = analyze(&stream, NULL);
	g_autoptr(GPtrArray) names = facts_names(facts, facts);
	g_assert_cmpuint(names->len, >=, 30);
	for (guint i = 0; i < names->len; i++)
		if (!facts_declaration(names->pdata[i]))
			g_error("%s is not declared", (char *)names->pdata[i]);
	for (guint i = 0; analyzers[i]; i++) {
		g_assert_nonnull(analyzers[i]->summary);
		for (const struct fact_name *name = analyzers[i]->facts; name->name; name++) {
			g_assert_true(name->unit && name->meaning);
			g_assert_true(g_hash_table_add(seen, (gpointer)name->name));
		}
	}
	g_assert_nonnull(facts_declaration("TcpExt.TCPLossProbes"));
	g_assert_null(facts_declaration("TcpExt."));
}

/* Payload sent three times, and a SYN-ACK four times: each told for itself, the first_s of the one sent most often. */
static void test_repeats(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.1.0");
	stream_packet(&stream, 0.1, FALSE, PACKET_SYN, 0, 0, 0);
	for (guint i = 0; i < 4; i++)
		stream_packet(&stream, 0.1 + (1 << i), TRUE, PACKET_SYN | PACKET_ACK, 0, 0, 1);
	stream_packet(&stream, 10, FALSE, PACKET_ACK, 1, 0, 1);
	stream_packet(&stream, 10.5, TRUE, PACKET_ACK, 1, 100, 1);
	for (guint i = 0; i < 3; i++)
		stream_packet(&stream, 11 + (2 << i), TRUE, PACKET_ACK, 101, 200, 1);
	stream_end(&stream, 60, RECORD_END_PASSED);
	facts = analyze(&stream, NULL);
	assert_near(facts, "syn.sent", 0);
	assert_near(facts, "synack.sent", 4);
	assert_near(facts, "synack.retransmits", 3);
	assert_near(facts, "synack.first_s", 1.1);
	assert_near(facts, "synack.gap_ratio", 2);
	assert_near(facts, "data.sent", 4);
	assert_near(facts, "data.retransmits", 2);
	assert_near(facts, "data.bytes", 300);
	assert_near(facts, "data.first_s", 13);
	assert_near(facts, "data.last_s", 19);
	g_assert_null(facts_find(facts, "syn.first_s"));
	g_assert_cmpuint(json_array_get_length(facts_list(facts, "synack.times_s")), ==, 3);
}

/* The timer's sample may stand before the segment it sent: what had been announced before it counts. A timeout that stays is told. */
static void test_rto_order(void)
{
	struct stream stream;
	g_autoptr(facts_t) facts = NULL;

	stream_open(&stream, "6.1.0");
	stream_to_closing(&stream);
	for (guint i = 0; i < 4; i++) {
		double t_s = 0.7 + 0.3 * i;

		stream_socket(&stream, t_s, "timer", (struct sample){ STATE_CLOSING, 1, 300, i + 1, i + 1, 300000, 1280, 1, 87040 });
		stream_packet(&stream, t_s + 0.0001, TRUE, PACKET_FIN | PACKET_ACK, 1001, 0, 2);
	}
	stream_end(&stream, 20, RECORD_END_PASSED);
	facts = analyze(&stream, NULL);
	g_assert_cmpfloat(number(facts, "rto.timer_error_s"), <, 0.001);
	g_assert_cmpfloat_with_epsilon(number(facts, "rto.wire_ratio"), 1, 0.001);
	assert_near(facts, "rto.backoff_ratio", 1);
	assert_near(facts, "rto.not_doubled", 4);
}

static void stream_probing(struct stream *stream, guint timer)
{
	stream_open(stream, "6.1.0");
	stream_to_closing(stream);
	for (guint i = 0; i < 2; i++) {
		if (timer)
			stream_socket(stream, 1 + i, "timer", (struct sample){ STATE_ESTABLISHED, timer, 1000, 0, 0, 300000, 1, 1, 0 });
		stream_packet(stream, 2 + i, TRUE, PACKET_ACK, 1000, 0, 2); /* 1001 was acknowledged */
	}
	stream_end(stream, 10, RECORD_END_PASSED);
}

/* The same segment is a keepalive or a zero-window probe by the timer that sent it; without samples the peer's window decides. */
static void test_probe_kinds(void)
{
	static const struct { guint timer, keepalives, zero_windows; } samples[] = { { 2, 2, 0 }, { 4, 0, 2 }, { 0, 2, 0 } };

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct stream stream;
		g_autoptr(facts_t) facts = NULL;

		stream_probing(&stream, samples[i].timer);
		facts = analyze(&stream, NULL);
		assert_near(facts, "probe.keepalive", samples[i].keepalives);
		assert_near(facts, "probe.zero_window", samples[i].zero_windows);
		assert_near(facts, "data.retransmits", 0);
		assert_near(facts, "fin.retransmits", 0);
	}
}

/* Samples may skip a short state; what no path leads to is named. */
static void test_illegal_moves(void)
{
	static const struct { guint from, to; const char *illegal; } samples[] = {
		{ STATE_ESTABLISHED, STATE_CLOSING, NULL }, { STATE_CLOSING, STATE_TIME_WAIT, NULL },
		{ STATE_CLOSE_WAIT, STATE_ESTABLISHED, "CLOSE_WAIT to ESTABLISHED" }, { STATE_CLOSING, STATE_FIN_WAIT1, "CLOSING to FIN_WAIT1" },
		{ STATE_TIME_WAIT, STATE_CLOSING, "TIME_WAIT to CLOSING" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct stream stream;
		g_autoptr(facts_t) facts = NULL;

		stream_open(&stream, "6.1.0");
		stream_socket(&stream, 1, "packet", (struct sample){ .state = samples[i].from });
		stream_socket(&stream, 2, "packet", (struct sample){ .state = samples[i].to });
		stream_end(&stream, 3, RECORD_END_PASSED);
		facts = analyze(&stream, NULL);
		assert_near(facts, "state.illegal_moves", samples[i].illegal != NULL);
		g_assert_cmpstr(facts_text_of(facts, "state.illegal"), ==, samples[i].illegal);
	}
}

static void test_mutations(void)
{
	struct stream stream;

	stream_closing(&stream, "6.1.0", REFUSAL_NONE);
	for (guint i = 0; i < 200; i++) {
		g_autofree char *folder = stream_folder();
		g_autofree char *text = NULL;
		g_autoptr(GError) error = NULL;
		gsize length;

		stream_cell(folder, &stream, "", "");
		g_assert_true(event_stage(folder, &error));
		text = stream_get(folder, "2-events.jsonl", &length);
		for (guint flips = 0; flips < 3; flips++)
			text[g_test_rand_int_range(0, (gint32)length)] = (char)g_test_rand_int_range('0', 'z');
		stream_put(folder, "2-events.jsonl", text, (gssize)length);
		/* May fail, must say why, must not fall over. */
		if (!capture_stage(folder, &error) || !analyze_stage(folder, &error))
			g_assert_nonnull(error);
		stream_remove(folder);
	}
	stream_close(&stream);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/analyze/fixed", test_fixed);
	g_test_add_func("/analyze/blocked", test_blocked);
	g_test_add_func("/analyze/loss-probe", test_loss_probe);
	g_test_add_func("/analyze/resets", test_resets);
	g_test_add_func("/analyze/probes", test_probes);
	g_test_add_func("/analyze/gone", test_gone);
	g_test_add_func("/analyze/acked", test_acked);
	g_test_add_func("/analyze/script", test_script);
	g_test_add_func("/analyze/empty", test_empty);
	g_test_add_func("/analyze/foreign", test_foreign);
	g_test_add_func("/analyze/declarations", test_declarations);
	g_test_add_func("/analyze/repeats", test_repeats);
	g_test_add_func("/analyze/rto-order", test_rto_order);
	g_test_add_func("/analyze/probe-kinds", test_probe_kinds);
	g_test_add_func("/analyze/illegal-moves", test_illegal_moves);
	g_test_add_func("/analyze/mutations", test_mutations);
	return g_test_run();
}

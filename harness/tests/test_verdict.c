/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_verdict - comparisons, their errors, and the outcome of every kind of cell
 */
#include "analyze.h"
#include "artefact.h"
#include "capture.h"
#include "cause.h"
#include "error.h"
#include "expression.h"
#include "stream.h"
#include "verdict.h"

#define HEADER "// title: t\n// observe: 140s\n"
#define FOUNDING HEADER "// ok: fin.retransmits >= 4\n// ok: fin.gap_ratio in 1.8..2.2\n// bug: fin.retransmits == 0\n// bug: rto.backoffs >= 3\n" \
	"0.0 close(3) = 0\n"

static struct facts *sample_facts(void)
{
	struct facts *facts = facts_new();

	facts_number(facts, "fin.retransmits", 9);
	facts_number(facts, "fin.gap_ratio", 2.05);
	facts_number(facts, "rto.backoffs", 9);
	facts_text(facts, "state.last", "CLOSING");
	return facts;
}

static void test_comparisons(void)
{
	static const struct { const char *text; gboolean held; const char *reason; } samples[] = {
		{ "fin.retransmits >= 9", TRUE, NULL }, { "fin.retransmits >= 10", FALSE, "fin.retransmits is 9" },
		{ "fin.retransmits<=9", TRUE, NULL }, { "fin.retransmits > 9", FALSE, "fin.retransmits is 9" },
		{ "  fin.retransmits  ==  9  ", TRUE, NULL }, { "fin.retransmits != 9", FALSE, "fin.retransmits is 9" },
		{ "fin.retransmits < 9.5", TRUE, NULL }, { "fin.retransmits < 1e1", TRUE, NULL },
		{ "fin.gap_ratio in 1.8..2.2", TRUE, NULL }, { "fin.gap_ratio in 2.1 .. 2.2", FALSE, "fin.gap_ratio is 2.05" },
		{ "fin.retransmits in 9..9", TRUE, NULL }, { "fin.retransmits > -1", TRUE, NULL },
		{ "fin.retransmits == rto.backoffs", TRUE, NULL },
		{ "fin.retransmits > rto.backoffs", FALSE, "fin.retransmits is 9, rto.backoffs is 9" },
		{ "state.last == CLOSING", TRUE, NULL }, { "state.last == \"CLOSING\"", TRUE, NULL },
		{ "state.last != CLOSING", FALSE, "state.last is CLOSING" }, { "state.last == CLOSE", FALSE, "state.last is CLOSING" },
		{ "fin.first_s >= 0", FALSE, "fin.first_s is absent: no FIN was sent" },
		{ "fin.retransmits >= fin.first_s", FALSE, "fin.first_s is absent: no FIN was sent" },
		{ "fin.first_s != 5", FALSE, "fin.first_s is absent: no FIN was sent" },
		{ "state.closing_s >= 100", FALSE, "state.closing_s is absent: the socket was never seen in CLOSING" },
		{ "TcpExt.TCPTimeouts >= 1", FALSE, "TcpExt.TCPTimeouts is absent: the counter did not move, or this kernel has not got it" },
	};
	g_autoptr(facts_t) facts = sample_facts();

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct case_line line = { (char *)samples[i].text, 3, 8 };
		g_autoptr(GError) error = NULL;
		g_autoptr(expression_t) expression = expression_parse("c.pkt", &line, &error);
		struct expression_result result;

		g_assert_no_error(error);
		expression_evaluate(expression, facts, &result);
		g_assert_cmpstr(result.reason, ==, samples[i].reason);
		g_assert_cmpint(result.held, ==, samples[i].held);
		expression_result_clear(&result);
	}
}

static void test_errors(void)
{
	static const struct { const char *text, *message; } samples[] = {
		{ "", "c.pkt:3:8: expected the name of a fact" },
		{ ">= 4", "c.pkt:3:8: expected the name of a fact" },
		{ "fin.retransmit >= 4", "c.pkt:3:8: no fact is called \"fin.retransmit\": expected fin.retransmits, fin." },
		{ "fin.retries >= 4", "fin.retransmits" },
		{ "rot.backoffs >= 4", "expected rto.backoffs" },
		{ "  zzz >= 4", "c.pkt:3:10: no fact is called \"zzz\": expected a name such as fin.retransmits" },
		{ "fin.sent", "c.pkt:3:16: expected >= <= == != > < or in" },
		{ "fin.sent = 4", "c.pkt:3:17: expected >= <= == != > < or in" },
		{ "fin.sent >=", "c.pkt:3:19: expected a number, a fact or a text" },
		{ "fin.sent >= 4 5", "c.pkt:3:22: expected the end of the line" },
		{ "fin.sent >= 4 and rto.backoffs >= 3", "c.pkt:3:22: expected the end of the line" },
		{ "fin.sent in 4", "c.pkt:3:21: expected \"..\"" },
		{ "fin.sent in 4..", "c.pkt:3:23: expected the range's upper end" },
		{ "fin.sent in 5..4", "an upper end that is not below" },
		{ "fin.sent in a..b", "c.pkt:3:20: expected a range" },
		{ "fin.sent == CLOSING", "fin.sent is a number: expected a number" },
		{ "fin.sent == state.last", "fin.sent is a number: expected a number" },
		{ "state.last == 5", "state.last is a text: expected a text" },
		{ "state.last >= CLOSING", "state.last is a text: expected == or !=" },
		{ "state.last == \"CLOSING", "expected a closing quote" },
		{ "fin.sent >= rto.backof", "c.pkt:3:20: no fact is called \"rto.backof\": expected rto.backoffs" },
		{ "fin.sent >= nan", "fin.sent is a number" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct case_line line = { (char *)samples[i].text, 3, 8 };
		g_autoptr(GError) error = NULL;

		g_assert_null(expression_parse("c.pkt", &line, &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
		if (!strstr(error->message, samples[i].message))
			g_error("\"%s\" has not \"%s\"", error->message, samples[i].message);
	}
}

static void test_wild_lines(void)
{
	static const char letters[] = "fin.retransmits >=<!in 0123456789..\"_- CLOSING\xff";
	g_autoptr(facts_t) facts = sample_facts();

	for (guint i = 0; i < 20000; i++) {
		char text[40];
		struct case_line line = { text, 1, 1 };
		g_autoptr(GError) error = NULL;
		g_autoptr(expression_t) expression = NULL;
		guint keep = (guint)g_test_rand_int_range(0, 16), length = (guint)g_test_rand_int_range(0, 39);

		for (guint j = 0; j < length; j++)
			text[j] = letters[j < keep ? j : (guint)g_test_rand_int_range(0, sizeof(letters) - 1)];
		text[length] = '\0';
		expression = expression_parse("c.pkt", &line, &error);
		g_assert_true((expression == NULL) == (error != NULL));
		if (expression) {
			struct expression_result result;

			expression_evaluate(expression, facts, &result);
			g_assert_true(result.held == (result.reason == NULL));
			expression_result_clear(&result);
		}
	}
}

/* Runs the stages over a cell; NULL with error from the verdict stage. */
static JsonObject *judge(const char *folder, GError **error)
{
	if (!event_stage(folder, error) || !capture_stage(folder, error) || !analyze_stage(folder, error) || !verdict_stage(folder, error))
		return NULL;
	return artefact_read_json(folder, "5-verdict.json", error);
}

struct expected {
	const char *outcome, *cause, *wire, *believes;
	gboolean as_expected;
};

static void check(const char *folder, struct expected expected)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) verdict = judge(folder, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(artefact_string(verdict, "cause"), ==, expected.cause);
	g_assert_cmpstr(artefact_string(verdict, "outcome"), ==, expected.outcome);
	if (expected.wire)
		g_assert_cmpstr(artefact_string(verdict, "wire"), ==, expected.wire);
	if (expected.believes)
		g_assert_cmpstr(artefact_string(verdict, "believes"), ==, expected.believes);
	g_assert_cmpint(json_object_get_boolean_member(verdict, "as_expected"), ==, expected.as_expected);
}

static void check_closing(enum refusal refusal, const char *release, const char *case_text, struct expected expected)
{
	struct stream stream;
	g_autofree char *folder = stream_folder();

	stream_closing(&stream, release, refusal);
	stream_cell(folder, &stream, case_text, "booting\n");
	stream_close(&stream);
	check(folder, expected);
	stream_remove(folder);
}

static void test_outcomes(void)
{
	check_closing(REFUSAL_NONE, "6.1.0", FOUNDING,
		      (struct expected){ "FIXED", "FIN retransmitted at 0.30 0.90 2.10 … 76.5 s, gaps double", "9 FIN", "8 retransmits rto 77 s", TRUE });
	check_closing(REFUSAL_HOST_QUEUE, "6.1.0", FOUNDING,
		      (struct expected){ "BUGGY", "timer backed off 8 times, 0 FIN retransmitted: skb still in host queue (-EBUSY, TCPSpuriousRtxHostQueues +8)",
					 "1 FIN", "8 backoffs rto 77 s", FALSE });
	check_closing(REFUSAL_MEMORY, "2.6.32", FOUNDING,
		      (struct expected){ "BUGGY", "timer backed off 8 times, 0 FIN retransmitted: sk_wmem_alloc 3584 above its limit 1600 (-EAGAIN)",
					 "1 FIN", "8 backoffs rto 77 s", FALSE });
	check_closing(REFUSAL_NONE, "6.1.0", HEADER "// ok: fin.retransmits >= 40\n// bug: fin.retransmits == 0\n0 close(3) = 0\n",
		      (struct expected){ "CHANGED", "fin.retransmits is 8 (ok: fin.retransmits >= 40); fin.retransmits is 8 (bug: fin.retransmits == 0); "
					 "FIN retransmitted at 0.30 0.90 2.10 … 76.5 s, gaps double", NULL, NULL, FALSE });
	check_closing(REFUSAL_NONE, "6.1.0", HEADER "// ok: fin.sent >= 1\n// bug: fin.sent >= 1\n0 close(3) = 0\n",
		      (struct expected){ "CHANGED", "all ok lines hold and all bug lines too: this case cannot tell them apart", NULL, NULL, FALSE });
	/* Without ok lines the script must pass; without bug lines nothing is BUGGY. */
	check_closing(REFUSAL_HOST_QUEUE, "6.1.0", HEADER "0 close(3) = 0\n",
		      (struct expected){ "FIXED", "timer backed off 8 times, 0 FIN retransmitted: skb still in host queue (-EBUSY, TCPSpuriousRtxHostQueues +8)",
					 "1 FIN", NULL, TRUE });
}

static void test_wire_subject(void)
{
	check_closing(REFUSAL_NONE, "6.1.0", HEADER "// ok: state.closing_s >= 100\n// ok: data.sent == 1\n0 close(3) = 0\n",
		      (struct expected){ "FIXED", "FIN retransmitted at 0.30 0.90 2.10 … 76.5 s, gaps double", "1 data", NULL, TRUE });
}

static void test_close_wait(void)
{
	struct stream stream;
	g_autofree char *folder = stream_folder();

	stream_open(&stream, "6.1.0");
	stream_socket(&stream, 0.2, "packet", (struct sample){ .state = STATE_ESTABLISHED, .rto_us = 200000 });
	stream_packet(&stream, 0.35, FALSE, PACKET_FIN | PACKET_ACK, 1, 0, 1);
	stream_socket(&stream, 0.35, "packet", (struct sample){ .state = STATE_CLOSE_WAIT, .rto_us = 200000 });
	stream_end(&stream, 43200.35, RECORD_END_PASSED);
	stream_cell(folder, &stream, HEADER "// ok: state.last == CLOSE_WAIT\n// ok: state.close_wait_s >= 43200\n// ok: fin.sent == 0\n0 close(3) = 0\n", "");
	stream_close(&stream);
	check(folder, (struct expected){ "FIXED", "no FIN sent, CLOSE_WAIT 43200 s", "0 FIN", "CLOSE_WAIT 43200 s", TRUE });
	stream_remove(folder);
}

/* What went wrong before there was a story to judge. */
static void test_health(void)
{
	static const struct { const char *vm, *console; gboolean damage, end; guint status; const char *outcome, *cause; } samples[] = {
		{ "ended", "[ 1.0] Kernel panic - not syncing: x\n", FALSE, TRUE, RECORD_END_PASSED, "CRASH", "Kernel panic - not syncing: x" },
		{ "stalled", "[ 1.0] BUG: soft lockup\n", FALSE, FALSE, 0, "CRASH", "BUG: soft lockup" },
		{ "crashed", "", TRUE, FALSE, 0, "CRASH", "guest ended before the script did: why" },
		{ "stalled", "", FALSE, FALSE, 0, "BROKEN", "vm stalled: why" },
		{ "deadline", "", FALSE, TRUE, RECORD_END_PASSED, "BROKEN", "vm deadline: why" },
		{ "broken", "", FALSE, FALSE, 0, "BROKEN", "vm broken: why" },
		{ "ended", "", TRUE, TRUE, RECORD_END_PASSED, "BROKEN", "record stream damaged after 4 records, at byte 147: the stream ends inside a record" },
		{ "ended", "", FALSE, FALSE, 0, "BROKEN", "record stream has no end record" },
		{ "ended", "", FALSE, TRUE, RECORD_END_FAILED, "BROKEN", "the agent ended with status \"failed\" and did not say why" },
		{ "ended", "", FALSE, TRUE, RECORD_END_MISMATCHED, "CHANGED", "script.passed is 0 (ok: script.passed == 1); no FIN sent" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *folder = stream_folder();
		g_autofree char *vm = g_strdup_printf("{\"status\": \"%s\", \"detail\": \"why\"}", samples[i].vm);
		struct stream stream;

		stream_open(&stream, "6.1.0");
		if (samples[i].end)
			stream_end(&stream, 1, samples[i].status);
		if (samples[i].damage)
			g_byte_array_append(stream.bytes, (const guint8 *)"FR", 2);
		stream_cell(folder, &stream, HEADER "0 close(3) = 0\n", samples[i].console);
		stream_put(folder, "1-vm.json", vm, -1);
		stream_close(&stream);
		check(folder, (struct expected){ samples[i].outcome, samples[i].cause, NULL, NULL, FALSE });
		stream_remove(folder);
	}
}

/* A statement of the script as the agent records it. */
static void add_assertion(struct stream *stream, double t_s, const char *comparison)
{
	record_begin(&stream_record, RECORD_STATEMENT, stream_clock_ns(t_s));
	record_uint(&stream_record, FIELD_LINE, 7);
	record_uint(&stream_record, FIELD_COLUMN, 1);
	record_text(&stream_record, FIELD_KIND, "own");
	record_text(&stream_record, FIELD_NAME, "assert");
	record_text(&stream_record, FIELD_TEXT, comparison);
	stream_add(stream);
}

/* An assertion counts as an ok line does, and fails by its own name. */
static void test_assertions(void)
{
	static const struct { const char *comparison, *outcome, *cause; } samples[] = {
		{ "script.passed == 1", "FIXED", "" }, { "script.mismatches > 0", "CHANGED", "script.mismatches is 0 (assert: script.mismatches > 0)" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *folder = stream_folder(), *text = NULL;
		g_autoptr(JsonObject) verdict = NULL;
		struct stream stream;

		stream_open(&stream, "6.1.0");
		add_assertion(&stream, 0.5, samples[i].comparison);
		stream_end(&stream, 1, RECORD_END_PASSED);
		stream_cell(folder, &stream, "0 mark a\n", "");
		stream_close(&stream);
		verdict = judge(folder, NULL);
		g_assert_cmpstr(artefact_string(verdict, "outcome"), ==, samples[i].outcome);
		g_assert_nonnull(strstr(artefact_string(verdict, "cause"), samples[i].cause));
		text = stream_get(folder, "5-verdict.json", NULL);
		g_assert_nonnull(strstr(text, "\"kind\": \"assert\""));
		stream_remove(folder);
	}
}

static void test_bad_line(void)
{
	struct stream stream;
	g_autofree char *folder = stream_folder();
	g_autoptr(GError) error = NULL;

	stream_closing(&stream, "6.1.0", REFUSAL_NONE);
	stream_cell(folder, &stream, HEADER "//   ok:  fin.retransmitted >= 4\n0 close(3) = 0\n", "");
	stream_close(&stream);
	g_assert_null(judge(folder, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_true(g_str_has_prefix(error->message, "cases/closing.pkt:3:11: no fact is called \"fin.retransmitted\": expected fin.retransmits"));
	stream_remove(folder);
}

static void test_simple(void)
{
	g_autofree char *folder = stream_folder();
	g_autoptr(GError) error = NULL;

	g_assert_true(verdict_write_simple(folder, "SKIP", "linux-2.6.32.tar.xz cannot be fetched", &error));
	g_autofree char *text = stream_get(folder, "5-verdict.json", NULL);
	g_assert_cmpstr(text, ==, "{\n  \"kernel\": null,\n  \"case\": null,\n  \"outcome\": \"SKIP\",\n"
				  "  \"cause\": \"linux-2.6.32.tar.xz cannot be fetched\",\n  \"expect\": null,\n  \"as_expected\": true\n}\n");
	stream_put(folder, "0-cell.json", "{\"kernel\": \"k\", \"case\": \"c\", \"expect\": \"buggy\", \"predicted\": true}", -1);
	g_assert_true(verdict_write_simple(folder, "BUGGY", "because", &error));
	g_autofree char *predicted = stream_get(folder, "5-verdict.json", NULL);
	g_assert_nonnull(strstr(predicted, "\"expect\": \"buggy\",\n  \"predicted\": true,\n  \"as_expected\": true"));
	g_assert_false(verdict_write_simple(folder, "GREAT", "x", &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	stream_remove(folder);
}

static void test_expectations(void)
{
	for (guint outcome = 0; outcome < VERDICT_OUTCOME_COUNT; outcome++) {
		g_assert_cmpint(verdict_of_name(verdict_name(outcome)), ==, outcome);
		g_assert_cmpint(verdict_as_expected(outcome, "fixed"), ==, outcome == VERDICT_FIXED || outcome == VERDICT_SKIP);
		g_assert_cmpint(verdict_as_expected(outcome, "buggy"), ==, outcome == VERDICT_BUGGY || outcome == VERDICT_SKIP);
		g_assert_cmpint(verdict_as_expected(outcome, NULL), ==, outcome <= VERDICT_BUGGY || outcome == VERDICT_SKIP);
	}
	g_assert_cmpint(verdict_of_name("fixed"), ==, VERDICT_OUTCOME_COUNT);
	g_assert_cmpint(verdict_of_name(NULL), ==, VERDICT_OUTCOME_COUNT);
}

/* The cases that come with finrig compare facts that exist. */
static void test_own_cases(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names = case_names("cases", &error);

	g_assert_no_error(error);
	g_assert_cmpuint(names->len, >, 0);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *path = g_strdup_printf("cases/%s.pkt", (char *)names->pdata[i]);
		g_autoptr(test_case_t) test_case = case_read(path, "cases", &error);

		g_assert_no_error(error);
		g_assert_true(verdict_check_case(test_case, &error));
		g_assert_no_error(error);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/verdict/comparisons", test_comparisons);
	g_test_add_func("/verdict/assertions", test_assertions);
	g_test_add_func("/verdict/errors", test_errors);
	g_test_add_func("/verdict/wild-lines", test_wild_lines);
	g_test_add_func("/verdict/outcomes", test_outcomes);
	g_test_add_func("/verdict/wire-subject", test_wire_subject);
	g_test_add_func("/verdict/close-wait", test_close_wait);
	g_test_add_func("/verdict/health", test_health);
	g_test_add_func("/verdict/bad-line", test_bad_line);
	g_test_add_func("/verdict/simple", test_simple);
	g_test_add_func("/verdict/expectations", test_expectations);
	g_test_add_func("/verdict/own-cases", test_own_cases);
	return g_test_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_code - code blocks of scripts: what holds, what does not, where and why, and what the analysis says of it
 */
#include "analyze.h"
#include "artefact.h"
#include "capture.h"
#include "code_bench.h"
#include "error.h"

static void test_passing(void)
{
	static const char *const blocks[] = {
		" assert tcpi_snd_cwnd == 11 ", "assert tcpi_snd_cwnd == 11, tcpi_snd_cwnd; assert tcpi_rto > 200000",
		" assert tcpi_state == TCP_ESTABLISHED and tcpi_ca_state == TCP_CA_Loss ",
		" assert tcpi_options & TCPI_OPT_SACK and not tcpi_options & TCPI_OPT_ECN ",
		" assert tcpi_pacing_rate == 2**64 - 1 ", " assert SK_MEMINFO_SNDBUF == 87040 and SK_MEMINFO_FWD_ALLOC == -1 ",
		" assert cc == 'bbr ' + chr(34) + 'two' + chr(34) + ' ' + chr(92), cc ",
		"\nassert tcpi_state == 1\nif tcpi_snd_cwnd > 1:\n  assert tcpi_rto\n",
		"\n   x = 1\n   if x:\n     assert x\n", " x = 1\n   \n   y = x\n   assert y == 1 ", "", "   ", "# nothing but a comment",
		"import math; assert math.sqrt(4) == 2", "assert __name__ == '__main__'", "\tassert True\r\n", "assert '你好' != ''",
		" assert tcpi_rto;\\\n  assert tcpi_state == 1;\\\n", "assert tcpi_rto;\\",
	};
	struct bench bench;

	bench_open(&bench);
	for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++)
		bench_add(&bench, blocks[i]);
	bench_run(&bench, GENEROUS_US);
	for (guint i = 0; i < bench.blocks; i++) {
		assert_outcome(&bench, i, CODE_PASSED);
		g_assert_null(result(&bench, i)->message);
	}
	bench_close(&bench);
}

/* Constants against the kernel's own headers would need headers newer than Debian 12's: the numbers themselves. */
static void test_constants(void)
{
	struct bench bench;

	bench_open(&bench);
	bench_add_with(&bench,
		"assert [TCP_ESTABLISHED, TCP_SYN_SENT, TCP_SYN_RECV, TCP_FIN_WAIT1, TCP_FIN_WAIT2, TCP_TIME_WAIT, TCP_CLOSE, TCP_CLOSE_WAIT,"
		" TCP_LAST_ACK, TCP_LISTEN, TCP_CLOSING, TCP_NEW_SYN_RECV] == list(range(1, 13))\n"
		"assert [TCP_CA_Open, TCP_CA_Disorder, TCP_CA_CWR, TCP_CA_Recovery, TCP_CA_Loss] == list(range(5))\n"
		"assert [TCPI_OPT_TIMESTAMPS, TCPI_OPT_SACK, TCPI_OPT_WSCALE, TCPI_OPT_ECN, TCPI_OPT_ECN_SEEN, TCPI_OPT_SYN_DATA,"
		" TCPI_OPT_USEC_TS, TCPI_OPT_TFO_CHILD] == [2**i for i in range(8)]\n"
		"assert [TCPI_ECN_MODE_DISABLED, TCPI_ECN_MODE_RFC3168, TCPI_ECN_MODE_ACCECN, TCPI_ECN_MODE_PENDING] == list(range(4))\n"
		"assert [TCP_ACCECN_OPT_NOT_SEEN, TCP_ACCECN_OPT_EMPTY_SEEN, TCP_ACCECN_OPT_COUNTER_SEEN, TCP_ACCECN_OPT_FAIL_SEEN] == list(range(4))\n"
		"assert [TCP_ACCECN_ACE_FAIL_SEND, TCP_ACCECN_ACE_FAIL_RECV, TCP_ACCECN_OPT_FAIL_SEND, TCP_ACCECN_OPT_FAIL_RECV] == [1, 2, 4, 8]\n"
		"assert [TFO_STATUS_UNSPEC, TFO_COOKIE_UNAVAILABLE, TFO_DATA_NOT_ACKED, TFO_SYN_RETRANSMITTED] == list(range(4))\n", NULL);
	bench_run(&bench, GENEROUS_US);
	assert_outcome(&bench, 0, CODE_PASSED);
	bench_close(&bench);
}

static void test_failing(void)
{
	struct bench bench;

	bench_open(&bench);
	bench_add(&bench, " assert tcpi_snd_cwnd == 10 ");                                    /* line 2 */
	bench_add(&bench, " assert tcpi_rto; assert tcpi_ca_state == TCP_CA_Open, 'state' "); /* line 3 */
	bench_add(&bench, "\n  n = 10\n  assert n == 10\n  assert tcpi_snd_cwnd == n, tcpi_snd_cwnd\n"); /* line 4, fails in 7 */
	bench_add(&bench, "\nfor i in range(3):\n\tif i == 2:\n\t\tassert i < 2, (i, tcpi_rto)\n");  /* line 9, fails in 12 */
	bench_add(&bench, "assert (tcpi_rto >\n  204000), 'too '\\\n 'small'");               /* line 14 */
	bench_add(&bench, "assert False");                                                    /* line 17 */
	bench_add(&bench, "assert '你' == '好'; assert len([1]) == 2, 'é'");                    /* line 18 */
	bench_run(&bench, GENEROUS_US);
	assert_fails(&bench, 0, 2, 7, "assert tcpi_snd_cwnd == 10: tcpi_snd_cwnd is 11");
	assert_fails(&bench, 1, 3, 24, "assert tcpi_ca_state == TCP_CA_Open: state; tcpi_ca_state is 4 (TCP_CA_Loss), TCP_CA_Open is 0");
	assert_fails(&bench, 2, 7, 3, "assert tcpi_snd_cwnd == n: tcpi_snd_cwnd is 11, n is 10");
	assert_fails(&bench, 3, 12, 3, "assert i < 2: i is 2, tcpi_rto is 204000");
	assert_fails(&bench, 4, 14, 6, "assert tcpi_rto > 204000: too small; tcpi_rto is 204000");
	assert_fails(&bench, 5, 17, 6, "assert False: does not hold");
	assert_fails(&bench, 6, 18, 6, "assert '你' == '好': does not hold");
	bench_close(&bench);
}

static void test_exceptions(void)
{
	struct bench bench;

	bench_open(&bench);
	bench_add(&bench, "\nx = 1\ny = x / 0\n");                                        /* fails in 4 */
	bench_add(&bench, " assert nothing == 1 ");                                       /* 6 */
	bench_add(&bench, " assert tcpi_rcv_wnd > 0 ");                                   /* 7 */
	bench_add_with(&bench, " assert tcpi_snd_cwnd == 11 ", NULL);                     /* 8 */
	bench_add(&bench, "raise AssertionError('by hand')");                             /* 9 */
	bench_add(&bench, "if [].pop():\n  pass");                                        /* 10 */
	bench_add(&bench, "class E(Exception):\n  def __str__(self): raise self\nraise E()"); /* 12, fails in 14 */
	bench_add(&bench, "def f(): f()\nf()");                                           /* 15 */
	bench_run(&bench, GENEROUS_US);
	assert_fails(&bench, 0, 4, 1, "y = x / 0: ZeroDivisionError: division by zero");
	assert_fails(&bench, 1, 6, 7, "assert nothing == 1: NameError: name 'nothing' is not defined");
	assert_fails(&bench, 2, 7, 7, "assert tcpi_rcv_wnd > 0: NameError: tcpi_rcv_wnd is unknown: the kernel did not tell it");
	assert_fails(&bench, 3, 8, 7, "assert tcpi_snd_cwnd == 11: NameError: tcpi_snd_cwnd is unknown: there was no TCP socket to ask "
		     "when this code was reached");
	assert_fails(&bench, 4, 9, 6, "raise AssertionError('by hand'): AssertionError: by hand");
	assert_fails(&bench, 5, 10, 9, "if [].pop(): IndexError: pop from empty list");
	assert_fails(&bench, 6, 14, 1, "raise E(): E: a value that cannot be shown (E)");
	g_assert_nonnull(strstr(result(&bench, 7)->message, "RecursionError: "));
	bench_close(&bench);
}

static void test_syntax(void)
{
	struct bench bench;

	bench_open(&bench);
	bench_add(&bench, " assert tcpi_snd_cwnd = 10 ");       /* 2 */
	bench_add(&bench, "\n  x = 1\n  y = '你' )\n");          /* 3, fails in 5 */
	bench_add(&bench, "x = 1\n  y = 2\n z = 3");            /* 7, whose margins do not agree: fails in 8 */
	bench_add(&bench, "return 1");                          /* 10 */
	bench_add(&bench, "assert True");
	bench_run(&bench, GENEROUS_US);
	assert_outcome(&bench, 0, CODE_FAILED);
	g_assert_true(g_str_has_prefix(result(&bench, 0)->message, "assert tcpi_snd_cwnd = 10: SyntaxError: "));
	g_assert_cmpint(result(&bench, 0)->at_line, ==, 2);
	assert_fails(&bench, 1, 5, 13, "y = '你' ): SyntaxError: unmatched ')'");
	assert_fails(&bench, 2, 8, 3, "y = 2: IndentationError: unexpected indent");
	assert_fails(&bench, 3, 10, 6, "return 1: SyntaxError: 'return' outside function");
	assert_outcome(&bench, 4, CODE_PASSED);
	bench_close(&bench);
}

/* One namespace for all blocks, but each has its own values: none of an older moment. */
static void test_namespace(void)
{
	struct bench bench;

	bench_open(&bench);
	bench_add_with(&bench, "before = tcpi_snd_cwnd\ndef check(most):\n  assert tcpi_snd_cwnd <= most", "tcpi_snd_cwnd=10"); /* 2 */
	bench_add_with(&bench, "assert tcpi_snd_cwnd == before * 2", "tcpi_snd_cwnd=20\n");
	bench_add_with(&bench, "check(29)", "tcpi_snd_cwnd=30");
	bench_add_with(&bench, "tcpi_snd_cwnd", "tcpi_rto=1");
	bench_run(&bench, GENEROUS_US);
	assert_outcome(&bench, 0, CODE_PASSED);
	assert_outcome(&bench, 1, CODE_PASSED);
	assert_fails(&bench, 2, 4, 3, "assert tcpi_snd_cwnd <= most: tcpi_snd_cwnd is 30, most is 29");
	assert_fails(&bench, 3, 7, 6, "tcpi_snd_cwnd: NameError: tcpi_snd_cwnd is unknown: the kernel did not tell it");
	bench_close(&bench);
}

static void test_log(void)
{
	struct bench bench;
	const GPtrArray *log;

	bench_open(&bench);
	bench_add(&bench, "print('cwnd', tcpi_snd_cwnd); print('a\\tb\\x1b[1m'); print('c', end='')");
	bench_add(&bench, "import sys; print('d', file=sys.stderr); print({'x', 'y', 'z'}); assert False");
	bench_add(&bench, "assert (tcpi_rto == 1, 'never fails')");
	bench_run(&bench, GENEROUS_US);
	log = result(&bench, 0)->log;
	g_assert_cmpuint(log->len, ==, 3);
	g_assert_cmpstr(log->pdata[0], ==, "cwnd 11");
	g_assert_cmpstr(log->pdata[1], ==, "a b\\x1b[1m");
	g_assert_cmpstr(log->pdata[2], ==, "c");
	g_assert_cmpuint(result(&bench, 1)->log->len, ==, 2);
	assert_outcome(&bench, 1, CODE_FAILED);
	g_assert_cmpuint(result(&bench, 2)->log->len, ==, 1);
	g_assert_true(g_str_has_prefix(result(&bench, 2)->log->pdata[0], "SyntaxWarning: assertion is always true"));
	bench_close(&bench);
}

/* No two runs differ, not even in the order of a set. */
static void test_same_again(void)
{
	g_autofree char *first = message_of("s = {'a', 'b', 'c', 'd', 'e', tcpi_rto}; assert not s");

	for (guint i = 0; i < 3; i++) {
		g_autofree char *again = message_of("s = {'a', 'b', 'c', 'd', 'e', tcpi_rto}; assert not s");

		g_assert_cmpstr(again, ==, first);
	}
}

/* The cell's environment: PATH without python, before and with code in the script. */
static void test_no_python(void)
{
	g_autofree char *path = g_strdup(g_getenv("PATH"));
	g_autoptr(GError) error = NULL;
	struct bench bench;

	g_setenv("PATH", "", TRUE);
	bench_open(&bench);
	bench_run(&bench, GENEROUS_US);
	bench_close(&bench);
	bench_open(&bench);
	bench_add(&bench, "assert True");
	bench_write(&bench);
	g_assert_true(capture_stage(bench.folder, &error));
	g_assert_false(analyze_stage(bench.folder, &error));
	g_setenv("PATH", path, TRUE);
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_assert_nonnull(strstr(error->message, "python3 is not installed"));
	g_assert_nonnull(strstr(error->message, "Debian package python3"));
	bench_close(&bench);
}

/* A python3 that is none. */
static void test_bad_python(void)
{
	g_autofree char *folder = stream_folder(), *file = g_build_filename(folder, "python3", NULL), *path = g_strdup(g_getenv("PATH"));
	g_autoptr(GError) error = NULL;
	struct bench bench;

	stream_put(folder, "python3", "#!/bin/sh\necho hello\necho 'no module named json' >&2\nexit 1\n", -1);
	g_assert_cmpint(g_chmod(file, 0755), ==, 0);
	bench_open(&bench);
	bench_add(&bench, "assert True");
	bench_write(&bench);
	bench.events = event_read(bench.folder, &error);
	g_setenv("PATH", folder, TRUE);
	g_assert_null(code_evaluate(bench.folder, bench.events, GENEROUS_US, &error));
	g_setenv("PATH", path, TRUE);
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_assert_cmpstr(error->message, ==, "python3 did not start: no module named json");
	bench_close(&bench);
	stream_remove(folder);
}

static void add_mismatch(struct bench *bench, double t_s, const char *text)
{
	record_begin(&stream_record, RECORD_MISMATCH, stream_clock_ns(t_s));
	record_text(&stream_record, FIELD_FILE, "cases/closing.pkt");
	record_uint(&stream_record, FIELD_LINE, 1);
	record_text(&stream_record, FIELD_TEXT, text);
	stream_add(&bench->stream);
}

static JsonObject *analyze(struct bench *bench)
{
	g_autoptr(GError) error = NULL;

	bench_write(bench);
	if (!capture_stage(bench->folder, &error) || !analyze_stage(bench->folder, &error))
		g_error("%s", error->message);
	return artefact_read_json(bench->folder, "4-analysis.json", NULL);
}

/* Failed code counts among the mismatches, in the order of time. */
static void test_analysis(void)
{
	struct bench bench;
	g_autoptr(JsonObject) analysis = NULL;
	g_autoptr(facts_t) facts = NULL;
	JsonArray *list;
	JsonObject *second;

	bench_open(&bench);
	bench_add(&bench, " assert tcpi_snd_cwnd == 11; print('one')");
	bench_add(&bench, "\n  assert tcpi_snd_cwnd == 10\n");
	add_mismatch(&bench, 1, "later");
	analysis = analyze(&bench);
	facts = facts_from_json(analysis);
	g_assert_cmpfloat(facts_number_of(facts, "script.mismatches", -1), ==, 2);
	g_assert_cmpfloat(facts_number_of(facts, "script.passed", -1), ==, 0);
	g_assert_cmpstr(facts_text_of(facts, "script.first_mismatch"), ==,
			"cases/closing.pkt:4:3: assert tcpi_snd_cwnd == 10: tcpi_snd_cwnd is 11");
	list = facts_list(facts, "code");
	g_assert_cmpuint(json_array_get_length(list), ==, 2);
	second = json_array_get_object_element(list, 1);
	g_assert_cmpstr(artefact_string(json_array_get_object_element(list, 0), "outcome"), ==, "passed");
	g_assert_null(artefact_string(json_array_get_object_element(list, 0), "message"));
	g_assert_cmpstr(artefact_string(second, "outcome"), ==, "failed");
	g_assert_cmpint(artefact_int(second, "line", 0), ==, 4);
	g_assert_cmpstr(artefact_string(second, "message"), ==,
			"cases/closing.pkt:4:3: assert tcpi_snd_cwnd == 10: tcpi_snd_cwnd is 11");
	bench_close(&bench);
}

static void test_analysis_order(void)
{
	struct bench bench;
	g_autoptr(JsonObject) analysis = NULL;
	g_autoptr(facts_t) facts = NULL;

	bench_open(&bench);
	add_mismatch(&bench, 0.05, "earlier");
	bench_add(&bench, "assert False");
	analysis = analyze(&bench);
	facts = facts_from_json(analysis);
	g_assert_cmpfloat(facts_number_of(facts, "script.mismatches", -1), ==, 2);
	g_assert_cmpstr(facts_text_of(facts, "script.first_mismatch"), ==, "cases/closing.pkt:1: earlier");
	bench_close(&bench);
}

static void test_analysis_passed(void)
{
	struct bench bench;
	g_autoptr(JsonObject) analysis = NULL;
	g_autoptr(facts_t) facts = NULL;

	bench_open(&bench);
	bench_add(&bench, "assert tcpi_state == TCP_ESTABLISHED");
	analysis = analyze(&bench);
	facts = facts_from_json(analysis);
	g_assert_cmpfloat(facts_number_of(facts, "script.passed", -1), ==, 1);
	g_assert_cmpfloat(facts_number_of(facts, "script.mismatches", -1), ==, 0);
	bench_close(&bench);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/code/passing", test_passing);
	g_test_add_func("/code/constants", test_constants);
	g_test_add_func("/code/failing", test_failing);
	g_test_add_func("/code/exceptions", test_exceptions);
	g_test_add_func("/code/syntax", test_syntax);
	g_test_add_func("/code/namespace", test_namespace);
	g_test_add_func("/code/log", test_log);
	g_test_add_func("/code/same-again", test_same_again);
	g_test_add_func("/code/no-python", test_no_python);
	g_test_add_func("/code/bad-python", test_bad_python);
	g_test_add_func("/code/analysis", test_analysis);
	g_test_add_func("/code/analysis-order", test_analysis_order);
	g_test_add_func("/code/analysis-passed", test_analysis_passed);
	return g_test_run();
}

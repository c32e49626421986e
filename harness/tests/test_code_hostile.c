/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_code_hostile - code blocks that do not end, end python, flood or lie, and records that no agent wrote
 */
#include "code_bench.h"

#include <stdlib.h>
#include <unistd.h>

#include "error.h"

static void test_endless(void)
{
	struct bench bench;

	bench_open(&bench);
	bench_add(&bench, "print('fine')");
	bench_add(&bench, "\n\n  while True: pass\n"); /* 3, code in 5 */
	bench_add(&bench, "assert True");
	bench_run(&bench, G_USEC_PER_SEC * 3 / 2);
	assert_outcome(&bench, 0, CODE_PASSED);
	assert_fails(&bench, 1, 5, 3, "this code did not end: all code of a script has 1.5 s; python3 was stopped");
	assert_outcome(&bench, 2, CODE_UNEVALUATED);
	g_assert_cmpstr(result(&bench, 2)->message, ==, "not evaluated: the code at line 5 ended python3");
	bench_close(&bench);
}

static void test_ends_python(void)
{
	static const struct { const char *text, *message; } samples[] = {
		{ "import os; os._exit(0)", "this code ended python3 with exit code 0" },
		{ "import os; os._exit(3)", "this code ended python3 with exit code 3" },
		{ "import os; os.abort()", "this code ended python3 by signal 6 (Aborted)" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct bench bench;

		bench_open(&bench);
		bench_add(&bench, "assert True");
		bench_add(&bench, samples[i].text);
		bench_add(&bench, "assert False");
		bench_run(&bench, GENEROUS_US);
		assert_outcome(&bench, 0, CODE_PASSED);
		assert_fails(&bench, 1, 3, 6, samples[i].message);
		assert_outcome(&bench, 2, CODE_UNEVALUATED);
		bench_close(&bench);
	}
}

static void test_sys_exit(void)
{
	static const char *const blocks[] = { "import sys; sys.exit(0)", "raise SystemExit", "import sys; sys.exit('x')", "quit = 1; exit()" };
	struct bench bench;

	bench_open(&bench);
	for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++)
		bench_add(&bench, blocks[i]);
	bench_add(&bench, "raise KeyboardInterrupt");
	bench_add(&bench, "assert True");
	bench_run(&bench, GENEROUS_US);
	assert_fails(&bench, 0, 2, 18, "sys.exit(0): SystemExit: code must not end python, the code after it would go unchecked");
	for (guint i = 0; i < 5; i++)
		assert_outcome(&bench, i, CODE_FAILED);
	assert_outcome(&bench, 5, CODE_PASSED);
	bench_close(&bench);
}

/* print() is bounded, and so are values, messages, memory and what goes past print(). */
static void test_huge(void)
{
	struct bench bench;
	gsize total = 0;

	bench_open(&bench);
	bench_add(&bench, "for i in range(300000): print('x' * 20)");
	bench_add(&bench, "print('y' * 1000000)");
	bench_add(&bench, "n = 'z' * 1000000; assert n == 0");
	bench_add(&bench, "raise ValueError('w' * 1000000)");
	bench_add(&bench, "b = bytearray(1 << 40)");
	bench_add(&bench, "import os\nfor i in range(100): os.write(1, b'v' * 4096)");
	bench_add(&bench, "n = 1 << 100000; assert not n");
	bench_add(&bench, "x = 1");
	bench_run(&bench, GENEROUS_US);
	for (guint i = 0; i < 2; i++)
		for (guint j = 0; j < result(&bench, i)->log->len; j++)
			total += strlen(result(&bench, i)->log->pdata[j]);
	g_assert_cmpuint(total, <, 70000);
	g_assert_cmpstr(result(&bench, 1)->log->pdata[0], ==, "(and 1000001 characters more)");
	for (guint i = 2; i < 5; i++) {
		assert_outcome(&bench, i, CODE_FAILED);
		g_assert_cmpuint(strlen(result(&bench, i)->message), <, 700);
	}
	g_assert_cmpstr(result(&bench, 4)->message, ==, "b = bytearray(1 << 40): MemoryError");
	assert_outcome(&bench, 5, CODE_PASSED);
	assert_outcome(&bench, 6, CODE_FAILED);
	g_assert_cmpstr(result(&bench, 6)->message, ==, "assert not n: n is a value that cannot be shown (ValueError)");
	assert_outcome(&bench, 7, CODE_PASSED);
	bench_close(&bench);
}

/* Finds the pipe the answers go through. */
static const char finds_pipe[] =
	"import os, stat\nfor fd in range(3, 64):\n  try:\n    if stat.S_ISFIFO(os.fstat(fd).st_mode): break\n  except OSError: pass\n";

static void test_forged(void)
{
	static const struct { const char *text, *message; } samples[] = {
		{ "while True: os.write(fd, b'x' * 4096)", "this code wrote where only answers about code belong; python3 was stopped" },
		{ "os.write(fd, b'nonsense' + bytes([10])); os._exit(0)", "this code ended python3 with exit code 0" },
		{ "os.write(fd, b'[1, [2]]' + bytes([10])); os._exit(0)", "this code ended python3 with exit code 0" },
		{ "os.write(fd, b'{\"place\": [7, 1, 1], \"message\": \"\"}' + bytes([10])); os._exit(0)", "this code ended python3 with exit code 0" },
		{ "os.write(fd, b'{\"place\": [{}, [], null], \"message\": []}' + bytes([10])); os._exit(0)", "this code ended python3 with exit code 0" },
		{ "os.write(fd, b'{\"place\": [0, 9223372036854775807, 1], \"message\": \"\"}' + bytes([10])); os._exit(0)", "this code ended python3 with exit code 0" },
		{ "os.close(fd)", "this code ended python3 with exit code 1" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *text = g_strconcat(finds_pipe, samples[i].text, NULL), *message = message_of(text);

		/* Once its pipe is closed python is killed or ends by itself, whichever comes first. */
		if (!g_str_has_prefix(samples[i].text, "os.close"))
			g_assert_cmpstr(message, ==, samples[i].message);
		else
			g_assert_true(g_str_has_prefix(message, "this code ended python3 "));
	}
}

/* Accidents are kept off: nothing is written, started or asked of a network. */
static void test_denied(void)
{
	g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "made", NULL);
	g_autofree char *writes = g_strdup_printf("open('%s', 'w')", path), *makes = g_strdup_printf("import os; os.mkdir('%s')", path);
	const char *const blocks[] = {
		writes, makes, "import os; os.system('true')", "import os; os.fork()", "import subprocess; subprocess.run(['true'])",
		"import socket; socket.socket()", "import os; os.kill(os.getppid(), 0)", "import ctypes; ctypes.CDLL(None)",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++) {
		g_autofree char *message = message_of(blocks[i]);

		if (!g_str_has_suffix(message, ": PermissionError: code in a script may neither write files nor start programs nor use the network"))
			g_error("%s: %s", blocks[i], message);
	}
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	stream_remove(folder);
}

static void test_hostile_values(void)
{
	static const char *const samples[] = {
		"tcpi_rto", "=1", "tcpi_rto=", "tcpi_rto=x", "tcpi_rto=1x", "tcpi_rto=1 \n", "tcpi rto=1", "__builtins__=1", "_x=1", "1x=1",
		"a=007", "a=--1", "a=-", "a=1.5", "a=\"x", "a=\"x\\\"", "a=\"x\"y", "a=\"x\ny\"", "a=1\n\nb=2", "a=123456789012345678901", "\n",
		"a=0x10", "a=1,\"b\":2", "a-b=1",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct bench bench;
		g_autoptr(GError) error = NULL;

		bench_open(&bench);
		bench_add_with(&bench, "assert True", samples[i]);
		bench_write(&bench);
		bench.events = event_read(bench.folder, &error);
		g_assert_no_error(error);
		bench.results = code_evaluate(bench.folder, bench.events, GENEROUS_US, &error);
		if (bench.results)
			g_error("taken: %s", samples[i]);
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
		g_assert_true(g_str_has_prefix(error->message, "2-events.jsonl: code at line 2 of the script: values, line "));
		bench_close(&bench);
	}
}

/* Records that lack fields, or point to where the script is not; and a cell without its script. */
static void test_hostile_records(void)
{
	static const struct { gint64 line, column; } places[] = { { 0, 0 }, { 2, 1 }, { 99, 1 }, { 1, 1000000 }, { G_MAXINT64, G_MAXINT64 } };
	struct bench bench;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;

	bench_open(&bench);
	record_begin(&stream_record, RECORD_CODE, stream_clock_ns(0));
	stream_add(&bench.stream);
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		record_begin(&stream_record, RECORD_CODE, stream_clock_ns(1));
		record_uint(&stream_record, FIELD_LINE, (guint64)places[i].line);
		record_uint(&stream_record, FIELD_COLUMN, (guint64)places[i].column);
		record_text(&stream_record, FIELD_TEXT, "assert \xff");
		stream_add(&bench.stream);
	}
	bench.blocks = 1 + G_N_ELEMENTS(places);
	bench_run(&bench, GENEROUS_US);
	assert_outcome(&bench, 0, CODE_PASSED);
	for (guint i = 1; i < bench.blocks; i++)
		assert_outcome(&bench, i, CODE_FAILED);
	path = g_build_filename(bench.folder, "0-case.pkt", NULL);
	g_assert_cmpint(g_remove(path), ==, 0);
	g_ptr_array_unref(bench.results);
	bench.results = code_evaluate(bench.folder, bench.events, GENEROUS_US, &error);
	g_assert_no_error(error);
	g_assert_cmpint(result(&bench, 2)->line, ==, 2);
	bench_close(&bench);
}

/* TRUE if any process has python's input of ours open: what the python of a cell would leave behind. */
static gboolean any_python_left(void)
{
	GDir *processes = g_dir_open("/proc", 0, NULL);
	const char *name;
	gboolean found = FALSE;

	while (!found && (name = g_dir_read_name(processes))) {
		g_autofree char *path = g_strdup_printf("/proc/%s/fd/0", name), *target = g_file_read_link(path, NULL);
		g_autofree char *parent_path = g_strdup_printf("/proc/%s/stat", name), *stat = NULL;

		if (target && g_str_has_prefix(target, "/memfd:finrig-code") && g_file_get_contents(parent_path, &stat, NULL, NULL)) {
			const char *after = strrchr(stat, ')');

			found = after && atoi(after + 4) == (int)getpid();
		}
	}
	g_dir_close(processes);
	return found;
}

static void test_nothing_left(void)
{
	struct bench bench;

	bench_open(&bench);
	bench_add(&bench, "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nos.setpgid(0, os.getpgid(os.getppid()))\n");
	bench_add(&bench, "import time\ntime.sleep(1000)");
	bench_run(&bench, G_USEC_PER_SEC);
	assert_outcome(&bench, 0, CODE_PASSED); /* it did leave its process group */
	assert_outcome(&bench, 1, CODE_FAILED);
	g_assert_false(any_python_left());
	bench_close(&bench);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/code-hostile/endless", test_endless);
	g_test_add_func("/code-hostile/ends-python", test_ends_python);
	g_test_add_func("/code-hostile/sys-exit", test_sys_exit);
	g_test_add_func("/code-hostile/huge", test_huge);
	g_test_add_func("/code-hostile/forged", test_forged);
	g_test_add_func("/code-hostile/denied", test_denied);
	g_test_add_func("/code-hostile/hostile-values", test_hostile_values);
	g_test_add_func("/code-hostile/hostile-records", test_hostile_records);
	g_test_add_func("/code-hostile/nothing-left", test_nothing_left);
	return g_test_run();
}

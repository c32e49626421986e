/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_report - reports' text, and a whole recorded run through every stage after vm, byte by byte
 * FINRIG_ACCEPT=1 writes what the stages make into golden/run instead of comparing: then review the difference with git.
 */
#include <locale.h>
#include <stdio.h>

#include "analyze.h"
#include "artefact.h"
#include "capture.h"
#include "diff.h"
#include "error.h"
#include "markup.h"
#include "report.h"
#include "rerun.h"
#include "stream.h"
#include "time_axis.h"
#include "verdict.h"

static const char golden[] = "harness/tests/golden/run";

static void copy_file(const char *from, const char *to, const char *name)
{
	g_autofree char *path = g_build_filename(from, name, NULL), *data = NULL;
	gsize length;

	if (g_file_get_contents(path, &data, &length, NULL))
		stream_put(to, name, data, (gssize)length);
}

/* Everything but what the stages here make. */
static void copy_inputs(const char *from, const char *to)
{
	static const char *const names[] = { "0-cell.json", "0-case.pkt", "1-vm.json", "1-console.log", "1-records.bin" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		copy_file(from, to, names[i]);
}

static gboolean has(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

static gboolean stages(const char *cell, GError **error)
{
	return event_stage(cell, error) && capture_stage(cell, error) && analyze_stage(cell, error) && verdict_stage(cell, error);
}

static void run_cells(const char *run_dir)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(run_summary_t) plan = report_read(run_dir, &error);

	g_assert_no_error(error);
	for (guint i = 0; i < plan->cells->len; i++) {
		const struct report_cell *cell = plan->cells->pdata[i];
		g_autofree char *from = g_build_filename(golden, cell->directory, NULL), *to = g_build_filename(run_dir, cell->directory, NULL);

		if (!g_str_equal(run_dir, golden))
			copy_inputs(from, to);
		if (has(to, "1-records.bin"))
			stages(to, &error);
		else
			verdict_write_simple(to, "SKIP", "linux-2.6.32.tar.xz cannot be fetched; put it in a folder and pass --tarballs DIR", &error);
		g_assert_no_error(error);
	}
	g_assert_true(diff_stage(run_dir, &error));
	g_assert_true(report_stage(run_dir, &error));
	g_assert_no_error(error);
}

static guint compare_folders(const char *expected, const char *actual)
{
	g_autoptr(GDir) dir = g_dir_open(expected, 0, NULL);
	const char *name;
	guint files = 0;

	while ((name = g_dir_read_name(dir))) {
		g_autofree char *left = g_build_filename(expected, name, NULL), *right = g_build_filename(actual, name, NULL);
		g_autofree char *left_data = NULL, *right_data = NULL;
		gsize left_length = 0, right_length = 0;

		if (g_file_test(left, G_FILE_TEST_IS_DIR)) {
			files += compare_folders(left, right);
			continue;
		}
		if (!g_file_get_contents(left, &left_data, &left_length, NULL) || !g_file_get_contents(right, &right_data, &right_length, NULL))
			g_error("%s: was not made", left);
		if (left_length != right_length || memcmp(left_data, right_data, left_length))
			g_error("%s is not what the stages make now:\n%s", left, g_str_has_suffix(left, ".pcap") ? "(binary)" : right_data);
		files++;
	}
	return files;
}

static void test_golden(void)
{
	g_autofree char *folder = stream_folder(), *run = g_build_filename(folder, "run", NULL);

	if (g_getenv("FINRIG_ACCEPT")) {
		run_cells(golden);
		g_test_skip("FINRIG_ACCEPT: written, not compared");
	} else {
		copy_file(golden, run, "run.json");
		run_cells(run);
		g_assert_cmpuint(compare_folders(golden, run), >=, 20);
	}
	stream_remove(folder);
}

/* The same inputs twice under other locales and clocks: the same bytes. */
static void test_repeatable(void)
{
	g_autofree char *folder = stream_folder(), *one = g_build_filename(folder, "run", NULL), *two = g_build_filename(folder, "2", "run", NULL);

	copy_file(golden, one, "run.json");
	copy_file(golden, two, "run.json");
	run_cells(one);
	setlocale(LC_ALL, "de_DE.UTF-8");
	g_setenv("TZ", "Asia/Kolkata", TRUE);
	run_cells(two);
	setlocale(LC_ALL, "C");
	g_assert_cmpuint(compare_folders(one, two), >=, 20);
	stream_remove(folder);
}

static struct report_cell *new_cell(const char *kernel, const char *test_case, enum verdict_outcome outcome, const char *cause, const char *expect)
{
	struct report_cell *cell = g_new0(struct report_cell, 1);

	*cell = (struct report_cell){ .kernel = kernel, .test_case = test_case, .judged = TRUE, .outcome = outcome,
				      .cause = (char *)cause, .expect = (char *)expect, .as_expected = verdict_as_expected(outcome, expect) };
	return cell;
}

static struct run_summary *new_run(void)
{
	static const char *const kernels[] = { "good", "bad", "gone" };
	struct run_summary *run = g_new0(struct run_summary, 1);

	run->kernels = g_ptr_array_new();
	run->cases = g_ptr_array_new();
	run->cells = g_ptr_array_new_with_free_func(g_free);
	run->diffs = g_ptr_array_new_with_free_func(g_free);
	for (gsize i = 0; i < G_N_ELEMENTS(kernels); i++)
		g_ptr_array_add(run->kernels, (gpointer)kernels[i]);
	g_ptr_array_add(run->cases, (gpointer) "a-case");
	return run;
}

static void free_run(struct run_summary *run)
{
	g_ptr_array_unref(run->kernels);
	g_ptr_array_unref(run->cases);
	g_ptr_array_unref(run->cells);
	g_ptr_array_unref(run->diffs);
	g_free(run);
}

static void check_report(const char *name, struct run_summary *run, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; reports[i]; i++)
		if (g_str_equal(reports[i]->name, name))
			g_assert_true(reports[i]->write(run, text, NULL));
	g_assert_cmpstr(text->str, ==, expected);
}

static void fill(struct run_summary *run)
{
	const char *test_case = run->cases->pdata[0];
	struct report_cell *good = new_cell(run->kernels->pdata[0], test_case, VERDICT_FIXED, "FIN at 0.30 s …", "fixed");
	struct report_cell *bad = new_cell(run->kernels->pdata[1], test_case, VERDICT_BUGGY, "0 FIN: #1\nline", "fixed");
	struct report_diff *diff = g_new0(struct report_diff, 1);

	good->wire = (char *)"10 FIN";
	good->believes = (char *)"9 retransmits rto 76 s";
	bad->wire = (char *)"1 FIN";
	bad->believes = (char *)"8 backoffs";
	*diff = (struct report_diff){ test_case, run->kernels->pdata[0], run->kernels->pdata[1], (char *)"same to packet 8" };
	g_ptr_array_add(run->cells, good);
	g_ptr_array_add(run->cells, bad);
	g_ptr_array_add(run->cells, new_cell(run->kernels->pdata[2], test_case, VERDICT_SKIP, "no source", NULL));
	g_ptr_array_add(run->diffs, diff);
}

static void test_terminal(void)
{
	struct run_summary *run = new_run();

	fill(run);
	check_report("terminal", run,
		     "a-case  wire    kernel believes         verdict\n"
		     "good    10 FIN  9 retransmits rto 76 s  FIXED    FIN at 0.30 s …\n"
		     "bad     1 FIN   8 backoffs              BUGGY    0 FIN: #1\nline [expected fixed]\n"
		     "gone    SKIP: no source\n"
		     "diff good .. bad: same to packet 8\n");
	g_assert_cmpint(report_exit_code(run), ==, 1);
	((struct report_cell *)run->cells->pdata[0])->predicted = TRUE;
	((struct report_cell *)run->cells->pdata[1])->predicted = TRUE;
	((struct report_cell *)run->cells->pdata[2])->predicted = TRUE;
	check_report("terminal", run,
		     "a-case  wire    kernel believes         verdict\n"
		     "good    10 FIN  9 retransmits rto 76 s  FIXED    FIN at 0.30 s … [as predicted]\n"
		     "bad     1 FIN   8 backoffs              BUGGY    0 FIN: #1\nline [expected fixed (predicted)]\n"
		     "gone    SKIP: no source\n"
		     "diff good .. bad: same to packet 8\n");
	run->colour = TRUE;
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; reports[i]; i++)
		if (g_str_equal(reports[i]->name, "terminal"))
			reports[i]->write(run, text, NULL);
	g_assert_nonnull(strstr(text->str, "\033[32mFIXED\033[0m    FIN"));
	free_run(run);
}

static void test_ktap(void)
{
	struct run_summary *run = new_run();

	fill(run);
	check_report("ktap", run,
		     "KTAP version 1\n1..1\n"
		     "    KTAP version 1\n    # Subtest: a-case\n    1..3\n"
		     "    # good: FIXED, expected fixed: FIN at 0.30 s …\n    ok 1 good\n"
		     "    # bad: BUGGY, expected fixed: 0 FIN:  1 line\n    not ok 2 bad\n"
		     "    ok 3 gone # SKIP no source\n"
		     "not ok 1 a-case\n");
	((struct report_cell *)run->cells->pdata[0])->predicted = TRUE;
	check_report("ktap", run,
		     "KTAP version 1\n1..1\n"
		     "    KTAP version 1\n    # Subtest: a-case\n    1..3\n"
		     "    # good: FIXED, expected fixed (predicted): FIN at 0.30 s …\n    ok 1 good\n"
		     "    # bad: BUGGY, expected fixed: 0 FIN:  1 line\n    not ok 2 bad\n"
		     "    ok 3 gone # SKIP no source\n"
		     "not ok 1 a-case\n");
	g_ptr_array_set_size(run->cells, 0);
	g_ptr_array_add(run->cells, new_cell("x", run->cases->pdata[0], VERDICT_SKIP, "no", NULL));
	check_report("ktap", run, "KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: a-case\n    1..1\n    ok 1 x # SKIP no\n"
				  "ok 1 a-case # SKIP no kernel could run it\n");
	free_run(run);
}

static void test_exit_code(void)
{
	struct run_summary *run = new_run();
	const char *test_case = run->cases->pdata[0];

	g_assert_cmpint(report_exit_code(run), ==, 0);
	g_ptr_array_add(run->cells, new_cell("a", test_case, VERDICT_BUGGY, "", "buggy"));
	g_ptr_array_add(run->cells, new_cell("a", test_case, VERDICT_SKIP, "", "buggy"));
	g_assert_cmpint(report_exit_code(run), ==, 0);
	g_ptr_array_add(run->cells, new_cell("a", test_case, VERDICT_CRASH, "", NULL));
	g_assert_cmpint(report_exit_code(run), ==, 1);
	g_ptr_array_add(run->cells, new_cell("a", test_case, VERDICT_BROKEN, "", NULL));
	g_assert_cmpint(report_exit_code(run), ==, 2);
	free_run(run);
}

static void test_markup(void)
{
	static const struct { const char *text, *expected; } rows[] = {
		{ "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&apos;" }, { "\033[31m\001", "\357\277\275[31m\357\277\275" }, { "tab\tline\n", "tab\tline\n" },
		{ "&#x1b;", "&amp;#x1b;" }, { "half \303", "half \357\277\275" }, { "\357\277\276\357\277\277", "\357\277\275\357\277\275" },
		{ "\302\205 \303\251", "\302\205 \303\251" }, { NULL, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) out = g_string_new(NULL);

		markup_text(out, rows[i].text);
		g_assert_cmpstr(out->str, ==, rows[i].expected);
	}
}

static void check_rerun(const char *cell, const char *job, const char *expected)
{
	g_autofree char *folder = stream_folder(), *command = NULL;

	stream_put(folder, "0-cell.json", cell, -1);
	stream_put(folder, "0-job.txt", job, -1);
	stream_put(folder, "0-case.pkt", "// drain: never\n0 close(3) = 0\n", -1);
	command = rerun_command(folder);
	g_assert_cmpstr(command, ==, expected);
	stream_remove(folder);
}

/* Only what is not so by itself is said. */
static void test_rerun(void)
{
	const char *const warped = "\"arguments\": [\"-accel\", \"tcg,thread=single\", \"-icount\", \"shift=3,sleep=off\", \"-m\", \"128\"]";
	g_autofree char *plain = g_strdup_printf("{\"said\": \"k\", \"case\": \"a/b\", \"file\": \"cases/a/b.pkt\", %s}", warped);
	g_autofree char *spec = g_strdup_printf("{\"said\": \"tree:/my tree\", \"case\": \"c.ipv6\", \"file\": \"../c.pkt\", %s}", warped);

	check_rerun(plain, "finrig-job 1\ndrain: never\n\ndrain: always\n", "finrig run --again --kernel k a/b");
	check_rerun(spec, "finrig-job 1\ndrain: after 3s\nseccomp: 2.6.32\noption: ip_version=ipv6\noption: non_fatal=packet\n"
			  "option: tolerance_usecs=4000\n\n",
		    "finrig run --again --kernel 'tree:/my tree' --drain 'after 3s' --seccomp 2.6.32 --ip-version ipv6 --non-fatal packet "
		    "--script-option tolerance_usecs=4000 ../c.pkt");
	check_rerun("{\"said\": \"k\", \"case\": \"c\", \"file\": \"c.pkt\", \"arguments\": [\"-accel\", \"tcg\", \"-m\", \"256\"]}", "",
		    "finrig run --again --kernel k --memory 256 --realtime c.pkt");
	check_rerun("{\"said\": \"k\", \"case\": \"c\", \"file\": \"c.pkt\", \"arguments\": [\"-icount\", \"shift=1,sleep=off\"]}", "",
		    "finrig run --again --kernel k --shift 1 c.pkt");
	check_rerun("{\"kernel\": \"base+patch\", \"case\": \"c\", \"file\": \"c.pkt\"}", "", NULL);
}

static char *tick_labels(const struct time_axis *axis)
{
	g_autoptr(GArray) ticks = time_axis_ticks(axis, 650);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < ticks->len; i++) {
		const struct time_tick *tick = &g_array_index(ticks, struct time_tick, i);

		g_string_append_printf(text, "%s%s", i ? ", " : "", tick->label);
		g_assert_cmpint(tick->x, >=, axis->left);
		g_assert_cmpint(tick->x, <=, axis->left + axis->width);
		g_assert_true(!i || tick->x - g_array_index(ticks, struct time_tick, i - 1).x >= 650);
	}
	return g_string_free(text, FALSE);
}

static void test_time_axis(void)
{
	const struct time_axis linear = { 0, 140, 0.4, FALSE, 100, 7000 }, logarithmic = { 0, 140, 0.4, TRUE, 100, 7000 };
	const struct time_axis days = { 0, 172800, 0, FALSE, 100, 7000 }, moment = { 0, 0.001, 0, TRUE, 100, 7000 };
	const struct { const struct time_axis *axis; const char *labels; } rows[] = {
		{ &linear, "0 s, 20 s, 40 s, 60 s, 80 s, 100 s, 120 s, 140 s" },
		{ &logarithmic, "\342\210\2220.1 s, +0.1 s, +1 s, +10 s, +100 s" },
		{ &days, "0 s, 20000 s, 40000 s, 60000 s, 80000 s, 100000 s, 120000 s, 140000 s, 160000 s" }, { &moment, "0 s" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *labels = tick_labels(rows[i].axis);

		g_assert_cmpstr(labels, ==, rows[i].labels);
	}
	g_assert_cmpint(time_axis_x(&linear, 70), ==, 3600);
	g_assert_cmpint(time_axis_x(&linear, -5), ==, 100);
	g_assert_cmpint(time_axis_x(&linear, 500), ==, 7100);
	/* What doubles is evenly spaced. */
	g_assert_cmpint(ABS((time_axis_x(&logarithmic, 20.4) - time_axis_x(&logarithmic, 10.4)) -
			    (time_axis_x(&logarithmic, 40.4) - time_axis_x(&logarithmic, 20.4))), <=, 10);
}

/* An interrupted run: some cells have no verdict, one has half a one; the report still comes. */
static void test_unfinished(void)
{
	g_autofree char *folder = stream_folder();
	g_autoptr(GError) error = NULL;
	FILE *out = tmpfile();
	char text[1024];
	int code = 0;
	size_t length;

	stream_put(folder, "run.json", "{\"kernels\": [\"a\", \"b\"], \"cases\": [\"sub/c\"]}", -1);
	g_autofree char *cell = g_build_filename(folder, "b", "sub", "c", NULL);
	stream_put(cell, "5-verdict.json", "{\"outcome\": ", -1);
	g_assert_true(report_print(folder, "terminal", out, &code, &error));
	g_assert_no_error(error);
	rewind(out);
	length = fread(text, 1, sizeof(text) - 1, out);
	text[length] = '\0';
	fclose(out);
	g_assert_cmpstr(text, ==, "sub/c  wire  kernel believes  verdict\na      not judged: the run was interrupted\n"
				  "b      not judged: the run was interrupted\n");
	g_assert_cmpint(code, ==, 2);
	g_assert_false(report_print(folder, "papyrus", stdout, NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "papyrus"));
	g_assert_nonnull(strstr(error->message, "junit"));
	stream_remove(folder);
}

/* All of one format. Caller frees. */
static char *printed(const char *folder, const char *format, int *code)
{
	g_autoptr(GError) error = NULL;
	FILE *out = tmpfile();
	char text[8192];

	report_print(folder, format, out, code, &error);
	g_assert_no_error(error);
	rewind(out);
	text[fread(text, 1, sizeof(text) - 1, out)] = '\0';
	fclose(out);
	return g_strdup(text);
}

/* A variant of a night: BUGGY and SKIP, of which no file expects anything, and with both of which the night found fault. */
static char *night_folder(void)
{
	char *folder = stream_folder();
	g_autofree char *one = g_build_filename(folder, "k", "c", NULL), *two = g_build_filename(folder, "l", "c", NULL);
	g_autoptr(GHashTable) events = g_hash_table_new(g_str_hash, g_str_equal);
	struct report_event regression = { "regression", (char *)"NEW regression: FIXED on 2026-01-30T02:00:00Z" };
	struct report_event lost = { "lost", (char *)"ran before, cannot run any more: FIXED on 2026-01-30T02:00:00Z" };
	g_autoptr(GError) error = NULL;

	stream_put(folder, "run.json", "{\"kernels\": [\"k\", \"l\"], \"cases\": [\"c\"]}", -1);
	stream_put(one, "5-verdict.json", "{\"outcome\": \"BUGGY\", \"cause\": \"0 FIN\"}", -1);
	stream_put(two, "5-verdict.json", "{\"outcome\": \"SKIP\", \"cause\": \"gone\"}", -1);
	g_hash_table_insert(events, (gpointer)"k/c", &regression);
	g_hash_table_insert(events, (gpointer)"l/c", &lost);
	report_plan_judge(folder, "drained", events, &error);
	g_assert_no_error(error);
	return folder;
}

/* Every report says what the night does, in every one that is made again. */
static void test_night(void)
{
	static const struct { const char *format, *part; } rows[] = {
		{ "terminal", "BUGGY: 0 FIN [NEW regression: FIXED on 2026-01-30T02:00:00Z]\n" },
		{ "summary", "k c: BUGGY, NEW regression: FIXED on 2026-01-30T02:00:00Z: 0 FIN\n" },
		{ "summary", "2 cells, 0 as expected, 2 not:" },
		{ "ktap", "    # k: BUGGY, NEW regression: FIXED on 2026-01-30T02:00:00Z: 0 FIN\n    not ok 1 k\n" },
		{ "ktap", "    not ok 2 l\nnot ok 1 c\n" },
		{ "junit", "tests=\"2\" failures=\"2\" errors=\"0\">\n" },
		{ "junit", "<testcase classname=\"drained.c\" name=\"k\">\n"
			   "      <failure type=\"BUGGY\" message=\"BUGGY, NEW regression: FIXED on 2026-01-30T02:00:00Z: 0 FIN\">" },
		{ "junit", "<failure type=\"SKIP\" message=\"SKIP, ran before, cannot run any more: FIXED on 2026-01-30T02:00:00Z: gone\">" },
		{ "kcidb", "\"path\": \"finrig.drained.c\"" }, { "kcidb", "\"id\": \"finrig:k/drained/c\"" }, { "kcidb", "\"variant\": \"drained\"" },
		{ "kcidb", "\"event\": \"regression\"" }, { "kcidb", "\"as_expected\": false" },
	};
	g_autofree char *folder = night_folder();

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		int code = 0;
		g_autofree char *text = printed(folder, rows[i].format, &code);

		if (!strstr(text, rows[i].part))
			g_error("%s: expected %s in\n%s", rows[i].format, rows[i].part, text);
		g_assert_cmpint(code, ==, 1);
	}
	stream_remove(folder);
}

/* Who names the night means one of its variants. */
static void test_night_itself(void)
{
	g_autofree char *folder = stream_folder(), *variant = g_build_filename(folder, "plain", NULL);
	g_autoptr(GError) error = NULL, none = NULL;
	g_autofree char *expected = g_strdup_printf("%s: a night: give one of its variants, such as plain", folder);
	g_autofree char *absent = g_strdup_printf("%s/run.json: no such file", folder);

	g_assert_null(report_read(folder, &none));
	g_assert_cmpstr(none->message, ==, absent);
	stream_put(folder, "night.lock", "", 0);
	stream_put(variant, "run.json", "{\"kernels\": [\"k\"], \"cases\": [\"c\"]}", -1);
	g_assert_null(report_read(folder, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_cmpstr(error->message, ==, expected);
	stream_remove(folder);
}

static void test_bad_plan(void)
{
	static const char *const plans[] = {
		"{}", "{\"kernels\": 5, \"cases\": []}", "{\"kernels\": [5], \"cases\": []}", "{\"kernels\": [\"../x\"], \"cases\": []}",
		"{\"kernels\": [\"/etc\"], \"cases\": []}", "{\"kernels\": [\"a\"]}", "[]", "{\"kernels\": [\"\"], \"cases\": []}",
	};
	g_autofree char *folder = stream_folder();

	for (gsize i = 0; i < G_N_ELEMENTS(plans); i++) {
		g_autoptr(GError) error = NULL;

		stream_put(folder, "run.json", plans[i], -1);
		g_assert_null(report_read(folder, &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	}
	stream_remove(folder);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/report/golden", test_golden);
	g_test_add_func("/report/repeatable", test_repeatable);
	g_test_add_func("/report/terminal", test_terminal);
	g_test_add_func("/report/ktap", test_ktap);
	g_test_add_func("/report/markup", test_markup);
	g_test_add_func("/report/rerun", test_rerun);
	g_test_add_func("/report/time-axis", test_time_axis);
	g_test_add_func("/report/exit-code", test_exit_code);
	g_test_add_func("/report/unfinished", test_unfinished);
	g_test_add_func("/report/night", test_night);
	g_test_add_func("/report/night-itself", test_night_itself);
	g_test_add_func("/report/bad-plan", test_bad_plan);
	return g_test_run();
}

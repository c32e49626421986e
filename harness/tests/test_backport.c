/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_backport - hunks of diffs, and the verdict on a patch from stored runs
 */
#include <string.h>

#include "backport.h"
#include "error.h"
#include "hunk.h"
#include "patch_mail.h"
#include "stream.h"

static const char two_files[] =
	"From: someone\nSubject: words\n--- \n drivers/a.c | 2 +-\n\n"
	"--- a/drivers/a.c\t2020-01-01\n+++ b/drivers/a.c\t2020-01-02\n"
	"@@ -3 +3 @@ first()\n-old\n+++new\n"
	"@@ -10,3 +10,2 @@ second()\n one\n--- a/looks like a header\n\n"
	"diff --git a/net/b.c b/net/b.c\nnew file mode 100644\n--- /dev/null\n+++ b/net/b.c\n"
	"@@ -0,0 +1,2 @@\n+made\n+here\n\\ No newline at end of file\n-- \n2.39\n";

static GPtrArray *parse_ok(const char *diff)
{
	GError *error = NULL;
	GPtrArray *hunks = hunks_parse("a.patch", diff, NULL, &error);

	g_assert_no_error(error);
	return hunks;
}

static void test_hunks(void)
{
	g_autoptr(GPtrArray) hunks = parse_ok(two_files);
	static const struct { const char *file, *heading; } expected[] = {
		{"drivers/a.c", "@@ -3 +3 @@ first()"}, {"drivers/a.c", "@@ -10,3 +10,2 @@ second()"}, {"net/b.c", "@@ -0,0 +1,2 @@"},
	};

	g_assert_cmpuint(hunks->len, ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < hunks->len; i++) {
		const struct hunk *hunk = hunks->pdata[i];

		g_assert_cmpstr(hunk->file, ==, expected[i].file);
		g_assert_cmpstr(hunk->heading, ==, expected[i].heading);
	}
}

static void test_without(void)
{
	g_autoptr(GPtrArray) hunks = parse_ok(two_files), one = parse_ok("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b");
	static const gboolean is_first[] = {TRUE, FALSE, FALSE}, is_last[] = {FALSE, FALSE, TRUE};
	g_autofree char *first = hunks_text(hunks, is_first), *last = hunks_text(hunks, is_last), *none = hunks_text(one, is_first);

	g_assert_cmpstr(first, ==, "--- a/drivers/a.c\t2020-01-01\n+++ b/drivers/a.c\t2020-01-02\n"
				   "@@ -10,3 +10,2 @@ second()\n one\n--- a/looks like a header\n\n"
				   "--- /dev/null\n+++ b/net/b.c\n@@ -0,0 +1,2 @@\n+made\n+here\n\\ No newline at end of file\n");
	g_assert_cmpstr(last, ==, "--- a/drivers/a.c\t2020-01-01\n+++ b/drivers/a.c\t2020-01-02\n@@ -3 +3 @@ first()\n-old\n+++new\n"
				  "@@ -10,3 +10,2 @@ second()\n one\n--- a/looks like a header\n\n");
	g_assert_cmpstr(none, ==, "");
}

static void test_bad_hunks(void)
{
	static const struct { const char *diff, *message; } samples[] = {
		{"", "a.patch:1: expected a hunk of a unified diff, found its end"},
		{"words\n", "a.patch:2: expected a hunk of a unified diff, found ''"},
		{"--- a/x.c\n+++ b/x.c\n", "a.patch:3: expected a hunk"},
		{"--- a/x.c\n+++ b/x.c\n@@ -x +1 @@\n", "a.patch:3: expected @@ -LINE,COUNT +LINE,COUNT @@, found '@@ -x +1 @@'"},
		{"--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n a\n", "a.patch:5: expected a line of a hunk, found ''"},
		{"--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n a\nrubbish\n", "a.patch:5: expected a line of a hunk, found 'rubbish'"},
		{"--- a/x.c\n+++ b/x.c\n@@ -1,2 +1 @@\n a\n+b\n", "a.patch:5: expected a line of a hunk, found '+b'"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(hunks_parse("a.patch", samples[i].diff, NULL, &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
		g_assert_true(g_str_has_prefix(error->message, samples[i].message));
	}
}

static void test_beside_hunks(void)
{
	static const char diff[] = "diff --git a/m.sh b/m.sh\nold mode 100644\nnew mode 100755\n"
				   "diff --git a/p.png b/p.png\nindex 1..2\nGIT binary patch\nliteral 1\nI\n\n"
				   "diff --git \"a/d/caf\\303\\251 p.png\" \"b/d/caf\\303\\251 p.png\"\nGIT binary patch\nliteral 1\nI\n\n"
				   "diff --git a/x.c b/x.c\nold mode 100644\nnew mode 100755\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n"
				   "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n";
	static const char rename[] = "diff --git a/x.c b/y.c\nsimilarity index 90%\nrename from x.c\nrename to y.c\n--- a/x.c\n+++ b/y.c\n@@ -1 +1 @@\n-a\n+b\n";
	g_autoptr(GPtrArray) remarks = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hunks = hunks_parse("a.patch", diff, remarks, &error);
	g_autofree char *again = hunks_text(hunks, NULL);

	g_assert_no_error(error);
	g_assert_cmpuint(remarks->len, ==, 3);
	g_assert_cmpstr(remarks->pdata[0], ==, "m.sh: only its mode changes, left out");
	g_assert_cmpstr(remarks->pdata[1], ==, "p.png: binary, left out");
	g_assert_cmpstr(remarks->pdata[2], ==, "d/caf\303\251 p.png: binary, left out");
	/* A file that comes twice is two parts: one after the other for patch, not one with its hunks out of order. */
	g_assert_cmpstr(again, ==, "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n");
	g_assert_null(hunks_parse("a.patch", rename, NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_true(g_str_has_prefix(error->message, "a.patch:3: expected no renames and copies (git format-patch --no-renames"));
}

/* A tree with the one file d/x.c. */
static gboolean has_one(gconstpointer user, const char *file)
{
	return !strcmp(file, user);
}

static void test_levels(void)
{
	static const struct { const char *before, *after; guint level; gboolean fits; const char *header; } samples[] = {
		{"a/d/x.c", "b/d/x.c", 1, TRUE, "--- a/d/x.c\n+++ b/d/x.c\n"},
		{"a/d/x.c", "b/d/x.c", 0, FALSE, "--- a/b/d/x.c\n+++ b/b/d/x.c\n"},
		{"d/x.c", "d/x.c", 0, TRUE, "--- a/d/x.c\n+++ b/d/x.c\n"},
		{"d/x.c", "d/x.c", 1, FALSE, "--- a/x.c\n+++ b/x.c\n"},
		{"old/linux/d/x.c", "new/linux/d/x.c\t2020-01-01", 2, TRUE, "--- a/d/x.c\n+++ b/d/x.c\n"},
		{"d/x.c.orig", "d/x.c", 0, TRUE, "--- a/d/x.c\n+++ b/d/x.c\n"},
		{"d/x.c", "d/x-new.c", 0, TRUE, "--- a/d/x.c\n+++ b/d/x.c\n"},
		{"a/d/x.c", "/dev/null", 1, TRUE, "--- a/d/x.c\n+++ /dev/null\n"},
		{"\"a/d/caf\\303\\251 \\\"x.c\"", "\"b/d/caf\\303\\251 \\\"x.c\"", 1, FALSE, "--- a/d/caf\303\251 \"x.c\t\n+++ b/d/caf\303\251 \"x.c\t\n"},
		{"\"a/d/\\303\\251.c\"", "/dev/null", 1, FALSE, "--- a/d/\303\251.c\n+++ /dev/null\n"},
		{"a/d/x.c", "b/d/x.c", 4, FALSE, "--- a/b/d/x.c\n+++ b/b/d/x.c\n"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *diff = g_strdup_printf("--- %s\n+++ %s\n@@ -1 +1 @@\n-a\n+b\n", samples[i].before, samples[i].after);
		g_autofree char *expected = g_strdup_printf("%s@@ -1 +1 @@\n-a\n+b\n", samples[i].header), *again = NULL;
		g_autoptr(GPtrArray) hunks = parse_ok(diff);

		g_assert_cmpint(hunks_fit(hunks, samples[i].level, has_one, "d/x.c"), ==, samples[i].fits);
		hunks_strip(hunks, samples[i].level, has_one, "d/x.c");
		again = hunks_text(hunks, NULL);
		g_assert_cmpstr(again, ==, expected);
	}
}

static void test_new_file(void)
{
	g_autoptr(GPtrArray) hunks = parse_ok("--- a/new.h\t1970-01-01\n+++ b/new.h\n@@ -0,0 +1 @@\n+x\n");
	g_autofree char *again = NULL;

	g_assert_true(hunk_is_new(hunks->pdata[0]));
	g_assert_false(hunks_fit(hunks, 1, has_one, "d/x.c")); /* tells nothing of the level */
	hunks_strip(hunks, 1, has_one, "d/x.c");
	again = hunks_text(hunks, NULL);
	g_assert_cmpstr(again, ==, "--- /dev/null\n+++ b/new.h\n@@ -0,0 +1 @@\n+x\n");
}

static void test_mails(void)
{
	static const struct { const char *text, *expected, *remark; } samples[] = {
		{"", "", NULL},
		{"--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a=3D\n+b\n", "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a=3D\n+b\n", NULL},
		{"--- a/x.c\r\n+++ b/x.c\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n", "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n", "its lines end with CR LF, taken as LF"},
		{"--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\r\n+b\n", "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\r\n+b\n", NULL},
		{"Subject: x\nContent-transfer-encoding:  Quoted-Printable\n\n-a =3D=\n 1;\n=20\nx==\ny=4\n", "Subject: x\nContent-transfer-encoding:  Quoted-Printable\n\n-a = 1;\n \nx=y=4\n", NULL},
		{"Subject: x\nContent-Transfer-Encoding: base64\n\nLWEK\nK2I=\n", "Subject: x\nContent-Transfer-Encoding: base64\n\n-a\n+b\n", NULL},
		{"From 1 Mon\nSubject: 1\n\n--- a/x\nFrom here it is text: 1\nFrom 2 Mon\nSubject: 2\n\n--- a/y\n", NULL, "a series of 2 mails, taken as one patch"},
		{"From 1 Mon\nSubject: letter\n\nwords\nFrom 2 Mon\nSubject: 2\n\n--- a/y\n", NULL, NULL},
		{"Subject: no end", "Subject: no end\n", NULL},
		{"Subject: x\nContent-Transfer-Encoding: quoted-printable\n\n=", "Subject: x\nContent-Transfer-Encoding: quoted-printable\n\n=\n", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(GPtrArray) remarks = g_ptr_array_new_with_free_func(g_free);
		g_autofree char *text = patch_mail_text(samples[i].text, remarks);

		g_assert_cmpstr(text, ==, samples[i].expected ? samples[i].expected : samples[i].text);
		g_assert_cmpuint(remarks->len, ==, samples[i].remark ? 1 : 0);
		if (samples[i].remark)
			g_assert_cmpstr(remarks->pdata[0], ==, samples[i].remark);
	}
}

static void test_mail_parts(void)
{
	static const struct { const char *text; guint line; } samples[] = {
		{"Subject: x\nContent-Type: text/plain\n\nContent-Type: multipart/mixed\n--- a/x\n", 0},
		{"Subject: x\ncontent-type:\n Multipart/signed; boundary=a\n\n--a\n", 2},
		{"From 1 Mon\r\nSubject: x\r\n\r\nwords\r\nFrom 2 Mon\r\nSubject: y\r\nContent-Type: multipart/mixed\r\n\r\n", 7},
		{"words\nContent-Type: multipart/mixed\n", 0},
		{"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", 0},
		{"", 0},
	};

	for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
		g_assert_cmpuint(patch_mail_parts_line(samples[i].text), ==, samples[i].line);
}

static void test_astray(void)
{
	static const char source[] = "int first(int a)\n{\n\tgo();\nout:\n\tone();\n}\n\nstatic void *second(void)\n{\n\ttwo();\n}\n";
	static const struct { const char *heading, *note, *expected; } notes[] = {
		{"@@ -1,3 +1,4 @@ int first(int", "d/x.c: Hunk #1 succeeded at 5 with fuzz 1.", NULL},
		{"@@ -1,3 +1,4 @@ long first(long", "d/x.c: Hunk #1 succeeded at 3 (offset 1 line).", NULL},
		{"@@ -1,3 +1,4 @@ int first(int", "d/x.c: Hunk #1 succeeded at 10 with fuzz 1.", "d/x.c: Hunk #1 is for first() and went into second()"},
		{"@@ -1,3 +1,4 @@", "d/x.c: Hunk #1 succeeded at 10 with fuzz 1.", NULL},
		{"@@ -1,3 +1,4 @@ int first(int", "d/x.c: Hunk #1 succeeded at 9999.", "d/x.c: Hunk #1 is for first() and went into second()"},
		{"@@ -1,3 +1,4 @@ int first(int", "d/x.c: Hunk #2 succeeded at 10.", NULL},
		{"@@ -1,3 +1,4 @@ int first(int", "d/y.c: Hunk #1 succeeded at 10.", NULL},
		{"@@ -1,3 +1,4 @@ int first(int", "words", NULL},
	};
	g_autofree char *folder = stream_folder(), *below = g_build_filename(folder, "d", NULL);

	stream_put(below, "x.c", source, -1);
	for (guint i = 0; i < G_N_ELEMENTS(notes); i++) {
		g_autofree char *diff = g_strdup_printf("--- a/d/x.c\n+++ b/d/x.c\n%s\n a\n b\n+n\n c\n", notes[i].heading), *astray = NULL;
		g_autoptr(GPtrArray) hunks = parse_ok(diff);

		astray = hunk_astray(hunks, notes[i].note, folder);
		g_assert_cmpstr(astray, ==, notes[i].expected);
	}
	stream_remove(folder);
}

/* Outcomes of cases "one", "two", "three" on "base" and "base+p", with a cause that names the cell; "" is a cell that was not run. */
struct judged {
	const char *base[3], *patched[3];
	guint targets;
	enum backport_verdict verdict;
	const char *cause;
};

static const char *const case_names_all[] = { "one", "two", "three" };

static void put_cells(const char *run, const char *kernel, const char *const *outcomes)
{
	for (guint i = 0; i < G_N_ELEMENTS(case_names_all); i++) {
		g_autofree char *folder = g_build_filename(run, kernel, case_names_all[i], NULL);
		g_autofree char *cause = g_strdup_printf("as %s did in %s", kernel, case_names_all[i]);
		g_autoptr(GError) error = NULL;

		if (*outcomes[i])
			verdict_write_simple(folder, outcomes[i], cause, &error);
		g_assert_no_error(error);
	}
}

static struct run_summary *stored_run(const char *folder, const char *kernels)
{
	g_autofree char *plan = g_strdup_printf("{\"kernels\": [%s], \"cases\": [\"one\", \"two\", \"three\"]}", kernels);
	g_autoptr(GError) error = NULL;
	struct run_summary *run;

	stream_put(folder, "run.json", plan, -1);
	run = report_read(folder, &error);
	g_assert_no_error(error);
	return run;
}

static struct backport *judge(const char *folder, const struct judged *sample, GError **error)
{
	g_autoptr(backport_t) backport = backport_new("base", "where/p.patch");
	g_autoptr(run_summary_t) run = NULL;

	put_cells(folder, "base", sample->base);
	put_cells(folder, "base+p", sample->patched);
	run = stored_run(folder, "\"base\", \"base+p\"");
	return backport_judge(backport, run, sample->targets, error) ? g_steal_pointer(&backport) : NULL;
}

static const struct judged samples[] = {
	{{"BUGGY", "FIXED", "FIXED"}, {"FIXED", "FIXED", "FIXED"}, 1, BACKPORT_VERIFIED,
	 "one is BUGGY without the patch and FIXED with it: as base+p did in one; no harm in 2 other cases"},
	{{"BUGGY", "CHANGED", "SKIP"}, {"FIXED", "FIXED", "SKIP"}, 0, BACKPORT_VERIFIED,
	 "one is BUGGY without the patch and FIXED with it (and 1 more): as base+p did in one; no harm in 0 other cases"},
	{{"CRASH", "FIXED", "BUGGY"}, {"FIXED", "FIXED", "BUGGY"}, 0, BACKPORT_VERIFIED,
	 "one is CRASH without the patch and FIXED with it: as base+p did in one; no harm in 2 other cases"},
	{{"BUGGY", "FIXED", "FIXED"}, {"BUGGY", "FIXED", "FIXED"}, 1, BACKPORT_INEFFECTIVE,
	 "one is still BUGGY with the patch: as base+p did in one"},
	{{"BUGGY", "BUGGY", "FIXED"}, {"FIXED", "CHANGED", "FIXED"}, 2, BACKPORT_INEFFECTIVE,
	 "two is still CHANGED with the patch: as base+p did in two"},
	{{"FIXED", "FIXED", "FIXED"}, {"FIXED", "FIXED", "FIXED"}, 1, BACKPORT_INEFFECTIVE,
	 "one is FIXED without the patch as well: it does not show what the patch mends"},
	{{"BUGGY", "FIXED", "SKIP"}, {"CHANGED", "FIXED", "SKIP"}, 0, BACKPORT_INEFFECTIVE,
	 "none of 2 cases comes out FIXED that is not without the patch"},
	{{"BUGGY", "FIXED", "FIXED"}, {"FIXED", "FIXED", "BUGGY"}, 1, BACKPORT_HARMFUL,
	 "three is FIXED without the patch and BUGGY with it: as base+p did in three"},
	{{"BUGGY", "FIXED", "CHANGED"}, {"CRASH", "FIXED", "CRASH"}, 0, BACKPORT_HARMFUL,
	 "one is BUGGY without the patch and CRASH with it (and 1 more): as base+p did in one"},
};

static void test_verdicts(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *folder = stream_folder();
		g_autoptr(GError) error = NULL;
		g_autoptr(backport_t) backport = judge(folder, &samples[i], &error);

		g_assert_no_error(error);
		g_assert_cmpstr(backport_verdict_name(backport->verdict), ==, backport_verdict_name(samples[i].verdict));
		g_assert_cmpstr(backport->cause, ==, samples[i].cause);
		g_assert_cmpstr(backport->patched, ==, "base+p");
		stream_remove(folder);
	}
}

/* A cell that broke or was not run says nothing about the patch, and neither do cases that all are skipped. */
static void test_unjudged(void)
{
	static const struct judged unjudged[] = {
		{{"BUGGY", "FIXED", "FIXED"}, {"FIXED", "BROKEN", "FIXED"}, 1, 0, "base+p two: as base+p did in two"},
		{{"BUGGY", "FIXED", ""}, {"FIXED", "FIXED", "FIXED"}, 1, 0, "base three: was not judged"},
		{{"SKIP", "FIXED", "FIXED"}, {"SKIP", "FIXED", "FIXED"}, 1, 0, "no case could be judged; one: as base did in one"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(unjudged); i++) {
		g_autofree char *folder = stream_folder();
		g_autoptr(GError) error = NULL;

		g_assert_null(judge(folder, &unjudged[i], &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
		g_assert_cmpstr(error->message, ==, unjudged[i].cause);
		stream_remove(folder);
	}
}

/* one is mended by hunk 1, three is broken by hunk 2, hunk 3 has no part in either; hunk 4 keeps the rest from breaking two. */
static void test_hunk_needs(void)
{
	static const struct judged sample = {{"BUGGY", "FIXED", "FIXED"}, {"FIXED", "FIXED", "CHANGED"}, 1, BACKPORT_HARMFUL, NULL};
	static const struct { const char *outcomes[3]; enum backport_need need; gboolean harms; const char *reason; } expected[] = {
		{{"BUGGY", "FIXED", "CHANGED"}, NEED_YES, FALSE, "without it one is BUGGY: as a did in one"},
		{{"FIXED", "FIXED", "FIXED"}, NEED_NO, TRUE, "without it three is FIXED"},
		{{"FIXED", "FIXED", "CHANGED"}, NEED_NO, FALSE, NULL},
		{{"FIXED", "BUGGY", "CHANGED"}, NEED_YES, FALSE, "without it two is BUGGY: as d did in two"},
		{{"BUGGY", "CRASH", "CHANGED"}, NEED_YES, FALSE, "without it one is BUGGY: as e did in one"},
	};
	static const char *const kernels[] = { "a", "b", "c", "d", "e" };
	g_autofree char *folder = stream_folder(), *text = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(backport_t) backport = judge(folder, &sample, &error);
	g_autoptr(run_summary_t) run = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
		backport_add_hunk(backport, "drivers/x.c", "@@ -1 +1 @@");
		put_cells(folder, kernels[i], expected[i].outcomes);
	}
	run = stored_run(folder, "\"a\", \"b\", \"c\", \"d\", \"e\"");
	for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
		const struct backport_hunk *hunk = backport->hunks->pdata[i];

		g_assert_true(backport_judge_hunk(backport, i, run, kernels[i], &error));
		g_assert_cmpint(hunk->need, ==, expected[i].need);
		g_assert_cmpint(hunk->harms, ==, expected[i].harms);
		g_assert_cmpstr(hunk->reason, ==, expected[i].reason);
	}
	text = backport_text(backport);
	g_assert_nonnull(strstr(text, "hunk 2  drivers/x.c @@ -1 +1 @@\n        not needed, and does the harm: "
				      "without it three is FIXED\n"));
	g_assert_nonnull(strstr(text, "one    BUGGY     FIXED     as base+p did in one\n"));
	g_assert_nonnull(strstr(text, "1 more case: FIXED on both, with the same packets\n"));
	stream_remove(folder);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/backport/hunks", test_hunks);
	g_test_add_func("/backport/without", test_without);
	g_test_add_func("/backport/bad-hunks", test_bad_hunks);
	g_test_add_func("/backport/beside-hunks", test_beside_hunks);
	g_test_add_func("/backport/levels", test_levels);
	g_test_add_func("/backport/new-file", test_new_file);
	g_test_add_func("/backport/mails", test_mails);
	g_test_add_func("/backport/mail-parts", test_mail_parts);
	g_test_add_func("/backport/astray", test_astray);
	g_test_add_func("/backport/verdicts", test_verdicts);
	g_test_add_func("/backport/unjudged", test_unjudged);
	g_test_add_func("/backport/hunk-needs", test_hunk_needs);
	return g_test_run();
}

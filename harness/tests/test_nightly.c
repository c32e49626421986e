/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_nightly - a cell against its history, configurations and their faults, the folders of nights
 */
#include <unistd.h>

#include "case.h"
#include "error.h"
#include "kernel.h"
#include "kernel_fixture.h"
#include "nightly.h"
#include "nightly_folder.h"
#include "stream.h"
#include "vm_machine.h"

/* before: outcome, expectation and event of the last night, NULL outcome for none. */
static const struct row {
	const char *before, *before_expect, *before_event;
	const char *now, *expect;
	gboolean canary, other_bytes;
	const char *event;
} rows[] = {
	/* no history */
	{ NULL, NULL, NULL, "FIXED", "fixed", FALSE, FALSE, "expected" },
	{ NULL, NULL, NULL, "BUGGY", "buggy", FALSE, FALSE, "expected" },
	{ NULL, NULL, NULL, "BUGGY", "fixed", FALSE, FALSE, "unexpected" },
	{ NULL, NULL, NULL, "FIXED", "buggy", FALSE, FALSE, "unexpected" },
	{ NULL, NULL, NULL, "CHANGED", NULL, FALSE, FALSE, "unexpected" },
	{ NULL, NULL, NULL, "CRASH", "fixed", FALSE, FALSE, "crash" },
	{ NULL, NULL, NULL, "BUGGY", NULL, FALSE, FALSE, "first" },
	{ NULL, NULL, NULL, "FIXED", NULL, FALSE, FALSE, "first" },
	{ NULL, NULL, NULL, "FIXED", NULL, TRUE, FALSE, "first" },
	{ NULL, NULL, NULL, "SKIP", "fixed", FALSE, FALSE, "skipped" },
	{ NULL, NULL, NULL, "BROKEN", "fixed", FALSE, FALSE, "broken" },
	/* it gets worse */
	{ "FIXED", "fixed", "expected", "BUGGY", "fixed", FALSE, FALSE, "regression" },
	{ "FIXED", "fixed", "fixed", "CHANGED", "fixed", FALSE, FALSE, "regression" },
	{ "BUGGY", "buggy", "expected", "CHANGED", "buggy", FALSE, FALSE, "regression" },
	{ "BUGGY", "buggy", "expected", "FIXED", "buggy", FALSE, FALSE, "regression" },
	{ "FIXED", "fixed", "expected", "CRASH", "fixed", FALSE, FALSE, "crash" },
	{ "BUGGY", "fixed", "failing", "CRASH", "fixed", FALSE, FALSE, "crash" },
	{ "FIXED", NULL, "expected", "BUGGY", NULL, FALSE, FALSE, "regression" },
	/* it stays bad */
	{ "BUGGY", "fixed", "regression", "BUGGY", "fixed", FALSE, FALSE, "failing" },
	{ "BUGGY", "fixed", "failing", "CHANGED", "fixed", FALSE, FALSE, "failing" },
	{ "CRASH", "fixed", "crash", "CRASH", "fixed", FALSE, FALSE, "failing" },
	{ "CRASH", "fixed", "crash", "BUGGY", "fixed", FALSE, FALSE, "failing" },
	{ "BUGGY", NULL, "regression", "BUGGY", NULL, FALSE, FALSE, "failing" },
	{ "BUGGY", NULL, "failing", "BUGGY", NULL, FALSE, FALSE, "failing" },
	/* it gets better */
	{ "BUGGY", "fixed", "failing", "FIXED", "fixed", FALSE, FALSE, "fixed" },
	{ "CRASH", "buggy", "crash", "BUGGY", "buggy", FALSE, FALSE, "fixed" },
	{ "BUGGY", NULL, "regression", "FIXED", NULL, FALSE, FALSE, "fixed" },
	{ "BUGGY", NULL, "expected", "FIXED", NULL, FALSE, FALSE, "fixed" },
	/* it stays well */
	{ "FIXED", "fixed", "expected", "FIXED", "fixed", FALSE, FALSE, "expected" },
	{ "FIXED", "fixed", "fixed", "FIXED", "fixed", FALSE, FALSE, "expected" },
	{ "BUGGY", NULL, "expected", "BUGGY", NULL, FALSE, FALSE, "same" },
	{ "BUGGY", NULL, "first", "BUGGY", NULL, FALSE, FALSE, "same" },
	{ "FIXED", NULL, "same", "FIXED", NULL, FALSE, FALSE, "same" },
	{ "BUGGY", NULL, "first", "FIXED", NULL, FALSE, FALSE, "fixed" },
	{ "FIXED", NULL, "first", "BUGGY", NULL, FALSE, FALSE, "regression" },
	{ "BUGGY", "buggy", "expected", "BUGGY", NULL, FALSE, FALSE, "same" },
	/* somebody changed the expectation, not the kernel */
	{ "BUGGY", "fixed", "failing", "BUGGY", "buggy", FALSE, FALSE, "expected" },
	{ "BUGGY", "buggy", "expected", "BUGGY", "fixed", FALSE, FALSE, "failing" },
	/* it cannot run any more */
	{ "FIXED", "fixed", "expected", "SKIP", "fixed", FALSE, FALSE, "lost" },
	{ "FIXED", "fixed", "expected", "BROKEN", "fixed", FALSE, FALSE, "broken" },
	/* canaries: only where the bug is expected, and a canary that dies says nothing of the rig */
	{ NULL, NULL, NULL, "BUGGY", "buggy", TRUE, FALSE, "expected" },
	{ NULL, NULL, NULL, "FIXED", "buggy", TRUE, FALSE, "canary" },
	{ "BUGGY", "buggy", "expected", "CHANGED", "buggy", TRUE, FALSE, "canary" },
	{ "BUGGY", "buggy", "expected", "FIXED", "buggy", TRUE, TRUE, "canary" },
	{ "BUGGY", "buggy", "expected", "CRASH", "buggy", TRUE, FALSE, "crash" },
	{ "BUGGY", "buggy", "expected", "SKIP", "buggy", TRUE, FALSE, "lost" },
	{ "FIXED", "fixed", "expected", "BUGGY", "fixed", TRUE, FALSE, "regression" },
	/* the same inputs, other bytes: whatever came out */
	{ "FIXED", "fixed", "expected", "FIXED", "fixed", FALSE, TRUE, "nondeterminism" },
	{ "FIXED", "fixed", "expected", "BUGGY", "fixed", FALSE, TRUE, "nondeterminism" },
};

static void test_judge(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct row *row = &rows[i];
		const struct past_cell last = { .outcome = (char *)row->before, .expect = (char *)row->before_expect,
						   .event = (char *)row->before_event };
		const struct past_cell now = { .outcome = (char *)row->now, .expect = (char *)row->expect };
		const char *event = nightly_event_word(nightly_judge(&now, row->before ? &last : NULL, row->canary, row->other_bytes));

		if (strcmp(event, row->event) != 0)
			g_error("row %zu: %s (%s, %s) -> %s (%s): %s, expected %s", i, row->before ? row->before : "none", row->before_expect,
				row->before_event, row->now, row->expect, event, row->event);
	}
}

static void test_exit_codes(void)
{
	static const int codes[NIGHTLY_EVENT_COUNT] = {
		[NIGHTLY_CANARY] = 2, [NIGHTLY_NONDETERMINISM] = 2, [NIGHTLY_BROKEN] = 2, [NIGHTLY_REGRESSION] = 1, [NIGHTLY_CRASH] = 1,
		[NIGHTLY_UNEXPECTED] = 1, [NIGHTLY_FAILING] = 1, [NIGHTLY_LOST] = 1,
	};

	for (int event = 0; event < NIGHTLY_EVENT_COUNT; event++)
		g_assert_cmpint(nightly_event_exit_code(event), ==, codes[event]);
}

static void test_changes(void)
{
	struct past_cell from = { .source = (char *)"1111111111111111", .image = (char *)"aaaaaaaaaaaaaaaa", .rig = (char *)"r",
				     .machine = (char *)"m", .job = (char *)"j", .expect = (char *)"fixed" };
	struct past_cell to = from;
	g_autofree char *none = nightly_changes(&from, &to), *some = NULL;

	g_assert_null(none);
	to.source = (char *)"2222222222222222";
	to.image = (char *)"bbbbbbbbbbbbbbbb";
	to.expect = NULL;
	some = nightly_changes(&from, &to);
	g_assert_cmpstr(some, ==, "commit 111111111111 -> 222222222222, kernel aaaaaaaaaaaa -> bbbbbbbbbbbb, expectation fixed -> none");
}

static struct nightly_config *read_config(const char *folder, const char *text, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "my stack.nightly", NULL);

	stream_put(folder, "my stack.nightly", text, -1);
	return nightly_config_read(path, error);
}

static void test_config(void)
{
	g_autofree char *folder = stream_folder(), *suite = g_build_filename(folder, "suite", NULL), *db = g_build_filename(folder, "db", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(nightly_config_t) config = read_config(folder, "# a comment\n[nightly]\nkernels = a; deb:b,name=c ;\n cases=one;two-*\n"
		"folders = suite\nhistory = db\nkeep = 3\nrepeat = 2\ntimeout = 2min\ncached = yes\n\n[variant plain]\n[variant v6]\n"
		"ip-version = ipv6\ndrain = after 3s\nshift = 0\ncases = one\nexpect.a/x/one = buggy\n", &error);

	g_assert_no_error(error);
	g_assert_cmpstr(config->name, ==, "my-stack");
	g_assert_cmpstr(config->kernels[1], ==, "deb:b,name=c");
	g_assert_null(config->kernels[2]);
	g_assert_cmpstr(config->folders[0], ==, suite);
	g_assert_cmpstr(config->history, ==, db);
	g_assert_cmpstr(config->results, ==, NIGHTLY_RESULTS);
	g_assert_cmpuint(config->keep, ==, 3);
	g_assert_cmpint(config->repeat, ==, 2);
	g_assert_cmpint(config->timeout_us, ==, 120 * G_USEC_PER_SEC);
	g_assert_true(config->cached);
	g_assert_cmpuint(config->variants->len, ==, 2);
	const struct nightly_variant *plain = config->variants->pdata[0], *v6 = config->variants->pdata[1];
	const struct nightly_expectation *expectation = v6->expect->pdata[0];
	g_assert_null(plain->drain);
	g_assert_cmpint(plain->shift, ==, VM_SHIFT_DEFAULT);
	g_assert_cmpstr(v6->drain, ==, "after 3000000us");
	g_assert_cmpint(v6->shift, ==, 0);
	g_assert_cmpstr(expectation->kernel, ==, "a");
	g_assert_cmpstr(expectation->test_case, ==, "x/one");
	stream_remove(folder);
}

static void test_config_plain(void)
{
	g_autofree char *folder = stream_folder();
	g_autoptr(GError) error = NULL;
	g_autoptr(nightly_config_t) config = read_config(folder, "[nightly]\nname = n.1\nkernels = a\ncases = b\n", &error);

	g_assert_no_error(error);
	g_assert_cmpstr(config->name, ==, "n.1");
	g_assert_cmpuint(config->variants->len, ==, 1);
	g_assert_cmpstr(((struct nightly_variant *)config->variants->pdata[0])->name, ==, "plain");
	stream_remove(folder);
}

#define HEAD "[nightly]\nkernels = a\ncases = b\n"

/* Each message names its line. */
static const struct { const char *text, *message; } faults[] = {
	{ "", "expected kernels = KERNEL" },
	{ "[nightly]\ncases = b\n", ":1: expected kernels = KERNEL" },
	{ "[nightly]\nkernels = a\n", ":1: expected cases = CASE" },
	{ "[nightly]\nkernels = a\nnonsense\n", ":3: expected [group] or key = value" },
	{ "kernels = a\n", ":1: expected [group] or key = value" },
	{ HEAD "kernel = b\n", ":4: unknown key kernel: expected one of name kernels" },
	{ HEAD "keep =\n", ":4: keep has no value" },
	{ HEAD "keep = many\n", ":4: expected a number from 1 to 100000, found 'many'" },
	{ HEAD "keep = 0\n", ":4: expected a number" },
	{ HEAD "kernels = c\n", ":4: [nightly]kernels was given in line 2" },
	{ HEAD "name = a/b\n", ":4: expected letters" },
	{ HEAD "timeout = soon\n", ":4: expected a time" },
	{ HEAD "cached = maybe\n", ":4: expected yes or no" },
	{ HEAD "folders = ;;\n", ":4: folders has nothing" },
	{ HEAD "[variant x]\n[nightly]\n", ":5: [nightly] was given in line 1" },
	{ HEAD "[variant x]\n[variant  x]\n", ":5: there is another variant x" },
	{ HEAD "[variant ]\n", ":4: expected [variant NAME]" },
	{ HEAD "[variant a/b]\n", ":4: expected [variant NAME]" },
	{ HEAD "[variants]\n", ":4: expected [nightly] or [variant NAME], found [variants]" },
	{ HEAD "[variant x]\n\nshift = 11\n", ":6: expected a number from 0 to 10" },
	{ HEAD "[variant x]\ndrain = seldom\n", ":5: expected never, always" },
	{ HEAD "[variant x]\nip-version = ipv4,ipv6\n", ":5: expected ipv4, ipv6 or ipv4-mapped-ipv6" },
	{ HEAD "[variant x]\nip-version = all\n", ":5: expected ipv4" },
	{ HEAD "[variant x]\nexpect.one = buggy\n", ":5: expected expect.KERNEL/CASE" },
	{ HEAD "[variant x]\nexpect.k/c = maybe\n", ":5: expected buggy or fixed" },
};

static void test_config_faults(void)
{
	g_autofree char *folder = stream_folder(), *nowhere = g_build_filename(folder, "none", NULL);
	g_autoptr(GError) absent = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(read_config(folder, faults[i].text, &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
		if (!strstr(error->message, faults[i].message))
			g_error("fault %zu: %s", i, error->message);
	}
	g_assert_null(nightly_config_read(nowhere, &absent));
	g_assert_error(absent, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	stream_remove(folder);
}

static struct past_night night_in(struct past *history, char *folder)
{
	struct past_night night = { .name = (char *)"n", .started = (char *)"2026-01-31T02:00:00Z", .folder = folder, .finrig = (char *)"0" };
	g_autoptr(GError) error = NULL;

	g_assert_true(past_add_night(history, &night, &error));
	nightly_folder_point(folder);
	stream_put(folder, "night.txt", "x", 1);
	return night;
}

/* A night that is over, in a folder of its own. Returns its folder; *lock is held if it is not NULL. */
static char *make_night(struct past *history, const char *results, int *held)
{
	g_autoptr(GError) error = NULL;
	int lock;
	char *folder = nightly_folder_make(results, "n", "2026-01-31T02:00:00Z", &lock, &error);
	struct past_night night;

	g_assert_no_error(error);
	night = night_in(history, folder);
	night.finished = (char *)"2026-01-31T02:10:00Z";
	g_assert_true(past_close_night(history, &night, &error));
	if (held)
		*held = lock;
	else
		close(lock);
	return folder;
}

static gboolean is_there(const char *folder)
{
	return g_file_test(folder, G_FILE_TEST_EXISTS);
}

static void test_folders(void)
{
	g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "h.sqlite", NULL), *latest = NULL, *link = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(past_t) history = past_open(path, FALSE, &error);
	int running;
	g_autofree char *a = make_night(history, folder, NULL), *b = make_night(history, folder, &running), *c = make_night(history, folder, NULL);
	g_autofree char *d = make_night(history, folder, NULL);

	g_assert_true(g_str_has_suffix(a, "/n/2026-01-31T02-00-00Z"));
	g_assert_true(g_str_has_suffix(b, "/n/2026-01-31T02-00-00Z-2"));
	latest = g_build_filename(folder, "n", "latest", NULL);
	link = g_file_read_link(latest, NULL);
	g_assert_cmpstr(link, ==, "2026-01-31T02-00-00Z-4");
	g_assert_true(nightly_folder_retain(history, "other", 1, &error));
	g_assert_true(is_there(a));
	g_assert_true(nightly_folder_retain(history, "n", 1, &error));
	g_assert_no_error(error);
	g_assert_false(is_there(a));
	g_assert_true(is_there(b));
	g_assert_false(is_there(c));
	g_assert_true(is_there(d));
	close(running);
	g_assert_true(nightly_folder_retain(history, "n", 1, &error));
	g_assert_false(is_there(b));
	stream_remove(folder);
}

/* Nights that were killed do not count, and go with those that are older than the oldest kept. */
static void test_unfinished_nights(void)
{
	g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "h.sqlite", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(past_t) history = past_open(path, FALSE, &error);
	char *killed[4], *good[2];
	int lock;

	for (guint i = 0; i < G_N_ELEMENTS(killed); i++) {
		if (i % 2)
			good[i / 2] = make_night(history, folder, NULL);
		killed[i] = nightly_folder_make(folder, "n", "2026-01-31T02:00:00Z", &lock, &error);
		g_assert_no_error(error);
		night_in(history, killed[i]);
		close(lock);
	}
	g_assert_true(nightly_folder_retain(history, "n", 2, &error));
	g_assert_true(is_there(good[0]) && is_there(good[1]));
	g_assert_true(is_there(killed[1]) && is_there(killed[2]) && is_there(killed[3]));
	g_assert_false(is_there(killed[0]));
	for (guint i = 0; i < G_N_ELEMENTS(killed); i++)
		g_free(killed[i]);
	for (guint i = 0; i < G_N_ELEMENTS(good); i++)
		g_free(good[i]);
	stream_remove(folder);
}

/* What has not our mark is not ours to remove, whatever the history says. */
static void test_foreign_folder(void)
{
	g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "h.sqlite", NULL), *precious = g_build_filename(folder, "precious", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(past_t) history = past_open(path, FALSE, &error);
	struct past_night night = { .name = (char *)"n", .started = (char *)"s", .folder = precious, .finrig = (char *)"0" };

	stream_put(precious, "data", "x", 1);
	g_assert_true(past_add_night(history, &night, &error));
	g_free(make_night(history, folder, NULL));
	g_assert_true(nightly_folder_retain(history, "n", 1, &error));
	g_assert_true(is_there(precious));
	stream_remove(folder);
}

/* A branch is what it stands for when the night begins, in all its variants. */
static void test_branch(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	g_autofree char *repository = g_build_filename(fixture->folder, "repository", NULL);
	g_autofree char *text = g_strdup_printf("[nightly]\nkernels = git:%s@main,name=branch; git:%s@gone,name=gone\ncases = closing-fin-retransmit\n"
						"[variant plain]\n[variant ipv6]\nip-version = ipv6\nexpect.branch/closing-* = buggy\n", repository, repository);
	g_autofree char *first = NULL, *second = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(nightly_config_t) config = NULL;
	g_autoptr(nightly_plan_t) before = NULL, after = NULL;

	g_mkdir_with_parents(repository, 0777);
	first = fixture_shell(repository, "git init -qb main . && git config user.name t && git config user.email t@example.org && "
					  "git commit -q --allow-empty -m 1 && git rev-parse HEAD");
	config = read_config(fixture->folder, text, &error);
	g_assert_no_error(error);
	before = nightly_plan_new(config, &fixture->workspace, NULL, &error);
	g_assert_no_error(error);
	second = fixture_shell(repository, "git commit -q --allow-empty -m 2 && git rev-parse HEAD");
	after = nightly_plan_new(config, &fixture->workspace, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(nightly_plan_kernel(before, "branch")->commit, ==, g_strstrip(first));
	g_assert_cmpstr(nightly_plan_kernel(after, "branch")->commit, ==, g_strstrip(second));
	g_assert_null(nightly_plan_kernel(before, "gone")->commit);
	g_assert_cmpuint(before->cells, ==, 4);
	for (guint i = 0; i < before->parts->len; i++) {
		const struct nightly_part *part = before->parts->pdata[i];

		g_assert_cmpstr(kernel_key(part->kernels->pdata[0], "commit"), ==, first);
		g_assert_null(kernel_key(part->kernels->pdata[1], "commit"));
		g_assert_cmpstr(kernel_expectation(part->kernels->pdata[0], "closing-fin-retransmit"), ==, i ? "buggy" : NULL);
	}
}

/* closing-lo and its like name IPv4 themselves. */
static struct nightly_plan *plan_of(struct fixture *fixture, const char *rest, struct nightly_config **config, GError **error)
{
	g_autofree char *text = g_strconcat("[nightly]\nkernels = tree:/nowhere,name=k\n", rest, NULL);

	*config = read_config(fixture->folder, text, error);
	g_assert_no_error(*error);
	return nightly_plan_new(*config, &fixture->workspace, NULL, error);
}

static void test_left_out(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	static const guint cases[] = { 3, 3, 1, 1 }, left_out[] = { 0, 0, 2, 0 };
	g_autofree char *suite = g_build_filename(fixture->folder, "suite", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(nightly_config_t) config = NULL;
	g_autoptr(nightly_plan_t) plan = NULL;

	stream_put(suite, "own.pkt", "--ip_version=ipv4\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", -1);
	plan = plan_of(fixture, "cases = closing-lo; closing-fin-drained; closing-l*\nfolders = suite\n[variant plain]\n"
			"[variant v4]\nip-version = ipv4\n[variant v6]\nip-version = ipv6\n"
			"[variant v6-drained]\nip-version = ipv6\ncases = closing-*-drained\n", &config, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct nightly_part *part = plan->parts->pdata[i];

		g_assert_cmpuint(part->cases->len, ==, cases[i]);
		g_assert_cmpuint(part->left_out->len, ==, left_out[i]);
	}
	g_assert_cmpuint(plan->cells, ==, 8);
	const struct nightly_part *v6 = plan->parts->pdata[2];
	const struct case_left_out *lo = v6->left_out->pdata[0], *own = v6->left_out->pdata[1];
	g_assert_cmpstr(lo->name, ==, "closing-lo");
	g_assert_cmpstr(lo->ip_version, ==, "ipv4");
	g_assert_cmpstr(own->name, ==, "own");
}

/* Nothing but scripts of another version was asked for: the line that did is told. */
static void test_left_out_faults(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	static const struct { const char *text, *message; } wrong[] = {
		{ "cases = closing-*\n[variant v6]\nip-version = ipv6\ncases = closing-lo\n",
		  ":6: no case of this variant is called closing-lo: closing-lo names ipv4 itself" },
		{ "cases = closing-*\n[variant v6]\nip-version = ipv6\ncases = closing-fin-drained; closing-l*\n",
		  ":6: no case of this variant is called closing-l*: closing-lo names ipv4 itself" },
		{ "cases = closing-*\n[variant v6]\nip-version = ipv6\nexpect.k/closing-lo = fixed\n",
		  ":6: no cell of this variant is called k/closing-lo: closing-lo names ipv4 itself" },
		{ "cases = closing-lo\n[variant v6]\nip-version = ipv6\n", ":4: variant v6 has no case: closing-lo names ipv4 itself" },
		{ "cases = closing-lo\n[variant v6]\nip-version = ipv6\ncases = closing-no\n", ":6: no case of this nightly is called closing-no" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(nightly_config_t) config = NULL;

		g_assert_null(plan_of(fixture, wrong[i].text, &config, &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
		if (!strstr(error->message, wrong[i].message))
			g_error("fault %zu: %s", i, error->message);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/nightly/judge", test_judge);
	g_test_add_func("/nightly/exit-codes", test_exit_codes);
	g_test_add_func("/nightly/changes", test_changes);
	g_test_add_func("/nightly/config", test_config);
	g_test_add_func("/nightly/config-plain", test_config_plain);
	g_test_add_func("/nightly/config-faults", test_config_faults);
	g_test_add_func("/nightly/folders", test_folders);
	g_test_add_func("/nightly/unfinished-nights", test_unfinished_nights);
	g_test_add_func("/nightly/foreign-folder", test_foreign_folder);
	FIXTURE_TEST("/nightly/branch", test_branch);
	FIXTURE_TEST("/nightly/left-out", test_left_out);
	FIXTURE_TEST("/nightly/left-out-faults", test_left_out_faults);
	return g_test_run();
}

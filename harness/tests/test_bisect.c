/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_bisect - the search itself
 */
#include <json-glib/json-glib.h>
#include <sys/wait.h>

#include "bisect_fixture.h"
#include "bisect_report.h"
#include "bisect_series.h"

/* git sees the user's repository as it was. */
static void assert_untouched(struct fixture *fixture)
{
	g_free(in_repository(fixture, "git status --porcelain | diff - ../status && [ ! -e .git/BISECT_LOG ] && [ $(git symbolic-ref HEAD) = refs/heads/main ] "
				      "&& [ -z \"$(git for-each-ref refs/bisect)\" ] && [ ! -e .git/worktrees ] && cat dirt"));
}

static const char *const mended[COUNT] = {[0] = "BUGGY", [5] = "does not build", [6] = "BUGGY", [9] = "FIXED", [12] = "does not come up", [13] = "FIXED"};

static void test_both_directions(struct fixture *fixture, gconstpointer data)
{
	const char *const *verdicts = data;
	struct play play = {.fixture = fixture};
	g_autoptr(GError) error = NULL;
	g_autofree char *date = NULL;
	const struct history_commit *found;
	struct search search;

	make_history(fixture, verdicts, COUNT);
	g_assert_true(search_go(&play, "c1", "main", &search, &error));
	g_assert_no_error(error);
	assert_found(&search, verdicts == introduced ? "commit 17" : "commit 10");
	found = search.result.candidates->pdata[0];
	g_assert_cmpstr(found->author, ==, "tester <tester@example.org>");
	date = in_repository(fixture, verdicts == introduced ? "git log -1 --format=%aI c17" : "git log -1 --format=%aI c10");
	g_assert_cmpstr(found->date, ==, date);
	g_assert_cmpstr(search.result.before->outcome, ==, verdicts == introduced ? "FIXED" : "BUGGY");
	g_assert_cmpstr(search.result.after->outcome, ==, verdicts == introduced ? "BUGGY" : "FIXED");
	g_assert_cmpint(search.result.check, ==, CHECK_CONFIRMED);
	g_assert_nonnull(strstr(search.result.check_text, "reverted at the new end it changes the verdict"));
	g_assert_cmpuint(play.judged, <=, 12);
	assert_untouched(fixture);
	search_clear(&search);
}

/* What git bisect replay makes of the log in the user's own repository. */
static void test_replay(struct fixture *fixture, gconstpointer data)
{
	struct play play = {.fixture = fixture};
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) windows = g_ptr_array_new();
	g_autofree char *text = NULL, *said = NULL, *tree = NULL, *json = NULL, *path = NULL;
	g_autoptr(JsonParser) parser = json_parser_new();
	struct search search;

	(void)data;
	make_history(fixture, introduced, COUNT);
	g_assert_true(search_go(&play, "c1", "main", &search, &error));
	g_assert_true(bisect_report(&search.bisect, &search.result, "some-case", windows, &text, &error));
	g_assert_no_error(error);
	g_assert_nonnull(strstr(text, "some-case: from FIXED to BUGGY with this commit:"));
	g_assert_nonnull(strstr(text, "    commit 17\n"));
	g_assert_nonnull(strstr(text, "skipped  says does not build"));
	path = g_build_filename(search.directory, "bisect.json", NULL);
	g_assert_true(json_parser_load_from_file(parser, path, &error));
	g_assert_true(g_file_get_contents(path, &json, NULL, NULL));
	g_assert_null(strstr(json, fixture->folder));
	said = in_repository(fixture, "git bisect replay ../bisection/git-bisect-replay 2>&1");
	g_assert_nonnull(strstr(said, "commit 17"));
	g_assert_nonnull(strstr(said, "is the first buggy commit"));
	search_clear(&search);
}

/* A process of its own that is killed at its second judgement, or comes to the end: exit code 0. */
static int search_and_die(const char *folder)
{
	struct fixture fixture = {.folder = (char *)folder};
	struct play play = {.fixture = &fixture, .kill_at = 2};
	struct search search;

	if (!search_go(&play, "c1", "main", &search, NULL))
		return 2;
	assert_found(&search, "commit 17");
	search_clear(&search);
	return 0;
}

static char *judged_sorted(struct fixture *fixture)
{
	return fixture_shell(fixture->folder, "sort judged");
}

/* Killed again and again before its judgement is written: every commit is judged once all the same, and the same ones as without a kill. */
static void test_killed(struct fixture *fixture, gconstpointer data)
{
	char *argv[] = {"/proc/self/exe", "--die", fixture->folder, NULL};
	g_autofree char *judged = NULL, *twice = NULL, *alone = NULL, *again = NULL, *self = g_file_read_link("/proc/self/exe", NULL);
	struct play play = {.fixture = fixture};
	struct search search;
	guint kills = 0;
	int status = -1;

	(void)data;
	argv[0] = self;
	make_history(fixture, introduced, COUNT);
	while (status != 0) {
		g_assert_true(g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, NULL, NULL, &status, NULL));
		g_assert_true(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
		kills += status != 0;
	}
	g_assert_cmpuint(kills, >=, 3);
	twice = fixture_shell(fixture->folder, "sort judged | uniq -d");
	g_assert_cmpstr(twice, ==, "");
	judged = judged_sorted(fixture);
	g_free(fixture_shell(fixture->folder, "rm -r bisection judged"));
	g_assert_true(search_go(&play, "c1", "main", &search, NULL));
	search_clear(&search);
	alone = judged_sorted(fixture);
	g_assert_cmpstr(judged, ==, alone);
	g_assert_true(search_go(&play, "c1", "main", &search, NULL)); /* one that is done does nothing more */
	search_clear(&search);
	again = judged_sorted(fixture);
	g_assert_cmpstr(alone, ==, again);
}

/* Half a step file, as a full disk would leave it, is no step; a temporary one beside it does no harm. */
static void test_broken_rig(struct fixture *fixture, gconstpointer data)
{
	struct play play = {.fixture = fixture, .broken = TRUE};
	g_autoptr(GError) error = NULL;
	struct search search;

	(void)data;
	make_history(fixture, introduced, COUNT);
	g_assert_false(search_go(&play, "c1", "main", &search, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_assert_cmpuint(search.bisect.steps->len, ==, 0);
	search_clear(&search);
	g_clear_error(&error);
	play.broken = FALSE;
	fixture_write(fixture->folder, "bisection/steps/001-abc.json.XYZ123", "{");
	g_assert_true(search_go(&play, "c1", "main", &search, &error));
	assert_found(&search, "commit 17");
	search_clear(&search);
}

static void test_refused(struct fixture *fixture, gconstpointer data)
{
	struct play play = {.fixture = fixture};

	(void)data;
	make_history(fixture, introduced, COUNT);
	refuses(&play, "c1", "c10", "both ends have the same verdict");
	refuses(&play, "c1", "c13", "the new end");
	refuses(&play, "c1", "c13", "cannot be judged: says does not build");
	refuses(&play, "main", "c1", "--new is older than --old");
	refuses(&play, "c3", "c3", "the same commit");
	refuses(&play, "c1", "nowhere", "has no commit nowhere");
	refuses(&play, "--all", "c1", "has no commit --all");
	assert_untouched(fixture);
}

/* The change lies among commits that cannot be judged: all of them are named, none is chosen. */
static void test_skipped_range(struct fixture *fixture, gconstpointer data)
{
	static const char *const verdicts[10] = {[0] = "FIXED", [4] = "does not build", [7] = "BUGGY"};
	static const char *const maybe[] = {"commit 5", "commit 6", "commit 7", "commit 8"};
	struct play play = {.fixture = fixture};
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) windows = g_ptr_array_new();
	g_autofree char *text = NULL;
	struct search search;

	(void)data;
	make_history(fixture, verdicts, G_N_ELEMENTS(verdicts));
	g_assert_true(search_go(&play, "c1", "main", &search, &error));
	g_assert_no_error(error);
	g_assert_false(search.result.found);
	g_assert_cmpuint(search.result.candidates->len, ==, G_N_ELEMENTS(maybe));
	for (guint i = 0; i < G_N_ELEMENTS(maybe); i++)
		g_assert_cmpstr(((struct history_commit *)search.result.candidates->pdata[i])->subject, ==, maybe[i]);
	g_assert_true(bisect_report(&search.bisect, &search.result, "some-case", windows, &text, &error));
	g_assert_nonnull(strstr(text, "with one of these 4 commits"));
	search_clear(&search);
}

/* A third verdict is not one of the two that are told apart. */
static void test_third_verdict(struct fixture *fixture, gconstpointer data)
{
	static const char *const verdicts[12] = {[0] = "FIXED", [5] = "CHANGED", [6] = "FIXED", [8] = "CRASH"};
	struct play play = {.fixture = fixture};
	g_autoptr(GError) error = NULL;
	struct search search;

	(void)data;
	make_history(fixture, verdicts, G_N_ELEMENTS(verdicts));
	g_assert_true(search_go(&play, "c1", "main", &search, &error));
	assert_found(&search, "commit 9");
	g_assert_cmpstr(search.result.after->outcome, ==, "CRASH");
	search_clear(&search);
}

static void test_list(struct fixture *fixture, gconstpointer data)
{
	struct play play = {.fixture = fixture};
	struct bisect_result result = {.found = FALSE};
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_build_filename(fixture->folder, "bisection", NULL), *git = g_build_filename(directory, "history.git", NULL);
	struct bisect bisect = {.directory = directory, .workspace = &fixture->workspace, .judge = {&play, play_judge}};

	(void)data;
	for (guint i = 0; i < 9; i++)
		g_ptr_array_add(names, g_strdup_printf("k%u", i));
	bisect.history = history_new_list(git, names, NULL, &error);
	g_assert_no_error(error);
	bisect.steps = steps_read(directory, &error);
	g_assert_true(bisect_run(&bisect, &result, &error) && bisect_run_check(&bisect, &result, &error));
	g_assert_true(result.found);
	g_assert_cmpstr(((struct history_commit *)result.candidates->pdata[0])->subject, ==, "k5");
	g_assert_cmpstr(result.before->name, ==, "k4");
	g_assert_cmpint(result.check, ==, CHECK_NONE);
	bisect_result_clear(&result);
	g_ptr_array_unref(bisect.steps);
	history_free(bisect.history);
	g_assert_false(g_file_test(git, G_FILE_TEST_EXISTS));
}

/* The founding case's own matrix: buggy up to 2.6.33.2, and again in 3.16. */
static void test_windows(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) matrix = matrix_of_releases(&fixture->workspace, "closing-fin-retransmit", &error);
	g_autoptr(GPtrArray) all = windows_between(matrix, NULL, NULL), early = windows_between(matrix, "2.6.32", "3.2"), late = windows_between(matrix, "3.18.20", "4.4");
	g_autofree char *text = windows_text(all);

	(void)data;
	g_assert_cmpstr(text, ==,
			"  --window 1  2.6.33.2 buggy .. 2.6.33.3 fixed\n"
			"  --window 2  3.14.1 fixed .. 3.16 buggy\n"
			"  --window 3  3.16 buggy .. 3.18.20 fixed");
	g_assert_cmpuint(early->len, ==, 1);
	g_assert_cmpuint(late->len, ==, 0);
}

static void test_releases(struct fixture *fixture, gconstpointer data)
{
	static const char *const samples[][2] = {
		{"VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 33\nEXTRAVERSION = .3\nNAME = x\n", "2.6.33.3"},
		{"# SPDX\nVERSION = 3\nPATCHLEVEL = 16\nSUBLEVEL = 0\nEXTRAVERSION =\nNAME = x\n", "3.16"},
		{"VERSION = 3\nPATCHLEVEL = 17\nSUBLEVEL = 0\nEXTRAVERSION = -rc2\n", "3.17"},
		{"VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\nEXTRAVERSION =\n", "6.1.192"},
		{"all:\n\ttrue\n", NULL},
	};

	(void)fixture;
	(void)data;
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *release = release_of_makefile(samples[i][0]);

		g_assert_cmpstr(release, ==, samples[i][1]);
	}
}

static void test_series(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = g_build_filename(fixture->folder, "patches", NULL), *other = g_build_filename(fixture->folder, "other", NULL);
	char *one[] = {folder, NULL}, *two[] = {other, NULL};
	g_autoptr(GPtrArray) series = NULL, listed = NULL;

	(void)data;
	fixture_write(fixture->folder, "patches/b.patch", "");
	fixture_write(fixture->folder, "patches/a.sed", "");
	fixture_write(fixture->folder, "patches/series", "# first\nb.patch -p1\n\na.sed # second\n");
	fixture_write(fixture->folder, "other/0010-x.patch", "");
	fixture_write(fixture->folder, "other/0009-y.patch", "");
	series = series_read(one, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(series->len, ==, 2);
	g_assert_true(g_str_has_suffix(series->pdata[0], "/patches/b.patch"));
	listed = series_read(two, &error);
	g_assert_cmpuint(listed->len, ==, 2);
	g_assert_true(g_str_has_suffix(listed->pdata[0], "/0009-y.patch"));
	fixture_write(fixture->folder, "patches/series", "b.patch\nb.patch -p0\n");
	g_assert_null(series_read(one, &error));
	g_assert_nonnull(strstr(error->message, "series:2: expected a patch's name, or one with -p1"));
	g_clear_error(&error);
	fixture_write(fixture->folder, "patches/series", "gone.patch\n");
	g_assert_null(series_read(one, &error));
	g_assert_nonnull(strstr(error->message, "gone.patch: no such patch"));
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--die") == 0)
		return search_and_die(argv[2]);
	g_test_init(&argc, &argv, NULL);
	g_test_add("/bisect/introduced", struct fixture, introduced, fixture_set_up, test_both_directions, fixture_tear_down);
	g_test_add("/bisect/mended", struct fixture, mended, fixture_set_up, test_both_directions, fixture_tear_down);
	FIXTURE_TEST("/bisect/replay", test_replay);
	FIXTURE_TEST("/bisect/killed", test_killed);
	FIXTURE_TEST("/bisect/broken-rig", test_broken_rig);
	FIXTURE_TEST("/bisect/refused", test_refused);
	FIXTURE_TEST("/bisect/skipped-range", test_skipped_range);
	FIXTURE_TEST("/bisect/third-verdict", test_third_verdict);
	FIXTURE_TEST("/bisect/list", test_list);
	FIXTURE_TEST("/bisect/windows", test_windows);
	FIXTURE_TEST("/bisect/releases", test_releases);
	FIXTURE_TEST("/bisect/series", test_series);
	return g_test_run();
}

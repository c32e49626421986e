/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_bisect_scope - which commits of a history are asked for: branches, paths, first parents, skipped ones, shallow clones
 */
#include "bisect_fixture.h"
#include "bisect_report.h"

/* A branch of two commits from c2 on, the second BUGGY, is merged, and one more commit follows. */
static void merge_side(struct fixture *fixture)
{
	g_free(in_repository(fixture, "git checkout -qb side c2 && echo x >side && git add side && git commit -qm 'side 1' && echo BUGGY >verdict && "
				      "git commit -qam 'side 2' && git checkout -q main && git merge -qm merged side && echo y >after && git add after && "
				      "git commit -qm after"));
}

/* A branch that was merged: the commit lies on it. */
static void test_merge(struct fixture *fixture, gconstpointer data)
{
	static const char *const verdicts[4] = {[0] = "FIXED"};
	struct play play = {.fixture = fixture};
	g_autoptr(GError) error = NULL;
	struct search search;

	(void)data;
	make_history(fixture, verdicts, G_N_ELEMENTS(verdicts));
	merge_side(fixture);
	g_assert_true(search_go(&play, "c1", "main", &search, &error));
	g_assert_no_error(error);
	assert_found(&search, "side 2");
	search_clear(&search);
}

/* Nothing is found, and it is said between which commits to search. */
static void assert_outside(struct play *play, const char *old, const char *new, const struct scope *scope, const char *text, const char *old_is,
			   const char *new_is)
{
	g_autofree char *ask = g_strdup_printf("git rev-parse %s %s | cut -c-12 | tr '\\n' ' '", old_is, new_is), *names = NULL, *between = NULL;
	g_autoptr(GPtrArray) windows = g_ptr_array_new();
	g_autofree char *told = NULL;
	g_autoptr(GError) error = NULL;
	struct search search;

	g_free(in_repository(play->fixture, "rm -rf ../bisection"));
	g_assert_true(search_within(play, old, new, scope, &search, &error));
	g_assert_no_error(error);
	g_assert_false(search.result.found);
	g_assert_cmpuint(search.result.candidates->len, ==, 0);
	if (!search.result.outside || !strstr(search.result.outside, text))
		g_error("\"%s\" lacks \"%s\"", search.result.outside, text);
	names = in_repository(play->fixture, ask);
	between = g_strdup_printf("%s %s ", search.result.outside_old, search.result.outside_new);
	g_assert_cmpstr(g_strstrip(between), ==, g_strstrip(names));
	g_assert_true(bisect_report(&search.bisect, &search.result, "some-case", windows, &told, &error));
	g_assert_nonnull(strstr(told, "the paths leave out with which commit: "));
	search_clear(&search);
}

/* Commits that change other paths are not asked for, and the log says so to git as well. */
static void test_paths(struct fixture *fixture, gconstpointer data)
{
	static char *const paths[] = {(char *)"verdict", NULL}, *const other[] = {(char *)"noise2", NULL}, *const third[] = {(char *)"noise3", NULL};
	static char *const none[] = {(char *)"nowhere", (char *)"neither", NULL};
	struct scope scope = {.paths = paths};
	struct play play = {.fixture = fixture};
	g_autoptr(GError) error = NULL;
	g_autofree char *said = NULL, *log = NULL;
	struct search search;

	(void)data;
	make_history(fixture, introduced, COUNT);
	g_assert_true(search_within(&play, "c1", "main", &scope, &search, &error));
	g_assert_no_error(error);
	assert_found(&search, "commit 17");
	g_assert_cmpint(search.result.check, ==, CHECK_CONFIRMED);
	/* the ends, the one found and its parent, the revert, and of the 7 others that change the verdict's file no more than a bisection takes */
	g_assert_cmpuint(play.judged, <=, 9);
	log = g_build_filename(fixture->folder, "log", NULL);
	g_assert_true(g_file_set_contents(log, search.result.log, -1, NULL));
	said = in_repository(fixture, "git bisect replay ../log 2>&1; git bisect reset");
	g_assert_nonnull(strstr(said, "is the first buggy commit"));
	search_clear(&search);

	/* noise2 changes with a commit on top of 21 alone, which is BUGGY and not the first that is */
	g_free(in_repository(fixture, "rm -r ../bisection; git checkout -q c21 && echo x >noise2 && git add noise2 && git commit -qm late && git tag late && "
				      "git checkout -q main"));
	scope.paths = other;
	assert_outside(&play, "c1", "late", &scope, "but its parent ", "c1", "c21");
	/* noise3 changes with 2 alone, which is FIXED */
	g_free(in_repository(fixture, "git checkout -q c2 && echo x >noise3 && git add noise3 && git commit -qm early && git checkout -q c21 -- . && "
				      "git commit -qm rest && git tag early && git checkout -q main"));
	scope.paths = third;
	assert_outside(&play, "c2", "early", &scope, "no commit that changes the paths is BUGGY, but the new end is", "early~1", "early");

	scope.paths = none;
	play.judged = 0;
	g_assert_false(search_within(&play, "c1", "main", &scope, &search, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_true(g_str_has_prefix(error->message, "nowhere, neither: no commit between --old and --new changes it"));
	g_assert_cmpuint(play.judged, ==, 0);
	search_clear(&search);
}

/* git bisect names a merge that changes the path as well, and a commit whose parent does not build. */
static void test_paths_and_parents(struct fixture *fixture, gconstpointer data)
{
	static const char *const verdicts[4] = {[0] = "FIXED"};
	static char *const paths[] = {(char *)"side", NULL};
	const struct scope scope = {.paths = paths};
	struct play play = {.fixture = fixture};

	(void)data;
	make_history(fixture, verdicts, G_N_ELEMENTS(verdicts));
	g_free(in_repository(fixture, "git checkout -qb topic c2 && echo BUGGY >verdict && git commit -qam culprit && git tag culprit && "
				      "git checkout -q main && git merge -q --no-commit topic && echo x >side && git add side && git commit -qm merged && "
				      "git tag merged && git tag before merged^1 && echo y >after && git add after && git commit -qm after"));
	assert_outside(&play, "c1", "main", &scope, "but its parent ", "c1", "culprit");

	g_free(in_repository(fixture, "git checkout -q c3 && echo BUGGY >verdict && git commit -qam culprit2 && echo 'does not build' >verdict && "
				      "git commit -qam broken && echo BUGGY >verdict && echo z >side && git add side && git commit -qam innocent && "
				      "git tag innocent && echo y >after && git add after && git commit -qm after && git tag end2 && git checkout -q main"));
	assert_outside(&play, "c1", "end2", &scope, "that cannot be told (skipped)", "c1", "innocent");
}

static void refuses_scope(struct play *play, const char *skip, const char *prefix, const char *expected)
{
	char *const ranges[] = {(char *)skip, NULL};
	const struct scope scope = {.skip = ranges};
	g_autoptr(GError) error = NULL;
	struct search search;

	g_assert_false(search_within(play, "c1", "main", &scope, &search, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	if (!g_str_has_prefix(error->message, prefix) || !strstr(error->message, expected))
		g_error("\"%s\" lacks \"%s\" and \"%s\"", error->message, prefix, expected);
	search_clear(&search);
}

/* What was merged is one step; and commits that are said to be of no use are not judged. */
static void test_first_parent_and_skip(struct fixture *fixture, gconstpointer data)
{
	static const char *const verdicts[6] = {[0] = "FIXED"};
	static char *const skip[] = {(char *)"c2..c4", (char *)"side", NULL};
	struct scope scope = {.first_parent = TRUE};
	struct play play = {.fixture = fixture};
	g_autoptr(GError) error = NULL;
	g_autofree char *judged = NULL, *skipped = NULL;
	struct search search;

	(void)data;
	make_history(fixture, verdicts, G_N_ELEMENTS(verdicts));
	merge_side(fixture);
	g_assert_true(search_within(&play, "c1", "main", &scope, &search, &error));
	g_assert_no_error(error);
	assert_found(&search, "merged");
	judged = in_repository(fixture, "for i in side side~1; do grep -c $(git rev-parse $i | cut -c-12) ../judged || true; done; rm -r ../bisection ../judged");
	g_assert_cmpstr(judged, ==, "0\n0");
	g_assert_cmpint(search.result.check, ==, CHECK_CONFIRMED);
	search_clear(&search);

	scope = (struct scope){.skip = skip};
	g_assert_true(search_within(&play, "c1", "main", &scope, &search, &error));
	g_assert_no_error(error);
	g_assert_false(search.result.found);
	skipped = in_repository(fixture, "for i in side c3 c4; do grep -c $(git rev-parse $i | cut -c-12) ../judged || true; done");
	g_assert_cmpstr(skipped, ==, "0\n0\n0");
	search_clear(&search);

	refuses_scope(&play, "c2..c99", "--skip c2..c99: ", "has no commit c99");
	refuses_scope(&play, "c1", "--skip c1: ", "has the end --old in it");
	refuses_scope(&play, "c3..main", "--skip c3..main: ", "has the end --new in it");
	refuses_scope(&play, "c4..c2", "--skip c4..c2: ", "there is no commit in it");
	refuses_scope(&play, "c2...c4", "--skip c2...c4: ", "expected REF or REF..REF");

	/* what was judged stays judged */
	g_free(in_repository(fixture, "rm -r ../bisection"));
	scope.skip = NULL;
	g_assert_true(search_within(&play, "c1", "main", &scope, &search, &error));
	assert_found(&search, "side 2");
	search_clear(&search);
	scope.skip = skip;
	g_assert_true(search_within(&play, "c1", "main", &scope, &search, &error));
	assert_found(&search, "side 2");
	search_clear(&search);
}

/* Every second commit that is no root of a shallow clone can still be seen. */
static void test_shallow(struct fixture *fixture, gconstpointer data)
{
	struct play play = {.fixture = fixture};
	g_autoptr(GError) error = NULL;
	struct search search;

	(void)data;
	make_history(fixture, introduced, COUNT);
	g_free(fixture_shell(fixture->folder, "mv repository whole && git clone -q --depth 16 file://$PWD/whole repository"));
	g_assert_true(search_go(&play, "HEAD~15", "HEAD", &search, &error));
	g_assert_no_error(error);
	assert_found(&search, "commit 17");
	search_clear(&search);
	/* c1 alone, far from the rest: the first commit of the rest would be blamed for what came before it. */
	g_free(fixture_shell(fixture->folder, "rm -r bisection; git -C repository fetch -q --depth 1 origin tag c1"));
	refuses(&play, "c1", "HEAD", "is a shallow clone, and its history is cut off between --old and --new, at ");
}

/* A history that shares nothing with the other. */
static void test_strangers(struct fixture *fixture, gconstpointer data)
{
	struct play play = {.fixture = fixture};

	(void)data;
	make_history(fixture, introduced, COUNT);
	g_free(fixture_shell(fixture->folder, "cd repository; git tag stranger $(git commit-tree -m stranger main^{tree})"));
	refuses(&play, "stranger", "main", "have no commit in common");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/bisect-scope/merge", test_merge);
	FIXTURE_TEST("/bisect-scope/paths", test_paths);
	FIXTURE_TEST("/bisect-scope/paths-and-parents", test_paths_and_parents);
	FIXTURE_TEST("/bisect-scope/first-parent-and-skip", test_first_parent_and_skip);
	FIXTURE_TEST("/bisect-scope/shallow", test_shallow);
	FIXTURE_TEST("/bisect-scope/strangers", test_strangers);
	return g_test_run();
}

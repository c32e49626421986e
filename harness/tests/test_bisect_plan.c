/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_bisect_plan - from a command line to a history: windows by release tags, lists and their ends, folders that are known again
 */
#include "bisect_plan.h"

#include "error.h"
#include "kernel_fixture.h"

static struct test_case *founding_case(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	struct test_case *test_case = case_new(&fixture->workspace, "closing-fin-retransmit", &error);

	g_assert_no_error(error);
	return test_case;
}

/* A commit for each release, with its Makefile and tag; one more behind each. */
static char *releases(struct fixture *fixture)
{
	static const char *const rows[][4] = {
		{"2.6.32", "2", "6", "32"}, {"2.6.33", "2", "6", "33"}, {"2.6.34", "2", "6", "34"}, {"3.14", "3", "14", "0"}, {"3.16", "3", "16", "0"},
		{"3.18", "3", "18", "0"},   {"4.4", "4", "4", "0"},
	};
	g_autoptr(GString) script = g_string_new("mkdir repository && cd repository && git init -q -b main && git config user.name tester && "
						 "git config user.email tester@example.org");

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		g_string_append_printf(script, " && printf 'VERSION = %s\\nPATCHLEVEL = %s\\nSUBLEVEL = %s\\nEXTRAVERSION =\\n' >Makefile && git add . && "
				       "git commit -qm 'release %s' && git tag v%s && git commit -q --allow-empty -m 'after %s'",
				       rows[i][1], rows[i][2], rows[i][3], rows[i][0], rows[i][0], rows[i][0]);
	g_free(fixture_shell(fixture->folder, script->str));
	return g_build_filename(fixture->folder, "repository", NULL);
}

static struct plan *plan(struct fixture *fixture, struct plan_request *request, GError **error)
{
	static const char folder[] = "plan";
	g_autofree char *results = g_build_filename(fixture->folder, folder, NULL);

	request->results = results;
	if (!request->over)
		request->over = "commits";
	return plan_new(request, &fixture->workspace, NULL, error);
}

static void refuses(struct fixture *fixture, struct plan_request request, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(plan_t) refused = plan(fixture, &request, &error);

	g_assert_null(refused);
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	if (!strstr(error->message, expected))
		g_error("\"%s\" lacks \"%s\"", error->message, expected);
}

static void assert_subject(const struct plan *made, const char *id, const char *subject)
{
	g_autoptr(history_commit_t) commit = history_commit(made->history, id, NULL);

	g_assert_cmpstr(commit->subject, ==, subject);
}

/* The second change of the founding case: fixed in 3.14.1, buggy in 3.16; a repository of mainline alone has v3.14. */
static void test_window_of_tags(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *repository = releases(fixture);
	g_autoptr(test_case_t) test_case = founding_case(fixture);
	g_autoptr(GError) error = NULL;
	struct plan_request request = {.repository = repository, .window = 2, .test_case = test_case};
	g_autoptr(plan_t) made = plan(fixture, &request, &error);

	(void)data;
	g_assert_no_error(error);
	assert_subject(made, made->history->old_id, "release 3.14");
	assert_subject(made, made->history->new_id, "release 3.16");
	g_assert_cmpuint(made->windows->len, ==, 1);
	refuses(fixture, (struct plan_request){.repository = repository, .window = 9, .test_case = test_case}, "expected --window from 1 to 3:\n  --window 1");
	g_free(fixture_shell(repository, "git tag -d v3.16"));
	refuses(fixture, (struct plan_request){.repository = repository, .window = 2, .test_case = test_case}, "has no tag v3.16: give --old and --new");
}

/* What is known of the releases between the ends, by their own Makefiles. */
static void test_windows_between_refs(struct fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *old, *new;
		guint changes;
	} samples[] = {{"v2.6.32", "main", 3}, {"v2.6.34", "v3.14", 0}, {"v3.14~2", "main", 2}, {"v3.16", "v4.4", 1}};
	g_autofree char *repository = releases(fixture);
	g_autoptr(test_case_t) test_case = founding_case(fixture);

	(void)data;
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct plan_request request = {.repository = repository, .old = samples[i].old, .new = samples[i].new, .test_case = test_case};
		g_autoptr(GError) error = NULL;
		g_autoptr(plan_t) made = plan(fixture, &request, &error);

		g_assert_no_error(error);
		g_assert_cmpuint(made->windows->len, ==, samples[i].changes);
		g_free(fixture_shell(fixture->folder, "rm -r plan"));
	}
}

static void test_folder(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *repository = releases(fixture);
	g_autoptr(test_case_t) test_case = founding_case(fixture);
	struct plan_request request = {.repository = repository, .old = "v2.6.32", .new = "v2.6.34", .test_case = test_case};
	g_autoptr(GError) error = NULL;

	(void)data;
	for (guint i = 0; i < 2; i++) { /* the same words again find their folder again */
		g_autoptr(plan_t) made = plan(fixture, &request, &error);

		g_assert_no_error(error);
		g_assert_nonnull(made);
	}
	request.new = "main";
	refuses(fixture, request, "holds another bisection");
	g_free(fixture_shell(fixture->folder, "rm plan/0-bisect.json; echo 'work of a year' >plan/notes"));
	refuses(fixture, request, "holds something that is no bisection's");
}

static void test_words(struct fixture *fixture, gconstpointer data)
{
	char *item[] = {"one", NULL};
	g_autofree char *repository = releases(fixture);
	g_autoptr(test_case_t) test_case = founding_case(fixture);

	(void)data;
	refuses(fixture, (struct plan_request){.test_case = test_case}, "expected --repo DIR");
	refuses(fixture, (struct plan_request){.test_case = test_case, .over = "dates"}, "expected --over commits, kernels or patches, found 'dates'");
	refuses(fixture, (struct plan_request){.test_case = test_case, .repository = repository, .old = "v4.4"}, "expected --old REF and --new REF");
	refuses(fixture, (struct plan_request){.test_case = test_case, .repository = repository, .old = "v4.4", .new = "main", .items = item}, "one: no commit between --old and --new changes it");
	refuses(fixture, (struct plan_request){.test_case = test_case, .over = "kernels", .first_parent = TRUE}, "expected no --first-parent and no --skip");
	refuses(fixture, (struct plan_request){.test_case = test_case, .repository = fixture->folder, .old = "a", .new = "b"}, "no git repository");
	refuses(fixture, (struct plan_request){.test_case = test_case, .repository = repository, .old = "v2.6.32", .new = "main", .base = "debian-6.1"},
		"debian-6.1 is a ready kernel");
	refuses(fixture, (struct plan_request){.test_case = test_case, .over = "kernels", .items = item}, "one");
	refuses(fixture, (struct plan_request){.test_case = test_case, .over = "kernels", .repository = repository}, "expected no --repo");
	refuses(fixture, (struct plan_request){.test_case = test_case, .over = "kernels", .old = "linux-9.9"}, "linux-9.9 is not in the list");
	refuses(fixture, (struct plan_request){.test_case = test_case, .over = "kernels", .old = "linux-3.16", .new = "linux-3.2"}, "does not come before");
	refuses(fixture, (struct plan_request){.test_case = test_case, .over = "patches", .base = "debian-6.1"}, "expected patches");
	refuses(fixture, (struct plan_request){.test_case = test_case, .over = "patches"}, "expected --kernel BASE");
}

/* All of kernels/ that stand for a release, old to new, without mutants; one window of them. */
static void test_kernels(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(test_case_t) test_case = founding_case(fixture);
	struct plan_request request = {.over = "kernels", .old = "linux-2.6.32", .new = "linux-4.4", .test_case = test_case};
	g_autoptr(GError) error = NULL;
	g_autoptr(plan_t) made = plan(fixture, &request, &error), narrow = NULL;

	(void)data;
	g_assert_no_error(error);
	assert_subject(made, made->history->old_id, "linux-2.6.32");
	assert_subject(made, made->history->new_id, "linux-4.4");
	g_assert_cmpuint(made->windows->len, ==, 3);
	g_free(fixture_shell(fixture->folder, "rm -r plan"));
	request.window = 3;
	narrow = plan(fixture, &request, &error);
	g_assert_no_error(error);
	assert_subject(narrow, narrow->history->old_id, "linux-3.16");
	assert_subject(narrow, narrow->history->new_id, "linux-3.18.20");
}

/* The base's own patch, then those of the series. */
static void assert_patches(struct fixture *fixture, const struct kernel *kernel, const char *expected)
{
	g_auto(GStrv) patches = kernel_patches(kernel, &fixture->workspace);
	g_autofree char *further = g_strjoinv(" ", patches + 1);

	g_assert_true(g_str_has_suffix(patches[0], "kernels/patches/tun-no-orphan.sed"));
	g_assert_cmpstr(further, ==, expected);
}

/* Of a series, the kernel of a point has the patches up to it, and of a check all but one. */
static void test_series(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *folder = g_build_filename(fixture->folder, "patches", NULL);
	char *items[] = {folder, NULL};
	g_autoptr(test_case_t) test_case = founding_case(fixture);
	struct plan_request request = {.over = "patches", .base = "source-6.1-mutant", .items = items, .test_case = test_case};
	struct rig rig = {.workspace = &fixture->workspace};
	g_autoptr(GError) error = NULL;
	g_autoptr(plan_t) made = NULL;
	g_autoptr(kernel_t) whole = NULL, but_one = NULL;
	g_autoptr(history_commit_t) last = NULL;
	g_autofree char *expected = g_strdup_printf("%s/1.patch %s/2.patch", folder, folder);
	g_autofree char *expected_but = g_strdup_printf("%s/2.patch", folder);

	(void)data;
	fixture_write(fixture->folder, "patches/1.patch", "");
	fixture_write(fixture->folder, "patches/2.patch", "");
	made = plan(fixture, &request, &error);
	g_assert_no_error(error);
	plan_fill_rig(made, &rig);
	last = history_commit(made->history, made->history->new_id, &error);
	g_assert_cmpstr(last->subject, ==, "02-2.patch");
	whole = rig_kernel(&rig, made->history, &(struct point){.commit = last, .name = "whole"}, &error);
	assert_patches(fixture, whole, expected);
	but_one = rig_kernel(&rig, made->history, &(struct point){.commit = last, .name = "but", .without = made->history->ids->pdata[1]}, &error);
	assert_patches(fixture, but_one, expected_but);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/bisect-plan/window-of-tags", test_window_of_tags);
	FIXTURE_TEST("/bisect-plan/windows-between-refs", test_windows_between_refs);
	FIXTURE_TEST("/bisect-plan/folder", test_folder);
	FIXTURE_TEST("/bisect-plan/words", test_words);
	FIXTURE_TEST("/bisect-plan/kernels", test_kernels);
	FIXTURE_TEST("/bisect-plan/series", test_series);
	return g_test_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_fixture - real git and real histories for the tests of bisections; only the kernels are played
 * The judge reads a commit's verdict from its file `verdict`: an outcome, or anything else as the reason of a skip.
 */
#ifndef FINRIG_TESTS_BISECT_FIXTURE_H
#define FINRIG_TESTS_BISECT_FIXTURE_H

#include <signal.h>
#include <stdlib.h>

#include "bisect.h"
#include "bisect_scope.h"
#include "error.h"
#include "kernel_fixture.h"

/* What the played judge does, and what it noted. */
struct play {
	struct fixture *fixture;
	guint kill_at;   /* ends the process at its so manieth judgement, before it is one; 0: never */
	guint judged;
	gboolean broken; /* the rig fails */
};

static inline char *in_repository(struct fixture *fixture, const char *command)
{
	g_autofree char *whole = g_strdup_printf("cd repository && { %s; }", command);

	return g_strchomp(fixture_shell(fixture->folder, whole));
}

/* A history of that many commits: "1" to "count"; verdicts[i] is what commit i + 1 says, NULL: what the one before says. */
static inline void make_history(struct fixture *fixture, const char *const *verdicts, guint count)
{
	g_autoptr(GString) script = g_string_new("mkdir repository && cd repository && git init -q -b main && git config user.name tester && "
						 "git config user.email tester@example.org");

	for (guint i = 0; i < count; i++) {
		if (verdicts[i])
			g_string_append_printf(script, " && echo '%s' >verdict", verdicts[i]);
		g_string_append_printf(script, " && echo %u >noise && git add . && GIT_AUTHOR_DATE='@%u +0000' git commit -qm 'commit %u' && git tag c%u",
				       i, 1000000 + i, i + 1, i + 1);
	}
	g_string_append(script, " && echo dirt >dirt && git status --porcelain >../status");
	g_free(fixture_shell(fixture->folder, script->str));
}

/* A revert is played as well: the patch says which verdict it brings. */
static inline char *verdict_of(const struct history *history, const struct point *point)
{
	g_autofree char *patch = NULL;
	const char *added;

	if (!point->patch || !g_file_get_contents(point->patch, &patch, NULL, NULL))
		return g_strchomp(history_file(history, point->commit->id, "verdict"));
	added = strstr(patch, "\n+FIXED") ? "FIXED" : strstr(patch, "\n+BUGGY") ? "BUGGY" : NULL;
	return added ? g_strdup(added) : g_strchomp(history_file(history, point->commit->id, "verdict"));
}

static inline gboolean play_judge(gpointer user, const struct history *history, const struct point *point, const GPtrArray *steps, struct step *step,
			   GError **error)
{
	struct play *play = user;
	g_autofree char *verdict = history->ids ? NULL : verdict_of(history, point), *line = NULL, *path = NULL;
	gboolean outcome;

	(void)steps;
	if (play->broken) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "no QEMU");
		return FALSE;
	}
	if (++play->judged == play->kill_at)
		raise(SIGKILL);
	if (history->ids) /* k5 and later are BUGGY */
		verdict = g_strdup(atoi(point->commit->subject + 1) >= 5 ? "BUGGY" : "FIXED");
	outcome = g_strv_contains((const char *const[]){"FIXED", "BUGGY", "CHANGED", "CRASH", NULL}, verdict);
	step->outcome = outcome ? g_strdup(verdict) : NULL;
	step->reason = g_strdup_printf("says %s", verdict);
	line = g_strdup_printf("echo %s >>judged", point->name);
	path = fixture_shell(play->fixture->folder, line);
	return TRUE;
}

struct search {
	struct bisect bisect;
	struct bisect_result result;
	char *directory;
};

static inline void search_clear(struct search *search)
{
	bisect_result_clear(&search->result);
	g_clear_pointer(&search->bisect.steps, g_ptr_array_unref);
	history_free(search->bisect.history);
	g_free(search->directory);
}

/* One attempt, from its files on. */
static inline gboolean search_within(struct play *play, const char *old, const char *new, const struct scope *scope, struct search *search, GError **error)
{
	g_autofree char *repository = g_build_filename(play->fixture->folder, "repository", NULL), *git = NULL;

	memset(search, 0, sizeof(*search));
	search->directory = g_build_filename(play->fixture->folder, "bisection", NULL);
	git = g_build_filename(search->directory, "history.git", NULL);
	g_mkdir_with_parents(search->directory, 0777);
	search->bisect = (struct bisect){.directory = search->directory, .workspace = &play->fixture->workspace, .judge = {play, play_judge}};
	return (search->bisect.history = history_new_commits(git, repository, old, new, NULL, error)) &&
	       history_narrow(search->bisect.history, scope, error) && (search->bisect.steps = steps_read(search->directory, error)) && bisect_run(&search->bisect, &search->result, error) &&
	       bisect_run_check(&search->bisect, &search->result, error);
}

static inline gboolean search_go(struct play *play, const char *old, const char *new, struct search *search, GError **error)
{
	const struct scope all = {.first_parent = FALSE};

	return search_within(play, old, new, &all, search, error);
}

static inline void assert_found(const struct search *search, const char *subject)
{
	g_assert_true(search->result.found);
	g_assert_cmpuint(search->result.candidates->len, ==, 1);
	g_assert_cmpstr(((struct history_commit *)search->result.candidates->pdata[0])->subject, ==, subject);
}

static inline void refuses(struct play *play, const char *old, const char *new, const char *expected)
{
	g_autoptr(GError) error = NULL;
	struct search search;

	g_assert_false(search_go(play, old, new, &search, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	if (!strstr(error->message, expected))
		g_error("\"%s\" lacks \"%s\"", error->message, expected);
	search_clear(&search);
}

enum { COUNT = 26 };

/* The verdict changes at 17, and near it lie two that do not build and one that does not boot. */
static const char *const introduced[COUNT] = {
	[0] = "FIXED", [12] = "does not build", [14] = "FIXED", [16] = "BUGGY", [18] = "does not come up", [19] = "BUGGY",
	[21] = "does not build", [22] = "BUGGY",
};

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_git - git bisect in the history's own repository: start, mark, read what it says
 * What it found is read from `git bisect log`, whose comments are made for it, and not from what it prints for people.
 */
#include "bisect_git.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "source_process.h"

char **git_environment(void)
{
	static const char *const unwanted[] = {
		"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_TRACE",
		"GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_REPLACE_REF_BASE", "GIT_CEILING_DIRECTORIES", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE",
	};
	char **environment = process_environment();

	for (guint i = 0; i < G_N_ELEMENTS(unwanted); i++)
		environment = g_environ_unsetenv(environment, unwanted[i]);
	return g_environ_setenv(environment, "GIT_PAGER", "cat", TRUE);
}

gboolean git_run(const char *const *words, char **environment, GCancellable *cancellable, char **output, int *exit_code, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_auto(GStrv) own = environment ? NULL : git_environment();
	struct process process = {.environment = environment ? environment : own};

	g_ptr_array_add(argv, (gpointer) "git");
	for (guint i = 0; words[i]; i++)
		g_ptr_array_add(argv, (gpointer)words[i]);
	g_ptr_array_add(argv, NULL);
	process.argv = (const char *const *)argv->pdata;
	return process_run(&process, cancellable, output, exit_code, error);
}

gboolean history_git(const struct history *history, const char *const *words, char **output, int *exit_code, GError **error)
{
	g_autofree char *git_option = g_strconcat("--git-dir=", history->directory, NULL);
	g_autoptr(GPtrArray) all = g_ptr_array_new();

	g_ptr_array_add(all, git_option);
	for (guint i = 0; words[i]; i++)
		g_ptr_array_add(all, (gpointer)words[i]);
	g_ptr_array_add(all, NULL);
	return git_run((const char *const *)all->pdata, NULL, history->cancellable, output, exit_code, error);
}

gboolean git_is_id(const char *text)
{
	return strlen(text) >= 40 && strspn(text, "0123456789abcdef") == strlen(text);
}

void history_answer_clear(struct history_answer *answer)
{
	g_clear_pointer(&answer->ids, g_ptr_array_unref);
}

/* The id in `# first buggy commit: [id] subject`, where line begins with prefix; NULL for another line. */
static char *id_behind(const char *line, const char *prefix)
{
	const char *open = g_str_has_prefix(line, prefix) ? strstr(line, " commit: [") : NULL;
	const char *id = open ? open + strlen(" commit: [") : NULL, *end = id ? strchr(id, ']') : NULL;

	return end ? g_strndup(id, (gsize)(end - id)) : NULL;
}

/* git lists those that it may be from new to old. */
static void read_log(const char *log, struct history_answer *answer)
{
	g_auto(GStrv) lines = g_strsplit(log, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		char *found = id_behind(lines[i], "# first "), *possible = id_behind(lines[i], "# possible first ");

		if (found)
			answer->state = HISTORY_FOUND;
		if (possible)
			answer->state = HISTORY_SKIPPED;
		if (found || possible)
			g_ptr_array_insert(answer->ids, 0, found ? found : possible);
	}
}

/* words, and the history's paths behind a `--` where it has some; of the strings only the array is new. */
static char **with_paths(const struct history *history, const char *const *words)
{
	GPtrArray *all = g_ptr_array_new();

	for (guint i = 0; words[i]; i++)
		g_ptr_array_add(all, (gpointer)words[i]);
	if (history->paths)
		g_ptr_array_add(all, (gpointer) "--");
	for (guint i = 0; history->paths && history->paths[i]; i++)
		g_ptr_array_add(all, history->paths[i]);
	g_ptr_array_add(all, NULL);
	return (char **)g_ptr_array_free(all, FALSE);
}

/* bisect_all and bisect_steps of `git rev-list --bisect-vars`. */
static gboolean read_estimate(const struct history *history, struct history_answer *answer, GError **error)
{
	g_autofree char *new_ref = g_strconcat("refs/bisect/", history->new_term, NULL), *output = NULL;
	g_autofree char *old_refs = g_strdup_printf("--glob=refs/bisect/%s-*", history->old_term);
	const char *const words[] = {"rev-list", "--bisect-vars", new_ref, "--not", old_refs, history->first_parent ? "--first-parent" : NULL, NULL};
	g_autofree char **argv = with_paths(history, words);
	const char *all, *steps;

	if (!history_git(history, (const char *const *)argv, &output, NULL, error))
		return FALSE;
	all = strstr(output, "bisect_all=");
	steps = strstr(output, "bisect_steps=");
	answer->left = all ? (guint)strtoul(all + strlen("bisect_all="), NULL, 10) : 0;
	answer->steps = steps ? (guint)strtoul(steps + strlen("bisect_steps="), NULL, 10) + 1 : 0;
	return TRUE;
}

/* git lists all commits between those that it knows; here only those that change the paths. */
static gboolean list_possible(const struct history *history, struct history_answer *answer, GError **error)
{
	g_autofree char *new_ref = g_strconcat("refs/bisect/", history->new_term, NULL), *output = NULL;
	g_autofree char *old_refs = g_strdup_printf("--glob=refs/bisect/%s-*", history->old_term);
	const char *const words[] = {"rev-list", "--reverse", new_ref, "--not", old_refs, history->first_parent ? "--first-parent" : NULL, NULL};
	g_autofree char **argv = with_paths(history, words);
	g_auto(GStrv) ids = NULL;

	if (!history_git(history, (const char *const *)argv, &output, NULL, error))
		return FALSE;
	ids = g_strsplit(g_strstrip(output), "\n", -1);
	g_ptr_array_set_size(answer->ids, 0);
	for (guint i = 0; ids[i]; i++)
		if (git_is_id(ids[i]))
			g_ptr_array_add(answer->ids, g_strdup(ids[i]));
	return TRUE;
}

static gboolean read_answer(const struct history *history, gboolean exhausted, struct history_answer *answer, GError **error)
{
	g_autofree char *log = history_log(history, error), *path = g_build_filename(history->directory, "BISECT_HEAD", NULL), *head = NULL;
	g_autoptr(GError) why = NULL;

	if (!log)
		return FALSE;
	answer->ids = g_ptr_array_new_with_free_func(g_free);
	answer->state = exhausted ? HISTORY_NONE : HISTORY_NEXT;
	read_log(log, answer);
	if (answer->state == HISTORY_SKIPPED && history->paths)
		return list_possible(history, answer, error);
	if (answer->state != HISTORY_NEXT)
		return TRUE;
	if (!g_file_get_contents(path, &head, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "git bisect names no commit to test: %s", why->message);
		return FALSE;
	}
	g_ptr_array_add(answer->ids, g_strdup(g_strstrip(head)));
	return read_estimate(history, answer, error);
}

/* git bisect's exit code says more than success: 2 only skipped ones are left, 3 a merge base is new already, 4 no commit to ask for. */
static gboolean bisect(const struct history *history, const char *word, const char *id, gboolean *exhausted, GError **error)
{
	const char *const words[] = {"bisect", word, id, NULL};
	g_autofree char *output = NULL;
	int exit_code;

	if (!history_git(history, words, &output, &exit_code, error))
		return FALSE;
	*exhausted = exit_code == 4;
	if (exit_code == 0 || exit_code == 2 || exit_code == 4)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, exit_code == 3 ? FINRIG_ERROR_USAGE : FINRIG_ERROR_BROKEN, "git bisect %s: %s", word, g_strstrip(output));
	return FALSE;
}

static gboolean skip_all(const struct history *history, gboolean *exhausted, GError **error)
{
	for (guint i = 0; !*exhausted && history->skipped && i < history->skipped->len; i++)
		if (!bisect(history, "skip", history->skipped->pdata[i], exhausted, error))
			return FALSE;
	return TRUE;
}

gboolean history_begin(struct history *history, const char *old_term, const char *new_term, struct history_answer *answer, GError **error)
{
	g_autofree char *old_option = g_strconcat("--term-old=", old_term, NULL), *new_option = g_strconcat("--term-new=", new_term, NULL);
	const char *const head[] = {"update-ref", "--no-deref", "HEAD", history->new_id, NULL};
	const char *const start[] = {"bisect", "start", "--no-checkout", old_option, new_option, history->first_parent ? "--first-parent" : NULL, NULL};
	g_autofree char **start_argv = with_paths(history, start);
	gboolean exhausted;

	history->old_term = g_strdup(old_term);
	history->new_term = g_strdup(new_term);
	return history_git(history, head, NULL, NULL, error) && history_git(history, (const char *const *)start_argv, NULL, NULL, error) &&
	       bisect(history, new_term, history->new_id, &exhausted, error) && bisect(history, old_term, history->old_id, &exhausted, error) &&
	       skip_all(history, &exhausted, error) && read_answer(history, exhausted, answer, error);
}

gboolean history_mark(struct history *history, enum history_mark mark, const char *id, struct history_answer *answer, GError **error)
{
	const char *const words[] = {[HISTORY_OLD] = history->old_term, [HISTORY_NEW] = history->new_term, [HISTORY_SKIP] = "skip"};

	gboolean exhausted;

	return bisect(history, words[mark], id, &exhausted, error) && read_answer(history, exhausted, answer, error);
}

char *history_log(const struct history *history, GError **error)
{
	static const char *const words[] = {"bisect", "log", NULL};
	char *log = NULL;

	return history_git(history, words, &log, NULL, error) ? log : NULL;
}

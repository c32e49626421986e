/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_history - the commits of a bisection: a bare repository of ours that borrows the objects of the user's
 */
#include "bisect_history.h"

#include <glib/gstdio.h>
#include <string.h>

#include "artefact.h"
#include "bisect_git.h"
#include "error.h"
#include "source_unpack.h"

void history_commit_free(struct history_commit *commit)
{
	if (!commit)
		return;
	g_free(commit->id);
	g_free(commit->subject);
	g_free(commit->author);
	g_free(commit->date);
	g_free(commit->parent);
	g_strfreev(commit->parents);
	g_free(commit);
}

void history_free(struct history *history)
{
	if (!history)
		return;
	remove_folder(history->directory);
	g_free(history->directory);
	g_free(history->repository);
	g_free(history->old_id);
	g_free(history->new_id);
	g_free(history->old_term);
	g_free(history->new_term);
	if (history->ids)
		g_ptr_array_unref(history->ids);
	g_strfreev(history->paths);
	if (history->idle)
		g_ptr_array_unref(history->idle);
	if (history->skipped)
		g_ptr_array_unref(history->skipped);
	g_free(history);
}

static struct history *history_new(const char *directory, GCancellable *cancellable)
{
	struct history *history = g_new0(struct history, 1);

	remove_folder(directory);
	history->directory = g_canonicalize_filename(directory, NULL);
	history->cancellable = cancellable;
	return history;
}

/* A line that git says of the user's repository. */
static char *ask_repository(const struct history *history, const char *option, const char *value, GError **error)
{
	const char *const words[] = {"-c", "safe.directory=*", "-C", history->repository, "rev-parse", option, value, NULL};
	g_autoptr(GError) why = NULL;
	char *answer = NULL;

	if (git_run(words, NULL, history->cancellable, &answer, NULL, &why))
		return g_strstrip(answer);
	if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_CANCELLED))
		g_propagate_error(error, g_steal_pointer(&why));
	else
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no git repository: %s", history->repository, why->message);
	return NULL;
}

/* Objects by git's own means of borrowing; where a shallow clone ends has to be said as well. */
static gboolean borrow_objects(const struct history *history, GError **error)
{
	g_autofree char *objects = ask_repository(history, "--git-path", "objects", error);
	g_autofree char *shallow = objects ? ask_repository(history, "--git-path", "shallow", error) : NULL;
	g_autofree char *objects_path = NULL, *shallow_path = NULL, *line = NULL, *grafts = NULL;
	g_autofree char *info = g_build_filename(history->directory, "objects", "info", NULL);
	gsize length;

	if (!shallow)
		return FALSE;
	objects_path = g_canonicalize_filename(objects, history->repository);
	shallow_path = g_canonicalize_filename(shallow, history->repository);
	line = g_strconcat(objects_path, "\n", NULL);
	if (!artefact_write(info, "alternates", line, strlen(line), error))
		return FALSE;
	return !g_file_get_contents(shallow_path, &grafts, &length, NULL) || artefact_write(history->directory, "shallow", grafts, length, error);
}

static gboolean init_repository(const struct history *history, const char *format, GError **error)
{
	g_autofree char *option = g_strconcat("--object-format=", format, NULL);
	const char *const words[] = {"init", "--quiet", "--bare", "--template=", option, history->directory, NULL};

	return git_run(words, NULL, history->cancellable, NULL, NULL, error);
}

char *history_resolve(const struct history *history, const char *ref, GError **error)
{
	g_autofree char *what = g_strconcat(ref, "^{commit}", NULL);
	const char *const words[] = {"-c", "safe.directory=*", "-C", history->repository, "rev-parse", "--verify", "--quiet", "--end-of-options",
				     what, NULL};
	g_autofree char *output = NULL;
	const char *id;
	int exit_code;

	if (!git_run(words, NULL, history->cancellable, &output, &exit_code, error))
		return NULL;
	g_strstrip(output);
	id = strrchr(output, '\n') ? strrchr(output, '\n') + 1 : output;
	if (exit_code == 0 && git_is_id(id))
		return g_strdup(id);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s has no commit %s", history->repository, ref);
	return NULL;
}

gboolean repository_has_ref(const char *repository, const char *ref)
{
	struct history history = {.repository = (char *)repository};
	g_autofree char *id = history_resolve(&history, ref, NULL);

	return id != NULL;
}

static gboolean check_order(const struct history *history, const char *old, const char *new, GError **error)
{
	const char *const words[] = {"merge-base", "--is-ancestor", history->new_id, history->old_id, NULL};
	int exit_code;

	if (!history_git(history, words, NULL, &exit_code, error))
		return FALSE;
	if (exit_code == 0)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", strcmp(history->old_id, history->new_id) ?
			    "--new is older than --old: expected them the other way round" : "--old and --new are the same commit");
	else if (exit_code != 1)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "git merge-base %s %s failed", new, old);
	return exit_code == 1;
}

/* Where a shallow clone ends between the two, git would take the first commit that it has for the first of all, and blame it. */
static gboolean check_whole(const struct history *history, GError **error)
{
	const char *const base[] = {"merge-base", history->old_id, history->new_id, NULL};
	const char *const roots[] = {"rev-list", "--max-parents=0", "--max-count=1", history->new_id, "--not", history->old_id, NULL};
	g_autofree char *shallow = g_build_filename(history->directory, "shallow", NULL), *root = NULL;
	gboolean is_shallow = g_file_test(shallow, G_FILE_TEST_EXISTS);
	int exit_code;

	if (!history_git(history, base, NULL, &exit_code, error) || !history_git(history, roots, &root, NULL, error))
		return FALSE;
	g_strstrip(root);
	if (is_shallow && (exit_code || *root))
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s is a shallow clone, and its history is cut off between --old and --new%s%.12s: "
			    "complete it with git fetch --unshallow", history->repository, *root ? ", at " : "", root);
	else if (exit_code)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "--old and --new have no commit in common, so no commit leads from one to the other");
	return !exit_code && !(is_shallow && *root);
}

struct history *history_open(const char *directory, const char *repository, GCancellable *cancellable, GError **error)
{
	g_autoptr(history_t) history = history_new(directory, cancellable);
	g_autofree char *format = NULL;

	history->repository = g_canonicalize_filename(repository, NULL);
	format = ask_repository(history, "--show-object-format", NULL, error);
	return format && init_repository(history, format, error) && borrow_objects(history, error) ? g_steal_pointer(&history) : NULL;
}

struct history *history_new_commits(const char *directory, const char *repository, const char *old, const char *new, GCancellable *cancellable,
				    GError **error)
{
	g_autoptr(history_t) history = history_open(directory, repository, cancellable, error);

	if (!history || !(history->old_id = history_resolve(history, old, error)) || !(history->new_id = history_resolve(history, new, error)) ||
	    !check_order(history, old, new, error) || !check_whole(history, error))
		return NULL;
	return g_steal_pointer(&history);
}

/* An empty commit that follows the last one. Its author and dates are the same each time, so its id is as well. */
static gboolean add_commit(struct history *history, const char *tree, const char *name, GError **error)
{
	static const char *const people[][2] = {
		{"GIT_AUTHOR_NAME", "finrig"}, {"GIT_AUTHOR_EMAIL", "finrig@localhost"}, {"GIT_AUTHOR_DATE", "@0 +0000"},
		{"GIT_COMMITTER_NAME", "finrig"}, {"GIT_COMMITTER_EMAIL", "finrig@localhost"}, {"GIT_COMMITTER_DATE", "@0 +0000"},
	};
	const char *parent = history->ids->len ? history->ids->pdata[history->ids->len - 1] : NULL;
	const char *const words[] = {"commit-tree", "-m", name, tree, parent ? "-p" : NULL, parent, NULL};
	g_auto(GStrv) environment = git_environment();
	g_autofree char *git_option = g_strconcat("--git-dir=", history->directory, NULL), *output = NULL;
	g_autoptr(GPtrArray) all = g_ptr_array_new();

	for (guint i = 0; i < G_N_ELEMENTS(people); i++)
		environment = g_environ_setenv(environment, people[i][0], people[i][1], TRUE);
	g_ptr_array_add(all, git_option);
	for (guint i = 0; words[i]; i++)
		g_ptr_array_add(all, (gpointer)words[i]);
	g_ptr_array_add(all, NULL);
	if (!git_run((const char *const *)all->pdata, environment, history->cancellable, &output, NULL, error))
		return FALSE;
	g_ptr_array_add(history->ids, g_strdup(g_strstrip(output)));
	return TRUE;
}

struct history *history_new_list(const char *directory, GPtrArray *names, GCancellable *cancellable, GError **error)
{
	static const char *const words[] = {"hash-object", "-t", "tree", "-w", "/dev/null", NULL};
	g_autoptr(history_t) history = history_new(directory, cancellable);
	g_autofree char *tree = NULL;

	history->ids = g_ptr_array_new_with_free_func(g_free);
	if (!init_repository(history, "sha1", error) || !history_git(history, words, &tree, NULL, error))
		return NULL;
	g_strstrip(tree);
	for (guint i = 0; i < names->len; i++)
		if (!add_commit(history, tree, names->pdata[i], error))
			return NULL;
	history->old_id = g_strdup(history->ids->pdata[0]);
	history->new_id = g_strdup(history->ids->pdata[history->ids->len - 1]);
	return g_steal_pointer(&history);
}

/* What git shows goes behind a mark of ours: warnings may stand in front. */
#define SHOWN "finrig:"

struct history_commit *history_commit(const struct history *history, const char *id, GError **error)
{
	const char *const words[] = {"log", "-1", "--no-show-signature", "--format=" SHOWN "%H%x1f%s%x1f%an <%ae>%x1f%aI%x1f%P", id, NULL};
	g_autofree char *output = NULL;
	g_auto(GStrv) fields = NULL;
	struct history_commit *commit;
	const char *shown;

	if (!history_git(history, words, &output, NULL, error))
		return NULL;
	shown = strstr(g_strchomp(output), SHOWN);
	fields = g_strsplit(shown ? shown + strlen(SHOWN) : "", "\x1f", 5);
	if (g_strv_length(fields) != 5) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "git log %s: cannot be read: %s", id, output);
		return NULL;
	}
	commit = g_new0(struct history_commit, 1);
	commit->id = g_strdup(fields[0]);
	commit->subject = g_utf8_make_valid(fields[1], -1);
	commit->author = g_utf8_make_valid(fields[2], -1);
	commit->date = g_strdup(fields[3]);
	commit->parents = *fields[4] ? g_strsplit(g_strstrip(fields[4]), " ", -1) : g_new0(char *, 1);
	commit->parent = g_strdup(commit->parents[0]);
	return commit;
}

gboolean history_patch(const struct history *history, const char *from, const char *to, char *const *only, const char *path, GError **error)
{
	g_autofree char *output = g_strconcat("--output=", path, NULL);
	const char *const words[] = {"diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/",
				     output, from, to, "--", NULL};
	GStrvBuilder *builder = g_strv_builder_new();
	g_auto(GStrv) argv = NULL;

	g_strv_builder_addv(builder, (const char **)words);
	if (only)
		g_strv_builder_addv(builder, (const char **)only);
	argv = g_strv_builder_end(builder);
	g_strv_builder_unref(builder);
	return history_git(history, (const char *const *)argv, NULL, NULL, error);
}

char *history_file(const struct history *history, const char *id, const char *path)
{
	g_autofree char *what = g_strdup_printf("%s:%s", id, path);
	const char *const words[] = {"cat-file", "blob", what, NULL};
	g_autofree char *output = NULL;

	return history_git(history, words, &output, NULL, NULL) ? g_steal_pointer(&output) : NULL;
}

/* The file and the headers in its folder, as git lists them. */
static GPtrArray *list_files(const struct history *history, const char *id, const char *file, gboolean *found, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(file), *below = strcmp(folder, ".") ? g_strconcat(folder, "/", NULL) : g_strdup("./");
	const char *const words[] = {"ls-tree", "--name-only", id, below, NULL};
	g_autofree char *output = NULL;
	g_auto(GStrv) lines = NULL;
	GPtrArray *files;

	if (!history_git(history, words, &output, NULL, error))
		return NULL;
	lines = g_strsplit(output, "\n", -1);
	files = g_ptr_array_new_with_free_func(g_free);
	*found = FALSE;
	for (guint i = 0; lines[i]; i++) {
		*found |= !strcmp(lines[i], file);
		if (!strcmp(lines[i], file) || (g_str_has_suffix(lines[i], ".h") && *lines[i] != '"'))
			g_ptr_array_add(files, g_strdup(lines[i]));
	}
	return files;
}

gboolean history_export(const struct history *history, const char *id, const char *file, const char *into, GError **error)
{
	gboolean found;
	g_autoptr(GPtrArray) files = list_files(history, id, file, &found, error), words = g_ptr_array_new();
	g_autofree char *work = g_strconcat("--work-tree=", into, NULL);
	const char *const head[] = {work, "-c", "core.bare=false", "-c", "core.autocrlf=false", "-c", "core.hooksPath=/dev/null", "checkout",
				    "--quiet", "--force", id, "--"};

	if (!files)
		return FALSE;
	if (!found) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%.12s has no file %s", id, file);
		return FALSE;
	}
	remove_folder(into);
	g_mkdir_with_parents(into, 0777);
	for (guint i = 0; i < G_N_ELEMENTS(head); i++)
		g_ptr_array_add(words, (gpointer)head[i]);
	for (guint i = 0; i < files->len; i++)
		g_ptr_array_add(words, files->pdata[i]);
	g_ptr_array_add(words, NULL);
	return history_git(history, (const char *const *)words->pdata, NULL, NULL, error);
}

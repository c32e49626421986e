/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_git - a repository and a ref of the user's
 * The repository is only read: one private work tree and index per repository in scratch/source/ are moved from ref to ref,
 * so that a bisection touches (and then compiles) only what differs. A lock is held while it stands at a ref.
 */
#include "source_git.h"

#include <glib/gstdio.h>
#include <string.h>

#include "error.h"
#include "source_process.h"
#include "source_unpack.h"

gboolean source_git_run(const struct source_task *task, const char *const *words, char **environment, char **output,
		 GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	struct process process = {.environment = environment};
	g_autofree char *text = NULL;

	g_ptr_array_add(argv, (gpointer) "git");
	for (guint i = 0; words[i]; i++)
		g_ptr_array_add(argv, (gpointer)words[i]);
	g_ptr_array_add(argv, NULL);
	process.argv = (const char *const *)argv->pdata;
	if (!process_run(&process, task->cancellable, &text, NULL, error))
		return FALSE;
	if (output)
		*output = g_strdup(g_strstrip(text));
	return TRUE;
}

char *source_git_directory(const struct source_task *task, GError **error)
{
	const char *const words[] = {"-c", "safe.directory=*", "-C", task->kernel->where, "rev-parse", "--absolute-git-dir", NULL};
	char *directory = NULL;

	if (!source_git_run(task, words, NULL, &directory, error) && error && g_error_matches(*error, FINRIG_ERROR, FINRIG_ERROR_BROKEN)) {
		g_autofree char *why = g_strdup((*error)->message);

		g_clear_error(error);
		g_set_error(error, FINRIG_ERROR, (gint)kernel_absent(task->kernel), "%s: no git repository: %s", task->kernel->where, why);
	}
	return directory;
}

const char *source_git_ref(const struct kernel *kernel)
{
	const char *pinned = kernel_key(kernel, "commit"), *ref = kernel_key(kernel, "ref");

	return pinned ? pinned : ref ? ref : "HEAD";
}

char *source_git_resolve(const struct source_task *task, const char *directory, const char *ref, const char *kind, GError **error)
{
	g_autofree char *git_option = g_strconcat("--git-dir=", directory, NULL), *what = g_strdup_printf("%s^{%s}", ref, kind);
	const char *const words[] = {git_option, "rev-parse", "--verify", "--quiet", "--end-of-options", what, NULL};
	g_autofree char *output = NULL;
	const char *id;

	if (source_git_run(task, words, NULL, &output, NULL)) {
		id = strrchr(output, '\n') ? strrchr(output, '\n') + 1 : output;
		if (strlen(id) >= 40 && strspn(id, "0123456789abcdef") == strlen(id))
			return g_strdup(id);
	}
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: %s has no ref %s", task->kernel->origin, task->kernel->where, ref);
	return NULL;
}

struct source *git_find(const struct source_task *task, GError **error)
{
	g_autoptr(source_t) source = source_new(SOURCE_TREE);
	g_autofree char *directory = source_git_directory(task, error);
	const char *ref = kernel_key(task->kernel, "ref");

	if (!directory || !(source->identity = source_git_resolve(task, directory, source_git_ref(task->kernel), "tree", error)))
		return NULL;
	source->file = g_steal_pointer(&directory);
	source->family = g_strconcat("git ", source->file, NULL);
	source->label = g_strdup_printf("%s@%s", task->kernel->where, ref ? ref : "HEAD");
	return g_steal_pointer(&source);
}

char *source_commit(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable, GError **error)
{
	const struct source_task task = {kernel, workspace, SOURCE_LOCAL, cancellable};
	g_autofree char *directory = kernel->kind == KERNEL_GIT ? source_git_directory(&task, error) : NULL;

	return directory ? source_git_resolve(&task, directory, source_git_ref(kernel), "commit", error) : NULL;
}

/* Brings the private work tree to the source's tree. Nothing is written into the repository: index and files are ours. */
static gboolean move_to(const struct source_task *task, const char *directory, const char *work, const char *id, GError **error)
{
	g_autofree char *index = g_strconcat(work, ".index", NULL);
	g_autofree char *git_option = g_strconcat("--git-dir=", directory, NULL), *work_option = g_strconcat("--work-tree=", work, NULL);
	const char *const words[] = {git_option, work_option, "-c", "core.bare=false", "-c", "core.autocrlf=false", "-c",
				     "core.sparseCheckout=false", "-c", "core.hooksPath=/dev/null", "read-tree", "--reset", "-u", id, NULL};
	g_auto(GStrv) environment = g_environ_setenv(process_environment(), "GIT_INDEX_FILE", index, TRUE);

	g_mkdir_with_parents(work, 0777);
	return source_git_run(task, words, environment, NULL, error);
}

/* The same, such that a move that was killed half way is not built upon: its files may belong to neither tree. */
static gboolean move_safely(const struct source_task *task, const char *directory, const char *work, const char *id, GError **error)
{
	g_autofree char *index = g_strconcat(work, ".index", NULL), *moving = g_strconcat(work, ".moving", NULL);

	if (g_file_test(moving, G_FILE_TEST_EXISTS) || !g_file_test(index, G_FILE_TEST_EXISTS)) {
		remove_folder(work);
		g_unlink(index);
	}
	if (!g_file_set_contents(moving, id, -1, error) || !move_to(task, directory, work, id, error))
		return FALSE;
	g_unlink(moving);
	return TRUE;
}

gboolean git_unpack(const struct source_task *task, struct source *source, GError **error)
{
	g_autofree char *digest = hash_text(source->file), *name = g_strdup_printf("git-%.16s", digest);
	g_autofree char *place = g_build_filename(workspace_scratch(task->workspace), "source", name, NULL);
	g_autofree char *work = g_canonicalize_filename(place, NULL), *lock_path = g_strconcat(work, ".lock", NULL);

	source->lock = process_lock(lock_path, task->cancellable, error);
	if (source->lock < 0)
		return FALSE;
	workspace_progress(task->workspace, "source", task->kernel->name, "checking out %s", source->label);
	if (!move_safely(task, source->file, work, source->identity, error) || !source_check_tree(work, error))
		return FALSE;
	source->tree = tree_read(task->workspace, work, task->cancellable, error);
	source->directory = g_steal_pointer(&work);
	return source->tree != NULL;
}

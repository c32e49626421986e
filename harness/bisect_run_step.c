/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_run_step - the test of a `git bisect run`: judges what stands in a checkout
 */
#include "bisect_run_step.h"

#include <string.h>

#include "bisect_git.h"
#include "error.h"

/* A line that git says in the repository, or NULL. */
static char *ask(const char *repository, const char *option, const char *value)
{
	const char *const words[] = {"-c", "safe.directory=*", "-C", repository, "rev-parse", option, value, NULL};
	char *output = NULL;

	return git_run(words, NULL, NULL, &output, NULL, NULL) ? g_strstrip(output) : NULL;
}

/* The work tree as it stands: what the user's own script did to its files counts. A swapped module is built from it. */
static struct kernel *kernel_of_tree(const struct rig *rig, const char *name, const char *top)
{
	struct kernel *kernel = kernel_variant(rig->base, name);
	g_autoptr(GList) keys = g_hash_table_get_keys(kernel->keys);
	gboolean swaps = FALSE;

	for (GList *key = keys; key; key = key->next) {
		const char *file = g_str_has_prefix(key->data, "modules.") ? kernel_swap_file(kernel_key(kernel, key->data)) : NULL;
		g_autofree char *name_of_key = g_strdup(key->data), *where = file ? g_strconcat(top, "/:", file, NULL) : NULL;

		if (where)
			kernel_set_key(kernel, name_of_key, where);
		swaps |= where != NULL;
	}
	if (!swaps)
		kernel_set_tree(kernel, top);
	return kernel;
}

static gboolean judge_here(const struct rig *rig, const char *repository, struct step *step, GError **error)
{
	g_autofree char *place = g_build_filename(rig->directory, "history.git", NULL), *bisected = ask(repository, "--verify", "BISECT_HEAD");
	g_autofree char *id = bisected ? g_strdup(bisected) : ask(repository, "--verify", "HEAD"), *top = ask(repository, "--show-toplevel", NULL);
	g_autofree char *name = id ? g_strndup(id, 12) : NULL;
	struct history_commit commit = {.id = id};
	struct point point = {.commit = &commit, .name = name};
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(history_t) history = NULL;
	g_autoptr(kernel_t) kernel = NULL;

	if (!id || (!bisected && !top)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: expected a git work tree with a commit", repository);
		return FALSE;
	}
	step->name = g_strdup(name);
	if (bisected) {
		history = history_open(place, repository, rig->cancellable, error);
		return history && rig_judge((gpointer)rig, history, &point, none, step, error);
	}
	kernel = kernel_of_tree(rig, name, top);
	return rig_judge_kernel(rig, kernel, none, step, error);
}

int run_step(const struct rig *rig, const char *repository, const char *old, const char *new, char **reason, GError **error)
{
	struct step *step = g_new0(struct step, 1);
	int exit_code = RUN_STEP_ABORT;

	if (judge_here(rig, repository, step, error)) {
		exit_code = !g_strcmp0(step->outcome, old) ? RUN_STEP_OLD : !g_strcmp0(step->outcome, new) ? RUN_STEP_NEW : RUN_STEP_SKIP;
		*reason = g_strdup_printf("%s: %s: %s", step->name, step_outcome(step), step->reason);
	}
	step_free(step);
	return exit_code;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_checkout - whose work is the source? What a report to the kernel's developers must name
 */
#include "source_checkout.h"

#include <string.h>

#include "source_git.h"

static const char remotes[] = "refs/remotes/", heads[] = "refs/heads/";

/* The last line of what git says with up to five words, or NULL: what it has no answer to is left out of a report. */
static char *ask(const struct source_task *task, const char *directory, const char *const *question)
{
	g_autofree char *option = g_strconcat("--git-dir=", directory, NULL), *output = NULL;
	const char *words[8] = {option}, *line;

	for (guint i = 0; question[i]; i++)
		words[i + 1] = question[i];
	if (!source_git_run(task, words, NULL, &output, NULL))
		return NULL;
	line = strrchr(output, '\n');
	line = line ? line + 1 : output;
	return *line && g_utf8_validate(line, -1, NULL) ? g_strdup(line) : NULL;
}

static char *full_name(const struct source_task *task, const char *directory)
{
	const char *ref = kernel_key(task->kernel, "ref");
	const char *const words[] = {"rev-parse", "--symbolic-full-name", "--end-of-options", ref ? ref : "HEAD", NULL};

	return ask(task, directory, words);
}

/* Of "refs/remotes/NAME/..." */
static char *remote_of(const char *ref)
{
	const char *name = ref && g_str_has_prefix(ref, remotes) ? ref + strlen(remotes) : NULL, *slash = name ? strchr(name, '/') : NULL;

	return slash ? g_strndup(name, (gsize)(slash - name)) : NULL;
}

static char *branch_of(const char *ref)
{
	g_autofree char *remote = remote_of(ref);

	if (remote)
		return g_strdup(ref + strlen(remotes) + strlen(remote) + 1);
	return ref && g_str_has_prefix(ref, heads) ? g_strdup(ref + strlen(heads)) : NULL;
}

/* What anyone can fetch from; user names and words of access stay here. */
static char *public_url(const char *text)
{
	g_autoptr(GUri) url = text ? g_uri_parse(text, G_URI_FLAGS_HAS_PASSWORD, NULL) : NULL;
	const char *scheme = url ? g_uri_get_scheme(url) : NULL;

	if (!scheme || !g_uri_get_host(url) || (strcmp(scheme, "https") && strcmp(scheme, "git")))
		return NULL;
	return g_uri_to_string_partial(url, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);
}

/* A commit that no remote has is nobody else's to fetch. */
static char *find_url(const struct source_task *task, const char *directory, const char *ref, const char *commit)
{
	g_autofree char *contains = g_strconcat("--contains=", commit, NULL), *holder = NULL, *remote = remote_of(ref), *url = NULL;
	const char *const which[] = {"for-each-ref", "--count=1", "--format=%(refname)", contains, remotes, NULL};

	if (!remote) {
		holder = ask(task, directory, which);
		remote = remote_of(holder);
	}
	if (!remote)
		return NULL;

	const char *const where[] = {"remote", "get-url", "--", remote, NULL};

	url = ask(task, directory, where);
	return public_url(url);
}

static char *hash_patches(const struct source_task *task, GError **error)
{
	g_auto(GStrv) paths = kernel_patches(task->kernel, task->workspace);
	g_autoptr(GString) lines = g_string_new(NULL);

	for (guint i = 0; paths[i]; i++) {
		g_autofree char *hash = hash_file(task->workspace, paths[i], error);

		if (!hash)
			return NULL;
		g_string_append_printf(lines, "%s\n", hash);
	}
	return *paths ? hash_text(lines->str) : g_strdup("");
}

struct source_checkout *source_checkout_new(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable,
					    GError **error)
{
	const struct source_task task = {kernel, workspace, SOURCE_LOCAL, cancellable};
	g_autofree char *directory = kernel->kind == KERNEL_GIT ? source_git_directory(&task, error) : NULL, *ref = NULL;
	g_autoptr(source_checkout_t) checkout = g_new0(struct source_checkout, 1);

	if (!directory || !(checkout->commit = source_git_resolve(&task, directory, source_git_ref(kernel), "commit", error)) ||
	    !(checkout->patchset_hash = hash_patches(&task, error)))
		return NULL;

	const char *const describe[] = {"describe", "--abbrev=12", checkout->commit, NULL};

	checkout->name = ask(&task, directory, describe);
	ref = full_name(&task, directory);
	checkout->branch = branch_of(ref);
	checkout->repository_url = find_url(&task, directory, ref, checkout->commit);
	return g_steal_pointer(&checkout);
}

JsonObject *source_checkout_json(const struct source_checkout *checkout)
{
	const struct { const char *member, *text; } members[] = {
		{"commit", checkout->commit}, {"name", checkout->name}, {"branch", checkout->branch},
		{"repository_url", checkout->repository_url}, {"patchset_hash", checkout->patchset_hash},
	};
	JsonObject *object = json_object_new();

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++)
		if (members[i].text)
			json_object_set_string_member(object, members[i].member, members[i].text);
	return object;
}

void source_checkout_free(struct source_checkout *checkout)
{
	if (!checkout)
		return;
	g_free(checkout->commit);
	g_free(checkout->name);
	g_free(checkout->branch);
	g_free(checkout->repository_url);
	g_free(checkout->patchset_hash);
	g_free(checkout);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_tarball - a release of kernel.org: linux-2.6.32.tar.xz, from the user's folders, the cache or the mirror
 * A file is believed if it has the checksum that is given in the kernel file, else the one pinned when it was first seen,
 * else (only when fetched) the one in kernel.org's signed list. The user's own file without any of these is used, and pinned once
 * it was unpacked whole.
 */
#include "source_kind.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "source_fetch.h"
#include "source_pin.h"
#include "source_process.h"
#include "source_sums.h"
#include "source_unpack.h"

/* The first is what kernel.org has for every release. */
static const char *const endings[] = {".tar.xz", ".tar.gz", ".tar.bz2"};

static char *without_ending(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(name, endings[i]))
			return g_strndup(name, strlen(name) - strlen(endings[i]));
	return g_strdup(name);
}

static gboolean is_number(const char *text)
{
	return g_regex_match_simple("^[0-9]+(\\.[0-9]+)+$", text, 0, 0);
}

/* linux-2.6.32 for `linux-2.6.32`, `2.6.32` and `linux-2.6.32.tar.xz`. */
static char *release_of(const struct kernel *kernel, GError **error)
{
	g_autofree char *base = without_ending(kernel->where);
	const char *number = g_str_has_prefix(base, "linux-") ? base + strlen("linux-") : base;

	if (is_number(number))
		return g_strconcat("linux-", number, NULL);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: tarball %s: expected a release such as linux-2.6.32 or linux-6.1.7, "
		    "or the path of a tarball with a / in it", kernel->origin, kernel->where);
	return NULL;
}

/* What the checksum of file should be, or NULL if nobody has said so yet; *by names who did. */
static char *expected_sum(const struct source_task *task, const char *name, char **by)
{
	const char *given = kernel_key(task->kernel, "sha256");

	*by = given ? g_strdup(task->kernel->origin) : pin_place(task->workspace, name);
	return given ? g_ascii_strdown(given, -1) : pin_read(task->workspace, name);
}

/* What helps when a file has another checksum than expected: what was pinned may not be what the user means now. */
static char *cure(const struct source_task *task, const char *name)
{
	g_autofree char *pinned = kernel_key(task->kernel, "sha256") ? NULL : pin_read(task->workspace, name);
	g_autofree char *place = pin_place(task->workspace, name);

	return pinned ? g_strconcat("; if this file is the right one, remove ", place, NULL) : g_strdup("");
}

/* Fills in source from a tarball on disk. */
static gboolean take_tarball(const struct source_task *task, struct source *source, const char *path, GError **error)
{
	g_autofree char *sum = hash_file(task->workspace, path, error), *name = g_path_get_basename(path), *by = NULL;
	g_autofree char *expected = expected_sum(task, name, &by), *shown = shown_path(path);

	if (!sum)
		return FALSE;
	if (expected && strcmp(sum, expected)) {
		g_autofree char *remedy = cure(task, name);

		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT, "%s: its SHA-256 is %s, but %s says %s%s", shown, sum, by, expected, remedy);
		return FALSE;
	}
	source->label = g_steal_pointer(&name);
	source->identity = g_steal_pointer(&sum);
	source->file = g_strdup(path);
	source->lasting = TRUE;
	return TRUE;
}

static const char *folder_at(const struct workspace *workspace, guint index, const char *cache)
{
	return index < workspace->tarball_dirs->len ? workspace->tarball_dirs->pdata[index] : cache;
}

/* Pins the checksum of an unpacked file that nobody has vouched for. */
static gboolean pin_new(const struct source_task *task, const struct source *source, GError **error)
{
	g_autofree char *by = NULL, *expected = expected_sum(task, source->label, &by);

	if (expected)
		return TRUE;
	workspace_progress(task->workspace, "source", task->kernel->name,
			   "%s: used as it is, not checked against kernel.org's list; its checksum is pinned in %s", source->label, by);
	return pin_write(task->workspace, source->label, source->identity, error);
}

/* The value of a variable of a kernel's top Makefile; "" if it has none. */
static char *makefile_value(const char *makefile, const char *name)
{
	g_autofree char *pattern = g_strdup_printf("^%s[ \t]*=[ \t]*(\\S*)[ \t]*$", name);
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	return g_regex_match(regex, makefile, 0, &match) ? g_match_info_fetch(match, 1) : g_strdup("");
}

/* The release that a tree says it is, as kernel.org writes it: linux-2.6.32.2, and linux-3.2 for 3.2.0. NULL for none. */
static char *tree_release(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, "Makefile", NULL), *makefile = NULL, *version = NULL, *patchlevel = NULL, *sublevel = NULL;
	g_autofree char *extra = NULL, *number = NULL;
	gboolean short_form;

	if (!source_is_tree(folder) || !g_file_get_contents(path, &makefile, NULL, NULL) || !g_utf8_validate(makefile, -1, NULL))
		return NULL;
	version = makefile_value(makefile, "VERSION");
	patchlevel = makefile_value(makefile, "PATCHLEVEL");
	sublevel = makefile_value(makefile, "SUBLEVEL");
	extra = makefile_value(makefile, "EXTRAVERSION");
	short_form = !*sublevel || (!strcmp(sublevel, "0") && strcmp(version, "2"));
	number = g_strdup_printf("%s.%s%s%s%s", version, patchlevel, short_form ? "" : ".", short_form ? "" : sublevel, extra);
	return is_number(number) ? g_strconcat("linux-", number, NULL) : NULL;
}

static gboolean is_tree_of(const char *folder, const char *release)
{
	g_autofree char *own = tree_release(folder);

	return !g_strcmp0(own, release);
}

/* A tarball or an unpacked folder called release, in the user's folders or the cache, or a user's folder that is the release itself;
 * NULL if there is none. */
static char *find_local(const struct workspace *workspace, const char *release)
{
	g_autofree char *cache = g_build_filename(workspace->cache, "source", NULL);

	for (guint i = 0; i <= workspace->tarball_dirs->len; i++) {
		const char *folder = folder_at(workspace, i, cache);
		g_autofree char *tree = g_build_filename(folder, release, NULL);

		for (guint j = 0; j < G_N_ELEMENTS(endings); j++) {
			g_autofree char *tarball = g_strconcat(tree, endings[j], NULL);

			if (g_file_test(tarball, G_FILE_TEST_IS_REGULAR))
				return g_canonicalize_filename(tarball, NULL);
		}
		if (source_is_tree(tree))
			return g_canonicalize_filename(tree, NULL);
		if (is_tree_of(folder, release))
			return g_canonicalize_filename(folder, NULL);
	}
	return NULL;
}

static gboolean check_folders(const struct workspace *workspace, GError **error)
{
	for (guint i = 0; i < workspace->tarball_dirs->len; i++) {
		const char *folder = workspace->tarball_dirs->pdata[i];

		if (g_file_test(folder, G_FILE_TEST_IS_DIR))
			continue;
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no such folder (--tarballs or FINRIG_TARBALLS)", folder);
		return FALSE;
	}
	return TRUE;
}

/* The newest of several that will do. */
struct stand_in {
	const struct workspace *workspace;
	const char *pattern;
	char *release, *path;
};

/* Takes release if it is one, matches, is newer and really at hand: beside a tarball may lie its signature, or a build. */
static void consider(struct stand_in *best, const char *release)
{
	char *path;

	if (!release || !g_str_has_prefix(release, "linux-") || !is_number(release + strlen("linux-")) ||
	    !g_pattern_match_simple(best->pattern, release) || (best->release && strverscmp(release, best->release) <= 0))
		return;
	path = find_local(best->workspace, release);
	if (!path)
		return;
	g_free(best->release);
	g_free(best->path);
	best->release = g_strdup(release);
	best->path = path;
}

static void consider_folder(struct stand_in *best, const char *path)
{
	g_autofree char *itself = tree_release(path);
	GDir *folder = g_dir_open(path, 0, NULL);
	const char *entry;

	consider(best, itself);
	while (folder && (entry = g_dir_read_name(folder))) {
		g_autofree char *release = without_ending(entry);

		consider(best, release);
	}
	if (folder)
		g_dir_close(folder);
}

/* The key `also`: a pattern of other releases that will do, such as linux-2.6.32.*, if one of them is at hand. The newest wins. */
static char *find_stand_in(const struct source_task *task, const char *release, gboolean in_cache)
{
	struct stand_in best = {.workspace = task->workspace, .pattern = kernel_key(task->kernel, "also")};
	g_autofree char *cache = g_build_filename(task->workspace->cache, "source", NULL);

	for (guint i = 0; best.pattern && !in_cache && i < task->workspace->tarball_dirs->len; i++)
		consider_folder(&best, task->workspace->tarball_dirs->pdata[i]);
	if (best.pattern && in_cache)
		consider_folder(&best, cache);
	if (best.path)
		workspace_progress(task->workspace, "source", task->kernel->name, "%s stands in for %s", best.path, release);
	g_free(best.release);
	return best.path;
}

/* Folders of the mirror that may have the release: v2.6/, v3.x/; stable ones of long life have a folder of their own. */
static char **mirror_folders(const struct workspace *workspace, const char *release)
{
	g_auto(GStrv) parts = g_strsplit(release + strlen("linux-"), ".", -1);
	const char *slash = g_str_has_suffix(workspace->mirror, "/") ? "" : "/";
	GStrvBuilder *folders = g_strv_builder_new();
	g_autofree char *main_folder = NULL, *longterm = NULL;
	char **result;

	if (!strcmp(parts[0], "2"))
		main_folder = g_strdup_printf("%s%sv2.%s/", workspace->mirror, slash, parts[1]);
	else
		main_folder = g_strdup_printf("%s%sv%s.x/", workspace->mirror, slash, parts[0]);
	g_strv_builder_add(folders, main_folder);
	if (!strcmp(parts[0], "2") && g_strv_length(parts) == 4) {
		longterm = g_strdup_printf("%slongterm/v2.%s.%s/", main_folder, parts[1], parts[2]);
		g_strv_builder_add(folders, longterm);
	}
	result = g_strv_builder_end(folders);
	g_strv_builder_unref(folders);
	return result;
}

/* Where else the file can come from, and nothing about the network but the reason. */
static gboolean not_fetched(const struct source_task *task, const char *name, const char *why, GError **error)
{
	g_autofree char *folder = g_strconcat(task->workspace->cache, "/source/", NULL), *shown = shown_path(folder);

	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s cannot be fetched (%s); put it in %s or pass --tarballs DIR",
		    name, why, shown);
	return FALSE;
}

/* Fetches name from one folder of the mirror. *found FALSE: not there. */
static gboolean fetch_from(const struct source_task *task, const char *folder, const char *name, const char *path, gboolean *found, GError **error)
{
	g_autofree char *url = g_strconcat(folder, name, NULL), *by = NULL, *expected = expected_sum(task, name, &by), *sum = NULL, *remedy = NULL;

	if (!expected) {
		expected = sums_lookup(task->workspace, task->kernel->name, folder, name, found, task->cancellable, error);
		g_free(by);
		by = g_strconcat(folder, "sha256sums.asc", NULL);
	}
	if (!expected)
		return *found == FALSE;
	workspace_progress(task->workspace, "source", task->kernel->name, "fetching %s", url);
	for (int again = 0; again < 2; again++) {
		if (!fetch_file(task->workspace, task->kernel->name, url, path, found, task->cancellable, error))
			return FALSE;
		if (!*found)
			return TRUE;
		g_free(sum);
		sum = hash_file(task->workspace, path, error);
		if (!sum)
			return FALSE;
		if (!strcmp(sum, expected))
			return pin_write(task->workspace, name, sum, error);
		g_unlink(path); /* a download that went on from a stale part is begun anew once */
	}
	remedy = cure(task, name);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: its SHA-256 is %s, but %s says %s%s", url, sum, by, expected, remedy);
	return FALSE;
}

static gboolean fetch_locked(const struct source_task *task, const char *release, const char *path, GError **error)
{
	g_auto(GStrv) folders = mirror_folders(task->workspace, release);
	g_autofree char *name = g_strconcat(release, endings[0], NULL), *why = NULL;
	g_autoptr(GError) reason = NULL;

	if (g_file_test(path, G_FILE_TEST_EXISTS)) /* another kernel of the same release fetched it meanwhile */
		return TRUE;
	if (!fetch_reachable(task->workspace, &why))
		return not_fetched(task, name, why, error);
	for (guint i = 0; folders[i]; i++) {
		gboolean found = TRUE;

		if (!fetch_from(task, folders[i], name, path, &found, &reason)) {
			if (g_error_matches(reason, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE))
				return not_fetched(task, name, reason->message, error);
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		}
		if (found)
			return TRUE;
	}
	return not_fetched(task, name, "the mirror has no such release", error);
}

static char *fetch(const struct source_task *task, const char *release, GError **error)
{
	g_autofree char *name = g_strconcat(release, endings[0], NULL), *path = source_place(task->workspace, name);
	g_autofree char *lock_path = g_strconcat(path, ".lock", NULL);
	gboolean fetched;
	int lock;

	if (task->reach == SOURCE_LOCAL) {
		not_fetched(task, name, "not asked for", error);
		return NULL;
	}
	lock = process_lock(lock_path, task->cancellable, error);
	if (lock < 0)
		return NULL;
	fetched = fetch_locked(task, release, path, error);
	close(lock);
	return fetched ? g_steal_pointer(&path) : NULL;
}

/* Without the file, but known from before: enough if the image is there. */
static gboolean take_pinned(const struct source_task *task, struct source *source, const char *release)
{
	for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
		g_autofree char *name = g_strconcat(release, endings[i], NULL), *by = NULL;
		g_autofree char *pinned = pin_read(task->workspace, name), *expected = expected_sum(task, name, &by);

		if (pinned && !g_strcmp0(pinned, expected)) {
			source->label = g_steal_pointer(&name);
			source->identity = g_steal_pointer(&pinned);
			source->lasting = TRUE;
			return TRUE;
		}
	}
	return FALSE;
}

/* Fetches the release, or takes from the cache what stands in for it. In this order: else a release that was fetched for another
 * kernel would quietly change what this one is. */
static char *fetch_or_stand_in(const struct source_task *task, const char *release, GError **error)
{
	g_autoptr(GError) why = NULL;
	char *path = fetch(task, release, &why);

	if (!path && g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE))
		path = find_stand_in(task, release, TRUE);
	if (!path)
		g_propagate_error(error, g_steal_pointer(&why));
	return path;
}

static gboolean find_release(const struct source_task *task, struct source *source, GError **error)
{
	g_autofree char *release = release_of(task->kernel, error), *path = NULL;

	if (!release)
		return FALSE;
	path = find_local(task->workspace, release);
	if (!path)
		path = find_stand_in(task, release, FALSE);
	if (!path && take_pinned(task, source, release))
		return TRUE;
	if (!path)
		path = fetch_or_stand_in(task, release, error);
	if (!path)
		return FALSE;
	return g_file_test(path, G_FILE_TEST_IS_DIR) ? source_take_tree(source, path, task->workspace, task->cancellable, error) :
						       take_tarball(task, source, path, error);
}

struct source *tarball_find(const struct source_task *task, GError **error)
{
	g_autoptr(source_t) source = source_new(SOURCE_TREE);
	const char *where = task->kernel->where;
	g_autofree char *path = g_canonicalize_filename(where, task->kernel->folder);
	gboolean found;

	if (!check_folders(task->workspace, error))
		return NULL;
	if (!strchr(where, '/') && !g_file_test(path, G_FILE_TEST_IS_REGULAR))
		found = find_release(task, source, error);
	else if (g_file_test(path, G_FILE_TEST_IS_DIR))
		found = source_take_tree(source, path, task->workspace, task->cancellable, error);
	else
		found = source_check_file(task->kernel, path, error) && take_tarball(task, source, path, error);
	if (!found)
		return NULL;
	if (!source->family)
		source->family = g_strdup(source->identity);
	return g_steal_pointer(&source);
}

gboolean tarball_unpack(const struct source_task *task, struct source *source, GError **error)
{
	g_autofree char *base = without_ending(source->label), *id = NULL, *place = NULL, *release = NULL;
	struct unpack unpack = {.strip = TRUE};

	if (source->directory)
		return TRUE;
	id = g_strdup_printf("%s-%.12s", base, source->identity);
	place = source_place(task->workspace, id);
	if (!g_file_test(place, G_FILE_TEST_IS_DIR)) {
		if (!source->file && (!(release = release_of(task->kernel, error)) || !(source->file = fetch(task, release, error))))
			return FALSE;
		workspace_progress(task->workspace, "source", task->kernel->name, "unpacking %s", source->label);
		unpack.file = source->file;
		if (!unpack_once(&unpack, place, source_check_tree, task->cancellable, error))
			return FALSE;
	}
	source->directory = g_steal_pointer(&place);
	return pin_new(task, source, error);
}

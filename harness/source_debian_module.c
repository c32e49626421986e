/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_debian_module - what it takes to build one module anew for a packaged kernel: its source file and the headers
 */
#include "source_debian.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "source_hash.h"
#include "source_kind.h"
#include "source_process.h"
#include "source_unpack.h"

/* Relative names of the files wanted from the source tarball. */
static gboolean is_listed(const char *path, gpointer user)
{
	return g_strv_contains(user, path);
}

/* Names in quotes after #include, as paths relative to the tree's top. */
static char **quoted_includes(const char *file, const char *text)
{
	g_autofree char *folder = g_path_get_dirname(file);
	g_autoptr(GRegex) regex = g_regex_new("^[ \t]*#[ \t]*include[ \t]+\"([^\"/]+)\"", G_REGEX_MULTILINE, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	GStrvBuilder *names = g_strv_builder_new();
	char **result;

	g_regex_match(regex, text, 0, &match);
	for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
		g_autofree char *name = g_match_info_fetch(match, 1), *path = g_build_filename(folder, name, NULL);

		g_strv_builder_add(names, path);
	}
	result = g_strv_builder_end(names);
	g_strv_builder_unref(names);
	return result;
}

static gboolean unpack_listed(const char *deb, char **names, const char *into, guint *count, GCancellable *cancellable, GError **error)
{
	struct unpack unpack = {.file = deb, .nested = {"data.tar*", "usr/src/linux-source-*.tar.*"}, .strip = TRUE, .wanted = is_listed,
				.user = names, .stop_after = g_strv_length(names)};

	return unpack_into(&unpack, into, count, cancellable, error);
}

static gboolean take_file(const char *deb, const char *file, const char *into, GCancellable *cancellable, GError **error)
{
	char *const only[] = {(char *)file, NULL};
	g_autofree char *path = g_build_filename(into, file, NULL), *text = NULL;
	g_auto(GStrv) includes = NULL;
	guint count = 0;

	g_mkdir_with_parents(into, 0777);
	if (!unpack_listed(deb, (char **)only, into, &count, cancellable, error))
		return FALSE;
	if (!count) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: its source has no %s", deb, file);
		return FALSE;
	}
	if (!g_file_get_contents(path, &text, NULL, error))
		return FALSE;
	includes = quoted_includes(file, text);
	count = 0;
	return !includes[0] || unpack_listed(deb, includes, into, &count, cancellable, error);
}

/* The same by way of a temporary folder, so that place is there with all it needs or not at all. */
static gboolean take_file_whole(const char *deb, const char *file, const char *place, GCancellable *cancellable, GError **error)
{
	g_autofree char *temporary = g_strconcat(place, ".tmp-XXXXXX", NULL);
	gboolean done = g_mkdtemp_full(temporary, 0777) && take_file(deb, file, temporary, cancellable, error);

	if (done && rename(temporary, place) < 0) /* someone else was quicker, with the same content */
		done = g_file_test(place, G_FILE_TEST_IS_DIR);
	remove_folder(temporary);
	if (!done && error && !*error)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: cannot be made", place);
	return done;
}

gboolean debian_source_file(const struct workspace *workspace, const struct kernel *kernel, const char *name, const char *version,
			    const char *file, char **path, char **sha256, GCancellable *cancellable, GError **error)
{
	g_autofree char *deb = debian_download(workspace, kernel, name, version, TRUE, cancellable, error);
	g_autofree char *id = NULL, *place = NULL, *digest = NULL;

	if (!deb || !(*sha256 = hash_file(workspace, deb, error)))
		return FALSE;
	digest = hash_text(file);
	id = g_strdup_printf("%s_%s-%.12s-file-%.12s", name, version, *sha256, digest);
	g_strdelimit(id, ":~", '-');
	place = source_place(workspace, id);
	*path = g_build_filename(place, file, NULL);
	if (g_file_test(*path, G_FILE_TEST_EXISTS))
		return TRUE;
	workspace_progress(workspace, "source", kernel->name, "taking %s out of %s %s", file, name, version);
	return take_file_whole(deb, file, place, cancellable, error);
}

/* What the headers package needs of its own kind: the part common to all flavours, and kbuild. */
static char **headers_packages(const char *deb, GError **error)
{
	g_autoptr(debian_package_t) package = debian_read(deb, error);
	g_auto(GStrv) wants = g_strsplit(package && package->depends ? package->depends : "", ",", -1);
	GStrvBuilder *names = g_strv_builder_new();
	char **result;

	for (guint i = 0; wants[i]; i++) {
		g_auto(GStrv) words = g_strsplit_set(g_strstrip(wants[i]), " (:", 2);

		if (g_str_has_prefix(words[0], "linux-headers-") || g_str_has_prefix(words[0], "linux-kbuild-"))
			g_strv_builder_add(names, words[0]);
	}
	result = g_strv_builder_end(names);
	g_strv_builder_unref(names);
	if (package)
		return result;
	g_strfreev(result);
	return NULL;
}

/* The headers' Makefile includes the common one by its installed place; here it is beside it, wherever the cache lies or is moved to. */
static gboolean move_makefile(const char *folder, const char *headers, GError **error)
{
	static const char beside[] = " $(dir $(lastword $(MAKEFILE_LIST)))../";
	g_autofree char *path = g_build_filename(folder, "usr/src", headers, "Makefile", NULL), *text = NULL;
	GString *moved;
	gboolean done;

	if (!g_file_get_contents(path, &text, NULL, error))
		return FALSE;
	moved = g_string_new(text);
	g_string_replace(moved, " /usr/src/", beside, 0);
	done = g_file_set_contents(path, moved->str, (gssize)moved->len, error);
	g_string_free(moved, TRUE);
	return done;
}

static gboolean unpack_headers(GPtrArray *debs, const char *folder, const char *headers, GCancellable *cancellable, GError **error)
{
	for (guint i = 0; i < debs->len; i++) {
		struct unpack unpack = {.file = debs->pdata[i], .nested = {"data.tar*"}, .wanted = debian_wants};

		if (!unpack_into(&unpack, folder, NULL, cancellable, error))
			return FALSE;
	}
	return move_makefile(folder, headers, error);
}

static GPtrArray *download_headers(const struct workspace *workspace, const struct kernel *kernel, const char *headers, const char *version,
				   GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) debs = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) names = NULL;
	char *deb = debian_download(workspace, kernel, headers, version, TRUE, cancellable, error);

	if (!deb)
		return NULL;
	g_ptr_array_add(debs, deb);
	names = headers_packages(deb, error);
	for (guint i = 0; names && names[i]; i++) {
		deb = debian_download(workspace, kernel, names[i], version, TRUE, cancellable, error);
		if (!deb)
			return NULL;
		g_ptr_array_add(debs, deb);
	}
	return names ? g_steal_pointer(&debs) : NULL;
}

char *debian_headers(const struct workspace *workspace, const struct kernel *kernel, const char *release, const char *version,
		     GCancellable *cancellable, GError **error)
{
	g_autofree char *headers = g_strconcat("linux-headers-", release, NULL), *id = g_strdup_printf("%s_%s", headers, version);
	g_autofree char *root = source_place(workspace, g_strdelimit(id, ":~", '-'));
	g_autofree char *temporary = g_strconcat(root, ".tmp-XXXXXX", NULL), *lock_path = g_strconcat(root, ".lock", NULL);
	g_autoptr(GPtrArray) debs = NULL;
	gboolean done;
	int lock;

	if (g_file_test(root, G_FILE_TEST_IS_DIR))
		return g_build_filename(root, "usr/src", headers, NULL);
	debs = download_headers(workspace, kernel, headers, version, cancellable, error);
	lock = debs ? process_lock(lock_path, cancellable, error) : -1;
	if (lock < 0)
		return NULL;
	done = g_file_test(root, G_FILE_TEST_IS_DIR);
	if (!done && g_mkdtemp_full(temporary, 0777)) {
		workspace_progress(workspace, "source", kernel->name, "unpacking %s %s", headers, version);
		done = unpack_headers(debs, temporary, headers, cancellable, error) && rename(temporary, root) == 0;
		if (!done)
			remove_folder(temporary);
	}
	close(lock);
	if (!done && error && !*error)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: cannot be made", root);
	return done ? g_build_filename(root, "usr/src", headers, NULL) : NULL;
}

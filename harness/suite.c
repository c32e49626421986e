/* SPDX-License-Identifier: GPL-2.0-or-later
 * suite - the files a script's commands call by a path relative to the script, as the guest is to have them
 */
#include "suite.h"

#include <string.h>
#include <sys/stat.h>

#include "error.h"

/* What is to be packed: absolute path -> itself. */
struct suite {
	GHashTable *files;
	char *base; /* the deepest folder that holds all of them, and the script */
};

static char *folder_of(const char *path)
{
	g_autofree char *absolute = g_canonicalize_filename(path, NULL);

	return g_path_get_dirname(absolute);
}

static gboolean is_below(const char *path, const char *folder)
{
	gsize length = strlen(folder);

	return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length] || folder[length - 1] == '/');
}

/* Makes base a folder that holds path's folder as well. */
static void widen(struct suite *suite, const char *folder)
{
	while (!is_below(folder, suite->base)) {
		char *above = g_path_get_dirname(suite->base);

		g_free(suite->base);
		suite->base = above;
	}
}

/* Scripts of the suite are cases of their own; what begins with a dot is an editor's or git's. */
static gboolean is_wanted(const char *name)
{
	return *name != '.' && !g_str_has_suffix(name, ".pkt");
}

static void add_folder(struct suite *suite, const char *folder, gboolean deep)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *path;

		if (!is_wanted(name))
			continue;
		path = g_build_filename(folder, name, NULL);
		if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
			g_hash_table_add(suite->files, path);
			continue;
		}
		if (deep && g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
			add_folder(suite, path, deep);
		g_free(path);
	}
}

/* Every word of the script that has a slash, is relative, and names a file from where the script is. */
static void find_words(const struct test_case *test_case, const char *folder, GPtrArray *found)
{
	g_autoptr(GRegex) regex = g_regex_new("(?<![\\w./-])(?!/)[\\w.+-]*/[\\w./+-]+", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	for (g_regex_match(regex, test_case->text, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
		g_autofree char *word = g_match_info_fetch(match, 0);
		char *path = g_canonicalize_filename(word, folder);

		if (g_file_test(path, G_FILE_TEST_IS_REGULAR) && !g_str_has_suffix(path, ".pkt"))
			g_ptr_array_add(found, path);
		else
			g_free(path);
	}
}

static void collect(struct suite *suite, const char *root, GPtrArray *found)
{
	if (root) {
		widen(suite, root);
		add_folder(suite, root, TRUE);
	}
	for (guint i = 0; i < found->len; i++) {
		g_autofree char *folder = folder_of(found->pdata[i]);

		if (root && is_below(folder, root))
			continue;
		widen(suite, folder);
		add_folder(suite, folder, FALSE);
		g_hash_table_add(suite->files, g_strdup(found->pdata[i]));
	}
}

/* As the guest has it. */
static char *guest_path(const struct suite *suite, const char *path)
{
	const char *below = path + strlen(suite->base);

	return g_build_filename(SUITE_ROOT, below, NULL);
}

static gboolean add_file(const struct suite *suite, const char *path, gsize *left_bytes, GString *job, GError **error)
{
	g_autofree char *data = NULL, *target = guest_path(suite, path);
	g_autoptr(GError) why = NULL;
	struct stat about;
	gsize length;

	if (stat(path, &about) < 0 || !g_file_get_contents(path, &data, &length, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", why ? why->message : path);
		return FALSE;
	}
	if (length > *left_bytes) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: the files beside the scripts are more than %d MiB; expected a folder "
			    "of scripts and what their commands call", path, SUITE_MAX_BYTES >> 20);
		return FALSE;
	}
	*left_bytes -= length;
	g_string_append_printf(job, "%o %zu %s\n", (unsigned)about.st_mode & 0777, length, target);
	g_string_append_len(job, data, (gssize)length);
	return TRUE;
}

static gint compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

static gboolean add_files(const struct suite *suite, GString *job, GError **error)
{
	GList *paths = g_list_sort(g_hash_table_get_keys(suite->files), compare_paths);
	gsize left_bytes = SUITE_MAX_BYTES;
	gboolean ok = TRUE;

	for (GList *at = paths; at && ok; at = at->next)
		ok = add_file(suite, at->data, &left_bytes, job, error);
	g_list_free(paths);
	return ok;
}

gboolean suite_pack(const struct test_case *test_case, GString *job, char **folder, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	struct suite suite = { NULL, NULL };
	gboolean ok;

	*folder = NULL;
	if (!test_case->path)
		return TRUE;
	suite.base = folder_of(test_case->path);
	find_words(test_case, suite.base, found);
	if (!found->len) {
		g_free(suite.base);
		return TRUE;
	}
	suite.files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	{
		g_autofree char *own = g_strdup(suite.base);

		collect(&suite, test_case->root, found);
		*folder = guest_path(&suite, own);
	}
	ok = add_files(&suite, job, error);
	if (!ok)
		g_clear_pointer(folder, g_free);
	g_hash_table_unref(suite.files);
	g_free(suite.base);
	return ok;
}

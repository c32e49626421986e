/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_hash - who is this file, who is this tree?
 */
#include "source_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "source_process.h"

char *hash_text(const char *text)
{
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

static char *hash_descriptor(int file)
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree guchar *block = g_malloc(1 << 18);
	char *hash = NULL;
	ssize_t got;

	while ((got = read(file, block, 1 << 18)) > 0)
		g_checksum_update(sum, block, got);
	if (got == 0)
		hash = g_strdup(g_checksum_get_string(sum));
	g_checksum_free(sum);
	return hash;
}

static char *hash_content(const char *path, const struct stat *about, GError **error)
{
	char *hash = NULL;
	int file;

	if (S_ISLNK(about->st_mode)) {
		g_autofree char *target = g_file_read_link(path, NULL);

		return hash_text(target ? target : "");
	}
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0)
		hash = hash_descriptor(file);
	if (!hash)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s: %s", path, g_strerror(errno));
	if (file >= 0)
		close(file);
	return hash;
}

/* What changes whenever content does. */
static char *stamp(const struct stat *about)
{
	return g_strdup_printf("%lld.%lld.%09ld.%lld.%09ld.%llu", (long long)about->st_size, (long long)about->st_mtim.tv_sec,
			       about->st_mtim.tv_nsec, (long long)about->st_ctim.tv_sec, about->st_ctim.tv_nsec,
			       (unsigned long long)about->st_ino);
}

static char *stat_cache_name(const char *path)
{
	g_autofree char *absolute = g_canonicalize_filename(path, NULL), *digest = hash_text(absolute);

	return g_strndup(digest, 32);
}

static char *stat_folder(const struct workspace *workspace)
{
	return g_build_filename(workspace->cache, "source", "stat", NULL);
}

/* Lines `stamp hash path`; returns path -> "stamp hash". */
static GHashTable *stat_cache_read(const struct workspace *workspace, const char *name)
{
	GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autofree char *folder = stat_folder(workspace), *path = g_build_filename(folder, name, NULL), *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return known;
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		char *first = strchr(lines[i], ' '), *second = first ? strchr(first + 1, ' ') : NULL;

		if (second)
			g_hash_table_insert(known, g_strdup(second + 1), g_strndup(lines[i], (gsize)(second - lines[i])));
	}
	return known;
}

/* The remembered hash if the file is as it was, else a new one. */
static char *hash_known(GHashTable *known, const char *key, const char *path, const struct stat *about, GString *cache, GError **error)
{
	g_autofree char *now = stamp(about);
	const char *before = g_hash_table_lookup(known, key);
	gsize length = strlen(now);
	char *hash;

	if (before && !strncmp(before, now, length) && before[length] == ' ')
		hash = g_strdup(before + length + 1);
	else
		hash = hash_content(path, about, error);
	if (hash)
		g_string_append_printf(cache, "%s %s %s\n", now, hash, key);
	return hash;
}

char *hash_file(const struct workspace *workspace, const char *path, GError **error)
{
	g_autofree char *name = stat_cache_name(path), *folder = stat_folder(workspace);
	g_autoptr(GHashTable) known = stat_cache_read(workspace, name);
	g_autoptr(GString) cache = g_string_new(NULL);
	struct stat about;
	char *hash;

	if (stat(path, &about) < 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s: %s", path, g_strerror(errno));
		return NULL;
	}
	hash = hash_known(known, "file", path, &about, cache, error);
	if (hash && !artefact_write(folder, name, cache->str, cache->len, error)) {
		g_free(hash);
		return NULL;
	}
	return hash;
}

static void tree_file_free(gpointer data)
{
	struct tree_file *file = data;

	g_free(file->path);
	g_free(file->hash);
	g_free(file);
}

static gint compare_files(gconstpointer a, gconstpointer b)
{
	return strcmp((*(const struct tree_file *const *)a)->path, (*(const struct tree_file *const *)b)->path);
}

static void add_path(GPtrArray *files, const char *path, guint32 mode)
{
	struct tree_file *file = g_new0(struct tree_file, 1);

	file->path = g_strdup(path);
	file->mode = mode;
	g_ptr_array_add(files, file);
}

/* All below directory/below, but for git's own. A name with a newline is none of a kernel's and is left out. */
static gboolean walk(const char *directory, const char *below, GPtrArray *files, GError **error)
{
	g_autofree char *path = g_build_filename(directory, below, NULL);
	g_autoptr(GError) why = NULL;
	GDir *folder = g_dir_open(path, 0, &why);
	gboolean walked = TRUE;
	const char *entry;

	if (!folder) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s", why->message);
		return FALSE;
	}
	while (walked && (entry = g_dir_read_name(folder))) {
		g_autofree char *name = *below ? g_build_filename(below, entry, NULL) : g_strdup(entry);
		g_autofree char *whole = g_build_filename(directory, name, NULL);
		struct stat about;

		if (!strcmp(name, ".git") || strchr(name, '\n') || lstat(whole, &about) < 0)
			continue;
		if (S_ISDIR(about.st_mode))
			walked = walk(directory, name, files, error);
		else if (S_ISREG(about.st_mode) || S_ISLNK(about.st_mode))
			add_path(files, name, about.st_mode);
	}
	g_dir_close(folder);
	return walked;
}

/* What only a build in place leaves. */
static gboolean was_built(const char *directory)
{
	static const char *const products[] = {
		".config", "include/config/auto.conf", "include/generated/autoconf.h", "include/linux/autoconf.h", "vmlinux",
		"scripts/basic/fixdep",
	};

	for (guint i = 0; i < G_N_ELEMENTS(products); i++) {
		g_autofree char *path = g_build_filename(directory, products[i], NULL);

		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return TRUE;
	}
	return FALSE;
}

/* A git directory for `git ls-files`: the tree's own, or an empty one of ours, so that nothing is written into the tree. */
static char *git_directory(const struct workspace *workspace, const char *directory, GCancellable *cancellable, GError **error)
{
	g_autofree char *own = g_build_filename(directory, ".git", NULL);
	g_autofree char *empty = g_build_filename(workspace->cache, "source", "empty.git", NULL);
	const char *const argv[] = {"git", "init", "--quiet", "--bare", empty, NULL};
	struct process process = {.argv = argv};

	if (g_file_test(own, G_FILE_TEST_IS_DIR))
		return g_steal_pointer(&own);
	return process_run(&process, cancellable, NULL, NULL, error) ? g_steal_pointer(&empty) : NULL;
}

/* The files of a tree that was built in place, without the products: what git does not ignore. */
static gboolean list_by_git(const struct workspace *workspace, const char *directory, GPtrArray *files, GCancellable *cancellable, GError **error)
{
	g_autofree char *git = git_directory(workspace, directory, cancellable, error), *output = NULL;
	g_autofree char *git_option = g_strconcat("--git-dir=", git, NULL), *tree_option = g_strconcat("--work-tree=", directory, NULL);
	const char *const argv[] = {"git", git_option, tree_option, "-c", "core.quotePath=false", "-c", "core.bare=false",
				    "ls-files", "--cached", "--others", "--exclude-standard", NULL};
	struct process process = {.argv = argv, .directory = directory};
	g_auto(GStrv) names = NULL;

	if (!git || !process_run(&process, cancellable, &output, NULL, error)) {
		g_prefix_error(error, "%s was built in place, and git cannot tell its products apart (run `make mrproper` there): ", directory);
		return FALSE;
	}
	names = g_strsplit(output, "\n", -1);
	for (guint i = 0; names[i]; i++) {
		g_autofree char *whole = g_build_filename(directory, names[i], NULL);
		struct stat about;

		if (*names[i] && lstat(whole, &about) == 0 && (S_ISREG(about.st_mode) || S_ISLNK(about.st_mode)))
			add_path(files, names[i], about.st_mode);
	}
	return TRUE;
}

static gboolean hash_files(const struct workspace *workspace, const char *directory, struct tree *tree, GCancellable *cancellable, GError **error)
{
	g_autofree char *name = stat_cache_name(directory), *folder = stat_folder(workspace);
	g_autoptr(GHashTable) known = stat_cache_read(workspace, name);
	g_autoptr(GString) cache = g_string_new(NULL);
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	gboolean hashed = TRUE;

	for (guint i = 0; hashed && i < tree->files->len; i++) {
		struct tree_file *file = tree->files->pdata[i];
		g_autofree char *path = g_build_filename(directory, file->path, NULL), *line = NULL;
		struct stat about;

		if (g_cancellable_is_cancelled(cancellable))
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "interrupted");
		else if (lstat(path, &about) < 0)
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", path, g_strerror(errno));
		else
			file->hash = hash_known(known, file->path, path, &about, cache, error);
		hashed = file->hash != NULL;
		line = g_strdup_printf("%s %c %s\n", file->path, S_ISLNK(file->mode) ? 'l' : file->mode & 0100 ? 'x' : '-', file->hash);
		g_checksum_update(sum, (const guchar *)line, -1);
	}
	tree->identity = g_strdup(g_checksum_get_string(sum));
	g_checksum_free(sum);
	return hashed && artefact_write(folder, name, cache->str, cache->len, error);
}

struct tree *tree_read(const struct workspace *workspace, const char *directory, GCancellable *cancellable, GError **error)
{
	g_autoptr(tree_t) tree = g_new0(struct tree, 1);

	tree->files = g_ptr_array_new_with_free_func(tree_file_free);
	tree->unclean = was_built(directory);
	if (!(tree->unclean ? list_by_git(workspace, directory, tree->files, cancellable, error) : walk(directory, "", tree->files, error)))
		return NULL;
	g_ptr_array_sort(tree->files, compare_files);
	return hash_files(workspace, directory, tree, cancellable, error) ? g_steal_pointer(&tree) : NULL;
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	g_ptr_array_unref(tree->files);
	g_free(tree->identity);
	g_free(tree);
}

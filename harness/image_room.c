/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_room - the folder that kernels of one family are built in, one after the other
 *
 * Two lists tell what src holds: `mirror` (what source, and for one that may change the hash of each file) and `patched`
 * (names of files that may differ from the source). A list is taken away, or made longer, before src changes and set right
 * after: if finrig is killed in between, the next one does more than it must, never less.
 */
#include "image_room.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "source_process.h"
#include "source_unpack.h"

struct room *room_enter(const struct workspace *workspace, const char *id, GCancellable *cancellable, GError **error)
{
	g_autofree char *name = g_strdup_printf("room-%.16s", id), *place = g_build_filename(workspace_scratch(workspace), "image", name, NULL);
	g_autofree char *directory = g_canonicalize_filename(place, NULL), *lock_path = g_build_filename(directory, "lock", NULL);
	int lock = process_lock(lock_path, cancellable, error);
	struct room *room;
	char *real;

	if (lock < 0)
		return NULL;
	real = realpath(directory, NULL); /* as make sees it: ccache would not take another way to it for the same */
	room = g_new0(struct room, 1);
	room->lock = lock;
	room->directory = g_strdup(real ? real : directory);
	room->src = g_build_filename(room->directory, "src", NULL);
	room->obj = g_build_filename(room->directory, "obj", NULL);
	free(real);
	g_mkdir_with_parents(room->src, 0777);
	g_mkdir_with_parents(room->obj, 0777);
	return room;
}

void room_leave(struct room *room)
{
	if (!room)
		return;
	close(room->lock);
	g_free(room->directory);
	g_free(room->src);
	g_free(room->obj);
	g_free(room);
}

static gboolean failed(const char *path, GError **error)
{
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", path, g_strerror(errno));
	return FALSE;
}

/* By a new file and rename, so that a hard link to the source is broken, not written through; the time is now. */
static gboolean put_copy(const char *from, const char *to, GError **error)
{
	g_autofree char *temporary = g_strconcat(to, ".finrig-new", NULL), *content = NULL, *link = NULL;
	struct stat about;
	gsize length;

	if (lstat(from, &about) < 0)
		return failed(from, error);
	g_unlink(temporary);
	if (S_ISLNK(about.st_mode)) {
		link = g_file_read_link(from, error);
		if (!link || symlink(link, temporary) < 0)
			return link ? failed(temporary, error) : FALSE;
	} else if (!g_file_get_contents(from, &content, &length, error) ||
		   !g_file_set_contents_full(temporary, content, (gssize)length, G_FILE_SET_CONTENTS_NONE, (about.st_mode & 0777) | 0200, error))
		return FALSE;
	return rename(temporary, to) == 0 ? TRUE : failed(to, error);
}

static gboolean put_link(const char *from, const char *to, GError **error)
{
	return link(from, to) == 0 ? TRUE : put_copy(from, to, error); /* another file system, or no hard links there */
}

static gboolean put(gboolean (*how)(const char *, const char *, GError **), const char *top, const char *name, const char *src, GError **error)
{
	g_autofree char *from = g_build_filename(top, name, NULL), *to = g_build_filename(src, name, NULL), *folder = g_path_get_dirname(to);

	if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
		g_mkdir_with_parents(folder, 0777);
	return how(from, to, error);
}

/* A source that never changes: every file linked, once. */
static gboolean link_all(const char *top, const char *below, const char *src, GCancellable *cancellable, GError **error)
{
	g_autofree char *folder = g_build_filename(top, below, NULL);
	GDir *directory = g_dir_open(folder, 0, error);
	gboolean done = directory != NULL;
	const char *entry;

	while (done && (entry = g_dir_read_name(directory))) {
		g_autofree char *name = *below ? g_build_filename(below, entry, NULL) : g_strdup(entry);
		g_autofree char *path = g_build_filename(top, name, NULL);

		if (g_cancellable_is_cancelled(cancellable)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "interrupted");
			done = FALSE;
		} else if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
			done = link_all(top, name, src, cancellable, error);
		else
			done = put(put_link, top, name, src, error);
	}
	if (directory)
		g_dir_close(directory);
	return done;
}

/* `hash mode path` a line. */
static GHashTable *mirror_parse(const char *text)
{
	GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		char *first = strchr(lines[i], ' '), *second = first ? strchr(first + 1, ' ') : NULL;

		if (second)
			g_hash_table_insert(known, g_strdup(second + 1), g_strndup(lines[i], (gsize)(second - lines[i])));
	}
	return known;
}

/* A source that may change: what differs from the last time is copied, what is gone is removed. */
static gboolean copy_changed(const struct source *source, GHashTable *known, const char *src, GString *mirror, GCancellable *cancellable, GError **error)
{
	GHashTableIter each;
	gpointer gone;

	for (guint i = 0; i < source->tree->files->len; i++) {
		const struct tree_file *file = source->tree->files->pdata[i];
		g_autofree char *what = g_strdup_printf("%s %o", file->hash, file->mode & (S_IFMT | 0100));

		if (g_cancellable_is_cancelled(cancellable)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "interrupted");
			return FALSE;
		}
		if (g_strcmp0(g_hash_table_lookup(known, file->path), what) && !put(put_copy, source->directory, file->path, src, error))
			return FALSE;
		g_hash_table_remove(known, file->path);
		g_string_append_printf(mirror, "%s %s\n", what, file->path);
	}
	g_hash_table_iter_init(&each, known);
	while (g_hash_table_iter_next(&each, &gone, NULL)) {
		g_autofree char *path = g_build_filename(src, gone, NULL);

		g_unlink(path);
	}
	return TRUE;
}

static gboolean furnish_mirror(struct room *room, const struct source *source, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_build_filename(room->directory, "mirror", NULL), *before = NULL;
	g_autofree char *patched = g_build_filename(room->directory, "patched", NULL);
	g_autoptr(GString) mirror = g_string_new(NULL);
	g_autoptr(GHashTable) known = NULL;

	g_string_printf(mirror, "%s\n", source->identity);
	g_file_get_contents(path, &before, NULL, NULL);
	if (before && g_str_has_prefix(before, mirror->str))
		return TRUE;
	g_unlink(path);
	known = mirror_parse(before ? before : "");
	if (!before || !source->tree) {
		remove_folder(room->src);
		g_unlink(patched);
		g_hash_table_remove_all(known);
	}
	if (!(source->tree ? copy_changed(source, known, room->src, mirror, cancellable, error) :
			     link_all(source->directory, "", room->src, cancellable, error)))
		return FALSE;
	return artefact_write(room->directory, "mirror", mirror->str, mirror->len, error);
}

static gboolean same_content(const char *a, const char *b)
{
	g_autofree char *a_text = NULL, *b_text = NULL;
	gsize a_length, b_length;

	return g_file_get_contents(a, &a_text, &a_length, NULL) && g_file_get_contents(b, &b_text, &b_length, NULL) &&
	       a_length == b_length && !memcmp(a_text, b_text, a_length);
}

/* Makes one file of src what it is with the patches (scratch has it), or what it is without. */
static gboolean furnish_file(struct room *room, const struct source *source, const struct patched *patched, const char *name, GError **error)
{
	gboolean touched = g_ptr_array_find_with_equal_func(patched->files, name, g_str_equal, NULL);
	const char *top = touched ? patched->scratch : source->directory;
	g_autofree char *from = g_build_filename(top, name, NULL), *to = g_build_filename(room->src, name, NULL);

	if (!g_file_test(from, G_FILE_TEST_EXISTS)) {
		g_unlink(to);
		return TRUE;
	}
	return same_content(from, to) || put(put_copy, top, name, room->src, error);
}

static gboolean write_names(struct room *room, GHashTable *names, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	GHashTableIter each;
	gpointer name;

	g_hash_table_iter_init(&each, names);
	while (g_hash_table_iter_next(&each, &name, NULL))
		g_string_append_printf(text, "%s\n", (char *)name);
	return artefact_write(room->directory, "patched", text->str, text->len, error);
}

static gboolean furnish_patches(struct room *room, const struct source *source, const struct patched *patched, GError **error)
{
	g_autofree char *path = g_build_filename(room->directory, "patched", NULL), *before = NULL;
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_auto(GStrv) lines = NULL;
	GHashTableIter each;
	gpointer name;

	g_file_get_contents(path, &before, NULL, NULL);
	lines = g_strsplit(before ? before : "", "\n", -1);
	for (guint i = 0; lines[i]; i++)
		if (*lines[i])
			g_hash_table_add(names, g_strdup(lines[i]));
	for (guint i = 0; i < patched->files->len; i++)
		g_hash_table_add(names, g_strdup(patched->files->pdata[i]));
	if (!g_hash_table_size(names))
		return TRUE;
	if (!write_names(room, names, error))
		return FALSE;
	g_hash_table_iter_init(&each, names);
	while (g_hash_table_iter_next(&each, &name, NULL))
		if (!furnish_file(room, source, patched, name, error))
			return FALSE;
	g_hash_table_iter_init(&each, names);
	while (g_hash_table_iter_next(&each, &name, NULL))
		if (!g_ptr_array_find_with_equal_func(patched->files, name, g_str_equal, NULL))
			g_hash_table_iter_remove(&each);
	return write_names(room, names, error);
}

gboolean room_furnish(struct room *room, const struct source *source, const struct patched *patched, GCancellable *cancellable, GError **error)
{
	return furnish_mirror(room, source, cancellable, error) && furnish_patches(room, source, patched, error);
}

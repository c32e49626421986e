/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_folder - the folders of nights: made, held while a night runs, removed when there are enough newer ones
 */
#include "nightly_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "error.h"
#include "source_unpack.h"

/* Marks a folder as one of ours; locked while the night runs. A lock goes with its process, however that ends. */
#define LOCK "night.lock"

static int take_lock(const char *folder, int flags)
{
	g_autofree char *path = g_build_filename(folder, LOCK, NULL);
	int lock = g_open(path, O_RDWR | O_CLOEXEC | flags, 0666);

	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0) {
		close(lock);
		return -1;
	}
	return lock;
}

void nightly_folder_point(const char *folder)
{
	g_autofree char *room = g_path_get_dirname(folder), *name = g_path_get_basename(folder), *latest = g_build_filename(room, "latest", NULL);

	if (g_unlink(latest) < 0 && errno != ENOENT)
		return;
	if (symlink(name, latest) < 0)
		g_debug("no %s", latest);
}

char *nightly_folder_make(const char *results, const char *name, const char *started, int *lock, GError **error)
{
	g_autofree char *relative = g_build_filename(results, name, NULL), *room = g_canonicalize_filename(relative, NULL);
	g_autofree char *last = g_strdelimit(g_strdup(started), ":", '-'), *folder = g_build_filename(room, last, NULL);
	int made = g_mkdir_with_parents(room, 0777) < 0 ? -1 : g_mkdir(folder, 0777);

	for (int i = 2; made < 0 && errno == EEXIST; i++) {
		g_free(last);
		g_free(folder);
		last = g_strdelimit(g_strdup_printf("%s-%d", started, i), ":", '-');
		folder = g_build_filename(room, last, NULL);
		made = g_mkdir(folder, 0777);
	}
	if (made < 0 || (*lock = take_lock(folder, O_CREAT)) < 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: cannot be made: %s", folder, g_strerror(errno));
		return NULL;
	}
	return g_steal_pointer(&folder);
}

/* A folder that is gone, or is none of ours any more, is not touched and counts as removed. */
static gboolean remove_night(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, LOCK, NULL);
	int lock = take_lock(folder, 0);

	if (lock < 0)
		return !g_file_test(path, G_FILE_TEST_EXISTS);
	remove_folder(folder);
	close(lock);
	return TRUE;
}

gboolean nightly_folder_retain(struct past *history, const char *name, guint keep, GError **error)
{
	g_autoptr(GPtrArray) nights = past_nights(history, name, error);

	if (!nights)
		return FALSE;
	for (guint i = 0, finished = 0; i < nights->len; i++) {
		const struct past_night *night = nights->pdata[i];
		gboolean old = finished >= keep;

		finished += night->finished != NULL;
		if (old && night->kept && remove_night(night->folder) && !past_folder_removed(history, night->id, error))
			return FALSE;
	}
	return TRUE;
}

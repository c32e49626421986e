/* SPDX-License-Identifier: GPL-2.0-or-later
 * share - a run divided among machines that have its folder in common
 */
#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "source_unpack.h"
#include "verdict.h"

#define PARTS ".parts"
#define WHO "who"
#define VERDICT "5-verdict.json"

enum { COUNT_MAX = 1000000, BEGIN_TRIES = 20 };

gboolean share_parse(struct share *share, const char *text, GError **error)
{
	int end = 0;

	*share = (struct share){ .kind = SHARE_CELLS };
	if (strcmp(text, "images") == 0)
		share->kind = SHARE_IMAGES;
	else if (strcmp(text, "merge") == 0)
		share->kind = SHARE_MERGE;
	else if (!g_ascii_isdigit(*text) || sscanf(text, "%7u/%7u%n", &share->number, &share->count, &end) != 2 || text[end] ||
		 !share->number || share->number > share->count || share->count > COUNT_MAX) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --part as 1/N to N/N, images or merge, found '%s'", text);
		return FALSE;
	}
	return TRUE;
}

/* Every count-th: neighbours of a suite cost alike, so the shares do. */
gboolean share_has(const struct share *share, guint place)
{
	return share->kind == SHARE_IMAGES || (share->kind == SHARE_CELLS && place % share->count + 1 == share->number);
}

static enum verdict_outcome outcome_in(const char *cell_directory)
{
	g_autoptr(JsonObject) verdict = artefact_read_json(cell_directory, VERDICT, NULL);

	return verdict ? verdict_of_name(artefact_string(verdict, "outcome")) : VERDICT_OUTCOME_COUNT;
}

static gboolean is_finished(const char *cell_directory)
{
	enum verdict_outcome outcome = outcome_in(cell_directory);

	return outcome != VERDICT_OUTCOME_COUNT && outcome != VERDICT_BROKEN;
}

gboolean share_is_finished(const char *run_directory, const char *kernel, const char *test_case)
{
	g_autofree char *directory = g_build_filename(run_directory, kernel, test_case, NULL);

	return is_finished(directory);
}

/* For people, who may have to look for the log of it. */
static char *who_runs(void)
{
	const char *array = g_getenv("SLURM_ARRAY_JOB_ID"), *task = g_getenv("SLURM_ARRAY_TASK_ID"), *job = g_getenv("SLURM_JOB_ID");

	if (array && task)
		return g_strdup_printf("Slurm job %s_%s on %s", array, task, g_get_host_name());
	if (job)
		return g_strdup_printf("Slurm job %s on %s", job, g_get_host_name());
	return g_strdup_printf("process %d on %s", (int)getpid(), g_get_host_name());
}

static gboolean failed(const char *path, GError **error)
{
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", path, g_strerror(errno));
	return FALSE;
}

/* LOCK_EX by a descriptor that may write: as NFS asks for. */
static int lock_now(const char *path, int flags)
{
	int descriptor = open(path, O_RDWR | O_CLOEXEC | flags, 0666);

	if (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) < 0) {
		close(descriptor);
		return -1;
	}
	return descriptor;
}

/* A case may be called as a folder of others is: here each has a folder of its own. */
static char *place_below(const char *room, const char *kernel, const char *test_case)
{
	g_autofree char *flat = g_uri_escape_string(test_case, NULL, TRUE);

	return g_build_filename(room, kernel, flat, NULL);
}

/* A merge, or another part that ends, may look at the folder just now, and take what is not locked yet for left behind. */
static gboolean was_swept(int lock)
{
	struct stat status;

	return lock < 0 ? errno == ENOENT || errno == EWOULDBLOCK : fstat(lock, &status) == 0 && status.st_nlink == 0;
}

/* A folder with its note, locked: its descriptor; *directory is its path. -1: errno says why. */
static int make_room(const char *parts, char **directory)
{
	g_autofree char *made = g_build_filename(parts, "XXXXXX", NULL), *path = NULL;
	int lock;

	if (g_mkdir_with_parents(parts, 0777) < 0 || !g_mkdtemp_full(made, 0777))
		return -1;
	path = g_build_filename(made, WHO, NULL);
	lock = lock_now(path, O_CREAT);
	*directory = g_steal_pointer(&made);
	return lock;
}

struct share_room *share_begin(const char *run_directory, GError **error)
{
	g_autofree char *parts = g_build_filename(run_directory, PARTS, NULL), *who = who_runs(), *directory = NULL;
	struct share_room *room;
	int lock = make_room(parts, &directory);

	for (guint tries = 1; tries < BEGIN_TRIES && was_swept(lock); tries++) {
		if (lock >= 0)
			close(lock);
		g_clear_pointer(&directory, g_free);
		lock = make_room(parts, &directory);
	}
	if (lock < 0 || write(lock, who, strlen(who)) < 0) {
		failed(directory ? directory : parts, error);
		if (lock >= 0)
			close(lock);
		return NULL;
	}
	room = g_new0(struct share_room, 1);
	room->directory = g_steal_pointer(&directory);
	room->run_directory = g_strdup(run_directory);
	room->lock = lock;
	return room;
}

/* One by one, what makes it believed last: its place is a folder that other cells are in. */
static gboolean move_files(const char *from, const char *to, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(from, 0, NULL);
	g_autofree char *last = g_build_filename(from, VERDICT, NULL), *place = g_build_filename(to, VERDICT, NULL);
	const char *name;

	g_unlink(place);
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *a = g_build_filename(from, name, NULL), *b = g_build_filename(to, name, NULL);

		if (strcmp(name, VERDICT) && g_rename(a, b) < 0)
			return failed(b, error);
	}
	return g_rename(last, place) == 0 || failed(place, error);
}

/* A folder cannot take the place of another that holds something: another cell's folder, or a BROKEN one's files. */
static gboolean move_cell(const char *from, const char *to, GError **error)
{
	g_autofree char *above = g_path_get_dirname(to);

	if (g_mkdir_with_parents(above, 0777) < 0)
		return failed(above, error);
	return g_rename(from, to) == 0 || is_finished(to) || move_files(from, to, error);
}

char *share_place(const struct share_room *room, const char *kernel, const char *test_case)
{
	return place_below(room->directory, kernel, test_case);
}

gboolean share_keep(const struct share_room *room, const char *kernel, const char *test_case, GError **error)
{
	g_autofree char *from = share_place(room, kernel, test_case), *to = g_build_filename(room->run_directory, kernel, test_case, NULL);

	if (outcome_in(from) == VERDICT_OUTCOME_COUNT)
		return TRUE;
	if (!move_cell(from, to, error))
		return FALSE;
	remove_folder(from);
	return TRUE;
}

void share_end(struct share_room *room, gboolean whole)
{
	g_autofree char *parts = NULL;

	if (!room)
		return;
	close(room->lock);
	parts = g_path_get_dirname(room->directory);
	if (whole)
		remove_folder(room->directory);
	/* The last to leave: one that comes behind the merge is to leave no trace. */
	g_rmdir(parts);
	g_free(room->directory);
	g_free(room->run_directory);
	g_free(room);
}

char *share_lost(const char *run_directory, const char *kernel, const char *test_case)
{
	g_autofree char *parts = g_build_filename(run_directory, PARTS, NULL);
	g_autoptr(GDir) dir = g_dir_open(parts, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *room = g_build_filename(parts, name, NULL), *cell = place_below(room, kernel, test_case);
		g_autofree char *path = g_build_filename(room, WHO, NULL), *who = NULL;

		if (g_file_test(cell, G_FILE_TEST_IS_DIR) && g_file_get_contents(path, &who, NULL, NULL))
			return g_strdup_printf("not finished: %s began this cell and did not come to its end", who);
	}
	return g_strdup("never run: no part of the run that came to its end has this cell");
}

char *share_living(const char *run_directory)
{
	g_autofree char *parts = g_build_filename(run_directory, PARTS, NULL);
	g_autoptr(GDir) dir = g_dir_open(parts, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(parts, name, WHO, NULL);
		char *who = NULL;
		int lock = lock_now(path, 0);

		if (lock >= 0)
			close(lock);
		else if (errno == EWOULDBLOCK && g_file_get_contents(path, &who, NULL, NULL))
			return who;
	}
	return NULL;
}

void share_sweep(const char *run_directory)
{
	g_autofree char *parts = g_build_filename(run_directory, PARTS, NULL);
	g_autoptr(GDir) dir = g_dir_open(parts, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *room = g_build_filename(parts, name, NULL), *path = g_build_filename(room, WHO, NULL);
		int lock = lock_now(path, 0);

		/* One without the note was left while it was made or removed. */
		if (lock >= 0 || errno == ENOENT)
			remove_folder(room);
		if (lock >= 0)
			close(lock);
	}
	g_rmdir(parts);
}

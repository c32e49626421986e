/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_unpack - tarballs and Debian packages, opened by libarchive
 */
#include "source_unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "source_process.h"

enum { BLOCK_BYTES = 1 << 16 };

/* Archives in one another, the outermost first; each but the first reads from the current member of the one before. */
struct layers {
	struct archive *archive[UNPACK_NESTED_MAX + 1];
	guint count;
	const char *file;
};

static void layers_close(struct layers *layers)
{
	while (layers->count)
		archive_read_free(layers->archive[--layers->count]);
}

static gboolean damaged(const struct layers *layers, struct archive *archive, GError **error)
{
	const char *why = archive_error_string(archive);

	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT, "%s: cannot be unpacked: %s", layers->file, why ? why : "damaged");
	return FALSE;
}

static ssize_t read_outer(struct archive *inner, void *outer, const void **block)
{
	la_int64_t offset;
	size_t length = 0;
	int status;

	do /* a block of no bytes would mean the end */
		status = archive_read_data_block(outer, block, &length, &offset);
	while (status == ARCHIVE_OK && !length);
	if (status == ARCHIVE_EOF)
		return 0;
	if (status == ARCHIVE_OK || status == ARCHIVE_WARN)
		return (ssize_t)length;
	archive_set_error(inner, archive_errno(outer), "%s", archive_error_string(outer));
	return -1;
}

static struct archive *new_reader(void)
{
	struct archive *archive = archive_read_new();

	archive_read_support_filter_all(archive);
	archive_read_support_format_tar(archive);
	archive_read_support_format_ar(archive);
	return archive;
}

/* Never with a leading "./"; NULL for a name that no file can have here. */
static const char *entry_name(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	if (!name)
		name = archive_entry_pathname_utf8(entry);
	while (name && g_str_has_prefix(name, "./"))
		name += 2;
	return name;
}

/* Moves the innermost archive to the member that pattern matches. */
static gboolean find_member(struct layers *layers, const char *pattern, GError **error)
{
	struct archive *archive = layers->archive[layers->count - 1];
	struct archive_entry *entry;
	int status;

	while ((status = archive_read_next_header(archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN) {
		const char *name = entry_name(entry);

		if (name && g_pattern_match_simple(pattern, name))
			return TRUE;
	}
	if (status != ARCHIVE_EOF)
		return damaged(layers, archive, error);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT, "%s: holds no %s", layers->file, pattern);
	return FALSE;
}

static gboolean layers_open(struct layers *layers, const struct unpack *unpack, GError **error)
{
	*layers = (struct layers){.archive = {new_reader()}, .count = 1, .file = unpack->file};
	if (archive_read_open_filename(layers->archive[0], unpack->file, BLOCK_BYTES) != ARCHIVE_OK)
		return damaged(layers, layers->archive[0], error);
	for (guint i = 0; unpack->nested[i]; i++) {
		struct archive *outer = layers->archive[i], *inner;

		if (!find_member(layers, unpack->nested[i], error))
			return FALSE;
		inner = layers->archive[layers->count++] = new_reader();
		if (archive_read_open(inner, outer, NULL, read_outer, NULL) != ARCHIVE_OK)
			return damaged(layers, inner, error);
	}
	return TRUE;
}

/* The name below `into`, or NULL for nothing to do; sets *hostile for a name that would lead out. */
static const char *safe_name(const char *name, gboolean strip, gboolean *hostile)
{
	g_auto(GStrv) parts = g_strsplit(name ? name : "", "/", -1);

	*hostile = !name || *name == '/' || g_strv_contains((const char *const *)parts, "..");
	if (*hostile)
		return NULL;
	if (strip) {
		name = strchr(name, '/');
		name = name ? name + 1 : "";
	}
	return *name ? name : NULL;
}

static gboolean copy_data(struct archive *from, struct archive *to)
{
	const void *block;
	la_int64_t offset;
	size_t length;
	int status;

	while ((status = archive_read_data_block(from, &block, &length, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(to, block, length, offset) < ARCHIVE_OK)
			return FALSE;
	return status == ARCHIVE_EOF;
}

/* Writes one entry below `into`; *wrote tells whether it was wanted. */
static gboolean write_entry(const struct unpack *unpack, struct layers *layers, struct archive *disk, struct archive_entry *entry,
			    const char *into, gboolean *wrote, GError **error)
{
	struct archive *archive = layers->archive[layers->count - 1];
	gboolean hostile, hostile_link = FALSE;
	const char *name = safe_name(entry_name(entry), unpack->strip, &hostile), *link = archive_entry_hardlink(entry);
	g_autofree char *place = NULL, *target = NULL;

	while (link && g_str_has_prefix(link, "./"))
		link += 2;
	if (link)
		link = safe_name(link, unpack->strip, &hostile_link);
	if (hostile || hostile_link) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT, "%s: holds a name that leads out of it: %s", unpack->file,
			    entry_name(entry) ? entry_name(entry) : "(unreadable)");
		return FALSE;
	}
	if (!name || (unpack->wanted && !unpack->wanted(name, unpack->user)))
		return TRUE;
	place = g_build_filename(into, name, NULL);
	archive_entry_set_pathname(entry, place);
	if (link) {
		target = g_build_filename(into, link, NULL);
		archive_entry_set_hardlink(entry, target);
	}
	*wrote = TRUE;
	if (archive_write_header(disk, entry) < ARCHIVE_WARN || (archive_entry_size(entry) > 0 && !copy_data(archive, disk)) ||
	    archive_write_finish_entry(disk) < ARCHIVE_WARN) {
		const char *why = archive_error_string(disk);

		int number = why ? archive_errno(disk) : 0;

		/* A disk that takes no more says nothing about the file. */
		g_set_error(error, FINRIG_ERROR, number == ENOSPC || number == EDQUOT || number == EIO ? FINRIG_ERROR_BROKEN : FINRIG_ERROR_UNFIT,
			    "%s: %s: %s", unpack->file, name, why ? why : archive_error_string(archive));
		return FALSE;
	}
	return TRUE;
}

static gboolean write_entries(const struct unpack *unpack, struct layers *layers, struct archive *disk, const char *into, guint *count,
			      GCancellable *cancellable, GError **error)
{
	struct archive *archive = layers->archive[layers->count - 1];
	struct archive_entry *entry;
	int status;

	while ((status = archive_read_next_header(archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN) {
		gboolean wrote = FALSE;

		if (g_cancellable_is_cancelled(cancellable)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "interrupted");
			return FALSE;
		}
		if (!write_entry(unpack, layers, disk, entry, into, &wrote, error))
			return FALSE;
		*count += wrote;
		if (unpack->stop_after && *count >= unpack->stop_after)
			return TRUE;
	}
	return status == ARCHIVE_EOF ? TRUE : damaged(layers, archive, error);
}

gboolean unpack_into(const struct unpack *unpack, const char *into, guint *count, GCancellable *cancellable, GError **error)
{
	struct archive *disk = archive_write_disk_new();
	struct layers layers;
	g_autofree char *real = realpath(into, NULL); /* or a link above `into` would count as one to refuse */
	guint written = 0;
	gboolean done;

	archive_write_disk_set_options(disk, ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS);
	done = layers_open(&layers, unpack, error) &&
	       write_entries(unpack, &layers, disk, real ? real : into, count ? count : &written, cancellable, error);
	if (archive_write_free(disk) != ARCHIVE_OK && done) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: cannot be written to the end", into);
		done = FALSE;
	}
	layers_close(&layers);
	return done;
}

/* The archive and those that belong to it. */
static gboolean unpack_all(const struct unpack *unpack, const char *into, GCancellable *cancellable, GError **error)
{
	struct unpack each = *unpack;

	if (!unpack_into(unpack, into, NULL, cancellable, error))
		return FALSE;
	for (guint i = 0; unpack->more && i < unpack->more->len; i++) {
		each.file = unpack->more->pdata[i];
		if (!unpack_into(&each, into, NULL, cancellable, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean unpack_new(const struct unpack *unpack, const char *folder, gboolean (*check)(const char *folder, GError **error),
			   GCancellable *cancellable, GError **error)
{
	g_autofree char *temporary = g_strconcat(folder, ".tmp-XXXXXX", NULL);
	gboolean done;

	if (!g_mkdtemp_full(temporary, 0777)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", temporary, g_strerror(errno));
		return FALSE;
	}
	done = unpack_all(unpack, temporary, cancellable, error) && (!check || check(temporary, error));
	if (done && rename(temporary, folder) < 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", folder, g_strerror(errno));
		done = FALSE;
	}
	if (!done)
		remove_folder(temporary);
	return done;
}

gboolean unpack_once(const struct unpack *unpack, const char *folder, gboolean (*check)(const char *folder, GError **error),
		     GCancellable *cancellable, GError **error)
{
	g_autofree char *lock_path = g_strconcat(folder, ".lock", NULL);
	gboolean done = TRUE;
	int lock;

	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		return TRUE;
	lock = process_lock(lock_path, cancellable, error);
	if (lock < 0)
		return FALSE;
	if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
		done = unpack_new(unpack, folder, check, cancellable, error);
	close(lock);
	return done;
}

char *unpack_member(const struct unpack *unpack, const char *pattern, gsize *length_bytes, GError **error)
{
	struct layers layers;
	GString *content = NULL;
	const void *block;
	la_int64_t offset;
	size_t length;

	if (layers_open(&layers, unpack, error) && find_member(&layers, pattern, error)) {
		content = g_string_new(NULL);
		while (archive_read_data_block(layers.archive[layers.count - 1], &block, &length, &offset) == ARCHIVE_OK)
			g_string_append_len(content, block, (gssize)length);
		if (length_bytes)
			*length_bytes = content->len;
	}
	layers_close(&layers);
	return content ? g_string_free(content, FALSE) : NULL;
}

static gboolean copy_out(struct archive *archive, const char *from, int out, GError **error)
{
	struct layers layers = {.file = from};
	struct archive_entry *entry;
	int status = archive_read_next_header(archive, &entry);

	if (status == ARCHIVE_EOF) /* an empty file */
		return TRUE;
	if (status < ARCHIVE_WARN || archive_read_data_into_fd(archive, out) < ARCHIVE_WARN)
		return damaged(&layers, archive, error);
	return TRUE;
}

gboolean unpack_file(const char *from, const char *to, GError **error)
{
	struct archive *archive = archive_read_new();
	struct layers layers = {.file = from};
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	gboolean done = FALSE;

	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	archive_read_support_format_empty(archive);
	if (out < 0)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", to, g_strerror(errno));
	else if (archive_read_open_filename(archive, from, BLOCK_BYTES) != ARCHIVE_OK)
		damaged(&layers, archive, error);
	else
		done = copy_out(archive, from, out, error);
	if (out >= 0)
		close(out);
	archive_read_free(archive);
	return done;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *walk)
{
	(void)about;
	(void)type;
	(void)walk;
	return remove(path) && errno != ENOENT;
}

void remove_folder(const char *folder)
{
	nftw(folder, remove_one, 64, FTW_DEPTH | FTW_PHYS);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * initramfs - the initramfs stage: all a guest's user space is, as one cpio archive made without root
 */
#include "initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "artefact.h"
#include "error.h"
#include "initramfs_tools.h"
#include "source_hash.h"

/* What is in every archive; one row = one entry. Parents come first, as the kernel makes no folders by itself. */
static const struct fixed_entry {
	const char *path;
	mode_t mode;
	unsigned major, minor; /* devices */
	const char *target;    /* symbolic links */
} fixed_entries[] = {
	{ "bin", S_IFDIR | 0755, 0, 0, NULL },
	{ "dev", S_IFDIR | 0755, 0, 0, NULL },
	{ "dev/net", S_IFDIR | 0755, 0, 0, NULL },
	{ "etc", S_IFDIR | 0755, 0, 0, NULL },
	{ "modules", S_IFDIR | 0755, 0, 0, NULL },
	{ "proc", S_IFDIR | 0555, 0, 0, NULL },
	{ "root", S_IFDIR | 0700, 0, 0, NULL },
	{ "run", S_IFDIR | 0755, 0, 0, NULL },
	{ "sys", S_IFDIR | 0555, 0, 0, NULL },
	{ "tmp", S_IFDIR | 01777, 0, 0, NULL },
	{ "usr", S_IFDIR | 0755, 0, 0, NULL },
	/* One folder of programs by all its names: busybox puts a link for each of its own there, and scripts may call it by any. */
	{ "sbin", S_IFLNK | 0777, 0, 0, "bin" },
	{ "usr/bin", S_IFLNK | 0777, 0, 0, "../bin" },
	{ "usr/sbin", S_IFLNK | 0777, 0, 0, "../bin" },
	{ "usr/libexec", S_IFDIR | 0755, 0, 0, NULL },
	{ "usr/libexec/iproute2", S_IFDIR | 0755, 0, 0, NULL },
	{ "lib", S_IFDIR | 0755, 0, 0, NULL },
	{ "lib/x86_64-linux-gnu", S_IFDIR | 0755, 0, 0, NULL },
	{ "lib64", S_IFDIR | 0755, 0, 0, NULL },
	{ "bin/sh", S_IFLNK | 0777, 0, 0, "busybox" },
	{ "bin/bash", S_IFLNK | 0777, 0, 0, "busybox" },
	{ "bin/tc", S_IFLNK | 0777, 0, 0, "ip" },
	{ "bin/ss", S_IFLNK | 0777, 0, 0, "ip" },
	{ "bin/nstat", S_IFLNK | 0777, 0, 0, "ip" },
	{ "bin/ethtool", S_IFLNK | 0777, 0, 0, "/init" },
	{ "dev/console", S_IFCHR | 0600, 5, 1, NULL },
	{ "dev/null", S_IFCHR | 0666, 1, 3, NULL },
	{ "dev/kmsg", S_IFCHR | 0644, 1, 11, NULL },
	{ "dev/tty", S_IFCHR | 0666, 5, 0, NULL },
	{ "dev/ttyS0", S_IFCHR | 0600, 4, 64, NULL },
	{ "dev/net/tun", S_IFCHR | 0600, 10, 200, NULL },
};

/* An entry of the archive to be: of a row above, of a file, or of text. */
struct entry {
	const char *path;
	mode_t mode;
	const struct fixed_entry *fixed; /* or NULL */
	char *from;                      /* the file, or NULL */
	char *text;                      /* or NULL */
};

/* What goes in, and its description: the key's source. */
struct contents {
	const struct workspace *workspace;
	GArray *entries; /* struct entry */
	GStringChunk *names;
	GString *description;
};

static void entry_clear(gpointer data)
{
	struct entry *entry = data;

	g_free(entry->from);
	g_free(entry->text);
}

static void put(struct contents *contents, struct entry entry, const char *hash)
{
	entry.path = g_string_chunk_insert_const(contents->names, entry.path);
	g_array_append_val(contents->entries, entry);
	g_string_append_printf(contents->description, "%s %o %s\n", entry.path, (unsigned)entry.mode, hash);
}

static void put_fixed(struct contents *contents)
{
	for (gsize i = 0; i < G_N_ELEMENTS(fixed_entries); i++) {
		const struct fixed_entry *fixed = &fixed_entries[i];
		g_autofree char *what = g_strdup_printf("%u:%u %s", fixed->major, fixed->minor, fixed->target ? fixed->target : "");

		put(contents, (struct entry){ .path = fixed->path, .mode = fixed->mode, .fixed = fixed }, what);
	}
}

static gboolean put_file(struct contents *contents, const char *path, mode_t mode, const char *from, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *hash = hash_file(contents->workspace, from, &why);

	if (!hash) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "initramfs: %s (make build makes it)", why->message);
		return FALSE;
	}
	put(contents, (struct entry){ .path = path, .mode = S_IFREG | mode, .from = g_strdup(from) }, hash);
	return TRUE;
}

static gboolean put_modules(struct contents *contents, const struct image *image, GError **error)
{
	g_autoptr(GString) order = g_string_new(NULL);

	for (guint i = 0; i < image->modules->len; i++) {
		const char *from = image->modules->pdata[i];
		g_autofree char *name = g_path_get_basename(from);
		g_autofree char *path = g_build_filename("modules", name, NULL);

		if (!put_file(contents, path, 0644, from, error))
			return FALSE;
		g_string_append_printf(order, "%s\n", name);
	}
	put(contents, (struct entry){ .path = "modules/order", .mode = S_IFREG | 0644, .text = g_strdup(order->str) }, order->str);
	return TRUE;
}

/* Our own files for the guest's root, data/initramfs/root/; by name, so that the archive's order is no folder's. */
static gboolean put_root(struct contents *contents, GError **error)
{
	static const char *const names[] = { "bin/python3", "bin/ip" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *from = g_build_filename(contents->workspace->data, "initramfs", "root", names[i], NULL);

		if (!put_file(contents, names[i], 0755, from, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean put_tools(struct contents *contents, GError **error)
{
	const GPtrArray *files = initramfs_tools();

	for (guint i = 0; i < files->len; i++) {
		const struct initramfs_tool *file = files->pdata[i];

		if (!put_file(contents, file->path, 0755, file->from, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean put_all(struct contents *contents, const struct image *image, GError **error)
{
	g_autofree char *agent = g_build_filename(contents->workspace->libexec, "agent", NULL);
	g_autofree char *busybox = g_build_filename(contents->workspace->libexec, "busybox", NULL);

	put_fixed(contents);
	return put_file(contents, "init", 0755, agent, error) && put_file(contents, "bin/busybox", 0755, busybox, error) &&
	       put_root(contents, error) && put_tools(contents, error) && put_modules(contents, image, error);
}

static la_ssize_t append(struct archive *archive G_GNUC_UNUSED, void *user, const void *data, size_t length)
{
	g_byte_array_append(user, data, length);
	return (la_ssize_t)length;
}

static gboolean read_entry(const struct entry *entry, char **data, gsize *length, GError **error)
{
	g_autoptr(GError) why = NULL;

	*data = g_strdup(entry->text ? entry->text : "");
	*length = strlen(*data);
	if (!entry->from)
		return TRUE;
	g_clear_pointer(data, g_free);
	if (g_file_get_contents(entry->from, data, length, &why))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "initramfs: %s", why->message);
	return FALSE;
}

/* Owner, times and inode numbers are constants, so that the same files give the same bytes. */
static gboolean add_entry(struct archive *archive, int inode, const struct entry *from, GError **error)
{
	struct archive_entry *entry = archive_entry_new();
	g_autofree char *data = NULL;
	gsize length = 0;
	gboolean ok = read_entry(from, &data, &length, error);

	archive_entry_set_pathname(entry, from->path);
	archive_entry_set_mode(entry, from->mode);
	archive_entry_set_nlink(entry, S_ISDIR(from->mode) ? 2 : 1);
	archive_entry_set_ino(entry, inode);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, (la_int64_t)length);
	if (from->fixed && from->fixed->target)
		archive_entry_set_symlink(entry, from->fixed->target);
	if (S_ISCHR(from->mode))
		archive_entry_set_rdev(entry, makedev(from->fixed->major, from->fixed->minor));
	if (ok && (archive_write_header(archive, entry) != ARCHIVE_OK ||
		   (length && archive_write_data(archive, data, length) != (la_ssize_t)length))) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "initramfs: %s: %s", from->path, archive_error_string(archive));
		ok = FALSE;
	}
	archive_entry_free(entry);
	return ok;
}

static gboolean write_archive(const struct contents *contents, const char *folder, const char *name, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct archive *archive = archive_write_new();
	gboolean ok = TRUE;

	archive_write_set_format_cpio_newc(archive);
	archive_write_set_bytes_per_block(archive, 0);
	archive_write_open(archive, bytes, NULL, append, NULL);
	for (guint i = 0; i < contents->entries->len && ok; i++)
		ok = add_entry(archive, (int)i + 1, &g_array_index(contents->entries, struct entry, i), error);
	archive_write_close(archive);
	archive_write_free(archive);
	return ok && artefact_write(folder, name, bytes->data, bytes->len, error);
}

static gboolean find_or_write(const struct contents *contents, struct initramfs *initramfs, GError **error)
{
	g_autofree char *folder = g_build_filename(contents->workspace->cache, "initramfs", NULL), *name = NULL;

	initramfs->key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, contents->description->str, -1);
	name = g_strconcat(initramfs->key, ".cpio", NULL);
	initramfs->path = g_build_filename(folder, name, NULL);
	return g_file_test(initramfs->path, G_FILE_TEST_EXISTS) || write_archive(contents, folder, name, error);
}

struct initramfs *initramfs_get(const struct image *image, const struct workspace *workspace, GError **error)
{
	struct contents contents = { workspace, g_array_new(FALSE, FALSE, sizeof(struct entry)), g_string_chunk_new(1024), g_string_new(NULL) };
	g_autoptr(initramfs_t) initramfs = g_new0(struct initramfs, 1);
	gboolean ok;

	g_array_set_clear_func(contents.entries, entry_clear);
	ok = put_all(&contents, image, error) && find_or_write(&contents, initramfs, error);
	g_array_unref(contents.entries);
	g_string_chunk_free(contents.names);
	g_string_free(contents.description, TRUE);
	return ok ? g_steal_pointer(&initramfs) : NULL;
}

void initramfs_free(struct initramfs *initramfs)
{
	if (!initramfs)
		return;
	g_free(initramfs->key);
	g_free(initramfs->path);
	g_free(initramfs);
}

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
	{ "bin/sh", S_IFLNK | 0777, 0, 0, "busybox" },
	{ "dev/console", S_IFCHR | 0600, 5, 1, NULL },
	{ "dev/null", S_IFCHR | 0666, 1, 3, NULL },
	{ "dev/kmsg", S_IFCHR | 0644, 1, 11, NULL },
	{ "dev/tty", S_IFCHR | 0666, 5, 0, NULL },
	{ "dev/ttyS0", S_IFCHR | 0600, 4, 64, NULL },
	{ "dev/net/tun", S_IFCHR | 0600, 10, 200, NULL },
};

/* The archive as it grows, in memory: its bytes are its key. */
struct builder {
	struct archive *archive;
	GByteArray *bytes;
	int inode;
};

static la_ssize_t append(struct archive *archive G_GNUC_UNUSED, void *user, const void *data, size_t length)
{
	g_byte_array_append(user, data, length);
	return (la_ssize_t)length;
}

/* Owner, times and inode numbers are constants, so that the same files give the same bytes. */
static gboolean add_entry(struct builder *builder, const struct fixed_entry *fixed, const void *data, gsize length, GError **error)
{
	struct archive_entry *entry = archive_entry_new();
	gboolean ok;

	archive_entry_set_pathname(entry, fixed->path);
	archive_entry_set_mode(entry, fixed->mode);
	archive_entry_set_nlink(entry, S_ISDIR(fixed->mode) ? 2 : 1);
	archive_entry_set_ino(entry, ++builder->inode);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, (la_int64_t)length);
	if (fixed->target)
		archive_entry_set_symlink(entry, fixed->target);
	if (S_ISCHR(fixed->mode))
		archive_entry_set_rdev(entry, makedev(fixed->major, fixed->minor));
	ok = archive_write_header(builder->archive, entry) == ARCHIVE_OK &&
	     (!length || archive_write_data(builder->archive, data, length) == (la_ssize_t)length);
	archive_entry_free(entry);
	if (!ok)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "initramfs: %s: %s", fixed->path,
			    archive_error_string(builder->archive));
	return ok;
}

static gboolean add_file(struct builder *builder, const char *path, mode_t mode, const char *from, GError **error)
{
	struct fixed_entry entry = { path, S_IFREG | mode, 0, 0, NULL };
	g_autoptr(GError) why = NULL;
	g_autofree char *data = NULL;
	gsize length;

	if (!g_file_get_contents(from, &data, &length, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "initramfs: %s (make build makes it)", why->message);
		return FALSE;
	}
	return add_entry(builder, &entry, data, length, error);
}

static gboolean add_modules(struct builder *builder, const struct image *image, GError **error)
{
	struct fixed_entry order_entry = { "modules/order", S_IFREG | 0644, 0, 0, NULL };
	g_autoptr(GString) order = g_string_new(NULL);

	for (guint i = 0; i < image->modules->len; i++) {
		const char *from = image->modules->pdata[i];
		g_autofree char *name = g_path_get_basename(from);
		g_autofree char *path = g_build_filename("modules", name, NULL);

		if (!add_file(builder, path, 0644, from, error))
			return FALSE;
		g_string_append_printf(order, "%s\n", name);
	}
	return add_entry(builder, &order_entry, order->str, order->len, error);
}

static gboolean add_all(struct builder *builder, const struct image *image, const struct workspace *workspace, GError **error)
{
	g_autofree char *agent = g_build_filename(workspace->libexec, "agent", NULL);
	g_autofree char *busybox = g_build_filename(workspace->libexec, "busybox", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(fixed_entries); i++)
		if (!add_entry(builder, &fixed_entries[i], NULL, 0, error))
			return FALSE;
	return add_file(builder, "init", 0755, agent, error) && add_file(builder, "bin/busybox", 0755, busybox, error) &&
	       add_modules(builder, image, error);
}

static gboolean build(GByteArray *bytes, const struct image *image, const struct workspace *workspace, GError **error)
{
	struct builder builder = { archive_write_new(), bytes, 0 };
	gboolean ok;

	archive_write_set_format_cpio_newc(builder.archive);
	archive_write_set_bytes_per_block(builder.archive, 0);
	archive_write_open(builder.archive, bytes, NULL, append, NULL);
	ok = add_all(&builder, image, workspace, error);
	archive_write_close(builder.archive);
	archive_write_free(builder.archive);
	return ok;
}

struct initramfs *initramfs_get(const struct image *image, const struct workspace *workspace, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(initramfs_t) initramfs = g_new0(struct initramfs, 1);
	g_autofree char *folder = g_build_filename(workspace->cache, "initramfs", NULL);
	g_autofree char *name = NULL;

	if (!build(bytes, image, workspace, error))
		return NULL;
	initramfs->key = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes->data, bytes->len);
	name = g_strconcat(initramfs->key, ".cpio", NULL);
	initramfs->path = g_build_filename(folder, name, NULL);
	if (!g_file_test(initramfs->path, G_FILE_TEST_EXISTS) && !artefact_write(folder, name, bytes->data, bytes->len, error))
		return NULL;
	return g_steal_pointer(&initramfs);
}

void initramfs_free(struct initramfs *initramfs)
{
	if (!initramfs)
		return;
	g_free(initramfs->key);
	g_free(initramfs->path);
	g_free(initramfs);
}

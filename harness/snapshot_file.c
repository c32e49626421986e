/* SPDX-License-Identifier: GPL-2.0-or-later
 * snapshot_file - a snapshot's folder: written once, believed only after a check
 */
#include "snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"

#define MANIFEST "manifest.json"

enum {
	CHUNK_BYTES = 256 * 1024, /* stays in a processor's cache */
	LANES = 4,
	UNUSED_S = 14 * 24 * 3600,
};

/* All but RAM: small enough for a real hash, and needed in memory or by QEMU. */
static const char *const parts[] = { SNAPSHOT_STATE, SNAPSHOT_RECORDS, SNAPSHOT_CONSOLE };

static gboolean failed(GError **error, const char *file, const char *why)
{
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", file, why);
	return FALSE;
}

/* QEMU's version says little about a distribution's rebuild of it; its binary's size and time do. */
static char *qemu_identity(GError **error)
{
	const char *version = vm_qemu_version(error);
	g_autofree char *path = version ? g_find_program_in_path(QEMU_PROGRAM) : NULL;
	struct stat about = { 0 };

	if (!version)
		return NULL;
	if (path)
		stat(path, &about);
	return g_strdup_printf("%s %lld bytes of %lld", version, (long long)about.st_size, (long long)about.st_mtime);
}

/* By its content: it decides the order of things in the guest. */
static char *lockstep_identity(const struct vm_machine *machine)
{
	g_autofree char *data = NULL, *hash = NULL;
	gsize length;

	if (!machine->lockstep)
		return g_strdup("");
	if (!g_file_get_contents(machine->lockstep, &data, &length, NULL))
		return g_strdup(" in lockstep");
	hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)data, length);
	return g_strconcat(" in lockstep ", hash, NULL);
}

gboolean snapshot_inputs_fill(struct snapshot_inputs *inputs, GError **error)
{
	g_auto(GStrv) words = vm_machine_arguments(inputs->machine);
	g_autofree char *arguments = g_strjoinv(" ", words), *qemu = qemu_identity(error);
	g_autofree char *lockstep = lockstep_identity(inputs->machine);

	if (!qemu)
		return FALSE;
	inputs->text = g_strdup_printf("snapshot 2\nimage %s\ninitramfs %s\nqemu %s%s\narguments %s\ncommand line %s\n", inputs->image->key,
				       inputs->initramfs->key, qemu, lockstep, arguments, vm_machine_command_line());
	inputs->key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, inputs->text, -1);
	return TRUE;
}

void snapshot_inputs_clear(struct snapshot_inputs *inputs)
{
	g_clear_pointer(&inputs->text, g_free);
	g_clear_pointer(&inputs->key, g_free);
}

/* Each step maps a lane one to one, so a change of any one word is always seen. Not made against forgery: made for speed. */
static void sum_words(guint64 lanes[LANES], const guint64 *words, gsize count)
{
	for (gsize i = 0; i + LANES <= count; i += LANES)
		for (guint lane = 0; lane < LANES; lane++) {
			guint64 mixed = (lanes[lane] ^ words[i + lane]) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

			lanes[lane] = mixed << 31 | mixed >> 33;
		}
}

/* Of guest RAM, which comes in whole mebibytes. NULL if it cannot be read. */
static char *sum_ram(int descriptor, gint64 size_bytes)
{
	guint64 lanes[LANES] = { 1, 2, 3, 4 };
	g_autofree guint64 *chunk = g_malloc(CHUNK_BYTES);

	for (gint64 offset = 0; offset < size_bytes; offset += CHUNK_BYTES) {
		if (pread(descriptor, chunk, CHUNK_BYTES, offset) != CHUNK_BYTES)
			return NULL;
		sum_words(lanes, chunk, CHUNK_BYTES / sizeof(*chunk));
	}
	return g_strdup_printf("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x",
			       lanes[0], lanes[1], lanes[2], lanes[3]);
}

static gint64 ram_bytes(const struct snapshot_inputs *inputs)
{
	return (gint64)inputs->machine->memory_mib * 1024 * 1024;
}

static int open_file(const char *directory, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);

	if (descriptor < 0)
		failed(error, name, g_strerror(errno));
	return descriptor;
}

static char *checked_sum(int ram, const struct snapshot_inputs *inputs, GError **error)
{
	struct stat about;
	char *sum = NULL;

	if (fstat(ram, &about) < 0 || about.st_size != ram_bytes(inputs))
		failed(error, SNAPSHOT_RAM, "not as long as the guest's memory");
	else if (!(sum = sum_ram(ram, about.st_size)))
		failed(error, SNAPSHOT_RAM, "cannot be read");
	return sum;
}

gboolean snapshot_seal(const char *directory, const struct snapshot_inputs *inputs, GError **error)
{
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();
	int ram = open_file(directory, SNAPSHOT_RAM, error);
	g_autofree char *sum = ram >= 0 ? checked_sum(ram, inputs, error) : NULL;

	json_node_take_object(root, object);
	if (ram >= 0)
		close(ram);
	if (!sum)
		return FALSE;
	json_object_set_string_member(object, "inputs", inputs->text);
	json_object_set_string_member(object, "image", inputs->image->key);
	json_object_set_string_member(object, SNAPSHOT_RAM, sum);
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *path = g_build_filename(directory, parts[i], NULL), *data = NULL, *hash = NULL;
		gsize length;

		if (!g_file_get_contents(path, &data, &length, NULL))
			return failed(error, parts[i], "cannot be read");
		hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)data, length);
		json_object_set_string_member(object, parts[i], hash);
	}
	/* Not forced to the disk first: a part that a power failure took is noticed as any other damage. */
	return artefact_write_json(directory, MANIFEST, root, error);
}

/* One small file with the hash it must have; NULL with an error. */
static GBytes *read_part(const char *directory, const char *name, JsonObject *manifest, GError **error)
{
	g_autofree char *path = g_build_filename(directory, name, NULL), *hash = NULL;
	g_autoptr(GBytes) bytes = NULL;
	char *data;
	gsize length;

	if (!g_file_get_contents(path, &data, &length, NULL)) {
		failed(error, name, "cannot be read");
		return NULL;
	}
	bytes = g_bytes_new_take(data, length);
	hash = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
	if (g_strcmp0(hash, artefact_string(manifest, name)) == 0)
		return g_steal_pointer(&bytes);
	failed(error, name, "not what was saved");
	return NULL;
}

static gboolean read_parts(struct snapshot *snapshot, const char *directory, const struct snapshot_inputs *inputs, GError **error)
{
	g_autoptr(JsonObject) manifest = artefact_read_json(directory, MANIFEST, NULL);
	g_autoptr(GBytes) state = NULL;
	g_autofree char *sum = NULL;

	if (!manifest)
		return failed(error, MANIFEST, "cannot be read");
	if (g_strcmp0(artefact_string(manifest, "inputs"), inputs->text) != 0)
		return failed(error, MANIFEST, "made of something else");
	/* Over NFS a file that another machine removes is gone for who has it open as well. Where nothing can be locked it is not. */
	if ((snapshot->held = open_file(directory, MANIFEST, error)) < 0)
		return FALSE;
	flock(snapshot->held, LOCK_SH | LOCK_NB);
	if ((snapshot->ram = open_file(directory, SNAPSHOT_RAM, error)) < 0 ||
	    (snapshot->state = open_file(directory, SNAPSHOT_STATE, error)) < 0 ||
	    !(state = read_part(directory, SNAPSHOT_STATE, manifest, error)) ||
	    !(snapshot->records = read_part(directory, SNAPSHOT_RECORDS, manifest, error)) ||
	    !(snapshot->console = read_part(directory, SNAPSHOT_CONSOLE, manifest, error)) ||
	    !(sum = checked_sum(snapshot->ram, inputs, error)))
		return FALSE;
	return g_strcmp0(sum, artefact_string(manifest, SNAPSHOT_RAM)) == 0 ? TRUE : failed(error, SNAPSHOT_RAM, "not what was saved");
}

struct snapshot *snapshot_read(const char *directory, const struct snapshot_inputs *inputs, gboolean *absent, GError **error)
{
	g_autoptr(snapshot_t) snapshot = g_new0(struct snapshot, 1);
	int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autofree char *held = g_strdup_printf("/proc/self/fd/%d", folder);
	gboolean ok;

	snapshot->ram = snapshot->state = snapshot->held = -1;
	*absent = folder < 0 && errno == ENOENT;
	if (folder < 0) {
		failed(error, directory, g_strerror(errno));
		return NULL;
	}
	/* By the folder's descriptor, so that all files are of one snapshot even when another process puts a new one there now. */
	ok = read_parts(snapshot, held, inputs, error);
	if (ok)
		futimens(folder, NULL); /* used now: see snapshot_prune() */
	close(folder);
	return ok ? g_steal_pointer(&snapshot) : NULL;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	if (snapshot->ram >= 0)
		close(snapshot->ram);
	if (snapshot->state >= 0)
		close(snapshot->state);
	if (snapshot->held >= 0)
		close(snapshot->held);
	g_clear_pointer(&snapshot->records, g_bytes_unref);
	g_clear_pointer(&snapshot->console, g_bytes_unref);
	g_free(snapshot);
}

/* Folders here are flat. */
void snapshot_remove(const char *directory)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);

		g_unlink(path);
	}
	g_rmdir(directory);
}

static gboolean is_superseded(JsonObject *manifest, const struct snapshot_inputs *inputs)
{
	const char *text = artefact_string(manifest, "inputs");
	const char *theirs = text ? strstr(text, "\narguments ") : NULL, *ours = strstr(inputs->text, "\narguments ");

	return theirs && ours && strcmp(theirs, ours) == 0 && strcmp(text, inputs->text) != 0 &&
	       g_strcmp0(artefact_string(manifest, "image"), inputs->image->key) == 0;
}

/* Removes it unless somebody, here or on a machine that shares the cache, uses it now. */
static void remove_unused(const char *directory)
{
	g_autofree char *path = g_build_filename(directory, MANIFEST, NULL);
	int lock = open(path, O_RDWR | O_CLOEXEC);

	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		snapshot_remove(directory);
	if (lock >= 0)
		close(lock);
}

void snapshot_prune(const char *root, const struct snapshot_inputs *inputs)
{
	g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
	gint64 now_s = g_get_real_time() / G_USEC_PER_SEC;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *directory = g_build_filename(root, name, NULL);
		g_autoptr(JsonObject) manifest = strlen(name) == strlen(inputs->key) ? artefact_read_json(directory, MANIFEST, NULL) : NULL;
		struct stat about;

		if (manifest && stat(directory, &about) == 0 && (is_superseded(manifest, inputs) || now_s - about.st_mtime > UNUSED_S))
			remove_unused(directory);
	}
}

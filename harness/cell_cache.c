/* SPDX-License-Identifier: GPL-2.0-or-later
 * cell_cache - what guests left before, by all that went into them: the same cell is not run a second time
 */
#include "cell_cache.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include "artefact.h"
#include "error.h"
#include "snapshot_file.h"

#define MANIFEST "manifest.json"
#define VM "1-vm.json"

enum { UNUSED_S = 14 * 24 * 3600 };

static const char *const parts[] = { "1-records.bin", "1-console.log", VM };
enum { PARTS = G_N_ELEMENTS(parts) };

struct cell_cache {
	const struct workspace *workspace;
	char *root;      /* cache/cell */
	gboolean again;
	GMutex mutex;    /* one writer at a time: repetitions of a cell keep the same one */
	gboolean grown;
};

/* A cell's files, as far as they are here. */
struct kept {
	GBytes *bytes[PARTS];
	char *hashes[PARTS];
};

struct cell_cache *cell_cache_new(const struct workspace *workspace, gboolean again)
{
	struct cell_cache *cache = g_new0(struct cell_cache, 1);

	cache->workspace = workspace;
	cache->root = g_build_filename(workspace->cache, "cell", NULL);
	cache->again = again;
	g_mutex_init(&cache->mutex);
	return cache;
}

/* A guest that was restored leaves the bytes of one that booted, so all that makes a snapshot, and the job, make a cell. */
char *cell_cache_inputs(const struct image *image, const struct initramfs *initramfs, const struct vm_machine *machine, const GString *job,
			GError **error)
{
	struct snapshot_inputs inputs = { image, initramfs, machine, NULL, NULL };
	g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)job->str, job->len);
	char *text = NULL;

	if (snapshot_inputs_fill(&inputs, error))
		text = g_strdup_printf("cell 1\n%sjob %s\n", inputs.text, digest);
	snapshot_inputs_clear(&inputs);
	return text;
}

static char *folder_of(const struct cell_cache *cache, const char *inputs)
{
	g_autofree char *key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, inputs, -1);

	return g_build_filename(cache->root, key, NULL);
}

static void kept_clear(struct kept *kept)
{
	for (guint i = 0; i < PARTS; i++) {
		g_clear_pointer(&kept->bytes[i], g_bytes_unref);
		g_clear_pointer(&kept->hashes[i], g_free);
	}
}

/* The name of the file that cannot be read, or NULL. */
static const char *kept_read(struct kept *kept, const char *directory)
{
	for (guint i = 0; i < PARTS; i++) {
		g_autofree char *path = g_build_filename(directory, parts[i], NULL);
		char *data;
		gsize length;

		if (!g_file_get_contents(path, &data, &length, NULL))
			return parts[i];
		kept->bytes[i] = g_bytes_new_take(data, length);
		kept->hashes[i] = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, kept->bytes[i]);
	}
	return NULL;
}

/* Why a folder is not what was kept there, or NULL; the caller frees. */
static char *kept_check(struct kept *kept, const char *directory, const char *inputs)
{
	g_autoptr(JsonObject) manifest = artefact_read_json(directory, MANIFEST, NULL);
	const char *unread;

	if (!manifest)
		return g_strdup(MANIFEST ": cannot be read");
	if (g_strcmp0(artefact_string(manifest, "inputs"), inputs) != 0)
		return g_strdup(MANIFEST ": made of something else");
	unread = kept_read(kept, directory);
	if (unread)
		return g_strdup_printf("%s: cannot be read", unread);
	for (guint i = 0; i < PARTS; i++)
		if (g_strcmp0(kept->hashes[i], artefact_string(manifest, parts[i])) != 0)
			return g_strdup_printf("%s: not what was kept", parts[i]);
	return NULL;
}

/* How the guest of another run was started, and what befell it, is not this run's to tell. */
static gboolean write_vm(const char *directory, GBytes *bytes, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	JsonNode *root = json_parser_load_from_data(parser, data, (gssize)length, NULL) ? json_parser_get_root(parser) : NULL;
	JsonObject *object = root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;

	if (!object) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, VM ": expected a JSON object");
		return FALSE;
	}
	json_object_set_string_member(object, "start", "cache");
	json_object_remove_member(object, "note");
	json_object_remove_member(object, "cells_before");
	return artefact_write_json(directory, VM, root, error);
}

static gboolean write_parts(const char *directory, const struct kept *kept, GError **error)
{
	for (guint i = 0; i < PARTS; i++) {
		gsize length;
		const void *data = g_bytes_get_data(kept->bytes[i], &length);

		if (strcmp(parts[i], VM) == 0 ? !write_vm(directory, kept->bytes[i], error) : !artefact_write(directory, parts[i], data, length, error))
			return FALSE;
	}
	return TRUE;
}

gboolean cell_cache_take(struct cell_cache *cache, const char *label, const char *inputs, const char *directory)
{
	g_autofree char *folder = folder_of(cache, inputs), *why = NULL;
	g_autoptr(GError) error = NULL;
	struct kept kept = { { NULL }, { NULL } };
	gboolean taken;

	if (cache->again || !g_file_test(folder, G_FILE_TEST_IS_DIR))
		return FALSE;
	why = kept_check(&kept, folder, inputs);
	taken = !why && write_parts(directory, &kept, &error);
	if (taken)
		utime(folder, NULL); /* used now: see prune() */
	else
		workspace_progress(cache->workspace, "note", label, "a damaged cached cell is run again: %s", why ? why : error->message);
	kept_clear(&kept);
	return taken;
}

/* A stop by the wall clock, or a QEMU that died, says nothing about the next run. */
static gboolean came_to_its_end(const char *directory)
{
	g_autoptr(JsonObject) vm = artefact_read_json(directory, VM, NULL), verdict = artefact_read_json(directory, "5-verdict.json", NULL);
	const char *status = vm ? artefact_string(vm, "status") : NULL, *outcome = verdict ? artefact_string(verdict, "outcome") : NULL;

	return (g_strcmp0(status, "ended") == 0 || g_strcmp0(status, "crashed") == 0) && outcome && strcmp(outcome, "BROKEN") != 0;
}

static gboolean write_kept(const char *folder, const char *inputs, const struct kept *kept, GError **error)
{
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_node_take_object(root, object);
	json_object_set_string_member(object, "inputs", inputs);
	for (guint i = 0; i < PARTS; i++) {
		g_autofree char *path = g_build_filename(folder, parts[i], NULL);
		gsize length;
		const void *data = g_bytes_get_data(kept->bytes[i], &length);

		/* Not forced to the disk: what a power failure took is noticed as any other damage. */
		if (!g_file_set_contents_full(path, data, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0666, error))
			return FALSE;
		json_object_set_string_member(object, parts[i], kept->hashes[i]);
	}
	return artefact_write_json(folder, MANIFEST, root, error);
}

/* In place of what may be there. */
static gboolean replace(const char *folder, const char *inputs, const struct kept *kept, GError **error)
{
	g_autofree char *made = g_strconcat(folder, ".XXXXXX", NULL);

	if (!g_mkdtemp_full(made, 0777)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", folder, g_strerror(errno));
		return FALSE;
	}
	if (!write_kept(made, inputs, kept, error)) {
		snapshot_remove(made);
		return FALSE;
	}
	snapshot_remove(folder);
	/* Another process may have put the same cell there just now. */
	if (g_rename(made, folder) < 0)
		snapshot_remove(made);
	return TRUE;
}

/* The first file, of those that only the guest writes, that is not as it was; NULL if all are. */
static const char *differing(const struct kept *a, const struct kept *b)
{
	for (guint i = 0; i < PARTS; i++)
		if (strcmp(parts[i], VM) != 0 && strcmp(a->hashes[i], b->hashes[i]) != 0)
			return parts[i];
	return NULL;
}

static gboolean put(struct cell_cache *cache, const char *label, const char *inputs, const char *directory, GError **error)
{
	g_autofree char *folder = folder_of(cache, inputs), *why = NULL;
	struct kept now = { { NULL }, { NULL } }, before = { { NULL }, { NULL } };
	const char *differs = NULL;
	gboolean ok = kept_read(&now, directory) == NULL && g_mkdir_with_parents(cache->root, 0777) == 0;

	if (!ok)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s or %s: %s", directory, cache->root, g_strerror(errno));
	why = ok ? kept_check(&before, folder, inputs) : NULL;
	if (ok && !why && (differs = differing(&before, &now)))
		workspace_progress(cache->workspace, "note", label, "%s has other bytes than when the same cell ran before", differs);
	if (ok && (why || differs)) {
		ok = replace(folder, inputs, &now, error);
		cache->grown = TRUE;
	}
	kept_clear(&now);
	kept_clear(&before);
	return ok;
}

void cell_cache_put(struct cell_cache *cache, const char *label, const char *inputs, const char *directory)
{
	g_autoptr(GError) why = NULL;

	if (!came_to_its_end(directory))
		return;
	g_mutex_lock(&cache->mutex);
	if (!put(cache, label, inputs, directory, &why))
		workspace_progress(cache->workspace, "note", label, "not kept for the next run: %s", why->message);
	g_mutex_unlock(&cache->mutex);
}

/* What nobody asked for in two weeks, and what a writer that was killed left. */
static void prune(const struct cell_cache *cache)
{
	g_autoptr(GDir) dir = g_dir_open(cache->root, 0, NULL);
	gint64 now_s = g_get_real_time() / G_USEC_PER_SEC;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *directory = g_build_filename(cache->root, name, NULL);
		struct stat about;

		if (stat(directory, &about) == 0 && now_s - about.st_mtime > UNUSED_S)
			snapshot_remove(directory);
	}
}

void cell_cache_free(struct cell_cache *cache)
{
	if (!cache)
		return;
	if (cache->grown)
		prune(cache);
	g_mutex_clear(&cache->mutex);
	g_free(cache->root);
	g_free(cache);
}

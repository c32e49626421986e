/* SPDX-License-Identifier: GPL-2.0-or-later
 * snapshot - ready guests, booted once and kept: each cell begins where its kernel's agent waits for a job
 */
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "error.h"
#include "snapshot_file.h"
#include "snapshot_make.h"
#include "source_process.h"
#include "worker.h"

struct snapshots {
	const struct workspace *workspace;
	char *root;          /* cache/snapshot */
	GMutex mutex;
	GHashTable *entries; /* key -> struct entry * */
	struct workers *workers;
};

/* Who comes first makes it, the others wait; what came of it is asked for no second time. */
struct entry {
	GMutex mutex;
	gboolean settled;
	struct snapshot *snapshot; /* NULL: cold */
};

static void entry_free(gpointer data)
{
	struct entry *entry = data;

	g_mutex_clear(&entry->mutex);
	snapshot_free(entry->snapshot);
	g_free(entry);
}

struct snapshots *snapshots_new(const struct workspace *workspace)
{
	struct snapshots *snapshots = g_new0(struct snapshots, 1);

	snapshots->workspace = workspace;
	snapshots->root = g_build_filename(workspace->cache, "snapshot", NULL);
	snapshots->workers = workers_new((guint)workspace->jobs);
	g_mutex_init(&snapshots->mutex);
	snapshots->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
	return snapshots;
}

void snapshots_free(struct snapshots *snapshots)
{
	if (!snapshots)
		return;
	workers_free(snapshots->workers);
	g_hash_table_unref(snapshots->entries);
	g_mutex_clear(&snapshots->mutex);
	g_free(snapshots->root);
	g_free(snapshots);
}

static struct entry *find_entry(struct snapshots *snapshots, const char *key)
{
	struct entry *entry;

	g_mutex_lock(&snapshots->mutex);
	entry = g_hash_table_lookup(snapshots->entries, key);
	if (!entry) {
		entry = g_new0(struct entry, 1);
		g_mutex_init(&entry->mutex);
		g_hash_table_insert(snapshots->entries, g_strdup(key), entry);
	}
	g_mutex_unlock(&snapshots->mutex);
	return entry;
}

/* Makes it beside its place and moves it there, so that it is there whole or not at all. Only under the key's lock. */
static gboolean put_new(const char *root, const char *directory, const struct snapshot_inputs *inputs, GCancellable *cancellable, GError **error)
{
	g_autofree char *new = g_strconcat(directory, ".new", NULL);

	snapshot_remove(new); /* of one that was killed */
	if (g_mkdir_with_parents(new, 0777) < 0 || !snapshot_make(new, inputs, cancellable, error)) {
		snapshot_remove(new);
		if (error && !*error)
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", new, g_strerror(errno));
		return FALSE;
	}
	snapshot_remove(directory);
	if (rename(new, directory) < 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", directory, g_strerror(errno));
		return FALSE;
	}
	snapshot_prune(root, inputs);
	return TRUE;
}

/* Another process may have made it while this one waited for the lock: so it is looked at again. */
static struct snapshot *make_locked(const struct snapshots *snapshots, const char *kernel, const char *directory,
				    const struct snapshot_inputs *inputs, GCancellable *cancellable, GError **error)
{
	g_autofree char *lock_path = g_strconcat(directory, ".lock", NULL);
	g_autoptr(GError) damage = NULL;
	struct snapshot *snapshot;
	gboolean absent;
	int lock = process_lock(lock_path, cancellable, error);

	if (lock < 0)
		return NULL;
	snapshot = snapshot_read(directory, inputs, &absent, &damage);
	if (!snapshot) {
		if (!absent)
			workspace_progress(snapshots->workspace, "note", kernel, "a damaged snapshot is made anew: %s", damage->message);
		workspace_progress(snapshots->workspace, "vm", kernel, "boots for a snapshot");
		if (put_new(snapshots->root, directory, inputs, cancellable, error))
			snapshot = snapshot_read(directory, inputs, &absent, error);
		workspace_progress(snapshots->workspace, NULL, kernel, "%s", "");
	}
	close(lock);
	return snapshot;
}

/* Settles the entry, unless interrupted. */
static gboolean settle(struct entry *entry, const struct snapshots *snapshots, const char *kernel, const struct snapshot_inputs *inputs,
		       GCancellable *cancellable, GError **error)
{
	g_autofree char *directory = g_build_filename(snapshots->root, inputs->key, NULL);
	GError *why = NULL;
	gboolean absent;

	entry->snapshot = snapshot_read(directory, inputs, &absent, NULL);
	if (!entry->snapshot)
		entry->snapshot = make_locked(snapshots, kernel, directory, inputs, cancellable, &why);
	if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_CANCELLED)) {
		g_propagate_error(error, why);
		return FALSE;
	}
	if (!entry->snapshot)
		workspace_progress(snapshots->workspace, "note", kernel, "no snapshot, so every cell boots: %s", why->message);
	else
		entry->snapshot->workers = snapshots->workers;
	g_clear_error(&why);
	entry->settled = TRUE;
	return TRUE;
}

gboolean snapshots_get(struct snapshots *snapshots, const char *kernel, const struct image *image, const struct initramfs *initramfs,
		       const struct vm_machine *machine, GCancellable *cancellable, const struct snapshot **snapshot, GError **error)
{
	struct snapshot_inputs inputs = { image, initramfs, machine, NULL, NULL };
	struct entry *entry;
	gboolean ok;

	*snapshot = NULL;
	if (!vm_machine_is_warped(machine))
		return TRUE;
	if (!snapshot_inputs_fill(&inputs, error))
		return FALSE;
	entry = find_entry(snapshots, inputs.key);
	g_mutex_lock(&entry->mutex);
	ok = entry->settled || settle(entry, snapshots, kernel, &inputs, cancellable, error);
	*snapshot = entry->snapshot;
	g_mutex_unlock(&entry->mutex);
	snapshot_inputs_clear(&inputs);
	return ok;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_rig - the judge of a bisection: builds a point's kernel, boots it, runs the case
 */
#include "bisect_rig.h"

#include <string.h>

#include "artefact.h"
#include "error.h"
#include "initramfs.h"
#include "source_hash.h"
#include "source_unpack.h"
#include "verdict.h"

#define SWAP "modules."

static gboolean has_swaps(const struct kernel *kernel)
{
	GHashTableIter each;
	gpointer key;

	g_hash_table_iter_init(&each, kernel->keys);
	while (g_hash_table_iter_next(&each, &key, NULL))
		if (g_str_has_prefix(key, SWAP))
			return TRUE;
	return FALSE;
}

char **rig_compiled(const struct kernel *base)
{
	GStrvBuilder *specs;
	GHashTableIter each;
	gpointer key, value;
	char **result;

	if (!base || !has_swaps(base))
		return NULL;
	specs = g_strv_builder_new();
	g_hash_table_iter_init(&each, base->keys);
	while (g_hash_table_iter_next(&each, &key, &value)) {
		const char *file = g_str_has_prefix(key, SWAP) ? kernel_swap_file(value) : NULL;
		g_autofree char *folder = file ? g_path_get_dirname(file) : NULL, *headers = g_strdup_printf(":(glob)%s/*.h", folder);

		if (file)
			g_strv_builder_add_many(specs, file, headers, NULL);
	}
	result = g_strv_builder_end(specs);
	g_strv_builder_unref(specs);
	return result;
}

gboolean rig_check_base(const struct kernel *base, GError **error)
{
	gboolean packaged = base && (base->kind == KERNEL_IMAGE || (base->kind == KERNEL_DEB && g_str_has_prefix(base->where, "linux-image")));

	if (!packaged || has_swaps(base))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s is a ready kernel: expected one that is built, or that takes a module from source "
		    "(modules.NAME=PACKAGE:FILE)", base->name);
	return FALSE;
}

/* Each swapped module is built from the commit's file of that name. */
static gboolean take_modules(struct kernel *kernel, const struct history *history, const char *id, GError **error)
{
	g_autoptr(GHashTable) swaps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	GHashTableIter each;
	gpointer key, value;

	g_hash_table_iter_init(&each, kernel->keys);
	while (g_hash_table_iter_next(&each, &key, &value))
		if (g_str_has_prefix(key, SWAP) && kernel_swap_file(value))
			g_hash_table_insert(swaps, g_strdup(key), g_strdup(kernel_swap_file(value)));
	g_hash_table_iter_init(&each, swaps);
	while (g_hash_table_iter_next(&each, &key, &value)) {
		g_autofree char *into = g_build_filename(history->directory, "work", key, NULL), *where = g_strdup_printf("%s/:%s", into, (char *)value);

		if (!history_export(history, id, value, into, error))
			return FALSE;
		kernel_set_key(kernel, key, where);
	}
	return TRUE;
}

static struct kernel *kernel_at_commit(const struct rig *rig, const struct history *history, const struct point *point, GError **error)
{
	g_autoptr(kernel_t) kernel = kernel_variant(rig->base, point->name);

	if (rig->base && has_swaps(rig->base)) {
		if (!take_modules(kernel, history, point->commit->id, error))
			return NULL;
	} else {
		kernel_set_git(kernel, history->repository, point->commit->id);
	}
	if (point->patch)
		kernel_add_patch(kernel, point->patch);
	return g_steal_pointer(&kernel);
}

/* The base with the first so many patches: commit 0 has none. */
static struct kernel *kernel_of_series(const struct rig *rig, const struct history *history, const struct point *point)
{
	struct kernel *kernel = kernel_variant(rig->base, point->name);

	for (guint i = 1; i < history->ids->len && strcmp(history->ids->pdata[i - 1], point->commit->id); i++)
		if (g_strcmp0(history->ids->pdata[i], point->without))
			kernel_add_patch(kernel, rig->patches->pdata[i - 1]);
	return kernel;
}

static struct kernel *kernel_of_list(const struct rig *rig, const struct point *point, GError **error)
{
	for (guint i = 0; i < rig->kernels->len; i++) {
		const struct kernel *kernel = rig->kernels->pdata[i];

		if (strcmp(kernel->name, point->commit->subject) == 0)
			return kernel_variant(kernel, kernel->name);
	}
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: no such kernel in the list", point->commit->subject);
	return NULL;
}

struct kernel *rig_kernel(const struct rig *rig, const struct history *history, const struct point *point, GError **error)
{
	if (rig->kernels)
		return kernel_of_list(rig, point, error);
	return rig->patches ? kernel_of_series(rig, history, point) : kernel_at_commit(rig, history, point, error);
}

static void set_text(char **place, const char *text)
{
	g_free(*place);
	*place = text ? g_utf8_make_valid(text, -1) : NULL;
}

/* Errors that are the kernel's own make a step without an outcome; the others end the search. */
static gboolean skip(struct step *step, GError *why, GError **error)
{
	if (why->domain == FINRIG_ERROR && (why->code == FINRIG_ERROR_UNBUILT || why->code == FINRIG_ERROR_UNFIT ||
					    why->code == FINRIG_ERROR_USAGE || why->code == FINRIG_ERROR_UNAVAILABLE)) {
		g_autofree char *name = g_strconcat(step->name, ": ", NULL);

		set_text(&step->reason, g_str_has_prefix(why->message, name) ? why->message + strlen(name) : why->message);
		g_error_free(why);
		return TRUE;
	}
	g_propagate_error(error, why);
	return FALSE;
}

/* SHA-256 of all that a guest gets from the kernel's image. */
static char *content_of(const struct image *image, const struct workspace *workspace, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *kernel = hash_file(workspace, image->bzimage, error);

	if (!kernel)
		return NULL;
	g_string_append_printf(text, "%s\n", kernel);
	for (guint i = 0; i < image->modules->len; i++) {
		g_autofree char *hash = hash_file(workspace, image->modules->pdata[i], error), *name = g_path_get_basename(image->modules->pdata[i]);

		if (!hash)
			return NULL;
		g_string_append_printf(text, "%s %s\n", name, hash);
	}
	return hash_text(text->str);
}

static gboolean came_up(const char *directory)
{
	g_autofree char *path = g_build_filename(directory, "2-events.jsonl", NULL), *events = NULL;

	return g_file_get_contents(path, &events, NULL, NULL) && strstr(events, "\"type\": \"start\"");
}

/* A guest that died or hung before the case began says nothing about the case; neither does a BROKEN cell. */
static gboolean read_verdict(const struct cell *cell, struct step *step, GError **error)
{
	g_autoptr(JsonObject) verdict = artefact_read_json(cell->directory, "5-verdict.json", error);
	const char *outcome = verdict ? artefact_string(verdict, "outcome") : NULL, *cause = verdict ? artefact_string(verdict, "cause") : NULL;

	if (!verdict)
		return FALSE;
	if (g_strcmp0(outcome, "BROKEN") && g_strcmp0(outcome, "SKIP") && came_up(cell->directory)) {
		set_text(&step->outcome, outcome);
		set_text(&step->reason, cause);
	} else {
		step->reason = g_strdup_printf("%s: %s", came_up(cell->directory) ? outcome : "does not come up", cause);
	}
	return TRUE;
}

static gboolean run_cell(const struct rig *rig, const struct kernel *kernel, const struct image *image, struct step *step, GError **error)
{
	g_autoptr(initramfs_t) initramfs = initramfs_get(image, rig->workspace, error);
	struct cell *cell = cell_new(rig->directory, kernel, rig->test_case);
	GError *why = NULL;
	gboolean ok;

	if (initramfs)
		remove_folder(cell->directory); /* of one that was killed */
	ok = initramfs && cell_run(cell, image, initramfs, rig->workspace, &rig->cell, rig->cancellable, &why) && read_verdict(cell, step, &why);
	if (ok)
		step->cell = g_build_filename(kernel->name, rig->test_case->name, NULL);
	workspace_progress(rig->workspace, NULL, cell->label, "%s", "");
	cell_free(cell);
	return ok || (why && skip(step, why, error));
}

/* The verdict of one that booted the same bytes is this one's. */
static void take_same(struct step *step, const struct step *same)
{
	set_text(&step->outcome, same->outcome);
	set_text(&step->reason, same->reason);
	set_text(&step->same_as, same->name);
	set_text(&step->cell, same->cell);
}

gboolean rig_judge_kernel(const struct rig *rig, const struct kernel *kernel, const GPtrArray *steps, struct step *step, GError **error)
{
	GError *why = NULL;
	g_autoptr(image_t) image = image_get(kernel, rig->workspace, rig->cancellable, &why);
	const struct step *same;

	workspace_progress(rig->workspace, NULL, kernel->name, "%s", "");
	if (!image)
		return skip(step, why, error);
	step->image = g_strdup(image->key);
	step->content = content_of(image, rig->workspace, error);
	if (!step->content)
		return FALSE;
	same = steps_find_content(steps, step->content);
	if (same) {
		take_same(step, same);
		return TRUE;
	}
	return run_cell(rig, kernel, image, step, error);
}

gboolean rig_judge(gpointer user, const struct history *history, const struct point *point, const GPtrArray *steps, struct step *step,
		   GError **error)
{
	const struct rig *rig = user;
	GError *why = NULL;
	g_autoptr(kernel_t) kernel = rig_kernel(rig, history, point, &why);

	return kernel ? rig_judge_kernel(rig, kernel, steps, step, error) : skip(step, why, error);
}

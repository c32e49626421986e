/* SPDX-License-Identifier: GPL-2.0-or-later
 * symbols - where the functions of a guest's kernel and its modules are
 */
#include "symbols.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "artefact.h"
#include "error.h"
#include "job.h"
#include "record.h"
#include "snapshot_file.h"
#include "vm.h"

enum { UNUSED_S = 14 * 24 * 3600 };
static const gint64 guest_limit_us = 1000 * G_USEC_PER_SEC, wall_limit_us = 300 * G_USEC_PER_SEC;

static void append_part(GString *text, struct record_view view, guint64 *address)
{
	struct record_field field;

	while (record_next_field(&view, &field)) {
		g_autofree char *part = field.id == FIELD_TEXT ? g_strndup((const char *)field.data, field.length_bytes) : NULL;
		g_auto(GStrv) lines = part ? g_strsplit(part, "\n", -1) : NULL;

		for (guint i = 0; lines && lines[i]; i++) {
			char *end;
			guint64 delta = g_ascii_strtoull(lines[i], &end, 16);

			if (end == lines[i] || *end != ' ')
				continue;
			*address += delta;
			g_string_append_printf(text, "%016" G_GINT64_MODIFIER "x T %s\n", *address, end + 1);
		}
	}
}

GString *symbols_of_records(const unsigned char *records, gsize length_bytes)
{
	GString *text = g_string_new(NULL);
	struct record_view view;
	guint64 address = 0;
	const char *why;
	size_t used;

	for (gsize at = 0; record_parse(records + at, length_bytes - at, &view, &used, &why) == RECORD_OK; at += used)
		if (view.type == RECORD_SYMBOLS)
			append_part(text, view, &address);
	return text;
}

static gboolean run_guest(const struct symbols_of *of, const char *directory, GCancellable *cancellable, GError **error)
{
	g_autoptr(GString) job = job_symbols();
	struct vm_request request = {
		.image = of->image, .initramfs = of->initramfs, .machine = *of->machine, .directory = directory, .job = job,
		.guest_limit_us = guest_limit_us, .boot_limit_us = wall_limit_us, .silence_limit_us = wall_limit_us, .wall_limit_us = wall_limit_us,
		.cancellable = cancellable,
	};

	return (!of->snapshots || snapshots_get(of->snapshots, of->kernel, of->image, of->initramfs, of->machine, cancellable,
						&request.snapshot, error)) &&
	       vm_run(&request, error);
}

/* What the guest left in directory, if it came to its end. */
static GString *read_answer(const char *directory, GError **error)
{
	g_autoptr(JsonObject) vm = artefact_read_json(directory, "1-vm.json", error);
	g_autofree char *path = g_build_filename(directory, "1-records.bin", NULL), *records = NULL;
	gsize length_bytes;

	if (!vm || !g_file_get_contents(path, &records, &length_bytes, error))
		return NULL;
	if (g_strcmp0(artefact_string(vm, "status"), "ended") == 0)
		return symbols_of_records((const unsigned char *)records, length_bytes);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "the guest that was asked for its symbols: %s", artefact_string(vm, "detail"));
	return NULL;
}

static GString *ask_guest(const struct symbols_of *of, const char *path, GCancellable *cancellable, GError **error)
{
	g_autofree char *directory = g_strconcat(path, ".XXXXXX", NULL), *above = g_path_get_dirname(path);
	GString *text;

	if (g_mkdir_with_parents(above, 0777) < 0 || !g_mkdtemp_full(directory, 0777)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", directory, g_strerror(errno));
		return NULL;
	}
	workspace_progress(of->workspace, "vm", of->kernel, "is asked for its symbols");
	text = run_guest(of, directory, cancellable, error) ? read_answer(directory, error) : NULL;
	workspace_progress(of->workspace, NULL, of->kernel, "%s", "");
	snapshot_remove(directory);
	return text;
}

/* Of kernels and agents that nobody asked about in two weeks. */
static void prune(const char *root)
{
	g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
	gint64 now_s = g_get_real_time() / G_USEC_PER_SEC;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(root, name, NULL);
		struct stat about;

		if (stat(path, &about) < 0 || now_s - about.st_mtime <= UNUSED_S)
			continue;
		if (S_ISDIR(about.st_mode))
			snapshot_remove(path);
		else
			unlink(path);
	}
}

/* As text; "" where the kernel has no kallsyms, which is kept too. */
static char *answer_of(const struct symbols_of *of, const char *key, GCancellable *cancellable, GError **error)
{
	g_autofree char *root = g_build_filename(of->workspace->cache, "symbols", NULL), *name = g_strconcat(key, ".map", NULL);
	g_autofree char *path = g_build_filename(root, name, NULL), *kept = NULL;
	g_autoptr(GString) text = NULL;

	if (g_file_get_contents(path, &kept, NULL, NULL)) {
		utime(path, NULL);
		return g_steal_pointer(&kept);
	}
	text = ask_guest(of, path, cancellable, error);
	if (!text || !artefact_write(root, name, text->str, text->len, error))
		return NULL;
	prune(root);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *read_system_map(const struct image *image, GError **error)
{
	g_autoptr(GError) why = NULL;
	char *text = NULL;

	if (!image->system_map)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "the kernel has neither a System.map nor CONFIG_KALLSYMS");
	else if (!g_file_get_contents(image->system_map, &text, NULL, &why))
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why->message);
	return text;
}

struct symbol_map *symbols_get(const struct symbols_of *of, GCancellable *cancellable, GError **error)
{
	struct snapshot_inputs inputs = { of->image, of->initramfs, of->machine, NULL, NULL };
	g_autofree char *answer = NULL, *map = NULL;

	if (!of->image->system_map || of->image->modules->len) {
		if (!snapshot_inputs_fill(&inputs, error))
			return NULL;
		answer = answer_of(of, inputs.key, cancellable, error);
		snapshot_inputs_clear(&inputs);
		if (!answer)
			return NULL;
	}
	if (answer && *answer)
		return symbol_map_new(answer);
	map = read_system_map(of->image, error);
	return map ? symbol_map_new(map) : NULL;
}

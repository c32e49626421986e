/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_cell_cache - which cells are kept, what a kept one is believed for, and what makes another cell; a script answers in QEMU's place
 */
#include "cell_cache.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#include "artefact.h"
#include "snapshot_file.h"
#include "stream.h"

static char *root;
static struct workspace workspace;
static GString *notes;

static void note(gpointer user, const char *stage, const char *subject, const char *text)
{
	if (g_strcmp0(stage, "note") == 0)
		g_string_append_printf(user, "%s: %s\n", subject, text);
}

/* A cell's folder as the stages leave it. */
static char *leave(const char *name, const char *records, const char *status, const char *outcome)
{
	char *folder = g_build_filename(root, name, NULL);
	g_autofree char *vm = g_strdup_printf("{\"status\": \"%s\", \"detail\": \"\", \"start\": \"snapshot\", \"note\": \"x\"}", status);
	g_autofree char *verdict = g_strdup_printf("{\"outcome\": \"%s\"}", outcome);

	stream_put(folder, "1-records.bin", records, -1);
	stream_put(folder, "1-console.log", "", 0);
	stream_put(folder, "1-vm.json", vm, -1);
	stream_put(folder, "5-verdict.json", verdict, -1);
	return folder;
}

static void keep(const char *inputs, const char *records, const char *status, const char *outcome)
{
	struct cell_cache *cache = cell_cache_new(&workspace, FALSE);
	g_autofree char *folder = leave("left", records, status, outcome);

	cell_cache_put(cache, "a/b", inputs, folder);
	cell_cache_free(cache);
}

static gboolean take(const char *inputs, gboolean again)
{
	struct cell_cache *cache = cell_cache_new(&workspace, again);
	g_autofree char *folder = g_build_filename(root, "taken", NULL);
	gboolean taken;

	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		snapshot_remove(folder);
	taken = cell_cache_take(cache, "a/b", inputs, folder);
	cell_cache_free(cache);
	return taken;
}

static char *kept_folder(const char *inputs)
{
	g_autofree char *key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, inputs, -1);

	return g_build_filename(workspace.cache, "cell", key, NULL);
}

static void expect_notes(const char *expected)
{
	g_assert_cmpstr(notes->str, ==, expected);
	g_string_set_size(notes, 0);
}

static void test_kept(void)
{
	g_autofree char *folder = g_build_filename(root, "taken", NULL), *records = g_build_filename(folder, "1-records.bin", NULL), *data = NULL;
	g_autoptr(JsonObject) vm = NULL;

	g_assert_false(take("one", FALSE));
	keep("one", "records", "ended", "FIXED");
	g_assert_true(take("one", FALSE));
	g_assert_true(g_file_get_contents(records, &data, NULL, NULL));
	g_assert_cmpstr(data, ==, "records");
	vm = artefact_read_json(folder, "1-vm.json", NULL);
	g_assert_cmpstr(artefact_string(vm, "start"), ==, "cache");
	g_assert_cmpstr(artefact_string(vm, "status"), ==, "ended");
	g_assert_null(artefact_string(vm, "note"));
	g_assert_false(take("two", FALSE));
	g_assert_false(take("one", TRUE));
	expect_notes("");
}

/* What the wall clock or the rig decided may be otherwise the next time; a kernel that dies will die again. */
static void test_which(void)
{
	static const struct { const char *status, *outcome; gboolean kept; } cells[] = {
		{ "ended", "FIXED", TRUE }, { "ended", "BUGGY", TRUE }, { "ended", "CHANGED", TRUE }, { "crashed", "CRASH", TRUE },
		{ "ended", "BROKEN", FALSE }, { "stalled", "BROKEN", FALSE }, { "stalled", "CRASH", FALSE }, { "deadline", "BROKEN", FALSE },
		{ "died", "BROKEN", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cells); i++) {
		g_autofree char *inputs = g_strdup_printf("which %zu", i);

		keep(inputs, "records", cells[i].status, cells[i].outcome);
		g_assert_cmpint(take(inputs, FALSE), ==, cells[i].kept);
	}
	expect_notes("");
}

static void test_damaged(void)
{
	static const struct { const char *file, *data, *why; } damages[] = {
		{ "1-records.bin", "recordz", "1-records.bin: not what was kept" }, { "1-console.log", "x", "1-console.log: not what was kept" },
		{ "1-vm.json", "{}", "1-vm.json: not what was kept" }, { "1-records.bin", NULL, "1-records.bin: cannot be read" },
		{ "manifest.json", NULL, "manifest.json: cannot be read" }, { "manifest.json", "[]", "manifest.json: cannot be read" },
		{ "manifest.json", "{\"inputs\": \"two\"}", "manifest.json: made of something else" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autofree char *folder = kept_folder("damaged"), *path = g_build_filename(folder, damages[i].file, NULL);
		g_autofree char *expected = g_strdup_printf("a/b: a damaged cached cell is run again: %s\n", damages[i].why);

		keep("damaged", "records", "ended", "FIXED");
		if (damages[i].data)
			stream_put(folder, damages[i].file, damages[i].data, -1);
		else
			g_assert_cmpint(g_unlink(path), ==, 0);
		g_assert_false(take("damaged", FALSE));
		expect_notes(expected);
		keep("damaged", "records", "ended", "FIXED");
		g_assert_true(take("damaged", FALSE));
		expect_notes("");
	}
}

/* Run again, a cell must have its bytes again; a note tells of one that has not. */
static void test_other_bytes(void)
{
	keep("bytes", "records", "ended", "FIXED");
	keep("bytes", "records", "ended", "FIXED");
	expect_notes("");
	keep("bytes", "others", "ended", "FIXED");
	expect_notes("a/b: 1-records.bin has other bytes than when the same cell ran before\n");
	g_assert_true(take("bytes", FALSE));
}

static void test_prune(void)
{
	g_autofree char *old = kept_folder("old"), *used = kept_folder("used");
	struct utimbuf long_ago = { 1, 1 };

	keep("old", "records", "ended", "FIXED");
	keep("used", "records", "ended", "FIXED");
	g_assert_cmpint(g_utime(old, &long_ago), ==, 0);
	g_assert_cmpint(g_utime(used, &long_ago), ==, 0);
	g_assert_true(take("used", FALSE));
	keep("another", "records", "ended", "FIXED");
	g_assert_false(g_file_test(old, G_FILE_TEST_EXISTS));
	g_assert_true(g_file_test(used, G_FILE_TEST_EXISTS));
}

/* Every input counts: a changed one gives another key. */
static void test_inputs(void)
{
	struct image image = { .key = (char *)"i" }, other_image = { .key = (char *)"j" };
	struct initramfs initramfs = { .key = (char *)"a" }, other_initramfs = { .key = (char *)"b" };
	g_autofree char *library = g_build_filename(root, "library", NULL);
	struct vm_machine machine = VM_MACHINE_DEFAULT, shifted = VM_MACHINE_DEFAULT, larger = VM_MACHINE_DEFAULT, paced = VM_MACHINE_DEFAULT;
	g_autoptr(GString) job = g_string_new("job"), other_job = g_string_new("jab");
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	shifted.shift++;
	larger.memory_mib++;
	paced.lockstep = library;
	for (guint i = 0; i < 8; i++) {
		if (i == 6)
			stream_put(root, "library", "old", -1);
		if (i == 7)
			stream_put(root, "library", "new", -1);
		char *inputs = cell_cache_inputs(i == 1 ? &other_image : &image, i == 2 ? &other_initramfs : &initramfs,
						 i == 3 ? &shifted : i == 4 ? &larger : i >= 6 ? &paced : &machine, i == 5 ? other_job : job, NULL);

		g_assert_nonnull(inputs);
		g_assert_true(g_hash_table_add(seen, inputs));
	}
	g_assert_false(g_hash_table_add(seen, cell_cache_inputs(&image, &initramfs, &machine, job, NULL)));
}

int main(int argc, char **argv)
{
	int status;
	g_autofree char *qemu = NULL, *path = NULL;

	g_test_init(&argc, &argv, NULL);
	root = stream_folder();
	notes = g_string_new(NULL);
	workspace = (struct workspace){ .cache = g_build_filename(root, "cache", NULL), .progress = note, .progress_user = notes };
	stream_put(root, "qemu-system-x86_64", "#!/bin/sh\necho QEMU emulator version 7.0\n", -1);
	qemu = g_build_filename(root, "qemu-system-x86_64", NULL);
	g_assert_cmpint(g_chmod(qemu, 0755), ==, 0);
	path = g_strconcat(root, ":", g_getenv("PATH"), NULL);
	g_setenv("PATH", path, TRUE);
	g_test_add_func("/cell-cache/kept", test_kept);
	g_test_add_func("/cell-cache/which", test_which);
	g_test_add_func("/cell-cache/damaged", test_damaged);
	g_test_add_func("/cell-cache/other-bytes", test_other_bytes);
	g_test_add_func("/cell-cache/prune", test_prune);
	g_test_add_func("/cell-cache/inputs", test_inputs);
	status = g_test_run();
	stream_remove(root);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_snapshot - what a snapshot's folder is believed for, without QEMU; and what repetitions of a cell are compared by
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#include "case.h"
#include "error.h"
#include "kernel.h"
#include "repeat.h"
#include "snapshot_file.h"

enum { RAM_BYTES = 1024 * 1024 };

static char *root;
static struct vm_machine machine = { VM_ACCEL_TCG, FALSE, 3, 1, NULL };
static struct image image = { .key = (char *)"image-one" }, other_image = { .key = (char *)"image-two" };
static struct initramfs initramfs = { .key = (char *)"agent-one" };

/* As snapshot_inputs_fill() does, but without asking QEMU. */
static struct snapshot_inputs inputs_of(struct image *of, const char *agent, const char *arguments)
{
	struct snapshot_inputs inputs = { of, &initramfs, &machine, NULL, NULL };

	inputs.text = g_strdup_printf("snapshot 1\nimage %s\ninitramfs %s\nqemu 7\narguments %s\n", of->key, agent, arguments);
	inputs.key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, inputs.text, -1);
	return inputs;
}

static void put(const char *directory, const char *name, const char *data, gsize length)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
}

/* A sealed folder in root by its key; the caller frees the path. */
static char *make(const struct snapshot_inputs *inputs)
{
	char *directory = g_build_filename(root, inputs->key, NULL);
	g_autofree char *ram = g_malloc0(RAM_BYTES);

	ram[12345] = 'x';
	g_assert_cmpint(g_mkdir_with_parents(directory, 0777), ==, 0);
	put(directory, SNAPSHOT_RAM, ram, RAM_BYTES);
	put(directory, SNAPSHOT_STATE, "state", 5);
	put(directory, SNAPSHOT_RECORDS, "records", 7);
	put(directory, SNAPSHOT_CONSOLE, "", 0);
	g_assert_true(snapshot_seal(directory, inputs, NULL));
	return directory;
}

static void test_whole(void)
{
	struct snapshot_inputs inputs = inputs_of(&image, "agent-one", "-m 1");
	g_autofree char *directory = make(&inputs);
	gboolean absent = TRUE;
	g_autoptr(snapshot_t) snapshot = snapshot_read(directory, &inputs, &absent, NULL);

	g_assert_nonnull(snapshot);
	g_assert_false(absent);
	g_assert_cmpmem(g_bytes_get_data(snapshot->records, NULL), g_bytes_get_size(snapshot->records), "records", 7);
	g_assert_cmpuint(g_bytes_get_size(snapshot->console), ==, 0);
	snapshot_remove(directory);
	g_assert_false(g_file_test(directory, G_FILE_TEST_EXISTS));
	snapshot_inputs_clear(&inputs);
}

static void test_absent(void)
{
	struct snapshot_inputs inputs = inputs_of(&image, "agent-one", "-m 1");
	gboolean absent = FALSE;

	g_assert_null(snapshot_read("/nowhere/at/all", &inputs, &absent, NULL));
	g_assert_true(absent);
	snapshot_inputs_clear(&inputs);
}

static void expect_damage(const struct snapshot_inputs *inputs, const char *directory, const char *message)
{
	g_autoptr(GError) error = NULL;
	gboolean absent = TRUE;

	g_assert_null(snapshot_read(directory, inputs, &absent, &error));
	g_assert_false(absent);
	g_assert_cmpstr(error->message, ==, message);
	snapshot_remove(directory);
}

/* Each byte of RAM counts, so any may be the wrong one: the first, the last, two that change places. */
static void test_damaged_ram(void)
{
	static const struct { gsize from, to; } changes[] = { { 0, 1 }, { 12345, RAM_BYTES - 1 }, { 12345, 12345 + 32 }, { 12345, 12345 + 8 } };
	struct snapshot_inputs inputs = inputs_of(&image, "agent-one", "-m 1");

	for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
		g_autofree char *directory = make(&inputs), *path = g_build_filename(directory, SNAPSHOT_RAM, NULL), *ram = NULL;
		gsize length;

		g_assert_true(g_file_get_contents(path, &ram, &length, NULL));
		if (ram[changes[i].from])
			ram[changes[i].from] = 0;
		ram[changes[i].to] = 'x';
		put(directory, SNAPSHOT_RAM, ram, length);
		expect_damage(&inputs, directory, "ram: not what was saved");
	}
	snapshot_inputs_clear(&inputs);
}

static void test_damaged_files(void)
{
	static const struct { const char *file, *data, *message; } damages[] = {
		{ SNAPSHOT_STATE, "stat", "state: not what was saved" }, { SNAPSHOT_RECORDS, "recordz", "records: not what was saved" },
		{ SNAPSHOT_CONSOLE, "x", "console: not what was saved" }, { SNAPSHOT_RAM, "x", "ram: not as long as the guest's memory" },
		{ "manifest.json", "", "manifest.json: cannot be read" }, { "manifest.json", "{}", "manifest.json: made of something else" },
		{ "manifest.json", "[]", "manifest.json: cannot be read" }, { "manifest.json", "{\"inputs\": 7}", "manifest.json: made of something else" },
	};
	struct snapshot_inputs inputs = inputs_of(&image, "agent-one", "-m 1");

	for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autofree char *directory = make(&inputs);

		put(directory, damages[i].file, damages[i].data, strlen(damages[i].data));
		expect_damage(&inputs, directory, damages[i].message);
	}
	snapshot_inputs_clear(&inputs);
}

static void test_foreign(void)
{
	struct snapshot_inputs inputs = inputs_of(&image, "agent-one", "-m 1"), asked = inputs_of(&image, "agent-two", "-m 1");
	g_autofree char *directory = make(&inputs);

	expect_damage(&asked, directory, "manifest.json: made of something else");
	snapshot_inputs_clear(&inputs);
	snapshot_inputs_clear(&asked);
}

static gboolean kept(const char *directory)
{
	return g_file_test(directory, G_FILE_TEST_IS_DIR);
}

static void test_prune(void)
{
	struct snapshot_inputs before = inputs_of(&image, "agent-one", "-m 1"), now = inputs_of(&image, "agent-two", "-m 1");
	struct snapshot_inputs shifted = inputs_of(&image, "agent-one", "-m 2"), another = inputs_of(&other_image, "agent-one", "-m 1");
	struct snapshot_inputs forgotten = inputs_of(&other_image, "agent-one", "-m 3");
	g_autofree char *old = make(&before), *new = make(&now), *shift = make(&shifted), *other = make(&another), *aged = make(&forgotten);

	gboolean absent;
	struct snapshot *used = snapshot_read(old, &before, &absent, NULL);

	g_assert_cmpint(g_utime(aged, &(struct utimbuf){ 1, 1 }), ==, 0);
	snapshot_prune(root, &now);
	g_assert_true(kept(old)); /* in use: over NFS its user would lose it */
	snapshot_free(used);
	snapshot_prune(root, &now);
	g_assert_false(kept(old));
	g_assert_false(kept(aged));
	g_assert_true(kept(new) && kept(shift) && kept(other));
	snapshot_remove(new);
	snapshot_remove(shift);
	snapshot_remove(other);
	snapshot_inputs_clear(&before);
	snapshot_inputs_clear(&now);
	snapshot_inputs_clear(&shifted);
	snapshot_inputs_clear(&another);
	snapshot_inputs_clear(&forgotten);
}

static void put_cell(const char *run, const char *name, const char *events, const char *packets)
{
	g_autofree char *directory = g_build_filename(run, name, NULL);

	g_assert_cmpint(g_mkdir_with_parents(directory, 0777), ==, 0);
	put(directory, "2-events.jsonl", events, strlen(events));
	put(directory, "3-packets.pcap", packets, strlen(packets));
}

static void test_repeat(void)
{
	struct kernel kernel = { .name = (char *)"k" };
	struct test_case test_case = { .name = (char *)"folder/c" };
	g_autoptr(GPtrArray) kernels = g_ptr_array_new(), cases = g_ptr_array_new();
	g_autofree char *run = g_build_filename(root, "run", NULL), *text = NULL, *third = g_build_filename(run, "repeat/3", NULL);
	gboolean same = TRUE;

	g_ptr_array_add(kernels, &kernel);
	g_ptr_array_add(cases, &test_case);
	put_cell(run, "k/folder/c", "one\ntwo\n", "p");
	put_cell(run, "repeat/2/k/folder/c", "one\ntwo\n", "p");
	put_cell(run, "repeat/3/k/folder/c", "one\n2\n", "p");
	put_cell(run, "repeat/4/k/folder/c", "one\ntwo\n", "q");
	g_assert_true(repeat_compare(run, kernels, cases, 5, &same, &text, NULL));
	g_assert_false(same);
	g_assert_nonnull(strstr(text, "repeat: k/folder/c: 2 of 5 runs gave the same bytes"));
	g_assert_nonnull(strstr(text, "2-events.jsonl line 2\n    two\n    2\n"));
	g_assert_nonnull(strstr(text, "repeat/4/k/folder/c differs\n  3-packets.pcap\n"));
	g_assert_nonnull(strstr(text, "repeat/5/k/folder/c did not run\n"));
	g_assert_true(kept(third));
	put_cell(run, "repeat/3/k/folder/c", "one\ntwo\n", "p");
	put_cell(run, "repeat/4/k/folder/c", "one\ntwo\n", "p");
	g_clear_pointer(&text, g_free);
	put_cell(run, "repeat/2/k/folder/c", "one\ntwo\n", "p");
	g_assert_true(repeat_compare(run, kernels, cases, 4, &same, &text, NULL));
	g_assert_true(same);
	g_assert_false(kept(third));
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	root = g_dir_make_tmp("finrig-snapshot-XXXXXX", NULL);
	g_test_add_func("/snapshot/whole", test_whole);
	g_test_add_func("/snapshot/absent", test_absent);
	g_test_add_func("/snapshot/damaged-ram", test_damaged_ram);
	g_test_add_func("/snapshot/damaged-files", test_damaged_files);
	g_test_add_func("/snapshot/foreign", test_foreign);
	g_test_add_func("/snapshot/prune", test_prune);
	g_test_add_func("/repeat/compare", test_repeat);
	status = g_test_run();
	g_spawn_sync(NULL, (char *[]){ (char *)"rm", (char *)"-r", root, NULL }, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * repeat - bit-identity as a test: the same cell many times, compared byte by byte
 */
#include "repeat.h"

#include <glib/gstdio.h>
#include <string.h>

#include "artefact.h"
#include "case.h"
#include "kernel.h"

#define EVENTS "2-events.jsonl"
#define PACKETS "3-packets.pcap"

char *repeat_directory(const char *run_directory, guint number)
{
	g_autofree char *name = g_strdup_printf("%u", number);

	return g_build_filename(run_directory, "repeat", name, NULL);
}

/* NULL when there is none. */
static GBytes *read_bytes(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	char *data;
	gsize length;

	return g_file_get_contents(path, &data, &length, NULL) ? g_bytes_new_take(data, length) : NULL;
}

/* And every folder above it that is empty by that: the run's own never is. */
static void remove_cell(const char *directory)
{
	g_autofree char *above = g_path_get_dirname(directory);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);

		g_unlink(path);
	}
	g_rmdir(directory);
	while (g_rmdir(above) == 0) {
		char *next = g_path_get_dirname(above);

		g_free(above);
		above = next;
	}
}

/* Where two texts part: the line's number and both lines. */
static void add_first_line(GString *text, GBytes *ours, GBytes *theirs)
{
	g_autofree char *a = g_strndup(g_bytes_get_data(ours, NULL), g_bytes_get_size(ours));
	g_autofree char *b = g_strndup(g_bytes_get_data(theirs, NULL), g_bytes_get_size(theirs));
	g_auto(GStrv) a_lines = g_strsplit(a, "\n", -1), b_lines = g_strsplit(b, "\n", -1);
	guint i = 0;

	while (a_lines[i] && b_lines[i] && strcmp(a_lines[i], b_lines[i]) == 0)
		i++;
	g_string_append_printf(text, "  " EVENTS " line %u\n    %s\n    %s\n", i + 1, a_lines[i] ? a_lines[i] : "", b_lines[i] ? b_lines[i] : "");
}

/* One repetition of one cell; adds to text when it differs. */
static gboolean compare(const char *cell, const char *again, GString *text)
{
	g_autoptr(GBytes) events = read_bytes(cell, EVENTS), packets = read_bytes(cell, PACKETS);
	g_autoptr(GBytes) events_again = read_bytes(again, EVENTS), packets_again = read_bytes(again, PACKETS);

	if (!events_again || !packets_again || !packets) {
		g_string_append_printf(text, "  %s did not run\n", again);
		return FALSE;
	}
	if (g_bytes_equal(events, events_again) && g_bytes_equal(packets, packets_again))
		return TRUE;
	g_string_append_printf(text, "  %s differs\n", again);
	if (g_bytes_equal(events, events_again))
		g_string_append(text, "  " PACKETS "\n");
	else
		add_first_line(text, events, events_again);
	return FALSE;
}

static gboolean compare_cell(const char *run_directory, const char *name, guint count, GString *text)
{
	g_autofree char *cell = g_build_filename(run_directory, name, NULL), *hash = NULL;
	g_autoptr(GBytes) events = read_bytes(cell, EVENTS);
	g_autoptr(GString) differences = g_string_new(NULL);
	guint same = 1;

	for (guint number = 2; number <= count; number++) {
		g_autofree char *folder = repeat_directory(run_directory, number), *again = g_build_filename(folder, name, NULL);

		if (events && !compare(cell, again, differences))
			continue;
		same++;
		remove_cell(again);
	}
	if (!events) {
		g_string_append_printf(text, "repeat: %s did not run\n", name);
		return TRUE;
	}
	hash = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, events);
	g_string_append_printf(text, "repeat: %s: %u of %u runs gave the same bytes (events %.12s)\n%s", name, same, count, hash, differences->str);
	return same == count;
}

gboolean repeat_compare(const char *run_directory, GPtrArray *kernels, GPtrArray *cases, guint count, gboolean *same, char **text,
			GError **error)
{
	g_autoptr(GString) lines = g_string_new(NULL);

	*same = TRUE;
	for (guint i = 0; i < kernels->len; i++)
		for (guint j = 0; j < cases->len; j++) {
			const struct kernel *kernel = kernels->pdata[i];
			const struct test_case *test_case = cases->pdata[j];
			g_autofree char *name = g_build_filename(kernel->name, test_case->name, NULL);

			*same &= compare_cell(run_directory, name, count, lines);
		}
	*text = g_strdup(lines->str);
	return artefact_write(run_directory, "repeat.txt", lines->str, lines->len, error);
}

void repeat_forget(const char *run_directory, GPtrArray *kernels, GPtrArray *cases)
{
	g_autofree char *room = g_build_filename(run_directory, "repeat", NULL), *text = g_build_filename(run_directory, "repeat.txt", NULL);
	g_autoptr(GDir) dir = g_dir_open(room, 0, NULL);
	const char *number;

	g_unlink(text);
	while (dir && (number = g_dir_read_name(dir)))
		for (guint i = 0; i < kernels->len; i++)
			for (guint j = 0; j < cases->len; j++) {
				g_autofree char *cell = g_build_filename(room, number, ((const struct kernel *)kernels->pdata[i])->name,
									 ((const struct test_case *)cases->pdata[j])->name, NULL);

				if (g_file_test(cell, G_FILE_TEST_IS_DIR))
					remove_cell(cell);
			}
}

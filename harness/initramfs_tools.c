/* SPDX-License-Identifier: GPL-2.0-or-later
 * initramfs_tools - the host's iproute2 for the guest: the programs and the libraries they load
 */
#include "initramfs_tools.h"

#include <string.h>

#define LOADER "/lib64/ld-linux-x86-64.so.2"

static const char *const programs[] = { "ip", "nstat", "ss", "tc" };
/* Where Debian has them; PATH of those who are not root lacks the first two. */
static const char *const folders[] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin" };

static void tool_free(gpointer data)
{
	struct initramfs_tool *tool = data;

	g_free(tool->path);
	g_free(tool->from);
	g_free(tool);
}

static void add(GPtrArray *tools, const char *folder, const char *from)
{
	struct initramfs_tool *tool = g_new0(struct initramfs_tool, 1);
	g_autofree char *name = g_path_get_basename(from);

	tool->path = g_build_filename(folder, name, NULL);
	tool->from = g_strdup(from);
	for (guint i = 0; i < tools->len; i++)
		if (!strcmp(((struct initramfs_tool *)tools->pdata[i])->path, tool->path)) {
			tool_free(tool);
			return;
		}
	g_ptr_array_add(tools, tool);
}

/* What the program loader says it would load: "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)". */
static void add_libraries(GPtrArray *tools, const char *program)
{
	g_autofree char *output = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_spawn_sync(NULL, (char *[]){ (char *)LOADER, (char *)"--list", (char *)program, NULL }, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
			  &output, NULL, NULL, NULL))
		return;
	lines = g_strsplit(output, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		const char *arrow = strstr(lines[i], " => /"), *path = arrow ? arrow + strlen(" => ") : NULL;
		g_autofree char *library = path ? g_strndup(path, strcspn(path, " ")) : NULL;

		if (library && strcmp(library, LOADER) != 0)
			add(tools, "lib/x86_64-linux-gnu", library);
	}
}

static gint compare(gconstpointer a, gconstpointer b)
{
	return strcmp((*(struct initramfs_tool *const *)a)->path, (*(struct initramfs_tool *const *)b)->path);
}

static void *find_tools(void *unused G_GNUC_UNUSED)
{
	GPtrArray *tools = g_ptr_array_new_with_free_func(tool_free);

	for (gsize i = 0; i < G_N_ELEMENTS(programs); i++)
		for (gsize j = 0; j < G_N_ELEMENTS(folders); j++) {
			g_autofree char *path = g_build_filename(folders[j], programs[i], NULL);

			if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
				continue;
			add(tools, "usr/libexec/iproute2", path);
			add_libraries(tools, path);
			break;
		}
	if (tools->len)
		add(tools, "lib64", LOADER);
	g_ptr_array_sort(tools, compare);
	return tools;
}

const GPtrArray *initramfs_tools(void)
{
	static GOnce once = G_ONCE_INIT;

	return g_once(&once, find_tools, NULL);
}

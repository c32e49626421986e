/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig kernels - lists the kernels with the state of each
 */
#include <stdio.h>

#include "command.h"
#include "kernel.h"

static void print(const struct workspace *workspace, const struct kernel *kernel, gboolean why)
{
	g_autofree char *state = kernel_state(kernel, workspace);

	printf("%-34s %s\n", kernel->name, state);
	if (kernel->title)
		printf("%34s %s\n", "", kernel->title);
	if (why && kernel->why)
		printf("%34s %s\n", "", kernel->why);
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	g_auto(GStrv) tarballs = NULL;
	gboolean why = FALSE;
	const GOptionEntry entries[] = {
		{ "tarballs", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &tarballs, "A folder with kernel tarballs or unpacked trees (repeatable)", "DIR" },
		{ "why", 0, 0, G_OPTION_ARG_NONE, &why, "Say why each kernel is here", NULL },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names = NULL;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	for (guint i = 0; tarballs && tarballs[i]; i++)
		g_ptr_array_add(workspace->tarball_dirs, g_strdup(tarballs[i]));
	names = kernel_names(workspace, &error);
	for (guint i = 0; names && i < names->len; i++) {
		g_autoptr(kernel_t) kernel = kernel_new(workspace, names->pdata[i], &error);

		if (!kernel)
			break;
		print(workspace, kernel, why);
	}
	return error ? command_fail(error) : EXIT_AS_EXPECTED;
}

const struct command command_kernels = {
	.name = "kernels", .arguments = "", .run = run,
	.summary = "list the kernels and the state of each",
	.description = "Each is a file kernels/NAME.kernel. The state is: built, source at hand, to be fetched, or unavailable and why.",
};

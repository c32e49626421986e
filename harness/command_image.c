/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig image - gets and builds kernels without running anything
 */
#include <stdio.h>

#include "command.h"
#include "error.h"
#include "image.h"
#include "progress.h"

/* One that is not to be had keeps no other from being built. */
static int build_all(const struct workspace *workspace, char **names, int count)
{
	int exit_code = EXIT_AS_EXPECTED;

	for (int i = 0; i < count; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(kernel_t) kernel = kernel_new(workspace, names[i], &error);
		g_autoptr(image_t) image = kernel ? image_get(kernel, workspace, NULL, &error) : NULL;

		progress_clear();
		if (image)
			printf("%-22s %s\n", kernel->name, image->directory);
		else if (g_error_matches(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE))
			printf("%-22s SKIP: %s\n", names[i], error->message);
		else
			exit_code = command_fail(error);
		workspace_progress(workspace, NULL, kernel ? kernel->name : names[i], "%s", "");
	}
	return exit_code;
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	g_auto(GStrv) tarballs = NULL;
	const GOptionEntry entries[] = {
		{ "tarballs", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &tarballs, "A folder with kernel tarballs or unpacked trees (repeatable)", "DIR" },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	for (guint i = 0; tarballs && tarballs[i]; i++)
		g_ptr_array_add(workspace->tarball_dirs, g_strdup(tarballs[i]));
	if (argc < 2) {
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected a kernel (see finrig kernels)");
		return command_fail(error);
	}
	return build_all(workspace, argv + 1, argc - 1);
}

const struct command command_image = {
	.name = "image", .arguments = "KERNEL…", .run = run,
	.summary = "get and build kernels without running anything",
	.description = "Prints each kernel's image folder. What is built already is not built again.",
};

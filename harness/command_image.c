/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig image - gets and builds kernels without running anything
 */
#include <stdio.h>

#include "command.h"
#include "error.h"
#include "image.h"
#include "image_try.h"
#include "progress.h"

/* What its patches do, without building it; what patch says of fuzz on standard error. */
static gboolean show_patches(const struct kernel *kernel, const struct workspace *workspace, GError **error)
{
	g_autoptr(patched_t) patched = image_try_patches(kernel, workspace, NULL, error);

	if (!patched)
		return FALSE;
	progress_clear();
	for (guint i = 0; i < patched->steps->len; i++) {
		const struct patch_step *step = patched->steps->pdata[i];

		for (guint j = 0; j < step->notes->len; j++)
			fprintf(stderr, "%s: %s: %s\n", kernel->name, step->name, (char *)step->notes->pdata[j]);
	}
	fputs(patched->diff, stdout);
	return TRUE;
}

static gboolean build(const struct kernel *kernel, const struct workspace *workspace, GError **error)
{
	g_autoptr(image_t) image = image_get(kernel, workspace, NULL, error);

	if (!image)
		return FALSE;
	progress_clear();
	printf("%-34s %s\n", kernel->name, image->directory);
	return TRUE;
}

/* One that is not to be had keeps no other from being built. */
static int each_kernel(const struct workspace *workspace, char **names, int count,
		       gboolean (*work)(const struct kernel *kernel, const struct workspace *workspace, GError **error))
{
	int exit_code = EXIT_AS_EXPECTED;

	for (int i = 0; i < count; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(kernel_t) kernel = kernel_new(workspace, names[i], &error);

		if (kernel)
			work(kernel, workspace, &error);
		progress_clear();
		if (g_error_matches(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE))
			printf("%-34s SKIP: %s\n", names[i], error->message);
		else if (error)
			exit_code = command_fail(error);
		workspace_progress(workspace, NULL, kernel ? kernel->name : names[i], "%s", "");
	}
	return exit_code;
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	g_auto(GStrv) tarballs = NULL;
	gboolean patches = FALSE;
	const GOptionEntry entries[] = {
		{ "tarballs", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &tarballs, "A folder with kernel tarballs or unpacked trees (repeatable)", "DIR" },
		{ "patches", 0, 0, G_OPTION_ARG_NONE, &patches, "Build nothing: apply each kernel's patches and print what they do to its source", NULL },
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
	return each_kernel(workspace, argv + 1, argc - 1, patches ? show_patches : build);
}

const struct command command_image = {
	.name = "image", .arguments = "KERNEL…", .run = run,
	.summary = "get and build kernels without running anything",
	.description = "Prints each kernel's image folder. What is built already is not built again.",
};

/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig shell - an interactive busybox shell in a guest, in real time
 */
#include <glib/gstdio.h>
#include <stdio.h>

#include "command.h"
#include "error.h"
#include "job.h"
#include "progress.h"
#include "vm.h"

static gboolean boot(struct workspace *workspace, const char *name, GError **error)
{
	g_autoptr(GString) job = job_shell();
	g_autofree char *directory = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(workspace, name, error);
	g_autoptr(image_t) image = kernel ? image_get(kernel, workspace, NULL, error) : NULL;
	g_autoptr(initramfs_t) initramfs = image ? initramfs_get(image, workspace, error) : NULL;
	struct vm_request request = { .image = image, .initramfs = initramfs, .machine = VM_MACHINE_DEFAULT, .job = job };
	gboolean ok;

	progress_clear();
	if (!initramfs || !(directory = g_dir_make_tmp("finrig-shell-XXXXXX", error)))
		return FALSE;
	request.directory = directory;
	request.machine.realtime = TRUE;
	fprintf(stderr, "finrig: %s boots; `exit` or Ctrl-A x leaves\n", kernel->name);
	ok = vm_shell(&request, error);
	{
		g_autofree char *file = g_build_filename(directory, "0-job.txt", NULL);

		g_unlink(file);
		g_rmdir(directory);
	}
	return ok;
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (!command_parse(self, NULL, &argc, &argv, &error))
		return command_fail(error);
	if (argc != 2) {
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected one kernel (see finrig kernels)");
		return command_fail(error);
	}
	return boot(workspace, argv[1], &error) ? EXIT_AS_EXPECTED : command_fail(error);
}

const struct command command_shell = {
	.name = "shell", .arguments = "KERNEL", .run = run,
	.summary = "give an interactive shell in a guest",
	.description = "Boots KERNEL in real time with its console on this terminal; the tun device is set up as for a case.",
};

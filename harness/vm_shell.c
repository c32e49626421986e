/* SPDX-License-Identifier: GPL-2.0-or-later
 * vm_shell - a guest with its console on this terminal
 */
#include <signal.h>
#include <sys/prctl.h>

#include "artefact.h"
#include "error.h"
#include "ports.h"
#include "vm.h"
#include "vm_process.h"

/* In the child: it must not outlive finrig, but it stays in the terminal's process group, whose keys are the guest's. */
static void die_with_parent(gpointer data G_GNUC_UNUSED)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

gboolean vm_shell(const struct vm_request *request, GError **error)
{
	g_autoptr(GPtrArray) arguments = NULL;
	g_autoptr(GError) why = NULL;
	g_autofree char *job = g_build_filename(request->directory, "0-job.txt", NULL);
	struct vm_boot boot = {
		.image = request->image, .initramfs = request->initramfs, .machine = &request->machine, .start = VM_START_COLD, .job = job,
	};
	int status;

	if (!artefact_write(request->directory, "0-job.txt", request->job->str, request->job->len, error))
		return FALSE;
	arguments = vm_boot_arguments(&boot);
	/* The record port leads nowhere; Ctrl-A x leaves, Ctrl-C is the guest's. */
	vm_add_arguments(arguments, "-action panic=none -device");
	vm_add_format(arguments, "isa-debugcon,iobase=0x%x,chardev=nowhere", PORT_RECORDS);
	vm_add_arguments(arguments, "-chardev null,id=nowhere -serial mon:stdio");
	g_ptr_array_add(arguments, NULL);
	if (g_spawn_sync(NULL, (char **)arguments->pdata, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN,
			 die_with_parent, NULL, NULL, NULL, &status, &why))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: %s", why->message);
	return FALSE;
}

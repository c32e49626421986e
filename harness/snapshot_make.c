/* SPDX-License-Identifier: GPL-2.0-or-later
 * snapshot_make - boots a guest to the place where it waits for its job, and saves it
 *
 * The agent stops its machine by a write to PORT_PAUSE, exact to the instruction. QEMU then takes the stopped guest for an idle
 * one and moves its clock to the next timer before it notices the stop: always, in lockstep. A cell that boots is stopped there
 * too, so both go on from the same moment.
 */
#include "snapshot_make.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "vm_process.h"

#define JOB "job"
#define CHATTER "chatter"

static const gint64 boot_limit_us = 120 * G_USEC_PER_SEC;

/* A snapshot in the making. */
struct maker {
	const char *directory;
	char *ram, *state, *console, *job, *chatter; /* paths */
};

/* The agent's first words, all written before it stopped. */
static gboolean save_records(const struct maker *maker, int records, GError **error)
{
	unsigned char bytes[65536];
	ssize_t length;

	fcntl(records, F_SETFL, O_NONBLOCK);
	length = read(records, bytes, sizeof(bytes));
	if (length <= 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "the guest stopped before its agent said anything");
		return FALSE;
	}
	return artefact_write(maker->directory, SNAPSHOT_RECORDS, bytes, (gsize)length, error);
}

static gboolean save(const struct maker *maker, const struct snapshot_inputs *inputs, GCancellable *cancellable, GError **error)
{
	struct vm_process process = VM_PROCESS_NONE;
	struct vm_boot boot = {
		.image = inputs->image, .initramfs = inputs->initramfs, .machine = inputs->machine, .start = VM_START_SAVE,
		.job = maker->job, .chatter = maker->chatter, .console = maker->console, .ram_file = maker->ram, .ram_descriptor = -1,
	};
	int state = open(maker->state, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	gboolean ok = state >= 0;

	if (!ok)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", maker->state, g_strerror(errno));
	ok = ok && vm_process_start(&process, &boot, boot_limit_us, cancellable, error) && vm_process_save(&process, state, error) &&
	     save_records(maker, process.records, error);
	vm_process_stop(&process);
	if (state >= 0)
		close(state);
	return ok;
}

gboolean snapshot_make(const char *directory, const struct snapshot_inputs *inputs, GCancellable *cancellable, GError **error)
{
	struct maker maker = { .directory = directory };
	const struct { char **path; const char *name; } paths[] = {
		{ &maker.ram, SNAPSHOT_RAM }, { &maker.state, SNAPSHOT_STATE }, { &maker.console, SNAPSHOT_CONSOLE },
		{ &maker.job, JOB }, { &maker.chatter, CHATTER },
	};
	gboolean ok;

	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
		*paths[i].path = g_build_filename(directory, paths[i].name, NULL);
	/* Not a job at all: the guest is saved before it looks for one. */
	ok = artefact_write(directory, JOB, "", 0, error) && save(&maker, inputs, cancellable, error);
	g_unlink(maker.job);
	g_unlink(maker.chatter);
	ok = ok && snapshot_seal(directory, inputs, error);
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
		g_free(*paths[i].path);
	return ok;
}

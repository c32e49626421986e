/* SPDX-License-Identifier: GPL-2.0-or-later
 * snapshot_make - boots a guest to the place where it waits for its job, saves it, and tries what it saved
 *
 * The agent stops its machine by a write to PORT_PAUSE, exact to the instruction. Then QEMU may, in a race between two of its
 * threads, take the stopped guest for an idle one and move its clock to the next timer: such a guest is not the one that a
 * cold cell would have gone on with. The agent tells how far the clock moved in READY, its first record after the stop: a copy
 * is started from each save, and only a save whose copy counts a few instructions is kept.
 */
#include "snapshot_make.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "record.h"
#include "vm_process.h"

#define JOB "job"
#define CHATTER "chatter"
#define TRIAL_CONSOLE "trial"

enum {
	ATTEMPTS_MAX = 16,
	PAUSE_MAX_INSTRUCTIONS = 64,
	STREAM_MAX_BYTES = 1024 * 1024,
};
static const gint64 boot_limit_us = 120 * G_USEC_PER_SEC;

/* A snapshot in the making. */
struct maker {
	const char *directory;
	const struct snapshot_inputs *inputs;
	GCancellable *cancellable;
	char *ram, *state, *records, *console, *job, *chatter, *trial_console; /* paths */
};

static gboolean failed(const char *what, GError **error)
{
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", what, g_strerror(errno));
	return FALSE;
}

static struct vm_boot describe(const struct maker *maker, enum vm_start start, int ram)
{
	return (struct vm_boot){
		.image = maker->inputs->image, .initramfs = maker->inputs->initramfs, .machine = maker->inputs->machine,
		.job = maker->job, .chatter = maker->chatter, .console = start == VM_START_SAVE ? maker->console : maker->trial_console,
		.start = start, .ram_file = maker->ram, .ram_descriptor = ram,
	};
}

/* What is in the pipe now, and what comes until QEMU leaves or enough() says so. */
static gboolean read_stream(int records, GByteArray *stream, gboolean (*enough)(const GByteArray *stream), GError **error)
{
	gint64 until_us = g_get_monotonic_time() + boot_limit_us;

	while (!enough(stream)) {
		GPollFD fd = { .fd = records, .events = G_IO_IN | G_IO_HUP };
		unsigned char bytes[4096];
		ssize_t length;

		if (g_poll(&fd, 1, 100) == 0 && g_get_monotonic_time() < until_us)
			continue;
		length = fd.revents ? read(records, bytes, sizeof(bytes)) : 0;
		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0 || stream->len > STREAM_MAX_BYTES) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "a copy of the guest does not run");
			return FALSE;
		}
		g_byte_array_append(stream, bytes, (guint)length);
	}
	return TRUE;
}

enum { READY_NOT_YET = -1, READY_NEVER = -2 };

/* READY's value; READY_NEVER for a stream with anything before it that a guest of ours would not send. */
static gint64 ready_value(const GByteArray *stream)
{
	struct record_view view;
	struct record_field field;
	const char *why;

	for (gsize at = 0, used; ; at += used) {
		enum record_status status = record_parse(stream->data + at, stream->len - at, &view, &used, &why);

		if (status == RECORD_SHORT)
			return READY_NOT_YET;
		if (status == RECORD_DAMAGED || (view.type != RECORD_HELLO && view.type != RECORD_READY))
			return READY_NEVER;
		while (view.type == RECORD_READY && record_next_field(&view, &field))
			if (field.id == FIELD_VALUE)
				return MAX(field.int_value, READY_NEVER);
		if (view.type == RECORD_READY)
			return READY_NEVER;
	}
}

static gboolean has_verdict(const GByteArray *stream)
{
	return ready_value(stream) != READY_NOT_YET;
}

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

static gboolean save(const struct maker *maker, int state, GError **error)
{
	struct vm_process process = { .records = -1 };
	struct vm_boot boot = describe(maker, VM_START_SAVE, -1);
	gboolean ok = vm_process_start(&process, &boot, boot_limit_us, maker->cancellable, error) &&
		      vm_process_save(&process, state, error) && save_records(maker, process.records, error);

	vm_process_stop(&process);
	return ok;
}

/* Starts a copy. *moved: how far the clock moved while the guest stood, in ns of its time. */
static gboolean try_copy(const struct maker *maker, int ram, int state, gint64 *moved, GError **error)
{
	struct vm_process process = { .records = -1 };
	struct vm_boot boot = describe(maker, VM_START_RESTORE, ram);
	g_autoptr(GByteArray) stream = g_byte_array_new();
	g_autofree char *before = NULL;
	gsize length;
	gboolean ok;

	if (!g_file_get_contents(maker->records, &before, &length, error))
		return FALSE;
	g_byte_array_append(stream, (guchar *)before, (guint)length);
	ok = lseek(state, 0, SEEK_SET) == 0 && vm_process_start(&process, &boot, boot_limit_us, maker->cancellable, error) &&
	     vm_process_restore(&process, state, error) && read_stream(process.records, stream, has_verdict, error);
	vm_process_stop(&process);
	*moved = ready_value(stream);
	if (!ok || *moved >= 0)
		return ok;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "the guest stopped without being ready");
	return FALSE;
}

/* One boot, one save, one copy. *sound FALSE: the clock had moved. */
static gboolean attempt(const struct maker *maker, gboolean *sound, GError **error)
{
	gint64 limit_ns = (gint64)PAUSE_MAX_INSTRUCTIONS << maker->inputs->machine->shift, moved = -1;
	int state = open(maker->state, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), ram = -1;
	gboolean ok;

	g_unlink(maker->ram);
	g_unlink(maker->console);
	if (state < 0)
		return failed(maker->state, error);
	ok = save(maker, state, error);
	if (ok && (ram = open(maker->ram, O_RDONLY | O_CLOEXEC)) < 0)
		ok = failed(maker->ram, error);
	ok = ok && try_copy(maker, ram, state, &moved, error);
	*sound = ok && moved <= limit_ns;
	g_debug("snapshot: the clock moved by %" G_GINT64_FORMAT " ns", moved);
	close(state);
	if (ram >= 0)
		close(ram);
	return ok;
}

static gboolean make(const struct maker *maker, GError **error)
{
	gboolean sound = FALSE;

	/* Not a job at all: a copy is tried as far as READY, which comes before. */
	if (!artefact_write(maker->directory, JOB, "", 0, error))
		return FALSE;
	for (guint i = 0; i < ATTEMPTS_MAX && !sound; i++)
		if (!attempt(maker, &sound, error))
			return FALSE;
	g_unlink(maker->job);
	g_unlink(maker->chatter);
	g_unlink(maker->trial_console);
	if (sound)
		return snapshot_seal(maker->directory, maker->inputs, error);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%d saved guests in a row were not true to the one that was saved", ATTEMPTS_MAX);
	return FALSE;
}

gboolean snapshot_make(const char *directory, const struct snapshot_inputs *inputs, GCancellable *cancellable, GError **error)
{
	struct maker maker = { .directory = directory, .inputs = inputs, .cancellable = cancellable };
	const struct { char **path; const char *name; } paths[] = {
		{ &maker.ram, SNAPSHOT_RAM }, { &maker.state, SNAPSHOT_STATE }, { &maker.records, SNAPSHOT_RECORDS },
		{ &maker.console, SNAPSHOT_CONSOLE }, { &maker.job, JOB }, { &maker.chatter, CHATTER }, { &maker.trial_console, TRIAL_CONSOLE },
	};
	gboolean ok;

	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
		*paths[i].path = g_build_filename(directory, paths[i].name, NULL);
	ok = make(&maker, error);
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
		g_free(*paths[i].path);
	return ok;
}

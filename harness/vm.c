/* SPDX-License-Identifier: GPL-2.0-or-later
 * vm - the vm stage: one guest under QEMU, from boot to its last record
 */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "probe.h"
#include "record.h"
#include "vm_process.h"
#include "worker.h"

enum {
	POLL_MS = 200,
	STREAM_MAX_BYTES = 1 << 30,
	ATTEMPTS = 2,                   /* a QEMU that dies (killed, out of memory) takes no cell with it, unless it does so again */
};
static const gint64 step_limit_us = 60 * G_USEC_PER_SEC;

enum vm_status { VM_RUNNING, VM_ENDED, VM_CRASHED, VM_DIED, VM_STALLED, VM_DEADLINE, VM_CANCELLED, VM_STATUS_COUNT };
static const char *const status_names[VM_STATUS_COUNT] = {
	[VM_RUNNING] = "running", [VM_ENDED] = "ended", [VM_CRASHED] = "crashed",
	[VM_DIED] = "died", [VM_STALLED] = "stalled", [VM_DEADLINE] = "deadline", [VM_CANCELLED] = "cancelled",
};

/* A guest being run. */
struct vm {
	const struct vm_request *request;
	struct vm_process own, *process; /* own, or the worker's */
	struct worker *worker;   /* NULL: a QEMU for this cell alone */
	gboolean restored;       /* from the request's snapshot */
	char *note;              /* why not, where it should have been, and why it was run twice; else NULL */
	char *death;             /* of QEMU, not of the guest; else NULL */
	struct probe *probe;     /* NULL: nothing was asked for */
	GByteArray *stream;
	gsize scanned_bytes;     /* of stream, whole records only */
	gboolean damaged, ended; /* an unreadable record, the END record */
	guint64 clock_ns;
	gint64 started_us, heard_us; /* wall clock: start, last byte */
};

/* Takes text over. */
static void add_note(struct vm *vm, char *text)
{
	char *both = vm->note ? g_strjoin("; ", vm->note, text, NULL) : g_strdup(text);

	g_free(vm->note);
	g_free(text);
	vm->note = both;
}

/* Where the guest's files are. */
struct places {
	char *job, *console, *chatter;
};

static void places_fill(struct places *places, const struct vm_request *request)
{
	places->job = g_build_filename(request->directory, "0-job.txt", NULL);
	places->console = g_build_filename(request->directory, "1-console.log", NULL);
	places->chatter = g_build_filename(request->directory, "1-qemu.log", NULL);
}

static void places_clear(struct places *places)
{
	g_free(places->job);
	g_free(places->console);
	g_free(places->chatter);
}

static struct vm_boot boot_of(const struct vm_request *request, const struct places *places, enum vm_start start)
{
	return (struct vm_boot){
		.image = request->image, .initramfs = request->initramfs, .machine = &request->machine, .start = start,
		.job = places->job, .console = places->console, .chatter = places->chatter,
		.ram_descriptor = start == VM_START_RESTORE ? request->snapshot->ram : -1,
		.probed = request->probes && request->probes->found,
	};
}

/* The stream and the console open with what the guest wrote before it was saved; QEMU appends. What an earlier QEMU complained of
 * would be taken for this one's: GLib opens the file without emptying it. */
static gboolean begin_files(struct vm *vm, const struct places *places, const struct snapshot *snapshot, GError **error)
{
	gsize length = 0;
	const void *console = snapshot ? g_bytes_get_data(snapshot->console, &length) : NULL;

	unlink(places->chatter);
	g_byte_array_set_size(vm->stream, 0);
	if (snapshot)
		g_byte_array_append(vm->stream, g_bytes_get_data(snapshot->records, NULL), (guint)g_bytes_get_size(snapshot->records));
	return artefact_write(vm->request->directory, "1-console.log", console ? console : "", length, error);
}

/* A descriptor of its own: a copy would share the offset with other cells. */
static gboolean restore_new(struct vm *vm, const struct vm_boot *boot, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", vm->request->snapshot->state);
	int state = open(path, O_RDONLY | O_CLOEXEC);
	gboolean ok = state >= 0;

	if (!ok)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: the snapshot's state: %s", g_strerror(errno));
	ok = ok && vm_process_start(vm->process, boot, step_limit_us, vm->request->cancellable, error) &&
	     vm_process_restore(vm->process, state, error);
	if (state >= 0)
		close(state);
	return ok;
}

/* By a worker, where there are any; a probed guest has its stub from the start. */
static gboolean restore(struct vm *vm, const struct vm_boot *boot, GError **error)
{
	const struct vm_request *request = vm->request;
	struct vm_boot work = *boot;
	g_autoptr(GError) why = NULL;

	work.start = VM_START_WORK;
	work.console = work.chatter = NULL;
	if (!boot->probed && request->snapshot->workers)
		vm->worker = worker_begin(request->snapshot->workers, request->snapshot, &work, request->job, step_limit_us, request->cancellable, &why);
	if (vm->worker) {
		vm->process = worker_process(vm->worker);
		return TRUE;
	}
	if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_CANCELLED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return FALSE;
	}
	if (why)
		add_note(vm, g_strdup_printf("each cell has a QEMU of its own, since one cannot be kept: %s", why->message));
	return restore_new(vm, boot, error);
}

/* A probed guest stands still until here. */
static gboolean begin_probes(struct vm *vm, gboolean ready, GError **error)
{
	const struct probe_plan *plan = vm->request->probes;

	g_clear_pointer(&vm->probe, probe_free);
	if (!plan)
		return TRUE;
	vm->probe = probe_new(plan, vm->process->gdb, vm->process->stop_clock);
	return !plan->found || probe_begin(vm->probe, ready, error);
}

static gboolean start_from(struct vm *vm, const struct snapshot *snapshot, GError **error)
{
	struct places places;
	struct vm_boot boot;
	gboolean ok;

	places_fill(&places, vm->request);
	boot = boot_of(vm->request, &places, snapshot ? VM_START_RESTORE : VM_START_COLD);
	ok = begin_files(vm, &places, snapshot, error) &&
	     (snapshot ? restore(vm, &boot, error) : vm_process_start(vm->process, &boot, step_limit_us, vm->request->cancellable, error)) &&
	     begin_probes(vm, snapshot != NULL, error);
	places_clear(&places);
	return ok;
}

/* A snapshot that cannot be restored costs the cell no more than a boot: nothing of its job was done yet. */
static gboolean start(struct vm *vm, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (vm->request->snapshot) {
		vm->restored = start_from(vm, vm->request->snapshot, &why);
		if (vm->restored)
			return TRUE;
		vm_process_stop(vm->process);
		if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_CANCELLED)) {
			g_propagate_error(error, g_steal_pointer(&why));
			return FALSE;
		}
		add_note(vm, g_strdup_printf("booted, since the snapshot could not be restored: %s", why->message));
	}
	return start_from(vm, NULL, error);
}

/* Looks at the whole records that have come: the clock moves, END ends. */
static void scan(struct vm *vm)
{
	struct record_view view;
	const char *why;
	gsize used;

	while (!vm->damaged) {
		enum record_status status = record_parse(vm->stream->data + vm->scanned_bytes,
							 vm->stream->len - vm->scanned_bytes, &view, &used, &why);

		if (status == RECORD_SHORT)
			return;
		if (status == RECORD_DAMAGED) {
			vm->damaged = TRUE;
			return;
		}
		vm->scanned_bytes += used;
		vm->clock_ns = MAX(vm->clock_ns, view.clock_ns);
		vm->ended |= view.type == RECORD_END;
	}
}

/* Returns FALSE at the end of the stream, which is the end of QEMU. */
static gboolean take_bytes(gpointer user)
{
	struct vm *vm = user;
	unsigned char bytes[65536];
	ssize_t length = read(vm->process->records, bytes, sizeof(bytes));

	if (length < 0)
		return errno == EINTR || errno == EAGAIN;
	if (length == 0 || vm->stream->len + length > STREAM_MAX_BYTES)
		return FALSE;
	vm->heard_us = g_get_monotonic_time();
	g_byte_array_append(vm->stream, bytes, length);
	scan(vm);
	if (vm->request->clock)
		vm->request->clock(vm->request->clock_user, vm->clock_ns);
	return TRUE;
}

static gint64 silence_limit_us(const struct vm *vm)
{
	return vm->stream->len ? vm->request->silence_limit_us : vm->request->boot_limit_us;
}

static enum vm_status deadlines(const struct vm *vm)
{
	gint64 now_us = g_get_monotonic_time();

	if (vm->request->cancellable && g_cancellable_is_cancelled(vm->request->cancellable))
		return VM_CANCELLED;
	if (vm->ended)
		return VM_ENDED;
	if (vm->clock_ns / 1000 > (guint64)vm->request->guest_limit_us)
		return VM_DEADLINE;
	if (now_us - vm->started_us > vm->request->wall_limit_us)
		return VM_STALLED;
	return now_us - vm->heard_us > silence_limit_us(vm) ? VM_STALLED : VM_RUNNING;
}

/* A guest that boots stops once, where the others were saved. Returns whether it has yet to. */
static gboolean go_on(struct vm *vm)
{
	return !qmp_took_event(vm->process->qmp, "STOP") || !vm_process_go_on(vm->process, NULL);
}

/* Whether END has come, with all that was written before the guest stopped. */
static gboolean heard_end(struct vm *vm)
{
	struct pollfd records = { .fd = vm->process->records, .events = POLLIN };

	while (!vm->ended && poll(&records, 1, 0) > 0 && take_bytes(vm))
		continue;
	return vm->ended;
}

/* At a stop by the stub, and at those that follow at once. FALSE: there will be no other, since QEMU has left, the guest is at its end, or
 * the stub failed. */
static gboolean stopped(struct vm *vm, GError **error)
{
	gboolean left = FALSE, ok;

	do {
		vm->heard_us = g_get_monotonic_time();
		if (heard_end(vm))
			return FALSE;
		ok = probe_stopped(vm->probe, &left, error) && !left;
	} while (ok && gdb_remote_is_here(vm->process->gdb));
	return ok;
}

/* A stub that fails ends it with *error; that is no status. */
static enum vm_status watch(struct vm *vm, GError **error)
{
	gboolean probed = vm->process->gdb != NULL;
	struct pollfd fds[4] = {
		{ .fd = vm->process->records, .events = POLLIN }, { .fd = -1, .events = POLLIN },
		{ .fd = vm->restored || probed ? -1 : qmp_descriptor(vm->process->qmp), .events = POLLIN },
		{ .fd = probed ? gdb_remote_descriptor(vm->process->gdb) : -1, .events = POLLIN },
	};
	enum vm_status status = VM_RUNNING;
	GCancellable *cancellable = vm->request->cancellable;

	if (cancellable)
		fds[1].fd = g_cancellable_get_fd(cancellable);
	vm->started_us = vm->heard_us = g_get_monotonic_time();
	scan(vm);
	while (status == VM_RUNNING && !*error) {
		int ready;

		/* Before the wait: the event may have come along with the answer to the command before it. */
		if (fds[2].fd >= 0 && !go_on(vm))
			fds[2].fd = -1;
		if (fds[3].fd >= 0 && gdb_remote_is_here(vm->process->gdb) && !stopped(vm, error))
			fds[3].fd = -1;
		ready = poll(fds, G_N_ELEMENTS(fds), POLL_MS);
		/* A channel that QEMU closed stays readable; its end is the records' to tell. */
		if (ready > 0 && fds[2].revents & POLLHUP)
			fds[2].fd = -1;
		if (ready > 0 && fds[3].revents && !stopped(vm, error))
			fds[3].fd = -1;
		if (ready > 0 && fds[0].revents && !take_bytes(vm))
			status = vm->ended ? VM_ENDED : VM_CRASHED;
		else
			status = deadlines(vm);
	}
	if (cancellable && fds[1].fd >= 0)
		g_cancellable_release_fd(cancellable);
	return status;
}

/* The last line of what QEMU itself complained of, for the reason. */
static char *qemu_complaint(const struct vm *vm)
{
	g_autofree char *path = g_build_filename(vm->request->directory, "1-qemu.log", NULL);
	g_autofree char *text = NULL;
	char *newline;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("");
	g_strchomp(text);
	if (!*text)
		unlink(path);
	newline = strrchr(text, '\n');
	return g_utf8_make_valid(newline ? newline + 1 : text, -1);
}

/* QEMU that ends with a complaint before the guest said anything is the rig's fault, not the guest's. */
static gboolean qemu_refused(const struct vm *vm, char **complaint)
{
	*complaint = qemu_complaint(vm);
	return !vm->stream->len && **complaint;
}

static char *describe(const struct vm *vm, enum vm_status status)
{
	g_autofree char *complaint = qemu_complaint(vm);
	double clock_s = (double)vm->clock_ns / 1e9;

	switch (status) {
	case VM_CRASHED:
		return *complaint ? g_strdup_printf("QEMU left at guest time %.3f s without an END record: %s", clock_s, complaint)
				  : g_strdup_printf("the guest left at guest time %.3f s without an END record", clock_s);
	case VM_DIED:
		return g_strdup_printf("QEMU %s at guest time %.3f s%s%s", vm->death, clock_s, *complaint ? ": " : "", complaint);
	case VM_STALLED:
		if (vm->request->machine.accel == VM_ACCEL_KVM && !vm->stream->len)
			return g_strdup_printf("the guest made no progress under KVM in %.0f s: this host's KVM does not run guests, use TCG (leave --accel out)",
					       vm->request->boot_limit_us / 1e6);
		return g_strdup_printf("the guest stood at guest time %.3f s: no END within %.0f s of wall time, or silent for %.0f s (no timer pending, or hung)",
				       clock_s, vm->request->wall_limit_us / 1e6, silence_limit_us(vm) / 1e6);
	case VM_DEADLINE:
		return g_strdup_printf("guest time %.3f s is past the case's limit of %.3f s", clock_s, vm->request->guest_limit_us / 1e6);
	case VM_RUNNING: case VM_ENDED: case VM_CANCELLED: case VM_STATUS_COUNT:
		break;
	}
	return g_strdup("");
}

static gboolean write_probes(const struct vm *vm, GError **error)
{
	g_autoptr(GByteArray) records = vm->probe ? probe_take_records(vm->probe) : NULL;

	return !records || artefact_write(vm->request->directory, "1-probes.bin", records->data, records->len, error);
}

static gboolean write_artefacts(const struct vm *vm, enum vm_status status, GError **error)
{
	const struct vm_request *request = vm->request;
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();
	g_autofree char *detail = describe(vm, status);

	json_node_take_object(root, object);
	json_object_set_string_member(object, "status", status_names[status]);
	json_object_set_string_member(object, "detail", detail);
	json_object_set_string_member(object, "start", vm->restored ? "snapshot" : "boot");
	if (vm->worker)
		json_object_set_int_member(object, "cells_before", worker_cells(vm->worker));
	if (vm->note)
		json_object_set_string_member(object, "note", vm->note);
	if (!write_probes(vm, error))
		return FALSE;
	return artefact_write(request->directory, "1-records.bin", vm->stream->data, vm->stream->len, error) &&
	       artefact_write_json(request->directory, "1-vm.json", root, error);
}

/* A worker whose guest came to its end, with not a byte behind that, is there for another cell. */
static void end_process(struct vm *vm, enum vm_status status)
{
	if (vm->worker)
		worker_end(vm->worker, status == VM_ENDED && vm->scanned_bytes == vm->stream->len);
	vm->worker = NULL;
	vm->process = &vm->own;
	vm_process_stop(&vm->own);
}

/* Back to before the start: nothing that the dead QEMU said stays. Takes over why. */
static void renew(struct vm *vm, char *why)
{
	end_process(vm, VM_DIED);
	g_byte_array_set_size(vm->stream, 0);
	g_clear_pointer(&vm->death, g_free);
	g_clear_pointer(&vm->note, g_free);
	vm->scanned_bytes = 0;
	vm->clock_ns = 0;
	vm->restored = vm->damaged = vm->ended = FALSE;
	add_note(vm, g_strconcat("run twice: ", why, NULL));
	g_free(why);
}

/* One QEMU from start to end. */
static gboolean attempt(struct vm *vm, enum vm_status *status, GError **error)
{
	g_autofree char *complaint = NULL;
	g_autoptr(GError) why = NULL;
	gboolean started = start(vm, &why);

	*status = started ? watch(vm, &why) : VM_CRASHED;
	started = started && !why && (!vm->worker || worker_leave(vm->worker, vm->request->directory, &why));
	if (*status == VM_CANCELLED)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "vm: interrupted");
	else if (*status == VM_CRASHED && !g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_CANCELLED) && qemu_refused(vm, &complaint))
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: QEMU did not start: %s", complaint);
	else if (!started)
		g_propagate_error(error, g_steal_pointer(&why));
	else {
		if (*status == VM_CRASHED && vm->stream->len < STREAM_MAX_BYTES &&
		    (vm->death = vm_process_death(vm->process, vm->request->cancellable)))
			*status = VM_DIED;
		return TRUE;
	}
	return FALSE;
}

/* Runs until a QEMU does not die, or the attempts are used up. */
static gboolean attempts(struct vm *vm, enum vm_status *status, GError **error)
{
	for (guint left = ATTEMPTS - 1;; left--) {
		g_autoptr(GError) why = NULL;
		gboolean ok = attempt(vm, status, &why), died = ok ? *status == VM_DIED : g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_BROKEN);

		if (!died || !left) {
			if (!ok)
				g_propagate_error(error, g_steal_pointer(&why));
			return ok;
		}
		renew(vm, ok ? describe(vm, *status) : g_strdup(why->message));
	}
}

static void stop(struct vm *vm)
{
	probe_free(vm->probe);
	g_byte_array_unref(vm->stream);
	g_free(vm->note);
	g_free(vm->death);
}

gboolean vm_run(const struct vm_request *request, GError **error)
{
	struct vm vm = { .request = request, .own = VM_PROCESS_NONE, .process = &vm.own, .stream = g_byte_array_new() };
	enum vm_status status = VM_CRASHED;
	gboolean ok;

	vm.own.take_records = take_bytes;
	vm.own.take_user = &vm;
	ok = artefact_write(request->directory, "0-job.txt", request->job->str, request->job->len, error) && attempts(&vm, &status, error) &&
	     write_artefacts(&vm, status, error);
	end_process(&vm, ok ? status : VM_CRASHED);
	stop(&vm);
	return ok;
}

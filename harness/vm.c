/* SPDX-License-Identifier: GPL-2.0-or-later
 * vm - the vm stage: one guest under QEMU, from boot to its last record
 */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "ports.h"
#include "record.h"

#define QEMU "qemu-system-x86_64"

enum {
	RECORDS_FD = 3,                 /* QEMU's number for the record pipe */
	POLL_MS = 200,
	LINGER_US = 2 * G_USEC_PER_SEC, /* after END, before QEMU is killed */
	STREAM_MAX_BYTES = 1 << 30,
};

enum vm_status { VM_RUNNING, VM_ENDED, VM_CRASHED, VM_STALLED, VM_DEADLINE, VM_CANCELLED, VM_STATUS_COUNT };
static const char *const status_names[VM_STATUS_COUNT] = {
	[VM_RUNNING] = "running", [VM_ENDED] = "ended", [VM_CRASHED] = "crashed",
	[VM_STALLED] = "stalled", [VM_DEADLINE] = "deadline", [VM_CANCELLED] = "cancelled",
};

/* A guest being run. */
struct vm {
	const struct vm_request *request;
	GSubprocess *qemu;
	int records;             /* read end of the pipe; -1 when closed */
	GByteArray *stream;
	gsize scanned_bytes;     /* of stream, whole records only */
	gboolean damaged, ended; /* an unreadable record, the END record */
	guint64 clock_ns;
	gint64 started_us, heard_us, ended_us; /* wall clock: start, last byte, END */
};

const char *vm_qemu_version(GError **error)
{
	static GMutex mutex;
	static char *version;
	g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&mutex);
	g_autofree char *output = NULL;
	g_autoptr(GError) why = NULL;
	g_auto(GStrv) words = NULL;

	if (version)
		return version;
	if (!g_spawn_sync(NULL, (char *[]){ QEMU, "--version", NULL }, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: %s (install qemu-system-x86)", why->message);
		return NULL;
	}
	words = g_strsplit_set(output, " \n", 5); /* "QEMU emulator version 7.2.22 (Debian ...)" */
	version = g_strdup(g_strv_length(words) > 3 ? words[3] : "unknown");
	return version;
}

static void add_words(GPtrArray *arguments, const char *words)
{
	g_auto(GStrv) split = g_strsplit(words, " ", -1);

	for (guint i = 0; split[i]; i++)
		g_ptr_array_add(arguments, g_strdup(split[i]));
}

char **vm_machine_arguments(const struct vm_machine *machine)
{
	GPtrArray *arguments = g_ptr_array_new();

	add_words(arguments, "-M pc -nodefaults -display none -no-reboot");
	if (machine->accel == VM_ACCEL_KVM) {
		add_words(arguments, "-accel kvm -cpu host");
	} else {
		add_words(arguments, "-accel tcg,thread=single");
		if (!machine->realtime) {
			g_ptr_array_add(arguments, g_strdup("-icount"));
			g_ptr_array_add(arguments, g_strdup_printf("shift=%d,sleep=off", machine->shift));
			add_words(arguments, "-rtc base=2020-01-01,clock=vm");
		}
	}
	g_ptr_array_add(arguments, g_strdup("-m"));
	g_ptr_array_add(arguments, g_strdup_printf("%d", machine->memory_mib));
	g_ptr_array_add(arguments, NULL);
	return (char **)g_ptr_array_free(arguments, FALSE);
}

/* tsc=reliable: without ACPI no clock is good enough for hrtimers and NO_HZ before 4.5; nokaslr: addresses go into hashes. */
static const char *const command_line = "console=ttyS0 quiet panic=-1 tsc=reliable nokaslr";

G_GNUC_PRINTF(2, 3)
static void add_format(GPtrArray *arguments, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	g_ptr_array_add(arguments, g_strdup_vprintf(format, list));
	va_end(list);
}

/* In QEMU's option strings a comma is written twice. */
static char *escape_commas(const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, ",", -1);

	return g_strjoinv(",,", parts);
}

static GPtrArray *boot_arguments(const struct vm_request *request)
{
	GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) machine = vm_machine_arguments(&request->machine);
	g_autofree char *directory = escape_commas(request->directory);

	g_ptr_array_add(arguments, g_strdup(QEMU));
	for (guint i = 0; machine[i]; i++)
		g_ptr_array_add(arguments, g_strdup(machine[i]));
	add_words(arguments, "-kernel");
	g_ptr_array_add(arguments, g_strdup(request->image->bzimage));
	add_words(arguments, "-initrd");
	g_ptr_array_add(arguments, g_strdup(request->initramfs->path));
	add_words(arguments, "-append");
	g_ptr_array_add(arguments, g_strdup(command_line));
	add_words(arguments, "-fw_cfg");
	add_format(arguments, "name=%s,file=%s/0-job.txt", FW_CFG_JOB_NAME, directory);
	add_words(arguments, "-device");
	add_format(arguments, "isa-debug-exit,iobase=0x%x,iosize=4", PORT_EXIT);
	return arguments;
}

static void add_record_channel(GPtrArray *arguments)
{
	add_words(arguments, "-chardev");
	add_format(arguments, "file,id=records,path=/dev/fd/%d", RECORDS_FD);
	add_words(arguments, "-device");
	add_format(arguments, "isa-debugcon,iobase=0x%x,chardev=records", PORT_RECORDS);
}

/* In the child: its own process group, so that the terminal's Ctrl-C is ours to handle, and death with its parent. */
static void child_setup(gpointer data G_GNUC_UNUSED)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static gboolean start(struct vm *vm, GError **error)
{
	const struct vm_request *request = vm->request;
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
	g_autoptr(GPtrArray) arguments = boot_arguments(request);
	g_autofree char *directory = escape_commas(request->directory);
	g_autofree char *chatter = g_build_filename(request->directory, "1-qemu.log", NULL);
	g_autoptr(GError) why = NULL;
	int ends[2];

	if (!g_unix_open_pipe(ends, FD_CLOEXEC, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: %s", why->message);
		return FALSE;
	}
	vm->records = ends[0];
	add_record_channel(arguments);
	add_words(arguments, "-chardev");
	add_format(arguments, "file,id=console,path=%s/1-console.log", directory);
	add_words(arguments, "-serial chardev:console");
	g_ptr_array_add(arguments, NULL);
	g_subprocess_launcher_take_fd(launcher, ends[1], RECORDS_FD);
	g_subprocess_launcher_set_stderr_file_path(launcher, chatter);
	g_subprocess_launcher_set_child_setup(launcher, child_setup, NULL, NULL);
	vm->qemu = g_subprocess_launcher_spawnv(launcher, (const char *const *)arguments->pdata, &why);
	if (vm->qemu)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: %s", why->message);
	return FALSE;
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
		if (view.type == RECORD_END && !vm->ended) {
			vm->ended = TRUE;
			vm->ended_us = g_get_monotonic_time();
		}
	}
}

/* Returns FALSE at the end of the stream, which is the end of QEMU. */
static gboolean take_bytes(struct vm *vm)
{
	unsigned char bytes[65536];
	ssize_t length = read(vm->records, bytes, sizeof(bytes));

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
		return now_us - vm->ended_us > LINGER_US ? VM_ENDED : VM_RUNNING;
	if (vm->clock_ns / 1000 > (guint64)vm->request->guest_limit_us)
		return VM_DEADLINE;
	if (now_us - vm->started_us > vm->request->wall_limit_us)
		return VM_STALLED;
	return now_us - vm->heard_us > silence_limit_us(vm) ? VM_STALLED : VM_RUNNING;
}

static enum vm_status watch(struct vm *vm)
{
	struct pollfd fds[2] = { { .fd = vm->records, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
	enum vm_status status = VM_RUNNING;
	GCancellable *cancellable = vm->request->cancellable;

	if (cancellable)
		fds[1].fd = g_cancellable_get_fd(cancellable);
	vm->started_us = vm->heard_us = g_get_monotonic_time();
	while (status == VM_RUNNING) {
		if (poll(fds, G_N_ELEMENTS(fds), POLL_MS) > 0 && fds[0].revents && !take_bytes(vm))
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
	return g_strdup(newline ? newline + 1 : text);
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

static gboolean write_artefacts(const struct vm *vm, enum vm_status status, GError **error)
{
	const struct vm_request *request = vm->request;
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();
	g_autofree char *detail = describe(vm, status);

	json_node_take_object(root, object);
	json_object_set_string_member(object, "status", status_names[status]);
	json_object_set_string_member(object, "detail", detail);
	return artefact_write(request->directory, "1-records.bin", vm->stream->data, vm->stream->len, error) &&
	       artefact_write_json(request->directory, "1-vm.json", root, error);
}

static void stop(struct vm *vm)
{
	if (vm->qemu) {
		g_subprocess_force_exit(vm->qemu);
		g_subprocess_wait(vm->qemu, NULL, NULL);
		g_object_unref(vm->qemu);
	}
	if (vm->records >= 0)
		close(vm->records);
	g_byte_array_unref(vm->stream);
}

gboolean vm_run(const struct vm_request *request, GError **error)
{
	struct vm vm = { .request = request, .records = -1, .stream = g_byte_array_new() };
	g_autofree char *complaint = NULL;
	enum vm_status status;
	gboolean ok = FALSE;

	if (!artefact_write(request->directory, "0-job.txt", request->job, strlen(request->job), error))
		goto out;
	if (!start(&vm, error))
		goto out;
	status = watch(&vm);
	if (status == VM_CANCELLED)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "vm: interrupted");
	else if (status == VM_CRASHED && qemu_refused(&vm, &complaint))
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: QEMU did not start: %s", complaint);
	else
		ok = write_artefacts(&vm, status, error);
out:
	stop(&vm);
	return ok;
}

gboolean vm_shell(const struct vm_request *request, GError **error)
{
	g_autoptr(GPtrArray) arguments = boot_arguments(request);
	g_autoptr(GError) why = NULL;
	int status;

	if (!artefact_write(request->directory, "0-job.txt", request->job, strlen(request->job), error))
		return FALSE;
	/* The record port leads nowhere; Ctrl-A x leaves, Ctrl-C is the guest's. */
	add_words(arguments, "-device");
	add_format(arguments, "isa-debugcon,iobase=0x%x,chardev=nowhere", PORT_RECORDS);
	add_words(arguments, "-chardev null,id=nowhere -serial mon:stdio");
	g_ptr_array_add(arguments, NULL);
	if (!g_spawn_sync(NULL, (char **)arguments->pdata, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL,
			  NULL, NULL, &status, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: %s", why->message);
		return FALSE;
	}
	return TRUE;
}

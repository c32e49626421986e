/* SPDX-License-Identifier: GPL-2.0-or-later
 * vm_process - one QEMU: started cold, or started to save or to be a snapshot
 */
#include "vm_process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "error.h"
#include "ports.h"

/* QEMU's numbers for what it inherits. */
enum { RECORDS_FD = 3, QMP_FD, RAM_FD, GDB_FD, CLOCK_FD, CONTROL_FD, STATE_FD, CONSOLE_FD, LOCKSTEP_FD };

static const char *const ignore_shared =
	"{\"capabilities\": [{\"capability\": \"x-ignore-shared\", \"state\": true}, {\"capability\": \"events\", \"state\": true}]}";

void vm_add_arguments(GPtrArray *arguments, const char *words)
{
	g_auto(GStrv) split = g_strsplit(words, " ", -1);

	for (guint i = 0; split[i]; i++)
		g_ptr_array_add(arguments, g_strdup(split[i]));
}

void vm_add_format(GPtrArray *arguments, const char *format, ...)
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

static void add_pair(GPtrArray *arguments, const char *option, const char *value)
{
	g_ptr_array_add(arguments, g_strdup(option));
	g_ptr_array_add(arguments, g_strdup(value));
}

GPtrArray *vm_boot_arguments(const struct vm_boot *boot)
{
	GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) machine = vm_machine_arguments(boot->machine);
	g_autofree char *job = escape_commas(boot->job);

	g_ptr_array_add(arguments, g_strdup(QEMU_PROGRAM));
	for (guint i = 0; machine[i]; i++) {
		gboolean bounded = boot->start == VM_START_WORK && strcmp(machine[i], VM_MACHINE_TCG) == 0;

		/* Translated code that is kept from cell to cell would grow to a gibibyte. How much there is room for, no guest can tell. */
		g_ptr_array_add(arguments, bounded ? g_strdup(VM_MACHINE_TCG ",tb-size=64") : g_strdup(machine[i]));
	}
	/* A restored guest has its kernel in RAM; without these the devices would be others than the snapshot's. */
	add_pair(arguments, "-kernel", boot->image->bzimage);
	add_pair(arguments, "-initrd", boot->initramfs->path);
	add_pair(arguments, "-append", vm_machine_command_line());
	vm_add_arguments(arguments, "-fw_cfg");
	vm_add_format(arguments, "name=%s,file=%s", FW_CFG_JOB_NAME, job);
	return arguments;
}

/* What differs between the ways to start; the guest sees none of it. */
static void add_snapshot(GPtrArray *arguments, const struct vm_boot *boot)
{
	g_autofree char *ram = boot->start == VM_START_SAVE ? escape_commas(boot->ram_file) : g_strdup_printf("/dev/fd/%d", RAM_FD);

	vm_add_arguments(arguments, "-action panic=pause");
	/* A monitor's thread would be woken at each of the guest's timers. */
	if (boot->start != VM_START_WORK) {
		vm_add_arguments(arguments, "-chardev");
		vm_add_format(arguments, "socket,id=qmp,fd=%d", QMP_FD);
		vm_add_arguments(arguments, "-mon chardev=qmp,mode=control");
	}
	/* No guest runs before its events can be heard. */
	if (boot->start != VM_START_RESTORE)
		vm_add_arguments(arguments, "-S");
	if (boot->start == VM_START_COLD)
		return;
	vm_add_arguments(arguments, "-M memory-backend=ram -object");
	vm_add_format(arguments, "memory-backend-file,id=ram,size=%dM,mem-path=%s,share=%s", boot->machine->memory_mib, ram,
		      boot->start == VM_START_SAVE ? "on" : "off");
	if (boot->start == VM_START_RESTORE)
		/* A new place for the guest would be announced to its network, by timers of the host's clock. */
		vm_add_arguments(arguments, "-incoming defer -global migration.announce-rounds=0");
}

static void add_channels(GPtrArray *arguments, const struct vm_boot *boot)
{
	g_autofree char *console = boot->start == VM_START_WORK ? g_strdup_printf("/dev/fd/%d", CONSOLE_FD) : escape_commas(boot->console);

	vm_add_arguments(arguments, "-chardev");
	vm_add_format(arguments, "file,id=records,path=/dev/fd/%d", RECORDS_FD);
	vm_add_arguments(arguments, "-device");
	vm_add_format(arguments, "isa-debugcon,iobase=0x%x,chardev=records", PORT_RECORDS);
	vm_add_arguments(arguments, "-chardev");
	vm_add_format(arguments, "file,id=console,path=%s,append=on", console);
	vm_add_arguments(arguments, "-serial chardev:console");
}

static void add_stub(GPtrArray *arguments)
{
	vm_add_arguments(arguments, "-chardev");
	vm_add_format(arguments, "socket,id=gdb,fd=%d", GDB_FD);
	vm_add_arguments(arguments, "-gdb chardev:gdb");
}

/* In the child: its own process group, so that the terminal's Ctrl-C is ours to handle, and death with its parent. */
static void child_setup(gpointer data G_GNUC_UNUSED)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static gboolean failed(const char *what, GError **error)
{
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: %s: %s", what, g_strerror(errno));
	return FALSE;
}

/* The write end becomes QEMU's descriptor number. */
static gboolean give_pipe(int *read_end, GSubprocessLauncher *launcher, int number, GError **error)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return failed("pipe", error);
	*read_end = ends[0];
	g_subprocess_launcher_take_fd(launcher, ends[1], number);
	return TRUE;
}

/* What poll() told may have been read since, at a stop or while QEMU was asked something: a read must never wait. */
static gboolean give_records(struct vm_process *process, GSubprocessLauncher *launcher, GError **error)
{
	return give_pipe(&process->records, launcher, RECORDS_FD, error) && g_unix_set_fd_nonblocking(process->records, TRUE, error);
}

/* The end that stays here; -1 if there is none. */
static int give_socket(GSubprocessLauncher *launcher, int number, GError **error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		failed("socketpair", error);
		return -1;
	}
	g_subprocess_launcher_take_fd(launcher, ends[1], number);
	return ends[0];
}

static gboolean give_qmp(struct vm_process *process, GSubprocessLauncher *launcher, gint64 limit_us, GCancellable *cancellable,
			 GError **error)
{
	struct channel_aside aside = { process->records, process->take_records, process->take_user };
	int socket = give_socket(launcher, QMP_FD, error);

	if (socket < 0)
		return FALSE;
	process->qmp = qmp_new(socket, limit_us, cancellable);
	if (aside.take)
		qmp_read_aside(process->qmp, &aside);
	return TRUE;
}

/* A guest that boots stops once where no breakpoint is: what harness/preload/debug_stop.h skips. */
static gboolean give_stub(struct vm_process *process, GSubprocessLauncher *launcher, const struct vm_boot *boot, gint64 limit_us,
			  GCancellable *cancellable, GError **error)
{
	g_autofree char *text = g_strdup_printf("%d %d", CLOCK_FD, boot->start == VM_START_COLD ? 1 : 0);
	int socket;

	if (!give_pipe(&process->stop_clock, launcher, CLOCK_FD, error) || (socket = give_socket(launcher, GDB_FD, error)) < 0)
		return FALSE;
	g_unix_set_fd_nonblocking(process->stop_clock, TRUE, NULL);
	process->gdb = gdb_remote_new(socket, limit_us, cancellable);
	g_subprocess_launcher_setenv(launcher, "FINRIG_DEBUG_STOP", text, TRUE);
	return TRUE;
}

/* A copy of the descriptor for the launcher to take. */
static gboolean give_copy(GSubprocessLauncher *launcher, int descriptor, int number, GError **error)
{
	int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return failed("dup", error);
	g_subprocess_launcher_take_fd(launcher, copy, number);
	return TRUE;
}

/* A blank or a colon ends a name in LD_PRELOAD, and nothing can quote it: a library in such a folder comes by a descriptor. */
static gboolean give_lockstep(GSubprocessLauncher *launcher, const char *library, GError **error)
{
	g_autofree char *name = g_strdup_printf("/proc/self/fd/%d", LOCKSTEP_FD);
	int file;

	if (!strpbrk(library, " :")) {
		g_subprocess_launcher_setenv(launcher, "LD_PRELOAD", library, TRUE);
		return TRUE;
	}
	if ((file = open(library, O_RDONLY | O_CLOEXEC)) < 0)
		return failed(library, error);
	g_subprocess_launcher_take_fd(launcher, file, LOCKSTEP_FD);
	g_subprocess_launcher_setenv(launcher, "LD_PRELOAD", name, TRUE);
	return TRUE;
}

/* What harness/preload/restore.h asks for, and files without a name for what the guest and QEMU say. */
static gboolean give_work(struct vm_process *process, GSubprocessLauncher *launcher, const struct vm_boot *boot, GError **error)
{
	g_autofree char *text = g_strdup_printf("%d %d %d", CONTROL_FD, RAM_FD, STATE_FD);
	int chatter = fcntl(boot->chatter_descriptor, F_DUPFD_CLOEXEC, 0);

	if (chatter < 0)
		return failed("dup", error);
	g_subprocess_launcher_take_stderr_fd(launcher, chatter);
	g_subprocess_launcher_setenv(launcher, "FINRIG_RESTORE", text, TRUE);
	return (process->control = give_socket(launcher, CONTROL_FD, error)) >= 0 &&
	       give_copy(launcher, boot->state_descriptor, STATE_FD, error) &&
	       give_copy(launcher, boot->console_descriptor, CONSOLE_FD, error);
}

gboolean vm_process_go_on(struct vm_process *process, GError **error)
{
	return qmp_command(process->qmp, "cont", NULL, error);
}

/* For a word from here. */
static gboolean waits(const struct vm_boot *boot)
{
	return boot->start == VM_START_RESTORE || boot->start == VM_START_WORK;
}

gboolean vm_process_start(struct vm_process *process, const struct vm_boot *boot, gint64 limit_us, GCancellable *cancellable,
			  GError **error)
{
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
	g_autoptr(GPtrArray) arguments = vm_boot_arguments(boot);
	g_autoptr(GError) why = NULL;

	add_snapshot(arguments, boot);
	add_channels(arguments, boot);
	if (boot->probed)
		add_stub(arguments);
	g_ptr_array_add(arguments, NULL);
	if (!give_records(process, launcher, error) ||
	    (boot->start != VM_START_WORK && !give_qmp(process, launcher, limit_us, cancellable, error)) ||
	    (boot->probed && !give_stub(process, launcher, boot, limit_us, cancellable, error)) ||
	    (waits(boot) && !give_copy(launcher, boot->ram_descriptor, RAM_FD, error)) ||
	    (boot->start == VM_START_WORK && !give_work(process, launcher, boot, error)) ||
	    (boot->machine->lockstep && vm_machine_is_warped(boot->machine) && !give_lockstep(launcher, boot->machine->lockstep, error)))
		return FALSE;
	/* GLib writes over what stands there and leaves the rest. */
	if (boot->chatter)
		g_unlink(boot->chatter);
	if (boot->start != VM_START_WORK)
		g_subprocess_launcher_set_stderr_file_path(launcher, boot->chatter);
	g_subprocess_launcher_set_child_setup(launcher, child_setup, NULL, NULL);
	process->qemu = g_subprocess_launcher_spawnv(launcher, (const char *const *)arguments->pdata, &why);
	g_subprocess_launcher_close(launcher); /* our copies of QEMU's ends, or its end would never be seen */
	if (process->qemu)
		return boot->start == VM_START_WORK ||
		       (qmp_greet(process->qmp, error) && (waits(boot) || boot->probed || vm_process_go_on(process, error)));
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: %s", why->message);
	return FALSE;
}

gboolean vm_process_save(struct vm_process *process, int descriptor, GError **error)
{
	struct qmp *qmp = process->qmp;

	return qmp_wait(qmp, "STOP", NULL, error) &&
	       qmp_command(qmp, "migrate-set-capabilities", ignore_shared, error) &&
	       qmp_send_descriptor(qmp, "state", descriptor, error) &&
	       qmp_command(qmp, "migrate", "{\"uri\": \"fd:state\"}", error) &&
	       qmp_wait(qmp, "MIGRATION", "completed", error);
}

gboolean vm_process_restore(struct vm_process *process, int descriptor, GError **error)
{
	struct qmp *qmp = process->qmp;

	return qmp_command(qmp, "migrate-set-capabilities", ignore_shared, error) &&
	       qmp_send_descriptor(qmp, "state", descriptor, error) &&
	       qmp_command(qmp, "migrate-incoming", "{\"uri\": \"fd:state\"}", error) &&
	       qmp_wait(qmp, "MIGRATION", "completed", error) && (process->gdb || vm_process_go_on(process, error));
}

static gboolean send_all(int socket, const void *data, gsize length)
{
	while (length) {
		ssize_t sent = send(socket, data, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return FALSE;
		data = (const char *)data + sent;
		length -= (gsize)sent;
	}
	return TRUE;
}

gboolean vm_process_begin(struct vm_process *process, const GString *job, gint64 limit_us, GCancellable *cancellable, GError **error)
{
	struct channel answer;
	const struct timeval limit = { .tv_sec = (time_t)(limit_us / G_USEC_PER_SEC) };
	guint64 length_bytes = job->len;
	int socket = fcntl(process->control, F_DUPFD_CLOEXEC, 0);
	gboolean ok;

	if (socket < 0)
		return failed("dup", error);
	setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	channel_init(&answer, "worker", "answer", socket, limit_us, 1, cancellable);
	ok = (send_all(socket, &length_bytes, sizeof(length_bytes)) && send_all(socket, job->str, job->len)) ||
	     channel_failed(&answer, error, "QEMU left");
	for (gint64 until_us = g_get_monotonic_time() + limit_us; ok && !answer.unread->len;)
		ok = channel_read(&answer, until_us, error);
	channel_clear(&answer);
	return ok;
}

char *vm_process_death(struct vm_process *process, GCancellable *cancellable)
{
	int number;

	if (!g_subprocess_wait(process->qemu, cancellable, NULL) || !g_subprocess_get_if_signaled(process->qemu))
		return NULL;
	number = g_subprocess_get_term_sig(process->qemu);
	return g_strdup_printf("was ended by signal %d (%s)", number, strsignal(number));
}

void vm_process_stop(struct vm_process *process)
{
	if (process->qemu) {
		g_subprocess_force_exit(process->qemu);
		g_subprocess_wait(process->qemu, NULL, NULL);
		g_clear_object(&process->qemu);
	}
	g_clear_pointer(&process->qmp, qmp_free);
	g_clear_pointer(&process->gdb, gdb_remote_free);
	if (process->records >= 0)
		close(process->records);
	if (process->stop_clock >= 0)
		close(process->stop_clock);
	if (process->control >= 0)
		close(process->control);
	process->records = process->stop_clock = process->control = -1;
}

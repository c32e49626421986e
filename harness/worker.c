/* SPDX-License-Identifier: GPL-2.0-or-later
 * worker - QEMUs that run cell after cell of one snapshot; worker.h is the manual
 */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"

/* What harness/preload/restore.c knows from within. */
#define QEMU_SERIES "7.2."

struct workers {
	GMutex mutex;
	GQueue idle;      /* struct worker *, the one longest idle first */
	guint most, live;
	gboolean refused; /* one could not be started: they are not tried again */
};

struct worker {
	struct workers *workers;
	const struct snapshot *snapshot;
	struct vm_process process;
	int console, chatter; /* files without a name */
	guint cells;
};

struct workers *workers_new(guint most)
{
	struct workers *workers = g_new0(struct workers, 1);

	g_mutex_init(&workers->mutex);
	g_queue_init(&workers->idle);
	workers->most = MAX(most, 1);
	return workers;
}

static void worker_free(struct worker *worker)
{
	vm_process_stop(&worker->process);
	if (worker->console >= 0)
		close(worker->console);
	if (worker->chatter >= 0)
		close(worker->chatter);
	g_free(worker);
}

void workers_free(struct workers *workers)
{
	struct worker *worker;

	if (!workers)
		return;
	while ((worker = g_queue_pop_head(&workers->idle)))
		worker_free(worker);
	g_mutex_clear(&workers->mutex);
	g_free(workers);
}

/* An idle one of that snapshot; otherwise NULL, and there is room for a new one. */
static struct worker *take(struct workers *workers, const struct snapshot *snapshot)
{
	struct worker *found = NULL, *victim = NULL;

	g_mutex_lock(&workers->mutex);
	for (GList *link = workers->idle.tail; link && !found; link = link->prev)
		if (((struct worker *)link->data)->snapshot == snapshot)
			found = link->data;
	if (found)
		g_queue_remove(&workers->idle, found);
	if (!found && workers->live++ >= workers->most && (victim = g_queue_pop_head(&workers->idle)))
		workers->live--;
	g_mutex_unlock(&workers->mutex);
	if (victim)
		worker_free(victim);
	return found;
}

static void drop(struct worker *worker)
{
	struct workers *workers = worker->workers;

	worker_free(worker);
	g_mutex_lock(&workers->mutex);
	workers->live--;
	g_mutex_unlock(&workers->mutex);
}

/* QEMU opens the console by its path, for appending; what it complains of goes to the descriptor itself. */
static gboolean make_files(struct worker *worker, GError **error)
{
	g_autofree char *path = NULL;
	int chatter = memfd_create("finrig-qemu-log", MFD_CLOEXEC);

	worker->console = memfd_create("finrig-console", MFD_CLOEXEC);
	path = g_strdup_printf("/proc/self/fd/%d", chatter);
	worker->chatter = chatter >= 0 ? open(path, O_RDWR | O_APPEND | O_CLOEXEC) : -1;
	if (chatter >= 0)
		close(chatter);
	if (worker->console >= 0 && worker->chatter >= 0)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "worker: a file in memory: %s", g_strerror(errno));
	return FALSE;
}

static struct worker *start(struct workers *workers, const struct snapshot *snapshot, const struct vm_boot *boot, gint64 limit_us,
			    GCancellable *cancellable, GError **error)
{
	struct worker *worker = g_new(struct worker, 1);
	struct vm_boot own = *boot;

	*worker = (struct worker){ .workers = workers, .snapshot = snapshot, .process = VM_PROCESS_NONE, .console = -1, .chatter = -1 };
	if (make_files(worker, error)) {
		own.ram_descriptor = snapshot->ram;
		own.state_descriptor = snapshot->state;
		own.console_descriptor = worker->console;
		own.chatter_descriptor = worker->chatter;
		if (vm_process_start(&worker->process, &own, limit_us, cancellable, error))
			return worker;
	}
	drop(worker);
	return NULL;
}

/* Appends all of a file; one that cannot be read is taken for empty. */
static void append_file(GString *text, int descriptor)
{
	char bytes[4096];
	ssize_t length;

	for (off_t offset = 0; (length = pread(descriptor, bytes, sizeof(bytes), offset)) > 0; offset += length)
		g_string_append_len(text, bytes, length);
}

/* What the cell before left was taken by worker_leave(). A new QEMU may have complained and left by now: that is kept. */
static gboolean begin(struct worker *worker, const GString *job, gint64 limit_us, GCancellable *cancellable, GError **error)
{
	g_autoptr(GString) chatter = g_string_new(NULL);
	g_autofree char *valid = NULL;

	if (worker->cells && (ftruncate(worker->console, 0) < 0 || ftruncate(worker->chatter, 0) < 0)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "worker: %s", g_strerror(errno));
		return FALSE;
	}
	if (vm_process_begin(&worker->process, job, limit_us, cancellable, error))
		return TRUE;
	append_file(chatter, worker->chatter);
	if (chatter->len)
		g_prefix_error(error, "%s: ", valid = g_utf8_make_valid(g_strchomp(chatter->str), -1));
	return FALSE;
}

static gboolean is_possible(struct workers *workers, const struct vm_machine *machine)
{
	const char *version = machine->lockstep && vm_machine_is_warped(machine) ? vm_qemu_version(NULL) : NULL;

	return version && g_str_has_prefix(version, QEMU_SERIES) && !g_atomic_int_get(&workers->refused);
}

struct worker *worker_begin(struct workers *workers, const struct snapshot *snapshot, const struct vm_boot *boot, const GString *job,
			    gint64 limit_us, GCancellable *cancellable, GError **error)
{
	if (!is_possible(workers, boot->machine))
		return NULL;
	for (;;) {
		struct worker *worker = take(workers, snapshot);
		gboolean is_new = !worker, cancelled;
		g_autoptr(GError) why = NULL;

		if (is_new)
			worker = start(workers, snapshot, boot, limit_us, cancellable, &why);
		if (worker && begin(worker, job, limit_us, cancellable, &why))
			return worker;
		if (worker)
			drop(worker);
		cancelled = g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_CANCELLED);
		if (is_new && !cancelled)
			g_atomic_int_set(&workers->refused, TRUE);
		if (is_new || cancelled) {
			g_propagate_error(error, g_steal_pointer(&why));
			return NULL;
		}
	}
}

struct vm_process *worker_process(struct worker *worker)
{
	return &worker->process;
}

guint worker_cells(const struct worker *worker)
{
	return worker->cells;
}

gboolean worker_leave(const struct worker *worker, const char *directory, GError **error)
{
	gsize length;
	const char *before = g_bytes_get_data(worker->snapshot->console, &length);
	g_autoptr(GString) console = g_string_new_len(before ? before : "", (gssize)length);
	g_autoptr(GString) chatter = g_string_new(NULL);

	append_file(console, worker->console);
	append_file(chatter, worker->chatter);
	return artefact_write(directory, "1-console.log", console->str, console->len, error) &&
	       (!chatter->len || artefact_write(directory, "1-qemu.log", chatter->str, chatter->len, error));
}

void worker_end(struct worker *worker, gboolean keep)
{
	struct workers *workers = worker->workers;

	if (!keep) {
		drop(worker);
		return;
	}
	worker->cells++;
	g_mutex_lock(&workers->mutex);
	g_queue_push_tail(&workers->idle, worker);
	g_mutex_unlock(&workers->mutex);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * run - many cells: kernels x cases, as many at a time as the machine has cores
 */
#include "run.h"

#include <unistd.h>

#include "diff.h"
#include "error.h"
#include "repeat.h"
#include "report.h"
#include "run_folder.h"
#include "snapshot.h"
#include "source_pin.h"

/* Two pools: a kernel that waits for the network or for make must not keep another kernel's cells from running. */
struct run {
	const struct run_options *options;
	const struct workspace *workspace;
	GCancellable *cancellable;
	GThreadPool *kernel_pool, *cell_pool;
	GMutex mutex;
	GCond finished;
	struct share_room *room; /* where a part's cells are made; NULL: in the run's folder */
	gboolean *wanted;   /* a part's cells, kernel by kernel; NULL: all */
	guint pending;      /* cells neither run nor closed */
	gboolean unready;   /* a kernel could not be had or built */
	GError *broken;     /* the first failure to leave even a verdict */
};

/* A kernel on its way to a guest; lives until all cells are done, so that they can share what it has. */
struct slot {
	const struct kernel *kernel;
	guint number; /* in the run's list */
	struct source_checkout *checkout; /* NULL: not from git */
	struct image *image;
	struct initramfs *initramfs;
	struct probe_plan *plan; /* NULL: nothing is to be probed */
	gboolean ready;          /* for cells */
};

/* A cell in the cell pool. */
struct task {
	struct cell *cell;
	const struct slot *slot;
};

static void finish_cell(struct run *run, struct cell *cell, GError *failure)
{
	workspace_progress(run->workspace, NULL, cell->label, "%s", "");
	if (run->room && !failure)
		share_keep(run->room, cell->kernel->name, cell->test_case->name, &failure);
	g_mutex_lock(&run->mutex);
	if (failure && !run->broken)
		run->broken = failure;
	else
		g_clear_error(&failure);
	if (--run->pending == 0)
		g_cond_signal(&run->finished);
	g_mutex_unlock(&run->mutex);
	cell_free(cell);
}

/* why is taken over. An interrupted cell leaves no verdict: it was not judged. */
static void close_cell(struct run *run, struct cell *cell, const struct slot *slot, GError *why)
{
	GError *failure = NULL;

	if (!g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_CANCELLED)) {
		if (!slot->ready)
			cell_clear(cell);
		cell_close(cell, slot->image, why, &failure);
	}
	g_error_free(why);
	finish_cell(run, cell, failure);
}

static void cell_task(gpointer data, gpointer user)
{
	struct task *task = data;
	struct run *run = user;
	GError *why = NULL;

	if (!run->cancellable || !g_cancellable_is_cancelled(run->cancellable))
		cell_clear(task->cell);
	if (cell_run(task->cell, task->slot->image, task->slot->initramfs, run->workspace, &run->options->cell, run->cancellable, &why))
		finish_cell(run, task->cell, NULL);
	else
		close_cell(run, task->cell, task->slot, why);
	g_free(task);
}

static void push_cell(struct run *run, struct cell *cell, const struct slot *slot)
{
	struct task *task = g_new0(struct task, 1);

	task->cell = cell;
	task->slot = slot;
	g_thread_pool_push(run->cell_pool, task, NULL);
}

/* Of a kernel's cells, how many are to be run here. */
static guint wanted_of(const struct run *run, guint kernel)
{
	guint cases = run->options->cases->len, count = 0;

	for (guint i = 0; i < cases; i++)
		count += !run->wanted || run->wanted[kernel * cases + i];
	return count;
}

static gboolean wants(const struct run *run, const struct slot *slot, guint number)
{
	return !run->wanted || run->wanted[slot->number * run->options->cases->len + number];
}

static guint repeats(const struct run_options *options)
{
	return MAX(options->repeat, 1);
}

/* All cases of a kernel once. */
static void push_cells(struct run *run, const struct slot *slot, const char *directory, const GError *why)
{
	for (guint i = 0; i < run->options->cases->len; i++) {
		struct cell *cell;

		if (!wants(run, slot, i))
			continue;
		cell = cell_new(directory, slot->kernel, run->options->cases->pdata[i]);
		if (run->room) {
			g_free(cell->directory);
			cell->directory = share_place(run->room, slot->kernel->name, cell->test_case->name);
		}
		cell->probes = slot->plan;
		cell->checkout = slot->checkout;
		if (slot->ready)
			push_cell(run, cell, slot);
		else
			close_cell(run, cell, slot, g_error_copy(why));
	}
}

/* What cannot be probed in this kernel is no failure where another of the run has it: probe_check() saw to that. */
static void note_probes(const struct run *run, const struct slot *slot)
{
	for (guint i = 0; i < slot->plan->targets->len; i++) {
		const struct probe_target *target = slot->plan->targets->pdata[i];

		if (target->absent)
			workspace_progress(run->workspace, "note", slot->kernel->name, "%s is not probed: %s", target->function, target->absent);
		else if (target->note)
			workspace_progress(run->workspace, "note", slot->kernel->name, "%s: %s", target->function, target->note);
	}
	if (slot->plan->plain)
		workspace_progress(run->workspace, "note", slot->kernel->name, "%s", slot->plan->plain);
}

static gboolean plan_probes(const struct run *run, struct slot *slot, GError **error)
{
	const struct cell_options *options = &run->options->cell;
	struct vm_machine machine = cell_machine(options, slot->kernel);
	struct symbols_of of = { slot->kernel->name, slot->image, slot->initramfs, &machine, run->workspace, options->snapshots };

	if (!options->probes)
		return TRUE;
	slot->plan = probe_plan_get(options->probes, &of, run->cancellable, error);
	if (slot->plan)
		note_probes(run, slot);
	return slot->plan != NULL;
}

/* Boots it for its snapshot, so that not every part that follows has to wait for the one that does. */
static void leave_cells(struct run *run, const struct slot *slot)
{
	struct vm_machine machine = cell_machine(&run->options->cell, slot->kernel);
	const struct snapshot *snapshot;
	GError *failure = NULL;

	if (run->options->cell.snapshots)
		snapshots_get(run->options->cell.snapshots, slot->kernel->name, slot->image, slot->initramfs, &machine, run->cancellable, &snapshot,
			      &failure);
	g_mutex_lock(&run->mutex);
	if (failure && !run->broken)
		run->broken = failure;
	else
		g_clear_error(&failure);
	run->pending -= wanted_of(run, slot->number);
	if (!run->pending)
		g_cond_signal(&run->finished);
	g_mutex_unlock(&run->mutex);
}

/* A ref is looked up once, so that the image is of the commit that the cells name, however fast a branch moves. What cannot be found
 * the image stage tells of. */
static struct image *get_image(const struct run *run, struct slot *slot, GError **error)
{
	g_autoptr(kernel_t) pinned = NULL;

	slot->checkout = source_checkout_new(slot->kernel, run->workspace, run->cancellable, NULL);
	if (!slot->checkout)
		return image_get(slot->kernel, run->workspace, run->cancellable, error);
	pinned = kernel_variant(slot->kernel, slot->kernel->name);
	kernel_set_key(pinned, "commit", slot->checkout->commit);
	return image_get(pinned, run->workspace, run->cancellable, error);
}

/* Cells have the lines that matter; where the whole log is only this machine knows. */
static void note_log(const struct run *run, const struct kernel *kernel, const GError *why)
{
	const char *log = why->domain == FINRIG_ERROR ? error_about(why)->log : NULL;
	g_autofree char *shown = log ? shown_path(log) : NULL;

	if (shown)
		workspace_progress(run->workspace, "note", kernel->name, "the build's whole log is %s", shown);
}

static void kernel_task(gpointer data, gpointer user)
{
	struct slot *slot = data;
	struct run *run = user;
	g_autoptr(GError) why = NULL;

	if (!wanted_of(run, slot->number))
		return;
	slot->image = get_image(run, slot, &why);
	if (slot->image)
		slot->initramfs = initramfs_get(slot->image, run->workspace, &why);
	slot->ready = slot->initramfs && plan_probes(run, slot, &why);
	workspace_progress(run->workspace, NULL, slot->kernel->name, "%s", "");
	if (slot->ready && run->options->share && run->options->share->kind == SHARE_IMAGES) {
		leave_cells(run, slot);
		return;
	}
	if (!slot->ready) {
		g_atomic_int_set(&run->unready, TRUE);
		note_log(run, slot->kernel, why);
	}
	push_cells(run, slot, run->options->directory, why);
	for (guint number = 2; number <= repeats(run->options); number++) {
		g_autofree char *directory = repeat_directory(run->options->directory, number);

		push_cells(run, slot, directory, why);
	}
}

static void slot_free(gpointer data)
{
	struct slot *slot = data;

	source_checkout_free(slot->checkout);
	image_free(slot->image);
	initramfs_free(slot->initramfs);
	probe_plan_free(slot->plan);
	g_free(slot);
}

static void run_cells(struct run *run)
{
	g_autoptr(GPtrArray) slots = g_ptr_array_new_with_free_func(slot_free);

	for (guint i = 0; i < run->options->kernels->len; i++) {
		struct slot *slot = g_new0(struct slot, 1);

		slot->kernel = run->options->kernels->pdata[i];
		slot->number = i;
		g_ptr_array_add(slots, slot);
		g_thread_pool_push(run->kernel_pool, slot, NULL);
	}
	g_mutex_lock(&run->mutex);
	while (run->pending)
		g_cond_wait(&run->finished, &run->mutex);
	g_mutex_unlock(&run->mutex);
	g_thread_pool_free(run->kernel_pool, FALSE, TRUE);
	g_thread_pool_free(run->cell_pool, FALSE, TRUE);
}

char *run_name_directory(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *stamp = g_date_time_format(now, "%Y-%m-%dT%H-%M-%S");
	char *directory = g_build_filename("results", stamp, NULL);

	for (int i = 2; g_file_test(directory, G_FILE_TEST_EXISTS); i++) {
		g_free(directory);
		directory = g_strdup_printf("results/%s-%d", stamp, i);
	}
	return directory;
}

char *run_new_directory(void)
{
	char *directory = run_name_directory();
	g_autofree char *name = g_path_get_basename(directory), *latest = g_build_filename("results", "latest", NULL);

	g_mkdir_with_parents(directory, 0777);
	if (unlink(latest) == 0 || !g_file_test(latest, G_FILE_TEST_EXISTS))
		if (symlink(name, latest) < 0)
			g_debug("no results/latest");
	return directory;
}

/* All that is pending, each in the pools' good time. FALSE: the first failure to leave even a verdict. */
static gboolean run_pending(struct run *run, GError **error)
{
	if (!run->pending)
		return TRUE;
	run->kernel_pool = g_thread_pool_new(kernel_task, run, (gint)run->options->kernels->len, FALSE, NULL);
	run->cell_pool = g_thread_pool_new(cell_task, run, run->workspace->jobs, FALSE, NULL);
	run_cells(run);
	if (!run->broken)
		return TRUE;
	g_propagate_error(error, run->broken);
	return FALSE;
}

static gboolean check_cancelled(const struct run *run, GError **error)
{
	if (!run->cancellable || !g_cancellable_is_cancelled(run->cancellable))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "interrupted; finished cells are in %s", run->options->directory);
	return FALSE;
}

gboolean run_all(const struct run_options *options, const struct workspace *workspace, GCancellable *cancellable, GError **error)
{
	struct run run = { .options = options, .workspace = workspace, .cancellable = cancellable };

	run.pending = options->kernels->len * options->cases->len * repeats(options);
	return run_folder_begin(options, error) && report_plan(options->directory, options->kernels, options->cases, error) &&
	       run_folder_tell_strangers(options->directory, workspace, error) && run_pending(&run, error) &&
	       diff_stage(options->directory, error) && report_stage(options->directory, error) && check_cancelled(&run, error);
}

/* Which cells of the share the run's folder has not, decided once: other parts are at work. */
static void find_wanted(struct run *run)
{
	const struct run_options *options = run->options;
	guint cases = options->cases->len;

	run->wanted = g_new0(gboolean, options->kernels->len * cases);
	for (guint i = 0; i < options->kernels->len * cases; i++) {
		const struct kernel *kernel = options->kernels->pdata[i / cases];
		const struct test_case *test_case = options->cases->pdata[i % cases];

		run->wanted[i] = share_has(options->share, i) && !share_is_finished(options->directory, kernel->name, test_case->name);
	}
	for (guint i = 0; i < options->kernels->len; i++)
		run->pending += wanted_of(run, i);
}

gboolean run_share(const struct run_options *options, const struct workspace *workspace, GCancellable *cancellable, gboolean *ready, GError **error)
{
	struct run run = { .options = options, .workspace = workspace, .cancellable = cancellable };
	gboolean ok;

	find_wanted(&run);
	run.room = run.pending ? share_begin(options->directory, error) : NULL;
	ok = (!run.pending || run.room) && run_pending(&run, error) && check_cancelled(&run, error);
	*ready = !run.unready;
	share_end(run.room, ok);
	g_free(run.wanted);
	return ok;
}

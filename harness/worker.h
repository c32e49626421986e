/* SPDX-License-Identifier: GPL-2.0-or-later
 * worker - QEMUs that run cell after cell of one snapshot: the guest is put back in place, what it was translated into is kept
 * in: a snapshot, jobs; out: the same bytes as from a new QEMU for each, at a third of the cost.
 *
 *   worker_begin() -> watch its process -> worker_leave() -> worker_end(keep) -> idle, until another cell of that snapshot begins
 *
 * How it is done is told in harness/preload/restore.h; with a QEMU that it is not made for there are no workers.
 */
#ifndef FINRIG_WORKER_H
#define FINRIG_WORKER_H

#include "snapshot.h"
#include "vm_process.h"

/* The workers of a run. For any number of threads. */
struct workers;
struct worker;

/* most: so many QEMUs at a time; an idle one of another snapshot makes room for one that is needed. */
struct workers *workers_new(guint most);
/* All must be idle. */
void workers_free(struct workers *workers);

/* A worker whose guest runs with that job: an idle one, or a new one. An idle one that is found dead is no error.
 * boot: WORK, without what is the snapshot's. cancellable must outlive the worker.
 * NULL without an error: this machine has none; FINRIG_ERROR_CANCELLED; FINRIG_ERROR_BROKEN: a new one failed, and none will be tried again. */
struct worker *worker_begin(struct workers *workers, const struct snapshot *snapshot, const struct vm_boot *boot, const GString *job,
			    gint64 limit_us, GCancellable *cancellable, GError **error);
/* Its own. */
struct vm_process *worker_process(struct worker *worker);
/* How many cells it ran before this one. */
guint worker_cells(const struct worker *worker);
/* Leaves 1-console.log in the cell's folder, which opens with the snapshot's, and 1-qemu.log if QEMU complained. FINRIG_ERROR_BROKEN. */
gboolean worker_leave(const struct worker *worker, const char *directory, GError **error);
/* keep: its guest came to its end, and it can be used again. Otherwise QEMU is ended. */
void worker_end(struct worker *worker, gboolean keep);

#endif

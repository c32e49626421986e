/* SPDX-License-Identifier: GPL-2.0-or-later
 * snapshot - ready guests, booted once and kept: each cell begins where its kernel's agent waits for a job
 * in: image, initramfs, machine; out: cache/snapshot/<key>/ with ram, state, records, console, manifest.json.
 * <key> is the SHA-256 of all that the guest was made of, QEMU included.
 *
 * A cell from a snapshot gives the same bytes as one that boots: the guest's clock stands still from the save to the restore,
 * and what it had sent before opens every cell's record stream. What is found in the cache is checked before it is used (once
 * a process), and made anew when a byte is wrong. Only for warped machines: others have no bytes to repeat.
 */
#ifndef FINRIG_SNAPSHOT_H
#define FINRIG_SNAPSHOT_H

#include "image.h"
#include "initramfs.h"
#include "vm_machine.h"
#include "workspace.h"

/* Checked, and held by descriptors: whoever removes or replaces the files meanwhile does no harm, but on another machine. */
struct snapshot {
	int ram, state;            /* -1 when not open */
	int held;                  /* locked while in use, so that snapshot_prune() leaves it alone; -1 when not */
	GBytes *records, *console; /* what the guest had sent and printed */
	struct workers *workers;   /* the set's, which outlive it; NULL: each cell starts a QEMU */
};

/* All snapshots a run uses, made when first asked for. For any number of threads. */
struct snapshots;
struct workers; /* worker.h */

/* workspace must outlive it. */
struct snapshots *snapshots_new(const struct workspace *workspace);
/* *snapshot is the set's own, or NULL where none can be made: then boot cold; why was said once in a note.
 * FALSE: FINRIG_ERROR_CANCELLED, or FINRIG_ERROR_BROKEN without QEMU. */
gboolean snapshots_get(struct snapshots *snapshots, const char *kernel, const struct image *image, const struct initramfs *initramfs,
		       const struct vm_machine *machine, GCancellable *cancellable, const struct snapshot **snapshot, GError **error);
void snapshots_free(struct snapshots *snapshots);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * cell_cache - what guests left before, by all that went into them: the same cell is not run a second time
 * in: image, initramfs, machine, job; out: cache/cell/<key>/ with 1-records.bin, 1-console.log, 1-vm.json, manifest.json.
 * <key> is the SHA-256 of everything a guest's bytes depend on, so the case's text and the files it calls are in it by the job.
 *
 * Only what the vm stage leaves is kept: the stages behind it are run again in moments, by whatever finrig is now. What is found is
 * believed only with the hashes it was kept with. Kept are guests that came to their end on a warped machine, and no BROKEN cell.
 */
#ifndef FINRIG_CELL_CACHE_H
#define FINRIG_CELL_CACHE_H

#include "image.h"
#include "initramfs.h"
#include "vm_machine.h"
#include "workspace.h"

/* For any number of threads. */
struct cell_cache;

/* workspace must outlive it. again: nothing is taken, but what comes out is kept. */
struct cell_cache *cell_cache_new(const struct workspace *workspace, gboolean again);
/* What a guest's bytes depend on, in lines; the caller frees. NULL: FINRIG_ERROR_BROKEN without QEMU. */
char *cell_cache_inputs(const struct image *image, const struct initramfs *initramfs, const struct vm_machine *machine, const GString *job,
			GError **error);
/* Puts what was kept for the inputs into a cell's folder, where 1-vm.json's `start` is `cache` then. FALSE: nothing was there, or it was
 * damaged (a note says so): run the cell. label is for notes. */
gboolean cell_cache_take(struct cell_cache *cache, const char *label, const char *inputs, const char *directory);
/* Keeps what a cell left in its folder, if its guest came to its end. Where it was kept already and has other bytes now, a note says so. */
void cell_cache_put(struct cell_cache *cache, const char *label, const char *inputs, const char *directory);
void cell_cache_free(struct cell_cache *cache);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * vm - the vm stage: one guest under QEMU, from boot (or from where a snapshot stands) to its last record
 * in: image, initramfs, job, perhaps a snapshot and probes; out: 1-console.log, 1-records.bin, 1-vm.json, with probes 1-probes.bin in the
 * cell's folder.
 *
 * Time: TCG with -icount shift=N,sleep=off. One guest instruction is 2^N ns and an idle guest's clock jumps to its next timer,
 * so minutes pass in a moment and every run gives the same bytes. Two deadlines stand guard, since a guest without a
 * pending timer stands still for ever: the guest's own clock as its records show it, and silence by the wall clock.
 */
#ifndef FINRIG_VM_H
#define FINRIG_VM_H

#include <gio/gio.h>

#include "image.h"
#include "initramfs.h"
#include "probe_plan.h"
#include "snapshot.h"
#include "vm_machine.h"

struct vm_request {
	const struct image *image;
	const struct initramfs *initramfs;
	struct vm_machine machine;
	const struct snapshot *snapshot; /* of this image, initramfs and machine: the guest begins there; NULL: it boots */
	const char *directory;       /* the cell's folder; must exist */
	const GString *job;          /* what the agent reads through fw_cfg */
	const struct probe_plan *probes; /* what is to be probed (warped machines only); NULL: nothing */
	gint64 guest_limit_us;       /* of the guest's clock since boot; past it the cell ends as `deadline` */
	gint64 boot_limit_us;        /* wall clock until the guest's first byte; past it `stalled` */
	gint64 silence_limit_us;     /* wall clock without a byte after that; past it `stalled` */
	gint64 wall_limit_us;        /* wall clock in all; past it `stalled` too */
	GCancellable *cancellable;   /* may be NULL */
	/* Called now and then with the guest's clock while it runs; may be NULL. */
	void (*clock)(gpointer user, guint64 clock_ns);
	gpointer clock_user;
};

/* Runs the guest to its end. How it ended is in 1-vm.json, a dead guest is not an error. A QEMU that dies or cannot be started is
 * started once more; a `note` there says so.
 * FALSE: FINRIG_ERROR_BROKEN (QEMU cannot be started, artefact not written), FINRIG_ERROR_CANCELLED. No QEMU is left in any case. */
gboolean vm_run(const struct vm_request *request, GError **error);
/* Boots with the guest's console on this terminal, in real time; returns when the guest left. */
gboolean vm_shell(const struct vm_request *request, GError **error);

#endif

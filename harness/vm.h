/* SPDX-License-Identifier: GPL-2.0-or-later
 * vm - the vm stage: one guest under QEMU, from boot to its last record
 * in: image, initramfs, job; out: 1-console.log, 1-records.bin, 1-vm.json in the cell's folder.
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

enum vm_accel { VM_ACCEL_TCG, VM_ACCEL_KVM };

/* How the machine is made; part of what a result depends on. */
struct vm_machine {
	enum vm_accel accel;
	gboolean realtime;   /* TCG without icount: guest time is wall time */
	int shift;           /* icount: 2^shift ns an instruction, 0..10 */
	int memory_mib;
};

#define VM_MACHINE_DEFAULT { VM_ACCEL_TCG, FALSE, VM_SHIFT_DEFAULT, 256 }
/* The largest at which Debian's 6.12 still wakes on time: 0.07 ms late there, up to 6 ms at 4. */
enum { VM_SHIFT_DEFAULT = 3 };

struct vm_request {
	const struct image *image;
	const struct initramfs *initramfs;
	struct vm_machine machine;
	const char *directory;       /* the cell's folder; must exist */
	const char *job;             /* what the agent reads through fw_cfg */
	gint64 guest_limit_us;       /* of the guest's clock since boot; past it the cell ends as `deadline` */
	gint64 boot_limit_us;        /* wall clock until the guest's first byte; past it `stalled` */
	gint64 silence_limit_us;     /* wall clock without a byte after that; past it `stalled` */
	gint64 wall_limit_us;        /* wall clock in all; past it `stalled` too */
	GCancellable *cancellable;   /* may be NULL */
	/* Called now and then with the guest's clock while it runs; may be NULL. */
	void (*clock)(gpointer user, guint64 clock_ns);
	gpointer clock_user;
};

/* The machine's QEMU arguments without any path, as they go into 0-cell.json and into keys. Free with g_strfreev(). */
char **vm_machine_arguments(const struct vm_machine *machine);
/* "7.2.22"; NULL with FINRIG_ERROR_BROKEN if QEMU is not there. Asked once. The caller does not free. */
const char *vm_qemu_version(GError **error);

/* Runs the guest to its end. How it ended is in 1-vm.json, a dead guest is not an error.
 * FALSE: FINRIG_ERROR_BROKEN (QEMU cannot be started, artefact not written), FINRIG_ERROR_CANCELLED. No QEMU is left in any case. */
gboolean vm_run(const struct vm_request *request, GError **error);
/* Boots with the guest's console on this terminal, in real time; returns when the guest left. */
gboolean vm_shell(const struct vm_request *request, GError **error);

#endif

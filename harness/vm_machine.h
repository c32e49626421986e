/* SPDX-License-Identifier: GPL-2.0-or-later
 * vm_machine - the machine a guest gets: part of what a result depends on, so part of every key
 */
#ifndef FINRIG_VM_MACHINE_H
#define FINRIG_VM_MACHINE_H

#include <glib.h>

#define QEMU_PROGRAM "qemu-system-x86_64"
/* The value of -accel without KVM. */
#define VM_MACHINE_TCG "tcg,thread=single"

enum vm_accel { VM_ACCEL_TCG, VM_ACCEL_KVM };

struct vm_machine {
	enum vm_accel accel;
	gboolean realtime;   /* TCG without icount: guest time is wall time */
	int shift;           /* icount: 2^shift ns an instruction, 0..10 */
	int memory_mib;
	const char *lockstep; /* path of harness/preload/lockstep.c's library for warped machines; NULL: without, so not always the same bytes */
};

enum {
	/* The largest at which Debian's 6.12 still wakes on time: 0.07 ms late there, up to 6 ms at 4. */
	VM_SHIFT_DEFAULT = 3,
	VM_SHIFT_MAX = 10,
	/* Debian's kernels do not boot with 64. */
	VM_MEMORY_DEFAULT_MIB = 128,
};
#define VM_MACHINE_DEFAULT { VM_ACCEL_TCG, FALSE, VM_SHIFT_DEFAULT, VM_MEMORY_DEFAULT_MIB, NULL }

/* TRUE: guest time is instruction count, and every run gives the same bytes. */
gboolean vm_machine_is_warped(const struct vm_machine *machine);
/* The machine's QEMU arguments without any path, as they go into 0-cell.json and into keys. Free with g_strfreev(). */
char **vm_machine_arguments(const struct vm_machine *machine);
/* What the kernel is started with. */
const char *vm_machine_command_line(void);
/* "7.2.22"; NULL with FINRIG_ERROR_BROKEN if QEMU is not there. Asked once. The caller does not free. */
const char *vm_qemu_version(GError **error);

#endif

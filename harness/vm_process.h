/* SPDX-License-Identifier: GPL-2.0-or-later
 * vm_process - one QEMU: started cold, or started to save or to be a snapshot
 * in: what to boot; out: a process with the read end of its record stream. Nothing of it outlives vm_process_free() or finrig.
 *
 * A snapshot is the RAM of a paused guest in a file of its own, and a small stream with all other state (made and read by
 * QEMU's migration). Every start from it maps the RAM file privately: a page is copied when the guest writes it.
 */
#ifndef FINRIG_VM_PROCESS_H
#define FINRIG_VM_PROCESS_H

#include "gdb_remote.h"
#include "image.h"
#include "initramfs.h"
#include "qmp.h"
#include "vm_machine.h"

enum vm_start {
	VM_START_COLD,    /* boots, and stops where the agent says; vm_process_go_on() */
	VM_START_SAVE,    /* the same with its RAM in ram_file; vm_process_save() */
	VM_START_RESTORE, /* waits; vm_process_restore() */
	VM_START_WORK,    /* waits; vm_process_begin(), as often as is liked */
};

struct vm_boot {
	const struct image *image;
	const struct initramfs *initramfs;
	const struct vm_machine *machine;
	const char *job;       /* paths: what fw_cfg hands the agent; */
	const char *console;   /* what the serial port's output is appended to (not WORK); */
	const char *chatter;   /* what QEMU itself complains of (not WORK) */
	enum vm_start start;
	const char *ram_file;  /* SAVE: path, made by QEMU */
	int ram_descriptor;    /* RESTORE, WORK: of such a file; need not be open for writing */
	int state_descriptor;  /* WORK: of what vm_process_save() wrote */
	int console_descriptor, chatter_descriptor; /* WORK: of files in place of those above */
	gboolean probed;       /* COLD, RESTORE: with a gdb stub; the guest does not run before gdb_remote_go_on() */
};

struct vm_process {
	GSubprocess *qemu;
	int records;           /* read end of the record stream; -1 when closed */
	struct qmp *qmp;       /* WORK has none */
	struct gdb_remote *gdb; /* probed: QEMU's stub, and what harness/preload/debug_stop.h writes at each stop */
	int stop_clock;
	/* Takes what has come on records; FALSE at its end. NULL: nobody reads it while QEMU is asked something, and a guest that wrote more than
	 * the pipe holds before it first idles would keep QEMU's main loop, and so the answer, waiting for ever. Set before the start. */
	gboolean (*take_records)(gpointer user);
	gpointer take_user;
	int control;           /* WORK: what harness/preload/restore.c listens to */
};
#define VM_PROCESS_NONE { .records = -1, .stop_clock = -1, .control = -1 }

/* QEMU's arguments as far as they are the same for all guests of this kind; no record channel, no console. */
GPtrArray *vm_boot_arguments(const struct vm_boot *boot);
void vm_add_arguments(GPtrArray *arguments, const char *words);
G_GNUC_PRINTF(2, 3)
void vm_add_format(GPtrArray *arguments, const char *format, ...);

/* limit_us: how long SAVE's boot, or any one step of the others, may take. cancellable may be NULL and must outlive the process.
 * FINRIG_ERROR_BROKEN when it cannot be started. */
gboolean vm_process_start(struct vm_process *process, const struct vm_boot *boot, gint64 limit_us, GCancellable *cancellable,
			  GError **error);
/* SAVE: waits for the guest to stop, then writes its state to descriptor. The RAM file is whole once this returns.
 * RESTORE: reads it from descriptor, whose offset moves; the guest runs on return, unless probed. Errors as in qmp.h. */
gboolean vm_process_save(struct vm_process *process, int descriptor, GError **error);
gboolean vm_process_restore(struct vm_process *process, int descriptor, GError **error);
/* WORK: puts the guest to where it was saved, with job for its agent; it runs on return. By any thread, whatever the guest is doing. */
gboolean vm_process_begin(struct vm_process *process, const GString *job, gint64 limit_us, GCancellable *cancellable, GError **error);
/* COLD, not probed: when it has stopped, which qmp_took_event() tells as "STOP". A cell that begins at a snapshot was stopped there too, and a
 * stop moves the guest's clock on to its next timer. */
gboolean vm_process_go_on(struct vm_process *process, GError **error);
/* For a QEMU whose record channel is at its end: waits until it is gone. How it came to it, as "was ended by signal 9 (Killed)", or NULL
 * if it left by itself, which is what it does when the guest switches off or restarts. The caller frees. */
char *vm_process_death(struct vm_process *process, GCancellable *cancellable);
/* Ends QEMU and waits for its end. On one that never started, VM_PROCESS_NONE, does nothing. */
void vm_process_stop(struct vm_process *process);

#endif

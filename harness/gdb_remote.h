/* SPDX-License-Identifier: GPL-2.0-or-later
 * gdb_remote - QEMU's gdb stub, over one end of a socket pair: packets of gdb's remote serial protocol
 * Only what a probe needs: registers, memory, breakpoints, one step, go on. A stopped guest answers every packet; a running one
 * says nothing until it stops, and must not be spoken to: any byte would stop it.
 * Everything blocks, up to the limit given at the start; what comes from the other side is parsed, never believed.
 */
#ifndef FINRIG_GDB_REMOTE_H
#define FINRIG_GDB_REMOTE_H

#include <gio/gio.h>

struct gdb_remote;

/* x86-64's general registers in the stub's order. */
enum gdb_register {
	GDB_RAX, GDB_RBX, GDB_RCX, GDB_RDX, GDB_RSI, GDB_RDI, GDB_RBP, GDB_RSP,
	GDB_R8, GDB_R9, GDB_R10, GDB_R11, GDB_R12, GDB_R13, GDB_R14, GDB_R15, GDB_RIP, GDB_REGISTER_COUNT
};

/* Takes over socket. limit_us: the longest that any call below waits, by the wall clock. cancellable may be NULL; it must outlive it. */
struct gdb_remote *gdb_remote_new(int socket, gint64 limit_us, GCancellable *cancellable);
void gdb_remote_free(struct gdb_remote *remote);
/* For poll(): readable when the guest has stopped, or QEMU has left; unless that came along with an answer before, and is here already. */
int gdb_remote_descriptor(const struct gdb_remote *remote);
gboolean gdb_remote_is_here(const struct gdb_remote *remote);

/* All that follow fail with FINRIG_ERROR_BROKEN (QEMU left, was silent for too long, or refused) or FINRIG_ERROR_CANCELLED. */

/* Steps are to take interrupts and timers as every other instruction does; the stub's default holds them back. */
gboolean gdb_remote_open(struct gdb_remote *remote, GError **error);
/* A stop's report; the guest does not run on return. *left: there was none, since QEMU has left. */
gboolean gdb_remote_wait_stop(struct gdb_remote *remote, gboolean *left, GError **error);
gboolean gdb_remote_registers(struct gdb_remote *remote, guint64 registers[GDB_REGISTER_COUNT], GError **error);
/* length_bytes: at most 256. An address that is not mapped is an error. */
gboolean gdb_remote_read(struct gdb_remote *remote, guint64 address, void *data, gsize length_bytes, GError **error);
/* The same where there may be nothing: then it is no error, *there is FALSE and data as it was. */
gboolean gdb_remote_try_read(struct gdb_remote *remote, guint64 address, void *data, gsize length_bytes, gboolean *there, GError **error);
/* Hardware breakpoints: the guest's memory stays as it is. */
gboolean gdb_remote_break(struct gdb_remote *remote, guint64 address, gboolean insert, GError **error);
/* Executes one instruction, whether or not there is a breakpoint at it; the guest has stopped on return. */
gboolean gdb_remote_step(struct gdb_remote *remote, GError **error);
/* The guest runs on return. */
gboolean gdb_remote_go_on(struct gdb_remote *remote, GError **error);

typedef struct gdb_remote gdb_remote_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(gdb_remote_t, gdb_remote_free)

#endif

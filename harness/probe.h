/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe - calls of chosen functions seen from outside the guest, by QEMU's gdb stub
 * in: a stopped guest at each breakpoint; out: records, RECORD_PROBE for each function asked for, then RECORD_CALL for each call.
 *
 *   probe_new() -> probe_begin() -> probe_stopped() at each stop -> probe_take_records()
 *
 * A breakpoint stands at a function's first instruction; at a call another one at the address it will return to. Both are the
 * processor's (QEMU's), so nothing in the guest changes, and harness/preload/debug_stop.h keeps its clock still meanwhile: a probed
 * run's packets are those of the unprobed one. Records are dated by the processor's counter; the event stage turns that into
 * the guest's clock. A call is recorded when it returns, or at the end if it did not.
 */
#ifndef FINRIG_PROBE_H
#define FINRIG_PROBE_H

#include "gdb_remote.h"
#include "probe_plan.h"

struct probe;

/* gdb and stop_clock (what debug_stop writes; reads must not block) stay the caller's. Where the plan found nothing, both are of no use and
 * the calls below but the last are not for it. plan must outlive it. */
struct probe *probe_new(const struct probe_plan *plan, struct gdb_remote *gdb, int stop_clock);
void probe_free(struct probe *probe);

/* Lets a guest that has not run yet go on. ready: it was restored, so its calls count from here; else from its first stop, which is
 * where others were saved. These two fail with FINRIG_ERROR_BROKEN or FINRIG_ERROR_CANCELLED. */
gboolean probe_begin(struct probe *probe, gboolean ready, GError **error);
/* The guest has stopped, or is about to say so: sees to it, and lets it go on. *left: QEMU has left instead, as it does in the end. */
gboolean probe_stopped(struct probe *probe, gboolean *left, GError **error);
/* All records, calls that did not return included. Once, at the end. Caller unrefs. */
GByteArray *probe_take_records(struct probe *probe);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * interrupt - Ctrl-C and its kin cancel what a command is doing
 * in: SIGINT, SIGTERM, SIGHUP; out: a cancelled GCancellable. The first asks for an end, a second one does not wait for it.
 */
#ifndef FINRIG_INTERRUPT_H
#define FINRIG_INTERRUPT_H

#include <gio/gio.h>

struct interrupt;

/* From here to interrupt_stop() the signals cancel; the cancellable must live as long. */
struct interrupt *interrupt_start(GCancellable *cancellable);
void interrupt_stop(struct interrupt *interrupt);

#endif

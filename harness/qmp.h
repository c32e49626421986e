/* SPDX-License-Identifier: GPL-2.0-or-later
 * qmp - QEMU's control channel: commands, events and descriptors over one end of a socket pair
 * Everything blocks, up to the limit given at the start; what comes from the other side is parsed, never believed.
 */
#ifndef FINRIG_QMP_H
#define FINRIG_QMP_H

#include "channel.h"

struct qmp;

/* Takes over socket. limit_us: the longest that any call below waits, by the wall clock. cancellable may be NULL; it must
 * outlive the channel. */
struct qmp *qmp_new(int socket, gint64 limit_us, GCancellable *cancellable);
/* Where QEMU writes what nobody may be reading while one of the calls below waits. */
void qmp_read_aside(struct qmp *qmp, const struct channel_aside *aside);
/* All that follow fail with FINRIG_ERROR_BROKEN (QEMU left, refused, or was silent for too long) or FINRIG_ERROR_CANCELLED. */

/* QEMU's greeting, and ours. First of all. */
gboolean qmp_greet(struct qmp *qmp, GError **error);
/* For poll(): readable when there may be news for qmp_took_event(). */
int qmp_descriptor(const struct qmp *qmp);
/* Whether that event is among those that have come; does not wait. Takes it and all that came before it. */
gboolean qmp_took_event(struct qmp *qmp, const char *event);
/* arguments: a JSON object, or NULL. The answer's content is of no interest here. */
gboolean qmp_command(struct qmp *qmp, const char *command, const char *arguments, GError **error);
/* Gives QEMU a copy of descriptor under that name. */
gboolean qmp_send_descriptor(struct qmp *qmp, const char *name, int descriptor, GError **error);
/* Waits for an event. status: only one with that data.status, or NULL for any; with a status of `failed` it is an error. */
gboolean qmp_wait(struct qmp *qmp, const char *event, const char *status, GError **error);
void qmp_free(struct qmp *qmp);

typedef struct qmp qmp_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(qmp_t, qmp_free)

#endif

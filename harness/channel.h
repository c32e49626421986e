/* SPDX-License-Identifier: GPL-2.0-or-later
 * channel - one end of a socket pair whose other end QEMU has: bytes come in, wait to be understood, and must come in time
 * in: the socket; out: unread bytes. What they mean is for qmp and gdb_remote to say.
 */
#ifndef FINRIG_CHANNEL_H
#define FINRIG_CHANNEL_H

#include <gio/gio.h>

/* What QEMU may be stuck on while it is asked something: a full pipe. take is called when descriptor is readable, until it returns FALSE. */
struct channel_aside {
	int descriptor;            /* -1: none */
	gboolean (*take)(gpointer user);
	gpointer user;
};
#define CHANNEL_ASIDE_NONE { .descriptor = -1 }

struct channel {
	const char *name;          /* in front of each error: "qmp" */
	const char *message;       /* what QEMU sends: "answer" */
	int socket;
	gint64 limit_us;           /* what the owner waits at most, by the wall clock */
	gsize max_bytes;           /* unread at a time; more is a message without end */
	GCancellable *cancellable; /* may be NULL; must outlive it */
	GString *unread;
	gboolean ended;            /* QEMU left: no more will come */
	struct channel_aside aside; /* read while this waits; the owner may set it */
};

/* Takes over socket. */
void channel_init(struct channel *channel, const char *name, const char *message, int socket, gint64 limit_us, gsize max_bytes,
		  GCancellable *cancellable);
void channel_clear(struct channel *channel);
/* Always FALSE, with FINRIG_ERROR_BROKEN set: "NAME: …". */
gboolean channel_failed(const struct channel *channel, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Waits for bytes until until_us (monotonic time) and appends them to unread; there may be none although TRUE is returned.
 * FINRIG_ERROR_BROKEN: QEMU left, was silent, or said too much; FINRIG_ERROR_CANCELLED. */
gboolean channel_read(struct channel *channel, gint64 until_us, GError **error);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * channel - one end of a socket pair whose other end QEMU has: bytes come in, wait to be understood, and must come in time
 */
#include "channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"

void channel_init(struct channel *channel, const char *name, const char *message, int socket, gint64 limit_us, gsize max_bytes,
		  GCancellable *cancellable)
{
	*channel = (struct channel){ name, message, socket, limit_us, max_bytes, cancellable, g_string_new(NULL), FALSE,
				     CHANNEL_ASIDE_NONE };
}

void channel_clear(struct channel *channel)
{
	close(channel->socket);
	g_string_free(channel->unread, TRUE);
}

gboolean channel_failed(const struct channel *channel, GError **error, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list list;

	va_start(list, format);
	text = g_strdup_vprintf(format, list);
	va_end(list);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", channel->name, text);
	return FALSE;
}

/* Waits until there is something to read, the end included. */
static gboolean wait_readable(struct channel *channel, gint64 until_us, GError **error)
{
	for (;;) {
		gint64 left_us = until_us - g_get_monotonic_time();
		GPollFD fds[3] = { { .fd = channel->socket, .events = G_IO_IN | G_IO_HUP },
				   { .fd = channel->aside.descriptor, .events = G_IO_IN | G_IO_HUP } };
		gboolean watched = channel->cancellable && g_cancellable_make_pollfd(channel->cancellable, &fds[2]);
		int ready = g_poll(fds, watched ? 3 : 2, left_us > 0 ? (int)(left_us / 1000) + 1 : 0);

		if (watched)
			g_cancellable_release_fd(channel->cancellable);
		if (g_cancellable_is_cancelled(channel->cancellable)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "%s: interrupted", channel->name);
			return FALSE;
		}
		if (ready > 0 && fds[0].revents)
			return TRUE;
		if (ready > 0 && fds[1].revents && !channel->aside.take(channel->aside.user))
			channel->aside.descriptor = -1;
		if (left_us <= 0)
			return channel_failed(channel, error, "QEMU was silent for %.0f s", (double)channel->limit_us / G_USEC_PER_SEC);
		if (ready < 0 && errno != EINTR && errno != EAGAIN)
			return channel_failed(channel, error, "poll: %s", g_strerror(errno));
	}
}

gboolean channel_read(struct channel *channel, gint64 until_us, GError **error)
{
	char bytes[4096];
	ssize_t length;

	if (!wait_readable(channel, until_us, error))
		return FALSE;
	length = recv(channel->socket, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return TRUE;
	channel->ended = length <= 0;
	if (channel->ended)
		return channel_failed(channel, error, "QEMU left");
	if (channel->unread->len + (gsize)length > channel->max_bytes)
		return channel_failed(channel, error, "QEMU's %s has no end", channel->message);
	g_string_append_len(channel->unread, bytes, length);
	return TRUE;
}

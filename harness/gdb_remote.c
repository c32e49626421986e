/* SPDX-License-Identifier: GPL-2.0-or-later
 * gdb_remote - QEMU's gdb stub, over one end of a socket pair
 * A packet is $DATA#SS, SS the sum of DATA's bytes in hex; whoever gets one answers + before anything else.
 */
#include "gdb_remote.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"

enum { PACKET_MAX_BYTES = 64 * 1024, READ_MAX_BYTES = 256 };

struct gdb_remote {
	int socket;
	gint64 limit_us;
	GCancellable *cancellable;
	GString *unread; /* bytes that came and were not yet a packet */
	gboolean ended;  /* no more will come */
};

struct gdb_remote *gdb_remote_new(int socket, gint64 limit_us, GCancellable *cancellable)
{
	struct gdb_remote *remote = g_new0(struct gdb_remote, 1);

	remote->socket = socket;
	remote->limit_us = limit_us;
	remote->cancellable = cancellable;
	remote->unread = g_string_new(NULL);
	return remote;
}

void gdb_remote_free(struct gdb_remote *remote)
{
	if (!remote)
		return;
	close(remote->socket);
	g_string_free(remote->unread, TRUE);
	g_free(remote);
}

int gdb_remote_descriptor(const struct gdb_remote *remote)
{
	return remote->socket;
}

gboolean gdb_remote_is_here(const struct gdb_remote *remote)
{
	return remote->unread->len > 0;
}

G_GNUC_PRINTF(2, 3)
static gboolean failed(GError **error, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list list;

	va_start(list, format);
	text = g_strdup_vprintf(format, list);
	va_end(list);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "gdb stub: %s", text);
	return FALSE;
}

/* Waits until there is something to read, the end included. */
static gboolean wait_readable(struct gdb_remote *remote, gint64 until_us, GError **error)
{
	for (;;) {
		gint64 left_us = until_us - g_get_monotonic_time();
		GPollFD fds[2] = { { .fd = remote->socket, .events = G_IO_IN | G_IO_HUP } };
		gboolean watched = remote->cancellable && g_cancellable_make_pollfd(remote->cancellable, &fds[1]);
		int ready = g_poll(fds, watched ? 2 : 1, left_us > 0 ? (int)(left_us / 1000) + 1 : 0);

		if (watched)
			g_cancellable_release_fd(remote->cancellable);
		if (g_cancellable_is_cancelled(remote->cancellable)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "gdb stub: interrupted");
			return FALSE;
		}
		if (ready > 0 && fds[0].revents)
			return TRUE;
		if (left_us <= 0)
			return failed(error, "QEMU was silent for %.0f s", (double)remote->limit_us / G_USEC_PER_SEC);
		if (ready < 0 && errno != EINTR && errno != EAGAIN)
			return failed(error, "poll: %s", g_strerror(errno));
	}
}

static gboolean read_more(struct gdb_remote *remote, gint64 until_us, GError **error)
{
	char bytes[4096];
	ssize_t length;

	if (!wait_readable(remote, until_us, error))
		return FALSE;
	length = recv(remote->socket, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return TRUE;
	remote->ended = length <= 0;
	if (remote->ended)
		return failed(error, "QEMU left");
	if (remote->unread->len + length > PACKET_MAX_BYTES)
		return failed(error, "QEMU's packet has no end");
	g_string_append_len(remote->unread, bytes, length);
	return TRUE;
}

static gboolean send_bytes(struct gdb_remote *remote, const char *bytes, gsize length_bytes, GError **error)
{
	/* Packets are far shorter than the socket's buffer: they go whole or not at all. */
	if (send(remote->socket, bytes, length_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length_bytes)
		return TRUE;
	return failed(error, "QEMU takes no packet: %s", g_strerror(errno));
}

static guint8 sum_of(const char *data, gsize length_bytes)
{
	guint8 sum = 0;

	for (gsize i = 0; i < length_bytes; i++)
		sum = (guint8)(sum + (guint8)data[i]);
	return sum;
}

static gboolean send_packet(struct gdb_remote *remote, const char *data, GError **error)
{
	g_autofree char *packet = g_strdup_printf("$%s#%02x", data, sum_of(data, strlen(data)));

	return send_bytes(remote, packet, strlen(packet), error);
}

/* Bytes until and with c are there. */
static gboolean read_until(struct gdb_remote *remote, char c, gsize *length_bytes, gint64 until_us, GError **error)
{
	char *found;

	while (!(found = memchr(remote->unread->str, c, remote->unread->len)))
		if (!read_more(remote, until_us, error))
			return FALSE;
	*length_bytes = (gsize)(found - remote->unread->str) + 1;
	return TRUE;
}

/* QEMU's + for what was sent. Nothing may be said after a packet that lets the guest run: so its + is awaited, not skipped later. */
static gboolean take_acknowledgement(struct gdb_remote *remote, GError **error)
{
	gint64 until_us = g_get_monotonic_time() + remote->limit_us;
	char first;

	while (!remote->unread->len)
		if (!read_more(remote, until_us, error))
			return FALSE;
	first = remote->unread->str[0];
	g_string_erase(remote->unread, 0, 1);
	return first == '+' || failed(error, "expected +, got '%c'", g_ascii_isprint(first) ? first : '?');
}

/* The next packet's data. Caller frees. */
static char *take_packet(struct gdb_remote *remote, GError **error)
{
	gint64 until_us = g_get_monotonic_time() + remote->limit_us;
	gsize begin, end;
	guint8 sum;
	char *data;

	if (!read_until(remote, '$', &begin, until_us, error))
		return NULL;
	g_string_erase(remote->unread, 0, (gssize)begin);
	if (!read_until(remote, '#', &end, until_us, error))
		return NULL;
	while (remote->unread->len < end + 2)
		if (!read_more(remote, until_us, error))
			return NULL;
	sum = (guint8)(g_ascii_xdigit_value(remote->unread->str[end]) << 4 | g_ascii_xdigit_value(remote->unread->str[end + 1]));
	data = g_strndup(remote->unread->str, end - 1);
	g_string_erase(remote->unread, 0, (gssize)end + 2);
	if (sum == sum_of(data, strlen(data)) && send_bytes(remote, "+", 1, error))
		return data;
	if (error && !*error)
		failed(error, "a packet's sum does not match");
	g_free(data);
	return NULL;
}

/* Caller frees the answer. */
static char *ask(struct gdb_remote *remote, const char *question, GError **error)
{
	g_autofree char *answer = NULL;

	if (!send_packet(remote, question, error) || !take_acknowledgement(remote, error) || !(answer = take_packet(remote, error)))
		return NULL;
	if (*answer == 'E' && strlen(answer) == 3) {
		failed(error, "%s: refused (%s)", question, answer);
		return NULL;
	}
	return g_steal_pointer(&answer);
}

static gboolean ask_ok(struct gdb_remote *remote, const char *question, GError **error)
{
	g_autofree char *answer = ask(remote, question, error);

	if (!answer)
		return FALSE;
	return strcmp(answer, "OK") == 0 || failed(error, "%s: answered \"%.20s\" where OK was expected", question, answer);
}

/* Little endian bytes in hex. FALSE if text ends before. */
static gboolean read_hex(const char *text, void *data, gsize length_bytes)
{
	guint8 *byte = data;

	for (gsize i = 0; i < length_bytes; i++) {
		int high = g_ascii_xdigit_value(text[2 * i]), low = high < 0 ? -1 : g_ascii_xdigit_value(text[2 * i + 1]);

		if (low < 0)
			return FALSE;
		byte[i] = (guint8)(high << 4 | low);
	}
	return TRUE;
}

gboolean gdb_remote_open(struct gdb_remote *remote, GError **error)
{
	return ask_ok(remote, "Qqemu.sstep=1", error);
}

/* A stub that leaves says so (W or X) if it still can. */
gboolean gdb_remote_wait_stop(struct gdb_remote *remote, gboolean *left, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *report = take_packet(remote, &why);

	*left = report ? *report == 'W' || *report == 'X' : remote->ended;
	if (*left)
		return TRUE;
	if (!report) {
		g_propagate_error(error, g_steal_pointer(&why));
		return FALSE;
	}
	return *report == 'T' || *report == 'S' || failed(error, "expected a stop's report, got \"%.20s\"", report);
}

gboolean gdb_remote_registers(struct gdb_remote *remote, guint64 registers[GDB_REGISTER_COUNT], GError **error)
{
	g_autofree char *answer = ask(remote, "g", error);

	if (!answer)
		return FALSE;
	if (!read_hex(answer, registers, GDB_REGISTER_COUNT * sizeof(registers[0])))
		return failed(error, "the registers are not those of an x86-64 processor");
	for (gsize i = 0; i < GDB_REGISTER_COUNT; i++)
		registers[i] = GUINT64_FROM_LE(registers[i]);
	return TRUE;
}

gboolean gdb_remote_read(struct gdb_remote *remote, guint64 address, void *data, gsize length_bytes, GError **error)
{
	g_autofree char *question = g_strdup_printf("m%" G_GINT64_MODIFIER "x,%" G_GSIZE_MODIFIER "x", address, MIN(length_bytes, READ_MAX_BYTES));
	g_autofree char *answer = ask(remote, question, error);

	if (!answer)
		return FALSE;
	return read_hex(answer, data, length_bytes) || failed(error, "%s: too little came back", question);
}

gboolean gdb_remote_break(struct gdb_remote *remote, guint64 address, gboolean insert, GError **error)
{
	g_autofree char *question = g_strdup_printf("%c1,%" G_GINT64_MODIFIER "x,1", insert ? 'Z' : 'z', address);

	return ask_ok(remote, question, error);
}

gboolean gdb_remote_step(struct gdb_remote *remote, GError **error)
{
	gboolean left;

	if (!send_packet(remote, "s", error) || !take_acknowledgement(remote, error) || !gdb_remote_wait_stop(remote, &left, error))
		return FALSE;
	return !left || failed(error, "QEMU left");
}

gboolean gdb_remote_go_on(struct gdb_remote *remote, GError **error)
{
	return send_packet(remote, "c", error) && take_acknowledgement(remote, error);
}

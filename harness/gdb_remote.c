/* SPDX-License-Identifier: GPL-2.0-or-later
 * gdb_remote - QEMU's gdb stub, over one end of a socket pair
 * A packet is $DATA#SS, SS the sum of DATA's bytes in hex; whoever gets one answers + before anything else.
 */
#include "gdb_remote.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "channel.h"

enum { PACKET_MAX_BYTES = 64 * 1024, READ_MAX_BYTES = 256 };

struct gdb_remote {
	struct channel channel;
};

struct gdb_remote *gdb_remote_new(int socket, gint64 limit_us, GCancellable *cancellable)
{
	struct gdb_remote *remote = g_new0(struct gdb_remote, 1);

	channel_init(&remote->channel, "gdb stub", "packet", socket, limit_us, PACKET_MAX_BYTES, cancellable);
	return remote;
}

void gdb_remote_free(struct gdb_remote *remote)
{
	if (!remote)
		return;
	channel_clear(&remote->channel);
	g_free(remote);
}

int gdb_remote_descriptor(const struct gdb_remote *remote)
{
	return remote->channel.socket;
}

gboolean gdb_remote_is_here(const struct gdb_remote *remote)
{
	return remote->channel.unread->len > 0;
}

static gboolean send_bytes(struct gdb_remote *remote, const char *bytes, gsize length_bytes, GError **error)
{
	/* Packets are far shorter than the socket's buffer: they go whole or not at all. */
	if (send(remote->channel.socket, bytes, length_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length_bytes)
		return TRUE;
	return channel_failed(&remote->channel, error, "QEMU takes no packet: %s", g_strerror(errno));
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

	while (!(found = memchr(remote->channel.unread->str, c, remote->channel.unread->len)))
		if (!channel_read(&remote->channel, until_us, error))
			return FALSE;
	*length_bytes = (gsize)(found - remote->channel.unread->str) + 1;
	return TRUE;
}

/* QEMU's + for what was sent. Nothing may be said after a packet that lets the guest run: so its + is awaited, not skipped later. */
static gboolean take_acknowledgement(struct gdb_remote *remote, GError **error)
{
	gint64 until_us = g_get_monotonic_time() + remote->channel.limit_us;
	char first;

	while (!remote->channel.unread->len)
		if (!channel_read(&remote->channel, until_us, error))
			return FALSE;
	first = remote->channel.unread->str[0];
	g_string_erase(remote->channel.unread, 0, 1);
	return first == '+' || channel_failed(&remote->channel, error, "expected +, got '%c'", g_ascii_isprint(first) ? first : '?');
}

/* The next packet's data. Caller frees. */
static char *take_packet(struct gdb_remote *remote, GError **error)
{
	gint64 until_us = g_get_monotonic_time() + remote->channel.limit_us;
	gsize begin, end;
	guint8 sum;
	char *data;

	if (!read_until(remote, '$', &begin, until_us, error))
		return NULL;
	g_string_erase(remote->channel.unread, 0, (gssize)begin);
	if (!read_until(remote, '#', &end, until_us, error))
		return NULL;
	while (remote->channel.unread->len < end + 2)
		if (!channel_read(&remote->channel, until_us, error))
			return NULL;
	sum = (guint8)(g_ascii_xdigit_value(remote->channel.unread->str[end]) << 4 | g_ascii_xdigit_value(remote->channel.unread->str[end + 1]));
	data = g_strndup(remote->channel.unread->str, end - 1);
	g_string_erase(remote->channel.unread, 0, (gssize)end + 2);
	if (sum == sum_of(data, strlen(data)) && send_bytes(remote, "+", 1, error))
		return data;
	if (error && !*error)
		channel_failed(&remote->channel, error, "a packet's sum does not match");
	g_free(data);
	return NULL;
}

/* Caller frees the answer, which may be a refusal. */
static char *ask_any(struct gdb_remote *remote, const char *question, GError **error)
{
	return send_packet(remote, question, error) && take_acknowledgement(remote, error) ? take_packet(remote, error) : NULL;
}

static gboolean is_refusal(const char *answer)
{
	return *answer == 'E' && strlen(answer) == 3;
}

/* Caller frees the answer. */
static char *ask(struct gdb_remote *remote, const char *question, GError **error)
{
	g_autofree char *answer = ask_any(remote, question, error);

	if (!answer)
		return NULL;
	if (is_refusal(answer)) {
		channel_failed(&remote->channel, error, "%s: refused (%s)", question, answer);
		return NULL;
	}
	return g_steal_pointer(&answer);
}

static gboolean ask_ok(struct gdb_remote *remote, const char *question, GError **error)
{
	g_autofree char *answer = ask(remote, question, error);

	if (!answer)
		return FALSE;
	return strcmp(answer, "OK") == 0 || channel_failed(&remote->channel, error, "%s: answered \"%.20s\" where OK was expected", question, answer);
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

	*left = report ? *report == 'W' || *report == 'X' : remote->channel.ended;
	if (*left)
		return TRUE;
	if (!report) {
		g_propagate_error(error, g_steal_pointer(&why));
		return FALSE;
	}
	return *report == 'T' || *report == 'S' || channel_failed(&remote->channel, error, "expected a stop's report, got \"%.20s\"", report);
}

gboolean gdb_remote_registers(struct gdb_remote *remote, guint64 registers[GDB_REGISTER_COUNT], GError **error)
{
	g_autofree char *answer = ask(remote, "g", error);

	if (!answer)
		return FALSE;
	if (!read_hex(answer, registers, GDB_REGISTER_COUNT * sizeof(registers[0])))
		return channel_failed(&remote->channel, error, "the registers are not those of an x86-64 processor");
	for (gsize i = 0; i < GDB_REGISTER_COUNT; i++)
		registers[i] = GUINT64_FROM_LE(registers[i]);
	return TRUE;
}

gboolean gdb_remote_try_read(struct gdb_remote *remote, guint64 address, void *data, gsize length_bytes, gboolean *there, GError **error)
{
	g_autofree char *question = g_strdup_printf("m%" G_GINT64_MODIFIER "x,%" G_GSIZE_MODIFIER "x", address, MIN(length_bytes, READ_MAX_BYTES));
	g_autofree char *answer = ask_any(remote, question, error);

	if (!answer)
		return FALSE;
	*there = !is_refusal(answer);
	return !*there || read_hex(answer, data, length_bytes) || channel_failed(&remote->channel, error, "%s: too little came back", question);
}

gboolean gdb_remote_read(struct gdb_remote *remote, guint64 address, void *data, gsize length_bytes, GError **error)
{
	gboolean there;

	return gdb_remote_try_read(remote, address, data, length_bytes, &there, error) &&
	       (there || channel_failed(&remote->channel, error, "no memory at %" G_GINT64_MODIFIER "x", address));
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
	return !left || channel_failed(&remote->channel, error, "QEMU left");
}

gboolean gdb_remote_go_on(struct gdb_remote *remote, GError **error)
{
	return send_packet(remote, "c", error) && take_acknowledgement(remote, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_gdb_remote - the gdb stub's client against the other end of its socket: packets, sums, and an end that misbehaves
 */
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "gdb_remote.h"

static int other_end;

/* All that the stub will ever say, said before it is asked: what counts is the order. */
static struct gdb_remote *channel(const char *text, gint64 limit_us, GCancellable *cancellable)
{
	int ends[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	other_end = ends[1];
	g_assert_cmpint(write(other_end, text, strlen(text)), ==, (ssize_t)strlen(text));
	return gdb_remote_new(ends[0], limit_us, cancellable);
}

/* Frees the channel and compares all that was said to the stub; NULL: it does not matter. */
static void close_channel(struct gdb_remote *remote, const char *said)
{
	char sent[4096] = "";

	gdb_remote_free(remote);
	if (said) {
		g_assert_cmpint(read(other_end, sent, sizeof(sent) - 1), >=, 0);
		g_assert_cmpstr(sent, ==, said);
	}
	close(other_end);
}

/* $text#sum */
static char *packet(const char *text)
{
	guint sum = 0;

	for (const char *at = text; *at; at++)
		sum += (guint8)*at;
	return g_strdup_printf("$%s#%02x", text, sum & 0xff);
}

static void test_packets(void)
{
	struct gdb_remote *remote = channel("+$OK#9a+$OK#9a+$OK#9a+", G_USEC_PER_SEC, NULL);

	g_assert_true(gdb_remote_open(remote, NULL));
	g_assert_true(gdb_remote_break(remote, G_GUINT64_CONSTANT(0xffffffff818736f0), TRUE, NULL));
	g_assert_true(gdb_remote_break(remote, 0x10, FALSE, NULL));
	g_assert_true(gdb_remote_go_on(remote, NULL));
	close_channel(remote, "$Qqemu.sstep=1#d4+$Z1,ffffffff818736f0,1#1b+$z1,10,1#95+$c#63");
}

static void test_registers(void)
{
	g_autoptr(GString) hex = g_string_new(NULL);
	g_autofree char *answer = NULL, *text = NULL;
	guint64 registers[GDB_REGISTER_COUNT];
	struct gdb_remote *remote;

	for (guint i = 0; i < GDB_REGISTER_COUNT; i++)
		g_string_append_printf(hex, "%02x000000000000ff", i);
	g_string_append(hex, "46000000"); /* flags and more follow, of no interest */
	answer = packet(hex->str);
	text = g_strconcat("+", answer, NULL);
	remote = channel(text, G_USEC_PER_SEC, NULL);
	g_assert_true(gdb_remote_registers(remote, registers, NULL));
	g_assert_cmphex(registers[GDB_RAX], ==, G_GUINT64_CONSTANT(0xff00000000000000));
	g_assert_cmphex(registers[GDB_RSP], ==, G_GUINT64_CONSTANT(0xff00000000000007));
	g_assert_cmphex(registers[GDB_RIP], ==, G_GUINT64_CONSTANT(0xff00000000000010));
	close_channel(remote, "$g#67+");
}

static void test_memory(void)
{
	struct gdb_remote *remote = channel("+$0102F3ff#08", G_USEC_PER_SEC, NULL);
	guint8 bytes[4] = { 0 };

	g_assert_true(gdb_remote_read(remote, G_GUINT64_CONSTANT(0xffff888000001000), bytes, sizeof(bytes), NULL));
	g_assert_cmpmem(bytes, 4, "\x01\x02\xf3\xff", 4);
	close_channel(remote, "$mffff888000001000,4#be+");
}

/* What is not there is no error here, and a stub that leaves is one. */
static void test_no_memory(void)
{
	struct gdb_remote *remote = channel("+$E14#aa+$0102#c3", G_USEC_PER_SEC, NULL);
	guint8 bytes[2] = { 7, 7 };
	gboolean there = TRUE;

	g_assert_true(gdb_remote_try_read(remote, 0x1000, bytes, sizeof(bytes), &there, NULL));
	g_assert_false(there);
	g_assert_cmpmem(bytes, 2, "\7\7", 2);
	g_assert_true(gdb_remote_try_read(remote, 0x1000, bytes, sizeof(bytes), &there, NULL));
	g_assert_true(there);
	g_assert_cmpmem(bytes, 2, "\1\2", 2);
	shutdown(other_end, SHUT_RDWR);
	g_assert_false(gdb_remote_try_read(remote, 0x1000, bytes, sizeof(bytes), &there, NULL));
	close_channel(remote, NULL);
}

static void test_stops(void)
{
	struct gdb_remote *remote = channel("$T02thread:01;#04+$T05thread:01;#07$W00#b7", G_USEC_PER_SEC, NULL);
	gboolean left = TRUE;

	g_assert_true(gdb_remote_wait_stop(remote, &left, NULL));
	g_assert_false(left);
	g_assert_true(gdb_remote_step(remote, NULL));
	g_assert_true(gdb_remote_wait_stop(remote, &left, NULL));
	g_assert_true(left);
	close_channel(remote, "+$s#73++");
}

/* A stop that came along with an answer leaves nothing to poll for. */
static void test_is_here(void)
{
	struct gdb_remote *remote = channel("+$T02thread:01;#04", G_USEC_PER_SEC, NULL);
	gboolean left;

	g_assert_false(gdb_remote_is_here(remote));
	g_assert_true(gdb_remote_go_on(remote, NULL));
	g_assert_true(gdb_remote_is_here(remote));
	g_assert_true(gdb_remote_wait_stop(remote, &left, NULL));
	g_assert_false(gdb_remote_is_here(remote));
	close_channel(remote, "$c#63+");
}

static void test_end(void)
{
	struct gdb_remote *remote = channel("", G_USEC_PER_SEC, NULL);
	gboolean left = FALSE;

	shutdown(other_end, SHUT_WR);
	g_assert_true(gdb_remote_wait_stop(remote, &left, NULL));
	g_assert_true(left);
	close_channel(remote, "");
}

static gboolean call_open(struct gdb_remote *remote, GError **error)
{
	return gdb_remote_open(remote, error);
}

static gboolean call_wait(struct gdb_remote *remote, GError **error)
{
	gboolean left;

	return gdb_remote_wait_stop(remote, &left, error);
}

static gboolean call_step(struct gdb_remote *remote, GError **error)
{
	return gdb_remote_step(remote, error);
}

static gboolean call_registers(struct gdb_remote *remote, GError **error)
{
	guint64 registers[GDB_REGISTER_COUNT];

	return gdb_remote_registers(remote, registers, error);
}

static gboolean call_read(struct gdb_remote *remote, GError **error)
{
	guint64 value;

	return gdb_remote_read(remote, 0x1000, &value, sizeof(value), error);
}

static void test_misbehaving(void)
{
	static const struct {
		const char *text;
		gboolean (*call)(struct gdb_remote *remote, GError **error);
		const char *message;
	} cases[] = {
		{ "+$#00", call_open, "gdb stub: Qqemu.sstep=1: answered \"\" where OK was expected" },
		{ "+$E22#a9", call_open, "gdb stub: Qqemu.sstep=1: refused (E22)" },
		{ "+$OK#9b", call_open, "gdb stub: a packet's sum does not match" },
		{ "+$OK#zz", call_open, "gdb stub: a packet's sum does not match" },
		{ "-", call_open, "gdb stub: expected +, got '-'" },
		{ "\001", call_open, "gdb stub: expected +, got '?'" },
		{ "+$OK", call_open, "gdb stub: QEMU was silent for 0 s" },
		{ "$OK#9a", call_wait, "gdb stub: expected a stop's report, got \"OK\"" },
		{ "+$W00#b7", call_step, "gdb stub: QEMU left" },
		{ "+$0102#c3", call_registers, "gdb stub: the registers are not those of an x86-64 processor" },
		{ "+$E14#aa", call_read, "gdb stub: no memory at 1000" },
		{ "+$01020#f3", call_read, "gdb stub: m1000,8: too little came back" },
		{ "+$010203040506070g#53", call_read, "gdb stub: m1000,8: too little came back" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gdb_remote *remote = channel(cases[i].text, 50000, NULL);
		g_autoptr(GError) error = NULL;

		g_assert_false(cases[i].call(remote, &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
		g_assert_cmpstr(error->message, ==, cases[i].message);
		close_channel(remote, NULL);
	}
}

static void test_endless(void)
{
	g_autofree char *text = g_strnfill(70000, 'a');
	struct gdb_remote *remote;
	g_autoptr(GError) error = NULL;

	text[0] = '$';
	remote = channel(text, G_USEC_PER_SEC, NULL);
	g_assert_false(call_wait(remote, &error));
	g_assert_cmpstr(error->message, ==, "gdb stub: QEMU's packet has no end");
	close_channel(remote, NULL);
}

static void test_cancelled(void)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct gdb_remote *remote = channel("", 100 * G_USEC_PER_SEC, cancellable);
	g_autoptr(GError) error = NULL;

	g_cancellable_cancel(cancellable);
	g_assert_false(call_wait(remote, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED);
	close_channel(remote, NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/gdb_remote/packets", test_packets);
	g_test_add_func("/gdb_remote/registers", test_registers);
	g_test_add_func("/gdb_remote/memory", test_memory);
	g_test_add_func("/gdb_remote/no-memory", test_no_memory);
	g_test_add_func("/gdb_remote/stops", test_stops);
	g_test_add_func("/gdb_remote/is-here", test_is_here);
	g_test_add_func("/gdb_remote/end", test_end);
	g_test_add_func("/gdb_remote/misbehaving", test_misbehaving);
	g_test_add_func("/gdb_remote/endless", test_endless);
	g_test_add_func("/gdb_remote/cancelled", test_cancelled);
	return g_test_run();
}

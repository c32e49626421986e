/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_probe - the session at stops that a scripted stub reports
 */
#include <glib.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "event.h"
#include "probe.h"
#include "probe_fixture.h"
#include "stream.h"

/* The stub's side, written before it is asked. */
static GString *script;

static void say(const char *text)
{
	guint sum = 0;

	for (const char *at = text; *at; at++)
		sum += (guint8)*at;
	g_string_append_printf(script, "+$%s#%02x", text, sum & 0xff);
}

static void say_report(const char *text)
{
	gsize before = script->len;

	say(text);
	g_string_erase(script, (gssize)before, 1); /* nobody asked: nothing to acknowledge */
}

static guint64 rdi;

static void say_registers(guint64 rip, guint64 rsp, guint64 rax)
{
	g_autoptr(GString) hex = g_string_new(NULL);

	for (guint i = 0; i < GDB_REGISTER_COUNT; i++) {
		guint64 value = i == GDB_RIP ? rip : i == GDB_RSP ? rsp : i == GDB_RAX ? rax : i == GDB_RDI ? rdi : 0;

		for (guint byte = 0; byte < 8; byte++)
			g_string_append_printf(hex, "%02x", (guint)(value >> (8 * byte) & 0xff));
	}
	say(hex->str);
}

static int clock_ends[2];

static void stop_at(guint64 now_ns, guint64 rip, guint64 rsp, guint64 rax)
{
	g_assert_cmpint(write(clock_ends[1], &now_ns, sizeof(now_ns)), ==, (ssize_t)sizeof(now_ns));
	say_report("T02thread:01;");
	say_registers(rip, rsp, rax);
}

/* Past the instruction, whose clock is of no interest, and on. */
static void step_on(void)
{
	guint64 now_ns = 0;

	g_assert_cmpint(write(clock_ends[1], &now_ns, sizeof(now_ns)), ==, (ssize_t)sizeof(now_ns));
	g_string_append_c(script, '+');
	say_report("T02thread:01;");
	g_string_append_c(script, '+'); /* to c */
}

enum { STACK = 0x4000 };
static const guint64 skb = G_GUINT64_CONSTANT(0xffffffff81000200), timer = G_GUINT64_CONSTANT(0xffffffff81000405);

static void enter_at(guint64 now_ns)
{
	stop_at(now_ns, skb, STACK, 0);
	say("05040081ffffffff"); /* the return address on the stack */
}

/* The events of a probed guest whose processor's counter runs 1:1 with its clock, 5 s ahead of script time. */
static GString *events_of(const struct probe_plan *plan, guint stops)
{
	struct stream stream;
	struct probe *probe;
	struct gdb_remote *gdb;
	g_autoptr(GByteArray) records = NULL;
	GString *lines;
	int ends[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	g_assert_cmpint(write(ends[1], script->str, script->len), ==, (gssize)script->len);
	gdb = gdb_remote_new(ends[0], G_USEC_PER_SEC, NULL);
	probe = probe_new(plan, gdb, clock_ends[0]);
	g_assert_true(probe_begin(probe, TRUE, NULL));
	while (stops--) {
		gboolean left;

		g_assert_true(probe_stopped(probe, &left, NULL));
		g_assert_false(left);
	}
	records = probe_take_records(probe);
	stream_open(&stream, "6.1.0");
	record_begin(&stream_record, RECORD_HEARTBEAT, stream_clock_ns(1));
	record_uint(&stream_record, FIELD_TSC, stream_clock_ns(1));
	stream_add(&stream);
	lines = event_lines(&(struct event_bytes){ stream.bytes->data, stream.bytes->len }, &(struct event_bytes){ records->data, records->len });
	g_byte_array_unref(stream.bytes);
	probe_free(probe);
	gdb_remote_free(gdb);
	close(ends[1]);
	return lines;
}

static void begin_script(guint breakpoints)
{
	script = g_string_new(NULL);
	g_assert_cmpint(pipe(clock_ends), ==, 0);
	g_unix_set_fd_nonblocking(clock_ends[0], TRUE, NULL);
	say("OK"); /* to Qqemu.sstep=1 */
	while (breakpoints--)
		say("OK");
	g_string_append_c(script, '+'); /* to c */
}

static void end_script(void)
{
	g_string_free(script, TRUE);
	close(clock_ends[0]);
	close(clock_ends[1]);
}

static struct probe_plan *plan_of(const char *function)
{
	char *functions[] = { (char *)function, NULL };

	return probe_plan_new(functions, symbol_map_new(map_text), NULL);
}

/* One call that returns -11 in half a register; before, an interrupt brings the guest to its first instruction twice. */
static void test_call(void)
{
	g_autoptr(probe_plan_t) plan = plan_of("tcp_retransmit_skb");
	g_autoptr(GString) lines = NULL;

	begin_script(1);
	enter_at(stream_clock_ns(2));
	say("OK"); /* to the breakpoint where it returns to */
	step_on();
	enter_at(stream_clock_ns(2.5));
	step_on();
	stop_at(stream_clock_ns(3), timer, STACK + 8, 0xfffffff5);
	say("OK"); /* which is taken away */
	step_on();
	lines = events_of(plan, 3);
	g_assert_nonnull(strstr(lines->str, "\"type\": \"probe\", \"function\": \"tcp_retransmit_skb\", \"address\": \"ffffffff81000200\"}"));
	g_assert_nonnull(strstr(lines->str, "{\"t_ns\": 2000000000, \"type\": \"call\", \"function\": \"tcp_retransmit_skb\", \"caller\": \"tcp_retransmit_timer+0x5\", "
						"\"depth\": 0, \"duration_ns\": 1000000000, \"result\": -11, \"errno\": \"EAGAIN\"}\n"));
	g_assert_null(strstr(lines->str, "2500000000"));
	end_script();
}

/* What debug info would tell of tcp_retransmit_skb(sk, segs, …, when), whose last argument lies on the stack. */
static struct probe_plan *plan_with_arguments(void)
{
	static struct debug_argument told[] = {
		{ .name = (char *)"sk", .points_to = (char *)"sock", .kind = DEBUG_POINTER, .bytes = 8, .place = DEBUG_IN_REGISTER, .where = GDB_RDI },
		{ .name = (char *)"segs", .kind = DEBUG_SIGNED, .bytes = 4, .place = DEBUG_IN_REGISTER, .where = GDB_RSI },
		{ .name = (char *)"key", .kind = DEBUG_OTHER, .bytes = 16, .place = DEBUG_IN_REGISTER, .where = GDB_RDX },
		{ .name = (char *)"gone", .kind = DEBUG_SIGNED, .bytes = 4, .place = DEBUG_NOWHERE },
		{ .name = (char *)"when", .kind = DEBUG_SIGNED, .bytes = 2, .place = DEBUG_ON_STACK, .stack_bytes = 8 },
	};
	struct probe_plan *plan = plan_of("tcp_retransmit_skb");
	struct probe_target *target = plan->targets->pdata[0];
	GPtrArray *arguments = g_ptr_array_new();

	for (gsize i = 0; i < G_N_ELEMENTS(told); i++)
		g_ptr_array_add(arguments, &told[i]);
	g_array_index(target->entries, struct probe_entry, 0).arguments = arguments;
	plan->sock[PROBE_WMEM_ALLOC] = (struct probe_place){ 0x100, 4 };
	plan->sock[PROBE_WMEM_QUEUED] = (struct probe_place){ 0x104, 4 };
	plan->sock[PROBE_STATE] = (struct probe_place){ 0x12, 1 };
	return plan;
}

static void test_arguments(void)
{
	g_autoptr(probe_plan_t) plan = plan_with_arguments();
	g_autoptr(GString) lines = NULL;

	begin_script(1);
	rdi = G_GUINT64_CONSTANT(0xffff888003a51180);
	enter_at(stream_clock_ns(2));
	say("eb0d0000"); /* sk_wmem_alloc, with the one that the socket holds */
	say("00050000");
	say("0b");
	say("feffffffffffffff"); /* when */
	say("OK");
	step_on();
	lines = events_of(plan, 1);
	g_assert_nonnull(strstr(lines->str, "\"arguments\": \"sk=0xffff888003a51180, segs=0, key=?, gone=?, when=-2\", "
						"\"state\": \"CLOSING\", \"tmem\": 3562, \"wmem\": 1280}\n"));
	end_script();
}

/* A pointer to nowhere, and one that no kernel has: no reason to give up. */
static void test_bad_pointer(void)
{
	g_autoptr(probe_plan_t) plan = plan_with_arguments();
	g_autoptr(GString) lines = NULL;

	begin_script(1);
	rdi = G_GUINT64_CONSTANT(0xdead000000000100);
	enter_at(stream_clock_ns(2));
	say("E14");
	say("E14");
	say("E14");
	say("E14"); /* when */
	say("OK");
	step_on();
	lines = events_of(plan, 1);
	g_assert_nonnull(strstr(lines->str, "\"arguments\": \"sk=0xdead000000000100, segs=0, key=?, gone=?, when=?\"}\n"));
	end_script();
	begin_script(1);
	rdi = 0;
	enter_at(stream_clock_ns(2));
	say("0500000000000000");
	say("OK");
	step_on();
	g_string_free(lines, TRUE);
	lines = events_of(plan, 1);
	g_assert_nonnull(strstr(lines->str, "\"arguments\": \"sk=0x0, segs=0, key=?, gone=?, when=5\"}\n"));
	end_script();
}

static guint count_of(const char *text, const char *part)
{
	guint count = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		count++;
	}
	return count;
}

/* A function that goes over into its own rest, which then is called by its beginning in another function: two calls, each once. */
static void test_rest(void)
{
	g_autoptr(probe_plan_t) plan = plan_of("tcp_write");
	g_autoptr(GString) lines = NULL;
	const guint64 whole = G_GUINT64_CONSTANT(0xffffffff81000500), rest = G_GUINT64_CONSTANT(0xffffffff81000580);

	begin_script(2);
	stop_at(stream_clock_ns(2), whole, STACK, 0);
	say("05040081ffffffff");
	say("OK");
	step_on();
	stop_at(stream_clock_ns(2), rest, STACK, 0); /* by a jump */
	say("05040081ffffffff");
	step_on();
	stop_at(stream_clock_ns(2), rest, STACK - 16, 0); /* by a call in the function itself */
	say("10050081ffffffff");
	step_on();
	stop_at(stream_clock_ns(3), timer, STACK + 8, 0);
	say("OK");
	step_on();
	stop_at(stream_clock_ns(4), rest, STACK, 0);
	say("05040081ffffffff");
	say("OK");
	step_on();
	stop_at(stream_clock_ns(5), timer, STACK + 8, 0xfffffff0);
	say("OK");
	step_on();
	lines = events_of(plan, 6);
	g_assert_nonnull(strstr(lines->str, "{\"t_ns\": 2000000000, \"type\": \"call\", \"function\": \"tcp_write\", "
						"\"caller\": \"tcp_retransmit_timer+0x5\", \"depth\": 0, \"duration_ns\": 1000000000, \"result\": 0}\n"));
	g_assert_nonnull(strstr(lines->str, "{\"t_ns\": 4000000000, \"type\": \"call\", \"function\": \"tcp_write\", \"entry\": \"tcp_write.part.0\", "
						"\"caller\": \"tcp_retransmit_timer+0x5\", \"depth\": 0, \"duration_ns\": 1000000000, \"result\": -16, "
						"\"errno\": \"EBUSY\"}\n"));
	g_assert_cmpuint(count_of(lines->str, "\"type\": \"call\""), ==, 2);
	end_script();
}

/* The same address is returned to, but not on the stack that waits; and what never returns has no result. */
static void test_other_stack(void)
{
	g_autoptr(probe_plan_t) plan = plan_of("tcp_retransmit_skb");
	g_autoptr(GString) lines = NULL;

	begin_script(1);
	enter_at(stream_clock_ns(2));
	say("OK");
	step_on();
	stop_at(stream_clock_ns(3), timer, STACK + 0x1008, 0);
	step_on();
	lines = events_of(plan, 2);
	g_assert_nonnull(strstr(lines->str, "\"t_ns\": 2000000000, \"type\": \"call\", \"function\": \"tcp_retransmit_skb\", "
						"\"caller\": \"tcp_retransmit_timer+0x5\", \"depth\": 0}\n"));
	end_script();
}

/* What was found nowhere is told, and needs no stub. */
static void test_absent(void)
{
	g_autoptr(probe_plan_t) plan = plan_of("tcp_sent");
	struct probe *probe = probe_new(plan, NULL, -1);
	g_autoptr(GByteArray) records = probe_take_records(probe);
	struct stream stream;
	g_autoptr(GString) lines = NULL;

	stream_open(&stream, "6.1.0");
	record_begin(&stream_record, RECORD_HEARTBEAT, stream_clock_ns(1));
	record_uint(&stream_record, FIELD_TSC, 1);
	stream_add(&stream);
	lines = event_lines(&(struct event_bytes){ stream.bytes->data, stream.bytes->len }, &(struct event_bytes){ records->data, records->len });
	g_assert_nonnull(strstr(lines->str, "\"type\": \"probe\", \"function\": \"tcp_sent\", \"text\": \"no function of this kernel"));
	g_byte_array_unref(stream.bytes);
	probe_free(probe);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/probe/call", test_call);
	g_test_add_func("/probe/arguments", test_arguments);
	g_test_add_func("/probe/bad-pointer", test_bad_pointer);
	g_test_add_func("/probe/rest", test_rest);
	g_test_add_func("/probe/other-stack", test_other_stack);
	g_test_add_func("/probe/absent", test_absent);
	return g_test_run();
}

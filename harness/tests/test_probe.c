/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_probe - symbols, plans, and the session at stops that a scripted stub reports
 */
#include <glib.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "event.h"
#include "probe.h"
#include "stream.h"

static const char *const map_text =
	"ffffffff81000000 T _text\n"
	"ffffffff81000100 t helper\n"
	"ffffffff81000200 D tcp_memory\n"
	"ffffffff81000200 T tcp_retransmit_skb\n"
	"ffffffff81000300 t tcp_send.part.0\n"
	"not a line\n"
	"ffffffff81000400 T tcp_retransmit_timer\n"
	"ffffffffc0000000 t helper\t[tun]\n"
	"ffffffffc0000040 t tun_net_xmit\t[tun]\n";

static void test_map(void)
{
	g_autoptr(symbol_map_t) map = symbol_map_new(map_text);
	static const struct { guint64 address; const char *name; } names[] = {
		{ G_GUINT64_CONSTANT(0xffffffff81000200), "tcp_retransmit_skb+0x0" },
		{ G_GUINT64_CONSTANT(0xffffffff810003ff), "tcp_send.part.0+0xff" },
		{ G_GUINT64_CONSTANT(0xffffffffc0000044), "tun_net_xmit+0x4" },
		{ 0x1000, "1000" },
	};
	guint64 address;

	g_assert_cmpuint(symbol_map_count(map), ==, 7);
	g_assert_true(symbol_map_find(map, "helper", &address));
	g_assert_cmphex(address, ==, G_GUINT64_CONSTANT(0xffffffff81000100));
	g_assert_false(symbol_map_find(map, "tcp_memory", &address));
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *name = symbol_map_name(map, names[i].address);

		g_assert_cmpstr(name, ==, names[i].name);
	}
}

static void expect_near(const struct symbol_map *map, const char *name, const char *near)
{
	g_autofree char *found = symbol_map_near(map, name);

	g_assert_cmpstr(found, ==, near);
}

static void test_near(void)
{
	g_autoptr(symbol_map_t) map = symbol_map_new(map_text);

	expect_near(map, "tcp_retransmit_sbk", "tcp_retransmit_skb");
	expect_near(map, "retransmit", "tcp_retransmit_skb or tcp_retransmit_timer");
	expect_near(map, "tcp_send", "tcp_send.part.0");
	expect_near(map, "schedule_hrtimeout", NULL);
}

static void test_plan(void)
{
	char *functions[] = { (char *)"tun_net_xmit", (char *)"tcp_send", (char *)"tun_net_xmit", NULL };
	g_autoptr(probe_plan_t) plan = probe_plan_new(functions, symbol_map_new(map_text), NULL);
	g_autoptr(GPtrArray) plans = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	const struct probe_target *target;

	g_assert_cmpuint(plan->targets->len, ==, 2);
	g_assert_cmpuint(plan->found, ==, 1);
	target = plan->targets->pdata[1];
	g_assert_cmpstr(target->absent, ==, "no function of this kernel is called so, or it was inlined; there is tcp_send.part.0");
	g_assert_true(probe_plan_check(plans, NULL));
	g_ptr_array_add(plans, plan);
	g_assert_false(probe_plan_check(plans, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_cmpstr(error->message, ==, "--probe tcp_send: no function of this kernel is called so, or it was inlined; there is tcp_send.part.0");
}

/* One that has it is enough; one without symbols says why. */
static void test_plans(void)
{
	char *functions[] = { (char *)"tcp_retransmit_skb", NULL };
	g_autoptr(GError) why = g_error_new_literal(FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "no map"), error = NULL;
	g_autoptr(probe_plan_t) none = probe_plan_new(functions, NULL, why), some = probe_plan_new(functions, symbol_map_new(map_text), NULL);
	g_autoptr(GPtrArray) plans = g_ptr_array_new();

	g_ptr_array_add(plans, none);
	g_assert_false(probe_plan_check(plans, &error));
	g_assert_cmpstr(error->message, ==, "--probe tcp_retransmit_skb: no map");
	g_ptr_array_add(plans, some);
	g_assert_true(probe_plan_check(plans, NULL));
}

/* What the guest sends: each line's address counts from the one before. */
static void test_symbols_of_records(void)
{
	struct stream stream;
	g_autoptr(GString) text = NULL;

	stream_open(&stream, "6.1.0");
	record_begin(&stream_record, RECORD_SYMBOLS, 1);
	record_text(&stream_record, FIELD_TEXT, "ffffffff81000000 _text\n100 helper\n");
	stream_add(&stream);
	record_begin(&stream_record, RECORD_SYMBOLS, 2);
	record_text(&stream_record, FIELD_TEXT, "3effff00 in_module\nffffffffc1000000 lower\nno line\n");
	stream_add(&stream);
	text = symbols_of_records(stream.bytes->data, stream.bytes->len);
	g_assert_cmpstr(text->str, ==, "ffffffff81000000 T _text\nffffffff81000100 T helper\nffffffffc0000000 T in_module\nffffffff81000000 T lower\n");
	g_byte_array_unref(stream.bytes);
}

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

static void say_registers(guint64 rip, guint64 rsp, guint64 rax)
{
	g_autoptr(GString) hex = g_string_new(NULL);

	for (guint i = 0; i < GDB_REGISTER_COUNT; i++) {
		guint64 value = i == GDB_RIP ? rip : i == GDB_RSP ? rsp : i == GDB_RAX ? rax : 0;

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

static void begin_script(void)
{
	script = g_string_new(NULL);
	g_assert_cmpint(pipe(clock_ends), ==, 0);
	g_unix_set_fd_nonblocking(clock_ends[0], TRUE, NULL);
	say("OK"); /* to Qqemu.sstep=1 */
	say("OK"); /* to the breakpoint */
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

	begin_script();
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

/* The same address is returned to, but not on the stack that waits; and what never returns has no result. */
static void test_other_stack(void)
{
	g_autoptr(probe_plan_t) plan = plan_of("tcp_retransmit_skb");
	g_autoptr(GString) lines = NULL;

	begin_script();
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
	g_autoptr(probe_plan_t) plan = plan_of("tcp_send");
	struct probe *probe = probe_new(plan, NULL, -1);
	g_autoptr(GByteArray) records = probe_take_records(probe);
	struct stream stream;
	g_autoptr(GString) lines = NULL;

	stream_open(&stream, "6.1.0");
	record_begin(&stream_record, RECORD_HEARTBEAT, stream_clock_ns(1));
	record_uint(&stream_record, FIELD_TSC, 1);
	stream_add(&stream);
	lines = event_lines(&(struct event_bytes){ stream.bytes->data, stream.bytes->len }, &(struct event_bytes){ records->data, records->len });
	g_assert_nonnull(strstr(lines->str, "\"type\": \"probe\", \"function\": \"tcp_send\", \"text\": \"no function of this kernel"));
	g_byte_array_unref(stream.bytes);
	probe_free(probe);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/probe/map", test_map);
	g_test_add_func("/probe/near", test_near);
	g_test_add_func("/probe/plan", test_plan);
	g_test_add_func("/probe/plans", test_plans);
	g_test_add_func("/probe/symbols-of-records", test_symbols_of_records);
	g_test_add_func("/probe/call", test_call);
	g_test_add_func("/probe/other-stack", test_other_stack);
	g_test_add_func("/probe/absent", test_absent);
	return g_test_run();
}

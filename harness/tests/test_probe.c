/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_probe - symbols, plans, and the session at stops that a scripted stub reports
 */
#include <elf.h>
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
	"ffffffff81000340 t tcp_send.isra.0\n"
	"ffffffff81000380 t tcp_send.cold\n"
	"not a line\n"
	"ffffffff81000400 T tcp_retransmit_timer\n"
	"ffffffff81000500 T tcp_write\n"
	"ffffffff81000580 t tcp_write.part.0\n"
	"ffffffffc0000000 t helper\t[tun]\n"
	"ffffffffc0000040 t tun_net_xmit\t[tun]\n";

static void test_map(void)
{
	g_autoptr(symbol_map_t) map = symbol_map_new(map_text);
	static const struct { guint64 address; const char *name; } names[] = {
		{ G_GUINT64_CONSTANT(0xffffffff81000200), "tcp_retransmit_skb+0x0" },
		{ G_GUINT64_CONSTANT(0xffffffff81000310), "tcp_send.part.0+0x10" },
		{ G_GUINT64_CONSTANT(0xffffffffc0000044), "tun_net_xmit+0x4" },
		{ 0x1000, "1000" },
	};
	guint64 address;

	g_assert_cmpuint(symbol_map_count(map), ==, 11);
	g_assert_cmpstr(symbol_map_function(map, names[0].address), ==, "tcp_retransmit_skb");
	g_assert_null(symbol_map_function(map, 0x1000));
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
	expect_near(map, "tcp_send", "tcp_send.cold, tcp_send.isra.0 or tcp_send.part.0");
	expect_near(map, "schedule_hrtimeout", NULL);
}

static void test_plan(void)
{
	char *functions[] = { (char *)"tun_net_xmit", (char *)"tcp_sent", (char *)"tun_net_xmit", NULL };
	g_autoptr(probe_plan_t) plan = probe_plan_new(functions, symbol_map_new(map_text), NULL);
	g_autoptr(GPtrArray) plans = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	const struct probe_target *target;

	g_assert_cmpuint(plan->targets->len, ==, 2);
	g_assert_cmpuint(plan->found, ==, 1);
	target = plan->targets->pdata[1];
	g_assert_true(g_str_has_prefix(target->absent, "no function of this kernel is called so, or it was inlined"));
	g_assert_true(probe_plan_check(plans, NULL));
	g_ptr_array_add(plans, plan);
	g_assert_false(probe_plan_check(plans, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_true(g_str_has_prefix(error->message, "--probe tcp_sent: no function of this kernel is called so, or it was inlined"));
}

/* A function that is left as what the compiler made of it is there; .cold is no entry. */
static void test_copies(void)
{
	char *functions[] = { (char *)"tcp_send", (char *)"tcp_send.isra.0", NULL };
	g_autoptr(probe_plan_t) plan = probe_plan_new(functions, symbol_map_new(map_text), NULL);
	const struct probe_target *target = plan->targets->pdata[0];

	g_assert_null(target->absent);
	g_assert_cmpuint(target->entries->len, ==, 2);
	g_assert_cmpstr(g_array_index(target->entries, struct symbol, 0).name, ==, "tcp_send.part.0");
	g_assert_cmpstr(g_array_index(target->entries, struct symbol, 1).name, ==, "tcp_send.isra.0");
	g_assert_cmphex(target->address, ==, G_GUINT64_CONSTANT(0xffffffff81000300));
	target = plan->targets->pdata[1];
	g_assert_cmpuint(target->entries->len, ==, 1);
	g_assert_true(probe_plan_must_look(plan));
}

/* Instructions of tcp_retransmit_timer: at its beginning a call of tcp_send.part.0. */
static struct kernel_text *make_text(void)
{
	struct { Elf64_Ehdr head; Elf64_Phdr segment; guint8 code[8]; } elf = {
		.head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_EXEC, .e_machine = EM_X86_64,
			  .e_version = EV_CURRENT, .e_ehsize = sizeof(Elf64_Ehdr), .e_phoff = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 1 },
		.segment = { .p_type = PT_LOAD, .p_flags = PF_X, .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
			     .p_vaddr = G_GUINT64_CONSTANT(0xffffffff81000400), .p_filesz = 8, .p_memsz = 8 },
		.code = { 0xe8, 0xfb, 0xfe, 0xff, 0xff },
	};
	g_autoptr(GBytes) file = g_bytes_new(&elf, sizeof(elf));

	return kernel_text_new(file, "vmlinux", NULL);
}

/* Who calls what is left of a function holds its beginning, and is probed with it. */
static void test_inlined(void)
{
	char *functions[] = { (char *)"tcp_send", (char *)"tun_net_xmit", NULL };
	g_autoptr(probe_plan_t) plan = probe_plan_new(functions, symbol_map_new(map_text), NULL);
	g_autoptr(kernel_text_t) text = make_text();
	const struct probe_target *target;

	probe_plan_look(plan, text, NULL);
	g_assert_cmpuint(plan->asked, ==, 2);
	g_assert_cmpuint(plan->targets->len, ==, 3);
	target = plan->targets->pdata[0];
	g_assert_cmpstr(target->note, ==, "its beginning is inlined into tcp_retransmit_timer; probing that as well");
	target = plan->targets->pdata[2];
	g_assert_cmpstr(target->function, ==, "tcp_retransmit_timer");
	g_assert_null(target->note);
}

static void test_inlined_unknown(void)
{
	char *functions[] = { (char *)"tcp_send", NULL };
	g_autoptr(probe_plan_t) plan = probe_plan_new(functions, symbol_map_new(map_text), NULL);
	g_autoptr(GError) why = g_error_new_literal(FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "bzImage: no ELF file");
	const struct probe_target *target = plan->targets->pdata[0];

	probe_plan_look(plan, NULL, why);
	g_assert_cmpuint(plan->targets->len, ==, 1);
	g_assert_cmpstr(target->note, ==, "its beginning is inlined into callers, which are not known: bzImage: no ELF file");
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
	g_test_add_func("/probe/map", test_map);
	g_test_add_func("/probe/near", test_near);
	g_test_add_func("/probe/plan", test_plan);
	g_test_add_func("/probe/plans", test_plans);
	g_test_add_func("/probe/copies", test_copies);
	g_test_add_func("/probe/inlined", test_inlined);
	g_test_add_func("/probe/inlined-unknown", test_inlined_unknown);
	g_test_add_func("/probe/symbols-of-records", test_symbols_of_records);
	g_test_add_func("/probe/call", test_call);
	g_test_add_func("/probe/rest", test_rest);
	g_test_add_func("/probe/other-stack", test_other_stack);
	g_test_add_func("/probe/absent", test_absent);
	return g_test_run();
}

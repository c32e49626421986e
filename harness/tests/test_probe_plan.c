/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_probe_plan - symbols, and what of a function is to be probed
 */
#include <elf.h>
#include <glib.h>
#include <string.h>

#include "error.h"
#include "probe_fixture.h"
#include "probe_plan.h"
#include "stream.h"

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
	g_assert_cmpstr(g_array_index(target->entries, struct probe_entry, 0).name, ==, "tcp_send.part.0");
	g_assert_cmpstr(g_array_index(target->entries, struct probe_entry, 1).name, ==, "tcp_send.isra.0");
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

	probe_plan_look(plan, &(struct probe_sources){ .text = text });
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

	probe_plan_look(plan, &(struct probe_sources){ .no_text = why });
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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/probe-plan/map", test_map);
	g_test_add_func("/probe-plan/near", test_near);
	g_test_add_func("/probe-plan/plan", test_plan);
	g_test_add_func("/probe-plan/copies", test_copies);
	g_test_add_func("/probe-plan/inlined", test_inlined);
	g_test_add_func("/probe-plan/inlined-unknown", test_inlined_unknown);
	g_test_add_func("/probe-plan/plans", test_plans);
	g_test_add_func("/probe-plan/symbols-of-records", test_symbols_of_records);
	return g_test_run();
}

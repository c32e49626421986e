/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_console - reports found in consoles as kernels from 2.6.32 on print them, and names for their bare addresses
 */
#include "artefact.h"
#include "console.h"
#include "error.h"
#include "stream.h"

static GPtrArray *reports_of(const char *text)
{
	return console_reports(text, strlen(text));
}

static void test_death(void)
{
	static const struct { const char *console, *death; } samples[] = {
		{ "", NULL },
		{ "Linux version 6.1\r\nall well\r\n", NULL },
		{ "[    0.10] BIOS BUG: CPU#0\n[Firmware Bug]: x\nDEBUG: y\n", NULL },
		{ "a\n[    1.234567] Kernel panic - not syncing: Attempted to kill init!\r\nb", "Kernel panic - not syncing: Attempted to kill init!" },
		{ "<1>[    1.2][    T1] BUG: unable to handle page fault for address: 1\n", "BUG: unable to handle page fault for address: 1" },
		{ "x\n[ 2.0] general protection fault: 0000 [#1] SMP", "general protection fault: 0000 [#1] SMP" },
		{ "[ 2.0] Oops: 0002 [#1]\nKernel panic", "Oops: 0002 [#1]" },
		{ "kernel BUG at net/ipv4/tcp.c:1!\xff\n", "kernel BUG at net/ipv4/tcp.c:1!\xef\xbf\xbd" },
		{ "[", NULL }, { "<<<[[[", NULL },
		{ "[ 1.0] WARNING: CPU: 0 PID: 1 at net/ipv4/tcp.c:1 tcp_x+0x1/0x2\n", NULL }, /* told, but the guest lives */
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(GPtrArray) reports = reports_of(samples[i].console);
		g_autofree char *death = console_death(reports, NULL);

		g_assert_cmpstr(death, ==, samples[i].death);
	}
}

static void test_kinds(void)
{
	static const struct { const char *line, *kind; } samples[] = {
		{ "BUG: KASAN: slab-use-after-free in tcp_close+0x1/0x2", "kasan" },
		{ "INFO: task agent:123 blocked for more than 120 seconds.", "hung task" },
		{ "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [agent:1]", "soft lockup" },
		{ "BUG: soft lockup - CPU#0 stuck for 61s! [agent:1]", "soft lockup" },
		{ "INFO: rcu_sched self-detected stall on CPU { 0}  (t=2100 jiffies)", "rcu stall" },
		{ "INFO: rcu_sched_state detected stalls on CPUs/tasks: {0}", "rcu stall" },
		{ "rcu: INFO: rcu_preempt self-detected stall on CPU", "rcu stall" },
		{ "INFO: RCU detected CPU 0 stall (t=10000 jiffies)", "rcu stall" }, /* 2.6.32 */
		{ "WARNING: possible circular locking dependency detected", "lockdep" },
		{ "[ INFO: possible recursive locking detected ]", "lockdep" },
		{ "[ INFO: inconsistent lock state ]", "lockdep" },
		{ "UBSAN: shift-out-of-bounds in net/ipv4/tcp_timer.c:1:2", "ubsan" },
		{ "WARNING: at net/ipv4/tcp.c:1234 tcp_x+0x1/0x2()", "warning" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *console = g_strdup_printf("[    1.000000] %s\n", samples[i].line);
		g_autoptr(GPtrArray) reports = reports_of(console);

		g_assert_cmpuint(reports->len, ==, 1);
		g_assert_cmpstr(((struct console_report *)reports->pdata[0])->kind, ==, samples[i].kind);
		g_assert_cmpstr(((struct console_report *)reports->pdata[0])->text, ==, samples[i].line);
	}
}

/* A kernel with KALLSYMS: names are there, guesses are passed over, both opening lines are one accident, the panic is another. */
static const char named_oops[] =
	"[    3.10] BUG: kernel NULL pointer dereference, address: 0000000000000010\r\n"
	"[    3.10] #PF: supervisor read access in kernel mode\r\n"
	"[    3.10] Oops: 0000 [#1] PREEMPT SMP NOPTI\r\n"
	"[    3.10] RIP: 0010:tcp_close+0x12/0x90\r\n"
	"[    3.10] Code: 48 89 e5\r\n"
	"[    3.10] Call Trace:\r\n"
	"[    3.10]  <TASK>\r\n"
	"[    3.10]  inet_release+0x3e/0x80\r\n"
	"[    3.10]  ? __die+0x1f/0x70\r\n"
	"[    3.10]  sock_close+0x11/0x20 [tun]\r\n"
	"[    3.10] Kernel panic - not syncing: Fatal exception\r\n";

static void test_trace(void)
{
	g_autoptr(GPtrArray) reports = reports_of(named_oops);
	g_autofree char *death = console_death(reports, NULL);
	const struct console_report *oops = reports->pdata[0];

	g_assert_cmpuint(reports->len, ==, 2);
	g_assert_cmpstr(oops->kind, ==, "bug");
	g_assert_cmpuint(oops->trace->len, ==, 3);
	g_assert_cmpstr(death, ==, "BUG: kernel NULL pointer dereference, address: 0000000000000010: "
			"tcp_close+0x12/0x90 < inet_release+0x3e/0x80 < sock_close+0x11/0x20");
}

/* Without KALLSYMS, in the form of 2.6.32 and of today: System.map has the names. */
static void test_symbols(void)
{
	static const char *const consoles[] = {
		"Oops: 0000 [#1] SMP \nRIP: 0010:[<ffffffff81000012>]  [<ffffffff81000012>] 0xffffffff81000012\nCall Trace:\n"
		" [<ffffffff81000112>] 0xffffffff81000112\n [<ffffffff81000300>] ? 0xffffffff81000300\n",
		"[    1.0] Oops: 0000 [#1] PREEMPT SMP\n[    1.0] RIP: 0010:0xffffffff81000012\n[    1.0] Call Trace:\n[    1.0]  0xffffffff81000112\n",
	};
	static const char map[] = "ffffffff81000100 t inet_release\nffffffff81000000 T tcp_close\nffffffff81000200 T tcp_end\n";

	for (gsize i = 0; i < G_N_ELEMENTS(consoles); i++) {
		g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "System.map", NULL), *symbols = NULL, *death = NULL;
		g_autoptr(JsonArray) list = json_array_new();
		g_autoptr(GError) error = NULL;
		gsize length;

		stream_put(folder, "System.map", map, -1);
		stream_put(folder, "1-console.log", consoles[i], -1);
		g_assert_true(console_write_symbols(folder, path, &error));
		symbols = stream_get(folder, "1-symbols.txt", &length);
		g_assert_cmpstr(symbols, ==, "ffffffff81000012 tcp_close+0x12/0x100\nffffffff81000112 inet_release+0x12/0x100\n");
		death = console_analyze(folder, list);
		g_assert_true(g_str_has_suffix(death, ": tcp_close+0x12/0x100 < inet_release+0x12/0x100"));
		g_assert_cmpuint(json_array_get_length(list), ==, 1);
		stream_remove(folder);
	}
}

static void test_bad_map(void)
{
	g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "System.map", NULL), *symbols = NULL;
	g_autoptr(GError) error = NULL;

	stream_put(folder, "1-console.log", named_oops, -1);
	g_assert_true(console_write_symbols(folder, path, &error)); /* not needed, so not read */
	stream_put(folder, "1-console.log", "Oops: 1\nRIP: 0010:0xffffffff81000012\n", -1);
	g_assert_true(console_write_symbols(folder, NULL, &error));
	g_assert_false(console_write_symbols(folder, path, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_clear_error(&error);
	stream_put(folder, "System.map", "no map\n", -1);
	g_assert_false(console_write_symbols(folder, path, &error));
	g_assert_nonnull(strstr(error->message, "System.map: expected lines such as"));
	symbols = g_build_filename(folder, "1-symbols.txt", NULL);
	g_assert_false(g_file_test(symbols, G_FILE_TEST_EXISTS));
	stream_remove(folder);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/console/death", test_death);
	g_test_add_func("/console/kinds", test_kinds);
	g_test_add_func("/console/trace", test_trace);
	g_test_add_func("/console/symbols", test_symbols);
	g_test_add_func("/console/bad-map", test_bad_map);
	return g_test_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_debug_info - arguments, members and inlined functions of a small program that is compiled here as kernels are
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "debug_info.h"
#include "error.h"
#include "symbol_map.h"

/* As net/sock.h has it: the state lies in a struct at the beginning, the count in a struct of another header. */
static const char sock_h[] =
	"typedef struct refcount_struct { int refs; } refcount_t;\n"
	"struct sock_common { unsigned short skc_family; volatile unsigned char skc_state; };\n"
	"struct sock { struct sock_common __sk_common; union { int pad[9]; long unused; }; refcount_t sk_wmem_alloc; int sk_wmem_queued; };\n"
	"struct pair { long a, b; };\n"
	"struct large { long a, b, c; };\n";
static const char sock_c[] =
	"#include \"sock.h\"\n"
	"struct sock first;\n"
	"int wmem(const struct sock *sk) { return sk->sk_wmem_queued + sk->sk_wmem_alloc.refs + sk->__sk_common.skc_state + sk->pad[0]; }\n";
static const char tcp_c[] =
	"#include \"sock.h\"\n"
	"int wmem(const struct sock *sk);\n"
	"static volatile int seen;\n"
	"int plain(struct sock *sk, const char *name, short segs, _Bool now, unsigned long long big, unsigned char small, int stacked)\n"
	"{ seen = segs + now + (int)big + small + stacked + *name; return wmem(sk); }\n"
	"int by_value(struct pair pair, int after, struct large large, int last)\n"
	"{ seen = (int)(pair.a + pair.b + after + large.c + last); return 0; }\n"
	"static int refused(const struct sock *sk) { return wmem(sk) > 100 ? -11 : 0; }\n"
	"static inline __attribute__((always_inline)) int over(const struct sock *sk) { return refused(sk); }\n"
	"int caller(struct sock *sk) { int why = refused(sk); if (why) return why; seen = 1; return wmem(sk); }\n"
	"int other(struct sock *sk) { return over(sk) + 1; }\n"
	"static __attribute__((noinline, noclone)) int halved(int used) { seen = used; seen = used; return used / 2; }\n"
	"static __attribute__((noinline)) int copied(int constant, int used) { seen = constant; seen = used; return used * constant; }\n"
	"unsigned char small_result(int a) { seen = a; return a; }\n"
	"struct sock *pointer_result(void) { return 0; }\n"
	"void _start(void) { seen = plain(&first_of, \"x\", 1, 1, 1, 1, 1) + copied(7, seen) + copied(7, seen + 2) + halved(seen); }\n";

static char *folder;

static void put(const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *output_of(const char *const *argv)
{
	g_autoptr(GSubprocess) process = g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL);
	char *output = NULL;

	g_assert_nonnull(process);
	g_assert_true(g_subprocess_communicate_utf8(process, NULL, NULL, &output, NULL, NULL));
	g_assert_true(g_subprocess_get_successful(process));
	return output;
}

/* The program's symbols; NULL-terminated further options. Caller frees *path. */
static struct symbol_map *compile(const char *const *options, char **path)
{
	g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
	g_autofree char *tcp = g_build_filename(folder, "tcp.c", NULL), *sock = g_build_filename(folder, "sock.c", NULL), *map = NULL, *none = NULL;
	g_auto(GStrv) words = NULL;

	*path = g_build_filename(folder, "vmlinux", NULL);
	g_strv_builder_add_many(argv, "gcc", "-w", "-O2", "-Dfirst_of=*(struct sock *)0x100", "-fno-pie", "-no-pie", "-nostdlib", "-static", NULL);
	g_strv_builder_addv(argv, (const char **)options);
	g_strv_builder_add_many(argv, "-o", *path, tcp, sock, NULL);
	words = g_strv_builder_end(argv);
	none = output_of((const char *const *)words);
	map = output_of((const char *const[]){ "nm", *path, NULL });
	return symbol_map_new(map);
}

static const char *const full[] = { "-g", NULL };
static const char *const reduced[] = { "-g", "-fno-var-tracking", "-femit-struct-debug-baseonly", NULL };

static GPtrArray *arguments_of(const struct debug_info *info, const struct symbol_map *map, const char *function, gboolean own)
{
	guint64 address;

	g_assert_true(symbol_map_find(map, function, &address));
	return debug_info_arguments(info, address, own);
}

static void expect_register(GPtrArray *arguments, guint number, const char *name, enum debug_kind kind, guint bytes, enum gdb_register where)
{
	const struct debug_argument *argument = arguments->pdata[number];

	g_assert_cmpstr(argument->name, ==, name);
	g_assert_cmpint(argument->kind, ==, kind);
	g_assert_cmpuint(argument->bytes, ==, bytes);
	g_assert_cmpint(argument->place, ==, DEBUG_IN_REGISTER);
	g_assert_cmpint(argument->where, ==, where);
}

static void expect_stack(GPtrArray *arguments, guint number, const char *name, enum debug_kind kind, guint stack_bytes)
{
	const struct debug_argument *argument = arguments->pdata[number];

	g_assert_cmpstr(argument->name, ==, name);
	g_assert_cmpint(argument->kind, ==, kind);
	g_assert_cmpint(argument->place, ==, DEBUG_ON_STACK);
	g_assert_cmpuint(argument->stack_bytes, ==, stack_bytes);
}

static void test_arguments(gconstpointer data)
{
	g_autofree char *path = NULL;
	g_autoptr(symbol_map_t) map = compile(data, &path);
	g_autoptr(debug_info_t) info = debug_info_open(path, NULL);
	g_autoptr(GPtrArray) arguments = arguments_of(info, map, "plain", TRUE);

	g_assert_cmpuint(arguments->len, ==, 7);
	expect_register(arguments, 0, "sk", DEBUG_POINTER, 8, GDB_RDI);
	g_assert_cmpstr(((struct debug_argument *)arguments->pdata[0])->points_to, ==, "sock");
	expect_register(arguments, 1, "name", DEBUG_POINTER, 8, GDB_RSI);
	g_assert_null(((struct debug_argument *)arguments->pdata[1])->points_to);
	expect_register(arguments, 2, "segs", DEBUG_SIGNED, 2, GDB_RDX);
	expect_register(arguments, 3, "now", DEBUG_UNSIGNED, 1, GDB_RCX);
	expect_register(arguments, 4, "big", DEBUG_UNSIGNED, 8, GDB_R8);
	expect_register(arguments, 5, "small", DEBUG_UNSIGNED, 1, GDB_R9);
	expect_stack(arguments, 6, "stacked", DEBUG_SIGNED, 8);
}

static void expect_result(const struct debug_info *info, const struct symbol_map *map, const char *function, enum debug_kind expected, guint size_bytes)
{
	enum debug_kind kind;
	guint64 address;
	guint bytes;

	g_assert_true(symbol_map_find(map, function, &address));
	g_assert_true(debug_info_result(info, address, &kind, &bytes));
	g_assert_cmpuint(bytes, ==, size_bytes);
	if (size_bytes)
		g_assert_cmpint(kind, ==, expected);
}

static void test_results(gconstpointer data)
{
	g_autofree char *path = NULL;
	g_autoptr(symbol_map_t) map = compile(data, &path);
	g_autoptr(debug_info_t) info = debug_info_open(path, NULL);
	enum debug_kind kind;
	guint bytes;

	expect_result(info, map, "plain", DEBUG_SIGNED, 4);
	expect_result(info, map, "small_result", DEBUG_UNSIGNED, 1);
	expect_result(info, map, "pointer_result", DEBUG_POINTER, 8);
	expect_result(info, map, "_start", DEBUG_OTHER, 0);
	g_assert_false(debug_info_result(info, 1, &kind, &bytes));
}

/* Two registers for a small struct, none for a large one. */
static void test_by_value(void)
{
	g_autofree char *path = NULL;
	g_autoptr(symbol_map_t) map = compile(full, &path);
	g_autoptr(debug_info_t) info = debug_info_open(path, NULL);
	g_autoptr(GPtrArray) arguments = arguments_of(info, map, "by_value", TRUE);

	expect_register(arguments, 0, "pair", DEBUG_OTHER, 16, GDB_RDI);
	expect_register(arguments, 1, "after", DEBUG_SIGNED, 4, GDB_RDX);
	expect_stack(arguments, 2, "large", DEBUG_OTHER, 8);
	expect_register(arguments, 3, "last", DEBUG_SIGNED, 4, GDB_RCX);
}

/* Where the debug info does not tell a struct's size, what follows may be anywhere. */
static void test_lost(void)
{
	g_autofree char *path = NULL;
	g_autoptr(symbol_map_t) map = compile(reduced, &path);
	g_autoptr(debug_info_t) info = debug_info_open(path, NULL);
	g_autoptr(GPtrArray) arguments = arguments_of(info, map, "by_value", TRUE);

	for (guint i = 0; i < arguments->len; i++)
		g_assert_cmpint(((struct debug_argument *)arguments->pdata[i])->place, ==, DEBUG_NOWHERE);
}

static const struct debug_argument *named(GPtrArray *arguments, const char *name)
{
	for (guint i = 0; i < arguments->len; i++)
		if (strcmp(((struct debug_argument *)arguments->pdata[i])->name, name) == 0)
			return arguments->pdata[i];
	g_assert_not_reached();
}

/* A copy for callers that pass the same constant: what is left comes in the first register, which only a location list tells. */
static void test_copy(void)
{
	g_autofree char *path = NULL, *bare_path = NULL;
	g_autoptr(symbol_map_t) map = compile(full, &path), bare_map = NULL;
	g_autoptr(debug_info_t) info = debug_info_open(path, NULL), bare = NULL;
	g_autoptr(GArray) copies = symbol_map_copies(map, "copied"), bare_copies = NULL;
	g_autoptr(GPtrArray) arguments = NULL, bare_arguments = NULL;
	const struct debug_argument *used;

	if (!copies->len) {
		g_test_skip("this compiler makes no copy");
		return;
	}
	arguments = debug_info_arguments(info, g_array_index(copies, struct symbol, 0).address, FALSE);
	used = named(arguments, "used");
	g_assert_cmpint(used->place, ==, DEBUG_IN_REGISTER);
	g_assert_cmpint(used->where, ==, GDB_RDI);
	g_assert_cmpint(named(arguments, "constant")->place, ==, DEBUG_NOWHERE);
	bare_map = compile(reduced, &bare_path);
	bare = debug_info_open(bare_path, NULL);
	bare_copies = symbol_map_copies(bare_map, "copied");
	bare_arguments = debug_info_arguments(bare, g_array_index(bare_copies, struct symbol, 0).address, FALSE);
	g_assert_cmpint(named(bare_arguments, "used")->place, ==, DEBUG_NOWHERE);
}

static void test_members(gconstpointer data)
{
	g_autofree char *path = NULL;
	g_autoptr(symbol_map_t) map = compile(data, &path);
	g_autoptr(debug_info_t) info = debug_info_open(path, NULL);
	guint offset_bytes, bytes;

	g_assert_true(debug_info_member(info, "sock", "sk_wmem_alloc", &offset_bytes, &bytes));
	g_assert_cmpuint(offset_bytes, ==, 48);
	g_assert_cmpuint(bytes, ==, 4);
	g_assert_true(debug_info_member(info, "sock", "sk_wmem_queued", &offset_bytes, &bytes));
	g_assert_cmpuint(offset_bytes, ==, 52);
	g_assert_true(debug_info_member(info, "sock", "skc_state", &offset_bytes, &bytes));
	g_assert_cmpuint(offset_bytes, ==, 2);
	g_assert_cmpuint(bytes, ==, 1);
	g_assert_true(debug_info_member(info, "sock", "pad", &offset_bytes, &bytes));
	g_assert_cmpuint(offset_bytes, ==, 8);
	g_assert_false(debug_info_member(info, "sock", "sk_error", &offset_bytes, &bytes));
	g_assert_false(debug_info_member(info, "socket", "sk", &offset_bytes, &bytes));
}

static void test_inlined(gconstpointer data)
{
	g_autofree char *path = NULL;
	g_autoptr(symbol_map_t) map = compile(data, &path);
	g_autoptr(debug_info_t) info = debug_info_open(path, NULL);
	g_autoptr(GPtrArray) names = debug_info_inlined(info, "refused"), none = debug_info_inlined(info, "wmem");
	guint64 address;

	g_assert_false(symbol_map_find(map, "refused", &address));
	g_assert_cmpuint(names->len, ==, 2);
	g_assert_cmpstr(names->pdata[0], ==, "caller");
	g_assert_cmpstr(names->pdata[1], ==, "other");
	g_assert_cmpuint(none->len, ==, 0);
}

static void test_without(void)
{
	static const char *const without[] = { "-g0", NULL };
	g_autofree char *path = NULL, *none = g_build_filename(folder, "none", NULL);
	g_autoptr(symbol_map_t) map = compile(without, &path);
	g_autoptr(GError) error = NULL, absent = NULL;

	g_assert_null(debug_info_open(path, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE);
	g_assert_null(debug_info_open(none, &absent));
	g_assert_error(absent, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "sock.h", "sock.c", "tcp.c", "vmlinux" };
	int result;

	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("finrig-test-XXXXXX", NULL);
	put("sock.h", sock_h);
	put("sock.c", sock_c);
	put("tcp.c", tcp_c);
	g_test_add_data_func("/debug-info/arguments", full, test_arguments);
	g_test_add_data_func("/debug-info/arguments-reduced", reduced, test_arguments);
	g_test_add_data_func("/debug-info/results", full, test_results);
	g_test_add_data_func("/debug-info/results-reduced", reduced, test_results);
	g_test_add_func("/debug-info/by-value", test_by_value);
	g_test_add_func("/debug-info/lost", test_lost);
	g_test_add_func("/debug-info/copy", test_copy);
	g_test_add_data_func("/debug-info/members", full, test_members);
	g_test_add_data_func("/debug-info/members-reduced", reduced, test_members);
	g_test_add_data_func("/debug-info/inlined", full, test_inlined);
	g_test_add_data_func("/debug-info/inlined-reduced", reduced, test_inlined);
	g_test_add_func("/debug-info/without", test_without);
	result = g_test_run();
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(folder, names[i], NULL);

		g_unlink(path);
	}
	g_rmdir(folder);
	g_free(folder);
	return result;
}

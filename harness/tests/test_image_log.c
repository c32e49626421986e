/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_image_log - a build's log: the line that a person must see
 */
#include "image_log.h"

#include "kernel_fixture.h"

static void test_log(struct fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *log, *expected;
	} samples[] = {
		{"  CC a.o\na.c:1:2: warning: odd\nmake[1]: *** [a.o] Error 1\nnet/b.c:33:7: error: 'x' undeclared\nc.c:1:1: error: later\nmake: *** [all] Error 2\n",
		 "net/b.c:33:7: error: 'x' undeclared"},
		{"In file included from a.c:1:\ninclude/linux/compiler.h:40: fatal error: linux/compiler-gcc12.h: No such file or directory\n",
		 "include/linux/compiler.h:40: fatal error: linux/compiler-gcc12.h: No such file or directory"},
		{"a.S: Assembler messages:\na.S:12: Error: no such instruction\nmake: *** [x] Error 1\n", "a.S:12: Error: no such instruction"},
		{"make[2]: *** [x] Error 1\nld: a.o: in function `f':\na.c:(.text+0x5): undefined reference to `gone'\n", "a.c:(.text+0x5): undefined reference to `gone'"},
		{"/bin/sh: 1: bc: not found\nmake[1]: *** [timeconst.h] Error 127\n", "/bin/sh: 1: bc: not found"},
		{"Can't use 'defined(@array)' (Maybe you should just omit the defined()?) at kernel/timeconst.pl line 373.\nmake: *** [x] Error 255\n",
		 "Can't use 'defined(@array)' (Maybe you should just omit the defined()?) at kernel/timeconst.pl line 373."},
		{"Makefile:442: *** mixed implicit and normal rules: deprecated syntax\nmake: *** [x] Error 1\n", "make: *** [x] Error 1"},
		{"things\nmake: *** No rule to make target `bzImage'.  Stop.\n", "make: *** No rule to make target `bzImage'.  Stop."},
		{"a.c:1:2: error: odd\ncp: error writing 'obj/vmlinux': No space left on device\nmake: *** [Makefile:9: bzImage] Error 1\n",
		 "cp: error writing 'obj/vmlinux': No space left on device"},
		{"only this\n\n", "only this"},
		{"", ""},
	};

	(void)fixture;
	(void)data;
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *line = log_first_error(samples[i].log);

		g_assert_cmpstr(line, ==, samples[i].expected);
	}
}

static void test_lines(struct fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *log, *expected;
	} samples[] = {
		/* What stood before it, and what other jobs are at, is left out. */
		{"a.c:1:2: warning: odd\n  CC      net/b.o\nnet/b.c: In function 'f':\nnet/b.c:3:1: error: 'x' undeclared\n    3 | x\n      | ^\n"
		 "make[2]: *** [scripts/Makefile.build:250: net/b.o] Error 1\nmake[2]: *** Waiting for unfinished jobs....\n  CC      c.o\n"
		 "make[1]: *** [Makefile:1853: net] Error 2\n",
		 "net/b.c: In function 'f':\nnet/b.c:3:1: error: 'x' undeclared\n    3 | x\n      | ^\nmake[2]: *** [scripts/Makefile.build:250: net/b.o] Error 1"},
		{"make[1]: Entering directory '/o'\n  GEN     Makefile\nld: a.o: in function `f':\na.c:(.text+0x5): undefined reference to `gone'\nmake: *** [Makefile:9: vmlinux] Error 1\n",
		 "ld: a.o: in function `f':\na.c:(.text+0x5): undefined reference to `gone'\nmake: *** [Makefile:9: vmlinux] Error 1"},
		{"make: *** No rule to make target `bzImage'.  Stop.\n", "make: *** No rule to make target `bzImage'.  Stop."},
		{"only this\n\n", "only this"},
		{"", ""},
	};
	g_autoptr(GString) many = g_string_new(NULL);
	g_autofree char *cut = NULL;
	g_auto(GStrv) lines = NULL;

	(void)fixture;
	(void)data;
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *text = log_lines(samples[i].log);

		g_assert_cmpstr(text, ==, samples[i].expected);
	}
	for (guint i = 0; i < 200; i++)
		g_string_append_printf(many, i == 100 ? "a.c:%u:1: error: here\n" : "line %u\n", i);
	cut = log_lines(many->str);
	lines = g_strsplit(cut, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 40);
	g_assert_cmpstr(lines[0], ==, "line 88");
	g_assert_cmpstr(lines[12], ==, "a.c:100:1: error: here");
}

/* A program that is not installed is the machine's affair; one of the kernel's own, by its path, is not. */
static void test_blame(struct fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *log;
		gboolean host;
	} samples[] = {
		{"/bin/sh: 1: bc: not found\nmake[1]: *** [timeconst.h] Error 127\n", TRUE},
		{"bash: line 1: flex: command not found\nmake: *** [x] Error 127\n", TRUE},
		{"make[2]: flex: No such file or directory\nmake[2]: *** [x] Error 127\n", TRUE},
		{"cc1: out of memory allocating 65536 bytes\n", TRUE},
		{"a.c:1:2: error: odd\ncp: error writing 'obj/vmlinux': No space left on device\n", TRUE},
		{"/bin/sh: 1: ./scripts/gone.sh: not found\nmake[1]: *** [x] Error 127\n", FALSE},
		{"/bin/sh: 1: pahole: not found\na.c:1:2: error: odd\nmake: *** [a.o] Error 1\n", FALSE},
		{"a.c:1:10: fatal error: gone.h: No such file or directory\n", FALSE},
		{"make: *** No rule to make target `bzImage'.  Stop.\n", FALSE},
		{"", FALSE},
	};

	(void)fixture;
	(void)data;
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
		g_assert_cmpint(log_blames_host(samples[i].log), ==, samples[i].host);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/image_log/log", test_log);
	FIXTURE_TEST("/image_log/lines", test_lines);
	FIXTURE_TEST("/image_log/blame", test_blame);
	return g_test_run();
}

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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/image_log/log", test_log);
	return g_test_run();
}

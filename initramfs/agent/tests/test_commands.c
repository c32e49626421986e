/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_commands - commands by this machine's /bin/sh: how they end, what they print, what they leave behind
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "tap.h"

static struct command_result result;

static const struct { const char *text; bool passed; const char *how, *output; } rows[] = {
	{ "true", true, "exit status 0", "" },
	{ "false", false, "exit status 1", "" },
	{ "exit 42", false, "exit status 42", "" },
	{ "kill -9 $$", false, "signal 9", "" },
	{ "echo one; echo two >&2", true, "exit status 0", "one\ntwo\n" },
	{ "cat", true, "exit status 0", "" },
	{ "no_such_command_anywhere 2>/dev/null", false, "exit status 127", "" },
	{ "x=5\ntest $x = 5 && echo \"`echo nested` $((x + 1))\"", true, "exit status 0", "nested 6\n" },
	{ "", true, "exit status 0", "" },
	{ "kill -s PIPE $$", false, "signal 13", "" },
	{ "trap 'echo caught' CHLD; :", true, "exit status 0", "" },
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		commands_run(NULL, rows[i].text, &result);
		tap_ok(result.passed == rows[i].passed && strcmp(result.how, rows[i].how) == 0
		       && strcmp(result.output, rows[i].output) == 0, "row %zu: %s", i, result.how);
	}
}

static void test_much_output(void)
{
	commands_run(NULL, "head -c 300000 /dev/zero | tr '\\0' x", &result);
	tap_ok(result.passed && result.output_bytes == COMMANDS_OUTPUT_BYTES && result.lost_bytes == 300000 - COMMANDS_OUTPUT_BYTES,
	       "more output than is kept: %zu and %zu bytes", result.output_bytes, result.lost_bytes);
}

static void test_background(void)
{
	struct timespec before, after;

	clock_gettime(CLOCK_MONOTONIC, &before);
	commands_run(NULL, "sleep 20 & echo left", &result);
	clock_gettime(CLOCK_MONOTONIC, &after);
	tap_ok(result.passed && after.tv_sec - before.tv_sec < 10 && strcmp(result.output, "left\n") == 0,
	       "what runs in the background is not waited for");
}

static void test_descriptors(void)
{
	int before = dup(0), after;

	close(before);
	for (unsigned i = 0; i < 20; i++)
		commands_run(NULL, "true", &result);
	after = dup(0);
	tap_ok(before == after, "no descriptor is left open");
	/* They are all above 512. */
	commands_run(NULL, "ls /proc/self/fd | grep -c '^[5-9]..$'", &result);
	tap_ok(strcmp(result.output, "0\n") == 0, "none of the agent's own is passed on");
}

int main(void)
{
	if (!tap_ok(commands_open() == 0 && commands_open() == 0, "commands_open() may be called again"))
		return tap_done();
	test_rows();
	test_much_output();
	test_background();
	test_descriptors();
	return tap_done();
}

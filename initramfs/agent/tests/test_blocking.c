/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_blocking - a call that blocks in the other thread: it is made at once, it is done as soon as its cause is there
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blocking.h"
#include "tap.h"

static struct options options;
static struct peer peer;
static struct calls calls;
static struct blocking blocking;

static const struct script_call *parse(const char *text)
{
	struct script_error error;
	struct script *script = script_parse("test", text, strlen(text), &error);

	if (!script || !script->statement_count || script->statements[0].kind != SCRIPT_CALL) {
		printf("Bail out! %s\n", text);
		exit(1);
	}
	return script->statements[0].call;
}

static bool run(const char *text)
{
	struct call_run *call = calls_take(&calls, CALLS_MAIN, parse(text));

	calls_make(call);
	return calls_hold(call);
}

static struct call_run *begin(const char *text)
{
	struct call_run *call = calls_take(&calls, CALLS_BLOCKING, parse(text));

	blocking_begin(&blocking, call);
	return call;
}

static void test_read(void)
{
	struct call_run *call;
	struct call_outcome outcome;

	tap_ok(run("0 pipe([5, 6]) = 0\n"), "a pipe");
	call = begin("0...1 read(5, \"abc\", 10) = 3\n");
	tap_ok(!blocking_take(&blocking), "the read blocks");
	tap_ok(run("0 write(6, \"abc\", 3) = 3\n"), "another call meanwhile, with data of its own");
	tap_ok(blocking_take(&blocking), "the read is done as soon as there are data, without a wait");
	tap_ok(calls_hold(call), "and comes out as written");
	outcome = *calls_outcome(call);
	tap_ok(outcome.begin_ns < outcome.end_ns && outcome.result == 3, "with both of its times");
	tap_ok(!blocking_take(&blocking), "it is taken once");
}

static void test_in_a_row(void)
{
	for (unsigned i = 0; i < 200; i++) {
		struct call_run *call = begin("0...1 read(5, ..., 10) = 2\n");
		bool waited = !blocking_take(&blocking);

		if (!waited || !run("0 write(6, \"xy\", 2) = 2\n") || !blocking_take(&blocking) || !calls_hold(call)) {
			tap_ok(false, "blocking call %u in a row", i);
			return;
		}
	}
	tap_ok(true, "200 blocking calls in a row");
}

static void test_at_once(void)
{
	struct call_run *call = begin("0...1 close(99) = -1 EBADF\n");

	tap_ok(blocking_take(&blocking) && calls_hold(call), "a call that does not block is done when begin returns");
}

int main(void)
{
	const char *what = "";

	options = options_default();
	calls_init(&calls, &options, &peer);
	if (blocking_open(&blocking, &what)) {
		tap_skip("blocking calls", what);
		return tap_done();
	}
	test_read();
	test_in_a_row();
	test_at_once();
	return tap_done();
}

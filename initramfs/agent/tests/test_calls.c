/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_calls - a script's calls made on this kernel's loopback addresses: twins, results, errno, arguments of a wrong form
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "tap.h"

static struct options options;
static struct peer peer;
static struct calls calls;

static const struct script *parse(const char *text)
{
	struct script_error error;
	struct script *script = script_parse("test", text, strlen(text), &error);

	if (!script) {
		printf("Bail out! %s: line %u: %s\n", text, error.line, error.message);
		exit(1);
	}
	return script;
}

static const struct script_call *call_of(const struct script *script, unsigned n)
{
	return n < script->statement_count && script->statements[n].kind == SCRIPT_CALL ? script->statements[n].call : NULL;
}

/* Each line as the script says. */
static const char good[] =
	"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 30\n"
	"+0 setsockopt(30, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"
	"+0 getsockopt(30, SOL_SOCKET, SO_REUSEADDR, [1], [4]) = 0\n"
	"+0 setsockopt(30, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0\n"
	"+0 bind(30, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"0.0.0.0\")}, ...) = 0\n"
	"+0 listen(30, 1) = 0\n"
	"+0 listen(31, 1) = -1 EBADF\n"
	"+0 fcntl(30, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
	"+0 fcntl(30, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)\n"
	"+0 accept(30, ..., ...) = -1 EAGAIN (Resource temporarily unavailable)\n"
	"+0 write(30, ..., 10) = -1 EPIPE\n"
	"+0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 7\n"
	"+0 close(7) = 0\n"
	"+0 close(7) = -1 EBADF\n"
	"+0 shutdown(30, SHUT_RDWR) = 0\n"
	"+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = ...\n"
	"+0 close(30) = 0\n";

static void test_good(void)
{
	const struct script *script = parse(good);
	const struct script_call *call;

	for (unsigned i = 0; (call = call_of(script, i)); i++) {
		struct call_difference difference;
		struct call_outcome outcome;

		if (!tap_ok(calls_prepare(call, &outcome), "line %u: %s is known: %s", i + 1, call->name, outcome.fault))
			continue;
		calls_run(&calls, call, &outcome);
		tap_ok(!outcome.fault[0] && calls_compare(call, &outcome, &difference), "line %u: %s comes out as written: %s %s/%s", i + 1,
		       call->name, outcome.fault, difference.expected, difference.actual);
	}
}

/* What the script says, and what differs: a mark, and both texts. */
static const struct { const char *text, *mark, *expected, *actual; } differing[] = {
	{ "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = -1 EINVAL\n", "result", "-1 EINVAL", NULL },
	{ "0 close(99) = 0\n", "result", "0", "-1 EBADF" },
	{ "0 close(99) = -1 EINTR\n", "errno", "-1 EINTR", "-1 EBADF" },
	{ "0 getsockopt(3, SOL_SOCKET, SO_REUSEADDR, [7], [4]) = 0\n", "value", "7", "0" },
};

static void test_differing(void)
{
	struct call_outcome outcome;

	calls_run(&calls, call_of(parse("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"), 0), &outcome);
	for (size_t i = 0; i < sizeof(differing) / sizeof(differing[0]); i++) {
		const struct script_call *call = call_of(parse(differing[i].text), 0);
		struct call_difference difference;

		calls_run(&calls, call, &outcome);
		tap_ok(!calls_compare(call, &outcome, &difference) && strcmp(difference.mark, differing[i].mark) == 0
		       && strcmp(difference.expected, differing[i].expected) == 0
		       && (!differing[i].actual || strcmp(difference.actual, differing[i].actual) == 0),
		       "%s differs: %s, %s", call->name, difference.expected, difference.actual);
	}
}

static const char *const unknown[] = {
	"0 foo(3) = 0\n", "0 close() = 0\n", "0 close(3, 4) = 0\n", "0 write(3, ..., -1) = 0\n", "0 write(3, ..., 99999999999) = 0\n",
};
static const char *const wrong_arguments[] = {
	"0 close(...) = 0\n", "0 bind(3, 5, ...) = 0\n", "0 bind(3, \"x\", ...) = 0\n",
	"0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, ..., 4) = 0\n",
	"0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 100000) = 0\n", "0 write(3, [1], 4) = 4\n", "0 listen(3, \"x\") = 0\n",
	"0 getsockopt(3, SOL_SOCKET, SO_LINGER, ..., [8000]) = 0\n",
};

static void test_faults(void)
{
	struct call_outcome outcome;

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		tap_ok(!calls_prepare(call_of(parse(unknown[i]), 0), &outcome) && outcome.fault[0],
		       "refused before time starts: %s", outcome.fault);
	for (size_t i = 0; i < sizeof(wrong_arguments) / sizeof(wrong_arguments[0]); i++) {
		const struct script_call *call = call_of(parse(wrong_arguments[i]), 0);

		calls_run(&calls, call, &outcome);
		tap_ok(outcome.fault[0] && outcome.line == 1 && outcome.column > 1, "refused: %s", outcome.fault);
	}
}

/* A listener nobody connects to: the call must not take the agent along. */
static void test_blocked(void)
{
	static const char text[] = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 40\n"
				   "+0 bind(40, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"0.0.0.0\")}, ...) = 0\n"
				   "+0 listen(40, 1) = 0\n+0 accept(40, ..., ...) = 41\n";
	const struct script *script = parse(text);
	struct call_difference difference;
	struct call_outcome outcome;

	for (unsigned i = 0; i < 4; i++)
		calls_run(&calls, call_of(script, i), &outcome);
	tap_ok(outcome.blocked && !calls_compare(call_of(script, 3), &outcome, &difference) && strstr(difference.actual, "blocked"),
	       "a call that blocks is interrupted: %s", difference.actual);
	tap_ok(peer.listened, "the peer was told of listen()");
}

int main(void)
{
	options = options_default();
	calls_init(&calls, &options, &peer);
	test_good();
	test_differing();
	test_faults();
	test_blocked();
	return tap_done();
}

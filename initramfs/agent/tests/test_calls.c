/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_calls - a script's calls made on this kernel's loopback addresses: twins, results, errno, what the kernel stored,
 * arguments of a wrong form
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

/* Returns what came out; its fault is "" when the call was made. */
static struct call_outcome run(const struct script_call *call)
{
	struct call_run *call_run = calls_take(&calls, CALLS_MAIN, call);

	if (!calls_outcome(call_run)->fault[0]) {
		calls_make(call_run);
		calls_hold(call_run);
	}
	return *calls_outcome(call_run);
}

/* Each line as the script says. */
static const char good[] =
	"0 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 30\n"
	"+0 setsockopt(30, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"
	"+0 getsockopt(30, SOL_SOCKET, SO_REUSEADDR, [1], [4]) = 0\n"
	"+0 setsockopt(30, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0\n"
	"+0 getsockopt(30, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, [8]) = 0\n"
	"+0 setsockopt(30, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=3, tv_usec=0}, ...) = 0\n"
	"+0 getsockopt(30, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=3, tv_usec=0}, [16]) = 0\n"
	"+0 setsockopt(30, SOL_TCP, TCP_CONGESTION, \"reno\", 4) = 0\n"
	"+0 getsockopt(30, SOL_TCP, TCP_CONGESTION, \"reno\", [16]) = 0\n"
	"+0 getsockopt(30, SOL_TCP, TCP_INFO, {tcpi_state=TCP_CLOSE, tcpi_rto=...}, ...) = 0\n"
	"+0 bind(30, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}, ...) = 0\n"
	"+0 getsockname(30, {sa_family=AF_INET, sin_port=..., sin_addr=inet_addr(\"127.0.0.1\")}, [16]) = 0\n"
	"+0 listen(30, 1) = 0\n"
	"+0 listen(31, 1) = -1 EBADF\n"
	"+0 fcntl(30, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
	"+0 fcntl(30, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)\n"
	"+0 accept(30, ..., ...) = -1 EAGAIN (Resource temporarily unavailable)\n"
	"+0 poll([{fd=30, events=POLLIN, revents=0}], 1, 0) = 0\n"
	"+0 epoll_create(1) = 33\n"
	"+0 epoll_ctl(33, EPOLL_CTL_ADD, 30, {events=EPOLLIN, fd=30}) = 0\n"
	"+0 epoll_wait(33, {events=EPOLLIN, fd=30}, 1, 0) = 0\n"
	"+0 select(31, {fds=[30], ready=[]}, NULL, NULL, {tv_sec=0, tv_usec=0}) = 0\n"
	"+0 write(30, ..., 10) = -1 EPIPE\n"
	"+0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 7\n"
	"+0 dup(7) = 8\n"
	"+0 fcntl(7, F_DUPFD, 20) = 9\n"
	"+0 close(7) = 0\n"
	"+0 close(7) = -1 EBADF\n"
	"+0 close(8) = 0\n"
	"+0 close(9) = 0\n"
	"+0 pipe([10, 11]) = 0\n"
	"+0 write(11, \"abcdef\", 6) = 6\n"
	"+0 ioctl(10, FIONREAD, [6]) = 0\n"
	"+0 poll([{fd=10, events=POLLIN, revents=POLLIN}], 1, 0) = 1\n"
	"+0 select(12, {fds=[10], ready=[10]}, [11], NULL, {tv_sec=0, tv_usec=0}) = 2\n"
	"+0 readv(10, [{\"ab\", 2}, {..., 2}], 2) = 4\n"
	"+0 read(10, \"ef\", 10) = 2\n"
	"+0 writev(11, [{\"xy\", 2}, {\"z\"..., 3}], 2) = 5\n"
	"+0 read(10, \"xyzzz\", 5) = 5\n"
	"+0 fork_hold(11) = 0\n"
	"+0 close(11) = 0\n"
	"+0 fcntl(10, F_SETFL, O_NONBLOCK) = 0\n"
	"+0 read(10, ..., 5) = -1 EAGAIN\n"
	"+0 fork_release(11) = 0\n"
	"+0 read(10, ..., 5) = 0\n"
	"+0 fork_release(11) = -1 EBADF\n"
	"+0 open(\"/dev/zero\", O_RDONLY) = 12\n"
	"+0 read(12, \"\\0\\0\\0\", 3) = 3\n"
	"+0 socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 13\n"
	"+0 bind(13, {sa_family=AF_INET, sin_port=htons(4321), sin_addr=inet_addr(\"127.0.0.1\")}, ...) = 0\n"
	"+0 setsockopt(13, SOL_IP, IP_RECVTTL, [1], 4) = 0\n"
	"+0 sendto(13, \"hello\", 5, 0, {sa_family=AF_INET, sin_port=htons(4321), sin_addr=inet_addr(\"127.0.0.1\")}, ...) = 5\n"
	"+0 recvmsg(13, {msg_name(...)={sa_family=AF_INET, sin_port=htons(4321), sin_addr=inet_addr(\"127.0.0.1\")}, "
	"msg_iov(1)=[{\"hello\", 100}], msg_flags=0, msg_control=[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=64}]}, 0) = 5\n"
	"+0 sendmsg(13, {msg_name(...)={sa_family=AF_INET, sin_port=htons(4321), sin_addr=inet_addr(\"127.0.0.1\")}, "
	"msg_iov(1)=[{..., 3}], msg_flags=0, msg_control=[{cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=9}]}, 0) = 3\n"
	"+0 recvmsg(13, {msg_name(...)=..., msg_iov(1)=[{..., 100}], msg_flags=0, "
	"msg_control=[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=9}]}, 0) = 3\n"
	"+0 sendto(13, ..., 9, 0, {sa_family=AF_INET, sin_port=htons(4321), sin_addr=inet_addr(\"127.0.0.1\")}, ...) = 9\n"
	"+0 recvmsg(13, {msg_name(...)=..., msg_iov(1)=[{..., 4}], msg_flags=MSG_TRUNC|MSG_CTRUNC}, 0) = 4\n"
	"+0 shutdown(30, SHUT_RDWR) = 0\n"
	"+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = ...\n"
	"+0 close(30) = 0\n";

static void test_good(void)
{
	const struct script *script = parse(good);
	const struct script_call *call;

	for (unsigned i = 0; (call = call_of(script, i)); i++) {
		struct call_outcome outcome;

		if (!tap_ok(calls_check(&calls, call, &outcome), "line %u: %s is known: %s", i + 1, call->name, outcome.fault))
			continue;
		outcome = run(call);
		tap_ok(!outcome.fault[0] && !outcome.difference.mark[0], "line %u: %s comes out as written: %s %s %s/%s", i + 1,
		       call->name, outcome.fault, outcome.difference.mark, outcome.difference.expected, outcome.difference.actual);
	}
}

/* What must be done before, what the script says, and what differs: a mark, and both texts. */
static const struct { const char *before, *text, *mark, *expected, *actual; } differing[] = {
	{ NULL, "socket(..., SOCK_STREAM, IPPROTO_TCP) = -1 EINVAL", "result", "-1 EINVAL", NULL },
	{ NULL, "close(99) = 0", "result", "0", "-1 EBADF" },
	{ NULL, "close(99) = -1 EINTR", "errno", "-1 EINTR", "-1 EBADF" },
	{ NULL, "getsockopt(3, SOL_SOCKET, SO_REUSEADDR, [7], [4]) = 0", "value of argument 4", "7", "0" },
	{ NULL, "getsockopt(3, SOL_SOCKET, SO_REUSEADDR, [0], [8]) = 0", "value of argument 5", "8", "4" },
	{ NULL, "getsockopt(3, SOL_SOCKET, SO_TYPE, SOCK_DGRAM, [4]) = 0", "value of argument 4", "SOCK_DGRAM (2)", "1" },
	{ NULL, "getsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=0, linger=4}, [8]) = 0", "value of argument 4.linger", "4", "0" },
	{ NULL, "getsockopt(3, SOL_TCP, TCP_INFO, {tcpi_state=TCP_LISTEN}, ...) = 0", "value of argument 4.tcpi_state", "TCP_LISTEN (10)", "7" },
	{ NULL, "getsockopt(3, SOL_TCP, TCP_INFO, {tcpi_rto=...}, [99]) = 0", NULL, NULL, NULL },
	{ NULL, "getsockopt(3, SOL_TCP, TCP_INFO, {tcpi_total_retrans=0}, 16) = 0", "value of argument 4.tcpi_total_retrans", "a value",
	  "not told: the struct has 16 bytes on this kernel" },
	{ NULL, "getsockopt(3, SOL_TCP, TCP_CONGESTION, \"nothing\", ...) = 0", "value of argument 4", "\"nothing\"", NULL },
	{ NULL, "poll([{fd=3, events=POLLIN, revents=POLLPRI}], 1, 0) = ...", "value of argument 1[0].revents", "POLLPRI (2)", "16" },
	{ NULL, "poll([{fd=3, events=POLLIN, revents=POLLIN|POLLPRI}], 1, 0) = ...", "value of argument 1[0].revents",
	  "POLLIN|POLLPRI (0x3)", "0x10" },
	{ NULL, "select(4, {fds=[3], ready=[]}, NULL, NULL, {tv_sec=0, tv_usec=0}) = ...", "value of argument 2: descriptor 3", "not ready",
	  "ready" },
	{ "write(6, \"abc\", 3) = 3", "read(5, \"xyz\", 3) = 3", "value of argument 2", "\"xyz\"", "\"abc\"" },
	{ "write(6, \"abc\", 3) = 3", "readv(5, [{..., 1}, {\"x\", 1}, {..., 1}], 3) = 3", "value of argument 2[1].iov_base", "\"x\"", "\"b\"" },
	{ "write(6, \"abc\", 3) = 3", "ioctl(5, FIONREAD, [4]) = 0", "value of argument 3", "4", "3" },
	{ NULL, "epoll_wait(7, [{events=EPOLLIN, fd=4}], 1, 0) = 1", "value of argument 2[0].fd", "4", "5" },
	{ NULL, "epoll_wait(7, {events=EPOLLERR, fd=5}, 1, 0) = 1", "value of argument 2.events", "EPOLLERR (8)", "1" },
};

static const char scene[] =
	"0 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n"
	"+0 pipe([5, 6]) = 0\n"
	"+0 epoll_create(1) = 7\n"
	"+0 epoll_ctl(7, EPOLL_CTL_ADD, 5, {events=EPOLLIN, fd=5}) = 0\n";

static struct call_outcome run_text(const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "0 %s\n", text);
	return run(call_of(parse(line), 0));
}

static void test_differing(void)
{
	const struct script *script = parse(scene);

	for (unsigned i = 0; call_of(script, i); i++)
		run(call_of(script, i));
	for (size_t i = 0; i < sizeof(differing) / sizeof(differing[0]); i++) {
		struct call_outcome outcome;
		struct call_difference *difference = &outcome.difference;

		if (differing[i].before)
			run_text(differing[i].before);
		outcome = run_text(differing[i].text);
		tap_ok(strcmp(difference->mark, differing[i].mark ? differing[i].mark : "") == 0
		       && (!differing[i].expected || strcmp(difference->expected, differing[i].expected) == 0)
		       && (!differing[i].actual || strcmp(difference->actual, differing[i].actual) == 0),
		       "%s differs: %s: %s, %s", differing[i].text, difference->mark, difference->expected, difference->actual);
	}
}

/* Found before time starts. */
static const char *const unknown[] = {
	"foo(3) = 0", "close() = 0", "close(3, 4) = 0", "write(3, ..., -1) = 0", "write(3, ..., 99999999999) = 0",
	"close(...) = 0", "bind(3, 5, ...) = 0", "bind(3, \"x\", ...) = 0", "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, ..., 4) = 0",
	"setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 100000) = 0", "write(3, [1], 4) = 4", "listen(3, \"x\") = 0",
	"getsockopt(3, SOL_SOCKET, SO_LINGER, ..., [80000]) = 0", "setsockopt(3, SOL_SOCKET, SO_LINGER, {onof=1}, 8) = 0",
	"poll(3, 1, 0) = 0", "poll([{events=POLLIN}], 1, 0) = 0", "poll([3], 1, 0) = 0", "epoll_wait(3, ..., 99999, 0) = 0",
	"epoll_ctl(3, EPOLL_CTL_ADD, 4, {fd=4}) = 0", "readv(3, [4], 1) = 0", "readv(3, [{..., 4}], 2) = 0", "poll([{fd=3, events=0}], 2, 0) = 0", "readv(3, {..., 4}, 1) = 0",
	"readv(3, [{..., -4}], 1) = 0", "readv(3, [{..., 20000000}, {..., 20000000}], 1) = 0", "recvmsg(3, 4, 0) = 0",
	"recvmsg(3, {msg_foo=1}, 0) = 0", "recvmsg(3, {msg_iov(1)=[{..., 1}], msg_control=[{cmsg_level=1}]}, 0) = 0",
	"recvmsg(3, {msg_iov(1)=[{..., 1}], msg_control=[4]}, 0) = 0", "recvmsg(3, {msg_iov(1)=[{..., 1}], msg_flags=\"x\"}, 0) = 0",
	"sendmsg(3, {msg_iov(1)=[{..., 1}], msg_control=[{cmsg_len=-1, cmsg_level=1, cmsg_type=1, cmsg_data=1}]}, 0) = 0",
	"sendmsg(3, {msg_iov(1)=[{..., 1}], msg_control=[{cmsg_len=99999, cmsg_level=1, cmsg_type=1, cmsg_data=1}]}, 0) = 0",
	"select(3, 4, NULL, NULL, NULL) = 0", "select(3, {ready=[4]}, NULL, NULL, NULL) = 0", "select(3, NULL, NULL, NULL, {foo=1}) = 0",
	"pipe([3]) = 0", "pipe(...) = 0", "open(3, O_RDONLY) = 3", "dup2(3, 600) = 600", "fcntl(3, F_DUPFD, 600) = 600",
	"accept(3, \"x\", ...) = 4", "accept(3, ..., \"x\") = 4", "sendto(3, ..., 1, 0, {sa_family=AF_INET, sin_addr=\"x\"}, ...) = 1",
	"bind(3, ..., 1000) = 0", "ioctl(3, FIONREAD, \"x\") = 0", "splice(3, \"x\", 4, NULL, 1, 0) = 1",
};

static void test_faults(void)
{
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		char line[512];
		struct call_outcome outcome;
		bool refused;

		snprintf(line, sizeof(line), "0 %s\n", unknown[i]);
		refused = !calls_check(&calls, call_of(parse(line), 0), &outcome);
		tap_ok(refused && outcome.fault[0], "refused before time starts: %s: %s", unknown[i], outcome.fault);
	}
}

/* As many as fit: the kernel must not be handed memory that is not there. */
static void test_long_lists(void)
{
	static char text[128 * 1024];
	size_t used = (size_t)sprintf(text, "0 sendmsg(3, {msg_iov(1)=[{..., 1}], msg_control=[");
	struct call_outcome outcome;

	for (unsigned i = 0; i < 200; i++)
		used += (size_t)sprintf(text + used, "%s{cmsg_level=1, cmsg_type=1, cmsg_data=[1,2,3,4,5,6,7,8,9]}", i ? ", " : "");
	sprintf(text + used, "]}, 0) = 0\n");
	tap_ok(!calls_check(&calls, call_of(parse(text), 0), &outcome), "too many control messages: %s", outcome.fault);
	used = (size_t)sprintf(text, "0 setsockopt(3, SOL_TCP, TCP_REPAIR_OPTIONS, [");
	for (unsigned i = 0; i < 200; i++)
		used += (size_t)sprintf(text + used, "%s{opt_code=1, opt_val=2}", i ? ", " : "");
	sprintf(text + used, "], ...) = 0\n");
	tap_ok(!calls_check(&calls, call_of(parse(text), 0), &outcome), "too many structs: %s", outcome.fault);
	used = (size_t)sprintf(text, "0 setsockopt(3, SOL_TCP, TCP_REPAIR_OPTIONS, [");
	for (unsigned i = 0; i < 400; i++)
		used += (size_t)sprintf(text + used, "%s%u", i ? ", " : "", i);
	sprintf(text + used, "], ...) = 0\n");
	tap_ok(!calls_check(&calls, call_of(parse(text), 0), &outcome), "too many numbers: %s", outcome.fault);
}

/* A listener nobody connects to: the call must not take the agent along. */
static void test_blocked(void)
{
	static const char text[] = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 40\n"
				   "+0 bind(40, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"0.0.0.0\")}, ...) = 0\n"
				   "+0 listen(40, 1) = 0\n+0 accept(40, ..., ...) = 41\n";
	const struct script *script = parse(text);
	struct call_run *accept;

	for (unsigned i = 0; i < 3; i++)
		run(call_of(script, i));
	accept = calls_take(&calls, CALLS_MAIN, call_of(script, 3));
	alarm(1); /* as calls_guard(), which is more patient than a test */
	calls_make(accept);
	tap_ok(!calls_hold(accept) && strstr(calls_outcome(accept)->difference.actual, "blocked"),
	       "a call that blocks is interrupted: %s", calls_outcome(accept)->difference.actual);
	tap_ok(peer.listened, "the peer was told of listen()");
}

static void test_absent(void)
{
	struct call_outcome outcome;

	snprintf(calls.release, sizeof(calls.release), "2.6.32.2");
	/* TCP_RTO_MAX_MS, of a datagram socket: whatever kernel this runs on answers as one that lacks it. */
	run_text("socket(..., SOCK_DGRAM, IPPROTO_UDP) = 50");
	outcome = run_text("setsockopt(50, SOL_TCP, 44, [1000], 4) = 0");
	tap_ok(strstr(outcome.difference.note, "2.6.32.2") && strstr(outcome.difference.note, "6.15"),
	       "a kernel that lacks an option is named: %s", outcome.difference.note);
}

/* "what ...: the socket": tested, closed, accepted. */
static void test_under_test(void)
{
	tap_ok(calls.under_test >= 0, "the first TCP socket is the one under test");
	run_text("close(3) = 0");
	tap_ok(calls.under_test < 0 || calls.under_test != 3, "a closed one is not");
}

int main(void)
{
	options = options_default();
	calls_init(&calls, &options, &peer);
	test_good();
	calls.under_test = -1;
	test_differing();
	test_faults();
	test_long_lists();
	test_absent();
	test_under_test();
	test_blocked();
	return tap_done();
}

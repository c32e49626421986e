/* SPDX-License-Identifier: GPL-2.0-or-later
 * calls - the system calls a script makes; calls.h is the manual
 */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "call_arguments.h"
#include "clock.h"
#include "symbols.h"

typedef int64_t call_handler(struct call_run *run);

static int64_t call_socket(struct call_run *run)
{
	int64_t domain = argument_integer_or(run, 0, AF_INET), type = argument_integer(run, 1);
	int64_t protocol = argument_integer(run, 2);

	return call_ready(run) ? socket((int)domain, (int)type, (int)protocol) : -1;
}

static int64_t call_bind(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	struct call_address address = argument_address(run, 1, run->calls->options->net.local, run->calls->options->bind_port);

	return call_ready(run) ? bind(fd, (struct sockaddr *)&address.storage, address.length) : -1;
}

static int64_t call_connect(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	struct call_address address = argument_address(run, 1, run->calls->options->net.remote, run->calls->options->connect_port);

	return call_ready(run) ? connect(fd, (struct sockaddr *)&address.storage, address.length) : -1;
}

static int64_t call_listen(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	int64_t backlog = argument_integer(run, 1), result;

	if (!call_ready(run))
		return -1;
	result = listen(fd, (int)backlog);
	if (!result)
		peer_listened(run->calls->peer);
	return result;
}

/* Whom it accepted is known: the script is the peer. */
static int64_t call_accept(struct call_run *run)
{
	int fd = argument_fd(run, 0);

	return call_ready(run) ? accept(fd, NULL, NULL) : -1;
}

static int64_t call_accept4(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	int64_t flags = argument_integer(run, 3);

	return call_ready(run) ? accept4(fd, NULL, NULL, (int)flags) : -1;
}

static int64_t call_read(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	size_t count = argument_size(run, 2);

	return call_ready(run) ? read(fd, call_buffer(), count) : -1;
}

static int64_t call_recv(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	size_t count = argument_size(run, 2);
	int64_t flags = argument_integer(run, 3);

	return call_ready(run) ? recv(fd, call_buffer(), count, (int)flags) : -1;
}

static int64_t call_write(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	size_t count = argument_size(run, 2);
	const void *data = argument_data(run, 1, count);

	return call_ready(run) ? write(fd, data, count) : -1;
}

static int64_t call_send(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	size_t count = argument_size(run, 2);
	const void *data = argument_data(run, 1, count);
	int64_t flags = argument_integer(run, 3);

	return call_ready(run) ? send(fd, data, count, (int)flags) : -1;
}

static int64_t call_close(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	int64_t result;

	if (!call_ready(run))
		return -1;
	result = close(fd);
	if (!result)
		call_part(run, 0);
	return result;
}

static int64_t call_shutdown(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	int64_t how = argument_integer(run, 1);

	return call_ready(run) ? shutdown(fd, (int)how) : -1;
}

static int64_t call_setsockopt(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	int64_t level = argument_integer(run, 1), name = argument_integer(run, 2);
	struct call_value value = argument_value(run, 3);
	int64_t length = argument_integer_or(run, 4, (int64_t)value.length);

	if (!call_ready(run))
		return -1;
	/* A script may well claim another length than the value has; what is there to read is the buffer's size. */
	if (length > (int64_t)sizeof(value.bytes))
		return call_fault(run, 4, "the option's value is too long");
	return setsockopt(fd, (int)level, (int)name, value.bytes, (socklen_t)length);
}

static int64_t call_getsockopt(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	int64_t level = argument_integer(run, 1), name = argument_integer(run, 2);
	int64_t value = 0, result;
	socklen_t length = (socklen_t)argument_integer_or(run, 4, sizeof(int));

	if (!call_ready(run))
		return -1;
	if (length > sizeof(value))
		return call_fault(run, 4, "only options that are one number are supported yet");
	result = getsockopt(fd, (int)level, (int)name, &value, &length);
	if (!result)
		call_returned(run, 3, length == sizeof(int) ? (int)value : value);
	return result;
}

static int64_t call_fcntl(struct call_run *run)
{
	int fd = argument_fd(run, 0);
	int64_t command = argument_integer(run, 1);
	int64_t argument = argument_integer_or(run, 2, 0);

	return call_ready(run) ? fcntl(fd, (int)command, (long)argument) : -1;
}

static const struct call_row {
	const char *name;
	unsigned least, most;  /* arguments */
	bool makes_descriptor; /* the result is one */
	call_handler *run;
	int data_size;         /* which argument tells how many bytes are moved; 0: none */
} table[] = {
	{ "accept", 3, 3, true, call_accept, 0 },
	{ "accept4", 4, 4, true, call_accept4, 0 },
	{ "bind", 3, 3, false, call_bind, 0 },
	{ "close", 1, 1, false, call_close, 0 },
	{ "connect", 3, 3, false, call_connect, 0 },
	{ "fcntl", 2, 3, false, call_fcntl, 0 },
	{ "getsockopt", 5, 5, false, call_getsockopt, 0 },
	{ "listen", 2, 2, false, call_listen, 0 },
	{ "read", 3, 3, false, call_read, 2 },
	{ "recv", 4, 4, false, call_recv, 2 },
	{ "send", 4, 4, false, call_send, 2 },
	{ "setsockopt", 5, 5, false, call_setsockopt, 0 },
	{ "shutdown", 2, 2, false, call_shutdown, 0 },
	{ "socket", 3, 3, true, call_socket, 0 },
	{ "write", 3, 3, false, call_write, 2 },
};

static const struct call_row *find_row(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

/* Its coming is enough: a handler without SA_RESTART makes the blocked call return EINTR. */
static void on_alarm(int number)
{
	(void)number;
}

void calls_init(struct calls *calls, const struct options *options, struct peer *peer)
{
	struct sigaction action = { .sa_handler = on_alarm };

	calls->options = options;
	calls->peer = peer;
	for (unsigned i = 0; i < CALLS_DESCRIPTORS; i++)
		calls->live[i] = -1;
	sigaction(SIGALRM, &action, NULL);
	/* A write after the peer's reset answers EPIPE, which is for the script to judge. */
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

bool calls_prepare(const struct script_call *call, struct call_outcome *outcome)
{
	const struct call_row *row = find_row(call->name);
	const struct script_expr *size;
	int64_t bytes;

	memset(outcome, 0, sizeof(*outcome));
	if (!row) {
		snprintf(outcome->fault, sizeof(outcome->fault), "system call %.64s is not supported yet", call->name);
		return false;
	}
	if (call->argument_count < row->least || call->argument_count > row->most) {
		snprintf(outcome->fault, sizeof(outcome->fault), "%s takes %u%s arguments, not %u", row->name, row->least,
			 row->most > row->least ? " or more" : "", call->argument_count);
		return false;
	}
	size = row->data_size ? script_argument(call, (unsigned)row->data_size) : NULL;
	if (!size || !script_integer(size, &bytes))
		return true;
	if (!call_buffer_reserve(bytes)) {
		snprintf(outcome->fault, sizeof(outcome->fault), "at most %d bytes can be moved at once", CALL_BUFFER_MAX_BYTES);
		outcome->line = size->line;
		outcome->column = size->column;
		return false;
	}
	return true;
}

static void set_alarm(int64_t after_ns)
{
	struct itimerval alarm = { .it_value = { after_ns / NS_PER_S, after_ns % NS_PER_S / NS_PER_US } };

	setitimer(ITIMER_REAL, &alarm, NULL);
}

/* A call that makes a descriptor: the script's number is paired with the kernel's. */
static void pair(struct calls *calls, const struct script_call *call, int64_t live)
{
	int64_t number = live;

	script_integer(call->result, &number);
	if (number >= 0 && number < CALLS_DESCRIPTORS)
		calls->live[number] = (int)live;
}

void calls_run(struct calls *calls, const struct script_call *call, struct call_outcome *outcome)
{
	const struct call_row *row = find_row(call->name);
	struct call_run run = { .calls = calls, .call = call, .outcome = outcome };

	memset(outcome, 0, sizeof(*outcome));
	if (!row)
		return;
	set_alarm(calls->options->tolerance_ns > NS_PER_US ? calls->options->tolerance_ns : NS_PER_US);
	errno = 0;
	outcome->begin_ns = clock_ns();
	outcome->result = row->run(&run);
	outcome->error = outcome->result < 0 ? errno : 0;
	outcome->end_ns = clock_ns();
	set_alarm(0);
	/* Nothing else interrupts. */
	outcome->blocked = outcome->error == EINTR;
	if (row->makes_descriptor && outcome->result >= 0)
		pair(calls, call, outcome->result);
}

static void print_result(char *text, int64_t result, const char *error, const char *note)
{
	snprintf(text, CALLS_TEXT_BYTES, "%lld%s%s%s", (long long)result, error ? " " : "", error ? error : "", note);
}

static void print_actual(char *text, const struct call_outcome *outcome)
{
	char number[16];
	const char *name = errno_name(outcome->error);

	snprintf(number, sizeof(number), "errno %d", outcome->error);
	print_result(text, outcome->result, outcome->error ? (name ? name : number) : NULL,
		     outcome->blocked ? " (interrupted: it blocked longer than the tolerance)" : "");
}

bool calls_compare(const struct script_call *call, const struct call_outcome *outcome, struct call_difference *difference)
{
	const struct call_row *row = find_row(call->name);
	int64_t wanted;
	bool same;

	memset(difference, 0, sizeof(*difference));
	if (!row || !script_integer(call->result, &wanted))
		return true;
	/* Descriptors are twins: any live one answers the script's. */
	same = row->makes_descriptor && wanted >= 0 ? outcome->result >= 0 : outcome->result == wanted;
	difference->mark = same ? "errno" : "result";
	if (same && outcome->returned_wrong) {
		difference->mark = "value";
		print_result(difference->expected, outcome->returned_wanted, NULL, "");
		print_result(difference->actual, outcome->returned, NULL, "");
		return false;
	}
	if (same && (!call->errno_name || call->errno_value == outcome->error))
		return true;
	print_result(difference->expected, wanted, call->errno_name, "");
	print_actual(difference->actual, outcome);
	return false;
}

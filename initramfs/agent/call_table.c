/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_table - which system calls there are; call_table.h is the manual
 */
#include "call_table.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/syscall.h>

#include "call_arguments.h"
#include "call_hold.h"
#include "call_message.h"
#include "call_option.h"
#include "call_wait.h"

static int64_t script_number(const struct call_run *run, unsigned n)
{
	int64_t number = -1;

	if (script_argument(run->call, n))
		script_integer(script_argument(run->call, n), &number);
	return number;
}

static void after_listen(struct call_run *run)
{
	peer_listened(run->calls->peer);
}

static void after_close(struct call_run *run)
{
	int64_t number = script_number(run, 0);

	call_pair(run->calls, number, -1);
	if (number == run->calls->under_test)
		run->calls->under_test = -1;
}

static void after_dup2(struct call_run *run)
{
	call_pair(run->calls, script_number(run, 1), (int)run->outcome.result);
}

/* The socket that values are asked of is the first TCP one, or an accepted one once there is one. */
static void after_socket(struct call_run *run)
{
	struct calls *calls = run->calls;
	bool is_tcp = (run->arguments[1] & 0xf) == SOCK_STREAM && (!run->arguments[2] || run->arguments[2] == IPPROTO_TCP);

	peer_socket_made(calls->peer, (int)run->outcome.result);
	if (is_tcp && calls->under_test < 0) {
		int64_t number = run->outcome.result;

		script_integer(run->call->result, &number);
		calls->under_test = (int)number;
	}
}

static void after_accept(struct call_run *run)
{
	int64_t number = run->outcome.result;

	script_integer(run->call->result, &number);
	run->calls->under_test = (int)number;
	run->calls->under_test_accepted = true;
}

#define FD &call_fd
#define NUMBER &call_number
#define OPEN_NUMBER &call_number_open

static const struct call_row rows[] = {
	{ "accept", SYS_accept, NULL, CALL_RESULT_FD, 3, 3, { FD, &call_address_out, &call_address_bytes_out }, NULL, after_accept },
	{ "accept4", SYS_accept4, NULL, CALL_RESULT_FD, 4, 4,
	  { FD, &call_address_out, &call_address_bytes_out, NUMBER }, NULL, after_accept },
	{ "bind", SYS_bind, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_address_local, &call_address_bytes }, NULL, NULL },
	{ "close", SYS_close, NULL, CALL_RESULT_NUMBER, 1, 1, { FD }, NULL, after_close },
	{ "connect", SYS_connect, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_address_remote, &call_address_bytes }, NULL, NULL },
	{ "dup", SYS_dup, NULL, CALL_RESULT_FD, 1, 1, { FD }, NULL, NULL },
	{ "dup2", SYS_dup2, NULL, CALL_RESULT_FD, 2, 2, { FD, &call_fd_free }, NULL, after_dup2 },
	{ "dup3", SYS_dup3, NULL, CALL_RESULT_FD, 3, 3, { FD, &call_fd_free, NUMBER }, NULL, after_dup2 },
	{ "epoll_create", SYS_epoll_create, NULL, CALL_RESULT_FD, 1, 1, { NUMBER }, NULL, NULL },
	{ "epoll_create1", SYS_epoll_create1, NULL, CALL_RESULT_FD, 1, 1, { NUMBER }, NULL, NULL },
	{ "epoll_ctl", SYS_epoll_ctl, NULL, CALL_RESULT_NUMBER, 4, 4, { FD, NUMBER, FD, &call_epoll_event }, NULL, NULL },
	{ "epoll_wait", SYS_epoll_wait, NULL, CALL_RESULT_NUMBER, 4, 4, { FD, &call_epoll_events, NUMBER, NUMBER }, NULL, NULL },
	{ "fcntl", SYS_fcntl, NULL, CALL_RESULT_FCNTL, 2, 3, { FD, NUMBER, &call_fcntl_value }, NULL, NULL },
	{ "fork_hold", -1, NULL, CALL_RESULT_NUMBER, 1, 1, { FD }, call_hold, NULL },
	{ "fork_release", -1, NULL, CALL_RESULT_NUMBER, 1, 1, { FD }, call_release, NULL },
	{ "getpeername", SYS_getpeername, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_address_out, &call_address_bytes_out }, NULL, NULL },
	{ "getsockname", SYS_getsockname, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_address_out, &call_address_bytes_out }, NULL, NULL },
	{ "getsockopt", SYS_getsockopt, NULL, CALL_RESULT_NUMBER, 5, 5,
	  { FD, NUMBER, NUMBER, &call_option_result, &call_option_result_bytes }, NULL, NULL },
	{ "ioctl", SYS_ioctl, NULL, CALL_RESULT_NUMBER, 2, 3, { FD, NUMBER, &call_ioctl_value }, NULL, NULL },
	{ "listen", SYS_listen, NULL, CALL_RESULT_NUMBER, 2, 2, { FD, NUMBER }, NULL, after_listen },
	{ "open", SYS_open, NULL, CALL_RESULT_FD, 2, 3, { &call_path, NUMBER, OPEN_NUMBER }, NULL, NULL },
	{ "pipe", SYS_pipe, NULL, CALL_RESULT_NUMBER, 1, 1, { &call_fd_pair }, NULL, NULL },
	{ "pipe2", SYS_pipe2, NULL, CALL_RESULT_NUMBER, 2, 2, { &call_fd_pair, NUMBER }, NULL, NULL },
	{ "poll", SYS_poll, NULL, CALL_RESULT_NUMBER, 3, 3, { &call_poll_list, NUMBER, NUMBER }, NULL, NULL },
	{ "read", SYS_read, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_receive, NUMBER }, NULL, NULL },
	{ "readv", SYS_readv, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_iovec_receive, NUMBER }, NULL, NULL },
	{ "recv", SYS_recvfrom, NULL, CALL_RESULT_NUMBER, 4, 4, { FD, &call_receive, NUMBER, NUMBER }, NULL, NULL },
	{ "recvfrom", SYS_recvfrom, NULL, CALL_RESULT_NUMBER, 6, 6,
	  { FD, &call_receive, NUMBER, NUMBER, &call_address_out, &call_address_bytes_out }, NULL, NULL },
	{ "recvmsg", SYS_recvmsg, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_message_receive, NUMBER }, NULL, NULL },
	{ "select", SYS_select, NULL, CALL_RESULT_NUMBER, 5, 5,
	  { &call_select_count, &call_select_set, &call_select_set, &call_select_set, &call_timeval }, NULL, NULL },
	{ "send", SYS_sendto, NULL, CALL_RESULT_NUMBER, 4, 4, { FD, &call_send, NUMBER, NUMBER }, NULL, NULL },
	{ "sendfile", SYS_sendfile, NULL, CALL_RESULT_NUMBER, 4, 4, { FD, FD, &call_offset, NUMBER }, NULL, NULL },
	{ "sendmsg", SYS_sendmsg, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_message_send, NUMBER }, NULL, NULL },
	{ "sendto", SYS_sendto, NULL, CALL_RESULT_NUMBER, 6, 6,
	  { FD, &call_send, NUMBER, NUMBER, &call_address_any, &call_address_bytes }, NULL, NULL },
	{ "setsockopt", SYS_setsockopt, NULL, CALL_RESULT_NUMBER, 5, 5,
	  { FD, NUMBER, NUMBER, &call_option_value, &call_option_bytes }, NULL, NULL },
	{ "shutdown", SYS_shutdown, NULL, CALL_RESULT_NUMBER, 2, 2, { FD, NUMBER }, NULL, NULL },
	{ "socket", SYS_socket, NULL, CALL_RESULT_FD, 3, 3, { &call_family, NUMBER, NUMBER }, NULL, after_socket },
	{ "splice", SYS_splice, NULL, CALL_RESULT_NUMBER, 6, 6, { FD, &call_offset, FD, &call_offset, NUMBER, NUMBER }, NULL, NULL },
	{ "write", SYS_write, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_send, NUMBER }, NULL, NULL },
	{ "writev", SYS_writev, NULL, CALL_RESULT_NUMBER, 3, 3, { FD, &call_iovec_send, NUMBER }, NULL, NULL },
};

const struct call_row *call_find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

bool call_makes_descriptor(const struct call_run *run)
{
	return run->row->result == CALL_RESULT_FD
	       || (run->row->result == CALL_RESULT_FCNTL && (run->arguments[1] == F_DUPFD || run->arguments[1] == F_DUPFD_CLOEXEC));
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * commands - runs a command of the script's with /bin/sh; commands.h is the manual
 */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "descriptor.h"
#include "symbols.h"

#define COMMAND_SHELL "/bin/sh"

extern char **environ;

/* epoll_fd is readable when a child ended or a command printed. */
static int epoll_fd = -1, children_fd = -1;

static int watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int commands_open(void)
{
	sigset_t children;
	char number[16];

	if (epoll_fd >= 0)
		return 0;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	children_fd = descriptor_raise(signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC));
	epoll_fd = children_fd < 0 ? -1 : descriptor_raise(epoll_create1(EPOLL_CLOEXEC));
	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv("PACKETDRILL_PID", number, 0);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	return epoll_fd < 0 ? -1 : watch(children_fd);
}

/* Returns 0 or an errno. */
static int spawn(const char *text, int output, pid_t *child)
{
	char *const arguments[] = { "sh", "-c", (char *)text, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	posix_spawn_file_actions_adddup2(&actions, output, 2);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	error = posix_spawn(child, COMMAND_SHELL, &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* All that is there by now. */
static void read_output(int output, struct command_result *result)
{
	static char rest[4096];
	ssize_t got;

	do {
		size_t room = COMMANDS_OUTPUT_BYTES - result->output_bytes;

		got = room ? read(output, result->output + result->output_bytes, room) : read(output, rest, sizeof(rest));
		if (got > 0)
			*(room ? &result->output_bytes : &result->lost_bytes) += (size_t)got;
	} while (got > 0);
	result->output[result->output_bytes] = '\0';
	if (got == 0) /* all writers are gone: it would be readable for ever */
		epoll_ctl(epoll_fd, EPOLL_CTL_DEL, output, NULL);
}

static void wait_for_news(struct loop *loop)
{
	struct pollfd news = { .fd = epoll_fd, .events = POLLIN };

	if (!loop) {
		poll(&news, 1, -1);
		return;
	}
	loop->extra_fd = epoll_fd;
	while (loop_wait(loop, CLOCK_NEVER) != LOOP_EXTRA)
		;
	loop->extra_fd = -1;
}

static int wait_for(struct loop *loop, pid_t child, int output, struct command_result *result)
{
	struct signalfd_siginfo signal;
	int status = 0;

	do {
		wait_for_news(loop);
		while (read(children_fd, &signal, sizeof(signal)) > 0)
			;
		read_output(output, result);
	} while (waitpid(child, &status, WNOHANG) != child);
	read_output(output, result);
	return status;
}

static void describe(struct command_result *result, int status)
{
	result->passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	snprintf(result->how, sizeof(result->how), WIFEXITED(status) ? "exit status %d" : "signal %d",
		 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static void fail(struct command_result *result, const char *what, int error)
{
	const char *name = errno_name(error);

	result->passed = false;
	snprintf(result->how, sizeof(result->how), "cannot be started: %s: %s", what, name ? name : "unknown error");
}

void commands_run(struct loop *loop, const char *text, struct command_result *result)
{
	int ends[2], output, error;
	pid_t child;

	result->output_bytes = result->lost_bytes = 0;
	result->output[0] = '\0';
	if (pipe2(ends, O_CLOEXEC)) {
		fail(result, "pipe", errno);
		return;
	}
	output = descriptor_raise(ends[0]);
	ends[1] = descriptor_raise(ends[1]);
	fcntl(output, F_SETFL, O_NONBLOCK);
	error = spawn(text, ends[1], &child);
	close(ends[1]);
	if (error) {
		fail(result, COMMAND_SHELL, error);
	} else {
		watch(output);
		describe(result, wait_for(loop, child, output, result));
	}
	close(output);
}

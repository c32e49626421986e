/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_hold - a child process that keeps a descriptor; call_hold.h is the manual
 */
#include "call_hold.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Keeps fd alone, says so by closing the last writing end of ready, and stays until it is killed. */
static void keep(int fd, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (int other = 0; other < CALLS_DESCRIPTORS; other++)
		if (other != fd && other != ready)
			close(other);
	close(ready);
	for (;;)
		pause();
}

/* The parent goes on once the child holds no other descriptor: else a close() after this would not be the last one. */
static void await_ready(int ready)
{
	char byte;

	while (read(ready, &byte, 1) < 0 && errno == EINTR)
		;
}

long call_hold(struct call_run *run)
{
	int64_t number = -1;
	int ready[2];
	pid_t child;

	script_integer(run->call->arguments, &number);
	if (run->arguments[0] < 0 || run->calls->holder[number]) {
		errno = run->arguments[0] < 0 ? EBADF : EBUSY;
		return -1;
	}
	if (pipe(ready))
		return -1;
	child = fork();
	if (child == 0)
		keep((int)run->arguments[0], ready[1]);
	close(ready[1]);
	if (child > 0) {
		await_ready(ready[0]);
		run->calls->holder[number] = child;
	}
	close(ready[0]);
	return child > 0 ? 0 : -1;
}

long call_release(struct call_run *run)
{
	int64_t number = -1;
	pid_t child = 0;

	script_integer(run->call->arguments, &number);
	if (number >= 0 && number < CALLS_DESCRIPTORS)
		child = run->calls->holder[number];
	if (!child) {
		errno = EBADF;
		return -1;
	}
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	run->calls->holder[number] = 0;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * blocking - a system call that blocks, in a thread of its own; blocking.h is the manual
 */
#include "blocking.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "descriptor.h"

enum { PRIORITY = 1 };

static void *work(void *user)
{
	struct blocking *blocking = user;
	uint64_t count;

	for (;;) {
		const uint64_t one = 1;

		if (read(blocking->go_fd, &count, sizeof(count)) != sizeof(count))
			continue;
		calls_make(blocking->run);
		(void)!write(blocking->done_fd, &one, sizeof(one));
	}
	return NULL;
}

/* The thread takes no signal: the alarm is for the calls of the main one. */
static int start_thread(struct blocking *blocking)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&blocking->thread, NULL, work, blocking);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* The thread inherits the one processor. */
static int stay_on_one_processor(void)
{
	cpu_set_t one;
	int processor = sched_getcpu();

	CPU_ZERO(&one);
	CPU_SET(processor < 0 ? 0 : processor, &one);
	return sched_setaffinity(0, sizeof(one), &one);
}

int blocking_open(struct blocking *blocking, const char **what)
{
	struct sched_param priority = { .sched_priority = PRIORITY };

	if (blocking->is_open)
		return 0;
	*what = "sched_setaffinity";
	if (stay_on_one_processor())
		return -1;
	*what = "eventfd";
	blocking->go_fd = descriptor_raise(eventfd(0, EFD_CLOEXEC));
	blocking->done_fd = descriptor_raise(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	if (blocking->go_fd < 0 || blocking->done_fd < 0)
		return -1;
	*what = "pthread_create";
	errno = start_thread(blocking);
	if (errno)
		return -1;
	*what = "pthread_setschedparam SCHED_FIFO (needs root)";
	errno = pthread_setschedparam(blocking->thread, SCHED_FIFO, &priority);
	if (errno)
		return -1;
	blocking->is_open = true;
	return 0;
}

void blocking_begin(struct blocking *blocking, struct call_run *run)
{
	const uint64_t one = 1;

	blocking->run = run;
	(void)!write(blocking->go_fd, &one, sizeof(one));
}

bool blocking_take(struct blocking *blocking)
{
	uint64_t count;

	if (!blocking->run || read(blocking->done_fd, &count, sizeof(count)) != sizeof(count))
		return false;
	blocking->run = NULL;
	return true;
}

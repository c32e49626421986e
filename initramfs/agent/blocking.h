/* SPDX-License-Identifier: GPL-2.0-or-later
 * blocking - a system call that blocks, in a thread of its own, while the script goes on
 * in: a call taken by calls_take(CALLS_BLOCKING, ...); out: that it is done. At most one at a time.
 *
 *   blocking_open() -> { blocking_begin() -> blocking_is_done() -> the caller's calls_hold() } ...
 *
 * The thread runs at real-time priority on the agent's own processor: so when blocking_begin() returns, the call has been
 * made and either blocks or is done, and when an event ends it, it is done before the agent goes on. Nothing needs to wait
 * or ask for that, and it is the same every time.
 */
#ifndef FINRIG_AGENT_BLOCKING_H
#define FINRIG_AGENT_BLOCKING_H

#include <pthread.h>
#include <stdbool.h>

#include "calls.h"

struct blocking {
	pthread_t thread;
	int go_fd, done_fd;    /* eventfd(2); done_fd is readable while a done call has not been taken */
	struct call_run *run;  /* in work; NULL: none. The thread's own until done_fd is readable */
	bool is_open;
};

/* Makes the thread, which lives as long as the process. Returns 0, or -1: errno, *what names the step. */
int blocking_open(struct blocking *blocking, const char **what);
/* There must be no other one in work. */
void blocking_begin(struct blocking *blocking, struct call_run *run);
/* True once: the call in work came back, and there is none in work any more. */
bool blocking_take(struct blocking *blocking);

#endif

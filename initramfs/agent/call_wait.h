/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_wait - what poll, select and epoll wait for, as arguments
 *
 *   poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0)
 *   epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}), epoll_wait(5, [{events=EPOLLIN, fd=4}], 1, 0)
 *   select(5, [4], {fds=[4], ready=[]}, NULL, {tv_sec=0, tv_usec=0})     packetdrill has no select
 */
#ifndef FINRIG_AGENT_CALL_WAIT_H
#define FINRIG_AGENT_CALL_WAIT_H

#include "call_run.h"

extern const struct call_kind
	call_poll_list,
	call_epoll_event,   /* for epoll_ctl() */
	call_epoll_events,  /* one or a list of them, from epoll_wait(); their number is the argument behind */
	call_select_count,  /* the script's; the kernel is told the highest live descriptor in the sets */
	call_select_set,    /* NULL, [descriptors], or {fds=[...], ready=[...]} which is compared */
	call_timeval;       /* NULL, ... (both: for ever) or {tv_sec=, tv_usec=} */

#endif

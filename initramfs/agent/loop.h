/* SPDX-License-Identifier: GPL-2.0-or-later
 * loop - waits, and does what is to be done meanwhile: capture, drain, sampling, heartbeat
 * One thread, one poll(2), one absolute timer on CLOCK_MONOTONIC: no spinning, nothing allocated. A guest under
 * `icount,sleep=off` leaps from timer to timer, and the heartbeat sees to it that there always is one.
 */
#ifndef FINRIG_AGENT_LOOP_H
#define FINRIG_AGENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "drain.h"
#include "link.h"
#include "peer.h"
#include "sampler.h"

struct loop {
	int tun_fd, capture_fd, timer_fd; /* the caller's, filled in before use */
	int extra_fd;                     /* loop_wait() returns when it is readable; -1: none */
	int64_t realtime_offset_ns;
	struct drain drain;
	int64_t drain_ns;                 /* when a packet may be taken from tun */
	bool tun_empty;                   /* a read said so; poll for the next */
	bool held;                        /* nothing is taken, whatever the drain */
	int64_t heartbeat_ns;
	const char *look_cause;           /* the sampler is to look when time allows; NULL: not asked for */
	struct sampler *sampler;
	struct peer *peer;
	struct link_injector *injector;
};

enum loop_event {
	LOOP_DUE,    /* the moment has come */
	LOOP_PACKET, /* one or more packets were seen and given to the peer */
	LOOP_EXTRA,
	LOOP_EVENT_COUNT
};

/* The descriptor for timer_fd, or -1: errno. */
int loop_make_timer(void);
/* Script time zero: the drain's times count from here. */
void loop_start(struct loop *loop, const struct drain *drain, int64_t zero_ns);
/* From now on another drain. */
void loop_drain(struct loop *loop, const struct drain *drain, int64_t now_ns);
/* hold: the device's packets are taken neither by the drain nor for a statement; release: those it has are all taken
 * at once, and the drain goes on. */
void loop_hold(struct loop *loop);
void loop_release(struct loop *loop, int64_t now_ns);
/* A statement's packet was seen, or one that no statement can expect: the `expected` drain takes one for each. */
void loop_take_expected(struct loop *loop);
/* Waits until_ns at most. CLOCK_NEVER: for ever. */
enum loop_event loop_wait(struct loop *loop, int64_t until_ns);
/* Waits until the moment has come, whatever is seen before; at once, without a look at anything, if it is past. */
void loop_wait_until(struct loop *loop, int64_t until_ns);
/* Asks for a sample of the sockets at the next wait that is long enough not to make the statement after it late. */
void loop_look_soon(struct loop *loop, const char *cause);
/* Takes one packet from tun, if there is one. */
bool loop_take_packet(struct loop *loop);
/* Gives all packets seen so far to the peer; true if there were any. */
bool loop_capture(struct loop *loop);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * loop - waits, and does what is to be done meanwhile; loop.h is the manual
 */
#include "loop.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "capture.h"
#include "clock.h"
#include "outlet.h"
#include "queue.h"

#define HEARTBEAT_NS (60 * NS_PER_S)
/* A sample and its record take well under this at the slowest guest clock in use (icount shift=6). */
#define LOOK_BUDGET_NS (1 * NS_PER_MS)
/* The counters are much text: 2.5 ms on 7.2 at shift=3. */
#define COUNTERS_BUDGET_NS (20 * NS_PER_MS)

int loop_make_timer(void)
{
	return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
}

void loop_start(struct loop *loop, const struct drain *drain, int64_t zero_ns)
{
	loop->held = false;
	loop_drain(loop, drain, zero_ns);
	loop->heartbeat_ns = zero_ns + HEARTBEAT_NS;
}

void loop_drain(struct loop *loop, const struct drain *drain, int64_t now_ns)
{
	loop->drain = *drain;
	loop->drain_ns = drain_first_ns(drain, now_ns);
	loop->tun_empty = false;
}

void loop_hold(struct loop *loop)
{
	loop->held = true;
}

void loop_release(struct loop *loop, int64_t now_ns)
{
	while (loop_take_packet(loop))
		;
	if (loop->held)
		loop_drain(loop, &loop->drain, now_ns);
	loop->held = false;
}

void loop_take_expected(struct loop *loop)
{
	if (loop->drain.kind == DRAIN_EXPECTED && !loop->held)
		loop_take_packet(loop);
}

void loop_look_soon(struct loop *loop, const char *cause)
{
	loop->look_cause = cause;
	loop->heartbeat_ns = clock_ns() + HEARTBEAT_NS;
}

bool loop_capture(struct loop *loop)
{
	struct captured captured;
	bool any = false;

	while (capture_read(loop->capture_fd, loop->realtime_offset_ns, &captured)) {
		if (captured.on_tun && captured.direction == PACKET_OUT)
			queue_gave();
		if (!peer_see(loop->peer, &captured) && captured.direction == PACKET_OUT)
			loop_take_expected(loop);
		any = true;
	}
	if (any)
		loop_look_soon(loop, "packet");
	return any;
}

bool loop_take_packet(struct loop *loop)
{
	static unsigned char packet[PACKET_MAX_BYTES];

	if (read(loop->tun_fd, packet, sizeof(packet)) <= 0)
		return false;
	queue_took();
	return true;
}

/* Takes what the drain mode allows by now. */
static void drain_due(struct loop *loop, int64_t now_ns)
{
	while (!loop->held && loop->drain_ns <= now_ns) {
		loop->tun_empty = !loop_take_packet(loop);
		if (loop->tun_empty)
			return;
		loop->drain_ns = drain_next_ns(&loop->drain, now_ns);
	}
}

static void beat(struct loop *loop, int64_t now_ns)
{
	if (now_ns < loop->heartbeat_ns)
		return;
	outlet_begin_paired(RECORD_HEARTBEAT, clock_pair());
	outlet_send();
	loop->heartbeat_ns = now_ns + HEARTBEAT_NS;
}

/* Does what is due and returns when the next of it is. */
static int64_t work(struct loop *loop, int64_t now_ns, int64_t until_ns)
{
	int64_t next_ns = until_ns;

	if (loop->look_cause && until_ns - now_ns > LOOK_BUDGET_NS) {
		const char *cause = loop->look_cause;

		loop->look_cause = NULL;
		sampler_look(loop->sampler, cause);
	}
	if (sampler_due_ns(loop->sampler) <= now_ns)
		sampler_look_due(loop->sampler, now_ns);
	if (until_ns - now_ns > COUNTERS_BUDGET_NS)
		sampler_count(loop->sampler, now_ns);
	drain_due(loop, now_ns);
	link_inject_due(loop->injector, now_ns);
	beat(loop, now_ns);
	next_ns = clock_earlier(next_ns, sampler_due_ns(loop->sampler));
	next_ns = clock_earlier(next_ns, loop->heartbeat_ns);
	next_ns = clock_earlier(next_ns, link_due_ns(loop->injector));
	if (loop->held || (loop->tun_empty && loop->drain_ns <= now_ns))
		return next_ns;
	return clock_earlier(next_ns, loop->drain_ns);
}

struct ready { bool captured, extra; };

/* Sleeps until the moment or until a descriptor has something. */
static struct ready sleep_until(struct loop *loop, int64_t until_ns)
{
	struct itimerspec alarm = { .it_value = { until_ns / NS_PER_S, until_ns % NS_PER_S } };
	struct pollfd fds[] = {
		{ .fd = loop->timer_fd, .events = POLLIN },
		{ .fd = loop->capture_fd, .events = POLLIN },
		{ .fd = loop->extra_fd, .events = POLLIN },
		{ .fd = loop->tun_empty ? loop->tun_fd : -1, .events = POLLIN },
	};

	timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &alarm, NULL);
	poll(fds, sizeof(fds) / sizeof(fds[0]), -1);
	if (fds[3].revents)
		loop->tun_empty = false;
	return (struct ready){ .captured = fds[1].revents, .extra = fds[2].revents };
}

enum loop_event loop_wait(struct loop *loop, int64_t until_ns)
{
	struct ready ready = { .captured = true };

	for (;;) {
		int64_t now_ns;

		/* Asked only when there is something: on the way to a statement's moment each system call counts. */
		if (ready.captured && loop_capture(loop))
			return LOOP_PACKET;
		if (ready.extra)
			return LOOP_EXTRA;
		now_ns = clock_ns();
		if (now_ns >= until_ns)
			return LOOP_DUE;
		ready = sleep_until(loop, work(loop, now_ns, until_ns));
	}
}

void loop_wait_until(struct loop *loop, int64_t until_ns)
{
	while (clock_ns() < until_ns && loop_wait(loop, until_ns) != LOOP_DUE)
		;
}

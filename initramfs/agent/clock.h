/* SPDX-License-Identifier: GPL-2.0-or-later
 * clock - the guest's one time line: CLOCK_MONOTONIC in nanoseconds
 */
#ifndef FINRIG_AGENT_CLOCK_H
#define FINRIG_AGENT_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

/* A moment that never comes: the neutral element of "the earlier of the two". */
#define CLOCK_NEVER INT64_MAX

static inline int64_t clock_read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static inline int64_t clock_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

/* The same moment on the processor's cycle counter, which is QEMU's own clock where that is warped. */
struct clock_pair {
	int64_t ns;
	uint64_t tsc;
};

static inline uint64_t clock_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline struct clock_pair clock_pair(void)
{
	uint64_t before = clock_tsc();
	int64_t now_ns = clock_ns();

	return (struct clock_pair){ now_ns, before + (clock_tsc() - before) / 2 };
}

static inline int64_t clock_earlier(int64_t a_ns, int64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

/* CLOCK_REALTIME - CLOCK_MONOTONIC. The kernel stamps packets by the first, records are on the second. */
static inline int64_t clock_realtime_offset_ns(void)
{
	int64_t before_ns = clock_ns();
	int64_t realtime_ns = clock_read_ns(CLOCK_REALTIME);
	int64_t after_ns = clock_ns();

	return realtime_ns - (before_ns + (after_ns - before_ns) / 2);
}

#endif

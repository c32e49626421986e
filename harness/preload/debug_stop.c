/* SPDX-License-Identifier: GPL-2.0-or-later
 * debug_stop - a breakpoint's stop that costs the guest no time; debug_stop.h is the manual
 */
#include "debug_stop.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* QEMU's: enum RunState (as QAPI numbers it) and enum QEMUClockType. */
enum { RUN_STATE_PAUSED = 4, QEMU_CLOCK_VIRTUAL = 1 };

static int clock_fd = -1;
static unsigned skip; /* stops yet to come that are no breakpoint's: a guest that boots stops where snapshots are made */

static struct {
	bool (*is_locked)(void);
	void (*lock)(const char *file, int line);
	void (*unlock)(void);
	void *(*get_cpu)(int index);
	bool (*cpu_is_stopped)(void *cpu);
	bool (*is_running)(void);
	int (*stop)(int state);
	int64_t (*clock_ns)(int type);
} qemu;

static void *find(const char *name)
{
	void *function = dlsym(RTLD_DEFAULT, name);

	if (function)
		return function;
	fprintf(stderr, "finrig: --probe cannot be used with this QEMU: it does not export %s\n", name);
	exit(EXIT_FAILURE);
}

void debug_stop_open(void)
{
	const char *text = getenv("FINRIG_DEBUG_STOP");

	if (!text || sscanf(text, "%d %u", &clock_fd, &skip) != 2)
		return;
	qemu.is_locked = find("qemu_mutex_iothread_locked");
	qemu.lock = find("qemu_mutex_lock_iothread_impl");
	qemu.unlock = find("qemu_mutex_unlock_iothread");
	qemu.get_cpu = find("qemu_get_cpu");
	qemu.cpu_is_stopped = find("cpu_is_stopped");
	qemu.is_running = find("runstate_is_running");
	qemu.stop = find("vm_stop");
	qemu.clock_ns = find("qemu_clock_get_ns");
}

/* Stopped by something else than the machine's own stop: by a breakpoint, or by a device that is about to stop the machine. */
static bool is_at_stop(void)
{
	void *cpu = qemu.get_cpu(0);

	if (!cpu || !qemu.is_running() || !qemu.cpu_is_stopped(cpu))
		return false;
	if (!skip)
		return true;
	skip--;
	return false;
}

void debug_stop_look(void)
{
	/* A poll with the lock held is not the main loop's own. */
	if (clock_fd < 0 || qemu.is_locked())
		return;
	qemu.lock(__FILE__, __LINE__);
	if (is_at_stop()) {
		int64_t now_ns = qemu.clock_ns(QEMU_CLOCK_VIRTUAL);

		if (write(clock_fd, &now_ns, sizeof(now_ns)) == (ssize_t)sizeof(now_ns))
			qemu.stop(RUN_STATE_PAUSED);
	}
	qemu.unlock();
}

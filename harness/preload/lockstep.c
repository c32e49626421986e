/* SPDX-License-Identifier: GPL-2.0-or-later
 * lockstep - loaded into QEMU (LD_PRELOAD): its main loop takes its turn only while the guest's processor waits
 * in: QEMU's calls to a few functions of libc; out: the same calls, in an order that no host load changes.
 *
 * With -icount sleep=off two threads move the guest's clock: the vCPU's as it executes, the main loop's as it finds the
 * vCPU halted and jumps to the next timer. The vCPU sets `halted` before it has accounted for its last instructions, without the
 * global lock (QEMU 7.2: do_hlt(), icount_process_data()). A main loop that is awake in between, because a timer came due while
 * the guest was busy, jumps from a clock that is too early by those instructions: rare, and only on a busy host, but then the run differs.
 * So here the main thread gets the global lock only when the vCPU's thread waits in its condition and nobody has woken it since,
 * or when the host asks, by a descriptor that is not QEMU's own wake-up (gdb). A timer of the host's clock stops the vCPU as long as
 * it is due (icount_get_limit()), so where there may be one (snapshots are started without any) patience has an end.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "debug_stop.h"
#include "restore.h"

enum { DESCRIPTORS_MAX = 1024, SPINS = 200 };
static const struct timespec patience = { 1, 0 };

/* What QEMU calls the one thread that executes all vCPUs in turn, with -name debug-threads=on. */
static const char vcpu_name[] = "ALL CPUs/TCG";

static struct {
	int (*mutex_lock)(pthread_mutex_t *);
	int (*cond_wait)(pthread_cond_t *, pthread_mutex_t *);
	int (*cond_broadcast)(pthread_cond_t *);
	int (*cond_signal)(pthread_cond_t *);
	int (*setname)(pthread_t, const char *);
	int (*ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
	int (*eventfd)(unsigned, int);
} libc;

static __thread bool is_main, is_vcpu;
static _Atomic(pthread_mutex_t *) global_lock; /* NULL: no vCPU has waited yet, so nothing is guarded */
static _Atomic(pthread_cond_t *) vcpu_cond;
static atomic_bool vcpu_waits;   /* and was not woken */
static atomic_bool main_waits;   /* for a word in vcpu_idle */
static int vcpu_idle = -1;
static atomic_bool is_eventfd[DESCRIPTORS_MAX];

/* What the main loop last waited for, without QEMU's own wake-ups: what only the host can make ready. */
static struct pollfd host_fds[DESCRIPTORS_MAX];
static nfds_t host_count = 1;
static bool has_timeout; /* something may become due by the host's clock, or is to be done soon anyway */
static bool host_asked;

/* The version is named: without, dlsym() finds the oldest, and pthread_cond_wait() had another layout once. */
static void *find(const char *name, const char *version)
{
	void *function = dlvsym(RTLD_NEXT, name, version);

	if (!function)
		abort();
	return function;
}

__attribute__((constructor)) static void set_up(void)
{
	libc.mutex_lock = find("pthread_mutex_lock", "GLIBC_2.2.5");
	libc.cond_wait = find("pthread_cond_wait", "GLIBC_2.3.2");
	libc.cond_broadcast = find("pthread_cond_broadcast", "GLIBC_2.3.2");
	libc.cond_signal = find("pthread_cond_signal", "GLIBC_2.3.2");
	libc.setname = find("pthread_setname_np", "GLIBC_2.12");
	libc.ppoll = find("ppoll", "GLIBC_2.4");
	libc.eventfd = find("eventfd", "GLIBC_2.7");
	is_main = true;
	vcpu_idle = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vcpu_idle < 0)
		abort();
	debug_stop_open();
	restore_open();
}

int pthread_setname_np(pthread_t thread, const char *name)
{
	if (pthread_equal(thread, pthread_self()) && strcmp(name, vcpu_name) == 0)
		is_vcpu = true;
	return libc.setname(thread, name);
}

int eventfd(unsigned count, int flags)
{
	int descriptor = libc.eventfd(count, flags);

	if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX)
		is_eventfd[descriptor] = true;
	return descriptor;
}

/* A number that was an eventfd's and is another file's now would be taken for QEMU's own for ever. */
int close(int descriptor)
{
	static int (*next)(int);

	if (!next)
		next = find("close", "GLIBC_2.2.5");
	if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX)
		is_eventfd[descriptor] = false;
	return next(descriptor);
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	int result;

	if (is_main)
		restore_keep_blocks();
	if (!is_vcpu)
		return libc.cond_wait(cond, mutex);
	/* The global lock is held until the condition lets go of it: whoever sees the flag now still comes after. */
	vcpu_cond = cond;
	global_lock = mutex;
	vcpu_waits = true;
	if (atomic_exchange(&main_waits, false))
		eventfd_write(vcpu_idle, 1);
	result = libc.cond_wait(cond, mutex);
	vcpu_waits = false;
	return result;
}

static void woken(pthread_cond_t *cond)
{
	if (cond == vcpu_cond)
		vcpu_waits = false;
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
	woken(cond);
	return libc.cond_broadcast(cond);
}

int pthread_cond_signal(pthread_cond_t *cond)
{
	woken(cond);
	return libc.cond_signal(cond);
}

static bool is_own(int descriptor)
{
	return descriptor >= 0 && descriptor < DESCRIPTORS_MAX && is_eventfd[descriptor];
}

/* Of the main loop's descriptors: keeps those that only the host makes ready, and whether one is. */
static void note_host(const struct pollfd *fds, nfds_t count)
{
	host_asked = false;
	host_count = 1; /* [0] is the vCPU's word */
	if (restore_control >= 0)
		host_fds[host_count++] = (struct pollfd){ .fd = restore_control, .events = POLLIN };
	for (nfds_t i = 0; i < count && host_count < DESCRIPTORS_MAX; i++) {
		if (is_own(fds[i].fd))
			continue;
		host_fds[host_count++] = fds[i];
		host_asked |= fds[i].revents != 0;
	}
}

/* Waits for the host's word to restore as well; *asked: it has come. */
static int poll_with_restore(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask, bool *asked)
{
	static struct pollfd all[DESCRIPTORS_MAX];
	int ready;

	memcpy(all, fds, count * sizeof(*fds));
	all[count] = (struct pollfd){ .fd = restore_control, .events = POLLIN };
	ready = libc.ppoll(all, count + 1, timeout, mask);
	memcpy(fds, all, count * sizeof(*fds));
	*asked = ready > 0 && all[count].revents;
	return ready - *asked;
}

/* The host has asked, so the global lock is had at once; what the guest does after that is in step again. */
static void restore(void)
{
	host_asked = true;
	restore_now();
	host_asked = false;
}

/* A poll with the lock held is not the main loop's own. */
static bool takes_orders(nfds_t count)
{
	static bool (*is_locked)(void);

	if (!is_main || restore_control < 0 || count >= DESCRIPTORS_MAX)
		return false;
	if (!is_locked)
		is_locked = dlsym(RTLD_DEFAULT, "qemu_mutex_iothread_locked");
	return is_locked && !is_locked();
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	bool asked = false;
	int ready = takes_orders(count) ? poll_with_restore(fds, count, timeout, mask, &asked) : libc.ppoll(fds, count, timeout, mask);

	if (is_main && ready >= 0) {
		note_host(fds, count);
		has_timeout = timeout;
		debug_stop_look();
		if (asked)
			restore();
	}
	return ready;
}

/* Spins for as long as the vCPU takes from its "I am idle" to its wait, then sleeps. */
static void wait_for_vcpu(void)
{
	for (int i = 0; i < SPINS && !vcpu_waits; i++)
		__builtin_ia32_pause();
	while (!vcpu_waits && !host_asked) {
		eventfd_t count;
		int ready;

		main_waits = true;
		if (vcpu_waits)
			break;
		host_fds[0] = (struct pollfd){ .fd = vcpu_idle, .events = POLLIN };
		ready = libc.ppoll(host_fds, host_count, has_timeout ? &patience : NULL, NULL);
		if (ready < 0)
			continue; /* a signal: its handler makes a descriptor ready */
		host_asked = ready == 0;
		eventfd_read(vcpu_idle, &count);
		for (nfds_t i = 1; i < host_count; i++)
			host_asked |= host_fds[i].revents != 0;
	}
	main_waits = false;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	/* Loaders and libraries lock before set_up() ran. */
	if (!libc.mutex_lock)
		libc.mutex_lock = find("pthread_mutex_lock", "GLIBC_2.2.5");
	if (is_main && mutex == global_lock && !vcpu_waits && !host_asked)
		wait_for_vcpu();
	return libc.mutex_lock(mutex);
}

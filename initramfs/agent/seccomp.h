/* SPDX-License-Identifier: GPL-2.0-or-later
 * seccomp - makes a newer kernel answer system calls as Linux 2.6.32 would
 * A test's tool: it proves that the agent, and what it starts, keep to the calls that kernel has.
 */
#ifndef FINRIG_AGENT_SECCOMP_H
#define FINRIG_AGENT_SECCOMP_H

enum {
	/* 2.6.32's x86-64 table ends with perf_event_open, 298. */
	SECCOMP_FIRST_MISSING_CALL = 299,
};

/* From now on, for this process and all its children and for good: ENOSYS to calls from 299 on, EINVAL to newfstatat with
 * AT_EMPTY_PATH. Returns 0, or the errno of the prctl(2) that failed (EINVAL: kernel without CONFIG_SECCOMP_FILTER). */
int seccomp_install_2632(void);

#endif

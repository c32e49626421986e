/* SPDX-License-Identifier: GPL-2.0-or-later
 * shell - an interactive busybox shell on the guest's console, with tun0 set up, drained and captured meanwhile
 */
#ifndef FINRIG_AGENT_SHELL_H
#define FINRIG_AGENT_SHELL_H

#include "loop.h"
#include "record.h"

#define SHELL_PATH "/bin/busybox"
#define SHELL_CONSOLE "/dev/ttyS0"

/* Runs the shell until it exits. Orphans are reaped: the agent is PID 1. The loop must have been started. */
enum record_end_status shell_run(struct loop *loop);

#endif

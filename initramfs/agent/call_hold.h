/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_hold - fork_hold(FD) and fork_release(FD): a child process that does nothing but keep a descriptor of the script's
 * So a script can show what a close() does while another process holds the socket too. Not packetdrill's.
 */
#ifndef FINRIG_AGENT_CALL_HOLD_H
#define FINRIG_AGENT_CALL_HOLD_H

#include "call_run.h"

/* Both as the system calls of call_table.h: they return 0, or -1 with errno. The first argument is the live descriptor. */
long call_hold(struct call_run *run);
/* Returns when the child has let go. EBADF: no child holds it. */
long call_release(struct call_run *run);

#endif

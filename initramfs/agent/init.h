/* SPDX-License-Identifier: GPL-2.0-or-later
 * init - what PID 1 of a guest has to do before and after a job
 */
#ifndef FINRIG_AGENT_INIT_H
#define FINRIG_AGENT_INIT_H

#define INIT_MODULES "/modules"

/* Mounts, loads modules, runs the job, leaves QEMU. Never returns. */
_Noreturn void init_main(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * debug_stop - a breakpoint's stop that costs the guest no time, and the guest's clock at it
 * in: FINRIG_DEBUG_STOP="DESCRIPTOR SKIP" in the environment; out: 8 bytes to DESCRIPTOR for each stop: QEMU's virtual clock, ns.
 *
 * A vCPU at a breakpoint counts as idle, so with -icount sleep=off QEMU's main loop moves the clock to the next timer before it
 * gets to stopping the machine (7.2: main_loop_wait() calls icount_start_warp_timer(), main_loop_should_exit() comes later). Here the
 * machine is stopped first, while the main loop still waits in poll: a stopped machine's clock is left alone.
 * Uses functions that Debian's QEMU exports for its modules; a QEMU that lacks one says so and does not start.
 */
#ifndef FINRIG_DEBUG_STOP_H
#define FINRIG_DEBUG_STOP_H

/* Reads the environment; does nothing where the variable is not set. */
void debug_stop_open(void);
/* By the main thread, after it waited and before it goes on. */
void debug_stop_look(void);

#endif

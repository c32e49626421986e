/* SPDX-License-Identifier: GPL-2.0-or-later
 * restore - part of lockstep.so: puts a QEMU's guest back to where its snapshot was saved, as often as the host asks, and gives it a new job
 * in: FINRIG_RESTORE="CONTROL RAM STATE", three descriptors: the host's socket, the snapshot's files (harness/worker.h is the other side).
 *
 * QEMU's own way (migration into a new process, or loadvm) throws away every translated block, since it knows not what of the guest's
 * memory it changed. This one knows: of the pages that the guest wrote to, which are copies of its own by now (/proc/self/pagemap), it
 * puts back the bytes that differ, and drops the blocks translated from them. All others stay, and half a cell's time was their translation.
 * The devices' state is loaded by QEMU, after a reset, from the state file; the job is put into fw_cfg in the old one's place.
 *
 * It calls functions of QEMU that are exported and not promised: made for QEMU 7.2, and the host asks no other. One without
 * them ends with a message.
 */
#ifndef FINRIG_PRELOAD_RESTORE_H
#define FINRIG_PRELOAD_RESTORE_H

/* The host's socket; -1 in a QEMU that restores nothing. Readable: restore_now() is due. */
extern int restore_control;

/* Before QEMU's main(). From here on the end of the socket is the end of QEMU, whichever of the host's threads started it. */
void restore_open(void);
/* In the main loop, without the global lock, which must be free to take. Reads 8 bytes (length) and a job, restores, answers with one byte,
 * and the guest runs. Ends QEMU when the host is gone. */
void restore_now(void);
/* When the main thread is about to wait with the global lock let go: what QEMU has put down as "throw all blocks away" is void. */
void restore_keep_blocks(void);

#endif

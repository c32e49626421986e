/* SPDX-License-Identifier: GPL-2.0-or-later
 * ports - the x86 I/O ports through which guest and host talk, the same on every kernel and without any driver
 * host side: -device isa-debugcon,iobase=..., pvpanic,ioport=...; -fw_cfg name=...,file=...
 */
#ifndef FINRIG_PORTS_H
#define FINRIG_PORTS_H

enum {
	/* Records go out here. Not 0x402 (SeaBIOS prints there) nor 0xe9 (other firmware does); no PC hardware decodes it. */
	PORT_RECORDS = 0x4f9,
	/* pvpanic's usual place. Writing 1 says "the guest panicked", which QEMU answers by stopping the machine where it is told
	 * to, and by nothing elsewhere: the place of a snapshot, exact to the instruction, and the end of a guest that has sent END. */
	PORT_PAUSE = 0x505,
	/* fw_cfg: a 16 bit selector (little endian here), then bytes one after the other. */
	PORT_FW_CFG_SELECT = 0x510,
	PORT_FW_CFG_DATA = 0x511,
	FW_CFG_DIRECTORY = 0x19,
};

#define FW_CFG_JOB_NAME "opt/finrig/job"

#endif

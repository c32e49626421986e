/* SPDX-License-Identifier: GPL-2.0-or-later
 * guestio - talking to QEMU by I/O ports, which needs no driver in any kernel: records out, the job in, and leaving
 * Ports and names are in harness/wire/ports.h. Only for the guest's PID 1 (needs CAP_SYS_RAWIO).
 */
#ifndef FINRIG_AGENT_GUESTIO_H
#define FINRIG_AGENT_GUESTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUESTIO_JOB_MAX_BYTES = 16 * 1024 * 1024 };

/* Gets access to the ports. Returns 0, or the errno of ioperm(2) (ENOSYS: kernel without CONFIG_X86_IOPL_IOPERM). */
int guestio_open(void);
void guestio_write(const void *data, size_t length_bytes);

/* Reads the job file from fw_cfg into new memory with a NUL behind it; the caller frees.
 * NULL: *why is a sentence without a full stop. */
char *guestio_read_job(size_t *length_bytes, const char **why);
/* The machine stands still here until the host lets it go on; where nobody is told (`finrig shell`) it goes on at once.
 * Returns how far the clock (TSC) moved meanwhile: a few instructions in every run that is true to its snapshot. */
uint64_t guestio_pause(void);

/* Finds a file in a fw_cfg directory as read from the device (count, then entries of 64 bytes, big endian).
 * false if it is not there or the directory is cut off. */
bool fw_cfg_find(const unsigned char *directory, size_t directory_bytes, const char *name, uint16_t *select, uint32_t *size_bytes);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_arguments - the kinds of arguments that many calls have: numbers, descriptors, data, addresses; call_run.h is the theory
 */
#ifndef FINRIG_AGENT_CALL_ARGUMENTS_H
#define FINRIG_AGENT_CALL_ARGUMENTS_H

#include "call_run.h"

extern const struct call_kind
	call_fd,           /* a descriptor of the script's */
	call_number,
	call_number_open,  /* `...` and an absent one are 0 */
	call_family,       /* `...`: of the script's IP version */
	call_send,         /* `...`: zeros; "text", "text"... : these bytes. The argument behind tells how many */
	call_receive,      /* `...`, or "text": what must have come */
	call_path,         /* "text" */
	call_offset,       /* NULL, `...`, [N], N */
	call_fd_pair,      /* [N, N]: descriptors that the call makes */
	call_ioctl_value,  /* absent, [N]: both what is handed over and what must come back */
	call_fcntl_value,  /* a number; a descriptor for F_DUPFD is one of the kernel's */
	call_fd_free,      /* of dup2(): a number that need not be open */
	call_address_local, call_address_remote, /* `...`: as packetdrill binds and connects, or {sa_family=..., ...} */
	call_address_any,  /* NULL or as above */
	call_address_out,  /* `...`, or an address to compare with */
	call_address_bytes,     /* `...` or N */
	call_address_bytes_out; /* `...`, NULL or [N] */

/* The script's number at argument n; notes a fault where there is none. */
int64_t call_integer(struct call_run *run, unsigned n);
/* Reads {sa_family=...} or AF_UNSPEC; returns its length, 0 if expr is no address. */
size_t call_read_address(const struct script_expr *expr, struct sockaddr_storage *address);
/* Compares where expr is an address. */
void call_hold_address(struct call_run *run, unsigned n, const char *where, const struct script_expr *expr,
		       const struct sockaddr_storage *actual);
/* Fills in what a call sends: count bytes at expr's wish. NULL when the fault is noted. */
unsigned char *call_fill(struct call_run *run, unsigned n, const struct script_expr *expr, int64_t count);
/* Room to receive count bytes. */
unsigned char *call_room(struct call_run *run, unsigned n, int64_t count);

#endif

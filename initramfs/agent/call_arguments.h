/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_arguments - a script's arguments as a system call takes them
 * in: the expression trees of one call; out: live values. The first argument of a wrong form fills in the outcome's
 * fault; handlers in calls.c read all arguments first and then ask call_ready().
 */
#ifndef FINRIG_AGENT_CALL_ARGUMENTS_H
#define FINRIG_AGENT_CALL_ARGUMENTS_H

#include <stddef.h>
#include <sys/socket.h>

#include "calls.h"

enum { CALL_BUFFER_MAX_BYTES = 64 * 1024 * 1024, CALL_VALUE_MAX_BYTES = 256 };

struct call_run {
	struct calls *calls;
	const struct script_call *call;
	struct call_outcome *outcome;
};

struct call_address {
	struct sockaddr_storage storage;
	socklen_t length;
};

/* The value of a socket option. */
struct call_value {
	_Alignas(8) unsigned char bytes[CALL_VALUE_MAX_BYTES];
	size_t length;
};

/* True when no argument was at fault. */
bool call_ready(const struct call_run *run);
/* Notes the fault at argument n (the first one counts); returns -1 for the handler to return. */
int64_t call_fault(struct call_run *run, unsigned n, const char *text);

int64_t argument_integer(struct call_run *run, unsigned n);
/* `...` or an absent argument gives otherwise. */
int64_t argument_integer_or(struct call_run *run, unsigned n, int64_t otherwise);
/* A count of bytes that fits call_buffer(). */
size_t argument_size(struct call_run *run, unsigned n);
/* The live descriptor; a number the script never got is passed on as -1, so that the kernel answers EBADF. */
int argument_fd(struct call_run *run, unsigned n);
/* `...` gives the default, in network and host byte order; else {sa_family=..., sin_port=htons(...), sin_addr=inet_addr(...)}. */
struct call_address argument_address(struct call_run *run, unsigned n, uint32_t ip, uint16_t port);
/* A number, [number], "text", {onoff=, linger=} or {tv_sec=, tv_usec=}. */
struct call_value argument_value(struct call_run *run, unsigned n);
/* `...` gives zeros; a string its bytes, zeros behind. */
const void *argument_data(struct call_run *run, unsigned n, size_t count);
/* Holds what the kernel gave back against argument n, [number]; `...` and [...] take anything. */
void call_returned(struct call_run *run, unsigned n, int64_t value);
/* Forgets the script's descriptor in argument n. */
void call_part(struct call_run *run, unsigned n);

/* Zeros to send, or room to receive into. */
unsigned char *call_buffer(void);
/* Makes the buffer's first bytes resident, so that no page fault comes in the timed part. false: too many, or negative. */
bool call_buffer_reserve(int64_t bytes);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_table - which system calls there are, and of which kinds their arguments
 */
#ifndef FINRIG_AGENT_CALL_TABLE_H
#define FINRIG_AGENT_CALL_TABLE_H

#include "call_run.h"

/* What the result is. */
enum call_result {
	CALL_RESULT_NUMBER,
	CALL_RESULT_FD,
	CALL_RESULT_FCNTL, /* a descriptor for F_DUPFD and F_DUPFD_CLOEXEC */
	CALL_RESULT_COUNT
};

struct call_row {
	const char *name;
	long number;                        /* x86-64's; -1: own makes the call */
	const char *since;                  /* Linux release; NULL: at the latest in 2.6.32 */
	enum call_result result;
	unsigned least, most;               /* arguments */
	const struct call_kind *arguments[CALL_ARGUMENTS_MAX];
	long (*own)(struct call_run *run);  /* like a system call: -1 and errno */
	void (*after)(struct call_run *run); /* the call succeeded; NULL: nothing follows from it */
};

/* NULL: no such row. */
const struct call_row *call_find(const char *name);
/* True when the result of this very call is a descriptor. */
bool call_makes_descriptor(const struct call_run *run);

#endif

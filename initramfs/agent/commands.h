/* SPDX-License-Identifier: GPL-2.0-or-later
 * commands - runs a command of the script's with /bin/sh
 * in: its text; out: how it ended and what it printed. It has the agent's environment (and a PATH, and PACKETDRILL_PID, the
 * agent's own: suites name files by it), the job's folder to stand in, /dev/null to read from,
 * and, as packetdrill's, the script's open descriptors. Guest time goes on meanwhile, and so does the loop.
 */
#ifndef FINRIG_AGENT_COMMANDS_H
#define FINRIG_AGENT_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "loop.h"

enum { COMMANDS_OUTPUT_BYTES = 48 * 1024, COMMANDS_HOW_BYTES = 64 };

struct command_result {
	bool passed;                          /* exit status 0 */
	char how[COMMANDS_HOW_BYTES];         /* "exit status 1", "signal 9", or "cannot be started: ENOENT" */
	size_t output_bytes, lost_bytes;      /* lost: printed after the room was full */
	char output[COMMANDS_OUTPUT_BYTES + 1]; /* both of its outputs, with a NUL behind */
};

/* Makes what commands need, once; to be called before time starts. Returns 0, or -1: errno. */
int commands_open(void);
/* Runs it to its end. What it leaves running in the background is not waited for. loop: NULL where none runs yet. */
void commands_run(struct loop *loop, const char *text, struct command_result *result);

#endif

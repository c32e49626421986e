/* SPDX-License-Identifier: GPL-2.0-or-later
 * calls - the system calls a script makes
 * in: struct script_call; out: what the kernel said, beside what the script wants. One row of the table in calls.c is one call.
 *
 * Twins: the script's descriptor numbers (accept(...) = 4) are its own; the live ones are what the kernel gave. A call
 * that makes a descriptor pairs the two, close() parts them. The agent keeps its own descriptors out of the way
 * (descriptor.h), so that the numbers are usually equal all the same.
 */
#ifndef FINRIG_AGENT_CALLS_H
#define FINRIG_AGENT_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "peer.h"
#include "script.h"

enum { CALLS_DESCRIPTORS = 1024, CALLS_TEXT_BYTES = 256 };

struct calls {
	const struct options *options;
	struct peer *peer;                /* told of listen() */
	int live[CALLS_DESCRIPTORS];      /* by the script's number; -1: none */
};

/* What came out of one call. */
struct call_outcome {
	int64_t begin_ns, end_ns;         /* around the system call itself */
	int64_t result;
	int error;                        /* errno, 0 if the call did not fail */
	bool blocked;                     /* it did not come back in time and was interrupted */
	bool returned_wrong;              /* what it stored for the caller is not what the script says: */
	int64_t returned, returned_wanted;
	/* The script's fault, when not "": an argument of a form the call does not take. The call was not made. */
	char fault[CALLS_TEXT_BYTES];
	unsigned line, column;
};

/* What differs from the script's wish, in words; "" in expected when nothing does. */
struct call_difference {
	char expected[CALLS_TEXT_BYTES], actual[CALLS_TEXT_BYTES];
	const char *mark;                 /* "result", "errno" or "value" */
};

/* calls must be static or zeroed memory. Installs a SIGALRM handler and ignores SIGPIPE. */
void calls_init(struct calls *calls, const struct options *options, struct peer *peer);
/* To be asked of every call before time starts. false: fault, line and column of the outcome say what is not understood.
 * Also makes room for the data the call will move. */
bool calls_prepare(const struct script_call *call, struct call_outcome *outcome);
/* Makes the call. It is interrupted when it blocks longer than the tolerance. */
void calls_run(struct calls *calls, const struct script_call *call, struct call_outcome *outcome);
/* Holds the outcome against the script. false: difference is filled in. */
bool calls_compare(const struct script_call *call, const struct call_outcome *outcome, struct call_difference *difference);

#endif

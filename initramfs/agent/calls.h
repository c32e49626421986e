/* SPDX-License-Identifier: GPL-2.0-or-later
 * calls - the system calls a script makes
 * in: struct script_call; out: what the kernel said, beside what the script wants. One row of the table in call_table.c is
 * one call, its arguments are kinds (call_run.h).
 *
 *   calls_check() for each, before time starts
 *   calls_take() -> calls_make() -> calls_hold()
 *
 * calls_take() reads the arguments, so that calls_make() is the system call and two looks at the clock; it alone may run
 * in another thread (blocking.h), calls_hold() then holds what came out against the script.
 *
 * Twins: the script's descriptor numbers (accept(...) = 4) are its own; the live ones are what the kernel gave. A call
 * that makes a descriptor pairs the two, close() parts them. The agent keeps its own descriptors out of the way
 * (descriptor.h), so that the numbers are usually equal all the same.
 */
#ifndef FINRIG_AGENT_CALLS_H
#define FINRIG_AGENT_CALLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "options.h"
#include "peer.h"
#include "script.h"

enum {
	CALLS_DESCRIPTORS = 1024, CALLS_TEXT_BYTES = 256, CALLS_MARK_BYTES = 96, CALLS_RELEASE_BYTES = 65,
	/* How long a call that is not said to block may. packetdrill would hang for ever. */
	CALLS_PATIENCE_S = 10,
};

/* What differs from the script's wish, in words. */
struct call_difference {
	char expected[CALLS_TEXT_BYTES], actual[CALLS_TEXT_BYTES];
	char mark[CALLS_MARK_BYTES];      /* "" when nothing differs; "result", "errno", "value of argument 1[0].revents" ... */
	char note[CALLS_TEXT_BYTES];      /* why that may be, a sentence without a full stop; "" when nothing is known */
};

/* What came out of one call. */
struct call_outcome {
	int64_t begin_ns, end_ns;         /* around the system call itself */
	int64_t result;
	int error;                        /* errno, 0 if the call did not fail */
	struct call_difference difference;
	/* The script's fault, when not "": an argument of a form the call does not take. The call was not made. */
	char fault[CALLS_TEXT_BYTES];
	unsigned line, column;
};

/* Two calls can be in work at a time: the script's next one, and one that blocks. */
enum calls_lane { CALLS_MAIN, CALLS_BLOCKING, CALLS_LANE_COUNT };

struct calls {
	const struct options *options;
	struct peer *peer;                /* told of listen() */
	char release[CALLS_RELEASE_BYTES]; /* of the kernel, as uname(2) says */
	int64_t zero_realtime_ns;         /* script time zero on CLOCK_REALTIME, which time stamps are of */
	int live[CALLS_DESCRIPTORS];      /* by the script's number; -1: none */
	pid_t holder[CALLS_DESCRIPTORS];  /* by the script's number: a child that holds the descriptor too; 0: none */
	int under_test;                   /* the script's number of the TCP socket that values are asked of; -1: none */
	bool under_test_accepted;
};

struct call_run;

/* calls must be static or zeroed memory. Installs a SIGALRM handler and ignores SIGPIPE. */
void calls_init(struct calls *calls, const struct options *options, struct peer *peer);
/* To be asked of every call before time starts. false: fault, line and column of the outcome say what is not understood.
 * Also makes room for the data the call will move. */
bool calls_check(struct calls *calls, const struct script_call *call, struct call_outcome *outcome);

/* Reads the arguments. The result is the lane's own and is used until the next calls_take() of that lane. The fault of
 * calls_outcome() is "" unless the script is wrong in a way that only shows now; then the call must not be made. */
struct call_run *calls_take(struct calls *calls, enum calls_lane lane, const struct script_call *call);
/* Has the call interrupted if it is not back in time; to be asked for before calls_make(), for the main lane only.
 * due_ns: when it will be made. */
void calls_guard(int64_t due_ns);
void calls_unguard(void);
void calls_make(struct call_run *run);
/* Pairs and parts descriptors and holds the outcome against the script. false: the difference's mark is not "". */
bool calls_hold(struct call_run *run);
const struct call_outcome *calls_outcome(const struct call_run *run);

#endif

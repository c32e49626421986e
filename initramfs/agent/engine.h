/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine - carries out a script, statement after statement, each at its time
 * in: a parsed script, an open device, options; out: RECORD_STATEMENT for each, RECORD_MISMATCH where the kernel does otherwise.
 *
 * Time (as packetdrill's). Absolute times count from script time zero, `+` from the moment the statement before was done:
 * the packet was injected or seen (its own stamp), the call returned. Incoming packets and calls wait for their time.
 * An outgoing packet is the next one not taken by a statement; it must bear a stamp within tolerance of its time, and is
 * waited for until then. A call must begin within tolerance of its time. A call that blocks for a time (TIME...TIME) and a
 * command count from when they began: the script goes on while the one is blocked, and waits for the other's end.
 */
#ifndef FINRIG_AGENT_ENGINE_H
#define FINRIG_AGENT_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "blocking.h"
#include "calls.h"
#include "loop.h"
#include "options.h"
#include "peer.h"
#include "record.h"
#include "script.h"

/* When a statement is wanted, on the guest's clock. */
struct engine_window {
	bool any;
	int64_t start_ns, end_ns;
	int64_t tolerance_ns; /* on both sides */
};

struct engine {
	const char *file;              /* for messages */
	const struct script *script;
	const struct options *options;
	struct loop *loop;
	struct peer *peer;
	struct calls *calls;
	struct blocking *blocking;
	int64_t zero_ns;               /* script time zero */
	int64_t done_ns;               /* when the statement before was done */
	enum record_end_status status;
	bool blocks;                   /* a statement is a call that blocks for a time */
	const struct script_statement *blocked; /* such a call in work; NULL: none. With it: */
	struct engine_window blocked_window;
	struct call_run *blocked_run;
	int64_t command_end_ns;        /* of the last command */
};

/* Looks through the script before time starts. false: a RECORD_ERROR told what cannot be done, with its place. */
bool engine_check(struct engine *engine);
/* The last things before time starts: the thread for blocking calls, the script's init commands. false: a RECORD_ERROR or,
 * for a command that failed, a RECORD_MISMATCH told why; engine->status is the result. */
bool engine_prepare(struct engine *engine);
/* Carries out all statements; engine->status is the result. false: it stopped before the end, at a mismatch that is fatal
 * or an error. */
bool engine_run(struct engine *engine);
/* The script's cleanup commands, after the last look at everything. */
void engine_clean(struct engine *engine);

#endif

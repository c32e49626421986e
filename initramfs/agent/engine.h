/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine - carries out a script, statement after statement, each at its time
 * in: a parsed script, an open device, options; out: RECORD_STATEMENT for each, RECORD_MISMATCH where the kernel does otherwise.
 *
 * Time (as packetdrill's). Absolute times count from script time zero, `+` from the moment the statement before was done:
 * the packet was injected or seen (its own stamp), the call returned. Incoming packets and calls wait for their time.
 * An outgoing packet is the next one not taken by a statement; it must bear a stamp within tolerance of its time, and is
 * waited for until then. A call must begin within tolerance of its time.
 */
#ifndef FINRIG_AGENT_ENGINE_H
#define FINRIG_AGENT_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "calls.h"
#include "loop.h"
#include "options.h"
#include "peer.h"
#include "record.h"
#include "script.h"

struct engine {
	const char *file;              /* for messages */
	const struct script *script;
	const struct options *options;
	struct loop *loop;
	struct peer *peer;
	struct calls *calls;
	int64_t zero_ns;               /* script time zero */
	int64_t done_ns;               /* when the statement before was done */
	enum record_end_status status;
};

/* Looks through the script before time starts. false: a RECORD_ERROR told what cannot be done, with its place. */
bool engine_check(const struct engine *engine);
/* Carries out all statements; engine->status is the result. false: it stopped before the end, at a mismatch that is fatal
 * or an error. */
bool engine_run(struct engine *engine);

#endif

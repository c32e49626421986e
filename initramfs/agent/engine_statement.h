/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine_statement - what the runners of all kinds of statements share
 * One kind of statement is one struct engine_runner in a file of its own (engine_packet.c, engine_call.c ...), named in the
 * table in engine.c. check() is asked before time starts, run() does it at its time; both tell what is wrong by a record.
 */
#ifndef FINRIG_AGENT_ENGINE_STATEMENT_H
#define FINRIG_AGENT_ENGINE_STATEMENT_H

#include "engine.h"

struct engine_runner {
	/* NULL: nothing can be wrong. false: a RECORD_ERROR said it. */
	bool (*check)(struct engine *engine, const struct script_statement *statement);
	/* false: the script stops here; engine->status tells why. */
	bool (*run)(struct engine *engine, const struct script_statement *statement);
	bool may_block; /* TIME...TIME is understood */
};

extern const struct engine_runner engine_packet_in, engine_packet_out, engine_call, engine_command, engine_untimed, engine_code,
	engine_own;

struct engine_window engine_window(const struct engine *engine, const struct script_time *time);
/* Begins the RECORD_STATEMENT of what happened at live_ns; outlet_send() is the caller's. */
struct record *engine_record(const struct engine *engine, const struct script_statement *statement,
			     const struct engine_window *window, int64_t live_ns);
/* Ends the script for good: the agent or the script is at fault, not the kernel. Always false. */
bool engine_fail(struct engine *engine);
/* Notes a difference; returns whether the script goes on. */
bool engine_differ(struct engine *engine, bool not_fatal);
/* A command may have taken longer than the statements behind it allow for: they are done when it is. */
void engine_forgive_command(const struct engine *engine, struct engine_window *window);
/* Within tolerance of the window? If not, a RECORD_MISMATCH; returns whether the script goes on. */
bool engine_check_time(struct engine *engine, const struct script_statement *statement, const struct engine_window *window,
		       int64_t live_ns, bool not_fatal);

/* engine_call: takes note of a blocking call that came back, or that is overdue; returns whether the script goes on. */
bool engine_look_at_blocked(struct engine *engine);
/* The same when it is back, or overdue. */
bool engine_await_blocked(struct engine *engine);
/* engine_command: the commands before and after the timed part; false: one failed. */
bool engine_init_commands(struct engine *engine);
bool engine_cleanup_commands(struct engine *engine);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine_statement - what the runners of all kinds of statements share; engine_statement.h is the manual
 */
#include "engine_statement.h"

#include "clock.h"
#include "mismatch.h"
#include "outlet.h"

/* `*` waits for a packet at whatever time; for ever would leave the host to find out. */
#define ANY_TIME_MAX_NS (3600 * NS_PER_S)

/* --tolerance_percent is of the time since the statement before; the greater of the two tolerances holds. */
static int64_t tolerance_ns(const struct engine *engine, int64_t start_ns)
{
	int64_t since_ns = start_ns - engine->done_ns;
	int64_t share_ns = since_ns > 0 ? since_ns / 100 * engine->options->tolerance_percent : 0;

	return share_ns > engine->options->tolerance_ns ? share_ns : engine->options->tolerance_ns;
}

struct engine_window engine_window(const struct engine *engine, const struct script_time *time)
{
	bool relative = time->kind == SCRIPT_TIME_RELATIVE || time->kind == SCRIPT_TIME_RELATIVE_RANGE;
	int64_t origin_ns = relative ? engine->done_ns : engine->zero_ns;

	if (time->kind == SCRIPT_TIME_ANY)
		return (struct engine_window){ true, engine->done_ns, engine->done_ns + ANY_TIME_MAX_NS, 0 };
	return (struct engine_window){
		false, origin_ns + time->start_ns, origin_ns + time->end_ns, tolerance_ns(engine, origin_ns + time->start_ns),
	};
}

static bool in_window(const struct engine_window *window, int64_t live_ns)
{
	return window->any || (live_ns >= window->start_ns - window->tolerance_ns
			       && live_ns <= window->end_ns + window->tolerance_ns);
}

struct record *engine_record(const struct engine *engine, const struct script_statement *statement,
			     const struct engine_window *window, int64_t live_ns)
{
	struct record *record = outlet_begin(RECORD_STATEMENT, live_ns);

	record_uint(record, FIELD_LINE, statement->line);
	record_uint(record, FIELD_COLUMN, statement->column);
	record_text(record, FIELD_KIND, script_kind_name(statement->kind));
	if (!window->any)
		record_int(record, FIELD_SCRIPT_NS, window->start_ns - engine->zero_ns);
	record_int(record, FIELD_LIVE_NS, live_ns - engine->zero_ns);
	return record;
}

/* Ends the script for good: the agent or the script is at fault, not the kernel. */
bool engine_fail(struct engine *engine)
{
	engine->status = RECORD_END_FAILED;
	return false;
}

/* Notes a difference; returns whether the script goes on. */
bool engine_differ(struct engine *engine, bool not_fatal)
{
	engine->status = RECORD_END_MISMATCHED;
	return not_fatal;
}

void engine_forgive_command(const struct engine *engine, struct engine_window *window)
{
	if (window->end_ns < engine->command_end_ns)
		window->end_ns = engine->command_end_ns;
}

bool engine_check_time(struct engine *engine, const struct script_statement *statement, const struct engine_window *window,
		       int64_t live_ns, bool not_fatal)
{
	if (in_window(window, live_ns))
		return true;
	mismatch_time(engine->file, statement, window->start_ns - engine->zero_ns, window->end_ns - engine->zero_ns,
		      live_ns - engine->zero_ns, window->tolerance_ns);
	return engine_differ(engine, not_fatal);
}

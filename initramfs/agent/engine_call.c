/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine_call - statements that are system calls, those that block (TIME...TIME) among them
 * A blocking call counts for `+` from the moment it was made: the script goes on at once, and what came of it is told when
 * it is done. The next blocking call waits until then.
 */
#include "engine_statement.h"

#include "clock.h"
#include "mismatch.h"
#include "outlet.h"
#include "symbols.h"

static bool check_call(struct engine *engine, const struct script_statement *statement)
{
	struct call_outcome outcome;

	engine->blocks |= statement->time.blocking;
	if (calls_check(engine->calls, statement->call, &outcome))
		return true;
	outlet_error(engine->file, outcome.line ? outcome.line : statement->line,
		     outcome.line ? outcome.column : statement->column, "%s", outcome.fault);
	return false;
}

static bool is_sound(struct engine *engine, const struct script_statement *statement, const struct call_run *run)
{
	const struct call_outcome *outcome = calls_outcome(run);

	if (!outcome->fault[0])
		return true;
	outlet_error(engine->file, outcome->line ? outcome->line : statement->line,
		     outcome->line ? outcome->column : statement->column, "%s", outcome->fault);
	return engine_fail(engine);
}

/* Records what came out and holds it against the script. */
static bool finish_call(struct engine *engine, const struct script_statement *statement, const struct engine_window *window,
			struct call_run *run)
{
	const struct call_outcome *outcome = calls_outcome(run);
	struct record *record = engine_record(engine, statement, window, outcome->begin_ns);
	bool not_fatal = engine->options->calls_not_fatal, goes_on = true;
	const char *name = outcome->error ? errno_name(outcome->error) : NULL;

	record_text(record, FIELD_NAME, statement->call->name);
	record_int(record, FIELD_RESULT, outcome->result);
	record_text(record, FIELD_ERRNO, name);
	outlet_send();
	if (!calls_hold(run)) {
		mismatch_call(engine->file, statement, &outcome->difference);
		goes_on = engine_differ(engine, not_fatal);
	}
	return engine_check_time(engine, statement, window, outcome->begin_ns, not_fatal) && goes_on;
}

static struct engine_window return_window(const struct engine *engine)
{
	struct engine_window window = engine->blocked_window;
	const struct script_time *time = &engine->blocked->time;

	window.start_ns += time->blocking_end_ns - time->start_ns;
	window.end_ns = window.start_ns;
	return window;
}

static bool is_overdue(const struct engine_window *window, int64_t now_ns)
{
	return !window->any && now_ns > window->end_ns + window->tolerance_ns;
}

/* The blocked call came back. */
static bool take_blocked(struct engine *engine)
{
	struct engine_window returns = return_window(engine);
	const struct script_statement *statement = engine->blocked;
	struct call_run *run = engine->blocked_run;
	bool not_fatal = engine->options->calls_not_fatal;
	bool goes_on = finish_call(engine, statement, &engine->blocked_window, run);
	int64_t end_ns = calls_outcome(run)->end_ns;

	engine->blocked = NULL;
	if (returns.any || (end_ns >= returns.start_ns - returns.tolerance_ns && !is_overdue(&returns, end_ns)))
		return goes_on;
	mismatch_return(engine->file, statement, returns.start_ns - engine->zero_ns, end_ns - engine->zero_ns, returns.tolerance_ns);
	return engine_differ(engine, not_fatal) && goes_on;
}

bool engine_look_at_blocked(struct engine *engine)
{
	struct engine_window returns;

	if (!engine->blocked)
		return true;
	if (blocking_take(engine->blocking))
		return take_blocked(engine);
	returns = return_window(engine);
	if (!is_overdue(&returns, clock_ns()))
		return true;
	mismatch_return(engine->file, engine->blocked, returns.start_ns - engine->zero_ns, -1, returns.tolerance_ns);
	engine->blocked = NULL;
	/* Not even where calls are not fatal: there is no second thread for the next one. */
	return engine_differ(engine, false);
}

bool engine_await_blocked(struct engine *engine)
{
	struct engine_window returns;

	if (!engine->blocked)
		return true;
	returns = return_window(engine);
	engine->loop->extra_fd = engine->blocking->done_fd;
	while (loop_wait(engine->loop, returns.end_ns + returns.tolerance_ns + 1) == LOOP_PACKET)
		;
	engine->loop->extra_fd = -1;
	return engine_look_at_blocked(engine);
}

static bool begin_blocking(struct engine *engine, const struct script_statement *statement)
{
	struct engine_window window;
	struct call_run *run;

	if (!engine_await_blocked(engine))
		return false;
	window = engine_window(engine, &statement->time);
	run = calls_take(engine->calls, CALLS_BLOCKING, statement->call);
	if (!is_sound(engine, statement, run))
		return false;
	loop_wait_until(engine->loop, window.start_ns);
	engine->blocked = statement;
	engine->blocked_window = window;
	engine->blocked_run = run;
	engine->done_ns = clock_ns();
	blocking_begin(engine->blocking, run);
	return true;
}

static bool run_call(struct engine *engine, const struct script_statement *statement)
{
	struct engine_window window = engine_window(engine, &statement->time);
	struct call_run *run = NULL;

	if (statement->time.blocking)
		return begin_blocking(engine, statement);
	/* The arguments are read before the moment has come, unless a call still in work may change what descriptors mean. */
	if (!engine->blocked)
		run = calls_take(engine->calls, CALLS_MAIN, statement->call);
	if (run && !is_sound(engine, statement, run))
		return false;
	calls_guard(window.start_ns);
	loop_wait_until(engine->loop, window.start_ns);
	if (!run) {
		if (!engine_look_at_blocked(engine))
			return false;
		run = calls_take(engine->calls, CALLS_MAIN, statement->call);
		if (!is_sound(engine, statement, run))
			return false;
	}
	calls_make(run);
	calls_unguard();
	engine->done_ns = calls_outcome(run)->end_ns;
	engine_forgive_command(engine, &window);
	return finish_call(engine, statement, &window, run);
}

const struct engine_runner engine_call = { .check = check_call, .run = run_call, .may_block = true };

/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine - carries out a script; engine.h is the manual
 */
#include "engine.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "mismatch.h"
#include "outlet.h"
#include "symbols.h"

/* `*` waits for a packet at whatever time; for ever would leave the host to find out. */
#define ANY_TIME_MAX_NS (3600 * NS_PER_S)

/* When a statement is wanted, on the guest's clock. */
struct window {
	bool any;
	int64_t start_ns, end_ns;
};

static struct window resolve(const struct engine *engine, const struct script_time *time)
{
	bool relative = time->kind == SCRIPT_TIME_RELATIVE || time->kind == SCRIPT_TIME_RELATIVE_RANGE;
	int64_t origin_ns = relative ? engine->done_ns : engine->zero_ns;

	if (time->kind == SCRIPT_TIME_ANY)
		return (struct window){ true, engine->done_ns, engine->done_ns + ANY_TIME_MAX_NS };
	return (struct window){ false, origin_ns + time->start_ns, origin_ns + time->end_ns };
}

static bool in_window(const struct engine *engine, const struct window *window, int64_t live_ns)
{
	return window->any || (live_ns >= window->start_ns - engine->options->tolerance_ns
			       && live_ns <= window->end_ns + engine->options->tolerance_ns);
}

static struct record *begin_statement(const struct engine *engine, const struct script_statement *statement,
				      const struct window *window, int64_t live_ns)
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
static bool fail(struct engine *engine)
{
	engine->status = RECORD_END_FAILED;
	return false;
}

/* Notes a difference; returns whether the script goes on. */
static bool differ(struct engine *engine, bool not_fatal)
{
	engine->status = RECORD_END_MISMATCHED;
	return not_fatal;
}

static bool check_time(struct engine *engine, const struct script_statement *statement, const struct window *window,
		       int64_t live_ns, bool not_fatal)
{
	if (in_window(engine, window, live_ns))
		return true;
	mismatch_time(engine->file, statement, window->start_ns - engine->zero_ns, window->end_ns - engine->zero_ns,
		      live_ns - engine->zero_ns, engine->options->tolerance_ns);
	return differ(engine, not_fatal);
}

static bool run_packet_in(struct engine *engine, const struct script_statement *statement)
{
	static unsigned char bytes[PACKET_MAX_BYTES];
	struct window window = resolve(engine, &statement->time);
	const char *why = "";
	size_t length = peer_build(engine->peer, statement->packet, bytes, sizeof(bytes), &why);
	int64_t live_ns;
	ssize_t written;

	if (!length) {
		outlet_error(engine->file, statement->line, statement->column, "%s", why);
		return fail(engine);
	}
	loop_wait_until(engine->loop, window.start_ns);
	live_ns = clock_ns();
	written = write(engine->loop->tun_fd, bytes, length);
	engine->done_ns = clock_ns();
	if (written != (ssize_t)length) {
		outlet_error(engine->file, statement->line, statement->column, "write to " TUN_NAME ": %s",
			     written < 0 ? errno_name(errno) : "cut short");
		return fail(engine);
	}
	begin_statement(engine, statement, &window, live_ns);
	outlet_send();
	return true;
}

/* The next outgoing packet, waited for until it is too late. */
static bool await_packet(struct engine *engine, const struct window *window, struct peer_packet *seen)
{
	int64_t deadline_ns = window->end_ns + engine->options->tolerance_ns;

	while (!peer_next(engine->peer, seen))
		if (loop_wait(engine->loop, deadline_ns) == LOOP_DUE)
			return false;
	return true;
}

static bool run_packet_out(struct engine *engine, const struct script_statement *statement)
{
	static struct peer_packet seen;
	static struct packet actual;
	struct window window = resolve(engine, &statement->time);
	bool not_fatal = engine->options->packets_not_fatal, goes_on;
	enum packet_field field;

	if (!await_packet(engine, &window, &seen)) {
		engine->done_ns = clock_ns();
		mismatch_absent(engine->file, statement);
		return differ(engine, not_fatal);
	}
	field = packet_check(statement->packet, &seen.packet, &engine->peer->connection, &actual);
	if (seen.clock_ns > engine->done_ns)
		engine->done_ns = seen.clock_ns;
	begin_statement(engine, statement, &window, seen.clock_ns);
	outlet_send();
	if (engine->loop->drain.kind == DRAIN_EXPECTED)
		loop_take_packet(engine->loop);
	if (field != PACKET_SAME) {
		mismatch_packet(engine->file, statement, &actual, field);
		goes_on = differ(engine, not_fatal);
	} else {
		goes_on = true;
	}
	return check_time(engine, statement, &window, seen.clock_ns, not_fatal) && goes_on;
}

static bool run_call(struct engine *engine, const struct script_statement *statement)
{
	struct window window = resolve(engine, &statement->time);
	bool not_fatal = engine->options->calls_not_fatal, goes_on = true;
	struct call_difference difference;
	struct call_outcome outcome;
	struct record *record;

	loop_wait_until(engine->loop, window.start_ns);
	calls_run(engine->calls, statement->call, &outcome);
	if (outcome.fault[0]) {
		outlet_error(engine->file, outcome.line ? outcome.line : statement->line,
			     outcome.line ? outcome.column : statement->column, "%s", outcome.fault);
		return fail(engine);
	}
	engine->done_ns = outcome.end_ns;
	record = begin_statement(engine, statement, &window, outcome.begin_ns);
	record_text(record, FIELD_NAME, statement->call->name);
	record_int(record, FIELD_RESULT, outcome.result);
	record_text(record, FIELD_ERRNO, outcome.error ? errno_name(outcome.error) : NULL);
	outlet_send();
	if (!calls_compare(statement->call, &outcome, &difference)) {
		mismatch_call(engine->file, statement, &difference);
		goes_on = differ(engine, not_fatal);
	}
	return check_time(engine, statement, &window, outcome.begin_ns, not_fatal) && goes_on;
}

/* NULL: not supported yet. */
static bool (*const runners[SCRIPT_KIND_COUNT])(struct engine *engine, const struct script_statement *statement) = {
	[SCRIPT_PACKET_IN] = run_packet_in, [SCRIPT_PACKET_OUT] = run_packet_out, [SCRIPT_CALL] = run_call,
};

static bool check_statement(const struct engine *engine, const struct script_statement *statement)
{
	unsigned line = statement->line, column = statement->column;
	struct call_outcome outcome;

	if (!runners[statement->kind]) {
		outlet_error(engine->file, line, column, "a statement of kind %s is not supported yet",
			     script_kind_name(statement->kind));
		return false;
	}
	if (statement->time.blocking) {
		outlet_error(engine->file, line, column, "calls that block for a time (TIME...TIME) are not supported yet");
		return false;
	}
	if (statement->kind == SCRIPT_CALL && !calls_prepare(statement->call, &outcome)) {
		outlet_error(engine->file, outcome.line ? outcome.line : line, outcome.line ? outcome.column : column,
			     "%s", outcome.fault);
		return false;
	}
	return true;
}

bool engine_check(const struct engine *engine)
{
	for (unsigned i = 0; i < engine->script->statement_count; i++)
		if (!check_statement(engine, &engine->script->statements[i]))
			return false;
	return true;
}

bool engine_run(struct engine *engine)
{
	engine->done_ns = engine->zero_ns;
	for (unsigned i = 0; i < engine->script->statement_count; i++) {
		const struct script_statement *statement = &engine->script->statements[i];

		if (!runners[statement->kind](engine, statement))
			return false;
		loop_look_soon(engine->loop, "statement");
	}
	return true;
}

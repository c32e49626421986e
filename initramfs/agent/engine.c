/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine - carries out a script; engine.h is the manual
 */
#include "engine.h"

#include <errno.h>

#include "commands.h"
#include "engine_statement.h"
#include "outlet.h"
#include "symbols.h"

/* NULL: not supported yet. */
static const struct engine_runner *const runners[SCRIPT_KIND_COUNT] = {
	[SCRIPT_PACKET_IN] = &engine_packet_in, [SCRIPT_PACKET_OUT] = &engine_packet_out, [SCRIPT_CALL] = &engine_call,
	[SCRIPT_OWN] = &engine_own, [SCRIPT_COMMAND] = &engine_command, [SCRIPT_CODE] = &engine_code,
	[SCRIPT_INIT_COMMAND] = &engine_untimed, [SCRIPT_CLEANUP_COMMAND] = &engine_untimed,
};

static bool check_statement(struct engine *engine, const struct script_statement *statement)
{
	const struct engine_runner *runner = runners[statement->kind];

	if (!runner) {
		outlet_error(engine->file, statement->line, statement->column, "a statement of kind %s is not supported yet",
			     script_kind_name(statement->kind));
		return false;
	}
	if (statement->time.blocking && !runner->may_block) {
		outlet_error(engine->file, statement->line, statement->column, "only a call can block for a time (TIME...TIME)");
		return false;
	}
	return !runner->check || runner->check(engine, statement);
}

bool engine_check(struct engine *engine)
{
	for (unsigned i = 0; i < engine->script->statement_count; i++)
		if (!check_statement(engine, &engine->script->statements[i]))
			return false;
	return true;
}

static bool failed(struct engine *engine, const char *what)
{
	const char *name = errno_name(errno);

	outlet_error(NULL, 0, 0, "%s: %s", what, name ? name : "unknown error");
	engine->status = RECORD_END_FAILED;
	return false;
}

bool engine_prepare(struct engine *engine)
{
	const char *what = "";

	if (engine->blocks && blocking_open(engine->blocking, &what))
		return failed(engine, what);
	if (commands_open())
		return failed(engine, "signalfd and epoll for commands");
	return engine_init_commands(engine);
}

void engine_clean(struct engine *engine)
{
	enum record_end_status before = engine->status;

	/* A script that failed before is no better for a failed cleanup. */
	if (!engine_cleanup_commands(engine) && before != RECORD_END_PASSED)
		engine->status = before;
}

bool engine_run(struct engine *engine)
{
	engine->done_ns = engine->zero_ns;
	engine->calls->zero_realtime_ns = engine->zero_ns + engine->loop->realtime_offset_ns;
	for (unsigned i = 0; i < engine->script->statement_count; i++) {
		const struct script_statement *statement = &engine->script->statements[i];

		if (!runners[statement->kind]->run(engine, statement) || !engine_look_at_blocked(engine))
			return false;
		loop_look_soon(engine->loop, "statement");
	}
	return engine_await_blocked(engine);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine_code - `%{ }%` blocks: what they may speak of is recorded at their time, and the host evaluates them
 */
#include "engine_statement.h"

#include "clock.h"
#include "code.h"
#include "outlet.h"

static int socket_under_test(const struct calls *calls)
{
	return calls->under_test < 0 ? -1 : calls->live[calls->under_test];
}

static bool run_code(struct engine *engine, const struct script_statement *statement)
{
	static char values[CODE_VALUES_BYTES];
	struct engine_window window = engine_window(engine, &statement->time);
	struct record *record;

	loop_wait_until(engine->loop, window.start_ns);
	engine->done_ns = clock_ns();
	code_values(socket_under_test(engine->calls), values);
	engine_record(engine, statement, &window, engine->done_ns);
	outlet_send();
	record = outlet_begin(RECORD_CODE, engine->done_ns);
	record_uint(record, FIELD_LINE, statement->line);
	record_uint(record, FIELD_COLUMN, statement->column);
	record_text(record, FIELD_TEXT, statement->text);
	record_text(record, FIELD_VALUES, values);
	outlet_send();
	return true;
}

const struct engine_runner engine_code = { .run = run_code };

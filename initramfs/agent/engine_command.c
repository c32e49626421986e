/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine_command - commands in backticks: before time zero, at their time, and at the end
 * A command takes guest time. As packetdrill's, `+` behind it counts from when it began; a call that was due before it
 * ended is not late.
 */
#include "engine_statement.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "mismatch.h"
#include "outlet.h"

static struct command_result result;

static void log_output(unsigned line)
{
	struct record *record;

	if (!result.output_bytes)
		return;
	record = outlet_begin(RECORD_LOG, clock_ns());
	record_uint(record, FIELD_LINE, line);
	record_text(record, FIELD_TEXT, result.output);
	outlet_send();
	if (result.lost_bytes)
		outlet_log("line %u: %zu more bytes of the command's output are not kept", line, result.lost_bytes);
}

/* The last line that is not empty: where a tool says what is wrong. */
static const char *last_line(void)
{
	char *text = result.output, *end = text + strlen(text);

	while (end > text && (end[-1] == '\n' || end[-1] == ' '))
		*--end = '\0';
	text = strrchr(result.output, '\n');
	return text ? text + 1 : result.output;
}

/* Runs it and tells of a failure; returns whether the script goes on. */
static bool run_one(struct engine *engine, struct loop *loop, const struct script_statement *statement, const char *text)
{
	commands_run(loop, text, &result);
	log_output(statement->line);
	if (result.passed)
		return true;
	mismatch_command(engine->file, statement, result.how, last_line());
	return engine_differ(engine, false);
}

static bool run_command(struct engine *engine, const struct script_statement *statement)
{
	struct engine_window window = engine_window(engine, &statement->time);
	bool goes_on;

	loop_wait_until(engine->loop, window.start_ns);
	engine->done_ns = clock_ns();
	goes_on = run_one(engine, engine->loop, statement, statement->text);
	engine->command_end_ns = clock_ns();
	engine_record(engine, statement, &window, engine->done_ns);
	outlet_send();
	return goes_on;
}

/* --init_scripts=FILE,FILE...: each run with the shell, before the script's own commands. */
static bool run_init_scripts(struct engine *engine)
{
	const struct script_statement none = { .kind = SCRIPT_INIT_COMMAND, .line = 1, .column = 1 };

	for (unsigned i = 0; i < engine->options->init_script_count; i++) {
		const char *names = engine->options->init_scripts[i];

		while (*names) {
			size_t length = strcspn(names, ",");
			char text[512];

			snprintf(text, sizeof(text), "%.*s", (int)length, names);
			if (length && !run_one(engine, NULL, &none, text))
				return false;
			names += length + (names[length] == ',');
		}
	}
	return true;
}

static bool run_kind(struct engine *engine, enum script_kind kind)
{
	for (unsigned i = 0; i < engine->script->statement_count; i++) {
		const struct script_statement *statement = &engine->script->statements[i];

		if (statement->kind == kind && !run_one(engine, NULL, statement, statement->text))
			return false;
	}
	return true;
}

bool engine_init_commands(struct engine *engine)
{
	return run_init_scripts(engine) && run_kind(engine, SCRIPT_INIT_COMMAND);
}

bool engine_cleanup_commands(struct engine *engine)
{
	return run_kind(engine, SCRIPT_CLEANUP_COMMAND);
}

/* Before and after the timed part: engine_init_commands(), engine_cleanup_commands(). */
static bool run_untimed(struct engine *engine, const struct script_statement *statement)
{
	(void)engine;
	(void)statement;
	return true;
}

const struct engine_runner engine_command = { .run = run_command };
const struct engine_runner engine_untimed = { .run = run_untimed };

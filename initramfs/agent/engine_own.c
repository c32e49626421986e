/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine_own - statements that are finrig's own: when the device gives packets back, faults of the link, marks, assertions
 * One row of the table is one statement; docs/case-language.md is their manual.
 */
#include "engine_statement.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "mismatch.h"
#include "outlet.h"

enum { OWN_PACKETS_MAX = 1000000 };

/* What a statement's text says. */
struct own {
	const struct script_statement *statement;
	bool now;                 /* `drain N`: that many, now */
	unsigned count;
	struct drain drain;
	bool outbound;
	struct link_fault fault;
	int64_t duration_ns;
};

struct own_row {
	const char *name;
	const char *wants;        /* for the error message */
	bool (*parse)(const struct own_row *row, const char *text, struct own *own);
	/* false: the script stops here. */
	bool (*act)(struct engine *engine, const struct own *own);
	enum link_fault_kind fault;
};

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* A whole number from 1 on; NULL: it is none. */
static const char *read_count(const char *text, unsigned most, unsigned *count)
{
	*count = 0;
	if (*text < '0' || *text > '9')
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++) {
		*count = *count * 10 + (unsigned)(*text - '0');
		if (*count > most)
			return NULL;
	}
	return *count ? text : NULL;
}

static bool parse_nothing(const struct own_row *row, const char *text, struct own *own)
{
	(void)row;
	(void)own;
	return !*text;
}

static bool parse_text(const struct own_row *row, const char *text, struct own *own)
{
	(void)row;
	(void)own;
	return *text;
}

static bool parse_drain(const struct own_row *row, const char *text, struct own *own)
{
	const char *rest = read_count(text, OWN_PACKETS_MAX, &own->count), *why;

	(void)row;
	own->now = rest && !*rest;
	return own->now || drain_parse(&own->drain, text, &why);
}

static bool parse_duration(const struct own_row *row, const char *text, struct own *own)
{
	const char *rest = duration_parse(text, &own->duration_ns);

	(void)row;
	return rest && !*rest;
}

/* `in 2`, `out 1 30ms` */
static bool parse_fault(const struct own_row *row, const char *text, struct own *own)
{
	unsigned most = row->fault == LINK_REORDER ? LINK_HELD_MAX : OWN_PACKETS_MAX;
	size_t length = strcspn(text, " \t");

	own->outbound = length == strlen("out") && strncmp(text, "out", length) == 0;
	if (!own->outbound && !(length == strlen("in") && strncmp(text, "in", length) == 0))
		return false;
	own->fault.kind = row->fault;
	text = read_count(skip_blanks(text + length), most, &own->fault.count);
	if (text && row->fault == LINK_DELAY)
		text = *text == ' ' || *text == '\t' ? duration_parse(skip_blanks(text), &own->fault.delay_ns) : NULL;
	return text && !*text && (row->fault != LINK_REORDER || own->fault.count > 1);
}

/* Takes what is there by now; that the script asked for more than there is, is a difference. */
static bool act_drain(struct engine *engine, const struct own *own)
{
	char expected[64], actual[64];
	unsigned taken = 0;

	if (!own->now) {
		loop_drain(engine->loop, &own->drain, clock_ns());
		return true;
	}
	while (taken < own->count && loop_take_packet(engine->loop))
		taken++;
	if (taken == own->count)
		return true;
	snprintf(expected, sizeof(expected), "%u packets in the device", own->count);
	snprintf(actual, sizeof(actual), "%u packets in the device", taken);
	mismatch_own(engine->file, own->statement, expected, actual, "the device holds fewer packets than are to be taken from it");
	return engine_differ(engine, engine->options->packets_not_fatal);
}

static bool act_hold(struct engine *engine, const struct own *own)
{
	(void)own;
	loop_hold(engine->loop);
	return true;
}

static bool act_release(struct engine *engine, const struct own *own)
{
	(void)own;
	loop_release(engine->loop, clock_ns());
	return true;
}

static bool act_fault(struct engine *engine, const struct own *own)
{
	/* What left the kernel by now came to the peer without it. */
	if (own->outbound)
		loop_capture(engine->loop);
	if (link_add(own->outbound ? &engine->peer->link : &engine->loop->injector->link, &own->fault))
		return true;
	outlet_error(engine->file, own->statement->line, own->statement->column, "more than %d faults of the link at a time",
		     LINK_FAULTS_MAX);
	return engine_fail(engine);
}

static bool act_observe(struct engine *engine, const struct own *own)
{
	int64_t until_ns = clock_ns() + own->duration_ns;

	while (loop_wait(engine->loop, until_ns) != LOOP_DUE)
		;
	return true;
}

static bool act_mark(struct engine *engine, const struct own *own)
{
	struct record *record = outlet_begin(RECORD_MARK, clock_ns());

	(void)engine;
	record_uint(record, FIELD_LINE, own->statement->line);
	record_text(record, FIELD_NAME, own->statement->text);
	outlet_send();
	return true;
}

/* Facts are the host's to know: the statement's record carries the text there. */
static bool act_assert(struct engine *engine, const struct own *own)
{
	(void)engine;
	(void)own;
	return true;
}

static const struct own_row table[] = {
	{ "assert", "a comparison of a fact, such as fin.retransmits >= 4", parse_text, act_assert, 0 },
	{ "delay", "'in' or 'out', how many packets, how long: delay out 2 30ms", parse_fault, act_fault, LINK_DELAY },
	{ "drain", "never, always, expected, after TIME, slow N/s or a number of packets", parse_drain, act_drain, 0 },
	{ "duplicate", "'in' or 'out' and how many packets: duplicate in 1", parse_fault, act_fault, LINK_DUPLICATE },
	{ "hold", "nothing behind it", parse_nothing, act_hold, 0 },
	{ "lose", "'in' or 'out' and how many packets: lose out 3", parse_fault, act_fault, LINK_LOSE },
	{ "mark", "a label", parse_text, act_mark, 0 },
	{ "observe", "a time such as 3s or 250ms", parse_duration, act_observe, 0 },
	{ "release", "nothing behind it", parse_nothing, act_release, 0 },
	{ "reorder", "'in' or 'out' and how many packets, 2 to 64: reorder in 2", parse_fault, act_fault, LINK_REORDER },
};

/* The row, with the text taken apart; NULL: *wants is what the statement wants. */
static const struct own_row *read_own(const struct script_statement *statement, struct own *own, const char **wants)
{
	*own = (struct own){ .statement = statement };
	*wants = "to be one that finrig knows";
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].name, statement->name) != 0)
			continue;
		*wants = table[i].wants;
		return table[i].parse(&table[i], statement->text, own) ? &table[i] : NULL;
	}
	return NULL;
}

static bool check_own(struct engine *engine, const struct script_statement *statement)
{
	struct own own;
	const char *wants;

	if (read_own(statement, &own, &wants))
		return true;
	outlet_error(engine->file, statement->line, statement->column, "%s wants %s", statement->name, wants);
	return false;
}

static bool run_own(struct engine *engine, const struct script_statement *statement)
{
	struct engine_window window = engine_window(engine, &statement->time);
	const struct own_row *row;
	struct record *record;
	struct own own;
	const char *wants;
	int64_t live_ns;
	bool goes_on;

	row = read_own(statement, &own, &wants);
	loop_wait_until(engine->loop, window.start_ns);
	live_ns = clock_ns();
	record = engine_record(engine, statement, &window, live_ns);
	record_text(record, FIELD_NAME, statement->name);
	record_text(record, FIELD_TEXT, *statement->text ? statement->text : NULL);
	outlet_send();
	goes_on = row && row->act(engine, &own);
	engine->done_ns = clock_ns();
	engine_forgive_command(engine, &window);
	return engine_check_time(engine, statement, &window, live_ns, engine->options->packets_not_fatal) && goes_on;
}

const struct engine_runner engine_own = { .check = check_own, .run = run_own };

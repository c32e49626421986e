/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_run - one system call in work, and what the kinds of its arguments share; call_run.h is the manual
 */
#include "call_run.h"

#include <stdio.h>
#include <string.h>

bool call_ready(const struct call_run *run)
{
	return !run->outcome.fault[0];
}

void call_fault(struct call_run *run, unsigned n, const struct script_expr *expr, const char *text)
{
	struct call_outcome *outcome = &run->outcome;

	if (outcome->fault[0])
		return;
	snprintf(outcome->fault, sizeof(outcome->fault), "%.64s, argument %u: %s", run->call->name, n + 1, text);
	if (!expr)
		expr = script_argument(run->call, n);
	if (expr) {
		outcome->line = expr->line;
		outcome->column = expr->column;
	}
}

void *call_store(struct call_run *run, unsigned n, size_t bytes)
{
	struct call_lane *lane = run->lane;
	void *place = lane->store + lane->store_used;

	if (bytes > sizeof(lane->store) - lane->store_used) {
		call_fault(run, n, NULL, "this is more than one call can take");
		return NULL;
	}
	lane->store_used += (bytes + 15) & ~(size_t)15;
	if (lane->store_used > sizeof(lane->store))
		lane->store_used = sizeof(lane->store);
	return memset(place, 0, bytes);
}

enum { DATA_APART_BYTES = 16 };

unsigned char *call_data(struct call_run *run, unsigned n, size_t bytes, bool zeroed)
{
	struct call_lane *lane = run->lane;
	size_t at = lane->data_used;

	if (bytes > CALL_DATA_MAX_BYTES - at) {
		call_fault(run, n, NULL, "at most 32 MiB can be moved at once");
		return NULL;
	}
	if (zeroed && at < lane->dirty_bytes)
		memset(lane->data + at, 0, bytes < lane->dirty_bytes - at ? bytes : lane->dirty_bytes - at);
	/* Apart, as if each had been allocated by itself: pages that touch would become one fragment of a zerocopy skb. */
	lane->data_used += (bytes / DATA_APART_BYTES + 1) * DATA_APART_BYTES;
	if (lane->data_used > CALL_DATA_MAX_BYTES)
		lane->data_used = CALL_DATA_MAX_BYTES;
	return lane->data + at;
}

void call_data_dirty(struct call_run *run, const void *end)
{
	size_t bytes = (size_t)((const unsigned char *)end - run->lane->data);

	if (bytes > run->lane->dirty_bytes)
		run->lane->dirty_bytes = bytes;
}

int call_live(const struct calls *calls, int64_t number)
{
	return number >= 0 && number < CALLS_DESCRIPTORS ? calls->live[number] : -1;
}

void call_pair(struct calls *calls, int64_t number, int live)
{
	if (number >= 0 && number < CALLS_DESCRIPTORS)
		calls->live[number] = live;
}

bool call_is_open(const struct script_expr *expr)
{
	return !expr || expr->kind == SCRIPT_EXPR_ELLIPSIS;
}

bool call_is_null(const struct script_expr *expr)
{
	int64_t value;

	return !expr || ((expr->kind == SCRIPT_EXPR_SYMBOL || expr->kind == SCRIPT_EXPR_INTEGER)
			 && script_integer(expr, &value) && !value);
}

bool call_is_null_pointer(const struct script_expr *expr)
{
	return expr && expr->kind == SCRIPT_EXPR_SYMBOL && strcmp(expr->text, "NULL") == 0;
}

void call_differ(struct call_run *run, unsigned n, const char *where, const char *expected, const char *actual)
{
	struct call_difference *difference = &run->outcome.difference;

	if (difference->mark[0])
		return;
	snprintf(difference->mark, sizeof(difference->mark), "value of argument %u%.64s", n + 1, where);
	snprintf(difference->expected, sizeof(difference->expected), "%.200s", expected);
	snprintf(difference->actual, sizeof(difference->actual), "%.200s", actual);
}

static size_t print_names(char *text, size_t size, const struct script_expr *expr)
{
	const struct script_expr *first = expr->kind == SCRIPT_EXPR_OR ? expr->first : expr;
	size_t used = 0;

	for (const struct script_expr *part = first; part && used < size; part = expr->kind == SCRIPT_EXPR_OR ? part->next : NULL) {
		const char *bar = used ? "|" : "";
		int count = part->kind == SCRIPT_EXPR_SYMBOL ? snprintf(text + used, size - used, "%s%s", bar, part->text)
							     : snprintf(text + used, size - used, "%s%lld", bar, (long long)part->value);

		used += (size_t)count;
	}
	return used;
}

/* A name and its number; hexadecimal where bits are meant. */
static void print_expected(char *text, size_t size, const struct script_expr *expr, int64_t value)
{
	if (expr->kind == SCRIPT_EXPR_LIST && expr->first)
		expr = expr->first;
	if (expr->kind == SCRIPT_EXPR_SYMBOL || expr->kind == SCRIPT_EXPR_OR) {
		size_t used = print_names(text, size, expr);

		if (used < size)
			snprintf(text + used, size - used, expr->kind == SCRIPT_EXPR_OR ? " (0x%llx)" : " (%lld)", (long long)value);
	} else {
		snprintf(text, size, expr->hex ? "0x%llx" : "%lld", (long long)value);
	}
}

void call_differ_number(struct call_run *run, unsigned n, const char *where, const struct script_expr *expected, int64_t actual)
{
	char wanted[CALLS_TEXT_BYTES], got[32];
	int64_t value = 0;
	bool bits = expected->kind == SCRIPT_EXPR_OR || expected->hex;

	script_integer(expected, &value);
	print_expected(wanted, sizeof(wanted), expected, value);
	snprintf(got, sizeof(got), bits ? "0x%llx" : "%lld", (long long)actual);
	call_differ(run, n, where, wanted, got);
}

void call_hold_number(struct call_run *run, unsigned n, const char *where, const struct script_expr *expected, int64_t actual)
{
	int64_t wanted;

	if (!call_is_open(expected) && script_integer(expected, &wanted) && wanted != actual)
		call_differ_number(run, n, where, expected, actual);
}

/* As a script would write it. */
static void print_text(char *text, size_t size, const unsigned char *bytes, size_t count)
{
	size_t used = 0;

	text[used++] = '"';
	for (size_t i = 0; i < count && used + 8 < size; i++) {
		bool plain = bytes[i] >= ' ' && bytes[i] < 0x7f && bytes[i] != '"' && bytes[i] != '\\';

		used += (size_t)snprintf(text + used, size - used, plain ? "%c" : "\\x%02x", bytes[i]);
	}
	snprintf(text + used, size - used, "\"");
}

void call_hold_text(struct call_run *run, unsigned n, const char *where, const struct script_expr *expected,
		    const unsigned char *actual, size_t actual_bytes)
{
	char wanted[CALLS_TEXT_BYTES], got[CALLS_TEXT_BYTES];

	if (expected->text_bytes == actual_bytes && memcmp(expected->text, actual, actual_bytes) == 0)
		return;
	print_text(wanted, sizeof(wanted), (const unsigned char *)expected->text, expected->text_bytes);
	print_text(got, sizeof(got), actual, actual_bytes);
	call_differ(run, n, where, wanted, got);
}

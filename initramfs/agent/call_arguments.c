/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_arguments - numbers, descriptors and data as arguments; call_arguments.h is the manual
 */
#include "call_arguments.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "descriptor.h"

static const struct script_expr *argument(const struct call_run *run, unsigned n)
{
	return script_argument(run->call, n);
}

int64_t call_integer(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = argument(run, n);
	int64_t value = 0;

	if (!expr || !script_integer(expr, &value))
		call_fault(run, n, NULL, "expected a number");
	return value;
}

static void take_number(struct call_run *run, unsigned n)
{
	run->arguments[n] = call_integer(run, n);
}

static void take_number_open(struct call_run *run, unsigned n)
{
	run->arguments[n] = call_is_open(argument(run, n)) ? 0 : call_integer(run, n);
}

static void take_family(struct call_run *run, unsigned n)
{
	run->arguments[n] = call_is_open(argument(run, n)) ? options_family(run->calls->options) : call_integer(run, n);
}

static void take_fd(struct call_run *run, unsigned n)
{
	run->arguments[n] = call_live(run->calls, call_integer(run, n));
}

static void take_fd_free(struct call_run *run, unsigned n)
{
	int64_t number = call_integer(run, n);
	int live = call_live(run->calls, number);

	if (number >= DESCRIPTOR_BASE)
		call_fault(run, n, NULL, "a script's descriptors are below 512");
	run->arguments[n] = live >= 0 ? live : number;
}

static void take_path(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = argument(run, n);

	if (!expr || expr->kind != SCRIPT_EXPR_STRING)
		call_fault(run, n, NULL, "expected a path in double quotes");
	else
		run->arguments[n] = (long)expr->text;
}

static void take_offset(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = argument(run, n);
	int64_t *place;

	if (call_is_open(expr) || (expr->kind == SCRIPT_EXPR_SYMBOL && call_is_null(expr)))
		return;
	place = call_store(run, n, sizeof(*place));
	if (place && script_integer(expr, place))
		run->arguments[n] = (long)place;
	else
		call_fault(run, n, NULL, "expected NULL, ... or [OFFSET]");
}

static void take_fd_pair(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = argument(run, n);
	int64_t number;

	if (!expr || expr->kind != SCRIPT_EXPR_LIST || expr->count != 2 || !script_integer(script_child(expr, 0), &number)
	    || !script_integer(script_child(expr, 1), &number))
		call_fault(run, n, NULL, "expected two descriptors, such as [4, 5]");
	run->arguments[n] = (long)call_store(run, n, 2 * sizeof(int));
}

static void hold_fd_pair(struct call_run *run, unsigned n)
{
	const int *live = (const int *)run->arguments[n];

	for (unsigned i = 0; i < 2; i++) {
		int64_t number = -1;

		script_integer(script_child(argument(run, n), i), &number);
		call_pair(run->calls, number, live[i]);
	}
}

static void take_ioctl_value(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = argument(run, n);
	int64_t *place = call_store(run, n, 64);

	if (place && !call_is_null(expr) && !call_is_open(expr) && expr->kind != SCRIPT_EXPR_LIST && !script_integer(expr, place))
		call_fault(run, n, NULL, "expected ..., N or [N]");
	else if (place && expr && expr->kind == SCRIPT_EXPR_LIST && !call_is_open(expr->first) && !script_integer(expr, place))
		call_fault(run, n, NULL, "expected ..., N or [N]");
	run->arguments[n] = (long)place;
}

static void hold_ioctl_value(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = argument(run, n);

	if (expr && expr->kind == SCRIPT_EXPR_LIST)
		call_hold_number(run, n, "", expr->first, *(const int *)run->arguments[n]);
}

static void take_fcntl_value(struct call_run *run, unsigned n)
{
	take_number_open(run, n);
	if (run->arguments[n] >= DESCRIPTOR_BASE && (run->arguments[1] == F_DUPFD || run->arguments[1] == F_DUPFD_CLOEXEC))
		call_fault(run, n, NULL, "a script's descriptors are below 512");
}

static void repeat(unsigned char *data, size_t count, const struct script_expr *text)
{
	size_t step = text->text_bytes;

	for (size_t at = 0; at < count && step; at += step) {
		memcpy(data + at, text->text, step < count - at ? step : count - at);
		if (!text->repeated)
			break;
	}
}

static bool is_count(struct call_run *run, unsigned n, int64_t count)
{
	if (count < 0 || count > CALL_DATA_MAX_BYTES)
		call_fault(run, n, NULL, "expected a number of bytes, at most 32 MiB");
	return count >= 0 && count <= CALL_DATA_MAX_BYTES;
}

unsigned char *call_fill(struct call_run *run, unsigned n, const struct script_expr *expr, int64_t count)
{
	unsigned char *data = is_count(run, n, count) ? call_data(run, n, (size_t)count, true) : NULL;

	if (!data || call_is_open(expr) || call_is_null(expr))
		return data;
	if (expr->kind != SCRIPT_EXPR_STRING) {
		call_fault(run, n, expr, "expected ... or a string");
		return NULL;
	}
	repeat(data, (size_t)count, expr);
	call_data_dirty(run, data + count);
	return data;
}

unsigned char *call_room(struct call_run *run, unsigned n, int64_t count)
{
	return is_count(run, n, count) ? call_data(run, n, (size_t)count, false) : NULL;
}

static void take_send(struct call_run *run, unsigned n)
{
	int64_t count = call_integer(run, n + 1);

	if (call_ready(run) && !call_is_null_pointer(argument(run, n)))
		run->arguments[n] = (long)call_fill(run, n, argument(run, n), count);
}

static void take_receive(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = argument(run, n);
	int64_t count = call_integer(run, n + 1);

	if (!call_is_open(expr) && !call_is_null(expr) && expr->kind != SCRIPT_EXPR_STRING)
		call_fault(run, n, NULL, "expected ... or a string");
	if (call_ready(run) && !call_is_null_pointer(expr))
		run->arguments[n] = (long)call_room(run, n, count);
}

static void hold_receive(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = argument(run, n);
	const unsigned char *data = (const unsigned char *)run->arguments[n];
	size_t got = (size_t)run->outcome.result;

	if (!data || run->outcome.result < 0 || run->outcome.result > call_integer(run, n + 1))
		return; /* MSG_TRUNC tells of more than it stores */
	call_data_dirty(run, data + got);
	if (expr->kind == SCRIPT_EXPR_STRING)
		call_hold_text(run, n, "", expr, data, got);
}

const struct call_kind
	call_fd = { take_fd, NULL }, call_number = { take_number, NULL }, call_number_open = { take_number_open, NULL },
	call_family = { take_family, NULL }, call_send = { take_send, NULL }, call_receive = { take_receive, hold_receive },
	call_path = { take_path, NULL }, call_offset = { take_offset, NULL }, call_fd_pair = { take_fd_pair, hold_fd_pair },
	call_ioctl_value = { take_ioctl_value, hold_ioctl_value }, call_fcntl_value = { take_fcntl_value, NULL },
	call_fd_free = { take_fd_free, NULL };

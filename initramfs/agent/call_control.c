/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_control - control messages; call_control.h is the manual
 */
#include "call_control.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "call_shape.h"
#include "clock.h"

/* As the kernel has it; libc's has another type for the length. */
struct kernel_control {
	size_t bytes; /* with this head */
	int level, type;
};

/* Of one message; with it and its head behind half of the room, all of the room is not exceeded. */
enum { DATA_BYTES = CALL_CONTROL_BYTES / 4 };

static const char form[] = "expected {cmsg_level=LEVEL, cmsg_type=TYPE, cmsg_data=...}";

static size_t aligned(size_t bytes)
{
	return (bytes + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1);
}

/* packetdrill's names for the error queue's messages mean the one of the socket's family. */
static int64_t of_family(const struct call_run *run, const struct script_expr *expr, int64_t value)
{
	bool is_v6 = options_family(run->calls->options) == AF_INET6;

	if (!is_v6 || expr->kind != SCRIPT_EXPR_SYMBOL)
		return value;
	if (strcmp(expr->text, "CMSG_LEVEL_IP") == 0)
		return IPPROTO_IPV6;
	return strcmp(expr->text, "CMSG_TYPE_RECVERR") == 0 ? IPV6_RECVERR : value;
}

static bool is_stamp(const struct script_expr *data)
{
	return data && data->kind == SCRIPT_EXPR_STRUCT && script_field(data, "scm_sec");
}

/* Numbers of the width a given cmsg_len leaves each of them, else of an int. */
static bool write_numbers(const struct script_expr *data, size_t wanted_bytes, unsigned char *place, size_t *bytes)
{
	const struct script_expr *one = data->kind == SCRIPT_EXPR_LIST ? data->first : data;
	unsigned count = data->kind == SCRIPT_EXPR_LIST ? data->count : 1;
	size_t width = wanted_bytes && count ? wanted_bytes / count : sizeof(int);
	int64_t value;

	if (width > sizeof(value) || count * width > DATA_BYTES)
		return false;
	for (*bytes = 0; count--; one = one->next, *bytes += width) {
		if (!script_integer(one, &value))
			return false;
		memcpy(place + *bytes, &value, width);
	}
	return true;
}

static size_t write_data(struct call_run *run, unsigned n, const struct script_expr *data, size_t wanted_bytes, unsigned char *place)
{
	size_t bytes = 0;

	if (data->kind == SCRIPT_EXPR_STRUCT)
		return call_shape_write(run, n, data, place, DATA_BYTES);
	if (data->kind == SCRIPT_EXPR_STRING && data->text_bytes <= DATA_BYTES) {
		memcpy(place, data->text, data->text_bytes);
		return data->text_bytes;
	}
	if (!write_numbers(data, wanted_bytes, place, &bytes))
		call_fault(run, n, data, "expected a number, [numbers], \"text\" or a struct");
	return bytes;
}

static bool read_head(const struct call_run *run, const struct script_expr *expr, struct kernel_control *head)
{
	const struct script_expr *level = script_field(expr, "cmsg_level"), *type = script_field(expr, "cmsg_type");
	int64_t values[2];

	if (expr->kind != SCRIPT_EXPR_STRUCT || !level || !type || !script_integer(level, &values[0]) || !script_integer(type, &values[1]))
		return false;
	head->level = (int)of_family(run, level, values[0]);
	head->type = (int)of_family(run, type, values[1]);
	return true;
}

size_t call_control_write(struct call_run *run, unsigned n, const struct script_expr *list, unsigned char *place)
{
	size_t used = 0;

	for (const struct script_expr *expr = list->first; expr; expr = expr->next) {
		const struct script_expr *data = script_field(expr, "cmsg_data"), *length = script_field(expr, "cmsg_len");
		struct kernel_control head = { 0 };
		int64_t wanted = 0;

		if (used > CALL_CONTROL_BYTES / 2 || !read_head(run, expr, &head)
		    || (!call_is_open(length) && !script_integer(length, &wanted)) || wanted < 0 || wanted > DATA_BYTES)
			call_fault(run, n, expr, form);
		if (!call_ready(run))
			return 0;
		head.bytes = sizeof(head);
		if (data)
			head.bytes += write_data(run, n, data, wanted > (int64_t)sizeof(head) ? (size_t)wanted - sizeof(head) : 0,
						 place + used + sizeof(head));
		if (wanted) /* a script may well claim another length than the data has */
			head.bytes = (size_t)wanted;
		memcpy(place + used, &head, sizeof(head));
		used += aligned(head.bytes > sizeof(head) ? head.bytes : sizeof(head));
	}
	return call_ready(run) ? used : 0;
}

void call_control_check(struct call_run *run, unsigned n, const struct script_expr *list)
{
	struct kernel_control ignored;

	for (const struct script_expr *expr = list->first; expr; expr = expr->next) {
		const struct script_expr *data = script_field(expr, "cmsg_data");

		if (!read_head(run, expr, &ignored))
			call_fault(run, n, expr, form);
		else if (data && data->kind == SCRIPT_EXPR_STRUCT && !is_stamp(data) && !call_shape_of(data))
			call_fault(run, n, data, "no struct that is known has these members");
	}
}

static int64_t member_integer(const struct script_expr *expr, const char *name)
{
	const struct script_expr *member = script_field(expr, name);
	int64_t value = 0;

	if (member)
		script_integer(member, &value);
	return value;
}

/* The kernel's clock against the script's: within tolerance. */
static void hold_stamp(struct call_run *run, unsigned n, const char *where, const struct script_expr *data,
		       const unsigned char *actual, size_t actual_bytes)
{
	int64_t wanted_ns = member_integer(data, "scm_sec") * NS_PER_S + member_integer(data, "scm_nsec"), live_ns;
	char expected[48], got[48];
	struct timespec stamp = { 0 };

	if (actual_bytes >= sizeof(stamp))
		memcpy(&stamp, actual, sizeof(stamp));
	live_ns = stamp.tv_sec * NS_PER_S + stamp.tv_nsec - run->calls->zero_realtime_ns;
	if (llabs(live_ns - wanted_ns) <= run->calls->options->tolerance_ns)
		return;
	snprintf(expected, sizeof(expected), "%lld.%09lld", (long long)(wanted_ns / NS_PER_S), (long long)(wanted_ns % NS_PER_S));
	snprintf(got, sizeof(got), "%s%lld.%09lld", live_ns < 0 ? "-" : "", llabs(live_ns) / NS_PER_S, llabs(live_ns) % NS_PER_S);
	call_differ(run, n, where, expected, got);
}

/* As wide as the kernel made it, signed as a script would write it. */
static int64_t read_number(const unsigned char *place, size_t bytes, int64_t wanted)
{
	uint64_t value = 0;
	unsigned spare_bits;

	if (bytes > sizeof(value))
		bytes = sizeof(value);
	memcpy(&value, place, bytes);
	spare_bits = 64 - 8 * (unsigned)bytes;
	return wanted < 0 && bytes ? (int64_t)(value << spare_bits) >> spare_bits : (int64_t)value;
}

static void hold_numbers(struct call_run *run, unsigned n, const char *where, const struct script_expr *data,
			 const unsigned char *actual, size_t actual_bytes)
{
	const struct script_expr *one = data->kind == SCRIPT_EXPR_LIST ? data->first : data;
	unsigned count = data->kind == SCRIPT_EXPR_LIST ? data->count : 1;
	size_t width = count ? actual_bytes / count : 0;

	for (unsigned i = 0; i < count; i++, one = one->next) {
		int64_t wanted = 0;

		script_integer(one, &wanted);
		call_hold_number(run, n, where, one, read_number(actual + i * width, width, wanted));
	}
}

static void hold_one(struct call_run *run, unsigned n, unsigned index, const struct script_expr *expr,
		     const struct kernel_control *head, const unsigned char *data)
{
	const struct script_expr *wanted = script_field(expr, "cmsg_data");
	struct kernel_control named = { 0 };
	size_t bytes = head->bytes - sizeof(*head);
	char where[64];

	read_head(run, expr, &named);
	snprintf(where, sizeof(where), ".msg_control[%u].cmsg_level", index);
	if (named.level != head->level)
		call_differ_number(run, n, where, script_field(expr, "cmsg_level"), head->level);
	snprintf(where, sizeof(where), ".msg_control[%u].cmsg_type", index);
	if (named.type != head->type)
		call_differ_number(run, n, where, script_field(expr, "cmsg_type"), head->type);
	snprintf(where, sizeof(where), ".msg_control[%u].cmsg_len", index);
	call_hold_number(run, n, where, script_field(expr, "cmsg_len"), (int64_t)head->bytes);
	snprintf(where, sizeof(where), ".msg_control[%u].cmsg_data", index);
	if (call_is_open(wanted))
		return;
	if (is_stamp(wanted))
		hold_stamp(run, n, where, wanted, data, bytes);
	else if (wanted->kind == SCRIPT_EXPR_STRUCT)
		call_shape_hold(run, n, where, wanted, data, bytes);
	else if (wanted->kind == SCRIPT_EXPR_STRING)
		call_hold_text(run, n, where, wanted, data, bytes);
	else
		hold_numbers(run, n, where, wanted, data, bytes);
}

void call_control_hold(struct call_run *run, unsigned n, const struct script_expr *list, const unsigned char *place, size_t bytes)
{
	const struct script_expr *expr = list->first;
	unsigned count = 0;
	size_t at = 0;
	char expected[48], got[48];

	while (at + sizeof(struct kernel_control) <= bytes) {
		struct kernel_control head;

		memcpy(&head, place + at, sizeof(head));
		if (head.bytes < sizeof(head) || head.bytes > bytes - at)
			break;
		if (expr) {
			hold_one(run, n, count, expr, &head, place + at + sizeof(head));
			expr = expr->next;
		}
		count++;
		at += aligned(head.bytes);
	}
	snprintf(expected, sizeof(expected), "%u control messages", list->count);
	snprintf(got, sizeof(got), "%u control messages", count);
	if (count != list->count)
		call_differ(run, n, ".msg_control", expected, got);
}

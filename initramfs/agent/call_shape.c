/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_shape - the kernel's structs as tables; call_shape.h is the manual
 */
#include "call_shape.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "call_arguments.h"

static const struct call_member *find_member(const struct call_shape *shape, const char *name)
{
	for (const struct call_member *member = shape->members; member->name; member++)
		if (strcmp(member->name, name) == 0)
			return member;
	return NULL;
}

static bool has_all(const struct call_shape *shape, const struct script_expr *expr)
{
	for (const struct script_expr *field = expr->first; field; field = field->next)
		if (field->kind != SCRIPT_EXPR_FIELD || !find_member(shape, field->text))
			return false;
	return true;
}

const struct call_shape *call_shape_of(const struct script_expr *expr)
{
	if (!expr || expr->kind != SCRIPT_EXPR_STRUCT || !expr->first)
		return NULL;
	for (const struct call_shape *shape = call_shapes; shape->name; shape++)
		if (has_all(shape, expr))
			return shape;
	return NULL;
}

const struct call_shape *call_shape_named(const char *name)
{
	const struct call_shape *shape = call_shapes;

	while (shape->name && strcmp(shape->name, name) != 0)
		shape++;
	return shape->name ? shape : NULL;
}

static uint64_t read_unsigned(const void *place, size_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, place, bytes);
	return value;
}

int64_t call_member_value(const struct call_member *member, const void *place)
{
	uint64_t value = read_unsigned((const unsigned char *)place + member->offset, member->bytes);
	unsigned spare_bits = 64 - 8 * member->bytes;

	if (member->kind == MEMBER_BITS)
		return (int64_t)(value >> member->shift & ((1u << member->width) - 1));
	return member->kind == MEMBER_SIGNED ? (int64_t)(value << spare_bits) >> spare_bits : (int64_t)value;
}

static bool write_address4(const struct script_expr *expr, unsigned char *place)
{
	int64_t value;
	uint32_t word;

	if (expr->kind == SCRIPT_EXPR_CALL && expr->first && expr->first->kind == SCRIPT_EXPR_STRING)
		return inet_pton(AF_INET, expr->first->text, place) == 1;
	if (!script_integer(expr, &value))
		return false;
	word = htonl((uint32_t)value);
	memcpy(place, &word, sizeof(word));
	return true;
}

static bool write_socket_address(const struct call_run *run, const struct script_expr *expr, unsigned char *place)
{
	struct sockaddr_storage address = { 0 };
	size_t bytes = call_is_open(expr) ? options_remote(run->calls->options, 0, &address) : call_read_address(expr, &address);

	memcpy(place, &address, sizeof(address));
	return bytes > 0;
}

static bool write_number(const struct call_member *member, const struct script_expr *expr, unsigned char *place)
{
	int64_t value;

	if (call_is_open(expr))
		return true;
	if (!script_integer(expr, &value))
		return false;
	if (member->kind == MEMBER_BITS)
		*place |= (unsigned char)(value << member->shift);
	else
		memcpy(place, &value, member->bytes);
	return true;
}

static bool write_member(const struct call_run *run, const struct call_member *member, const struct script_expr *expr,
			 unsigned char *place)
{
	switch ((enum call_member_kind)member->kind) {
	case MEMBER_TEXT:
		if (expr->kind != SCRIPT_EXPR_STRING || expr->text_bytes > member->bytes)
			return false;
		memcpy(place, expr->text, expr->text_bytes);
		return true;
	case MEMBER_SOCKADDR:
		return write_socket_address(run, expr, place);
	case MEMBER_ADDRESS4:
		return write_address4(expr, place);
	case MEMBER_UNSIGNED:
	case MEMBER_SIGNED:
	case MEMBER_BITS:
		return write_number(member, expr, place);
	case MEMBER_KIND_COUNT:
		break;
	}
	return false;
}

size_t call_shape_write(struct call_run *run, unsigned n, const struct script_expr *expr, void *place, size_t room_bytes)
{
	const struct call_shape *shape = call_shape_of(expr);

	if (!shape || shape->bytes > room_bytes) {
		call_fault(run, n, expr, "no struct that is known has these members");
		return 0;
	}
	memset(place, 0, shape->bytes);
	for (const struct script_expr *field = expr->first; field; field = field->next) {
		const struct call_member *member = find_member(shape, field->text);

		if (!write_member(run, member, field->first, (unsigned char *)place + member->offset))
			call_fault(run, n, field->first, "a value of a form this member does not take");
	}
	return call_ready(run) ? shape->bytes : 0;
}

static void hold_member(struct call_run *run, unsigned n, const char *where, const struct call_member *member,
			const struct script_expr *wanted, const unsigned char *actual)
{
	unsigned char address[4];
	char expected[INET_ADDRSTRLEN], got[INET_ADDRSTRLEN];

	if (member->kind == MEMBER_SOCKADDR) {
		call_hold_address(run, n, where, wanted, (const struct sockaddr_storage *)(actual + member->offset));
	} else if (member->kind == MEMBER_TEXT) {
		if (wanted->kind == SCRIPT_EXPR_STRING)
			call_hold_text(run, n, where, wanted, actual + member->offset,
				       wanted->text_bytes < member->bytes ? wanted->text_bytes : member->bytes);
	} else if (member->kind != MEMBER_ADDRESS4) {
		call_hold_number(run, n, where, wanted, call_member_value(member, actual));
	} else if (write_address4(wanted, address) && memcmp(address, actual + member->offset, sizeof(address)) != 0) {
		call_differ(run, n, where, inet_ntop(AF_INET, address, expected, sizeof(expected)),
			    inet_ntop(AF_INET, actual + member->offset, got, sizeof(got)));
	}
}

void call_shape_hold(struct call_run *run, unsigned n, const char *where, const struct script_expr *expr,
		     const void *actual, size_t actual_bytes)
{
	const struct call_shape *shape = call_shape_of(expr);
	char place[CALLS_MARK_BYTES], text[64];

	for (const struct script_expr *field = shape ? expr->first : NULL; field; field = field->next) {
		const struct call_member *member = find_member(shape, field->text);

		if (call_is_open(field->first))
			continue;
		snprintf(place, sizeof(place), "%.48s.%.40s", where, field->text);
		if (member->offset + member->bytes > (int)actual_bytes) {
			snprintf(text, sizeof(text), "not told: the struct has %zu bytes on this kernel", actual_bytes);
			call_differ(run, n, place, "a value", text);
			continue;
		}
		hold_member(run, n, place, member, field->first, actual);
	}
}

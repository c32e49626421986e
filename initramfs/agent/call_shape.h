/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_shape - the kernel's structs as tables, so that a script can write {name=value, ...} and be told which member differs
 * A struct of the script's is recognised by the names of its members alone. Layouts are x86-64's, of Linux up to 6.12.
 */
#ifndef FINRIG_AGENT_CALL_SHAPE_H
#define FINRIG_AGENT_CALL_SHAPE_H

#include "call_run.h"

enum call_member_kind {
	MEMBER_UNSIGNED, MEMBER_SIGNED,
	MEMBER_BITS,     /* width bits from shift on */
	MEMBER_TEXT,     /* bytes */
	MEMBER_SOCKADDR, /* {sa_family=...}; `...` is the remote end */
	MEMBER_ADDRESS4, /* inet_addr("...") or a number */
	MEMBER_KIND_COUNT
};

struct call_member {
	const char *name;
	unsigned short offset, bytes;
	unsigned char kind, shift, width;
};

struct call_shape {
	const char *name;
	size_t bytes;
	const struct call_member *members; /* ends with a NULL name */
};

extern const struct call_shape call_shapes[]; /* ends with a NULL name */

/* The shape that has all the members the script names; NULL when there is none, or expr is no struct with names. */
const struct call_shape *call_shape_of(const struct script_expr *expr);
const struct call_shape *call_shape_named(const char *name);
/* Writes the script's members at place, zeros for the others. Returns the struct's size, 0 when the fault is noted. */
size_t call_shape_write(struct call_run *run, unsigned n, const struct script_expr *expr, void *place, size_t room_bytes);
/* Compares the members the script names with what lies at actual; one beyond actual_bytes is one this kernel does not give. */
void call_shape_hold(struct call_run *run, unsigned n, const char *where, const struct script_expr *expr,
		     const void *actual, size_t actual_bytes);
/* A numeric member's value. */
int64_t call_member_value(const struct call_member *member, const void *place);

#endif

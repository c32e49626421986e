/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_run - one system call in work, and what the kinds of its arguments share
 * A kind of argument is two functions: take() turns the script's argument n into run->arguments[n] and notes a fault where
 * its form is wrong; hold() compares what the kernel stored there with what the script says. Memory is the lane's, given
 * out anew for each call: nothing is allocated.
 */
#ifndef FINRIG_AGENT_CALL_RUN_H
#define FINRIG_AGENT_CALL_RUN_H

#include <stddef.h>

#include "calls.h"

enum { CALL_ARGUMENTS_MAX = 6, CALL_DATA_MAX_BYTES = 32 * 1024 * 1024, CALL_STORE_BYTES = 64 * 1024 };

struct call_lane {
	unsigned char *data;      /* what calls send and receive; zeros but for its first dirty_bytes */
	size_t data_used, dirty_bytes;
	_Alignas(16) unsigned char store[CALL_STORE_BYTES]; /* structs */
	size_t store_used;
};

struct call_row;

struct call_run {
	struct calls *calls;
	struct call_lane *lane;
	const struct script_call *call;
	const struct call_row *row;
	long arguments[CALL_ARGUMENTS_MAX];
	size_t value_bytes;       /* of a socket option's value */
	struct call_outcome outcome;
};

struct call_kind {
	void (*take)(struct call_run *run, unsigned n);
	void (*hold)(struct call_run *run, unsigned n); /* NULL: the kernel stores nothing there */
};

/* True when no argument was at fault. */
bool call_ready(const struct call_run *run);
/* Notes the fault at expr, part of argument n (the first one counts). */
void call_fault(struct call_run *run, unsigned n, const struct script_expr *expr, const char *text);
/* Zeroed memory for this call; NULL when there is no more (the fault is noted). */
void *call_store(struct call_run *run, unsigned n, size_t bytes);
/* Room in the lane's data; zeroed: all of it is zeros. NULL when there is no more (the fault is noted). */
unsigned char *call_data(struct call_run *run, unsigned n, size_t bytes, bool zeroed);
/* The kernel or a script's string wrote there: no longer zeros. */
void call_data_dirty(struct call_run *run, const void *end);

/* The live twin of the script's descriptor; -1 when it never got one, so that the kernel answers EBADF. */
int call_live(const struct calls *calls, int64_t number);
void call_pair(struct calls *calls, int64_t number, int live);

/* Notes a difference; the first one counts. where: what differs within argument n, such as "[0].revents"; "" for all of it. */
void call_differ(struct call_run *run, unsigned n, const char *where, const char *expected, const char *actual);
/* The same for numbers: a symbol is shown with its name. */
void call_differ_number(struct call_run *run, unsigned n, const char *where, const struct script_expr *expected, int64_t actual);
/* Compares a number where the script says one; `...` and NULL take anything. */
void call_hold_number(struct call_run *run, unsigned n, const char *where, const struct script_expr *expected, int64_t actual);
/* Compares bytes with a string of the script's. */
void call_hold_text(struct call_run *run, unsigned n, const char *where, const struct script_expr *expected,
		    const unsigned char *actual, size_t actual_bytes);
/* Absent, or `...`. */
bool call_is_open(const struct script_expr *expr);
/* NULL, 0, or absent. */
bool call_is_null(const struct script_expr *expr);
/* NULL and nothing else: no place that the kernel could read from or write to. */
bool call_is_null_pointer(const struct script_expr *expr);

#endif

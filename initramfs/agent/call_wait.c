/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_wait - what poll, select and epoll wait for, as arguments; call_wait.h is the manual
 */
#include "call_wait.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>

#include "call_arguments.h"
#include "call_shape.h"

enum { LIST_MAX = 256, EPOLL_EVENT_BYTES = 12 };

static int64_t member(const struct script_expr *expr, const char *name, int64_t otherwise)
{
	const struct script_expr *value = script_field(expr, name);

	if (value)
		script_integer(value, &otherwise);
	return otherwise;
}

static bool is_struct(const struct script_expr *expr, const char *name)
{
	return expr->kind == SCRIPT_EXPR_STRUCT && script_field(expr, name);
}

/* poll */

static void take_poll_list(struct call_run *run, unsigned n)
{
	const struct script_expr *list = script_argument(run->call, n);
	struct pollfd *place;

	if (call_is_null(list))
		return;
	if (list->kind != SCRIPT_EXPR_LIST || list->count > LIST_MAX) {
		call_fault(run, n, NULL, "expected [{fd=FD, events=EVENTS, revents=EVENTS}, ...]");
		return;
	}
	place = call_store(run, n, (list->count + 1) * sizeof(*place));
	run->arguments[n] = (long)place;
	if (call_integer(run, n + 1) > list->count)
		call_fault(run, n + 1, NULL, "the list has fewer members");
	for (const struct script_expr *one = list->first; place && one; one = one->next, place++) {
		if (!is_struct(one, "fd")) {
			call_fault(run, n, one, "expected {fd=FD, events=EVENTS, revents=EVENTS}");
			return;
		}
		place->fd = call_live(run->calls, member(one, "fd", -1));
		place->events = (short)member(one, "events", 0);
	}
}

static void hold_poll_list(struct call_run *run, unsigned n)
{
	const struct script_expr *list = script_argument(run->call, n);
	const struct pollfd *place = (const struct pollfd *)run->arguments[n];
	unsigned i = 0;

	if (!place)
		return;
	for (const struct script_expr *one = list->first; one; one = one->next, i++) {
		char where[32];

		snprintf(where, sizeof(where), "[%u].revents", i);
		call_hold_number(run, n, where, script_field(one, "revents"), (unsigned short)place[i].revents);
	}
}

/* epoll */

static void take_epoll_event(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	void *place;

	if (call_is_null(expr) || call_is_open(expr))
		return;
	place = call_store(run, n, EPOLL_EVENT_BYTES);
	if (!is_struct(expr, "events"))
		call_fault(run, n, NULL, "expected {events=EVENTS, fd=FD} or NULL");
	else if (place)
		call_shape_write(run, n, expr, place, EPOLL_EVENT_BYTES);
	run->arguments[n] = (long)place;
}

static void take_epoll_events(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n), *count = script_argument(run->call, n + 1);
	const struct script_expr *one = expr && expr->kind == SCRIPT_EXPR_LIST ? expr->first : expr;
	int64_t most = 0;

	if (!call_is_open(one) && !is_struct(one, "events"))
		call_fault(run, n, NULL, "expected {events=EVENTS, fd=FD}, a list of them, or ...");
	if (!count || !script_integer(count, &most) || most > LIST_MAX)
		call_fault(run, n + 1, NULL, "expected a number, at most 256");
	run->arguments[n] = (long)call_store(run, n, (size_t)(most > 0 ? most : 1) * EPOLL_EVENT_BYTES);
}

static void hold_epoll_events(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	const unsigned char *place = (const unsigned char *)run->arguments[n];
	const struct script_expr *one = expr->kind == SCRIPT_EXPR_LIST ? expr->first : expr;
	bool is_list = expr->kind == SCRIPT_EXPR_LIST;

	for (int64_t i = 0; one && i < run->outcome.result; i++, one = is_list ? one->next : NULL) {
		char where[32] = "";

		if (is_list)
			snprintf(where, sizeof(where), "[%lld]", (long long)i);
		call_shape_hold(run, n, where, one, place + i * EPOLL_EVENT_BYTES, EPOLL_EVENT_BYTES);
	}
}

/* select */

static void take_select_count(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	int64_t value;

	if (!expr || (!call_is_open(expr) && !script_integer(expr, &value)))
		call_fault(run, n, NULL, "expected a number or ...");
	run->arguments[n] = 0; /* the sets raise it */
}

/* NULL when expr is no set at all. */
static const struct script_expr *set_list(const struct script_expr *expr, const char *name)
{
	const struct script_expr *list = expr->kind == SCRIPT_EXPR_STRUCT ? script_field(expr, name) : expr;

	return list && list->kind == SCRIPT_EXPR_LIST ? list : NULL;
}

static void take_select_set(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n), *list;
	fd_set *set;

	if (call_is_null(expr) || call_is_open(expr))
		return;
	list = set_list(expr, "fds");
	set = call_store(run, n, sizeof(*set));
	if (!list) {
		call_fault(run, n, NULL, "expected NULL, [FD, ...] or {fds=[FD, ...], ready=[FD, ...]}");
		return;
	}
	for (const struct script_expr *one = list->first; set && one; one = one->next) {
		int64_t number = -1;
		int live;

		if (!script_integer(one, &number))
			call_fault(run, n, one, "expected a descriptor");
		live = call_live(run->calls, number);
		if (live < 0)
			continue;
		FD_SET(live, set);
		if (live >= run->arguments[0])
			run->arguments[0] = live + 1;
	}
	run->arguments[n] = (long)set;
}

static bool has_number(const struct script_expr *list, int64_t wanted)
{
	for (const struct script_expr *one = list->first; one; one = one->next) {
		int64_t number;

		if (script_integer(one, &number) && number == wanted)
			return true;
	}
	return false;
}

static void hold_select_set(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n), *list, *ready;
	const fd_set *set = (const fd_set *)run->arguments[n];

	if (!set || expr->kind != SCRIPT_EXPR_STRUCT)
		return;
	list = set_list(expr, "fds");
	ready = set_list(expr, "ready");
	for (const struct script_expr *one = ready ? list->first : NULL; one; one = one->next) {
		char where[48];
		int64_t number = -1;
		int live;
		bool wanted, is_set;

		script_integer(one, &number);
		live = call_live(run->calls, number);
		wanted = has_number(ready, number);
		is_set = live >= 0 && FD_ISSET(live, set);
		snprintf(where, sizeof(where), ": descriptor %lld", (long long)number);
		if (wanted != is_set)
			call_differ(run, n, where, wanted ? "ready" : "not ready", is_set ? "ready" : "not ready");
	}
}

static void take_timeval(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	void *place;

	if (call_is_null(expr) || call_is_open(expr))
		return;
	place = call_store(run, n, 16);
	if (!is_struct(expr, "tv_sec"))
		call_fault(run, n, NULL, "expected NULL, ... or {tv_sec=N, tv_usec=N}");
	else if (place)
		call_shape_write(run, n, expr, place, 16);
	run->arguments[n] = (long)place;
}

const struct call_kind
	call_poll_list = { take_poll_list, hold_poll_list }, call_epoll_event = { take_epoll_event, NULL },
	call_epoll_events = { take_epoll_events, hold_epoll_events }, call_select_count = { take_select_count, NULL },
	call_select_set = { take_select_set, hold_select_set }, call_timeval = { take_timeval, NULL };

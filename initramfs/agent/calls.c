/* SPDX-License-Identifier: GPL-2.0-or-later
 * calls - the system calls a script makes; calls.h is the manual
 */
#include "calls.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "call_option.h"
#include "call_table.h"
#include "clock.h"
#include "symbols.h"

enum { PAGE_BYTES = 4096 };

static unsigned char data[CALLS_LANE_COUNT][CALL_DATA_MAX_BYTES];
static struct call_lane lanes[CALLS_LANE_COUNT];
static struct call_run runs[CALLS_LANE_COUNT];

/* Its coming is enough: a handler without SA_RESTART makes the blocked call return EINTR. */
static void on_alarm(int number)
{
	(void)number;
}

void calls_init(struct calls *calls, const struct options *options, struct peer *peer)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct utsname name = { 0 };

	uname(&name);
	snprintf(calls->release, sizeof(calls->release), "%.64s", name.release);
	calls->options = options;
	calls->peer = peer;
	calls->under_test = -1;
	for (unsigned i = 0; i < CALLS_DESCRIPTORS; i++)
		calls->live[i] = -1;
	for (unsigned i = 0; i < CALLS_LANE_COUNT; i++)
		lanes[i].data = data[i];
	sigaction(SIGALRM, &action, NULL);
	/* A write after the peer's reset answers EPIPE, which is for the script to judge. */
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static void read_arguments(struct call_run *run)
{
	for (unsigned i = 0; i < run->call->argument_count; i++)
		run->row->arguments[i]->take(run, i);
}

/* --send_omit_free: what was sent stays as it is, so the next call's data begins behind it, until there is no more room. */
static size_t data_start(const struct calls *calls, const struct call_lane *lane)
{
	return calls->options->send_omit_free && lane->data_used < CALL_DATA_MAX_BYTES / 2 ? lane->data_used : 0;
}

static struct call_run *begin(struct calls *calls, enum calls_lane lane, const struct script_call *call)
{
	struct call_run *run = &runs[lane];

	memset(run, 0, sizeof(*run));
	run->calls = calls;
	run->lane = &lanes[lane];
	run->call = call;
	run->row = call_find(call->name);
	run->lane->data_used = data_start(calls, run->lane);
	run->lane->store_used = 0;
	return run;
}

static bool count_arguments(struct call_run *run)
{
	const struct call_row *row = run->row;
	struct call_outcome *outcome = &run->outcome;

	if (!row)
		snprintf(outcome->fault, sizeof(outcome->fault), "system call %.64s is not known", run->call->name);
	else if (run->call->argument_count < row->least || run->call->argument_count > row->most)
		snprintf(outcome->fault, sizeof(outcome->fault), "%s takes %u%s arguments, not %u", row->name, row->least,
			 row->most > row->least ? " or more" : "", run->call->argument_count);
	return call_ready(run);
}

/* Makes what the call will use resident, so that no page fault comes in the timed part. */
static void touch(struct call_lane *lane)
{
	for (size_t at = 0; at < lane->data_used; at += PAGE_BYTES)
		*(volatile unsigned char *)&lane->data[at] = 0;
}

bool calls_check(struct calls *calls, const struct script_call *call, struct call_outcome *outcome)
{
	for (unsigned lane = 0; lane < CALLS_LANE_COUNT; lane++) {
		struct call_run *run = begin(calls, lane, call);

		if (count_arguments(run))
			read_arguments(run);
		*outcome = run->outcome;
		if (outcome->fault[0])
			return false;
		if (lane == CALLS_MAIN)
			touch(run->lane);
		run->lane->data_used = 0;
	}
	return true;
}

struct call_run *calls_take(struct calls *calls, enum calls_lane lane, const struct script_call *call)
{
	struct call_run *run = begin(calls, lane, call);

	if (count_arguments(run))
		read_arguments(run);
	return run;
}

static void set_alarm(int64_t after_ns)
{
	struct itimerval alarm = { .it_value = { after_ns / NS_PER_S, after_ns % NS_PER_S / NS_PER_US } };

	setitimer(ITIMER_REAL, &alarm, NULL);
}

void calls_guard(int64_t due_ns)
{
	int64_t wait_ns = due_ns - clock_ns();

	set_alarm((wait_ns > 0 ? wait_ns : 0) + CALLS_PATIENCE_S * NS_PER_S);
}

void calls_unguard(void)
{
	set_alarm(0);
}

void calls_make(struct call_run *run)
{
	const long *a = run->arguments;
	struct call_outcome *outcome = &run->outcome;

	outcome->begin_ns = clock_ns();
	errno = 0;
	outcome->result = run->row->own ? run->row->own(run) : syscall(run->row->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	outcome->error = outcome->result < 0 ? errno : 0;
	outcome->end_ns = clock_ns();
}

static void print_result(char *text, int64_t result, const char *error, const char *note)
{
	snprintf(text, CALLS_TEXT_BYTES, "%lld%s%s%s", (long long)result, error ? " " : "", error ? error : "", note);
}

static void print_actual(char *text, const struct call_outcome *outcome)
{
	char number[16];
	const char *name = errno_name(outcome->error);
	bool blocked = outcome->error == EINTR; /* nothing else interrupts */

	snprintf(number, sizeof(number), "errno %d", outcome->error);
	print_result(text, outcome->result, outcome->error ? (name ? name : number) : NULL,
		     blocked ? " (it blocked and was interrupted)" : "");
}

/* An answer that a kernel gives for what it does not have. */
static void note_absence(struct call_run *run)
{
	const struct call_kind *fourth = run->row->arguments[3];
	bool is_option = fourth == &call_option_value || fourth == &call_option_result;
	const char *name = run->row->name, *since = run->row->since;

	if (run->outcome.error == ENOSYS && since)
		call_note_absence(run, name, since);
	if (!is_option || (run->outcome.error != ENOPROTOOPT && run->outcome.error != EOPNOTSUPP && run->outcome.error != EINVAL))
		return;
	since = call_option_since(run->arguments[1], run->arguments[2], &name);
	if (since && (run->outcome.error == ENOPROTOOPT || call_compare_releases(run->calls->release, since) < 0))
		call_note_absence(run, name, since);
}

static void compare_result(struct call_run *run, int64_t wanted)
{
	const struct script_call *call = run->call;
	struct call_outcome *outcome = &run->outcome;
	struct call_difference *difference = &outcome->difference;
	/* Descriptors are twins: any live one answers the script's. */
	bool same = call_makes_descriptor(run) && wanted >= 0 ? outcome->result >= 0 : outcome->result == wanted;

	if (same && (!call->errno_name || call->errno_value == outcome->error))
		return;
	snprintf(difference->mark, sizeof(difference->mark), same ? "errno" : "result");
	print_result(difference->expected, wanted, call->errno_name, "");
	print_actual(difference->actual, outcome);
	note_absence(run);
}

/* A call that makes a descriptor: the script's number is paired with the kernel's. */
static void pair(struct call_run *run)
{
	int64_t number = run->outcome.result;

	script_integer(run->call->result, &number);
	call_pair(run->calls, number, (int)run->outcome.result);
}

bool calls_hold(struct call_run *run)
{
	const struct call_row *row = run->row;
	int64_t wanted;

	if (script_integer(run->call->result, &wanted))
		compare_result(run, wanted);
	if (run->outcome.result >= 0) {
		if (call_makes_descriptor(run))
			pair(run);
		if (row->after)
			row->after(run);
		for (unsigned i = 0; i < run->call->argument_count; i++)
			if (row->arguments[i]->hold)
				row->arguments[i]->hold(run, i);
	}
	return !run->outcome.difference.mark[0];
}

const struct call_outcome *calls_outcome(const struct call_run *run)
{
	return &run->outcome;
}

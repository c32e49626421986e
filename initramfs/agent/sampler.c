/* SPDX-License-Identifier: GPL-2.0-or-later
 * sampler - when to look at the script's sockets; sampler.h is the manual
 */
#include "sampler.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "counters.h"
#include "outlet.h"
#include "symbols.h"

/* Remaining times are told in whole jiffies, at most 10 ms (HZ=100): a timer can fire that much before the reckoned moment. */
#define JIFFY_MAX_NS (10 * NS_PER_MS)
#define FIRST_STEP_NS NS_PER_MS
enum { STEP_DIVISOR = 16 };

static void name_end(char *name, const struct diag_key *key, const uint8_t *address, unsigned port)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(key->version == 6 ? AF_INET6 : AF_INET, address, text, sizeof(text));
	snprintf(name, SAMPLER_NAME_BYTES, key->version == 6 ? "[%s]:%u" : "%s:%u", text, port);
}

static struct sampler_target *free_target(struct sampler *sampler)
{
	if (sampler->count < SAMPLER_TARGETS_MAX)
		return &sampler->targets[sampler->count++];
	for (size_t i = 0; i < sampler->count; i++)
		if (sampler->targets[i].phase == SAMPLER_GONE)
			return &sampler->targets[i];
	return NULL;
}

bool sampler_watch(struct sampler *sampler, const struct diag_key *key)
{
	struct sampler_target *target = free_target(sampler);

	if (!target)
		return false;
	*target = (struct sampler_target){ .key = *key, .expires_ns = CLOCK_NEVER, .look_ns = CLOCK_NEVER };
	name_end(target->local, key, key->local, key->local_port);
	name_end(target->remote, key, key->remote, key->remote_port);
	return true;
}

static void send_sample(const struct sampler_target *target, enum record_type type, const char *cause, int64_t now_ns)
{
	struct record *record = outlet_begin(type, now_ns);

	record_text(record, FIELD_CAUSE, cause);
	record_text(record, FIELD_LOCAL, target->local);
	record_text(record, FIELD_REMOTE, target->remote);
	if (type == RECORD_SOCKET)
		diag_record(&target->last, record);
	outlet_send();
}

/* Plans the next look from the newest answer. */
static void plan(struct sampler_target *target, int64_t now_ns)
{
	const struct diag_sample *sample = &target->last;
	int64_t step_ns;

	if (!sample->timer) {
		target->expires_ns = target->look_ns = CLOCK_NEVER;
		return;
	}
	if (sample->has_timer_ms) {
		target->expires_ns = now_ns + sample->timer_ms * NS_PER_MS;
		target->look_ns = target->expires_ns;
		return;
	}
	/* It should have fired but has not: the wheel is late. */
	if (target->expires_ns > now_ns)
		target->expires_ns = now_ns;
	step_ns = (now_ns - target->expires_ns) / STEP_DIVISOR;
	target->look_ns = now_ns + (step_ns > FIRST_STEP_NS ? step_ns : FIRST_STEP_NS);
}

/* Has the timer of the answer before done its work? old_expires_ns: when that answer said it would. A segment that came in meanwhile, and
 * changed nothing else, says nothing of a timer. */
static bool has_fired(const struct sampler_target *target, int64_t old_expires_ns, enum diag_change change, int64_t now_ns)
{
	if (old_expires_ns == CLOCK_NEVER || now_ns < old_expires_ns - JIFFY_MAX_NS)
		return false;
	return change == DIAG_MOVED || target->expires_ns > now_ns + JIFFY_MAX_NS;
}

static void note_expiry(struct sampler *sampler, int64_t now_ns)
{
	sampler->expired = true;
	sampler->expired_ns = now_ns;
}

static void take_found(struct sampler *sampler, struct sampler_target *target, const struct diag_sample *sample, const char *cause, int64_t now_ns)
{
	enum diag_change change = target->phase == SAMPLER_UNSEEN ? DIAG_MOVED : diag_compare(&target->last, sample);
	int64_t old_expires_ns = target->expires_ns;
	bool fired;

	target->phase = SAMPLER_LIVE;
	target->last = *sample;
	plan(target, now_ns);
	fired = has_fired(target, old_expires_ns, change, now_ns);
	if (change == DIAG_SAME && !fired)
		return;
	send_sample(target, RECORD_SOCKET, fired ? "timer" : cause, now_ns);
	if (fired)
		note_expiry(sampler, now_ns);
}

static void take_absent(struct sampler *sampler, struct sampler_target *target, const char *cause, int64_t now_ns)
{
	bool fired = target->expires_ns != CLOCK_NEVER && now_ns >= target->expires_ns - JIFFY_MAX_NS;

	target->expires_ns = target->look_ns = CLOCK_NEVER;
	if (target->phase != SAMPLER_LIVE)
		return;
	target->phase = SAMPLER_GONE;
	send_sample(target, RECORD_GONE, fired ? "timer" : cause, now_ns);
	if (fired)
		note_expiry(sampler, now_ns);
}

static void look(struct sampler *sampler, struct sampler_target *target, const char *cause)
{
	struct diag_sample sample;
	int error = 0;
	enum diag_answer answer = diag_query(sampler->diag_fd, &target->key, &sample, &error);
	/* A timer may fire during the query: what its sample shows came before its stamp. */
	int64_t now_ns = clock_ns();

	switch (answer) {
	case DIAG_FOUND:
		take_found(sampler, target, &sample, cause, now_ns);
		return;
	case DIAG_ABSENT:
	case DIAG_LISTENER:
		take_absent(sampler, target, cause, now_ns);
		return;
	case DIAG_FAILED:
	case DIAG_ANSWER_COUNT:
		break;
	}
	target->look_ns = CLOCK_NEVER;
	if (!sampler->failed)
		outlet_error(NULL, 0, 0, "inet_diag query for %s to %s: %s", target->local, target->remote,
			     errno_name(error) ? errno_name(error) : "unknown error");
	sampler->failed = true;
}

void sampler_look(struct sampler *sampler, const char *cause)
{
	if (sampler->diag_fd < 0)
		return;
	for (size_t i = 0; i < sampler->count; i++)
		if (sampler->targets[i].phase != SAMPLER_GONE)
			look(sampler, &sampler->targets[i], cause);
}

void sampler_look_due(struct sampler *sampler, int64_t now_ns)
{
	for (size_t i = 0; i < sampler->count; i++)
		if (sampler->targets[i].look_ns <= now_ns)
			look(sampler, &sampler->targets[i], "timer");
}

int64_t sampler_due_ns(const struct sampler *sampler)
{
	int64_t due_ns = CLOCK_NEVER;

	for (size_t i = 0; i < sampler->count; i++)
		due_ns = clock_earlier(due_ns, sampler->targets[i].look_ns);
	return due_ns;
}

void sampler_count(struct sampler *sampler, int64_t now_ns)
{
	if (sampler->expired)
		counters_take(sampler->expired_ns > now_ns ? sampler->expired_ns : now_ns);
	sampler->expired = false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * link - what a lossy link does to packets; link.h is the manual
 */
#include "link.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "tun.h"

const char *link_fault_name(enum link_fault_kind kind)
{
	static const char *const names[LINK_FAULT_KIND_COUNT] = {
		[LINK_LOSE] = "lose", [LINK_DUPLICATE] = "duplicate", [LINK_REORDER] = "reorder", [LINK_DELAY] = "delay",
	};

	return (unsigned)kind < LINK_FAULT_KIND_COUNT ? names[kind] : NULL;
}

bool link_add(struct link *link, const struct link_fault *fault)
{
	if (link->count == LINK_FAULTS_MAX)
		return false;
	link->faults[(link->first + link->count++) % LINK_FAULTS_MAX] = *fault;
	return true;
}

enum link_fate link_next(struct link *link, int64_t *delay_ns)
{
	static const enum link_fate fates[LINK_FAULT_KIND_COUNT] = {
		[LINK_LOSE] = LINK_IS_LOST, [LINK_DUPLICATE] = LINK_COMES_TWICE,
		[LINK_REORDER] = LINK_IS_HELD, [LINK_DELAY] = LINK_COMES_LATE,
	};
	const struct link_fault *fault = &link->faults[link->first];
	bool last;

	if (!link->count)
		return LINK_PASSES;
	last = ++link->done >= fault->count;
	if (last) {
		link->first = (link->first + 1) % LINK_FAULTS_MAX;
		link->count--;
		link->done = 0;
	}
	*delay_ns = fault->delay_ns;
	return last && fault->kind == LINK_REORDER ? LINK_ENDS_GROUP : fates[fault->kind];
}

static bool write_out(const struct link_injector *injector, const unsigned char *bytes, size_t length)
{
	return tun_write(injector->fd, injector->segment_bytes, bytes, length);
}

static bool keep(struct link_injector *injector, const unsigned char *bytes, size_t length, bool in_group, int64_t due_ns)
{
	for (unsigned i = 0; i < LINK_HELD_MAX; i++) {
		struct link_held *held = &injector->packets[i];

		if (held->used)
			continue;
		*held = (struct link_held){ true, in_group, due_ns, injector->order++, length, injector->room[i] };
		memcpy(held->bytes, bytes, length);
		injector->held++;
		return true;
	}
	errno = ENOBUFS;
	return false;
}

static bool send_held(struct link_injector *injector, struct link_held *held)
{
	held->used = false;
	injector->held--;
	return write_out(injector, held->bytes, held->length);
}

/* Newest first. */
static bool send_group(struct link_injector *injector)
{
	bool sent = true;

	for (;;) {
		struct link_held *newest = NULL;

		for (unsigned i = 0; i < LINK_HELD_MAX; i++) {
			struct link_held *held = &injector->packets[i];

			if (held->used && held->in_group && (!newest || held->order > newest->order))
				newest = held;
		}
		if (!newest)
			return sent;
		sent = send_held(injector, newest) && sent;
	}
}

bool link_inject(struct link_injector *injector, const unsigned char *bytes, size_t length, enum link_fate *fate)
{
	int64_t delay_ns = 0;

	*fate = link_next(&injector->link, &delay_ns);
	switch (*fate) {
	case LINK_PASSES:
		return write_out(injector, bytes, length);
	case LINK_IS_LOST:
		return true;
	case LINK_COMES_TWICE:
		return write_out(injector, bytes, length) && write_out(injector, bytes, length);
	case LINK_COMES_LATE:
		return keep(injector, bytes, length, false, clock_ns() + delay_ns);
	case LINK_IS_HELD:
		return keep(injector, bytes, length, true, CLOCK_NEVER);
	case LINK_ENDS_GROUP:
		return write_out(injector, bytes, length) && send_group(injector);
	case LINK_FATE_COUNT:
		break;
	}
	return false;
}

/* The packet that is due first, the older one of equals; NULL when none is late. */
static struct link_held *first_due(struct link_injector *injector)
{
	struct link_held *first = NULL;

	for (unsigned i = 0; injector->held && i < LINK_HELD_MAX; i++) {
		struct link_held *held = &injector->packets[i];

		if (!held->used || held->in_group)
			continue;
		if (!first || held->due_ns < first->due_ns || (held->due_ns == first->due_ns && held->order < first->order))
			first = held;
	}
	return first;
}

int64_t link_due_ns(struct link_injector *injector)
{
	const struct link_held *first = first_due(injector);

	return first ? first->due_ns : CLOCK_NEVER;
}

void link_inject_due(struct link_injector *injector, int64_t now_ns)
{
	struct link_held *first;

	/* A device that takes no more is the script's next packet's to find out. */
	while ((first = first_due(injector)) && first->due_ns <= now_ns)
		send_held(injector, first);
}

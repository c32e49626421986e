/* SPDX-License-Identifier: GPL-2.0-or-later
 * sampler - when to look at the script's sockets: at every cause given, and whenever a socket's own timer should fire
 * in: connections to watch and the clock; out: RECORD_SOCKET, RECORD_GONE, and RECORD_COUNTER at timer expiries.
 *
 * A socket's answer names its timer and the time left, so nothing is polled while nothing can happen. The kernel's coarse
 * timer wheels (from 4.8 up to an eighth late) make the moment an upper guess: once it is past, looks follow in steps of
 * a sixteenth of the delay until the socket has changed. So a timer's effect is dated to 6 % of its own lateness.
 *
 *   UNSEEN --found--> LIVE --not found, or only a listener--> GONE
 */
#ifndef FINRIG_AGENT_SAMPLER_H
#define FINRIG_AGENT_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"

enum { SAMPLER_TARGETS_MAX = 16, SAMPLER_NAME_BYTES = 64 };

enum sampler_phase { SAMPLER_UNSEEN, SAMPLER_LIVE, SAMPLER_GONE, SAMPLER_PHASE_COUNT };

struct sampler_target {
	struct diag_key key;
	enum sampler_phase phase;
	char local[SAMPLER_NAME_BYTES], remote[SAMPLER_NAME_BYTES];
	struct diag_sample last;
	int64_t expires_ns; /* when the socket's timer should have fired; CLOCK_NEVER without one */
	int64_t look_ns;    /* when to look because of it */
};

struct sampler {
	int diag_fd;        /* -1: this kernel has no inet_diag, nothing is sampled */
	bool failed;        /* said once */
	bool expired;       /* a timer did, and the counters were not taken since */
	int64_t expired_ns;
	size_t count;
	struct sampler_target targets[SAMPLER_TARGETS_MAX];
};

/* From now on this connection too. The oldest that is gone makes room; false: all places are taken by live ones. */
bool sampler_watch(struct sampler *sampler, const struct diag_key *key);
/* Looks at all connections now. cause: "start", "statement", "packet", "timer" or "end". */
void sampler_look(struct sampler *sampler, const char *cause);
/* Looks at those whose timer is due. */
void sampler_look_due(struct sampler *sampler, int64_t now_ns);
/* Takes the counters if a timer has expired since. now_ns: when the round began, as it does with a look. */
void sampler_count(struct sampler *sampler, int64_t now_ns);
/* When sampler_look_due() is to be called next; CLOCK_NEVER if no timer runs. */
int64_t sampler_due_ns(const struct sampler *sampler);

#endif

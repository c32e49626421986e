/* SPDX-License-Identifier: GPL-2.0-or-later
 * drain - when the tun device's reader takes packets, that is: when the device gives the skbs back
 * in: the text of a case's `drain:` line; out: for each moment, when the next packet may be taken.
 *
 *   never        nobody reads                   after T      nobody reads for T of guest time, then at once
 *   always       each packet at once            slow N/s     one packet each 1/N s
 *   expected     one packet for each packet the script expects to see leave, as packetdrill does
 *
 * T is a number with ns, us, ms, s, m or h (s if none), e.g. 3s, 0.5s, 250ms.
 */
#ifndef FINRIG_AGENT_DRAIN_H
#define FINRIG_AGENT_DRAIN_H

#include <stdbool.h>
#include <stdint.h>

enum drain_kind { DRAIN_NEVER, DRAIN_ALWAYS, DRAIN_EXPECTED, DRAIN_AFTER, DRAIN_SLOW, DRAIN_KIND_COUNT };

struct drain {
	enum drain_kind kind;
	int64_t after_ns;    /* DRAIN_AFTER */
	int64_t interval_ns; /* DRAIN_SLOW: between two packets */
};

/* false: *why is a sentence without a full stop. */
bool drain_parse(struct drain *drain, const char *text, const char **why);

/* When the reader may take its first packet; CLOCK_NEVER if it does not read by itself. zero_ns: script time zero. */
int64_t drain_first_ns(const struct drain *drain, int64_t zero_ns);
/* When it may take another after it took one at now_ns. */
int64_t drain_next_ns(const struct drain *drain, int64_t now_ns);

/* Reads "250ms" from text into *value_ns; returns the first character after it, or NULL. Not negative, at most a year. */
const char *duration_parse(const char *text, int64_t *value_ns);

#endif

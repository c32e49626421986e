/* SPDX-License-Identifier: GPL-2.0-or-later
 * cause - a cell's facts as words: what the wire saw, what the kernel believes, and why, in one sentence with figures
 * in: facts; out: text. Nothing is said that no fact holds.
 */
#ifndef FINRIG_CAUSE_H
#define FINRIG_CAUSE_H

#include "case.h"
#include "facts.h"

/* "10 FIN"; "4 data" or "3 SYN-ACK" for a case whose lines are about those. Caller frees. */
char *cause_wire(const struct test_case *test_case, const struct facts *facts);
/* "9 retransmits rto 76 s", "8 backoffs rto 51 s", "CLOSE_WAIT 43200 s". Caller frees. */
char *cause_believes(const struct facts *facts);
/* The story, without a full stop: "timer backed off 8 times, 0 FIN retransmitted: skb still in host queue (…)". Caller frees. */
char *cause_story(const struct facts *facts);

#endif

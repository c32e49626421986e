/* SPDX-License-Identifier: GPL-2.0-or-later
 * mismatch - tells where a kernel did otherwise than the script says, as RECORD_MISMATCH
 * in: the statement and what came instead; out: a record with its place, both texts, and a mark under the differing part;
 * on a terminal the same one above the other:
 *
 *   case.pkt:9:1: win differs
 *   expected: > S. 0:0(0) ack 1 win 5840 <...>
 *   actual:   > S. 0:0(0) ack 1 win 64240 <...>
 *                               ^^^^^^^^^
 */
#ifndef FINRIG_AGENT_MISMATCH_H
#define FINRIG_AGENT_MISMATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "calls.h"
#include "packet.h"
#include "script.h"

/* TRUE: mismatches are also written to stderr, for a person. */
void mismatch_set_verbose(bool verbose);

void mismatch_packet(const char *file, const struct script_statement *statement, const struct packet *actual,
		     enum packet_field field);
/* No packet came. */
void mismatch_absent(const char *file, const struct script_statement *statement);
/* No packet came in time, and then another than expected, at live_ns from script time zero. */
void mismatch_late(const char *file, const struct script_statement *statement, const struct packet *actual,
		   enum packet_field field, int64_t live_ns);
/* A statement of finrig's own, with both sides in words. */
void mismatch_own(const char *file, const struct script_statement *statement, const char *expected, const char *actual,
		  const char *sentence);
void mismatch_call(const char *file, const struct script_statement *statement, const struct call_difference *difference);
/* how: "exit status 1"; said: the last line it printed. */
void mismatch_command(const char *file, const struct script_statement *statement, const char *how, const char *said);
/* A blocking call came back at another time. live_ns < 0: it did not by now. Times count from script time zero. */
void mismatch_return(const char *file, const struct script_statement *statement, int64_t wanted_ns, int64_t live_ns,
		     int64_t tolerance_ns);
/* Times count from script time zero. */
void mismatch_time(const char *file, const struct script_statement *statement, int64_t start_ns, int64_t end_ns,
		   int64_t live_ns, int64_t tolerance_ns);

#endif

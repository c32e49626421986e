/* SPDX-License-Identifier: GPL-2.0-or-later
 * session - one job from open device to RECORD_END, in a guest or on a host
 * in: a job's text; out: the record stream but for HELLO and READY's surroundings, and how it ended.
 *
 *   session_hello() -> session_open() (device made) -> session_ready() (behind the place of a snapshot) -> session_run() -> process ends
 *
 * Every failure is a RECORD_ERROR naming the call and its errno, and RECORD_END with status failed. Descriptors are left to
 * the end of the process on purpose: closing tun lets packets it holds leave, which must not happen while anything looks.
 */
#ifndef FINRIG_AGENT_SESSION_H
#define FINRIG_AGENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

/* Sends RECORD_HELLO. */
void session_hello(void);
/* Makes tun0 with the default addresses, opens capture and sampling. false: a RECORD_ERROR told why. */
bool session_open(void);
/* Sends RECORD_READY; stopped_ns: how long the machine stood for a snapshot. Time zero counts from here: it does not depend on how
 * long the job's text takes. On a host it is not called, and time zero is soon. */
void session_ready(int64_t stopped_ns);
/* Takes the job's text apart in place and carries it out; sends RECORD_END in every case. text_bytes: without the NUL behind. */
enum record_end_status session_run(char *text, size_t text_bytes);
/* Sends RECORD_END. For those who fail before they can call session_run(). */
void session_end(enum record_end_status status);

#endif

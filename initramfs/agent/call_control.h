/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_control - control messages, the part of call_message that is cmsg_*; call_message.h shows their form
 */
#ifndef FINRIG_AGENT_CALL_CONTROL_H
#define FINRIG_AGENT_CALL_CONTROL_H

#include "call_run.h"

/* What the kernel may store for one call. */
enum { CALL_CONTROL_BYTES = 1024 };

/* Writes the list's messages; returns how many bytes they take, 0 when the fault is noted. */
size_t call_control_write(struct call_run *run, unsigned n, const struct script_expr *list, unsigned char *place);
/* Compares what the kernel stored with the list, message for message. */
void call_control_hold(struct call_run *run, unsigned n, const struct script_expr *list, const unsigned char *place, size_t bytes);
/* Checks the list's form before time starts. */
void call_control_check(struct call_run *run, unsigned n, const struct script_expr *list);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * agent_check - asks the guest's own agent, run on the host, whether it can read a script
 * in: a case; out: its assert statements, or every fault with file:line:column. The agent is the one parser there is: what it
 * accepts here it accepts in every guest, so a script error costs no boot.
 */
#ifndef FINRIG_AGENT_CHECK_H
#define FINRIG_AGENT_CHECK_H

#include "case.h"

/* Fills in test_case->assertions. FINRIG_ERROR_USAGE with the agent's words, a line for each fault with the construct it is about in
 * [ ] at its end; FINRIG_ERROR_BROKEN if the agent is not built. */
gboolean agent_check(const struct workspace *workspace, struct test_case *test_case, GError **error);

#endif

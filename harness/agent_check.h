/* SPDX-License-Identifier: GPL-2.0-or-later
 * agent_check - asks the guest's own agent, run on the host, whether it can read a script
 * So a script error is known before a guest boots, by the same parser.
 */
#ifndef FINRIG_AGENT_CHECK_H
#define FINRIG_AGENT_CHECK_H

#include "case.h"

/* FALSE with FINRIG_ERROR_USAGE, the message being the parser's own: file:line:column and what was expected;
 * FINRIG_ERROR_BROKEN if the agent cannot be run. */
gboolean agent_check(const struct workspace *workspace, const char *path, GError **error);

#endif

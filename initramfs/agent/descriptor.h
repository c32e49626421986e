/* SPDX-License-Identifier: GPL-2.0-or-later
 * descriptor - keeps the agent's own descriptors out of the script's way, whose first one is 3
 */
#ifndef FINRIG_AGENT_DESCRIPTOR_H
#define FINRIG_AGENT_DESCRIPTOR_H

/* Below the usual limit of 1024, above any number a script gets. */
enum { DESCRIPTOR_BASE = 512 };

/* Moves fd up (close on exec). Returns its new number; -1 for -1, or when it could not be moved (errno; fd is closed). */
int descriptor_raise(int fd);

#endif

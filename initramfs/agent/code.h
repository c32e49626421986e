/* SPDX-License-Identifier: GPL-2.0-or-later
 * code - the values that `%{ }%` blocks may speak of, as NAME=VALUE lines; harness/code.h tells which, and evaluates the blocks
 */
#ifndef FINRIG_AGENT_CODE_H
#define FINRIG_AGENT_CODE_H

#include <stddef.h>

enum { CODE_VALUES_BYTES = 8 * 1024 };

/* Asks the socket; -1, or what is no TCP socket: "". Returns the text's length. */
size_t code_values(int fd, char text[CODE_VALUES_BYTES]);

#endif

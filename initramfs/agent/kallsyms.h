/* SPDX-License-Identifier: GPL-2.0-or-later
 * kallsyms - the functions of this kernel and its modules with their addresses, as it tells them itself
 * out: RECORD_SYMBOLS with lines `DELTA NAME`: DELTA in hex is what to add to the address of the line before (modulo 2^64, 0 before
 * the first). For packaged kernels, whose System.map is not in the package, and for modules, whose place only the guest knows.
 */
#ifndef FINRIG_AGENT_KALLSYMS_H
#define FINRIG_AGENT_KALLSYMS_H

#include <stdbool.h>

/* A kernel without /proc/kallsyms sends none, which is no error. false: a RECORD_ERROR told why. */
bool kallsyms_send(void);

#endif

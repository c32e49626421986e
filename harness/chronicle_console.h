/* SPDX-License-Identifier: GPL-2.0-or-later
 * chronicle_console - a guest's console lines with their place on its clock
 * in: 1-console.log, a HELLO event; out: lines. The kernel's own stamp is of a clock that may be some milliseconds off CLOCK_MONOTONIC.
 */
#ifndef FINRIG_CHRONICLE_CONSOLE_H
#define FINRIG_CHRONICLE_CONSOLE_H

#include <glib.h>

struct chronicle_line {
	gint64 t_ns; /* since script time zero */
	char *text;  /* without its stamp, UTF-8 */
};

/* struct chronicle_line *, in the console's order, none earlier than the one before it. A line without a stamp has the time of the one before it,
 * the first ones that of boot. No console is an empty array. */
GPtrArray *chronicle_console(const char *cell_dir, GPtrArray *events);

#endif

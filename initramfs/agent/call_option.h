/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_option - the values of socket options as arguments, and since which Linux there are options and calls
 *
 *   setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4)       a number, [numbers], "text", a struct of call_shape.h, or NULL
 *   getsockopt(3, SOL_TCP, TCP_INFO, {tcpi_state=TCP_ESTABLISHED, tcpi_rto=...}, ...)
 */
#ifndef FINRIG_AGENT_CALL_OPTION_H
#define FINRIG_AGENT_CALL_OPTION_H

#include "call_run.h"

extern const struct call_kind
	call_option_value, call_option_bytes,          /* of setsockopt() */
	call_option_result, call_option_result_bytes;  /* of getsockopt() */

/* Since which Linux there is the option, such as "3.7"; NULL: every kernel has it, or it is not known. */
const char *call_option_since(long level, long option, const char **name);
/* Says in the difference's note what is known of a call or option that the kernel does not have. */
void call_note_absence(struct call_run *run, const char *what, const char *since);
/* a < 0, 0 or > 0 as kernel release a is older than, the same as or newer than b; compares the leading numbers alone. */
int call_compare_releases(const char *a, const char *b);

#endif

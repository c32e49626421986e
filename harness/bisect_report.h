/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_report - what a bisection found, for people and for programs
 * in: its result and steps; out: bisect.json, bisect.txt, git-bisect-replay, and where the two sides part ways in diff/.
 */
#ifndef FINRIG_BISECT_REPORT_H
#define FINRIG_BISECT_REPORT_H

#include "bisect.h"
#include "bisect_window.h"

/* Writes all files. windows: struct window *, may be empty. *text: bisect.txt. */
gboolean bisect_report(const struct bisect *bisect, const struct bisect_result *result, const char *case_name, const GPtrArray *windows,
		       char **text, GError **error);

#endif

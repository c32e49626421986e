/* SPDX-License-Identifier: GPL-2.0-or-later
 * console - what a guest's kernel complained of: panics, oopses, the reports of its own checkers
 * in: the console's bytes (hostile, need not be UTF-8), System.map; out: each report with its first line and its call trace.
 *
 * Only the beginning of a message counts, so that a firmware line ("BIOS BUG: …") or a path with such a word kills nobody.
 */
#ifndef FINRIG_CONSOLE_H
#define FINRIG_CONSOLE_H

#include <json-glib/json-glib.h>

struct console_report {
	const char *kind;  /* "panic", "oops", "lockdep", "kasan", "hung task", … */
	gboolean fatal;    /* the guest's verdict is CRASH */
	char *text;        /* the line that tells, without its stamps */
	GPtrArray *trace;  /* char *: lines of the call trace, "tcp_v4_rcv+0x1a2/0x3f0"; a bare address where the kernel had no name */
};

/* struct console_report *, in the console's order. Free with g_ptr_array_unref(). */
GPtrArray *console_reports(const char *text, gsize length_bytes);
/* The first fatal report's text and the first frames of its trace ("…: f < g < h"); NULL for none. symbols: `ADDRESS NAME` lines for bare
 * addresses, or NULL. Caller frees. */
char *console_death(const GPtrArray *reports, const char *symbols);

/* Of a cell's folder: 1-console.log to 1-symbols.txt, with names for the bare addresses in its traces; no file when there are none, or no
 * System.map (path NULL). FINRIG_ERROR_BROKEN. */
gboolean console_write_symbols(const char *cell_dir, const char *system_map_path, GError **error);
/* Both files to objects {"kind", "fatal", "text", "trace": […]} appended to list. Returns what console_death() does. */
char *console_analyze(const char *cell_dir, JsonArray *list);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_log - what went wrong in a build, out of all that make printed
 * in: build.log; out: the one line that a person would look for, those around it, and whose fault it is.
 */
#ifndef FINRIG_IMAGE_LOG_H
#define FINRIG_IMAGE_LOG_H

#include <glib.h>

/* That the machine ran out of something; else the first `file:line:column: error: …`; else what the linker misses, a tool that is not
 * there, or make's own `***`; else the last line. For the caller to free. */
char *log_first_error(const char *log);
/* The lines that stand with it, as the compiler's words do: at most 40. What make says of its progress is none of them, so a second
 * build that fails in the same way has the same lines. For the caller to free. */
char *log_lines(const char *log);
/* The machine was out of memory or disk, or lacks a program: that says nothing about the kernel's source. */
gboolean log_blames_host(const char *log);

#endif

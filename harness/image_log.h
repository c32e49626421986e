/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_log - what went wrong in a build, out of all that make printed
 * in: build.log; out: the one line that a person would look for.
 */
#ifndef FINRIG_IMAGE_LOG_H
#define FINRIG_IMAGE_LOG_H

#include <glib.h>

/* That the machine ran out of something; else the first `file:line:column: error: …`; else what the linker misses, a tool that is not
 * there, or make's own `***`; else the last line. For the caller to free. */
char *log_first_error(const char *log);

#endif

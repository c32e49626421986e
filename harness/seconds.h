/* SPDX-License-Identifier: GPL-2.0-or-later
 * seconds - guest times as numbers for facts and as text for people
 */
#ifndef FINRIG_SECONDS_H
#define FINRIG_SECONDS_H

#include <glib.h>

/* Nanoseconds as seconds. */
double seconds_of_ns(gint64 ns);
/* As many digits as are worth reading: "0.30", "19.5", "114". Caller frees. */
char *seconds_text(double seconds);
/* The middle of count values, of two middles their mean; values are sorted in place. count must not be 0. */
double median(double *values, guint count);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * time_axis - where a moment of guest time stands in a drawing
 * Linear, or logarithmic to both sides of an origin (the first FIN, say): timers that double are evenly spaced there. What lies nearer to
 * the origin than a tenth of a second is linear again.
 */
#ifndef FINRIG_TIME_AXIS_H
#define FINRIG_TIME_AXIS_H

#include <glib.h>

struct time_axis {
	double from_s, to_s;   /* what is shown; to_s > from_s */
	double origin_s;       /* of the logarithmic axis: what its labels count from */
	gboolean logarithmic;
	int left, width;       /* in the drawing's units */
};

struct time_tick {
	int x;
	char *label; /* "0.1", "+10 s"; freed with the list */
};

/* Moments outside are put at the nearer end. */
int time_axis_x(const struct time_axis *axis, double t_s);
/* struct time_tick, from left to right, at least gap units apart. Caller unrefs. */
GArray *time_axis_ticks(const struct time_axis *axis, int gap);

#endif

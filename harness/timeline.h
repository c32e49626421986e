/* SPDX-License-Identifier: GPL-2.0-or-later
 * timeline - what happened in a cell, drawn on one axis of guest time
 * in: 2-events.jsonl, 3-packets.pcap; out: a drawing with a lane for each of: packets sent, packets received, the script, the socket's
 * state, its timer, rto with backoff, sk_wmem_alloc with its limit, counters that tell of retransmission, calls of probed functions.
 *
 *   timeline_read() -> timeline_draw() for each kind of axis -> timeline_free()
 */
#ifndef FINRIG_TIMELINE_H
#define FINRIG_TIMELINE_H

#include "capture.h"
#include "event.h"
#include "time_axis.h"

struct timeline {
	GPtrArray *events;       /* struct event * */
	struct capture *capture; /* NULL: no packet was seen */
	double packets_from_s;   /* script time of the capture's first packet */
	double to_s;             /* of the last event; all begins at script time zero */
	double origin_s;         /* the first FIN that was sent, else the first packet, else 0 */
	const char *origin;      /* what that is: "the first FIN" */
	GPtrArray *samples;      /* const struct event *: of the socket that was sampled first in a connection */
	guint sockets;           /* how many were */
};

/* NULL when the cell has no events, or they cannot be read: then there is nothing to draw. */
struct timeline *timeline_read(const char *cell_dir);
void timeline_draw(const struct timeline *timeline, gboolean logarithmic, GString *out);
void timeline_free(struct timeline *timeline);

typedef struct timeline timeline_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(timeline_t, timeline_free)

/* A drawing under way, for the lanes. */
struct timeline_drawing {
	const struct timeline *timeline;
	struct time_axis axis;
	GString *out;
	int top;                 /* of the next lane */
};

enum { TIMELINE_WIDTH = 9600, TIMELINE_LEFT = 2150, TIMELINE_RIGHT = 250 };

/* The lanes; each draws at drawing->top and moves it by its height, or does nothing if there is nothing to show. */
void timeline_wire_lanes(struct timeline_drawing *drawing);
void timeline_socket_lanes(struct timeline_drawing *drawing);
void timeline_happening_lanes(struct timeline_drawing *drawing);

/* Label and frame of a lane. note: a second line, or NULL. Moves drawing->top. Returns the lane's top. */
int timeline_lane(struct timeline_drawing *drawing, int height, const char *label, const char *note);

#endif

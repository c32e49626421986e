/* SPDX-License-Identifier: GPL-2.0-or-later
 * timeline_wire - the lanes of packets: those the kernel sent, those it was given
 */
#include "packet_text.h"
#include "seconds.h"
#include "svg.h"
#include "timeline.h"

enum { LANE_HEIGHT = 280, TOO_NEAR = 5 };

static enum svg_shape shape_of(const struct packet *packet)
{
	static const struct { guint flag; enum svg_shape shape; } shapes[] = {
		{ PACKET_RST, SVG_CROSS }, { PACKET_FIN, SVG_SQUARE }, { PACKET_SYN, SVG_UP },
	};

	for (gsize i = 0; packet->tcp && i < G_N_ELEMENTS(shapes); i++)
		if (packet->flags & shapes[i].flag)
			return shapes[i].shape;
	return packet->payload_bytes || !packet->tcp ? SVG_DISC : SVG_BAR;
}

static void draw_packet(struct timeline_drawing *drawing, const struct packet *packet, double t_s, int y)
{
	g_autofree char *what = packet_text(packet), *when = seconds_text(t_s);
	g_autofree char *title = g_strdup_printf("%s s: %s%s", when, what, packet->repeat ? ", sent again" : "");

	svg_mark(drawing->out, shape_of(packet), packet->repeat ? "again" : packet->side == PACKET_OUT ? "out" : "in",
		 time_axis_x(&drawing->axis, t_s), y, title);
}

/* Marks of one look that would lie upon each other are drawn once. */
static gboolean is_covered(const struct packet *packet, const struct packet *last, int x, int last_x)
{
	return last && x - last_x < TOO_NEAR && shape_of(packet) == shape_of(last) && packet->repeat == last->repeat;
}

static void draw_side(struct timeline_drawing *drawing, enum packet_side side, const char *label)
{
	const struct timeline *timeline = drawing->timeline;
	const struct packet *last = NULL;
	g_autofree char *note = NULL;
	guint count = 0;
	int last_x = 0, top;

	for (guint i = 0; i < timeline->capture->packets->len; i++)
		count += ((const struct packet *)g_ptr_array_index(timeline->capture->packets, i))->side == side;
	note = g_strdup_printf("%u packet%s", count, count == 1 ? "" : "s");
	top = timeline_lane(drawing, LANE_HEIGHT, label, note);
	for (guint i = 0; i < timeline->capture->packets->len; i++) {
		const struct packet *packet = g_ptr_array_index(timeline->capture->packets, i);
		double t_s = timeline->packets_from_s + seconds_of_ns(packet->t_ns);
		int x = time_axis_x(&drawing->axis, t_s);

		if (packet->side != side || is_covered(packet, last, x, last_x))
			continue;
		draw_packet(drawing, packet, t_s, top + LANE_HEIGHT / 2);
		last = packet;
		last_x = x;
	}
}

void timeline_wire_lanes(struct timeline_drawing *drawing)
{
	if (!drawing->timeline->capture)
		return;
	draw_side(drawing, PACKET_OUT, "sent");
	draw_side(drawing, PACKET_IN, "received");
}

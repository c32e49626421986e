/* SPDX-License-Identifier: GPL-2.0-or-later
 * timeline - what happened in a cell, drawn on one axis of guest time
 */
#include "timeline.h"

#include <string.h>

#include "seconds.h"
#include "svg.h"

enum { STATE_LISTEN = 10, AXIS_HEIGHT = 420, TICK_GAP = 650, LABEL_LINE = 150 };

static void read_capture(struct timeline *timeline, const char *cell_dir)
{
	g_autofree char *path = g_build_filename(cell_dir, "3-packets.pcap", NULL);

	for (guint i = 0; i < timeline->events->len && !timeline->capture; i++) {
		const struct event *event = g_ptr_array_index(timeline->events, i);

		if (event->type != RECORD_PACKET)
			continue;
		timeline->packets_from_s = seconds_of_ns(event->t_ns);
		timeline->capture = capture_read(path, NULL);
		break;
	}
}

/* Listening sockets and connections other than the first are left out: their figures would mix with its own. */
static void pick_samples(struct timeline *timeline)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	const char *first = NULL;

	for (guint i = 0; i < timeline->events->len; i++) {
		struct event *event = g_ptr_array_index(timeline->events, i);
		const char *remote = event_text(event, FIELD_REMOTE);

		if ((event->type != RECORD_SOCKET && event->type != RECORD_GONE) || event_number(event, FIELD_STATE, 0) == STATE_LISTEN)
			continue;
		if (event->type == RECORD_SOCKET && remote)
			g_hash_table_add(seen, (gpointer)remote);
		if (!first)
			first = remote;
		if (g_strcmp0(remote, first) == 0)
			g_ptr_array_add(timeline->samples, event);
	}
	timeline->sockets = g_hash_table_size(seen);
}

static void set_span(struct timeline *timeline)
{
	GPtrArray *packets = timeline->capture ? timeline->capture->packets : NULL;
	const struct event *last = g_ptr_array_index(timeline->events, timeline->events->len - 1);

	timeline->to_s = MAX(seconds_of_ns(last->t_ns), 0.001);
	timeline->origin = "script time zero";
	for (guint i = 0; packets && i < packets->len; i++) {
		const struct packet *packet = g_ptr_array_index(packets, i);
		gboolean fin = packet->tcp && (packet->flags & PACKET_FIN) && packet->side == PACKET_OUT;

		if (i && !fin)
			continue;
		timeline->origin = fin ? "the first FIN" : "the first packet";
		timeline->origin_s = timeline->packets_from_s + seconds_of_ns(packet->t_ns);
		if (fin)
			break;
	}
}

struct timeline *timeline_read(const char *cell_dir)
{
	g_autofree char *path = g_build_filename(cell_dir, "2-events.jsonl", NULL);
	g_autoptr(timeline_t) timeline = g_new0(struct timeline, 1);

	timeline->samples = g_ptr_array_new();
	if (g_file_test(path, G_FILE_TEST_EXISTS))
		timeline->events = event_read(cell_dir, NULL);
	if (!timeline->events || !timeline->events->len)
		return NULL;
	read_capture(timeline, cell_dir);
	pick_samples(timeline);
	set_span(timeline);
	return g_steal_pointer(&timeline);
}

void timeline_free(struct timeline *timeline)
{
	if (!timeline)
		return;
	if (timeline->events)
		g_ptr_array_unref(timeline->events);
	capture_free(timeline->capture);
	g_ptr_array_unref(timeline->samples);
	g_free(timeline);
}

int timeline_lane(struct timeline_drawing *drawing, int height, const char *label, const char *note)
{
	int top = drawing->top, middle = top + height / 2;

	svg_box(drawing->out, "lane", TIMELINE_LEFT, top, TIMELINE_WIDTH - TIMELINE_LEFT, height, NULL);
	svg_text(drawing->out, "label", TIMELINE_LEFT - 100, note ? middle - 30 : middle + 45, SVG_END, label);
	if (note)
		svg_text(drawing->out, "note", TIMELINE_LEFT - 100, middle - 30 + LABEL_LINE, SVG_END, note);
	drawing->top += height + 30;
	return top;
}

static void draw_axis(struct timeline_drawing *drawing, GString *behind)
{
	g_autoptr(GArray) ticks = time_axis_ticks(&drawing->axis, TICK_GAP);
	g_autofree char *after = g_strdup_printf("guest time, counted from %s", drawing->timeline->origin);

	for (guint i = 0; i < ticks->len; i++) {
		const struct time_tick *tick = &g_array_index(ticks, struct time_tick, i);

		svg_line(behind, "grid", tick->x, 0, tick->x, drawing->top);
		svg_text(drawing->out, "tick", tick->x, drawing->top + 150, SVG_MIDDLE, tick->label);
	}
	svg_text(drawing->out, "note", TIMELINE_LEFT, drawing->top + 330, SVG_START,
		 drawing->axis.logarithmic ? after : "guest time, counted from the script's start");
	drawing->top += AXIS_HEIGHT;
}

void timeline_draw(const struct timeline *timeline, gboolean logarithmic, GString *out)
{
	g_autoptr(GString) body = g_string_new(NULL), behind = g_string_new(NULL);
	struct timeline_drawing drawing = {
		.timeline = timeline, .out = body,
		.axis = { 0, timeline->to_s, timeline->origin_s, logarithmic, TIMELINE_LEFT + 100, TIMELINE_WIDTH - TIMELINE_LEFT - 100 - TIMELINE_RIGHT },
	};

	timeline_wire_lanes(&drawing);
	timeline_socket_lanes(&drawing);
	timeline_happening_lanes(&drawing);
	draw_axis(&drawing, behind);
	svg_open(out, logarithmic ? "timeline logarithmic" : "timeline linear", TIMELINE_WIDTH, drawing.top,
		 logarithmic ? "time line, logarithmic" : "time line");
	g_string_append_len(out, behind->str, (gssize)behind->len);
	g_string_append_len(out, body->str, (gssize)body->len);
	svg_close(out);
}

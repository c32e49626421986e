/* SPDX-License-Identifier: GPL-2.0-or-later
 * timeline_socket - the lanes of what the kernel believes: state, timer, rto with backoff, sk_wmem_alloc
 */
#include <math.h>

#include "seconds.h"
#include "svg.h"
#include "timeline.h"

enum { BAND_HEIGHT = 240, CURVE_HEIGHT = 700, CURVE_MARGIN = 130, LETTER = 70, TIMER_NONE = 0 };

static const struct event *sample_at(const struct timeline *timeline, guint index)
{
	return index < timeline->samples->len ? g_ptr_array_index(timeline->samples, index) : NULL;
}

/* When the next sample was taken, or the end. */
static double until_s(const struct timeline *timeline, guint index)
{
	const struct event *next = sample_at(timeline, index + 1);

	return next ? seconds_of_ns(next->t_ns) : timeline->to_s;
}

static void draw_state(struct timeline_drawing *drawing, const char *name, double from_s, double to_s, int top)
{
	int left = time_axis_x(&drawing->axis, from_s), width = time_axis_x(&drawing->axis, to_s) - left;
	g_autofree char *from = seconds_text(from_s), *to = seconds_text(to_s), *title = g_strdup_printf("%s from %s to %s s", name, from, to);

	svg_box(drawing->out, "state", left, top + 30, MAX(width, 10), BAND_HEIGHT - 60, title);
	if (width > (int)g_utf8_strlen(name, -1) * LETTER)
		svg_text(drawing->out, "in-box", left + 40, top + BAND_HEIGHT / 2 + 40, SVG_START, name);
}

static void state_lane(struct timeline_drawing *drawing)
{
	const struct timeline *timeline = drawing->timeline;
	int top = timeline_lane(drawing, BAND_HEIGHT, "state", NULL);
	guint first = 0;

	for (guint i = 0; i < timeline->samples->len; i++) {
		const struct event *sample = sample_at(timeline, first), *next = sample_at(timeline, i + 1);
		gint64 state = event_number(sample, FIELD_STATE, 0);
		const char *name = event_value_name(FIELD_STATE, state);

		if (next && next->type == RECORD_SOCKET && event_number(next, FIELD_STATE, 0) == state)
			continue;
		if (sample->type == RECORD_SOCKET)
			draw_state(drawing, name ? name : "unknown", seconds_of_ns(sample->t_ns), until_s(timeline, i), top);
		first = i + 1;
	}
}

/* A line for as long as the timer was seen running, a bar where it came due. */
static void timer_lane(struct timeline_drawing *drawing)
{
	const struct timeline *timeline = drawing->timeline;
	int y = timeline_lane(drawing, BAND_HEIGHT, "timer", NULL) + BAND_HEIGHT / 2;

	for (guint i = 0; i < timeline->samples->len; i++) {
		const struct event *sample = sample_at(timeline, i);
		gint64 timer = event_number(sample, FIELD_TIMER, TIMER_NONE);
		double from_s = seconds_of_ns(sample->t_ns), due_s = from_s + (double)event_number(sample, FIELD_TIMER_MS, 0) / 1e3;
		const char *name = event_value_name(FIELD_TIMER, timer);
		g_autofree char *when = seconds_text(due_s), *title = g_strdup_printf("%s timer due at %s s", name ? name : "unknown", when);

		if (timer == TIMER_NONE || sample->type != RECORD_SOCKET)
			continue;
		svg_line(drawing->out, "running", time_axis_x(&drawing->axis, from_s), y,
			 time_axis_x(&drawing->axis, MIN(due_s, until_s(timeline, i))), y);
		if (due_s <= until_s(timeline, i) + 0.001 && due_s <= timeline->to_s)
			svg_mark(drawing->out, SVG_BAR, "due", time_axis_x(&drawing->axis, due_s), y, title);
	}
}

/* A curve of steps. value: FALSE where a sample does not tell. */
struct curve {
	gboolean (*value)(const struct event *sample, double *value);
	const char *class;
	gboolean logarithmic;
};

static gboolean rto_value(const struct event *sample, double *value)
{
	*value = (double)event_number(sample, FIELD_RTO_US, 0) / 1e6;
	return *value > 0;
}

static gboolean charged_value(const struct event *sample, double *value)
{
	*value = (double)event_number(sample, FIELD_TMEM, 0);
	return event_has(sample, FIELD_TMEM);
}

/* What tcp_retransmit_skb() compared it with before 5.13: min(sk_wmem_queued * 1.25, sk_sndbuf). */
static gboolean limit_value(const struct event *sample, double *value)
{
	gint64 queued = event_number(sample, FIELD_WMEM, 0), limit = queued + (queued >> 2);

	*value = (double)MIN(limit, event_number(sample, FIELD_SNDBUF, limit));
	return event_has(sample, FIELD_WMEM) && queued > 0;
}

struct range {
	double least, most;
	gboolean any;
};

static void widen(struct range *range, const struct timeline *timeline, const struct curve *curve)
{
	double value;

	for (guint i = 0; i < timeline->samples->len; i++) {
		const struct event *sample = sample_at(timeline, i);

		if (sample->type != RECORD_SOCKET || !curve->value(sample, &value))
			continue;
		range->least = range->any ? MIN(range->least, value) : value;
		range->most = range->any ? MAX(range->most, value) : value;
		range->any = TRUE;
	}
}

static int curve_y(const struct curve *curve, const struct range *range, double value, int top)
{
	double from = curve->logarithmic ? log(range->least) : range->least, to = curve->logarithmic ? log(range->most) : range->most;
	double at = to > from ? ((curve->logarithmic ? log(value) : value) - from) / (to - from) : 0.5;

	return top + CURVE_HEIGHT - CURVE_MARGIN - (int)floor(at * (CURVE_HEIGHT - 2 * CURVE_MARGIN) + 0.5);
}

static void add_point(GArray *points, int x, int y)
{
	g_array_append_val(points, x);
	g_array_append_val(points, y);
}

static void draw_run(struct timeline_drawing *drawing, const struct curve *curve, GArray *points)
{
	if (points->len)
		svg_path(drawing->out, curve->class, points);
	g_array_set_size(points, 0);
}

static void draw_curve(struct timeline_drawing *drawing, const struct curve *curve, const struct range *range, int top)
{
	const struct timeline *timeline = drawing->timeline;
	g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(int));
	double value;

	for (guint i = 0; i < timeline->samples->len; i++) {
		const struct event *sample = sample_at(timeline, i);

		if (sample->type != RECORD_SOCKET || !curve->value(sample, &value)) {
			draw_run(drawing, curve, points);
			continue;
		}
		add_point(points, time_axis_x(&drawing->axis, seconds_of_ns(sample->t_ns)), curve_y(curve, range, value, top));
		add_point(points, time_axis_x(&drawing->axis, until_s(timeline, i)), curve_y(curve, range, value, top));
	}
	draw_run(drawing, curve, points);
}

/* "x3" where the backoff changed. Numbers that would touch are left out. */
static void draw_backoff(struct timeline_drawing *drawing, const struct curve *curve, const struct range *range, int top)
{
	const struct timeline *timeline = drawing->timeline;
	gint64 last = 0;
	int last_x = 0;
	double rto_s;

	for (guint i = 0; i < timeline->samples->len; i++) {
		const struct event *sample = sample_at(timeline, i);
		gint64 backoff = event_number(sample, FIELD_BACKOFF, last);
		int x = time_axis_x(&drawing->axis, seconds_of_ns(sample->t_ns));
		g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, backoff);

		if (backoff == last || !curve->value(sample, &rto_s))
			continue;
		last = backoff;
		if (last_x && x - last_x < 2 * LETTER)
			continue;
		svg_text(drawing->out, "backoff", x, curve_y(curve, range, rto_s, top) - 40, SVG_MIDDLE, text);
		last_x = x;
	}
}

static void rto_lane(struct timeline_drawing *drawing)
{
	static const struct curve rto = { rto_value, "curve", TRUE };
	struct range range = { 0, 0, FALSE };
	g_autofree char *least = NULL, *most = NULL, *note = NULL;
	int top;

	widen(&range, drawing->timeline, &rto);
	if (!range.any)
		return;
	least = seconds_text(range.least);
	most = seconds_text(range.most);
	note = g_strdup_printf("%s to %s s", least, most);
	top = timeline_lane(drawing, CURVE_HEIGHT, "rto, backoff", note);
	draw_curve(drawing, &rto, &range, top);
	draw_backoff(drawing, &rto, &range, top);
}

static void memory_lane(struct timeline_drawing *drawing)
{
	static const struct curve charged = { charged_value, "curve", FALSE }, limit = { limit_value, "curve limit", FALSE };
	struct range range = { 0, 0, FALSE }, all;
	g_autofree char *note = NULL;
	int top;

	widen(&range, drawing->timeline, &charged);
	if (!range.any)
		return;
	note = g_strdup_printf("%.0f to %.0f bytes", range.least, range.most);
	all = range;
	widen(&all, drawing->timeline, &limit);
	top = timeline_lane(drawing, CURVE_HEIGHT, "sk_wmem_alloc", note);
	draw_curve(drawing, &limit, &all, top);
	draw_curve(drawing, &charged, &all, top);
}

void timeline_socket_lanes(struct timeline_drawing *drawing)
{
	if (!drawing->timeline->samples->len)
		return;
	state_lane(drawing);
	timer_lane(drawing);
	rto_lane(drawing);
	memory_lane(drawing);
}

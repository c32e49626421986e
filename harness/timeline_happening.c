/* SPDX-License-Identifier: GPL-2.0-or-later
 * timeline_happening - the lanes of single happenings: what the script found otherwise, counters that rose, calls of probed functions
 */
#include <string.h>

#include "seconds.h"
#include "svg.h"
#include "timeline.h"

enum { LANE_HEIGHT = 280, TOO_NEAR = 5, TEXT_NEAR = 600, RESULT_HALF = 330, LANES_MAX = 8 };

/* Counters that tell of sending again and of who refused; by the end of their names. */
static const char *const telling[] = {
	".TCPTimeouts", ".RetransSegs", ".TCPSpuriousRtxHostQueues", ".TCPRetransFail", ".TCPLossProbes", ".TCPAbortOnTimeout", ".tx_dropped", ".tx_fifo",
	".queue",
};

static gboolean is_telling(const struct event *event)
{
	const char *name = event_text(event, FIELD_NAME);

	if (event->type != RECORD_COUNTER || !name || event->t_ns < 0 || event_number(event, FIELD_DELTA, 0) <= 0)
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(telling); i++)
		if (g_str_has_suffix(name, telling[i]))
			return TRUE;
	return FALSE;
}

static gboolean is_call(const struct event *event)
{
	return event->type == RECORD_CALL && event_text(event, FIELD_FUNCTION) && event->t_ns >= 0;
}

static const char *name_of(const struct event *event)
{
	return event_text(event, event->type == RECORD_CALL ? FIELD_FUNCTION : FIELD_NAME);
}

static void draw_counter(struct timeline_drawing *drawing, const struct event *event, int x, int y, gboolean write G_GNUC_UNUSED)
{
	g_autofree char *when = seconds_text(seconds_of_ns(event->t_ns));
	g_autofree char *title = g_strdup_printf("%s s: %s %" G_GINT64_FORMAT " (+%" G_GINT64_FORMAT ")", when, name_of(event),
						 event_number(event, FIELD_VALUE, 0), event_number(event, FIELD_DELTA, 0));

	svg_mark(drawing->out, SVG_BAR, "count", x, y, title);
}

/* "-16 EBUSY", "0"; NULL: was not seen to return. */
static char *result_text(const struct event *event)
{
	const char *error = event_text(event, FIELD_ERRNO);

	if (!event_has(event, FIELD_RESULT))
		return NULL;
	return g_strdup_printf("%" G_GINT64_FORMAT "%s%s", event_number(event, FIELD_RESULT, 0), error ? " " : "", error ? error : "");
}

/* "; CLOSING, sk_wmem_alloc 3562, sk_wmem_queued 1280": of a socket that the call was given, where the kernel's debug info tells. */
static char *socket_text(const struct event *event)
{
	const char *state = event_value_name(FIELD_STATE, event_number(event, FIELD_STATE, 0));

	if (!event_has(event, FIELD_TMEM) || !event_has(event, FIELD_WMEM))
		return g_strdup("");
	return g_strdup_printf("; %s%ssk_wmem_alloc %" G_GINT64_FORMAT ", sk_wmem_queued %" G_GINT64_FORMAT, state ? state : "", state ? ", " : "",
			       event_number(event, FIELD_TMEM, 0), event_number(event, FIELD_WMEM, 0));
}

static void draw_call(struct timeline_drawing *drawing, const struct event *event, int x, int y, gboolean write)
{
	g_autofree char *when = seconds_text(seconds_of_ns(event->t_ns)), *result = result_text(event);
	const char *arguments = event_text(event, FIELD_ARGUMENTS), *caller = event_text(event, FIELD_CALLER), *entry = event_text(event, FIELD_ENTRY);
	g_autofree char *socket = socket_text(event);
	g_autofree char *title = g_strdup_printf("%s s: %s(%s) = %s%s%s%s", when, entry ? entry : name_of(event), arguments ? arguments : "",
						 result ? result : event_has(event, FIELD_DURATION_NS) ? "nothing" : "not seen to return", caller ? ", called by " : "", caller ? caller : "", socket);
	gboolean failed = event_number(event, FIELD_RESULT, 0) < 0;

	svg_mark(drawing->out, failed ? SVG_CROSS : SVG_DISC, failed ? "again" : "out", x, y + 40, title);
	if (write && result)
		svg_text(drawing->out, "result", MAX(x, TIMELINE_LEFT + RESULT_HALF), y - 45, SVG_MIDDLE, result);
}

/* The lane of one name. */
static void named_lane(struct timeline_drawing *drawing, const char *name, const char *note, gboolean (*shown)(const struct event *event),
		       void (*draw)(struct timeline_drawing *drawing, const struct event *event, int x, int y, gboolean write))
{
	const char *label = g_str_has_prefix(name, "Tcp") && strchr(name, '.') ? strchr(name, '.') + 1 : name;
	int y = timeline_lane(drawing, LANE_HEIGHT, label, note) + LANE_HEIGHT / 2;
	int last_x = -TEXT_NEAR, written_x = -TEXT_NEAR;

	for (guint i = 0; i < drawing->timeline->events->len; i++) {
		const struct event *event = g_ptr_array_index(drawing->timeline->events, i);
		int x = time_axis_x(&drawing->axis, seconds_of_ns(event->t_ns));
		gboolean write = x - written_x >= TEXT_NEAR;

		if (!shown(event) || !g_str_equal(name_of(event), name) || x - last_x < TOO_NEAR)
			continue;
		draw(drawing, event, x, y, write);
		last_x = x;
		written_x = write ? x : written_x;
	}
}

static void lanes_of(struct timeline_drawing *drawing, const char *note, gboolean (*shown)(const struct event *event),
		     void (*draw)(struct timeline_drawing *drawing, const struct event *event, int x, int y, gboolean write))
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < drawing->timeline->events->len && g_hash_table_size(seen) < LANES_MAX; i++) {
		const struct event *event = g_ptr_array_index(drawing->timeline->events, i);

		if (shown(event) && g_hash_table_add(seen, (gpointer)name_of(event)))
			named_lane(drawing, name_of(event), note, shown, draw);
	}
}

static gboolean is_script(const struct event *event)
{
	return (event->type == RECORD_MISMATCH || event->type == RECORD_MARK) && event->t_ns >= 0;
}

static void draw_script(struct timeline_drawing *drawing, const struct event *event, int y)
{
	const char *text = event_text(event, FIELD_TEXT), *expected = event_text(event, FIELD_EXPECTED), *actual = event_text(event, FIELD_ACTUAL);
	g_autofree char *when = seconds_text(seconds_of_ns(event->t_ns));
	g_autofree char *title = g_strdup_printf("%s s: %s%s%s%s%s", when, text ? text : "", expected ? "; expected " : "", expected ? expected : "",
						 actual ? "; found " : "", actual ? actual : "");
	int x = time_axis_x(&drawing->axis, seconds_of_ns(event->t_ns));

	if (event->type == RECORD_MISMATCH)
		svg_mark(drawing->out, SVG_CROSS, "again", x, y, title);
	else
		svg_mark(drawing->out, SVG_UP, "in", x, y, title);
}

static void script_lane(struct timeline_drawing *drawing)
{
	int y = -1;

	for (guint i = 0; i < drawing->timeline->events->len; i++) {
		const struct event *event = g_ptr_array_index(drawing->timeline->events, i);

		if (!is_script(event))
			continue;
		if (y < 0)
			y = timeline_lane(drawing, LANE_HEIGHT, "script", "mismatches, marks") + LANE_HEIGHT / 2;
		draw_script(drawing, event, y);
	}
}

void timeline_happening_lanes(struct timeline_drawing *drawing)
{
	script_lane(drawing);
	lanes_of(drawing, NULL, is_telling, draw_counter);
	lanes_of(drawing, "calls, results", is_call, draw_call);
}

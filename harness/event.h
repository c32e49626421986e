/* SPDX-License-Identifier: GPL-2.0-or-later
 * event - the event stage: the guest's record stream as JSON lines, and those lines read back
 * in: 1-records.bin, and 1-probes.bin of a probed run; out: 2-events.jsonl. Every later stage reads the lines, none reads the stream.
 *
 * The stream is hostile input: what stands before the first damage is kept, and a last line
 * {"t_ns": …, "type": "damage", "text": "…"} says what is wrong there. Damage is no error of this stage.
 */
#ifndef FINRIG_EVENT_H
#define FINRIG_EVENT_H

#include <glib.h>

#include "record.h"

/* A type no record has: the line about damage. */
enum { EVENT_DAMAGE = RECORD_TYPE_COUNT };

struct event_field {
	enum record_field_id id;
	gint64 number; /* integers, and enumerated fields (direction, state, timer, status) as their number */
	char *text;    /* texts, and bytes as hex; NULL for numbers */
};

struct event {
	gint64 t_ns; /* guest time since script time zero */
	guint type;  /* enum record_type or EVENT_DAMAGE */
	gint64 clock_ns; /* of HELLO alone: CLOCK_MONOTONIC of the guest at t_ns; else 0 */
	guint field_count;
	struct event_field *fields;
};

/* 1-records.bin and 1-probes.bin (which may be absent) of the cell -> 2-events.jsonl. FINRIG_ERROR_BROKEN if a file cannot be read or written. */
gboolean event_stage(const char *cell_dir, GError **error);
struct event_bytes {
	const unsigned char *data;
	gsize length;
};

/* The same from memory; probes may be NULL. Caller frees the string. */
GString *event_lines(const struct event_bytes *guest, const struct event_bytes *probes);
/* 2-events.jsonl of the cell, as struct event *, in the file's order. FINRIG_ERROR_BROKEN names the line. */
GPtrArray *event_read(const char *cell_dir, GError **error);

gboolean event_has(const struct event *event, enum record_field_id id);
gint64 event_number(const struct event *event, enum record_field_id id, gint64 otherwise);
/* NULL when absent. */
const char *event_text(const struct event *event, enum record_field_id id);
/* The name of a numbered value: event_value_name(FIELD_STATE, 11) is "CLOSING". NULL if it has none. */
const char *event_value_name(enum record_field_id id, gint64 value);

#endif

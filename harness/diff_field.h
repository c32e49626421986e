/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_field - what a diff compares: the table of names for --compare and --ignore
 */
#ifndef FINRIG_DIFF_FIELD_H
#define FINRIG_DIFF_FIELD_H

#include <json-glib/json-glib.h>

enum diff_field_id {
	/* A packet's identity: those that differ in these are not the same packet. */
	DIFF_FIELD_SEQ, DIFF_FIELD_FLAGS, DIFF_FIELD_PSH, DIFF_FIELD_LENGTH,
	/* Held against each other in paired packets. */
	DIFF_FIELD_ACK, DIFF_FIELD_OPTIONS, DIFF_FIELD_PAYLOAD, DIFF_FIELD_URGENT, DIFF_FIELD_ECN, DIFF_FIELD_WINDOW, DIFF_FIELD_STAMPS,
	DIFF_FIELD_ISN, DIFF_FIELD_PORTS, DIFF_FIELD_ADDRESSES, DIFF_FIELD_TTL, DIFF_FIELD_DSCP,
	/* No fields of packets. */
	DIFF_FIELD_TIME, DIFF_FIELD_STATES, DIFF_FIELD_COUNTERS, DIFF_FIELD_FACTS,
	DIFF_FIELD_COUNT,
};

struct diff_fields {
	gboolean compared[DIFF_FIELD_COUNT];
};

struct diff_packet;

void diff_fields_default(struct diff_fields *fields);
/* Lists of names with commas between; "all" is every one that the other list does not name. Each may be NULL, else it ends with NULL.
 * FINRIG_ERROR_USAGE: a word that is no name (the message has those there are), or one in both. */
gboolean diff_fields_choose(struct diff_fields *fields, const char *const *compare, const char *const *ignore, GError **error);
const char *diff_field_name(enum diff_field_id id);
/* "seq, flags, …" for --help. Caller frees. */
char *diff_fields_names(void);
/* Texts of what is compared, or of what is not, in the order of the table. */
JsonArray *diff_fields_to_json(const struct diff_fields *fields, gboolean compared);
/* A packet's value as text; NULL where the packet has none or the field is no packet's. Caller frees. */
char *diff_field_value(const struct diff_fields *fields, enum diff_field_id id, const struct diff_packet *packet);
/* The flags that count. */
guint diff_fields_flags(const struct diff_fields *fields, guint flags);

#endif

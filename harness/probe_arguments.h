/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_arguments - what a call was given, read at its first instruction
 * in: a stopped guest, what debug_info knows of the function; out: its arguments as text, and what a socket among them is charged for.
 */
#ifndef FINRIG_PROBE_ARGUMENTS_H
#define FINRIG_PROBE_ARGUMENTS_H

#include "probe_plan.h"
#include "record.h"

/* A value of 1 to 8 bytes in the low part of a register; what stands above it belongs to nobody. */
gint64 probe_value(guint64 word, guint bytes, gboolean is_signed);

struct probe_arguments {
	char *text;            /* "sk=0xffff888003a51180, segs=1"; NULL: nothing is known of the function's parameters */
	guint seen;            /* bits of enum probe_member: which of the values below were read, from the first struct sock * that is one */
	gint64 values[PROBE_MEMBER_COUNT];
};

/* Reads memory as debug_info told; what cannot be read is left out. FALSE: the stub failed, as in gdb_remote.h. */
gboolean probe_arguments_read(struct probe_arguments *arguments, const struct probe_plan *plan, const struct probe_entry *entry,
			      struct gdb_remote *gdb, const guint64 *registers, GError **error);
void probe_arguments_clear(struct probe_arguments *arguments);
/* Adds FIELD_ARGUMENTS, FIELD_STATE, FIELD_TMEM (as inet_diag counts: without the one that the socket holds itself), FIELD_WMEM. */
void probe_arguments_record(const struct probe_arguments *arguments, struct record *record);

#endif

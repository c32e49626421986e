/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff - the diff stage: where two runs of one case part ways
 * in: two cells' folders, or two pcap files made anywhere; out: diff/<case>/<a>..<b>.json and one line of text.
 *
 * Packets are paired by flow, direction, relative sequence number, flags and length, in order (the longest common sequence, each
 * pair as early as can be). Paired packets are then compared field by field. Initial sequence numbers, ports, the base of time
 * stamps and windows are not compared, and the result says so.
 */
#ifndef FINRIG_DIFF_H
#define FINRIG_DIFF_H

#include <json-glib/json-glib.h>

#include "capture.h"
#include "facts.h"

struct diff_options {
	double bound_s;   /* paired packets further apart than this are reported; 0: the default, 0.05 */
	gboolean windows; /* compare windows too */
};

struct diff_side {
	char *name;
	struct capture *capture;
	struct facts *facts; /* of a cell's 4-analysis.json or of the capture alone */
};

/* path: a cell's folder with 3-packets.pcap and 4-analysis.json, or a capture file. name: NULL for the path itself.
 * FINRIG_ERROR_USAGE, FINRIG_ERROR_BROKEN. */
struct diff_side *diff_side_new(const char *name, const char *path, GError **error);
void diff_side_free(struct diff_side *side);

/* The object of the diff's JSON; form in docs/pipeline.md. options may be NULL. Caller unrefs.
 * FINRIG_ERROR_USAGE: too many packets differ to be aligned. */
JsonObject *diff_compare(const struct diff_side *a, const struct diff_side *b, const struct diff_options *options, GError **error);
/* "same to packet 8 (0.10 s after FIN), then 9 FIN retransmissions only in debian-6.1". Caller frees. */
char *diff_line(JsonObject *diff);
/* Side by side, one line a packet; what only one has stands alone on its side. Then facts that differ and what was not
 * compared. Without the line of diff_line(). Caller frees. */
char *diff_text(JsonObject *diff);

/* Diffs each case's neighbouring kernels that were judged FIXED, BUGGY or CHANGED, in the order of run.json, and writes
 * diff/<case>/<a>..<b>.json below the run's folder. */
gboolean diff_stage(const char *run_dir, GError **error);

typedef struct diff_side diff_side_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(diff_side_t, diff_side_free)

#endif

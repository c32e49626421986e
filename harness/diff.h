/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff - the diff stage: where two runs of one case part ways
 * in: two cells' folders, or two pcap files made anywhere; out: diff/<case>/<a>..<b>.json and one line of text.
 *
 * Packets are paired by flow, direction, relative sequence number, flags and length, in order: as many as there can be, of these those
 * that agree most in acknowledgement, options and payload, then those nearest in time. Paired packets are compared field by field.
 * What is compared, and what is not, is a table (diff_field.h), and the result says both. A with B and B with A give the same pairs.
 */
#ifndef FINRIG_DIFF_H
#define FINRIG_DIFF_H

#include "capture.h"
#include "diff_field.h"
#include "facts.h"

struct diff_options {
	double bound_s;            /* times further apart than this differ */
	struct diff_fields fields;
};

struct diff_side {
	char *name;
	gboolean cell;             /* has a socket, counters and times of its own, not the wire alone */
	struct capture *capture;
	GArray *roles;             /* of packet_roles() */
	struct facts *facts;       /* of a cell's 4-analysis.json or of the capture alone */
};

void diff_options_default(struct diff_options *options);

/* path: a cell's folder with 3-packets.pcap and 4-analysis.json, or a capture file. name: NULL for the path itself.
 * A capture that is cut off or damaged is taken up to there; side->capture->damage says so.
 * FINRIG_ERROR_USAGE: no capture; FINRIG_ERROR_BROKEN: a cell without what its stages should have left. */
struct diff_side *diff_side_new(const char *name, const char *path, GError **error);
void diff_side_free(struct diff_side *side);

/* The object of the diff's JSON; form in docs/pipeline.md. options may be NULL for the defaults. Caller unrefs. */
JsonObject *diff_compare(const struct diff_side *a, const struct diff_side *b, const struct diff_options *options);
/* "same to packet 8 (0.10 s after FIN), then 9 FIN retransmissions only in debian-6.1". Caller frees. */
char *diff_line(JsonObject *diff);

/* Diffs each case's neighbouring kernels that were judged FIXED, BUGGY or CHANGED, in the order of run.json, and writes
 * diff/<case>/<a>..<b>.json below the run's folder. */
gboolean diff_stage(const char *run_dir, GError **error);

typedef struct diff_side diff_side_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(diff_side_t, diff_side_free)

#endif

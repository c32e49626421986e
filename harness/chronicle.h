/* SPDX-License-Identifier: GPL-2.0-or-later
 * chronicle - all that is known of one cell on one clock: wire, sockets, counters, calls, script, console
 * in: 0-cell.json, 1-console.log, 2-events.jsonl, 3-packets.pcap; out: rows in the order of the guest's clock, as JSON and as text.
 *
 * A timer's expiry is a row of its own, made of the first sample after it: the rto that ran out, what the socket is charged for, what the
 * calls returned that were probed since the sample before, and how many segments of this socket the wire saw meanwhile.
 */
#ifndef FINRIG_CHRONICLE_H
#define FINRIG_CHRONICLE_H

#include <json-glib/json-glib.h>

/* The object of `finrig timeline --json`; form in docs/pipeline.md. Caller unrefs. FINRIG_ERROR_BROKEN: a file is absent or unreadable. */
JsonObject *chronicle_read(const char *cell_dir, GError **error);
/* TRUE if rows can be of that kind; kinds in a sentence for messages. */
gboolean chronicle_has_kind(const char *kind);
extern const char chronicle_kinds[];
/* One line a row, after a line that names the cell and notes about probes. kinds: only rows of these; NULL: all. all_fields: with each
 * sample all that is not as in the one before, and samples that differ in nothing else too. Caller frees. */
GString *chronicle_text(JsonObject *chronicle, char **kinds, gboolean all_fields);

#endif

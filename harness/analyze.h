/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze - the analyze stage: facts out of packets and events
 * in: 2-events.jsonl, 3-packets.pcap, 1-console.log, 1-symbols.txt; out: 4-analysis.json. Or a pcap file made anywhere: facts of the wire alone.
 *
 * One analyzer = one file harness/analyze_<what>.c that defines `const struct analyzer analyze_<what>`; make lists them.
 * All see the same packets and events in the order of the guest's clock (a packet before an event of the same stamp):
 *
 *   zeroed state -> packet() and event() any number of times -> finish() -> release()
 */
#ifndef FINRIG_ANALYZE_H
#define FINRIG_ANALYZE_H

#include <json-glib/json-glib.h>

#include "capture.h"
#include "event.h"
#include "facts.h"
#include "packet.h"

struct analyzer {
	const char *name, *summary;
	gsize state_size;
	const struct fact_name *facts; /* what finish() can make; ends with a NULL name */
	/* Each but finish may be NULL. Packets include those that are no TCP: look at packet->tcp. */
	void (*packet)(gpointer state, const struct packet *packet);
	/* No RECORD_PACKET events, and of RECORD_SOCKET and RECORD_GONE only those of the observed socket: the first
	 * one seen in a state other than LISTEN. */
	void (*event)(gpointer state, const struct event *event);
	void (*finish)(gpointer state, struct facts *facts);
	void (*release)(gpointer state);
};

extern const struct analyzer *const analyzers[]; /* generated; ends with NULL */

/* FINRIG_ERROR_BROKEN: a file of the cell is absent or not as the earlier stage leaves it. */
gboolean analyze_stage(const char *cell_dir, GError **error);
/* A pcap file made by finrig, tcpdump or any other; the object has the form of 4-analysis.json. FINRIG_ERROR_USAGE. */
JsonObject *analyze_capture(const char *path, GError **error);
/* The facts of the wire alone of a capture that was read. Caller frees. */
struct facts *analyze_wire(const struct capture *capture);
/* An object of that form as lines for a person: name, value. */
void analyze_print(JsonObject *analysis, GString *out);

#endif

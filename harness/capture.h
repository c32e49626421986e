/* SPDX-License-Identifier: GPL-2.0-or-later
 * capture - the capture stage: the packets among the events as a pcap file; and any pcap file read back
 * in: 2-events.jsonl; out: 3-packets.pcap, nanoseconds, "Linux cooked" so that each packet shows its direction
 * (0 to the kernel under test, 4 from it), stamped with the guest's CLOCK_REALTIME.
 */
#ifndef FINRIG_CAPTURE_H
#define FINRIG_CAPTURE_H

#include <glib.h>

#include "packet.h"

struct capture {
	GPtrArray *packets;  /* struct packet *, by time, numbered as in the file, flows filled in */
	guint flow_count;
	gint64 first_ns;     /* stamp of the first packet, ns since 1970 */
	gboolean sided;      /* the file itself told direction */
	char *side_text;     /* else: which end was taken for the kernel under test, and why; NULL */
	char *damage;        /* of capture_salvage(): where and why reading ended before the file's end, "byte 3911: …"; NULL */
};

/* FINRIG_ERROR_BROKEN: a file cannot be read or written, or a stamp lies outside what pcap can hold. */
gboolean capture_stage(const char *cell_dir, GError **error);
/* What to add to t_ns to get nanoseconds since 1970. 0 without a HELLO: then stamps are times since script time zero. */
gint64 capture_base_ns(GPtrArray *events);
/* Ethernet, raw IP, loopback, cooked v1 and v2; micro- or nanoseconds; also pcapng. t_ns counts from the first packet.
 * Where the file tells no direction, the end that sent most FINs is taken for the kernel under test.
 * FINRIG_ERROR_USAGE: not a capture, cut off, or of another link type. The message names the byte. */
struct capture *capture_read(const char *path, GError **error);
/* The same, but a file that is cut off or damaged gives what stands before that place, and damage says where it is.
 * FINRIG_ERROR_USAGE: not a capture at all, or of another link type. */
struct capture *capture_salvage(const char *path, GError **error);
/* A cell's own capture: t_ns of its packets as time since script time zero, the clock of its events. Once only. */
void capture_align(const struct capture *capture, GPtrArray *events);
void capture_free(struct capture *capture);

typedef struct capture capture_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(capture_t, capture_free)

#endif

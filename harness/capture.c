/* SPDX-License-Identifier: GPL-2.0-or-later
 * capture - the capture stage: the packets among the events as a pcap file
 */
#include "capture.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "artefact.h"
#include "error.h"
#include "event.h"

enum {
	COOKED_BYTES = 16, SNAP_BYTES = 256 * 1024,
	COOKED_INCOMING = 0, COOKED_OUTGOING = 4, ARPHRD_NONE_VALUE = 0xfffe, /* tun has no link layer */
	NS_PER_S = 1000000000,
};

gint64 capture_base_ns(GPtrArray *events)
{
	for (guint i = 0; i < events->len; i++) {
		const struct event *event = g_ptr_array_index(events, i);
		gint64 clock_ns = event->clock_ns - event->t_ns;
		gint64 base_ns;

		if (event->type == RECORD_HELLO &&
		    !__builtin_add_overflow(clock_ns, event_number(event, FIELD_REALTIME_OFFSET_NS, 0), &base_ns))
			return base_ns;
	}
	return 0;
}

static void put_be16(guint8 *to, guint value)
{
	to[0] = (guint8)(value >> 8);
	to[1] = (guint8)value;
}

static void put_cooked_header(guint8 *to, const struct event *event)
{
	gboolean out = event_number(event, FIELD_DIRECTION, RECORD_IN) == RECORD_OUT;

	memset(to, 0, COOKED_BYTES);
	put_be16(to, out ? COOKED_OUTGOING : COOKED_INCOMING);
	put_be16(to + 2, ARPHRD_NONE_VALUE);
	put_be16(to + 14, (guint)event_number(event, FIELD_PROTOCOL, 0));
}

/* Returns the number of bytes; hex that is none ends the packet there. */
static gsize put_hex(guint8 *to, gsize room_bytes, const char *hex)
{
	gsize bytes = 0;

	while (hex && bytes < room_bytes && g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1])) {
		to[bytes++] = (guint8)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
		hex += 2;
	}
	return bytes;
}

static gboolean dump_packet(pcap_dumper_t *dumper, const struct event *event, gint64 base_ns, GError **error)
{
	static const guint64 limit_s = G_MAXUINT32;
	g_autofree guint8 *bytes = g_malloc(SNAP_BYTES);
	struct pcap_pkthdr header = { 0 };
	gsize captured_bytes;
	gint64 stamp_ns, wire_bytes;

	if (__builtin_add_overflow(event->t_ns, base_ns, &stamp_ns) || stamp_ns < 0 || (guint64)stamp_ns / NS_PER_S > limit_s) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN,
			    "capture: the packet at %" G_GINT64_FORMAT " ns has a stamp that pcap cannot hold", event->t_ns);
		return FALSE;
	}
	put_cooked_header(bytes, event);
	captured_bytes = put_hex(bytes + COOKED_BYTES, SNAP_BYTES - COOKED_BYTES, event_text(event, FIELD_DATA));
	wire_bytes = CLAMP(event_number(event, FIELD_WIRE_BYTES, 0), (gint64)captured_bytes, SNAP_BYTES);
	header.ts.tv_sec = stamp_ns / NS_PER_S;
	header.ts.tv_usec = stamp_ns % NS_PER_S; /* nanoseconds: so was the file opened */
	header.caplen = (guint32)captured_bytes + COOKED_BYTES;
	header.len = (guint32)wire_bytes + COOKED_BYTES;
	pcap_dump((u_char *)dumper, &header, bytes);
	return TRUE;
}

static gboolean dump_packets(pcap_dumper_t *dumper, GPtrArray *events, GError **error)
{
	gint64 base_ns = capture_base_ns(events);

	for (guint i = 0; i < events->len; i++) {
		const struct event *event = g_ptr_array_index(events, i);

		if (event->type == RECORD_PACKET && !dump_packet(dumper, event, base_ns, error))
			return FALSE;
	}
	return TRUE;
}

/* The whole file in memory, for artefact_write() to put down in one piece. *image is of malloc(). */
static gboolean make_image(GPtrArray *events, char **image, size_t *image_bytes, GError **error)
{
	FILE *stream = open_memstream(image, image_bytes);
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(DLT_LINUX_SLL, SNAP_BYTES, PCAP_TSTAMP_PRECISION_NANO);
	pcap_dumper_t *dumper = stream && pcap ? pcap_dump_fopen(pcap, stream) : NULL;
	gboolean done = dumper && dump_packets(dumper, events, error);

	if (!dumper)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "capture: no memory for the packets");
	if (dumper)
		pcap_dump_close(dumper); /* closes stream too */
	else if (stream)
		fclose(stream);
	if (pcap)
		pcap_close(pcap);
	return done;
}

void capture_align(const struct capture *capture, GPtrArray *events)
{
	gint64 shift_ns = capture->first_ns - capture_base_ns(events);

	for (guint i = 0; i < capture->packets->len; i++)
		((struct packet *)g_ptr_array_index(capture->packets, i))->t_ns += shift_ns;
}

gboolean capture_stage(const char *cell_dir, GError **error)
{
	g_autoptr(GPtrArray) events = event_read(cell_dir, error);
	char *image = NULL;
	size_t image_bytes = 0;
	gboolean done;

	if (!events)
		return FALSE;
	done = make_image(events, &image, &image_bytes, error) &&
	       artefact_write(cell_dir, "3-packets.pcap", image, image_bytes, error);
	free(image);
	return done;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet - one captured packet, decoded from its IP header on, and its place in its flow
 * in: bytes off the wire (hostile: every length is checked); out: struct packet. RFC 791, 8200, 9293.
 */
#ifndef FINRIG_PACKET_H
#define FINRIG_PACKET_H

#include <glib.h>

enum packet_flag {
	PACKET_FIN = 0x01, PACKET_SYN = 0x02, PACKET_RST = 0x04, PACKET_PSH = 0x08,
	PACKET_ACK = 0x10, PACKET_URG = 0x20, PACKET_ECE = 0x40, PACKET_CWR = 0x80,
};

/* As the observed kernel sees it. */
enum packet_side { PACKET_IN, PACKET_OUT, PACKET_SIDE_UNKNOWN, PACKET_SIDE_COUNT };

enum { PACKET_OPTIONS_MAX_BYTES = 40, PACKET_ADDRESS_BYTES = 16 };

struct packet {
	gint64 t_ns;         /* since script time zero; of a foreign capture since its first packet */
	guint number;        /* in its capture, from 1 */
	enum packet_side side;
	guint wire_bytes;    /* from the IP header on */
	gboolean tcp;        /* FALSE: only what stands above is known */
	guint ip_version;    /* 4, 6; 0: no IP */
	guint protocol;      /* that the IP header names: 6 for TCP, in fragments too */
	guint tos, ttl;      /* IPv6: traffic class, hop limit */
	guint8 source[PACKET_ADDRESS_BYTES], target[PACKET_ADDRESS_BYTES];
	guint16 source_port, target_port;
	guint32 seq, ack;
	guint flags, window; /* enum packet_flag; window unscaled */
	guint urgent;        /* urgent pointer */
	guint payload_bytes; /* by the headers, also where the capture holds less */
	guint32 payload_crc; /* of what the capture holds */
	guint options_bytes;
	guint8 options[PACKET_OPTIONS_MAX_BYTES];

	/* filled in by flows_add() */
	guint flow;            /* index, in the order of first packets */
	gboolean from_first;   /* sent by the end whose packet opened the flow */
	guint32 relative_seq;  /* the sender's SYN is 0 */
	guint32 relative_ack;  /* the other end's SYN is 0; 0 without the ACK flag */
	gboolean repeat;       /* takes up sequence space and all of it was sent before */
};

/* data: from the IP header on. A packet that is no whole TCP segment gets tcp = FALSE; nothing else can fail. */
void packet_decode(struct packet *packet, const guint8 *data, gsize length_bytes);
/* Sequence space the segment takes up: payload, SYN and FIN. */
guint32 packet_span(const struct packet *packet);
/* "FIN,ACK": the flags by name, most telling first; "none". Caller frees. */
char *packet_flags_text(const struct packet *packet);
/* "mss 1460, sack, wscale 7": TCP options by name; "" without any. Caller frees. */
char *packet_options_text(const struct packet *packet);
/* The time stamps option's two numbers (RFC 7323 3.2). FALSE: the packet has none. */
gboolean packet_stamps(const struct packet *packet, guint32 *value, guint32 *echo);
/* "192.168.0.1:8080", "[fd3d::1]:8080". Caller frees. */
char *packet_source_text(const struct packet *packet);
char *packet_target_text(const struct packet *packet);

/* Tells repeated from new segments and makes sequence numbers relative. */
struct flows;
struct flows *flows_new(void);
void flows_free(struct flows *flows);
/* Packets must come in the order of time. Leaves packets that are not TCP alone. */
void flows_add(struct flows *flows, struct packet *packet);
guint flows_count(const struct flows *flows);

typedef struct flows flows_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(flows_t, flows_free)

#endif

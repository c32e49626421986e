/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet - one IP packet: as a script writes it, as bytes, and the way between (RFC 791, 8200, 9293, 768, 792, 4443)
 * No tun, no clock, no allocation: packet_build(), packet_parse() and packet_check() stand on the guest's timed path.
 *
 * Twins: a script counts from its own numbers (SYN 0:0(0), TS val 100), the kernel from others. struct packet_connection
 * holds the pairs, packet_to_script() and packet_build() are the one way in each direction. What a script says:
 *
 *   incoming <   packet_build() -> bytes to inject; an ISN the script's SYN names goes on the wire as it is
 *   outgoing >   bytes -> packet_check(): parse, learn ISN and timestamps, map to the script's numbers, compare
 */
#ifndef FINRIG_PACKET_H
#define FINRIG_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PACKET_MAX_BYTES = 65535,    /* of one packet; a buffer of this size always suffices for packet_build() */
	PACKET_OPTIONS_MAX_BYTES = 40,
	PACKET_TEXT_MAX_BYTES = 2048, /* of one packet_format(), its final zero included */
	PACKET_OUTER_MAX = 4,        /* headers around the innermost one */
	PACKET_LABELS_MAX = 8,       /* of one MPLS stack */
	PACKET_TIMESTAMPS = 1024,    /* pairs of timestamps remembered; the oldest go first */
	PACKET_DEFAULT_WIN = 65535,  /* incoming TCP that says no win */
	PACKET_DEFAULT_TTL = 255,    /* incoming that says no ttl */
};

enum packet_direction { PACKET_IN, PACKET_OUT, PACKET_DIRECTION_COUNT }; /* as the guest's kernel sees it; = RECORD_IN, _OUT */

enum packet_protocol {
	PACKET_TCP, PACKET_UDP, PACKET_ICMP, PACKET_ICMPV6,
	PACKET_OTHER, /* parsed only: a protocol without a form in scripts */
	PACKET_PROTOCOL_COUNT
};

enum packet_tcp_flag {
	PACKET_FIN = 0x01, PACKET_SYN = 0x02, PACKET_RST = 0x04, PACKET_PSH = 0x08,
	PACKET_ACK = 0x10, PACKET_URG = 0x20, PACKET_ECE = 0x40, PACKET_CWR = 0x80, PACKET_AE = 0x100,
};

/* What the script said of a packet. A part not given is a default for incoming packets and anything for outgoing ones,
 * except the TCP options: as in packetdrill no <> at all means a packet without options, and <...> any options. */
enum packet_given {
	PACKET_GIVEN_SEQ = 0x0001, PACKET_GIVEN_ACK = 0x0002, PACKET_GIVEN_WIN = 0x0004, PACKET_GIVEN_URGENT = 0x0008,
	PACKET_GIVEN_PORTS = 0x0010, PACKET_GIVEN_OPTIONS = 0x0020, /* unset only by <...> */
	PACKET_GIVEN_ECN = 0x0040, PACKET_GIVEN_TOS = 0x0080, PACKET_GIVEN_TTL = 0x0100, PACKET_GIVEN_FLOWLABEL = 0x0200,
	PACKET_GIVEN_PAYLOAD = 0x0400, /* payload_bytes: with SEQ for TCP, `udp (1000)`, `icmp echo_request (56)` */
	PACKET_GIVEN_MTU = 0x0800, PACKET_GIVEN_ID = 0x1000, PACKET_GIVEN_ECHOED = 0x2000,
	PACKET_GIVEN_ADDRESSES = 0x4000, /* never by a script of one layer: they come from the connection */
};

enum packet_ecn { /* the low two bits of tos */
	PACKET_ECN_NONE = 0, PACKET_ECN_ECT1 = 1, PACKET_ECN_ECT0 = 2, PACKET_ECN_CE = 3,
	PACKET_ECN_ECT01 = 4, /* [ect01]: outgoing only, either of the two */
};

struct packet_address {
	uint8_t version; /* 4 or 6 */
	uint8_t bytes[16];
};

enum packet_outer_kind { PACKET_OUTER_IPV4, PACKET_OUTER_IPV6, PACKET_OUTER_GRE, PACKET_OUTER_MPLS, PACKET_OUTER_KIND_COUNT };

struct packet_label { uint32_t label; uint8_t traffic_class, ttl; bool bottom; };

/* What a GRE header says beyond what follows it (RFC 2784, 2890). */
enum packet_gre_given {
	PACKET_GRE_CHECKSUM = 1, PACKET_GRE_KEY = 2, PACKET_GRE_SEQUENCE = 4, /* there is such a field */
	PACKET_GRE_SUM = 8, /* the script says which checksum; else the right one */
};

struct packet_gre {
	uint8_t given;
	bool sum_bad; /* parsed only */
	uint16_t sum, offset;
	uint32_t key, sequence;
};

/* A header around the packet, outermost first: `ipv4 192.0.2.1 > 192.168.0.1: gre: ...` */
struct packet_outer {
	enum packet_outer_kind kind;
	struct packet_address source, destination; /* ipv4, ipv6 */
	uint8_t tos, ttl;
	uint16_t given;                            /* TOS, TTL, ECN */
	struct packet_gre gre;
	uint8_t label_count;
	struct packet_label labels[PACKET_LABELS_MAX];
};

/* What an ICMP error sends back: the start of a packet of the other direction. */
struct packet_echoed {
	enum packet_protocol protocol; /* PACKET_TCP or PACKET_UDP */
	uint32_t seq;
	uint32_t payload_bytes;
};

struct packet {
	enum packet_direction direction;
	enum packet_protocol protocol;
	uint16_t given;            /* enum packet_given; packet_parse() sets all that the packet has */
	uint8_t ip_version;        /* 4 or 6; 0 in a script: as the connection */
	uint8_t tos;               /* all eight bits; see ecn */
	uint8_t ecn;               /* enum packet_ecn */
	uint8_t ttl;
	uint32_t flowlabel;
	uint16_t ip_id;            /* parsed only */
	uint8_t ip_protocol;       /* parsed only */
	bool checksum_bad;         /* parsed only: of the IP, TCP, UDP or ICMP header */
	struct packet_address source, destination; /* parsed only */
	uint16_t source_port, destination_port;
	uint32_t payload_bytes;    /* behind the TCP, UDP or ICMP header */

	uint16_t flags;            /* enum packet_tcp_flag */
	uint32_t seq, ack;
	uint16_t win, urgent;
	uint8_t options_bytes;     /* TCP options, as on the wire but with the script's numbers */
	uint8_t options[PACKET_OPTIONS_MAX_BYTES];

	uint8_t icmp_type, icmp_code;
	uint32_t mtu;
	uint16_t id;               /* echo request and reply */
	struct packet_echoed echoed;

	uint8_t outer_count;
	struct packet_outer *outer; /* NULL when there is none; packet_parse() leaves it to packet_peel() and its caller */
};

/* Parts that can differ. */
enum packet_field {
	PACKET_SAME, /* nothing differs */
	PACKET_FIELD_PROTOCOL, PACKET_FIELD_ECN, PACKET_FIELD_TOS, PACKET_FIELD_TTL, PACKET_FIELD_FLOWLABEL,
	PACKET_FIELD_PORTS, PACKET_FIELD_FLAGS, PACKET_FIELD_SEQ, PACKET_FIELD_PAYLOAD, PACKET_FIELD_ACK, PACKET_FIELD_WIN,
	PACKET_FIELD_URGENT, PACKET_FIELD_OPTIONS, PACKET_FIELD_TIMESTAMP, PACKET_FIELD_ICMP_TYPE, PACKET_FIELD_ICMP_CODE,
	PACKET_FIELD_MTU, PACKET_FIELD_ID, PACKET_FIELD_ECHOED, PACKET_FIELD_CHECKSUM, PACKET_FIELD_OUTER,
	PACKET_FIELD_COUNT
};

/* One number and its twin: the script's value `script` is the kernel's value `live`. Modulo 2^32. */
struct packet_twin {
	bool known; /* false: script and live numbers are the same */
	uint32_t script, live;
	/* of an ISN: what the script's SYNs call it, and its SYN-ACKs acknowledge. All other packets count from it as from 0, as
	 * packetdrill's do */
	uint32_t syn;
};

/* The live side of a script's connection. Fill in addresses and ports, zero the rest. A few KiB: keep it off the stack. */
struct packet_connection {
	uint8_t ip_version; /* 4 or 6, on the wire */
	struct packet_address local, remote;
	uint16_t local_port, remote_port;
	uint16_t script_local_port; /* what the script calls a port the kernel chose; 0: as it is */
	struct packet_twin local_isn, remote_isn;
	struct packet_twin first_timestamp;   /* of the kernel's packets */
	uint32_t timestamp_tick_us;           /* --tcp_ts_tick_usecs; 0: the kernel's TS val is not compared */
	uint32_t timestamp_tolerance_us;
	unsigned timestamp_count;             /* ever remembered; the newest is at (count - 1) % PACKET_TIMESTAMPS */
	struct { uint32_t script, live; } timestamps[PACKET_TIMESTAMPS];
};

/* Builds the incoming packet of a script for this connection, checksums right, payload zero.
 * Returns its length in bytes; 0 when it does not fit or cannot be built, with *why set to a sentence without full stop. */
size_t packet_build(const struct packet *packet, const struct packet_connection *connection,
		    unsigned char *bytes, size_t size_bytes, const char **why);
/* To be called with each incoming packet before packet_build(): a SYN's seq becomes the remote ISN. */
void packet_learn_incoming(struct packet_connection *connection, const struct packet *packet);

/* Reads bytes (from the IP header on) into *packet with live numbers. False when they are no whole packet, with *why set;
 * what was read until there is in *packet. Fragments and unknown protocols are read as PACKET_OTHER.
 * captured_bytes may be less than the packet's own length when the capture cut it; headers must be whole. */
bool packet_parse(const unsigned char *bytes, size_t captured_bytes, struct packet *packet, const char **why);
/* The headers around a packet of more than one layer, outermost first: at most PACKET_OUTER_MAX go to outer[].
 * Returns the offset of the innermost IP header, for packet_parse(); 0 when there is only one or they are not understood. */
size_t packet_peel(const unsigned char *bytes, size_t captured_bytes, struct packet_outer *outer, uint8_t *outer_count);
/* Which way a parsed packet goes on this connection; false when it is not of this connection (addresses, ports). */
bool packet_belongs(const struct packet *packet, const struct packet_connection *connection, enum packet_direction *direction);

/* The expected outgoing packet against the live one.
 * Learns ISN and timestamps, fills *actual with the script's numbers. Returns the first part that differs or PACKET_SAME. */
enum packet_field packet_check(const struct packet *expected, const struct packet *live,
			       struct packet_connection *connection, struct packet *actual);
/* Learns from an outgoing packet what packet_check() would; expected may be NULL (a SYN's script seq is 0 then). */
void packet_learn_outgoing(struct packet_connection *connection, const struct packet *expected, const struct packet *live);
/* live numbers -> the script's; actual->direction must be set in live (packet_belongs() tells it). */
void packet_to_script(const struct packet *live, const struct packet_connection *connection, struct packet *actual);
/* Both in the script's numbers. */
enum packet_field packet_compare(const struct packet *expected, const struct packet *actual);
/* "seq", "win", "options", "payload length" ...; "" for PACKET_SAME. */
const char *packet_field_name(enum packet_field field);

/* Where a field stands in a text; length 0: not in it. */
struct packet_span { uint16_t start, length; };

struct packet_text {
	char text[PACKET_TEXT_MAX_BYTES];
	struct packet_span spans[PACKET_FIELD_COUNT];
};

/* The packet as a script writes it, without the time: "> S. 0:0(0) ack 1 win 5840 <mss 1460,nop,wscale 7>".
 * One form only: text -> packet -> text is the identity for it. Parts that are not given are left out. */
void packet_format(const struct packet *packet, struct packet_text *text);

/* expected and actual one above the other, and ^^^ under the part of actual that differs:
 *   "expected: > S. 0:0(0) ack 1 win 5840"
 *   "actual:   > S. 0:0(0) ack 1 win 64240"
 *   "                            ^^^^^^^^^"
 * actual shows what expected gives and the part that differs. */
struct mismatch_text {
	char expected[PACKET_TEXT_MAX_BYTES]; /* without the "expected: " in front, so are the others */
	char actual[PACKET_TEXT_MAX_BYTES];
	char marker[PACKET_TEXT_MAX_BYTES];   /* blanks and ^, to stand under actual */
};
void mismatch_format(const struct packet *expected, const struct packet *actual, enum packet_field field,
		     struct mismatch_text *text);

#endif

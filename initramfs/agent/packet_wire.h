/* SPDX-License-Identifier: GPL-2.0-or-later
 * wire - header sizes, protocol numbers and the checksum that packet_build() and packet_parse() share (RFC 1071)
 */
#ifndef FINRIG_PACKET_WIRE_H
#define FINRIG_PACKET_WIRE_H

#include "packet.h"
#include "packet_options.h"

enum {
	WIRE_IPV4_BYTES = 20, WIRE_IPV6_BYTES = 40, WIRE_TCP_BYTES = 20, WIRE_UDP_BYTES = 8, WIRE_ICMP_BYTES = 8,
	WIRE_ECHOED_BYTES = 8, /* of the transport header that an ICMP error sends back */
	WIRE_GRE_BYTES = 4, WIRE_LABEL_BYTES = 4,
	WIRE_ICMP = 1, WIRE_IPV4 = 4, WIRE_TCP = 6, WIRE_UDP = 17, WIRE_IPV6 = 41, WIRE_GRE = 47, WIRE_ICMPV6 = 58, WIRE_MPLS = 137,
	WIRE_DONT_FRAGMENT = 0x4000, WIRE_FRAGMENT_MASK = 0x3fff,
};

/* The ones' complement sum of bytes, big endian; an odd last byte counts as the high half. */
uint32_t wire_sum(const uint8_t *bytes, size_t count);
/* Folds and inverts. */
uint16_t wire_checksum(uint64_t sum);
/* Does for a TCP or UDP packet that is whole what a device does that was left the checksum. Other bytes stay as they are. */
void wire_complete_checksum(uint8_t *bytes, size_t count);
/* The sum of the pseudo header that TCP, UDP and ICMPv6 checksums cover. */
uint32_t wire_pseudo_sum(const struct packet_address *source, const struct packet_address *destination, uint8_t protocol,
			 uint32_t transport_bytes);

/* An IP header; packet gives tos, ttl and flow label. total_bytes: with all that follows. */
void wire_build_ipv4(const struct packet *packet, const struct packet_address *source,
		     const struct packet_address *destination, size_t total_bytes, uint8_t protocol, uint8_t *bytes);
void wire_build_ipv6(const struct packet *packet, const struct packet_address *source,
		     const struct packet_address *destination, size_t total_bytes, uint8_t protocol, uint8_t *bytes);

/* packet_outer.c: the headers around the innermost packet. */
size_t wire_outer_bytes(const struct packet *packet);
/* inner_version: of the innermost IP header; total_bytes: of the whole packet. */
void wire_build_outer(const struct packet *packet, uint8_t inner_version, uint8_t *bytes, size_t total_bytes);
bool wire_same_outer(const struct packet *expected, const struct packet *actual);

static inline size_t wire_address_bytes(uint8_t ip_version)
{
	return ip_version == 4 ? 4 : 16;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet - bytes to a packet with live numbers; packet.h is the manual. The bytes may be anything.
 */
#include "packet.h"

#include <string.h>

#include "packet_icmp.h"
#include "packet_wire.h"

/* What is left of a packet while its headers are read. */
struct cursor {
	const uint8_t *bytes;
	size_t captured_bytes; /* there to be read */
	size_t whole_bytes;    /* that the packet has, by its IP header */
};

static bool refuse(const char **why, const char *reason)
{
	*why = reason;
	return false;
}

static void advance(struct cursor *cursor, size_t bytes)
{
	cursor->bytes += bytes;
	cursor->captured_bytes -= bytes;
	cursor->whole_bytes -= bytes;
}

static bool parse_ipv4(struct cursor *cursor, struct packet *packet, const char **why)
{
	const uint8_t *bytes = cursor->bytes;
	size_t header_bytes = (size_t)(bytes[0] & 15) * 4, total_bytes;

	if (cursor->captured_bytes < WIRE_IPV4_BYTES || header_bytes < WIRE_IPV4_BYTES || header_bytes > cursor->captured_bytes)
		return refuse(why, "the IPv4 header is not whole");
	total_bytes = get_be16(bytes + 2);
	if (total_bytes < header_bytes)
		return refuse(why, "the IPv4 header's length is impossible");
	packet->tos = bytes[1];
	packet->ip_id = get_be16(bytes + 4);
	packet->ttl = bytes[8];
	packet->ip_protocol = bytes[9];
	if (get_be16(bytes + 6) & WIRE_FRAGMENT_MASK)
		packet->protocol = PACKET_OTHER;
	packet->checksum_bad = wire_checksum(wire_sum(bytes, header_bytes)) != 0;
	memcpy(packet->source.bytes, bytes + 12, 4);
	memcpy(packet->destination.bytes, bytes + 16, 4);
	cursor->whole_bytes = total_bytes;
	if (cursor->captured_bytes > total_bytes)
		cursor->captured_bytes = total_bytes;
	advance(cursor, header_bytes);
	return true;
}

static bool parse_ipv6(struct cursor *cursor, struct packet *packet, const char **why)
{
	const uint8_t *bytes = cursor->bytes;

	if (cursor->captured_bytes < WIRE_IPV6_BYTES)
		return refuse(why, "the IPv6 header is not whole");
	packet->tos = (uint8_t)(get_be16(bytes) >> 4);
	packet->flowlabel = get_be32(bytes) & 0xfffff;
	packet->given |= PACKET_GIVEN_FLOWLABEL;
	packet->ip_protocol = bytes[6];
	packet->ttl = bytes[7];
	memcpy(packet->source.bytes, bytes + 8, 16);
	memcpy(packet->destination.bytes, bytes + 24, 16);
	cursor->whole_bytes = (size_t)get_be16(bytes + 4) + WIRE_IPV6_BYTES;
	if (cursor->captured_bytes > cursor->whole_bytes)
		cursor->captured_bytes = cursor->whole_bytes;
	advance(cursor, WIRE_IPV6_BYTES);
	return true;
}

static bool parse_tcp(struct cursor *cursor, struct packet *packet, const char **why)
{
	const uint8_t *bytes = cursor->bytes;
	size_t header_bytes;

	if (cursor->captured_bytes < WIRE_TCP_BYTES)
		return refuse(why, "the TCP header is not whole");
	header_bytes = (size_t)(bytes[12] >> 4) * 4;
	if (header_bytes < WIRE_TCP_BYTES || header_bytes > cursor->captured_bytes)
		return refuse(why, "the TCP header's length is impossible");
	packet->source_port = get_be16(bytes);
	packet->destination_port = get_be16(bytes + 2);
	packet->seq = get_be32(bytes + 4);
	packet->ack = get_be32(bytes + 8);
	packet->flags = (uint16_t)((bytes[12] & 1) << 8 | bytes[13]);
	packet->win = get_be16(bytes + 14);
	packet->urgent = get_be16(bytes + 18);
	packet->options_bytes = (uint8_t)(header_bytes - WIRE_TCP_BYTES);
	memcpy(packet->options, bytes + WIRE_TCP_BYTES, packet->options_bytes);
	packet->given |= PACKET_GIVEN_SEQ | PACKET_GIVEN_WIN | PACKET_GIVEN_OPTIONS | PACKET_GIVEN_PORTS |
			 (packet->flags & PACKET_ACK || packet->ack ? PACKET_GIVEN_ACK : 0) |
			 (packet->flags & PACKET_URG || packet->urgent ? PACKET_GIVEN_URGENT : 0);
	advance(cursor, header_bytes);
	return true;
}

static bool parse_udp(struct cursor *cursor, struct packet *packet, const char **why)
{
	if (cursor->captured_bytes < WIRE_UDP_BYTES)
		return refuse(why, "the UDP header is not whole");
	packet->source_port = get_be16(cursor->bytes);
	packet->destination_port = get_be16(cursor->bytes + 2);
	packet->given |= PACKET_GIVEN_PORTS;
	advance(cursor, WIRE_UDP_BYTES);
	return true;
}

/* The packet an ICMP error sends back, when it is one that scripts can name. Too short a one is left out. */
static void parse_echoed(const struct cursor *cursor, struct packet *packet)
{
	const uint8_t *bytes = cursor->bytes;
	bool v4 = packet->ip_version == 4;
	size_t ip_bytes = v4 ? WIRE_IPV4_BYTES : WIRE_IPV6_BYTES, total_bytes, header_bytes;
	uint8_t protocol;

	if (cursor->captured_bytes < ip_bytes + WIRE_ECHOED_BYTES || bytes[0] >> 4 != packet->ip_version)
		return;
	if (v4)
		ip_bytes = (size_t)(bytes[0] & 15) * 4;
	total_bytes = v4 ? get_be16(bytes + 2) : (size_t)get_be16(bytes + 4) + WIRE_IPV6_BYTES;
	protocol = bytes[v4 ? 9 : 6];
	header_bytes = protocol == WIRE_TCP ? WIRE_TCP_BYTES : WIRE_UDP_BYTES;
	if (ip_bytes < WIRE_IPV4_BYTES || cursor->captured_bytes < ip_bytes + WIRE_ECHOED_BYTES ||
	    (protocol != WIRE_TCP && protocol != WIRE_UDP) || total_bytes < ip_bytes + header_bytes)
		return;
	if (protocol == WIRE_TCP && cursor->captured_bytes >= ip_bytes + WIRE_TCP_BYTES)
		header_bytes = (size_t)(bytes[ip_bytes + 12] >> 4) * 4;
	if (total_bytes < ip_bytes + header_bytes)
		return;
	packet->echoed.protocol = protocol == WIRE_TCP ? PACKET_TCP : PACKET_UDP;
	packet->echoed.seq = protocol == WIRE_TCP ? get_be32(bytes + ip_bytes + 4) : 0;
	packet->echoed.payload_bytes = (uint32_t)(total_bytes - ip_bytes - header_bytes);
	packet->given |= PACKET_GIVEN_ECHOED;
}

static bool parse_icmp(struct cursor *cursor, struct packet *packet, const char **why)
{
	const struct packet_icmp_type *type;

	if (cursor->captured_bytes < WIRE_ICMP_BYTES)
		return refuse(why, "the ICMP header is not whole");
	packet->icmp_type = cursor->bytes[0];
	packet->icmp_code = cursor->bytes[1];
	type = packet_icmp_type(packet->protocol, packet->icmp_type);
	if (packet_icmp_has_mtu(packet->protocol, packet->icmp_type, packet->icmp_code)) {
		packet->mtu = packet->protocol == PACKET_ICMP ? get_be16(cursor->bytes + 6) : get_be32(cursor->bytes + 4);
		packet->given |= PACKET_GIVEN_MTU;
	} else if (type && type->rest == ICMP_REST_ECHO) {
		packet->id = get_be16(cursor->bytes + 4);
		packet->given |= PACKET_GIVEN_ID;
	}
	advance(cursor, WIRE_ICMP_BYTES);
	if (type && type->is_error)
		parse_echoed(cursor, packet);
	return true;
}

static enum packet_protocol protocol_of(const struct packet *packet)
{
	switch (packet->ip_protocol) {
	case WIRE_TCP: return PACKET_TCP;
	case WIRE_UDP: return PACKET_UDP;
	case WIRE_ICMP: return packet->ip_version == 4 ? PACKET_ICMP : PACKET_OTHER;
	case WIRE_ICMPV6: return packet->ip_version == 6 ? PACKET_ICMPV6 : PACKET_OTHER;
	default: return PACKET_OTHER;
	}
}

/* A cut packet's checksum cannot be known to be bad; UDP over IPv4 may have none. */
static bool is_checksum_bad(const struct packet *packet, const struct cursor *transport)
{
	uint64_t sum = packet->protocol == PACKET_ICMP ? 0 :
		       wire_pseudo_sum(&packet->source, &packet->destination, packet->ip_protocol,
				       (uint32_t)transport->whole_bytes);

	if (transport->captured_bytes < transport->whole_bytes)
		return false;
	if (packet->protocol == PACKET_UDP && packet->ip_version == 4 && transport->captured_bytes >= WIRE_UDP_BYTES &&
	    !get_be16(transport->bytes + 6))
		return false;
	sum = wire_checksum(sum + wire_sum(transport->bytes, transport->captured_bytes));
	/* Zero has two forms in ones' complement; of an echo reply that is all zeros Linux gives the one that others would not. */
	return sum != 0 && sum != UINT16_MAX;
}

static bool parse_transport(struct cursor *cursor, struct packet *packet, const char **why)
{
	switch (packet->protocol) {
	case PACKET_TCP: return parse_tcp(cursor, packet, why);
	case PACKET_UDP: return parse_udp(cursor, packet, why);
	case PACKET_ICMP:
	case PACKET_ICMPV6: return parse_icmp(cursor, packet, why);
	case PACKET_OTHER:
	case PACKET_PROTOCOL_COUNT: break;
	}
	return true;
}

bool packet_parse(const unsigned char *bytes, size_t captured_bytes, struct packet *packet, const char **why)
{
	struct cursor cursor = { bytes, captured_bytes, 0 }, transport;

	memset(packet, 0, sizeof(*packet));
	if (!captured_bytes || (bytes[0] >> 4 != 4 && bytes[0] >> 4 != 6))
		return refuse(why, "neither an IPv4 nor an IPv6 packet");
	packet->ip_version = packet->source.version = packet->destination.version = bytes[0] >> 4;
	if (!(packet->ip_version == 4 ? parse_ipv4 : parse_ipv6)(&cursor, packet, why))
		return false;
	packet->ecn = packet->tos & 3;
	packet->given |= PACKET_GIVEN_TOS | PACKET_GIVEN_TTL | PACKET_GIVEN_ADDRESSES | PACKET_GIVEN_PAYLOAD;
	if (packet->protocol != PACKET_OTHER)
		packet->protocol = protocol_of(packet);
	transport = cursor;
	if (!parse_transport(&cursor, packet, why))
		return false;
	packet->payload_bytes = (uint32_t)cursor.whole_bytes;
	if (packet->protocol != PACKET_OTHER)
		packet->checksum_bad |= is_checksum_bad(packet, &transport);
	return true;
}

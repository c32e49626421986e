/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet - a script's packet to bytes; packet.h is the manual
 */
#include "packet.h"

#include <string.h>

#include "packet_icmp.h"
#include "packet_wire.h"

static const uint8_t protocol_numbers[PACKET_PROTOCOL_COUNT] = {
	[PACKET_TCP] = WIRE_TCP, [PACKET_UDP] = WIRE_UDP, [PACKET_ICMP] = WIRE_ICMP, [PACKET_ICMPV6] = WIRE_ICMPV6,
};

/* The sum does not depend on the order of bytes (RFC 1071 2 B), so that whole words are taken as they come. */
uint32_t wire_sum(const uint8_t *bytes, size_t count)
{
	uint64_t sum = 0;
	uint32_t word;
	uint16_t folded;

	for (; count >= sizeof(word); bytes += sizeof(word), count -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, bytes, count);
	sum += word;
	while (sum >> 16)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	folded = (uint16_t)sum;
	return get_be16((const uint8_t *)&folded);
}

uint16_t wire_checksum(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)~sum;
}

uint32_t wire_pseudo_sum(const struct packet_address *source, const struct packet_address *destination, uint8_t protocol,
			 uint32_t transport_bytes)
{
	size_t address_bytes = wire_address_bytes(source->version);

	return wire_sum(source->bytes, address_bytes) + wire_sum(destination->bytes, address_bytes) + protocol +
	       (transport_bytes >> 16) + (transport_bytes & UINT16_MAX);
}

void wire_complete_checksum(uint8_t *bytes, size_t count)
{
	struct packet packet;
	const char *why;
	size_t header_bytes, offset;
	uint8_t *transport;

	if (!packet_parse(bytes, count, &packet, &why) || (packet.protocol != PACKET_TCP && packet.protocol != PACKET_UDP))
		return;
	header_bytes = packet.ip_version == 4 ? (size_t)(bytes[0] & 15) * 4 : WIRE_IPV6_BYTES;
	if (count != (packet.ip_version == 4 ? get_be16(bytes + 2) : (size_t)get_be16(bytes + 4) + WIRE_IPV6_BYTES))
		return;
	transport = bytes + header_bytes;
	offset = packet.protocol == PACKET_TCP ? 16 : 6;
	put_be16(transport + offset, 0);
	put_be16(transport + offset,
		 wire_checksum((uint64_t)wire_pseudo_sum(&packet.source, &packet.destination, packet.ip_protocol,
							 (uint32_t)(count - header_bytes)) +
			       wire_sum(transport, count - header_bytes)));
}

/* What is to be added to a script's number to have the live one. */
static uint32_t delta_of(const struct packet_twin *twin)
{
	return twin->known ? twin->live - twin->script : 0;
}

static uint8_t tos_of(const struct packet *packet)
{
	return packet->given & PACKET_GIVEN_TOS ? packet->tos : packet->given & PACKET_GIVEN_ECN ? packet->ecn : 0;
}

void wire_build_ipv4(const struct packet *packet, const struct packet_address *source,
		       const struct packet_address *destination, size_t total_bytes, uint8_t protocol, uint8_t *bytes)
{
	memset(bytes, 0, WIRE_IPV4_BYTES);
	bytes[0] = 4 << 4 | WIRE_IPV4_BYTES / 4;
	bytes[1] = tos_of(packet);
	put_be16(bytes + 2, (uint16_t)total_bytes);
	put_be16(bytes + 6, WIRE_DONT_FRAGMENT);
	bytes[8] = packet->given & PACKET_GIVEN_TTL ? packet->ttl : PACKET_DEFAULT_TTL;
	bytes[9] = protocol;
	memcpy(bytes + 12, source->bytes, 4);
	memcpy(bytes + 16, destination->bytes, 4);
	put_be16(bytes + 10, wire_checksum(wire_sum(bytes, WIRE_IPV4_BYTES)));
}

void wire_build_ipv6(const struct packet *packet, const struct packet_address *source,
		       const struct packet_address *destination, size_t total_bytes, uint8_t protocol, uint8_t *bytes)
{
	uint32_t flowlabel = packet->given & PACKET_GIVEN_FLOWLABEL ? packet->flowlabel : 0;

	put_be32(bytes, 6u << 28 | (uint32_t)tos_of(packet) << 20 | flowlabel);
	put_be16(bytes + 4, (uint16_t)(total_bytes - WIRE_IPV6_BYTES));
	bytes[6] = protocol;
	bytes[7] = packet->given & PACKET_GIVEN_TTL ? packet->ttl : PACKET_DEFAULT_TTL;
	memcpy(bytes + 8, source->bytes, 16);
	memcpy(bytes + 24, destination->bytes, 16);
}

static void build_ports(const struct packet *packet, const struct packet_connection *connection, uint8_t *bytes)
{
	bool given = packet->given & PACKET_GIVEN_PORTS;
	bool renamed = connection->script_local_port && packet->destination_port == connection->script_local_port;

	put_be16(bytes, given ? packet->source_port : connection->remote_port);
	put_be16(bytes + 2, given && !renamed ? packet->destination_port : connection->local_port);
}

/* The live TS val for which the script's kernel side said `script`. Newest first: scripts echo what they just saw. */
static uint32_t live_timestamp(const struct packet_connection *connection, uint32_t script)
{
	unsigned count = connection->timestamp_count;

	for (unsigned back = 1; back <= PACKET_TIMESTAMPS && back <= count; back++)
		if (connection->timestamps[(count - back) % PACKET_TIMESTAMPS].script == script)
			return connection->timestamps[(count - back) % PACKET_TIMESTAMPS].live;
	return script;
}

static void build_tcp_options(const struct packet *packet, const struct packet_connection *connection, uint8_t *bytes)
{
	int timestamp = packet_option_find(packet->options, packet->options_bytes, OPTION_TIMESTAMP, OPTION_TIMESTAMP_BYTES);

	memcpy(bytes, packet->options, packet->options_bytes);
	packet_options_shift_sack(bytes, packet->options_bytes, delta_of(&connection->local_isn));
	if (timestamp >= 0)
		put_be32(bytes + timestamp + 6, live_timestamp(connection, get_be32(bytes + timestamp + 6)));
}

static void build_tcp(const struct packet *packet, const struct packet_connection *connection, uint8_t *bytes)
{
	size_t header_bytes = WIRE_TCP_BYTES + packet->options_bytes;
	const struct packet_twin *own = &connection->local_isn;
	uint32_t ack = packet->ack;

	if (packet->flags & PACKET_ACK)
		ack += delta_of(own) - (packet->flags & PACKET_SYN ? own->syn : 0);
	build_ports(packet, connection, bytes);
	put_be32(bytes + 4, packet->flags & PACKET_SYN ? packet->seq : packet->seq + delta_of(&connection->remote_isn));
	put_be32(bytes + 8, ack);
	bytes[12] = (uint8_t)(header_bytes / 4 << 4 | packet->flags >> 8);
	bytes[13] = (uint8_t)packet->flags;
	put_be16(bytes + 14, packet->given & PACKET_GIVEN_WIN ? packet->win : PACKET_DEFAULT_WIN);
	put_be16(bytes + 16, 0);
	put_be16(bytes + 18, packet->urgent);
	build_tcp_options(packet, connection, bytes + WIRE_TCP_BYTES);
}

static void build_udp(const struct packet *packet, const struct packet_connection *connection, uint8_t *bytes)
{
	build_ports(packet, connection, bytes);
	put_be16(bytes + 4, (uint16_t)(WIRE_UDP_BYTES + packet->payload_bytes));
	put_be16(bytes + 6, 0);
}

/* The kernel's packet that the ICMP error is about: its IP header and the first bytes behind. */
static void build_echoed(const struct packet *packet, const struct packet_connection *connection, uint8_t *bytes)
{
	const struct packet_echoed *echoed = &packet->echoed;
	static const struct packet plain = { .given = PACKET_GIVEN_TTL, .ttl = 64 };
	bool v4 = connection->ip_version == 4, tcp = echoed->protocol == PACKET_TCP;
	size_t ip_bytes = v4 ? WIRE_IPV4_BYTES : WIRE_IPV6_BYTES;
	size_t total_bytes = ip_bytes + (tcp ? WIRE_TCP_BYTES : WIRE_UDP_BYTES) + echoed->payload_bytes;

	(v4 ? wire_build_ipv4 : wire_build_ipv6)(&plain, &connection->local, &connection->remote, total_bytes,
						 protocol_numbers[echoed->protocol], bytes);
	bytes += ip_bytes;
	put_be16(bytes, connection->local_port);
	put_be16(bytes + 2, connection->remote_port);
	if (tcp)
		put_be32(bytes + 4, echoed->seq + delta_of(&connection->local_isn));
	else
		put_be32(bytes + 4, (WIRE_UDP_BYTES + echoed->payload_bytes) << 16);
}

static void build_icmp(const struct packet *packet, const struct packet_connection *connection, uint8_t *bytes)
{
	const struct packet_icmp_type *type = packet_icmp_type(packet->protocol, packet->icmp_type);

	memset(bytes, 0, WIRE_ICMP_BYTES);
	bytes[0] = packet->icmp_type;
	bytes[1] = packet->icmp_code;
	if (packet_icmp_has_mtu(packet->protocol, packet->icmp_type, packet->icmp_code))
		put_be32(bytes + 4, packet->mtu);
	else if (type && type->rest == ICMP_REST_ECHO)
		put_be16(bytes + 4, packet->id);
	if (packet->given & PACKET_GIVEN_ECHOED)
		build_echoed(packet, connection, bytes + WIRE_ICMP_BYTES);
}

static size_t transport_header_bytes(const struct packet *packet, const struct packet_connection *connection)
{
	size_t echoed_bytes = (connection->ip_version == 4 ? WIRE_IPV4_BYTES : WIRE_IPV6_BYTES) + WIRE_ECHOED_BYTES;

	switch (packet->protocol) {
	case PACKET_TCP: return WIRE_TCP_BYTES + (size_t)packet->options_bytes;
	case PACKET_UDP: return WIRE_UDP_BYTES;
	case PACKET_ICMP:
	case PACKET_ICMPV6: return WIRE_ICMP_BYTES + (packet->given & PACKET_GIVEN_ECHOED ? echoed_bytes : 0);
	case PACKET_OTHER:
	case PACKET_PROTOCOL_COUNT: break;
	}
	return 0;
}

static void build_checksum(const struct packet *packet, const struct packet_connection *connection, uint8_t *bytes,
			   size_t transport_bytes)
{
	static const uint8_t offsets[PACKET_PROTOCOL_COUNT] = {
		[PACKET_TCP] = 16, [PACKET_UDP] = 6, [PACKET_ICMP] = 2, [PACKET_ICMPV6] = 2,
	};
	uint64_t sum = packet->protocol == PACKET_ICMP ? 0 :
		       wire_pseudo_sum(&connection->remote, &connection->local, protocol_numbers[packet->protocol],
				       (uint32_t)transport_bytes);
	uint16_t checksum = wire_checksum(sum + wire_sum(bytes, transport_bytes));

	/* of UDP 0 means: no checksum; its twin in ones' complement is sent instead (RFC 768) */
	put_be16(bytes + offsets[packet->protocol], packet->protocol == PACKET_UDP && !checksum ? UINT16_MAX : checksum);
}

static size_t refuse(const char **why, const char *reason)
{
	*why = reason;
	return 0;
}

/* The packet without the headers around it. */
static size_t build_innermost(const struct packet *packet, const struct packet_connection *connection,
			      unsigned char *bytes, size_t size_bytes, const char **why)
{
	size_t ip_bytes = connection->ip_version == 4 ? WIRE_IPV4_BYTES : WIRE_IPV6_BYTES;
	size_t header_bytes = transport_header_bytes(packet, connection);
	size_t transport_bytes = header_bytes + packet->payload_bytes, total_bytes = ip_bytes + transport_bytes;
	uint8_t *transport = bytes + ip_bytes;

	if (!header_bytes)
		return refuse(why, "this protocol cannot be built");
	if (packet->protocol == (connection->ip_version == 4 ? PACKET_ICMPV6 : PACKET_ICMP))
		return refuse(why, packet->protocol == PACKET_ICMP ? "icmp is of IPv4, and this connection is of IPv6"
								   : "icmpv6 is of IPv6, and this connection is of IPv4");
	if (connection->ip_version == 4 && packet->given & PACKET_GIVEN_FLOWLABEL)
		return refuse(why, "a flow label is of IPv6, and this connection is of IPv4");
	if (total_bytes > PACKET_MAX_BYTES || total_bytes > size_bytes)
		return refuse(why, "the packet is longer than IP allows");
	(connection->ip_version == 4 ? wire_build_ipv4 : wire_build_ipv6)(packet, &connection->remote, &connection->local,
									  total_bytes, protocol_numbers[packet->protocol], bytes);
	if (packet->protocol == PACKET_TCP)
		build_tcp(packet, connection, transport);
	else if (packet->protocol == PACKET_UDP)
		build_udp(packet, connection, transport);
	else
		build_icmp(packet, connection, transport);
	memset(transport + header_bytes, 0, packet->payload_bytes);
	build_checksum(packet, connection, transport, transport_bytes);
	return total_bytes;
}

size_t packet_build(const struct packet *packet, const struct packet_connection *connection,
		    unsigned char *bytes, size_t size_bytes, const char **why)
{
	size_t outer_bytes = wire_outer_bytes(packet), inner_bytes;

	if (packet->outer_count && packet->outer[0].kind != PACKET_OUTER_IPV4 && packet->outer[0].kind != PACKET_OUTER_IPV6)
		return refuse(why, "the outermost header must be IP's");
	if (outer_bytes > size_bytes)
		return refuse(why, "the packet is longer than IP allows");
	inner_bytes = build_innermost(packet, connection, bytes + outer_bytes, size_bytes - outer_bytes, why);
	if (inner_bytes && inner_bytes + outer_bytes > PACKET_MAX_BYTES)
		return refuse(why, "the packet is longer than IP allows");
	if (inner_bytes)
		wire_build_outer(packet, connection->ip_version, bytes, outer_bytes + inner_bytes);
	return inner_bytes ? outer_bytes + inner_bytes : 0;
}

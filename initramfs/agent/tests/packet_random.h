/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet_random - any packet a script can say, drawn by random_packet(); the same ones at each run
 */
#ifndef FINRIG_AGENT_TESTS_PACKET_RANDOM_H
#define FINRIG_AGENT_TESTS_PACKET_RANDOM_H

#include "packet_fixture.h"
#include "packet_icmp.h"

static inline void random_options(struct packet *packet)
{
	packet->options_bytes = (uint8_t)(random_number(11) * 4);
	for (size_t i = 0; i < packet->options_bytes; i++) {
		static const uint8_t kinds[] = { 0, 1, 2, 3, 4, 5, 8, 10, 18, 19, 34, 172, 174, 254, 0xf9, 0x89 };

		packet->options[i] = random_number(3) ? kinds[random_number(sizeof(kinds))] : (uint8_t)random_number(256);
	}
	memset(packet->options + packet->options_bytes, 0, sizeof(packet->options) - packet->options_bytes);
}

static inline void random_ip(struct packet *packet)
{
	packet->given |= random_number(2) ? PACKET_GIVEN_TTL : 0;
	packet->ttl = packet->given & PACKET_GIVEN_TTL ? (uint8_t)random_number(256) : 0;
	packet->given |= packet->protocol != PACKET_ICMP && random_number(2) ? PACKET_GIVEN_FLOWLABEL : 0;
	packet->flowlabel = packet->given & PACKET_GIVEN_FLOWLABEL ? random_number(1 << 20) : 0;
	switch (random_number(3)) {
	case 0:
		packet->given |= PACKET_GIVEN_ECN;
		packet->ecn = (uint8_t)random_number(packet->direction == PACKET_OUT ? 5 : 4);
		break;
	case 1:
		packet->given |= PACKET_GIVEN_TOS;
		packet->tos = (uint8_t)random_number(256);
		break;
	}
}

static inline void random_tcp(struct packet *packet)
{
	packet->flags = (uint16_t)random_number(512);
	if (packet->direction == PACKET_IN || random_number(4)) {
		packet->given |= PACKET_GIVEN_SEQ | PACKET_GIVEN_PAYLOAD;
		packet->seq = random_state;
		packet->payload_bytes = random_number(1400);
	}
	packet->given |= random_number(2) ? PACKET_GIVEN_ACK : 0;
	packet->given |= random_number(2) ? PACKET_GIVEN_WIN : 0;
	packet->given |= random_number(2) ? PACKET_GIVEN_URGENT : 0;
	packet->ack = packet->given & PACKET_GIVEN_ACK ? random_number(UINT32_MAX) : 0;
	packet->win = packet->given & PACKET_GIVEN_WIN ? (uint16_t)random_number(65536) : 0;
	packet->urgent = packet->given & PACKET_GIVEN_URGENT ? (uint16_t)random_number(65536) : 0;
	if (packet->direction == PACKET_IN || random_number(4))
		random_options(packet);
	else
		packet->given &= (uint16_t)~PACKET_GIVEN_OPTIONS;
}

static inline void random_icmp(struct packet *packet)
{
	const struct packet_icmp_type *type;

	packet->icmp_type = (uint8_t)random_number(random_number(4) ? 16 : 256);
	packet->icmp_code = (uint8_t)random_number(random_number(4) ? 6 : 256);
	type = packet_icmp_type(packet->protocol, packet->icmp_type);
	if (packet_icmp_has_mtu(packet->protocol, packet->icmp_type, packet->icmp_code) && random_number(2)) {
		packet->given |= PACKET_GIVEN_MTU;
		packet->mtu = random_number(65536);
	}
	if (type && type->rest == ICMP_REST_ECHO && random_number(2)) {
		packet->given |= PACKET_GIVEN_ID;
		packet->id = (uint16_t)random_number(65536);
	}
	if (type && type->is_error && random_number(2)) {
		packet->given |= PACKET_GIVEN_ECHOED;
		packet->echoed.protocol = random_number(2) ? PACKET_TCP : PACKET_UDP;
		packet->echoed.seq = packet->echoed.protocol == PACKET_TCP ? random_number(UINT32_MAX) : 0;
		packet->echoed.payload_bytes = random_number(1400);
	} else if (random_number(2)) {
		packet->given |= PACKET_GIVEN_PAYLOAD;
		packet->payload_bytes = random_number(1400);
	}
}

static inline struct packet random_packet(void)
{
	struct packet packet;

	memset(&packet, 0, sizeof(packet));
	packet.direction = (enum packet_direction)random_number(2);
	packet.protocol = (enum packet_protocol)random_number(4);
	packet.given = PACKET_GIVEN_OPTIONS;
	random_ip(&packet);
	if (packet.protocol <= PACKET_UDP && random_number(3) == 0) {
		packet.given |= PACKET_GIVEN_PORTS;
		packet.source_port = (uint16_t)random_number(65536);
		packet.destination_port = (uint16_t)random_number(65536);
	}
	if (packet.protocol == PACKET_TCP) {
		random_tcp(&packet);
	} else if (packet.protocol == PACKET_UDP) {
		packet.given |= PACKET_GIVEN_PAYLOAD;
		packet.payload_bytes = random_number(1400);
	} else {
		random_icmp(&packet);
	}
	return packet;
}

/* outer[] gets 0 to 3 headers that a script may write around packet; packet points to them. */
static inline void random_outer(struct packet *packet, struct packet_outer *outer)
{
	unsigned count = random_number(4);

	memset(outer, 0, 3 * sizeof(*outer));
	for (unsigned i = 0; i < count; i++) {
		bool behind_ip = i && outer[i - 1].kind <= PACKET_OUTER_IPV6;
		bool behind_gre = i && outer[i - 1].kind == PACKET_OUTER_GRE;
		unsigned kinds = behind_ip ? 4 : behind_gre ? 3 : 2;

		outer[i].kind = (enum packet_outer_kind)random_number(kinds);
		if (behind_gre && outer[i].kind == PACKET_OUTER_GRE)
			outer[i].kind = PACKET_OUTER_MPLS;
		outer[i].source = (struct packet_address){ outer[i].kind == PACKET_OUTER_IPV4 ? 4 : 6, { 10, 0, 0, 1 } };
		outer[i].destination = (struct packet_address){ outer[i].source.version, { 10, 0, 0, 2 } };
		if (outer[i].kind == PACKET_OUTER_GRE) {
			outer[i].gre.given = (uint8_t)random_number(8);
			outer[i].gre.key = outer[i].gre.given & PACKET_GRE_KEY ? random_number(UINT32_MAX) : 0;
			outer[i].gre.sequence = outer[i].gre.given & PACKET_GRE_SEQUENCE ? random_number(UINT32_MAX) : 0;
		}
		for (unsigned n = 0; outer[i].kind == PACKET_OUTER_MPLS && n < 2; n++)
			outer[i].labels[outer[i].label_count++] = (struct packet_label){ 16 + random_number(1 << 19), 3, 64, n == 1 };
	}
	packet->outer = count ? outer : NULL;
	packet->outer_count = (uint8_t)count;
}

#endif

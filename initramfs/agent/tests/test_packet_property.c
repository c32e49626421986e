/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_packet_property - packet -> text -> packet and packet -> bytes -> packet are the identity
 */
#include "packet_fixture.h"
#include "packet_icmp.h"

static void random_options(struct packet *packet)
{
	packet->options_bytes = (uint8_t)(random_number(11) * 4);
	for (size_t i = 0; i < packet->options_bytes; i++) {
		static const uint8_t kinds[] = { 0, 1, 2, 3, 4, 5, 8, 10, 18, 19, 34, 254, 0xf9, 0x89 };

		packet->options[i] = random_number(3) ? kinds[random_number(sizeof(kinds))] : (uint8_t)random_number(256);
	}
	memset(packet->options + packet->options_bytes, 0, sizeof(packet->options) - packet->options_bytes);
}

static void random_ip(struct packet *packet)
{
	packet->given |= random_number(2) ? PACKET_GIVEN_TTL : 0;
	packet->ttl = packet->given & PACKET_GIVEN_TTL ? (uint8_t)random_number(256) : 0;
	packet->given |= random_number(2) ? PACKET_GIVEN_FLOWLABEL : 0;
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

static void random_tcp(struct packet *packet)
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

static void random_icmp(struct packet *packet)
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

static struct packet random_packet(void)
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

static void test_text_identity(void)
{
	enum { ROUNDS = 20000 };
	unsigned wrong = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct packet packet = random_packet(), again;
		struct packet_text text, text_again;

		packet_format(&packet, &text);
		again = packet_of(text.text);
		packet_format(&again, &text_again);
		if (memcmp(&packet, &again, sizeof(packet)) != 0 || strcmp(text.text, text_again.text) != 0) {
			if (!wrong++)
				printf("# %s\n# %s\n", text.text, text_again.text);
		}
	}
	tap_ok(wrong == 0, "packet -> text -> packet -> text is the identity for %d packets", ROUNDS);
}

static void test_wire_identity(void)
{
	enum { ROUNDS = 20000 };
	unsigned wrong = 0, built = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct packet packet = random_packet(), parsed, actual;
		struct packet_text text;
		const char *why = "";
		size_t count;

		packet.direction = PACKET_IN;
		packet.ecn &= 3;
		connection = plain_connection(packet.protocol == PACKET_ICMPV6 || (packet.protocol != PACKET_ICMP && i % 2) ? 6 : 4);
		if (connection.ip_version == 4)
			packet.given &= (uint16_t)~PACKET_GIVEN_FLOWLABEL;
		connection.local_isn = (struct packet_twin){ true, 0, random_number(UINT32_MAX) };
		connection.remote_isn = (struct packet_twin){ true, 0, random_number(UINT32_MAX) };
		if (packet.given & PACKET_GIVEN_ECHOED)
			packet.given &= (uint16_t)~PACKET_GIVEN_PAYLOAD;
		count = packet_build(&packet, &connection, wire, sizeof(wire), &why);
		built += count != 0;
		if (count && packet_parse(wire, count, &parsed, &why)) {
			packet_to_script(&parsed, &connection, &actual);
			if (packet_compare(&packet, &actual) == PACKET_SAME)
				continue;
			why = packet_field_name(packet_compare(&packet, &actual));
		}
		packet_format(&packet, &text);
		if (!wrong++)
			printf("# IPv%u %s: %s\n", connection.ip_version, text.text, why);
	}
	tap_ok(wrong == 0 && built > ROUNDS / 2, "packet -> bytes -> packet is the identity through the twins: %u packets", built);
}

int main(void)
{
	test_text_identity();
	test_wire_identity();
	return tap_done();
}

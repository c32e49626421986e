/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_packet_outer - headers around a packet: text -> bytes -> text is the identity, and any bytes can be read
 */
#include <stdlib.h>

#include "packet_fixture.h"
#include "packet_wire.h"

static const char *const texts[] = {
	"< ipv4 192.0.2.1 > 192.168.0.1: . 1:1(0) ack 1 win 257",
	"< ipv6 fe80::1 > fd00::2: udp (10)",
	"< ipv4 192.0.2.1 > 192.168.0.1: gre: . 1:101(100) ack 1 win 257",
	"< ipv4 192.0.2.1 > 192.168.0.1: gre flags [checksum present]: udp (11)",
	"< ipv4 1.2.3.4 > 5.6.7.8: gre flags [checksum present, key present, sequence present], off 0x1, key 0xfffffffe, seq 7: udp (0)",
	"< ipv4 1.2.3.4 > 5.6.7.8: mpls (label 1048575, tc 7, [S], ttl 255): udp (0)",
	"< ipv6 1::2 > 3::4: gre: mpls (label 5, tc 0, ttl 1) (label 6, tc 3, ttl 2) (label 7, tc 1, [S], ttl 3): udp (100)",
	"< ipv4 1.1.1.1 > 2.2.2.2: ipv4 3.3.3.3 > 4.4.4.4: ipv6 ::5 > ::6: ipv4 7.7.7.7 > 8.8.8.8: icmp echo_request id 9",
};

struct read { struct packet packet; struct packet_outer outer[PACKET_OUTER_MAX]; };

static bool read_back(size_t length, struct read *read)
{
	const char *why;
	uint8_t outer_count;
	size_t inner = packet_peel(wire, length, read->outer, &outer_count);

	if (!inner || !packet_parse(wire + inner, length - inner, &read->packet, &why))
		return false;
	read->packet.outer = read->outer;
	read->packet.outer_count = outer_count;
	read->packet.direction = PACKET_IN;
	return true;
}

/* The checksum in a GRE header is one that can be known beforehand only by adding. */
static void forget_sums(struct read *read)
{
	for (unsigned i = 0; i < read->packet.outer_count; i++) {
		read->outer[i].gre.given &= (uint8_t)~PACKET_GRE_SUM;
		read->outer[i].gre.sum = 0;
	}
}

static size_t build(const struct packet *packet)
{
	const char *why = "";
	size_t length = packet_build(packet, &connection, wire, sizeof(wire), &why);

	if (!length)
		printf("# %s\n", why);
	return length;
}

static void test_identity(const char *text)
{
	static struct packet_text formatted;
	struct script_error error;
	char line[512];
	struct script *script;
	struct read read;
	size_t length;

	snprintf(line, sizeof(line), "0 %s\n", text);
	script = script_parse("test", line, strlen(line), &error);
	if (!tap_ok(script && script->statement_count == 1, "%s", text)) {
		printf("# %u: %s\n", error.column, error.message);
		return;
	}
	length = build(script->statements->packet);
	if (tap_ok(length && read_back(length, &read), "  is built and read")) {
		forget_sums(&read);
		tap_ok(!read.packet.checksum_bad && wire_same_outer(script->statements->packet, &read.packet), "  with the same headers");
		read.packet.given = script->statements->packet->given;
		packet_format(&read.packet, &formatted);
		tap_ok(strcmp(formatted.text, text) == 0, "  and the same text: %s", formatted.text);
	}
	for (size_t cut = 0; cut < length; cut++)
		read_back(cut, &read);
	script_free(script);
}

static void test_gre_checksum(void)
{
	struct packet_outer outer[] = {
		{ .kind = PACKET_OUTER_IPV4, .source = { 4, { 1, 2, 3, 4 } }, .destination = { 4, { 5, 6, 7, 8 } } },
		{ .kind = PACKET_OUTER_GRE, .gre = { .given = PACKET_GRE_CHECKSUM } },
	};
	struct packet packet = packet_of("< udp (33)");
	size_t length;

	packet.outer = outer;
	packet.outer_count = 2;
	length = build(&packet);
	tap_ok(length == 20 + 8 + 20 + 8 + 33 && wire_checksum(wire_sum(wire + 20, length - 20)) == 0, "GRE's checksum adds up");
	tap_ok(wire_checksum(wire_sum(wire, 20)) == 0 && get_be16(wire + 2) == length && wire[9] == WIRE_GRE, "so does the IP header's");
	outer[1].gre.given |= PACKET_GRE_SUM;
	outer[1].gre.sum = 0xabcd;
	build(&packet);
	tap_ok(get_be16(wire + 24) == 0xabcd, "a checksum the script gives stays as it is");
	packet.outer_count = 1;
	packet.outer = &outer[1];
	tap_ok(build(&packet) == 0, "GRE cannot be the outermost");
}

static void test_hostile(void)
{
	struct read read;
	bool within = true;

	for (int round = 0; round < 20000; round++) {
		static const uint8_t protocols[] = { WIRE_IPV4, WIRE_IPV6, WIRE_GRE, WIRE_MPLS };
		size_t length = random_number(200);
		uint8_t count = 0;
		size_t inner;

		for (size_t i = 0; i < length; i++)
			wire[i] = (uint8_t)random_number(256);
		wire[0] = round & 1 ? 0x45 : 0x60;
		wire[round & 1 ? 9 : 6] = protocols[random_number(sizeof(protocols))];
		if (round & 2)
			memset(wire + (round & 1 ? 20 : 40), 0, 2);
		inner = packet_peel(wire, length, read.outer, &count);
		within = within && inner <= length && (!inner || (count >= 1 && count <= PACKET_OUTER_MAX));
	}
	tap_ok(within, "random bytes are read or refused");
}

int main(void)
{
	connection = plain_connection(4);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		test_identity(texts[i]);
	test_gre_checksum();
	test_hostile();
	return tap_done();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_packet - script to bytes and back: building, parsing hostile bytes, twins, comparing, texts
 */
#include <stdlib.h>

#include "packet_fixture.h"
#include "packet_options.h"

/* The other way round: what packet_build() makes with it is what the kernel would send. */
static struct packet_connection mirrored(uint8_t version)
{
	struct packet_connection mirror = plain_connection(version);
	struct packet_address local = mirror.local;

	mirror.local = mirror.remote;
	mirror.remote = local;
	mirror.local_port = 53753;
	mirror.remote_port = 8080;
	return mirror;
}

static void test_build_bytes(void)
{
	static const unsigned char syn[] = {
		0x45, 0, 0, 48, 0, 0, 0x40, 0, 255, 6, 0xf9, 0x1c, 192, 0, 2, 1, 192, 168, 0, 1,
		0xd1, 0xf9, 0x1f, 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0x70, 0x02, 0x80, 0x18, 0x8e, 0xd2, 0, 0,
		2, 4, 5, 0xb4, 4, 2, 1, 1,
	};
	struct packet packet = packet_of("< S 0:0(0) win 32792 <mss 1460,sackOK,nop,nop>");
	const char *why = "";
	size_t count;

	connection = plain_connection(4);
	count = packet_build(&packet, &connection, wire, sizeof(wire), &why);
	if (!tap_ok(count == sizeof(syn) && memcmp(wire, syn, count) == 0, "a SYN byte for byte")) {
		for (size_t i = 0; i < count; i++)
			printf("%s%02x", i % 20 ? " " : "\n# ", wire[i]);
		printf("\n");
	}
	tap_ok(packet_build(&packet, &connection, wire, sizeof(syn) - 1, &why) == 0 && *why, "too small a buffer: %s", why);
	packet = packet_of("< icmpv6 packet_too_big mtu 1280 [1:1(0)]");
	tap_ok(!packet_build(&packet, &connection, wire, sizeof(wire), &why), "ICMPv6 for IPv4: %s", why);
	packet = packet_of("< [flowlabel 3] . 1:1(0)");
	tap_ok(!packet_build(&packet, &connection, wire, sizeof(wire), &why), "a flow label for IPv4: %s", why);
	packet = packet_of("< icmp unreachable [1:1(0)]");
	connection.ip_version = 6;
	tap_ok(!packet_build(&packet, &connection, wire, sizeof(wire), &why), "ICMP for IPv6: %s", why);
	connection.ip_version = 4;
	packet = packet_of("< 5 > 0 udp (0)");
	tap_ok(packet_build(&packet, &connection, wire, sizeof(wire), &why) == 28 && get_be16(wire + 20) == 5 && get_be16(wire + 22) == 0,
	       "port 0 is port 0");
	connection.script_local_port = 9;
	packet = packet_of("< 5 > 9 udp (0)");
	tap_ok(packet_build(&packet, &connection, wire, sizeof(wire), &why) == 28 && get_be16(wire + 22) == 8080,
	       "a port of the kernel's choice by the script's name for it");
	packet = packet_of("< . 1:65501(65500) ack 1");
	tap_ok(packet_build(&packet, &connection, wire, sizeof(wire), &why) == 0, "too long for IPv4: %s", why);
}

/* Ones' complement sum as RFC 1071 writes it, apart from the code under test. */
static unsigned plain_sum(const unsigned char *data, size_t count, unsigned sum)
{
	for (size_t i = 0; i < count; i++) {
		sum += i % 2 ? data[i] : (unsigned)data[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

static void test_checksums(void)
{
	static const struct { const char *text; uint8_t version, protocol; } packets[] = {
		{ "< P. 1:1002(1001) ack 77 win 5 urg 9 <nop,nop,TS val 1 ecr 2>", 4, 6 }, { "< P. 1:4(3) ack 77", 6, 6 },
		{ "< udp (7)", 4, 17 }, { "< udp (0)", 6, 17 },
		{ "< icmpv6 packet_too_big mtu 1280 [1:1001(1000)]", 6, 58 }, { "< icmpv6 echo_request id 7 (33)", 6, 58 },
	};

	for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
		struct packet packet = packet_of(packets[i].text), parsed;
		size_t ip_bytes = packets[i].version == 4 ? 20 : 40, address_bytes = packets[i].version == 4 ? 8 : 32, count;
		const char *why = "";
		unsigned sum;

		connection = plain_connection(packets[i].version);
		count = packet_build(&packet, &connection, wire, sizeof(wire), &why);
		sum = plain_sum(wire + ip_bytes - address_bytes, address_bytes, packets[i].protocol);
		sum = plain_sum(wire + ip_bytes, count - ip_bytes, sum + (unsigned)(count - ip_bytes));
		tap_ok(count && sum == 0xffff, "IPv%u %s: checksum", packets[i].version, packets[i].text);
		tap_ok(packet_parse(wire, count, &parsed, &why) && !parsed.checksum_bad, "is found right");
		wire[count - 1] ^= 0x10;
		tap_ok(packet_parse(wire, count, &parsed, &why) && parsed.checksum_bad, "and found wrong with a bit turned");
	}
}

/* What the kernel would send, given in its own numbers. */
static struct packet live_of(const char *text)
{
	struct packet packet = packet_of(text), live;
	struct packet_connection *mirror = malloc(sizeof(*mirror));
	const char *why = "";
	size_t count;

	*mirror = mirrored(4);
	count = packet_build(&packet, mirror, wire, sizeof(wire), &why);
	tap_ok(count && packet_parse(wire, count, &live, &why), "kernel sends %s", text);
	live.direction = PACKET_OUT;
	free(mirror);
	return live;
}

static void check(const char *expected_text, const char *live_text, enum packet_field expected_field)
{
	struct packet expected = packet_of(expected_text), live = live_of(live_text), actual;
	enum packet_field field = packet_check(&expected, &live, &connection, &actual);

	if (!tap_ok(field == expected_field, "is %s%s", expected_text, field ? " but for its" : ""))
		printf("# differs in %s\n", packet_field_name(field));
}

static void test_twins(void)
{
	struct packet incoming = packet_of("< S 0:0(0) win 100 <mss 1000,TS val 7 ecr 0,nop,nop>"), parsed;
	enum packet_direction direction;
	const char *why;
	size_t count;

	connection = plain_connection(4);
	packet_learn_incoming(&connection, &incoming);
	/* the kernel's ISN is 4294967290, so that it wraps; its clock says 5000 when the script says 100 */
	check("> S. 0:0(0) ack 1 <TS val 100 ecr 7,nop,nop>",
	      "< S. 4294967290:4294967290(0) ack 1 <TS val 5000 ecr 7,nop,nop>", PACKET_SAME);
	check("> P. 1:1001(1000) ack 1 <TS val 110 ecr 7,nop,nop>",
	      "< P. 4294967291:995(1000) ack 1 <TS val 5010 ecr 7,nop,nop>", PACKET_SAME);
	check("> . 1001:1001(0) ack 1 <nop,nop,sack 1001:2001>", "< . 995:995(0) ack 1 <nop,nop,sack 1001:2001>", PACKET_SAME);
	check("> . 1001:1001(0) ack 2", "< . 995:995(0) ack 1", PACKET_FIELD_ACK);
	check("> . 1001:1001(0) ack 1 <TS val 100 ecr 8,nop,nop>",
	      "< . 995:995(0) ack 1 <TS val 5000 ecr 7,nop,nop>", PACKET_FIELD_OPTIONS);

	incoming = packet_of("< . 1:1(0) ack 1001 win 5 <nop,nop,sack 2001:3001,TS val 8 ecr 110,nop,nop>");
	count = packet_build(&incoming, &connection, wire, sizeof(wire), &why);
	tap_ok(count && packet_parse(wire, count, &parsed, &why) && packet_belongs(&parsed, &connection, &direction) &&
	       direction == PACKET_IN, "an incoming packet is of the connection");
	tap_ok(parsed.ack == 995 && parsed.seq == 1, "its ack is the kernel's number");
	tap_ok(get_be32(parsed.options + 4) == 1995 && get_be32(parsed.options + 8) == 2995, "its SACK block too");
	tap_ok(get_be32(parsed.options + 14) == 8 && get_be32(parsed.options + 18) == 5010,
	       "its TS ecr is the val the kernel sent for 110");
	incoming = packet_of("< . 1:1(0) ack 1 win 5 <TS val 8 ecr 4711,nop,nop>");
	count = packet_build(&incoming, &connection, wire, sizeof(wire), &why);
	tap_ok(count && packet_parse(wire, count, &parsed, &why) && get_be32(parsed.options + 6) == 4711, "an unknown ecr stays");

	parsed.source_port++;
	tap_ok(!packet_belongs(&parsed, &connection, &direction), "another port is another connection");
	parsed.source_port--;
	parsed.source.bytes[0]++;
	tap_ok(!packet_belongs(&parsed, &connection, &direction), "another address is another connection");
}

static void test_timestamp_ticks(void)
{
	connection = plain_connection(4);
	connection.timestamp_tick_us = 1000;
	connection.timestamp_tolerance_us = 4000;
	check("> S 0:0(0) <TS val 100 ecr 0,nop,nop>", "< S 9:9(0) <TS val 5000 ecr 0,nop,nop>", PACKET_SAME);
	check("> . 1:1(0) <TS val 200 ecr 0,nop,nop>", "< . 10:10(0) <TS val 5105 ecr 0,nop,nop>", PACKET_SAME);
	check("> . 1:1(0) <TS val 200 ecr 0,nop,nop>", "< . 10:10(0) <TS val 5106 ecr 0,nop,nop>", PACKET_FIELD_TIMESTAMP);
	connection.timestamp_tick_us = 0;
	check("> . 1:1(0) <TS val 200 ecr 0,nop,nop>", "< . 10:10(0) <TS val 9999 ecr 0,nop,nop>", PACKET_SAME);
	for (unsigned i = 0; i < PACKET_TIMESTAMPS + 10; i++)
		packet_learn_outgoing(&connection, &(struct packet){ .options = { 8, 10, 0, 0, 1 }, .options_bytes = 10 },
				      &(struct packet){ .options = { 8, 10, 0, 0, 2 }, .options_bytes = 10 });
	tap_ok(connection.timestamp_count > PACKET_TIMESTAMPS, "more timestamps than are remembered");
}

/* What differs, and the three lines shown for it. */
static const struct { const char *expected, *live; enum packet_field field; const char *actual, *marker; } differences[] = {
	{ "> S. 0:0(0) ack 1 win 5840 <...>", "< S. 0:0(0) ack 1 win 64240 <mss 1460>", PACKET_FIELD_WIN,
	  "> S. 0:0(0) ack 1 win 64240 <mss 1460>",
	  "                  ^^^^^^^^^" },
	{ "> S. 0:0(0) ack 1 <mss 1460>", "< S. 0:0(0) ack 1 win 5 <mss 1400>", PACKET_FIELD_OPTIONS,
	  "> S. 0:0(0) ack 1 <mss 1400>",
	  "                  ^^^^^^^^^^" },
	{ "> S. 0:0(0) ack 1 <mss 1460>", "< S. 0:0(0) ack 1 win 5", PACKET_FIELD_OPTIONS,
	  "> S. 0:0(0) ack 1",
	  "                  ^" },
	{ "> . 1:1(0) ack 1", "< . 1:1(0) ack 1 <mss 1>", PACKET_FIELD_OPTIONS,
	  "> . 1:1(0) ack 1 <mss 1>",
	  "                 ^^^^^^^" },
	{ "> P. 1:11(10)", "< F. 1:11(10) ack 1", PACKET_FIELD_FLAGS,
	  "> F. 1:11(10)",
	  "  ^^" },
	{ "> P. 1:11(10)", "< P. 1:12(11) ack 1", PACKET_FIELD_PAYLOAD,
	  "> P. 1:12(11)",
	  "         ^^^^" },
	{ "> P. 1:11(10)", "< P. 2:12(10) ack 1", PACKET_FIELD_SEQ,
	  "> P. 2:12(10)",
	  "     ^^^^" },
	{ "> . 1:1(0) ack 1", "< F 1:1(0) ack 2", PACKET_FIELD_FLAGS, "> F 1:1(0) ack 2", "  ^" },
	{ "> . 1:1(0) ack 1", "< . 1:1(0) ack 2", PACKET_FIELD_ACK, "> . 1:1(0) ack 2", "           ^^^^^" },
	{ "> . 1:1(0) urg 1", "< . 1:1(0) urg 2", PACKET_FIELD_URGENT, "> . 1:1(0) urg 2", "           ^^^^^" },
	{ "> [ect0] . 1:1(0)", "< [ce] . 1:1(0)", PACKET_FIELD_ECN, "> [ce] . 1:1(0)", "   ^^" },
	{ "> [ect01] . 1:1(0)", "< [ce] . 1:1(0)", PACKET_FIELD_ECN, "> [ce] . 1:1(0)", "   ^^" },
	{ "> [tos 0x4, ttl 5] . 1:1(0)", "< [tos 0x8, ttl 5] . 1:1(0)", PACKET_FIELD_TOS, "> [tos 0x8, ttl 5] . 1:1(0)", "   ^^^^^^^" },
	{ "> [ttl 5] . 1:1(0)", "< [ttl 6] . 1:1(0)", PACKET_FIELD_TTL, "> [ttl 6] . 1:1(0)", "   ^^^^^" },
	{ "> 1 > 2 . 1:1(0)", "< 3 > 2 . 1:1(0)", PACKET_FIELD_PORTS, "> 3 > 2 . 1:1(0)", "  ^^^^^" },
	{ "> udp (5)", "< udp (6)", PACKET_FIELD_PAYLOAD, "> udp (6)", "      ^^^" },
	{ "> udp (5)", "< icmp echo_reply id 5 (6)", PACKET_FIELD_PROTOCOL,
	  "> icmp echo_reply id 5 (6)", "  ^^^^^^^^^^^^^^^^^^^^^^^^" },
	{ "> icmp unreachable port_unreachable", "< icmp echo_reply id 5", PACKET_FIELD_ICMP_TYPE,
	  "> icmp echo_reply id 5", "       ^^^^^^^^^^" },
	{ "> icmp unreachable port_unreachable", "< icmp unreachable host_unreachable", PACKET_FIELD_ICMP_CODE,
	  "> icmp unreachable host_unreachable",
	  "                   ^^^^^^^^^^^^^^^^" },
	{ "> icmp unreachable frag_needed mtu 5", "< icmp unreachable frag_needed mtu 6", PACKET_FIELD_MTU,
	  "> icmp unreachable frag_needed mtu 6",
	  "                               ^^^^^" },
	{ "> icmp unreachable port_unreachable [1:2(1)]", "< icmp unreachable port_unreachable [udp (3)]", PACKET_FIELD_ECHOED,
	  "> icmp unreachable port_unreachable [udp (3)]",
	  "                                    ^^^^^^^^^" },
	{ "> S 0:0(0)", "< S 0:0(0) win 77", PACKET_SAME, NULL, NULL },
	{ "> [ect01] S <...>", "< [ect1] S 0:0(0) <mss 5>", PACKET_SAME, NULL, NULL },
};

static void test_differences(void)
{
	for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++) {
		struct packet expected = packet_of(differences[i].expected), live, actual;
		struct mismatch_text text;
		enum packet_field field;

		connection = plain_connection(4);
		live = live_of(differences[i].live);
		live.source_port = live.destination_port = 0;
		if (expected.given & PACKET_GIVEN_PORTS) {
			live.source_port = 3;
			live.destination_port = 2;
		}
		field = packet_check(&expected, &live, &connection, &actual);
		if (!tap_ok(field == differences[i].field, "%s: %s", differences[i].expected, packet_field_name(field)) || !field)
			continue;
		mismatch_format(&expected, &actual, field, &text);
		if (!tap_ok(strcmp(text.expected, differences[i].expected) == 0 && strcmp(text.actual, differences[i].actual) == 0 &&
			    strcmp(text.marker, differences[i].marker) == 0, "is shown as %s", differences[i].actual))
			printf("# %s\n# %s\n# %s|\n", text.expected, text.actual, text.marker);
	}
}

/* A SYN-ACK's ack counts as its own side's SYN does, all others from it. */
static void test_syn_numbers(void)
{
	struct packet syn = packet_of("< S 999000:999040(40)"), syn_ack = packet_of("> S. 1234:1234(0) ack 999001"), ack = packet_of("> . 1:1(0) ack 1");
	struct packet theirs = packet_of("< S. 5:5(0) ack 1235"), later = packet_of("< . 1:1(0) ack 1"), live = live_of("< S. 7000:7000(0)"), actual;
	const char *why;

	connection = plain_connection(4);
	packet_learn_incoming(&connection, &syn);
	live.ack = 999001;
	tap_ok(packet_check(&syn_ack, &live, &connection, &actual) == PACKET_SAME, "a SYN-ACK acknowledges the SYN's number");
	live = live_of("< . 7001:7001(0)");
	live.ack = 999001;
	tap_ok(packet_check(&ack, &live, &connection, &actual) == PACKET_SAME, "what comes later counts from it");
	packet_build(&theirs, &connection, wire, sizeof(wire), &why);
	tap_ok(get_be32(wire + 28) == 7001, "an injected SYN-ACK acknowledges what the script calls the kernel's SYN: %u", get_be32(wire + 28));
	packet_build(&later, &connection, wire, sizeof(wire), &why);
	tap_ok(get_be32(wire + 28) == 7001 && get_be32(wire + 24) == 999001, "and what comes later counts from it");
}

static void test_bad_checksum(void)
{
	struct packet expected = packet_of("> . 1:1(0)"), live = live_of("< . 1:1(0)"), actual;
	struct mismatch_text text;

	connection = plain_connection(4);
	live.checksum_bad = true;
	tap_ok(packet_check(&expected, &live, &connection, &actual) == PACKET_FIELD_CHECKSUM, "a bad checksum differs");
	mismatch_format(&expected, &actual, PACKET_FIELD_CHECKSUM, &text);
	tap_ok(strcmp(text.actual, "> . 1:1(0) (bad checksum)") == 0 && strcmp(text.marker, "           ^^^^^^^^^^^^^^") == 0,
	       "and is shown: %s", text.actual);
}

/* Every use of a parsed packet must bear whatever the bytes were. */
static void use(const unsigned char *data, size_t count, unsigned *whole)
{
	unsigned char *exact = malloc(count ? count : 1); /* so that a checker sees one byte too far */
	struct packet packet, actual;
	struct packet_text text;
	enum packet_direction direction;
	const char *why = NULL;

	memcpy(exact, data, count);
	if (packet_parse(exact, count, &packet, &why))
		++*whole;
	else if (!why || !*why)
		tap_ok(false, "a refused packet has a reason");
	packet_belongs(&packet, &connection, &direction);
	packet_to_script(&packet, &connection, &actual);
	packet_format(&actual, &text);
	free(exact);
}

static void test_hostile(void)
{
	static const char *const texts[] = {
		"< P. 1:11(10) ack 1 <nop,nop,TS val 1 ecr 2,nop,nop,sack 1:2>", "< udp (5)", "< icmp unreachable port_unreachable [1:9(8)]",
		"< P. 1:11(10) ack 1 <nop,nop,TS val 1 ecr 2,nop,nop,sack 1:2>", "< udp (5)", "< icmpv6 packet_too_big mtu 1280 [1:9(8)]",
	};
	unsigned whole = 0, cut = 0;
	const char *why;

	for (unsigned i = 0; i < 6; i++) {
		struct packet packet = packet_of(texts[i]);
		size_t count;

		connection = plain_connection(i < 3 ? 4 : 6);
		count = packet_build(&packet, &connection, wire, sizeof(wire), &why);
		if (!tap_ok(count, "builds %s", texts[i]))
			continue;
		for (size_t k = 0; k <= count; k++)
			use(wire, k, &cut);
		for (unsigned round = 0; round < 20000; round++) {
			unsigned char damaged[256];

			memcpy(damaged, wire, count);
			for (unsigned n = random_number(4); n; n--)
				damaged[random_number((uint32_t)count)] = (unsigned char)random_number(256);
			use(damaged, random_number(4) ? count : random_number((uint32_t)count + 1), &whole);
		}
	}
	tap_ok(whole > 1000, "damaged packets are read or refused: %u read", whole);
	tap_ok(cut > 6, "packets cut by the capture are read as far as their headers are whole: %u", cut);
}

int main(void)
{
	test_build_bytes();
	test_checksums();
	test_twins();
	test_syn_numbers();
	test_timestamp_ticks();
	test_differences();
	test_bad_checksum();
	test_hostile();
	return tap_done();
}

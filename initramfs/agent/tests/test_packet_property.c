/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_packet_property - packet -> text -> packet and packet -> bytes -> packet are the identity
 */
#include "packet_random.h"

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
		connection.local_isn = (struct packet_twin){ .known = true, .script = 0, .live = random_number(UINT32_MAX) };
		connection.remote_isn = (struct packet_twin){ .known = true, .script = 0, .live = random_number(UINT32_MAX) };
		packet_learn_incoming(&connection, &packet);
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

/* Its text says the same, and so do its bytes. */
static bool comes_back(const struct packet *packet, const struct packet_text *text, const char **why)
{
	struct packet_outer outer[PACKET_OUTER_MAX];
	struct packet parsed, actual;
	struct packet_text again;
	struct script_error error;
	uint8_t outer_count = 0;
	char line[PACKET_TEXT_MAX_BYTES + 2];
	size_t count = packet_build(packet, &connection, wire, sizeof(wire), why);
	size_t inner = packet_peel(wire, count, outer, &outer_count);
	struct script *script;

	snprintf(line, sizeof(line), "0 %s", text->text);
	script = script_parse("test.pkt", line, strlen(line), &error);
	*why = "its text";
	if (script)
		packet_format(script->statements->packet, &again);
	script_free(script);
	if (!script || strcmp(again.text, text->text) != 0)
		return false;
	*why = "its bytes";
	if (!count || !packet_parse(wire + inner, count - inner, &parsed, why))
		return false;
	parsed.outer = outer;
	parsed.outer_count = outer_count;
	packet_to_script(&parsed, &connection, &actual);
	*why = packet_field_name(packet_compare(packet, &actual));
	return packet_compare(packet, &actual) == PACKET_SAME;
}

static void test_outer_identity(void)
{
	enum { ROUNDS = 20000 };
	struct packet_outer outer[PACKET_OUTER_MAX];
	unsigned wrong = 0, with_headers = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct packet packet = random_packet();
		struct packet_text text;
		const char *why = "";

		packet.direction = PACKET_IN;
		if (packet.protocol == PACKET_TCP)
			packet.given |= PACKET_GIVEN_SEQ | PACKET_GIVEN_PAYLOAD | PACKET_GIVEN_OPTIONS;
		if (packet.given & PACKET_GIVEN_ECHOED)
			packet.given &= (uint16_t)~PACKET_GIVEN_PAYLOAD;
		packet.ecn &= 3;
		connection = plain_connection(packet.protocol == PACKET_ICMPV6 || packet.given & PACKET_GIVEN_FLOWLABEL ? 6 : 4);
		random_outer(&packet, outer);
		with_headers += packet.outer_count != 0;
		packet_format(&packet, &text);
		if (!comes_back(&packet, &text, &why) && !wrong++)
			printf("# %s: %s\n", text.text, why);
	}
	tap_ok(wrong == 0 && with_headers > ROUNDS / 2, "the same with headers around: %u packets", with_headers);
}

int main(void)
{
	test_text_identity();
	test_wire_identity();
	test_outer_identity();
	return tap_done();
}

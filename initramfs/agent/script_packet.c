/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet statements - the parts of a packet as the grammar meets them, into reader->packet
 */
#include "script_reader.h"

#include <string.h>

void script_packet_begin(struct script_reader *reader, enum packet_direction direction)
{
	memset(&reader->packet, 0, sizeof(reader->packet));
	reader->packet.direction = direction;
	reader->packet.given = PACKET_GIVEN_OPTIONS;
	reader->draft.kind = direction == PACKET_IN ? SCRIPT_PACKET_IN : SCRIPT_PACKET_OUT;
}

static bool check_incoming(struct script_reader *reader, const struct script_location *at)
{
	const struct packet *packet = &reader->packet;

	if (packet->ecn == PACKET_ECN_ECT01)
		return script_fail(reader, at, "[ect01] is for outgoing packets; an incoming one is [ect0] or [ect1]");
	if (packet->protocol == PACKET_TCP && !(packet->given & PACKET_GIVEN_SEQ))
		return script_fail(reader, at, "an incoming packet wants sequence numbers, as in '1:1001(1000)'");
	if (!(packet->given & PACKET_GIVEN_OPTIONS))
		return script_fail(reader, at, "<...> is for outgoing packets; an incoming one names its options");
	return true;
}

bool script_packet_end(struct script_reader *reader, const struct script_location *at)
{
	struct packet *copy;

	if (reader->packet.options_bytes % 4)
		return script_fail(reader, at, "TCP options are %u bytes long; fill up with nop to a multiple of 4",
				   reader->packet.options_bytes);
	if (reader->packet.protocol == PACKET_ICMP && reader->packet.given & PACKET_GIVEN_FLOWLABEL)
		return script_fail(reader, at, "a flow label is of IPv6, icmp of IPv4");
	if (reader->packet.direction == PACKET_IN && !check_incoming(reader, at))
		return false;
	copy = script_take(reader, sizeof(*copy));
	*copy = reader->packet;
	copy->outer = NULL;
	if (copy->outer_count) {
		copy->outer = script_take(reader, copy->outer_count * sizeof(*copy->outer));
		memcpy(copy->outer, reader->outer, copy->outer_count * sizeof(*copy->outer));
	}
	reader->draft.packet = copy;
	return true;
}

static const struct { char letter; uint16_t flag; } flag_letters[] = {
	{ 'F', PACKET_FIN }, { 'S', PACKET_SYN }, { 'R', PACKET_RST }, { 'P', PACKET_PSH }, { '.', PACKET_ACK },
	{ 'U', PACKET_URG }, { 'E', PACKET_ECE }, { 'W', PACKET_CWR }, { 'A', PACKET_AE },
};

/* A digit is the number that ECE, CWR and AE make together (AccECN's ACE field). */
static uint16_t flags_of(char letter)
{
	if (letter >= '0' && letter <= '7')
		return (uint16_t)((letter & 1 ? PACKET_ECE : 0) | (letter & 2 ? PACKET_CWR : 0) | (letter & 4 ? PACKET_AE : 0));
	for (size_t i = 0; i < sizeof(flag_letters) / sizeof(*flag_letters); i++)
		if (flag_letters[i].letter == letter)
			return flag_letters[i].flag;
	return 0;
}

bool script_packet_flags(struct script_reader *reader, struct script_token flags, const struct script_location *at)
{
	uint16_t seen = 0;
	char quoted[160];

	reader->packet.protocol = PACKET_TCP;
	if (script_token_is(flags, "-"))
		return true;
	script_quote(flags.text, flags.bytes, quoted, sizeof(quoted));
	for (size_t i = 0; i < flags.bytes; i++) {
		uint16_t flag = flags_of(flags.text[i]);
		bool number = flags.text[i] >= '0' && flags.text[i] <= '7';
		uint16_t says = number ? PACKET_ECE | PACKET_CWR | PACKET_AE : flag;

		if (!says)
			return script_about(reader, "TCP flags %s", quoted) &&
			       script_fail(reader, at, "expected TCP flags out of 'FSRP.UEWA' and '0' to '7', found '%s'", quoted);
		if (seen & says)
			return script_fail(reader, at, "TCP flag '%c' is given twice in '%s'", flags.text[i], quoted);
		seen |= says;
		reader->packet.flags |= flag;
	}
	return true;
}

bool script_packet_seq(struct script_reader *reader, struct script_range range, int64_t payload_bytes,
		       const struct script_location *at)
{
	uint32_t span = (uint32_t)range.end - (uint32_t)range.start;

	if (payload_bytes < 0)
		payload_bytes = span;
	if (payload_bytes != span)
		return script_fail(reader, at, "sequence numbers %lld:%lld are %u bytes apart, the length says %lld",
				   (long long)range.start, (long long)range.end, span, (long long)payload_bytes);
	if (payload_bytes > PACKET_MAX_BYTES)
		return script_fail(reader, at, "a packet carries at most %d bytes", PACKET_MAX_BYTES);
	reader->packet.seq = (uint32_t)range.start;
	reader->packet.payload_bytes = (uint32_t)payload_bytes;
	reader->packet.given |= PACKET_GIVEN_SEQ | PACKET_GIVEN_PAYLOAD;
	return true;
}

static bool in_range(struct script_reader *reader, const char *name, int64_t value, int64_t most,
		     const struct script_location *at)
{
	return (value >= 0 && value <= most) ||
	       script_fail(reader, at, "%s wants a number from 0 to %lld", name, (long long)most);
}

bool script_packet_field(struct script_reader *reader, struct script_token name, int64_t value,
			 const struct script_location *at)
{
	struct packet *packet = &reader->packet;
	uint16_t given = script_token_is(name, "ack") ? PACKET_GIVEN_ACK : script_token_is(name, "win") ? PACKET_GIVEN_WIN :
			 script_token_is(name, "urg") ? PACKET_GIVEN_URGENT : 0;
	char quoted[160];

	script_quote(name.text, name.bytes, quoted, sizeof(quoted));
	if (!given)
		return script_about(reader, "TCP field %s", quoted) &&
		       script_fail(reader, at, "expected 'ack', 'win', 'urg' or '<', found '%s'", quoted);
	if (packet->given & given)
		return script_fail(reader, at, "'%s' is given twice", quoted);
	if (!in_range(reader, quoted, value, given == PACKET_GIVEN_ACK ? UINT32_MAX : UINT16_MAX, at))
		return false;
	packet->given |= given;
	if (given == PACKET_GIVEN_ACK)
		packet->ack = (uint32_t)value;
	else if (given == PACKET_GIVEN_WIN)
		packet->win = (uint16_t)value;
	else
		packet->urgent = (uint16_t)value;
	return true;
}

bool script_packet_ports(struct script_reader *reader, int64_t source, int64_t destination,
			 const struct script_location *at)
{
	if (!in_range(reader, "a port", source, UINT16_MAX, at) || !in_range(reader, "a port", destination, UINT16_MAX, at))
		return false;
	reader->packet.source_port = (uint16_t)source;
	reader->packet.destination_port = (uint16_t)destination;
	reader->packet.given |= PACKET_GIVEN_PORTS;
	return true;
}

/* Parts of an IP header in brackets. ECN names stand for themselves, the others want a number. */
static const struct ip_part { const char *name; uint16_t given; int64_t most; uint8_t ecn; } ip_parts[] = {
	{ "noecn", PACKET_GIVEN_ECN, 0, PACKET_ECN_NONE }, { "ect0", PACKET_GIVEN_ECN, 0, PACKET_ECN_ECT0 },
	{ "ect1", PACKET_GIVEN_ECN, 0, PACKET_ECN_ECT1 }, { "ect01", PACKET_GIVEN_ECN, 0, PACKET_ECN_ECT01 },
	{ "ce", PACKET_GIVEN_ECN, 0, PACKET_ECN_CE },
	{ "tos", PACKET_GIVEN_TOS, 255, 0 }, { "ttl", PACKET_GIVEN_TTL, 255, 0 },
	{ "flowlabel", PACKET_GIVEN_FLOWLABEL, 0xfffff, 0 },
};

static const struct ip_part *find_ip_part(struct script_token name)
{
	for (size_t i = 0; i < sizeof(ip_parts) / sizeof(*ip_parts); i++)
		if (script_token_is(name, ip_parts[i].name))
			return &ip_parts[i];
	return NULL;
}

bool script_packet_ip(struct script_reader *reader, struct script_token name, const int64_t *value,
		      const struct script_location *at)
{
	const struct ip_part *part = find_ip_part(name);
	struct packet *packet = &reader->packet;
	char quoted[160];

	script_quote(name.text, name.bytes, quoted, sizeof(quoted));
	if (!part)
		return script_about(reader, "IP field %s", quoted) &&
		       script_fail(reader, at, "expected ect0, ect1, ect01, ce, noecn, tos, ttl or flowlabel, found '%s'", quoted);
	if (part->given == PACKET_GIVEN_ECN ? value != NULL : value == NULL)
		return script_fail(reader, at, value ? "'%s' takes no number" : "'%s' wants a number", quoted);
	if (value && !in_range(reader, quoted, *value, part->most, at))
		return false;
	if (packet->given & part->given || (part->given == PACKET_GIVEN_TOS && packet->given & PACKET_GIVEN_ECN) ||
	    (part->given == PACKET_GIVEN_ECN && packet->given & PACKET_GIVEN_TOS))
		return script_fail(reader, at, "'%s' says again what is said already", quoted);
	packet->given |= part->given;
	if (part->given == PACKET_GIVEN_ECN)
		packet->ecn = part->ecn;
	else if (part->given == PACKET_GIVEN_TOS)
		packet->tos = (uint8_t)*value;
	else if (part->given == PACKET_GIVEN_TTL)
		packet->ttl = (uint8_t)*value;
	else
		packet->flowlabel = (uint32_t)*value;
	return true;
}

bool script_packet_udp(struct script_reader *reader, int64_t payload_bytes, const struct script_location *at)
{
	if (!in_range(reader, "the length", payload_bytes, PACKET_MAX_BYTES, at))
		return false;
	reader->packet.protocol = PACKET_UDP;
	reader->packet.payload_bytes = (uint32_t)payload_bytes;
	reader->packet.given |= PACKET_GIVEN_PAYLOAD;
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * ICMP packets of a script: `icmp unreachable frag_needed mtu 1200 [1:1461(1460)]`, `icmp type 42 code 1 (56)`
 */
#include "packet_icmp.h"
#include "script_reader.h"

static const char *protocol_name(enum packet_protocol protocol)
{
	return protocol == PACKET_ICMP ? "icmp" : "icmpv6";
}

/* `NAME NUMBER` at operand i; *i goes on behind it. */
static bool take_number(struct script_reader *reader, unsigned *i, int64_t most, int64_t *value)
{
	const struct script_operand *operands = reader->operands;

	if (operands[*i + 1].value < 0 || operands[*i + 1].value > most)
		return script_fail(reader, &operands[*i].at, "'%.*s' wants a number from 0 to %lld",
				   (int)operands[*i].word.bytes, operands[*i].word.text, (long long)most);
	*value = operands[*i + 1].value;
	*i += 2;
	return true;
}

static bool is_numbered(const struct script_reader *reader, unsigned i, const char *name)
{
	return i + 1 < reader->operand_count && reader->operands[i].kind == OPERAND_WORD &&
	       script_token_is(reader->operands[i].word, name) && reader->operands[i + 1].kind == OPERAND_INTEGER;
}

static bool read_type(struct script_reader *reader, unsigned *i)
{
	const struct script_operand *operand = &reader->operands[*i];
	const struct packet_icmp_type *type;
	char quoted[160];
	int64_t value;

	if (is_numbered(reader, *i, "type")) {
		if (!take_number(reader, i, UINT8_MAX, &value))
			return false;
		reader->packet.icmp_type = (uint8_t)value;
		return true;
	}
	type = packet_icmp_type_named(reader->packet.protocol, operand->word.text, operand->word.bytes);
	script_quote(operand->word.text, operand->word.bytes, quoted, sizeof(quoted));
	if (!type)
		return script_about(reader, "%s type %s", protocol_name(reader->packet.protocol), quoted) &&
		       script_fail(reader, &operand->at, "unknown %s type '%s'", protocol_name(reader->packet.protocol), quoted);
	reader->packet.icmp_type = type->type;
	++*i;
	return true;
}

/* A code's name, `code N`, `mtu N` or `id N`. */
static bool read_part(struct script_reader *reader, unsigned *i)
{
	const struct script_operand *operand = &reader->operands[*i];
	struct packet *packet = &reader->packet;
	char quoted[160];
	int64_t value = 0;
	int code;

	if (is_numbered(reader, *i, "mtu")) {
		if (!take_number(reader, i, packet->protocol == PACKET_ICMP ? UINT16_MAX : UINT32_MAX, &value))
			return false;
		packet->mtu = (uint32_t)value;
		packet->given |= PACKET_GIVEN_MTU;
		return true;
	}
	if (is_numbered(reader, *i, "id") || is_numbered(reader, *i, "code")) {
		bool id = script_token_is(operand->word, "id");

		if (!take_number(reader, i, id ? UINT16_MAX : UINT8_MAX, &value))
			return false;
		packet->given |= id ? PACKET_GIVEN_ID : 0;
		if (id)
			packet->id = (uint16_t)value;
		else
			packet->icmp_code = (uint8_t)value;
		return true;
	}
	script_quote(operand->word.text, operand->word.bytes, quoted, sizeof(quoted));
	code = packet_icmp_code_named(packet->protocol, packet->icmp_type, operand->word.text, operand->word.bytes);
	if (code < 0)
		return script_about(reader, "%s code %s", protocol_name(packet->protocol), quoted) &&
		       script_fail(reader, &operand->at, "'%s' is no code of this %s type", quoted, protocol_name(packet->protocol));
	packet->icmp_code = (uint8_t)code;
	++*i;
	return true;
}

bool script_packet_icmp(struct script_reader *reader, enum packet_protocol protocol, const struct script_location *at)
{
	struct packet *packet = &reader->packet;
	const struct packet_icmp_type *type;
	unsigned i = 0;

	packet->protocol = protocol;
	if (!read_type(reader, &i))
		return false;
	while (i < reader->operand_count)
		if (!read_part(reader, &i))
			return false;
	type = packet_icmp_type(protocol, packet->icmp_type);
	if (packet->given & PACKET_GIVEN_MTU && !packet_icmp_has_mtu(protocol, packet->icmp_type, packet->icmp_code))
		return script_fail(reader, at, "this %s message has no mtu", protocol_name(protocol));
	if (packet->given & PACKET_GIVEN_ID && (!type || type->rest != ICMP_REST_ECHO))
		return script_fail(reader, at, "this %s message has no id", protocol_name(protocol));
	return true;
}

bool script_packet_icmp_payload(struct script_reader *reader, int64_t payload_bytes, const struct script_location *at)
{
	if (payload_bytes < 0 || payload_bytes > PACKET_MAX_BYTES)
		return script_fail(reader, at, "the length wants a number from 0 to %d", PACKET_MAX_BYTES);
	reader->packet.payload_bytes = (uint32_t)payload_bytes;
	reader->packet.given |= PACKET_GIVEN_PAYLOAD;
	return true;
}

bool script_packet_echoed(struct script_reader *reader, const struct script_range *range, int64_t payload_bytes,
			  const struct script_location *at)
{
	const struct packet_icmp_type *type = packet_icmp_type(reader->packet.protocol, reader->packet.icmp_type);
	struct packet_echoed *echoed = &reader->packet.echoed;

	if (!type || !type->is_error)
		return script_fail(reader, at, "this %s message sends no packet back", protocol_name(reader->packet.protocol));
	if (range && payload_bytes < 0)
		payload_bytes = (uint32_t)range->end - (uint32_t)range->start;
	if (payload_bytes < 0 || payload_bytes > PACKET_MAX_BYTES ||
	    (range && payload_bytes != (uint32_t)range->end - (uint32_t)range->start))
		return script_fail(reader, at, "the sequence numbers and the length of the packet sent back do not agree");
	echoed->protocol = range ? PACKET_TCP : PACKET_UDP;
	echoed->seq = range ? (uint32_t)range->start : 0;
	echoed->payload_bytes = (uint32_t)payload_bytes;
	reader->packet.given |= PACKET_GIVEN_ECHOED;
	return true;
}

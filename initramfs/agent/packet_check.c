/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet - what a script expects against what the kernel sent: twins learned, numbers mapped, parts compared
 */
#include "packet.h"

#include <string.h>

#include "packet_icmp.h"
#include "packet_wire.h"

static const char *const field_names[PACKET_FIELD_COUNT] = {
	[PACKET_SAME] = "", [PACKET_FIELD_PROTOCOL] = "protocol", [PACKET_FIELD_ECN] = "ECN", [PACKET_FIELD_TOS] = "tos",
	[PACKET_FIELD_TTL] = "ttl", [PACKET_FIELD_FLOWLABEL] = "flowlabel", [PACKET_FIELD_PORTS] = "ports",
	[PACKET_FIELD_FLAGS] = "flags", [PACKET_FIELD_SEQ] = "seq", [PACKET_FIELD_PAYLOAD] = "payload length",
	[PACKET_FIELD_ACK] = "ack", [PACKET_FIELD_WIN] = "win", [PACKET_FIELD_URGENT] = "urg",
	[PACKET_FIELD_OPTIONS] = "options", [PACKET_FIELD_TIMESTAMP] = "TS val", [PACKET_FIELD_ICMP_TYPE] = "ICMP type",
	[PACKET_FIELD_ICMP_CODE] = "ICMP code", [PACKET_FIELD_MTU] = "mtu", [PACKET_FIELD_ID] = "id",
	[PACKET_FIELD_ECHOED] = "packet sent back", [PACKET_FIELD_CHECKSUM] = "checksum", [PACKET_FIELD_OUTER] = "outer headers",
};

const char *packet_field_name(enum packet_field field)
{
	return (unsigned)field < PACKET_FIELD_COUNT ? field_names[field] : NULL;
}

static bool same_address(const struct packet_address *left, const struct packet_address *right)
{
	return left->version == right->version && memcmp(left->bytes, right->bytes, wire_address_bytes(left->version)) == 0;
}

bool packet_belongs(const struct packet *packet, const struct packet_connection *connection, enum packet_direction *direction)
{
	bool out = same_address(&packet->source, &connection->local) && same_address(&packet->destination, &connection->remote);
	bool in = same_address(&packet->source, &connection->remote) && same_address(&packet->destination, &connection->local);

	if (packet->given & PACKET_GIVEN_PORTS) {
		out = out && packet->source_port == connection->local_port && packet->destination_port == connection->remote_port;
		in = in && packet->source_port == connection->remote_port && packet->destination_port == connection->local_port;
	}
	*direction = out ? PACKET_OUT : PACKET_IN;
	return in || out;
}

void packet_learn_incoming(struct packet_connection *connection, const struct packet *packet)
{
	if (packet->protocol == PACKET_TCP && packet->flags & PACKET_SYN)
		connection->remote_isn = (struct packet_twin){ .known = true, .live = packet->seq, .syn = packet->seq };
}

/* TS val of a packet; false when it has none. */
static bool timestamp_of(const struct packet *packet, uint32_t *val)
{
	int offset = packet_option_find(packet->options, packet->options_bytes, OPTION_TIMESTAMP, OPTION_TIMESTAMP_BYTES);

	if (offset >= 0)
		*val = get_be32(packet->options + offset + 2);
	return offset >= 0;
}

static void set_timestamp(struct packet *packet, uint32_t val)
{
	int offset = packet_option_find(packet->options, packet->options_bytes, OPTION_TIMESTAMP, OPTION_TIMESTAMP_BYTES);

	put_be32(packet->options + offset + 2, val);
}

static void learn_timestamp(struct packet_connection *connection, uint32_t script, uint32_t live)
{
	unsigned place = connection->timestamp_count++ % PACKET_TIMESTAMPS;

	connection->timestamps[place].script = script;
	connection->timestamps[place].live = live;
	if (!connection->first_timestamp.known)
		connection->first_timestamp = (struct packet_twin){ .known = true, .script = script, .live = live };
}

void packet_learn_outgoing(struct packet_connection *connection, const struct packet *expected, const struct packet *live)
{
	uint32_t script_val, live_val;

	if (live->protocol != PACKET_TCP)
		return;
	if (live->flags & PACKET_SYN)
		connection->local_isn = (struct packet_twin){
			.known = true, .live = live->seq, .syn = expected && expected->flags & PACKET_SYN ? expected->seq : 0,
		};
	if (expected && timestamp_of(expected, &script_val) && timestamp_of(live, &live_val))
		learn_timestamp(connection, script_val, live_val);
}

/* The script's TS val for the kernel's: as it was seen before, else as far from the first one. */
static uint32_t script_timestamp(const struct packet_connection *connection, uint32_t live)
{
	const struct packet_twin *first = &connection->first_timestamp;
	unsigned count = connection->timestamp_count;

	for (unsigned back = 1; back <= PACKET_TIMESTAMPS && back <= count; back++)
		if (connection->timestamps[(count - back) % PACKET_TIMESTAMPS].live == live)
			return connection->timestamps[(count - back) % PACKET_TIMESTAMPS].script;
	return first->known ? live - first->live + first->script : live;
}

static uint32_t script_number(const struct packet_twin *twin, uint32_t live)
{
	return twin->known ? live - twin->live + twin->script : live;
}

void packet_to_script(const struct packet *live, const struct packet_connection *connection, struct packet *actual)
{
	bool out = live->direction == PACKET_OUT;
	const struct packet_twin *own = out ? &connection->local_isn : &connection->remote_isn;
	const struct packet_twin *other = out ? &connection->remote_isn : &connection->local_isn;
	int timestamp;

	*actual = *live;
	if (connection->script_local_port && live->given & PACKET_GIVEN_PORTS)
		*(out ? &actual->source_port : &actual->destination_port) = connection->script_local_port;
	if (live->given & PACKET_GIVEN_ECHOED && live->echoed.protocol == PACKET_TCP)
		actual->echoed.seq = script_number(other, live->echoed.seq);
	if (live->protocol != PACKET_TCP)
		return;
	actual->seq = script_number(own, live->seq) + (live->flags & PACKET_SYN ? own->syn : 0);
	if (live->flags & PACKET_ACK)
		actual->ack = script_number(other, live->ack) + (live->flags & PACKET_SYN ? other->syn : 0);
	packet_options_shift_sack(actual->options, actual->options_bytes, script_number(other, 0));
	timestamp = packet_option_find(live->options, live->options_bytes, OPTION_TIMESTAMP, OPTION_TIMESTAMP_BYTES);
	if (timestamp >= 0) {
		uint8_t *kernels = actual->options + timestamp + (out ? 2 : 6); /* val of its own packets, ecr of the script's */

		put_be32(kernels, script_timestamp(connection, get_be32(kernels)));
	}
}

static enum packet_field compare_ip(const struct packet *expected, const struct packet *actual)
{
	uint8_t ecn = actual->tos & 3;

	if (!wire_same_outer(expected, actual))
		return PACKET_FIELD_OUTER;
	if (expected->protocol != actual->protocol)
		return PACKET_FIELD_PROTOCOL;
	if (expected->given & PACKET_GIVEN_ECN &&
	    (expected->ecn == PACKET_ECN_ECT01 ? ecn != PACKET_ECN_ECT0 && ecn != PACKET_ECN_ECT1 : ecn != expected->ecn))
		return PACKET_FIELD_ECN;
	if (expected->given & PACKET_GIVEN_TOS && expected->tos != actual->tos)
		return PACKET_FIELD_TOS;
	if (expected->given & PACKET_GIVEN_TTL && expected->ttl != actual->ttl)
		return PACKET_FIELD_TTL;
	if (expected->given & PACKET_GIVEN_FLOWLABEL && expected->flowlabel != actual->flowlabel)
		return PACKET_FIELD_FLOWLABEL;
	if (expected->given & PACKET_GIVEN_PORTS &&
	    (expected->source_port != actual->source_port || expected->destination_port != actual->destination_port))
		return PACKET_FIELD_PORTS;
	return PACKET_SAME;
}

/* The digest of an MD5 option that the script leaves out may be any. */
static bool same_options(const struct packet *expected, const struct packet *actual)
{
	static const uint8_t none[OPTION_MD5_BYTES - 2];
	uint8_t options[PACKET_OPTIONS_MAX_BYTES];
	int expected_md5 = packet_option_find(expected->options, expected->options_bytes, OPTION_MD5, OPTION_MD5_BYTES);

	if (expected->options_bytes != actual->options_bytes)
		return false;
	memcpy(options, actual->options, sizeof(options));
	if (expected_md5 >= 0 && memcmp(expected->options + expected_md5 + 2, none, sizeof(none)) == 0)
		memset(options + expected_md5 + 2, 0, sizeof(none));
	return memcmp(expected->options, options, expected->options_bytes) == 0;
}

static enum packet_field compare_tcp(const struct packet *expected, const struct packet *actual)
{
	if (expected->flags != actual->flags)
		return PACKET_FIELD_FLAGS;
	if (expected->given & PACKET_GIVEN_SEQ && expected->seq != actual->seq)
		return PACKET_FIELD_SEQ;
	if (expected->given & PACKET_GIVEN_PAYLOAD && expected->payload_bytes != actual->payload_bytes)
		return PACKET_FIELD_PAYLOAD;
	if (expected->given & PACKET_GIVEN_ACK && expected->ack != actual->ack)
		return PACKET_FIELD_ACK;
	if (expected->given & PACKET_GIVEN_WIN && expected->win != actual->win)
		return PACKET_FIELD_WIN;
	if (expected->given & PACKET_GIVEN_URGENT && expected->urgent != actual->urgent)
		return PACKET_FIELD_URGENT;
	if (expected->given & PACKET_GIVEN_OPTIONS && !same_options(expected, actual))
		return PACKET_FIELD_OPTIONS;
	return PACKET_SAME;
}

static bool same_echoed(const struct packet_echoed *left, const struct packet_echoed *right)
{
	return left->protocol == right->protocol && left->seq == right->seq && left->payload_bytes == right->payload_bytes;
}

static enum packet_field compare_icmp(const struct packet *expected, const struct packet *actual)
{
	if (expected->icmp_type != actual->icmp_type)
		return PACKET_FIELD_ICMP_TYPE;
	if (expected->icmp_code != actual->icmp_code)
		return PACKET_FIELD_ICMP_CODE;
	if (expected->given & PACKET_GIVEN_MTU && expected->mtu != actual->mtu)
		return PACKET_FIELD_MTU;
	if (expected->given & PACKET_GIVEN_ID && expected->id != actual->id)
		return PACKET_FIELD_ID;
	if (expected->given & PACKET_GIVEN_ECHOED &&
	    (!(actual->given & PACKET_GIVEN_ECHOED) || !same_echoed(&expected->echoed, &actual->echoed)))
		return PACKET_FIELD_ECHOED;
	return PACKET_SAME;
}

enum packet_field packet_compare(const struct packet *expected, const struct packet *actual)
{
	enum packet_field field = compare_ip(expected, actual);

	if (field == PACKET_SAME && expected->protocol == PACKET_TCP)
		field = compare_tcp(expected, actual);
	else if (field == PACKET_SAME && (expected->protocol == PACKET_ICMP || expected->protocol == PACKET_ICMPV6))
		field = compare_icmp(expected, actual);
	if (field == PACKET_SAME && expected->given & PACKET_GIVEN_PAYLOAD && expected->payload_bytes != actual->payload_bytes)
		field = PACKET_FIELD_PAYLOAD;
	return field == PACKET_SAME && actual->checksum_bad ? PACKET_FIELD_CHECKSUM : field;
}

/* Is the kernel's timestamp as far from its first one as the script says, but for the tolerance and one tick? */
static bool timestamp_differs(const struct packet_connection *connection, uint32_t script_val, uint32_t live_val)
{
	const struct packet_twin *first = &connection->first_timestamp;
	int32_t ticks = (int32_t)((live_val - first->live) - (script_val - first->script));
	int64_t off_us = (int64_t)ticks * connection->timestamp_tick_us;

	return (off_us < 0 ? -off_us : off_us) > (int64_t)connection->timestamp_tolerance_us + connection->timestamp_tick_us;
}

enum packet_field packet_check(const struct packet *expected, const struct packet *live,
			       struct packet_connection *connection, struct packet *actual)
{
	struct packet outgoing = *live;
	enum packet_field field;
	uint32_t script_val, live_val;

	outgoing.direction = PACKET_OUT;
	packet_learn_outgoing(connection, expected, live);
	packet_to_script(&outgoing, connection, actual);
	field = packet_compare(expected, actual);
	if (field != PACKET_SAME || !connection->timestamp_tick_us || expected->protocol != PACKET_TCP ||
	    !timestamp_of(expected, &script_val) || !timestamp_of(live, &live_val) ||
	    !timestamp_differs(connection, script_val, live_val))
		return field;
	set_timestamp(actual, live_val - connection->first_timestamp.live + connection->first_timestamp.script);
	return PACKET_FIELD_TIMESTAMP;
}

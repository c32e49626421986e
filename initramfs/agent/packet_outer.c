/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet - the headers around the innermost packet: IP in IP (RFC 2003, 2473), GRE (2784, 2890), MPLS in IP (4023) and in GRE
 */
#include "packet.h"

#include <string.h>

#include "packet_wire.h"

enum {
	ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd, ETHERTYPE_MPLS = 0x8847, LABEL_BOTTOM = 0x100,
	GRE_HAS_CHECKSUM = 0x8000, GRE_HAS_KEY = 0x2000, GRE_HAS_SEQUENCE = 0x1000, /* in its first two bytes */
};

/* What an IP header's protocol field and a GRE header's type say of what follows. */
static const struct { uint8_t protocol; uint16_t ethertype; } numbers[PACKET_OUTER_KIND_COUNT] = {
	[PACKET_OUTER_IPV4] = { WIRE_IPV4, ETHERTYPE_IPV4 }, [PACKET_OUTER_IPV6] = { WIRE_IPV6, ETHERTYPE_IPV6 },
	[PACKET_OUTER_GRE] = { WIRE_GRE, 0 }, [PACKET_OUTER_MPLS] = { WIRE_MPLS, ETHERTYPE_MPLS },
};

static const struct { uint8_t given; uint16_t bit; } gre_fields[] = {
	{ PACKET_GRE_CHECKSUM, GRE_HAS_CHECKSUM }, { PACKET_GRE_KEY, GRE_HAS_KEY }, { PACKET_GRE_SEQUENCE, GRE_HAS_SEQUENCE },
};

static size_t gre_bytes(const struct packet_gre *gre)
{
	size_t bytes = WIRE_GRE_BYTES;

	for (size_t i = 0; i < sizeof(gre_fields) / sizeof(gre_fields[0]); i++)
		bytes += gre->given & gre_fields[i].given ? 4 : 0;
	return bytes;
}

static size_t header_bytes(const struct packet_outer *outer)
{
	switch (outer->kind) {
	case PACKET_OUTER_IPV4: return WIRE_IPV4_BYTES;
	case PACKET_OUTER_IPV6: return WIRE_IPV6_BYTES;
	case PACKET_OUTER_GRE: return gre_bytes(&outer->gre);
	case PACKET_OUTER_MPLS: return (size_t)outer->label_count * WIRE_LABEL_BYTES;
	case PACKET_OUTER_KIND_COUNT: break;
	}
	return 0;
}

size_t wire_outer_bytes(const struct packet *packet)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < packet->outer_count; i++)
		bytes += header_bytes(&packet->outer[i]);
	return bytes;
}

static void build_labels(const struct packet_outer *outer, uint8_t *bytes)
{
	for (unsigned i = 0; i < outer->label_count; i++) {
		const struct packet_label *label = &outer->labels[i];

		put_be32(bytes + i * WIRE_LABEL_BYTES, label->label << 12 | (uint32_t)label->traffic_class << 9 |
			 (label->bottom ? LABEL_BOTTOM : 0) | label->ttl);
	}
}

/* The checksum covers all that follows, which must be in place already. */
static void build_gre(const struct packet_gre *gre, uint16_t ethertype, size_t total_bytes, uint8_t *bytes)
{
	uint8_t *at = bytes + WIRE_GRE_BYTES;
	uint16_t bits = 0;

	for (size_t i = 0; i < sizeof(gre_fields) / sizeof(gre_fields[0]); i++)
		bits |= gre->given & gre_fields[i].given ? gre_fields[i].bit : 0;
	put_be16(bytes, bits);
	put_be16(bytes + 2, ethertype);
	if (gre->given & PACKET_GRE_CHECKSUM) {
		put_be16(at, 0);
		put_be16(at + 2, gre->offset);
		at += 4;
	}
	if (gre->given & PACKET_GRE_KEY) {
		put_be32(at, gre->key);
		at += 4;
	}
	if (gre->given & PACKET_GRE_SEQUENCE)
		put_be32(at, gre->sequence);
	if (gre->given & PACKET_GRE_CHECKSUM)
		put_be16(bytes + WIRE_GRE_BYTES, gre->given & PACKET_GRE_SUM ? gre->sum : wire_checksum(wire_sum(bytes, total_bytes)));
}

static void build_header(const struct packet_outer *outer, enum packet_outer_kind next, size_t total_bytes, uint8_t *bytes)
{
	/* Without a TTL of its own an outer header has the default one. */
	struct packet plain = { .given = outer->given, .tos = outer->tos, .ecn = outer->tos & 3, .ttl = outer->ttl };

	switch (outer->kind) {
	case PACKET_OUTER_IPV4:
		wire_build_ipv4(&plain, &outer->source, &outer->destination, total_bytes, numbers[next].protocol, bytes);
		return;
	case PACKET_OUTER_IPV6:
		wire_build_ipv6(&plain, &outer->source, &outer->destination, total_bytes, numbers[next].protocol, bytes);
		return;
	case PACKET_OUTER_GRE:
		build_gre(&outer->gre, numbers[next].ethertype, total_bytes, bytes);
		return;
	case PACKET_OUTER_MPLS:
		build_labels(outer, bytes);
		return;
	case PACKET_OUTER_KIND_COUNT:
		return;
	}
}

void wire_build_outer(const struct packet *packet, uint8_t inner_version, uint8_t *bytes, size_t total_bytes)
{
	enum packet_outer_kind next = inner_version == 4 ? PACKET_OUTER_IPV4 : PACKET_OUTER_IPV6;
	size_t inside = wire_outer_bytes(packet);

	/* From within, because of GRE's checksum. */
	for (unsigned i = packet->outer_count; i-- > 0;) {
		inside -= header_bytes(&packet->outer[i]);
		build_header(&packet->outer[i], next, total_bytes - inside, bytes + inside);
		next = packet->outer[i].kind;
	}
}

static bool same_address(const struct packet_address *left, const struct packet_address *right)
{
	return left->version == right->version && memcmp(left->bytes, right->bytes, wire_address_bytes(left->version)) == 0;
}

static bool same_label(const struct packet_label *left, const struct packet_label *right)
{
	return left->label == right->label && left->traffic_class == right->traffic_class && left->ttl == right->ttl &&
	       left->bottom == right->bottom;
}

static bool same_gre(const struct packet_gre *expected, const struct packet_gre *actual)
{
	uint8_t fields = PACKET_GRE_CHECKSUM | PACKET_GRE_KEY | PACKET_GRE_SEQUENCE;

	return (expected->given & fields) == (actual->given & fields) && expected->offset == actual->offset &&
	       expected->key == actual->key && expected->sequence == actual->sequence &&
	       (expected->given & PACKET_GRE_SUM ? expected->sum == actual->sum : !actual->sum_bad);
}

static bool same_header(const struct packet_outer *expected, const struct packet_outer *actual)
{
	bool ip = expected->kind == PACKET_OUTER_IPV4 || expected->kind == PACKET_OUTER_IPV6;

	if (expected->kind != actual->kind || expected->label_count != actual->label_count)
		return false;
	if (ip && !(same_address(&expected->source, &actual->source) && same_address(&expected->destination, &actual->destination)))
		return false;
	if (expected->kind == PACKET_OUTER_GRE && !same_gre(&expected->gre, &actual->gre))
		return false;
	for (unsigned i = 0; i < expected->label_count; i++)
		if (!same_label(&expected->labels[i], &actual->labels[i]))
			return false;
	return true;
}

bool wire_same_outer(const struct packet *expected, const struct packet *actual)
{
	if (expected->outer_count != actual->outer_count)
		return false;
	for (unsigned i = 0; i < expected->outer_count; i++)
		if (!same_header(&expected->outer[i], &actual->outer[i]))
			return false;
	return true;
}

/* The kinds of header as they follow each other; PACKET_OUTER_KIND_COUNT: something else. */
static enum packet_outer_kind kind_of_protocol(uint8_t protocol)
{
	for (unsigned kind = 0; kind < PACKET_OUTER_KIND_COUNT; kind++)
		if (numbers[kind].protocol == protocol)
			return kind;
	return PACKET_OUTER_KIND_COUNT;
}

static enum packet_outer_kind kind_of_ethertype(uint16_t ethertype)
{
	for (unsigned kind = 0; kind < PACKET_OUTER_KIND_COUNT; kind++)
		if (numbers[kind].ethertype == ethertype && ethertype)
			return kind;
	return PACKET_OUTER_KIND_COUNT;
}

/* What is left to be read. cut: the capture ends before the packet does. */
struct rest { const uint8_t *bytes; size_t count; bool cut; };

/* Reads an IP header; *next is what it says of what follows. Returns its length, 0 when it is not whole. */
static size_t read_ip(struct rest *rest, struct packet_outer *outer, enum packet_outer_kind *next)
{
	bool v4 = outer->kind == PACKET_OUTER_IPV4;
	size_t address_bytes = v4 ? 4 : 16, addresses = v4 ? 12 : 8, length, total;

	if (rest->count < (v4 ? WIRE_IPV4_BYTES : WIRE_IPV6_BYTES) || rest->bytes[0] >> 4 != (v4 ? 4 : 6))
		return 0;
	length = v4 ? (size_t)(rest->bytes[0] & 15) * 4 : WIRE_IPV6_BYTES;
	total = v4 ? get_be16(rest->bytes + 2) : (size_t)get_be16(rest->bytes + 4) + WIRE_IPV6_BYTES;
	if (length < WIRE_IPV4_BYTES || length > rest->count || total < length)
		return 0;
	rest->cut = rest->cut || total > rest->count;
	if (total < rest->count)
		rest->count = total;
	outer->source.version = outer->destination.version = v4 ? 4 : 6;
	memcpy(outer->source.bytes, rest->bytes + addresses, address_bytes);
	memcpy(outer->destination.bytes, rest->bytes + addresses + address_bytes, address_bytes);
	*next = v4 && get_be16(rest->bytes + 6) & WIRE_FRAGMENT_MASK ? PACKET_OUTER_KIND_COUNT
								     : kind_of_protocol(rest->bytes[v4 ? 9 : 6]);
	return length;
}

static size_t read_gre(const struct rest *rest, struct packet_gre *gre, enum packet_outer_kind *next)
{
	const uint8_t *at = rest->bytes + WIRE_GRE_BYTES;
	uint16_t bits;

	if (rest->count < WIRE_GRE_BYTES)
		return 0;
	bits = get_be16(rest->bytes);
	for (size_t i = 0; i < sizeof(gre_fields) / sizeof(gre_fields[0]); i++)
		gre->given |= bits & gre_fields[i].bit ? gre_fields[i].given : 0;
	if (bits & ~(GRE_HAS_CHECKSUM | GRE_HAS_KEY | GRE_HAS_SEQUENCE) || rest->count < gre_bytes(gre))
		return 0;
	*next = kind_of_ethertype(get_be16(rest->bytes + 2));
	if (gre->given & PACKET_GRE_CHECKSUM) {
		gre->given |= PACKET_GRE_SUM;
		gre->sum = get_be16(at);
		gre->offset = get_be16(at + 2);
		gre->sum_bad = !rest->cut && wire_checksum(wire_sum(rest->bytes, rest->count)) != 0;
		at += 4;
	}
	if (gre->given & PACKET_GRE_KEY) {
		gre->key = get_be32(at);
		at += 4;
	}
	if (gre->given & PACKET_GRE_SEQUENCE)
		gre->sequence = get_be32(at);
	return gre_bytes(gre);
}

static size_t read_mpls(const struct rest *rest, struct packet_outer *outer, enum packet_outer_kind *next)
{
	size_t at = 0;
	bool bottom = false;

	for (; !bottom; at += WIRE_LABEL_BYTES) {
		uint32_t word;

		if (outer->label_count == PACKET_LABELS_MAX || rest->count < at + WIRE_LABEL_BYTES)
			return 0;
		word = get_be32(rest->bytes + at);
		bottom = word & LABEL_BOTTOM;
		outer->labels[outer->label_count++] = (struct packet_label){
			.label = word >> 12, .traffic_class = word >> 9 & 7, .ttl = (uint8_t)word, .bottom = bottom,
		};
	}
	*next = at < rest->count && rest->bytes[at] >> 4 == 6 ? PACKET_OUTER_IPV6 : PACKET_OUTER_IPV4;
	return at;
}

size_t packet_peel(const unsigned char *bytes, size_t captured_bytes, struct packet_outer *outer, uint8_t *outer_count)
{
	struct rest rest = { bytes, captured_bytes, false };
	struct packet_outer innermost;
	enum packet_outer_kind kind = captured_bytes && bytes[0] >> 4 == 6 ? PACKET_OUTER_IPV6 : PACKET_OUTER_IPV4;
	enum packet_outer_kind next = PACKET_OUTER_KIND_COUNT;

	for (*outer_count = 0; *outer_count <= PACKET_OUTER_MAX; ++*outer_count) {
		struct packet_outer *header = *outer_count < PACKET_OUTER_MAX ? &outer[*outer_count] : &innermost;
		bool ip = kind == PACKET_OUTER_IPV4 || kind == PACKET_OUTER_IPV6;
		size_t length;

		*header = (struct packet_outer){ .kind = kind };
		length = ip ? read_ip(&rest, header, &next) : kind == PACKET_OUTER_GRE ? read_gre(&rest, &header->gre, &next)
			    : read_mpls(&rest, header, &next);
		/* An IP header with no more of these behind it is the innermost. */
		if (ip && length && next == PACKET_OUTER_KIND_COUNT)
			return (size_t)(rest.bytes - bytes);
		if (!length || next == PACKET_OUTER_KIND_COUNT)
			return 0;
		rest.bytes += length;
		rest.count -= length;
		kind = next;
	}
	return 0;
}

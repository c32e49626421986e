/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet - as a script writes it, and two of them one above the other with the difference marked
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "packet_icmp.h"
#include "packet_options.h"

/* The text being written, and how far. Too long a text is cut; the longest a packet can have fits. */
struct writer {
	struct packet_text *text;
	size_t used;
	bool ip_open; /* the bracket of the IP parts */
};

static void put(struct writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct writer *writer, const char *format, ...)
{
	size_t left = sizeof(writer->text->text) - writer->used;
	va_list arguments;
	int wanted;

	va_start(arguments, format);
	wanted = vsnprintf(writer->text->text + writer->used, left, format, arguments);
	va_end(arguments);
	if (wanted > 0)
		writer->used += (size_t)wanted < left ? (size_t)wanted : left - 1;
}

/* The field's text goes from start to here. */
static void span(struct writer *writer, enum packet_field field, size_t start)
{
	writer->text->spans[field] = (struct packet_span){ (uint16_t)start, (uint16_t)(writer->used - start) };
}

static void put_gre(struct writer *writer, const struct packet_gre *gre)
{
	static const struct { uint8_t given; const char *name; } flags[] = {
		{ PACKET_GRE_CHECKSUM, "checksum" }, { PACKET_GRE_KEY, "key" }, { PACKET_GRE_SEQUENCE, "sequence" },
	};
	const char *between = " flags [";

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (gre->given & flags[i].given) {
			put(writer, "%s%s present", between, flags[i].name);
			between = ", ";
		}
	}
	if (gre->given)
		put(writer, "]");
	if (gre->given & PACKET_GRE_SUM)
		put(writer, ", sum 0x%x", gre->sum);
	if (gre->given & PACKET_GRE_CHECKSUM && gre->offset)
		put(writer, ", off 0x%x", gre->offset);
	if (gre->given & PACKET_GRE_KEY)
		put(writer, ", key 0x%x", gre->key);
	if (gre->given & PACKET_GRE_SEQUENCE)
		put(writer, ", seq %u", gre->sequence);
}

static void put_outer(struct writer *writer, const struct packet_outer *outer)
{
	static const char *const names[PACKET_OUTER_KIND_COUNT] = {
		[PACKET_OUTER_IPV4] = "ipv4", [PACKET_OUTER_IPV6] = "ipv6", [PACKET_OUTER_GRE] = "gre", [PACKET_OUTER_MPLS] = "mpls",
	};
	int family = outer->kind == PACKET_OUTER_IPV4 ? AF_INET : AF_INET6;
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];

	put(writer, " %s", names[outer->kind]);
	if (outer->kind == PACKET_OUTER_IPV4 || outer->kind == PACKET_OUTER_IPV6)
		put(writer, " %s > %s", inet_ntop(family, outer->source.bytes, source, sizeof(source)),
		    inet_ntop(family, outer->destination.bytes, destination, sizeof(destination)));
	if (outer->kind == PACKET_OUTER_GRE)
		put_gre(writer, &outer->gre);
	for (unsigned i = 0; i < outer->label_count; i++)
		put(writer, " (label %u, tc %u, %sttl %u)", outer->labels[i].label, outer->labels[i].traffic_class,
		    outer->labels[i].bottom ? "[S], " : "", outer->labels[i].ttl);
	put(writer, ":");
}

static void put_ip_part(struct writer *writer, enum packet_field field, const char *format, unsigned value)
	__attribute__((format(printf, 3, 0)));
static void put_ip_part(struct writer *writer, enum packet_field field, const char *format, unsigned value)
{
	size_t start;

	put(writer, writer->ip_open ? ", " : " [");
	writer->ip_open = true;
	start = writer->used;
	put(writer, format, value);
	span(writer, field, start);
}

static void put_ip(struct writer *writer, const struct packet *packet)
{
	static const char *const ecns[] = {
		[PACKET_ECN_NONE] = "noecn", [PACKET_ECN_ECT1] = "ect1", [PACKET_ECN_ECT0] = "ect0", [PACKET_ECN_CE] = "ce",
		[PACKET_ECN_ECT01] = "ect01",
	};

	if (packet->given & PACKET_GIVEN_ECN)
		put_ip_part(writer, PACKET_FIELD_ECN, ecns[packet->ecn], 0);
	if (packet->given & PACKET_GIVEN_TOS)
		put_ip_part(writer, PACKET_FIELD_TOS, "tos 0x%x", packet->tos);
	if (packet->given & PACKET_GIVEN_TTL)
		put_ip_part(writer, PACKET_FIELD_TTL, "ttl %u", packet->ttl);
	if (packet->given & PACKET_GIVEN_FLOWLABEL)
		put_ip_part(writer, PACKET_FIELD_FLOWLABEL, "flowlabel 0x%x", packet->flowlabel);
	if (writer->ip_open)
		put(writer, "]");
}

static void put_ports(struct writer *writer, const struct packet *packet)
{
	size_t start = writer->used + 1;

	if (!(packet->given & PACKET_GIVEN_PORTS))
		return;
	put(writer, " %u > %u", packet->source_port, packet->destination_port);
	span(writer, PACKET_FIELD_PORTS, start);
}

static void put_flags(struct writer *writer, uint16_t flags)
{
	static const struct { uint16_t flag; char letter; } letters[] = {
		{ PACKET_FIN, 'F' }, { PACKET_SYN, 'S' }, { PACKET_RST, 'R' }, { PACKET_PSH, 'P' }, { PACKET_URG, 'U' },
		{ PACKET_ECE, 'E' }, { PACKET_CWR, 'W' }, { PACKET_AE, 'A' }, { PACKET_ACK, '.' },
	};
	size_t start = writer->used + 1;

	put(writer, flags ? " " : " -");
	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
		if (flags & letters[i].flag)
			put(writer, "%c", letters[i].letter);
	span(writer, PACKET_FIELD_FLAGS, start);
}

static void put_number(struct writer *writer, enum packet_field field, const char *name, uint32_t value)
{
	size_t start = writer->used + 1;

	put(writer, " %s %u", name, value);
	span(writer, field, start);
}

static void put_tcp_options(struct writer *writer, const struct packet *packet)
{
	char options[PACKET_OPTIONS_MAX_BYTES * 8];
	size_t start = writer->used + 1;

	if (packet->given & PACKET_GIVEN_OPTIONS && !packet->options_bytes)
		return;
	packet_options_format(packet->options, packet->options_bytes, options, sizeof(options));
	put(writer, " <%s>", packet->given & PACKET_GIVEN_OPTIONS ? options : "...");
	span(writer, PACKET_FIELD_OPTIONS, start);
	span(writer, PACKET_FIELD_TIMESTAMP, start);
}

static void put_tcp(struct writer *writer, const struct packet *packet)
{
	size_t start;

	put_flags(writer, packet->flags);
	if (packet->given & PACKET_GIVEN_SEQ) {
		start = writer->used + 1;
		put(writer, " %u:%u", packet->seq, packet->seq + packet->payload_bytes);
		span(writer, PACKET_FIELD_SEQ, start);
		start = writer->used;
		put(writer, "(%u)", packet->payload_bytes);
		span(writer, PACKET_FIELD_PAYLOAD, start);
	}
	if (packet->given & PACKET_GIVEN_ACK)
		put_number(writer, PACKET_FIELD_ACK, "ack", packet->ack);
	if (packet->given & PACKET_GIVEN_WIN)
		put_number(writer, PACKET_FIELD_WIN, "win", packet->win);
	if (packet->given & PACKET_GIVEN_URGENT)
		put_number(writer, PACKET_FIELD_URGENT, "urg", packet->urgent);
	put_tcp_options(writer, packet);
}

static void put_length(struct writer *writer, const struct packet *packet)
{
	size_t start = writer->used + 1;

	if (!(packet->given & PACKET_GIVEN_PAYLOAD))
		return;
	put(writer, " (%u)", packet->payload_bytes);
	span(writer, PACKET_FIELD_PAYLOAD, start);
}

static void put_icmp_words(struct writer *writer, const struct packet *packet)
{
	const struct packet_icmp_type *type = packet_icmp_type(packet->protocol, packet->icmp_type);
	const char *code = packet_icmp_code_name(packet->protocol, packet->icmp_type, packet->icmp_code);
	size_t start = writer->used + 1;

	if (type)
		put(writer, " %s", type->name);
	else
		put(writer, " type %u", packet->icmp_type);
	span(writer, PACKET_FIELD_ICMP_TYPE, start);
	start = writer->used + 1;
	if (code)
		put(writer, " %s", code);
	else if (packet->icmp_code)
		put(writer, " code %u", packet->icmp_code);
	if (writer->used >= start)
		span(writer, PACKET_FIELD_ICMP_CODE, start);
}

static void put_icmp(struct writer *writer, const struct packet *packet)
{
	const struct packet_echoed *echoed = &packet->echoed;
	size_t start;

	put(writer, packet->protocol == PACKET_ICMP ? " icmp" : " icmpv6");
	put_icmp_words(writer, packet);
	if (packet->given & PACKET_GIVEN_MTU)
		put_number(writer, PACKET_FIELD_MTU, "mtu", packet->mtu);
	if (packet->given & PACKET_GIVEN_ID)
		put_number(writer, PACKET_FIELD_ID, "id", packet->id);
	start = writer->used + 1;
	if (!(packet->given & PACKET_GIVEN_ECHOED)) {
		put_length(writer, packet);
		return;
	}
	if (echoed->protocol == PACKET_TCP)
		put(writer, " [%u:%u(%u)]", echoed->seq, echoed->seq + echoed->payload_bytes, echoed->payload_bytes);
	else
		put(writer, " [udp (%u)]", echoed->payload_bytes);
	span(writer, PACKET_FIELD_ECHOED, start);
}

static void put_transport(struct writer *writer, const struct packet *packet)
{
	switch (packet->protocol) {
	case PACKET_TCP:
		put_ports(writer, packet);
		put_tcp(writer, packet);
		return;
	case PACKET_UDP:
		put_ports(writer, packet);
		put(writer, " udp");
		put_length(writer, packet);
		return;
	case PACKET_ICMP:
	case PACKET_ICMPV6:
		put_icmp(writer, packet);
		return;
	case PACKET_OTHER:
	case PACKET_PROTOCOL_COUNT:
		put(writer, " (IP protocol %u, %u bytes)", packet->ip_protocol, packet->payload_bytes);
		return;
	}
}

void packet_format(const struct packet *packet, struct packet_text *text)
{
	struct writer writer = { .text = text };
	size_t start;

	memset(text->spans, 0, sizeof(text->spans));
	put(&writer, packet->direction == PACKET_IN ? "<" : ">");
	start = writer.used + 1;
	for (unsigned i = 0; i < packet->outer_count && packet->outer; i++)
		put_outer(&writer, &packet->outer[i]);
	if (writer.used > start)
		span(&writer, PACKET_FIELD_OUTER, start);
	put_ip(&writer, packet);
	start = writer.used + 1;
	put_transport(&writer, packet);
	span(&writer, PACKET_FIELD_PROTOCOL, start);
}

/* What of actual is worth showing beside expected: the same parts, the one that differs, and its options in full. */
static uint16_t shown_parts(const struct packet *expected, const struct packet *actual, enum packet_field field)
{
	static const uint16_t parts[PACKET_FIELD_COUNT] = {
		[PACKET_FIELD_ECN] = PACKET_GIVEN_ECN, [PACKET_FIELD_TOS] = PACKET_GIVEN_TOS, [PACKET_FIELD_TTL] = PACKET_GIVEN_TTL,
		[PACKET_FIELD_FLOWLABEL] = PACKET_GIVEN_FLOWLABEL, [PACKET_FIELD_PORTS] = PACKET_GIVEN_PORTS,
		[PACKET_FIELD_SEQ] = PACKET_GIVEN_SEQ, [PACKET_FIELD_PAYLOAD] = PACKET_GIVEN_PAYLOAD,
		[PACKET_FIELD_ACK] = PACKET_GIVEN_ACK, [PACKET_FIELD_WIN] = PACKET_GIVEN_WIN,
		[PACKET_FIELD_URGENT] = PACKET_GIVEN_URGENT, [PACKET_FIELD_MTU] = PACKET_GIVEN_MTU, [PACKET_FIELD_ID] = PACKET_GIVEN_ID,
	};
	uint16_t given = expected->given | parts[field] | PACKET_GIVEN_OPTIONS;
	uint16_t icmp = PACKET_GIVEN_MTU | PACKET_GIVEN_ID | PACKET_GIVEN_ECHOED;

	if (expected->protocol != actual->protocol)
		given = actual->given & (uint16_t)~(PACKET_GIVEN_TOS | PACKET_GIVEN_TTL | PACKET_GIVEN_FLOWLABEL);
	if (actual->protocol == PACKET_ICMP || actual->protocol == PACKET_ICMPV6)
		given = (given & (uint16_t)~icmp) | (actual->given & icmp);
	return given;
}

/* Under the part that differs; behind the text when actual lacks it. Bytes are columns: a packet's text is ASCII. */
static void put_marker(const struct packet_text *actual, enum packet_field field, char *marker)
{
	struct packet_span at = actual->spans[field];

	if (!at.length)
		at = (struct packet_span){ (uint16_t)(strlen(actual->text) + 1), 1 };
	memset(marker, ' ', at.start);
	memset(marker + at.start, '^', at.length);
	marker[at.start + at.length] = '\0';
}

void mismatch_format(const struct packet *expected, const struct packet *actual, enum packet_field field,
		     struct mismatch_text *text)
{
	struct packet shown = *actual;
	struct packet_text formatted;
	size_t used;

	packet_format(expected, &formatted);
	snprintf(text->expected, sizeof(text->expected), "%s", formatted.text);
	shown.direction = expected->direction;
	shown.ecn = shown.tos & 3;
	shown.given = shown_parts(expected, actual, field);
	packet_format(&shown, &formatted);
	used = strlen(formatted.text);
	if (field == PACKET_FIELD_CHECKSUM) {
		snprintf(formatted.text + used, sizeof(formatted.text) - used, " (bad checksum)");
		formatted.spans[field] = (struct packet_span){ (uint16_t)(used + 1), (uint16_t)strlen("(bad checksum)") };
	}
	snprintf(text->actual, sizeof(text->actual), "%s", formatted.text);
	put_marker(&formatted, field, text->marker);
}

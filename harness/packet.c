/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet - one captured packet, decoded from its IP header on
 */
#include "packet.h"

#include <arpa/inet.h>
#include <string.h>

#include "record.h"

enum {
	IPV4_HEADER_BYTES = 20, IPV6_HEADER_BYTES = 40, TCP_HEADER_BYTES = 20,
	PROTOCOL_HOP_BY_HOP = 0, PROTOCOL_TCP = 6, PROTOCOL_ROUTING = 43, PROTOCOL_DESTINATION = 60,
	OPTION_EOL = 0, OPTION_NOP = 1, OPTION_STAMPS = 8, OPTION_STAMPS_BYTES = 10,
};

/* What is left to read. bytes is what the capture holds, claimed_bytes what the IP header says the packet has. */
struct cursor {
	const guint8 *data;
	gsize bytes, claimed_bytes;
};

static guint16 get_be16(const guint8 *from)
{
	return (guint16)(from[0] << 8 | from[1]);
}

static guint32 get_be32(const guint8 *from)
{
	return (guint32)get_be16(from) << 16 | get_be16(from + 2);
}

static gboolean skip(struct cursor *cursor, gsize bytes)
{
	if (bytes > cursor->bytes || bytes > cursor->claimed_bytes)
		return FALSE;
	cursor->data += bytes;
	cursor->bytes -= bytes;
	cursor->claimed_bytes -= bytes;
	return TRUE;
}

/* Each returns TRUE with the cursor at the TCP header. Fragments are left alone: their ports are not all there. */
static gboolean decode_ipv4(struct packet *packet, struct cursor *cursor)
{
	const guint8 *ip = cursor->data;

	if (cursor->bytes < IPV4_HEADER_BYTES || (ip[0] & 15) * 4 < IPV4_HEADER_BYTES)
		return FALSE;
	packet->ip_version = 4;
	packet->protocol = ip[9];
	packet->tos = ip[1];
	packet->ttl = ip[8];
	if (ip[9] != PROTOCOL_TCP || (get_be16(ip + 6) & 0x3fff))
		return FALSE;
	memcpy(packet->source, ip + 12, 4);
	memcpy(packet->target, ip + 16, 4);
	/* A segment on its way to hardware segmentation has length 0 there. */
	cursor->claimed_bytes = get_be16(ip + 2) ? get_be16(ip + 2) : packet->wire_bytes;
	return skip(cursor, (ip[0] & 15) * 4u);
}

static gboolean decode_ipv6(struct packet *packet, struct cursor *cursor)
{
	const guint8 *ip = cursor->data;
	guint8 next;

	if (cursor->bytes < IPV6_HEADER_BYTES)
		return FALSE;
	next = ip[6];
	packet->ip_version = 6;
	packet->tos = (get_be16(ip) >> 4) & 255;
	packet->ttl = ip[7];
	memcpy(packet->source, ip + 8, 16);
	memcpy(packet->target, ip + 24, 16);
	cursor->claimed_bytes = get_be16(ip + 4) ? IPV6_HEADER_BYTES + (gsize)get_be16(ip + 4) : packet->wire_bytes;
	if (!skip(cursor, IPV6_HEADER_BYTES))
		return FALSE;
	while (next == PROTOCOL_HOP_BY_HOP || next == PROTOCOL_ROUTING || next == PROTOCOL_DESTINATION) {
		gsize header_bytes;

		if (cursor->bytes < 8)
			return FALSE;
		next = cursor->data[0];
		header_bytes = 8 + 8 * (gsize)cursor->data[1];
		if (!skip(cursor, header_bytes))
			return FALSE;
	}
	packet->protocol = next;
	return next == PROTOCOL_TCP;
}

static gboolean decode_tcp(struct packet *packet, struct cursor *cursor)
{
	const guint8 *tcp = cursor->data;
	gsize header_bytes;

	if (cursor->bytes < TCP_HEADER_BYTES)
		return FALSE;
	header_bytes = (tcp[12] >> 4) * 4u;
	if (header_bytes < TCP_HEADER_BYTES || !skip(cursor, header_bytes))
		return FALSE;
	packet->source_port = get_be16(tcp);
	packet->target_port = get_be16(tcp + 2);
	packet->seq = get_be32(tcp + 4);
	packet->ack = get_be32(tcp + 8);
	packet->flags = tcp[13];
	packet->window = get_be16(tcp + 14);
	packet->urgent = get_be16(tcp + 18);
	packet->options_bytes = (guint)(header_bytes - TCP_HEADER_BYTES);
	memcpy(packet->options, tcp + TCP_HEADER_BYTES, packet->options_bytes);
	packet->payload_bytes = (guint)cursor->claimed_bytes;
	packet->payload_crc = record_crc32(0, cursor->data, MIN(cursor->bytes, cursor->claimed_bytes));
	return TRUE;
}

void packet_decode(struct packet *packet, const guint8 *data, gsize length_bytes)
{
	struct cursor cursor = { data, length_bytes, 0 };
	gboolean ip = FALSE;

	if (length_bytes && data[0] >> 4 == 4)
		ip = decode_ipv4(packet, &cursor);
	else if (length_bytes && data[0] >> 4 == 6)
		ip = decode_ipv6(packet, &cursor);
	packet->tcp = ip && decode_tcp(packet, &cursor);
}

guint32 packet_span(const struct packet *packet)
{
	return packet->payload_bytes + !!(packet->flags & PACKET_SYN) + !!(packet->flags & PACKET_FIN);
}

char *packet_flags_text(const struct packet *packet)
{
	static const struct { enum packet_flag flag; const char *name; } names[] = {
		{ PACKET_SYN, "SYN" }, { PACKET_FIN, "FIN" }, { PACKET_RST, "RST" }, { PACKET_PSH, "PSH" },
		{ PACKET_ACK, "ACK" }, { PACKET_URG, "URG" }, { PACKET_ECE, "ECE" }, { PACKET_CWR, "CWR" },
	};
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (packet->flags & names[i].flag)
			g_string_append_printf(text, "%s%s", text->len ? "," : "", names[i].name);
	return g_string_free(text->len ? text : g_string_append(text, "none"), FALSE);
}

/* How an option's value is written; layout: bytes per number, 0 for no value. bytes: full length, 0 for any. */
static const struct option_format {
	guint8 kind, bytes, layout;
	const char *name;
} option_formats[] = {
	{ 2, 4, 2, "mss" }, { 3, 3, 1, "wscale" }, { 4, 2, 0, "sackOK" }, { 5, 0, 4, "sack" },
	{ 8, 10, 4, "TS" }, { 19, 18, 0, "md5" }, { 34, 0, 0, "fastopen" },
};

static const struct option_format *option_format(guint8 kind, guint8 bytes)
{
	for (gsize i = 0; i < G_N_ELEMENTS(option_formats); i++)
		if (option_formats[i].kind == kind && (!option_formats[i].bytes || option_formats[i].bytes == bytes))
			return &option_formats[i];
	return NULL;
}

static void append_option(GString *text, const guint8 *option, guint8 bytes)
{
	const struct option_format *format = option_format(option[0], bytes);

	g_string_append(text, text->len ? ", " : "");
	if (!format) {
		g_string_append_printf(text, "option %u of %u bytes", option[0], bytes);
		return;
	}
	g_string_append(text, format->name);
	for (guint at = 2; format->layout && at + format->layout <= bytes; at += format->layout) {
		guint32 value = 0;

		for (guint i = 0; i < format->layout; i++)
			value = value << 8 | option[at + i];
		g_string_append_printf(text, " %u", value);
	}
}

/* The bytes of the option at `at`; 0 where it is damaged, so that nothing behind it can be read. */
static guint option_bytes(const struct packet *packet, guint at)
{
	guint bytes;

	if (packet->options[at] == OPTION_NOP)
		return 1;
	bytes = at + 1 < packet->options_bytes ? packet->options[at + 1] : 0;
	return bytes < 2 || at + bytes > packet->options_bytes ? 0 : bytes;
}

char *packet_options_text(const struct packet *packet)
{
	GString *text = g_string_new(NULL);
	guint bytes;

	for (guint at = 0; at < packet->options_bytes && packet->options[at] != OPTION_EOL; at += bytes) {
		bytes = option_bytes(packet, at);
		if (!bytes) {
			g_string_append_printf(text, "%soption %u damaged", text->len ? ", " : "", packet->options[at]);
			break;
		}
		if (packet->options[at] != OPTION_NOP)
			append_option(text, packet->options + at, (guint8)bytes);
	}
	return g_string_free(text, FALSE);
}

gboolean packet_stamps(const struct packet *packet, guint32 *value, guint32 *echo)
{
	guint bytes;

	for (guint at = 0; at < packet->options_bytes && packet->options[at] != OPTION_EOL; at += bytes) {
		bytes = option_bytes(packet, at);
		if (!bytes)
			return FALSE;
		if (packet->options[at] == OPTION_STAMPS && bytes == OPTION_STAMPS_BYTES) {
			*value = get_be32(packet->options + at + 2);
			*echo = get_be32(packet->options + at + 6);
			return TRUE;
		}
	}
	return FALSE;
}

static char *endpoint_text(const struct packet *packet, const guint8 *address, guint port)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(packet->ip_version == 6 ? AF_INET6 : AF_INET, address, text, sizeof(text));
	return g_strdup_printf(packet->ip_version == 6 ? "[%s]:%u" : "%s:%u", text, port);
}

char *packet_source_text(const struct packet *packet)
{
	return endpoint_text(packet, packet->source, packet->source_port);
}

char *packet_target_text(const struct packet *packet)
{
	return endpoint_text(packet, packet->target, packet->target_port);
}

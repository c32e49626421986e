/* SPDX-License-Identifier: GPL-2.0-or-later
 * pcap_fixture - capture files as other machines write them: every link type, microseconds or nanoseconds, pcap or pcapng
 * A capture is a list of segments with relative numbers; addresses, ports and initial numbers are the writer's. No part of finrig itself.
 */
#ifndef FINRIG_TESTS_PCAP_FIXTURE_H
#define FINRIG_TESTS_PCAP_FIXTURE_H

#include "stream.h"

struct segment {
	guint flow;               /* 0 … FIXTURE_FLOWS - 1 */
	gboolean out;             /* from the server */
	double t_s;
	guint flags;
	guint32 seq, ack;         /* relative */
	guint length, window, tos, ttl, urgent;
	guint mss;                /* 0: none */
	guint stamp, echo;        /* since the flow's stamps' base; stamp 0: no time stamps */
	guint8 fill;              /* the payload's bytes */
};

enum fixture_link {
	FIXTURE_ETHERNET, FIXTURE_VLAN, FIXTURE_RAW, FIXTURE_NULL, FIXTURE_COOKED, FIXTURE_COOKED_VLAN, FIXTURE_COOKED2, FIXTURE_COOKED2_VLAN,
	FIXTURE_LINK_COUNT,
};

enum { FIXTURE_FLOWS = 3, FIXTURE_PREFIX_MAX = 32 };

struct fixture {
	enum fixture_link link;
	gboolean nanoseconds, pcapng;
	guint32 isn[FIXTURE_FLOWS][2]; /* [out] */
	guint16 port[FIXTURE_FLOWS];   /* of the clients */
	guint32 stamp_base;
	guint host;                    /* last byte of addresses */
	gint64 start_s;
};

static const struct fixture_link_type {
	guint type;
	guint bytes, direction; /* offset of what tells the direction; 0: nothing does */
	const char *prefix;
} fixture_links[FIXTURE_LINK_COUNT] = {
	[FIXTURE_ETHERNET] = { 1, 14, 0, "\0\0\0\0\0\1\0\0\0\0\0\2\10\0" },
	[FIXTURE_VLAN] = { 1, 18, 0, "\0\0\0\0\0\1\0\0\0\0\0\2\201\0\0\5\10\0" },
	[FIXTURE_RAW] = { 101, 0, 0, "" },
	[FIXTURE_NULL] = { 0, 4, 0, "\2\0\0\0" },
	[FIXTURE_COOKED] = { 113, 16, 1, "\0\0\0\1\0\6\0\0\0\0\0\0\0\0\10\0" },
	[FIXTURE_COOKED_VLAN] = { 113, 20, 1, "\0\0\0\1\0\6\0\0\0\0\0\0\0\0\201\0\0\5\10\0" },
	[FIXTURE_COOKED2] = { 276, 20, 10, "\10\0\0\0\0\0\0\2\0\1\0\6\0\0\0\0\0\0\0\0" },
	[FIXTURE_COOKED2_VLAN] = { 276, 24, 10, "\201\0\0\0\0\0\0\2\0\1\0\6\0\0\0\0\0\0\0\0\0\5\10\0" },
};

static void fixture_u32(GByteArray *file, guint32 value)
{
	g_byte_array_append(file, (const guint8 *)&value, sizeof(value));
}

static void fixture_u16(GByteArray *file, guint16 value)
{
	g_byte_array_append(file, (const guint8 *)&value, sizeof(value));
}

static guint fixture_options(const struct fixture *fixture, const struct segment *segment, guint8 *to)
{
	guint bytes = 0;

	if (segment->mss) {
		memcpy(to, "\2\4", 2);
		stream_be(to + 2, segment->mss, 2);
		bytes = 4;
	}
	if (segment->stamp) {
		memcpy(to + bytes, "\1\1\10\12", 4);
		stream_be(to + bytes + 4, fixture->stamp_base + segment->stamp, 4);
		stream_be(to + bytes + 8, segment->echo ? fixture->stamp_base + segment->echo : 0, 4);
		bytes += 12;
	}
	return bytes;
}

/* The IP packet; returns its length. */
static guint fixture_packet(const struct fixture *fixture, const struct segment *segment, guint8 *to)
{
	const guint8 client[] = { 192, 0, 2, (guint8)fixture->host }, server[] = { 192, 168, 0, (guint8)fixture->host };
	const guint32 *isn = fixture->isn[segment->flow];
	guint8 options[40];
	guint option_bytes = fixture_options(fixture, segment, options), length = 40 + option_bytes + segment->length;

	memset(to, 0, 40);
	to[0] = 0x45;
	to[1] = (guint8)segment->tos;
	stream_be(to + 2, length, 2);
	to[8] = (guint8)(segment->ttl ? segment->ttl : 64);
	to[9] = 6;
	memcpy(to + 12, segment->out ? server : client, 4);
	memcpy(to + 16, segment->out ? client : server, 4);
	stream_be(to + 10, stream_ip_checksum(to), 2);
	stream_be(to + 20, segment->out ? 8080 + segment->flow : fixture->port[segment->flow], 2);
	stream_be(to + 22, segment->out ? fixture->port[segment->flow] : 8080 + segment->flow, 2);
	stream_be(to + 24, (guint32)(isn[segment->out] + segment->seq), 4);
	stream_be(to + 28, segment->flags & PACKET_ACK ? (guint32)(isn[!segment->out] + segment->ack) : 0, 4);
	to[32] = (guint8)((5 + option_bytes / 4) << 4);
	to[33] = (guint8)segment->flags;
	stream_be(to + 34, segment->window ? segment->window : 512, 2);
	stream_be(to + 38, segment->urgent, 2);
	memcpy(to + 40, options, option_bytes);
	memset(to + 40 + option_bytes, segment->fill, segment->length);
	return length;
}

static void fixture_file_header(const struct fixture *fixture, GByteArray *file)
{
	if (!fixture->pcapng) {
		fixture_u32(file, fixture->nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
		fixture_u16(file, 2);
		fixture_u16(file, 4);
		fixture_u32(file, 0);
		fixture_u32(file, 0);
		fixture_u32(file, 65535);
		fixture_u32(file, fixture_links[fixture->link].type);
		return;
	}
	/* Section header, then one interface; option 9 is the resolution of its stamps. */
	for (guint i = 0; i < 7; i++)
		fixture_u32(file, (const guint32[]){ 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28 }[i]);
	for (guint i = 0; i < 4; i++)
		fixture_u32(file, (const guint32[]){ 1, 32, fixture_links[fixture->link].type, 65535 }[i]);
	for (guint i = 0; i < 4; i++)
		fixture_u32(file, (const guint32[]){ 9 | 1 << 16, fixture->nanoseconds ? 9 : 6, 0, 32 }[i]);
}

static void fixture_record(const struct fixture *fixture, GByteArray *file, double t_s, const guint8 *data, guint bytes)
{
	guint64 unit = fixture->nanoseconds ? 1000000000 : 1000000, t = (guint64)(t_s * (double)unit + 0.5);
	guint64 stamp = (guint64)fixture->start_s * unit + t;
	guint padded = (bytes + 3) & ~3u;

	if (!fixture->pcapng) {
		fixture_u32(file, (guint32)(stamp / unit));
		fixture_u32(file, (guint32)(stamp % unit));
		fixture_u32(file, bytes);
		fixture_u32(file, bytes);
		g_byte_array_append(file, data, bytes);
		return;
	}
	for (guint i = 0; i < 7; i++)
		fixture_u32(file, (const guint32[]){ 6, 32 + padded, 0, (guint32)(stamp >> 32), (guint32)stamp, bytes, bytes }[i]);
	g_byte_array_append(file, data, bytes);
	g_byte_array_append(file, (const guint8 *)"\0\0\0", padded - bytes);
	fixture_u32(file, 32 + padded);
}

static G_GNUC_UNUSED GByteArray *fixture_bytes(const struct fixture *fixture, const struct segment *segments, guint count)
{
	const struct fixture_link_type *link = &fixture_links[fixture->link];
	GByteArray *file = g_byte_array_new();

	fixture_file_header(fixture, file);
	for (guint i = 0; i < count; i++) {
		guint8 data[FIXTURE_PREFIX_MAX + 4096];
		guint bytes;

		memcpy(data, link->prefix, link->bytes);
		if (link->direction)
			data[link->direction] = segments[i].out ? 4 : 0;
		bytes = link->bytes + fixture_packet(fixture, &segments[i], data + link->bytes);
		fixture_record(fixture, file, segments[i].t_s, data, bytes);
	}
	return file;
}

/* Returns the path, folder/name; caller frees. */
static G_GNUC_UNUSED char *fixture_write(const struct fixture *fixture, const struct segment *segments, guint count, const char *folder, const char *name)
{
	g_autoptr(GByteArray) file = fixture_bytes(fixture, segments, count);

	stream_put(folder, name, file->data, file->len);
	return g_build_filename(folder, name, NULL);
}

static G_GNUC_UNUSED struct fixture fixture_default(void)
{
	return (struct fixture){ .link = FIXTURE_ETHERNET, .isn = { { 1000, 2000 }, { 0xfffffff0, 7 }, { 5, 0xffffff00 } },
				 .port = { 40001, 40002, 40003 }, .stamp_base = 1000, .host = 1, .start_s = 1700000000 };
}

/* Other numbers, ports, addresses, time stamps, date, link and format: nothing that a diff compares. */
static G_GNUC_UNUSED struct fixture fixture_random(void)
{
	struct fixture fixture = { .link = (enum fixture_link)g_test_rand_int_range(0, FIXTURE_LINK_COUNT),
				   .nanoseconds = g_test_rand_int_range(0, 2), .pcapng = g_test_rand_int_range(0, 2),
				   .stamp_base = (guint32)g_test_rand_int(), .host = (guint)g_test_rand_int_range(1, 255),
				   .start_s = g_test_rand_int_range(1, G_MAXINT32) };

	for (guint i = 0; i < FIXTURE_FLOWS; i++) {
		fixture.isn[i][0] = (guint32)g_test_rand_int();
		fixture.isn[i][1] = (guint32)g_test_rand_int();
		fixture.port[i] = (guint16)(32768 + 1000 * i + (guint)g_test_rand_int_range(0, 1000));
	}
	return fixture;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * stream - record streams as a guest would write them, made by hand for tests
 * Times are seconds since script time zero; the guest's clock stands at 5 s then. No part of finrig itself.
 */
#ifndef FINRIG_TESTS_STREAM_H
#define FINRIG_TESTS_STREAM_H

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "packet.h"
#include "record.h"

enum { STATE_ESTABLISHED = 1, STATE_FIN_WAIT1 = 4, STATE_TIME_WAIT = 6, STATE_CLOSE_WAIT = 8, STATE_LISTEN = 10, STATE_CLOSING = 11 };

struct stream {
	GByteArray *bytes;
	guint sequence;
	guint32 local_isn, peer_isn;
	guint16 peer_port;
};

struct sample {
	guint state, timer, timer_ms, retransmits, backoff, rto_us, wmem, tmem, sndbuf;
};

static struct record stream_record;

static guint64 stream_clock_ns(double t_s)
{
	return (guint64)(gint64)((t_s + 5) * 1e9 + 0.5);
}

static void stream_add(struct stream *stream)
{
	g_byte_array_append(stream->bytes, stream_record.bytes, (guint)record_end(&stream_record, stream->sequence++));
}

static G_GNUC_UNUSED void stream_open(struct stream *stream, const char *release)
{
	*stream = (struct stream){ g_byte_array_new(), 0, 0x10000000, 0xfffffff0, 40001 };
	record_begin(&stream_record, RECORD_HELLO, stream_clock_ns(-4));
	record_text(&stream_record, FIELD_RELEASE, release);
	record_int(&stream_record, FIELD_REALTIME_OFFSET_NS, G_GINT64_CONSTANT(1577836800000000000));
	stream_add(stream);
	record_begin(&stream_record, RECORD_READY, stream_clock_ns(-3));
	stream_add(stream);
	record_begin(&stream_record, RECORD_START, stream_clock_ns(0));
	record_text(&stream_record, FIELD_CASE, "closing-fin-retransmit");
	stream_add(stream);
}

static G_GNUC_UNUSED void stream_end(struct stream *stream, double t_s, enum record_end_status status)
{
	record_begin(&stream_record, RECORD_END, stream_clock_ns(t_s));
	record_uint(&stream_record, FIELD_STATUS, status);
	stream_add(stream);
}

static void stream_be(guint8 *to, guint64 value, guint bytes)
{
	for (guint i = 0; i < bytes; i++)
		to[i] = (guint8)(value >> (8 * (bytes - 1 - i)));
}

static guint16 stream_ip_checksum(const guint8 *header)
{
	guint32 sum = 0;

	for (guint i = 0; i < 20; i += 2)
		sum += (guint32)header[i] << 8 | header[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (guint16)~sum;
}

/* An IPv4 TCP segment without options between 192.168.0.1:8080 and 192.0.2.1; returns its length. seq, ack: relative. */
static G_GNUC_UNUSED gsize stream_segment(const struct stream *stream, guint8 *to, gboolean out, guint flags, guint32 seq, guint payload, guint32 ack)
{
	static const guint8 local[] = { 192, 168, 0, 1 }, peer[] = { 192, 0, 2, 1 };
	gsize length = 40 + (gsize)payload;

	memset(to, 0, length);
	to[0] = 0x45;
	stream_be(to + 2, length, 2);
	to[8] = 64;
	to[9] = 6;
	memcpy(to + 12, out ? local : peer, 4);
	memcpy(to + 16, out ? peer : local, 4);
	stream_be(to + 10, stream_ip_checksum(to), 2);
	stream_be(to + 20, out ? 8080 : stream->peer_port, 2);
	stream_be(to + 22, out ? stream->peer_port : 8080, 2);
	stream_be(to + 24, (guint32)((out ? stream->local_isn : stream->peer_isn) + seq), 4);
	stream_be(to + 28, flags & PACKET_ACK ? (guint32)((out ? stream->peer_isn : stream->local_isn) + ack) : 0, 4);
	to[32] = 0x50;
	to[33] = (guint8)flags;
	stream_be(to + 34, out ? 229 : 257, 2);
	return length;
}

static G_GNUC_UNUSED void stream_packet(struct stream *stream, double t_s, gboolean out, guint flags, guint32 seq, guint payload, guint32 ack)
{
	guint8 bytes[2048];
	gsize length = stream_segment(stream, bytes, out, flags, seq, payload, ack);

	record_begin(&stream_record, RECORD_PACKET, stream_clock_ns(t_s));
	record_uint(&stream_record, FIELD_DIRECTION, out ? RECORD_OUT : RECORD_IN);
	record_text(&stream_record, FIELD_INTERFACE, "tun0");
	record_uint(&stream_record, FIELD_PROTOCOL, 0x0800);
	record_uint(&stream_record, FIELD_WIRE_BYTES, length);
	record_bytes(&stream_record, FIELD_DATA, bytes, length);
	stream_add(stream);
}

static G_GNUC_UNUSED void stream_socket(struct stream *stream, double t_s, const char *cause, struct sample sample)
{
	record_begin(&stream_record, RECORD_SOCKET, stream_clock_ns(t_s));
	record_text(&stream_record, FIELD_CAUSE, cause);
	record_text(&stream_record, FIELD_LOCAL, "192.168.0.1:8080");
	record_text(&stream_record, FIELD_REMOTE, sample.state == STATE_LISTEN ? "0.0.0.0:0" : "192.0.2.1:40001");
	record_uint(&stream_record, FIELD_STATE, sample.state);
	record_uint(&stream_record, FIELD_TIMER, sample.timer);
	record_uint(&stream_record, FIELD_TIMER_MS, sample.timer_ms);
	record_uint(&stream_record, FIELD_RETRANSMITS, sample.retransmits);
	record_uint(&stream_record, FIELD_WMEM, sample.wmem);
	record_uint(&stream_record, FIELD_TMEM, sample.tmem);
	if (sample.sndbuf)
		record_uint(&stream_record, FIELD_SNDBUF, sample.sndbuf);
	record_uint(&stream_record, FIELD_BACKOFF, sample.backoff);
	record_uint(&stream_record, FIELD_RTO_US, sample.rto_us);
	stream_add(stream);
}

static G_GNUC_UNUSED void stream_counter(struct stream *stream, double t_s, const char *name, gint64 value, gint64 delta)
{
	record_begin(&stream_record, RECORD_COUNTER, stream_clock_ns(t_s));
	record_text(&stream_record, FIELD_NAME, name);
	record_int(&stream_record, FIELD_VALUE, value);
	record_int(&stream_record, FIELD_DELTA, delta);
	stream_add(stream);
}

/* The founding case up to the ACK of the peer's FIN: CLOSING, our FIN sent at 0.4 s and never acknowledged. */
static G_GNUC_UNUSED void stream_to_closing(struct stream *stream)
{
	stream_socket(stream, 0, "start", (struct sample){ .state = STATE_LISTEN });
	stream_packet(stream, 0.1, FALSE, PACKET_SYN, 0, 0, 0);
	stream_packet(stream, 0.1, TRUE, PACKET_SYN | PACKET_ACK, 0, 0, 1);
	stream_packet(stream, 0.2, FALSE, PACKET_ACK, 1, 0, 1);
	stream_socket(stream, 0.2, "packet", (struct sample){ .state = STATE_ESTABLISHED, .rto_us = 300000, .sndbuf = 87040 });
	stream_packet(stream, 0.25, TRUE, PACKET_PSH | PACKET_ACK, 1, 1000, 1);
	stream_packet(stream, 0.3, FALSE, PACKET_ACK, 1, 0, 1001);
	stream_packet(stream, 0.4, TRUE, PACKET_FIN | PACKET_ACK, 1001, 0, 1);
	stream_socket(stream, 0.4, "statement", (struct sample){ STATE_FIN_WAIT1, 1, 300, 0, 0, 300000, 1280, 3584, 87040 });
	stream_packet(stream, 0.5, FALSE, PACKET_FIN | PACKET_ACK, 1, 0, 1001);
	stream_packet(stream, 0.5, TRUE, PACKET_ACK, 1002, 0, 2);
	stream_socket(stream, 0.5, "packet", (struct sample){ STATE_CLOSING, 1, 200, 0, 0, 300000, 1280, 3584, 87040 });
}

/* Eight timeouts, each doubling rto from 0.3 s on. sent: FINs leave; else who refuses: by host queue counter or by memory.
 * AFTER_PROBE: a loss probe was held back in the queue before. Ends at 140 s. */
enum refusal { REFUSAL_NONE, REFUSAL_HOST_QUEUE, REFUSAL_MEMORY, REFUSAL_MEMORY_AFTER_PROBE, REFUSAL_UNSEEN };

static G_GNUC_UNUSED void stream_closing(struct stream *stream, const char *release, enum refusal refusal)
{
	double t_s = 0.4, rto_s = 0.3;

	stream_open(stream, release);
	stream_to_closing(stream);
	if (refusal == REFUSAL_MEMORY_AFTER_PROBE)
		stream_counter(stream, 0.55, "TcpExt.TCPSpuriousRtxHostQueues", 1, 1);
	for (guint i = 1; i <= 8; i++) {
		struct sample sample = { STATE_CLOSING, 1, (guint)(rto_s * 2000), i, i, (guint)(rto_s * 2e6), 1280, 1280, 87040 };

		t_s += rto_s;
		rto_s *= 2;
		sample.tmem = refusal == REFUSAL_MEMORY || refusal == REFUSAL_MEMORY_AFTER_PROBE ? 3584 : refusal == REFUSAL_HOST_QUEUE ? 1280 : 1;
		if (refusal == REFUSAL_NONE) {
			stream_packet(stream, t_s, TRUE, PACKET_FIN | PACKET_ACK, 1001, 0, 2);
			stream_counter(stream, t_s, "Tcp.RetransSegs", i, 1);
		}
		stream_socket(stream, t_s, "timer", sample);
		stream_counter(stream, t_s, "TcpExt.TCPTimeouts", i, 1);
		if (refusal == REFUSAL_HOST_QUEUE)
			stream_counter(stream, t_s, "TcpExt.TCPSpuriousRtxHostQueues", i, 1);
	}
	stream_socket(stream, 140, "end", (struct sample){ STATE_CLOSING, 1, 10000, 8, 8, 76800000, 1280, 1280, 87040 });
	stream_end(stream, 140, RECORD_END_PASSED);
}

static G_GNUC_UNUSED void stream_close(struct stream *stream)
{
	g_byte_array_unref(stream->bytes);
}

/* A new folder below the system's temporary one; stream_remove() takes it away with all in it. */
static G_GNUC_UNUSED char *stream_folder(void)
{
	g_autoptr(GError) error = NULL;
	char *path = g_dir_make_tmp("finrig-test-XXXXXX", &error);

	g_assert_no_error(error);
	return path;
}

static G_GNUC_UNUSED void stream_remove(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *below = g_build_filename(path, name, NULL);

		stream_remove(below);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(path);
}

static G_GNUC_UNUSED void stream_put(const char *folder, const char *name, const void *data, gssize length)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autoptr(GError) error = NULL;

	g_mkdir_with_parents(folder, 0777);
	g_file_set_contents(path, data, length, &error);
	g_assert_no_error(error);
}

static G_GNUC_UNUSED char *stream_get(const char *folder, const char *name, gsize *length)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autoptr(GError) error = NULL;
	char *text = NULL;

	g_file_get_contents(path, &text, length, &error);
	g_assert_no_error(error);
	return text;
}

/* A cell's folder as the vm stage leaves it. */
static G_GNUC_UNUSED void stream_cell(const char *folder, const struct stream *stream, const char *case_text, const char *console)
{
	stream_put(folder, "0-cell.json",
		   "{\"kernel\": \"sample\", \"case\": \"closing\", \"file\": \"cases/closing.pkt\", \"expect\": \"fixed\"}\n", -1);
	stream_put(folder, "0-case.pkt", case_text, -1);
	stream_put(folder, "1-vm.json", "{\"status\": \"ended\", \"detail\": \"\"}\n", -1);
	stream_put(folder, "1-console.log", console, -1);
	stream_put(folder, "1-records.bin", stream->bytes->data, stream->bytes->len);
}

#endif

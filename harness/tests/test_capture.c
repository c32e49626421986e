/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_capture - packets into pcap and back, of every link type, and out of hostile bytes
 */
#include <pcap/pcap.h>

#include "capture.h"
#include "error.h"
#include "event.h"
#include "stream.h"

static struct capture *stage(const char *folder, const struct stream *stream)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(folder, "3-packets.pcap", NULL);
	struct capture *capture;

	stream_put(folder, "1-records.bin", stream->bytes->data, stream->bytes->len);
	g_assert_true(event_stage(folder, &error));
	g_assert_true(capture_stage(folder, &error));
	capture = capture_read(path, &error);
	g_assert_no_error(error);
	return capture;
}

/* Header and first packet byte by byte: nanosecond magic, cooked, dated by the guest's clock. */
static void test_bytes(void)
{
	struct stream stream;
	g_autofree char *folder = stream_folder(), *bytes = NULL;
	g_autoptr(capture_t) capture = NULL;
	guint32 words[14];
	gsize length;

	stream_open(&stream, "6.1.0");
	stream_packet(&stream, 0.25, TRUE, PACKET_PSH | PACKET_ACK, 1, 10, 1);
	stream_packet(&stream, 0.3, FALSE, PACKET_ACK, 1, 0, 11);
	capture = stage(folder, &stream);
	bytes = stream_get(folder, "3-packets.pcap", &length);
	g_assert_cmpuint(length, ==, 24 + 16 + 16 + 50 + 16 + 16 + 40);
	memcpy(words, bytes, sizeof(words));
	g_assert_cmphex(words[0], ==, 0xa1b23c4d);
	g_assert_cmpuint(words[5], ==, 113);                  /* LINKTYPE_LINUX_SLL */
	g_assert_cmpuint(words[6], ==, 1577836800 + 5);       /* clock 5.25 s after its zero at 2020-01-01 */
	g_assert_cmpuint(words[7], ==, 250000000);
	g_assert_cmpmem(bytes + 40, 16, "\0\4\377\376\0\0\0\0\0\0\0\0\0\0\10\0", 16);
	g_assert_cmpmem(bytes + 40 + 16 + 50 + 16, 2, "\0\0", 2);
	g_assert_true(capture->sided);
	g_assert_cmpuint(capture->packets->len, ==, 2);
	stream_close(&stream);
	stream_remove(folder);
}

static const struct packet *at(const struct capture *capture, guint i)
{
	return g_ptr_array_index(capture->packets, i);
}

static void test_decode(void)
{
	struct stream stream;
	g_autofree char *folder = stream_folder();
	g_autoptr(capture_t) capture = NULL;
	static const guint32 seqs[] = { 0, 0, 1, 1, 1, 1001, 1, 1002 }, acks[] = { 0, 1, 1, 1, 1001, 1, 1001, 2 };

	stream_closing(&stream, "6.1.0", REFUSAL_NONE);
	capture = stage(folder, &stream);
	g_assert_cmpuint(capture->packets->len, ==, 16);
	g_assert_cmpuint(capture->flow_count, ==, 1);
	for (guint i = 0; i < G_N_ELEMENTS(seqs); i++) {
		g_assert_cmpuint(at(capture, i)->relative_seq, ==, seqs[i]);
		g_assert_cmpuint(at(capture, i)->relative_ack, ==, acks[i]); /* over a wrap of the peer's numbers */
		g_assert_false(at(capture, i)->repeat);
	}
	for (guint i = 8; i < 16; i++) {
		g_assert_true(at(capture, i)->repeat);
		g_assert_cmpint(at(capture, i)->side, ==, PACKET_OUT);
		g_assert_cmpuint(at(capture, i)->flags, ==, PACKET_FIN | PACKET_ACK);
	}
	g_assert_cmpuint(at(capture, 4)->payload_bytes, ==, 0);
	g_assert_cmpuint(at(capture, 3)->payload_bytes, ==, 1000);
	stream_close(&stream);
	stream_remove(folder);
}

/* Writes the founding case as another machine's capture would have it. */
static void write_foreign(const char *path, int link_type, int precision, const void *prefix, guint prefix_bytes, gboolean out_prefix)
{
	struct stream stream = { NULL, 0, 1000, 2000, 40001 };
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(link_type, 65535, (u_int)precision);
	pcap_dumper_t *dumper = pcap_dump_open(pcap, path);
	static const struct { gboolean out; guint flags, seq, ack; double t_s; } packets[] = {
		{ FALSE, PACKET_SYN, 0, 0, 0.1 }, { TRUE, PACKET_SYN | PACKET_ACK, 0, 1, 0.1 }, { FALSE, PACKET_ACK, 1, 1, 0.2 },
		{ TRUE, PACKET_FIN | PACKET_ACK, 1, 1, 0.4 }, { FALSE, PACKET_FIN | PACKET_ACK, 1, 1, 0.5 },
		{ TRUE, PACKET_FIN | PACKET_ACK, 1, 2, 0.7 }, { TRUE, PACKET_FIN | PACKET_ACK, 1, 2, 1.3 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(packets); i++) {
		guint8 bytes[2048] = { 0 };
		struct pcap_pkthdr header = { .ts = { .tv_sec = 1700000000 } };
		gsize length;

		memcpy(bytes, prefix, prefix_bytes);
		if (out_prefix)
			bytes[link_type == DLT_LINUX_SLL2 ? 10 : 1] = packets[i].out ? 4 : 0;
		length = prefix_bytes + stream_segment(&stream, bytes + prefix_bytes, packets[i].out, packets[i].flags, packets[i].seq, 0, packets[i].ack);
		header.ts.tv_usec = (suseconds_t)(packets[i].t_s * (precision == PCAP_TSTAMP_PRECISION_NANO ? 1e9 : 1e6));
		if (header.ts.tv_usec >= (precision == PCAP_TSTAMP_PRECISION_NANO ? 1000000000 : 1000000)) {
			header.ts.tv_sec++;
			header.ts.tv_usec -= precision == PCAP_TSTAMP_PRECISION_NANO ? 1000000000 : 1000000;
		}
		header.caplen = header.len = (guint32)length;
		pcap_dump((u_char *)dumper, &header, bytes);
	}
	pcap_dump_close(dumper);
	pcap_close(pcap);
}

#define BYTES(text) text, sizeof(text) - 1

static void test_foreign(void)
{
	static const struct { int type; const char *prefix; guint bytes; gboolean sided; } links[] = {
		{ DLT_EN10MB, BYTES("\0\0\0\0\0\1\0\0\0\0\0\2\10\0"), FALSE },
		{ DLT_EN10MB, BYTES("\0\0\0\0\0\1\0\0\0\0\0\2\201\0\0\5\10\0"), FALSE }, /* VLAN 5 */
		{ DLT_RAW, BYTES(""), FALSE }, { DLT_NULL, BYTES("\2\0\0\0"), FALSE },
		{ DLT_LINUX_SLL, BYTES("\0\0\0\1\0\6\0\0\0\0\0\0\0\0\10\0"), TRUE },
		{ DLT_LINUX_SLL2, BYTES("\10\0\0\0\0\0\0\2\0\1\0\6\0\0\0\0\0\0\0\0"), TRUE },
	};
	g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "x.pcap", NULL);

	for (gsize i = 0; i < 2 * G_N_ELEMENTS(links); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(capture_t) capture = NULL;
		gsize link = i / 2;

		write_foreign(path, links[link].type, i % 2 ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO,
			      links[link].prefix, links[link].bytes, links[link].sided);
		capture = capture_read(path, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(capture->packets->len, ==, 7);
		g_assert_cmpint(capture->sided, ==, links[link].sided);
		g_assert_true(at(capture, 6)->tcp && at(capture, 6)->repeat && at(capture, 5)->repeat && !at(capture, 4)->repeat);
		/* Without directions the sender of three FINs is the one looked at, not the sender of one. */
		g_assert_cmpint(at(capture, 3)->side, ==, PACKET_OUT);
		g_assert_cmpint(at(capture, 4)->side, ==, PACKET_IN);
		g_assert_cmpint(at(capture, 6)->t_ns / 1000, ==, 1200000);
		g_assert_cmpuint(at(capture, 6)->wire_bytes, ==, 40);
	}
	stream_remove(folder);
}

static void test_bad_files(void)
{
	g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "x.pcap", NULL);
	g_autofree char *bytes = NULL;
	gsize length;

	write_foreign(path, DLT_RAW, PCAP_TSTAMP_PRECISION_NANO, "", 0, FALSE);
	bytes = stream_get(folder, "x.pcap", &length);
	for (gsize cut = 0; cut < length; cut++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(capture_t) capture = NULL;

		stream_put(folder, "x.pcap", bytes, (gssize)cut);
		capture = capture_read(path, &error);
		g_assert_true((capture != NULL) == (cut >= 24 && (cut - 24) % 56 == 0));
		if (!capture)
			g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	}
	bytes[20] = 119; /* a link type nobody here reads */
	stream_put(folder, "x.pcap", bytes, (gssize)length);
	g_autoptr(GError) error = NULL;
	g_assert_null(capture_read(path, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "link type"));
	stream_remove(folder);
}

/* No packet may make the decoder read past its end: the sanitizer watches. */
static void test_wild_packets(void)
{
	struct stream stream = { NULL, 0, 1000, 2000, 40001 };

	for (guint i = 0; i < 20000; i++) {
		guint8 bytes[2048];
		struct packet packet = { 0 };
		gsize length = stream_segment(&stream, bytes, TRUE, PACKET_FIN, 1, 20, 1);
		g_autofree guint8 *copy = NULL;

		for (guint flips = (guint)g_test_rand_int_range(0, 12); flips; flips--)
			bytes[g_test_rand_int_range(0, 60)] = (guint8)g_test_rand_int_range(0, 256);
		if (i % 3 == 0)
			bytes[0] = 0x60;
		length = (gsize)g_test_rand_int_range(0, (gint32)length + 1);
		copy = g_memdup2(bytes, MAX(length, 1));
		packet.wire_bytes = (guint)length;
		packet_decode(&packet, copy, length);
		g_autofree char *options = packet_options_text(&packet), *flags = packet_flags_text(&packet);
		g_assert_true(options && flags && packet.options_bytes <= PACKET_OPTIONS_MAX_BYTES);
	}
}

static void check_options(const char *bytes, guint length, const char *expected)
{
	struct packet packet = { .options_bytes = length };
	g_autofree char *text = NULL;

	memcpy(packet.options, bytes, length);
	text = packet_options_text(&packet);
	g_assert_cmpstr(text, ==, expected);
}

static void test_options(void)
{
	check_options(BYTES("\2\4\5\264\1\3\3\7\4\2\1\1"), "mss 1460, wscale 7, sackOK");
	check_options(BYTES("\10\12\0\0\0\1\0\0\0\2"), "TS 1 2");
	check_options(BYTES("\1\1\5\12\0\0\0\1\0\0\0\5"), "sack 1 5");
	check_options(BYTES("\2\4\5"), "option 2 damaged");
	check_options(BYTES("\2\0"), "option 2 damaged");
	check_options(BYTES("\2"), "option 2 damaged");
	check_options(BYTES("\2\3\5"), "option 2 of 3 bytes");
	check_options(BYTES("\375\2\0\2\4\5\264"), "option 253 of 2 bytes");
	check_options("", 0, "");
}

/* Ports used again by a new connection: another flow, so its FIN repeats nothing. */
static void test_reused_ports(void)
{
	struct stream stream;
	g_autofree char *folder = stream_folder();
	g_autoptr(capture_t) capture = NULL;

	stream_open(&stream, "6.1.0");
	for (guint i = 0; i < 2; i++) {
		stream_packet(&stream, i + 0.1, FALSE, PACKET_SYN, 0, 0, 0);
		stream_packet(&stream, i + 0.2, TRUE, PACKET_SYN | PACKET_ACK, 0, 0, 1);
		stream_packet(&stream, i + 0.3, TRUE, PACKET_FIN | PACKET_ACK, 1, 0, 1);
		stream.peer_isn += 100000;
	}
	capture = stage(folder, &stream);
	g_assert_cmpuint(capture->flow_count, ==, 2);
	g_assert_false(at(capture, 5)->repeat);
	g_assert_cmpuint(at(capture, 5)->flow, ==, 1);
	stream_close(&stream);
	stream_remove(folder);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/capture/bytes", test_bytes);
	g_test_add_func("/capture/decode", test_decode);
	g_test_add_func("/capture/foreign", test_foreign);
	g_test_add_func("/capture/bad-files", test_bad_files);
	g_test_add_func("/capture/wild-packets", test_wild_packets);
	g_test_add_func("/capture/options", test_options);
	g_test_add_func("/capture/reused-ports", test_reused_ports);
	return g_test_run();
}

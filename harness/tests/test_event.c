/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_event - the record stream as JSON lines: order, names, and whatever a hostile guest may send
 */
#include <json-glib/json-glib.h>

#include "error.h"
#include "event.h"
#include "stream.h"
#include "tcp_info.h"

static GString *lines_of_bytes(const guint8 *data, gsize length)
{
	return event_lines(&(struct event_bytes){ data, length }, NULL);
}

static GString *lines_of(const struct stream *stream)
{
	return lines_of_bytes(stream->bytes->data, stream->bytes->len);
}

static guint count_lines(const GString *lines)
{
	guint count = 0;

	for (const char *at = lines->str; (at = strchr(at, '\n')); at++)
		count++;
	return count;
}

static void test_exact(void)
{
	struct stream stream;
	g_autoptr(GString) lines = NULL;

	stream_open(&stream, "6.1.0");
	stream_socket(&stream, 0.4, "statement", (struct sample){ STATE_FIN_WAIT1, 1, 300, 0, 0, 300000, 1280, 3584, 0 });
	stream_end(&stream, 1, RECORD_END_MISMATCHED);
	lines = lines_of(&stream);
	g_assert_cmpstr(lines->str, ==,
		"{\"t_ns\": -4000000000, \"type\": \"hello\", \"clock_ns\": 1000000000, \"release\": \"6.1.0\", \"realtime_offset_ns\": 1577836800000000000}\n"
		"{\"t_ns\": -3000000000, \"type\": \"ready\"}\n"
		"{\"t_ns\": 0, \"type\": \"start\", \"case\": \"closing-fin-retransmit\"}\n"
		"{\"t_ns\": 400000000, \"type\": \"socket\", \"cause\": \"statement\", \"local\": \"192.168.0.1:8080\", \"remote\": \"192.0.2.1:40001\", "
		"\"state\": \"FIN_WAIT1\", \"timer\": \"retransmit\", \"timer_ms\": 300, \"retransmits\": 0, \"wmem\": 1280, \"tmem\": 3584, "
		"\"backoff\": 0, \"rto_us\": 300000}\n"
		"{\"t_ns\": 1000000000, \"type\": \"end\", \"status\": \"mismatched\"}\n");
	stream_close(&stream);
}

/* A packet's stamp is older than the sample that was written before it was read. Equal stamps keep their order. */
static void test_order(void)
{
	struct stream stream;
	g_autoptr(GString) lines = NULL;
	const char *packet, *first, *second;

	stream_open(&stream, "6.1.0");
	stream_counter(&stream, 2, "Tcp.first", 1, 1);
	stream_counter(&stream, 2, "Tcp.second", 1, 1);
	stream_packet(&stream, 1.5, TRUE, PACKET_FIN, 1, 0, 0);
	lines = lines_of(&stream);
	packet = strstr(lines->str, "\"packet\"");
	first = strstr(lines->str, "Tcp.first");
	second = strstr(lines->str, "Tcp.second");
	g_assert_true(packet && packet < first && first < second);
	stream_close(&stream);
}

static void test_no_start(void)
{
	struct stream stream = { .bytes = g_byte_array_new() };
	g_autoptr(GString) lines = NULL;

	record_begin(&stream_record, RECORD_LOG, 7000);
	record_bytes(&stream_record, FIELD_TEXT, NULL, 0);
	stream_record.bytes[RECORD_HEADER_BYTES + 1] = FIELD_KIND_TEXT;
	stream_add(&stream);
	lines = lines_of(&stream);
	g_assert_cmpstr(lines->str, ==, "{\"t_ns\": 0, \"type\": \"log\", \"text\": \"\"}\n");
	stream_close(&stream);
}

static void test_damage(void)
{
	struct stream stream;
	gsize good;

	stream_open(&stream, "6.1.0");
	good = stream.bytes->len;
	stream_counter(&stream, 1, "Tcp.x", 1, 1);
	for (gsize cut = good + 1; cut < stream.bytes->len; cut++) {
		g_autoptr(GString) lines = lines_of_bytes(stream.bytes->data, cut);

		g_assert_cmpuint(count_lines(lines), ==, 4);
		g_assert_nonnull(strstr(lines->str, "\"type\": \"damage\", \"text\": \"after 3 records, at byte "));
		g_assert_nonnull(strstr(lines->str, "the stream ends inside a record"));
	}
	stream.bytes->data[good + 30] ^= 1;
	g_autoptr(GString) lines = lines_of(&stream);
	g_assert_nonnull(strstr(lines->str, "checksum does not match"));
	stream_close(&stream);
}

/* The same bytes twice, a lost record, a clock beyond all reason: each is damage, and what came before is kept. */
static void test_sequence(void)
{
	struct stream stream;
	g_autoptr(GString) looped = NULL, lost = NULL, late = NULL;

	stream_open(&stream, "6.1.0");
	g_autoptr(GByteArray) twice = g_byte_array_new();
	g_byte_array_append(twice, stream.bytes->data, stream.bytes->len);
	g_byte_array_append(twice, stream.bytes->data, stream.bytes->len);
	looped = lines_of_bytes(twice->data, twice->len);
	g_assert_cmpuint(count_lines(looped), ==, 4);
	g_assert_nonnull(strstr(looped->str, "sequence is 0 where 3 was expected"));
	stream.sequence = 5;
	stream_counter(&stream, 1, "Tcp.x", 1, 1);
	lost = lines_of(&stream);
	g_assert_nonnull(strstr(lost->str, "sequence is 5 where 3 was expected"));
	stream_close(&stream);

	stream_open(&stream, "6.1.0");
	record_begin(&stream_record, RECORD_HEARTBEAT, UINT64_MAX);
	stream_add(&stream);
	late = lines_of(&stream);
	g_assert_nonnull(strstr(late->str, "clock is out of range"));
	stream_close(&stream);
}

/* Every line must be JSON of UTF-8, whatever stands in a text. */
static void test_wild_text(void)
{
	struct stream stream;
	g_autoptr(GString) lines = NULL;
	g_autoptr(JsonParser) parser = json_parser_new();

	stream_open(&stream, "\"\\\n\t\x01\x7f\xff\xc3(\xed\xa0\x80 \xe2\x80\xa6");
	record_begin(&stream_record, RECORD_SOCKET, stream_clock_ns(1));
	record_uint(&stream_record, FIELD_STATE, 99);
	record_uint(&stream_record, FIELD_STATE, 1); /* a second one of the same name */
	record_uint(&stream_record, FIELD_RTO_US, UINT64_MAX);
	stream_add(&stream);
	lines = lines_of(&stream);
	g_assert_true(g_utf8_validate(lines->str, (gssize)lines->len, NULL));
	g_auto(GStrv) each = g_strsplit(lines->str, "\n", -1);
	for (guint i = 0; each[i] && *each[i]; i++)
		g_assert_true(json_parser_load_from_data(parser, each[i], -1, NULL));
	g_assert_nonnull(strstr(lines->str, "\"state\": 99, \"rto_us\": 9223372036854775807}"));
	stream_close(&stream);
}

static GString *lines_of_info(const guint8 *info, gsize length)
{
	struct stream stream;
	GString *lines;

	stream_open(&stream, "6.1.0");
	record_begin(&stream_record, RECORD_SOCKET, stream_clock_ns(1));
	record_uint(&stream_record, FIELD_RTO_US, 7); /* told before: counts */
	record_bytes(&stream_record, FIELD_TCP_INFO, info, length);
	stream_add(&stream);
	lines = lines_of(&stream);
	stream_close(&stream);
	return lines;
}

/* struct tcp_info as the kernel's length has it: no field that is not whole, and what has no name as bytes. */
static void test_tcp_info(void)
{
	enum { OF_2_6_32 = 104, OF_FUTURE = TCP_INFO_KNOWN_BYTES + 3 };
	guint8 info[OF_FUTURE];
	g_autoptr(GString) old = NULL, cut = NULL, new = NULL;

	for (gsize i = 0; i < sizeof(info); i++)
		info[i] = i % 4 ? 0 : (guint8)(i + 1);
	old = lines_of_info(info, OF_2_6_32);
	g_assert_nonnull(strstr(old->str, "{\"t_ns\": 1000000000, \"type\": \"socket\", \"rto_us\": 7, \"ca_state\": 0,"));
	g_assert_nonnull(strstr(old->str, "\"ato_us\": 13,"));
	g_assert_true(g_str_has_suffix(old->str, "\"rcv_space\": 97, \"total_retrans\": 101, \"delivery_rate_app_limited\": 0, "
						   "\"fastopen_client_fail\": 0}\n"));
	cut = lines_of_info(info, OF_2_6_32 - 1);
	g_assert_null(strstr(cut->str, "total_retrans"));
	new = lines_of_info(info, OF_FUTURE);
	g_assert_nonnull(strstr(new->str, "\"bytes_sent\": 880468295881,"));
	g_assert_true(g_str_has_suffix(new->str, "\"received_ce_bytes\": 17, \"ecn_mode\": 1, \"accecn_opt_seen\": 1, "
						   "\"accecn_fail_mode\": 1, \"options2\": 0, \"tcp_info_rest\": \"190000\"}\n"));
	g_assert_null(strstr(new->str, "\"tcp_info\""));
}

static GPtrArray *write_and_read(const char *folder, const void *data, gssize length, GError **error)
{
	stream_put(folder, "1-records.bin", data, length);
	if (!event_stage(folder, error))
		return NULL;
	return event_read(folder, error);
}

static void test_read_back(void)
{
	struct stream stream;
	g_autofree char *folder = stream_folder();
	g_autoptr(GError) error = NULL;
	const struct event *event;

	stream_closing(&stream, "6.1.0", REFUSAL_HOST_QUEUE);
	g_autoptr(GPtrArray) events = write_and_read(folder, stream.bytes->data, stream.bytes->len, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(events->len, ==, stream.sequence);
	event = g_ptr_array_index(events, 0);
	g_assert_cmpint(event->type, ==, RECORD_HELLO);
	g_assert_cmpint(event->clock_ns, ==, 1000000000);
	g_assert_cmpstr(event_text(event, FIELD_RELEASE), ==, "6.1.0");
	event = g_ptr_array_index(events, events->len - 2);
	g_assert_cmpint(event_number(event, FIELD_STATE, 0), ==, STATE_CLOSING);
	g_assert_cmpint(event_number(event, FIELD_BACKOFF, 0), ==, 8);
	g_assert_false(event_has(event, FIELD_DATA));
	g_assert_cmpint(event_number(event, FIELD_LINE, -7), ==, -7);
	stream_close(&stream);
	stream_remove(folder);
}

static void test_bad_lines(void)
{
	static const char *const bad[] = {
		"{}\n", "[1]\n", "x\n", "{\"t_ns\": 0, \"type\": \"nonsense\"}\n", "\n",
		"{\"t_ns\": 0, \"type\": \"socket\", \"state\": \"DREAMING\"}\n", "{\"t_ns\": 0, \"type\": \"log\", \"text\": 5}\n",
		"{\"t_ns\": 0, \"type\": \"log\", \"line\": null}\n",
	};
	g_autofree char *folder = stream_folder();

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *text = g_strconcat("{\"t_ns\": 0, \"type\": \"ready\"}\n", bad[i], NULL);
		g_autoptr(GError) error = NULL;
		GPtrArray *events;

		stream_put(folder, "2-events.jsonl", text, -1);
		events = event_read(folder, &error);
		g_assert_null(events);
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
		g_assert_nonnull(strstr(error->message, "2-events.jsonl:2: "));
	}
	stream_remove(folder);
}

/* Mutated streams: with the checksum left wrong (the parser must stop) and put right again (fields of any content must pass). */
static void mutate(GByteArray *bytes, gboolean mend)
{
	guint at = 0, flips = (guint)g_test_rand_int_range(1, 8);

	for (guint i = 0; i < flips; i++)
		bytes->data[g_test_rand_int_range(0, (gint32)bytes->len)] = (guint8)g_test_rand_int_range(0, 256);
	for (guint sequence = 0; mend && at + RECORD_HEADER_BYTES <= bytes->len; sequence++) {
		guint length = bytes->data[at + 4] | (guint)bytes->data[at + 5] << 8;

		if (bytes->data[at + 6] || bytes->data[at + 7] || length > RECORD_PAYLOAD_MAX_BYTES || at + RECORD_HEADER_BYTES + length > bytes->len)
			break;
		memcpy(stream_record.bytes, bytes->data + at, RECORD_HEADER_BYTES + length);
		stream_record.length_bytes = RECORD_HEADER_BYTES + length;
		record_end(&stream_record, sequence);
		memcpy(bytes->data + at, stream_record.bytes, RECORD_HEADER_BYTES);
		at += RECORD_HEADER_BYTES + length;
	}
}

static void test_mutations(void)
{
	struct stream stream;
	g_autofree char *folder = stream_folder();

	stream_closing(&stream, "6.1.0", REFUSAL_NONE);
	for (guint i = 0; i < 300; i++) {
		g_autoptr(GByteArray) bytes = g_byte_array_new();
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) events = NULL;

		g_byte_array_append(bytes, stream.bytes->data, stream.bytes->len);
		mutate(bytes, i % 2);
		events = write_and_read(folder, bytes->data, bytes->len, &error);
		g_assert_no_error(error);
	}
	stream_close(&stream);
	stream_remove(folder);
}

static void test_missing(void)
{
	g_autofree char *folder = stream_folder();
	g_autoptr(GError) error = NULL;

	g_assert_false(event_stage(folder, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_assert_nonnull(strstr(error->message, "1-records.bin"));
	stream_remove(folder);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/event/exact", test_exact);
	g_test_add_func("/event/order", test_order);
	g_test_add_func("/event/no-start", test_no_start);
	g_test_add_func("/event/damage", test_damage);
	g_test_add_func("/event/sequence", test_sequence);
	g_test_add_func("/event/tcp-info", test_tcp_info);
	g_test_add_func("/event/wild-text", test_wild_text);
	g_test_add_func("/event/read-back", test_read_back);
	g_test_add_func("/event/bad-lines", test_bad_lines);
	g_test_add_func("/event/mutations", test_mutations);
	g_test_add_func("/event/missing", test_missing);
	return g_test_run();
}

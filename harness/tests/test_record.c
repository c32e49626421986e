/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_record - the record format: what is written is read back, and damage of any kind is noticed
 */
#include <glib.h>
#include <string.h>

#include "record.h"

static struct record record;

static size_t sample(uint32_t sequence)
{
	record_begin(&record, RECORD_PACKET, 123456789012345);
	record_uint(&record, FIELD_WIRE_BYTES, 0);
	record_uint(&record, FIELD_LINE, 1);
	record_int(&record, FIELD_DELTA, -1);
	record_int(&record, FIELD_RESULT, INT64_MIN);
	record_text(&record, FIELD_TEXT, "");
	record_text(&record, FIELD_NAME, NULL);
	record_bytes(&record, FIELD_DATA, "\0\377", 2);
	return record_end(&record, sequence);
}

static void test_round_trip(void)
{
	struct record_view view;
	struct record_field field;
	const char *why;
	size_t used, length;

	record_begin(&record, RECORD_SOCKET, UINT64_MAX);
	record_uint(&record, FIELD_RTO_US, UINT64_MAX);
	record_int(&record, FIELD_RESULT, INT64_MIN);
	record_int(&record, FIELD_VALUE, -1);
	record_uint(&record, FIELD_WMEM, 0);
	record_text(&record, FIELD_CAUSE, "timer");
	length = record_end(&record, 7);
	g_assert_cmpint(record_parse(record.bytes, length, &view, &used, &why), ==, RECORD_OK);
	g_assert_cmpuint(used, ==, length);
	g_assert_cmpuint(view.type, ==, RECORD_SOCKET);
	g_assert_cmpuint(view.clock_ns, ==, UINT64_MAX);
	g_assert_cmpuint(view.sequence, ==, 7);
	g_assert_true(record_next_field(&view, &field));
	g_assert_cmpuint(field.uint_value, ==, UINT64_MAX);
	g_assert_true(record_next_field(&view, &field));
	g_assert_cmpint(field.int_value, ==, INT64_MIN);
	g_assert_true(record_next_field(&view, &field));
	g_assert_cmpint(field.int_value, ==, -1);
	g_assert_true(record_next_field(&view, &field));
	g_assert_cmpuint(field.length_bytes, ==, 0);
	g_assert_cmpuint(field.uint_value, ==, 0);
	g_assert_true(record_next_field(&view, &field));
	g_assert_cmpmem(field.data, field.length_bytes, "timer", 5);
	g_assert_false(record_next_field(&view, &field));
}

/* zlib's check value. */
static void test_crc(void)
{
	g_assert_cmphex(record_crc32(0, "123456789", 9), ==, 0xcbf43926);
	g_assert_cmphex(record_crc32(record_crc32(0, "1234", 4), "56789", 5), ==, 0xcbf43926);
}

/* The parser is given exactly what it may read, so that reading further is caught by the sanitizer. */
static enum record_status parse_exact(const unsigned char *data, size_t length)
{
	g_autofree unsigned char *copy = g_memdup2(data, MAX(length, 1));
	struct record_view view;
	struct record_field field;
	const char *why = NULL;
	size_t used;
	enum record_status status = record_parse(copy, length, &view, &used, &why);

	if (status == RECORD_OK) {
		g_assert_cmpuint(used, <=, length);
		while (record_next_field(&view, &field))
			g_assert_true(field.data + field.length_bytes <= copy + length);
	}
	if (status == RECORD_DAMAGED)
		g_assert_nonnull(why);
	return status;
}

static void test_every_cut(void)
{
	size_t length = sample(0);

	for (size_t cut = 0; cut < length; cut++)
		g_assert_cmpint(parse_exact(record.bytes, cut), ==, RECORD_SHORT);
	g_assert_cmpint(parse_exact(record.bytes, length), ==, RECORD_OK);
}

/* A changed length field can only make the record short or damaged, never another good one. */
static void test_every_bit(void)
{
	size_t length = sample(3);

	for (size_t bit = 0; bit < 8 * length; bit++) {
		record.bytes[bit / 8] ^= (unsigned char)(1 << (bit % 8));
		g_assert_cmpint(parse_exact(record.bytes, length), !=, RECORD_OK);
		record.bytes[bit / 8] ^= (unsigned char)(1 << (bit % 8));
	}
}

/* Right checksum, wrong inside: what a guest with a broken writer would send. */
static enum record_status payload_status(const void *payload, size_t length)
{
	record_begin(&record, RECORD_LOG, 0);
	memcpy(record.bytes + RECORD_HEADER_BYTES, payload, length);
	record.length_bytes = RECORD_HEADER_BYTES + length;
	return parse_exact(record.bytes, record_end(&record, 0));
}

static void test_bad_payload(void)
{
	const unsigned char cut_head[] = { FIELD_TEXT, FIELD_KIND_TEXT, 0 };
	const unsigned char too_long[] = { FIELD_TEXT, FIELD_KIND_TEXT, 2, 0, 'x' };
	const unsigned char wrong_kind[] = { FIELD_TEXT, FIELD_KIND_UINT, 1, 0, 'x' };
	const unsigned char wide[] = { FIELD_LINE, FIELD_KIND_UINT, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
	const unsigned char unknown[] = { 250, FIELD_KIND_TEXT, 1, 0, 'x', FIELD_LINE, FIELD_KIND_UINT, 1, 0, 5 };

	g_assert_cmpint(payload_status(cut_head, sizeof(cut_head)), ==, RECORD_DAMAGED);
	g_assert_cmpint(payload_status(too_long, sizeof(too_long)), ==, RECORD_DAMAGED);
	g_assert_cmpint(payload_status(wrong_kind, sizeof(wrong_kind)), ==, RECORD_DAMAGED);
	g_assert_cmpint(payload_status(wide, sizeof(wide)), ==, RECORD_DAMAGED);
	g_assert_cmpint(payload_status(unknown, sizeof(unknown)), ==, RECORD_OK);
	g_assert_cmpint(payload_status("", 0), ==, RECORD_OK);
}

static void test_overflow(void)
{
	g_autofree char *big = g_strnfill(70000, 'x');

	record_begin(&record, RECORD_LOG, 0);
	record_text(&record, FIELD_TEXT, big); /* cut to 65535, fits */
	g_assert_false(record.overflow);
	record_bytes(&record, FIELD_DATA, big, 60000); /* does not */
	g_assert_true(record.overflow);
	g_assert_cmpint(parse_exact(record.bytes, record_end(&record, 0)), ==, RECORD_OK);
}

/* JSON gets its members from these names; "t_ns", "type" and "clock_ns" are the event stage's own. */
static void test_names(void)
{
	for (unsigned i = 0; i < FIELD_COUNT; i++) {
		g_assert_cmpstr(record_field_name(i), !=, "t_ns");
		g_assert_cmpstr(record_field_name(i), !=, "type");
		g_assert_cmpstr(record_field_name(i), !=, "clock_ns");
		for (unsigned j = i + 1; j < FIELD_COUNT; j++)
			g_assert_cmpstr(record_field_name(i), !=, record_field_name(j));
	}
	g_assert_null(record_field_name(FIELD_COUNT));
	g_assert_null(record_type_name(RECORD_TYPE_COUNT));
	g_assert_cmpint(record_field_kind(FIELD_COUNT), ==, -1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/record/round-trip", test_round_trip);
	g_test_add_func("/record/crc", test_crc);
	g_test_add_func("/record/every-cut", test_every_cut);
	g_test_add_func("/record/every-bit", test_every_bit);
	g_test_add_func("/record/bad-payload", test_bad_payload);
	g_test_add_func("/record/overflow", test_overflow);
	g_test_add_func("/record/names", test_names);
	return g_test_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * record - writes and reads the record stream; record.h is the manual
 */
#include "record.h"

#include <string.h>

#define RECORD_NAME(constant, name, ...) [constant] = name,
#define RECORD_KIND(constant, name, kind) [constant] = kind,
static const char *const type_names[] = { RECORD_TYPES(RECORD_NAME) };
static const char *const field_names[] = { RECORD_FIELDS(RECORD_NAME) };
static const unsigned char field_kinds[] = { RECORD_FIELDS(RECORD_KIND) };
_Static_assert(FIELD_COUNT <= 256, "a field id is one byte");

enum { FIELD_HEADER_BYTES = 4, OFFSET_LENGTH = 4, OFFSET_CLOCK = 8, OFFSET_SEQUENCE = 16, OFFSET_CRC = 20 };

const char *record_type_name(unsigned type)
{
	return type < RECORD_TYPE_COUNT ? type_names[type] : NULL;
}

const char *record_field_name(unsigned field)
{
	return field < FIELD_COUNT ? field_names[field] : NULL;
}

int record_field_kind(unsigned field)
{
	return field < FIELD_COUNT ? field_kinds[field] : -1;
}

/* Half-byte table: a quarter of the work of bit by bit, and small enough to stay in a guest's cache. */
uint32_t record_crc32(uint32_t seed, const void *data, size_t length_bytes)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	const unsigned char *bytes = data;
	uint32_t crc = ~seed;

	for (size_t i = 0; i < length_bytes; i++) {
		crc ^= bytes[i];
		crc = table[crc & 15] ^ (crc >> 4);
		crc = table[crc & 15] ^ (crc >> 4);
	}
	return ~crc;
}

static void put_le(unsigned char *to, uint64_t value, size_t length_bytes)
{
	for (size_t i = 0; i < length_bytes; i++)
		to[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_le(const unsigned char *from, size_t length_bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < length_bytes; i++)
		value |= (uint64_t)from[i] << (8 * i);
	return value;
}

void record_begin(struct record *record, enum record_type type, uint64_t clock_ns)
{
	record->overflow = false;
	record->length_bytes = RECORD_HEADER_BYTES;
	record->bytes[0] = 'F';
	record->bytes[1] = 'R';
	record->bytes[2] = RECORD_VERSION;
	record->bytes[3] = (unsigned char)type;
	put_le(record->bytes + OFFSET_CLOCK, clock_ns, 8);
}

static void add_field(struct record *record, enum record_field_id field, enum record_field_kind kind,
		      const void *data, size_t length_bytes)
{
	unsigned char *to = record->bytes + record->length_bytes;

	if (length_bytes > UINT16_MAX || record->length_bytes + FIELD_HEADER_BYTES + length_bytes > RECORD_MAX_BYTES) {
		record->overflow = true;
		return;
	}
	to[0] = (unsigned char)field;
	to[1] = (unsigned char)kind;
	put_le(to + 2, length_bytes, 2);
	if (length_bytes)
		memcpy(to + FIELD_HEADER_BYTES, data, length_bytes);
	record->length_bytes += FIELD_HEADER_BYTES + length_bytes;
}

static void add_integer(struct record *record, enum record_field_id field, enum record_field_kind kind, uint64_t value)
{
	unsigned char bytes[8];
	size_t length_bytes = 0;

	put_le(bytes, value, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i])
			length_bytes = i + 1;
	add_field(record, field, kind, bytes, length_bytes);
}

void record_uint(struct record *record, enum record_field_id field, uint64_t value)
{
	add_integer(record, field, FIELD_KIND_UINT, value);
}

void record_int(struct record *record, enum record_field_id field, int64_t value)
{
	add_integer(record, field, FIELD_KIND_INT, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void record_text(struct record *record, enum record_field_id field, const char *text)
{
	if (text)
		add_field(record, field, FIELD_KIND_TEXT, text, strnlen(text, UINT16_MAX));
}

void record_bytes(struct record *record, enum record_field_id field, const void *data, size_t length_bytes)
{
	add_field(record, field, FIELD_KIND_BYTES, data, length_bytes);
}

static uint32_t record_checksum(const unsigned char *bytes, size_t length_bytes)
{
	uint32_t crc = record_crc32(0, bytes, OFFSET_CRC);

	return record_crc32(crc, bytes + RECORD_HEADER_BYTES, length_bytes - RECORD_HEADER_BYTES);
}

size_t record_end(struct record *record, uint32_t sequence)
{
	put_le(record->bytes + OFFSET_LENGTH, record->length_bytes - RECORD_HEADER_BYTES, 4);
	put_le(record->bytes + OFFSET_SEQUENCE, sequence, 4);
	put_le(record->bytes + OFFSET_CRC, record_checksum(record->bytes, record->length_bytes), 4);
	return record->length_bytes;
}

/* NULL if the fields fill the payload exactly and each is of the kind its id has. */
static const char *payload_fault(const unsigned char *next, const unsigned char *end)
{
	while (next < end) {
		size_t length_bytes;

		if (end - next < FIELD_HEADER_BYTES)
			return "a field header is cut off";
		length_bytes = get_le(next + 2, 2);
		if ((size_t)(end - next) - FIELD_HEADER_BYTES < length_bytes)
			return "a field is longer than its record";
		if (next[0] < FIELD_COUNT && next[1] != field_kinds[next[0]])
			return "a field is not of its kind";
		if ((next[1] == FIELD_KIND_UINT || next[1] == FIELD_KIND_INT) && length_bytes > 8)
			return "an integer has more than 8 bytes";
		next += FIELD_HEADER_BYTES + length_bytes;
	}
	return NULL;
}

static const char *header_fault(const unsigned char *data)
{
	if (data[0] != 'F' || data[1] != 'R')
		return "no record begins here";
	if (data[2] != RECORD_VERSION)
		return "record version is not 1";
	if (data[3] >= RECORD_TYPE_COUNT)
		return "record type is unknown";
	if (get_le(data + OFFSET_LENGTH, 4) > RECORD_PAYLOAD_MAX_BYTES)
		return "record is longer than allowed";
	return NULL;
}

enum record_status record_parse(const unsigned char *data, size_t length_bytes, struct record_view *view,
				size_t *used_bytes, const char **why)
{
	size_t record_bytes_total;

	if (length_bytes < RECORD_HEADER_BYTES)
		return RECORD_SHORT;
	*why = header_fault(data);
	if (*why)
		return RECORD_DAMAGED;
	record_bytes_total = RECORD_HEADER_BYTES + get_le(data + OFFSET_LENGTH, 4);
	if (length_bytes < record_bytes_total)
		return RECORD_SHORT;
	if (get_le(data + OFFSET_CRC, 4) != record_checksum(data, record_bytes_total)) {
		*why = "checksum does not match";
		return RECORD_DAMAGED;
	}
	view->type = data[3];
	view->clock_ns = get_le(data + OFFSET_CLOCK, 8);
	view->sequence = (uint32_t)get_le(data + OFFSET_SEQUENCE, 4);
	view->next = data + RECORD_HEADER_BYTES;
	view->end = data + record_bytes_total;
	*why = payload_fault(view->next, view->end);
	*used_bytes = record_bytes_total;
	return *why ? RECORD_DAMAGED : RECORD_OK;
}

bool record_next_field(struct record_view *view, struct record_field *field)
{
	while (view->next < view->end) {
		const unsigned char *at = view->next;
		size_t length_bytes = get_le(at + 2, 2);

		view->next += FIELD_HEADER_BYTES + length_bytes;
		if (at[0] >= FIELD_COUNT)
			continue;
		field->id = at[0];
		field->kind = at[1];
		field->data = at + FIELD_HEADER_BYTES;
		field->length_bytes = length_bytes;
		if (field->kind == FIELD_KIND_UINT || field->kind == FIELD_KIND_INT) {
			field->uint_value = get_le(field->data, length_bytes);
			field->int_value = (int64_t)(field->uint_value >> 1) ^ -(int64_t)(field->uint_value & 1);
		}
		return true;
	}
	return false;
}

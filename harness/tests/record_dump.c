/* SPDX-License-Identifier: GPL-2.0-or-later
 * record_dump - a record stream as text, one line a record: what the shell tests and a curious engineer read
 * usage: record_dump FILE; exit 1 and a message on stderr when the stream is damaged or cut off.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

static unsigned char *read_file(const char *path, size_t *length_bytes)
{
	FILE *file = fopen(path, "rb");
	unsigned char *data = NULL;
	size_t used = 0, room = 0;

	if (!file)
		return NULL;
	do {
		room = room ? room * 2 : 1 << 16;
		data = realloc(data, room);
		if (!data)
			break;
		used += fread(data + used, 1, room - used, file);
	} while (used == room);
	fclose(file);
	*length_bytes = used;
	return data;
}

static void print_field(const struct record_field *field)
{
	printf(" %s=", record_field_name(field->id));
	switch (field->kind) {
	case FIELD_KIND_UINT:
		printf("%llu", (unsigned long long)field->uint_value);
		break;
	case FIELD_KIND_INT:
		printf("%lld", (long long)field->int_value);
		break;
	case FIELD_KIND_TEXT:
		printf("\"%.*s\"", (int)field->length_bytes, (const char *)field->data);
		break;
	case FIELD_KIND_BYTES:
		for (size_t i = 0; i < field->length_bytes && i < 60; i++)
			printf("%02x", field->data[i]);
		break;
	case FIELD_KIND_COUNT:
		break;
	}
}

int main(int argc, char **argv)
{
	size_t length_bytes = 0, at = 0, used;
	unsigned char *data = argc == 2 ? read_file(argv[1], &length_bytes) : NULL;
	enum record_status status = RECORD_OK;
	struct record_field field;
	struct record_view view;
	const char *why = "cut off";
	uint64_t zero_ns = 0;
	uint32_t sequence = 0;

	if (!data) {
		fprintf(stderr, "usage: record_dump FILE (%s)\n", strerror(errno));
		return 1;
	}
	for (; at < length_bytes; at += used) {
		status = record_parse(data + at, length_bytes - at, &view, &used, &why);
		if (status != RECORD_OK)
			break;
		if (view.sequence != sequence++) {
			fprintf(stderr, "record %u missing\n", sequence - 1);
			return 1;
		}
		if (view.type == RECORD_START)
			zero_ns = view.clock_ns;
		printf("%.6f %s", (double)(int64_t)(view.clock_ns - zero_ns) / 1e9, record_type_name(view.type));
		while (record_next_field(&view, &field))
			print_field(&field);
		putchar('\n');
	}
	free(data);
	if (at < length_bytes)
		fprintf(stderr, "byte %zu: %s\n", at, status == RECORD_SHORT ? "the stream is cut off" : why);
	return at < length_bytes;
}

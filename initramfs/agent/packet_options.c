/* SPDX-License-Identifier: GPL-2.0-or-later
 * TCP options - between bytes and the names scripts use; packet_options.h is the manual
 */
#include "packet_options.h"

#include <stdarg.h>
#include <stdio.h>

bool packet_option_next(const uint8_t *options, size_t options_bytes, size_t *offset, struct packet_option *option)
{
	size_t left = options_bytes - *offset;

	if (!left)
		return false;
	*option = (struct packet_option){ .kind = options[*offset], .offset = *offset, .bytes = 1, .data = options + *offset + 1 };
	if (option->kind != OPTION_EOL && option->kind != OPTION_NOP) {
		option->malformed = left < 2 || options[*offset + 1] < 2 || options[*offset + 1] > left;
		option->bytes = option->malformed ? left : options[*offset + 1];
		option->data = options + *offset + (left < 2 ? 1 : 2);
		option->data_bytes = option->bytes < 2 ? 0 : option->bytes - 2;
	}
	*offset += option->bytes;
	return true;
}

int packet_option_find(const uint8_t *options, size_t options_bytes, uint8_t kind, size_t bytes)
{
	struct packet_option option;
	size_t offset = 0;

	while (packet_option_next(options, options_bytes, &offset, &option))
		if (option.kind == kind && option.bytes == bytes && !option.malformed)
			return (int)option.offset;
	return -1;
}

void packet_options_shift_sack(uint8_t *options, size_t options_bytes, uint32_t delta)
{
	struct packet_option option;
	size_t offset = 0;

	while (packet_option_next(options, options_bytes, &offset, &option)) {
		if (option.kind != OPTION_SACK || option.malformed)
			continue;
		for (size_t i = 0; i + 4 <= option.data_bytes; i += 4) {
			uint8_t *edge = options + option.offset + 2 + i;

			put_be32(edge, get_be32(edge) + delta);
		}
	}
}

/* A text that grows; what does not fit is counted and left out. */
struct line { char *text; size_t size_bytes, used; };

static void put(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct line *line, const char *format, ...)
{
	size_t left = line->used < line->size_bytes ? line->size_bytes - line->used : 0;
	va_list arguments;
	int wanted;

	va_start(arguments, format);
	wanted = vsnprintf(left ? line->text + line->used : NULL, left, format, arguments);
	va_end(arguments);
	line->used += wanted > 0 ? (size_t)wanted : 0;
}

static void put_hex(struct line *line, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put(line, "%02x", bytes[i]);
}

static void put_plain(struct line *line, const struct packet_option *option)
{
	(void)line;
	(void)option;
}

static void put_number(struct line *line, const struct packet_option *option)
{
	put(line, " %u", option->data_bytes == 2 ? get_be16(option->data) : option->data[0]);
}

static void put_sack(struct line *line, const struct packet_option *option)
{
	for (size_t i = 0; i < option->data_bytes; i += 8)
		put(line, " %u:%u", get_be32(option->data + i), get_be32(option->data + i + 4));
}

static void put_timestamp(struct line *line, const struct packet_option *option)
{
	put(line, " val %u ecr %u", get_be32(option->data), get_be32(option->data + 4));
}

static void put_cookie(struct line *line, const struct packet_option *option)
{
	size_t skip = option->kind == OPTION_EXPERIMENT ? 2 : 0;

	if (option->data_bytes == skip)
		return;
	put(line, " ");
	put_hex(line, option->data + skip, option->data_bytes - skip);
}

const char *packet_option_accecn_name(uint8_t kind, unsigned n)
{
	static const char *const names[OPTION_ACCECN_COUNTERS] = { "e0b", "ceb", "e1b" };

	return names[kind == OPTION_ACCECN_0 ? n : OPTION_ACCECN_COUNTERS - 1 - n];
}

static void put_accecn(struct line *line, const struct packet_option *option)
{
	for (unsigned n = 0; n < option->data_bytes / OPTION_ACCECN_COUNTER_BYTES; n++) {
		const uint8_t *counter = option->data + n * OPTION_ACCECN_COUNTER_BYTES;

		put(line, " %s %u", packet_option_accecn_name(option->kind, n),
		    (unsigned)counter[0] << 16 | get_be16(counter + 1));
	}
}

static void put_hex_data(struct line *line, const struct packet_option *option)
{
	if (option->data_bytes)
		put(line, " ");
	put_hex(line, option->data, option->data_bytes);
}

/* Forms by kind and length of data; the first that fits is used. Its parser is in script_tcp_options.c. */
static const struct option_form {
	const char *name;
	uint8_t kind;
	uint8_t least_bytes, most_bytes, multiple; /* of data */
	void (*put)(struct line *line, const struct packet_option *option);
} forms[] = {
	{ "eol", OPTION_EOL, 0, 0, 1, put_plain },
	{ "nop", OPTION_NOP, 0, 0, 1, put_plain },
	{ "mss", OPTION_MSS, 2, 2, 1, put_number },
	{ "wscale", OPTION_WSCALE, 1, 1, 1, put_number },
	{ "sackOK", OPTION_SACK_OK, 0, 0, 1, put_plain },
	{ "sack", OPTION_SACK, 8, 8 * OPTION_SACK_BLOCKS_MAX, 8, put_sack },
	{ "TS", OPTION_TIMESTAMP, 8, 8, 1, put_timestamp },
	{ "md5", OPTION_MD5, OPTION_MD5_BYTES - 2, OPTION_MD5_BYTES - 2, 1, put_hex_data },
	{ "FO", OPTION_FAST_OPEN, 0, 38, 1, put_cookie },
	{ "ECN", OPTION_ACCECN_0, 0, 9, OPTION_ACCECN_COUNTER_BYTES, put_accecn },
	{ "ECN", OPTION_ACCECN_1, 3, 9, OPTION_ACCECN_COUNTER_BYTES, put_accecn },
	{ "FOEXP", OPTION_EXPERIMENT, 2, 38, 1, put_cookie },
	{ "exp", OPTION_EXPERIMENT, 0, 38, 1, put_hex_data },
};

static bool fits(const struct option_form *form, const struct packet_option *option)
{
	bool fast_open = option->data_bytes >= 2 && get_be16(option->data) == OPTION_FAST_OPEN_MAGIC;

	if (form->kind != option->kind || option->data_bytes < form->least_bytes || option->data_bytes > form->most_bytes ||
	    option->data_bytes % form->multiple)
		return false;
	return form->kind != OPTION_EXPERIMENT || form->put != put_cookie || fast_open;
}

static void put_option(struct line *line, const uint8_t *options, const struct packet_option *option)
{
	if (option->malformed) {
		put(line, "raw ");
		put_hex(line, options + option->offset, option->bytes);
		return;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (fits(&forms[i], option)) {
			put(line, "%s", forms[i].name);
			forms[i].put(line, option);
			return;
		}
	}
	put(line, "opt %02x", option->kind);
	put_hex(line, option->data, option->data_bytes);
}

size_t packet_options_format(const uint8_t *options, size_t options_bytes, char *text, size_t size_bytes)
{
	struct line line = { text, size_bytes, 0 };
	struct packet_option option;
	size_t offset = 0;

	if (size_bytes)
		text[0] = '\0';
	while (packet_option_next(options, options_bytes, &offset, &option)) {
		if (option.offset)
			put(&line, ",");
		put_option(&line, options, &option);
	}
	return line.used;
}

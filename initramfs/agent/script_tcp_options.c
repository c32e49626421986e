/* SPDX-License-Identifier: GPL-2.0-or-later
 * TCP options of a script - a name and what follows it, to the bytes of reader->packet.options
 */
#include "packet_options.h"
#include "script_reader.h"

#include <string.h>

static bool too_many(struct script_reader *reader, const struct script_location *at)
{
	return script_fail(reader, at, "at most %d values may follow a name here", OPERANDS_MAX);
}

bool script_operand(struct script_reader *reader, struct script_operand operand)
{
	if (reader->operand_count == OPERANDS_MAX)
		return too_many(reader, &operand.at);
	reader->operands[reader->operand_count++] = operand;
	return true;
}

bool script_operand_word(struct script_reader *reader, struct script_token word, const struct script_location *at)
{
	return script_operand(reader, (struct script_operand){ .kind = OPERAND_WORD, .word = word, .at = *at });
}

static bool append(struct script_reader *reader, const uint8_t *bytes, size_t count, const struct script_location *at)
{
	struct packet *packet = &reader->packet;

	if (count > PACKET_OPTIONS_MAX_BYTES - (size_t)packet->options_bytes)
		return script_fail(reader, at, "TCP options have at most %d bytes", PACKET_OPTIONS_MAX_BYTES);
	if (count)
		memcpy(packet->options + packet->options_bytes, bytes, count);
	packet->options_bytes = (uint8_t)(packet->options_bytes + count);
	return true;
}

/* data behind kind and length, both written here. */
static bool append_option(struct script_reader *reader, uint8_t kind, const uint8_t *data, size_t count,
			  const struct script_location *at)
{
	uint8_t head[] = { kind, (uint8_t)(count + 2) };

	return append(reader, head, sizeof(head), at) && append(reader, data, count, at);
}

struct option_form;
typedef bool option_reader(struct script_reader *reader, const struct option_form *form, const struct script_location *at);

struct option_form {
	const char *name;
	uint8_t kind;
	option_reader *read;
	unsigned most; /* bytes of a cookie, most of a number */
};

static bool wrong(struct script_reader *reader, const struct option_form *form, const char *wants,
		  const struct script_location *at)
{
	return script_about(reader, "form of TCP option %s", form->name) &&
	       script_fail(reader, at, "TCP option '%s' wants %s", form->name, wants);
}

static bool read_byte(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	return reader->operand_count ? wrong(reader, form, "nothing behind it", at) : append(reader, &form->kind, 1, at);
}

static bool read_plain(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	return reader->operand_count ? wrong(reader, form, "nothing behind it", at)
				     : append_option(reader, form->kind, NULL, 0, at);
}

static bool read_number(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	const struct script_operand *operand = reader->operands;
	uint8_t data[2];

	if (reader->operand_count != 1 || operand->kind != OPERAND_INTEGER || operand->value < 0 || operand->value > form->most)
		return wrong(reader, form, form->most == UINT8_MAX ? "a number from 0 to 255" : "a number from 0 to 65535", at);
	put_be16(data, (uint16_t)operand->value);
	return form->most == UINT8_MAX ? append_option(reader, form->kind, data + 1, 1, at)
				       : append_option(reader, form->kind, data, 2, at);
}

static bool read_sack(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	uint8_t data[8 * OPTION_SACK_BLOCKS_MAX];
	bool good = reader->operand_count > 0 && reader->operand_count <= OPTION_SACK_BLOCKS_MAX;

	for (unsigned i = 0; good && i < reader->operand_count; i++) {
		good = reader->operands[i].kind == OPERAND_RANGE;
		put_be32(data + 8 * i, (uint32_t)reader->operands[i].value);
		put_be32(data + 8 * i + 4, (uint32_t)reader->operands[i].end);
	}
	return good ? append_option(reader, form->kind, data, 8 * reader->operand_count, at)
		    : wrong(reader, form, "1 to 4 blocks as in 'sack 1001:2001 3001:4001'", at);
}

static bool is_number_named(const struct script_operand *operands, const char *name)
{
	return operands[0].kind == OPERAND_WORD && script_token_is(operands[0].word, name) &&
	       operands[1].kind == OPERAND_INTEGER && operands[1].value >= 0 && operands[1].value <= UINT32_MAX;
}

static bool read_timestamp(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	const struct script_operand *operands = reader->operands;
	uint8_t data[8];

	if (reader->operand_count != 4 || !is_number_named(operands, "val") || !is_number_named(operands + 2, "ecr"))
		return wrong(reader, form, "'val' and 'ecr' with numbers of 32 bits", at);
	put_be32(data, (uint32_t)operands[1].value);
	put_be32(data + 4, (uint32_t)operands[3].value);
	return append_option(reader, form->kind, data, sizeof(data), at);
}

/* Hex digits in pairs, 0x in front or not. Returns the bytes, -1 when it is no such thing. */
static int read_hex(const struct script_reader *reader, uint8_t *bytes, size_t size_bytes)
{
	struct script_token word = reader->operands[0].word;
	size_t count = 0;

	if (!reader->operand_count)
		return 0;
	if (reader->operand_count > 1 || reader->operands[0].kind == OPERAND_RANGE)
		return -1;
	if (word.bytes > 2 && word.text[0] == '0' && (word.text[1] == 'x' || word.text[1] == 'X'))
		word = (struct script_token){ word.text + 2, word.bytes - 2 };
	if (word.bytes % 2 || word.bytes / 2 > size_bytes)
		return -1;
	for (size_t i = 0; i < word.bytes; i += 2, count++) {
		int high = script_digit(word.text[i]), low = script_digit(word.text[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		bytes[count] = (uint8_t)(high << 4 | low);
	}
	return (int)count;
}

static bool read_cookie(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	uint8_t data[PACKET_OPTIONS_MAX_BYTES];
	int count = read_hex(reader, data, form->most);

	return count < 0 ? wrong(reader, form, "hex digits in pairs, 38 bytes at most", at)
			 : append_option(reader, form->kind, data, (size_t)count, at);
}

static bool read_fast_open_experiment(struct script_reader *reader, const struct option_form *form,
				      const struct script_location *at)
{
	uint8_t data[PACKET_OPTIONS_MAX_BYTES];
	int count = read_hex(reader, data + 2, form->most);

	put_be16(data, OPTION_FAST_OPEN_MAGIC);
	return count < 0 ? wrong(reader, form, "hex digits in pairs, 36 bytes at most", at)
			 : append_option(reader, form->kind, data, (size_t)count + 2, at);
}

static bool read_md5(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	uint8_t data[OPTION_MD5_BYTES - 2] = { 0 };
	int count = read_hex(reader, data, sizeof(data));

	return count != 0 && count != sizeof(data) ? wrong(reader, form, "32 hex digits or none", at)
						   : append_option(reader, form->kind, data, sizeof(data), at);
}

/* `ECN e0b 1 ceb 2 e1b 3`, or the other way round; the last ones may be left out. The first name tells the kind. */
static bool read_accecn(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	const struct script_operand *operands = reader->operands;
	uint8_t data[OPTION_ACCECN_COUNTERS * OPTION_ACCECN_COUNTER_BYTES];
	uint8_t kind = reader->operand_count && operands->kind == OPERAND_WORD && script_token_is(operands->word, "e1b")
			       ? OPTION_ACCECN_1 : OPTION_ACCECN_0;
	unsigned count = reader->operand_count / 2;
	bool good = reader->operand_count % 2 == 0 && count <= OPTION_ACCECN_COUNTERS;

	for (unsigned n = 0; good && n < count; n++) {
		good = is_number_named(operands + 2 * n, packet_option_accecn_name(kind, n)) && operands[2 * n + 1].value <= 0xffffff;
		data[3 * n] = (uint8_t)(operands[2 * n + 1].value >> 16);
		put_be16(data + 3 * n + 1, (uint16_t)operands[2 * n + 1].value);
	}
	return good ? append_option(reader, kind, data, count * OPTION_ACCECN_COUNTER_BYTES, at)
		    : wrong(reader, form, "e0b, ceb, e1b or e1b, ceb, e0b with numbers of 24 bits", at);
}

/* `opt 1e0102`: kind, then data. */
static bool read_any(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	uint8_t data[PACKET_OPTIONS_MAX_BYTES];
	int count = read_hex(reader, data, form->most);

	return count < 1 ? wrong(reader, form, "the kind and the data as hex digits in pairs", at)
			 : append_option(reader, data[0], data + 1, (size_t)count - 1, at);
}

static bool read_raw(struct script_reader *reader, const struct option_form *form, const struct script_location *at)
{
	uint8_t data[PACKET_OPTIONS_MAX_BYTES];
	int count = read_hex(reader, data, form->most);

	return count < 1 ? wrong(reader, form, "hex digits in pairs", at) : append(reader, data, (size_t)count, at);
}

/* Canonical texts of the same are in packet_options.c. */
static const struct option_form forms[] = {
	{ "eol", OPTION_EOL, read_byte, 0 },
	{ "nop", OPTION_NOP, read_byte, 0 },
	{ "mss", OPTION_MSS, read_number, UINT16_MAX },
	{ "wscale", OPTION_WSCALE, read_number, UINT8_MAX },
	{ "sackOK", OPTION_SACK_OK, read_plain, 0 },
	{ "sack", OPTION_SACK, read_sack, 0 },
	{ "TS", OPTION_TIMESTAMP, read_timestamp, 0 },
	{ "md5", OPTION_MD5, read_md5, 0 },
	{ "FO", OPTION_FAST_OPEN, read_cookie, 38 },
	{ "ECN", 0, read_accecn, 0 },
	{ "FOEXP", OPTION_EXPERIMENT, read_fast_open_experiment, 36 },
	{ "exp", OPTION_EXPERIMENT, read_cookie, 38 },
	{ "opt", 0, read_any, 39 },
	{ "raw", 0, read_raw, 40 },
};

bool script_tcp_option(struct script_reader *reader, struct script_token name, const struct script_location *at)
{
	char quoted[160];

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (script_token_is(name, forms[i].name))
			return forms[i].read(reader, &forms[i], at);
	script_quote(name.text, name.bytes, quoted, sizeof(quoted));
	return script_about(reader, "TCP option %s", quoted) && script_fail(reader, at, "unknown TCP option '%s'", quoted);
}

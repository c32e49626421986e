/* SPDX-License-Identifier: GPL-2.0-or-later
 * TCP options - between bytes and the names scripts use (RFC 9293 3.1, 7323, 2018, 2385, 7413, 6994)
 * struct packet keeps options as on the wire, so that any of them, broken ones too, has a text that gives the same bytes.
 */
#ifndef FINRIG_PACKET_OPTIONS_H
#define FINRIG_PACKET_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packet_option_kind {
	OPTION_EOL = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_WSCALE = 3, OPTION_SACK_OK = 4, OPTION_SACK = 5,
	OPTION_TIMESTAMP = 8, OPTION_MD5 = 19, OPTION_FAST_OPEN = 34,
	OPTION_ACCECN_0 = 172, OPTION_ACCECN_1 = 174, /* counters of bytes in the order ECT(0), CE, ECT(1); and the other way */
	OPTION_EXPERIMENT = 254,
};

enum {
	OPTION_TIMESTAMP_BYTES = 10,
	OPTION_MD5_BYTES = 18,
	OPTION_SACK_BLOCKS_MAX = 4,
	OPTION_ACCECN_COUNTERS = 3, OPTION_ACCECN_COUNTER_BYTES = 3,
	OPTION_FAST_OPEN_MAGIC = 0xf989, /* the experiment's id of TCP Fast Open before it had a kind (RFC 7413 appendix A) */
};

/* One option where it stands. */
struct packet_option {
	uint8_t kind;
	size_t offset, bytes;      /* the whole option in the options */
	const uint8_t *data;       /* behind kind and length */
	size_t data_bytes;
	bool malformed;            /* its length is impossible: the option is all that is left */
};

/* Steps over options. *offset: 0 to begin. False at the end. */
bool packet_option_next(const uint8_t *options, size_t options_bytes, size_t *offset, struct packet_option *option);
/* The offset of the first option of a kind with this whole length; -1 when there is none. */
int packet_option_find(const uint8_t *options, size_t options_bytes, uint8_t kind, size_t bytes);
/* Writes "mss 1460,nop,wscale 7". Always terminated; returns the length it has or would have. */
size_t packet_options_format(const uint8_t *options, size_t options_bytes, char *text, size_t size_bytes);
/* Adds a delta to every sequence number in SACK blocks. */
void packet_options_shift_sack(uint8_t *options, size_t options_bytes, uint32_t delta);

/* "e0b", "ceb" or "e1b": what the n-th counter of an AccECN option of this kind is called. */
const char *packet_option_accecn_name(uint8_t kind, unsigned n);

/* Big endian numbers at any alignment. */
static inline uint32_t get_be32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline uint16_t get_be16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline void put_be16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

static inline void put_be32(uint8_t *bytes, uint32_t value)
{
	put_be16(bytes, (uint16_t)(value >> 16));
	put_be16(bytes + 2, (uint16_t)value);
}

#endif

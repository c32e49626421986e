/* SPDX-License-Identifier: GPL-2.0-or-later
 * tcp_info - the kernel's struct tcp_info, which a RECORD_SOCKET carries as the kernel gave it, as numbers with names
 * in: FIELD_TCP_INFO's bytes, 104 of them from 2.6.32, 248 from 6.12 and 280 from 7.2; out: the fields that fit in them.
 * The struct grows at its end alone, so one table serves every kernel, and a kernel's own length says how much of it there is.
 */
#ifndef FINRIG_TCP_INFO_H
#define FINRIG_TCP_INFO_H

#include "record.h"

enum {
	TCP_INFO_KNOWN_BYTES = 280, /* what stands behind has no name here; FIELD_TCP_INFO_REST keeps it */
	TCP_INFO_MAX_BYTES = 512,
};

/* What a change of the field means. */
enum tcp_info_kind {
	TCP_INFO_STATE, /* the socket went on: its timer fired, its peer answered */
	TCP_INFO_COUNT, /* a segment came or went */
	TCP_INFO_AGE,   /* time went on */
	TCP_INFO_KIND_COUNT
};

struct tcp_info_field {
	uint8_t field;       /* enum record_field_id */
	uint8_t kind;        /* enum tcp_info_kind */
	uint8_t width;       /* bytes */
	uint8_t shift, bits; /* of a bit field; bits 0: all of them */
	uint16_t offset;
};

extern const struct tcp_info_field tcp_info_fields[];
extern const size_t tcp_info_field_count;

/* false: this kernel's struct ends before the field does. */
bool tcp_info_get(const unsigned char *info, size_t info_bytes, const struct tcp_info_field *field, uint64_t *value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * ICMP names - types and codes as scripts write them (RFC 792, 1812 5.2.7, 4443)
 */
#ifndef FINRIG_PACKET_ICMP_H
#define FINRIG_PACKET_ICMP_H

#include "packet.h"

/* What the four bytes behind type, code and checksum mean. */
enum packet_icmp_rest { ICMP_REST_UNUSED, ICMP_REST_ECHO, ICMP_REST_MTU };

struct packet_icmp_type {
	enum packet_protocol protocol;
	const char *name;
	uint8_t type;
	enum packet_icmp_rest rest; /* ICMP_REST_MTU of ICMPv4's `unreachable`: for the code frag_needed */
	bool is_error;              /* sends a packet back */
};

/* NULL: a number without a name. */
const struct packet_icmp_type *packet_icmp_type(enum packet_protocol protocol, uint8_t type);
const struct packet_icmp_type *packet_icmp_type_named(enum packet_protocol protocol, const char *name, size_t name_bytes);
const char *packet_icmp_code_name(enum packet_protocol protocol, uint8_t type, uint8_t code);
/* -1: no such code. */
int packet_icmp_code_named(enum packet_protocol protocol, uint8_t type, const char *name, size_t name_bytes);
/* Does an ICMP message of this type and code carry an MTU? */
bool packet_icmp_has_mtu(enum packet_protocol protocol, uint8_t type, uint8_t code);

#endif

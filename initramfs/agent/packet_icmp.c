/* SPDX-License-Identifier: GPL-2.0-or-later
 * ICMP names - types and codes as scripts write them; packet_icmp.h is the manual
 */
#include "packet_icmp.h"

#include <string.h>

enum { V4_UNREACHABLE = 3, V4_FRAG_NEEDED = 4, V6_TOO_BIG = 2 };

static const struct packet_icmp_type types[] = {
	{ PACKET_ICMP, "echo_reply", 0, ICMP_REST_ECHO, false },
	{ PACKET_ICMP, "unreachable", V4_UNREACHABLE, ICMP_REST_UNUSED, true },
	{ PACKET_ICMP, "source_quench", 4, ICMP_REST_UNUSED, true },
	{ PACKET_ICMP, "redirect", 5, ICMP_REST_UNUSED, true },
	{ PACKET_ICMP, "echo_request", 8, ICMP_REST_ECHO, false },
	{ PACKET_ICMP, "time_exceeded", 11, ICMP_REST_UNUSED, true },
	{ PACKET_ICMP, "parameter_problem", 12, ICMP_REST_UNUSED, true },
	{ PACKET_ICMPV6, "unreachable", 1, ICMP_REST_UNUSED, true },
	{ PACKET_ICMPV6, "packet_too_big", V6_TOO_BIG, ICMP_REST_MTU, true },
	{ PACKET_ICMPV6, "time_exceeded", 3, ICMP_REST_UNUSED, true },
	{ PACKET_ICMPV6, "parameter_problem", 4, ICMP_REST_UNUSED, true },
	{ PACKET_ICMPV6, "echo_request", 128, ICMP_REST_ECHO, false },
	{ PACKET_ICMPV6, "echo_reply", 129, ICMP_REST_ECHO, false },
};

/* Of several names for a number the first is the one that texts use. */
static const struct icmp_code { enum packet_protocol protocol; uint8_t type; const char *name; uint8_t code; } codes[] = {
	{ PACKET_ICMP, 3, "net_unreachable", 0 }, { PACKET_ICMP, 3, "host_unreachable", 1 },
	{ PACKET_ICMP, 3, "protocol_unreachable", 2 }, { PACKET_ICMP, 3, "port_unreachable", 3 },
	{ PACKET_ICMP, 3, "frag_needed", V4_FRAG_NEEDED }, { PACKET_ICMP, 3, "source_route_failed", 5 },
	{ PACKET_ICMP, 3, "net_unknown", 6 }, { PACKET_ICMP, 3, "host_unknown", 7 },
	{ PACKET_ICMP, 3, "source_host_isolated", 8 }, { PACKET_ICMP, 3, "net_prohibited", 9 },
	{ PACKET_ICMP, 3, "host_prohibited", 10 }, { PACKET_ICMP, 3, "net_unreachable_for_tos", 11 },
	{ PACKET_ICMP, 3, "host_unreachable_for_tos", 12 }, { PACKET_ICMP, 3, "comm_prohibited", 13 },
	{ PACKET_ICMP, 3, "host_precedence_violation", 14 }, { PACKET_ICMP, 3, "precedence_cutoff", 15 },
	{ PACKET_ICMP, 3, "packet_filtered", 13 }, { PACKET_ICMP, 3, "precedence_violation", 14 },
	{ PACKET_ICMP, 5, "redirect_net", 0 }, { PACKET_ICMP, 5, "redirect_host", 1 },
	{ PACKET_ICMP, 11, "ttl_exceeded", 0 }, { PACKET_ICMP, 11, "frag_time_exceeded", 1 },
	{ PACKET_ICMPV6, 1, "no_route", 0 }, { PACKET_ICMPV6, 1, "admin_prohibited", 1 },
	{ PACKET_ICMPV6, 1, "beyond_scope", 2 }, { PACKET_ICMPV6, 1, "address_unreachable", 3 },
	{ PACKET_ICMPV6, 1, "port_unreachable", 4 }, { PACKET_ICMPV6, 1, "not_neighbour", 2 },
	{ PACKET_ICMPV6, 3, "hop_limit_exceeded", 0 }, { PACKET_ICMPV6, 3, "frag_time_exceeded", 1 },
	{ PACKET_ICMPV6, 4, "header_field", 0 }, { PACKET_ICMPV6, 4, "next_header", 1 }, { PACKET_ICMPV6, 4, "option", 2 },
};

static bool is_named(const char *own, const char *name, size_t name_bytes)
{
	return strlen(own) == name_bytes && memcmp(own, name, name_bytes) == 0;
}

const struct packet_icmp_type *packet_icmp_type(enum packet_protocol protocol, uint8_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].protocol == protocol && types[i].type == type)
			return &types[i];
	return NULL;
}

const struct packet_icmp_type *packet_icmp_type_named(enum packet_protocol protocol, const char *name, size_t name_bytes)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].protocol == protocol && is_named(types[i].name, name, name_bytes))
			return &types[i];
	return NULL;
}

const char *packet_icmp_code_name(enum packet_protocol protocol, uint8_t type, uint8_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].protocol == protocol && codes[i].type == type && codes[i].code == code)
			return codes[i].name;
	return NULL;
}

int packet_icmp_code_named(enum packet_protocol protocol, uint8_t type, const char *name, size_t name_bytes)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].protocol == protocol && codes[i].type == type && is_named(codes[i].name, name, name_bytes))
			return codes[i].code;
	return -1;
}

bool packet_icmp_has_mtu(enum packet_protocol protocol, uint8_t type, uint8_t code)
{
	return protocol == PACKET_ICMP ? type == V4_UNREACHABLE && code == V4_FRAG_NEEDED : type == V6_TOO_BIG;
}

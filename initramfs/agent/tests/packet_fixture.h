/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet_fixture - what the tests of packets share: a packet from its text, a connection, numbers that look random
 */
#ifndef FINRIG_AGENT_TESTS_PACKET_FIXTURE_H
#define FINRIG_AGENT_TESTS_PACKET_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "script.h"
#include "tap.h"

static unsigned char wire[PACKET_MAX_BYTES];
static struct packet_connection connection;

/* The packet of "0 TEXT". */
static inline struct packet packet_of(const char *text)
{
	struct script_error error;
	char line[PACKET_TEXT_MAX_BYTES + 2];
	struct script *script;
	struct packet packet = { 0 };

	snprintf(line, sizeof(line), "0 %s", text);
	script = script_parse("test.pkt", line, strlen(line), &error);
	if (script && script->statement_count == 1 && script->statements->packet)
		packet = *script->statements->packet;
	else
		tap_ok(false, "'%s' is a packet: %u: %s", text, error.column, error.message);
	packet.outer_count = 0; /* its memory goes with the script */
	packet.outer = NULL;
	script_free(script);
	return packet;
}

static inline struct packet_connection plain_connection(uint8_t version)
{
	struct packet_connection plain = {
		.ip_version = version, .local = { version, { 192, 168, 0, 1 } }, .remote = { version, { 192, 0, 2, 1 } },
		.local_port = 8080, .remote_port = 53753,
	};

	return plain;
}

/* A generator of its own, so that the packets are the same on every libc. */
static uint32_t random_state = 1;

static inline uint32_t random_number(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % below;
}

#endif

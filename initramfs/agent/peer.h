/* SPDX-License-Identifier: GPL-2.0-or-later
 * peer - the remote end of the connection, which the script plays
 * in: packets of the script and packets seen on the device; out: bytes to inject, and the kernel's packets in their order.
 * Keeps the twins (script's numbers and ports, the kernel's) of the current connection and tells the sampler its addresses.
 *
 * A connection begins with the script's incoming SYN (when there is none, or the program called listen() since), with the
 * peer's fixed port; or with a SYN of the kernel's own, which tells the local port. One connection at a time is scripted;
 * packets of earlier ones are recorded and sampled, but match no statement.
 */
#ifndef FINRIG_AGENT_PEER_H
#define FINRIG_AGENT_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture.h"
#include "options.h"
#include "packet.h"
#include "sampler.h"

enum { PEER_QUEUE_PACKETS = 4096 };

struct peer_packet {
	struct packet packet; /* live numbers */
	int64_t clock_ns;
};

struct peer {
	const struct options *options;
	struct sampler *sampler;
	bool connected, listened; /* listened: since the connection began */
	unsigned passive_count;
	struct packet_connection connection;
	unsigned head, count;     /* of queue; what comes when it is full is not queued, see lost */
	unsigned lost;
	struct peer_packet queue[PEER_QUEUE_PACKETS];
};

/* peer must be zeroed memory (it is large: static). */
void peer_init(struct peer *peer, const struct options *options, struct sampler *sampler);
/* The program called listen(): the next incoming SYN of the script is a new connection. */
void peer_listened(struct peer *peer);
/* Builds the script's incoming packet. 0: *why. */
size_t peer_build(struct peer *peer, const struct packet *packet, unsigned char *bytes, size_t size_bytes, const char **why);
/* Takes note of a packet seen on the device. */
void peer_see(struct peer *peer, const struct captured *captured);
/* Takes the oldest outgoing packet of the connection that no statement has taken yet. false: none. */
bool peer_next(struct peer *peer, struct peer_packet *seen);

#endif

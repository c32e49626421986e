/* SPDX-License-Identifier: GPL-2.0-or-later
 * peer - the remote end of the connection, which the script plays; peer.h is the manual
 */
#include "peer.h"

#include <string.h>

#include "outlet.h"

void peer_init(struct peer *peer, const struct options *options, struct sampler *sampler)
{
	peer->options = options;
	peer->sampler = sampler;
}

void peer_listened(struct peer *peer)
{
	peer->listened = true;
}

static void begin_connection(struct peer *peer, uint16_t local_port, uint16_t remote_port)
{
	struct packet_connection *connection = &peer->connection;
	struct diag_key key = { .version = 4, .local_port = local_port, .remote_port = remote_port };

	memset(connection, 0, sizeof(*connection));
	connection->ip_version = connection->local.version = connection->remote.version = 4;
	memcpy(connection->local.bytes, &peer->options->net.local, 4);
	memcpy(connection->remote.bytes, &peer->options->net.remote, 4);
	connection->local_port = local_port;
	connection->remote_port = remote_port;
	connection->timestamp_tick_us = peer->options->timestamp_tick_us;
	connection->timestamp_tolerance_us = (uint32_t)(peer->options->tolerance_ns / 1000);
	memcpy(key.local, connection->local.bytes, sizeof(key.local));
	memcpy(key.remote, connection->remote.bytes, sizeof(key.remote));
	peer->connected = true;
	peer->listened = false;
	if (!sampler_watch(peer->sampler, &key))
		outlet_log("more than %d connections at a time: the newest is not sampled", SAMPLER_TARGETS_MAX);
}

static bool is_opening_syn(const struct packet *packet)
{
	return packet->protocol == PACKET_TCP && (packet->flags & (PACKET_SYN | PACKET_ACK | PACKET_RST)) == PACKET_SYN;
}

size_t peer_build(struct peer *peer, const struct packet *packet, unsigned char *bytes, size_t size_bytes, const char **why)
{
	if (is_opening_syn(packet) && (!peer->connected || peer->listened)) {
		bool given = packet->given & PACKET_GIVEN_PORTS;
		uint16_t remote_port = (uint16_t)(peer->options->remote_port + peer->passive_count++);

		begin_connection(peer, given ? packet->destination_port : peer->options->bind_port,
				 given ? packet->source_port : remote_port);
	}
	*why = "no connection yet: the script has sent no SYN and the kernel has not either";
	if (!peer->connected)
		return 0;
	packet_learn_incoming(&peer->connection, packet);
	return packet_build(packet, &peer->connection, bytes, size_bytes, why);
}

/* The kernel connects by itself: its SYN tells the port it chose. */
static bool adopt(struct peer *peer, const struct packet *live)
{
	if (!is_opening_syn(live) || live->source.version != 4
	    || memcmp(live->destination.bytes, &peer->options->net.remote, 4) != 0
	    || memcmp(live->source.bytes, &peer->options->net.local, 4) != 0)
		return false;
	begin_connection(peer, live->source_port, live->destination_port);
	return true;
}

void peer_see(struct peer *peer, const struct captured *captured)
{
	struct peer_packet *place = &peer->queue[(peer->head + peer->count) % PEER_QUEUE_PACKETS];
	enum packet_direction direction;
	const char *why;

	if (captured->direction != PACKET_OUT)
		return;
	if (peer->count == PEER_QUEUE_PACKETS) {
		if (!peer->lost++)
			outlet_log("more than %d packets match no statement: later ones cannot be expected", PEER_QUEUE_PACKETS);
		return;
	}
	if (!packet_parse(captured->bytes, captured->bytes_count, &place->packet, &why))
		return;
	if (!(peer->connected && packet_belongs(&place->packet, &peer->connection, &direction)) && !adopt(peer, &place->packet))
		return;
	place->packet.direction = PACKET_OUT;
	place->clock_ns = captured->clock_ns;
	peer->count++;
}

bool peer_next(struct peer *peer, struct peer_packet *seen)
{
	while (peer->count) {
		enum packet_direction direction;

		*seen = peer->queue[peer->head];
		peer->head = (peer->head + 1) % PEER_QUEUE_PACKETS;
		peer->count--;
		if (packet_belongs(&seen->packet, &peer->connection, &direction))
			return true;
	}
	return false;
}

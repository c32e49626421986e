/* SPDX-License-Identifier: GPL-2.0-or-later
 * peer - the remote end of the script's connections; peer.h is the manual
 */
#include "peer.h"

#include <arpa/inet.h>
#include <string.h>

#include "clock.h"
#include "outlet.h"

static struct packet_address address_of(unsigned version, const void *bytes)
{
	struct packet_address address = { .version = (uint8_t)version };

	memcpy(address.bytes, bytes, version == 6 ? 16 : 4);
	return address;
}

static bool same_address(const struct packet_address *left, const struct packet_address *right)
{
	return left->version == right->version && memcmp(left->bytes, right->bytes, sizeof(left->bytes)) == 0;
}

void peer_init(struct peer *peer, const struct options *options, struct sampler *sampler)
{
	const struct tun_config *net = &options->net;
	unsigned version = options_wire_version(options);

	peer->options = options;
	peer->sampler = sampler;
	peer->socket_fd = -1;
	peer->nowhere.ip_version = (uint8_t)version;
	peer->nowhere.local = version == 6 ? address_of(6, &net->local6) : address_of(4, &net->local);
	peer->nowhere.remote = version == 6 ? address_of(6, &net->remote6) : address_of(4, &net->remote);
}

void peer_listened(struct peer *peer)
{
	peer->listened = true;
}

void peer_socket_made(struct peer *peer, int fd)
{
	peer->socket_fd = fd;
}

static void watch(struct peer *peer, const struct packet_connection *wire)
{
	struct diag_key key = { .version = wire->ip_version, .local_port = wire->local_port, .remote_port = wire->remote_port };

	memcpy(key.local, wire->local.bytes, sizeof(key.local));
	memcpy(key.remote, wire->remote.bytes, sizeof(key.remote));
	if (!sampler_watch(peer->sampler, &key))
		outlet_log("more than %d connections at a time: the newest is not sampled", SAMPLER_TARGETS_MAX);
}

/* NULL: too many. */
static struct peer_connection *begin_connection(struct peer *peer, enum packet_protocol protocol, uint16_t local_port,
						uint16_t remote_port)
{
	struct peer_connection *connection = &peer->connections[peer->connection_count];
	struct packet_connection *wire = &connection->wire;

	if (peer->connection_count == PEER_CONNECTIONS_MAX)
		return NULL;
	peer->connection_count++;
	connection->protocol = protocol;
	*wire = peer->nowhere;
	wire->local_port = local_port;
	wire->remote_port = remote_port;
	wire->timestamp_tick_us = peer->options->timestamp_tick_us;
	wire->timestamp_tolerance_us = (uint32_t)(peer->options->tolerance_ns / NS_PER_US);
	peer->newest = connection;
	if (protocol == PACKET_TCP) {
		peer->newest_tcp = connection;
		peer->listened = false;
	} else {
		peer->newest_udp = connection;
	}
	return connection;
}

static struct peer_connection *newest_of(const struct peer *peer, enum packet_protocol protocol)
{
	return protocol == PACKET_TCP ? peer->newest_tcp : protocol == PACKET_UDP ? peer->newest_udp : peer->newest;
}

/* The connection with these ports, the kernel's one as the script or as the kernel calls it. The newest, if there are more. */
static struct peer_connection *with_ports(struct peer *peer, enum packet_protocol protocol, uint16_t local, uint16_t remote)
{
	for (unsigned i = peer->connection_count; i-- > 0;) {
		struct peer_connection *connection = &peer->connections[i];
		const struct packet_connection *wire = &connection->wire;

		if (connection->protocol == protocol && wire->remote_port == remote &&
		    (wire->local_port == local || (wire->script_local_port && wire->script_local_port == local)))
			return connection;
	}
	return NULL;
}

/* The port of a socket's own or other end; 0: it has none, or is no socket of datagrams. */
static uint16_t port_of(int fd, int (*name)(int fd, struct sockaddr *address, socklen_t *length))
{
	union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; } address = { 0 };
	socklen_t length = sizeof(address), type_length = sizeof(int);
	int type = 0;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length) || type != SOCK_DGRAM ||
	    name(fd, &address.any, &length))
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static uint16_t next_remote_port(struct peer *peer)
{
	return (uint16_t)(peer->options->remote_port + peer->passive_count++);
}

/* Where an incoming packet that names no ports goes, if that is a new connection. NULL: too many. */
static struct peer_connection *begin_incoming(struct peer *peer, enum packet_protocol protocol)
{
	uint16_t local = 0, remote = 0;

	if (protocol == PACKET_UDP) {
		local = port_of(peer->socket_fd, getsockname);
		remote = port_of(peer->socket_fd, getpeername);
		peer->socket_fd = -1;
	}
	return begin_connection(peer, protocol, local ? local : peer->options->bind_port,
				remote ? remote : next_remote_port(peer));
}

static bool needs_new(const struct peer *peer, enum packet_protocol protocol)
{
	if (protocol == PACKET_TCP)
		return !peer->newest_tcp || peer->listened;
	return !peer->newest_udp || port_of(peer->socket_fd, getsockname);
}

/* NULL: there are too many connections. */
static struct peer_connection *incoming_connection(struct peer *peer, const struct packet *packet)
{
	struct peer_connection *connection;
	bool ports = packet->given & PACKET_GIVEN_PORTS;

	if (ports)
		connection = with_ports(peer, packet->protocol, packet->destination_port, packet->source_port);
	else
		connection = needs_new(peer, packet->protocol) ? NULL : newest_of(peer, packet->protocol);
	if (connection) {
		peer->newest = ports ? peer->newest : connection;
		return connection;
	}
	connection = ports ? begin_connection(peer, packet->protocol, packet->destination_port, packet->source_port)
			   : begin_incoming(peer, packet->protocol);
	if (connection && packet->protocol == PACKET_TCP)
		watch(peer, &connection->wire);
	return connection;
}

size_t peer_build(struct peer *peer, const struct packet *packet, unsigned char *bytes, size_t size_bytes, const char **why)
{
	bool has_ports = packet->protocol == PACKET_TCP || packet->protocol == PACKET_UDP;
	struct peer_connection *connection = has_ports ? incoming_connection(peer, packet) : peer->newest;
	struct packet_connection *wire = connection ? &connection->wire : &peer->nowhere;

	*why = "more than 64 connections in one script";
	if (has_ports && !connection)
		return 0;
	packet_learn_incoming(wire, packet);
	return packet_build(packet, wire, bytes, size_bytes, why);
}

/* A packet of the kernel's that begins a connection: a SYN, or any datagram. */
static struct peer_connection *adopt(struct peer *peer, const struct packet *live)
{
	bool syn = live->protocol == PACKET_TCP && (live->flags & (PACKET_SYN | PACKET_ACK | PACKET_RST)) == PACKET_SYN;
	struct peer_connection *connection;

	if (!syn && live->protocol != PACKET_UDP)
		return NULL;
	connection = begin_connection(peer, live->protocol, live->source_port, live->destination_port);
	if (!connection)
		return NULL;
	connection->kernel_began = true;
	connection->wire.ip_version = live->ip_version;
	connection->wire.local = live->source;
	connection->wire.remote = live->destination;
	if (syn)
		watch(peer, &connection->wire);
	else
		peer->socket_fd = -1;
	return connection;
}

/* false: the packet is of none and begins none. NULL in *connection: ICMP. */
static bool find_connection(struct peer *peer, const struct packet *live, struct peer_connection **connection)
{
	enum packet_direction direction;

	*connection = NULL;
	if (live->protocol == PACKET_ICMP || live->protocol == PACKET_ICMPV6)
		return same_address(&live->destination, peer->newest ? &peer->newest->wire.remote : &peer->nowhere.remote);
	if (live->protocol != PACKET_TCP && live->protocol != PACKET_UDP)
		return false;
	for (unsigned i = peer->connection_count; i-- > 0;) {
		*connection = &peer->connections[i];
		if ((*connection)->protocol == live->protocol && packet_belongs(live, &(*connection)->wire, &direction))
			return direction == PACKET_OUT;
	}
	*connection = adopt(peer, live);
	return *connection;
}

/* Of a packet within others the innermost is what the script calls its connection's. */
static bool parse(struct peer *peer, const struct captured *captured, struct packet *packet)
{
	struct packet_outer *outer = peer->outer[peer->outer_slot];
	const char *why;
	uint8_t outer_count = 0;
	size_t inner;

	if (!packet_parse(captured->bytes, captured->bytes_count, packet, &why))
		return false;
	if (captured->checksum_pending)
		packet->checksum_bad = false;
	inner = packet->protocol == PACKET_OTHER ? packet_peel(captured->bytes, captured->bytes_count, outer, &outer_count) : 0;
	if (!inner)
		return packet->protocol != PACKET_OTHER;
	if (!packet_parse(captured->bytes + inner, captured->bytes_count - inner, packet, &why))
		return false;
	packet->outer = outer;
	packet->outer_count = outer_count;
	peer->outer_slot = (peer->outer_slot + 1) % PEER_OUTER_SLOTS;
	return true;
}

static struct peer_packet *at(struct peer *peer, unsigned n)
{
	return &peer->queue[(peer->head + n) % PEER_QUEUE_PACKETS];
}

static void push(struct peer *peer, const struct peer_packet *packet)
{
	if (peer->count < PEER_QUEUE_PACKETS)
		*at(peer, peer->count++) = *packet;
	else if (!peer->lost++)
		outlet_log("more than %d packets match no statement: later ones cannot be expected", PEER_QUEUE_PACKETS);
}

/* The group held back comes now, the newest first. */
static void release_group(struct peer *peer, int64_t clock_ns)
{
	for (unsigned low = peer->count - peer->group, high = peer->count; high > low; low++) {
		struct peer_packet kept = *at(peer, --high);

		if (high < low)
			break;
		*at(peer, high) = *at(peer, low);
		*at(peer, low) = kept;
	}
	for (unsigned n = peer->count - peer->group; n < peer->count; n++)
		at(peer, n)->clock_ns = clock_ns;
	peer->group = 0;
}

/* The way from the kernel to the peer. */
static void cross_link(struct peer *peer, struct peer_packet *packet)
{
	int64_t delay_ns = 0, sent_ns = packet->clock_ns;
	enum link_fate fate = link_next(&peer->link, &delay_ns);

	if (fate == LINK_IS_LOST)
		return;
	if (fate == LINK_COMES_LATE)
		packet->clock_ns += delay_ns;
	if (fate == LINK_IS_HELD)
		packet->clock_ns = CLOCK_NEVER;
	push(peer, packet);
	if (fate == LINK_COMES_TWICE)
		push(peer, packet);
	if (fate == LINK_IS_HELD || fate == LINK_ENDS_GROUP)
		peer->group++;
	if (fate == LINK_ENDS_GROUP)
		release_group(peer, sent_ns);
}

bool peer_see(struct peer *peer, const struct captured *captured)
{
	static struct peer_packet packet;

	if (captured->direction != PACKET_OUT)
		return false;
	if (!parse(peer, captured, &packet.packet) || !find_connection(peer, &packet.packet, &packet.connection))
		return false;
	packet.packet.direction = PACKET_OUT;
	packet.clock_ns = captured->clock_ns;
	packet.taken = false;
	cross_link(peer, &packet);
	return true;
}

/* The connection of an expected packet that names its ports. A port the kernel chose gets the script's name for it now. */
static struct peer_connection *named_connection(struct peer *peer, const struct packet *expected)
{
	struct peer_connection *connection = with_ports(peer, expected->protocol, expected->source_port, expected->destination_port);

	for (unsigned i = 0; !connection && i < peer->connection_count; i++) {
		struct peer_connection *candidate = &peer->connections[i];

		if (!candidate->kernel_began || candidate->protocol != expected->protocol || candidate->wire.script_local_port ||
		    candidate->wire.remote_port != expected->destination_port)
			continue;
		candidate->wire.script_local_port = expected->source_port;
		connection = candidate;
	}
	return connection;
}

/* The one that comes first, and of those that come at once the one queued first. */
static struct peer_packet *first_come(struct peer *peer, const struct peer_connection *connection, bool icmp, int64_t now_ns)
{
	struct peer_packet *first = NULL;

	for (unsigned n = 0; n < peer->count; n++) {
		struct peer_packet *packet = at(peer, n);
		bool fits = packet->connection ? packet->connection == connection : icmp;

		if (fits && !packet->taken && packet->clock_ns <= now_ns && (!first || packet->clock_ns < first->clock_ns))
			first = packet;
	}
	return first;
}

/* NULL: none. */
static struct peer_packet *find_next(struct peer *peer, const struct packet *expected, int64_t now_ns)
{
	bool named = expected->given & PACKET_GIVEN_PORTS;
	struct peer_connection *connection;

	if (!peer->count)
		return NULL;
	connection = named ? named_connection(peer, expected) : newest_of(peer, expected->protocol);
	return first_come(peer, connection, !named, now_ns);
}

static bool take(struct peer *peer, struct peer_packet *packet, struct peer_packet *seen)
{
	if (!packet)
		return false;
	*seen = *packet;
	packet->taken = true;
	while (peer->count && at(peer, 0)->taken) {
		peer->head = (peer->head + 1) % PEER_QUEUE_PACKETS;
		peer->count--;
	}
	return true;
}

bool peer_next(struct peer *peer, const struct packet *expected, int64_t now_ns, struct peer_packet *seen)
{
	return take(peer, find_next(peer, expected, now_ns), seen);
}

int peer_next_at(struct peer *peer, const struct packet *expected, int64_t now_ns, uint32_t seq, struct peer_packet *seen)
{
	struct peer_packet *packet = find_next(peer, expected, now_ns);

	if (packet && (packet->packet.protocol != PACKET_TCP || packet->packet.seq != seq))
		return -1;
	return take(peer, packet, seen);
}

int64_t peer_due_ns(const struct peer *peer, int64_t now_ns)
{
	int64_t due_ns = CLOCK_NEVER;

	for (unsigned n = 0; n < peer->count; n++) {
		const struct peer_packet *packet = &peer->queue[(peer->head + n) % PEER_QUEUE_PACKETS];

		if (!packet->taken && packet->clock_ns > now_ns)
			due_ns = clock_earlier(due_ns, packet->clock_ns);
	}
	return due_ns;
}

struct packet_connection *peer_twins(struct peer *peer, const struct peer_packet *seen)
{
	return seen->connection ? &seen->connection->wire : peer->newest ? &peer->newest->wire : &peer->nowhere;
}

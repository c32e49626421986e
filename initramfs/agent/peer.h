/* SPDX-License-Identifier: GPL-2.0-or-later
 * peer - the remote end of the script's connections, which the script plays
 * in: packets of the script and packets seen on the device; out: bytes to inject, and the kernel's packets in their order.
 * Keeps the twins (script's numbers and ports, the kernel's) of each connection and tells the sampler its addresses.
 *
 * A TCP connection begins with a packet of the script's when there is none yet, or when the program called listen() since:
 * from the peer's next port to the bind port, unless the packet names its ports. Or it begins with a SYN of the kernel's own,
 * which tells addresses and ports. A UDP flow begins with the first packet either way; the program's newest socket tells its port.
 *
 * The newest connection is the one packets without ports belong to, incoming and expected ones; packets of others match no
 * such statement. A packet with ports (`> 8080 > 40001 S. ...`) is of the connection with these ports, so that a script can
 * have several at once, each with an order of its own. ICMP has no ports: it stands in the newest connection's order.
 */
#ifndef FINRIG_AGENT_PEER_H
#define FINRIG_AGENT_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture.h"
#include "link.h"
#include "options.h"
#include "packet.h"
#include "sampler.h"

enum { PEER_QUEUE_PACKETS = 4096, PEER_CONNECTIONS_MAX = 64, PEER_OUTER_SLOTS = 64 };

struct peer_connection {
	enum packet_protocol protocol; /* PACKET_TCP or PACKET_UDP */
	bool kernel_began;             /* its local port is one the kernel chose */
	struct packet_connection wire;
};

struct peer_packet {
	struct packet packet;               /* live numbers */
	int64_t clock_ns;                   /* when the peer sees it: the stamp, and what the link adds */
	bool taken;
	struct peer_connection *connection; /* NULL: ICMP */
};

struct peer {
	const struct options *options;
	struct sampler *sampler;
	bool listened;             /* since the newest TCP connection began */
	int socket_fd;             /* the program's newest socket; -1: none, or a flow began since */
	unsigned passive_count;
	unsigned connection_count;
	struct peer_connection connections[PEER_CONNECTIONS_MAX];
	struct peer_connection *newest, *newest_tcp, *newest_udp;
	struct packet_connection nowhere; /* addresses alone, for ICMP before there is any connection */
	struct link link;          /* from the kernel to the peer */
	unsigned group;            /* packets at the queue's end that the link holds back to reorder them */
	unsigned head, count;      /* of queue; what comes when it is full is not queued, see lost */
	unsigned lost;
	struct peer_packet queue[PEER_QUEUE_PACKETS];
	unsigned outer_slot;
	struct packet_outer outer[PEER_OUTER_SLOTS][PACKET_OUTER_MAX];
};

/* peer must be zeroed memory (it is large: static). */
void peer_init(struct peer *peer, const struct options *options, struct sampler *sampler);
/* The program called listen(): the script's next incoming TCP packet is of a new connection. */
void peer_listened(struct peer *peer);
/* The program made a socket: if it is one of datagrams, the next UDP packet that names no ports is of a new flow. */
void peer_socket_made(struct peer *peer, int fd);
/* Builds the script's incoming packet. 0: *why. */
size_t peer_build(struct peer *peer, const struct packet *packet, unsigned char *bytes, size_t size_bytes, const char **why);
/* Takes note of a packet seen on the device. false: it is none that a statement could expect. */
bool peer_see(struct peer *peer, const struct captured *captured);
/* Takes the oldest outgoing packet, not taken yet, that has come by now_ns and that the statement is to be held against.
 * false: none. */
bool peer_next(struct peer *peer, const struct packet *expected, int64_t now_ns, struct peer_packet *seen);
/* The same if that packet is of TCP and begins at this live sequence number. Returns 1: taken, 0: none came, -1: another one came
 * and stays. */
int peer_next_at(struct peer *peer, const struct packet *expected, int64_t now_ns, uint32_t seq, struct peer_packet *seen);
/* When a packet that left the kernel already comes to the peer; CLOCK_NEVER if none is under way. */
int64_t peer_due_ns(const struct peer *peer, int64_t now_ns);
/* The twins with which a packet taken by peer_next() is to be checked. */
struct packet_connection *peer_twins(struct peer *peer, const struct peer_packet *seen);

#endif

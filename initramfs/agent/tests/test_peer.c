/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_peer - which connection a packet belongs to, ports, what the link does, and the queue of packets no statement has taken
 * A second peer with the ends exchanged makes the kernel's packets.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"
#include "script.h"
#include "tap.h"

static struct options here, there;
static struct sampler sampler = { .diag_fd = -1 }, no_sampler = { .diag_fd = -1 };
static struct peer peer, kernel;
static unsigned char bytes[PACKET_MAX_BYTES];

static const struct packet *packet(const char *text)
{
	struct script_error error;
	char line[512];
	struct script *script;

	snprintf(line, sizeof(line), "0 %s\n", text);
	script = script_parse("test", line, strlen(line), &error);
	if (!script || !script->statements[0].packet) {
		printf("Bail out! %s\n", text);
		exit(1);
	}
	return script->statements[0].packet;
}

static unsigned port_at(size_t offset)
{
	return (unsigned)bytes[offset] << 8 | bytes[offset + 1];
}

enum { SOURCE_PORT = 20, DESTINATION_PORT = 22 };

static size_t inject(const char *text)
{
	const char *why = "";
	size_t length = peer_build(&peer, packet(text), bytes, sizeof(bytes), &why);

	if (!length)
		printf("# %s\n", why);
	return length;
}

/* The kernel sends this on the connection its peer has. */
static bool kernel_sends(const char *text, int64_t clock_ns)
{
	struct captured captured = { .direction = PACKET_OUT, .clock_ns = clock_ns, .protocol = 0x0800, .bytes = bytes };
	const char *why = "";

	captured.bytes_count = captured.wire_bytes = peer_build(&kernel, packet(text), bytes, sizeof(bytes), &why);
	if (!captured.bytes_count)
		printf("# %s\n", why);
	return peer_see(&peer, &captured);
}

static bool next(const char *text, int64_t now_ns, struct peer_packet *seen)
{
	return peer_next(&peer, packet(text), now_ns, seen);
}

static void reset(uint16_t kernels_port, uint16_t peers_port)
{
	memset(&peer, 0, sizeof(peer));
	memset(&kernel, 0, sizeof(kernel));
	memset(&sampler, 0, sizeof(sampler));
	sampler.diag_fd = -1;
	there.remote_port = kernels_port;
	there.bind_port = peers_port;
	peer_init(&peer, &here, &sampler);
	peer_init(&kernel, &there, &no_sampler);
}

static void test_passive(void)
{
	struct peer_packet seen;

	reset(OPTIONS_PORT, OPTIONS_REMOTE_PORT);
	tap_ok(inject("< S 0:0(0) win 1000") == 40, "a SYN is built");
	tap_ok(port_at(SOURCE_PORT) == OPTIONS_REMOTE_PORT && port_at(DESTINATION_PORT) == OPTIONS_PORT, "its ports");
	tap_ok(sampler.count == 1 && strcmp(sampler.targets[0].remote, "192.0.2.1:54442") == 0, "the sampler knows: %s",
	       sampler.targets[0].remote);
	inject("< S 0:0(0) win 1000");
	tap_ok(port_at(SOURCE_PORT) == OPTIONS_REMOTE_PORT && sampler.count == 1, "a second SYN is of the same connection");
	tap_ok(!next("> .", 0, &seen), "nothing has left the kernel");
	peer_listened(&peer);
	inject("< . 1:1(0) ack 1 win 1000");
	tap_ok(port_at(SOURCE_PORT) == OPTIONS_REMOTE_PORT + 1 && sampler.count == 2, "after listen() whatever comes is a new one");
	inject("< 7 > 9 . 1:1(0) ack 1 win 1000");
	tap_ok(port_at(SOURCE_PORT) == 7 && port_at(DESTINATION_PORT) == 9 && sampler.count == 3, "other ports, another connection");
	inject("< . 1:1(0) ack 1 win 1000");
	tap_ok(port_at(SOURCE_PORT) == 7, "which is the newest now");
}

static void test_queue(void)
{
	struct captured noise = { .direction = PACKET_OUT, .bytes = bytes };
	struct peer_packet seen;
	bool in_order = true;

	reset(OPTIONS_PORT, OPTIONS_REMOTE_PORT);
	inject("< S 0:0(0) win 1000");
	tap_ok(kernel_sends("< S. 0:0(0) ack 1 win 1000", 1) && next("> S.", 1, &seen) && seen.clock_ns == 1
	       && seen.packet.flags == (PACKET_SYN | PACKET_ACK), "a packet of the connection is queued");
	for (size_t length = 0; length < 40; length++) {
		noise.bytes_count = noise.wire_bytes = length;
		peer_see(&peer, &noise);
	}
	tap_ok(!next("> .", 9, &seen), "beginnings of packets are not");
	noise.direction = PACKET_IN;
	noise.bytes_count = noise.wire_bytes = 40;
	tap_ok(!peer_see(&peer, &noise) && !next("> .", 9, &seen), "nor is what goes to the kernel");
	for (int i = 0; i < PEER_QUEUE_PACKETS + 10; i++)
		kernel_sends("< . 1:1(0) ack 1 win 257", i);
	tap_ok(peer.lost == 10, "what does not fit is counted");
	for (int i = 0; i < PEER_QUEUE_PACKETS; i++)
		in_order = in_order && next("> .", PEER_QUEUE_PACKETS, &seen) && seen.clock_ns == i;
	tap_ok(in_order && !next("> .", PEER_QUEUE_PACKETS, &seen), "the others come in their order");
}

static void test_active(void)
{
	struct peer_packet seen;

	reset(43210, OPTIONS_PORT);
	tap_ok(!kernel_sends("< . 1:1(0) ack 1 win 257", 1) && !next("> .", 9, &seen), "without a SYN no connection");
	kernel_sends("< S 0:0(0) win 1000", 2);
	tap_ok(next("> S", 9, &seen) && sampler.count == 1 && strcmp(sampler.targets[0].local, "192.168.0.1:43210") == 0,
	       "the kernel's own SYN tells its port: %s", sampler.targets[0].local);
	inject("< S. 0:0(0) ack 1 win 1000");
	tap_ok(port_at(DESTINATION_PORT) == 43210 && port_at(SOURCE_PORT) == OPTIONS_PORT, "and the answer goes there");
	kernel_sends("< . 1:1(0) ack 1 win 257", 3);
	tap_ok(!next("> 5000 > 8081 .", 9, &seen) && next("> 5000 > 8080 .", 9, &seen), "the script names the port");
	inject("< 8080 > 5000 . 1:1(0) ack 1 win 1000");
	tap_ok(port_at(DESTINATION_PORT) == 43210, "and means the kernel's");
}

/* Each connection has its own order. */
static void test_several(void)
{
	struct peer_packet seen;

	reset(OPTIONS_PORT, 40001);
	inject("< 40001 > 8080 S 0:0(0) win 1000");
	inject("< 40002 > 8080 S 0:0(0) win 1000");
	kernel_sends("< S. 0:0(0) ack 1 win 1000", 1);
	kernel_sends("< 8080 > 40002 S. 0:0(0) ack 1 win 2000", 2);
	tap_ok(next("> 8080 > 40002 S.", 9, &seen) && seen.packet.win == 2000, "the packet of the connection named");
	tap_ok(!next("> S.", 9, &seen), "the newest connection has no other");
	tap_ok(next("> 8080 > 40001 S.", 9, &seen) && seen.packet.win == 1000 && peer.count == 0, "the one before it has");
}

static void test_udp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct peer_packet seen;

	reset(5353, 99);
	tap_ok(inject("< udp (10)") == 38 && port_at(DESTINATION_PORT) == OPTIONS_PORT && sampler.count == 0,
	       "a datagram needs no connection, and no sampling");
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockname(fd, (struct sockaddr *)&address, &length)) {
		tap_skip("the program's socket tells the port", "no UDP socket here");
	} else {
		peer_socket_made(&peer, fd);
		inject("< udp (10)");
		tap_ok(port_at(DESTINATION_PORT) == ntohs(address.sin_port), "the program's socket tells the port");
	}
	close(fd);
	kernel_sends("< udp (20)", 1);
	tap_ok(next("> udp (20)", 9, &seen) && seen.connection->kernel_began, "the kernel's own datagram begins a flow");
	kernel_sends("< icmp echo_reply id 5", 2);
	tap_ok(next("> udp (20)", 9, &seen) && seen.packet.protocol == PACKET_ICMP, "ICMP stands in the order of the newest");
}

static void test_outer(void)
{
	struct peer_packet seen;

	reset(OPTIONS_PORT, OPTIONS_REMOTE_PORT);
	inject("< S 0:0(0) win 1000");
	kernel_sends("< ipv4 192.168.0.1 > 10.0.0.1: gre: mpls (label 5, tc 1, [S], ttl 9): S. 0:0(0) ack 1 win 1000", 1);
	tap_ok(next("> S.", 9, &seen) && seen.packet.outer_count == 3 && seen.packet.outer[2].labels[0].label == 5,
	       "the innermost packet is the connection's");
}

static void test_link(void)
{
	static const struct { struct link_fault fault; int order[6]; } rows[] = {
		{ { LINK_LOSE, 2, 0 }, { 3, 4, 0 } },
		{ { LINK_DUPLICATE, 1, 0 }, { 1, 1, 2, 3, 4, 0 } },
		{ { LINK_REORDER, 3, 0 }, { 3, 2, 1, 4, 0 } },
		{ { LINK_DELAY, 1, 10 }, { 2, 3, 4, 1, 0 } },
	};
	static const char *const acks[] = { "", "< . 1:1(0) ack 1 win 1", "< . 1:1(0) ack 1 win 2", "< . 1:1(0) ack 1 win 3",
					    "< . 1:1(0) ack 1 win 4" };

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		struct peer_packet seen;
		bool right = true;
		int n = 0;

		reset(OPTIONS_PORT, OPTIONS_REMOTE_PORT);
		inject("< S 0:0(0) win 1000");
		link_add(&peer.link, &rows[row].fault);
		for (int i = 1; i <= 4; i++)
			kernel_sends(acks[i], i);
		for (; rows[row].order[n]; n++)
			right = right && next("> .", 100, &seen) && seen.packet.win == rows[row].order[n];
		tap_ok(right && !next("> .", 100, &seen), "%s", link_fault_name(rows[row].fault.kind));
	}
}

static void test_late(void)
{
	struct link_fault late = { LINK_DELAY, 1, 100 };
	struct peer_packet seen;

	reset(OPTIONS_PORT, OPTIONS_REMOTE_PORT);
	inject("< S 0:0(0) win 1000");
	link_add(&peer.link, &late);
	kernel_sends("< S. 0:0(0) ack 1 win 1000", 5);
	tap_ok(!next("> S.", 104, &seen) && peer_due_ns(&peer, 104) == 105, "what is late is not there yet");
	tap_ok(next("> S.", 105, &seen) && seen.clock_ns == 105, "then it is");
}

static void test_ipv6(void)
{
	const char *why;

	reset(OPTIONS_PORT, OPTIONS_REMOTE_PORT);
	options_apply(&here, "ip_version", "ipv6", &why);
	peer_init(&peer, &here, &sampler);
	tap_ok(inject("< S 0:0(0) win 1000") == 60 && bytes[0] >> 4 == 6
	       && strcmp(sampler.targets[0].local, "[fd3d:a0b:17d6::1]:8080") == 0, "IPv6: %s", sampler.targets[0].local);
}

int main(void)
{
	here = there = options_default();
	there.net.local = here.net.remote;
	there.net.remote = here.net.local;
	test_passive();
	test_queue();
	test_active();
	test_several();
	test_udp();
	test_outer();
	test_link();
	test_late();
	test_ipv6();
	return tap_done();
}

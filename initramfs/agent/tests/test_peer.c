/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_peer - which connection a packet belongs to, ports, and the queue of packets no statement has taken
 * A second peer with the ends exchanged makes the kernel's packets.
 */
#include <stdlib.h>
#include <string.h>

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
	struct script *script = script_parse("test", text, strlen(text), &error);

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

/* The kernel sends this on the connection its peer has. */
static void kernel_sends(const char *text, int64_t clock_ns)
{
	struct captured captured = { .direction = PACKET_OUT, .clock_ns = clock_ns, .protocol = 0x0800, .bytes = bytes };
	const char *why = "";

	captured.bytes_count = captured.wire_bytes = peer_build(&kernel, packet(text), bytes, sizeof(bytes), &why);
	if (!captured.bytes_count)
		printf("# %s\n", why);
	peer_see(&peer, &captured);
}

static void test_passive(void)
{
	const char *why = "";
	struct peer_packet seen;
	size_t length = peer_build(&peer, packet("0 < . 1:1(0) ack 1 win 257\n"), bytes, sizeof(bytes), &why);

	tap_ok(!length && *why, "before any SYN: %s", why);
	tap_ok(peer_build(&peer, packet("0 < S 0:0(0) win 1000\n"), bytes, sizeof(bytes), &why) == 40, "a SYN is built");
	tap_ok(port_at(SOURCE_PORT) == OPTIONS_REMOTE_PORT && port_at(DESTINATION_PORT) == OPTIONS_PORT, "its ports");
	tap_ok(sampler.count == 1 && strcmp(sampler.targets[0].remote, "192.0.2.1:54442") == 0, "the sampler knows: %s",
	       sampler.targets[0].remote);
	peer_build(&peer, packet("0 < S 0:0(0) win 1000\n"), bytes, sizeof(bytes), &why);
	tap_ok(port_at(SOURCE_PORT) == OPTIONS_REMOTE_PORT && sampler.count == 1, "a second SYN is of the same connection");
	tap_ok(!peer_next(&peer, &seen), "nothing has left the kernel");
	peer_listened(&peer);
	peer_build(&peer, packet("0 < S 0:0(0) win 1000\n"), bytes, sizeof(bytes), &why);
	tap_ok(port_at(SOURCE_PORT) == OPTIONS_REMOTE_PORT + 1 && sampler.count == 2, "after listen() it is a new one");
}

static void test_queue(void)
{
	struct captured noise = { .direction = PACKET_OUT, .bytes = bytes };
	struct peer_packet seen;
	bool in_order = true;

	/* The first SYN of the exchanged peer goes from the peer's bind port to its remote port, as the kernel's answer does. */
	there.bind_port = OPTIONS_REMOTE_PORT + 1;
	there.remote_port = OPTIONS_PORT;
	kernel_sends("0 < S 0:0(0) win 1000\n", 1);
	tap_ok(peer_next(&peer, &seen) && seen.clock_ns == 1 && seen.packet.flags == PACKET_SYN, "a packet of the connection is queued");
	for (size_t length = 0; length < 40; length++) {
		noise.bytes_count = noise.wire_bytes = length;
		peer_see(&peer, &noise);
	}
	tap_ok(!peer_next(&peer, &seen), "beginnings of packets are not");
	noise.direction = PACKET_IN;
	noise.bytes_count = noise.wire_bytes = 40;
	peer_see(&peer, &noise);
	tap_ok(!peer_next(&peer, &seen), "nor is what goes to the kernel");
	for (int i = 0; i < PEER_QUEUE_PACKETS + 10; i++)
		kernel_sends("0 < . 1:1(0) ack 1 win 257\n", i);
	tap_ok(peer.lost == 10, "what does not fit is counted");
	for (int i = 0; i < PEER_QUEUE_PACKETS; i++)
		in_order = in_order && peer_next(&peer, &seen) && seen.clock_ns == i;
	tap_ok(in_order && !peer_next(&peer, &seen), "the others come in their order");
}

static void test_active(void)
{
	struct peer_packet seen;
	const char *why;

	memset(&peer, 0, sizeof(peer));
	memset(&kernel, 0, sizeof(kernel));
	sampler.count = 0;
	there.bind_port = OPTIONS_PORT;
	there.remote_port = 43210;
	peer_init(&peer, &here, &sampler);
	peer_init(&kernel, &there, &no_sampler);
	kernel_sends("0 < . 1:1(0) ack 1 win 257\n", 1);
	tap_ok(!peer_next(&peer, &seen), "without a SYN no connection");
	kernel_sends("0 < S 0:0(0) win 1000\n", 2);
	tap_ok(peer_next(&peer, &seen) && sampler.count == 1 && strcmp(sampler.targets[0].local, "192.168.0.1:43210") == 0,
	       "the kernel's own SYN tells its port: %s", sampler.targets[0].local);
	peer_build(&peer, packet("0 < S. 0:0(0) ack 1 win 1000\n"), bytes, sizeof(bytes), &why);
	tap_ok(port_at(DESTINATION_PORT) == 43210 && port_at(SOURCE_PORT) == OPTIONS_PORT, "and the answer goes there");
}

int main(void)
{
	here = there = options_default();
	there.net.local = here.net.remote;
	there.net.remote = here.net.local;
	peer_init(&peer, &here, &sampler);
	peer_init(&kernel, &there, &no_sampler);
	test_passive();
	test_queue();
	test_active();
	return tap_done();
}

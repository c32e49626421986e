/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_link - which packets reach the device, how often, when and in which order
 * The device is a socket pair of datagrams.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "link.h"
#include "tap.h"
#include "tun.h"

#include <linux/virtio_net.h>

static struct link_injector injector;
static int device = -1;

static void reset(void)
{
	int pair[2];

	if (device >= 0) {
		close(device);
		close(injector.fd);
	}
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair)) {
		printf("Bail out! socketpair\n");
		exit(1);
	}
	memset(&injector, 0, sizeof(injector));
	injector.fd = pair[0];
	device = pair[1];
}

static enum link_fate inject(const char *text)
{
	enum link_fate fate = LINK_FATE_COUNT;

	if (!link_inject(&injector, (const unsigned char *)text, strlen(text), &fate))
		return LINK_FATE_COUNT;
	return fate;
}

/* All that reached the device, with blanks between. */
static const char *arrived(void)
{
	static char text[512];
	size_t used = 0;
	ssize_t got;

	while ((got = read(device, text + used, sizeof(text) - used - 1)) > 0) {
		used += (size_t)got;
		text[used++] = ' ';
	}
	text[used] = '\0';
	return text;
}

static bool is(const char *wanted)
{
	const char *text = arrived();

	if (strcmp(text, wanted) != 0)
		printf("# '%s', not '%s'\n", text, wanted);
	return strcmp(text, wanted) == 0;
}

static void add(enum link_fault_kind kind, unsigned count, int64_t delay_ns)
{
	struct link_fault fault = { kind, count, delay_ns };

	link_add(&injector.link, &fault);
}

static void test_fates(void)
{
	reset();
	tap_ok(inject("a") == LINK_PASSES && is("a "), "without a fault a packet passes");
	add(LINK_LOSE, 2, 0);
	add(LINK_DUPLICATE, 1, 0);
	tap_ok(inject("b") == LINK_IS_LOST && inject("c") == LINK_IS_LOST && is(""), "two are lost");
	tap_ok(inject("d") == LINK_COMES_TWICE && is("d d "), "the next fault acts on the next packet");
	tap_ok(inject("e") == LINK_PASSES && is("e "), "then it is over");
}

static void test_reorder(void)
{
	reset();
	add(LINK_REORDER, 3, 0);
	inject("a");
	inject("b");
	tap_ok(is("") && link_due_ns(&injector) == CLOCK_NEVER, "what is held waits for no time");
	tap_ok(inject("c") == LINK_ENDS_GROUP && is("c b a "), "the last brings the others, newest first");
}

static void test_delay(void)
{
	int64_t now_ns = clock_ns();

	reset();
	tap_ok(link_due_ns(&injector) == CLOCK_NEVER, "nothing is due");
	add(LINK_DELAY, 1, 2 * NS_PER_S);
	add(LINK_DELAY, 2, NS_PER_S);
	inject("a");
	inject("b");
	inject("c");
	tap_ok(inject("d") == LINK_PASSES && is("d "), "what is not delayed overtakes");
	tap_ok(link_due_ns(&injector) >= now_ns + NS_PER_S && link_due_ns(&injector) < now_ns + 2 * NS_PER_S, "the first is due");
	link_inject_due(&injector, now_ns);
	tap_ok(is(""), "but not yet");
	link_inject_due(&injector, now_ns + 3 * NS_PER_S / 2);
	tap_ok(is("b c "), "equally late ones keep their order");
	link_inject_due(&injector, now_ns + 10 * NS_PER_S);
	tap_ok(is("a ") && injector.held == 0, "the last comes at last");
}

static void test_limits(void)
{
	struct link_fault fault = { LINK_LOSE, 1, 0 };
	unsigned faults = 0, held = 0;

	reset();
	while (faults < 1000 && link_add(&injector.link, &fault))
		faults++;
	tap_ok(faults == LINK_FAULTS_MAX, "only so many faults at a time");
	reset();
	add(LINK_DELAY, 1000, NS_PER_S);
	while (held < 1000 && inject("x") == LINK_COMES_LATE)
		held++;
	tap_ok(held == LINK_HELD_MAX, "only so many packets at a time");
}

/* One packet of header_bytes in front of its data as a device with --mss gets it; false when it did not come with this header. */
static bool comes(unsigned char *packet, size_t length, unsigned segment_bytes, uint8_t type, uint16_t size)
{
	unsigned char got[512];
	struct virtio_net_hdr header;
	ssize_t bytes;

	if (!tun_write(injector.fd, segment_bytes, packet, length))
		return false;
	bytes = read(device, got, sizeof(got));
	memcpy(&header, got, sizeof(header));
	return bytes == (ssize_t)(sizeof(header) + length) && memcmp(got + sizeof(header), packet, length) == 0
	       && header.gso_type == type && header.gso_size == size && header.flags == 0;
}

static void test_segments(void)
{
	unsigned char v4[200] = { 0x45, [9] = 6, [32] = 5 << 4 }, v6[200] = { 0x60, [6] = 6, [52] = 8 << 4 }, udp[200] = { 0x45, [9] = 17 };
	enum link_fate fate;

	reset();
	tap_ok(comes(v4, 140, 100, VIRTIO_NET_HDR_GSO_NONE, 0), "IPv4: as much data as a segment has is one");
	tap_ok(comes(v4, 141, 100, VIRTIO_NET_HDR_GSO_TCPV4, 100), "a byte more is two");
	tap_ok(comes(v6, 172, 100, VIRTIO_NET_HDR_GSO_NONE, 0), "IPv6, a TCP header with options: one");
	tap_ok(comes(v6, 173, 100, VIRTIO_NET_HDR_GSO_TCPV6, 100), "two");
	tap_ok(comes(udp, 200, 100, VIRTIO_NET_HDR_GSO_NONE, 0), "a datagram is none");
	tap_ok(comes(v4, 30, 100, VIRTIO_NET_HDR_GSO_NONE, 0), "nor is what has no whole TCP header");
	tap_ok(tun_write(injector.fd, 0, v4, 200) && read(device, udp, sizeof(udp)) == 200, "without segments there is no header");
	injector.segment_bytes = 100;
	tap_ok(link_inject(&injector, v4, 150, &fate) && read(device, udp, sizeof(udp)) == 160, "packets of the script's go that way");
}

int main(void)
{
	test_segments();
	test_fates();
	test_reorder();
	test_delay();
	test_limits();
	return tap_done();
}

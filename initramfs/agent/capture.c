/* SPDX-License-Identifier: GPL-2.0-or-later
 * capture - sees every packet of a device or two; capture.h is the manual
 */
#include "capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "clock.h"
#include "outlet.h"
#include "packet_wire.h"
#include "tun.h"

enum { BUFFER_BYTES = 16 * 1024 * 1024 };

#ifndef SO_RCVBUFFORCE
#define SO_RCVBUFFORCE 33
#endif

enum { DEVICES_MAX = 2 };
static struct captured_device { int index; char name[IF_NAMESIZE]; } devices[DEVICES_MAX];

/* ETH_P_ALL: a socket bound to ETH_P_IP never sees what this kernel sends. Bound to one device, or, for two, to none. */
static int bind_to(int fd, int index)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index };

	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

static bool find_device(struct captured_device *device, const char *name)
{
	*device = (struct captured_device){ .index = (int)if_nametoindex(name) };
	strncpy(device->name, name, sizeof(device->name) - 1);
	return device->index;
}

static int set_up(int fd, const char *also, const char **what)
{
	int buffer_bytes = BUFFER_BYTES, on = 1;

	*what = "SO_RCVBUFFORCE";
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof(buffer_bytes)))
		return -1;
	*what = "SO_TIMESTAMPNS";
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)))
		return -1;
	*what = "PACKET_AUXDATA";
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)))
		return -1;
	*what = "the device to capture";
	devices[1] = (struct captured_device){ 0 };
	if (!find_device(&devices[0], TUN_NAME) || (also && !find_device(&devices[1], also)))
		return -1;
	*what = "bind of the packet socket";
	return bind_to(fd, also ? 0 : devices[0].index);
}

int capture_open(const char *also, const char **what)
{
	int fd;

	/* Protocol 0 until bound: nothing of other devices is seen in between. */
	*what = "socket AF_PACKET";
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && set_up(fd, also, what)) {
		int error = errno;

		close(fd);
		errno = error;
		fd = -1;
	}
	return fd;
}

/* The kernel's stamp (now, if it gave none), and whether it left the checksum to the device. */
static void read_control(struct msghdr *message, int64_t realtime_offset_ns, struct captured *captured)
{
	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		struct tpacket_auxdata auxiliary;
		struct timespec stamp;

		if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_TIMESTAMPNS) {
			memcpy(&stamp, CMSG_DATA(control), sizeof(stamp));
			captured->clock_ns = stamp.tv_sec * NS_PER_S + stamp.tv_nsec - realtime_offset_ns;
		} else if (control->cmsg_level == SOL_PACKET && control->cmsg_type == PACKET_AUXDATA) {
			memcpy(&auxiliary, CMSG_DATA(control), sizeof(auxiliary));
			captured->checksum_pending = auxiliary.tp_status & TP_STATUS_CSUMNOTREADY;
		}
	}
	if (!captured->clock_ns)
		captured->clock_ns = clock_ns();
}

/* The device a packet is to be recorded for. NULL: none, or it was recorded when it was sent. */
static const struct captured_device *device_of(const struct sockaddr_ll *from)
{
	if (from->sll_hatype == ARPHRD_LOOPBACK && from->sll_pkttype != PACKET_OUTGOING)
		return NULL;
	for (size_t i = 0; i < DEVICES_MAX; i++)
		if (devices[i].index == from->sll_ifindex)
			return &devices[i];
	return NULL;
}

static void send_record(const struct captured *captured, const char *interface)
{
	struct record *record = outlet_begin(RECORD_PACKET, captured->clock_ns);

	record_uint(record, FIELD_DIRECTION, captured->direction == PACKET_OUT ? RECORD_OUT : RECORD_IN);
	record_text(record, FIELD_INTERFACE, interface);
	record_uint(record, FIELD_PROTOCOL, captured->protocol);
	record_uint(record, FIELD_WIRE_BYTES, captured->wire_bytes);
	record_bytes(record, FIELD_DATA, captured->bytes, captured->bytes_count);
	outlet_send();
}

bool capture_read(int fd, int64_t realtime_offset_ns, struct captured *captured)
{
	static unsigned char bytes[CAPTURE_MAX_BYTES];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct tpacket_auxdata)) + 64];
	} control;
	struct sockaddr_ll from = { 0 };
	struct iovec part = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct msghdr message = {
		.msg_name = &from, .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
	};
	const struct captured_device *device;
	ssize_t got;

	do {
		message.msg_namelen = sizeof(from);
		message.msg_controllen = sizeof(control);
		got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_TRUNC);
		if (got < 0)
			return false;
		device = device_of(&from);
	} while (!device);
	*captured = (struct captured){
		.direction = from.sll_pkttype == PACKET_OUTGOING ? PACKET_OUT : PACKET_IN,
		.on_tun = device == &devices[0],
		.protocol = ntohs(from.sll_protocol),
		.wire_bytes = (size_t)got,
		.bytes_count = (size_t)got < sizeof(bytes) ? (size_t)got : sizeof(bytes),
		.bytes = bytes,
	};
	read_control(&message, realtime_offset_ns, captured);
	if (captured->checksum_pending)
		wire_complete_checksum(bytes, captured->bytes_count);
	send_record(captured, device->name);
	return true;
}

unsigned capture_lost(int fd)
{
	struct { unsigned packets, drops; } statistics = { 0, 0 };
	socklen_t length = sizeof(statistics);

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &length))
		return 0;
	return statistics.drops;
}

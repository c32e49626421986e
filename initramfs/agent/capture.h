/* SPDX-License-Identifier: GPL-2.0-or-later
 * capture - sees every packet of tun, and of one device more, in both directions, by packet socket, without taking it from the device
 * in: devices; out: RECORD_PACKET with the kernel's own stamp (moved to CLOCK_MONOTONIC), and the packet to the caller.
 * Only the first CAPTURE_MAX_BYTES are kept, which is all of a packet but of the segments the kernel leaves a device to cut.
 */
#ifndef FINRIG_AGENT_CAPTURE_H
#define FINRIG_AGENT_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

enum { CAPTURE_MAX_BYTES = 2048 };

struct captured {
	enum packet_direction direction;
	bool on_tun;                 /* not on the other device */
	int64_t clock_ns;            /* of the kernel's stamp */
	uint16_t protocol;           /* ethertype */
	size_t wire_bytes;
	bool checksum_pending;       /* left to the device; when the packet is whole here, it was filled in */
	size_t bytes_count;          /* of bytes; less than wire_bytes when cut off */
	unsigned char *bytes;        /* from the IP header on; valid until the next capture_read() */
};

/* also: a device beside tun; NULL: none. Returns a descriptor, or -1: errno, *what names the step.
 * A loopback device shows each packet twice, as sent and as received; the second sight is left out. */
int capture_open(const char *also, const char **what);
/* Reads the next packet, sends its record. false: none is waiting. realtime_offset_ns: see clock.h. */
bool capture_read(int fd, int64_t realtime_offset_ns, struct captured *captured);
/* Packets the kernel had to drop since the last call, because the socket's buffer was full. */
unsigned capture_lost(int fd);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * tun - the network device whose other end is the script
 * in: addresses and mtu (packetdrill's defaults); out: a descriptor to inject packets with and to take the kernel's from.
 * Set up by ioctls alone, so that no kernel version, tool or shell stands between. Closing the descriptor removes the
 * device and frees its queue, and only then may a held packet leave: close after the last record.
 *
 *   this kernel 192.168.0.1/16        --- tun0 --- gateway 192.168.0.2       --- 192.0.2.0/24, the script's remote 192.0.2.1
 *               fd3d:a0b:17d6::1/48                        fd3d:a0b:17d6::2  --- fd3d:fa7b:d17d::/48, remote ...::1
 *
 * As packetdrill's, the device takes segmentation and checksums off the kernel, so that scripts see the segments TCP makes
 * and not the packets a device would cut them into.
 */
#ifndef FINRIG_AGENT_TUN_H
#define FINRIG_AGENT_TUN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TUN_NAME "tun0"

struct tun_config {
	uint32_t local, netmask, gateway, remote; /* IPv4, network byte order */
	unsigned remote_prefix;
	bool v6;                                  /* IPv6 addresses too; without it the device is silent in IPv6 */
	struct in6_addr local6, gateway6, remote6;
	unsigned local_prefix6, remote_prefix6;
	unsigned mtu;
	unsigned segment_bytes;                   /* --mss, for tun_write(); 0: the device puts nothing together */
	unsigned speed_mbps;                      /* 0: as the kernel has it */
};

/* packetdrill's. */
struct tun_config tun_default_config(void);

/* Makes the device (no addresses yet, down). Returns its descriptor (non-blocking), or -1: errno, *what names the step. */
int tun_open(const char **what);
/* Closes fd and returns another of the same device, which is down and keeps its settings: what is written to it, and read from it,
 * has a virtio_net_hdr in front, for tun_write() with segments. Or -1: errno, *what. */
int tun_reopen(int fd, const char **what);
/* Hands the packet to the kernel. segment_bytes: 0; or, of a tun_reopen()ed one: TCP packets with more data than that come as the
 * several segments of so many bytes that a device put together to one (GRO, LRO). false: errno. */
bool tun_write(int fd, unsigned segment_bytes, const unsigned char *bytes, size_t length);
/* Gives it addresses, mtu and routes and brings it up; may be called again with others. Returns 0, or -1: errno, *what. */
int tun_configure(const struct tun_config *config, const char **what);
/* Brings the loopback device up. Returns 0, or -1: errno. */
int tun_loopback_up(void);

#endif

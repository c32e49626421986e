/* SPDX-License-Identifier: GPL-2.0-or-later
 * tun - the network device whose other end is the script; tun.h is the manual
 */
#include "tun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>

#define IPV6_FOLDER "/proc/sys/net/ipv6/conf/" TUN_NAME "/"

/* linux/ipv6.h and linux/ipv6_route.h cannot stand beside musl's headers. */
struct address6 { struct in6_addr address; uint32_t prefix; int device; };
struct route6 {
	struct in6_addr destination, source, gateway;
	uint32_t type;
	uint16_t destination_bits, source_bits;
	uint32_t metric;
	unsigned long info;
	uint32_t flags;
	int device;
};

struct tun_config tun_default_config(void)
{
	struct tun_config config = {
		.local = inet_addr("192.168.0.1"), .netmask = inet_addr("255.255.0.0"), .gateway = inet_addr("192.168.0.2"),
		.remote = inet_addr("192.0.2.1"), .remote_prefix = 24, .local_prefix6 = 48, .remote_prefix6 = 48, .mtu = 1500,
	};

	inet_pton(AF_INET6, "fd3d:a0b:17d6::1", &config.local6);
	inet_pton(AF_INET6, "fd3d:a0b:17d6::2", &config.gateway6);
	inet_pton(AF_INET6, "fd3d:fa7b:d17d::1", &config.remote6);
	return config;
}

/* A kernel that does not know of one of these takes the shorter list. */
static int set_offload(int fd)
{
	static const unsigned long offloads[] = {
		TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | TUN_F_UFO,
		TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN,
	};

	for (size_t i = 0; i < sizeof(offloads) / sizeof(offloads[0]); i++)
		if (!ioctl(fd, TUNSETOFFLOAD, offloads[i]))
			return 0;
	return -1;
}

static int attach(int fd, short flags, const char **what)
{
	struct ifreq request = { .ifr_flags = (short)(IFF_TUN | IFF_NO_PI | flags) };

	*what = "TUNSETIFF " TUN_NAME;
	strcpy(request.ifr_name, TUN_NAME);
	if (ioctl(fd, TUNSETIFF, &request))
		return -1;
	*what = "TUNSETOFFLOAD " TUN_NAME;
	return set_offload(fd);
}

static int set_flags(int control, const char *name, short set, short clear)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(control, SIOCGIFFLAGS, &request))
		return -1;
	request.ifr_flags = (short)((request.ifr_flags | set) & ~clear);
	return ioctl(control, SIOCSIFFLAGS, &request);
}

static int open_with(short flags, const char **what)
{
	int fd;

	*what = "open /dev/net/tun";
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && attach(fd, flags, what)) {
		int error = errno;

		close(fd);
		errno = error;
		fd = -1;
	}
	return fd;
}

int tun_open(const char **what)
{
	return open_with(0, what);
}

int tun_reopen(int fd, const char **what)
{
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool down = control >= 0 && !set_flags(control, TUN_NAME, 0, IFF_UP);

	close(control);
	*what = "SIOCSIFFLAGS " TUN_NAME " down";
	if (!down)
		return -1;
	*what = "TUNSETPERSIST " TUN_NAME;
	if (ioctl(fd, TUNSETPERSIST, 1))
		return -1;
	close(fd);
	fd = open_with(IFF_VNET_HDR, what);
	if (fd >= 0 && ioctl(fd, TUNSETPERSIST, 0)) {
		*what = "TUNSETPERSIST " TUN_NAME;
		close(fd);
		return -1;
	}
	return fd;
}

/* Of a packet that is TCP right behind its IP header: where its data begins. 0: another packet. */
static size_t tcp_header_end(const unsigned char *bytes, size_t length)
{
	bool v6 = length > 40 && bytes[0] >> 4 == 6;
	size_t ip_bytes = v6 ? 40 : (bytes[0] & 15) * 4u;

	if (length < ip_bytes + 20 || bytes[v6 ? 6 : 9] != IPPROTO_TCP)
		return 0;
	return ip_bytes + (bytes[ip_bytes + 12] >> 4) * 4u;
}

/* No hdr_len: the kernel then puts what fits into the skb's head and the rest into pages, and with that, as with the length of a
 * segment, it judges what room its windows take. */
bool tun_write(int fd, unsigned segment_bytes, const unsigned char *bytes, size_t length)
{
	size_t header_bytes = segment_bytes ? tcp_header_end(bytes, length) : 0;
	struct virtio_net_hdr header = { .gso_type = VIRTIO_NET_HDR_GSO_NONE };
	struct iovec parts[] = { { &header, sizeof(header) }, { (void *)bytes, length } };
	size_t whole = length + (segment_bytes ? sizeof(header) : 0);
	ssize_t written;

	if (header_bytes && length > header_bytes + segment_bytes) {
		header.gso_type = bytes[0] >> 4 == 6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
		header.gso_size = (uint16_t)segment_bytes;
	}
	written = segment_bytes ? writev(fd, parts, 2) : write(fd, bytes, length);
	if (written >= 0 && (size_t)written != whole)
		errno = EMSGSIZE;
	return written == (ssize_t)whole;
}

/* A kernel without IPv6, or without this setting, has no such file and no use for it. */
static void set_ipv6(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), IPV6_FOLDER "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		errno = 0;
	close(fd);
}

/* Router solicitations, address detection, an address of the kernel's own choice and multicast reports would stand between
 * the script's packets. */
static void silence_ipv6(bool v6)
{
	set_ipv6("accept_dad", "0");
	set_ipv6("accept_ra", "0");
	set_ipv6("addr_gen_mode", "1");
	set_ipv6("autoconf", "0");
	set_ipv6("dad_transmits", "0");
	set_ipv6("router_solicitations", "0");
	set_ipv6("disable_ipv6", v6 ? "0" : "1");
}

static int set_address(int control, unsigned long call, uint32_t address)
{
	struct ifreq request = { .ifr_name = TUN_NAME };
	struct sockaddr_in internet = { .sin_family = AF_INET, .sin_addr.s_addr = address };

	memcpy(&request.ifr_addr, &internet, sizeof(internet));
	return ioctl(control, call, &request);
}

static int add_route(int control, const struct tun_config *config)
{
	static char device[] = TUN_NAME;
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = device };

	address.sin_addr.s_addr = config->remote_prefix ? htonl(~0U << (32 - config->remote_prefix)) : 0;
	memcpy(&route.rt_genmask, &address, sizeof(address));
	address.sin_addr.s_addr &= config->remote;
	memcpy(&route.rt_dst, &address, sizeof(address));
	/* Configured a second time, the route may be there already, by way of another gateway. */
	ioctl(control, SIOCDELRT, &route);
	route.rt_flags |= RTF_GATEWAY;
	address.sin_addr.s_addr = config->gateway;
	memcpy(&route.rt_gateway, &address, sizeof(address));
	return ioctl(control, SIOCADDRT, &route) && errno != EEXIST ? -1 : 0;
}

static int set_speed(int control, unsigned mbps)
{
	struct ethtool_cmd link = { .cmd = ETHTOOL_GSET };
	struct ifreq request = { .ifr_name = TUN_NAME, .ifr_data = (char *)&link };

	if (ioctl(control, SIOCETHTOOL, &request))
		return -1;
	link.cmd = ETHTOOL_SSET;
	ethtool_cmd_speed_set(&link, mbps);
	return ioctl(control, SIOCETHTOOL, &request);
}

static int configure(int control, const struct tun_config *config, const char **what)
{
	struct ifreq request = { .ifr_name = TUN_NAME, .ifr_mtu = (int)config->mtu };

	*what = "SIOCSIFMTU " TUN_NAME;
	if (ioctl(control, SIOCSIFMTU, &request))
		return -1;
	*what = "ETHTOOL_SSET " TUN_NAME " (--speed: can this kernel's tun be given a speed?)";
	if (config->speed_mbps && set_speed(control, config->speed_mbps))
		return -1;
	*what = "SIOCSIFADDR " TUN_NAME;
	if (set_address(control, SIOCSIFADDR, config->local))
		return -1;
	*what = "SIOCSIFNETMASK " TUN_NAME;
	if (set_address(control, SIOCSIFNETMASK, config->netmask))
		return -1;
	*what = "SIOCSIFFLAGS " TUN_NAME " up";
	if (set_flags(control, TUN_NAME, IFF_UP, 0))
		return -1;
	*what = "SIOCADDRT to the remote address";
	return add_route(control, config);
}

static int add_route6(int control, const struct tun_config *config, int device)
{
	struct route6 route = {
		.destination = config->remote6, .gateway = config->gateway6, .destination_bits = (uint16_t)config->remote_prefix6,
		.metric = 1, .flags = RTF_UP | RTF_GATEWAY, .device = device,
	};

	for (unsigned bit = config->remote_prefix6; bit < 128; bit++)
		route.destination.s6_addr[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	return ioctl(control, SIOCADDRT, &route) && errno != EEXIST ? -1 : 0;
}

static int configure6(int control, const struct tun_config *config, const char **what)
{
	struct ifreq request = { .ifr_name = TUN_NAME };
	struct address6 address = { .address = config->local6, .prefix = config->local_prefix6 };

	*what = "SIOCGIFINDEX " TUN_NAME;
	if (ioctl(control, SIOCGIFINDEX, &request))
		return -1;
	address.device = request.ifr_ifindex;
	*what = "SIOCSIFADDR " TUN_NAME " (IPv6)";
	if (ioctl(control, SIOCSIFADDR, &address) && errno != EEXIST)
		return -1;
	*what = "SIOCADDRT to the remote address (IPv6)";
	return add_route6(control, config, address.device);
}

static int with_socket(int family, int (*act)(int control, const struct tun_config *config, const char **what),
		       const struct tun_config *config, const char **what)
{
	int control, result, error;

	*what = family == AF_INET6 ? "socket AF_INET6 (this kernel has no IPv6, which ip_version asks for)" : "socket AF_INET";
	control = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (control < 0)
		return -1;
	result = act(control, config, what);
	error = errno;
	close(control);
	errno = error;
	return result;
}

int tun_configure(const struct tun_config *config, const char **what)
{
	silence_ipv6(config->v6);
	if (with_socket(AF_INET, configure, config, what))
		return -1;
	return config->v6 ? with_socket(AF_INET6, configure6, config, what) : 0;
}

int tun_loopback_up(void)
{
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result, error;

	if (control < 0)
		return -1;
	result = set_flags(control, "lo", IFF_UP, 0);
	error = errno;
	close(control);
	errno = error;
	return result;
}

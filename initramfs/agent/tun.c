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
#include <unistd.h>

#include <linux/if_tun.h>

/* A plain /24, as packetdrill routes it. */
enum { REMOTE_PREFIX = 24 };

struct tun_config tun_default_config(void)
{
	return (struct tun_config){
		.local = inet_addr("192.168.0.1"), .netmask = inet_addr("255.255.0.0"),
		.gateway = inet_addr("192.168.0.2"), .remote = inet_addr("192.0.2.1"), .mtu = 1500,
	};
}

int tun_open(const char **what)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd;

	*what = "open /dev/net/tun";
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	*what = "TUNSETIFF " TUN_NAME;
	strcpy(request.ifr_name, TUN_NAME);
	if (ioctl(fd, TUNSETIFF, &request)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Router solicitations, address detection and multicast reports would stand between the script's packets. A kernel
 * without IPv6 has no such file, and no such noise. */
static void silence_ipv6(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/" TUN_NAME "/disable_ipv6", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1", 1) != 1)
		errno = 0;
	close(fd);
}

static int set_address(int control, unsigned long call, uint32_t address)
{
	struct ifreq request = { .ifr_name = TUN_NAME };
	struct sockaddr_in internet = { .sin_family = AF_INET, .sin_addr.s_addr = address };

	memcpy(&request.ifr_addr, &internet, sizeof(internet));
	return ioctl(control, call, &request);
}

static int set_flags_up(int control, const char *name)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(control, SIOCGIFFLAGS, &request))
		return -1;
	request.ifr_flags |= IFF_UP;
	return ioctl(control, SIOCSIFFLAGS, &request);
}

static int add_route(int control, const struct tun_config *config)
{
	static char device[] = TUN_NAME;
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = device };

	address.sin_addr.s_addr = htonl(~0U << (32 - REMOTE_PREFIX));
	memcpy(&route.rt_genmask, &address, sizeof(address));
	address.sin_addr.s_addr &= config->remote;
	memcpy(&route.rt_dst, &address, sizeof(address));
	address.sin_addr.s_addr = config->gateway;
	memcpy(&route.rt_gateway, &address, sizeof(address));
	/* Configured a second time with the same remote, the route is there already. */
	return ioctl(control, SIOCADDRT, &route) && errno != EEXIST ? -1 : 0;
}

static int configure(int control, const struct tun_config *config, const char **what)
{
	struct ifreq request = { .ifr_name = TUN_NAME, .ifr_mtu = (int)config->mtu };

	*what = "SIOCSIFMTU " TUN_NAME;
	if (ioctl(control, SIOCSIFMTU, &request))
		return -1;
	*what = "SIOCSIFADDR " TUN_NAME;
	if (set_address(control, SIOCSIFADDR, config->local))
		return -1;
	*what = "SIOCSIFNETMASK " TUN_NAME;
	if (set_address(control, SIOCSIFNETMASK, config->netmask))
		return -1;
	*what = "SIOCSIFFLAGS " TUN_NAME " up";
	if (set_flags_up(control, TUN_NAME))
		return -1;
	*what = "SIOCADDRT to the remote address";
	return add_route(control, config);
}

int tun_configure(const struct tun_config *config, const char **what)
{
	int control, result, error;

	silence_ipv6();
	*what = "socket AF_INET";
	control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (control < 0)
		return -1;
	result = configure(control, config, what);
	error = errno;
	close(control);
	errno = error;
	return result;
}

int tun_loopback_up(void)
{
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result, error;

	if (control < 0)
		return -1;
	result = set_flags_up(control, "lo");
	error = errno;
	close(control);
	errno = error;
	return result;
}

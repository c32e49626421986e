/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_options - packetdrill's options, right and wrong
 */
#include <arpa/inet.h>
#include <string.h>

#include "options.h"
#include "tap.h"

static const struct { const char *name, *value; } good[] = {
	{ "tolerance_usecs", "0" }, { "local_ip", "10.0.0.1" }, { "remote_ip", "10.1.0.1" }, { "gateway_ip", "10.0.0.2" },
	{ "netmask_ip", "255.255.255.0" }, { "mtu", "1280" }, { "bind_port", "1" }, { "connect_port", "65535" }, { "ip_version", "ipv4" },
	{ "non_fatal", "packet" }, { "non_fatal", "syscall,packet" }, { "tcp_ts_tick_usecs", "1000" },
	{ "ip_version", "ipv6" }, { "ip_version", "ipv4_mapped_ipv6" }, { "ip_version", "ipv4" }, { "remote_ip", "192.0.2.7/28" },
	{ "netmask_ip", "255.255.255.0" }, { "speed", "100" }, { "send_omit_free", NULL }, { "persistent_tun_dev", NULL },
	{ "init_scripts", "a.sh,b.sh" }, { "tolerance_percent", "10" }, { "define", "A=1" }, { "code_sockopt", "TCP_INFO" },
	{ "mss", "1000" },
};
static const struct { const char *name, *value; } bad[] = {
	{ "tolerance_usecs", "" }, { "tolerance_usecs", NULL }, { "tolerance_usecs", "-1" }, { "tolerance_usecs", "1.5" },
	{ "tolerance_usecs", "99999999999999999999" }, { "local_ip", "10.0.0" }, { "local_ip", "::g" },
	{ "local_ip", "10.0.0.1/33" }, { "remote_ip", "fe80::1/129" }, { "remote_ip", "1.2.3.4/" },
	{ "mtu", "67" }, { "mtu", "65536" },
	{ "bind_port", "0" }, { "bind_port", "65536" }, { "ip_version", "ipv5" }, { "netmask_ip", "255.0.255.0" }, { "speed", "0" },
	{ "non_fatal", "" }, { "send_omit_free", "1" }, { "is_anyip", NULL }, { "mss", "0" }, { "mss", "65535" }, { "mss", NULL },
	{ "non_fatal", "packets" }, { "non_fatal", "packet;syscall" },
	{ "wire_server", "" }, { "", "" },
};

static void test_addresses(void)
{
	struct options options = options_default();
	struct sockaddr_storage address;
	struct sockaddr_in6 internet6;
	const char *why = "", *name = "";

	tap_ok(options_family(&options) == AF_INET && options_local(&options, 80, &address) == sizeof(struct sockaddr_in)
	       && options_wire_version(&options) == 4, "ipv4: the sockets are AF_INET");
	options_apply(&options, "ip_version", "ipv4-mapped-ipv6", &why);
	options_remote(&options, 80, &address);
	memcpy(&internet6, &address, sizeof(internet6));
	tap_ok(options_family(&options) == AF_INET6 && options_wire_version(&options) == 4 && ntohs(internet6.sin6_port) == 80
	       && IN6_IS_ADDR_V4MAPPED(&internet6.sin6_addr) && internet6.sin6_addr.s6_addr[12] == 192, "mapped: AF_INET6, ::ffff:192...");
	options_apply(&options, "ip_version", "ipv6", &why);
	options_local(&options, 80, &address);
	memcpy(&internet6, &address, sizeof(internet6));
	tap_ok(options_wire_version(&options) == 6 && internet6.sin6_addr.s6_addr[0] == 0xfd, "ipv6: the default address");
	tap_ok(options_finish(&options, &name, &why) && options.net.v6, "the device gets IPv6");
	options_apply(&options, "mtu", "1279", &why);
	tap_ok(!options_finish(&options, &name, &why) && strcmp(name, "mtu") == 0, "too small an mtu for IPv6: %s", why);
	options_apply(&options, "remote_ip", "10.0.0.1", &why);
	tap_ok(!options_finish(&options, &name, &why) && strcmp(name, "remote_ip") == 0, "an address of the other family: %s", why);
}

int main(void)
{
	struct options options = options_default();
	const char *why = NULL;

	tap_ok(options.tolerance_ns == 4000000 && options.net.mtu == 1500 && options.net.local == inet_addr("192.168.0.1")
	       && options.net.remote == inet_addr("192.0.2.1") && options.bind_port == 8080, "packetdrill's defaults");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		tap_ok(options_apply(&options, good[i].name, good[i].value, &why), "--%s=%s", good[i].name, good[i].value);
	tap_ok(options.net.remote_prefix == 28 && options.net.speed_mbps == 100 && options.send_omit_free
	       && options.init_script_count == 1 && options.tolerance_percent == 10
	       && options.net.segment_bytes == 1000, "the newer ones took effect");
	tap_ok(options.tolerance_ns == 0 && options.net.local == inet_addr("10.0.0.1") && options.net.mtu == 1280 && options.bind_port == 1
	       && options.connect_port == 65535 && options.packets_not_fatal && options.calls_not_fatal && options.timestamp_tick_us == 1000,
	       "they took effect");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bool taken;

		why = "";
		taken = options_apply(&options, bad[i].name, bad[i].value, &why);
		tap_ok(!taken && *why, "--%s=%s is refused: %s", bad[i].name, bad[i].value ? bad[i].value : "(none)", why);
	}
	test_addresses();
	return tap_done();
}

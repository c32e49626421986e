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
};
static const struct { const char *name, *value; } bad[] = {
	{ "tolerance_usecs", "" }, { "tolerance_usecs", NULL }, { "tolerance_usecs", "-1" }, { "tolerance_usecs", "1.5" },
	{ "tolerance_usecs", "99999999999999999999" }, { "local_ip", "10.0.0" }, { "local_ip", "::1" }, { "mtu", "67" }, { "mtu", "65536" },
	{ "bind_port", "0" }, { "bind_port", "65536" }, { "ip_version", "ipv6" }, { "non_fatal", "packets" }, { "non_fatal", "packet;syscall" },
	{ "wire_server", "" }, { "", "" },
};

int main(void)
{
	struct options options = options_default();
	const char *why = NULL;

	tap_ok(options.tolerance_ns == 4000000 && options.net.mtu == 1500 && options.net.local == inet_addr("192.168.0.1")
	       && options.net.remote == inet_addr("192.0.2.1") && options.bind_port == 8080, "packetdrill's defaults");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		tap_ok(options_apply(&options, good[i].name, good[i].value, &why), "--%s=%s", good[i].name, good[i].value);
	tap_ok(options.tolerance_ns == 0 && options.net.local == inet_addr("10.0.0.1") && options.net.mtu == 1280 && options.bind_port == 1
	       && options.connect_port == 65535 && options.packets_not_fatal && options.calls_not_fatal && options.timestamp_tick_us == 1000,
	       "they took effect");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bool taken;

		why = "";
		taken = options_apply(&options, bad[i].name, bad[i].value, &why);
		tap_ok(!taken && *why, "--%s=%s is refused: %s", bad[i].name, bad[i].value ? bad[i].value : "(none)", why);
	}
	return tap_done();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_counters - the texts of /proc/net, as kernels write them and as they never should
 */
#include <stdio.h>
#include <string.h>

#include "counters.h"
#include "queue.h"
#include "tap.h"

static const char first[] =
	"TcpExt: SyncookiesSent TCPTimeouts TCPSpuriousRtxHostQueues\n"
	"TcpExt: 0 5 18446744073709551615\n"
	"IpExt: InNoRoutes TCPTimeouts\n"
	"IpExt: 7 8\n";
static const char later[] =
	"TcpExt: SyncookiesSent TCPTimeouts TCPSpuriousRtxHostQueues\n"
	"TcpExt: 0 9 0\n"
	"IpExt: InNoRoutes TCPTimeouts\n"
	"IpExt: 70 80\n";
static const char snmp[] = "Tcp: RtoAlgorithm MaxConn\nTcp: 1 -1\nTcpx: A\nTcpx: 1\n";
static const char devices[] =
	"Inter-|   Receive                                                |  Transmit\n"
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
	"  tun1:       1       1    1    1    1     1          1         1        1       1    1    1    1     1       1          1\n"
	"  tun0:     100       2    3    4    5     6          7         8        9      10   11   12   13    14      15         16\n";

static unsigned seen;
static char last_name[COUNTER_NAME_BYTES];
static int64_t last_value, last_delta;

static void moved(const char *name, int64_t value, int64_t delta, int64_t now_ns)
{
	(void)now_ns;
	seen++;
	strcpy(last_name, name);
	last_value = value;
	last_delta = delta;
}

static void test_snmp(void)
{
	static struct counter_group group;

	tap_ok(counters_parse_names(&group, first, "TcpExt") && group.count == 3, "three names of TcpExt");
	tap_ok(strcmp(group.names[1], "TcpExt.TCPTimeouts") == 0 && group.values[1] == 5, "name and value by place");
	tap_ok(counters_parse_values(&group, first, "TcpExt", moved, 0) == 0 && seen == 0, "nothing moved");
	tap_ok(counters_parse_values(&group, later, "TcpExt", moved, 0) == 2 && seen == 2, "two moved");
	tap_ok(strcmp(last_name, "TcpExt.TCPSpuriousRtxHostQueues") == 0 && last_value == 0 && last_delta == 1, "round the end of 64 bits by one");
	tap_ok(counters_parse_values(&group, later, "TcpExt", moved, 0) == 0, "then nothing moves");
	tap_ok(counters_parse_names(&group, snmp, "Tcp") && group.count == 2 && group.values[1] == -1, "a negative number");
}

static void test_devices(void)
{
	static const char more[] = "  veth0:0 0 0 0 0 0 0 0 0 0 0 7 0 0 0 0\n  tun0:     100 2 3 4 5 6 7 8 9 10 11 15 13 14 15 16\n";
	static struct counter_devices devices_seen;

	seen = 0;
	counters_parse_devices(&devices_seen, devices, NULL, 0);
	tap_ok(devices_seen.count == 2 && counters_device_value(&devices_seen, "tun0", "tx_dropped") == 12
	       && counters_device_value(&devices_seen, "tun1", "rx_bytes") == 1, "sixteen numbers of each device");
	tap_ok(counters_parse_devices(&devices_seen, devices, moved, 0) == 0 && seen == 0, "nothing moved");
	tap_ok(counters_parse_devices(&devices_seen, more, moved, 0) == 2 && devices_seen.count == 3
	       && strcmp(last_name, "tun0.tx_dropped") == 0 && last_value == 15 && last_delta == 3, "a later reading without one and with another");
	tap_ok(counters_device_value(&devices_seen, "veth0", "tx_dropped") == 7, "a new device has counted from 0");
	tap_ok(counters_device_value(&devices_seen, "tun", "tx_dropped") == 0, "another device's line is not ours");
}

static void test_odd_devices(void)
{
	static const char *const texts[] = { "", "\n", ":", "lo", "lo:", "lo: x", ": 1 2 3\n", "a-name-longer-than-any-device-has: 1 2 3\n" };
	static struct counter_devices none, many;
	char line[32];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		tap_ok(counters_parse_devices(&none, texts[i], moved, 0) == 0, "no number in text %zu", i);
	for (int i = 0; i < COUNTER_DEVICES_MAX + 5; i++) {
		snprintf(line, sizeof(line), "dev%d: 1\n", i);
		counters_parse_devices(&many, line, NULL, 0);
	}
	tap_ok(many.count == COUNTER_DEVICES_MAX, "more devices than there is room for");
}

static void test_queue(void)
{
	for (int i = 0; i < 5; i++)
		queue_gave();
	queue_took();
	tap_ok(queue_length(0) == 4 && queue_length(3) == 1, "given, less taken, less dropped");
	tap_ok(queue_length(7) == 0, "never below 0");
}

static void test_bad(void)
{
	static const char *const texts[] = {
		"", "\n", "TcpExt:", "TcpExt:\n", "TcpExt: A B\n", "TcpExt: A B", "TcpExt: A B\nTcpExt", "TcpExtA: A\nTcpExtA: 1\n",
	};
	static struct counter_group group;
	static char many[64 * 1024];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		tap_ok(!counters_parse_names(&group, texts[i], "TcpExt"), "no counters in text %zu", i);
	tap_ok(counters_parse_names(&group, "T: A B C\nT: 1\n", "T") && group.count == 3 && group.values[1] == 0, "fewer numbers than names");
	tap_ok(counters_parse_names(&group, "T: A\nT: 1 2 3\n", "T") && group.count == 1 && group.values[0] == 1, "more numbers than names");
	tap_ok(counters_parse_names(&group, "T: A B\nT: x 2\n", "T") && group.values[1] == 0, "no number where one should be");
	strcpy(many, "T:");
	for (int i = 0; i < COUNTERS_MAX + 50; i++)
		strcat(many, " Name");
	strcat(many, "\nT: 1\n");
	tap_ok(counters_parse_names(&group, many, "T") && group.count == COUNTERS_MAX, "more names than there is room for");
	strcpy(many, "T: ");
	memset(many + 3, 'N', 5000);
	strcpy(many + 5003, "\nT: 1\n");
	tap_ok(counters_parse_names(&group, many, "T") && strlen(group.names[0]) == COUNTER_NAME_BYTES - 1, "a very long name is cut");
}

int main(void)
{
	test_snmp();
	test_devices();
	test_odd_devices();
	test_queue();
	test_bad();
	return tap_done();
}

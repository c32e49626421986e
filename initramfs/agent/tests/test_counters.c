/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_counters - the texts of /proc/net, as kernels write them and as they never should
 */
#include <string.h>

#include "counters.h"
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

static void test_device(void)
{
	static struct counter_group group;

	counters_parse_device(&group, devices, "tun0", NULL, 0);
	tap_ok(group.count == 16 && strcmp(group.names[11], "tun0.tx_dropped") == 0 && group.values[11] == 12, "the device's sixteen numbers");
	tap_ok(counters_parse_device(&group, devices, "tun0", moved, 0) == 0, "nothing moved");
	tap_ok(counters_parse_device(&group, devices, "tun", moved, 0) == 0, "another device's line is not ours");
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
	test_device();
	test_bad();
	return tap_done();
}

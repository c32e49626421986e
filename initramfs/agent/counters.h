/* SPDX-License-Identifier: GPL-2.0-or-later
 * counters - what the kernel counts: /proc/net/snmp and netstat (Ip, Tcp, TcpExt), every device of /proc/net/dev, and tun's queue
 * in: those files, by name, whatever names this kernel has; out: RECORD_COUNTER for each number that moved.
 * SNMP's names are read once at the baseline; later readings walk the numbers only, and allocate nothing.
 */
#ifndef FINRIG_AGENT_COUNTERS_H
#define FINRIG_AGENT_COUNTERS_H

#include <stdbool.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

enum {
	COUNTERS_MAX = 256, COUNTER_NAME_BYTES = 64, COUNTERS_FILE_MAX_BYTES = 64 * 1024,
	COUNTER_DEVICES_MAX = 16, COUNTER_DEVICE_COLUMNS = 16,
};

/* One line of numbers, e.g. TcpExt's. */
struct counter_group {
	size_t count;
	char names[COUNTERS_MAX][COUNTER_NAME_BYTES]; /* "TcpExt.TCPTimeouts" */
	int64_t values[COUNTERS_MAX];
};

/* The lines of /proc/net/dev, in the order they were met. */
struct counter_devices {
	size_t count;
	struct counter_device {
		char name[IF_NAMESIZE];
		int64_t values[COUNTER_DEVICE_COLUMNS];
	} devices[COUNTER_DEVICES_MAX];
};

/* Called for each number that differs from the reading before. */
typedef void counter_moved(const char *name, int64_t value, int64_t delta, int64_t now_ns);

/* Two lines "Prefix: name name ..." and "Prefix: 1 2 ..." are looked for in the file's text (zero terminated).
 * Fills names and values; false if there are no such lines. Names and numbers beyond COUNTERS_MAX are left out. */
bool counters_parse_names(struct counter_group *group, const char *text, const char *prefix);
/* Takes the numbers of a later reading; returns how many moved. moved may be NULL. */
unsigned counters_parse_values(struct counter_group *group, const char *text, const char *prefix,
			       counter_moved *moved, int64_t now_ns);
/* The lines "  device: 1 2 ..." of /proc/net/dev; the names are "tun0.tx_dropped". A device that was not there before, as one that the script
 * made, has counted from 0; beyond COUNTER_DEVICES_MAX they are left out. moved may be NULL, for the first reading. */
unsigned counters_parse_devices(struct counter_devices *devices, const char *text, counter_moved *moved, int64_t now_ns);
/* 0 for a device or column that there is not. */
int64_t counters_device_value(const struct counter_devices *devices, const char *name, const char *column);

/* Opens the files and takes the baseline. Returns 0 or an errno. Once per process. */
int counters_open(void);
/* Reads all again and sends a record for each number that moved; returns how many did. */
unsigned counters_take(int64_t now_ns);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * counters - what the kernel counts; counters.h is the manual
 */
#include "counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "descriptor.h"
#include "outlet.h"
#include "queue.h"
#include "tun.h"

/* /proc/net/dev has had these sixteen columns since before 2.6. */
static const char *const device_columns[] = {
	"rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "rx_fifo", "rx_frame", "rx_compressed", "rx_multicast",
	"tx_bytes", "tx_packets", "tx_errors", "tx_dropped", "tx_fifo", "tx_collisions", "tx_carrier", "tx_compressed",
};
_Static_assert(sizeof(device_columns) / sizeof(device_columns[0]) == COUNTER_DEVICE_COLUMNS, "a name for each column");

enum counters_file { FILE_SNMP, FILE_NETSTAT, FILE_DEVICES, FILE_COUNT };
enum counters_source { SOURCE_IP, SOURCE_TCP, SOURCE_TCPEXT, SOURCE_COUNT };

static struct counters {
	int fds[FILE_COUNT];
	struct counter_group groups[SOURCE_COUNT];
	struct counter_devices devices;
	int64_t queue;
	bool queue_is_told;
	char text[COUNTERS_FILE_MAX_BYTES];
} counters;

static const char *const file_paths[FILE_COUNT] = {
	[FILE_SNMP] = "/proc/net/snmp", [FILE_NETSTAT] = "/proc/net/netstat", [FILE_DEVICES] = "/proc/net/dev",
};

static const struct { enum counters_file file; const char *prefix; } sources[SOURCE_COUNT] = {
	[SOURCE_IP] = { FILE_SNMP, "Ip" }, [SOURCE_TCP] = { FILE_SNMP, "Tcp" }, [SOURCE_TCPEXT] = { FILE_NETSTAT, "TcpExt" },
};

/* The first line at or behind text that begins with "prefix:", after its colon; NULL if there is none. */
static const char *find_line(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	while (text) {
		if (strncmp(text, prefix, length) == 0 && text[length] == ':')
			return text + length + 1;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

/* The numbers' line is the second with that prefix. */
static const char *find_values(const char *text, const char *prefix)
{
	const char *names = find_line(text, prefix);

	return names ? find_line(names, prefix) : NULL;
}

static size_t blanks(const char *text)
{
	return strspn(text, " \t");
}

/* Reads a number and leaves *text behind it; false at the line's end. strtoll would look at the locale for each. */
static bool next_number(const char **text, int64_t *value)
{
	const char *at = *text + blanks(*text);
	bool negative = *at == '-';
	uint64_t number = 0;

	at += negative;
	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	*value = (int64_t)(negative ? 0 - number : number);
	*text = at;
	return true;
}

static unsigned take_values(struct counter_group *group, const char *line, counter_moved *moved, int64_t now_ns)
{
	unsigned count = 0;
	int64_t value;

	for (size_t i = 0; i < group->count && next_number(&line, &value); i++) {
		int64_t delta = (int64_t)((uint64_t)value - (uint64_t)group->values[i]);

		if (!delta)
			continue;
		group->values[i] = value;
		count++;
		if (moved)
			moved(group->names[i], value, delta, now_ns);
	}
	return count;
}

bool counters_parse_names(struct counter_group *group, const char *text, const char *prefix)
{
	const char *names = find_line(text, prefix);
	const char *values = find_values(text, prefix);

	memset(group, 0, sizeof(*group));
	if (!values)
		return false;
	for (names += blanks(names); *names && *names != '\n' && group->count < COUNTERS_MAX; names += blanks(names)) {
		size_t length = strcspn(names, " \t\n");

		snprintf(group->names[group->count++], COUNTER_NAME_BYTES, "%s.%.*s", prefix, (int)length, names);
		names += length;
	}
	take_values(group, values, NULL, 0);
	return group->count > 0;
}

unsigned counters_parse_values(struct counter_group *group, const char *text, const char *prefix,
			       counter_moved *moved, int64_t now_ns)
{
	const char *values = find_values(text, prefix);

	return values ? take_values(group, values, moved, now_ns) : 0;
}

/* A device met for the first time has counted from 0. NULL: no room for it. */
static struct counter_device *device_at(struct counter_devices *devices, const char *name, size_t length)
{
	struct counter_device *device;

	for (size_t i = 0; i < devices->count; i++) {
		device = &devices->devices[i];
		if (strncmp(device->name, name, length) == 0 && !device->name[length])
			return device;
	}
	if (devices->count == COUNTER_DEVICES_MAX || length >= sizeof(device->name))
		return NULL;
	device = &devices->devices[devices->count++];
	memset(device, 0, sizeof(*device));
	memcpy(device->name, name, length);
	return device;
}

static unsigned take_device(struct counter_device *device, const char *line, counter_moved *moved, int64_t now_ns)
{
	unsigned count = 0;
	int64_t value;

	for (size_t i = 0; i < COUNTER_DEVICE_COLUMNS && next_number(&line, &value); i++) {
		int64_t delta = (int64_t)((uint64_t)value - (uint64_t)device->values[i]);
		char name[COUNTER_NAME_BYTES];

		if (!delta)
			continue;
		device->values[i] = value;
		count++;
		if (!moved)
			continue;
		snprintf(name, sizeof(name), "%s.%s", device->name, device_columns[i]);
		moved(name, value, delta, now_ns);
	}
	return count;
}

unsigned counters_parse_devices(struct counter_devices *devices, const char *text, counter_moved *moved, int64_t now_ns)
{
	unsigned count = 0;

	for (; text && *text; text = strchr(text, '\n'), text = text ? text + 1 : NULL) {
		const char *name = text + blanks(text);
		size_t length = strcspn(name, ": |\n");
		struct counter_device *device = length && name[length] == ':' ? device_at(devices, name, length) : NULL;

		if (device)
			count += take_device(device, name + length + 1, moved, now_ns);
	}
	return count;
}

int64_t counters_device_value(const struct counter_devices *devices, const char *name, const char *column)
{
	for (size_t i = 0; i < devices->count; i++)
		for (size_t j = 0; j < COUNTER_DEVICE_COLUMNS; j++)
			if (strcmp(devices->devices[i].name, name) == 0 && strcmp(device_columns[j], column) == 0)
				return devices->devices[i].values[j];
	return 0;
}

/* Reads the whole file into counters.text. A single read of a proc file of this kind is one consistent picture. */
static bool read_text(int fd)
{
	size_t used = 0;
	ssize_t got;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return false;
	while (used < sizeof(counters.text) - 1) {
		got = read(fd, counters.text + used, sizeof(counters.text) - 1 - used);
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	counters.text[used] = '\0';
	return used > 0;
}

static void send_moved(const char *name, int64_t value, int64_t delta, int64_t now_ns)
{
	struct record *record = outlet_begin(RECORD_COUNTER, now_ns);

	record_text(record, FIELD_NAME, name);
	record_int(record, FIELD_VALUE, value);
	record_int(record, FIELD_DELTA, delta);
	outlet_send();
}

/* A prefix that the file does not have counts nothing. */
static void take_baseline(enum counters_file file)
{
	for (unsigned i = 0; i < SOURCE_COUNT; i++)
		if (sources[i].file == file)
			counters_parse_names(&counters.groups[i], counters.text, sources[i].prefix);
	if (file == FILE_DEVICES)
		counters_parse_devices(&counters.devices, counters.text, NULL, 0);
}

int counters_open(void)
{
	for (unsigned i = 0; i < FILE_COUNT; i++) {
		counters.fds[i] = descriptor_raise(open(file_paths[i], O_RDONLY | O_CLOEXEC));
		if (counters.fds[i] < 0)
			return errno;
		if (!read_text(counters.fds[i]))
			return EIO;
		take_baseline((enum counters_file)i);
	}
	return 0;
}

static unsigned take_queue(int64_t now_ns)
{
	int64_t length = queue_length(counters_device_value(&counters.devices, TUN_NAME, "tx_dropped"));
	int64_t delta = length - counters.queue;

	/* Once even if it never moves: an empty queue is not an unknown one. */
	if (delta || !counters.queue_is_told)
		send_moved(TUN_NAME ".queue", length, delta, now_ns);
	counters.queue = length;
	counters.queue_is_told = true;
	return delta != 0;
}

unsigned counters_take(int64_t now_ns)
{
	unsigned moved = 0;

	for (unsigned i = 0; i < FILE_COUNT; i++) {
		if (!read_text(counters.fds[i]))
			continue;
		for (unsigned j = 0; j < SOURCE_COUNT; j++)
			if (sources[j].file == i)
				moved += counters_parse_values(&counters.groups[j], counters.text, sources[j].prefix, send_moved, now_ns);
		if (i == FILE_DEVICES)
			moved += counters_parse_devices(&counters.devices, counters.text, send_moved, now_ns);
	}
	return moved + take_queue(now_ns);
}

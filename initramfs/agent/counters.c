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

/* /proc/net/dev has had these sixteen columns since before 2.6. */
static const char *const device_columns[] = {
	"rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "rx_fifo", "rx_frame", "rx_compressed", "rx_multicast",
	"tx_bytes", "tx_packets", "tx_errors", "tx_dropped", "tx_fifo", "tx_collisions", "tx_carrier", "tx_compressed",
};
enum { DEVICE_COLUMNS = sizeof(device_columns) / sizeof(device_columns[0]) };

enum counters_source { SOURCE_TCP, SOURCE_TCPEXT, SOURCE_DEVICE, SOURCE_COUNT };

static struct counters {
	char device[32];
	struct { int fd; struct counter_group group; } sources[SOURCE_COUNT];
	char text[COUNTERS_FILE_MAX_BYTES];
} counters;

static const struct { const char *path, *prefix; } source_files[SOURCE_COUNT] = {
	[SOURCE_TCP] = { "/proc/net/snmp", "Tcp" },
	[SOURCE_TCPEXT] = { "/proc/net/netstat", "TcpExt" },
	[SOURCE_DEVICE] = { "/proc/net/dev", NULL },
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

unsigned counters_parse_device(struct counter_group *group, const char *text, const char *device,
			       counter_moved *moved, int64_t now_ns)
{
	size_t length = strlen(device);

	for (; group->count < DEVICE_COLUMNS; group->count++)
		snprintf(group->names[group->count], COUNTER_NAME_BYTES, "%s.%s", device, device_columns[group->count]);
	for (; text; text = strchr(text, '\n'), text = text ? text + 1 : NULL) {
		const char *name = text + blanks(text);

		if (strncmp(name, device, length) == 0 && name[length] == ':')
			return take_values(group, name + length + 1, moved, now_ns);
	}
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

int counters_open(const char *device)
{
	snprintf(counters.device, sizeof(counters.device), "%s", device);
	for (unsigned i = 0; i < SOURCE_COUNT; i++) {
		struct counter_group *group = &counters.sources[i].group;

		counters.sources[i].fd = descriptor_raise(open(source_files[i].path, O_RDONLY | O_CLOEXEC));
		if (counters.sources[i].fd < 0)
			return errno;
		if (!read_text(counters.sources[i].fd))
			return EIO;
		if (source_files[i].prefix)
			counters_parse_names(group, counters.text, source_files[i].prefix);
		else
			counters_parse_device(group, counters.text, device, NULL, 0);
	}
	return 0;
}

unsigned counters_take(int64_t now_ns)
{
	unsigned moved = 0;

	for (unsigned i = 0; i < SOURCE_COUNT; i++) {
		struct counter_group *group = &counters.sources[i].group;

		if (!read_text(counters.sources[i].fd))
			continue;
		moved += source_files[i].prefix
			 ? counters_parse_values(group, counters.text, source_files[i].prefix, send_moved, now_ns)
			 : counters_parse_device(group, counters.text, counters.device, send_moved, now_ns);
	}
	return moved;
}

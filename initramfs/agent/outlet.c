/* SPDX-License-Identifier: GPL-2.0-or-later
 * outlet - where the agent's records go; outlet.h is the manual
 */
#include "outlet.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "guestio.h"

enum outlet_kind { OUTLET_NONE, OUTLET_PORT, OUTLET_FD, OUTLET_KIND_COUNT };

static struct outlet {
	enum outlet_kind kind;
	int fd;
	bool verbose, broken;
	uint32_t sequence;
	struct record record;
} outlet;

void outlet_open_port(void)
{
	outlet.kind = OUTLET_PORT;
}

void outlet_open_fd(int fd)
{
	outlet.kind = OUTLET_FD;
	outlet.fd = fd;
}

void outlet_set_verbose(bool verbose)
{
	outlet.verbose = verbose;
}

bool outlet_is_sound(void)
{
	return !outlet.broken;
}

struct record *outlet_begin(enum record_type type, int64_t clock_ns)
{
	record_begin(&outlet.record, type, (uint64_t)clock_ns);
	return &outlet.record;
}

struct record *outlet_begin_paired(enum record_type type, struct clock_pair now)
{
	struct record *record = outlet_begin(type, now.ns);

	record_uint(record, FIELD_TSC, now.tsc);
	return record;
}

static void write_fd(const unsigned char *data, size_t length_bytes)
{
	while (length_bytes && !outlet.broken) {
		ssize_t written = write(outlet.fd, data, length_bytes);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			outlet.broken = true;
			return;
		}
		data += written;
		length_bytes -= (size_t)written;
	}
}

void outlet_send(void)
{
	size_t length_bytes = record_end(&outlet.record, outlet.sequence++);

	switch (outlet.kind) {
	case OUTLET_PORT:
		guestio_write(outlet.record.bytes, length_bytes);
		break;
	case OUTLET_FD:
		write_fd(outlet.record.bytes, length_bytes);
		break;
	case OUTLET_NONE:
	case OUTLET_KIND_COUNT:
		break;
	}
}

void outlet_error(const char *file, unsigned line, unsigned column, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	struct record *record;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	record = outlet_begin(RECORD_ERROR, clock_ns());
	record_text(record, FIELD_FILE, file);
	if (line)
		record_uint(record, FIELD_LINE, line);
	if (column)
		record_uint(record, FIELD_COLUMN, column);
	record_text(record, FIELD_TEXT, text);
	outlet_send();
	if (outlet.verbose && line)
		fprintf(stderr, "%s:%u:%u: %s\n", file ? file : "script", line, column, text);
	else if (outlet.verbose)
		fprintf(stderr, "agent: %s\n", text);
}

void outlet_log(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	record_text(outlet_begin(RECORD_LOG, clock_ns()), FIELD_TEXT, text);
	outlet_send();
	if (outlet.verbose)
		fprintf(stderr, "agent: %s\n", text);
}

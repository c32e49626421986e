/* SPDX-License-Identifier: GPL-2.0-or-later
 * code - the values that `%{ }%` blocks may speak of; code.h is the manual
 */
#include "code.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "call_shape.h"

/* Linux's numbers; libc's headers may be older. */
enum { OPTION_INFO = 11, OPTION_CONGESTION = 13, OPTION_CC_INFO = 26, OPTION_MEMINFO = 55, NAME_BYTES = 16 };

struct text {
	char *text;
	size_t used;
};

/* Which of the shapes the bytes of TCP_CC_INFO are. */
static const struct { const char *congestion, *shape; } congestions[] = {
	{ "vegas", "vegas" }, { "yeah", "vegas" }, { "veno", "vegas" }, { "illinois", "vegas" }, { "nv", "vegas" },
	{ "dctcp", "dctcp" }, { "bbr", "bbr" }, { "bbr2", "bbr" },
};

static void add_line(struct text *text, const char *name, uint64_t value)
{
	int count = snprintf(text->text + text->used, CODE_VALUES_BYTES - text->used, "%s=%" PRIu64 "\n", name, value);

	if (count > 0 && (size_t)count < CODE_VALUES_BYTES - text->used)
		text->used += (size_t)count;
	text->text[text->used] = '\0';
}

/* A bit field is there since a release of its own, which the bytes at its place do not tell; a member of the same age does. */
static size_t end_of(const struct call_member *member)
{
	static const struct { const char *name; size_t end; } as_old_as[] = {
		{ "tcpi_delivery_rate_app_limited", 168 }, { "tcpi_fastopen_client_fail", 232 },
	};

	for (size_t i = 0; i < sizeof(as_old_as) / sizeof(as_old_as[0]); i++)
		if (strcmp(as_old_as[i].name, member->name) == 0)
			return as_old_as[i].end;
	return (size_t)member->offset + member->bytes;
}

static void add_shape(struct text *text, const char *shape_name, int fd, int level, int option)
{
	_Alignas(8) unsigned char bytes[512];
	socklen_t length = sizeof(bytes);
	const struct call_shape *shape = call_shape_named(shape_name);

	if (!shape || getsockopt(fd, level, option, bytes, &length))
		return;
	for (const struct call_member *member = shape->members; member->name; member++)
		if (end_of(member) <= length)
			add_line(text, member->name, (uint64_t)call_member_value(member, bytes));
}

size_t code_values(int fd, char text[CODE_VALUES_BYTES])
{
	struct text values = { text, 0 };
	char congestion[NAME_BYTES + 1] = "";
	socklen_t length = NAME_BYTES;

	text[0] = '\0';
	if (fd < 0)
		return 0;
	add_shape(&values, "tcp_info", fd, IPPROTO_TCP, OPTION_INFO);
	add_shape(&values, "meminfo", fd, SOL_SOCKET, OPTION_MEMINFO);
	getsockopt(fd, IPPROTO_TCP, OPTION_CONGESTION, congestion, &length);
	for (size_t i = 0; i < sizeof(congestions) / sizeof(congestions[0]); i++)
		if (strcmp(congestions[i].congestion, congestion) == 0)
			add_shape(&values, congestions[i].shape, fd, IPPROTO_TCP, OPTION_CC_INFO);
	return values.used;
}

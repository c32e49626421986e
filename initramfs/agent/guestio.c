/* SPDX-License-Identifier: GPL-2.0-or-later
 * guestio - talking to QEMU by I/O ports; guestio.h is the manual
 */
#include "guestio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>

#include "clock.h"
#include "ports.h"

enum {
	ENTRY_BYTES = 64, ENTRY_SELECT = 4, ENTRY_NAME = 8, ENTRY_NAME_BYTES = 56, COUNT_BYTES = 4,
	DIRECTORY_ENTRIES_MAX = 1024,
};

int guestio_open(void)
{
	static const struct { unsigned short port, count; } ranges[] = {
		{ PORT_RECORDS, 1 }, { PORT_FW_CFG_SELECT, 2 }, { PORT_PAUSE, 1 },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (ioperm(ranges[i].port, ranges[i].count, 1))
			return errno;
	return 0;
}

void guestio_write(const void *data, size_t length_bytes)
{
	__asm__ volatile("cld; rep outsb" : "+S"(data), "+c"(length_bytes) : "d"((unsigned short)PORT_RECORDS) : "memory");
}

static void read_bytes(void *data, size_t length_bytes)
{
	__asm__ volatile("cld; rep insb" : "+D"(data), "+c"(length_bytes) : "d"((unsigned short)PORT_FW_CFG_DATA) : "memory");
}

static uint32_t get_be32(const unsigned char *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

bool fw_cfg_find(const unsigned char *directory, size_t directory_bytes, const char *name, uint16_t *select, uint32_t *size_bytes)
{
	size_t name_bytes = strlen(name) + 1;
	uint32_t count;

	if (directory_bytes < COUNT_BYTES || name_bytes > ENTRY_NAME_BYTES)
		return false;
	count = get_be32(directory);
	if (count > (directory_bytes - COUNT_BYTES) / ENTRY_BYTES)
		count = (uint32_t)((directory_bytes - COUNT_BYTES) / ENTRY_BYTES);
	for (const unsigned char *entry = directory + COUNT_BYTES; count--; entry += ENTRY_BYTES) {
		if (memcmp(entry + ENTRY_NAME, name, name_bytes) != 0)
			continue;
		*size_bytes = get_be32(entry);
		*select = (uint16_t)(entry[ENTRY_SELECT] << 8 | entry[ENTRY_SELECT + 1]);
		return true;
	}
	return false;
}

static bool find_job(uint16_t *select, uint32_t *size_bytes)
{
	static unsigned char directory[COUNT_BYTES + DIRECTORY_ENTRIES_MAX * ENTRY_BYTES];
	uint32_t count;

	outw(FW_CFG_DIRECTORY, PORT_FW_CFG_SELECT);
	read_bytes(directory, COUNT_BYTES);
	count = get_be32(directory);
	if (count > DIRECTORY_ENTRIES_MAX)
		return false;
	read_bytes(directory + COUNT_BYTES, count * (size_t)ENTRY_BYTES);
	return fw_cfg_find(directory, COUNT_BYTES + count * (size_t)ENTRY_BYTES, FW_CFG_JOB_NAME, select, size_bytes);
}

char *guestio_read_job(size_t *length_bytes, const char **why)
{
	uint16_t select;
	uint32_t size_bytes;
	char *job;

	*why = "fw_cfg has no file " FW_CFG_JOB_NAME " (QEMU without -fw_cfg?)";
	if (!find_job(&select, &size_bytes))
		return NULL;
	*why = "the job is longer than 16 MiB";
	if (size_bytes > GUESTIO_JOB_MAX_BYTES)
		return NULL;
	*why = "no memory for the job";
	job = malloc((size_t)size_bytes + 1);
	if (!job)
		return NULL;
	outw(select, PORT_FW_CFG_SELECT);
	read_bytes(job, size_bytes);
	job[size_bytes] = '\0';
	*length_bytes = size_bytes;
	return job;
}

uint64_t guestio_pause(void)
{
	uint64_t before = clock_tsc();

	outb(1, PORT_PAUSE);
	return clock_tsc() - before;
}

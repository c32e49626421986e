/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_guestio - finding the job in fw_cfg's directory, also in a damaged one (the ports themselves need a guest)
 */
#include <string.h>

#include "guestio.h"
#include "ports.h"
#include "tap.h"

enum { ENTRY_BYTES = 64 };

static unsigned char directory[4 + 3 * ENTRY_BYTES];

static void set_entry(unsigned n, uint32_t size, uint16_t select, const char *name)
{
	unsigned char *entry = directory + 4 + n * ENTRY_BYTES;

	memset(entry, 0, ENTRY_BYTES);
	for (int i = 0; i < 4; i++)
		entry[i] = (unsigned char)(size >> (24 - 8 * i));
	entry[4] = (unsigned char)(select >> 8);
	entry[5] = (unsigned char)select;
	memcpy(entry + 8, name, strlen(name));
}

static void fill(uint32_t count)
{
	for (int i = 0; i < 4; i++)
		directory[i] = (unsigned char)(count >> (24 - 8 * i));
	set_entry(0, 10, 0x20, "etc/e820");
	set_entry(1, 0x01020304, 0x2a31, FW_CFG_JOB_NAME);
	set_entry(2, 30, 0x22, FW_CFG_JOB_NAME "2");
}

int main(void)
{
	uint32_t size = 0;
	uint16_t select = 0;
	bool found = false;

	fill(3);
	tap_ok(fw_cfg_find(directory, sizeof(directory), FW_CFG_JOB_NAME, &select, &size) && select == 0x2a31 && size == 0x01020304,
	       "found, big endian");
	tap_ok(!fw_cfg_find(directory, sizeof(directory), "opt/finrig", &select, &size), "a beginning of a name is not the name");
	tap_ok(!fw_cfg_find(directory, sizeof(directory), "", &select, &size), "no name");
	tap_ok(!fw_cfg_find(directory, sizeof(directory),
			    "opt/a-name-of-more-than-fifty-five-characters-cannot-be-in-there", &select, &size), "a name too long");
	fill(1);
	tap_ok(!fw_cfg_find(directory, sizeof(directory), FW_CFG_JOB_NAME, &select, &size), "entries beyond the count do not count");
	fill(0xffffffff);
	tap_ok(!fw_cfg_find(directory, 4 + ENTRY_BYTES, FW_CFG_JOB_NAME, &select, &size), "a count beyond the bytes reads no further");
	for (size_t length = 0; length < 4 + 2 * ENTRY_BYTES; length++)
		found = found || fw_cfg_find(directory, length, FW_CFG_JOB_NAME, &select, &size);
	tap_ok(!found, "cut at every byte before the entry's end");
	/* A name that fills all its bytes has no terminator. */
	memset(directory + 4 + 8, 'x', 56);
	tap_ok(fw_cfg_find(directory, sizeof(directory), FW_CFG_JOB_NAME, &select, &size), "a name without a terminator before it");
	return tap_done();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * kallsyms - the functions of this kernel and its modules; kallsyms.h is the manual
 */
#include "kallsyms.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "outlet.h"

enum { PART_BYTES = 32 * 1024, NAME_BYTES = 512 };

/* A record's text in the making. */
static struct part {
	size_t length_bytes;
	uint64_t last;
	char text[PART_BYTES];
} part;

/* QEMU's main loop, which answers finrig, has its turn only while the guest idles; and finrig reads only once it was answered. A guest that
 * filled the channel before would wait for it for ever. */
static void give_way(void)
{
	nanosleep(&(struct timespec){ 0, NS_PER_MS }, NULL);
}

static void flush(void)
{
	if (!part.length_bytes)
		return;
	give_way();
	record_text(outlet_begin(RECORD_SYMBOLS, clock_ns()), FIELD_TEXT, part.text);
	outlet_send();
	part.length_bytes = 0;
}

/* Padding in front of functions (6.2 and later) is called __pfx_ and the function's name: half of all names there. */
static bool is_function(char type, const char *name)
{
	return strchr("tTwW", type) && strncmp(name, "__pfx_", 6) != 0;
}

static void add(uint64_t address, const char *name)
{
	if (part.length_bytes + NAME_BYTES + 32 > sizeof(part.text))
		flush();
	part.length_bytes += (size_t)snprintf(part.text + part.length_bytes, sizeof(part.text) - part.length_bytes, "%" PRIx64 " %s\n",
					      address - part.last, name);
	part.last = address;
}

bool kallsyms_send(void)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[NAME_BYTES + 64], name[NAME_BYTES], type;
	uint64_t address;

	if (!file && errno == ENOENT)
		return true;
	if (!file) {
		outlet_error(NULL, 0, 0, "/proc/kallsyms: %s", strerror(errno));
		return false;
	}
	part = (struct part){ 0 };
	/* Addresses are all 0 where the kernel hides them. */
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%" SCNx64 " %c %511s", &address, &type, name) == 3 && address && is_function(type, name))
			add(address, name);
	fclose(file);
	flush();
	return true;
}

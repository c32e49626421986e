/* SPDX-License-Identifier: GPL-2.0-or-later
 * symbols - where the functions of a guest's kernel and its modules are
 * in: System.map of an image without modules; otherwise what the guest's own /proc/kallsyms says, for which a guest is run once:
 * a Debian package has no System.map, and only the guest knows where a module went. out: struct symbol_map; cache/symbols/<key>.map.
 */
#ifndef FINRIG_SYMBOLS_H
#define FINRIG_SYMBOLS_H

#include "snapshot.h"
#include "symbol_map.h"

/* Whose symbols. */
struct symbols_of {
	const char *kernel; /* its name, for progress */
	const struct image *image;
	const struct initramfs *initramfs;
	const struct vm_machine *machine;
	const struct workspace *workspace;
	struct snapshots *snapshots; /* NULL: a guest that is asked boots */
};

/* Addresses hold for every guest of the same key, which is a snapshot's: nothing in it is random (nokaslr).
 * FINRIG_ERROR_UNAVAILABLE: neither System.map nor kallsyms; FINRIG_ERROR_BROKEN; FINRIG_ERROR_CANCELLED. */
struct symbol_map *symbols_get(const struct symbols_of *of, GCancellable *cancellable, GError **error);
/* The records of a guest that was asked for them, as lines of System.map's form. Caller frees. */
GString *symbols_of_records(const unsigned char *records, gsize length_bytes);

#endif

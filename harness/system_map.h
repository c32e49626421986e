/* SPDX-License-Identifier: GPL-2.0-or-later
 * system_map - a kernel's System.map: from addresses to names and back
 * in: the file of an image; out: symbols. Names may occur more than once (static functions of different files).
 */
#ifndef FINRIG_SYSTEM_MAP_H
#define FINRIG_SYSTEM_MAP_H

#include <glib.h>

struct system_map;

/* FINRIG_ERROR_BROKEN: the file cannot be read, or no line of it is of the form `ADDRESS TYPE NAME`. */
struct system_map *system_map_read(const char *path, GError **error);
void system_map_free(struct system_map *map);
/* "tcp_v4_rcv+0x1a2/0x3f0": the symbol at or below the address, the distance, the symbol's size. NULL when it lies below all or behind
 * the last. Caller frees. */
char *system_map_name(const struct system_map *map, guint64 address);
/* The symbol's address; 0 when there is none of that name. */
guint64 system_map_address(const struct system_map *map, const char *name);

typedef struct system_map system_map_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(system_map_t, system_map_free)

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * symbol_map - the functions of a kernel with their addresses
 * in: text in the form of System.map and /proc/kallsyms; out: name -> address, address -> name and offset.
 */
#ifndef FINRIG_SYMBOL_MAP_H
#define FINRIG_SYMBOL_MAP_H

#include <glib.h>

struct symbol_map;

struct symbol {
	guint64 address;
	const char *name; /* the map's */
};

/* Lines `ADDRESS TYPE NAME` with more behind it or not; those that are no function (t, T, w, W) and lines of another form are passed over. */
struct symbol_map *symbol_map_new(const char *text);
void symbol_map_free(struct symbol_map *map);
guint symbol_map_count(const struct symbol_map *map);
/* The first of that name, of which there may be several (static functions). FALSE: there is none. */
gboolean symbol_map_find(const struct symbol_map *map, const char *name, guint64 *address);
/* "tcp_retransmit_timer+0x1c", "ffffffff81000000" below the first. Caller frees. */
char *symbol_map_name(const struct symbol_map *map, guint64 address);
/* "tcp_v4_rcv+0x1a2/0x3f0", as the kernel prints a frame: with the distance to the next function. NULL below the first and from the last on,
 * where no next one bounds it. Caller frees. */
char *symbol_map_frame(const struct symbol_map *map, guint64 address);
/* The function that address lies in, as the map's own text: tcp_retransmit_timer. NULL below the first. */
const char *symbol_map_function(const struct symbol_map *map, guint64 address);
/* Further entry points that a compiler made of a function: what is left of one whose beginning it inlined (name.part.0), and copies with
 * other arguments (name.isra.0, name.constprop.0); not name.cold, which is no entry. struct symbol, by address. Caller unrefs. */
GArray *symbol_map_copies(const struct symbol_map *map, const char *name);
/* Is symbol the function itself or something that a compiler made of it, name.cold too? */
gboolean symbol_is_of(const char *symbol, const char *function);
/* "a, b or c": names few edits away or with name in them. NULL: there are none. Caller frees. */
char *symbol_map_near(const struct symbol_map *map, const char *name);

typedef struct symbol_map symbol_map_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(symbol_map_t, symbol_map_free)

#endif

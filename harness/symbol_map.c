/* SPDX-License-Identifier: GPL-2.0-or-later
 * symbol_map - the functions of a kernel with their addresses
 */
#include "symbol_map.h"

#include <string.h>

#include "near.h"

struct symbol_map {
	GStringChunk *names;
	GArray *symbols;     /* struct symbol, by address; names lie in names */
	GHashTable *by_name; /* name -> the name's struct symbol's address, as guint64 * */
};

/* Reads "ffffffff81000000 T name"; name ends at *length. FALSE: no such line, or no function. */
static gboolean read_line(const char *line, struct symbol *symbol, gsize *length)
{
	char *end;

	symbol->address = g_ascii_strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !end[1] || !strchr("tTwW", end[1]) || end[2] != ' ')
		return FALSE;
	symbol->name = end + 3;
	*length = strcspn(symbol->name, " \t\n");
	return *length > 0;
}

static gint by_address(gconstpointer a, gconstpointer b)
{
	const struct symbol *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return strcmp(left->name, right->name);
}

struct symbol_map *symbol_map_new(const char *text)
{
	struct symbol_map *map = g_new0(struct symbol_map, 1);

	map->names = g_string_chunk_new(64 * 1024);
	map->symbols = g_array_new(FALSE, FALSE, sizeof(struct symbol));
	map->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	for (const char *line = text; *line;) {
		const char *newline = strchr(line, '\n');
		struct symbol symbol;
		gsize length;

		if (read_line(line, &symbol, &length)) {
			symbol.name = g_string_chunk_insert_len(map->names, symbol.name, (gssize)length);
			g_array_append_val(map->symbols, symbol);
		}
		line = newline ? newline + 1 : line + strlen(line);
	}
	g_array_sort(map->symbols, by_address);
	/* From behind, so that the first of a name is what stays. */
	for (guint i = map->symbols->len; i-- > 0;) {
		struct symbol *symbol = &g_array_index(map->symbols, struct symbol, i);

		g_hash_table_replace(map->by_name, (gpointer)symbol->name, &symbol->address);
	}
	return map;
}

void symbol_map_free(struct symbol_map *map)
{
	if (!map)
		return;
	g_hash_table_unref(map->by_name);
	g_array_unref(map->symbols);
	g_string_chunk_free(map->names);
	g_free(map);
}

guint symbol_map_count(const struct symbol_map *map)
{
	return map->symbols->len;
}

gboolean symbol_map_find(const struct symbol_map *map, const char *name, guint64 *address)
{
	const guint64 *found = g_hash_table_lookup(map->by_name, name);

	if (found)
		*address = *found;
	return found != NULL;
}

/* How many symbols lie at the address or below it. */
static guint count_up_to(const struct symbol_map *map, guint64 address)
{
	guint low = 0, high = map->symbols->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(map->symbols, struct symbol, middle).address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of the names at one address the first; the sort leaves them in order. count > 0. */
static const struct symbol *last_of(const struct symbol_map *map, guint count)
{
	const struct symbol *symbol = &g_array_index(map->symbols, struct symbol, count - 1);

	while (symbol > (struct symbol *)map->symbols->data && symbol[-1].address == symbol->address)
		symbol--;
	return symbol;
}

char *symbol_map_name(const struct symbol_map *map, guint64 address)
{
	guint count = count_up_to(map, address);
	const struct symbol *symbol = count ? last_of(map, count) : NULL;

	if (!symbol)
		return g_strdup_printf("%" G_GINT64_MODIFIER "x", address);
	return g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x", symbol->name, address - symbol->address);
}

char *symbol_map_frame(const struct symbol_map *map, guint64 address)
{
	guint count = count_up_to(map, address);
	const struct symbol *symbol;

	if (!count || count == map->symbols->len)
		return NULL;
	symbol = last_of(map, count);
	return g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x/0x%" G_GINT64_MODIFIER "x", symbol->name, address - symbol->address,
			       g_array_index(map->symbols, struct symbol, count).address - symbol->address);
}

const char *symbol_map_function(const struct symbol_map *map, guint64 address)
{
	guint count = count_up_to(map, address);

	return count ? last_of(map, count)->name : NULL;
}

gboolean symbol_is_of(const char *symbol, const char *function)
{
	gsize length = strlen(function);

	return strncmp(symbol, function, length) == 0 && (symbol[length] == '\0' || symbol[length] == '.');
}

GArray *symbol_map_copies(const struct symbol_map *map, const char *name)
{
	GArray *copies = g_array_new(FALSE, FALSE, sizeof(struct symbol));

	for (guint i = 0; i < map->symbols->len; i++) {
		const struct symbol *symbol = &g_array_index(map->symbols, struct symbol, i);

		if (symbol_is_of(symbol->name, name) && strcmp(symbol->name, name) != 0 && !strstr(symbol->name, ".cold"))
			g_array_append_val(copies, *symbol);
	}
	return copies;
}

char *symbol_map_near(const struct symbol_map *map, const char *name)
{
	enum { FEW = 3 };
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < map->symbols->len; i++) {
		const char *symbol = g_array_index(map->symbols, struct symbol, i).name;

		if (g_hash_table_lookup(map->by_name, symbol) != &g_array_index(map->symbols, struct symbol, i).address)
			continue; /* another of that name */
		if (near_distance(symbol, name) <= FEW || strstr(symbol, name))
			g_ptr_array_add(names, (gpointer)symbol);
	}
	near_sort(names, name);
	return near_text(names);
}

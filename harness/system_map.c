/* SPDX-License-Identifier: GPL-2.0-or-later
 * system_map - a kernel's System.map: from addresses to names and back
 */
#include "system_map.h"

#include <string.h>

#include "error.h"

struct symbol {
	guint64 address;
	const char *name; /* in text */
};

struct system_map {
	char *text;
	GArray *symbols; /* struct symbol, by address */
};

static gint by_address(gconstpointer a, gconstpointer b)
{
	guint64 left = ((const struct symbol *)a)->address, right = ((const struct symbol *)b)->address;

	return left < right ? -1 : left > right;
}

/* Cuts the line's end off; FALSE for what is no symbol. */
static gboolean take_line(char *line, struct symbol *symbol)
{
	char *end;

	symbol->address = g_ascii_strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !g_ascii_isalpha(end[1]) || end[2] != ' ' || !end[3])
		return FALSE;
	symbol->name = end + 3;
	return TRUE;
}

struct system_map *system_map_read(const char *path, GError **error)
{
	g_autoptr(system_map_t) map = g_new0(struct system_map, 1);
	g_autoptr(GError) why = NULL;

	map->symbols = g_array_new(FALSE, FALSE, sizeof(struct symbol));
	if (!g_file_get_contents(path, &map->text, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why->message);
		return NULL;
	}
	for (char *line = map->text, *next; line && *line; line = next) {
		struct symbol symbol;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (take_line(line, &symbol))
			g_array_append_val(map->symbols, symbol);
	}
	if (!map->symbols->len) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: expected lines such as `ffffffff81000000 T _text`", path);
		return NULL;
	}
	g_array_sort(map->symbols, by_address);
	return g_steal_pointer(&map);
}

void system_map_free(struct system_map *map)
{
	if (!map)
		return;
	g_free(map->text);
	g_array_unref(map->symbols);
	g_free(map);
}

char *system_map_name(const struct system_map *map, guint64 address)
{
	guint low = 0, high = map->symbols->len;
	const struct symbol *found, *next;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(map->symbols, struct symbol, middle).address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || low == map->symbols->len)
		return NULL;
	found = &g_array_index(map->symbols, struct symbol, low - 1);
	next = &g_array_index(map->symbols, struct symbol, low);
	return g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x/0x%" G_GINT64_MODIFIER "x", found->name, address - found->address,
			       next->address - found->address);
}

guint64 system_map_address(const struct system_map *map, const char *name)
{
	for (guint i = 0; i < map->symbols->len; i++)
		if (strcmp(g_array_index(map->symbols, struct symbol, i).name, name) == 0)
			return g_array_index(map->symbols, struct symbol, i).address;
	return 0;
}

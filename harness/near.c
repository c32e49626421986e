/* SPDX-License-Identifier: GPL-2.0-or-later
 * near - names that look like one that does not exist, for messages
 */
#include "near.h"

#include <string.h>

/* Rows of Levenshtein's table, the last one kept. */
guint near_distance(const char *a, const char *b)
{
	gsize columns = strlen(b) + 1;
	g_autofree guint *row = g_new(guint, columns);

	for (guint j = 0; j < columns; j++)
		row[j] = j;
	for (guint i = 1; *a; a++, i++) {
		guint diagonal = row[0];

		row[0] = i;
		for (guint j = 1; j < columns; j++) {
			guint replaced = diagonal + (*a != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN(replaced, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[columns - 1];
}

static gint by_distance(gconstpointer a, gconstpointer b, gpointer user)
{
	guint left = near_distance(*(const char *const *)a, user), right = near_distance(*(const char *const *)b, user);

	return left == right ? strcmp(*(const char *const *)a, *(const char *const *)b) : left < right ? -1 : 1;
}

void near_sort(GPtrArray *names, const char *name)
{
	g_ptr_array_sort_with_data(names, by_distance, (gpointer)name);
}

char *near_text(GPtrArray *names)
{
	enum { MOST = 4 };
	GString *text = g_string_new(NULL);
	guint count = MIN(names->len, MOST);

	for (guint i = 0; i < count; i++)
		g_string_append_printf(text, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", (const char *)g_ptr_array_index(names, i));
	return g_string_free(text, count == 0);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * near - names that look like one that does not exist, for messages
 */
#ifndef FINRIG_NEAR_H
#define FINRIG_NEAR_H

#include <glib.h>

/* Edits (insert, delete, replace) from a to b. */
guint near_distance(const char *a, const char *b);
/* Sorts names (const char *) by their distance from name, and by the alphabet. */
void near_sort(GPtrArray *names, const char *name);
/* The first four: "a, b, c or d"; NULL when there are none. Caller frees. */
char *near_text(GPtrArray *names);

#endif

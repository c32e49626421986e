/* SPDX-License-Identifier: GPL-2.0-or-later
 * arena - memory that is taken piece by piece and given back whole
 */
#ifndef FINRIG_SCRIPT_ARENA_H
#define FINRIG_SCRIPT_ARENA_H

#include <stddef.h>

struct arena;

/* NULL when memory is out. */
struct arena *arena_new(void);
/* Frees every piece; NULL is allowed. */
void arena_free(struct arena *arena);
/* Zeroed, aligned for any type; NULL when memory is out or size_bytes is absurd. */
void *arena_take(struct arena *arena, size_t size_bytes);
/* A copy with a zero behind it. */
char *arena_text(struct arena *arena, const char *text, size_t text_bytes);

#endif

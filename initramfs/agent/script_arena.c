/* SPDX-License-Identifier: GPL-2.0-or-later
 * arena - memory that is taken piece by piece and given back whole
 */
#include "script_arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024, LARGEST_PIECE_BYTES = 1 << 28 };

struct arena_block {
	struct arena_block *next;
	size_t used_bytes, size_bytes;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct arena_block *blocks; /* the one in use first */
};

struct arena *arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
	struct arena_block *block = arena ? arena->blocks : NULL;

	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	free(arena);
}

static struct arena_block *arena_add_block(struct arena *arena, size_t piece_bytes)
{
	size_t size_bytes = piece_bytes > BLOCK_BYTES ? piece_bytes : BLOCK_BYTES;
	struct arena_block *block = calloc(1, sizeof(*block) + size_bytes);

	if (!block)
		return NULL;
	block->size_bytes = size_bytes;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_take(struct arena *arena, size_t size_bytes)
{
	struct arena_block *block = arena->blocks;
	void *piece;

	if (size_bytes > LARGEST_PIECE_BYTES)
		return NULL;
	size_bytes = (size_bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
	if (!block || block->size_bytes - block->used_bytes < size_bytes)
		block = arena_add_block(arena, size_bytes);
	if (!block)
		return NULL;
	piece = block->bytes + block->used_bytes;
	block->used_bytes += size_bytes;
	return piece;
}

char *arena_text(struct arena *arena, const char *text, size_t text_bytes)
{
	char *copy = arena_take(arena, text_bytes + 1);

	if (copy && text_bytes)
		memcpy(copy, text, text_bytes);
	return copy;
}

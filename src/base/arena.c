/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 16000u /* the first; each is twice its predecessor, up to a bound */
#define CHUNK_MOST  (1u << 20)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;
	alignas(max_align_t) char bytes[];
};

static int grow(struct arena *a, size_t size)
{
	size_t room = a->chunk ? 2 * a->chunk->size : CHUNK_BYTES;
	struct arena_chunk *c;

	if (room > CHUNK_MOST)
		room = CHUNK_MOST;
	if (room < size)
		room = size;
	c = malloc(sizeof(*c) + room);
	if (!c)
		return -1;
	c->older = a->chunk;
	c->size = room;
	a->chunk = c;
	a->left = room;
	return 0;
}

void *arena_take(struct arena *a, size_t size)
{
	const size_t unit = alignof(max_align_t);
	void *at;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + unit - 1) / unit * unit;
	if (a->left < size && grow(a, size))
		return NULL;
	at = a->chunk->bytes + (a->chunk->size - a->left);
	a->left -= size;
	return at;
}

char *arena_text(struct arena *a, const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = arena_take(a, len);

	return copy ? memcpy(copy, text, len) : NULL;
}

void arena_empty(struct arena *a)
{
	while (a->chunk && a->chunk->older) {
		struct arena_chunk *older = a->chunk->older;

		free(a->chunk);
		a->chunk = older;
	}
	a->left = a->chunk ? a->chunk->size : 0;
}

void arena_fini(struct arena *a)
{
	arena_empty(a);
	free(a->chunk);
	*a = (struct arena){ 0 };
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of one job, given back as a whole: notes of a transaction, strings of a reader. A piece costs
 * a few instructions; emptying keeps the first chunk, so that small jobs one after the other ask malloc
 * for nothing.
 */
#ifndef PKTT_BASE_ARENA_H
#define PKTT_BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;
struct arena {
	struct arena_chunk *chunk; /* the newest first */
	size_t left;		   /* of the newest */
};

/* size bytes, not cleared, aligned for anything; NULL without memory. A zeroed arena is empty. */
void *arena_take(struct arena *arena, size_t size);
/* A copy of text in the arena, or NULL. */
char *arena_text(struct arena *arena, const char *text);
void arena_empty(struct arena *arena);
void arena_fini(struct arena *arena);

#endif

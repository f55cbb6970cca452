/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where connections live: four arrays of equal elements, by family and by how much layer-4 state the
 * protocol keeps. They grow by pieces that never move, and what was a connection once stays one: a
 * reader with an old index meets a connection, another or none, and sees it by the reference count
 * and the tuple.
 */
#include "conntrack/conndb_private.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE ((size_t)2 << 20)

void spin_wait(unsigned int turn)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
	/* The holder may not be running at all: more threads than processors. */
	if (turn % 64 == 63)
		sched_yield();
}

bool spin_trylock(struct spinlock *lock)
{
	return !__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE);
}

void spin_lock(struct spinlock *lock)
{
	for (unsigned int turn = 0; !spin_trylock(lock); turn++)
		spin_wait(turn);
}

void spin_unlock(struct spinlock *lock)
{
	store_release(&lock->held, 0);
}

/* Large pieces ask for large pages: a lookup at random in a large table misses the TLB otherwise. */
void *piece_alloc(uint32_t count, size_t size)
{
	size_t bytes = count * size;
	size_t align = bytes >= HUGE ? HUGE : 64;
	void *ret = aligned_alloc(align, (bytes + align - 1) / align * align);

#ifdef MADV_HUGEPAGE
	if (ret && align == HUGE)
		madvise(ret, bytes / align * align, MADV_HUGEPAGE);
#endif
	return ret;
}

void pool_init(struct pool pool[CLASS_COUNT])
{
	for (unsigned int i = 0; i < CLASS_COUNT; i++) {
		pool[i].before =
			(i & CLASS_LARGE ? L4_LARGE : L4_SMALL) + 8 * tuple_words(i & CLASS_IPV6);
		pool[i].size = pool[i].before + (uint32_t)sizeof(struct conn);
		pool[i].high = 1;
	}
}

void pool_fini(struct pool pool[CLASS_COUNT])
{
	for (unsigned int i = 0; i < CLASS_COUNT; i++) {
		for (unsigned int k = 0; k < POOL_PIECES; k++)
			free(pool[i].piece[k]);
	}
}

/* A place that was never used. Called with the lock held. */
static struct conn *take_new(struct pool pools[CLASS_COUNT], unsigned int class)
{
	struct pool *pool = &pools[class];
	uint32_t offset, number = pool->high;
	unsigned int piece = piece_of(number, POOL_FIRST, &offset);
	struct conn *conn;

	if (piece >= POOL_PIECES)
		return NULL;
	if (!pool->piece[piece]) {
		char *memory = piece_alloc(piece_count(piece, POOL_FIRST), pool->size);

		if (!memory)
			return NULL;
		store_relaxed(&pool->piece[piece], memory);
	}
	conn = pool_at(pools, class << CLASS_SHIFT | number);
	memset((char *)conn - pool->before, 0, pool->size);
	conn->index = class << CLASS_SHIFT | number;
	store_release(&pool->high, number + 1);
	return conn;
}

struct conn *pool_take(struct pool pools[CLASS_COUNT], unsigned int class)
{
	struct pool *pool = &pools[class];
	struct conn *conn;

	spin_lock(&pool->lock);
	if (pool->free) {
		conn = pool_at(pools, pool->free);
		pool->free = conn->wheel.next;
	} else {
		conn = take_new(pools, class);
	}
	if (conn)
		store_relaxed(&pool->used, pool->used + 1);
	spin_unlock(&pool->lock);
	return conn;
}

/*
 * Emptied now, as it is in the cache. Readers that come too late read only ref, which is 0, so what
 * else is written here nobody sees.
 */
void pool_give(struct pool pools[CLASS_COUNT], struct conn *conn)
{
	struct pool *pool = &pools[conn->index >> CLASS_SHIFT];
	uint32_t id = conn->id, index = conn->index;

	memset((char *)conn - pool->before, 0, pool->before);
	memset((char *)conn + sizeof(conn->ref), 0, sizeof(*conn) - sizeof(conn->ref));
	conn->id = id;
	conn->index = index;
	spin_lock(&pool->lock);
	conn->wheel.next = pool->free;
	pool->free = index;
	store_relaxed(&pool->used, pool->used - 1);
	spin_unlock(&pool->lock);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What elements carry beside their key: a record for each, in chunks that never move.
 *
 * Synchronization: packets count in a record without a lock, so its numbers are read and written as
 * atomic words. A record that was given back is taken again at once; a packet that still holds it
 * may then count for the wrong element, once, which is what ipset does too.
 */
#include "core/set_own.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NS 1000000000u

static uint16_t place(bool is_wanted, uint16_t *size, size_t len)
{
	uint16_t at = *size;

	if (!is_wanted)
		return SET_NO_PLACE;
	*size = (uint16_t)(at + ((len + 7) & ~(size_t)7));
	return at;
}

void set_layout_init(struct pktt_set *set)
{
	const struct set_args *args = &set->args;
	struct set_layout *l = &set->layout;

	l->size = 0;
	l->expires = place(set_type_given(set->type, args, "timeout"), &l->size, sizeof(uint64_t));
	l->counters = place(args->counters, &l->size, sizeof(struct pktt_counters));
	l->skb = place(args->skbinfo, &l->size, sizeof(struct set_skb));
	l->comment = place(args->comment, &l->size, sizeof(char *));
	l->mac = place(set->type->flags & SET_MAC_OPTIONAL, &l->size, sizeof(struct set_mac));
}

/* --- Chunks ---------------------------------------------------------------------------------- */

static unsigned int chunk_of(uint32_t n, uint32_t *first)
{
	uint32_t v = n + (1u << SET_SLAB_BITS);
	unsigned int k = 31u - (unsigned int)__builtin_clz(v);

	*first = (1u << k) - (1u << SET_SLAB_BITS);
	return k - SET_SLAB_BITS;
}

/* The size stands at the begin of each chunk, so that a reader needs the number alone. */
char *set_slab_at(const struct set_slab *slab, uint32_t number)
{
	uint32_t first, n = number - 1;
	unsigned int k = chunk_of(n, &first);
	char *chunk = __atomic_load_n(&slab->chunk[k], __ATOMIC_ACQUIRE);
	uint64_t size;

	memcpy(&size, chunk, sizeof(size));
	return chunk + sizeof(size) + (size_t)(n - first) * size;
}

static bool slab_extend(struct set_slab *slab, uint16_t size)
{
	uint32_t first;
	unsigned int k = chunk_of(slab->used, &first);
	uint64_t size64 = size;
	char *chunk;

	if (slab->chunk[k])
		return true;
	chunk = calloc(1, sizeof(size64) + ((size_t)1 << (k + SET_SLAB_BITS)) * size);
	if (!chunk)
		return false;
	memcpy(chunk, &size64, sizeof(size64));
	__atomic_store_n(&slab->chunk[k], chunk, __ATOMIC_RELEASE);
	return true;
}

static void clear(char *record, uint16_t size)
{
	for (uint16_t at = 0; at < size; at += sizeof(uint64_t))
		__atomic_store_n((uint64_t *)(void *)(record + at), 0, __ATOMIC_RELAXED);
}

uint32_t set_slab_take(struct set_slab *slab, uint16_t size)
{
	if (slab->nfree) {
		clear(set_slab_at(slab, slab->free[slab->nfree - 1]), size);
		return slab->free[--slab->nfree];
	}
	if (slab->used >= UINT32_MAX >> 3 || !slab_extend(slab, size))
		return 0;
	return ++slab->used;
}

/* Without memory for the note the record is lost to the body. */
void set_slab_give(struct set_slab *slab, uint32_t n)
{
	if (slab->nfree == slab->free_room) {
		uint32_t room = slab->free_room ? 2 * slab->free_room : 16;
		uint32_t *more = realloc(slab->free, room * sizeof(*more));

		if (!more)
			return;
		slab->free = more;
		slab->free_room = room;
	}
	slab->free[slab->nfree++] = n;
}

void set_slab_fini(struct set_slab *slab)
{
	for (size_t k = 0; k < sizeof(slab->chunk) / sizeof(slab->chunk[0]); k++)
		free(slab->chunk[k]);
	free(slab->free);
	memset(slab, 0, sizeof(*slab));
}

/* --- Records --------------------------------------------------------------------------------- */

static void *part(char *record, uint16_t at)
{
	return at == SET_NO_PLACE ? NULL : record + at;
}

char *set_record(const struct pktt_set *set, const struct set_body *body, uint32_t value)
{
	return set->layout.size ? set_slab_at(&body->slab, value >> 2) : NULL;
}

bool set_record_is_expired(const struct pktt_set *set, const char *record, uint64_t now)
{
	const uint64_t *expires;

	if (!record || set->layout.expires == SET_NO_PLACE)
		return false;
	expires = (const void *)(record + set->layout.expires);
	return __atomic_load_n(expires, __ATOMIC_RELAXED) < now;
}

static void fill_skb(struct set_skb *skb, const struct set_attr *attr)
{
	__atomic_store_n(&skb->mark.value, attr->mark.value, __ATOMIC_RELAXED);
	__atomic_store_n(&skb->mark.mask, attr->mark.mask, __ATOMIC_RELAXED);
	__atomic_store_n(&skb->priority, attr->priority, __ATOMIC_RELAXED);
	__atomic_store_n(&skb->queue, attr->queue, __ATOMIC_RELAXED);
}

static int fill_comment(const struct pktt_set *set, char **slot, const struct set_attr *attr)
{
	char *text = NULL, *old = *slot;

	if (attr->comment && attr->comment[0]) {
		text = strdup(attr->comment);
		if (!text)
			return -ENOMEM;
	}
	*slot = text;
	if (old)
		set_retire(set->store, old, free);
	return 0;
}

int set_record_fill(const struct pktt_set *set, char *record, const struct set_attr *attr,
		    uint64_t now)
{
	const struct set_layout *l = &set->layout;
	uint64_t *expires = part(record, l->expires);
	struct pktt_counters *c = part(record, l->counters);
	struct set_skb *skb = part(record, l->skb);
	struct set_mac *mac = part(record, l->mac);
	char **comment = part(record, l->comment);
	uint32_t seconds = attr->has_timeout ? attr->timeout_s : set->args.timeout;

	/* Without its hardware address an element is not complete: its time has not begun. */
	if (expires)
		__atomic_store_n(expires,
				 seconds && (!mac || attr->has_mac) ? now + (uint64_t)seconds * NS
								    : SET_FOR_EVER,
				 __ATOMIC_RELAXED);
	if (c && attr->packets != SET_NO_COUNT)
		__atomic_store_n(&c->packets, attr->packets, __ATOMIC_RELAXED);
	if (c && attr->bytes != SET_NO_COUNT)
		__atomic_store_n(&c->bytes, attr->bytes, __ATOMIC_RELAXED);
	if (skb)
		fill_skb(skb, attr);
	if (mac) {
		memcpy(mac->byte, attr->mac, sizeof(mac->byte));
		mac->timeout_s = seconds;
		__atomic_store_n(&mac->is_filled, attr->has_mac, __ATOMIC_RELEASE);
	}
	return comment ? fill_comment(set, comment, attr) : 0;
}

static void copy_counters(struct pktt_counters *to, const struct pktt_counters *from)
{
	__atomic_store_n(&to->packets, __atomic_load_n(&from->packets, __ATOMIC_RELAXED),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&to->bytes, __atomic_load_n(&from->bytes, __ATOMIC_RELAXED),
			 __ATOMIC_RELAXED);
}

void set_record_carry(const struct pktt_set *set, char *record, const char *from)
{
	if (set->layout.counters != SET_NO_PLACE)
		copy_counters((void *)(record + set->layout.counters),
			      (const void *)(from + set->layout.counters));
}

/* The comment goes at once: only writers and save, which hold the lock, read comments. */
void set_record_drop(const struct pktt_set *set, char *record)
{
	char **comment = part(record, set->layout.comment);

	if (comment) {
		free(*comment);
		*comment = NULL;
	}
}

/* --- Text ------------------------------------------------------------------------------------ */

static void put_timeout(uint64_t expires, uint64_t now, struct str *out)
{
	uint64_t left = expires > now ? (expires - now) / NS : 0;

	if (expires == SET_FOR_EVER)
		str_puts(out, " timeout 0");
	else
		str_putf(out, " timeout %" PRIu64, left ? left : 1);
}

static void put_skb(const struct set_skb *skb, struct str *out)
{
	if (skb->mark.value || skb->mark.mask)
		str_putf(out, " skbmark 0x%" PRIx32, skb->mark.value);
	if ((skb->mark.value || skb->mark.mask) && skb->mark.mask != UINT32_MAX)
		str_putf(out, "/0x%" PRIx32, skb->mark.mask);
	if (skb->priority)
		str_putf(out, " skbprio %" PRIx32 ":%" PRIx32, skb->priority >> 16,
			 skb->priority & 0xffff);
	if (skb->queue)
		str_putf(out, " skbqueue %" PRIu32, skb->queue);
}

void set_record_print(const struct pktt_set *set, const char *record, uint32_t flags, uint64_t now,
		      struct str *out)
{
	char *r = (char *)(uintptr_t)record;
	const uint64_t *expires = part(r, set->layout.expires);
	const struct pktt_counters *c = part(r, set->layout.counters);
	const struct set_skb *skb = part(r, set->layout.skb);
	const struct set_mac *mac = part(r, set->layout.mac);
	char *const *comment = part(r, set->layout.comment);

	if (record && expires && mac && !mac->is_filled)
		str_putf(out, " timeout %" PRIu32, mac->timeout_s);
	else if (record && expires)
		put_timeout(*expires, now, out);
	if (flags & SET_NOMATCH)
		str_puts(out, " nomatch");
	if (flags & SET_WILDCARD)
		str_puts(out, " wildcard");
	if (!record)
		return;
	if (c)
		str_putf(out, " packets %" PRIu64 " bytes %" PRIu64, c->packets, c->bytes);
	if (comment && *comment)
		str_putf(out, " comment \"%s\"", *comment);
	if (skb)
		put_skb(skb, out);
}

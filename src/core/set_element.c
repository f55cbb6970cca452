/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One element added, removed, looked for: the rules that all hashes and bitmaps share.
 *
 * A search over prefixes goes from the longest length that the set has to the shortest, the first
 * dimension first, and ends at the first element that is equal and not expired: where that one says
 * nomatch, the answer is no, whatever shorter prefixes say (linux/netfilter/ipset).
 */
#include "core/set_own.h"

#include <errno.h>
#include <string.h>

#define WILD 16u /* bytes of an interface's name */

/* --- Interfaces: all of a prefix's stand together -------------------------------------------- */

/* The interface in a key, as its last words have it. */
static void iface_of(const struct pktt_set *set, const uint32_t *key, struct set_dim *dim)
{
	struct set_point point;

	set_unpack(set, key, &point);
	*dim = point.dim[set->type->dims - 1];
}

static bool is_same_iface(const struct set_dim *have, uint32_t flags, const struct set_dim *want)
{
	size_t len = strnlen(have->iface, WILD);

	if (have->is_physdev != want->is_physdev)
		return false;
	if (flags & SET_WILDCARD)
		return strncmp(have->iface, want->iface, len) == 0;
	return strncmp(have->iface, want->iface, WILD) == 0;
}

struct iface_scan {
	struct set_look *look;
	const struct pktt_set *set;
	const struct set_dim *want;
	bool found, has_prefix;
	int result;
	uint32_t key[SET_KEY_WORDS], value;
};

/* The interface's own element goes before a wildcard that means it too. */
static bool find_iface(void *ctx, const uint32_t *key, uint32_t value)
{
	struct iface_scan *s = ctx;
	struct set_dim have;

	iface_of(s->set, key, &have);
	if (!is_same_iface(&have, value & 3, s->want))
		return true;
	memcpy(s->key, key, sizeof(*key) * s->set->shape.key_words);
	s->value = value;
	s->found = true;
	return strncmp(have.iface, s->want->iface, WILD) != 0;
}

/*
 * The element equal to key, in *found (its own key: a wildcard's differs) and *value. Wildcards
 * make interfaces equal that have different names.
 */
static bool find_equal(const struct set_write *w, const struct set_point *point, uint32_t *key,
		       uint32_t *value)
{
	struct iface_scan s = { .set = w->set };

	if (w->set->shape.key_words == w->set->shape.hash_words)
		return set_body_get(w->body, key, w->gen, value);
	s.want = &point->dim[w->set->type->dims - 1];
	set_body_scan(w->body, key, w->gen, find_iface, &s);
	if (s.found) {
		memcpy(key, s.key, sizeof(*key) * w->set->shape.key_words);
		*value = s.value;
	}
	return s.found;
}

/* --- Adding ---------------------------------------------------------------------------------- */

/* A few at a time, since the table must not change under the walk. */
#define EXPIRE_BATCH 256

struct expire {
	const struct set_write *w;
	unsigned int n;
	bool any; /* forceadd: the first will do */
	uint32_t key[EXPIRE_BATCH][SET_KEY_WORDS];
};

static bool see_expired(void *ctx, const uint32_t *key, uint32_t value)
{
	struct expire *e = ctx;
	const struct pktt_set *set = e->w->set;
	const char *record = set_record(set, e->w->body, value);

	if (e->any || set_record_is_expired(set, record, e->w->now))
		memcpy(e->key[e->n++], key, sizeof(*key) * set->shape.key_words);
	return e->n < (e->any ? 1 : EXPIRE_BATCH);
}

/* Remove what has expired, or with any one element. */
static void make_free(const struct set_write *w, bool any)
{
	struct expire e = { .w = w, .any = any };

	do {
		e.n = 0;
		set_body_each(w->body, w->gen, see_expired, &e);
		for (unsigned int i = 0; i < e.n; i++)
			if (set_body_put(w, e.key[i], true, NULL))
				return;
	} while (e.n == EXPIRE_BATCH);
}

void set_element_sweep(const struct set_write *w)
{
	if (w->set->layout.expires != SET_NO_PLACE)
		make_free(w, false);
}

/* Room for one more, by expiry or by force. */
static int reserve(const struct set_write *w)
{
	struct pktt_set *set = w->set;

	if (set->type->store == SET_BITMAP || w->body->count < set->args.maxelem)
		return 0;
	if (set->layout.expires != SET_NO_PLACE)
		make_free(w, false);
	if (w->body->count >= set->args.maxelem && set->args.forceadd)
		make_free(w, true);
	if (w->body->count < set->args.maxelem)
		return 0;
	__atomic_fetch_add(&set->full, 1, __ATOMIC_RELAXED);
	return -ENOSPC;
}

/* A record of its own, filled; counters go on from the one that it takes the place of. */
static int new_record(const struct set_write *w, const struct set_attr *attr, const char *old,
		      uint32_t *value)
{
	struct set_slab *slab = &w->body->slab;
	uint32_t n = set_slab_take(slab, w->set->layout.size);
	char *record;

	if (!n)
		return -ENOMEM;
	record = set_slab_at(slab, n);
	if (old)
		set_record_carry(w->set, record, old);
	if (set_record_fill(w->set, record, attr, w->now)) {
		set_slab_give(slab, n);
		return -ENOMEM;
	}
	*value = n << 2 | attr->flags;
	return 0;
}

static void drop_record(const struct set_write *w, uint32_t value)
{
	if (!w->set->layout.size)
		return;
	set_record_drop(w->set, set_record(w->set, w->body, value));
	set_slab_give(&w->body->slab, value >> 2);
}

static int put(const struct set_write *w, const uint32_t *key, bool was,
	       const struct set_attr *attr, const char *old)
{
	uint32_t value = attr->flags;
	int r = w->set->layout.size ? new_record(w, attr, old, &value) : 0;

	if (r)
		return r;
	r = set_body_put(w, key, was, &value);
	if (r)
		drop_record(w, value);
	return r;
}

/* The hardware address that an element was waiting for; its time begins now. */
static bool completes(const struct pktt_set *set, const char *record, struct set_attr *attr)
{
	const struct set_mac *mac;

	if (set->layout.mac == SET_NO_PLACE || !attr->has_mac)
		return false;
	mac = (const void *)(record + set->layout.mac);
	if (mac->is_filled)
		return false;
	if (!attr->has_timeout) {
		attr->has_timeout = true;
		attr->timeout_s = mac->timeout_s;
	}
	return true;
}

int set_element_put(const struct set_write *w, const struct set_point *point,
		    const struct set_attr *attr)
{
	struct set_attr now = *attr;
	struct pktt_set *set = w->set;
	uint32_t key[SET_KEY_WORDS], value;
	const char *record;
	bool is_live;
	int r;

	if (!set_pack(set, point, key))
		return -ERANGE;
	if (!find_equal(w, point, key, &value)) {
		r = reserve(w);
		return r ? r : put(w, key, false, attr, NULL);
	}
	record = set_record(set, w->body, value);
	is_live = !set_record_is_expired(set, record, w->now);
	if (is_live && !completes(set, record, &now) && !w->replaces)
		return -EEXIST;
	return put(w, key, true, &now, is_live ? record : NULL);
}

bool set_element_find(const struct set_write *w, const struct set_point *point, uint32_t *key,
		      uint32_t *value)
{
	return set_pack(w->set, point, key) && find_equal(w, point, key, value);
}

int set_element_drop(const struct set_write *w, const struct set_point *point)
{
	uint32_t key[SET_KEY_WORDS], value;
	bool is_live;

	if (!set_pack(w->set, point, key))
		return -ERANGE;
	if (!find_equal(w, point, key, &value))
		return -ENOENT;
	is_live = !set_record_is_expired(w->set, set_record(w->set, w->body, value), w->now);
	if (set_body_put(w, key, true, NULL))
		return -ENOMEM;
	return is_live ? 0 : -ENOENT;
}

/* --- Looking --------------------------------------------------------------------------------- */

static bool compares(const struct pktt_set_options *opt, const struct pktt_counters *c)
{
	const uint64_t have[2] = { __atomic_load_n(&c->packets, __ATOMIC_RELAXED),
				   __atomic_load_n(&c->bytes, __ATOMIC_RELAXED) };
	const uint64_t want[2] = { opt->packets.value, opt->bytes.value };
	const uint8_t op[2] = { opt->packets.op, opt->bytes.op };

	for (unsigned int i = 0; i < 2; i++)
		if ((op[i] == '=' && have[i] != want[i]) || (op[i] == '!' && have[i] == want[i]) ||
		    (op[i] == '<' && have[i] >= want[i]) || (op[i] == '>' && have[i] <= want[i]))
			return false;
	return true;
}

static bool count_and_compare(struct set_look *look, struct pktt_counters *c)
{
	if (look->packets && !look->no_count) {
		__atomic_fetch_add(&c->packets, look->packets, __ATOMIC_RELAXED);
		__atomic_fetch_add(&c->bytes, look->bytes, __ATOMIC_RELAXED);
	}
	return look->no_compare || !look->opt || compares(look->opt, c);
}

static void take_skb(struct set_look *look, const struct set_skb *skb)
{
	look->skb.mark.value = __atomic_load_n(&skb->mark.value, __ATOMIC_RELAXED);
	look->skb.mark.mask = __atomic_load_n(&skb->mark.mask, __ATOMIC_RELAXED);
	look->skb.priority = __atomic_load_n(&skb->priority, __ATOMIC_RELAXED);
	look->skb.queue = __atomic_load_n(&skb->queue, __ATOMIC_RELAXED);
}

int set_judge(struct set_look *look, const char *record, uint32_t flags)
{
	const struct set_layout *l = &look->set->layout;
	char *at = (char *)(uintptr_t)record;

	if (set_record_is_expired(look->set, record, look->now))
		return 0;
	if (at && l->counters != SET_NO_PLACE &&
	    !count_and_compare(look, (void *)(at + l->counters)))
		return 0;
	if (at && l->skb != SET_NO_PLACE)
		take_skb(look, (void *)(at + l->skb));
	return flags & SET_NOMATCH ? -ENOTEMPTY : 1;
}

static bool judge_iface(void *ctx, const uint32_t *key, uint32_t value)
{
	struct iface_scan *s = ctx;
	struct set_dim have;

	iface_of(s->set, key, &have);
	/* A bridge port's elements stand apart. */
	s->has_prefix |= have.is_physdev == s->want->is_physdev;
	if (!is_same_iface(&have, value & 3, s->want))
		return true;
	s->result = set_judge(s->look, set_record(s->set, s->look->body, value), value & 3);
	if (s->result == 0)
		s->has_prefix = false;
	return s->result == 0;
}

/* A prefix that is there for other interfaces ends the search: *ends. */
static int look_iface(struct set_look *look, const struct set_point *point, const uint32_t *key,
		      bool *ends)
{
	struct iface_scan s = { .look = look, .set = look->set };

	s.want = &point->dim[look->set->type->dims - 1];
	set_body_scan(look->body, key, look->gen, judge_iface, &s);
	*ends = s.has_prefix;
	return s.result;
}

/* bitmap:ip,mac: an element without its hardware address takes the first packet's. */
static bool is_same_mac(struct set_look *look, const struct set_point *point, const char *record)
{
	const struct set_mac *mac = (const void *)(record + look->set->layout.mac);

	look->wants_mac = !__atomic_load_n(&mac->is_filled, __ATOMIC_ACQUIRE);
	return look->wants_mac || !point->dim[1].has_mac ||
	       memcmp(mac->byte, point->dim[1].mac, sizeof(mac->byte)) == 0;
}

static int look_exact(struct set_look *look, const struct set_point *point, bool *ends)
{
	const struct pktt_set *set = look->set;
	uint32_t key[SET_KEY_WORDS], value = 0;
	const char *record;

	*ends = false;
	if (!set_pack(set, point, key))
		return 0;
	if (set->shape.key_words != set->shape.hash_words)
		return look_iface(look, point, key, ends);
	if (!set_body_get(look->body, key, look->gen, &value))
		return 0;
	record = set_record(set, look->body, value);
	if (set->layout.mac != SET_NO_PLACE && !is_same_mac(look, point, record))
		return 0;
	return set_judge(look, record, value & 3);
}

/* The greatest length below limit that the dimension has; -1 = none. */
static int next_length(const struct set_lengths *l, int limit)
{
	for (int i = limit > 128 ? 2 : (limit - 1) / 64; limit > 0 && i >= 0; i--) {
		uint64_t bits = __atomic_load_n(&l->present[i], __ATOMIC_ACQUIRE);
		int above = limit - i * 64;

		if (above < 64)
			bits &= (UINT64_C(1) << above) - 1;
		if (bits)
			return i * 64 + 63 - __builtin_clzll(bits);
	}
	return -1;
}

static int search(struct set_look *look, struct set_point *point, unsigned int net)
{
	const struct set_type *type = look->set->type;
	unsigned int d = 0, seen = 0;
	bool ends = false;
	int r = 0;

	while (type->part[d] != SET_PART_NET || seen++ < net)
		d++;
	for (int len = SET_LENGTHS; r == 0 && !ends;) {
		len = next_length(&look->body->lengths[net], len);
		if (len < 0)
			break;
		point->dim[d].cidr = (uint8_t)len;
		if (net + 1 < look->set->nnets)
			r = search(look, point, net + 1);
		else
			r = look_exact(look, point, &ends);
	}
	return r;
}

int set_look_up(struct set_look *look, struct set_point *point)
{
	bool ends;

	if (!look->body)
		return 0;
	if (look->set->nnets && !look->is_exact)
		return search(look, point, 0);
	return look_exact(look, point, &ends);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of expectations.
 *
 * Overview: a hash by destination address, port, family and protocol, which an expectation always
 * names in full, and a heap by the time at which each one ends. The hash is keyed and of fixed size:
 * settings.expect_max bounds how many there are. Behaviour is that of Linux's nf_conntrack_expect.c.
 *
 * Life-cycle: every expectation refers to its master, so a master that is referred to has not been
 * freed; what is taken out of the table is let go of behind the lock, for a master may go with it.
 *
 * Synchronization: one lock for all. What is listed has a reference of the table's.
 */
#include "conntrack/expect.h"

#include "base/own.h"
#include "conntrack/event.h"
#include "conntrack/helper.h"
#include "conntrack/own.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#define BUCKETS_MIN 64
#define BUCKETS_MAX (1u << 16)

struct ct_expects {
	pthread_mutex_t lock;
	struct siphash_key key;
	struct list *bucket; /* oldest first */
	uint32_t mask;
	struct expect **heap; /* no child ends before its parent */
	uint32_t count, room;
	uint32_t last_id;
};

/* --- One expectation -------------------------------------------------------------------------- */

struct expect *expect_new(struct conntrack *ct, struct conn *master)
{
	struct expect *expect = calloc(1, sizeof(*expect));

	if (!expect)
		return NULL;
	if (!conn_get(master)) {
		free(expect);
		return NULL;
	}
	expect->ref = 1;
	expect->ct = ct;
	expect->master = master;
	return expect;
}

static struct expect *hold(struct expect *expect)
{
	__atomic_fetch_add(&expect->ref, 1, __ATOMIC_RELAXED);
	return expect;
}

void expect_put(struct expect **expect)
{
	struct expect *e = pktt_take(expect);

	if (!e || __atomic_sub_fetch(&e->ref, 1, __ATOMIC_ACQ_REL))
		return;
	conn_put(e->ct->db, &e->master);
	free(e);
}

void expect_init(struct expect *expect, uint8_t class, const struct pktt_addr *src,
		 const struct pktt_addr *dst, uint8_t protocol, const uint16_t *sport,
		 const uint16_t *dport)
{
	struct ct_tuple *t = &expect->tuple, *mask = &expect->mask;

	*t = (struct ct_tuple){ .protocol = protocol, .zone = expect->master->zone };
	*mask = (struct ct_tuple){ .family = 0xff, .protocol = 0xff, .dport = 0xffff };
	t->family = dst->len == 16 ? PKTT_IPV6 : PKTT_IPV4;
	memset(mask->dst, 0xff, ct_addr_len(t->family));
	ct_tuple_set_dst(t, dst);
	t->dport = *dport;
	if (src) {
		ct_tuple_set_src(t, src);
		memset(mask->src, 0xff, ct_addr_len(t->family));
	}
	if (sport) {
		t->sport = *sport;
		mask->sport = 0xffff;
	}
	expect->class = class;
	expect->flags = 0;
	expect->expected = NULL;
	expect->helper = NULL;
	memset(expect->saved_addr, 0, sizeof(expect->saved_addr));
	expect->saved_port = 0;
}

/* --- Comparing -------------------------------------------------------------------------------- */

/* The destination, which is named in full. */
static bool same_target(const struct ct_tuple *a, const struct ct_tuple *b)
{
	return a->family == b->family && a->protocol == b->protocol && a->dport == b->dport &&
	       memcmp(a->dst, b->dst, sizeof(a->dst)) == 0;
}

/* The source, as far as both masks (b may be NULL) look at it. */
static bool same_source(const struct ct_tuple *x, const struct ct_tuple *y,
			const struct ct_tuple *a, const struct ct_tuple *b)
{
	uint16_t ports = b ? a->sport & b->sport : a->sport;

	if ((x->sport ^ y->sport) & ports)
		return false;
	for (unsigned int i = 0; i < sizeof(x->src); i++) {
		uint8_t mask = b ? a->src[i] & b->src[i] : a->src[i];

		if ((x->src[i] ^ y->src[i]) & mask)
			return false;
	}
	return true;
}

/* There is a packet that both would take. */
static bool clashes(const struct expect *a, const struct expect *b)
{
	return same_target(&a->tuple, &b->tuple) &&
	       same_source(&a->tuple, &b->tuple, &a->mask, &b->mask) &&
	       a->master->zone == b->master->zone;
}

/* b is the new one. */
static bool is_equal(const struct expect *a, const struct expect *b)
{
	return (a->master == b->master || b->may_be_anothers) &&
	       a->master->zone == b->master->zone && same_target(&a->tuple, &b->tuple) &&
	       a->tuple.sport == b->tuple.sport && a->mask.sport == b->mask.sport &&
	       memcmp(a->tuple.src, b->tuple.src, sizeof(a->tuple.src)) == 0 &&
	       memcmp(a->mask.src, b->mask.src, sizeof(a->mask.src)) == 0;
}

static bool fits(const struct expect *expect, const struct ct_tuple *tuple)
{
	return same_target(&expect->tuple, tuple) &&
	       same_source(&expect->tuple, tuple, &expect->mask, NULL) &&
	       expect->master->zone == tuple->zone;
}

/* --- The heap --------------------------------------------------------------------------------- */

static void heap_set(struct ct_expects *all, uint32_t place, struct expect *expect)
{
	all->heap[place] = expect;
	expect->place = place;
}

static void heap_up(struct ct_expects *all, uint32_t place)
{
	struct expect *expect = all->heap[place];

	while (place > 0) {
		struct expect *parent = all->heap[(place - 1) / 2];

		if (parent->expires_ns <= expect->expires_ns)
			break;
		heap_set(all, place, parent);
		place = (place - 1) / 2;
	}
	heap_set(all, place, expect);
}

static void heap_down(struct ct_expects *all, uint32_t place)
{
	struct expect *expect = all->heap[place];

	for (;;) {
		uint32_t child = 2 * place + 1;

		if (child >= all->count)
			break;
		if (child + 1 < all->count &&
		    all->heap[child + 1]->expires_ns < all->heap[child]->expires_ns)
			child++;
		if (expect->expires_ns <= all->heap[child]->expires_ns)
			break;
		heap_set(all, place, all->heap[child]);
		place = child;
	}
	heap_set(all, place, expect);
}

static void heap_move(struct ct_expects *all, uint32_t place)
{
	heap_up(all, place);
	heap_down(all, place);
}

static int heap_reserve(struct ct_expects *all)
{
	uint32_t room = all->room ? all->room * 2 : BUCKETS_MIN;
	struct expect **more;

	if (all->count < all->room)
		return 0;
	more = realloc(all->heap, room * sizeof(struct expect *));
	if (!more)
		return -ENOMEM;
	all->heap = more;
	all->room = room;
	return 0;
}

/* --- In and out, under the lock ----------------------------------------------------------------- */

static struct list *bucket_of(const struct ct_expects *all, const struct ct_tuple *tuple)
{
	struct {
		uint8_t dst[16];
		uint16_t dport;
		uint8_t family, protocol;
	} target = { .dport = tuple->dport, .family = tuple->family, .protocol = tuple->protocol };

	memcpy(target.dst, tuple->dst, sizeof(target.dst));
	return &all->bucket[siphash(&all->key, &target, sizeof(target)) & all->mask];
}

static struct expect *of_node(struct list *node)
{
	return list_entry(node, struct expect, node);
}

/* The expectations of a master; its list begins with the first. */
static struct list *master_list(struct conn *master)
{
	struct list *list = &master->ext->expects;

	if (!list->next)
		list_init(list);
	return list;
}

static void table_insert(struct conntrack *ct, struct expect *expect)
{
	struct ct_expects *all = ct->expects;
	struct conn_ext *ext = expect->master->ext;

	if (++all->last_id == 0)
		all->last_id = 1;
	expect->id = all->last_id;
	list_insert_before(bucket_of(all, &expect->tuple), &expect->node);
	list_insert_before(master_list(expect->master), &expect->master_node);
	ext->nexpects[expect->class]++;
	all->heap[all->count] = hold(expect);
	__atomic_store_n(&all->count, all->count + 1, __ATOMIC_RELAXED);
	heap_up(all, all->count - 1);
	expect->is_listed = true;
	ct_count(ct, 0, CT_COUNT_EXPECT_CREATE);
	ct_expect_event(ct, expect, CT_EXPECT_EVENT_NEW);
}

/* Its node, free again, goes into gone: the table's reference is dropped behind the lock. */
static void table_remove(struct conntrack *ct, struct expect *expect, struct list *gone)
{
	struct ct_expects *all = ct->expects;
	uint32_t place = expect->place;

	list_remove(&expect->node);
	list_remove(&expect->master_node);
	expect->master->ext->nexpects[expect->class]--;
	__atomic_store_n(&all->count, all->count - 1, __ATOMIC_RELAXED);
	if (place < all->count) {
		heap_set(all, place, all->heap[all->count]);
		heap_move(all, place);
	}
	expect->is_listed = false;
	list_insert_before(gone, &expect->node);
	ct_count(ct, 0, CT_COUNT_EXPECT_DELETE);
	ct_expect_event(ct, expect, CT_EXPECT_EVENT_DESTROY);
}

static void lock(struct conntrack *ct)
{
	pthread_mutex_lock(&ct->expects->lock);
}

/* Gives up the lock, and then what was taken out. */
static void unlock(struct conntrack *ct, struct list *gone)
{
	pthread_mutex_unlock(&ct->expects->lock);
	list_for_each_safe (node, next, gone) {
		struct expect *expect = of_node(node);

		expect_put(&expect);
	}
}

/* --- Announcing ------------------------------------------------------------------------------- */

static int make_way(struct conntrack *ct, const struct expect *expect, struct list *gone)
{
	struct list *bucket = bucket_of(ct->expects, &expect->tuple);

	list_for_each_safe (node, next, bucket) {
		struct expect *other = of_node(node);

		if (is_equal(other, expect)) {
			if (other->class != expect->class || other->master != expect->master)
				return -EALREADY;
			table_remove(ct, other, gone);
			return 0;
		}
		if (clashes(other, expect))
			return -EBUSY;
	}
	return 0;
}

static void evict_oldest(struct conntrack *ct, const struct expect *expect, struct list *gone)
{
	list_for_each (node, master_list(expect->master)) {
		struct expect *other = list_entry(node, struct expect, master_node);

		if (other->class == expect->class) {
			table_remove(ct, other, gone);
			return;
		}
	}
}

static int check_limits(struct conntrack *ct, const struct expect *expect,
			const struct ct_helper *helper, struct list *gone)
{
	const uint8_t *n = &expect->master->ext->nexpects[expect->class];
	uint8_t max = helper ? helper->classes[expect->class].max : 0;

	if (max && *n >= max)
		evict_oldest(ct, expect, gone);
	if (*n == UINT8_MAX || ct->expects->count >= ct->settings.expect_max) {
		ct_count(ct, 0, CT_COUNT_EXPECT_FULL);
		return -EMFILE;
	}
	return heap_reserve(ct->expects);
}

static int insert_checked(struct conntrack *ct, struct expect *expect, struct list *gone)
{
	const struct ct_helper *helper = conn_helper(expect->master);
	int r;

	/* Under the lock: who ends a master sets DYING before it comes for its expectations. */
	if (!expect->master->ext || conn_is_dying(expect->master) ||
	    (!helper && !expect->expires_ns))
		return -ESHUTDOWN;
	if (expect->class >= (helper ? helper->nclasses : CT_EXPECT_CLASSES))
		return -EINVAL;
	if (expect->is_listed)
		return -EEXIST;
	r = make_way(ct, expect, gone);
	if (r == 0)
		r = check_limits(ct, expect, helper, gone);
	if (r)
		return r;
	if (helper)
		expect->expires_ns = conntrack_time_ns(ct) +
				     helper->classes[expect->class].timeout * 1000000000ull;
	return 0;
}

int expect_related(struct conntrack *ct, struct expect *expect)
{
	struct list gone = LIST_INIT(gone);
	int r;

	lock(ct);
	r = insert_checked(ct, expect, &gone);
	if (r == 0)
		table_insert(ct, expect);
	unlock(ct, &gone);
	return r;
}

int expect_set_timeout(struct conntrack *ct, struct expect *expect, uint32_t seconds)
{
	struct list gone = LIST_INIT(gone);
	int r = -ETIME;

	lock(ct);
	if (expect->is_listed) {
		expect->expires_ns = conntrack_time_ns(ct) + seconds * 1000000000ull;
		heap_move(ct->expects, expect->place);
		r = 0;
	}
	unlock(ct, &gone);
	return r;
}

/* --- Going ------------------------------------------------------------------------------------- */

bool expect_unrelate(struct conntrack *ct, struct expect *expect)
{
	struct list gone = LIST_INIT(gone);
	bool was_listed;

	lock(ct);
	was_listed = expect->is_listed;
	if (was_listed)
		table_remove(ct, expect, &gone);
	unlock(ct, &gone);
	return was_listed;
}

void expect_remove_all(struct conntrack *ct, struct conn *master)
{
	struct list gone = LIST_INIT(gone);

	if (!master->ext || !ct->expects)
		return;
	lock(ct);
	/* The newest first, as Linux tells of them. */
	while (!list_is_empty(master_list(master)))
		table_remove(ct, list_entry(master_list(master)->prev, struct expect, master_node),
			     &gone);
	unlock(ct, &gone);
}

void expect_advance(struct conntrack *ct, uint64_t now_ns)
{
	struct list gone = LIST_INIT(gone);
	struct ct_expects *all = ct->expects;

	if (expect_count(ct) == 0)
		return;
	lock(ct);
	while (all->count && all->heap[0]->expires_ns <= now_ns)
		table_remove(ct, all->heap[0], &gone);
	unlock(ct, &gone);
}

/* --- Finding ----------------------------------------------------------------------------------- */

/* The newest; an inactive one only if that is wanted. */
static struct expect *find_fitting(struct conntrack *ct, const struct ct_tuple *tuple,
				   bool takes_inactive)
{
	const struct list *bucket = bucket_of(ct->expects, tuple);
	uint64_t now = conntrack_time_ns(ct);

	for (struct list *node = bucket->prev; node != bucket; node = node->prev) {
		struct expect *expect = of_node(node);

		if (fits(expect, tuple) && expect->expires_ns > now &&
		    (takes_inactive || !(expect->flags & CT_EXPECT_INACTIVE)))
			return expect;
	}
	return NULL;
}

/*
 * A master that is not confirmed has not been heard by anybody, so nobody can answer it; one that dies
 * takes its expectations with it.
 */
static bool is_heard(const struct expect *expect)
{
	return conn_is_confirmed(expect->master) && !conn_is_dying(expect->master);
}

unsigned int expect_of_master(struct conntrack *ct, struct conn *master, struct expect **ret,
			      unsigned int n)
{
	unsigned int found = 0;

	lock(ct);
	if (master->ext) {
		const struct list *head = master_list(master);

		for (struct list *at = head->prev; at != head && found < n; at = at->prev)
			ret[found++] = hold(list_entry(at, struct expect, master_node));
	}
	pthread_mutex_unlock(&ct->expects->lock);
	return found;
}

struct expect *expect_find(struct conntrack *ct, const struct ct_tuple *tuple, bool take)
{
	struct list gone = LIST_INIT(gone);
	struct expect *expect;

	if (expect_count(ct) == 0)
		return NULL;
	lock(ct);
	/* As Linux has it, the first that fits decides. */
	expect = find_fitting(ct, tuple, false);
	if (expect && !is_heard(expect))
		expect = NULL;
	if (expect)
		hold(expect);
	if (expect && take && !(expect->flags & CT_EXPECT_PERMANENT))
		table_remove(ct, expect, &gone);
	unlock(ct, &gone);
	return expect;
}

struct expect *expect_lookup(struct conntrack *ct, const struct ct_tuple *tuple)
{
	struct list gone = LIST_INIT(gone);
	struct expect *expect;

	lock(ct);
	expect = find_fitting(ct, tuple, true);
	if (expect)
		hold(expect);
	unlock(ct, &gone);
	return expect;
}

/*
 * The cursor is a bucket and the id of the last one told of it. Within a bucket ids go up, by the order
 * of announcement; compared as serial numbers, for they wrap.
 */
static unsigned int next_of_bucket(const struct ct_expects *all, uint64_t *cursor,
				   struct expect **ret, unsigned int n)
{
	uint32_t last = (uint32_t)*cursor;
	unsigned int found = 0;

	list_for_each (node, &all->bucket[*cursor >> 32]) {
		struct expect *expect = of_node(node);

		if (last && (int32_t)(expect->id - last) <= 0)
			continue;
		if (found == n)
			return found;
		ret[found++] = hold(expect);
		*cursor = (*cursor >> 32) << 32 | expect->id;
	}
	*cursor = ((*cursor >> 32) + 1) << 32;
	return found;
}

unsigned int expect_next(struct conntrack *ct, uint64_t *cursor, struct expect **ret,
			 unsigned int n)
{
	struct ct_expects *all = ct->expects;
	struct list gone = LIST_INIT(gone);
	unsigned int found = 0;

	lock(ct);
	while (found < n && *cursor >> 32 <= all->mask)
		found += next_of_bucket(all, cursor, ret + found, n - found);
	if (found == 0)
		*cursor = 0;
	unlock(ct, &gone);
	return found;
}

struct expect *expect_by_id(struct conntrack *ct, uint32_t id)
{
	struct ct_expects *all = ct->expects;
	struct list gone = LIST_INIT(gone);
	struct expect *ret = NULL;

	lock(ct);
	for (uint32_t i = 0; i < all->count && !ret; i++)
		if (all->heap[i]->id == id)
			ret = hold(all->heap[i]);
	unlock(ct, &gone);
	return ret;
}

uint32_t expect_count(const struct conntrack *ct)
{
	return __atomic_load_n(&ct->expects->count, __ATOMIC_RELAXED);
}

uint32_t expect_timeout_left(const struct conntrack *ct, const struct expect *expect)
{
	return expect->expires_ns > conntrack_time_ns(ct)
		       ? (uint32_t)((expect->expires_ns - conntrack_time_ns(ct)) / 1000000000)
		       : 0;
}

/* --- The table --------------------------------------------------------------------------------- */

int expect_table_new(struct conntrack *ct)
{
	PKTT_AUTO_FREE struct ct_expects *all = calloc(1, sizeof(*all));
	uint32_t buckets = BUCKETS_MIN;

	while (buckets < BUCKETS_MAX && buckets < ct->settings.expect_max / 2)
		buckets *= 2;
	if (!all)
		return -ENOMEM;
	all->bucket = calloc(buckets, sizeof(struct list));
	if (!all->bucket)
		return -ENOMEM;
	for (uint32_t i = 0; i < buckets; i++)
		list_init(&all->bucket[i]);
	all->mask = buckets - 1;
	all->key = conntrack_hash_key(ct);
	pthread_mutex_init(&all->lock, NULL);
	ct->expects = pktt_take(&all);
	return 0;
}

/* Without a word to anybody. */
void expect_table_free(struct conntrack *ct)
{
	struct ct_expects *all = pktt_take(&ct->expects);

	if (!all)
		return;
	for (uint32_t i = 0; i < all->count; i++) {
		list_remove(&all->heap[i]->master_node);
		expect_put(&all->heap[i]);
	}
	pthread_mutex_destroy(&all->lock);
	free(all->heap);
	free(all->bucket);
	free(all);
}

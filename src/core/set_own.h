/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of sets share. The chapter is in set_body.c. */
#ifndef PKTT_CORE_SET_OWN_H
#define PKTT_CORE_SET_OWN_H

#include "core/set.h"
#include "core/set_table.h"
#include "core/set_type.h"
#include "core/store.h"

#include <pthread.h>

#define SET_NAME_MAX  32
#define SET_FOR_EVER  UINT64_MAX /* expires: never */
#define SET_NO_PLACE  UINT16_MAX /* an extension that the set does not have */
#define SET_NO_COUNT  UINT64_MAX
#define SET_LENGTHS   129 /* of prefixes: 0 to 128 */
#define SET_SLAB_BITS 6

/* --- Elements -------------------------------------------------------------------------------- */

/* One dimension of one element. */
struct set_dim {
	uint8_t ip[16]; /* network order; IPv4 in the first four */
	uint8_t cidr, proto;
	uint16_t port; /* ICMP: type << 8 | code */
	uint8_t mac[6];
	bool has_mac, is_physdev;
	uint32_t mark;
	char iface[16];
};

struct set_point {
	struct set_dim dim[SET_DIMS];
};

/* The value word of an element: number of its record << 2 | flags. */
enum { SET_NOMATCH = 1, SET_WILDCARD = 2 };

/* What an element carries beside its key, as whoever adds it says. */
struct set_attr {
	uint32_t flags; /* SET_NOMATCH, SET_WILDCARD */
	bool has_timeout, has_mac;
	uint32_t timeout_s;
	uint64_t packets, bytes; /* SET_NO_COUNT = leave them as they are */
	struct pktt_mask32 mark;
	uint32_t priority;
	uint16_t queue;
	const char *comment;
	uint8_t mac[6];
};

/* Where in an element's record stands what; SET_NO_PLACE = nowhere. */
struct set_layout {
	uint16_t size, expires, counters, skb, comment, mac;
};

struct set_skb {
	struct pktt_mask32 mark;
	uint32_t priority;
	uint32_t queue;
};

struct set_mac {
	uint8_t byte[6];
	bool is_filled;
	uint32_t timeout_s; /* from when it is filled on */
};

/* Records in chunks of doubling size: they never move, and a number names one. */
struct set_slab {
	char *chunk[32 - SET_SLAB_BITS];
	uint32_t used; /* numbers given out so far */
	uint32_t *
		free; /* numbers that were given back; not in the records: packets may still count */
	uint32_t nfree, free_room;
};

/* Which prefix lengths a dimension has. */
struct set_lengths {
	uint32_t count[SET_LENGTHS];
	uint64_t present[3]; /* readers: at least those that elements of any generation have */
};

struct set_body {
	uint64_t born;
	struct set_body *older;
	struct set_table *table; /* published */
	struct set_table *delta; /* published; NULL = none */
	struct set_slab slab;
	struct set_lengths lengths[2];
	uint32_t count; /* elements in the writer's view */
};

/*
 * Which set's elements a set shows, from which generation on; the newest first. Swapping two sets gives
 * each a new one of these, so that rules and lists, which hold sets, see the other's elements at once.
 */
struct set_shows {
	uint64_t born;
	struct pktt_set *is, *of;
	struct set_shows *older;
};

struct pktt_set {
	struct life life;
	struct pktt_set_store *store;
	char key[SET_NAME_MAX]; /* the name by which it is found */
	char name
		[SET_NAME_MAX]; /* that of the set which shows its elements, in the writer's view */
	struct set_shows *shows;
	uint32_t nshown;  /* how many sets of any generation show its elements */
	uint64_t version; /* another one after every change */
	const struct set_type *type;
	struct set_args args;
	struct set_layout layout;
	struct set_shape shape;
	uint8_t addr_len; /* bytes */
	uint8_t nnets;
	uint8_t mask[16]; /* what netmask or bitmask keeps of an address */
	bool has_mask;
	uint32_t first, range; /* of a bitmap: address or port, and number of elements */
	uint8_t shift;	       /* of a bitmap: addresses in an element, as a power of two */
	uint32_t refs;
	uint64_t full;	       /* additions refused since there was no room */
	uint64_t changed;      /* generation of the transaction that changed it last */
	pthread_mutex_t lock;  /* of writers: transactions and packets */
	struct set_body *body; /* the newest first; NULL in a list */
	struct list members;   /* of a list: struct set_member, in order */
	uint32_t nmembers;     /* in the writer's view */
};

/* A set in a list. */
struct set_member {
	struct list node;
	struct life life;
	struct pktt_set *set;
	char *record; /* extensions, or NULL */
};

/* --- set.c: the store ------------------------------------------------------------------------ */

enum set_undo_what {
	SET_UNDO_BORN,
	SET_UNDO_DIED,
	SET_UNDO_REPLACED, /* died, and who uses it is looked at before the commit */
	SET_UNDO_BODY,
	SET_UNDO_DELTA,
	SET_UNDO_MEMBERS,
	SET_UNDO_SWAP
};

/* Note what an abort takes back, and a commit finishes. -ENOMEM. */
int set_undo(struct pktt_txn *txn, enum set_undo_what what, struct pktt_set *set);
/* Free it when no reader can stand on it any more. */
void set_retire(struct pktt_set_store *store, void *object, void (*release)(void *object));
/* The set whose elements it shows in that generation. Reader. */
static inline struct pktt_set *set_shown(const struct pktt_set *set, uint64_t gen)
{
	const struct set_shows *s = __atomic_load_n(&set->shows, __ATOMIC_ACQUIRE);

	while (s->born > gen && s->older)
		s = s->older;
	return s->is;
}

static inline void set_touch(struct pktt_set *set)
{
	__atomic_fetch_add(&set->version, 1, __ATOMIC_RELAXED);
}

/* Its first, which shows itself. -ENOMEM. */
int set_shows_init(struct pktt_set *set);
/* No reader needs it any more. */
void set_shows_free(struct set_shows *shows);
void set_swap_commit(struct pktt_set *set);
void set_swap_abort(struct pktt_set *set);
/* The set that the transaction's view has by that name; fails with a sentence. */
int set_find_named(struct pktt_txn *txn, const char *name, struct pktt_set **ret,
		   struct pktt_error *err);
/* The one whose elements it shows. */
int set_find(struct pktt_txn *txn, const char *name, struct pktt_set **ret, struct pktt_error *err);
/* Time since the store's first, as expires counts it; the first to ask sets it. */
uint64_t set_clock(struct pktt_set_store *store, uint64_t time_ns);
uint64_t set_clock_now(const struct pktt_set_store *store);
struct pktt_set_store *set_store_of(struct pktt_txn *txn);

/* --- set_key.c: an element as words ---------------------------------------------------------- */

void set_shape_init(struct pktt_set *set, const struct siphash_key *key);
/* False where the element cannot be in the set: outside a bitmap's range, address 0. */
bool set_pack(const struct pktt_set *set, const struct set_point *point, uint32_t *key);
void set_unpack(const struct pktt_set *set, const uint32_t *key, struct set_point *point);
/* Keep the first cidr bits of len bytes. */
void set_mask(uint8_t *ip, unsigned int len, unsigned int cidr);
/* Prefix lengths of the net dimensions, in order. */
void set_lengths_of(const struct pktt_set *set, const struct set_point *point, uint8_t cidr[2]);

/* --- set_body.c: elements by generation ------------------------------------------------------ */

int set_body_new(struct set_body **ret, const struct pktt_set *set, uint64_t born);
void set_body_free(struct set_body **body, const struct pktt_set *set);
/* The body of that generation, or NULL. */
struct set_body *set_body_at(const struct pktt_set *set, uint64_t gen);
/* The element's value word in that generation; false = not there. Reader. */
bool set_body_get(const struct set_body *body, const uint32_t *key, uint64_t gen, uint32_t *value);
/* Each element of the generation: see() returns false to stop. Under the lock. */
void set_body_each(const struct set_body *body, uint64_t gen,
		   bool (*see)(void *ctx, const uint32_t *key, uint32_t value), void *ctx);
/* The same from slot *at of the table, then *delta_at of the delta, on: behind the last that was seen. */
void set_body_step(const struct set_body *body, uint64_t gen, uint32_t *at, uint32_t *delta_at,
		   bool (*see)(void *ctx, const uint32_t *key, uint32_t value), void *ctx);
/*
 * Each element whose hashed words are the key's (interfaces of a prefix). Reader; an element may be
 * seen again, or while it goes.
 */
bool set_body_scan(const struct set_body *body, const uint32_t *key, uint64_t gen,
		   bool (*see)(void *ctx, const uint32_t *key, uint32_t value), void *ctx);

/* A change: by the transaction that is open, or by a packet (txn NULL) at its generation. */
struct set_write {
	struct pktt_set *set;
	struct set_body *body;
	struct pktt_txn *txn;
	uint64_t gen;
	uint64_t now;  /* set_clock() */
	bool replaces; /* -exist */
};

/* Under the lock. The body to write to; -ENOMEM. */
int set_write_begin(struct set_write *w, struct pktt_set *set, struct pktt_txn *txn, uint64_t gen);
/* was: whether it is there in the writer's view. value NULL = remove. -ENOMEM. */
int set_body_put(const struct set_write *w, const uint32_t *key, bool was, const uint32_t *value);
/* Fold what has gathered in the delta, before the transaction's first change. Without the lock. */
void set_body_settle(struct pktt_set *set, const struct pktt_txn *txn);
/* Take the transaction's changes back. */
void set_body_abort(struct pktt_set *set, struct set_body *body, uint64_t gen);
/* Whether what is written is seen by nobody yet. */
bool set_write_is_private(const struct set_write *w);

/* --- set_record.c: what elements carry ------------------------------------------------------- */

void set_layout_init(struct pktt_set *set);
char *set_slab_at(const struct set_slab *slab, uint32_t n);
/* A zeroed record's number, from 1. 0 = no memory. */
uint32_t set_slab_take(struct set_slab *slab, uint16_t size);
void set_slab_give(struct set_slab *slab, uint32_t n);
void set_slab_fini(struct set_slab *slab);
/* The element's record; NULL where the set has none. */
char *set_record(const struct pktt_set *set, const struct set_body *body, uint32_t value);
bool set_record_is_expired(const struct pktt_set *set, const char *record, uint64_t now);
/* Fill a record, new or not, as an addition says. -ENOMEM (a comment). */
int set_record_fill(const struct pktt_set *set, char *record, const struct set_attr *attr,
		    uint64_t now);
/* Counters from another record. */
void set_record_carry(const struct pktt_set *set, char *record, const char *from);
void set_record_drop(const struct pktt_set *set, char *record);
/* "timeout 5 packets 0 bytes 0 ...", each after a blank. */
void set_record_print(const struct pktt_set *set, const char *record, uint32_t flags, uint64_t now,
		      struct str *out);

/* --- set_element.c: add, delete, test one element -------------------------------------------- */

/* Removes what has expired. Under the lock. */
void set_element_sweep(const struct set_write *w);
/* 0, -EEXIST, -ENOSPC (counted), -ENOMEM. Under the lock. */
int set_element_put(const struct set_write *w, const struct set_point *point,
		    const struct set_attr *attr);
/* 0, -ENOENT, -ENOMEM. Under the lock. */
int set_element_drop(const struct set_write *w, const struct set_point *point);

/* The element equal to point: its own key, and its value word. Under the lock. */
bool set_element_find(const struct set_write *w, const struct set_point *point, uint32_t *key,
		      uint32_t *value);

/* A test: what is asked, and what was found. */
struct set_look {
	struct pktt_set *set;
	const struct set_body *body;
	const struct pktt_set_options *opt;
	uint64_t gen, now;
	uint64_t packets, bytes; /* to be counted; packets 0 = nothing is */
	bool no_count, no_compare;
	bool is_exact;	    /* only the element itself: prefixes are not searched */
	struct set_skb skb; /* of what matched */
	bool wants_mac;	    /* the element waits for its hardware address */
};

/* 1, 0, or -ENOTEMPTY: an element with nomatch. */
int set_look_up(struct set_look *look, struct set_point *point);
/* What an element that is equal says: 1, 0, -ENOTEMPTY. */
int set_judge(struct set_look *look, const char *record, uint32_t flags);

/* --- set_text.c: elements as text ------------------------------------------------------------ */

/* A dimension as written: one value, or the first and last of a range. */
struct set_range {
	struct set_dim at;
	uint32_t ip, ip_last; /* IPv4, host order */
	uint16_t port_last;
	bool is_range;
	uint16_t column, len; /* where it stands, from 0 */
};

struct set_element {
	struct set_range range[SET_DIMS];
	uint8_t dims;
	bool exists_too; /* -exist */
	bool is_before, is_after;
	char member[SET_NAME_MAX], beside[SET_NAME_MAX];
	struct set_attr attr;
	struct set_add_args args;
};

int set_element_parse(const struct pktt_set *set, const char *text, struct set_element *ret,
		      struct pktt_error *err);
/* The options of create. */
int set_options_parse(const struct set_type *type, const char *text, struct set_args *args,
		      bool *exists_too, struct pktt_error *err);
/* A set's options as create takes them. */
void set_options_print(const struct pktt_set *set, struct str *out);
void set_element_print(const struct pktt_set *set, const uint32_t *key, const char *record,
		       struct str *out);
/* How many elements it stands for. */
uint64_t set_element_count(const struct pktt_set *set, const struct set_element *e);
/* The elements one after the other: first() fills point, next() is false after the last. */
void set_element_first(const struct pktt_set *set, struct set_element *e, struct set_point *point);
bool set_element_next(const struct pktt_set *set, struct set_element *e, struct set_point *point);
/* Fail with the place of len bytes of the element's text, from column on (0 is the first). */
int set_fail_at(struct pktt_error *err, size_t column, size_t len, int code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* --- set_list.c: list:set -------------------------------------------------------------------- */

int set_list_add(struct pktt_txn *txn, struct pktt_set *list, const struct set_element *e,
		 struct pktt_error *err);
int set_list_delete(struct pktt_txn *txn, struct pktt_set *list, const struct set_element *e,
		    struct pktt_error *err);
int set_list_flush(struct pktt_txn *txn, struct pktt_set *list);
void set_list_abort(struct pktt_set *list, uint64_t gen);
void set_list_commit(struct pktt_set *list, uint64_t gen);
void set_list_free(struct pktt_set *list);
struct set_member *set_member_next(const struct pktt_set *list, const struct set_member *after,
				   uint64_t gen);

#endif

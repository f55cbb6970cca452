/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets in transactions: made, destroyed, flushed, changed by text.
 *
 * Life-cycle: a set is born and dies by generation like a rule. The store, lists and rules each
 * hold a reference to its memory; what a transaction refuses to destroy is what rules and lists of
 * its view name, so that rules which are gone but not yet freed are no obstacle.
 */
#include "core/set_store.h"

#include "base/buf.h"
#include "base/own.h"
#include "core/set_words.h"
#include "desc/args.h"
#include "desc/catalog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BITMAP_MAX 65536u

struct pktt_set_store *pktt_engine_sets(struct pktt_engine *engine)
{
	return engine->sets;
}

struct pktt_set_store *set_store_of(struct pktt_txn *txn)
{
	return txn->engine->sets;
}

const char *pktt_set_name(const struct pktt_set *set)
{
	return set->name;
}

const char *pktt_set_type(const struct pktt_set *set)
{
	return set->type->ext.name;
}

uint8_t pktt_set_dims(const struct pktt_set *set)
{
	return set->type->dims;
}

bool pktt_set_is_list(const struct pktt_set *set)
{
	return set->type->store == SET_LIST;
}

uint64_t pktt_set_full(const struct pktt_set *set)
{
	return __atomic_load_n(&set->full, __ATOMIC_RELAXED);
}

static void set_free(struct pktt_set *set)
{
	set_list_free(set);
	while (set->body) {
		struct set_body *older = set->body->older;

		set_body_free(&set->body, set);
		set->body = older;
	}
	pthread_mutex_destroy(&set->lock);
	free(set->shows);
	free(set);
}

void pktt_set_get(struct pktt_set *set)
{
	__atomic_fetch_add(&set->refs, 1, __ATOMIC_RELAXED);
}

void pktt_set_put(struct pktt_set *set)
{
	if (__atomic_fetch_sub(&set->refs, 1, __ATOMIC_ACQ_REL) == 1)
		set_free(set);
}

int set_find_named(struct pktt_txn *txn, const char *name, struct pktt_set **ret,
		   struct pktt_error *err)
{
	*ret = set_store_at(set_store_of(txn), name, txn->gen);
	return *ret ? 0 : pktt_fail(err, -ENOENT, "there is no set %s", name);
}

int set_find(struct pktt_txn *txn, const char *name, struct pktt_set **ret, struct pktt_error *err)
{
	int r = set_find_named(txn, name, ret, err);

	if (r == 0)
		*ret = set_shown(*ret, txn->gen);
	return r;
}

int set_undo(struct pktt_txn *txn, enum set_undo_what what, struct pktt_set *set)
{
	struct pktt_set_store *store = set_store_of(txn);
	struct set_undo *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	*u = (struct set_undo){ store->undo, what, set };
	store->undo = u;
	return 0;
}

static struct set_undo *pop(struct pktt_set_store *store, struct set_undo *u)
{
	store->undo = u->older;
	free(u);
	return store->undo;
}

/* Forget the last note: what it is about did not come to be. */
static void set_undo_last(struct pktt_txn *txn)
{
	pop(set_store_of(txn), set_store_of(txn)->undo);
}

/* --- Making ---------------------------------------------------------------------------------- */

static int init_mask(struct pktt_set *set)
{
	const struct set_args *args = &set->args;

	memset(set->mask, 0xff, sizeof(set->mask));
	set->has_mask = args->netmask || args->bitmask.len;
	if (args->netmask)
		set_mask(set->mask, sizeof(set->mask), args->netmask);
	if (args->bitmask.len)
		memcpy(set->mask, args->bitmask.byte, args->bitmask.len);
	return 0;
}

/* The range of a bitmap of addresses; with a netmask it is widened to whole networks. */
static int init_addresses(struct pktt_set *set, struct pktt_error *err)
{
	struct set_args *args = &set->args;
	struct set_piece text = { args->range, strlen(args->range), 0 };
	struct pktt_error why = { 0 };
	uint32_t last, host;

	if (set_addresses_parse(text, &set->first, &last, &why))
		return pktt_fail(err, why.code, "range: %.200s", why.text);
	set->shift = args->netmask ? (uint8_t)(32 - args->netmask) : 0;
	host = (uint32_t)((UINT64_C(1) << set->shift) - 1);
	set->first &= ~host;
	last |= host;
	set->range = ((last - set->first) >> set->shift) + 1;
	if (set->range == 0 || set->range > BITMAP_MAX)
		return pktt_fail(err, -ERANGE, "the range holds more than %u elements", BITMAP_MAX);
	snprintf(args->range, sizeof(args->range), "%u.%u.%u.%u-%u.%u.%u.%u", set->first >> 24,
		 set->first >> 16 & 255, set->first >> 8 & 255, set->first & 255, last >> 24,
		 last >> 16 & 255, last >> 8 & 255, last & 255);
	return 0;
}

static int init_ports(struct pktt_set *set, struct pktt_error *err)
{
	struct set_args *args = &set->args;
	struct set_piece text = { args->range, strlen(args->range), 0 };
	struct pktt_error why = { 0 };
	struct set_range range;

	if (set_range_parse(set, 0, text, &range, &why))
		return pktt_fail(err, why.code, "range: %.200s", why.text);
	set->first = range.at.port;
	set->range = range.port_last - range.at.port + 1u;
	snprintf(args->range, sizeof(args->range), "%u-%u", range.at.port, range.port_last);
	return 0;
}

static int set_init(struct pktt_set *set, const struct siphash_key *key, struct pktt_error *err)
{
	int r = 0;

	set->addr_len = set->args.family == PKTT_IPV6 ? 16 : 4;
	if (set->type->store == SET_BITMAP && set->type->part[0] == SET_PART_PORT)
		r = init_ports(set, err);
	else if (set->type->store == SET_BITMAP)
		r = init_addresses(set, err);
	else
		r = init_mask(set);
	if (r)
		return r;
	if (set->type->store == SET_LIST && set->args.size < 4)
		set->args.size = 4; /* as ipset has it */
	set_layout_init(set);
	set_shape_init(set, key);
	set->shape.value_words =
		set->nnets || set->layout.size || set->shape.key_words != set->shape.hash_words;
	return 0;
}

static int new_body(struct pktt_set *set, uint64_t born, struct pktt_error *err)
{
	struct set_body *body;

	if (set->type->store == SET_LIST)
		return 0;
	if (set_body_new(&body, set, born))
		return pktt_fail(err, -ENOMEM, "no memory for set %s", set->name);
	set_touch(set);
	body->older = set->body;
	__atomic_store_n(&set->body, body, __ATOMIC_RELEASE);
	return 0;
}

static int set_new(struct pktt_txn *txn, const char *name, const struct set_type *type,
		   const struct set_args *args, struct pktt_set **ret, struct pktt_error *err)
{
	struct pktt_set *set = calloc(1, sizeof(*set));
	int r;

	if (!set)
		return pktt_fail(err, -ENOMEM, "no memory for set %s", name);
	snprintf(set->key, sizeof(set->key), "%s", name);
	snprintf(set->name, sizeof(set->name), "%s", name);
	set->type = type;
	set->args = *args;
	set->store = set_store_of(txn);
	set->refs = 1;
	set->life = (struct life){ txn->gen, LIFE_NEVER };
	pthread_mutex_init(&set->lock, NULL);
	list_init(&set->members);
	r = set_init(set, &set->store->key, err);
	if (r == 0)
		r = new_body(set, txn->gen, err);
	if (r == 0 && set_shows_init(set))
		r = pktt_fail(err, -ENOMEM, "no memory for set %s", name);
	if (r)
		set_free(set);
	else
		*ret = set;
	return r;
}

static int check_name(const char *name, struct pktt_error *err)
{
	size_t len = strlen(name);

	if (len == 0 || len >= SET_NAME_MAX)
		return pktt_fail(err, -EINVAL, "the name of a set has 1 to %u characters",
				 SET_NAME_MAX - 1);
	return 0;
}

static int unknown_type(struct pktt_txn *txn, const char *type, struct pktt_error *err)
{
	const char *near =
		pktt_catalog_suggest(txn->engine->catalog, PKTT_KIND_SET, type, PKTT_IPV4);

	if (near)
		return pktt_fail(err, -EINVAL, "there is no type of set %s; did you mean %s?", type,
				 near);
	return pktt_fail(err, -EINVAL,
			 "there is no type of set %s: expected hash:ip, hash:net, ...", type);
}

/* The same as ipset takes it: the sizes and the key of its hash make no difference. */
static bool is_same_set(const struct pktt_set *a, const struct pktt_set *b)
{
	struct set_args args = b->args;

	args.hashsize = a->args.hashsize;
	args.bucketsize = a->args.bucketsize;
	args.initval = a->args.initval;
	return a->type == b->type && pktt_args_equal(&a->type->ext, &a->args, &args);
}

static int create_again(const struct pktt_set *set, const struct pktt_set *fresh, bool exists_too,
			struct pktt_error *err)
{
	if (exists_too && is_same_set(set, fresh))
		return 0;
	return pktt_fail(err, -EEXIST, "set %s is already there%s", set->name,
			 exists_too ? ", and not the same" : "");
}

/* What a set is created by. */
struct set_text {
	const char *name, *type, *options;
};

/* Takes *fresh on success. */
static int enter(struct pktt_txn *txn, struct pktt_set **fresh)
{
	int r = set_store_insert(set_store_of(txn), *fresh);

	if (r)
		return r;
	r = set_undo(txn, SET_UNDO_BORN, *fresh);
	if (r)
		set_store_remove(set_store_of(txn), *fresh);
	else
		*fresh = NULL;
	return r;
}

/* Of a new set the text says what one would create it by. */
static int note_create(struct pktt_txn *txn, const struct set_text *set)
{
	char text[512];

	snprintf(text, sizeof(text), "%s%s%s", set->type, set->options && *set->options ? " " : "",
		 set->options ? set->options : "");
	return change_set(txn, PKTT_CHANGE_SET_NEW, set->name, text);
}

/* A new set of that text, nobody's yet. */
static int make(struct pktt_set **ret, struct pktt_txn *txn, const struct set_text *text,
		bool *exists_too, struct pktt_error *err)
{
	const struct set_type *type = set_type_lookup(text->type);
	struct set_args args;
	int r = check_name(text->name, err);

	if (r)
		return r;
	if (!type)
		return unknown_type(txn, text->type, err);
	r = set_options_parse(type, text->options, &args, exists_too, err);
	return r ? r : set_new(txn, text->name, type, &args, ret, err);
}

static int enter_noted(struct pktt_txn *txn, const struct set_text *text, struct pktt_set **fresh,
		       struct pktt_error *err)
{
	if (enter(txn, fresh) || note_create(txn, text))
		return pktt_fail(err, -ENOMEM, "no memory for set %s", text->name);
	return 0;
}

int pktt_set_create(struct pktt_txn *txn, const char *name, const char *type, const char *options,
		    struct pktt_error *err)
{
	struct pktt_set *set = set_store_at(set_store_of(txn), name, txn->gen), *fresh = NULL;
	const struct set_text text = { name, type, options };
	bool exists_too;
	int r = make(&fresh, txn, &text, &exists_too, err);

	if (r == 0 && set)
		r = create_again(set_shown(set, txn->gen), fresh, exists_too, err);
	else if (r == 0)
		r = enter_noted(txn, &text, &fresh, err);
	if (fresh)
		set_free(fresh);
	return r;
}

/* --- Destroying ------------------------------------------------------------------------------ */

/* why: SET_UNDO_DIED, or SET_UNDO_REPLACED if it is looked at later who still uses it. */
static int destroy(struct pktt_txn *txn, struct pktt_set *set, enum set_undo_what why,
		   struct pktt_error *err)
{
	if (set->type->store == SET_LIST && set_list_flush(txn, set_shown(set, txn->gen)))
		return pktt_fail(err, -ENOMEM, "no memory to destroy set %s", set->key);
	if (set_undo(txn, why, set))
		return pktt_fail(err, -ENOMEM, "no memory to destroy set %s", set->key);
	__atomic_store_n(&set->life.dies, txn->gen, __ATOMIC_RELEASE);
	if (change_set(txn, PKTT_CHANGE_SET_DELETE, set->key, NULL))
		return pktt_fail(err, -ENOMEM, "no memory to destroy set %s", set->key);
	return 0;
}

int pktt_set_destroy(struct pktt_txn *txn, const char *name, struct pktt_error *err)
{
	struct pktt_set *set;
	int r = set_find_named(txn, name, &set, err);

	if (r == 0)
		r = set_check_unused(txn, set, err);
	return r ? r : destroy(txn, set, SET_UNDO_DIED, err);
}

static int take_over(struct pktt_txn *txn, struct pktt_set *set, const struct set_text *text,
		     struct pktt_set **fresh, struct pktt_error *err)
{
	int r = set_check_unused_by_new(txn, set, err);

	if (r == 0)
		r = destroy(txn, set, SET_UNDO_REPLACED, err);
	return r ? r : enter_noted(txn, text, fresh, err);
}

/* Made or emptied by it: a text that makes a set twice says so by mistake. */
static bool is_of_transaction(const struct pktt_set *set, uint64_t gen)
{
	const struct set_body *body = set_shown(set, gen)->body;

	return set->life.born == gen || (body && body->born == gen);
}

/*
 * A set alike keeps its users and loses its elements. Another one takes its name at once, and what used it
 * must be gone at the end: rules of tables that the same text replaces stand there until then.
 */
int pktt_set_replace(struct pktt_txn *txn, const char *name, const char *type, const char *options,
		     bool again, struct pktt_error *err)
{
	struct pktt_set *set = set_store_at(set_store_of(txn), name, txn->gen), *fresh = NULL;
	const struct set_text text = { name, type, options };
	bool exists_too;
	int r;

	if (!set || (!again && is_of_transaction(set, txn->gen)))
		return pktt_set_create(txn, name, type, options, err);
	r = make(&fresh, txn, &text, &exists_too, err);
	if (r == 0 && is_same_set(set_shown(set, txn->gen), fresh))
		r = pktt_set_flush(txn, name, err);
	else if (r == 0)
		r = take_over(txn, set, &text, &fresh, err);
	if (fresh)
		set_free(fresh);
	return r;
}

struct dead_body {
	struct pktt_set *set;
	struct set_body *body;
};

static void release_body(void *object)
{
	struct dead_body *dead = object;

	set_body_free(&dead->body, dead->set);
	pktt_set_put(dead->set);
	free(dead);
}

/*
 * Nobody reads what is in it, but readers on their way to an older one may look at its generation.
 */
static void retire_body(struct pktt_set *set, struct set_body *body)
{
	struct dead_body *dead = calloc(1, sizeof(*dead));

	if (!dead)
		return;
	pktt_set_get(set);
	*dead = (struct dead_body){ set, body };
	set_retire(set->store, dead, release_body);
}

static int flush_body(struct pktt_txn *txn, struct pktt_set *set, struct pktt_error *err)
{
	struct set_body *was = set->body;
	int r;

	if (was->born != txn->gen) {
		if (set_undo(txn, SET_UNDO_BODY, set))
			return pktt_fail(err, -ENOMEM, "no memory to flush set %s", set->name);
		r = new_body(set, txn->gen, err);
		if (r)
			set_undo_last(txn);
		return r;
	}
	r = new_body(set, txn->gen, err);
	if (r == 0) {
		__atomic_store_n(&set->body->older, was->older, __ATOMIC_RELEASE);
		retire_body(set, was);
	}
	return r;
}

int pktt_set_flush(struct pktt_txn *txn, const char *name, struct pktt_error *err)
{
	struct pktt_set *set;
	int r = set_find(txn, name, &set, err);

	if (r)
		return r;
	if (change_set(txn, PKTT_CHANGE_SET_FLUSH, name, NULL))
		return pktt_fail(err, -ENOMEM, "no memory to flush set %s", name);
	if (set->type->store == SET_LIST) {
		r = set_list_flush(txn, set);
		return r ? pktt_fail(err, r, "no memory to flush set %s", name) : 0;
	}
	pthread_mutex_lock(&set->lock);
	r = flush_body(txn, set, err);
	pthread_mutex_unlock(&set->lock);
	return r;
}

/* --- The transaction's outcome --------------------------------------------------------------- */

/* It shows nothing any more; its own elements stay while another set shows them. */
static void release_set(void *object)
{
	struct pktt_set *set = object;
	struct set_shows *shows = set->shows;

	set->shows = NULL;
	set_shows_free(shows);
	pktt_set_put(set);
}

/* The newest body's predecessor, which no reader needs any more. */
static void release_older(void *object)
{
	struct pktt_set *set = object;
	struct set_body *newest = set->body;

	pthread_mutex_lock(&set->lock);
	while (newest && newest->older && newest->older->older)
		newest = newest->older;
	if (newest) /* else no set shows any of them, and all went at once */
		set_body_free(&newest->older, set);
	pthread_mutex_unlock(&set->lock);
	pktt_set_put(set);
}

static void commit_one(struct pktt_set_store *store, const struct set_undo *u, uint64_t gen)
{
	switch (u->what) {
	case SET_UNDO_BORN:
		break;
	case SET_UNDO_DELTA:
		set_touch(u->set);
		break;
	case SET_UNDO_SWAP:
		set_swap_commit(u->set);
		break;
	case SET_UNDO_DIED:
	case SET_UNDO_REPLACED:
		set_store_remove(store, u->set);
		set_retire(store, u->set, release_set);
		break;
	case SET_UNDO_BODY:
		set_touch(u->set);
		pktt_set_get(u->set);
		set_retire(store, u->set, release_older);
		break;
	case SET_UNDO_MEMBERS:
		set_touch(u->set);
		set_list_commit(u->set, gen);
		break;
	}
}

void pktt_set_txn_commit(struct pktt_set_store *store, uint64_t gen)
{
	for (struct set_undo *u = store->undo; u; u = pop(store, u))
		commit_one(store, u, gen);
}

static void abort_body(struct pktt_set *set)
{
	struct set_body *body = set->body;

	__atomic_store_n(&set->body, body->older, __ATOMIC_RELEASE);
	retire_body(set, body);
}

static void abort_one(struct pktt_set_store *store, const struct set_undo *u, uint64_t gen)
{
	struct pktt_set *set = u->set;

	switch (u->what) {
	case SET_UNDO_BORN:
		__atomic_store_n(&set->life.born, LIFE_NEVER, __ATOMIC_RELEASE);
		set_store_remove(store, set);
		set_retire(store, set, release_set);
		break;
	case SET_UNDO_DIED:
	case SET_UNDO_REPLACED:
		__atomic_store_n(&set->life.dies, LIFE_NEVER, __ATOMIC_RELEASE);
		break;
	case SET_UNDO_BODY:
		abort_body(set);
		break;
	case SET_UNDO_DELTA:
		set_body_abort(set, set_body_at(set, gen - 1), gen);
		break;
	case SET_UNDO_MEMBERS:
		set_list_abort(set, gen);
		break;
	case SET_UNDO_SWAP:
		set_swap_abort(set);
		break;
	}
}

void pktt_set_txn_abort(struct pktt_set_store *store)
{
	uint64_t gen = pktt_engine_generation(store->engine) + 1;

	for (struct set_undo *u = store->undo; u;) {
		struct pktt_set *set = u->set;

		pthread_mutex_lock(&set->lock);
		abort_one(store, u, gen);
		set->changed = 0;
		pthread_mutex_unlock(&set->lock);
		u = pop(store, u);
	}
}

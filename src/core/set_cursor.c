/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements for listings: one, or all in steps. A cursor keeps a number of a slot, not a place in memory:
 * tables may be replaced between two steps, which the set's version tells.
 */
#include "core/set_store.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pktt_set_cursor {
	struct pktt_set *set;
	uint32_t at, delta_at; /* slots that are behind it */
	uint32_t nmember;      /* members that are behind it */
};

int pktt_set_cursor_new(struct pktt_set_cursor **ret, struct pktt_set *set)
{
	struct pktt_set_cursor *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	pktt_set_get(set);
	c->set = set;
	*ret = c;
	return 0;
}

void pktt_set_cursor_free(struct pktt_set_cursor **slot)
{
	if (*slot)
		pktt_set_put((*slot)->set);
	free(*slot);
	*slot = NULL;
}

static uint64_t current(const struct pktt_set *set)
{
	return pktt_engine_generation(set->store->engine);
}

static void put_element(struct pktt_set *set, const struct set_body *body, const uint32_t *key,
			uint32_t value, uint64_t now, struct str *out)
{
	const char *record = set_record(set, body, value);

	set_element_print(set, key, record, out);
	set_record_print(set, record, value & 3, now, out);
}

struct found {
	const struct pktt_set *set;
	const struct set_body *body;
	uint64_t now;
	uint32_t key[SET_KEY_WORDS], value;
	bool is_there;
};

/* The walk ends at the first that has not expired. */
static bool see(void *ctx, const uint32_t *key, uint32_t value)
{
	struct found *f = ctx;

	if (set_record_is_expired(f->set, set_record(f->set, f->body, value), f->now))
		return true;
	memcpy(f->key, key, f->set->shape.key_words * sizeof(*key));
	f->value = value;
	f->is_there = true;
	return false;
}

static int next_element(struct pktt_set_cursor *c, uint64_t now, struct str *out)
{
	struct found f = { .set = c->set, .now = now };

	f.body = set_body_at(c->set, current(c->set));
	if (!f.body)
		return 0;
	set_body_step(f.body, current(c->set), &c->at, &c->delta_at, see, &f);
	if (f.is_there)
		put_element(c->set, f.body, f.key, f.value, now, out);
	return f.is_there;
}

/* Lists are short: the place is a number. */
static int next_member(struct pktt_set_cursor *c, uint64_t now, struct str *out)
{
	struct set_member *m = NULL;
	uint32_t n = 0;

	while ((m = set_member_next(c->set, m, current(c->set)))) {
		if (n++ < c->nmember || set_record_is_expired(c->set, m->record, now))
			continue;
		c->nmember = n;
		str_puts(out, m->set->key);
		set_record_print(c->set, m->record, 0, now, out);
		return 1;
	}
	return 0;
}

int pktt_set_cursor_next(struct pktt_set_cursor *c, uint64_t time_ns, struct str *out)
{
	uint64_t now = set_clock(c->set->store, time_ns);
	int r;

	pthread_mutex_lock(&c->set->lock);
	if (c->set->type->store == SET_LIST)
		r = next_member(c, now, out);
	else
		r = next_element(c, now, out);
	pthread_mutex_unlock(&c->set->lock);
	return out->failed ? -ENOMEM : r;
}

uint64_t pktt_set_version(const struct pktt_set *set)
{
	return __atomic_load_n(&set->version, __ATOMIC_ACQUIRE);
}

uint64_t pktt_set_count(struct pktt_set *set)
{
	const struct set_body *body;
	uint64_t n;

	pthread_mutex_lock(&set->lock);
	body = set_body_at(set, current(set));
	n = set->type->store == SET_LIST ? set->nmembers : body ? body->count : 0;
	pthread_mutex_unlock(&set->lock);
	return n;
}

void pktt_set_options(const struct pktt_set *set, struct str *out)
{
	set_options_print(set, out);
}

/* --- One ------------------------------------------------------------------------------------- */

static int get_member(struct pktt_set *list, const struct set_element *e, uint64_t now,
		      struct str *out)
{
	struct set_member *m = NULL;

	while ((m = set_member_next(list, m, current(list))))
		if (strcmp(m->set->key, e->member) == 0)
			break;
	if (!m || set_record_is_expired(list, m->record, now))
		return 0;
	str_puts(out, m->set->key);
	set_record_print(list, m->record, 0, now, out);
	return 1;
}

static int get_element(struct pktt_set *set, struct set_element *e, uint64_t now, struct str *out)
{
	struct set_write w = { .set = set, .gen = current(set), .now = now };
	struct set_point point = { 0 };
	uint32_t key[SET_KEY_WORDS], value = 0;

	w.body = set_body_at(set, w.gen);
	set_element_first(set, e, &point);
	if (!w.body || !set_element_find(&w, &point, key, &value) ||
	    set_record_is_expired(set, set_record(set, w.body, value), now))
		return 0;
	put_element(set, w.body, key, value, now, out);
	return 1;
}

int pktt_set_element_get(struct pktt_set *set, const char *element, uint64_t time_ns,
			 struct str *out, struct pktt_error *err)
{
	uint64_t now = set_clock(set->store, time_ns);
	struct set_element e;
	int r = set_element_parse(set, element, &e, err);

	if (r)
		return r;
	if (set->type->store != SET_LIST && set_element_count(set, &e) > 1)
		return pktt_fail(err, -EINVAL, "a range is several elements");
	pthread_mutex_lock(&set->lock);
	if (set->type->store == SET_LIST)
		r = get_member(set, &e, now, out);
	else
		r = get_element(set, &e, now, out);
	pthread_mutex_unlock(&set->lock);
	return out->failed ? pktt_fail(err, -ENOMEM, "no memory for an element") : r;
}

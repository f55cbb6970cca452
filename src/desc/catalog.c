/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The catalog.
 *
 * Every name and alias is an entry of a hash table with open addressing; one name may belong to
 * several tables that serve different families (LOG and the bridge's log), so that a lookup looks
 * at every entry of the name. Entries only come, none goes, so there are no graves to step over.
 */
#include "desc/catalog.h"

#include "base/distance.h"
#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	const struct pktt_ext *ext; /* NULL = free */
	const char *name;	    /* a piece of ext->name or ext->aliases */
	size_t len;
};

struct pktt_catalog {
	struct entry *entry;
	size_t room, used; /* room is a power of two and more than used */
	const struct pktt_ext **sorted;
	size_t count, sorted_room;
	const struct pktt_ext *head[PKTT_FAMILY_COUNT];
};

int pktt_catalog_new(struct pktt_catalog **ret)
{
	struct pktt_catalog *cat = calloc(1, sizeof(*cat));

	if (!cat)
		return -ENOMEM;
	*ret = cat;
	return 0;
}

void pktt_catalog_free(struct pktt_catalog **cat)
{
	if (!*cat)
		return;
	free((*cat)->entry);
	free((*cat)->sorted);
	free(*cat);
	*cat = NULL;
}

/* --- Names ------------------------------------------------------------------------------------ */

/* The families of an extension, inet among them if it has IPv4 and IPv6. */
static uint32_t families(const struct pktt_ext *ext)
{
	uint32_t both = PKTT_FAM_V4 | PKTT_FAM_V6;
	uint32_t set = ext->families;

	return (set & both) == both ? set | PKTT_FAM(PKTT_INET) : set;
}

/* The n-th name: the name itself, then the aliases. False after the last. */
static bool name_at(const struct pktt_ext *ext, unsigned int n, const char **name, size_t *len)
{
	*name = ext->name;
	*len = strlen(ext->name);
	for (const char *rest = ext->aliases; n > 0; n--) {
		if (!rest)
			return false;
		rest += strspn(rest, " ");
		*name = rest;
		*len = strcspn(rest, " ");
		if (*len == 0)
			return false;
		rest += *len;
	}
	return true;
}

/* FNV-1a; the names are ours or a plug-in's, who does worse things if it wants to. */
static size_t hash(enum pktt_ext_kind kind, const char *name, size_t len)
{
	uint64_t h = 14695981039346656037u + (uint64_t)kind;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static bool is_entry(const struct entry *e, enum pktt_ext_kind kind, const char *name, size_t len)
{
	return e->ext->kind == kind && e->len == len && memcmp(e->name, name, len) == 0;
}

static const struct pktt_ext *find(const struct pktt_catalog *cat, enum pktt_ext_kind kind,
				   const char *name, size_t len, uint32_t fams)
{
	size_t mask = cat->room - 1;

	if (cat->room == 0)
		return NULL;
	for (size_t i = hash(kind, name, len) & mask; cat->entry[i].ext; i = (i + 1) & mask)
		if (is_entry(&cat->entry[i], kind, name, len) && families(cat->entry[i].ext) & fams)
			return cat->entry[i].ext;
	return NULL;
}

static void put(struct entry *table, size_t room, const struct entry *e)
{
	size_t i = hash(e->ext->kind, e->name, e->len) & (room - 1);

	while (table[i].ext)
		i = (i + 1) & (room - 1);
	table[i] = *e;
}

/* Room for more entries with half of the table free. */
static int reserve(struct pktt_catalog *cat, size_t more)
{
	size_t room = cat->room ? cat->room : 64;
	struct entry *table;

	while (room < 2 * (cat->used + more))
		room *= 2;
	if (room == cat->room)
		return 0;
	table = calloc(room, sizeof(*table));
	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < cat->room; i++)
		if (cat->entry[i].ext)
			put(table, room, &cat->entry[i]);
	free(cat->entry);
	cat->entry = table;
	cat->room = room;
	return 0;
}

/* --- Adding ----------------------------------------------------------------------------------- */

static int compare(const struct pktt_ext *a, const struct pktt_ext *b)
{
	int r = strcmp(a->name, b->name);

	if (r)
		return r;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->families < b->families ? -1 : a->families > b->families;
}

static int insert_sorted(struct pktt_catalog *cat, const struct pktt_ext *ext)
{
	size_t at = cat->count;

	if (cat->count == cat->sorted_room) {
		size_t room = cat->sorted_room ? 2 * cat->sorted_room : 64;
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
		const struct pktt_ext **more = realloc(cat->sorted, room * sizeof(ext));

		if (!more)
			return -ENOMEM;
		cat->sorted = more;
		cat->sorted_room = room;
	}
	for (; at > 0 && compare(cat->sorted[at - 1], ext) > 0; at--)
		cat->sorted[at] = cat->sorted[at - 1];
	cat->sorted[at] = ext;
	cat->count++;
	return 0;
}

static int refuse_known(const struct pktt_catalog *cat, const struct pktt_ext *ext,
			struct pktt_error *err)
{
	const char *name;
	size_t len;

	for (unsigned int n = 0; name_at(ext, n, &name, &len); n++) {
		const struct pktt_ext *known = find(cat, ext->kind, name, len, families(ext));

		if (known)
			return pktt_fail(err, -EEXIST,
					 "extension %s: the name %.*s is taken, by %s (%s)",
					 ext->name, (int)len, name, known->name, known->summary);
	}
	return 0;
}

static int refuse_head(const struct pktt_catalog *cat, const struct pktt_ext *ext,
		       struct pktt_error *err)
{
	for (unsigned int f = 0; ext->kind == PKTT_KIND_HEAD && f < PKTT_FAMILY_COUNT; f++)
		if (cat->head[f] && ext->families >> f & 1)
			return pktt_fail(err, -EEXIST,
					 "extension %s: its family has a head already, %s",
					 ext->name, cat->head[f]->name);
	return 0;
}

int pktt_catalog_add(struct pktt_catalog *cat, const struct pktt_ext *ext, struct pktt_error *err)
{
	struct entry e = { .ext = ext };
	unsigned int names = 0;
	int r = pktt_lint_ext(ext, err);

	if (r == 0)
		r = refuse_known(cat, ext, err);
	if (r == 0)
		r = refuse_head(cat, ext, err);
	if (r)
		return r;
	while (name_at(ext, names, &e.name, &e.len))
		names++;
	if (reserve(cat, names) || insert_sorted(cat, ext))
		return pktt_fail(err, -ENOMEM, "no memory for extension %s", ext->name);
	for (unsigned int n = 0; name_at(ext, n, &e.name, &e.len); n++)
		put(cat->entry, cat->room, &e);
	cat->used += names;
	for (unsigned int f = 0; ext->kind == PKTT_KIND_HEAD && f < PKTT_FAMILY_COUNT; f++)
		if (ext->families >> f & 1)
			cat->head[f] = ext;
	return 0;
}

/* --- Asking ----------------------------------------------------------------------------------- */

const struct pktt_ext *pktt_catalog_lookup(const struct pktt_catalog *cat, enum pktt_ext_kind kind,
					   const char *name, enum pktt_family family)
{
	return find(cat, kind, name, strlen(name), PKTT_FAM(family));
}

const struct pktt_ext *pktt_catalog_head(const struct pktt_catalog *cat, enum pktt_family family)
{
	return cat->head[family];
}

const struct pktt_ext *pktt_catalog_at(const struct pktt_catalog *cat, size_t index)
{
	return index < cat->count ? cat->sorted[index] : NULL;
}

/* An alias that is near suggests the extension's own name. */
const char *pktt_catalog_suggest(const struct pktt_catalog *cat, enum pktt_ext_kind kind,
				 const char *name, enum pktt_family family)
{
	size_t len = strlen(name), best = DISTANCE_MAX + 1, near_len;
	const char *found = NULL, *known;

	for (size_t i = 0; i < cat->count; i++) {
		const struct pktt_ext *ext = cat->sorted[i];

		if (ext->kind != kind || !(families(ext) & PKTT_FAM(family)))
			continue;
		for (unsigned int n = 0; name_at(ext, n, &known, &near_len); n++) {
			size_t dist = distance(name, len, known, near_len);

			if (dist < best && distance_is_near(dist, len)) {
				best = dist;
				found = ext->name;
			}
		}
	}
	return found;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: packets that wait for a verdict. They are sent in order of arrival and mostly judged in that
 * order, but a program may answer in any; so they stand in a list and, by identifier, in buckets.
 * Identifiers follow each other and so do the buckets: as many packets as there are buckets wait in
 * chains of one.
 */
#include "bus/sub_queue_own.h"

void queue_store_init(struct queue_store *store)
{
	*store = (struct queue_store){ .count = 0 };
	list_init(&store->entries);
	store->unsent = &store->entries;
}

static struct queue_entry **bucket_of(struct queue_store *store, uint64_t id)
{
	return &store->bucket[id % QUEUE_BUCKETS];
}

void queue_store_append(struct queue_store *store, struct queue_entry *entry)
{
	struct queue_entry **bucket;

	entry->id = ++store->seq;
	entry->is_sent = false;
	bucket = bucket_of(store, entry->id);
	entry->same = *bucket;
	*bucket = entry;
	list_insert_before(&store->entries, &entry->link);
	if (store->unsent == &store->entries)
		store->unsent = &entry->link;
	store->count++;
}

void queue_store_remove(struct queue_store *store, struct queue_entry *entry)
{
	struct queue_entry **at = bucket_of(store, entry->id);

	while (*at != entry)
		at = &(*at)->same;
	*at = entry->same;
	if (store->unsent == &entry->link)
		store->unsent = entry->link.next;
	list_remove(&entry->link);
	store->count--;
}

struct queue_entry *queue_store_find(const struct queue_store *store, uint64_t id)
{
	struct queue_entry *entry = store->bucket[id % QUEUE_BUCKETS];

	while (entry && entry->id != id)
		entry = entry->same;
	return entry;
}

struct queue_entry *queue_store_first(const struct queue_store *store)
{
	if (list_is_empty(&store->entries))
		return NULL;
	return list_entry(store->entries.next, struct queue_entry, link);
}

struct queue_entry *queue_store_unsent(const struct queue_store *store)
{
	if (store->unsent == &store->entries)
		return NULL;
	return list_entry(store->unsent, struct queue_entry, link);
}

void queue_store_sent(struct queue_store *store, struct queue_entry *entry)
{
	entry->is_sent = true;
	if (store->unsent == &entry->link)
		store->unsent = entry->link.next;
}

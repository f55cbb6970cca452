/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life-cycle: an entry is made by the first packet of its key and goes when no packet of that key
 * came for the time to expire. Expired entries are found by whoever looks for their key, and all of
 * them are swept out, once in an interval at most, when a new entry would make the table too large.
 *
 * Synchronization: one lock a table, held for the few instructions of a packet.
 */
#include "ext/hashlimit.h"

#include "base/list.h"
#include "base/own.h"
#include "base/siphash.h"
#include "core/l3.h"
#include "core/packet.h"
#include "ext/rate.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

/* Buckets where nobody says: Linux's for more than a gigabyte of memory. */
enum { DEFAULT_SIZE = 8192, ENTRIES_A_BUCKET = 8, CHUNK_SHIFT = 4 };

#define NS	    UINT64_C(1000000000)
#define NS_PER_MS   UINT64_C(1000000)
#define BYTE_SECOND (UINT64_C(1) << 32) /* credit of a second, in parts that bytes are priced in */

struct key { /* hashed and compared as bytes: no padding */
	uint8_t src[16], dst[16];
	uint8_t sport[2], dport[2];
	uint32_t len;
};

struct entry {
	struct list node;
	struct key key;
	uint64_t expires_ns;
	struct rate_bucket bucket;
	uint64_t refills;      /* bytes: times that the credit may still be filled up */
	uint64_t window_count; /* rate match: packets or bytes of the interval */
	bool was_over;	       /* rate match: the interval before was above the rate */
};

struct hashlimit_table {
	pthread_mutex_t lock;
	struct hashlimit_config config;
	struct rate_price price;
	uint64_t chunk_cost; /* bytes */
	struct siphash_key key;
	uint32_t size, max, count;
	uint64_t next_sweep_ns; /* not before: a full table must not be walked for every packet */
	struct list *bucket;
};

/* --- Prices ------------------------------------------------------------------------------------- */

/* Parts of 2^32 that a chunk of 16 bytes costs, as the front end of Linux computes them. */
static uint64_t chunk_price(const struct hashlimit_args *args)
{
	return UINT32_MAX / ((args->rate.count >> CHUNK_SHIFT) + 1);
}

uint64_t hashlimit_rate_bytes(const struct hashlimit_args *args)
{
	uint64_t price = chunk_price(args), chunks = price ? UINT32_MAX / price : UINT32_MAX;

	return (chunks - 1) << CHUNK_SHIFT;
}

/* A power of two of credit for each jiffy, as much as 32 bits hold for a second. */
static uint64_t byte_credit_per_jiffy(uint32_t hz)
{
	uint64_t credit = 1;

	while (credit * 2 <= UINT32_MAX / hz)
		credit *= 2;
	return credit;
}

static void price_bytes(struct hashlimit_table *table)
{
	uint32_t hz = table->config.hz;
	uint64_t price = chunk_price(&table->config.args);

	table->price.hz = hz;
	if (hz == 0) {
		table->price.gain = BYTE_SECOND;
		table->price.cap = BYTE_SECOND * NS;
		table->chunk_cost = price * NS;
		return;
	}
	table->price.gain = byte_credit_per_jiffy(hz);
	table->price.cap = table->price.gain * hz;
	table->chunk_cost = price * table->price.cap >> 32;
}

static void set_prices(struct hashlimit_table *table)
{
	const struct hashlimit_args *args = &table->config.args;

	if (args->rate.is_bytes)
		price_bytes(table);
	else
		rate_price_hashlimit(&table->price, &args->rate, (uint32_t)args->burst.count,
				     table->config.hz);
}

/* --- The table ----------------------------------------------------------------------------------- */

static void set_size(struct hashlimit_table *table)
{
	const struct hashlimit_args *args = &table->config.args;

	table->size = args->size ? args->size : DEFAULT_SIZE;
	table->max = args->max ? args->max : table->size * ENTRIES_A_BUCKET;
	if (table->max < table->size)
		table->max = table->size;
}

int hashlimit_table_new(struct hashlimit_table **ret, const struct hashlimit_config *config,
			struct pktt_error *err)
{
	struct hashlimit_table *table = calloc(1, sizeof(*table));

	if (!table)
		return pktt_fail(err, -ENOMEM, "no memory for a table of hashlimit");
	table->config = *config;
	table->key = (struct siphash_key){ { config->seed, ~config->seed } };
	set_size(table);
	set_prices(table);
	table->bucket = calloc(table->size, sizeof(*table->bucket));
	if (!table->bucket) {
		free(table);
		return pktt_fail(err, -ENOMEM, "no memory for the buckets of hashlimit");
	}
	for (uint32_t i = 0; i < table->size; i++)
		list_init(&table->bucket[i]);
	pthread_mutex_init(&table->lock, NULL);
	*ret = table;
	return 0;
}

/* Free what has expired by then. */
static void sweep(struct hashlimit_table *table, uint64_t now_ns)
{
	for (uint32_t i = 0; i < table->size; i++)
		for (struct list *n = table->bucket[i].next, *next; n != &table->bucket[i];
		     n = next) {
			struct entry *entry = list_entry(n, struct entry, node);

			next = n->next;
			if (entry->expires_ns > now_ns)
				continue;
			list_remove(n);
			free(entry);
			table->count--;
		}
}

void hashlimit_table_free(struct hashlimit_table **slot)
{
	struct hashlimit_table *table = *slot;

	if (!table)
		return;
	sweep(table, UINT64_MAX);
	pthread_mutex_destroy(&table->lock);
	free(table->bucket);
	free(table);
	*slot = NULL;
}

/* --- Keys ----------------------------------------------------------------------------------------- */

static void put_masked(uint8_t *to, const struct pktt_addr *addr, unsigned int bits)
{
	for (unsigned int i = 0; i<addr->len; i++, bits = bits> 8 ? bits - 8 : 0)
		to[i] = bits >= 8 ? addr->byte[i] : (uint8_t)(addr->byte[i] & 0xff00 >> bits);
}

/* Where the ports stand in the header of a protocol that has some; -1 for others. */
static int ports_at(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_DCCP:
	case IPPROTO_ESP: /* the security parameter index */
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
		return 0;
	case IPPROTO_AH:
		return 4;
	default:
		return -1;
	}
}

/*
 * false where the ports should be there and are not, or the packet has no payload at all. Protocols
 * without ports have port 0, and so have later fragments in IPv6; in IPv4 Linux takes the bytes that
 * stand where the ports would be.
 */
static bool put_ports(struct key *key, const struct pktt_packet *pkt, uint32_t mode)
{
	const uint8_t *ports;
	uint8_t next;
	uint16_t frag_off = 0;
	int at;

	/* Behind the header of a later fragment nothing is looked for: its protocol may be hidden. */
	if (key->len == 16 && !pkt->has_l4)
		return pktt_ipv6_find(pkt, IPPROTO_FRAGMENT, &next, &frag_off) > 0 && frag_off;
	if (!pkt->has_l4 || (key->len == 16 && pkt->protocol == IPPROTO_NONE && !pkt->frag_off))
		return false;
	at = ports_at(pkt->protocol);
	if (at < 0 || (key->len == 16 && pkt->frag_off))
		return true;
	ports = pktt_packet_read(pkt, PKTT_L4, (uint32_t)at, 4);
	if (!ports)
		return false;
	if (mode & HASHLIMIT_SRCPORT)
		memcpy(key->sport, ports, 2);
	if (mode & HASHLIMIT_DSTPORT)
		memcpy(key->dport, ports + 2, 2);
	return true;
}

static bool make_key(struct key *key, const struct hashlimit_table *table,
		     const struct pktt_packet *pkt)
{
	const struct hashlimit_config *config = &table->config;
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);
	uint32_t mode = config->args.mode;

	memset(key, 0, sizeof(*key));
	key->len = src.len;
	if (mode & HASHLIMIT_SRCIP)
		put_masked(key->src, &src, config->srcmask);
	if (mode & HASHLIMIT_DSTIP)
		put_masked(key->dst, &dst, config->dstmask);
	if (mode & (HASHLIMIT_SRCPORT | HASHLIMIT_DSTPORT))
		return put_ports(key, pkt, mode);
	return true;
}

/* --- Entries --------------------------------------------------------------------------------------- */

static void start(const struct hashlimit_table *table, struct entry *entry, uint64_t now)
{
	const struct hashlimit_args *args = &table->config.args;

	entry->bucket.prev = now;
	entry->bucket.credit = entry->bucket.cap = table->price.cap;
	entry->refills = 0;
	entry->window_count = 0;
	entry->was_over = false;
	if (args->rate.is_bytes && table->config.has_burst) {
		uint64_t rate = hashlimit_rate_bytes(args);

		entry->refills = rate ? args->burst.count / rate : args->burst.count;
	}
}

static struct entry *find(struct hashlimit_table *table, const struct key *key, struct list **head)
{
	uint64_t hash = siphash(&table->key, key, sizeof(*key));

	*head = &table->bucket[(hash >> 32) * table->size >> 32];
	for (struct list *n = (*head)->next; n != *head; n = n->next) {
		struct entry *entry = list_entry(n, struct entry, node);

		if (memcmp(&entry->key, key, sizeof(*key)) == 0)
			return entry;
	}
	return NULL;
}

static struct entry *add(struct hashlimit_table *table, const struct key *key, struct list *head,
			 uint64_t now_ns)
{
	struct entry *entry;

	if (table->count >= table->max && now_ns >= table->next_sweep_ns) {
		sweep(table, now_ns);
		table->next_sweep_ns = now_ns + table->config.args.gc_interval_ms * NS_PER_MS;
	}
	if (table->count >= table->max)
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->key = *key;
	list_insert_before(head, &entry->node);
	table->count++;
	return entry;
}

/* --- Rate match: the packets of an interval are counted, and judged when it is over ---------------- */

/* Packets or bytes of a second, in whole numbers as in Linux. */
static uint64_t rate_a_second(const struct hashlimit_args *args)
{
	uint64_t period_us;

	if (args->rate.is_bytes)
		return hashlimit_rate_bytes(args);
	period_us = (uint64_t)args->rate.seconds * 1000000 / args->rate.count;
	return period_us ? 1000000 / period_us : 0;
}

static void end_window(const struct hashlimit_table *table, struct entry *entry, uint64_t now)
{
	uint64_t second = table->config.hz ? table->config.hz : NS;
	uint64_t interval = table->config.args.interval_s * second;
	uint64_t ticks = now > entry->bucket.prev ? now - entry->bucket.prev : 0;

	if (ticks < interval)
		return;
	entry->bucket.prev = now;
	entry->was_over = (unsigned __int128)entry->window_count * interval >
			  (unsigned __int128)ticks * rate_a_second(&table->config.args);
	entry->window_count = 0;
}

static bool is_in_window(const struct hashlimit_table *table, struct entry *entry, uint32_t len,
			 const struct hashlimit_args *args)
{
	const struct hashlimit_args *of = &table->config.args;
	uint64_t rate = rate_a_second(of), most;

	entry->window_count += args->rate.is_bytes ? len : 1;
	if (!of->rate.is_bytes)
		most = of->burst.count + rate;
	else
		most = table->config.has_burst && rate ? of->burst.count / rate * rate : rate;
	return !entry->was_over && entry->window_count <= most;
}

/* --- Judging ---------------------------------------------------------------------------------- */

static uint64_t price_of(const struct hashlimit_table *table, struct entry *entry, uint32_t len,
			 const struct hashlimit_args *args)
{
	uint64_t cost;

	if (!args->rate.is_bytes)
		return table->price.cost;
	if (__builtin_mul_overflow((uint64_t)(len >> CHUNK_SHIFT) + 1, table->chunk_cost, &cost) ||
	    cost > table->price.cap)
		cost = table->price.cap;
	if (entry->bucket.credit < cost && entry->refills) {
		entry->refills--;
		entry->bucket.credit = table->price.cap;
	}
	return cost;
}

static bool judge(const struct hashlimit_table *table, struct entry *entry, bool is_new,
		  const struct pktt_packet *pkt, const struct hashlimit_args *args)
{
	uint64_t now = rate_now(pkt->time_ns, table->config.hz);
	uint32_t len = pktt_packet_wire_len(pkt);

	entry->expires_ns = pkt->time_ns + table->config.expire_ms * NS_PER_MS;
	if (is_new)
		start(table, entry, now);
	else if (table->config.args.rate_match)
		end_window(table, entry, now);
	else
		rate_refill(&entry->bucket, &table->price, now);
	if (args->rate_match)
		return is_in_window(table, entry, len, args);
	return rate_take(&entry->bucket, price_of(table, entry, len, args));
}

enum pktt_hit hashlimit_table_ask(struct hashlimit_table *table, const struct pktt_packet *pkt,
				  const struct hashlimit_args *args)
{
	enum pktt_hit hit = PKTT_BAD;
	struct entry *entry;
	struct list *head;
	struct key key;
	bool is_new;

	if (!make_key(&key, table, pkt))
		return PKTT_BAD;
	pthread_mutex_lock(&table->lock);
	entry = find(table, &key, &head);
	is_new = !entry || entry->expires_ns <= pkt->time_ns;
	if (!entry)
		entry = add(table, &key, head, pkt->time_ns);
	if (entry)
		hit = judge(table, entry, is_new, pkt, args) ? PKTT_HIT : PKTT_MISS;
	pthread_mutex_unlock(&table->lock);
	return hit;
}

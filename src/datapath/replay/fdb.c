/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address table of bridges. Anybody on a port may invent addresses, so the table is bounded and
 * hashed under a key: a bucket has four entries, the one seen longest ago makes room.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "path.h"

enum { BUCKETS = 4096, WAYS = 4, MAC = 6 };
/* br->ageing_time */
#define AGEING_NS (UINT64_C(300) * 1000000000)

struct entry {
	const struct pktt_iface *port; /* NULL = free */
	uint64_t seen_ns;
	uint8_t mac[MAC];
};

struct fdb {
	struct siphash_key key;
	struct entry entry[BUCKETS][WAYS];
};

int fdb_new(struct fdb **ret, uint64_t seed)
{
	struct fdb *fdb = calloc(1, sizeof(*fdb));

	if (!fdb)
		return -ENOMEM;
	fdb->key = (struct siphash_key){ { seed, ~seed } };
	*ret = fdb;
	return 0;
}

void fdb_free(struct fdb **fdb)
{
	free(*fdb);
	*fdb = NULL;
}

static unsigned int bucket_of(const struct fdb *fdb, const struct pktt_iface *bridge,
			      const uint8_t *mac)
{
	uint8_t key[MAC + 4];

	memcpy(key, mac, MAC);
	memcpy(key + MAC, &bridge->index, 4);
	return siphash(&fdb->key, key, sizeof(key)) % BUCKETS;
}

static bool is_entry_of(const struct entry *e, const struct pktt_iface *bridge, const uint8_t *mac)
{
	return e->port && e->port->bridge == bridge && memcmp(e->mac, mac, MAC) == 0;
}

void fdb_learn(struct fdb *fdb, const struct pktt_iface *port, const uint8_t *mac, uint64_t now_ns)
{
	struct entry *bucket = fdb->entry[bucket_of(fdb, port->bridge, mac)], *to = bucket;

	for (unsigned int i = 0; i < WAYS; i++) {
		if (is_entry_of(&bucket[i], port->bridge, mac)) {
			to = &bucket[i];
			break;
		}
		if (!bucket[i].port || (to->port && bucket[i].seen_ns < to->seen_ns))
			to = &bucket[i];
	}
	*to = (struct entry){ .port = port, .seen_ns = now_ns };
	memcpy(to->mac, mac, MAC);
}

const struct pktt_iface *fdb_lookup(const struct fdb *fdb, const struct pktt_iface *bridge,
				    const uint8_t *mac, uint64_t now_ns)
{
	const struct entry *bucket = fdb->entry[bucket_of(fdb, bridge, mac)];

	for (unsigned int i = 0; i < WAYS; i++)
		if (is_entry_of(&bucket[i], bridge, mac) && now_ns - bucket[i].seen_ns < AGEING_NS)
			return bucket[i].port;
	return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors to one host are paid with tokens, one an interval, six saved up at most. Hosts share a
 * slot where their hashes meet, as they share a table's memory; the key keeps others from arranging
 * it.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/siphash.h"
#include "path.h"

enum { SLOTS = 1024, BURST = 6 };

struct slot {
	bool is_used;
	uint64_t last_ms, tokens_ms;
};

struct ratelimit {
	struct siphash_key key;
	uint32_t interval_ms;
	struct slot slot[SLOTS];
};

int ratelimit_new(struct ratelimit **ret, uint64_t seed, uint32_t interval_ms)
{
	struct ratelimit *limit = calloc(1, sizeof(*limit));

	if (!limit)
		return -ENOMEM;
	limit->key = (struct siphash_key){ { ~seed, seed } };
	limit->interval_ms = interval_ms;
	*ret = limit;
	return 0;
}

void ratelimit_free(struct ratelimit **limit)
{
	free(*limit);
	*limit = NULL;
}

bool ratelimit_allows(struct ratelimit *limit, const struct pktt_addr *to, uint64_t now_ns)
{
	struct slot *slot = &limit->slot[siphash(&limit->key, to->byte, to->len) % SLOTS];
	uint64_t now = now_ns / 1000000, full = (uint64_t)limit->interval_ms * BURST;

	if (!slot->is_used)
		slot->tokens_ms = full;
	else
		slot->tokens_ms += now - slot->last_ms;
	if (slot->tokens_ms > full)
		slot->tokens_ms = full;
	slot->is_used = true;
	slot->last_ms = now;
	if (slot->tokens_ms < limit->interval_ms)
		return false;
	slot->tokens_ms -= limit->interval_ms;
	return true;
}

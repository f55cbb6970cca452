/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hash functions over the ten words of a tuple. */
#include "conntrack/hash.h"

uint64_t ct_hash_siphash(const struct siphash_key *key, const struct ct_tuple *tuple)
{
	return siphash(key, tuple, sizeof(*tuple));
}

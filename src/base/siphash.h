/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012, with one round a word and three at the end): a keyed
 * hash for tables that strangers fill. Who does not know the key cannot choose the bucket.
 */
#ifndef PKTT_BASE_SIPHASH_H
#define PKTT_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k[2];
};

/* The 16 bytes of a key, in the order in which test vectors give them. */
struct siphash_key siphash_key_of(const uint8_t bytes[16]);
uint64_t siphash(const struct siphash_key *key, const void *data, size_t len);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hash functions of tuples. A tuple's ten words are read in memory order; of an IPv4 tuple only the four
 * that say something, so that its hash costs a third less.
 */
#include "conntrack/hash.h"

#include "base/crc32c.h"
#include "base/jhash.h"

#include <string.h>

/* Words of struct ct_tuple. */
enum { SRC = 0, DST = 4, PORTS = 8, REST = 9, WORDS = 10 };

static uint32_t word_of(const struct ct_tuple *t, unsigned int i)
{
	uint32_t word;

	memcpy(&word, (const char *)t + 4 * (size_t)i, sizeof(word));
	return word;
}

/* Little-endian whatever the machine is, so that a hash is the same number everywhere. */
static uint64_t two_words(const struct ct_tuple *t, unsigned int low, unsigned int high)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap32(word_of(t, low)) | (uint64_t)__builtin_bswap32(word_of(t, high))
							    << 32;
#else
	return word_of(t, low) | (uint64_t)word_of(t, high) << 32;
#endif
}

/* --- SipHash-1-3 of 16 or 40 bytes: base/siphash.c without its loops ----------------------------- */

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotl(uint64_t x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

static inline __attribute__((always_inline)) void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 = rotl(s->v2, 32);
}

static inline __attribute__((always_inline)) void absorb(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

uint64_t ct_hash_siphash(const struct siphash_key *key, const struct ct_tuple *tuple)
{
	struct sip s = {
		key->k[0] ^ UINT64_C(0x736f6d6570736575),
		key->k[1] ^ UINT64_C(0x646f72616e646f6d),
		key->k[0] ^ UINT64_C(0x6c7967656e657261),
		key->k[1] ^ UINT64_C(0x7465646279746573),
	};

	if (tuple->family == PKTT_IPV6) {
		for (unsigned int i = 0; i < PORTS; i += 2)
			absorb(&s, two_words(tuple, i, i + 1));
	} else {
		absorb(&s, two_words(tuple, SRC, DST));
	}
	absorb(&s, two_words(tuple, PORTS, REST));
	absorb(&s, (tuple->family == PKTT_IPV6 ? UINT64_C(40) : UINT64_C(16)) << 56);
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* --- Others, to be measured beside it --------------------------------------------------------------- */

/* Jenkins' lookup3 over all words, three at a time, seeded: what Linux had before it took SipHash. */
static uint64_t hash_jhash(const struct siphash_key *key, const struct ct_tuple *t)
{
	uint32_t start = (uint32_t)key->k[0] + JHASH_INITIAL + (WORDS << 2);
	uint32_t a = start, b = start, c = start;

	for (unsigned int i = 0; i + 3 < WORDS; i += 3) {
		a += word_of(t, i);
		b += word_of(t, i + 1);
		c += word_of(t, i + 2);
		a = (a - c) ^ jhash_rol(c, 4);
		c += b;
		b = (b - a) ^ jhash_rol(a, 6);
		a += c;
		c = (c - b) ^ jhash_rol(b, 8);
		b += a;
		a = (a - c) ^ jhash_rol(c, 16);
		c += b;
		b = (b - a) ^ jhash_rol(a, 19);
		a += c;
		c = (c - b) ^ jhash_rol(b, 4);
		b += a;
	}
	return jhash_final(a + word_of(t, REST), b, c);
}

static uint64_t hash_crc32c(const struct siphash_key *key, const struct ct_tuple *t)
{
	(void)key;
	return crc32c_add(CRC32C_INIT, (const uint8_t *)t, sizeof(*t));
}

/* ip_conntrack's of 2002: a sum, of which the remainder by the number of buckets was taken. */
static uint64_t hash_sum(const struct siphash_key *key, const struct ct_tuple *t)
{
	uint32_t sum = (uint32_t)t->sport + t->dport + t->protocol;

	(void)key;
	for (unsigned int i = SRC; i < PORTS; i++)
		sum += word_of(t, i);
	return __builtin_bswap32(sum) + (uint32_t)__builtin_bswap16(t->sport);
}

/* All words by exclusive or, then multiplied by the golden ratio (Knuth). */
static uint64_t hash_xor(const struct siphash_key *key, const struct ct_tuple *t)
{
	uint32_t x = 0;

	(void)key;
	for (unsigned int i = 0; i < WORDS; i++)
		x ^= word_of(t, i);
	return (uint32_t)(x * UINT32_C(0x9e3779b1));
}

const struct ct_hash ct_hashes[] = {
	{ "siphash-1-3", true, ct_hash_siphash }, { "jhash", true, hash_jhash },
	{ "crc32c", false, hash_crc32c },	  { "sum-2002", false, hash_sum },
	{ "xor-golden", false, hash_xor },	  { NULL, false, NULL },
};

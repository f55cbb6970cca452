/* SPDX-License-Identifier: BSD-2-Clause */
/* Bob Jenkins' hash "lookup3" for a few words, as Linux's jhash_3words() gives it. */
#ifndef PKTT_BASE_JHASH_H
#define PKTT_BASE_JHASH_H

#include <stdint.h>

#define JHASH_INITIAL 0xdeadbeefu

static inline uint32_t jhash_rol(uint32_t v, unsigned int by)
{
	return v << by | v >> (32 - by);
}

static inline uint32_t jhash_final(uint32_t a, uint32_t b, uint32_t c)
{
	c = (c ^ b) - jhash_rol(b, 14);
	a = (a ^ c) - jhash_rol(c, 11);
	b = (b ^ a) - jhash_rol(a, 25);
	c = (c ^ b) - jhash_rol(b, 16);
	a = (a ^ c) - jhash_rol(c, 4);
	b = (b ^ a) - jhash_rol(a, 14);
	return (c ^ b) - jhash_rol(b, 24);
}

static inline uint32_t jhash_3words(uint32_t a, uint32_t b, uint32_t c, uint32_t seed)
{
	uint32_t start = seed + JHASH_INITIAL + (3 << 2);

	return jhash_final(a + start, b + start, c + start);
}

static inline uint32_t jhash_1word(uint32_t a, uint32_t seed)
{
	uint32_t start = seed + JHASH_INITIAL + (1 << 2);

	return jhash_final(a + start, start, start);
}

/* Linux's jhash2() for four words, such as an IPv6 address. */
static inline uint32_t jhash_4words(const uint32_t word[4], uint32_t seed)
{
	uint32_t start = seed + JHASH_INITIAL + (4 << 2);
	uint32_t a = start + word[0], b = start + word[1], c = start + word[2];

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
	return jhash_final(a + word[3], b, c);
}

/* A hash onto 0 .. n-1, without a division: Linux's reciprocal_scale(). */
static inline uint32_t jhash_scale(uint32_t hash, uint32_t n)
{
	return (uint32_t)(((uint64_t)hash * n) >> 32);
}

#endif

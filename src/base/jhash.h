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

/* A hash onto 0 .. n-1, without a division: Linux's reciprocal_scale(). */
static inline uint32_t jhash_scale(uint32_t hash, uint32_t n)
{
	return (uint32_t)(((uint64_t)hash * n) >> 32);
}

#endif

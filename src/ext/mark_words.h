/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The older words for --set-xmark VALUE/MASK, of MARK and CONNMARK: conversions into its value. */
#ifndef PKTT_EXT_MARK_WORDS_H
#define PKTT_EXT_MARK_WORDS_H

#include <pktt/type.h>

/* --set-mark VALUE/MASK ORs where --set-xmark XORs. */
static inline void from_mark(const void *from, void *to)
{
	const struct pktt_mask32 *mark = from;

	*(struct pktt_mask32 *)to = (struct pktt_mask32){
		.value = mark->value,
		.mask = mark->mask | mark->value,
	};
}

static inline void from_and(const void *from, void *to)
{
	*(struct pktt_mask32 *)to = (struct pktt_mask32){ .mask = ~*(const uint32_t *)from };
}

static inline void from_or(const void *from, void *to)
{
	uint32_t bits = *(const uint32_t *)from;

	*(struct pktt_mask32 *)to = (struct pktt_mask32){ .value = bits, .mask = bits };
}

static inline void from_xor(const void *from, void *to)
{
	*(struct pktt_mask32 *)to = (struct pktt_mask32){ .value = *(const uint32_t *)from };
}

#endif

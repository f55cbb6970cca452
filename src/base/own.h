/* SPDX-License-Identifier: BSD-2-Clause */
/* Ownership that can be verified without leaving a function: PKTT_AUTO(x) frees at scope's end. */
#ifndef PKTT_BASE_OWN_H
#define PKTT_BASE_OWN_H

#include <stdlib.h>

static inline void pktt_auto_free(void *p)
{
	void **slot = p;

	free(*slot);
	*slot = NULL;
}

/* PKTT_AUTO(fn) where fn takes T **; PKTT_AUTO_FREE for plain memory. */
#define PKTT_AUTO(fn)  __attribute__((cleanup(fn)))
#define PKTT_AUTO_FREE PKTT_AUTO(pktt_auto_free)

/* The owner gives up: the value, with NULL left behind. */
#define pktt_take(pp)                            \
	({                                       \
		__typeof__(*(pp)) taken = *(pp); \
		*(pp) = NULL;                    \
		taken;                           \
	})

#define pktt_countof(a) (sizeof(a) / sizeof((a)[0]))

#define pktt_container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define pktt_container_of_const(ptr, type, member) \
	((const type *)(const void *)((const char *)(ptr)-offsetof(type, member)))

#endif

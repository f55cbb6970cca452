/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random arguments of any extension, made from its table alone: each value from the parts of its
 * type (or from a few texts, where a type has no parts), as wire bytes, which the gate then judges.
 */
#ifndef TESTS_PROP_RANDOM_ARGS_H
#define TESTS_PROP_RANDOM_ARGS_H

#include <pktt/ext.h>

struct random {
	uint64_t state;
};

uint32_t random_below(struct random *r, uint32_t bound);
uint64_t random_u64(struct random *r);

/* Bytes written to buf (the bytes are not always good arguments). */
size_t random_args(struct random *r, const struct pktt_ext *ext, enum pktt_family family,
		   uint8_t *buf, size_t room);

#endif

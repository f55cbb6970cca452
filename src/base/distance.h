/* SPDX-License-Identifier: BSD-2-Clause */
/* How far a misspelt name is from a known one: for "did you mean". */
#ifndef PKTT_BASE_DISTANCE_H
#define PKTT_BASE_DISTANCE_H

#include <stddef.h>

/* Names longer than this are never near to anything. */
#define DISTANCE_MAX 63

/*
 * Edit distance of two texts: letters inserted, removed, replaced, or swapped with their neighbour
 * count one each. DISTANCE_MAX + 1 where either is too long.
 */
size_t distance(const char *a, size_t alen, const char *b, size_t blen);
/*
 * At most a third of the misspelt name's length is wrong (or one letter), and something is right.
 */
int distance_is_near(size_t dist, size_t len);

#endif

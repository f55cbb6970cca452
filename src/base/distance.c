/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/distance.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Optimal string alignment: cost[i % 3][j] is the distance of the first i letters of a from the
 * first j of b. A swap looks two rows back, so three rows are kept.
 */
size_t distance(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t cost[3][DISTANCE_MAX + 1];

	if (alen > DISTANCE_MAX || blen > DISTANCE_MAX)
		return DISTANCE_MAX + 1;
	for (size_t j = 0; j <= blen; j++)
		cost[0][j] = j;
	for (size_t i = 1; i <= alen; i++) {
		size_t *row = cost[i % 3], *last = cost[(i + 2) % 3], *older = cost[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= blen; j++) {
			row[j] = least(last[j], row[j - 1]) + 1;
			row[j] = least(row[j], last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], older[j - 2] + 1);
		}
	}
	return cost[alen % 3][blen];
}

int distance_is_near(size_t dist, size_t len)
{
	size_t most = len < 6 ? 1 : len / 3;

	return dist < len && dist <= most;
}

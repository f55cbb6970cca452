/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The token bucket of limit and hashlimit.
 *
 * Credit grows by gain a tick and a packet costs cost. With hz 0 a tick is a nanosecond and the
 * rate is kept as an exact fraction; with hz set it is a jiffy of a kernel with that HZ, and cost
 * and cap are the numbers that such a kernel computes, roundings included.
 */
#ifndef PKTT_EXT_RATE_H
#define PKTT_EXT_RATE_H

#include <pktt/type.h>

struct rate_bucket {
	uint64_t prev; /* ticks */
	uint64_t credit, cap;
};

struct rate_price {
	uint64_t cost, gain, cap;
	uint32_t hz;
};

/* What a rate costs by the arithmetic of xt_limit and of xt_hashlimit; count and seconds >= 1. */
void rate_price_limit(struct rate_price *price, const struct pktt_rate *rate, uint32_t burst,
		      uint32_t hz);
void rate_price_hashlimit(struct rate_price *price, const struct pktt_rate *rate, uint32_t burst,
			  uint32_t hz);
/* Ticks since the epoch. */
uint64_t rate_now(uint64_t time_ns, uint32_t hz);
/* Add the credit earned until now. */
void rate_refill(struct rate_bucket *bucket, const struct rate_price *price, uint64_t now);
/* Pay for one packet, if there is credit enough. */
bool rate_take(struct rate_bucket *bucket, uint64_t cost);

#endif

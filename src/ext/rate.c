/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/rate.h"

#define NS	    UINT64_C(1000000000)
#define DAY	    86400u
#define LIMIT_SCALE 10000u
#define HASH_SCALE  1000000u

uint64_t rate_now(uint64_t time_ns, uint32_t hz)
{
	return hz ? time_ns / NS * hz + time_ns % NS * hz / NS : time_ns;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static uint64_t times(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static void price_exact(struct rate_price *price, const struct pktt_rate *rate, uint32_t burst)
{
	uint64_t cost = times(rate->seconds, NS), divisor = common_divisor(cost, rate->count);

	price->cost = cost / divisor;
	price->gain = rate->count / divisor;
	price->cap = times(price->cost, burst);
}

/* The largest power of two that is not above x; 1 where there is none. */
static uint64_t power_below(uint64_t x)
{
	return x ? UINT64_C(1) << (63 - __builtin_clzll(x)) : 1;
}

/* 32 bits, as in the kernel: what overflows there does so here. */
static uint32_t limit_credits(uint32_t user, uint32_t hz, uint32_t per_jiffy)
{
	if (user > UINT32_MAX / (hz * per_jiffy))
		return user / LIMIT_SCALE * hz * per_jiffy;
	return user * hz * per_jiffy / LIMIT_SCALE;
}

void rate_price_limit(struct rate_price *price, const struct pktt_rate *rate, uint32_t burst,
		      uint32_t hz)
{
	uint32_t per_jiffy, average;

	price->hz = hz;
	if (hz == 0) {
		price_exact(price, rate, burst);
		return;
	}
	per_jiffy = (uint32_t)power_below(UINT32_MAX / (hz * DAY));
	average = (uint32_t)(times(LIMIT_SCALE, rate->seconds) / rate->count);
	price->gain = per_jiffy;
	price->cost = limit_credits(average, hz, per_jiffy);
	price->cap = limit_credits(average * burst, hz, per_jiffy);
}

static uint64_t hash_credits(uint64_t user, uint64_t per_second)
{
	if (HASH_SCALE >= per_second)
		return user / (HASH_SCALE / per_second);
	return times(user, per_second / HASH_SCALE);
}

void rate_price_hashlimit(struct rate_price *price, const struct pktt_rate *rate, uint32_t burst,
			  uint32_t hz)
{
	uint64_t average;

	price->hz = hz;
	if (hz == 0) {
		price_exact(price, rate, burst);
		return;
	}
	price->gain = power_below(UINT64_MAX / ((uint64_t)hz * DAY));
	average = times(HASH_SCALE, rate->seconds) / rate->count;
	price->cost = hash_credits(average, price->gain * hz);
	price->cap = hash_credits(times(average, burst), price->gain * hz);
}

void rate_refill(struct rate_bucket *bucket, const struct rate_price *price, uint64_t now)
{
	uint64_t ticks = now > bucket->prev ? now - bucket->prev : 0;
	uint64_t missing = bucket->cap - bucket->credit;

	bucket->prev = now;
	if (ticks > missing / price->gain)
		bucket->credit = bucket->cap;
	else
		bucket->credit += ticks * price->gain;
}

bool rate_take(struct rate_bucket *bucket, uint64_t cost)
{
	if (bucket->credit < cost)
		return false;
	bucket->credit -= cost;
	return true;
}

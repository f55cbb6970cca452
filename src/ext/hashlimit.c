/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: a token bucket for every source, destination or pair of them that is seen. Rules of one
 * name share one table (hashlimit_table.c); the first rule that names it says how it is made.
 *
 * Bytes are priced as in Linux: a second's credit pays for the rate's bytes, a packet costs as many
 * chunks of 16 bytes as it has and one more, and where the credit does not suffice it is filled up
 * as many times as the burst is multiples of the rate, once for the life of an entry.
 */
#include "ext/hashlimit.h"

#include "core/engine.h"
#include "core/named.h"
#include "ext/match.h"

#include <errno.h>

enum {
	UPTO,
	ABOVE,
	BURST,
	MODE,
	NAME,
	SIZE,
	MAX,
	GC_INTERVAL,
	EXPIRE,
	SRCMASK4,
	SRCMASK6,
	DSTMASK4,
	DSTMASK6,
	RATE_MATCH,
	RATE_INTERVAL,
};
#define BIT(n)	(UINT64_C(1) << (n))
#define ONLY_V6 (PKTT_FAM_V6 | PKTT_FAM(PKTT_INET))

static const struct pktt_symbol modes[] = {
	{ "srcip", HASHLIMIT_SRCIP },
	{ "srcport", HASHLIMIT_SRCPORT },
	{ "dstip", HASHLIMIT_DSTIP },
	{ "dstport", HASHLIMIT_DSTPORT },
	{ NULL, 0 },
};

static const struct pktt_param hashlimit_params[] = {
	[UPTO] = {
		.name = "hashlimit-upto",
		.aliases = "hashlimit",
		.help = "match up to this rate, in packets or in bytes",
		PKTT_STORE(struct hashlimit_args, rate, rate),
		.excludes = BIT(ABOVE),
		.flags = PKTT_NEGATABLE,
	},
	[ABOVE] = {
		.name = "hashlimit-above",
		.help = "match what is above this rate, in packets or in bytes",
		PKTT_STORE(struct hashlimit_args, rate, rate),
		.excludes = BIT(UPTO),
		.flags = PKTT_NEGATABLE,
	},
	[BURST] = {
		.name = "hashlimit-burst",
		.help = "packets before the rate applies (1 to 1000000), or bytes",
		PKTT_STORE(struct hashlimit_args, burst, amount),
		.def = "5",
	},
	[MODE] = {
		.name = "hashlimit-mode",
		.help = "what has a bucket of its own; without it all share one",
		PKTT_STORE(struct hashlimit_args, mode, bits32),
		.symbols = modes,
	},
	[NAME] = {
		.name = "hashlimit-name",
		.help = "name of the table, which rules may share",
		PKTT_STORE_TEXT(struct hashlimit_args, name),
		.min = 1,
		.flags = PKTT_REQUIRED | PKTT_SHOW_BARE,
	},
	[SIZE] = {
		.name = "hashlimit-htable-size",
		.help = "buckets of the table",
		PKTT_STORE(struct hashlimit_args, size, u32),
		.max = 1 << 20,
	},
	[MAX] = {
		.name = "hashlimit-htable-max",
		.help = "entries of the table; a packet that would need one more is dropped",
		PKTT_STORE(struct hashlimit_args, max, u32),
	},
	[GC_INTERVAL] = {
		.name = "hashlimit-htable-gcinterval",
		.help = "milliseconds between collections, which a table that is full waits for",
		PKTT_STORE(struct hashlimit_args, gc_interval_ms, u32),
		.def = "1000",
		.flags = PKTT_HIDE_DEFAULT,
	},
	[EXPIRE] = {
		.name = "hashlimit-htable-expire",
		.help = "milliseconds after which an idle entry goes; else the unit of the rate",
		PKTT_STORE(struct hashlimit_args, expire_ms, u32),
	},
	[SRCMASK4] = {
		.name = "hashlimit-srcmask",
		.help = "leading bits of the source address that count",
		PKTT_STORE(struct hashlimit_args, srcmask4, u8),
		.families = PKTT_FAM_V4,
		.def = "32",
		.max = 32,
		.flags = PKTT_HIDE_DEFAULT,
	},
	[SRCMASK6] = {
		.name = "hashlimit-srcmask",
		.help = "leading bits of the source address that count",
		PKTT_STORE(struct hashlimit_args, srcmask6, u8),
		.families = ONLY_V6,
		.def = "128",
		.max = 128,
		.flags = PKTT_HIDE_DEFAULT,
	},
	[DSTMASK4] = {
		.name = "hashlimit-dstmask",
		.help = "leading bits of the destination address that count",
		PKTT_STORE(struct hashlimit_args, dstmask4, u8),
		.families = PKTT_FAM_V4,
		.def = "32",
		.max = 32,
		.flags = PKTT_HIDE_DEFAULT,
	},
	[DSTMASK6] = {
		.name = "hashlimit-dstmask",
		.help = "leading bits of the destination address that count",
		PKTT_STORE(struct hashlimit_args, dstmask6, u8),
		.families = ONLY_V6,
		.def = "128",
		.max = 128,
		.flags = PKTT_HIDE_DEFAULT,
	},
	[RATE_MATCH] = {
		.name = "hashlimit-rate-match",
		.help = "compare the rate of an interval instead of limiting",
		PKTT_STORE(struct hashlimit_args, rate_match, flag),
	},
	[RATE_INTERVAL] = {
		.name = "hashlimit-rate-interval",
		.help = "seconds over which the rate is compared",
		PKTT_STORE(struct hashlimit_args, interval_s, u32),
		.def = "1",
		.min = 1,
		.needs = BIT(RATE_MATCH),
		.flags = PKTT_HIDE_DEFAULT,
	},
};

enum { BURST_MAX = 1000000, MIN_BYTES = 16 };

static int hashlimit_check(const struct pktt_context *ctx, const void *vargs,
			   struct pktt_error *err)
{
	const struct hashlimit_args *args = vargs;

	(void)ctx;
	if (!pktt_given(args, UPTO) && !pktt_given(args, ABOVE))
		return pktt_fail(err, -EINVAL,
				 "hashlimit needs --hashlimit-upto or --hashlimit-above");
	if (!args->rate.is_bytes && args->burst.is_bytes)
		return pktt_fail(err, -EINVAL, "--hashlimit-burst is in bytes, the rate is not");
	if (!args->rate.is_bytes && (args->burst.count < 1 || args->burst.count > BURST_MAX))
		return pktt_fail(err, -ERANGE, "--hashlimit-burst: %llu is outside 1 to 1000000",
				 (unsigned long long)args->burst.count);
	if (args->rate.is_bytes && pktt_given(args, BURST) &&
	    args->burst.count < hashlimit_rate_bytes(args))
		return pktt_fail(err, -ERANGE, "--hashlimit-burst cannot be less than %llub",
				 (unsigned long long)hashlimit_rate_bytes(args));
	return 0;
}

/* A burst of bytes counts in seconds' worth of the rate, a begun one as whole. */
static void round_burst(struct hashlimit_args *args)
{
	uint64_t rate = hashlimit_rate_bytes(args), seconds, count;

	if (!rate)
		return;
	seconds = args->burst.count / rate + (args->burst.count % rate != 0);
	if (!__builtin_mul_overflow(seconds, rate, &count))
		args->burst.count = count;
}

/*
 * "! --hashlimit-upto" is --hashlimit-above and the other way round. The unit in which the rate was
 * written, which is gone when 120/minute is kept as 2/sec, lives on as the time to expire.
 */
static void hashlimit_canon(const struct pktt_context *ctx, void *vargs)
{
	struct hashlimit_args *args = vargs;
	unsigned int was = pktt_given(args, UPTO) ? UPTO : ABOVE;

	(void)ctx;
	if (pktt_negated(args, was)) {
		forget(args, was);
		args->head.given |= was == UPTO ? BIT(ABOVE) : BIT(UPTO);
	}
	if (args->rate.is_bytes)
		round_burst(args);
	else
		args->head.given |= BIT(BURST);
	if (!pktt_given(args, EXPIRE) && !args->rate.is_bytes &&
	    args->rate.unit > args->rate.seconds) {
		args->expire_ms = args->rate.unit * 1000;
		args->head.given |= BIT(EXPIRE);
	}
	/* what the rate says anyway is not shown */
	if (pktt_given(args, EXPIRE) && !args->rate.is_bytes &&
	    args->expire_ms == (uint64_t)args->rate.seconds * 1000)
		forget(args, EXPIRE);
	args->rate.unit = 0;
}

static bool is_v4_only(const struct hashlimit_args *args)
{
	return args->srcmask4 || pktt_given(args, SRCMASK4);
}

static int make_table(void **ret, struct pktt_engine *engine, const void *vargs,
		      struct pktt_error *err)
{
	const struct hashlimit_args *args = vargs;
	struct hashlimit_config config = {
		.args = *args,
		.hz = pktt_engine_config(engine)->hz,
		.seed = pktt_engine_config(engine)->seed,
		.srcmask = is_v4_only(args) ? args->srcmask4 : args->srcmask6,
		.dstmask = is_v4_only(args) ? args->dstmask4 : args->dstmask6,
		.has_burst = !args->rate.is_bytes || pktt_given(args, BURST),
		.expire_ms = args->expire_ms,
	};

	if (!pktt_given(args, EXPIRE))
		config.expire_ms = !args->rate.is_bytes	     ? args->rate.seconds * 1000
				   : pktt_given(args, BURST) ? 60000
							     : 15000;
	return hashlimit_table_new((struct hashlimit_table **)ret, &config, err);
}

static void free_table(void *object)
{
	struct hashlimit_table *table = object;

	hashlimit_table_free(&table);
}

/* As in Linux, IPv4 and IPv6 have names of their own; inet rules share IPv6's. */
static const struct pktt_named tables4 = { "hashlimit ipv4", make_table, free_table };
static const struct pktt_named tables6 = { "hashlimit ipv6", make_table, free_table };

static const struct pktt_named *tables_of(const struct hashlimit_args *args)
{
	return is_v4_only(args) ? &tables4 : &tables6;
}

static int hashlimit_setup(struct pktt_engine *engine, const void *vargs, void *state,
			   struct pktt_error *err)
{
	const struct hashlimit_args *args = vargs;

	return pktt_named_get(state, engine, tables_of(args), args->name, args, err);
}

static void hashlimit_teardown(struct pktt_engine *engine, const void *vargs, void *state)
{
	const struct hashlimit_args *args = vargs;

	(void)state;
	pktt_named_put(engine, tables_of(args), args->name);
}

static enum pktt_hit hashlimit_match(struct pktt_packet *pkt, const void *vargs, void *vstate)
{
	const struct hashlimit_args *args = vargs;
	struct hashlimit_table **table = vstate;
	enum pktt_hit hit = hashlimit_table_ask(*table, pkt, args);

	if (hit == PKTT_BAD || !pktt_given(args, ABOVE))
		return hit;
	return hit_if(hit == PKTT_MISS);
}

PKTT_REGISTER(pktt_match, hashlimit) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "hashlimit",
		.summary = "rate limits for each source, destination or port",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_TUPLE | PKTT_READS_TIME | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_FIXED_STATE,
		PKTT_PARAMS(hashlimit_params, struct hashlimit_args),
		.state_size = sizeof(struct hashlimit_table *),
		.check = hashlimit_check,
		.canon = hashlimit_canon,
		.setup = hashlimit_setup,
		.teardown = hashlimit_teardown,
	},
	.match = hashlimit_match,
};

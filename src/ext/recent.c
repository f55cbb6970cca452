/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: lists of addresses, each with the times at which its packets came. A list holds the 100
 * addresses seen last; IPv4 and IPv6 stand in it side by side.
 *
 * Synchronization: one lock a list, held while a packet looks and writes.
 */
#include "base/list.h"
#include "base/own.h"
#include "core/engine.h"
#include "core/named.h"
#include "ext/match.h"
#include "ext/rate.h"

#include <errno.h>
#include <pthread.h>

struct recent_args {
	struct pktt_args head;
	bool set, rcheck, update, remove, reap, rttl, rsource, rdest;
	uint32_t seconds, hitcount;
	char name[200];
	struct pktt_addr mask4, mask6;
};

enum {
	SET,
	RCHECK,
	UPDATE,
	REMOVE,
	SECONDS,
	REAP,
	HITCOUNT,
	RTTL,
	NAME,
	MASK4,
	MASK6,
	RSOURCE,
	RDEST,
};
#define BIT(n)	 (UINT64_C(1) << (n))
#define ACTIONS	 (BIT(SET) | BIT(RCHECK) | BIT(UPDATE) | BIT(REMOVE))
#define CHECKING (BIT(RCHECK) | BIT(UPDATE))

static const struct pktt_param recent_params[] = {
	[SET] = {
		.name = "set",
		.help = "put the address on the list; always matches",
		PKTT_STORE(struct recent_args, set, flag),
		.excludes = ACTIONS & ~BIT(SET),
		.flags = PKTT_NEGATABLE,
	},
	[RCHECK] = {
		.name = "rcheck",
		.help = "the address is on the list",
		PKTT_STORE(struct recent_args, rcheck, flag),
		.excludes = ACTIONS & ~BIT(RCHECK),
		.flags = PKTT_NEGATABLE,
	},
	[UPDATE] = {
		.name = "update",
		.help = "the address is on the list, where this packet is noted if it matches",
		PKTT_STORE(struct recent_args, update, flag),
		.excludes = ACTIONS & ~BIT(UPDATE),
		.flags = PKTT_NEGATABLE,
	},
	[REMOVE] = {
		.name = "remove",
		.help = "the address was on the list, from which it is taken",
		PKTT_STORE(struct recent_args, remove, flag),
		.excludes = ACTIONS & ~BIT(REMOVE),
		.flags = PKTT_NEGATABLE,
	},
	[SECONDS] = {
		.name = "seconds",
		.help = "only packets of so many last seconds count",
		PKTT_STORE(struct recent_args, seconds, u32),
		.needs = CHECKING,
		.min = 1,
	},
	[REAP] = {
		.name = "reap",
		.help = "forget the oldest address when it was not seen for --seconds",
		PKTT_STORE(struct recent_args, reap, flag),
		.needs = BIT(SECONDS),
	},
	[HITCOUNT] = {
		.name = "hitcount",
		.help = "so many packets at least",
		PKTT_STORE(struct recent_args, hitcount, u32),
		.needs = CHECKING,
		.min = 1,
		.max = 65535,
	},
	[RTTL] = {
		.name = "rttl",
		.help = "the time to live is that of the packet that was noted",
		PKTT_STORE(struct recent_args, rttl, flag),
		.needs = CHECKING,
	},
	[NAME] = {
		.name = "name",
		.help = "name of the list",
		PKTT_STORE_TEXT(struct recent_args, name),
		.def = "DEFAULT",
		.min = 1,
		.flags = PKTT_SHOW_ALWAYS | PKTT_SHOW_BARE,
	},
	[MASK4] = {
		.name = "mask",
		.help = "bits of the address that count",
		PKTT_STORE(struct recent_args, mask4, addr),
		.families = PKTT_FAM_V4,
		.def = "255.255.255.255",
		.flags = PKTT_SHOW_ALWAYS,
	},
	[MASK6] = {
		.name = "mask",
		.help = "bits of the address that count",
		PKTT_STORE(struct recent_args, mask6, addr),
		.families = PKTT_FAM_V6,
		.def = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		.flags = PKTT_SHOW_ALWAYS,
	},
	[RSOURCE] = {
		.name = "rsource",
		.help = "the source address is looked up and noted, as without it",
		PKTT_STORE(struct recent_args, rsource, flag),
		.excludes = BIT(RDEST),
	},
	[RDEST] = {
		.name = "rdest",
		.help = "the destination address is looked up and noted",
		PKTT_STORE(struct recent_args, rdest, flag),
		.excludes = BIT(RSOURCE),
	},
};

static int recent_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct recent_args *args = vargs;

	(void)ctx;
	if (!(args->head.given & ACTIONS))
		return pktt_fail(err, -EINVAL,
				 "recent needs --set, --rcheck, --update or --remove");
	if (args->name[0] == '\0' || strchr(args->name, '/'))
		return pktt_fail(err, -EINVAL, "--name: a list has a name without '/'");
	return 0;
}

static void recent_canon(const struct pktt_context *ctx, void *vargs)
{
	struct recent_args *args = vargs;

	(void)ctx;
	if (!args->rdest) {
		args->rsource = true;
		args->head.given |= BIT(RSOURCE);
	}
}

/* --- Lists ------------------------------------------------------------------------------------ */

enum { ENTRIES_MAX = 100, STAMPS = 32 };

struct recent_entry {
	struct list node; /* the one seen longest ago first */
	struct pktt_addr addr;
	uint8_t ttl;
	uint32_t next;	 /* place of the next stamp, one after the last written */
	uint32_t filled; /* places that were written */
	uint64_t stamp[];
};

struct recent_table {
	pthread_mutex_t lock;
	struct list entries;
	uint32_t count;
	struct pktt_addr mask4, mask6; /* of the rule that made it, for all */
	uint32_t nstamps;	       /* a power of two; grows with the hit counts of rules */
	uint32_t hz;
};

struct recent_state {
	struct recent_table *table;
};

static void remove_entry(struct recent_table *table, struct recent_entry *entry)
{
	list_remove(&entry->node);
	free(entry);
	table->count--;
}

static void flush(struct recent_table *table)
{
	struct list *next;

	for (struct list *n = table->entries.next; n != &table->entries; n = next) {
		next = n->next;
		free(list_entry(n, struct recent_entry, node));
	}
	list_init(&table->entries);
	table->count = 0;
}

static void free_table(void *object)
{
	struct recent_table *table = object;

	flush(table);
	pthread_mutex_destroy(&table->lock);
	free(table);
}

static uint32_t stamps_for(uint32_t hitcount)
{
	uint32_t n = hitcount ? 1 : STAMPS;

	while (n < hitcount)
		n *= 2;
	return n;
}

static int make_table(void **ret, struct pktt_engine *engine, const void *vargs,
		      struct pktt_error *err)
{
	const struct recent_args *args = vargs;
	struct recent_table *table = calloc(1, sizeof(*table));

	if (!table)
		return pktt_fail(err, -ENOMEM, "no memory for a list of recent");
	pthread_mutex_init(&table->lock, NULL);
	list_init(&table->entries);
	table->mask4 = args->mask4;
	table->mask6 = args->mask6;
	table->nstamps = stamps_for(args->hitcount);
	table->hz = pktt_engine_config(engine)->hz;
	*ret = table;
	return 0;
}

static const struct pktt_named tables = { "recent", make_table, free_table };

/*
 * A rule that counts further than the list remembers makes it remember more, and empties it; as in
 * Linux a list whose first rule counts to 3 remembers 4.
 */
static int recent_setup(struct pktt_engine *engine, const void *vargs, void *vstate,
			struct pktt_error *err)
{
	const struct recent_args *args = vargs;
	struct recent_state *state = vstate;
	uint32_t nstamps = stamps_for(args->hitcount);
	void *object;
	int r = pktt_named_get(&object, engine, &tables, args->name, args, err);

	if (r)
		return r;
	state->table = object;
	pthread_mutex_lock(&state->table->lock);
	if (nstamps > state->table->nstamps) {
		flush(state->table);
		state->table->nstamps = nstamps;
	}
	pthread_mutex_unlock(&state->table->lock);
	return 0;
}

static void recent_teardown(struct pktt_engine *engine, const void *vargs, void *state)
{
	const struct recent_args *args = vargs;

	(void)state;
	pktt_named_put(engine, &tables, args->name);
}

/* --- Packets ---------------------------------------------------------------------------------- */

static struct recent_entry *find(struct recent_table *table, const struct pktt_addr *addr,
				 uint8_t ttl)
{
	for (struct list *n = table->entries.next; n != &table->entries; n = n->next) {
		struct recent_entry *entry = list_entry(n, struct recent_entry, node);

		if (entry->addr.len == addr->len &&
		    memcmp(entry->addr.byte, addr->byte, addr->len) == 0 &&
		    (ttl == entry->ttl || ttl == 0 || entry->ttl == 0))
			return entry;
	}
	return NULL;
}

static void note(struct recent_table *table, struct recent_entry *entry, uint64_t now)
{
	entry->next &= table->nstamps - 1;
	entry->stamp[entry->next++] = now;
	if (entry->next > entry->filled)
		entry->filled = entry->next;
	list_remove(&entry->node);
	list_insert_before(&table->entries, &entry->node);
}

static bool add(struct recent_table *table, const struct pktt_addr *addr, uint8_t ttl, uint64_t now)
{
	struct recent_entry *entry;

	if (table->count >= ENTRIES_MAX)
		remove_entry(table, list_entry(table->entries.next, struct recent_entry, node));
	entry = calloc(1, sizeof(*entry) + table->nstamps * sizeof(entry->stamp[0]));
	if (!entry)
		return false;
	entry->addr = *addr;
	entry->ttl = ttl;
	entry->stamp[0] = now;
	entry->next = entry->filled = 1;
	list_insert_before(&table->entries, &entry->node);
	table->count++;
	return true;
}

/* Whether enough packets came, of those that are not too old. */
static bool has_hits(const struct recent_entry *entry, const struct recent_args *args,
		     uint64_t since)
{
	uint32_t hits = 0;

	for (uint32_t i = 0; i < entry->filled; i++) {
		if (args->seconds && entry->stamp[i] < since)
			continue;
		if (args->hitcount == 0 || ++hits >= args->hitcount)
			return true;
	}
	return false;
}

/* The entry that is about to be noted stays. */
static void reap(struct recent_table *table, const struct recent_entry *noted, uint64_t since)
{
	struct recent_entry *oldest = list_entry(table->entries.next, struct recent_entry, node);

	if (oldest != noted && oldest->stamp[oldest->next - 1] < since)
		remove_entry(table, oldest);
}

/* Before inversion; what an inverted --update notes is what it matches. */
static bool check(struct recent_table *table, struct recent_entry *entry,
		  const struct recent_args *args, uint8_t ttl, uint64_t now)
{
	uint64_t second = table->hz ? table->hz : UINT64_C(1000000000);
	uint64_t age = args->seconds * second, since = now > age ? now - age : 0;
	bool hits = has_hits(entry, args, since);
	bool is_noted = args->update && hits != pktt_negated(args, UPDATE);

	if (args->reap)
		reap(table, is_noted ? entry : NULL, since);
	if (is_noted) {
		note(table, entry, now);
		entry->ttl = ttl;
	}
	return hits;
}

static enum pktt_hit look(struct recent_table *table, const struct pktt_addr *addr, uint8_t ttl,
			  const struct recent_args *args, uint64_t now)
{
	struct recent_entry *entry = find(table, addr, args->rttl ? ttl : 0);

	if (!entry && !args->set)
		return PKTT_MISS;
	if (!entry)
		return add(table, addr, ttl, now) ? PKTT_HIT : PKTT_BAD;
	if (args->remove) {
		remove_entry(table, entry);
		return PKTT_HIT;
	}
	if (!args->set)
		return hit_if(check(table, entry, args, ttl, now));
	note(table, entry, now);
	entry->ttl = ttl;
	return PKTT_HIT;
}

static void apply_mask(struct pktt_addr *addr, const struct pktt_addr *mask)
{
	for (unsigned int i = 0; mask->len == addr->len && i < addr->len; i++)
		addr->byte[i] &= mask->byte[i];
}

static unsigned int action_of(const struct recent_args *args)
{
	return args->set ? SET : args->rcheck ? RCHECK : args->update ? UPDATE : REMOVE;
}

static enum pktt_hit recent_match(struct pktt_packet *pkt, const void *vargs, void *vstate)
{
	const struct recent_args *args = vargs;
	struct recent_table *table = ((struct recent_state *)vstate)->table;
	struct pktt_addr addr = args->rdest ? pktt_packet_dst(pkt) : pktt_packet_src(pkt);
	enum pktt_hit hit;
	uint8_t ttl;

	if (!packet_ttl(pkt, &ttl))
		return PKTT_BAD;
	/* The time to live as it was before forwarding; Linux takes a copy for forwarded, too. */
	if (pkt->out && (!pkt->is_local || pkt->is_tee))
		ttl++;
	apply_mask(&addr, addr.len == 4 ? &table->mask4 : &table->mask6);
	pthread_mutex_lock(&table->lock);
	hit = look(table, &addr, ttl, args, rate_now(pkt->time_ns, table->hz));
	pthread_mutex_unlock(&table->lock);
	return pktt_negate(args, action_of(args), hit);
}

PKTT_REGISTER(pktt_match, recent) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "recent",
		.summary = "lists of addresses that were seen lately",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_TUPLE | PKTT_READS_TIME | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_FIXED_STATE,
		PKTT_PARAMS(recent_params, struct recent_args),
		.state_size = sizeof(struct recent_state),
		.check = recent_check,
		.canon = recent_canon,
		.setup = recent_setup,
		.teardown = recent_teardown,
	},
	.match = recent_match,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nfacct: counts the packet in a named object; hits unless the object has a quota that is not used up. */
#include "ext/nfacct.h"

#include <errno.h>
#include <stdlib.h>

#include "core/named.h"
#include "ext/match.h"

/* Workers count at the same time. */
struct object {
	uint64_t packets, bytes, quota;
	enum nfacct_quota kind;
};

struct nfacct_args {
	struct pktt_args head;
	char name[32];
};

enum { NAME };

static const struct pktt_param params[] = {
	[NAME] = {
		.name = "nfacct-name",
		.help = "accounting object that counts the packet",
		PKTT_STORE_TEXT(struct nfacct_args, name),
		.flags = PKTT_REQUIRED,
	},
};

static int make(void **ret, struct pktt_engine *engine, const void *args, struct pktt_error *err)
{
	(void)engine;
	(void)args;
	*ret = calloc(1, sizeof(struct object));
	return *ret ? 0 : pktt_fail(err, -ENOMEM, "no memory for an accounting object");
}

static const struct pktt_named kind = { .kind = "nfacct", .make = make, .free = free };

struct nfacct_state {
	struct object *object;
};

static int setup(struct pktt_engine *engine, const void *vargs, void *vstate,
		 struct pktt_error *err)
{
	const struct nfacct_args *args = vargs;
	struct nfacct_state *state = vstate;
	void *object;
	int r = pktt_named_get(&object, engine, &kind, args->name, args, err);

	if (r == 0)
		state->object = object;
	return r;
}

static void teardown(struct pktt_engine *engine, const void *vargs, void *state)
{
	const struct nfacct_args *args = vargs;

	(void)state;
	pktt_named_put(engine, &kind, args->name);
}

/* nfnl_acct_overquota(): what the packet itself adds counts. */
static bool is_over(const struct object *o, uint64_t packets, uint64_t bytes)
{
	uint64_t quota = __atomic_load_n(&o->quota, __ATOMIC_RELAXED);

	switch (__atomic_load_n(&o->kind, __ATOMIC_RELAXED)) {
	case NFACCT_NO_QUOTA:
		return true;
	case NFACCT_QUOTA_PACKETS:
		return packets >= quota;
	case NFACCT_QUOTA_BYTES:
		return bytes >= quota;
	}
	return true;
}

static enum pktt_hit match(struct pktt_packet *pkt, const void *args, void *vstate)
{
	struct object *o = ((struct nfacct_state *)vstate)->object;
	uint64_t bytes = pktt_packet_wire_len(pkt), packets;

	(void)args;
	packets = __atomic_add_fetch(&o->packets, 1, __ATOMIC_RELAXED);
	bytes = __atomic_add_fetch(&o->bytes, bytes, __ATOMIC_RELAXED);
	return hit_if(is_over(o, packets, bytes));
}

PKTT_REGISTER(pktt_match, nfacct) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "nfacct",
		.summary = "count the packet in a named accounting object",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_FIXED_STATE,
		PKTT_PARAMS(params, struct nfacct_args),
		.state_size = sizeof(struct nfacct_state),
		.setup = setup,
		.teardown = teardown,
	},
	.match = match,
};

/* --- For programs ----------------------------------------------------------------------------- */

static struct nfacct_count read_object(const struct object *o)
{
	return (struct nfacct_count){
		.packets = __atomic_load_n(&o->packets, __ATOMIC_RELAXED),
		.bytes = __atomic_load_n(&o->bytes, __ATOMIC_RELAXED),
		.kind = __atomic_load_n(&o->kind, __ATOMIC_RELAXED),
		.quota = __atomic_load_n(&o->quota, __ATOMIC_RELAXED),
	};
}

struct wanted {
	const char *name;
	struct object *object;
};

static void note_wanted(void *ctx, const char *name, void *object)
{
	struct wanted *w = ctx;

	if (strcmp(name, w->name) == 0)
		w->object = object;
}

static struct object *lookup(const struct pktt_engine *engine, const char *name)
{
	struct wanted w = { .name = name };

	pktt_named_each(engine, &kind, note_wanted, &w);
	return w.object;
}

int nfacct_get(struct pktt_engine *engine, const char *name, bool take, struct nfacct_count *ret)
{
	struct object *o = lookup(engine, name);

	if (!o)
		return -ENOENT;
	*ret = read_object(o);
	if (take) {
		ret->packets = __atomic_exchange_n(&o->packets, 0, __ATOMIC_RELAXED);
		ret->bytes = __atomic_exchange_n(&o->bytes, 0, __ATOMIC_RELAXED);
	}
	return 0;
}

int nfacct_set_quota(struct pktt_engine *engine, const char *name, enum nfacct_quota quota_kind,
		     uint64_t quota)
{
	struct object *o = lookup(engine, name);

	if (!o)
		return -ENOENT;
	__atomic_store_n(&o->quota, quota, __ATOMIC_RELAXED);
	__atomic_store_n(&o->kind, quota_kind, __ATOMIC_RELAXED);
	return 0;
}

struct teller {
	void (*each)(void *ctx, const char *name, const struct nfacct_count *count);
	void *ctx;
};

static void tell(void *ctx, const char *name, void *object)
{
	const struct teller *t = ctx;
	struct nfacct_count count = read_object(object);

	t->each(t->ctx, name, &count);
}

void nfacct_each(const struct pktt_engine *engine,
		 void (*each)(void *ctx, const char *name, const struct nfacct_count *count),
		 void *ctx)
{
	struct teller t = { each, ctx };

	pktt_named_each(engine, &kind, tell, &t);
}

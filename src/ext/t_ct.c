/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CT, NOTRACK, CONNMARK: targets that set how a connection is tracked, or its mark. */
#include <errno.h>
#include <netinet/in.h>

#include "conntrack/event.h"
#include "conntrack/helper.h"
#include "conntrack/timeout.h"
#include "core/env.h"
#include "ext/mark_words.h"
#include "ext/stateful.h"

#define BIT(n) (UINT64_C(1) << (n))

/* --- CT and NOTRACK --------------------------------------------------------------------------- */

/* Not a zone: the zone is the mark of the packet. */
#define ZONE_MARK 0x10000

struct ct_args {
	struct pktt_args head;
	bool notrack;
	char helper[16], timeout[32];
	uint32_t ctevents, expevents, zone, zone_orig, zone_reply;
};

enum { NOTRACK, HELPER, TIMEOUT, EVENTS, EXPEVENTS, ZONE, ZONE_ORIG, ZONE_REPLY };

/* Bits as in linux/netfilter/nf_conntrack_common.h, enum ip_conntrack_events. */
static const struct pktt_symbol ct_events[] = {
	{ "new", 1 << 0 },     { "related", 1 << 1 }, { "destroy", 1 << 2 },
	{ "reply", 1 << 3 },   { "assured", 1 << 4 }, { "protoinfo", 1 << 5 },
	{ "helper", 1 << 6 },  { "mark", 1 << 7 },    { "natseqinfo", 1 << 8 },
	{ "secmark", 1 << 9 }, { "label", 1 << 10 },  { 0 },
};

static const struct pktt_symbol exp_events[] = { { "new", 1 << 0 }, { 0 } };
static const struct pktt_symbol zones[] = { { "mark", ZONE_MARK }, { 0 } };

static const struct pktt_param ct_params[] = {
	[NOTRACK] = {
		.name = "notrack",
		.help = "do not track the connection",
		PKTT_STORE(struct ct_args, notrack, flag),
	},
	[HELPER] = {
		.name = "helper",
		.help = "helper of the connection",
		PKTT_STORE_TEXT(struct ct_args, helper),
	},
	[TIMEOUT] = {
		.name = "timeout",
		.help = "timeout policy of the connection",
		PKTT_STORE_TEXT(struct ct_args, timeout),
	},
	[EVENTS] = {
		.name = "ctevents",
		.help = "events of the connection that listeners hear of",
		PKTT_STORE(struct ct_args, ctevents, bits32),
		.symbols = ct_events,
	},
	[EXPEVENTS] = {
		.name = "expevents",
		.help = "events of its expectations that listeners hear of",
		PKTT_STORE(struct ct_args, expevents, bits32),
		.symbols = exp_events,
	},
	[ZONE] = {
		.name = "zone",
		.help = "zone of both directions: a number, or the mark of the packet",
		PKTT_STORE(struct ct_args, zone, enum32),
		.symbols = zones,
		.max = ZONE_MARK,
		.excludes = BIT(ZONE_ORIG) | BIT(ZONE_REPLY),
		.flags = PKTT_NUMERIC,
	},
	[ZONE_ORIG] = {
		.name = "zone-orig",
		.help = "zone of the original direction only",
		PKTT_STORE(struct ct_args, zone_orig, enum32),
		.symbols = zones,
		.max = ZONE_MARK,
		.excludes = BIT(ZONE) | BIT(ZONE_REPLY),
		.flags = PKTT_NUMERIC,
	},
	[ZONE_REPLY] = {
		.name = "zone-reply",
		.help = "zone of the reply direction only",
		PKTT_STORE(struct ct_args, zone_reply, enum32),
		.symbols = zones,
		.max = ZONE_MARK,
		.excludes = BIT(ZONE) | BIT(ZONE_ORIG),
		.flags = PKTT_NUMERIC,
	},
};

/* Not to be tracked is what a packet is where nothing is. */
static bool ct_needs_ct(const void *vargs)
{
	const struct ct_args *args = vargs;

	return !args->notrack;
}

/* Helpers of IPv6 only are none today; a name stands for one helper, whatever the family. */
static const struct ct_helper *helper_named(const char *name)
{
	const struct ct_helper *helper = ct_helper_find(name, PKTT_IPV4, 0);

	return helper ? helper : ct_helper_find(name, PKTT_IPV6, 0);
}

/* xt_ct_find_proto(): a helper is found by its protocol as well. */
static const uint8_t *ct_l4(const void *vargs)
{
	static const uint8_t any[8], tcp[8] = { IPPROTO_TCP }, udp[8] = { IPPROTO_UDP },
				     both[8] = { IPPROTO_TCP, IPPROTO_UDP };
	const struct ct_args *args = vargs;
	const struct ct_helper *helper = *args->helper ? helper_named(args->helper) : NULL;

	if (!helper)
		return any;
	if (helper->protocol[1])
		return both;
	return helper->protocol[0] == IPPROTO_TCP ? tcp : udp;
}

static int ct_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct ct_args *args = vargs;

	(void)ctx;
	if (*args->helper && !helper_named(args->helper))
		return pktt_fail(err, -ENOENT, "--helper: there is no helper %s", args->helper);
	return 0;
}

static void template_zone(struct ct_template *t, const struct ct_args *args)
{
	uint32_t zone = args->zone;

	t->zone_dirs = CT_ZONE_BOTH;
	if (pktt_given(args, ZONE_ORIG)) {
		zone = args->zone_orig;
		t->zone_dirs = CT_ZONE_ORIGINAL;
	} else if (pktt_given(args, ZONE_REPLY)) {
		zone = args->zone_reply;
		t->zone_dirs = CT_ZONE_REPLY;
	}
	t->zone_is_mark = zone == ZONE_MARK;
	t->zone = t->zone_is_mark ? 0 : (uint16_t)zone;
}

static int ct_setup(struct pktt_engine *engine, const void *vargs, void *state,
		    struct pktt_error *err)
{
	const struct ct_args *args = vargs;
	struct conntrack *ct = conntrack_of(engine);
	struct ct_template *t = state;

	template_zone(t, args);
	if (*args->helper)
		t->helper = helper_named(args->helper);
	if (*args->timeout && ct)
		t->timeout = ct_timeout_policy_find(ct, args->timeout);
	if (*args->timeout && ct && !t->timeout)
		return pktt_fail(err, -ENOENT, "--timeout: there is no policy %s", args->timeout);
	t->has_events = args->ctevents || args->expevents;
	t->event_mask = (uint16_t)args->ctevents;
	t->expect_mask = (uint16_t)args->expevents;
	return 0;
}

static void ct_teardown(struct pktt_engine *engine, const void *args, void *state)
{
	(void)engine;
	(void)args;
	(void)state;
}

/* Whoever came first has said it: xt_ct_target(). */
static bool is_settled(const struct pktt_packet *pkt)
{
	return pkt->ct || pkt->ct_template || pkt->ct_info != PKTT_CT_NONE;
}

static enum pktt_verdict notrack_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)args;
	(void)state;
	if (!is_settled(pkt))
		pkt->ct_info = PKTT_CT_UNTRACKED;
	return PKTT_CONTINUE;
}

static enum pktt_verdict ct_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ct_args *args = vargs;

	if (args->notrack)
		return notrack_run(pkt, args, state);
	if (!is_settled(pkt))
		pkt->ct_template = state;
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, ct) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "CT",
		.summary = "set how the connection will be tracked",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.tables = "raw",
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT | PKTT_EXT_FIXED_STATE,
		PKTT_PARAMS(ct_params, struct ct_args),
		.state_size = sizeof(struct ct_template),
		.check = ct_check,
		.needs_ct = ct_needs_ct,
		.l4_for = ct_l4,
		.setup = ct_setup,
		.teardown = ct_teardown,
	},
	.run = ct_run,
};

PKTT_REGISTER(pktt_target, notrack) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "NOTRACK",
		.summary = "do not track the connection",
		.families = PKTT_FAM_IP,
		.tables = "raw",
		.reads = PKTT_READS_STATE,
	},
	.run = notrack_run,
};

/* --- CONNMARK --------------------------------------------------------------------------------- */

struct connmark_args {
	struct pktt_args head;
	struct pktt_mask32 set;
	bool save, restore;
	uint32_t nfmask, ctmask, mask;
	uint8_t left, right;
};

enum {
	SET_XMARK,
	SAVE,
	RESTORE,
	NFMASK,
	CTMASK,
	MASK,
	LEFT,
	RIGHT,
	SET_MARK,
	AND_MARK,
	OR_MARK,
	XOR_MARK,
};
#define ACTIONS (BIT(SET_XMARK) | BIT(SAVE) | BIT(RESTORE))
#define COPIES	(BIT(SAVE) | BIT(RESTORE))

static const struct pktt_param connmark_params[] = {
	[SET_XMARK] = {
		.name = "set-xmark",
		.help = "clear the bits of MASK in the connection's mark, then XOR with VALUE",
		PKTT_STORE(struct connmark_args, set, xmark),
		.excludes = ACTIONS & ~BIT(SET_XMARK),
	},
	[SAVE] = {
		.name = "save-mark",
		.help = "copy the packet's mark to the connection",
		PKTT_STORE(struct connmark_args, save, flag),
		.excludes = ACTIONS & ~BIT(SAVE),
	},
	[RESTORE] = {
		.name = "restore-mark",
		.help = "copy the connection's mark to the packet",
		PKTT_STORE(struct connmark_args, restore, flag),
		.excludes = ACTIONS & ~BIT(RESTORE),
	},
	[NFMASK] = {
		.name = "nfmask",
		.help = "bits of the packet's mark",
		PKTT_STORE(struct connmark_args, nfmask, hex32),
		.needs = COPIES,
		.excludes = BIT(MASK),
	},
	[CTMASK] = {
		.name = "ctmask",
		.help = "bits of the connection's mark",
		PKTT_STORE(struct connmark_args, ctmask, hex32),
		.needs = COPIES,
		.excludes = BIT(MASK),
	},
	[MASK] = {
		.name = "mask",
		.help = "bits of both marks",
		PKTT_STORE(struct connmark_args, mask, hex32),
		.needs = COPIES,
		.excludes = BIT(NFMASK) | BIT(CTMASK),
	},
	[LEFT] = {
		.name = "left-shift-mark",
		.help = "shift the value left by this many bits",
		PKTT_STORE(struct connmark_args, left, u8),
		.max = 32,
		.excludes = BIT(RIGHT),
	},
	[RIGHT] = {
		.name = "right-shift-mark",
		.help = "shift the value right by this many bits",
		PKTT_STORE(struct connmark_args, right, u8),
		.max = 32,
		.excludes = BIT(LEFT),
	},
	[SET_MARK] = {
		.name = "set-mark",
		.help = "clear the bits of MASK in the connection's mark, then OR with VALUE",
		PKTT_SAME_AS(SET_XMARK),
		PKTT_TAKES(mark),
		.convert = from_mark,
	},
	[AND_MARK] = {
		.name = "and-mark",
		.help = "keep these bits of the connection's mark only",
		PKTT_SAME_AS(SET_XMARK),
		PKTT_TAKES(hex32),
		.convert = from_and,
	},
	[OR_MARK] = {
		.name = "or-mark",
		.help = "set these bits of the connection's mark",
		PKTT_SAME_AS(SET_XMARK),
		PKTT_TAKES(hex32),
		.convert = from_or,
	},
	[XOR_MARK] = {
		.name = "xor-mark",
		.help = "turn these bits of the connection's mark over",
		PKTT_SAME_AS(SET_XMARK),
		PKTT_TAKES(hex32),
		.convert = from_xor,
	},
};

static int connmark_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct connmark_args *args = vargs;

	(void)ctx;
	if (!(args->head.given & ACTIONS))
		return pktt_fail(err, -EINVAL,
				 "CONNMARK needs one of --set-xmark, --set-mark, "
				 "--save-mark, --restore-mark");
	return 0;
}

/* Copies show both masks always; --mask is both. */
static void connmark_canon(const struct pktt_context *ctx, void *vargs)
{
	struct connmark_args *args = vargs;
	struct pktt_args *head = &args->head;
	uint32_t mask = head->given & BIT(MASK) ? args->mask : UINT32_MAX;

	(void)ctx;
	if (!(head->given & COPIES))
		return;
	if (!(head->given & BIT(NFMASK)))
		args->nfmask = mask;
	if (!(head->given & BIT(CTMASK)))
		args->ctmask = mask;
	args->mask = 0;
	head->given = (head->given | BIT(NFMASK) | BIT(CTMASK)) & ~BIT(MASK);
}

static uint32_t shifted(const struct connmark_args *args, uint32_t mark)
{
	if (args->left >= 32 || args->right >= 32)
		return 0;
	return mark << args->left >> args->right;
}

static void save_mark(struct pktt_packet *pkt, uint32_t mark)
{
	if (__atomic_exchange_n(&pkt->ct->mark, mark, __ATOMIC_RELAXED) != mark)
		ct_event(conntrack_of(pkt->engine), pkt->env->worker, pkt->ct, CT_EVENT_MARK);
}

static enum pktt_verdict connmark_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct connmark_args *args = vargs;
	uint32_t mark;

	(void)state;
	if (!pkt->ct)
		return PKTT_CONTINUE;
	mark = conn_mark(pkt->ct);
	if (args->save)
		save_mark(pkt, (mark & ~args->ctmask) ^ shifted(args, pkt->mark & args->nfmask));
	else if (args->restore)
		pkt->mark = (pkt->mark & ~args->nfmask) ^ shifted(args, mark & args->ctmask);
	else
		save_mark(pkt, shifted(args, (mark & ~args->set.mask) ^ args->set.value));
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, connmark) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "CONNMARK",
		.summary = "set the mark of the connection, or copy marks",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE | PKTT_READS_MARK,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(connmark_params, struct connmark_args),
		.check = connmark_check,
		.canon = connmark_canon,
	},
	.run = connmark_run,
};

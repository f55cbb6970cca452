/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manipulation interface: look up, iterate in bounded steps, create, update, delete, flush. What
 * ctnetlink and ct_sync stand on; it never runs rules.
 */
#ifndef PKTT_CT_QUERY_H
#define PKTT_CT_QUERY_H

#include "conntrack/conntrack.h"
#include "conntrack/expect.h"

/* Which fields of a filter or change are given. */
enum {
	CT_HAS_FAMILY = 1 << 0,
	CT_HAS_PROTOCOL = 1 << 1,
	CT_HAS_ZONE = 1 << 2,
	CT_HAS_MARK = 1 << 3,
	CT_HAS_STATUS = 1 << 4,
	CT_HAS_LABEL = 1 << 5,
	CT_HAS_ORIG_SRC = 1 << 6,
	CT_HAS_ORIG_DST = 1 << 7,
	CT_HAS_REPLY_SRC = 1 << 8,
	CT_HAS_REPLY_DST = 1 << 9,
	CT_HAS_ORIG_SPORT = 1 << 10,
	CT_HAS_ORIG_DPORT = 1 << 11,
	CT_HAS_REPLY_SPORT = 1 << 12,
	CT_HAS_REPLY_DPORT = 1 << 13,
	CT_HAS_TIMEOUT = 1 << 14,
	CT_HAS_HELPER = 1 << 15,
	CT_HAS_PROTOINFO = 1 << 16,
	CT_HAS_SEQADJ = 1 << 17,
	CT_HAS_SYNPROXY = 1 << 18,
	CT_HAS_ID = 1 << 19,
	CT_HAS_MASTER = 1 << 20,
	CT_HAS_COUNTERS = 1 << 21,
	CT_HAS_START = 1 << 22,
	CT_HAS_STATE = 1 << 23, /* filter: state word */
};

struct ct_filter {
	uint32_t has;
	uint8_t family, protocol;
	uint16_t zone;
	uint32_t mark, mark_mask;
	uint32_t status, status_mask;
	uint32_t id;
	uint64_t label[2], label_mask[2];
	struct pktt_prefix orig_src, orig_dst, reply_src, reply_dst;
	uint16_t orig_sport, orig_dport, reply_sport, reply_dport; /* network order */
	const char *state;
};

/* Which fields of a protocol's state a change gives. */
enum {
	CT_L4_STATE = 1 << 0,
	CT_L4_FLAGS_ORIGINAL = 1 << 1, /* TCP: flags of seen[0], those of l4_mask[0] */
	CT_L4_FLAGS_REPLY = 1 << 2,
	CT_L4_SCALES = 1 << 3, /* TCP: scale of both; only where both sides scale */
};

/* What to make of a connection, new or there. */
struct ct_change {
	uint32_t has;
	uint32_t timeout;	  /* seconds */
	uint32_t mark, mark_mask; /* new = old & ~mask ^ mark; mask 0 = all bits */
	uint32_t status; /* the whole word, CT_CONFIRMED included; most bits cannot be changed */
	const struct ct_helper *helper;	  /* with CT_HAS_HELPER: NULL = none */
	uint64_t label[2], label_mask[2]; /* new = old & ~mask ^ label */
	struct ct_seqadj seqadj[2];
	struct ct_synproxy synproxy;
	/* CT_HAS_PROTOINFO: of l4, what l4_has says (CT_L4_*); 0 = all of it as it stands. */
	uint32_t l4_has;
	uint8_t l4_mask[2];
	union ct_l4 l4;
	struct conn *master; /* new only */
	struct ct_counter counter[2];
	uint64_t start_ns;
};

bool ct_filter_fits(const struct ct_filter *filter, struct conn *conn);
/* With a reference, or NULL. Either direction's tuple. */
struct conn *ct_query_get(struct conntrack *ct, const struct ct_tuple *tuple, enum ct_dir *dir);
/* As conndb_next(), only those that fit; looks at no more than 4 n entries a call. *done at the end. */
unsigned int ct_query_next(struct conntrack *ct, const struct ct_filter *filter, uint64_t *cursor,
			   struct conn **ret, unsigned int n, bool *done);
/*
 * A confirmed connection, in the table; reply NULL = what answers original; where it is something else,
 * the connection is translated. *ret (may be NULL) has a reference. Fails with a sentence: -EINVAL tuples
 * that do not belong together, no timeout; -ERANGE a protocol state that there is not; -EBUSY status bits
 * that nobody may set; -EOPNOTSUPP a helper that does not serve it; -EEXIST there is one with such a tuple
 * (that one in *ret, with a reference, if it is still there); -ENOSPC the limit; -ENOMEM.
 */
int ct_query_create(struct conntrack *ct, const struct ct_tuple *original,
		    const struct ct_tuple *reply, const struct ct_change *change, struct conn **ret,
		    struct pktt_error *err);
/*
 * As ctnetlink, field after field, so that those before the one that fails have been changed: helper,
 * timeout, status, protocol state, mark, sequence adjustment, SYNPROXY, labels. -EOPNOTSUPP: a master, or
 * a helper for a connection that never had one; -EBUSY: another helper, a status bit that cannot be set or
 * unset; -EPERM: the timeout is fixed; -ETIME: it is dying; -ERANGE; -ENOMEM.
 */
int ct_query_update(struct conntrack *ct, struct conn *conn, const struct ct_change *change,
		    struct pktt_error *err);
/* -ENOENT: it has gone already. */
int ct_query_delete(struct conntrack *ct, struct conn *conn);
/* In steps, as ct_query_next(): how many went. */
unsigned int ct_query_flush(struct conntrack *ct, const struct ct_filter *filter, uint64_t *cursor,
			    unsigned int n, bool *done);
/*
 * All of them at once, in two parts: ct_query_doom() ends them where they are, in one go through memory,
 * so that nobody finds them any more; ct_query_sweep() then takes out, in steps as ct_query_flush(), what
 * was doomed, and listeners hear of it. Connections made meanwhile stay. How many.
 */
uint32_t ct_query_doom(struct conntrack *ct);
unsigned int ct_query_sweep(struct conntrack *ct, uint64_t *cursor, unsigned int n, bool *done);
/* Take the counters and leave zeroes, losing no packet. */
void ct_query_take_counters(struct conn *conn, struct ct_counter ret[2]);

/*
 * Expectations, filled in by the caller. timeout in seconds; 0 = what the class's policy says. -EOPNOTSUPP:
 * the master has no helper; otherwise as expect_related(), with a sentence.
 */
int ct_query_expect_create(struct conntrack *ct, struct expect *expect, uint32_t timeout,
			   struct pktt_error *err);
/* -ENOENT: it has gone already. */
int ct_query_expect_delete(struct conntrack *ct, struct expect *expect);
/* All of them, or those whose master has the helper of that name: how many went. */
unsigned int ct_query_expect_flush(struct conntrack *ct, const char *helper);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expectations: connections that a helper has read the announcement of. The first packet that fits one
 * opens a connection that is RELATED to its master.
 *
 * Life-cycle: expect_new(), filled in, expect_related() into the table; out of it when its connection
 * comes (unless permanent), its time ends, its master goes, or a newer one needs its place.
 *
 * Synchronization: one lock for all of them: they are few. It guards expects and nexpects of a
 * master's extension too. What stands in a listed expectation is constant but for expires_ns.
 */
#ifndef PKTT_CT_EXPECT_H
#define PKTT_CT_EXPECT_H

#include "conntrack/conntrack.h"

/* What a helper says once of each kind of its expectations. */
struct ct_expect_policy {
	const char *name; /* of the class, "default" */
	uint8_t max;	  /* at once, for one master; the oldest goes for a new one */
	uint32_t timeout; /* seconds */
};

struct expect {
	struct list node, master_node; /* expect.c */
	uint32_t place;		       /* expect.c: in the heap of timeouts */
	uint32_t ref;
	struct conntrack *ct;
	uint32_t id;
	/*
	 * Only the source has a mask that counts; destination, family, protocol must be equal, and the
	 * zone must be the master's.
	 */
	struct ct_tuple tuple, mask;
	struct conn *master;  /* a reference */
	uint8_t class, flags; /* CT_EXPECT_* */
	bool may_be_anothers; /* an equal one of another master does as well: -EALREADY says so */
	uint8_t nat_dir;      /* enum ct_dir of the expected packet as seen by NAT of the master */
	uint64_t expires_ns;  /* by conntrack's clock */
	const struct ct_helper *helper; /* given to the connection, or NULL */
	/* NAT: where the announcement really pointed to, before NAT rewrote it */
	uint8_t saved_addr[16];
	uint16_t saved_port; /* network order */
	/* Called for the new, unconfirmed connection, to bind it (nat_follow_master() ...). */
	void (*expected)(struct pktt_packet *pkt, struct conn *conn, const struct expect *expect);
	bool is_listed; /* expect.c */
};

/* With one reference; NULL without memory. */
struct expect *expect_new(struct conntrack *ct, struct conn *master);
void expect_put(struct expect **expect);
/*
 * The usual filling in: src NULL = from any address; sport NULL = from any port; ports in network order.
 * Linux's nf_ct_expect_init().
 */
void expect_init(struct expect *expect, uint8_t class, const struct pktt_addr *src,
		 const struct pktt_addr *dst, uint8_t protocol, const uint16_t *sport,
		 const uint16_t *dport);
/*
 * Into the table (a reference of its own), timeout by the class's policy of the master's helper; a
 * master without one: what expires_ns says. An equal one of the same master and class gives way to it,
 * and so does the master's oldest of the class where there are as many as the policy allows. -EBUSY: it
 * clashes with another; -EALREADY: it equals one of another class; -EMFILE: a limit; -ESHUTDOWN: the
 * master is gone, or announces nothing; -EINVAL: a class that its helper has not; -EEXIST: this
 * very one is listed; -ENOMEM.
 */
int expect_related(struct conntrack *ct, struct expect *expect);
/* From now on. -ETIME: it is not in the table any more. */
int expect_set_timeout(struct conntrack *ct, struct expect *expect, uint32_t seconds);
/* Out of the table; false, and no harm, if it is not in it. */
bool expect_unrelate(struct conntrack *ct, struct expect *expect);
/* All that a master announced (it died). */
void expect_remove_all(struct conntrack *ct, struct conn *master);
/*
 * The one that a tuple fits, with a reference; taken out unless permanent if take is set. tuple->zone is
 * the packet's zone, whichever direction it holds for. Its master is confirmed and not dying.
 */
struct expect *expect_find(struct conntrack *ct, const struct ct_tuple *tuple, bool take);
/* Up to n of a master's, the newest first, each with a reference. */
unsigned int expect_of_master(struct conntrack *ct, struct conn *master, struct expect **ret,
			      unsigned int n);
/* Any that the tuple fits, the newest, be it inactive or of whatever master; with a reference, or NULL. */
struct expect *expect_lookup(struct conntrack *ct, const struct ct_tuple *tuple);
/* In steps, as conndb_next(); up to n, each with a reference. */
unsigned int expect_next(struct conntrack *ct, uint64_t *cursor, struct expect **ret,
			 unsigned int n);
/* With a reference, or NULL; looks at all of them. */
struct expect *expect_by_id(struct conntrack *ct, uint32_t id);
uint32_t expect_count(const struct conntrack *ct);
/* Seconds left. */
uint32_t expect_timeout_left(const struct conntrack *ct, const struct expect *expect);
/* conntrack.c: a life of a table; the clock moved on. */
int expect_table_new(struct conntrack *ct);
void expect_table_free(struct conntrack *ct);
void expect_advance(struct conntrack *ct, uint64_t now_ns);

#endif

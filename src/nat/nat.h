/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network address translation, beside connection tracking and using it.
 *
 * Overview: the first packet of a connection runs through the nat table's chains, once for the
 * destination and once for the source; the target that ends that says a range, nat_setup() makes the
 * binding: it changes the reply tuple. Without a rule the binding is null. From then on packets are
 * rewritten by the tuples alone: one lookup in the nat table per connection, never per packet.
 *
 * A binding that clashes with another connection's is moved to a free port in constant time (portmap.h)
 * and reserved in the table at once (conndb_reserve_reply()), so that two packets cannot be given the
 * same one.
 */
#ifndef PKTT_NAT_NAT_H
#define PKTT_NAT_NAT_H

#include "conntrack/conntrack.h"

struct expect;

enum nat_kind { NAT_SRC = 0, NAT_DST = 1 };

enum { /* numbers of linux/netfilter/nf_nat.h, NF_NAT_RANGE_* */
       NAT_MAP_IPS = 1 << 0,
       NAT_PROTO_SPECIFIED = 1 << 1, /* min_port .. max_port */
       NAT_PROTO_RANDOM = 1 << 2,
       NAT_PERSISTENT = 1 << 3,
       NAT_PROTO_RANDOM_FULLY = 1 << 4,
       NAT_PROTO_OFFSET = 1 << 5, /* the port counts from base_port */
       NAT_NETMAP = 1 << 6,
};

struct nat_range {
	uint32_t flags;
	struct pktt_addr min, max;		/* with NAT_MAP_IPS */
	uint16_t min_port, max_port, base_port; /* network order; with NAT_PROTO_SPECIFIED */
};

/* Registers the hooks (-100 and 100). Behind conntrack_attach(). */
int nat_attach(struct pktt_engine *engine, struct pktt_error *err);
/* The place in a hook: PRE_ROUTING and LOCAL_OUT bind the destination, the others the source. */
enum nat_kind nat_kind_of(enum pktt_hook hook);
/*
 * Bind a new connection: Linux's nf_nat_setup_info(). ACCEPT, or DROP: no free port, or it is bound
 * already.
 */
enum pktt_verdict nat_setup(struct pktt_packet *pkt, struct conn *conn,
			    const struct nat_range *range, enum nat_kind kind);
/* For extensions' targets: the packet's own connection, the hook's kind. */
enum pktt_verdict nat_target(struct pktt_packet *pkt, const struct nat_range *range);
/*
 * The same with an address of this host in place of the range's: the one that it sends from by the
 * interface that the packet leaves by; the first of the interface that it came in by (locally made:
 * loopback). DROP without one.
 */
enum pktt_verdict nat_masquerade(struct pktt_packet *pkt, const struct nat_range *range);
enum pktt_verdict nat_redirect(struct pktt_packet *pkt, const struct nat_range *range);
/* Host part kept, network part of `to`. */
enum pktt_verdict nat_netmap(struct pktt_packet *pkt, const struct pktt_prefix *to);
/*
 * A rule has a range of several addresses: which of them a source got is remembered from now on, for
 * its next connections. No harm where no NAT is attached.
 */
void nat_keep_sources(struct pktt_engine *engine);
/* MASQUERADE remembers the interface; when its address goes, so do these connections. */
void nat_flush_masquerade(struct conntrack *ct, uint32_t ifindex, const struct pktt_addr *gone);
/*
 * Rewrite the packet's header as the connection's tuples say; kind: which half. false = the header
 * cannot be read (drop).
 */
bool nat_packet(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		enum nat_kind kind);

/* --- For helpers ------------------------------------------------------------------------------- */

/* Linux's nf_nat_follow_master(): the expected connection takes the way its master has. */
void nat_follow_master(struct pktt_packet *pkt, struct conn *conn, const struct expect *expect);
/*
 * Replace match_len bytes at match_offset of the layer-4 payload by with_len others; lengths and
 * checksums are made right, and, for TCP, the sequence adjustment noted. 0, -ENOSPC (too large),
 * -ENOMEM, -EINVAL.
 */
int nat_mangle_tcp(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		   uint32_t match_offset, uint32_t match_len, const void *with, uint32_t with_len);
/*
 * The same for TCP without a note: whoever replaces several pieces of a segment notes the sum once, by
 * nat_seqadj_set().
 */
int nat_replace_tcp(struct pktt_packet *pkt, uint32_t match_offset, uint32_t match_len,
		    const void *with, uint32_t with_len);
int nat_mangle_udp(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		   uint32_t match_offset, uint32_t match_len, const void *with, uint32_t with_len);
/*
 * Enter an expectation at the first free port from `first` on (host order), up to tries of them, step
 * apart: as nf_nat_exp_find_port(). The port (host order), or 0.
 */
uint16_t nat_expect_port(struct conntrack *ct, struct expect *expect, uint16_t first);

#endif

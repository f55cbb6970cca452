/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of NAT share with one another and with nobody else. */
#ifndef PKTT_NAT_OWN_H
#define PKTT_NAT_OWN_H

#include "nat/nat.h"

struct nat_sources;  /* source.c */
struct nat_portmaps; /* portmap.c */

/* Of an index of 30 bits: 9, 9 and 12. */
enum { NAT_MASQ_TOP = 512, NAT_MASQ_MIDDLE = 512, NAT_MASQ_LEAF = 4096 };

struct nat { /* conntrack_nat_state() */
	struct conntrack *ct;
	struct nat_sources *sources;
	struct nat_portmaps *portmaps;
	/*
	 * By a connection's index: the interface whose address MASQUERADE gave it, 0 = none. Beside the
	 * connections, since most of them have nothing else that would be worth an extension. Two
	 * steps of tables down to the numbers, made when first needed; they stay.
	 */
	void *masquerade[NAT_MASQ_TOP];
	uint64_t random; /* of nat_random(), where no packet is at hand */
};

static inline struct nat *nat_of(struct conntrack *ct)
{
	return conntrack_nat_state(ct);
}

/* splitmix64 (Steele, Lea, Flood 2014) */
static inline uint32_t nat_random(struct nat *nat)
{
	uint64_t z =
		__atomic_add_fetch(&nat->random, UINT64_C(0x9e3779b97f4a7c15), __ATOMIC_RELAXED);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) >> 32);
}

static inline uint32_t nat_now_ms(struct conntrack *ct)
{
	return ct_ms(conntrack_time_ns(ct));
}

/* Which half of the packet a status bit speaks of; the reply's halves are exchanged. */
static inline uint32_t nat_status_of(enum nat_kind kind, enum ct_dir dir)
{
	uint32_t bit = kind == NAT_SRC ? CT_SRC_NAT : CT_DST_NAT;

	return dir == CT_REPLY ? bit ^ CT_NAT_MASK : bit;
}

static inline enum ct_dir nat_dir_of(enum pktt_ct_info info)
{
	return info == PKTT_CT_ESTABLISHED_REPLY || info == PKTT_CT_RELATED_REPLY ? CT_REPLY
										  : CT_ORIGINAL;
}

/* packet.c: the header at this offset of layer 3 gets its half of target. false = cut off. */
bool nat_rewrite(struct pktt_packet *pkt, uint32_t at, const struct ct_tuple *target,
		 enum nat_kind kind);
/*
 * Behind the extension headers of the IPv6 header at an offset: ipv6_skip_exthdr(). -1 = cut off, or
 * nothing follows. *frag_off in bytes.
 */
int64_t nat_skip_ipv6(const struct pktt_packet *pkt, uint32_t at, uint8_t *next,
		      uint16_t *frag_off);

/* icmp.c: an error and what it quotes, translated with their connection. false = drop. */
bool nat_icmp_error(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		    enum nat_kind kind);

/* setup.c */
static inline uint32_t nat_done_bit(enum nat_kind kind)
{
	return kind == NAT_SRC ? CT_SRC_NAT_DONE : CT_DST_NAT_DONE;
}
/* To where it is already; another port only where that is taken. */
enum pktt_verdict nat_null_binding(struct pktt_packet *pkt, struct conn *conn, enum nat_kind kind);
/* struct ct_nat_ops */
int nat_bind(struct conntrack *ct, struct conn *conn, const struct ct_tuple *reply);
void nat_forget(struct conntrack *ct, struct conn *conn);

/* local.c: the connection left by another interface before. */
bool nat_has_moved(const struct pktt_packet *pkt, const struct conn *conn);
void nat_masquerade_forget(struct nat *nat, const struct conn *conn);
void nat_masquerade_fini(struct nat *nat);

/* unique.c */

/* A binding that is asked for. */
struct nat_wish {
	struct nat *nat;
	struct pktt_packet *pkt; /* chance */
	struct conn *conn;
	const struct nat_range *range;
	enum nat_kind kind;
	struct ct_tuple reply; /* of the connection, as it is */
};
/*
 * The tuple as packets will leave with it: Linux's get_unique_tuple(). For the source it is reserved
 * in the table with the answer, unless a range of one port says that it is not to be looked at.
 * -ENOSPC: no port is free; -ENOMEM.
 */
int nat_choose(struct nat_wish *wish, const struct ct_tuple *from, struct ct_tuple *ret);
/* The source of tuple is inside the range already. */
bool nat_in_range(const struct ct_tuple *tuple, const struct nat_range *range);
/* Its port, or what the protocol has in its place, is. */
bool nat_port_in_range(const struct ct_tuple *tuple, const struct nat_range *range,
		       enum nat_kind kind);

#endif

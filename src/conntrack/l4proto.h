/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A layer-4 protocol: how its tuple is read and inverted, and what a packet does to a connection. Data
 * and a few functions, in proto_*.c; whatever has no entry is the generic protocol's.
 */
#ifndef PKTT_CT_L4PROTO_H
#define PKTT_CT_L4PROTO_H

#include "conntrack/conn.h"
#include "conntrack/settings.h"

struct conntrack;
struct str;

enum ct_judge {
	CT_OK,
	CT_INVALID, /* the packet belongs to no connection: state INVALID; rules decide */
	CT_DROP,    /* the packet goes: Linux's NF_DROP from conntrack */
	CT_REPEAT,  /* the connection was taken out (a tuple is used again): look up again */
};

/* A packet that met its connection. */
struct ct_meet {
	struct conntrack *ct;
	struct pktt_packet *pkt;
	struct conn *conn;
	enum ct_dir dir;
	enum pktt_ct_info info; /* what it will be, if the protocol has nothing against it */
	uint32_t now_ms;
	const struct ct_settings *settings;
	const uint32_t
		*timeouts; /* seconds, by the protocol's enum; of its policy or the settings */
};

struct ct_l4proto {
	uint8_t protocol;
	const char *name;   /* as conntrack(8) prints it */
	uint8_t state_size; /* bytes of union ct_l4 that it needs */
	bool has_ports;	    /* sport and dport are ports: NAT may choose among them */
	/* From the layer-4 header on; false = it has no tuple. NULL = ports 0. */
	bool (*tuple)(struct buf l4, struct ct_tuple *ret);
	/* ports of ret from those of t; addresses are done. NULL = exchanged. false = has no answer. */
	bool (*invert)(struct ct_tuple *ret, const struct ct_tuple *t);
	/*
	 * What the packet means to the connection; an unconfirmed one in the original direction is new:
	 * the protocol says whether it may open one (CT_INVALID) and begins its state. Sets the timeout
	 * by ct_refresh(). The layer-4 header is proven only as far as tuple() reads. conn is not locked.
	 */
	enum ct_judge (*packet)(struct ct_meet *meet);
	/* NULL = never: whether it may be taken out early, under pressure, though assured. */
	bool (*may_drop_early)(const struct conn *conn);
	/* The word that conntrack(8) shows for the state: "ESTABLISHED". NULL = it has none. */
	const char *(*state)(const struct conn *conn);
	uint8_t timeout_count;
	const char *const *timeout_names;
	size_t timeouts_offset; /* in struct ct_settings */
};

extern const struct ct_l4proto ct_proto_tcp, ct_proto_udp, ct_proto_udplite, ct_proto_icmp,
	ct_proto_icmpv6, ct_proto_sctp, ct_proto_dccp, ct_proto_gre, ct_proto_generic;

/* Never NULL: the generic one for what is not known. family matters for icmp in IPv6 and back. */
const struct ct_l4proto *ct_l4proto_of(uint8_t family, uint8_t protocol);
uint8_t ct_l4_state_size(uint8_t family, uint8_t protocol);

/* --- For packet() ----------------------------------------------------------------------------- */

/* Counts the packet and gives the connection seconds more, unless its timeout is fixed. */
void ct_refresh(struct ct_meet *meet, uint32_t seconds);
/* Only counts it: for a connection that ends with this packet. */
void ct_account(struct ct_meet *meet);
/* Takes the connection out of the table: nf_ct_kill(). false = it is going already. Counts nothing. */
bool ct_kill(struct ct_meet *meet);
/* Sets the status bit; once it is confirmed and the bit new, listeners will hear of it. */
void ct_set_assured(struct ct_meet *meet);
/* The layer-4 state changed: listeners will hear of it. */
void ct_protoinfo_changed(struct ct_meet *meet);
/* A line about an invalid packet, where settings->log_invalid wants it: "reason" names why. */
void ct_log_invalid(struct ct_meet *meet, const char *reason);
/*
 * Whether the layer-4 checksum is to be verified and wrong: only at PRE_ROUTING, only if
 * settings->checksum, never for packets whose checksum is not final.
 */
bool ct_checksum_is_bad(const struct ct_meet *meet);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of SYNPROXY share. */
#ifndef PKTT_EXT_SYNPROXY_H
#define PKTT_EXT_SYNPROXY_H

#include "base/siphash.h"
#include "core/packet.h"

struct conn;

enum { /* numbers of linux/netfilter/nf_synproxy.h */
       SYNPROXY_MSS = 1 << 0,
       SYNPROXY_WSCALE = 1 << 1,
       SYNPROXY_SACK = 1 << 2,
       SYNPROXY_TIMESTAMP = 1 << 3,
       SYNPROXY_ECN = 1 << 4,
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16, TCP_ECE = 64, TCP_CWR = 128 };

struct synproxy_args {
	struct pktt_args head;
	bool sack, timestamp, ecn;
	uint8_t wscale;
	uint16_t mss;
};

/* A TCP header with those options that a handshake is about. */
struct synproxy_tcp {
	uint16_t sport, dport, window;
	uint32_t seq, ack;
	uint8_t flags;
	uint32_t options; /* SYNPROXY_*: which are there */
	uint16_t mss;
	uint8_t wscale;
	uint32_t tsval, tsecr;
};

/* false = cut off, or options that contradict themselves. */
bool synproxy_read(const struct pktt_packet *pkt, struct synproxy_tcp *ret);
/*
 * Send a packet with this header, in the surroundings of cause; ct and info are what it belongs to,
 * NULL and NONE = it will be looked up like any other.
 */
void synproxy_send(const struct pktt_packet *cause, const struct synproxy_tcp *tcp, bool is_back,
		   struct conn *ct, enum pktt_ct_info info, const struct ct_template *ct_template);
/* The time stamp option of a connection through the proxy speaks of two clocks. false = unreadable. */
void synproxy_shift_time(struct pktt_packet *pkt, bool is_original, uint32_t off);

/*
 * Cookies (RFC 4987, 3.6): the number in the place of a sequence number says when it was made and
 * which of a few segment sizes the client takes, and nobody without the key can make one.
 */
uint32_t synproxy_cookie(const struct siphash_key *key, const struct pktt_packet *syn,
			 const struct synproxy_tcp *tcp, uint16_t mss);
/* The segment size, or 0: the packet acknowledges no cookie of ours of the last two minutes. */
uint16_t synproxy_cookie_mss(const struct siphash_key *key, const struct pktt_packet *ack,
			     const struct synproxy_tcp *tcp, uint32_t client_seq);

/* Hooks of the connections through the proxy. Behind conntrack_attach(). */
int synproxy_attach(struct pktt_engine *engine);

#endif

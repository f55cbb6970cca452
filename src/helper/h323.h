/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the helpers of H.323 share: what they remember, addresses in messages, and expecting. */
#ifndef PKTT_HELPER_H323_H
#define PKTT_HELPER_H323_H

#include "helper/h323_types.h"
#include "helper/help.h"

enum { H323_CHANNELS = 4 };

/* Ports in network order, by the direction that they were announced in; the other's is NAT's. */
struct h323_state {
	uint16_t signal_port[2];
	uint16_t rtp_port[H323_CHANNELS][2];
	uint32_t timeout;     /* RAS: of the registration, seconds */
	uint16_t tpkt_len[2]; /* of a packet whose header came alone */
};

/* A message in hand. */
struct h323 {
	struct help *help;
	struct h323_state *state;
	struct per_notes notes;
};

/* An address that a message names. */
struct h323_place {
	const struct per_note *note;
	struct pktt_addr addr;
	uint16_t port; /* network order */
};

extern const struct ct_helper *const h323_q931, *const h323_h245, *const h323_ras;

/* The address of a note; false = of the other family. */
bool h323_read(const struct h323 *m, const struct per_note *note, struct h323_place *ret);
/* Another address and port in its place. */
bool h323_write(struct h323 *m, const struct per_note *note, const uint8_t *addr, uint16_t port);
/* Whether NAT changes this end of the conversation, in IPv4, as Linux has it. */
bool h323_is_translated(const struct h323 *m);
/* The ends of the conversation. */
static inline const struct ct_tuple *h323_here(const struct h323 *m)
{
	return &m->help->tuple[m->help->dir];
}

static inline const struct ct_tuple *h323_there(const struct h323 *m)
{
	return &m->help->tuple[!m->help->dir];
}

/* A connection to dst, from the other end of the conversation. */
struct expect *h323_expect(const struct h323 *m, uint8_t protocol, const struct pktt_addr *dst,
			   uint16_t port, const struct ct_helper *helper);
/* As follows_master, to a port that it was announced at. */
void h323_follow(const struct h323 *m, struct expect *expect);

#endif

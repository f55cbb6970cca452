/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the SIP helper share: a message in hand, what can be found in it, and what NAT
 * makes of it.
 */
#ifndef PKTT_HELPER_SIP_H
#define PKTT_HELPER_SIP_H

#include "helper/help.h"

enum sip_class { SIP_SIGNALLING, SIP_AUDIO, SIP_VIDEO, SIP_IMAGE, SIP_CLASSES };

struct sip_state { /* of a connection that carries SIP */
	uint32_t register_cseq, invite_cseq;
	uint16_t forced_dport; /* network order; 0 = none: see sip.c */
};

/* A message; of TCP one of several in a segment. */
struct sip {
	struct help *help;
	struct sip_state *state;
	uint32_t start; /* of the message in the payload */
	uint32_t len;	/* changes when NAT replaces something */
};

/* Something found in a message: where it stands, and what it says. */
struct sip_match {
	uint32_t at, len; /* from the message's start */
	uint8_t addr[16];
	uint16_t port; /* network order */
};

/* --- sip_text.c: finding. 1 = found; 0 = not there; -1 = there, but not what it should be --------- */

/* The byte at a place of the message, -1 behind its end. */
int sip_at(const struct sip *m, uint32_t at);
/* Whether it begins with word, in any case, at a place. */
bool sip_has(const struct sip *m, uint32_t at, const char *word);
/* In this case of letters. */
bool sip_has_exactly(const struct sip *m, uint32_t at, const char *word);
/* From a place: the number, 0 if it has more than 32 bits; the place behind it (at: none) in *end. */
uint32_t sip_number(const struct sip *m, uint32_t at, uint32_t *end);

enum sip_header {
	SIP_CSEQ,
	SIP_FROM,
	SIP_TO,
	SIP_CONTACT,
	SIP_VIA_UDP,
	SIP_VIA_TCP,
	SIP_EXPIRES,
	SIP_CONTENT_LENGTH,
};
/* A header from a place on; what is found is the part that counts: digits, or host and port. */
int sip_find_header(const struct sip *m, uint32_t from, enum sip_header header,
		    struct sip_match *ret);

/* A walk over the addresses of headers of a kind; zeroed before the first. */
struct sip_walk {
	uint32_t at;
	bool in_header;
};
/* The next one with its address and port; walk NULL = the first only. */
int sip_find_uri(const struct sip *m, enum sip_header header, struct sip_walk *walk,
		 struct sip_match *ret);
/* The address that a request is sent to. */
int sip_find_request_uri(const struct sip *m, struct sip_match *ret);
/* Parameters, from a place to the end of the header's value. */
int sip_find_address(const struct sip *m, uint32_t from, const char *name, bool has_brackets,
		     struct sip_match *ret);
int sip_find_number(const struct sip *m, uint32_t from, const char *name, struct sip_match *ret,
		    uint32_t *value);
/* The layer-4 protocol that is asked for; false = another than the connection's. */
bool sip_find_transport(const struct sip *m, uint32_t from, uint8_t *protocol);

enum sdp_line { SDP_NONE, SDP_VERSION, SDP_OWNER, SDP_CONNECTION, SDP_MEDIA };
/* A line of the session description, from a place on and before the first line of kind term. */
int sdp_find(const struct sip *m, uint32_t from, enum sdp_line line, enum sdp_line term,
	     struct sip_match *ret);
/* The same with its address. */
int sdp_find_address(const struct sip *m, uint32_t from, enum sdp_line line, enum sdp_line term,
		     struct sip_match *ret);

/* --- sip_nat.c: what the other side is to see. false = it cannot be said: drop ------------------- */

bool sip_nat_message(struct sip *m);
/* An expectation of signalling, entered at a port that is free, and said so at match. */
bool sip_nat_expect(struct sip *m, struct expect *expect, const struct sip_match *match);
/* A pair of media ports; *addr becomes the address that the description is to name. */
bool sip_nat_media(struct sip *m, struct expect *rtp, struct expect *rtcp,
		   const struct sip_match *media, uint8_t addr[16]);
bool sip_nat_media_port(struct sip *m, const struct sip_match *media, uint16_t port);
/* The address of a media description, then those of the whole session. */
bool sip_nat_media_address(struct sip *m, uint32_t from, const uint8_t addr[16]);
bool sip_nat_session(struct sip *m, uint32_t from, const uint8_t addr[16]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What helpers have in common: the packet at hand with all that is asked of it, and announcing a
 * connection, translated or not. A helper reads the payload, fills in a struct announcement, and
 * returns what help_announce() says.
 */
#ifndef PKTT_HELPER_HELP_H
#define PKTT_HELPER_HELP_H

#include "conntrack/helper.h"
#include "nat/nat.h"

/* A packet that a helper was given. */
struct help {
	struct pktt_packet *pkt;
	struct conn *conn;
	enum pktt_ct_info info;
	enum ct_dir dir;
	struct conntrack *ct;
	struct ct_tuple tuple[2];
	struct buf payload; /* behind the header of TCP or UDP; may be empty */
};

/* false = the header cannot be read: nothing to help with. */
bool help_begin(struct help *help, struct pktt_packet *pkt, struct conn *conn,
		enum pktt_ct_info info);
/* Where a cursor into the payload stands. */
/* Linux looks into the whole payload at once: a datagram that came in pieces leaves in others then. */
void help_linearize(struct pktt_packet *pkt);
static inline uint32_t help_offset(const struct help *help, const struct buf *at)
{
	return (uint32_t)buf_offset(&help->payload, at);
}

/* Packets both ways were seen, and this one is part of the conversation itself. */
static inline bool help_is_established(enum pktt_ct_info info)
{
	return info == PKTT_CT_ESTABLISHED || info == PKTT_CT_ESTABLISHED_REPLY;
}

static inline bool help_is_translated(const struct help *help)
{
	return conn_status(help->conn) & CT_NAT_MASK;
}

/* Drops the packet, for the helper. */
enum pktt_verdict help_drop(const struct help *help);
/* The connection has that many seconds from now on, unless its timeout is fixed. */
void help_refresh(const struct help *help, uint32_t seconds);
/*
 * Other bytes in the place of len at offset of the payload, which is shorter or longer then. The cursor
 * into the payload is void behind this. -errno as nat_mangle_tcp().
 */
int help_replace(const struct help *help, uint32_t offset, uint32_t len, const void *with,
		 uint32_t with_len);

#define ANNOUNCEMENT_TEXT_MAX 64

/* A connection that somebody will open. Ports are in network order. */
struct announcement {
	uint8_t class, protocol;
	const struct pktt_addr *src; /* NULL = anybody */
	struct pktt_addr dst;
	uint16_t port;
	const struct ct_helper *helper; /* that it will have itself, or NULL */
	/*
	 * Where the conversation is translated, and follows is set, the expected connection is so too,
	 * as its master: nat_dir is the direction of the master in which it will run, saved_port the
	 * port that it really goes to.
	 */
	bool follows;
	enum ct_dir nat_dir;
	uint16_t saved_port;
	/*
	 * Then the payload names, at len bytes from offset, what the other side is to see: write() puts
	 * it into out for a port (host order) that was free, and returns its length. NULL = the payload
	 * does not say the port, which must be that one.
	 */
	uint32_t offset, len;
	uint32_t (*write)(const struct help *help, const struct announcement *what, uint16_t port,
			  uint8_t out[ANNOUNCEMENT_TEXT_MAX]);
	uint8_t kind; /* the helper's own, for write() */
};

/*
 * Two streams side by side: at the port that rtp has, or two, four ... above it, both are free. The port
 * (host order), or 0.
 */
uint16_t help_expect_pair(struct conntrack *ct, struct expect *rtp, struct expect *rtcp);
/* The source or destination of a new connection, to an address of its family and, if not NULL, a port. */
void help_bind(struct pktt_packet *pkt, struct conn *conn, const uint8_t *addr,
	       const uint16_t *port, enum nat_kind kind);

/* ACCEPT; DROP where it cannot be expected, or not be said: nobody is to wait for it then. */
enum pktt_verdict help_announce(const struct help *help, const struct announcement *what);

#endif

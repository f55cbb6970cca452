/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BSD talk, its three protocols: talk (port 517), ntalk and ntalk2 (518). IPv4 only.
 *
 *	caller's daemon     callee's daemon
 *	        |      \   /
 *	      2 |     3 \ / 1
 *	        |       / \
 *	caller's client --- callee's client
 *	                 4
 *
 * Overview: the caller's client asks the callee's daemon (1, UDP: LOOK_UP, then ANNOUNCE) and leaves its
 * invitation with its own (2). The callee's client looks that up there (3, UDP), which is told the TCP
 * address of the caller's client, and connects to it (4). Thus the answer to an ANNOUNCE announces 3, and
 * the answer to a LOOK_UP announces 4.
 *
 * A request names the address to answer to (ctl_addr), and an invitation's address (addr): where the
 * client's address is translated, so are they. An answer that names a host other than the daemon's is
 * not expected: it could open the way to anybody.
 *
 * The layout is that of 4.3BSD's <protocols/talkd.h>; Linux had such a helper in its patch-o-matic until
 * 2006, and has none today.
 */
#include "helper/help.h"

#include <netinet/in.h>
#include <string.h>

#define TALK_PORT  517
#define NTALK_PORT 518

enum { TALK_LOOK_UP = 1, TALK_ANNOUNCE = 3 };
enum { TALK_SUCCESS = 0 };
enum { TALK_CLASS_LOOK_UP, TALK_CLASS_CHAT };

#define ADDR_SIZE 16u /* family, port, address, eight bytes of nothing */

/* Where things stand in the messages of a protocol. */
struct talk_layout {
	uint16_t port;
	int version; /* of byte 0; -1 = it has none */
	uint8_t type_at, answer_at;
	uint8_t request_len, request_addr_at, request_ctl_at;
	uint8_t answer_len, answer_addr_at;
	uint8_t more_at; /* of a request: a byte that says how many more there are; 0 = none */
	bool may_answer_longer; /* the answer may have a tail */
};

static const struct talk_layout layouts[] = {
	{
		.port = TALK_PORT,
		.version = -1,
		.type_at = 0,
		.answer_at = 1,
		.request_len = 76,
		.request_addr_at = 44,
		.request_ctl_at = 60,
		.answer_len = 24,
		.answer_addr_at = 8,
	},
	{
		.port = NTALK_PORT,
		.version = 1,
		.type_at = 1,
		.answer_at = 2,
		.request_len = 84,
		.request_addr_at = 8,
		.request_ctl_at = 24,
		.answer_len = 24,
		.answer_addr_at = 8,
	},
	{
		.port = NTALK_PORT,
		.version = 2,
		.type_at = 1,
		.answer_at = 2,
		.request_len = 84,
		.request_addr_at = 8,
		.request_ctl_at = 24,
		.answer_len = 36,
		.answer_addr_at = 8,
		.more_at = 3,
		.may_answer_longer = true,
	},
};

/* A byte of the payload, or -1. */
static int byte_at(const struct help *help, uint32_t at)
{
	struct buf b = help->payload;
	uint8_t byte;

	return buf_skip(&b, at) && buf_get_u8(&b, &byte) ? byte : -1;
}

static bool is_of(const struct talk_layout *l, const struct help *help)
{
	size_t len = buf_left(&help->payload);
	int more = l->more_at ? byte_at(help, l->more_at) : 0;

	if (l->version >= 0 && byte_at(help, 0) != l->version)
		return false;
	if (help->dir == CT_ORIGINAL)
		return more >= 0 && len == l->request_len + (size_t)more;
	return l->may_answer_longer ? len >= l->answer_len : len == l->answer_len;
}

static const struct talk_layout *layout_of(const struct help *help, uint16_t port)
{
	for (unsigned int i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].port == port && is_of(&layouts[i], help))
			return &layouts[i];
	return NULL;
}

/* An address as it stands in a message: its port and the four bytes of its host. */
struct talk_addr {
	uint8_t port[2], host[4];
};

/* A 4.3BSD sockaddr_in: the family in either byte order, or behind its length. */
static bool read_addr(const struct help *help, uint32_t at, struct talk_addr *ret)
{
	struct buf b = help->payload;
	const uint8_t *p;

	if (!buf_skip(&b, at) || !(p = buf_get(&b, ADDR_SIZE)))
		return false;
	memcpy(ret, p + 2, sizeof(*ret));
	return (p[0] == AF_INET && p[1] == 0) || p[1] == AF_INET;
}

static int write_addr(const struct help *help, uint32_t at, const struct talk_addr *addr)
{
	return help_replace(help, at + 2, sizeof(*addr), addr, sizeof(*addr));
}

/* --- Requests --------------------------------------------------------------------------------- */

/* The client's own address, and the port if it is the one that it asks from, become what is seen. */
static int translate_addr(const struct help *help, uint32_t at)
{
	const struct ct_tuple *orig = &help->tuple[CT_ORIGINAL], *reply = &help->tuple[CT_REPLY];
	struct talk_addr addr;

	if (!read_addr(help, at, &addr) || memcmp(addr.host, orig->src, 4) != 0)
		return 0;
	memcpy(addr.host, reply->dst, 4);
	if (memcmp(addr.port, &orig->sport, 2) == 0)
		memcpy(addr.port, &reply->dport, 2);
	return write_addr(help, at, &addr);
}

static enum pktt_verdict read_request(struct help *help, const struct talk_layout *l)
{
	if (!help_is_translated(help))
		return PKTT_ACCEPT;
	/* As long as before, and where it was: the cursor stays good. */
	if (translate_addr(help, l->request_addr_at) < 0 ||
	    translate_addr(help, l->request_ctl_at) < 0)
		return help_drop(help);
	return PKTT_ACCEPT;
}

/* --- Answers ---------------------------------------------------------------------------------- */

/* The callee's client will ask the caller's daemon, which has this protocol's port. */
static enum pktt_verdict expect_look_up(const struct help *help, uint16_t port)
{
	struct pktt_addr src = ct_tuple_src(&help->tuple[CT_REPLY]);
	struct announcement what = {
		.class = TALK_CLASS_LOOK_UP,
		.protocol = IPPROTO_UDP,
		.src = &src,
		.dst = ct_tuple_dst(&help->tuple[CT_REPLY]),
		.port = htons(port),
		.helper = conn_helper(help->conn),
		.follows = true,
		.nat_dir = CT_REPLY,
		.saved_port = htons(port),
	};

	return help_announce(help, &what);
}

static uint32_t write_invitation(const struct help *help, const struct announcement *what,
				 uint16_t port, uint8_t out[ANNOUNCEMENT_TEXT_MAX])
{
	(void)what;
	put_be16(out, port);
	memcpy(out + 2, help->tuple[CT_ORIGINAL].dst, 4);
	return sizeof(struct talk_addr);
}

/* Who asked will connect to the client that left the invitation. */
static enum pktt_verdict expect_chat(const struct help *help, const struct talk_layout *l)
{
	struct pktt_addr src = ct_tuple_src(&help->tuple[CT_ORIGINAL]);
	struct announcement what = {
		.class = TALK_CLASS_CHAT,
		.protocol = IPPROTO_TCP,
		.src = &src,
		.dst = ct_tuple_dst(&help->tuple[CT_ORIGINAL]),
		.follows = true,
		.nat_dir = CT_ORIGINAL,
		.offset = l->answer_addr_at + 2u,
		.len = sizeof(struct talk_addr),
		.write = write_invitation,
	};
	struct talk_addr addr;

	if (!read_addr(help, l->answer_addr_at, &addr) || get_be16(addr.port) == 0 ||
	    memcmp(addr.host, help->tuple[CT_REPLY].src, 4) != 0)
		return PKTT_ACCEPT;
	memcpy(&what.port, addr.port, 2);
	what.saved_port = what.port;
	return help_announce(help, &what);
}

static enum pktt_verdict read_answer(const struct help *help, const struct talk_layout *l)
{
	if (byte_at(help, l->answer_at) != TALK_SUCCESS)
		return PKTT_ACCEPT;
	switch (byte_at(help, l->type_at)) {
	case TALK_ANNOUNCE:
		return expect_look_up(help, l->port);
	case TALK_LOOK_UP:
		return expect_chat(help, l);
	}
	return PKTT_ACCEPT;
}

static enum pktt_verdict help_of(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
				 uint16_t port)
{
	const struct talk_layout *l;
	struct help help;

	/* An error about the conversation is related to it as well. */
	if (pkt->protocol != IPPROTO_UDP || !help_begin(&help, pkt, conn, info))
		return PKTT_ACCEPT;
	l = layout_of(&help, port);
	if (!l)
		return PKTT_ACCEPT;
	return help.dir == CT_ORIGINAL ? read_request(&help, l) : read_answer(&help, l);
}

static enum pktt_verdict talk_help(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info)
{
	return help_of(pkt, conn, info, TALK_PORT);
}

static enum pktt_verdict ntalk_help(struct pktt_packet *pkt, struct conn *conn,
				    enum pktt_ct_info info)
{
	return help_of(pkt, conn, info, NTALK_PORT);
}

static const struct ct_expect_policy talk_classes[] = {
	[TALK_CLASS_LOOK_UP] = { .name = "look-up", .max = 1, .timeout = 4 * 60 },
	[TALK_CLASS_CHAT] = { .name = "chat", .max = 1, .timeout = 4 * 60 },
};

PKTT_HELPER(talk) = {
	.name = "talk",
	.families = PKTT_FAM_V4,
	.protocol = { IPPROTO_UDP },
	.ports = { TALK_PORT },
	.classes = talk_classes,
	.nclasses = 2,
	.help = talk_help,
};

PKTT_HELPER(ntalk) = {
	.name = "ntalk",
	.families = PKTT_FAM_V4,
	.protocol = { IPPROTO_UDP },
	.ports = { NTALK_PORT },
	.classes = talk_classes,
	.nclasses = 2,
	.help = ntalk_help,
};

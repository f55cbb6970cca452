/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Acknowledgements and errors, as netlink has them: struct nlmsgerr with the header of the message
 * that it is about, then extended ack attributes. A peer that is a netlink program unchanged gets
 * the whole message back with an error, as a netlink socket does that was not told otherwise
 * (NETLINK_CAP_ACK).
 */
#include "bus/nfnl_own.h"

#include <arpa/inet.h>
#include <string.h>

enum { COPY_MAX = 64 * 1024 };

struct ext_ack {
	const char *text; /* NULL = none */
	uint32_t offset;  /* 0 = none */
	const struct pktt_place *place;
	size_t len;
};

static size_t attr_len(size_t payload)
{
	return NLA_ALIGN(NLA_HDRLEN + payload);
}

static void *put_attr(void *at, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = at;

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memset((char *)at + NLA_HDRLEN, 0, attr_len(len) - NLA_HDRLEN);
	memcpy((char *)at + NLA_HDRLEN, data, len);
	return (char *)at + attr_len(len);
}

static struct ext_ack ext_ack(const struct nlmsghdr *nlh, const struct pktt_error *err,
			      const struct nlattr *bad)
{
	struct ext_ack ext = { 0 };

	if (!err)
		return ext;
	if (err->text[0]) {
		ext.text = err->text;
		ext.len += attr_len(strlen(err->text) + 1);
	}
	if (bad) {
		ext.offset = (uint32_t)((const char *)bad - (const char *)nlh);
		ext.len += attr_len(sizeof(ext.offset));
	}
	if (err->place.line || err->place.column) {
		ext.place = &err->place;
		ext.len += attr_len(3 * sizeof(uint32_t));
	}
	return ext;
}

static void put_ext(void *at, const struct ext_ack *ext)
{
	if (ext->text)
		at = put_attr(at, NLMSGERR_ATTR_MSG, ext->text, strlen(ext->text) + 1);
	if (ext->offset)
		at = put_attr(at, NLMSGERR_ATTR_OFFS, &ext->offset, sizeof(ext->offset));
	if (ext->place) {
		uint32_t place[3] = { htonl(ext->place->line), htonl(ext->place->column),
				      htonl(ext->place->length) };

		put_attr(at, NLMSGERR_ATTR_COOKIE, place, sizeof(place));
	}
}

/* err NULL: an acknowledgement. bad: the attribute that is to blame, within nlh. */
void nfnl_ack(struct nfnl_peer *peer, const struct nlmsghdr *nlh, const struct pktt_error *err,
	      const struct nlattr *bad)
{
	struct ext_ack ext = ext_ack(nlh, err, bad);
	bool is_whole = err && peer->is_legacy && nlh->nlmsg_len <= COPY_MAX;
	size_t copy = is_whole ? nlh->nlmsg_len : sizeof(*nlh);
	size_t len = NLMSG_LENGTH(sizeof(int) + NLMSG_ALIGN(copy)) + ext.len;
	struct nlmsghdr *head = nfnl_out_room(peer, len, false);
	struct nlmsgerr *body;

	peer->last_is_part = false;
	if (!head)
		return;
	*head = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)len,
		.nlmsg_type = NLMSG_ERROR,
		.nlmsg_flags =
			(uint16_t)((is_whole ? 0 : NLM_F_CAPPED) | (ext.len ? NLM_F_ACK_TLVS : 0)),
		.nlmsg_seq = nlh->nlmsg_seq,
		.nlmsg_pid = peer->port,
	};
	body = NLMSG_DATA(head);
	body->error = err ? err->code : 0;
	memcpy(&body->msg, nlh, copy);
	memset((char *)&body->msg + copy, 0, NLMSG_ALIGN(copy) - copy);
	put_ext((char *)&body->msg + NLMSG_ALIGN(copy), &ext);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: a packet's connection within the messages of nfqueue and nflog, and changed by a verdict. The
 * attributes are ctnetlink's, in the order of __ctnetlink_glue_build(), which is another than that of its
 * dumps; what may be changed is what ctnetlink_glue_parse() takes.
 */
#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <string.h>

#include "base/own.h"
#include "bus/sub_packet.h"
#include "bus/sub_queue_own.h"
#include "conntrack/helper.h"
#include "conntrack/query.h"
#include "conntrack/view.h"
#include "wire/ct.h"

/* --- Out ------------------------------------------------------------------------------------------ */

static const uint16_t order[] = {
	CTA_TUPLE_ORIG,	    CTA_TUPLE_REPLY,  CTA_ZONE,		 CTA_ID,
	CTA_STATUS,	    CTA_TIMEOUT,      CTA_PROTOINFO,	 CTA_COUNTERS_ORIG,
	CTA_COUNTERS_REPLY, CTA_TIMESTAMP,    CTA_HELP,		 CTA_SECCTX,
	CTA_TUPLE_MASTER,   CTA_SEQ_ADJ_ORIG, CTA_SEQ_ADJ_REPLY, CTA_SYNPROXY,
	CTA_MARK,	    CTA_LABELS,
};

static bool copy_attr(const struct sub_message *msg, const struct nlmsghdr *from, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, from, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == type)
			return mnl_attr_put_check(msg->nlh, msg->room, attr->nla_type,
						  mnl_attr_get_payload_len(attr),
						  mnl_attr_get_payload(attr));
	}
	return true;
}

/* enum ip_conntrack_info */
static uint32_t info_of(enum pktt_ct_info info)
{
	switch (info) {
	case PKTT_CT_ESTABLISHED:
		return 0;
	case PKTT_CT_RELATED:
		return 1;
	case PKTT_CT_NEW:
		return 2;
	case PKTT_CT_ESTABLISHED_REPLY:
		return 3;
	case PKTT_CT_RELATED_REPLY:
		return 4;
	case PKTT_CT_NONE:
	case PKTT_CT_INVALID:
	case PKTT_CT_UNTRACKED:
		break;
	}
	return 7;
}

bool sub_put_ct(const struct sub_message *msg)
{
	_Alignas(8) uint8_t scratch[CT_WIRE_ROOM];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(scratch);
	struct ct_view view;
	struct nlattr *nest;
	bool fits;

	if (!msg->pkt->ct || !msg->pkt->engine)
		return true;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct nfgenmsg));
	conn_view(conntrack_of(msg->pkt->engine), msg->pkt->ct, &view);
	if (ct_encode(nlh, sizeof(scratch), &view, CT_ORDER_DUMP))
		return false;
	nest = mnl_attr_nest_start_check(msg->nlh, msg->room, msg->attrs->ct);
	fits = nest != NULL;
	for (size_t i = 0; fits && i < pktt_countof(order); i++)
		fits = copy_attr(msg, nlh, order[i]);
	if (!fits)
		return false;
	mnl_attr_nest_end(msg->nlh, nest);
	return sub_put_be32(msg, msg->attrs->ct_info, info_of(msg->pkt->ct_info));
}

/* --- In ------------------------------------------------------------------------------------------- */

/* The inside of NFQA_CT as a message of its own. */
static int decode(const struct nfnl_request *req, const struct pktt_packet *pkt,
		  struct ct_view *ret)
{
	const struct nlattr *attr = req->attr[NFQA_CT];
	_Alignas(8) uint8_t scratch[CT_WIRE_ROOM];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(scratch);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	size_t len = mnl_attr_get_payload_len(attr);

	if (nlh->nlmsg_len + MNL_ALIGN(len) > sizeof(scratch))
		return -EMSGSIZE;
	head->nfgen_family = ct_wire_family((uint8_t)pkt->l3_family);
	memset(scratch + nlh->nlmsg_len, 0, MNL_ALIGN(len));
	memcpy(scratch + nlh->nlmsg_len, mnl_attr_get_payload(attr), len);
	nlh->nlmsg_len += (uint32_t)MNL_ALIGN(len);
	return ct_decode(nlh, ret, NULL);
}

static int change_timeout(struct ct_change *change, const struct ct_view *view, struct conn *conn)
{
	/* One that no packet has confirmed yet has no time to run out. */
	if (!(view->has & CTV_TIMEOUT) || !(conn_status(conn) & CT_CONFIRMED))
		return 0;
	change->has = CT_HAS_TIMEOUT;
	change->timeout = view->timeout;
	return 1;
}

/* Bits that cannot be changed are passed over, which ctnetlink alone would not do. */
static int change_status(struct ct_change *change, const struct ct_view *view, struct conn *conn)
{
	const uint32_t changeable = CT_SEEN_REPLY | CT_ASSURED | CT_FIXED_TIMEOUT | CT_HELPER;

	if (!(view->has & CTV_STATUS))
		return 0;
	change->has = CT_HAS_STATUS;
	change->status = (conn_status(conn) & ~changeable) | (view->status & changeable);
	return 1;
}

static int change_helper(struct ct_change *change, const struct ct_view *view, struct conn *conn)
{
	if (!(view->has & CTV_HELPER))
		return 0;
	change->has = CT_HAS_HELPER;
	if (view->helper[0])
		change->helper = ct_helper_find(view->helper, conn->family, conn->protocol);
	return view->helper[0] && !change->helper ? -EOPNOTSUPP : 1;
}

static int change_labels(struct ct_change *change, const struct ct_view *view, struct conn *conn)
{
	(void)conn;
	if (!(view->has & CTV_LABEL))
		return 0;
	change->has = CT_HAS_LABEL;
	memcpy(change->label, view->label, sizeof(change->label));
	memset(change->label_mask, 0xff, sizeof(change->label_mask));
	if (view->has & CTV_LABEL_MASK)
		memcpy(change->label_mask, view->label_mask, sizeof(change->label_mask));
	return 1;
}

static int change_mark(struct ct_change *change, const struct ct_view *view, struct conn *conn)
{
	uint32_t mask = view->has & CTV_MARK_MASK ? view->mark_mask : UINT32_MAX;

	if (!(view->has & CTV_MARK))
		return 0;
	change->has = CT_HAS_MARK;
	change->mark = (conn_mark(conn) & ~mask) ^ view->mark;
	change->mark_mask = UINT32_MAX;
	return 1;
}

/* Each says 1: there is something to change; 0: nothing is said of it. The first error ends it. */
void sub_queue_update_ct(struct sub_queue *sub, const struct nfnl_request *req,
			 struct pktt_packet *pkt)
{
	static int (*const changes[])(struct ct_change *, const struct ct_view *, struct conn *) = {
		change_timeout, change_status, change_helper, change_labels, change_mark,
	};
	struct ct_view view;
	int rc = 1;

	(void)sub;
	if (!req->attr[NFQA_CT] || !pkt->ct || !pkt->engine || decode(req, pkt, &view))
		return;
	for (size_t i = 0; i < pktt_countof(changes) && rc >= 0; i++) {
		struct ct_change change = { .has = 0 };

		rc = changes[i](&change, &view, pkt->ct);
		if (rc > 0)
			rc = ct_query_update(conntrack_of(pkt->engine), pkt->ct, &change, NULL);
	}
}

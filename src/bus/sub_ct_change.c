/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnetlink: making and changing connections. Order and errors are the kernel's. */
#include "bus/sub_ct_own.h"

#include "conntrack/helper.h"
#include "conntrack/l4proto.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

int sub_ct_take_zones(struct ct_view *v, struct pktt_error *err)
{
	if (!(v->has & CTV_ZONE))
		return 0;
	for (unsigned int dir = 0; dir < 2; dir++) {
		if (v->given[dir] & CT_FILTER_ZONE && v->zone)
			return pktt_fail(err, -EINVAL, "the zone is given twice");
		v->tuple[dir].zone |= v->zone;
	}
	v->master.zone = v->zone;
	return 0;
}

int sub_ct_check_tuple(const struct ct_tuple *t, uint32_t given, struct pktt_error *err)
{
	uint32_t needs = ct_tuple_fields(t->protocol);

	if ((given & needs) == needs)
		return 0;
	return pktt_fail(err, -EINVAL,
			 "a tuple needs addresses, a protocol and what %s has for ports",
			 ct_protocol_name(t->protocol));
}

/* --- What is to be changed ------------------------------------------------------------------------- */

static int take_helper(struct ct_change *c, const struct ct_view *v, const struct conn *conn,
		       struct pktt_error *err)
{
	const struct ct_tuple *t = &v->tuple[v->has & CTV_ORIG ? 0 : 1];

	if (!(v->has & CTV_HELPER))
		return 0;
	c->has |= CT_HAS_HELPER;
	c->helper = v->helper[0] ? ct_helper_find(v->helper, t->family, t->protocol) : NULL;
	if (c->helper || (conn && !v->helper[0]))
		return 0;
	/* One of a master's keeps its helper, whatever else is wrong with the name. */
	if (conn && conn_status(conn) & CT_EXPECTED)
		return pktt_fail(err, -EBUSY, "an expected connection keeps its helper");
	return pktt_fail(err, -EOPNOTSUPP, "there is no helper %s for such connections", v->helper);
}

static void take_tcp(struct ct_change *c, const struct ct_view *v)
{
	c->l4_has |= v->has & CTV_STATE ? CT_L4_STATE : 0;
	c->l4_has |= v->has & CTV_TCP_SCALE ? CT_L4_SCALES : 0;
	c->l4.tcp.state = v->state;
	for (unsigned int dir = 0; dir < 2; dir++) {
		c->l4_has |= v->has & CTV_TCP_FLAGS_0 << dir ? CT_L4_FLAGS_ORIGINAL << dir : 0;
		c->l4_mask[dir] = v->tcp_mask[dir];
		c->l4.tcp.seen[dir].flags = v->tcp_flags[dir];
		c->l4.tcp.seen[dir].scale = v->tcp_scale[dir];
	}
	if (c->l4_has)
		c->has |= CT_HAS_PROTOINFO;
}

/* All of the state as it is, with what the request says of it. */
static void take_whole(struct ct_change *c, const struct ct_view *v, struct conn *conn)
{
	c->has |= CT_HAS_PROTOINFO;
	if (conn) {
		conn_lock(conn);
		memcpy(&c->l4, conn_l4(conn), ct_l4_state_size(conn->family, conn->protocol));
		conn_unlock(conn);
	}
	if (v->has & CTV_SCTP_VTAG) {
		c->l4.sctp.state = v->state;
		c->l4.sctp.vtag[0] = htonl(v->sctp_vtag[0]);
		c->l4.sctp.vtag[1] = htonl(v->sctp_vtag[1]);
	} else {
		c->l4.dccp.state = v->state;
		c->l4.dccp.role[CT_ORIGINAL] = v->dccp_role;
		c->l4.dccp.role[CT_REPLY] = !v->dccp_role;
		c->l4.dccp.handshake_seq = v->dccp_handshake_seq;
	}
}

static int take_l4(struct ct_change *c, const struct ct_view *v, struct conn *conn,
		   struct pktt_error *err)
{
	uint8_t protocol = v->tuple[v->has & CTV_ORIG ? 0 : 1].protocol;

	switch (protocol) {
	case IPPROTO_TCP:
		take_tcp(c, v);
		return 0;
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		if (!(v->has & (CTV_STATE | CTV_SCTP_VTAG | CTV_DCCP_ROLE)))
			return 0;
		if (!(v->has & CTV_STATE) || !(v->has & (CTV_SCTP_VTAG | CTV_DCCP_ROLE)))
			return pktt_fail(
				err, -EINVAL,
				"%s: a state and both sides' tags or roles are given together",
				ct_protocol_name(protocol));
		take_whole(c, v, conn);
		return 0;
	}
	return 0;
}

static void take_mark(struct ct_change *c, const struct ct_view *v, const struct conn *conn)
{
	if (!(v->has & CTV_MARK))
		return;
	c->has |= CT_HAS_MARK;
	c->mark = v->mark;
	c->mark_mask = v->has & CTV_MARK_MASK ? v->mark_mask : UINT32_MAX;
	/* A mask of 0 means all bits to what comes next, and none here. */
	if (!c->mark_mask)
		c->mark ^= conn ? conn_mark(conn) : 0;
}

static void take_labels(struct ct_change *c, const struct ct_view *v)
{
	if (!(v->has & CTV_LABEL))
		return;
	c->has |= CT_HAS_LABEL;
	memcpy(c->label, v->label, sizeof(c->label));
	memset(c->label_mask, 0xff, sizeof(c->label_mask));
	if (v->has & CTV_LABEL_MASK)
		memcpy(c->label_mask, v->label_mask, sizeof(c->label_mask));
}

static void take_adjustments(struct ct_change *c, const struct ct_view *v, struct conn *conn)
{
	if (v->has & CTV_SYNPROXY) {
		c->has |= CT_HAS_SYNPROXY;
		c->synproxy = v->synproxy;
	}
	if (!(v->has & (CTV_SEQADJ_0 | CTV_SEQADJ_1)))
		return;
	c->has |= CT_HAS_SEQADJ;
	if (conn && conn->ext && conn->ext->has_seqadj)
		memcpy(c->seqadj, conn->ext->seqadj, sizeof(c->seqadj));
	for (unsigned int dir = 0; dir < 2; dir++)
		if (v->has & CTV_SEQADJ_0 << dir)
			c->seqadj[dir] = v->seqadj[dir];
}

/* conn NULL: for a new one. */
static int change_of(struct ct_change *c, const struct ct_view *v, struct conn *conn,
		     struct pktt_error *err)
{
	int r;

	memset(c, 0, sizeof(*c));
	r = take_helper(c, v, conn, err);
	if (r == 0)
		r = take_l4(c, v, conn, err);
	if (v->has & CTV_TIMEOUT) {
		c->has |= CT_HAS_TIMEOUT;
		c->timeout = v->timeout;
	}
	if (v->has & CTV_STATUS) {
		c->has |= CT_HAS_STATUS;
		c->status = v->status;
	}
	take_mark(c, v, conn);
	take_labels(c, v);
	take_adjustments(c, v, conn);
	return r;
}

/* --- Carrying it out ---------------------------------------------------------------------------------- */

/* Where NAT is asked for, the answers come from, or go to, elsewhere. */
static void translate(struct ct_view *v)
{
	struct ct_tuple *reply = &v->tuple[1];

	if (v->has & CTV_NAT_DST) {
		if (v->nat_dst.min.len)
			memcpy(reply->src, v->nat_dst.min.byte, v->nat_dst.min.len);
		if (v->nat_dst.port_min)
			reply->sport = htons(v->nat_dst.port_min);
	}
	if (v->has & CTV_NAT_SRC) {
		if (v->nat_src.min.len)
			memcpy(reply->dst, v->nat_src.min.byte, v->nat_src.min.len);
		if (v->nat_src.port_min)
			reply->dport = htons(v->nat_src.port_min);
	}
}

static int find_master(struct sub_ct *sub, const struct ct_view *v, struct ct_change *c,
		       struct pktt_error *err)
{
	enum ct_dir dir;
	int r;

	if (!(v->has & CTV_MASTER))
		return 0;
	r = sub_ct_check_tuple(&v->master, v->given[2], err);
	if (r)
		return r;
	c->has |= CT_HAS_MASTER;
	c->master = ct_query_get(sub->ct, &v->master, &dir);
	if (!c->master)
		return pktt_fail(err, -ENOENT, "there is no such master connection");
	return 0;
}

static int create(struct sub_ct *sub, struct ct_view *v, struct pktt_error *err)
{
	struct ct_change c;
	int r;

	if (!(v->has & CTV_ORIG) || !(v->has & CTV_REPLY))
		return pktt_fail(err, -EINVAL, "a new connection needs both tuples");
	if (!(v->has & CTV_TIMEOUT))
		return pktt_fail(err, -EINVAL, "a new connection needs a timeout");
	r = change_of(&c, v, NULL, err);
	if (r == 0)
		r = find_master(sub, v, &c, err);
	if (r)
		return r;
	translate(v);
	r = ct_query_create(sub->ct, &v->tuple[0], &v->tuple[1], &c, NULL, err);
	if (c.master)
		conn_put(conntrack_db(sub->ct), &c.master);
	return r;
}

static int update(struct sub_ct *sub, struct ct_view *v, struct conn *conn, struct pktt_error *err)
{
	struct ct_change c;
	int r;

	if (v->has & (CTV_NAT_SRC | CTV_NAT_DST | CTV_MASTER))
		return pktt_fail(err, -EOPNOTSUPP,
				 "only a new connection is translated or given a master");
	r = change_of(&c, v, conn, err);
	return r ? r : ct_query_update(sub->ct, conn, &c, err);
}

/* Either tuple, the original one first. */
static int find_of(struct sub_ct *sub, const struct ct_view *v, struct conn **ret,
		   struct pktt_error *err)
{
	enum ct_dir dir;
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < 2; i++)
		if (v->has & CTV_ORIG << i)
			r = sub_ct_check_tuple(&v->tuple[i], v->given[i], err);
	*ret = NULL;
	if (r == 0 && v->has & (CTV_ORIG | CTV_REPLY))
		*ret = ct_query_get(sub->ct, &v->tuple[v->has & CTV_ORIG ? 0 : 1], &dir);
	return r;
}

static int run_new(struct sub_ct *sub, struct nfnl_request *req, struct ct_view *v,
		   struct pktt_error *err)
{
	uint16_t flags = req->nlh->nlmsg_flags;
	struct conn *conn;
	int r = sub_ct_take_zones(v, err);

	if (r == 0)
		r = find_of(sub, v, &conn, err);
	if (r)
		return r;
	if (!conn && !(flags & NLM_F_CREATE))
		return pktt_fail(err, -ENOENT, "there is no such connection");
	if (!conn)
		return create(sub, v, err);
	if (flags & NLM_F_EXCL)
		r = pktt_fail(err, -EEXIST, "there is a connection with such a tuple");
	else
		r = update(sub, v, conn, err);
	conn_put(conntrack_db(sub->ct), &conn);
	return r;
}

int sub_ct_run_new(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	return sub_ct_carry_out(ctx, req, run_new, err);
}

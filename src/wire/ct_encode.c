/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of connections to messages: one function an attribute, and the orders in which they come. */
#include "wire/ct.h"
#include "wire/ct_put.h"

#include <errno.h>
#include <netinet/in.h>

/* --- Tuples ------------------------------------------------------------------------------------ */

static void put_l4(struct ct_out *o, const struct ct_tuple *t)
{
	const uint8_t *type = (const uint8_t *)&t->dport;

	switch (t->protocol) {
	case IPPROTO_ICMP:
		out_raw16(o, CTA_PROTO_ICMP_ID, t->sport);
		out_u8(o, CTA_PROTO_ICMP_TYPE, type[0]);
		out_u8(o, CTA_PROTO_ICMP_CODE, type[1]);
		break;
	case IPPROTO_ICMPV6:
		out_raw16(o, CTA_PROTO_ICMPV6_ID, t->sport);
		out_u8(o, CTA_PROTO_ICMPV6_TYPE, type[0]);
		out_u8(o, CTA_PROTO_ICMPV6_CODE, type[1]);
		break;
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_GRE:
		out_raw16(o, CTA_PROTO_SRC_PORT, t->sport);
		out_raw16(o, CTA_PROTO_DST_PORT, t->dport);
		break;
	}
}

void out_tuple(struct ct_out *o, uint16_t type, const struct ct_tuple *t, uint16_t zone)
{
	bool is_v6 = t->family == PKTT_IPV6;
	struct nlattr *whole = out_nest(o, type), *part = out_nest(o, CTA_TUPLE_IP);

	out_bytes(o, is_v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, t->src, is_v6 ? 16 : 4);
	out_bytes(o, is_v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, t->dst, is_v6 ? 16 : 4);
	out_end(o, part);
	part = out_nest(o, CTA_TUPLE_PROTO);
	out_u8(o, CTA_PROTO_NUM, t->protocol);
	put_l4(o, t);
	out_end(o, part);
	if (zone)
		out_raw16(o, CTA_TUPLE_ZONE, htons(zone));
	out_end(o, whole);
}

/* --- Attributes -------------------------------------------------------------------------------- */

/* A zone of both directions is the connection's; one of one direction is its tuple's. */
static uint16_t zone_of(const struct ct_view *v, enum ct_dir dir)
{
	return v->has & CTV_ZONE ? 0 : v->tuple[dir].zone;
}

static void put_orig(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_ORIG)
		out_tuple(o, CTA_TUPLE_ORIG, &v->tuple[0], zone_of(v, CT_ORIGINAL));
}

static void put_reply(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_REPLY)
		out_tuple(o, CTA_TUPLE_REPLY, &v->tuple[1], zone_of(v, CT_REPLY));
}

static void put_zone(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_ZONE)
		out_raw16(o, CTA_ZONE, htons(v->zone));
}

static void put_status(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_STATUS)
		out_be32(o, CTA_STATUS, v->status);
}

static void put_mark(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_MARK)
		out_be32(o, CTA_MARK, v->mark);
}

static void put_secctx(struct ct_out *o, const struct ct_view *v)
{
	struct nlattr *nest;

	if (!(v->has & CTV_SECCTX))
		return;
	nest = out_nest(o, CTA_SECCTX);
	out_text(o, CTA_SECCTX_NAME, v->secctx, sizeof(v->secctx));
	out_end(o, nest);
}

static void put_id(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_ID)
		out_be32(o, CTA_ID, v->id);
}

static void put_use(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_USE)
		out_be32(o, CTA_USE, v->use);
}

static void put_master(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_MASTER)
		out_tuple(o, CTA_TUPLE_MASTER, &v->master, 0);
}

/* A flow that has left for a faster path has neither timeout nor state: see put_protoinfo(). */
static void put_timeout(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_TIMEOUT && !(v->status & CT_OFFLOAD))
		out_be32(o, CTA_TIMEOUT, v->timeout);
}

static void put_tcp(struct ct_out *o, const struct ct_view *v)
{
	struct nlattr *nest = out_nest(o, CTA_PROTOINFO_TCP);

	if (v->has & CTV_STATE)
		out_u8(o, CTA_PROTOINFO_TCP_STATE, v->state);
	if (v->has & CTV_TCP_SCALE) {
		out_u8(o, CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, v->tcp_scale[0]);
		out_u8(o, CTA_PROTOINFO_TCP_WSCALE_REPLY, v->tcp_scale[1]);
	}
	for (uint16_t dir = 0; dir < 2; dir++)
		if (v->has & CTV_TCP_FLAGS_0 << dir) {
			const uint8_t flags[2] = { v->tcp_flags[dir], v->tcp_mask[dir] };

			out_bytes(o, (uint16_t)(CTA_PROTOINFO_TCP_FLAGS_ORIGINAL + dir), flags, 2);
		}
	out_end(o, nest);
}

static void put_sctp(struct ct_out *o, const struct ct_view *v)
{
	struct nlattr *nest = out_nest(o, CTA_PROTOINFO_SCTP);

	if (v->has & CTV_STATE)
		out_u8(o, CTA_PROTOINFO_SCTP_STATE, v->state);
	if (v->has & CTV_SCTP_VTAG) {
		out_be32(o, CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, v->sctp_vtag[0]);
		out_be32(o, CTA_PROTOINFO_SCTP_VTAG_REPLY, v->sctp_vtag[1]);
	}
	out_end(o, nest);
}

static void put_dccp(struct ct_out *o, const struct ct_view *v)
{
	struct nlattr *nest = out_nest(o, CTA_PROTOINFO_DCCP);

	if (v->has & CTV_STATE)
		out_u8(o, CTA_PROTOINFO_DCCP_STATE, v->state);
	if (v->has & CTV_DCCP_ROLE) {
		out_u8(o, CTA_PROTOINFO_DCCP_ROLE, v->dccp_role);
		out_be64(o, CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ, v->dccp_handshake_seq);
	}
	out_end(o, nest);
}

#define HAS_L4                                                                           \
	(CTV_STATE | CTV_TCP_SCALE | CTV_TCP_FLAGS_0 | CTV_TCP_FLAGS_1 | CTV_SCTP_VTAG | \
	 CTV_DCCP_ROLE)

static void put_protoinfo(struct ct_out *o, const struct ct_view *v)
{
	struct nlattr *nest;

	if (!(v->has & HAS_L4) || v->status & CT_OFFLOAD)
		return;
	nest = out_nest(o, CTA_PROTOINFO);
	switch (v->tuple[v->has & CTV_ORIG ? 0 : 1].protocol) {
	case IPPROTO_TCP:
		put_tcp(o, v);
		break;
	case IPPROTO_SCTP:
		put_sctp(o, v);
		break;
	case IPPROTO_DCCP:
		put_dccp(o, v);
		break;
	}
	out_end(o, nest);
}

static void put_counters(struct ct_out *o, const struct ct_view *v)
{
	for (uint16_t dir = 0; dir < 2; dir++) {
		struct nlattr *nest;

		if (!(v->has & CTV_COUNTER_0 << dir))
			continue;
		nest = out_nest(o, (uint16_t)(CTA_COUNTERS_ORIG + dir));
		out_be64(o, CTA_COUNTERS_PACKETS, v->counter[dir].packets);
		out_be64(o, CTA_COUNTERS_BYTES, v->counter[dir].bytes);
		out_end(o, nest);
	}
}

static void put_times(struct ct_out *o, const struct ct_view *v)
{
	struct nlattr *nest;

	if (!(v->has & CTV_START))
		return;
	nest = out_nest(o, CTA_TIMESTAMP);
	out_be64(o, CTA_TIMESTAMP_START, v->start_ns);
	if (v->has & CTV_STOP)
		out_be64(o, CTA_TIMESTAMP_STOP, v->stop_ns);
	out_end(o, nest);
}

static void put_help(struct ct_out *o, const struct ct_view *v)
{
	struct nlattr *nest;

	if (!(v->has & CTV_HELPER))
		return;
	nest = out_nest(o, CTA_HELP);
	out_text(o, CTA_HELP_NAME, v->helper, sizeof(v->helper));
	out_end(o, nest);
}

/* Words of the kernel's unsigned long: in host order, but bit n stays bit n of the whole. */
static void put_labels(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_LABEL)
		out_bytes(o, CTA_LABELS, v->label, sizeof(v->label));
}

static void put_seqadj(struct ct_out *o, const struct ct_view *v)
{
	for (uint16_t dir = 0; dir < 2; dir++) {
		const struct ct_seqadj *adj = &v->seqadj[dir];
		struct nlattr *nest;

		if (!(v->has & CTV_SEQADJ_0 << dir))
			continue;
		nest = out_nest(o, (uint16_t)(CTA_SEQ_ADJ_ORIG + dir));
		out_be32(o, CTA_SEQADJ_CORRECTION_POS, adj->correction_pos);
		out_be32(o, CTA_SEQADJ_OFFSET_BEFORE, (uint32_t)adj->offset_before);
		out_be32(o, CTA_SEQADJ_OFFSET_AFTER, (uint32_t)adj->offset_after);
		out_end(o, nest);
	}
}

static void put_synproxy(struct ct_out *o, const struct ct_view *v)
{
	struct nlattr *nest;

	if (!(v->has & CTV_SYNPROXY))
		return;
	nest = out_nest(o, CTA_SYNPROXY);
	out_be32(o, CTA_SYNPROXY_ISN, v->synproxy.isn);
	out_be32(o, CTA_SYNPROXY_ITS, v->synproxy.its);
	out_be32(o, CTA_SYNPROXY_TSOFF, v->synproxy.tsoff);
	out_end(o, nest);
}

static void put_event_time(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_EVENT_TIME)
		out_be64(o, CT_CTA_TIMESTAMP_EVENT, v->event_ns);
}

/* --- What requests alone have ------------------------------------------------------------------ */

static void put_nat(struct ct_out *o, uint16_t type, const struct ct_view_nat *nat)
{
	struct nlattr *nest = out_nest(o, type), *ports;
	bool is_v6 = nat->min.len == 16;

	if (nat->min.len)
		out_bytes(o, is_v6 ? CTA_NAT_V6_MINIP : CTA_NAT_V4_MINIP, nat->min.byte,
			  nat->min.len);
	if (nat->max.len)
		out_bytes(o, is_v6 ? CTA_NAT_V6_MAXIP : CTA_NAT_V4_MAXIP, nat->max.byte,
			  nat->max.len);
	if (nat->port_min) {
		ports = out_nest(o, CTA_NAT_PROTO);
		out_raw16(o, CTA_PROTONAT_PORT_MIN, htons(nat->port_min));
		if (nat->port_max)
			out_raw16(o, CTA_PROTONAT_PORT_MAX, htons(nat->port_max));
		out_end(o, ports);
	}
	out_end(o, nest);
}

/* The flags are in host order: the one number of ctnetlink that is. */
static void put_filter(struct ct_out *o, const struct ct_view *v)
{
	struct nlattr *nest = out_nest(o, CTA_FILTER);

	for (uint16_t dir = 0; dir < 2; dir++)
		if (v->filter_flags[dir])
			out_bytes(o, (uint16_t)(CTA_FILTER_ORIG_FLAGS + dir), &v->filter_flags[dir],
				  4);
	out_end(o, nest);
}

static void put_request(struct ct_out *o, const struct ct_view *v)
{
	if (v->has & CTV_NAT_SRC)
		put_nat(o, CTA_NAT_SRC, &v->nat_src);
	if (v->has & CTV_NAT_DST)
		put_nat(o, CTA_NAT_DST, &v->nat_dst);
	if (v->has & CTV_MARK_MASK)
		out_be32(o, CTA_MARK_MASK, v->mark_mask);
	if (v->has & CTV_LABEL_MASK)
		out_bytes(o, CTA_LABELS_MASK, v->label_mask, sizeof(v->label_mask));
	if (v->has & CTV_FILTER)
		put_filter(o, v);
	if (v->has & CTV_STATUS_MASK)
		out_be32(o, CTA_STATUS_MASK, v->status_mask);
}

/* --- Orders ------------------------------------------------------------------------------------- */

typedef void put_fn(struct ct_out *o, const struct ct_view *v);

static put_fn *const orders[][22] = {
	[CT_ORDER_DUMP] = { put_orig, put_reply, put_zone, put_status, put_mark, put_secctx, put_id,
			    put_use, put_master, put_timeout, put_protoinfo, put_counters,
			    put_times, put_help, put_labels, put_seqadj, put_synproxy,
			    put_request },
	[CT_ORDER_EVENT] = { put_orig, put_reply, put_zone, put_id, put_status, put_timeout,
			     put_protoinfo, put_help, put_secctx, put_labels, put_master,
			     put_seqadj, put_synproxy, put_mark, put_event_time },
	[CT_ORDER_DESTROY] = { put_orig, put_reply, put_zone, put_id, put_status, put_timeout,
			       put_counters, put_times, put_protoinfo, put_mark, put_event_time },
};

int ct_encode(struct nlmsghdr *nlh, size_t size, const struct ct_view *v, enum ct_order order)
{
	struct ct_out o = { .at = (uint8_t *)nlh + NLMSG_ALIGN(nlh->nlmsg_len),
			    .end = (uint8_t *)nlh + size };

	for (put_fn *const *put = orders[order]; *put; put++)
		(*put)(&o, v);
	if (o.failed)
		return -EMSGSIZE;
	nlh->nlmsg_len = (uint32_t)(o.at - (uint8_t *)nlh);
	return 0;
}

uint8_t ct_wire_family(uint8_t family)
{
	return family == PKTT_IPV6 ? AF_INET6 : family == PKTT_IPV4 ? AF_INET : AF_UNSPEC;
}

uint8_t ct_family_of_wire(uint8_t nfgen_family)
{
	return nfgen_family == AF_INET6	 ? PKTT_IPV6
	       : nfgen_family == AF_INET ? PKTT_IPV4
					 : CT_FAMILY_ANY;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of connections to views. */
#include "wire/ct.h"
#include "wire/ct_get.h"

#include <errno.h>

#define ROWS(table) (table), sizeof(table) / sizeof((table)[0])

static int get_tuple(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	switch (type) {
	case CTA_TUPLE_ORIG:
		v->has |= CTV_ORIG;
		return in_tuple(in, attr, &v->tuple[0], &v->given[0]);
	case CTA_TUPLE_REPLY:
		v->has |= CTV_REPLY;
		return in_tuple(in, attr, &v->tuple[1], &v->given[1]);
	}
	v->has |= CTV_MASTER;
	return in_tuple(in, attr, &v->master, &v->given[2]);
}

/* Numbers of 32 bits, all alike but for where they go. */
static int get_u32(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;
	const struct {
		uint16_t type;
		uint64_t has;
		uint32_t *to;
	} place[] = {
		{ CTA_STATUS, CTV_STATUS, &v->status },
		{ CTA_TIMEOUT, CTV_TIMEOUT, &v->timeout },
		{ CTA_MARK, CTV_MARK, &v->mark },
		{ CTA_USE, CTV_USE, &v->use },
		{ CTA_ID, CTV_ID, &v->id },
		{ CTA_MARK_MASK, CTV_MARK_MASK, &v->mark_mask },
		{ CTA_STATUS_MASK, CTV_STATUS_MASK, &v->status_mask },
	};

	for (size_t i = 0; i < sizeof(place) / sizeof(place[0]); i++)
		if (place[i].type == type) {
			v->has |= place[i].has;
			*place[i].to = in_be32(attr);
		}
	return 0;
}

static int get_zone(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	(void)type;
	v->has |= CTV_ZONE;
	v->zone = ntohs(in_raw16(attr));
	return 0;
}

/* --- Protocols ---------------------------------------------------------------------------------- */

static int get_state(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	(void)type;
	v->has |= CTV_STATE;
	v->state = in_u8(attr);
	return 0;
}

static int get_scale(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	v->has |= CTV_TCP_SCALE;
	v->tcp_scale[type - CTA_PROTOINFO_TCP_WSCALE_ORIGINAL] = in_u8(attr);
	return 0;
}

static int get_flags(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;
	unsigned int dir = type - CTA_PROTOINFO_TCP_FLAGS_ORIGINAL;
	const uint8_t *flags = in_data(attr);

	v->has |= CTV_TCP_FLAGS_0 << dir;
	v->tcp_flags[dir] = flags[0];
	v->tcp_mask[dir] = flags[1];
	return 0;
}

static int get_vtag(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	v->has |= CTV_SCTP_VTAG;
	v->sctp_vtag[type - CTA_PROTOINFO_SCTP_VTAG_ORIGINAL] = in_be32(attr);
	return 0;
}

static int get_role(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	v->has |= CTV_DCCP_ROLE;
	if (type == CTA_PROTOINFO_DCCP_ROLE)
		v->dccp_role = in_u8(attr);
	else
		v->dccp_handshake_seq = in_be64(attr);
	return 0;
}

static const struct ct_row tcp_rows[] = {
	[CTA_PROTOINFO_TCP_STATE] = { "CTA_PROTOINFO_TCP_STATE", 1, get_state },
	[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL] = { "CTA_PROTOINFO_TCP_WSCALE_ORIGINAL", 1, get_scale },
	[CTA_PROTOINFO_TCP_WSCALE_REPLY] = { "CTA_PROTOINFO_TCP_WSCALE_REPLY", 1, get_scale },
	[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL] = { "CTA_PROTOINFO_TCP_FLAGS_ORIGINAL", 2, get_flags },
	[CTA_PROTOINFO_TCP_FLAGS_REPLY] = { "CTA_PROTOINFO_TCP_FLAGS_REPLY", 2, get_flags },
};
static const struct ct_row sctp_rows[] = {
	[CTA_PROTOINFO_SCTP_STATE] = { "CTA_PROTOINFO_SCTP_STATE", 1, get_state },
	[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL] = { "CTA_PROTOINFO_SCTP_VTAG_ORIGINAL", 4, get_vtag },
	[CTA_PROTOINFO_SCTP_VTAG_REPLY] = { "CTA_PROTOINFO_SCTP_VTAG_REPLY", 4, get_vtag },
};
static const struct ct_row dccp_rows[] = {
	[CTA_PROTOINFO_DCCP_STATE] = { "CTA_PROTOINFO_DCCP_STATE", 1, get_state },
	[CTA_PROTOINFO_DCCP_ROLE] = { "CTA_PROTOINFO_DCCP_ROLE", 1, get_role },
	[CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ] = { "CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ", 8, get_role },
};

static int get_l4(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	switch (type) {
	case CTA_PROTOINFO_TCP:
		return in_nest(in, attr, ROWS(tcp_rows));
	case CTA_PROTOINFO_SCTP:
		return in_nest(in, attr, ROWS(sctp_rows));
	}
	return in_nest(in, attr, ROWS(dccp_rows));
}

static const struct ct_row l4_rows[] = {
	[CTA_PROTOINFO_TCP] = { "CTA_PROTOINFO_TCP", 0, get_l4 },
	[CTA_PROTOINFO_DCCP] = { "CTA_PROTOINFO_DCCP", 0, get_l4 },
	[CTA_PROTOINFO_SCTP] = { "CTA_PROTOINFO_SCTP", 0, get_l4 },
};

static int get_protoinfo(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	(void)type;
	return in_nest(in, attr, ROWS(l4_rows));
}

/* --- Counters, times, names ------------------------------------------------------------------------ */

static int get_count(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_counter *c = in->to;

	*(type == CTA_COUNTERS_PACKETS ? &c->packets : &c->bytes) = in_be64(attr);
	return 0;
}

static const struct ct_row counter_rows[] = {
	[CTA_COUNTERS_PACKETS] = { "CTA_COUNTERS_PACKETS", 8, get_count },
	[CTA_COUNTERS_BYTES] = { "CTA_COUNTERS_BYTES", 8, get_count },
};

static int get_counters(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;
	unsigned int dir = type - CTA_COUNTERS_ORIG;
	struct ct_in inner = { in->family, &v->counter[dir], in->err };

	v->has |= CTV_COUNTER_0 << dir;
	return in_nest(&inner, attr, ROWS(counter_rows));
}

static int get_time(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;
	bool is_start = type == CTA_TIMESTAMP_START;

	v->has |= is_start ? CTV_START : CTV_STOP;
	*(is_start ? &v->start_ns : &v->stop_ns) = in_be64(attr);
	return 0;
}

static const struct ct_row time_rows[] = {
	[CTA_TIMESTAMP_START] = { "CTA_TIMESTAMP_START", 8, get_time },
	[CTA_TIMESTAMP_STOP] = { "CTA_TIMESTAMP_STOP", 8, get_time },
};

static int get_times(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	(void)type;
	return in_nest(in, attr, ROWS(time_rows));
}

static int get_event_time(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	(void)type;
	v->has |= CTV_EVENT_TIME;
	v->event_ns = in_be64(attr);
	return 0;
}

static int get_helper(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	(void)type;
	v->has |= CTV_HELPER;
	if (!in_text(attr, v->helper, sizeof(v->helper)))
		return pktt_fail(in->err, -EINVAL, "a helper's name has at most %u characters",
				 CT_VIEW_HELPER - 1);
	return 0;
}

static const struct ct_row help_rows[] = {
	[CTA_HELP_NAME] = { "CTA_HELP_NAME", 1, get_helper },
};

static int get_help(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	(void)type;
	return in_nest(in, attr, ROWS(help_rows));
}

static int get_secctx_name(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	(void)type;
	/* A longer one is not ours to judge: it is cut off. */
	if (!in_text(attr, v->secctx, sizeof(v->secctx)))
		memcpy(v->secctx, in_data(attr), sizeof(v->secctx) - 1);
	v->has |= CTV_SECCTX;
	return 0;
}

static const struct ct_row secctx_rows[] = {
	[CTA_SECCTX_NAME] = { "CTA_SECCTX_NAME", 1, get_secctx_name },
};

static int get_secctx(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	(void)type;
	return in_nest(in, attr, ROWS(secctx_rows));
}

/* Any number of whole words up to 128 bits; those that are not there are 0. */
static int get_labels(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;
	bool is_mask = type == CTA_LABELS_MASK;
	uint16_t len = in_len(attr);

	if (len > sizeof(v->label) || len % 4)
		return pktt_fail(in->err, -EINVAL, "labels are 4 to 16 bytes, in words of 4");
	v->has |= is_mask ? CTV_LABEL_MASK : CTV_LABEL;
	memcpy(is_mask ? v->label_mask : v->label, in_data(attr), len);
	return 0;
}

/* --- Adjustments ----------------------------------------------------------------------------------- */

static int get_adjustment(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_seqadj *adj = in->to;

	switch (type) {
	case CTA_SEQADJ_CORRECTION_POS:
		adj->correction_pos = in_be32(attr);
		break;
	case CTA_SEQADJ_OFFSET_BEFORE:
		adj->offset_before = (int32_t)in_be32(attr);
		break;
	case CTA_SEQADJ_OFFSET_AFTER:
		adj->offset_after = (int32_t)in_be32(attr);
		break;
	}
	return 0;
}

static const struct ct_row seqadj_rows[] = {
	[CTA_SEQADJ_CORRECTION_POS] = { "CTA_SEQADJ_CORRECTION_POS", 4, get_adjustment },
	[CTA_SEQADJ_OFFSET_BEFORE] = { "CTA_SEQADJ_OFFSET_BEFORE", 4, get_adjustment },
	[CTA_SEQADJ_OFFSET_AFTER] = { "CTA_SEQADJ_OFFSET_AFTER", 4, get_adjustment },
};

static int get_seqadj(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;
	unsigned int dir = type - CTA_SEQ_ADJ_ORIG;
	struct ct_in inner = { in->family, &v->seqadj[dir], in->err };

	v->has |= CTV_SEQADJ_0 << dir;
	return in_nest(&inner, attr, ROWS(seqadj_rows));
}

static int get_proxy(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_synproxy *proxy = &((struct ct_view *)in->to)->synproxy;

	*(type == CTA_SYNPROXY_ISN   ? &proxy->isn
	  : type == CTA_SYNPROXY_ITS ? &proxy->its
				     : &proxy->tsoff) = in_be32(attr);
	return 0;
}

static const struct ct_row synproxy_rows[] = {
	[CTA_SYNPROXY_ISN] = { "CTA_SYNPROXY_ISN", 4, get_proxy },
	[CTA_SYNPROXY_ITS] = { "CTA_SYNPROXY_ITS", 4, get_proxy },
	[CTA_SYNPROXY_TSOFF] = { "CTA_SYNPROXY_TSOFF", 4, get_proxy },
};

static int get_synproxy(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	(void)type;
	v->has |= CTV_SYNPROXY;
	return in_nest(in, attr, ROWS(synproxy_rows));
}

/* --- What requests alone have ------------------------------------------------------------------ */

static int get_nat_addr(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view_nat *nat = in->to;
	bool is_v6 = type == CTA_NAT_V6_MINIP || type == CTA_NAT_V6_MAXIP;
	bool is_min = type == CTA_NAT_V6_MINIP || type == CTA_NAT_V4_MINIP;
	struct pktt_addr *addr = is_min ? &nat->min : &nat->max;

	if (in->family != (is_v6 ? PKTT_IPV6 : PKTT_IPV4))
		return 0;
	addr->len = is_v6 ? 16 : 4;
	memcpy(addr->byte, in_data(attr), addr->len);
	return 0;
}

static int get_nat_port(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view_nat *nat = in->to;

	*(type == CTA_PROTONAT_PORT_MIN ? &nat->port_min : &nat->port_max) = ntohs(in_raw16(attr));
	return 0;
}

static const struct ct_row nat_port_rows[] = {
	[CTA_PROTONAT_PORT_MIN] = { "CTA_PROTONAT_PORT_MIN", 2, get_nat_port },
	[CTA_PROTONAT_PORT_MAX] = { "CTA_PROTONAT_PORT_MAX", 2, get_nat_port },
};

static int get_nat_ports(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	(void)type;
	return in_nest(in, attr, ROWS(nat_port_rows));
}

static const struct ct_row nat_rows[] = {
	[CTA_NAT_V4_MINIP] = { "CTA_NAT_V4_MINIP", 4, get_nat_addr },
	[CTA_NAT_V4_MAXIP] = { "CTA_NAT_V4_MAXIP", 4, get_nat_addr },
	[CTA_NAT_PROTO] = { "CTA_NAT_PROTO", 0, get_nat_ports },
	[CTA_NAT_V6_MINIP] = { "CTA_NAT_V6_MINIP", 16, get_nat_addr },
	[CTA_NAT_V6_MAXIP] = { "CTA_NAT_V6_MAXIP", 16, get_nat_addr },
};

static int get_nat(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;
	bool is_src = type == CTA_NAT_SRC;
	struct ct_in inner = { in->family, is_src ? &v->nat_src : &v->nat_dst, in->err };

	v->has |= is_src ? CTV_NAT_SRC : CTV_NAT_DST;
	return in_nest(&inner, attr, ROWS(nat_rows));
}

static int get_filter_flags(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	memcpy(&v->filter_flags[type - CTA_FILTER_ORIG_FLAGS], in_data(attr), 4);
	return 0;
}

static const struct ct_row filter_rows[] = {
	[CTA_FILTER_ORIG_FLAGS] = { "CTA_FILTER_ORIG_FLAGS", 4, get_filter_flags },
	[CTA_FILTER_REPLY_FLAGS] = { "CTA_FILTER_REPLY_FLAGS", 4, get_filter_flags },
};

static int get_filter(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_view *v = in->to;

	(void)type;
	v->has |= CTV_FILTER;
	return in_nest(in, attr, ROWS(filter_rows));
}

/* --- Messages ---------------------------------------------------------------------------------------- */

static const struct ct_row ct_rows[] = {
	[CTA_TUPLE_ORIG] = { "CTA_TUPLE_ORIG", 0, get_tuple },
	[CTA_TUPLE_REPLY] = { "CTA_TUPLE_REPLY", 0, get_tuple },
	[CTA_STATUS] = { "CTA_STATUS", 4, get_u32 },
	[CTA_PROTOINFO] = { "CTA_PROTOINFO", 0, get_protoinfo },
	[CTA_HELP] = { "CTA_HELP", 0, get_help },
	[CTA_NAT_SRC] = { "CTA_NAT_SRC", 0, get_nat },
	[CTA_TIMEOUT] = { "CTA_TIMEOUT", 4, get_u32 },
	[CTA_MARK] = { "CTA_MARK", 4, get_u32 },
	[CTA_COUNTERS_ORIG] = { "CTA_COUNTERS_ORIG", 0, get_counters },
	[CTA_COUNTERS_REPLY] = { "CTA_COUNTERS_REPLY", 0, get_counters },
	[CTA_USE] = { "CTA_USE", 4, get_u32 },
	[CTA_ID] = { "CTA_ID", 4, get_u32 },
	[CTA_NAT_DST] = { "CTA_NAT_DST", 0, get_nat },
	[CTA_TUPLE_MASTER] = { "CTA_TUPLE_MASTER", 0, get_tuple },
	[CTA_SEQ_ADJ_ORIG] = { "CTA_SEQ_ADJ_ORIG", 0, get_seqadj },
	[CTA_SEQ_ADJ_REPLY] = { "CTA_SEQ_ADJ_REPLY", 0, get_seqadj },
	[CTA_ZONE] = { "CTA_ZONE", 2, get_zone },
	[CTA_SECCTX] = { "CTA_SECCTX", 0, get_secctx },
	[CTA_TIMESTAMP] = { "CTA_TIMESTAMP", 0, get_times },
	[CTA_MARK_MASK] = { "CTA_MARK_MASK", 4, get_u32 },
	[CTA_LABELS] = { "CTA_LABELS", 4, get_labels },
	[CTA_LABELS_MASK] = { "CTA_LABELS_MASK", 4, get_labels },
	[CTA_SYNPROXY] = { "CTA_SYNPROXY", 0, get_synproxy },
	[CTA_FILTER] = { "CTA_FILTER", 0, get_filter },
	[CTA_STATUS_MASK] = { "CTA_STATUS_MASK", 4, get_u32 },
	[CT_CTA_TIMESTAMP_EVENT] = { "CTA_TIMESTAMP_EVENT", 8, get_event_time },
};

int ct_decode(const struct nlmsghdr *nlh, struct ct_view *ret, struct pktt_error *err)
{
	const size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));
	const uint8_t *at = (const uint8_t *)nlh;
	struct ct_in in = { .to = ret, .err = err };

	memset(ret, 0, sizeof(*ret));
	if (nlh->nlmsg_len < head)
		return pktt_fail(err, -EINVAL, "a message of connections has at least %zu bytes",
				 head);
	in.family = ct_family_of_wire(at[NLMSG_HDRLEN]);
	return in_attrs(&in, at + head, nlh->nlmsg_len - head, ROWS(ct_rows));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters: what the tracker compares, and what is compared here. */
#include "libctnetlink/own.h"

#include "wire/ct.h"

#include <string.h>

/* Of a view's own bits, those that a dump's request may have. */
#define ASKED (CTV_MARK | CTV_MARK_MASK | CTV_STATUS | CTV_STATUS_MASK | CTV_ZONE)

/* A whole protocol is needed before ports count. */
static uint32_t flags_of(uint32_t given)
{
	const uint32_t plain = CT_FILTER_SRC | CT_FILTER_DST | CT_FILTER_ZONE | CT_FILTER_PROTOCOL;

	return given & CT_FILTER_PROTOCOL ? given : given & plain;
}

bool ctnl_filter_request(const struct ctnl_conn *filter, struct ct_view *ret)
{
	bool is_all = !(filter->v.has & ~(uint64_t)(ASKED | CTV_ORIG | CTV_REPLY));

	memset(ret, 0, sizeof(*ret));
	ret->has = filter->v.has & (ASKED | CTV_ORIG | CTV_REPLY);
	ret->zone = filter->v.zone;
	ret->mark = filter->v.mark;
	ret->mark_mask = filter->v.mark_mask;
	ret->status = filter->v.status;
	ret->status_mask = filter->v.status_mask;
	for (unsigned int dir = 0; dir < 2; dir++) {
		uint32_t given = filter->v.given[dir];

		ret->tuple[dir] = filter->v.tuple[dir];
		/* Trackers compare tuples within a family only. */
		if (filter->v.tuple[0].family != CT_FAMILY_ANY)
			ret->filter_flags[dir] = flags_of(given);
		is_all &= ret->filter_flags[dir] == given;
		if (ret->filter_flags[dir])
			ret->has |= CTV_FILTER;
		else
			ret->has &= ~(uint64_t)(CTV_ORIG << dir);
		if (ret->tuple[dir].family == CT_FAMILY_ANY)
			ret->tuple[dir].family = PKTT_IPV4;
	}
	return is_all;
}

static bool tuple_fits(const struct ct_tuple *a, const struct ct_tuple *b, uint32_t given)
{
	const uint32_t id = CT_FILTER_SPORT | CT_FILTER_ICMP_ID | CT_FILTER_ICMPV6_ID;
	const uint8_t *x = (const uint8_t *)&a->dport, *y = (const uint8_t *)&b->dport;

	return !((given & CT_FILTER_SRC && memcmp(a->src, b->src, 16) != 0) ||
		 (given & CT_FILTER_DST && memcmp(a->dst, b->dst, 16) != 0) ||
		 (given & CT_FILTER_PROTOCOL && a->protocol != b->protocol) ||
		 (given & CT_FILTER_ZONE && a->zone != b->zone) ||
		 (given & id && a->sport != b->sport) ||
		 (given & CT_FILTER_DPORT && a->dport != b->dport) ||
		 (given & (CT_FILTER_ICMP_TYPE | CT_FILTER_ICMPV6_TYPE) && x[0] != y[0]) ||
		 (given & (CT_FILTER_ICMP_CODE | CT_FILTER_ICMPV6_CODE) && x[1] != y[1]));
}

static bool numbers_fit(const struct ct_view *v, const struct ct_view *f)
{
	uint32_t mark_mask = f->has & CTV_MARK_MASK ? f->mark_mask : UINT32_MAX;
	uint32_t status_mask = f->has & CTV_STATUS_MASK ? f->status_mask : f->status;

	return !((f->has & CTV_MARK && (v->mark & mark_mask) != f->mark) ||
		 (f->has & CTV_STATUS && (v->status & status_mask) != f->status) ||
		 (f->has & CTV_ZONE && v->zone != f->zone) || (f->has & CTV_ID && v->id != f->id) ||
		 (f->has & CTV_TIMEOUT && v->timeout != f->timeout) ||
		 (f->has & CTV_STATE && (!(v->has & CTV_STATE) || v->state != f->state)));
}

bool ctnl_conn_fits(const struct ctnl_conn *conn, const struct ctnl_conn *filter)
{
	const struct ct_view *v = &conn->v, *f = &filter->v;

	if (!numbers_fit(v, f) || (f->has & CTV_HELPER && strcmp(v->helper, f->helper) != 0))
		return false;
	for (unsigned int i = 0; i < 2; i++)
		if (f->has & CTV_LABEL && (v->label[i] & f->label[i]) != f->label[i])
			return false;
	if (f->tuple[0].family != CT_FAMILY_ANY && f->tuple[0].family != v->tuple[0].family)
		return false;
	return tuple_fits(&v->tuple[0], &f->tuple[0], f->given[0]) &&
	       tuple_fits(&v->tuple[1], &f->tuple[1], f->given[1]);
}

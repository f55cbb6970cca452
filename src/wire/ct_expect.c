/* SPDX-License-Identifier: BSD-2-Clause */
/* Expectations to messages and back. */
#include "wire/ct.h"
#include "wire/ct_get.h"
#include "wire/ct_put.h"

#include <errno.h>

#define ROWS(table) (table), sizeof(table) / sizeof((table)[0])

/* --- Out ---------------------------------------------------------------------------------------- */

static void put_nat(struct ct_out *o, const struct ct_expect_view *v)
{
	struct nlattr *nest = out_nest(o, CTA_EXPECT_NAT);

	out_be32(o, CTA_EXPECT_NAT_DIR, v->nat_dir);
	out_tuple(o, CTA_EXPECT_NAT_TUPLE, &v->nat, 0);
	out_end(o, nest);
}

static void put_numbers(struct ct_out *o, const struct ct_expect_view *v)
{
	if (v->has & CTX_TIMEOUT)
		out_be32(o, CTA_EXPECT_TIMEOUT, v->timeout);
	if (v->has & CTX_ID)
		out_be32(o, CTA_EXPECT_ID, v->id);
	if (v->has & CTX_FLAGS)
		out_be32(o, CTA_EXPECT_FLAGS, v->flags);
	if (v->has & CTX_CLASS)
		out_be32(o, CTA_EXPECT_CLASS, v->class);
}

int ct_expect_encode(struct nlmsghdr *nlh, size_t size, const struct ct_expect_view *v)
{
	struct ct_out o = { .at = (uint8_t *)nlh + NLMSG_ALIGN(nlh->nlmsg_len),
			    .end = (uint8_t *)nlh + size };

	if (v->has & CTX_TUPLE)
		out_tuple(&o, CTA_EXPECT_TUPLE, &v->tuple, 0);
	if (v->has & CTX_MASK)
		out_tuple(&o, CTA_EXPECT_MASK, &v->mask, 0);
	if (v->has & CTX_MASTER)
		out_tuple(&o, CTA_EXPECT_MASTER, &v->master, 0);
	if (v->has & CTX_ZONE)
		out_raw16(&o, CTA_EXPECT_ZONE, htons(v->zone));
	if (v->has & CTX_NAT)
		put_nat(&o, v);
	put_numbers(&o, v);
	if (v->has & CTX_HELPER)
		out_text(&o, CTA_EXPECT_HELP_NAME, v->helper, sizeof(v->helper));
	if (v->has & CTX_FN)
		out_text(&o, CTA_EXPECT_FN, v->fn, sizeof(v->fn));
	if (o.failed)
		return -EMSGSIZE;
	nlh->nlmsg_len = (uint32_t)(o.at - (uint8_t *)nlh);
	return 0;
}

/* --- In ------------------------------------------------------------------------------------------ */

static int get_tuple(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_expect_view *v = in->to;

	switch (type) {
	case CTA_EXPECT_TUPLE:
		v->has |= CTX_TUPLE;
		return in_tuple(in, attr, &v->tuple, &v->given[0]);
	case CTA_EXPECT_MASK:
		v->has |= CTX_MASK;
		return in_tuple(in, attr, &v->mask, &v->given[1]);
	}
	v->has |= CTX_MASTER;
	return in_tuple(in, attr, &v->master, &v->given[2]);
}

static int get_number(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_expect_view *v = in->to;
	uint32_t n = in_be32(attr);

	switch (type) {
	case CTA_EXPECT_TIMEOUT:
		v->has |= CTX_TIMEOUT;
		v->timeout = n;
		break;
	case CTA_EXPECT_ID:
		v->has |= CTX_ID;
		v->id = n;
		break;
	case CTA_EXPECT_FLAGS:
		v->has |= CTX_FLAGS;
		v->flags = n;
		break;
	case CTA_EXPECT_CLASS:
		v->has |= CTX_CLASS;
		v->class = n;
		break;
	}
	return 0;
}

static int get_name(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_expect_view *v = in->to;
	bool is_fn = type == CTA_EXPECT_FN;

	v->has |= is_fn ? CTX_FN : CTX_HELPER;
	if (!in_text(attr, is_fn ? v->fn : v->helper, is_fn ? CT_VIEW_FN : CT_VIEW_HELPER))
		return pktt_fail(in->err, -EINVAL, "a name has at most %u characters",
				 (is_fn ? CT_VIEW_FN : CT_VIEW_HELPER) - 1);
	return 0;
}

static int get_zone(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_expect_view *v = in->to;

	(void)type;
	v->has |= CTX_ZONE;
	v->zone = ntohs(in_raw16(attr));
	return 0;
}

static int get_nat_part(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_expect_view *v = in->to;
	uint32_t given = 0;

	if (type == CTA_EXPECT_NAT_TUPLE)
		return in_tuple(in, attr, &v->nat, &given);
	v->nat_dir = in_be32(attr);
	return 0;
}

static const struct ct_row nat_rows[] = {
	[CTA_EXPECT_NAT_DIR] = { "CTA_EXPECT_NAT_DIR", 4, get_nat_part },
	[CTA_EXPECT_NAT_TUPLE] = { "CTA_EXPECT_NAT_TUPLE", 0, get_nat_part },
};

static int get_nat(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	struct ct_expect_view *v = in->to;

	(void)type;
	v->has |= CTX_NAT;
	return in_nest(in, attr, ROWS(nat_rows));
}

static const struct ct_row rows[] = {
	[CTA_EXPECT_MASTER] = { "CTA_EXPECT_MASTER", 0, get_tuple },
	[CTA_EXPECT_TUPLE] = { "CTA_EXPECT_TUPLE", 0, get_tuple },
	[CTA_EXPECT_MASK] = { "CTA_EXPECT_MASK", 0, get_tuple },
	[CTA_EXPECT_TIMEOUT] = { "CTA_EXPECT_TIMEOUT", 4, get_number },
	[CTA_EXPECT_ID] = { "CTA_EXPECT_ID", 4, get_number },
	[CTA_EXPECT_HELP_NAME] = { "CTA_EXPECT_HELP_NAME", 1, get_name },
	[CTA_EXPECT_ZONE] = { "CTA_EXPECT_ZONE", 2, get_zone },
	[CTA_EXPECT_FLAGS] = { "CTA_EXPECT_FLAGS", 4, get_number },
	[CTA_EXPECT_CLASS] = { "CTA_EXPECT_CLASS", 4, get_number },
	[CTA_EXPECT_NAT] = { "CTA_EXPECT_NAT", 0, get_nat },
	[CTA_EXPECT_FN] = { "CTA_EXPECT_FN", 1, get_name },
};

int ct_expect_decode(const struct nlmsghdr *nlh, struct ct_expect_view *ret, struct pktt_error *err)
{
	const size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));
	const uint8_t *at = (const uint8_t *)nlh;
	struct ct_in in = { .to = ret, .err = err };

	memset(ret, 0, sizeof(*ret));
	if (nlh->nlmsg_len < head)
		return pktt_fail(err, -EINVAL, "a message of expectations has at least %zu bytes",
				 head);
	in.family = ct_family_of_wire(at[NLMSG_HDRLEN]);
	return in_attrs(&in, at + head, nlh->nlmsg_len - head, ROWS(rows));
}

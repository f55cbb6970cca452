/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Views of connections and expectations (desc/ct_view.h) as messages of ctnetlink, and back: attribute for
 * attribute, in the order in which the kernel writes them.
 */
#ifndef WIRE_CT_H
#define WIRE_CT_H

#include "desc/ct_view.h"

#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

/* When an event happened; of kernels from 6.14 on. */
#define CT_CTA_TIMESTAMP_EVENT (CTA_STATUS_MASK + 1)
#define CT_CTA_LAST	       CT_CTA_TIMESTAMP_EVENT

#define CT_WIRE_ROOM 2048 /* bytes: no message of one connection or expectation is longer */

enum ct_order {
	CT_ORDER_DUMP,	/* answers; requests, whose own attributes follow */
	CT_ORDER_EVENT, /* new, update */
	CT_ORDER_DESTROY,
};

/*
 * Append what the view has behind the message's header; size is the message's room, header included.
 * -EMSGSIZE: it does not fit (the message is as it was).
 */
int ct_encode(struct nlmsghdr *nlh, size_t size, const struct ct_view *v, enum ct_order order);
int ct_expect_encode(struct nlmsghdr *nlh, size_t size, const struct ct_expect_view *v);

/*
 * Of a message of ctnetlink, or of expectations. Unknown attributes are skipped. -EINVAL: it is no such
 * message, an attribute is shorter than what it is, addresses are not the family's; -EOPNOTSUPP: a
 * tuple, and the family is neither IPv4 nor IPv6.
 */
int ct_decode(const struct nlmsghdr *nlh, struct ct_view *ret, struct pktt_error *err);
int ct_expect_decode(const struct nlmsghdr *nlh, struct ct_expect_view *ret,
		     struct pktt_error *err);

/* What a whole tuple of that protocol has: for decoded given. */
uint32_t ct_tuple_fields(uint8_t protocol);

/* nfgen_family of PKTT_IPV4, PKTT_IPV6, and back. */
#define CT_FAMILY_ANY 255
uint8_t ct_wire_family(uint8_t family);
uint8_t ct_family_of_wire(uint8_t nfgen_family);

#endif

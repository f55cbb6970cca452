/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tuple: who talks to whom, as the packets of one direction have it. A connection has two, the
 * original and the reply; without NAT the one is the other inverted.
 */
#ifndef PKTT_CT_TUPLE_H
#define PKTT_CT_TUPLE_H

#include "base/buf.h"
#include "core/packet.h"
#include "desc/ct_view.h" /* struct ct_tuple */

static inline unsigned int ct_addr_len(uint8_t family)
{
	return family == PKTT_IPV6 ? 16 : 4;
}

/* The address of a tuple as the language has addresses, and back. */
struct pktt_addr ct_tuple_src(const struct ct_tuple *t);
struct pktt_addr ct_tuple_dst(const struct ct_tuple *t);
void ct_tuple_set_src(struct ct_tuple *t, const struct pktt_addr *addr);
void ct_tuple_set_dst(struct ct_tuple *t, const struct pktt_addr *addr);
bool ct_tuple_equal(const struct ct_tuple *a, const struct ct_tuple *b);

/*
 * The tuple of a packet's own headers (zone 0). false = it has none: a later fragment, a layer-4
 * header that is cut off, an ICMP type that asks nobody.
 */
bool ct_tuple_of_packet(const struct pktt_packet *pkt, struct ct_tuple *ret);
/*
 * The tuple of a header given as bytes, for packets quoted in errors: family and addresses of ret
 * are set by the caller, l4 begins at the layer-4 header.
 */
bool ct_tuple_of_l4(uint8_t protocol, struct buf l4, struct ct_tuple *ret);
/* What answers to t would have. false = nothing answers (ICMP errors and the like). */
bool ct_tuple_invert(struct ct_tuple *ret, const struct ct_tuple *t);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects: attributes by table. A row says where in the view an attribute stands, how it is kept, and what
 * says that it is given: a bit of the view, or, for a field of a tuple, a bit of that tuple.
 */
#include "libctnetlink/own.h"

#include "wire/ct.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum kind { UINT, BE, ADDR, TEXT, FAMILY, NAT_ADDR };
enum { OWN = 3 }; /* in place of a tuple's number: the view's own bit */

struct row {
	uint16_t offset;
	uint8_t size, kind, tuple; /* tuple: 0, 1, 2, or OWN */
	uint64_t has;		   /* of the view, or CT_FILTER_* of the tuple */
	uint64_t tuple_has;	   /* the view's bit for the tuple */
};

#define ROW(type, member, kind, has)                                                   \
	{                                                                              \
		offsetof(type, member), sizeof(((type *)0)->member), kind, OWN, has, 0 \
	}
#define PART(type, member, kind, n, field, bit)                                          \
	{                                                                                \
		offsetof(type, member), sizeof(((type *)0)->member), kind, n, field, bit \
	}
#define V(member, has) ROW(struct ct_view, member, UINT, has)
#define T(n, member, kind, field) \
	PART(struct ct_view, tuple[n].member, kind, n, field, (n) ? CTV_REPLY : CTV_ORIG)
#define M(member, kind, field) PART(struct ct_view, master.member, kind, 2, field, CTV_MASTER)

/* Type and code share two bytes; of a port's two. */
#define ICMP(at, field)                                                                      \
	{                                                                                    \
		offsetof(struct ct_view, tuple[0].dport) + (at), 1, UINT, 0, field, CTV_ORIG \
	}

static const struct row conn_rows[CTNL_ATTR_COUNT] = {
	[CTNL_FAMILY] = PART(struct ct_view, tuple[0].family, FAMILY, 0, 0, 0),
	[CTNL_PROTOCOL] = T(0, protocol, UINT, CT_FILTER_PROTOCOL),
	[CTNL_ORIG_SRC] = T(0, src, ADDR, CT_FILTER_SRC),
	[CTNL_ORIG_DST] = T(0, dst, ADDR, CT_FILTER_DST),
	[CTNL_ORIG_SPORT] = T(0, sport, BE, CT_FILTER_SPORT),
	[CTNL_ORIG_DPORT] = T(0, dport, BE, CT_FILTER_DPORT),
	[CTNL_REPLY_SRC] = T(1, src, ADDR, CT_FILTER_SRC),
	[CTNL_REPLY_DST] = T(1, dst, ADDR, CT_FILTER_DST),
	[CTNL_REPLY_SPORT] = T(1, sport, BE, CT_FILTER_SPORT),
	[CTNL_REPLY_DPORT] = T(1, dport, BE, CT_FILTER_DPORT),
	[CTNL_ICMP_ID] = T(0, sport, BE, CT_FILTER_ICMP_ID),
	[CTNL_ICMP_TYPE] = ICMP(0, CT_FILTER_ICMP_TYPE),
	[CTNL_ICMP_CODE] = ICMP(1, CT_FILTER_ICMP_CODE),
	[CTNL_ZONE] = V(zone, CTV_ZONE),
	[CTNL_ORIG_ZONE] = T(0, zone, UINT, CT_FILTER_ZONE),
	[CTNL_REPLY_ZONE] = T(1, zone, UINT, CT_FILTER_ZONE),
	[CTNL_STATUS] = V(status, CTV_STATUS),
	[CTNL_STATUS_MASK] = V(status_mask, CTV_STATUS_MASK),
	[CTNL_TIMEOUT] = V(timeout, CTV_TIMEOUT),
	[CTNL_MARK] = V(mark, CTV_MARK),
	[CTNL_MARK_MASK] = V(mark_mask, CTV_MARK_MASK),
	[CTNL_ID] = V(id, CTV_ID),
	[CTNL_USE] = V(use, CTV_USE),
	[CTNL_STATE] = V(state, CTV_STATE),
	[CTNL_TCP_ORIG_FLAGS] = V(tcp_flags[0], CTV_TCP_FLAGS_0),
	[CTNL_TCP_REPLY_FLAGS] = V(tcp_flags[1], CTV_TCP_FLAGS_1),
	[CTNL_TCP_ORIG_MASK] = V(tcp_mask[0], CTV_TCP_FLAGS_0),
	[CTNL_TCP_REPLY_MASK] = V(tcp_mask[1], CTV_TCP_FLAGS_1),
	[CTNL_TCP_ORIG_SCALE] = V(tcp_scale[0], CTV_TCP_SCALE),
	[CTNL_TCP_REPLY_SCALE] = V(tcp_scale[1], CTV_TCP_SCALE),
	[CTNL_SCTP_ORIG_VTAG] = V(sctp_vtag[0], CTV_SCTP_VTAG),
	[CTNL_SCTP_REPLY_VTAG] = V(sctp_vtag[1], CTV_SCTP_VTAG),
	[CTNL_ORIG_PACKETS] = V(counter[0].packets, CTV_COUNTER_0),
	[CTNL_ORIG_BYTES] = V(counter[0].bytes, CTV_COUNTER_0),
	[CTNL_REPLY_PACKETS] = V(counter[1].packets, CTV_COUNTER_1),
	[CTNL_REPLY_BYTES] = V(counter[1].bytes, CTV_COUNTER_1),
	[CTNL_START] = V(start_ns, CTV_START),
	[CTNL_STOP] = V(stop_ns, CTV_STOP),
	[CTNL_EVENT_TIME] = V(event_ns, CTV_EVENT_TIME),
	[CTNL_HELPER] = ROW(struct ct_view, helper, TEXT, CTV_HELPER),
	[CTNL_SECCTX] = ROW(struct ct_view, secctx, TEXT, CTV_SECCTX),
	[CTNL_LABELS_LOW] = V(label[0], CTV_LABEL),
	[CTNL_LABELS_HIGH] = V(label[1], CTV_LABEL),
	[CTNL_LABELS_MASK_LOW] = V(label_mask[0], CTV_LABEL_MASK),
	[CTNL_LABELS_MASK_HIGH] = V(label_mask[1], CTV_LABEL_MASK),
	[CTNL_SNAT_ADDR] = ROW(struct ct_view, nat_src.min, NAT_ADDR, CTV_NAT_SRC),
	[CTNL_SNAT_PORT] = V(nat_src.port_min, CTV_NAT_SRC),
	[CTNL_DNAT_ADDR] = ROW(struct ct_view, nat_dst.min, NAT_ADDR, CTV_NAT_DST),
	[CTNL_DNAT_PORT] = V(nat_dst.port_min, CTV_NAT_DST),
	[CTNL_MASTER_SRC] = M(src, ADDR, CT_FILTER_SRC),
	[CTNL_MASTER_DST] = M(dst, ADDR, CT_FILTER_DST),
	[CTNL_MASTER_SPORT] = M(sport, BE, CT_FILTER_SPORT),
	[CTNL_MASTER_DPORT] = M(dport, BE, CT_FILTER_DPORT),
	[CTNL_MASTER_PROTOCOL] = M(protocol, UINT, CT_FILTER_PROTOCOL),
	[CTNL_SEQADJ_ORIG_POS] = V(seqadj[0].correction_pos, CTV_SEQADJ_0),
	[CTNL_SEQADJ_ORIG_BEFORE] = V(seqadj[0].offset_before, CTV_SEQADJ_0),
	[CTNL_SEQADJ_ORIG_AFTER] = V(seqadj[0].offset_after, CTV_SEQADJ_0),
	[CTNL_SEQADJ_REPLY_POS] = V(seqadj[1].correction_pos, CTV_SEQADJ_1),
	[CTNL_SEQADJ_REPLY_BEFORE] = V(seqadj[1].offset_before, CTV_SEQADJ_1),
	[CTNL_SEQADJ_REPLY_AFTER] = V(seqadj[1].offset_after, CTV_SEQADJ_1),
	[CTNL_SYNPROXY_ISN] = V(synproxy.isn, CTV_SYNPROXY),
	[CTNL_SYNPROXY_ITS] = V(synproxy.its, CTV_SYNPROXY),
	[CTNL_SYNPROXY_TSOFF] = V(synproxy.tsoff, CTV_SYNPROXY),
};

#define X(member, has) ROW(struct ct_expect_view, member, UINT, has)
#define XT(n, member, part, kind, field, bit) \
	PART(struct ct_expect_view, member.part, kind, n, field, bit)

static const struct row expect_rows[CTNL_EXP_ATTR_COUNT] = {
	[CTNL_EXP_FAMILY] = PART(struct ct_expect_view, tuple.family, FAMILY, 0, 0, 0),
	[CTNL_EXP_PROTOCOL] = XT(0, tuple, protocol, UINT, CT_FILTER_PROTOCOL, CTX_TUPLE),
	[CTNL_EXP_SRC] = XT(0, tuple, src, ADDR, CT_FILTER_SRC, CTX_TUPLE),
	[CTNL_EXP_DST] = XT(0, tuple, dst, ADDR, CT_FILTER_DST, CTX_TUPLE),
	[CTNL_EXP_SPORT] = XT(0, tuple, sport, BE, CT_FILTER_SPORT, CTX_TUPLE),
	[CTNL_EXP_DPORT] = XT(0, tuple, dport, BE, CT_FILTER_DPORT, CTX_TUPLE),
	[CTNL_EXP_MASK_SRC] = XT(1, mask, src, ADDR, CT_FILTER_SRC, CTX_MASK),
	[CTNL_EXP_MASK_DST] = XT(1, mask, dst, ADDR, CT_FILTER_DST, CTX_MASK),
	[CTNL_EXP_MASK_SPORT] = XT(1, mask, sport, BE, CT_FILTER_SPORT, CTX_MASK),
	[CTNL_EXP_MASK_DPORT] = XT(1, mask, dport, BE, CT_FILTER_DPORT, CTX_MASK),
	[CTNL_EXP_MASTER_SRC] = XT(2, master, src, ADDR, CT_FILTER_SRC, CTX_MASTER),
	[CTNL_EXP_MASTER_DST] = XT(2, master, dst, ADDR, CT_FILTER_DST, CTX_MASTER),
	[CTNL_EXP_MASTER_SPORT] = XT(2, master, sport, BE, CT_FILTER_SPORT, CTX_MASTER),
	[CTNL_EXP_MASTER_DPORT] = XT(2, master, dport, BE, CT_FILTER_DPORT, CTX_MASTER),
	[CTNL_EXP_MASTER_PROTOCOL] = XT(2, master, protocol, UINT, CT_FILTER_PROTOCOL, CTX_MASTER),
	[CTNL_EXP_TIMEOUT] = X(timeout, CTX_TIMEOUT),
	[CTNL_EXP_ID] = X(id, CTX_ID),
	[CTNL_EXP_ZONE] = X(zone, CTX_ZONE),
	[CTNL_EXP_FLAGS] = X(flags, CTX_FLAGS),
	[CTNL_EXP_CLASS] = X(class, CTX_CLASS),
	[CTNL_EXP_HELPER] = ROW(struct ct_expect_view, helper, TEXT, CTX_HELPER),
	[CTNL_EXP_FUNCTION] = ROW(struct ct_expect_view, fn, TEXT, CTX_FN),
};

/* One object of either sort: where its parts are. */
struct object {
	uint8_t *at;
	uint64_t has;
	uint32_t *given;
	struct ct_tuple *tuple[3];
};

static struct object conn_object(const struct ctnl_conn *conn)
{
	struct ct_view *v = &((struct ctnl_conn *)(uintptr_t)conn)->v;

	return (struct object){
		(uint8_t *)v, v->has, v->given, { &v->tuple[0], &v->tuple[1], &v->master }
	};
}

static struct object expect_object(const struct ctnl_expect *expect)
{
	struct ct_expect_view *v = &((struct ctnl_expect *)(uintptr_t)expect)->v;

	return (struct object){
		(uint8_t *)v, v->has, v->given, { &v->tuple, &v->mask, &v->master }
	};
}

static uint8_t family_of(const struct object *o)
{
	for (unsigned int i = 0; i < 3; i++)
		if (o->given[i] & (CT_FILTER_SRC | CT_FILTER_DST))
			return o->tuple[i]->family;
	return o->tuple[0]->family;
}

static bool has(const struct object *o, const struct row *row)
{
	if (row->kind == FAMILY)
		return family_of(o) != CT_FAMILY_ANY;
	return row->tuple == OWN ? (o->has & row->has) != 0
				 : (o->given[row->tuple] & row->has) != 0;
}

static void give(struct object *o, const struct row *row)
{
	if (row->tuple == OWN)
		o->has |= row->has;
	else
		o->given[row->tuple] |= (uint32_t)row->has;
	o->has |= row->tuple_has;
}

static uint64_t get(const struct object *o, const struct row *row)
{
	const uint8_t *at = o->at + row->offset;
	uint64_t wide = 0;
	uint32_t word = 0;
	uint16_t half = 0;

	if (row->kind == FAMILY)
		return ct_wire_family(family_of(o));
	if (!has(o, row) || (row->kind != UINT && row->kind != BE))
		return 0;
	switch (row->size) {
	case 1:
		return *at;
	case 2:
		memcpy(&half, at, sizeof(half));
		return row->kind == BE ? ntohs(half) : half;
	case 4:
		memcpy(&word, at, sizeof(word));
		return word;
	}
	memcpy(&wide, at, sizeof(wide));
	return wide;
}

static int set_family(struct object *o, uint64_t value)
{
	uint8_t family = value == AF_INET || value == AF_INET6 ? ct_family_of_wire((uint8_t)value)
							       : CT_FAMILY_ANY;

	for (unsigned int i = 0; i < 3; i++)
		if (o->given[i] & (CT_FILTER_SRC | CT_FILTER_DST) && o->tuple[i]->family != family)
			return -EINVAL;
	for (unsigned int i = 0; i < 3; i++)
		o->tuple[i]->family = family;
	return value == AF_UNSPEC || family != CT_FAMILY_ANY ? 0 : -EINVAL;
}

static int set(struct object *o, const struct row *row, uint64_t value)
{
	uint8_t *at = o->at + row->offset;
	uint32_t word = (uint32_t)value;
	uint16_t half = row->kind == BE ? htons((uint16_t)value) : (uint16_t)value;

	if (row->kind == FAMILY)
		return set_family(o, value);
	if (row->kind != UINT && row->kind != BE)
		return -EINVAL;
	if (row->size < 8 && value >> 8 * row->size && (int64_t)value >= 0)
		return -ERANGE;
	switch (row->size) {
	case 1:
		*at = (uint8_t)value;
		break;
	case 2:
		memcpy(at, &half, sizeof(half));
		break;
	case 4:
		memcpy(at, &word, sizeof(word));
		break;
	case 8:
		memcpy(at, &value, sizeof(value));
		break;
	}
	give(o, row);
	return 0;
}

static unsigned int get_addr(const struct object *o, const struct row *row, uint8_t ret[16])
{
	const uint8_t *at = o->at + row->offset;
	unsigned int len = family_of(o) == PKTT_IPV6 ? 16 : 4;
	struct pktt_addr addr;

	if (!has(o, row) || (row->kind != ADDR && row->kind != NAT_ADDR))
		return 0;
	if (row->kind == NAT_ADDR) {
		memcpy(&addr, at, sizeof(addr));
		memcpy(ret, addr.byte, sizeof(addr.byte));
		return addr.len;
	}
	memcpy(ret, at, len);
	return len;
}

static int set_addr(struct object *o, const struct row *row, const uint8_t *from, unsigned int len)
{
	uint8_t *at = o->at + row->offset;
	struct pktt_addr addr = { .len = (uint8_t)len };

	if ((len != 4 && len != 16) || (row->kind != ADDR && row->kind != NAT_ADDR) ||
	    set_family(o, len == 16 ? AF_INET6 : AF_INET))
		return -EINVAL;
	memcpy(addr.byte, from, len);
	if (row->kind == NAT_ADDR)
		memcpy(at, &addr, sizeof(addr));
	else
		memcpy(at, addr.byte, sizeof(addr.byte));
	give(o, row);
	return 0;
}

static int set_text(struct object *o, const struct row *row, const char *text)
{
	size_t len = strlen(text);

	if (row->kind != TEXT)
		return -EINVAL;
	if (len >= row->size)
		return -ENAMETOOLONG;
	memset(o->at + row->offset, 0, row->size);
	memcpy(o->at + row->offset, text, len);
	give(o, row);
	return 0;
}

/* --- Connections ---------------------------------------------------------------------------------- */

struct ctnl_conn *ctnl_conn_new(void)
{
	struct ctnl_conn *conn = calloc(1, sizeof(*conn));

	if (conn)
		conn->v.tuple[0].family = conn->v.tuple[1].family = conn->v.master.family =
			CT_FAMILY_ANY;
	return conn;
}

struct ctnl_conn *ctnl_conn_copy(const struct ctnl_conn *conn)
{
	struct ctnl_conn *copy = malloc(sizeof(*copy));

	if (copy)
		*copy = *conn;
	return copy;
}

void ctnl_conn_free(struct ctnl_conn **conn)
{
	free(*conn);
	*conn = NULL;
}

bool ctnl_conn_has(const struct ctnl_conn *conn, enum ctnl_attr attr)
{
	struct object o = conn_object(conn);

	return attr < CTNL_ATTR_COUNT && has(&o, &conn_rows[attr]);
}

uint64_t ctnl_conn_get(const struct ctnl_conn *conn, enum ctnl_attr attr)
{
	struct object o = conn_object(conn);

	return attr < CTNL_ATTR_COUNT ? get(&o, &conn_rows[attr]) : 0;
}

/* ICMPv6's fields have bits of their own; a protocol is both directions'. */
static void tidy(struct ct_view *v)
{
	const uint32_t icmp = CT_FILTER_ICMP_TYPE | CT_FILTER_ICMP_CODE | CT_FILTER_ICMP_ID;

	if (v->given[0] & CT_FILTER_PROTOCOL && v->tuple[0].protocol == IPPROTO_ICMPV6)
		v->given[0] = (v->given[0] & ~icmp) | (v->given[0] & icmp) << 3;
	if (v->given[0] & CT_FILTER_PROTOCOL && v->has & CTV_REPLY) {
		v->tuple[1].protocol = v->tuple[0].protocol;
		v->given[1] |= CT_FILTER_PROTOCOL;
	}
}

int ctnl_conn_set(struct ctnl_conn *conn, enum ctnl_attr attr, uint64_t value)
{
	struct object o = conn_object(conn);
	int r = attr < CTNL_ATTR_COUNT ? set(&o, &conn_rows[attr], value) : -EINVAL;

	conn->v.has = o.has;
	tidy(&conn->v);
	return r;
}

unsigned int ctnl_conn_get_addr(const struct ctnl_conn *conn, enum ctnl_attr attr, uint8_t ret[16])
{
	struct object o = conn_object(conn);

	return attr < CTNL_ATTR_COUNT ? get_addr(&o, &conn_rows[attr], ret) : 0;
}

int ctnl_conn_set_addr(struct ctnl_conn *conn, enum ctnl_attr attr, const uint8_t *addr,
		       unsigned int len)
{
	struct object o = conn_object(conn);
	int r = attr < CTNL_ATTR_COUNT ? set_addr(&o, &conn_rows[attr], addr, len) : -EINVAL;

	conn->v.has = o.has;
	tidy(&conn->v);
	return r;
}

const char *ctnl_conn_get_text(const struct ctnl_conn *conn, enum ctnl_attr attr)
{
	struct object o = conn_object(conn);

	if (attr >= CTNL_ATTR_COUNT || conn_rows[attr].kind != TEXT || !has(&o, &conn_rows[attr]))
		return NULL;
	return (const char *)o.at + conn_rows[attr].offset;
}

int ctnl_conn_set_text(struct ctnl_conn *conn, enum ctnl_attr attr, const char *text)
{
	struct object o = conn_object(conn);
	int r = attr < CTNL_ATTR_COUNT ? set_text(&o, &conn_rows[attr], text) : -EINVAL;

	conn->v.has = o.has;
	return r;
}

/* Requests answer themselves with another type: RFC 792, RFC 4443, RFC 4620. */
static uint8_t icmp_answer(uint8_t protocol, uint8_t type)
{
	static const uint8_t pair[][3] = { { 1, 8, 0 },	     { 1, 0, 8 },      { 1, 13, 14 },
					   { 1, 14, 13 },    { 1, 15, 16 },    { 1, 16, 15 },
					   { 1, 17, 18 },    { 1, 18, 17 },    { 58, 128, 129 },
					   { 58, 129, 128 }, { 58, 139, 140 }, { 58, 140, 139 } };

	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++)
		if (pair[i][0] == protocol && pair[i][1] == type)
			return pair[i][2];
	return type;
}

static void complete_l4(struct ct_view *v)
{
	const struct ct_tuple *t = &v->tuple[0];
	struct ct_tuple *r = &v->tuple[1];

	if (ct_protocol_is_icmp(t->protocol)) {
		const uint8_t *type = (const uint8_t *)&t->dport;
		uint8_t answer[2] = { icmp_answer(t->protocol, type[0]), type[1] };

		r->sport = t->sport;
		memcpy(&r->dport, answer, 2);
		return;
	}
	if (!(v->given[1] & CT_FILTER_SPORT))
		r->sport = t->dport;
	if (!(v->given[1] & CT_FILTER_DPORT))
		r->dport = t->sport;
}

void ctnl_conn_complete(struct ctnl_conn *conn)
{
	struct ct_view *v = &conn->v;
	const struct ct_tuple *t = &v->tuple[0];
	struct ct_tuple *r = &v->tuple[1];

	if (!(v->has & CTV_ORIG))
		return;
	r->family = t->family;
	r->protocol = t->protocol;
	if (!(v->given[1] & CT_FILTER_SRC))
		memcpy(r->src, t->dst, sizeof(r->src));
	if (!(v->given[1] & CT_FILTER_DST))
		memcpy(r->dst, t->src, sizeof(r->dst));
	complete_l4(v);
	v->has |= CTV_REPLY;
	v->given[1] |= v->given[0] & ~(uint32_t)CT_FILTER_ZONE;
}

/* --- Expectations ----------------------------------------------------------------------------------- */

struct ctnl_expect *ctnl_expect_new(void)
{
	struct ctnl_expect *expect = calloc(1, sizeof(*expect));

	if (expect)
		expect->v.tuple.family = expect->v.mask.family = expect->v.master.family =
			CT_FAMILY_ANY;
	return expect;
}

struct ctnl_expect *ctnl_expect_copy(const struct ctnl_expect *expect)
{
	struct ctnl_expect *copy = malloc(sizeof(*copy));

	if (copy)
		*copy = *expect;
	return copy;
}

void ctnl_expect_free(struct ctnl_expect **expect)
{
	free(*expect);
	*expect = NULL;
}

bool ctnl_expect_has(const struct ctnl_expect *expect, enum ctnl_expect_attr attr)
{
	struct object o = expect_object(expect);

	return attr < CTNL_EXP_ATTR_COUNT && has(&o, &expect_rows[attr]);
}

uint64_t ctnl_expect_get(const struct ctnl_expect *expect, enum ctnl_expect_attr attr)
{
	struct object o = expect_object(expect);

	return attr < CTNL_EXP_ATTR_COUNT ? get(&o, &expect_rows[attr]) : 0;
}

/* A mask is of the tuple's protocol. */
static void tidy_expect(struct ct_expect_view *v, uint64_t has)
{
	v->has = (uint32_t)has;
	if (v->given[0] & CT_FILTER_PROTOCOL && v->has & CTX_MASK) {
		v->mask.protocol = v->tuple.protocol;
		v->given[1] |= CT_FILTER_PROTOCOL;
	}
}

int ctnl_expect_set(struct ctnl_expect *expect, enum ctnl_expect_attr attr, uint64_t value)
{
	struct object o = expect_object(expect);
	int r = attr < CTNL_EXP_ATTR_COUNT ? set(&o, &expect_rows[attr], value) : -EINVAL;

	tidy_expect(&expect->v, o.has);
	return r;
}

unsigned int ctnl_expect_get_addr(const struct ctnl_expect *expect, enum ctnl_expect_attr attr,
				  uint8_t ret[16])
{
	struct object o = expect_object(expect);

	return attr < CTNL_EXP_ATTR_COUNT ? get_addr(&o, &expect_rows[attr], ret) : 0;
}

int ctnl_expect_set_addr(struct ctnl_expect *expect, enum ctnl_expect_attr attr,
			 const uint8_t *addr, unsigned int len)
{
	struct object o = expect_object(expect);
	int r = attr < CTNL_EXP_ATTR_COUNT ? set_addr(&o, &expect_rows[attr], addr, len) : -EINVAL;

	tidy_expect(&expect->v, o.has);
	return r;
}

const char *ctnl_expect_get_text(const struct ctnl_expect *expect, enum ctnl_expect_attr attr)
{
	struct object o = expect_object(expect);

	if (attr >= CTNL_EXP_ATTR_COUNT || expect_rows[attr].kind != TEXT ||
	    !has(&o, &expect_rows[attr]))
		return NULL;
	return (const char *)o.at + expect_rows[attr].offset;
}

int ctnl_expect_set_text(struct ctnl_expect *expect, enum ctnl_expect_attr attr, const char *text)
{
	struct object o = expect_object(expect);
	int r = attr < CTNL_EXP_ATTR_COUNT ? set_text(&o, &expect_rows[attr], text) : -EINVAL;

	tidy_expect(&expect->v, o.has);
	return r;
}

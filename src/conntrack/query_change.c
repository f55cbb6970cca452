/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manipulation interface: making and changing connections, by the rules of Linux's ctnetlink: what
 * may be said of a new one only, which status bits are tracking's own, when a helper stays.
 */
#include "conntrack/query.h"

#include "base/own.h"
#include "conntrack/event.h"
#include "conntrack/helper.h"
#include "conntrack/own.h"
#include "conntrack/proto_tcp.h"
#include "conntrack/sctp_state.h"

#include <errno.h>
#include <string.h>

/* Bits that who asks cannot set or unset; the first three he may not even try to. */
#define STATUS_FORBIDDEN (CT_EXPECTED | CT_CONFIRMED | CT_DYING)
#define STATUS_CONSTANT                                                                    \
	(STATUS_FORBIDDEN | CT_NAT_MASK | CT_NAT_DONE_MASK | CT_SEQ_ADJUST | CT_TEMPLATE | \
	 CT_NAT_CLASH | CT_OFFLOAD | CT_HW_OFFLOAD)

#define DCCP_STATES 8 /* linux/netfilter/nf_conntrack_dccp.h: CT_DCCP_NONE .. TIMEWAIT */

/* --- Fields ----------------------------------------------------------------------------------- */

static uint32_t timeout_ms(uint32_t seconds)
{
	return seconds > INT32_MAX / 1000 ? INT32_MAX : seconds * 1000;
}

static int change_timeout(struct conntrack *ct, struct conn *conn, uint32_t seconds,
			  struct pktt_error *err)
{
	if (conn_status(conn) & CT_FIXED_TIMEOUT)
		return pktt_fail(err, -EPERM, "the connection's timeout is fixed");
	conn_set_timeout(conn, ct_ms(conntrack_time_ns(ct)), timeout_ms(seconds));
	if (conn_is_dying(conn))
		return pktt_fail(err, -ETIME, "the connection has ended");
	return 0;
}

/* status against what it has now. As on Linux a bit that is left out stays as it is. */
static int change_status(struct conn *conn, uint32_t has, uint32_t status, struct pktt_error *err)
{
	uint32_t differs = (has ^ status) & CT_STATUS_BITS;

	if (differs & STATUS_FORBIDDEN)
		return pktt_fail(err, -EBUSY,
				 "status bits expected, confirmed, dying cannot be changed");
	if (differs & ~status & (CT_SEEN_REPLY | CT_ASSURED))
		return pktt_fail(err, -EBUSY, "status bits seen-reply and assured cannot be unset");
	__atomic_fetch_or(&conn->status, status & CT_STATUS_BITS & ~(uint32_t)STATUS_CONSTANT,
			  __ATOMIC_ACQ_REL);
	return 0;
}

static void change_mark(struct conn *conn, const struct ct_change *change)
{
	uint32_t mask = change->mark_mask ? change->mark_mask : UINT32_MAX;
	uint32_t old = conn_mark(conn);

	while (!__atomic_compare_exchange_n(&conn->mark, &old, (old & ~mask) ^ change->mark, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* Some fields of TCP's state: what ctnetlink has of it. */
static void merge_tcp(struct ct_tcp *tcp, const struct ct_change *change)
{
	const struct ct_tcp *from = &change->l4.tcp;

	if (change->l4_has & CT_L4_STATE)
		tcp->state = from->state;
	for (unsigned int dir = 0; dir < 2; dir++)
		if (change->l4_has & CT_L4_FLAGS_ORIGINAL << dir) {
			uint8_t mask = change->l4_mask[dir], flags = tcp->seen[dir].flags & ~mask;

			tcp->seen[dir].flags = flags | (from->seen[dir].flags & mask);
		}
	if (change->l4_has & CT_L4_SCALES &&
	    tcp->seen[0].flags & tcp->seen[1].flags & CT_TCP_WINDOW_SCALE) {
		tcp->seen[0].scale = from->seen[0].scale;
		tcp->seen[1].scale = from->seen[1].scale;
	}
}

static bool is_state(uint8_t protocol, const struct ct_change *change)
{
	if (change->l4_has && !(change->l4_has & CT_L4_STATE))
		return true;
	if (protocol == ct_proto_tcp.protocol)
		return change->l4.tcp.state < CT_TCP_STATE_COUNT;
	if (protocol == ct_proto_sctp.protocol)
		return change->l4.sctp.state < CT_SCTP_STATE_COUNT;
	if (protocol == ct_proto_dccp.protocol)
		return change->l4.dccp.state < DCCP_STATES;
	return true;
}

static int change_l4(struct conn *conn, const struct ct_change *change, struct pktt_error *err)
{
	const struct ct_l4proto *proto = ct_l4proto_of(conn->family, conn->protocol);

	if (!is_state(conn->protocol, change))
		return pktt_fail(err, -ERANGE, "%s has no such state", proto->name);
	if (!proto->state_size)
		return 0;
	conn_lock(conn);
	if (!change->l4_has)
		memcpy(conn_l4(conn), &change->l4, proto->state_size);
	else if (proto == &ct_proto_tcp)
		merge_tcp(&conn_l4(conn)->tcp, change);
	else if (proto == &ct_proto_sctp && change->l4_has & CT_L4_STATE)
		conn_l4(conn)->sctp.state = change->l4.sctp.state;
	else if (proto == &ct_proto_dccp && change->l4_has & CT_L4_STATE)
		conn_l4(conn)->dccp.state = change->l4.dccp.state;
	conn_unlock(conn);
	return 0;
}

static void change_labels(struct conn_ext *ext, const struct ct_change *change)
{
	for (unsigned int i = 0; i < 2; i++)
		ext->label[i] = (ext->label[i] & ~change->label_mask[i]) ^ change->label[i];
	ext->has_label = true;
}

/* What lies in the extension. */
static int change_ext(struct conn *conn, const struct ct_change *change, struct pktt_error *err)
{
	struct conn_ext *ext;

	if (!(change->has & (CT_HAS_SEQADJ | CT_HAS_SYNPROXY | CT_HAS_LABEL)))
		return 0;
	ext = conn_extend(conn);
	if (!ext)
		return pktt_fail(err, -ENOMEM, "no memory for a connection");
	conn_lock(conn);
	if (change->has & CT_HAS_SEQADJ) {
		memcpy(ext->seqadj, change->seqadj, sizeof(ext->seqadj));
		ext->has_seqadj = true;
		conn_set_status(conn, CT_SEQ_ADJUST);
	}
	if (change->has & CT_HAS_SYNPROXY) {
		ext->synproxy = change->synproxy;
		ext->has_synproxy = true;
	}
	if (change->has & CT_HAS_LABEL)
		change_labels(ext, change);
	conn_unlock(conn);
	return 0;
}

/* What a new one and one that is there have in common. */
static int change_fields(struct conn *conn, const struct ct_change *change, struct pktt_error *err)
{
	int r = 0;

	if (change->has & CT_HAS_PROTOINFO)
		r = change_l4(conn, change, err);
	if (r)
		return r;
	if (change->has & CT_HAS_MARK)
		change_mark(conn, change);
	return change_ext(conn, change, err);
}

/* --- Changing --------------------------------------------------------------------------------- */

static void resume_helper(struct conn *conn, const struct ct_helper *helper)
{
	if (helper && helper->resume)
		helper->resume(conn);
}

/*
 * A helper is given to a connection that is there by nobody: what it reads begins with the first packet.
 * It may be taken away.
 */
static int change_helper(struct conntrack *ct, struct conn *conn, const struct ct_helper *helper,
			 struct pktt_error *err)
{
	const struct ct_helper *now = conn_helper(conn);

	if (now == helper) {
		resume_helper(conn, now);
		return 0;
	}
	if (conn_status(conn) & CT_EXPECTED)
		return pktt_fail(err, -EBUSY, "an expected connection keeps its helper");
	if (!helper)
		return conn_set_helper(ct, conn, NULL);
	if (now)
		return pktt_fail(err, -EBUSY, "the connection has the helper %s", now->name);
	return pktt_fail(err, -EOPNOTSUPP, "only a new connection is given a helper");
}

int ct_query_update(struct conntrack *ct, struct conn *conn, const struct ct_change *change,
		    struct pktt_error *err)
{
	int r = 0;

	if (change->has & CT_HAS_MASTER)
		return pktt_fail(err, -EOPNOTSUPP, "only a new connection is given a master");
	if (change->has & CT_HAS_HELPER)
		r = change_helper(ct, conn, change->helper, err);
	if (r == 0 && change->has & CT_HAS_TIMEOUT)
		r = change_timeout(ct, conn, change->timeout, err);
	if (r == 0 && change->has & CT_HAS_STATUS)
		r = change_status(conn, conn_status(conn), change->status, err);
	if (r == 0)
		r = change_fields(conn, change, err);
	if (r)
		return r;
	ct_event(ct, 0, conn,
		 CT_EVENT_REPLY | CT_EVENT_ASSURED | CT_EVENT_HELPER | CT_EVENT_LABEL |
			 CT_EVENT_PROTOINFO | CT_EVENT_SEQADJ | CT_EVENT_MARK | CT_EVENT_SYNPROXY);
	return 0;
}

/* --- Making ----------------------------------------------------------------------------------- */

/* The directions that the zone of two tuples holds for; 0 = they are of two zones. */
static uint8_t zone_dirs_of(const struct ct_tuple *original, const struct ct_tuple *reply)
{
	if (original->zone == reply->zone)
		return CT_ZONE_BOTH;
	if (!reply->zone)
		return CT_ZONE_ORIGINAL;
	return original->zone ? 0 : CT_ZONE_REPLY;
}

static int check_tuples(const struct ct_tuple *original, const struct ct_tuple *reply,
			struct pktt_error *err)
{
	if (original->family != PKTT_IPV4 && original->family != PKTT_IPV6)
		return pktt_fail(err, -EINVAL, "only IPv4 and IPv6 have connections");
	if (original->family != reply->family || original->protocol != reply->protocol)
		return pktt_fail(err, -EINVAL, "the two tuples are of two families or protocols");
	if (!zone_dirs_of(original, reply))
		return pktt_fail(err, -EINVAL, "the two tuples are of two zones");
	return 0;
}

/* Which halves of a binding lie between the tuples. */
static uint32_t nat_bits(const struct ct_tuple *original, const struct ct_tuple *reply)
{
	struct ct_tuple plain;
	uint32_t ret = 0;

	if (!ct_tuple_invert(&plain, original))
		return 0;
	if (memcmp(plain.dst, reply->dst, sizeof(plain.dst)) != 0 || plain.dport != reply->dport)
		ret |= CT_SRC_NAT;
	if (memcmp(plain.src, reply->src, sizeof(plain.src)) != 0 || plain.sport != reply->sport)
		ret |= CT_DST_NAT;
	return ret;
}

/* NAT keeps the reply from others at once, so it is NAT that meets whoever has it. */
static int set_nat(struct conntrack *ct, struct conn *conn, const struct ct_tuple *original,
		   const struct ct_tuple *reply, struct pktt_error *err)
{
	uint32_t bits = nat_bits(original, reply);
	int r = bits && ct->nat.bind ? ct->nat.bind(ct, conn, reply) : 0;

	if (r == -EEXIST)
		return pktt_fail(err, r, "there is a connection with such a tuple");
	if (r)
		return pktt_fail(err, r, "no memory for a binding");
	if (bits)
		conn_set_status(conn, bits | CT_NAT_DONE_MASK);
	return 0;
}

static int set_new_helper(struct conntrack *ct, struct conn *conn, const struct ct_change *change,
			  struct pktt_error *err)
{
	const struct ct_helper *helper = change->helper;

	if (!(change->has & CT_HAS_HELPER) || !helper)
		return 0;
	if (!(helper->families & PKTT_FAM(conn->family)) ||
	    (helper->protocol[0] != conn->protocol && helper->protocol[1] != conn->protocol))
		return pktt_fail(err, -EOPNOTSUPP, "helper %s does not serve such connections",
				 helper->name);
	if (conn_set_helper(ct, conn, helper))
		return pktt_fail(err, -ENOMEM, "no memory for a connection");
	resume_helper(conn, helper);
	conn_set_status(conn, CT_HELPER);
	return 0;
}

static int set_master(struct conn *conn, const struct ct_change *change, struct pktt_error *err)
{
	struct conn_ext *ext;

	if (!(change->has & CT_HAS_MASTER))
		return 0;
	if (!change->master || !conn_get(change->master))
		return pktt_fail(err, -ENOENT, "the master connection is gone");
	ext = conn_extend(conn);
	if (!ext) {
		/* Its reference is the table's at least, so it is not freed here. */
		__atomic_fetch_sub(&change->master->ref, 1, __ATOMIC_ACQ_REL);
		return pktt_fail(err, -ENOMEM, "no memory for a connection");
	}
	ext->master = change->master;
	conn_set_status(conn, CT_EXPECTED);
	return 0;
}

static int set_start(struct conntrack *ct, struct conn *conn, const struct ct_change *change,
		     struct pktt_error *err)
{
	struct conn_ext *ext;

	if (!ct->settings.timestamp)
		return 0;
	ext = conn_extend(conn);
	if (!ext)
		return pktt_fail(err, -ENOMEM, "no memory for a connection");
	ext->start_ns = change->has & CT_HAS_START ? change->start_ns : conntrack_time_ns(ct);
	return 0;
}

static int fill_in(struct conntrack *ct, struct conn *conn, const struct ct_change *change,
		   struct pktt_error *err)
{
	int r = set_new_helper(ct, conn, change, err);

	conn_set_timeout(conn, ct_ms(conntrack_time_ns(ct)), timeout_ms(change->timeout));
	if (r == 0 && change->has & CT_HAS_STATUS)
		r = change_status(conn, conn_status(conn) | CT_CONFIRMED, change->status, err);
	if (r == 0)
		r = change_fields(conn, change, err);
	if (r == 0)
		r = set_master(conn, change, err);
	if (r == 0)
		r = set_start(ct, conn, change, err);
	conn_set_status(conn, CT_MADE);
	if (change->has & CT_HAS_COUNTERS)
		memcpy(conn->counter, change->counter, sizeof(conn->counter));
	return r;
}

static int enter(struct conntrack *ct, struct conn *conn, struct pktt_error *err)
{
	int r = conndb_insert(ct->db, conn, ct_ms(conntrack_time_ns(ct)), NULL);

	if (r == -EEXIST)
		return pktt_fail(err, r, "there is a connection with such a tuple");
	if (r)
		return pktt_fail(err, r, "no memory for a connection");
	ct_count(ct, 0, CT_COUNT_INSERT);
	return 0;
}

/* Who has one of these tuples (reply may be NULL), with a reference. */
static struct conn *find_other(struct conntrack *ct, const struct ct_tuple *original,
			       const struct ct_tuple *reply)
{
	uint32_t now = ct_ms(conntrack_time_ns(ct));
	enum ct_dir dir;
	struct conn *other = conndb_find(ct->db, original, now, &dir);

	return other || !reply ? other : conndb_find(ct->db, reply, now, &dir);
}

static int refuse_other(struct conntrack *ct, struct conn **other, struct conn **ret,
			struct pktt_error *err)
{
	ct_count(ct, 0, CT_COUNT_INSERT_FAILED);
	if (ret)
		*ret = pktt_take(other);
	if (*other)
		conn_put(ct->db, other);
	return pktt_fail(err, -EEXIST, "there is a connection with such a tuple");
}

static void tell_new(struct conntrack *ct, struct conn *conn, const struct ct_change *change)
{
	uint32_t events = CT_EVENT_REPLY | CT_EVENT_ASSURED | CT_EVENT_HELPER | CT_EVENT_PROTOINFO |
			  CT_EVENT_SEQADJ | CT_EVENT_MARK | CT_EVENT_SYNPROXY;

	events |= conn_status(conn) & CT_EXPECTED ? CT_EVENT_RELATED : CT_EVENT_NEW;
	if (change->has & CT_HAS_LABEL)
		events |= CT_EVENT_LABEL;
	ct_event(ct, 0, conn, events);
}

static int make(struct conntrack *ct, const struct ct_tuple *original, const struct ct_tuple *reply,
		const struct ct_change *change, struct conn **ret, struct pktt_error *err)
{
	struct conn *conn = conndb_alloc(ct->db, original, reply, zone_dirs_of(original, reply));
	int r;

	if (!conn) {
		r = -errno;
		if (r == -ENOSPC)
			ct_count(ct, 0, CT_COUNT_TABLE_FULL);
		return pktt_fail(err, r, "there is no room for another connection");
	}
	r = fill_in(ct, conn, change, err);
	if (r == 0)
		r = set_nat(ct, conn, original, reply, err);
	if (r == 0)
		r = enter(ct, conn, err);
	if (r == 0)
		tell_new(ct, conn, change);
	if (r == 0 && ret)
		*ret = pktt_take(&conn);
	if (conn)
		conn_put(ct->db, &conn);
	if (r == -EEXIST) {
		conn = find_other(ct, original, reply);
		return refuse_other(ct, &conn, ret, err);
	}
	return r;
}

int ct_query_create(struct conntrack *ct, const struct ct_tuple *original,
		    const struct ct_tuple *reply, const struct ct_change *change, struct conn **ret,
		    struct pktt_error *err)
{
	struct ct_tuple inverse;
	struct conn *other;
	int r;

	if (ret)
		*ret = NULL;
	if (!reply) {
		if (!ct_tuple_invert(&inverse, original))
			return pktt_fail(err, -EINVAL, "nothing answers such a packet");
		reply = &inverse;
	}
	r = check_tuples(original, reply, err);
	if (r)
		return r;
	/* That there is one already is said before anything that is wrong with the new one. */
	other = find_other(ct, original, NULL);
	if (other)
		return refuse_other(ct, &other, ret, err);
	if (!(change->has & CT_HAS_TIMEOUT))
		return pktt_fail(err, -EINVAL, "a new connection needs a timeout");
	return make(ct, original, reply, change, ret, err);
}

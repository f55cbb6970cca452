/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections and expectations as JSON, for replay, monitor and the lists. */
#include "base/json.h"

#include "conntrack/helper.h"
#include "conntrack/own.h"
#include "conntrack/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const char *const status_names[] = {
	"expected",   "seen-reply",   "assured",      "confirmed",  "src-nat",	     "dst-nat",
	"seq-adjust", "src-nat-done", "dst-nat-done", "dying",	    "fixed-timeout", "template",
	"nat-clash",  "helper",	      "offload",      "hw-offload",
};

static void put_address(struct json *j, const char *key, uint8_t family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family == PKTT_IPV6 ? AF_INET6 : AF_INET, addr, text, sizeof(text));
	json_put_text(j, key, text);
}

static void put_pair(struct json *j, const char *src, const char *dst, const struct ct_tuple *t)
{
	json_put_uint(j, src, ntohs(t->sport));
	json_put_uint(j, dst, ntohs(t->dport));
}

/* The members of a tuple. */
static void put_tuple(struct json *j, const struct ct_tuple *t)
{
	const uint8_t *type = (const uint8_t *)&t->dport;

	put_address(j, "src", t->family, t->src);
	put_address(j, "dst", t->family, t->dst);
	switch (t->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		put_pair(j, "sport", "dport", t);
		break;
	case IPPROTO_GRE:
		put_pair(j, "srckey", "dstkey", t);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		json_put_uint(j, "id", ntohs(t->sport));
		json_put_uint(j, "type", type[0]);
		json_put_uint(j, "code", type[1]);
		break;
	}
}

static void put_l4(struct json *j, const struct ct_tuple *t)
{
	const struct ct_l4proto *proto = ct_l4proto_of(t->family, t->protocol);

	json_put_text(j, "l4", proto->name);
	if (proto == &ct_proto_generic)
		json_put_uint(j, "protocol", t->protocol);
}

static void put_names(struct json *j, const char *key, const char *const *name, unsigned int n,
		      uint32_t bits)
{
	json_key(j, key);
	json_begin_array(j);
	for (unsigned int i = 0; i < n; i++)
		if (bits >> i & 1)
			json_text(j, name[i]);
	json_end_array(j);
}

static void put_direction(struct json *j, const struct conntrack *ct, const struct conn *conn,
			  enum ct_dir dir)
{
	const struct ct_counter *counter = &conn->counter[dir];
	struct ct_tuple t;

	conn_tuple(conn, dir, &t);
	json_key(j, dir == CT_ORIGINAL ? "orig" : "reply");
	json_begin_object(j);
	put_tuple(j, &t);
	if (ct->settings.acct) {
		json_put_uint(j, "packets", __atomic_load_n(&counter->packets, __ATOMIC_RELAXED));
		json_put_uint(j, "bytes", __atomic_load_n(&counter->bytes, __ATOMIC_RELAXED));
	}
	json_end_object(j);
}

static void put_zone(struct json *j, const struct conn *conn)
{
	if (!conn->zone)
		return;
	json_put_uint(j, "zone", conn->zone);
	if (conn->zone_dirs != CT_ZONE_BOTH)
		json_put_text(j, "zone_direction",
			      conn->zone_dirs == CT_ZONE_ORIGINAL ? "original" : "reply");
}

static void put_labels(struct json *j, const uint64_t label[2])
{
	if (!(label[0] | label[1]))
		return;
	json_key(j, "labels");
	json_begin_array(j);
	for (unsigned int bit = 0; bit < 128; bit++)
		if (label[bit / 64] >> bit % 64 & 1)
			json_uint(j, bit);
	json_end_array(j);
}

static void put_ext(struct json *j, const struct conn *conn)
{
	const struct conn_ext *ext = __atomic_load_n(&conn->ext, __ATOMIC_ACQUIRE);
	const struct ct_helper *helper = conn_helper(conn);

	if (helper)
		json_put_text(j, "helper", helper->name);
	if (!ext)
		return;
	if (ext->has_label)
		put_labels(j, ext->label);
	if (ext->master)
		json_put_uint(j, "master", ext->master->id);
	if (ext->start_ns)
		json_put_uint(j, "start", ext->start_ns / 1000000000);
}

void conn_json_members(struct conntrack *ct, struct conn *conn, struct json *j)
{
	struct ct_tuple t;
	const struct ct_l4proto *proto;
	const char *state;

	conn_tuple(conn, CT_ORIGINAL, &t);
	proto = ct_l4proto_of(t.family, t.protocol);
	state = proto->state ? proto->state(conn) : NULL;
	json_put_uint(j, "id", conn->id);
	put_l4(j, &t);
	if (state)
		json_put_text(j, "state", state);
	put_names(j, "status", status_names, sizeof(status_names) / sizeof(status_names[0]),
		  conn_status(conn));
	put_direction(j, ct, conn, CT_ORIGINAL);
	put_direction(j, ct, conn, CT_REPLY);
	json_put_uint(j, "mark", conn_mark(conn));
	json_put_uint(j, "timeout", conn_timeout_left(conn, ct_ms(conntrack_time_ns(ct))) / 1000);
	put_zone(j, conn);
	put_ext(j, conn);
}

void conn_json(struct conntrack *ct, struct conn *conn, struct json *j)
{
	json_begin_object(j);
	conn_json_members(ct, conn, j);
	json_end_object(j);
}

static void put_expect_tuples(struct json *j, const struct expect *expect)
{
	struct ct_tuple mask = expect->mask, master;

	mask.family = expect->tuple.family;
	mask.protocol = expect->tuple.protocol;
	conn_tuple(expect->master, CT_ORIGINAL, &master);
	json_key(j, "tuple");
	json_begin_object(j);
	put_tuple(j, &expect->tuple);
	json_end_object(j);
	json_key(j, "mask");
	json_begin_object(j);
	put_tuple(j, &mask);
	json_end_object(j);
	json_key(j, "master");
	json_begin_object(j);
	json_put_uint(j, "connection", expect->master->id);
	put_tuple(j, &master);
	json_end_object(j);
}

void expect_json(struct conntrack *ct, const struct expect *expect, struct json *j)
{
	static const char *const flag[] = { "permanent", "inactive", "userspace" };
	const struct ct_helper *helper = conn_helper(expect->master);

	json_begin_object(j);
	json_put_uint(j, "id", expect->id);
	put_l4(j, &expect->tuple);
	json_put_uint(j, "timeout", expect_timeout_left(ct, expect));
	put_expect_tuples(j, expect);
	put_names(j, "flags", flag, 3, expect->flags);
	json_put_uint(j, "class", expect->class);
	if (helper)
		json_put_text(j, "helper", helper->name);
	json_end_object(j);
}

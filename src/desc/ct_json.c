/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections and expectations as JSON, for replay, monitor and the lists. */
#include "base/json.h"
#include "base/str.h"
#include "desc/ct_line.h"
#include "desc/ct_view.h"

#include <arpa/inet.h>
#include <netinet/in.h>

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
	if (ct_protocol_is_icmp(t->protocol)) {
		json_put_uint(j, "id", ntohs(t->sport));
		json_put_uint(j, "type", type[0]);
		json_put_uint(j, "code", type[1]);
	} else if (t->protocol == IPPROTO_GRE) {
		put_pair(j, "srckey", "dstkey", t);
	} else if (ct_protocol_has_ports(t->protocol)) {
		put_pair(j, "sport", "dport", t);
	}
}

static void put_l4(struct json *j, const struct ct_tuple *t)
{
	const char *name = ct_protocol_name(t->protocol);

	json_put_text(j, "l4", name);
	if (strcmp(name, "unknown") == 0)
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

static void put_direction(struct json *j, const struct ct_view *v, enum ct_dir dir)
{
	json_key(j, dir == CT_ORIGINAL ? "orig" : "reply");
	json_begin_object(j);
	put_tuple(j, &v->tuple[dir]);
	if (v->has & (dir == CT_ORIGINAL ? CTV_COUNTER_0 : CTV_COUNTER_1)) {
		json_put_uint(j, "packets", v->counter[dir].packets);
		json_put_uint(j, "bytes", v->counter[dir].bytes);
	}
	json_end_object(j);
}

static void put_zone(struct json *j, const struct ct_view *v)
{
	uint16_t zone = v->tuple[0].zone | v->tuple[1].zone;

	if (v->has & CTV_ZONE)
		zone = v->zone;
	if (!zone)
		return;
	json_put_uint(j, "zone", zone);
	if (!(v->has & CTV_ZONE))
		json_put_text(j, "zone_direction", v->tuple[0].zone ? "original" : "reply");
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

static void put_master(struct json *j, const struct ct_view *v)
{
	if (v->master_id) {
		json_put_uint(j, "master", v->master_id);
	} else if (v->has & CTV_MASTER) {
		json_key(j, "master");
		json_begin_object(j);
		put_tuple(j, &v->master);
		json_end_object(j);
	}
}

static void put_rest(struct json *j, const struct ct_view *v)
{
	if (v->has & CTV_MARK)
		json_put_uint(j, "mark", v->mark);
	if (v->has & CTV_TIMEOUT)
		json_put_uint(j, "timeout", v->timeout);
	put_zone(j, v);
	if (v->has & CTV_HELPER && v->helper[0]) {
		json_key(j, "helper");
		json_textn(j, v->helper, strnlen(v->helper, sizeof(v->helper)));
	}
	if (v->has & CTV_SECCTX) {
		json_key(j, "secctx");
		json_textn(j, v->secctx, strnlen(v->secctx, sizeof(v->secctx)));
	}
	if (v->has & CTV_LABEL)
		put_labels(j, v->label);
	put_master(j, v);
	if (v->has & CTV_START)
		json_put_uint(j, "start", v->start_ns / 1000000000);
	if (v->has & CTV_STOP)
		json_put_uint(j, "stop", v->stop_ns / 1000000000);
}

void ct_view_json_members(const struct ct_view *v, struct json *j)
{
	const struct ct_tuple *t = &v->tuple[0];
	const char *state = v->has & CTV_STATE ? ct_state_name(t->protocol, v->state) : NULL;

	if (v->has & CTV_ID)
		json_put_uint(j, "id", v->id);
	put_l4(j, t);
	if (state)
		json_put_text(j, "state", state);
	if (v->has & CTV_STATUS)
		put_names(j, "status", status_names, sizeof(status_names) / sizeof(status_names[0]),
			  v->status);
	put_direction(j, v, CT_ORIGINAL);
	put_direction(j, v, CT_REPLY);
	put_rest(j, v);
}

void ct_view_json(const struct ct_view *v, struct json *j)
{
	json_begin_object(j);
	ct_view_json_members(v, j);
	json_end_object(j);
}

/* --- Expectations ------------------------------------------------------------------------------ */

static void put_named_tuple(struct json *j, const char *key, const struct ct_tuple *t)
{
	json_key(j, key);
	json_begin_object(j);
	put_tuple(j, t);
	json_end_object(j);
}

static void put_expect_tuples(struct json *j, const struct ct_expect_view *v)
{
	struct ct_tuple mask = v->mask;

	mask.family = v->tuple.family;
	mask.protocol = v->tuple.protocol;
	put_named_tuple(j, "tuple", &v->tuple);
	put_named_tuple(j, "mask", &mask);
	json_key(j, "master");
	json_begin_object(j);
	if (v->master_id)
		json_put_uint(j, "connection", v->master_id);
	put_tuple(j, &v->master);
	json_end_object(j);
}

void ct_expect_view_json(const struct ct_expect_view *v, struct json *j)
{
	static const char *const flag[] = { "permanent", "inactive", "userspace" };

	json_begin_object(j);
	json_put_uint(j, "id", v->id);
	put_l4(j, &v->tuple);
	if (v->has & CTX_TIMEOUT)
		json_put_uint(j, "timeout", v->timeout);
	put_expect_tuples(j, v);
	put_names(j, "flags", flag, 3, v->flags);
	json_put_uint(j, "class", v->class);
	if (v->has & CTX_HELPER && v->helper[0]) {
		json_key(j, "helper");
		json_textn(j, v->helper, strnlen(v->helper, sizeof(v->helper)));
	}
	json_end_object(j);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets asked and changed by packets, as the kernel's set match and SET target have it.
 *
 * Each dimension takes its part of the packet from the side that the rule names: address, port (for
 * ICMP type and code), hardware address, interface; the mark has no side. A packet of another
 * family, a later fragment of a protocol with ports, and a bitmap:port's packet that is neither TCP
 * nor UDP are not in any set. A first fragment that is too short for its ports is unreadable, not
 * absent.
 */
#include "base/buf.h"
#include "core/set_store.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#ifndef IPPROTO_UDPLITE
#	define IPPROTO_UDPLITE 136
#endif

/* --- A packet as an element ------------------------------------------------------------------ */

static enum pktt_hit take_address(const struct pktt_set *set, const struct pktt_packet *pkt,
				  bool is_src, struct set_dim *dim)
{
	struct pktt_addr addr = is_src ? pktt_packet_src(pkt) : pktt_packet_dst(pkt);

	if (addr.len != set->addr_len)
		return PKTT_MISS;
	memcpy(dim->ip, addr.byte, addr.len);
	dim->cidr = (uint8_t)(addr.len * 8);
	return PKTT_HIT;
}

/* A port counts only in a header that is there as a whole. */
static uint32_t header_len(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 20;
	case IPPROTO_SCTP:
		return 12;
	}
	return 8;
}

static enum pktt_hit read_port(const struct pktt_packet *pkt, uint32_t offset, struct set_dim *dim)
{
	const uint8_t *head = pktt_packet_read(pkt, PKTT_L4, 0, header_len(pkt->protocol));

	if (!head)
		return PKTT_BAD;
	dim->port = get_be16(head + offset);
	return PKTT_HIT;
}

static bool has_port(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_UDPLITE;
}

static bool is_icmp(const struct pktt_packet *pkt)
{
	return pkt->protocol == (pkt->l3_family == PKTT_IPV6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

/*
 * Later fragments of IPv6 are in no set with ports; of IPv4, those of protocols without ports are.
 */
static enum pktt_hit take_port(const struct pktt_set *set, const struct pktt_packet *pkt,
			       bool is_src, struct set_dim *dim)
{
	bool is_later = pktt_packet_is_later_fragment(pkt);

	dim->proto = pkt->protocol;
	if (pkt->l3_family != PKTT_IPV4 && pkt->l3_family != PKTT_IPV6)
		return PKTT_MISS;
	if (set->type->store == SET_BITMAP && pkt->protocol != IPPROTO_TCP &&
	    pkt->protocol != IPPROTO_UDP)
		return PKTT_MISS;
	if (is_later && (pkt->l3_family == PKTT_IPV6 || has_port(pkt->protocol) || is_icmp(pkt)))
		return PKTT_MISS;
	if (has_port(pkt->protocol))
		return read_port(pkt, is_src ? 0 : 2, dim);
	return is_icmp(pkt) ? read_port(pkt, 0, dim) : PKTT_HIT;
}

static enum pktt_hit take_mac(const struct pktt_packet *pkt, bool is_src, struct set_dim *dim)
{
	static const uint8_t none[6];
	const uint8_t *mac =
		pkt->l2_len >= 14 ? pktt_packet_read(pkt, PKTT_L2, is_src ? 6 : 0, 6) : NULL;

	if (!mac || memcmp(mac, none, sizeof(none)) == 0)
		return PKTT_MISS;
	memcpy(dim->mac, mac, sizeof(dim->mac));
	dim->has_mac = true;
	return PKTT_HIT;
}

static enum pktt_hit take_iface(const struct pktt_packet *pkt, bool is_src, struct set_dim *dim)
{
	const struct pktt_iface *iface = is_src ? pkt->in : pkt->out;

	if (!iface)
		return PKTT_MISS;
	memcpy(dim->iface, iface->name, sizeof(dim->iface));
	return PKTT_HIT;
}

static enum pktt_hit take_dim(const struct pktt_set *set, const struct pktt_packet *pkt,
			      unsigned int d, bool is_src, struct set_dim *dim)
{
	switch (set->type->part[d]) {
	case SET_PART_IP:
	case SET_PART_NET:
		return take_address(set, pkt, is_src, dim);
	case SET_PART_PORT:
		return take_port(set, pkt, is_src, dim);
	case SET_PART_MAC:
		return take_mac(pkt, is_src, dim);
	case SET_PART_MARK:
		dim->mark = pkt->mark;
		return PKTT_HIT;
	case SET_PART_IFACE:
		return take_iface(pkt, is_src, dim);
	case SET_PART_MEMBER:
	case SET_PART_NONE:
		break;
	}
	return PKTT_MISS;
}

static bool is_of_family(const struct pktt_set *set, const struct pktt_packet *pkt)
{
	if (set->type->flags & SET_FAMILY_NEUTRAL)
		return true;
	return pkt->l3_family == (set->args.family == PKTT_IPV6 ? PKTT_IPV6 : PKTT_IPV4);
}

static enum pktt_hit take_point(const struct pktt_set *set, const struct pktt_packet *pkt,
				const struct pktt_set_ref *ref, struct set_point *point)
{
	enum pktt_hit hit = PKTT_HIT;

	if (ref->dims < set->type->dims || !is_of_family(set, pkt))
		return PKTT_MISS;
	memset(point, 0, sizeof(*point));
	for (unsigned int d = 0; hit == PKTT_HIT && d < set->type->dims; d++)
		hit = take_dim(set, pkt, d, ref->src >> d & 1, &point->dim[d]);
	return hit;
}

/* --- Testing --------------------------------------------------------------------------------- */

static uint64_t generation(const struct pktt_packet *pkt)
{
	return pkt->env->generation;
}

/* What is added by a packet counts it. */
static struct set_attr attr_of(const struct pktt_packet *pkt, const struct pktt_set_options *opt)
{
	return (struct set_attr){
		.has_timeout = opt && opt->has_timeout,
		.timeout_s = opt ? opt->timeout_s : 0,
		.packets = 1,
		.bytes = pktt_packet_wire_len(pkt),
	};
}

/* The length of a prefix that a packet adds: the longest that the set has. */
static void widen(const struct pktt_set *set, const struct set_body *body, struct set_point *point)
{
	unsigned int net = 0;

	for (unsigned int d = 0; d < set->type->dims; d++) {
		const struct set_lengths *l = &body->lengths[net];

		if (set->type->part[d] != SET_PART_NET)
			continue;
		for (unsigned int c = 0; c < SET_LENGTHS; c++)
			if (l->count[c])
				point->dim[d].cidr = (uint8_t)c;
		net++;
	}
}

static int write_point(struct pktt_set *set, const struct pktt_packet *pkt, struct set_point *point,
		       const struct set_attr *attr, bool replaces)
{
	struct set_write w;
	int r;

	pthread_mutex_lock(&set->lock);
	r = set_write_begin(&w, set, NULL, generation(pkt));
	if (r == 0 && !w.body)
		r = -ENOENT;
	if (r == 0) {
		w.now = set_clock(set->store, pkt->time_ns);
		w.replaces = replaces;
		widen(set, w.body, point);
		r = attr ? set_element_put(&w, point, attr) : set_element_drop(&w, point);
		set_touch(set);
	}
	pthread_mutex_unlock(&set->lock);
	return r;
}

/* bitmap:ip,mac learns the address from the first packet that meets the element. */
static void learn_mac(struct pktt_set *set, const struct pktt_packet *pkt, struct set_point *point,
		      const struct pktt_set_options *opt)
{
	struct set_attr attr = attr_of(pkt, opt);

	attr.has_mac = true;
	memcpy(attr.mac, point->dim[1].mac, sizeof(attr.mac));
	write_point(set, pkt, point, &attr, false);
}

struct asked {
	struct set_look look;
	enum pktt_hit bad; /* BAD once something could not be read */
};

static int test_one(struct pktt_set *set, struct pktt_packet *pkt, const struct pktt_set_ref *ref,
		    struct asked *a);

/* Members in order; the list's own counters count what is found in them. */
static int test_list(struct pktt_set *list, struct pktt_packet *pkt, const struct pktt_set_ref *ref,
		     struct asked *a)
{
	struct set_look own = a->look;
	struct set_member *m = NULL;
	int r = 0;

	if (a->look.opt && a->look.opt->no_update_subcounters)
		a->look.no_count = true;
	a->look.no_compare = true;
	own.set = list;
	while (r == 0 && (m = set_member_next(list, m, generation(pkt)))) {
		if (test_one(m->set, pkt, ref, a) <= 0)
			continue;
		own.no_count = a->look.no_count;
		own.skb = a->look.skb;
		r = set_judge(&own, m->record, 0);
	}
	a->look.skb = own.skb;
	return r;
}

/* A match by an element with nomatch is what is asked for, or no match. */
static int finish(const struct pktt_set *set, const struct set_look *look, int r)
{
	if (look->opt && look->opt->return_nomatch && set->nnets && r != 0)
		r = -r;
	return r > 0;
}

static int test_one(struct pktt_set *named, struct pktt_packet *pkt, const struct pktt_set_ref *ref,
		    struct asked *a)
{
	struct pktt_set *set = set_shown(named, a->look.gen);
	struct set_point point;
	enum pktt_hit hit;
	int r;

	if (set->type->store == SET_LIST)
		return test_list(set, pkt, ref, a);
	hit = take_point(set, pkt, ref, &point);
	if (hit == PKTT_BAD)
		a->bad = PKTT_BAD;
	if (hit != PKTT_HIT)
		return 0;
	a->look.set = set;
	a->look.body = set_body_at(set, a->look.gen);
	a->look.wants_mac = false;
	r = set_look_up(&a->look, &point);
	if (a->look.wants_mac) {
		learn_mac(set, pkt, &point, a->look.opt);
		return 1;
	}
	return finish(set, &a->look, r);
}

static enum pktt_hit test(struct pktt_set *set, struct pktt_packet *pkt,
			  const struct pktt_set_ref *ref, const struct pktt_set_options *opt,
			  struct set_skb *skb)
{
	struct asked a = {
		.look = {
			.opt = opt,
			.gen = generation(pkt),
			.now = set_clock(set->store, pkt->time_ns),
			.packets = 1,
			.bytes = pktt_packet_wire_len(pkt),
			.no_count = opt && opt->no_update_counters,
		},
		.bad = PKTT_MISS,
	};
	int r = test_one(set, pkt, ref, &a);

	*skb = a.look.skb;
	return r > 0 ? PKTT_HIT : a.bad;
}

enum pktt_hit pktt_set_test_packet(struct pktt_set *set, struct pktt_packet *pkt,
				   const struct pktt_set_ref *ref,
				   const struct pktt_set_options *opt)
{
	struct set_skb skb;

	return test(set, pkt, ref, opt, &skb);
}

enum pktt_hit pktt_set_map_packet(struct pktt_set *set, struct pktt_packet *pkt,
				  const struct pktt_set_ref *ref,
				  const struct pktt_set_options *opt)
{
	struct set_skb skb = { 0 };
	enum pktt_hit hit = test(set, pkt, ref, opt, &skb);

	if (hit != PKTT_HIT)
		return hit;
	if (opt->map_mark)
		pkt->mark = (pkt->mark & ~skb.mark.mask) ^ skb.mark.value;
	if (opt->map_priority)
		pkt->priority = skb.priority;
	return PKTT_HIT;
}

/* --- Changing -------------------------------------------------------------------------------- */

/* In a list the first member that takes it is the one. */
static int change(struct pktt_set *named, struct pktt_packet *pkt, const struct pktt_set_ref *ref,
		  const struct pktt_set_options *opt, bool adds)
{
	struct pktt_set *set = set_shown(named, generation(pkt));
	struct set_attr attr = attr_of(pkt, opt);
	struct set_member *m = NULL;
	struct set_point point;
	uint64_t now;
	int r = -ENOENT;

	if (set->type->store != SET_LIST) {
		if (take_point(set, pkt, ref, &point) != PKTT_HIT)
			return -EINVAL;
		attr.has_mac = point.dim[1].has_mac;
		memcpy(attr.mac, point.dim[1].mac, sizeof(attr.mac));
		return write_point(set, pkt, &point, adds ? &attr : NULL, opt && opt->replace);
	}
	now = set_clock(set->store, pkt->time_ns);
	while (r && (m = set_member_next(set, m, generation(pkt))))
		if (!set_record_is_expired(set, m->record, now))
			r = change(m->set, pkt, ref, opt, adds);
	return r;
}

int pktt_set_add_packet(struct pktt_set *set, struct pktt_packet *pkt,
			const struct pktt_set_ref *ref, const struct pktt_set_options *opt)
{
	return change(set, pkt, ref, opt, true);
}

int pktt_set_delete_packet(struct pktt_set *set, struct pktt_packet *pkt,
			   const struct pktt_set_ref *ref)
{
	return change(set, pkt, ref, NULL, false);
}

/* --- Testing by text ------------------------------------------------------------------------- */

static int test_member(const struct pktt_set *list, const struct set_element *e, uint64_t gen,
		       uint64_t now)
{
	struct set_member *m = NULL;

	while ((m = set_member_next(list, m, gen)))
		if (strcmp(m->set->key, e->member) == 0)
			return !set_record_is_expired(list, m->record, now);
	return 0;
}

static bool is_whole(const struct pktt_set *set, const struct set_point *point)
{
	uint8_t cidr[2];

	set_lengths_of(set, point, cidr);
	return set->nnets && (cidr[0] == set->addr_len * 8 || set->nnets == 0) &&
	       (set->nnets < 2 || cidr[1] == set->addr_len * 8);
}

int pktt_set_test(struct pktt_set *set, const char *element, uint64_t time_ns,
		  struct pktt_error *err)
{
	struct set_look look = {
		.set = set,
		.gen = pktt_engine_generation(set->store->engine),
		.now = set_clock(set->store, time_ns),
	};
	struct set_element e;
	struct set_point point = { 0 };
	int r = set_element_parse(set, element, &e, err);

	if (r)
		return r;
	if (set->type->store == SET_LIST)
		return test_member(set, &e, look.gen, look.now);
	if (set_element_count(set, &e) > 1)
		return pktt_fail(err, -EINVAL, "a range cannot be tested, only one element");
	set_element_first(set, &e, &point);
	look.body = set_body_at(set, look.gen);
	look.is_exact = !is_whole(set, &point);
	r = set_look_up(&look, &point);
	if (look.wants_mac)
		return 1;
	if (e.args.nomatch && r)
		r = -r;
	return r > 0;
}

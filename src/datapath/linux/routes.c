/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: a question to the kernel costs some microseconds, so answers are kept, for a second at most:
 * the kernel tells of no path MTU that it learns.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/own.h"
#include "base/siphash.h"
#include "datapath/replay/router.h"
#include "host.h"

enum { KEPT = 4096, KEPT_NS = 1000000000, ANSWER_MAX = 8192, DSCP = 0xfc };

/* A question, with nothing between its fields. */
struct key {
	struct pktt_addr src, dst;
	uint8_t family, tos;
	uint32_t in, oif, mark;
};

struct kept {
	struct key key;
	uint64_t epoch, until_ns;
	int error;
	uint32_t out; /* its number: interfaces belong to views */
	struct pktt_route route;
};

struct routes {
	struct mnl_socket *socket;
	struct host *host;
	unsigned int seq;
	struct siphash_key secret;
	struct kept kept[KEPT];
};

int routes_new(struct routes **ret, struct host *host, struct pktt_error *err)
{
	PKTT_AUTO(routes_free) struct routes *r = calloc(1, sizeof(*r));

	if (!r)
		return pktt_fail(err, -ENOMEM, "no memory for routes");
	r->host = host;
	if (getrandom(&r->secret, sizeof(r->secret), 0) != sizeof(r->secret))
		return pktt_fail(err, -errno, "no random numbers: %s", strerror(errno));
	r->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!r->socket || mnl_socket_bind(r->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return pktt_fail(err, -errno, "rtnetlink: %s", strerror(errno));
	*ret = pktt_take(&r);
	return 0;
}

void routes_free(struct routes **slot)
{
	struct routes *r = *slot;

	if (r && r->socket)
		mnl_socket_close(r->socket);
	free(r);
	*slot = NULL;
}

/* --- The question ----------------------------------------------------------------------------- */

static void put_addr(struct nlmsghdr *nlh, uint16_t type, const struct pktt_addr *addr)
{
	mnl_attr_put(nlh, type, addr->len, addr->byte);
}

/* A source is told where it is a condition: of what came in, and of what has an address of this host. */
static void build(struct nlmsghdr *nlh, const struct pktt_route_query *q, bool has_source)
{
	struct rtmsg *rt;

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	rt = mnl_nlmsg_put_extra_header(nlh, sizeof(*rt));
	rt->rtm_family = q->dst.len == 4 ? AF_INET : AF_INET6;
	rt->rtm_dst_len = (unsigned char)(q->dst.len * 8);
	rt->rtm_tos = q->tos & DSCP;
	put_addr(nlh, RTA_DST, &q->dst);
	if (has_source) {
		rt->rtm_src_len = (unsigned char)(q->src.len * 8);
		put_addr(nlh, RTA_SRC, &q->src);
	}
	if (q->in)
		mnl_attr_put_u32(nlh, RTA_IIF, q->in->index);
	if (q->oif)
		mnl_attr_put_u32(nlh, RTA_OIF, q->oif->index);
	if (q->mark)
		mnl_attr_put_u32(nlh, RTA_MARK, q->mark);
}

/* --- The answer ------------------------------------------------------------------------------- */

struct attrs {
	const struct nlattr *a[RTA_MAX + 1];
};

static int note_attr(const struct nlattr *attr, void *ctx)
{
	struct attrs *t = ctx;
	unsigned int type = mnl_attr_get_type(attr);

	if (type <= RTA_MAX)
		t->a[type] = attr;
	return MNL_CB_OK;
}

static void get_addr(const uint8_t *bytes, size_t len, struct pktt_addr *ret)
{
	if (len != 4 && len != 16)
		return;
	ret->len = (uint8_t)len;
	memcpy(ret->byte, bytes, len);
}

static void get_addr_attr(const struct nlattr *attr, struct pktt_addr *ret)
{
	if (attr)
		get_addr(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr), ret);
}

/* A gateway of the other family: RFC 5549. */
static void get_via(const struct nlattr *attr, struct pktt_addr *ret)
{
	const struct rtvia *via = attr ? mnl_attr_get_payload(attr) : NULL;

	if (via && mnl_attr_get_payload_len(attr) > sizeof(*via))
		get_addr(via->rtvia_addr, mnl_attr_get_payload_len(attr) - sizeof(*via), ret);
}

static uint32_t get_mtu(const struct nlattr *metrics)
{
	const struct nlattr *attr;

	if (!metrics)
		return 0;
	mnl_attr_for_each_nested(attr, metrics) if (mnl_attr_get_type(attr) ==
						    RTAX_MTU) return mnl_attr_get_u32(attr);
	return 0;
}

static void read_answer(const struct nlmsghdr *nlh, struct kept *k)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(nlh);
	struct attrs t = { 0 };

	mnl_attr_parse(nlh, sizeof(*rt), note_attr, &t);
	k->error = 0;
	k->out = t.a[RTA_OIF] ? mnl_attr_get_u32(t.a[RTA_OIF]) : 0;
	k->route = (struct pktt_route){ .type = (enum pktt_route_type)rt->rtm_type };
	get_addr_attr(t.a[RTA_GATEWAY], &k->route.via);
	get_via(t.a[RTA_VIA], &k->route.via);
	get_addr_attr(t.a[RTA_PREFSRC], &k->route.preferred);
	k->route.mtu = get_mtu(t.a[RTA_METRICS]);
}

static int ask(struct routes *r, const struct pktt_route_query *q, bool has_source, struct kept *k)
{
	uint8_t buf[256];
	alignas(struct nlmsghdr) uint8_t answer[ANSWER_MAX];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	ssize_t n;

	build(nlh, q, has_source);
	nlh->nlmsg_seq = ++r->seq;
	if (mnl_socket_sendto(r->socket, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(r->socket, answer, sizeof(answer));
		nlh = (void *)answer;
	} while (n >= (ssize_t)sizeof(*nlh) && nlh->nlmsg_seq != r->seq);
	if (n < (ssize_t)sizeof(*nlh))
		return n < 0 ? -errno : -EIO;
	k->error = -EIO;
	if (nlh->nlmsg_type == NLMSG_ERROR && n >= (ssize_t)(sizeof(*nlh) + sizeof(int)))
		k->error = ((const struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error;
	else if (nlh->nlmsg_type == RTM_NEWROUTE)
		read_answer(nlh, k);
	return 0;
}

/* --- What is kept ----------------------------------------------------------------------------- */

static void make_key(struct key *key, const struct pktt_route_query *q, bool has_source)
{
	memset(key, 0, sizeof(*key));
	if (has_source)
		key->src = q->src;
	key->dst = q->dst;
	key->family = (uint8_t)q->family;
	key->tos = q->tos & DSCP;
	key->in = q->in ? q->in->index : 0;
	key->oif = q->oif ? q->oif->index : 0;
	key->mark = q->mark;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* router_lookup() has it so: what is ours is reached by lo. */
static int give(const struct kept *k, const struct host_view *view, struct pktt_route *ret)
{
	if (k->error)
		return k->error == -EXDEV ? -EINVAL : k->error;
	*ret = k->route;
	if (ret->type == PKTT_ROUTE_LOCAL || ret->type == PKTT_ROUTE_ANYCAST)
		ret->out = router_loopback(host_view_router(view));
	else
		ret->out = host_view_iface(view, k->out);
	ret->is_anycast = ret->type == PKTT_ROUTE_ANYCAST;
	if (!ret->out)
		return -ENETUNREACH;
	if (!ret->mtu)
		ret->mtu = ret->out->mtu;
	return 0;
}

int routes_ask(struct routes *r, const struct host_view *view, const struct pktt_route_query *q,
	       struct pktt_route *ret)
{
	bool has_source = q->src.len && (q->in || router_is_own(host_view_router(view), &q->src));
	uint64_t epoch = host_epoch(r->host), now = now_ns();
	struct key key;
	struct kept *k;
	int error;

	make_key(&key, q, has_source);
	k = &r->kept[siphash(&r->secret, &key, sizeof(key)) % KEPT];
	if (k->epoch != epoch || k->until_ns < now || memcmp(&k->key, &key, sizeof(key)) != 0) {
		k->epoch = 0;
		error = ask(r, q, has_source, k);
		if (error)
			return error;
		k->key = key;
		k->until_ns = now + KEPT_NS;
		k->epoch = epoch;
	}
	return give(k, view, ret);
}

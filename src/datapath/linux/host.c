/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: whenever the kernel tells of a change of links or addresses, all of them are read anew into a
 * router of which only the local table is filled: a machine has few, and what is read anew cannot have
 * missed anything.
 */
#include "host.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/own.h"
#include "datapath/replay/router_private.h"

enum { ANSWER_MAX = 32768, EVENT_ROOM = 1 << 20 };

struct host_view {
	unsigned int refs; /* atomic */
	struct router *router;
};

struct host {
	struct mnl_socket *events, *asks;
	unsigned int seq;
	uint64_t epoch;		/* atomic */
	struct host_view *view; /* behind lock */
	int lock;
};

/* --- Views ------------------------------------------------------------------------------------ */

static void lock(struct host *h)
{
	while (__atomic_exchange_n(&h->lock, 1, __ATOMIC_ACQUIRE))
		;
}

static void unlock(struct host *h)
{
	__atomic_store_n(&h->lock, 0, __ATOMIC_RELEASE);
}

struct host_view *host_view_hold(struct host_view *view)
{
	__atomic_fetch_add(&view->refs, 1, __ATOMIC_RELAXED);
	return view;
}

struct host_view *host_view(struct host *host)
{
	struct host_view *ret;

	lock(host);
	ret = host_view_hold(host->view);
	unlock(host);
	return ret;
}

void host_view_put(struct host_view **slot)
{
	struct host_view *view = *slot;

	*slot = NULL;
	if (!view || __atomic_sub_fetch(&view->refs, 1, __ATOMIC_ACQ_REL))
		return;
	router_free(&view->router);
	free(view);
}

const struct router *host_view_router(const struct host_view *view)
{
	return view->router;
}

static struct router_iface *find(const struct router *router, uint32_t index)
{
	for (unsigned int i = 0; i < router->nifaces; i++)
		if (router->iface[i]->pub.index == index)
			return router->iface[i];
	return NULL;
}

const struct pktt_iface *host_view_iface(const struct host_view *view, uint32_t index)
{
	const struct router_iface *iface = index ? find(view->router, index) : NULL;

	return iface ? &iface->pub : NULL;
}

uint64_t host_epoch(const struct host *host)
{
	return __atomic_load_n(&host->epoch, __ATOMIC_ACQUIRE);
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* A view in the making. Masters are numbers until all links are known. */
struct making {
	struct router *router;
	uint32_t *master; /* of each interface, in their order; 0 = none */
};

struct attrs {
	const struct nlattr *a[64];
};

static int note_attr(const struct nlattr *attr, void *ctx)
{
	struct attrs *t = ctx;
	unsigned int type = mnl_attr_get_type(attr);

	if (type < pktt_countof(t->a))
		t->a[type] = attr;
	return MNL_CB_OK;
}

static bool get_addr(const struct nlattr *attr, struct pktt_addr *ret)
{
	uint16_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (len != 4 && len != 16)
		return false;
	ret->len = (uint8_t)len;
	memcpy(ret->byte, mnl_attr_get_payload(attr), len);
	return true;
}

/* "bridge" of a port (IFLA_INFO_SLAVE_KIND) or of a bridge (IFLA_INFO_KIND). */
static bool has_kind(const struct nlattr *linkinfo, unsigned int kind)
{
	struct attrs t = { 0 };

	if (!linkinfo || mnl_attr_parse_nested(linkinfo, note_attr, &t) < 0 || !t.a[kind])
		return false;
	return mnl_attr_get_payload_len(t.a[kind]) >= 6 &&
	       memcmp(mnl_attr_get_str(t.a[kind]), "bridge", 6) == 0;
}

static uint32_t get_u32(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u32(attr) : 0;
}

static int add_link(struct making *m, const struct ifinfomsg *link, const struct attrs *t)
{
	struct router_iface *iface;
	uint32_t *more;
	int r;

	if (!t->a[IFLA_IFNAME])
		return 0;
	r = router_iface_add(m->router, mnl_attr_get_str(t->a[IFLA_IFNAME]), &iface);
	more = realloc(m->master, m->router->nifaces * sizeof(*more));
	if (r || !more)
		return -ENOMEM;
	m->master = more;
	m->master[m->router->nifaces - 1] = has_kind(t->a[IFLA_LINKINFO], IFLA_INFO_SLAVE_KIND)
						    ? get_u32(t->a[IFLA_MASTER])
						    : 0;
	iface->pub.index = (uint32_t)link->ifi_index;
	iface->pub.arphrd = link->ifi_type;
	iface->pub.mtu = get_u32(t->a[IFLA_MTU]);
	iface->pub.group = get_u32(t->a[IFLA_GROUP]);
	iface->is_bridge = has_kind(t->a[IFLA_LINKINFO], IFLA_INFO_KIND);
	if (t->a[IFLA_ADDRESS] && mnl_attr_get_payload_len(t->a[IFLA_ADDRESS]) == 6) {
		memcpy(iface->pub.mac, mnl_attr_get_payload(t->a[IFLA_ADDRESS]), 6);
		iface->pub.has_mac = iface->has_carrier_mac = true;
	}
	return 0;
}

static int on_link(const struct nlmsghdr *nlh, void *ctx)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(nlh);
	struct attrs t = { 0 };

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*link), note_attr, &t);
	return add_link(ctx, link, &t) ? MNL_CB_ERROR : MNL_CB_OK;
}

static int on_address(const struct nlmsghdr *nlh, void *ctx)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct making *m = ctx;
	struct router_iface *iface = find(m->router, ifa->ifa_index);
	struct attrs t = { 0 };
	struct pktt_addr addr;
	uint32_t flags;

	if (nlh->nlmsg_type != RTM_NEWADDR || !iface)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*ifa), note_attr, &t);
	flags = t.a[IFA_FLAGS] ? get_u32(t.a[IFA_FLAGS]) : ifa->ifa_flags;
	if (!get_addr(t.a[IFA_LOCAL] ? t.a[IFA_LOCAL] : t.a[IFA_ADDRESS], &addr) ||
	    (addr.len == 16 && flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)))
		return MNL_CB_OK;
	if (router_address_add(iface, &addr, ifa->ifa_prefixlen))
		return MNL_CB_ERROR;
	if (addr.len == 4)
		iface->address[iface->naddresses - 1].is_secondary = flags & IFA_F_SECONDARY;
	return MNL_CB_OK;
}

static int on_local(const struct nlmsghdr *nlh, void *ctx)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(nlh);
	struct making *m = ctx;
	struct router_entry e = { .prefix_len = rt->rtm_dst_len,
				  .type = (enum pktt_route_type)rt->rtm_type };
	struct attrs t = { 0 };

	if (nlh->nlmsg_type != RTM_NEWROUTE || rt->rtm_table != RT_TABLE_LOCAL ||
	    rt->rtm_type == RTN_MULTICAST || rt->rtm_flags & RTM_F_CLONED)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*rt), note_attr, &t);
	e.out = find(m->router, get_u32(t.a[RTA_OIF]));
	get_addr(t.a[RTA_PREFSRC], &e.preferred);
	if (!e.out || !get_addr(t.a[RTA_DST], &e.dst))
		return MNL_CB_OK;
	return router_table_add(&m->router->local, &e) ? MNL_CB_ERROR : MNL_CB_OK;
}

/* --- Asking ----------------------------------------------------------------------------------- */

static int run_dump(struct host *h, struct nlmsghdr *nlh, mnl_cb_t cb, void *ctx)
{
	uint8_t answer[ANSWER_MAX];
	unsigned int port = mnl_socket_get_portid(h->asks);
	int r = 1;

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = ++h->seq;
	if (mnl_socket_sendto(h->asks, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (r > 0) {
		ssize_t n = mnl_socket_recvfrom(h->asks, answer, sizeof(answer));

		if (n < 0)
			return -errno;
		r = mnl_cb_run(answer, (size_t)n, h->seq, port, cb, ctx);
	}
	return r < 0 ? -errno : 0;
}

static int dump_links(struct host *h, struct making *m)
{
	uint8_t buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = RTM_GETLINK;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	return run_dump(h, nlh, on_link, m);
}

static int dump_addresses(struct host *h, struct making *m)
{
	uint8_t buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = RTM_GETADDR;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
	return run_dump(h, nlh, on_address, m);
}

/* The table "local" only, which the kernel picks out for who asks strictly. */
static int dump_local(struct host *h, unsigned char family, struct making *m)
{
	uint8_t buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rt;

	nlh->nlmsg_type = RTM_GETROUTE;
	rt = mnl_nlmsg_put_extra_header(nlh, sizeof(*rt));
	rt->rtm_family = family;
	rt->rtm_table = RT_TABLE_LOCAL;
	mnl_attr_put_u32(nlh, RTA_TABLE, RT_TABLE_LOCAL);
	return run_dump(h, nlh, on_local, m);
}

static void set_bridges(const struct making *m)
{
	for (unsigned int i = 0; i < m->router->nifaces; i++) {
		const struct router_iface *bridge =
			m->master[i] ? find(m->router, m->master[i]) : NULL;

		m->router->iface[i]->pub.bridge = bridge ? &bridge->pub : NULL;
	}
}

/* The router's first interface is lo, which the kernel lists first. */
static int make_view(struct host *h, struct host_view **ret)
{
	struct making m = { .router = calloc(1, sizeof(*m.router)) };
	struct host_view *view = calloc(1, sizeof(*view));
	int r = m.router && view ? dump_links(h, &m) : -ENOMEM;

	if (r == 0)
		r = m.router->nifaces ? dump_addresses(h, &m) : -ENODEV;
	if (r == 0)
		r = dump_local(h, AF_INET, &m);
	if (r == 0)
		r = dump_local(h, AF_INET6, &m);
	if (r == -EAFNOSUPPORT || r == -EOPNOTSUPP)
		r = 0;
	if (r == 0)
		set_bridges(&m);
	free(m.master);
	if (r) {
		router_free(&m.router);
		free(view);
		return r;
	}
	*view = (struct host_view){ .refs = 1, .router = m.router };
	*ret = view;
	return 0;
}

static int renew(struct host *h, struct pktt_error *err)
{
	struct host_view *view = NULL, *old;
	int r = make_view(h, &view);

	/* Something changed while it was read: it is told of, and read again. */
	if (r == -EINTR)
		r = make_view(h, &view);
	if (r)
		return pktt_fail(err, r, "this machine's interfaces cannot be read: %s",
				 strerror(-r));
	lock(h);
	old = h->view;
	h->view = view;
	unlock(h);
	host_view_put(&old);
	return 0;
}

/* --- Changes ---------------------------------------------------------------------------------- */

static struct mnl_socket *listen_all(void)
{
	static unsigned int groups[] = {
		RTNLGRP_LINK,	    RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
		RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,	 RTNLGRP_IPV6_RULE,   RTNLGRP_NEXTHOP,
	};
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int room = EVENT_ROOM;
	bool ok = s && mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == 0;

	for (size_t i = 0; ok && i < pktt_countof(groups); i++)
		ok = mnl_socket_setsockopt(s, NETLINK_ADD_MEMBERSHIP, &groups[i],
					   sizeof(groups[i])) == 0;
	if (ok) {
		(void)setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVBUFFORCE, &room,
				 sizeof(room));
		return s;
	}
	if (s)
		mnl_socket_close(s);
	return NULL;
}

static struct mnl_socket *open_asking(void)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int on = 1;

	if (!s)
		return NULL;
	(void)mnl_socket_setsockopt(s, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == 0)
		return s;
	mnl_socket_close(s);
	return NULL;
}

int host_new(struct host **ret, struct pktt_error *err)
{
	PKTT_AUTO(host_free) struct host *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return pktt_fail(err, -ENOMEM, "no memory for the interfaces");
	h->epoch = 1;
	h->events = listen_all();
	h->asks = h->events ? open_asking() : NULL;
	if (!h->asks)
		return pktt_fail(err, -errno, "rtnetlink: %s", strerror(errno));
	r = renew(h, err);
	if (r == 0)
		*ret = pktt_take(&h);
	return r;
}

void host_free(struct host **slot)
{
	struct host *h = *slot;

	if (!h)
		return;
	if (h->events)
		mnl_socket_close(h->events);
	if (h->asks)
		mnl_socket_close(h->asks);
	host_view_put(&h->view);
	free(h);
	*slot = NULL;
}

int host_fd(const struct host *host)
{
	return mnl_socket_get_fd(host->events);
}

/* Neighbours of a bridge and the like tell of links that have not changed; routes are only counted. */
static int note_change(const struct nlmsghdr *nlh, void *ctx)
{
	bool *is_other = ctx;

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_NEWADDR:
	case RTM_DELADDR:
		*is_other = true;
		break;
	}
	return MNL_CB_OK;
}

int host_read(struct host *h, struct pktt_error *err)
{
	uint8_t answer[ANSWER_MAX];
	bool is_other = false;
	ssize_t n;

	while ((n = mnl_socket_recvfrom(h->events, answer, sizeof(answer))) > 0 ||
	       (n < 0 && errno == ENOBUFS)) {
		/* What was lost may have been anything. */
		if (n < 0)
			is_other = true;
		else
			mnl_cb_run(answer, (size_t)n, 0, 0, note_change, &is_other);
	}
	if (is_other && renew(h, err))
		return err->code;
	__atomic_fetch_add(&h->epoch, 1, __ATOMIC_RELEASE);
	return is_other;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/host.h"

#include "base/own.h"
#include "base/str.h"
#include "datapath/replay/router.h"
#include <pktt/type.h>

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- Interfaces and addresses ----------------------------------------------------------------------- */

static const void *address_of(const struct sockaddr *addr)
{
	if (addr->sa_family == AF_INET6)
		return &((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr;
	return &((const struct sockaddr_in *)(const void *)addr)->sin_addr;
}

static unsigned int bits_of(const struct sockaddr *mask)
{
	const uint8_t *byte = address_of(mask);
	unsigned int bits = 0;

	for (unsigned int i = 0; i < (mask->sa_family == AF_INET6 ? 16u : 4u); i++)
		bits += (unsigned int)__builtin_popcount(byte[i]);
	return bits;
}

static void put_addresses(const struct ifaddrs *all, const char *name, struct str *spec)
{
	char text[INET6_ADDRSTRLEN], separator = '=';

	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		int family = i->ifa_addr && i->ifa_netmask ? i->ifa_addr->sa_family : AF_UNSPEC;

		if ((family != AF_INET && family != AF_INET6) || strcmp(i->ifa_name, name) != 0)
			continue;
		inet_ntop(family, address_of(i->ifa_addr), text, sizeof(text));
		str_putf(spec, "%c%s/%u", separator, text, bits_of(i->ifa_netmask));
		separator = ',';
	}
	if (separator == '=')
		str_puts(spec, "=");
}

static int add_interface(struct router *router, const struct ifaddrs *all, const char *name,
			 struct pktt_error *err)
{
	struct str spec = STR_INIT;
	int r;

	str_puts(&spec, name);
	put_addresses(all, name, &spec);
	r = spec.failed ? pktt_fail(err, -ENOMEM, "no memory for an interface")
			: router_add_interface(router, str_text(&spec), err);
	str_fini(&spec);
	return r;
}

/* lo is there already. */
static int add_interfaces(struct router *router, struct pktt_error *err)
{
	struct if_nameindex *names = if_nameindex();
	struct ifaddrs *all = NULL;
	int r = 0;

	if (!names || getifaddrs(&all))
		r = pktt_fail(err, -errno, "the interfaces cannot be listed: %s", strerror(errno));
	for (struct if_nameindex *n = names; r == 0 && n->if_index; n++)
		if (strcmp(n->if_name, "lo") != 0)
			r = add_interface(router, all, n->if_name, err);
	if (names)
		if_freenameindex(names);
	if (all)
		freeifaddrs(all);
	return r;
}

/* --- Routes ---------------------------------------------------------------------------------------- */

static int keep_attribute(const struct nlattr *attr, void *ctx)
{
	const struct nlattr **table = ctx;

	if (mnl_attr_get_type(attr) <= RTA_MAX)
		table[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static bool put_address(struct str *out, int family, const struct nlattr *attr)
{
	char text[INET6_ADDRSTRLEN];

	if (mnl_attr_get_payload_len(attr) != (family == AF_INET6 ? 16 : 4))
		return false;
	str_puts(out, inet_ntop(family, mnl_attr_get_payload(attr), text, sizeof(text)));
	return true;
}

/* "PREFIX=NAME[,via ADDR]" of a route that packets are forwarded by; else false. */
static bool put_route(struct str *out, const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr[RTA_MAX + 1] = { 0 };
	char name[IF_NAMESIZE];

	if (rtm->rtm_type != RTN_UNICAST || rtm->rtm_table != RT_TABLE_MAIN ||
	    mnl_attr_parse(nlh, sizeof(*rtm), keep_attribute, attr) < 0 || !attr[RTA_OIF] ||
	    !if_indextoname(mnl_attr_get_u32(attr[RTA_OIF]), name))
		return false;
	if (!attr[RTA_DST])
		str_puts(out, rtm->rtm_family == AF_INET6 ? "::" : "0.0.0.0");
	else if (!put_address(out, rtm->rtm_family, attr[RTA_DST]))
		return false;
	str_putf(out, "/%u=%s", rtm->rtm_dst_len, name);
	if (!attr[RTA_GATEWAY])
		return true;
	str_puts(out, ",via ");
	return put_address(out, rtm->rtm_family, attr[RTA_GATEWAY]);
}

/* What the model cannot take (two routes to one prefix) it knows already well enough. */
static int on_route(const struct nlmsghdr *nlh, void *ctx)
{
	struct str spec = STR_INIT;

	if (nlh->nlmsg_type == RTM_NEWROUTE && put_route(&spec, nlh) && !spec.failed)
		(void)!router_add_route(ctx, str_text(&spec), NULL);
	str_fini(&spec);
	return MNL_CB_OK;
}

static int dump_routes(struct mnl_socket *nl, uint8_t family, struct router *router)
{
	union {
		struct nlmsghdr nlh;
		char bytes[16384];
	} buf;
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf.bytes);
	struct rtmsg *rtm;
	ssize_t n;
	int r;

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = family;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(nl, buf.bytes, sizeof(buf));
		r = n < 0 ? -1 : mnl_cb_run(buf.bytes, (size_t)n, 0, 0, on_route, router);
	} while (r > 0);
	return r < 0 ? -errno : 0;
}

static int add_routes(struct router *router, struct pktt_error *err)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int r = nl ? 0 : -errno;

	r = r ? r : dump_routes(nl, AF_INET, router);
	r = r ? r : dump_routes(nl, AF_INET6, router);
	if (nl)
		mnl_socket_close(nl);
	return r ? pktt_fail(err, r, "the routes cannot be listed: %s", strerror(-r)) : 0;
}

int host_router(struct router **ret, struct pktt_error *err)
{
	PKTT_AUTO(router_free) struct router *router = NULL;
	int r = router_new(&router, err);

	r = r ? r : add_interfaces(router, err);
	r = r ? r : add_routes(router, err);
	if (r == 0)
		*ret = pktt_take(&router);
	return r;
}

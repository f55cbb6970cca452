/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A handle and a preference of ours is how filters are found again after a crash, replaced, and taken off
 * by a process that has never seen them.
 */
#include "filters.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdint.h>

#include <bpf/libbpf.h>

/* Before what others put there with the defaults of tc(8), which counts down from 49152. */
enum { HANDLE = 0x706b, PREFERENCE = 0x706b };

static int put(unsigned int ifindex, enum bpf_tc_attach_point point, int program)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PREFERENCE, .prog_fd = program,
		    .flags = BPF_TC_F_REPLACE);

	return bpf_tc_attach(&hook, &opts);
}

static int take(unsigned int ifindex, enum bpf_tc_attach_point point)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PREFERENCE);

	return bpf_tc_detach(&hook, &opts);
}

int filters_put(unsigned int ifindex, int ingress, int egress)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int r = bpf_tc_hook_create(&hook);

	if (r == 0 || r == -EEXIST)
		r = put(ifindex, BPF_TC_INGRESS, ingress);
	if (r == 0 && egress >= 0)
		r = put(ifindex, BPF_TC_EGRESS, egress);
	return r;
}

/* --- Whether anybody else is there ------------------------------------------------------------ */

static int see(const struct nlmsghdr *nlh, void *ctx)
{
	bool *is_used = ctx;

	*is_used |= nlh->nlmsg_type == RTM_NEWTFILTER;
	return MNL_CB_OK;
}

/* What cannot be found out is taken for used. */
static bool is_used(struct mnl_socket *s, unsigned int ifindex, uint32_t point)
{
	uint8_t buf[8192];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tc;
	bool ret = false;
	ssize_t n;
	int r = 1;

	nlh->nlmsg_type = RTM_GETTFILTER;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = (int)ifindex;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, point);
	if (mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0)
		return true;
	while (r > 0) {
		n = mnl_socket_recvfrom(s, buf, sizeof(buf));
		r = n < 0 ? -1 : mnl_cb_run(buf, (size_t)n, 0, 0, see, &ret);
	}
	return ret || r < 0;
}

static void leave_clsact(unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (!s)
		return;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    !is_used(s, ifindex, TC_H_MIN_INGRESS) && !is_used(s, ifindex, TC_H_MIN_EGRESS))
		bpf_tc_hook_destroy(&hook);
	mnl_socket_close(s);
}

bool filters_take(unsigned int ifindex)
{
	bool ingress = take(ifindex, BPF_TC_INGRESS) == 0;
	bool egress = take(ifindex, BPF_TC_EGRESS) == 0;

	if (ingress || egress)
		leave_clsact(ifindex);
	return ingress || egress;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's NETLINK_NETFILTER: the same requests over libmnl. */
#include "libctnetlink/own.h"

#include <linux/netfilter/nfnetlink.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ROOM = 256 << 10 };

int ctnl_kernel_open(struct ctnl *nl, const struct ctnl_options *options, struct ctnl_error *err)
{
	int room = (int)options->room;

	nl->in = malloc(ROOM);
	nl->out = malloc(CTNL_MESSAGE_ROOM);
	if (!nl->in || !nl->out)
		return ctnl_fail(err, -ENOMEM, "no memory for a connection");
	nl->kernel = mnl_socket_open(NETLINK_NETFILTER);
	if (!nl->kernel || mnl_socket_bind(nl->kernel, 0, MNL_SOCKET_AUTOPID) < 0)
		return ctnl_fail(err, -errno, "a netlink socket: %s", strerror(errno));
	/* More than the system's limit only with the right to; without it, what may be. */
	if (room && setsockopt(mnl_socket_get_fd(nl->kernel), SOL_SOCKET, SO_RCVBUFFORCE, &room,
			       sizeof(room)))
		(void)setsockopt(mnl_socket_get_fd(nl->kernel), SOL_SOCKET, SO_RCVBUF, &room,
				 sizeof(room));
	return 0;
}

void ctnl_kernel_close(struct ctnl *nl)
{
	if (nl->kernel)
		mnl_socket_close(nl->kernel);
	free(nl->in);
	free(nl->out);
}

int ctnl_kernel_join(struct ctnl *nl, unsigned int group, struct ctnl_error *err)
{
	if (mnl_socket_setsockopt(nl->kernel, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return ctnl_fail(err, -errno, "group %u: %s", group, strerror(errno));
	return 0;
}

/* What comes while an answer is waited for. */
struct call {
	struct ctnl *nl;
	uint32_t seq;
	ctnl_answer *answer;
	void *ctx;
	struct ctnl_error *err;
	int result, refused;
	bool is_done;
};

static void take_error(struct call *c, const struct nlmsghdr *nlh)
{
	const int *code = mnl_nlmsg_get_payload(nlh);

	c->is_done = true;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*code))
		c->result = ctnl_fail(c->err, -EBADMSG, "an error message without an error");
	else if (*code)
		c->result = ctnl_fail(c->err, *code, "%s", strerror(-*code));
}

static void take(struct call *c, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_seq != c->seq) {
		ctnl_event(c->nl, nlh);
		return;
	}
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
	case NLMSG_DONE:
		take_error(c, nlh);
		break;
	default:
		if (c->answer && !c->refused)
			c->refused = c->answer(c->ctx, nlh);
	}
}

/* Events were lost: a listener hears of it. */
static int overrun(struct ctnl *nl)
{
	if (nl->handler.gap)
		nl->handler.gap(nl->handler.ctx, 0);
	return 0;
}

/* The messages of one datagram; how many, 0 for a gap. */
static int read_some(struct call *c, struct ctnl_error *err)
{
	ssize_t got = mnl_socket_recvfrom(c->nl->kernel, c->nl->in, ROOM);
	const struct nlmsghdr *nlh = c->nl->in;
	int left = (int)got, n = 0;

	if (got < 0 && errno == ENOBUFS)
		return overrun(c->nl);
	if (got < 0)
		return ctnl_fail(err, -errno, "the netlink socket: %s", strerror(errno));
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left), n++)
		take(c, nlh);
	return n;
}

int ctnl_kernel_call(struct ctnl *nl, struct nlmsghdr *nlh, ctnl_answer *answer, void *ctx,
		     struct ctnl_error *err)
{
	struct call c = { nl, nlh->nlmsg_seq, answer, ctx, err, 0, 0, false };
	int r;

	if ((nlh->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		nlh->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(nl->kernel, nlh, nlh->nlmsg_len) < 0)
		return ctnl_fail(err, -errno, "the netlink socket: %s", strerror(errno));
	while (!c.is_done) {
		r = read_some(&c, err);
		if (r < 0)
			return r;
	}
	return c.result ? c.result : c.refused;
}

int ctnl_kernel_receive(struct ctnl *nl, int timeout_ms, struct ctnl_error *err)
{
	struct pollfd poller = { .fd = mnl_socket_get_fd(nl->kernel), .events = POLLIN };
	struct call c = { .nl = nl, .seq = ++nl->seq };
	int n = poll(&poller, 1, timeout_ms);

	if (n < 0 && errno != EINTR)
		return ctnl_fail(err, -errno, "the netlink socket: %s", strerror(errno));
	return n > 0 ? read_some(&c, err) : 0;
}

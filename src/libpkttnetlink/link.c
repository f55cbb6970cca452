/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The connection to pkttd: a socket of whole datagrams, never blocking; waiting is poll's, with a limit.
 */
#include "libpkttnetlink/link.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* --- Waiting, sending, receiving ------------------------------------------------------------------- */

int pkttnl_link_wait(const struct pkttnl *nl, short events, int timeout_ms)
{
	struct pollfd p = { nl->fd, events, 0 };
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int wait_patiently(const struct pkttnl *nl, short events, struct pkttnl_error *err)
{
	int r = pkttnl_link_wait(nl, events, nl->timeout_ms ? (int)nl->timeout_ms : -1);

	if (r == 0)
		return pkttnl_fail(err, -ETIMEDOUT, "pkttd does not answer within %u ms",
				   nl->timeout_ms);
	return r < 0 ? pkttnl_fail(err, r, "waiting for pkttd: %s", strerror(-r)) : 0;
}

static int fail_gone(struct pkttnl_error *err)
{
	return pkttnl_fail(err, -ENOTCONN, "pkttd has ended the connection");
}

static bool would_block(int error)
{
	return error == EAGAIN; /* which is EWOULDBLOCK, too, on Linux */
}

static int hand_over(const struct pkttnl *nl, size_t len, pkttnl_message *message, void *ctx,
		     struct pkttnl_error *err)
{
	const void *at = nl->in;
	const struct nlmsghdr *nlh = at;
	int left = (int)len, r = 0;

	while (r == 0 && mnl_nlmsg_ok(nlh, left)) {
		r = message(ctx, nlh, err);
		nlh = mnl_nlmsg_next(nlh, &left);
	}
	if (r == 0 && left > 0)
		return pkttnl_fail(err, -EBADMSG, "a message of pkttd is not whole");
	return r;
}

int pkttnl_link_poll(struct pkttnl *nl, pkttnl_message *message, void *ctx,
		     struct pkttnl_error *err)
{
	ssize_t len;
	int r;

	do
		len = recv(nl->fd, nl->in, PKTTNL_RECEIVE_BYTES, MSG_DONTWAIT | MSG_TRUNC);
	while (len < 0 && errno == EINTR);
	if (len < 0 && would_block(errno))
		return 0;
	if (len < 0 && errno != ECONNRESET)
		return pkttnl_fail(err, -errno, "reading from pkttd: %s", strerror(errno));
	if (len <= 0)
		return fail_gone(err);
	if (len > PKTTNL_RECEIVE_BYTES)
		return pkttnl_fail(err, -EMSGSIZE, "a message of pkttd has %zd bytes", len);
	r = hand_over(nl, (size_t)len, message, ctx, err);
	return r ? r : 2;
}

int pkttnl_link_receive(struct pkttnl *nl, pkttnl_message *message, void *ctx,
			struct pkttnl_error *err)
{
	for (;;) {
		int r = pkttnl_link_poll(nl, message, ctx, err);

		if (r == 0)
			r = wait_patiently(nl, POLLIN, err);
		if (r < 0 || r == 1)
			return r < 0 ? r : 0;
	}
}

/* There is no room to send: read what comes meanwhile. */
static int make_room(struct pkttnl *nl, pkttnl_message *message, void *ctx,
		     struct pkttnl_error *err)
{
	int r = wait_patiently(nl, POLLIN | POLLOUT, err);

	if (r == 0)
		r = pkttnl_link_poll(nl, message, ctx, err);
	return r == 2 ? 0 : r;
}

int pkttnl_link_send(struct pkttnl *nl, const void *buf, size_t len, pkttnl_message *message,
		     void *ctx, struct pkttnl_error *err)
{
	for (;;) {
		int r;

		if (send(nl->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno == EPIPE || errno == ECONNRESET)
			return fail_gone(err);
		if (!would_block(errno))
			return pkttnl_fail(err, -errno, "writing to pkttd: %s", strerror(errno));
		r = make_room(nl, message, ctx, err);
		if (r)
			return r;
	}
}

int pkttnl_link_is_free(const struct pkttnl *nl, struct pkttnl_error *err)
{
	if (!nl->txn)
		return 0;
	return pkttnl_fail(err, -EBUSY, "the connection has a transaction that is not ended yet");
}

/* --- Errors ------------------------------------------------------------------------------------------ */

/* line, column, length of what the error is about. */
static void get_place(const struct nlattr *attr, struct pkttnl_error *err)
{
	uint32_t place[3];

	if (mnl_attr_get_payload_len(attr) != sizeof(place))
		return;
	memcpy(place, mnl_attr_get_payload(attr), sizeof(place));
	err->line = ntohl(place[0]);
	err->column = ntohl(place[1]);
	err->length = ntohl(place[2]);
}

static void get_text(const struct nlattr *attr, struct pkttnl_error *err)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len >= sizeof(err->text))
		len = sizeof(err->text) - 1;
	memcpy(err->text, mnl_attr_get_payload(attr), len);
	err->text[len] = '\0';
}

static void get_ext_ack(const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t copied = nlh->nlmsg_flags & NLM_F_CAPPED ? sizeof(e->msg) : e->msg.nlmsg_len;
	size_t offset = sizeof(e->error) + MNL_ALIGN(copied);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || offset > mnl_nlmsg_get_payload_len(nlh))
		return;
	mnl_attr_for_each(attr, nlh, (unsigned int)offset)
	{
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			get_text(attr, err);
		else if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_COOKIE)
			get_place(attr, err);
	}
}

int pkttnl_link_error(const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	struct pkttnl_error said = { 0 };

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*e))
		return pkttnl_fail(err, -EBADMSG, "an answer of pkttd is too short");
	if (e->error == 0)
		return 0;
	said.code = e->error < 0 ? e->error : -EBADMSG;
	get_ext_ack(nlh, &said);
	if (!said.text[0])
		pkttnl_fail(&said, said.code, "pkttd refuses: %s", strerror(-said.code));
	if (err)
		*err = said;
	return said.code;
}

/* --- The bus' own messages ----------------------------------------------------------------------------- */

static struct nlmsghdr *begin(struct pkttnl *nl, void *buf, enum pktt_bus_msg message)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head;

	nlh->nlmsg_type = (uint16_t)(PKTT_SUBSYS_BUS << 8 | (unsigned int)message);
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++nl->seq;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->version = PKTT_WIRE_VERSION;
	return nlh;
}

static void get_rights(struct pkttnl *nl, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == PKTTB_RIGHTS && mnl_attr_get_payload_len(attr) == 4)
			nl->rights = ntohl(mnl_attr_get_u32(attr));
	}
}

static int take_bus(void *ctx, const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	struct pkttnl *nl = ctx;
	int r;

	if (nlh->nlmsg_seq != nl->seq)
		return 0;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		r = pkttnl_link_error(nlh, err);
		return r ? r : 1;
	}
	if (nlh->nlmsg_type == (PKTT_SUBSYS_BUS << 8 | PKTT_BUS_HELLO))
		get_rights(nl, nlh);
	return 0;
}

static int exchange(struct pkttnl *nl, const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	int r = pkttnl_link_send(nl, nlh, nlh->nlmsg_len, take_bus, nl, err);

	return r ? r : pkttnl_link_receive(nl, take_bus, nl, err);
}

int pkttnl_link_bus(struct pkttnl *nl, enum pktt_bus_msg message, enum pktt_bus_attr attr,
		    uint32_t value, struct pkttnl_error *err)
{
	_Alignas(struct nlmsghdr) char buf[128] = { 0 };
	struct nlmsghdr *nlh = begin(nl, buf, message);

	mnl_attr_put_u32(nlh, (uint16_t)attr, htonl(value));
	return exchange(nl, nlh, err);
}

static int hello(struct pkttnl *nl, struct pkttnl_error *err)
{
	_Alignas(struct nlmsghdr) char buf[512] = { 0 };
	struct nlmsghdr *nlh = begin(nl, buf, PKTT_BUS_HELLO);

	mnl_attr_put_u32(nlh, PKTTB_PROTOCOL, htonl(NETLINK_NETFILTER));
	if (!mnl_attr_put_strz_check(nlh, sizeof(buf), PKTTB_PROGRAM, nl->program))
		return pkttnl_fail(err, -ENAMETOOLONG, "the program's name is too long");
	return exchange(nl, nlh, err);
}

static int fail_connect(const struct pkttnl *nl, int error, struct pkttnl_error *err)
{
	if (error == ENOENT || error == ECONNREFUSED)
		return pkttnl_fail(err, -error, "there is no pkttd at %s", nl->path);
	if (error == EACCES)
		return pkttnl_fail(err, -error, "this user may not speak with pkttd at %s",
				   nl->path);
	return pkttnl_fail(err, -error, "connecting to %s: %s", nl->path, strerror(error));
}

static int connect_to(struct pkttnl *nl, struct pkttnl_error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(nl->path) >= sizeof(addr.sun_path))
		return pkttnl_fail(err, -ENAMETOOLONG, "the path of a socket has at most %zu bytes",
				   sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, nl->path, strlen(nl->path) + 1);
	nl->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (nl->fd < 0)
		return pkttnl_fail(err, -errno, "making a socket: %s", strerror(errno));
	if (connect(nl->fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fail_connect(nl, errno, err);
	return 0;
}

int pkttnl_link_open(struct pkttnl *nl, struct pkttnl_error *err)
{
	int r;

	nl->fd = -1;
	nl->in = malloc(PKTTNL_RECEIVE_BYTES);
	r = nl->in ? connect_to(nl, err) : pkttnl_no_memory(err);
	if (r == 0)
		r = hello(nl, err);
	if (r)
		pkttnl_link_close(nl);
	return r;
}

void pkttnl_link_close(struct pkttnl *nl)
{
	if (nl->fd >= 0)
		close(nl->fd);
	nl->fd = -1;
	free(nl->in);
	nl->in = NULL;
}

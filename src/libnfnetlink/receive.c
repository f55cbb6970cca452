/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receiving: every message goes to whoever it is for.
 *
 * A message whose number somebody waits for is that one's; then come the open transaction, gaps,
 * events (their port is 0), and the rest is for the handler. Answers that come after their caller
 * gave up waiting are the handler's, too.
 */
#include "libnfnetlink/own.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int nfl_broken(struct nfl *nl, int code, struct nfl_error *err)
{
	if (code == -EPIPE || code == -ECONNRESET)
		code = -ENOTCONN;
	nl->broken = code;
	if (code == -ENOTCONN)
		return nfl_fail(err, code, "pkttd has closed the connection");
	return nfl_fail(err, code, "the connection to pkttd: %s", strerror(-code));
}

static int wait_for_input(struct nfl *nl, int timeout_ms, struct nfl_error *err)
{
	struct pollfd poller = { .fd = nl->fd, .events = POLLIN };
	int n = poll(&poller, 1, timeout_ms);

	if (n < 0)
		return errno == EINTR ? 0 : nfl_broken(nl, -errno, err);
	return n;
}

/* The datagram was larger than we had room for: the next such one is not lost. */
static int grow(struct nfl *nl, size_t len, struct nfl_error *err)
{
	uint8_t *in = realloc(nl->in, len);

	if (in) {
		nl->in = in;
		nl->in_room = len;
	}
	return nfl_fail(err, -EMSGSIZE, "an answer of %zu bytes was larger than expected", len);
}

/*
 * One datagram into the buffer; 0 = none came. A socket error is told once, data may be behind it.
 * Without MSG_DONTWAIT the socket's own timeout holds, which saves asking whether something is there.
 */
static int read_one(struct nfl *nl, int flags, struct nfl_error *err)
{
	ssize_t n;

	do {
		n = recv(nl->fd, nl->in, nl->in_room, flags | MSG_TRUNC);
	} while (n < 0 && (errno == ECONNRESET || errno == EINTR));
	if (n < 0)
		return errno == EAGAIN ? 0 : nfl_broken(nl, -errno, err);
	if (!n)
		return nfl_broken(nl, -ENOTCONN, err);
	if ((size_t)n > nl->in_room)
		return grow(nl, (size_t)n, err);
	nl->in_at = 0;
	nl->in_len = (size_t)n;
	return 1;
}

int nfl_read(struct nfl *nl, int timeout_ms, struct nfl_error *err)
{
	int n = 1;

	if (nl->in_at < nl->in_len)
		return 1; /* there is something still */
	if (nl->broken)
		return nfl_broken(nl, nl->broken, err);
	if (timeout_ms == NFL_PATIENTLY)
		return read_one(nl, 0, err);
	if (timeout_ms)
		n = wait_for_input(nl, timeout_ms, err);
	return n > 0 ? read_one(nl, MSG_DONTWAIT, err) : n;
}

static void take_gap(struct nfl *nl, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	uint32_t group = 0;
	uint64_t lost = 0;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		size_t len = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) == PKTTB_GROUP && len == sizeof(group))
			group = ntohl(mnl_attr_get_u32(attr));
		if (mnl_attr_get_type(attr) == PKTTB_LOST && len == sizeof(lost))
			lost = be64toh(mnl_attr_get_u64(attr));
	}
	if (nl->handler.gap)
		nl->handler.gap(nl->handler.ctx, group, lost);
}

/* The end of a dump may be an error, too. */
static void end_of_dump(struct nfl_error *err, const struct nlmsghdr *nlh)
{
	memset(err, 0, sizeof(*err));
	err->seq = nlh->nlmsg_seq;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(int))
		memcpy(&err->code, mnl_nlmsg_get_payload(nlh), sizeof(int));
	if (err->code > 0)
		err->code = 0;
	if (err->code)
		(void)nfl_fail(err, err->code, "the listing ended early: %s", strerror(-err->code));
	err->seq = nlh->nlmsg_seq;
}

static bool is_end(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE;
}

static void read_end(struct nfl_error *err, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == NLMSG_ERROR)
		nfl_error_read(err, nlh);
	else
		end_of_dump(err, nlh);
}

static void take_answer(struct nfl_wait *wait, const struct nlmsghdr *nlh)
{
	wait->is_interrupted |= (nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	if (is_end(nlh)) {
		read_end(&wait->err, nlh);
		wait->is_done = true;
	} else if (wait->answer && !wait->stopped) {
		wait->stopped = wait->answer(wait->ctx, nlh);
	}
}

static void take_other(struct nfl *nl, const struct nlmsghdr *nlh)
{
	struct nfl_handler *handler = &nl->handler;
	struct nfl_error err;

	if (is_end(nlh) && handler->done) {
		read_end(&err, nlh);
		handler->done(handler->ctx, nlh->nlmsg_seq, &err);
	} else if (!is_end(nlh) && handler->answer) {
		handler->answer(handler->ctx, nlh);
	}
}

/* Refused before anything was asked: too many programs. */
static bool is_farewell(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == NLMSG_ERROR && !nlh->nlmsg_seq;
}

static void take(struct nfl *nl, const struct nlmsghdr *nlh)
{
	if (nl->wait && (nlh->nlmsg_seq == nl->wait->seq || is_farewell(nlh)))
		take_answer(nl->wait, nlh);
	else if (nl->txn && nfl_txn_takes(nl->txn, nlh))
		return;
	else if (nlh->nlmsg_type == (PKTT_SUBSYS_BUS << 8 | PKTT_BUS_GAP))
		take_gap(nl, nlh);
	else if (nlh->nlmsg_pid || nlh->nlmsg_seq)
		take_other(nl, nlh);
	else if (nl->handler.event)
		nl->handler.event(nl->handler.ctx, nlh);
}

int nfl_hand_over(struct nfl *nl, struct nfl_error *err)
{
	int n = 0;

	nl->is_stopped = false;
	while (nl->in_at < nl->in_len && !nl->is_stopped) {
		const void *place = nl->in + nl->in_at;
		const struct nlmsghdr *nlh = place;
		size_t left = nl->in_len - nl->in_at;

		if (!mnl_nlmsg_ok(nlh, (int)left)) {
			nl->in_at = nl->in_len;
			return nfl_fail(err, -EBADMSG, "pkttd sent what is no message");
		}
		nl->in_at +=
			NLMSG_ALIGN(nlh->nlmsg_len) < left ? NLMSG_ALIGN(nlh->nlmsg_len) : left;
		take(nl, nlh);
		n++;
	}
	return n;
}

void nfl_stop(struct nfl *nl)
{
	nl->is_stopped = true;
}

int nfl_receive(struct nfl *nl, int timeout_ms, struct nfl_error *err)
{
	int rc = nfl_flush(nl, err);

	if (!rc)
		rc = nfl_read(nl, timeout_ms, err);
	return rc <= 0 ? rc : nfl_hand_over(nl, err);
}

int nfl_wait_for(struct nfl *nl, struct nfl_wait *wait, struct nfl_error *err)
{
	int rc = nfl_flush(nl, err);

	if (rc == -ENOTCONN)
		rc = nl->broken = 0; /* it may have said why */
	while (rc >= 0 && !wait->is_done) {
		nl->wait = wait;
		rc = nfl_read(nl, NFL_PATIENTLY, err);
		if (rc > 0)
			rc = nfl_hand_over(nl, err);
		else if (!rc)
			rc = nfl_fail(err, -ETIMEDOUT, "pkttd does not answer within %u ms",
				      nl->timeout_ms);
	}
	nl->wait = NULL;
	return rc < 0 ? rc : 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending.
 *
 * Messages are collected into datagrams. When pkttd does not take one at once, it may be that it
 * waits for us to read what it has answered: so while we wait for room, we read, and hand over what
 * comes. That is why neither can wait for the other without end.
 */
#include "libnfnetlink/own.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

uint32_t nfl_sequence(struct nfl *nl)
{
	if (!++nl->seq)
		nl->seq = 1; /* 0 is that of events */
	return nl->seq;
}

struct nlmsghdr *nfl_begin(struct nfl *nl, size_t size, uint16_t type, uint16_t flags,
			   uint8_t family)
{
	size_t room = NLMSG_ALIGN(NLMSG_HDRLEN + sizeof(struct nfgenmsg) + size);
	struct nfgenmsg *head;
	struct nlmsghdr *nlh;

	if (room > nl->message_room) {
		void *message = realloc(nl->message, room);

		if (!message)
			return NULL;
		nl->message = message;
		nl->message_room = room;
	}
	nlh = mnl_nlmsg_put_header(nl->message);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = nfl_sequence(nl);
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->nfgen_family = family;
	head->version =
		NFNL_SUBSYS_ID(type) >= PKTT_SUBSYS_RULES ? PKTT_WIRE_VERSION : NFNETLINK_V0;
	head->res_id = 0;
	return nlh;
}

size_t nfl_room(const struct nfl *nl)
{
	return nl->message_room;
}

/* Until there is room to send, or something to read, which is then read. */
static int wait_for_room(struct nfl *nl, struct nfl_error *err)
{
	struct pollfd poller = { .fd = nl->fd, .events = POLLIN | POLLOUT };
	int n = poll(&poller, 1, nl->timeout_ms ? (int)nl->timeout_ms : -1);

	if (n < 0)
		return errno == EINTR ? 0 : nfl_broken(nl, -errno, err);
	if (!n)
		return nfl_fail(err, -ETIMEDOUT, "pkttd takes nothing for %u ms", nl->timeout_ms);
	if (!(poller.revents & (POLLIN | POLLHUP | POLLERR)))
		return 0;
	n = nfl_read(nl, 0, err);
	if (n > 0)
		n = nfl_hand_over(nl, err);
	return n < 0 ? n : 0;
}

static int send_datagram(struct nfl *nl, const void *data, size_t len, struct nfl_error *err)
{
	int rc = nl->broken;

	if (rc)
		return nfl_broken(nl, rc, err);
	while (!rc && send(nl->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno == EMSGSIZE)
			return nfl_fail(err, -EMSGSIZE,
					"a message of %zu bytes is more than the socket can take",
					len);
		if (errno == EAGAIN || errno == ENOBUFS)
			rc = wait_for_room(nl, err);
		else if (errno != EINTR)
			return nfl_broken(nl, -errno, err);
	}
	return rc;
}

int nfl_flush(struct nfl *nl, struct nfl_error *err)
{
	size_t len = nl->out_len;

	nl->out_len = 0;
	return len ? send_datagram(nl, nl->out, len, err) : 0;
}

/* One whole message, with those before it if it fits. */
int nfl_out(struct nfl *nl, const void *data, size_t len, struct nfl_error *err)
{
	size_t whole = NLMSG_ALIGN(len);
	int rc = 0;

	if (nl->out_len + whole > NFL_DATAGRAM_BYTES)
		rc = nfl_flush(nl, err);
	if (rc)
		return rc;
	if (whole > NFL_DATAGRAM_BYTES)
		return send_datagram(nl, data, len, err);
	memcpy(nl->out + nl->out_len, data, len);
	memset(nl->out + nl->out_len + len, 0, whole - len);
	nl->out_len += whole;
	return 0;
}

int nfl_send(struct nfl *nl, const struct nlmsghdr *nlh, struct nfl_error *err)
{
	return nfl_out(nl, nlh, nlh->nlmsg_len, err);
}

/* The pieces together, since a message may be in several. */
static uint8_t *gather(const struct iovec *iov, unsigned int count, size_t *len)
{
	uint8_t *whole;
	size_t at = 0;

	*len = 0;
	for (unsigned int i = 0; i < count; i++)
		*len += iov[i].iov_len;
	whole = malloc(*len ? *len : 1);
	for (unsigned int i = 0; whole && i < count; i++) {
		if (iov[i].iov_len)
			memcpy(whole + at, iov[i].iov_base, iov[i].iov_len);
		at += iov[i].iov_len;
	}
	return whole;
}

static int out_all(struct nfl *nl, const uint8_t *data, size_t len, struct nfl_error *err)
{
	size_t at = 0;
	int rc = 0;

	while (!rc && at < len) {
		const void *place = data + at;
		const struct nlmsghdr *nlh = place;

		if (len - at < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) ||
		    nlh->nlmsg_len > len - at)
			return nfl_fail(err, -EINVAL, "no message begins at byte %zu", at);
		rc = nfl_out(nl, nlh, nlh->nlmsg_len, err);
		at += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	return rc;
}

int nfl_sendv(struct nfl *nl, const struct iovec *iov, unsigned int count, struct nfl_error *err)
{
	size_t len;
	uint8_t *whole = gather(iov, count, &len);
	int rc;

	if (!whole)
		return nfl_fail(err, -ENOMEM, "no memory");
	rc = out_all(nl, whole, len, err);
	free(whole);
	return rc;
}

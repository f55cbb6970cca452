/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams into a bus with a small subsystem, from two programs: one may do everything, one may look.
 * The input is datagrams, each behind a byte that says whose it is and two that give its length.
 */
#include "base/own.h"
#include "bus/nfnl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TOY = 70, GROUP = 100, ATTRS = 6 };

static bool is_open;

static int change(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct nlmsghdr *nlh = nfnl_begin(req->bus, 64, TOY << 8, 0, req->family, req->res_id);

	(void)ctx;
	if (req->is_batched != is_open)
		abort();
	if (req->attr[1] && ntohl(mnl_attr_get_u32(req->attr[1])) % 5 == 0) {
		req->bad = req->attr[1];
		return pktt_fail(err, -ERANGE, "divisible by five");
	}
	if (req->attr[2] && strlen(mnl_attr_get_str(req->attr[2])) > 16)
		abort();
	nfnl_multicast(req->bus, GROUP, nlh);
	return 0;
}

static int fill(struct nfnl_dump *dump, void *state)
{
	unsigned int *left = state;

	while ((*left)--)
		if (!nfnl_dump_send(dump, nfnl_begin(dump->bus, 3000, TOY << 8, 0, 0, 0)))
			return 1;
	return 0;
}

static int get(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	unsigned int *left;

	(void)ctx;
	(void)err;
	if (!(req->nlh->nlmsg_flags & NLM_F_DUMP)) {
		nfnl_send(req->peer, nfnl_begin(req->bus, 16, TOY << 8, 0, 0, 0), 1);
		return 0;
	}
	left = malloc(sizeof(*left));
	if (!left)
		return -ENOMEM;
	*left = 10;
	return nfnl_dump_start(req,
			       &(struct nfnl_dump){ .fill = fill, .free = free, .state = left });
}

static int begin(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	(void)req;
	(void)err;
	if (is_open)
		abort();
	is_open = true;
	return 0;
}

static int commit(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	(void)req;
	(void)err;
	is_open = false;
	return 0;
}

static void give_up(void *ctx, struct nfnl_peer *peer)
{
	(void)ctx;
	(void)peer;
	is_open = false;
}

static const struct nfnl_policy policy[ATTRS] = {
	[1] = { "NUMBER", MNL_TYPE_U32, 4 },  [2] = { "NAME", MNL_TYPE_NUL_STRING, 16 },
	[3] = { "NEST", MNL_TYPE_NESTED, 0 }, [4] = { "FLAG", MNL_TYPE_FLAG, 0 },
	[5] = { "TEXT", MNL_TYPE_STRING, 0 },
};
static const struct nfnl_call calls[] = {
	{ "CHANGE", PKTT_RIGHT_ALL, policy, ATTRS, change },
	{ "GET", PKTT_RIGHT_VIEW, policy, ATTRS, get },
};
static const struct nfnl_subsys toy = {
	.name = "toy",
	.id = TOY,
	.ncalls = pktt_countof(calls),
	.call = calls,
	.begin = begin,
	.commit = commit,
	.abort = give_up,
};

static int program(struct nfnl *bus, unsigned int rights)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) ||
	    nfnl_adopt(bus, pair[1], rights))
		abort();
	return pair[0];
}

/* What the bus says must be whole messages. */
static void read_all(int fd)
{
	static _Alignas(8) char buf[65536];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		const struct nlmsghdr *nlh = (const void *)buf;
		int left = (int)n;

		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			;
		if (left)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nfnl_config config = { .event_room = 4096, .batch_max = 65536 };
	struct nfnl *bus = NULL;
	int fd[2];

	if (nfnl_new(&bus, &config, NULL) || nfnl_register(bus, &toy))
		abort();
	fd[0] = program(bus, 7);
	fd[1] = program(bus, PKTT_RIGHT_VIEW);
	while (size > 3) {
		size_t len = (size_t)data[1] << 8 | data[2];
		int who = data[0] & 1;

		data += 3;
		size -= 3;
		len = len < size ? len : size;
		if (len && send(fd[who], data, len, MSG_NOSIGNAL) < 0)
			break;
		if (nfnl_run(bus, 0))
			abort();
		read_all(fd[who]);
		data += len;
		size -= len;
	}
	close(fd[0]);
	if (nfnl_run(bus, 0))
		abort();
	nfnl_free(&bus);
	if (is_open)
		abort();
	close(fd[1]);
	return 0;
}

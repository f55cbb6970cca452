/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nfnl_bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

static void spin(uint32_t us)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - from.tv_sec) * 1000000 + (now.tv_nsec - from.tv_nsec) / 1000 < us);
}

static void tell(struct toy *toy, uint32_t number)
{
	static const char more[8192];
	struct nlmsghdr *nlh =
		nfnl_begin(toy->bus, 64 + toy->event_bytes, TOY << 8 | TOY_ADD, 0, 0, 0);

	mnl_attr_put_u32(nlh, TOYA_NUMBER, htonl(number));
	if (toy->event_bytes)
		mnl_attr_put(nlh, TOYA_TEXT, toy->event_bytes, more);
	nfnl_multicast(toy->bus, TOY_GROUP, nlh);
}

static int add(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct toy *toy = ctx;
	uint32_t number;

	if (!req->attr[TOYA_NUMBER])
		return pktt_fail(err, -EINVAL, "which number?");
	number = ntohl(mnl_attr_get_u32(req->attr[TOYA_NUMBER]));
	if (number == 13) {
		req->bad = req->attr[TOYA_NUMBER];
		if (err) {
			err->place.line = 7;
			err->place.column = 8;
		}
		return pktt_fail(err, -ERANGE, "13 is not wanted");
	}
	if (number >= TOY_NUMBERS)
		return -E2BIG;
	if (toy->has[number] || (toy->is_open && req->is_batched && toy->staged[number]))
		return pktt_fail(err, -EEXIST, "%u is there", number);
	if (toy->spin_us)
		spin(toy->spin_us);
	assert_true(toy->is_open == req->is_batched);
	if (req->is_batched) {
		toy->staged[number] = true;
		return 0;
	}
	toy->has[number] = true;
	toy->count++;
	toy->changes++;
	if (!toy->is_silent)
		tell(toy, number);
	return 0;
}

static bool send_number(struct nfnl_dump *dump, uint32_t number)
{
	struct nlmsghdr *nlh = nfnl_begin(dump->bus, 1024, TOY << 8 | TOY_ADD, 0, 0, 0);
	static const char text[512];

	mnl_attr_put_u32(nlh, TOYA_NUMBER, htonl(number));
	mnl_attr_put(nlh, TOYA_TEXT, sizeof(text), text);
	return nfnl_dump_send(dump, nlh);
}

struct toy_dump {
	struct toy *toy;
	uint32_t at;
};
static struct toy_dump the_dumps[64];

static int fill(struct nfnl_dump *dump, void *state)
{
	struct toy_dump *at = state;

	if (__atomic_load_n(&at->toy->is_restless, __ATOMIC_ACQUIRE))
		at->toy->changes++;
	while (at->at < TOY_NUMBERS) {
		uint32_t number = at->at++;

		if (number == 13 && at->toy->has[13])
			return -EIO;
		if (at->toy->has[number] && !send_number(dump, number))
			return 1;
	}
	return 0;
}

static uint64_t version(void *state)
{
	return ((struct toy_dump *)state)->toy->changes;
}

static void dump_free(void *state)
{
	((struct toy_dump *)state)->toy = NULL;
}

static int get(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct toy *toy = ctx;
	struct nlmsghdr *nlh;
	unsigned int i = 0;

	(void)err;
	if (req->nlh->nlmsg_flags & NLM_F_DUMP) {
		while (the_dumps[i].toy)
			i++;
		the_dumps[i] = (struct toy_dump){ .toy = toy };
		return nfnl_dump_start(req, &(struct nfnl_dump){ .fill = fill,
								 .version = version,
								 .free = dump_free,
								 .state = &the_dumps[i] });
	}
	nlh = nfnl_begin(req->bus, 64, TOY << 8 | TOY_GET, 0, 0, 0);
	mnl_attr_put_u32(nlh, TOYA_NUMBER, htonl(toy->count));
	nfnl_send(req->peer, nlh, req->nlh->nlmsg_seq);
	return 0;
}

static int later(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct toy *toy = ctx;

	(void)err;
	toy->later_peer = req->peer;
	toy->later = *req->nlh;
	return 1;
}

static int fill_size(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	uint32_t size = ntohl(mnl_attr_get_u32(req->attr[TOYA_NUMBER]));
	struct nlmsghdr *nlh = nfnl_begin(req->bus, size, TOY << 8 | TOY_FILL, 0, 0, 0);

	(void)ctx;
	(void)err;
	memset(mnl_nlmsg_put_extra_header(nlh, size), 0x55, size);
	nfnl_send(req->peer, nlh, req->nlh->nlmsg_seq);
	return 0;
}

static int begin(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct toy *toy = ctx;

	assert_int_equal(req->nlh->nlmsg_type, NFNL_MSG_BATCH_BEGIN);
	assert_false(toy->is_open);
	if (toy->refuses_begin)
		return pktt_fail(err, -ESTALE, "not now");
	toy->is_open = true;
	toy->begun++;
	return 0;
}

static void close_batch(struct toy *toy)
{
	assert_true(toy->is_open);
	toy->is_open = false;
	memset(toy->staged, 0, sizeof(toy->staged));
}

static void batch_abort(void *ctx, struct nfnl_peer *peer)
{
	struct toy *toy = ctx;

	(void)peer;
	toy->aborted++;
	close_batch(toy);
}

static int commit(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct toy *toy = ctx;

	assert_int_equal(req->nlh->nlmsg_type, NFNL_MSG_BATCH_END);
	if (toy->refuses_commit) {
		close_batch(toy);
		return pktt_fail(err, -ELOOP, "it goes round");
	}
	for (uint32_t i = 0; i < TOY_NUMBERS; i++) {
		if (!toy->staged[i])
			continue;
		toy->has[i] = true;
		toy->count++;
		if (!toy->is_silent)
			tell(toy, i);
	}
	toy->changes++;
	toy->committed++;
	close_batch(toy);
	return 0;
}

static void heard(void *ctx, uint32_t group, bool is_heard)
{
	struct toy *toy = ctx;

	if (group == TOY_GROUP && is_heard)
		toy->heard++;
	if (group == TOY_GROUP && !is_heard)
		toy->unheard++;
}

static void forget(void *ctx, struct nfnl_peer *peer, void *state)
{
	struct toy *toy = ctx;

	(void)state;
	if (toy->later_peer == peer)
		toy->later_peer = NULL;
	toy->forgotten++;
}

static const struct nfnl_policy policy[TOYA_COUNT] = {
	[TOYA_NUMBER] = { "TOYA_NUMBER", MNL_TYPE_U32, 4 },
	[TOYA_NAME] = { "TOYA_NAME", MNL_TYPE_NUL_STRING, 8 },
	[TOYA_NEST] = { "TOYA_NEST", MNL_TYPE_NESTED, 0 },
	[TOYA_FLAG] = { "TOYA_FLAG", MNL_TYPE_FLAG, 0 },
	[TOYA_TEXT] = { "TOYA_TEXT", MNL_TYPE_STRING, 0 },
};

static const struct nfnl_call calls[TOY_MSG_COUNT] = {
	[TOY_ADD] = { "ADD", PKTT_RIGHT_ELEMENTS, policy, TOYA_COUNT, add },
	[TOY_GET] = { "GET", PKTT_RIGHT_VIEW, policy, TOYA_COUNT, get },
	[TOY_LATER] = { "LATER", PKTT_RIGHT_VIEW, policy, TOYA_COUNT, later },
	[TOY_FILL] = { "FILL", PKTT_RIGHT_VIEW, policy, TOYA_COUNT, fill_size },
};

static struct nfnl_subsys subsys = {
	.name = "toy",
	.id = TOY,
	.ncalls = TOY_MSG_COUNT,
	.call = calls,
	.begin = begin,
	.commit = commit,
	.abort = batch_abort,
	.heard = heard,
	.forget = forget,
};

static int echo(void *ctx, struct nfnl_peer *peer, const struct nlmsghdr *nlh,
		struct pktt_error *err)
{
	struct toy *toy = ctx;
	struct nlmsghdr *out;

	(void)err;
	if (nlh->nlmsg_type == 99)
		return -EXDEV;
	out = nfnl_begin_plain(toy->bus, nlh->nlmsg_len, nlh->nlmsg_type, 0);
	memcpy(mnl_nlmsg_put_extra_header(out, nlh->nlmsg_len - NLMSG_HDRLEN), NLMSG_DATA(nlh),
	       nlh->nlmsg_len - NLMSG_HDRLEN);
	nfnl_send(peer, out, nlh->nlmsg_seq);
	return 0;
}

static struct nfnl_legacy legacy = { .protocol = TOY_LEGACY, .message = echo };

int toy_new(struct toy *toy, const struct nfnl_config *config)
{
	struct nfnl_config none = { 0 };
	int rc;

	memset(toy, 0, sizeof(*toy));
	subsys.ctx = legacy.ctx = toy;
	rc = nfnl_new(&toy->bus, config ? config : &none, NULL);
	if (!rc)
		rc = nfnl_register(toy->bus, &subsys);
	return rc ? rc : nfnl_register_legacy(toy->bus, &legacy);
}

void toy_free(struct toy *toy)
{
	nfnl_free(&toy->bus);
}

void toy_answer(struct toy *toy, int code)
{
	struct pktt_error err = { .code = code };

	assert_non_null(toy->later_peer);
	nfnl_answer(toy->later_peer, &toy->later, &err);
}

int program_new(struct toy *toy, unsigned int rights)
{
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(nfnl_adopt(toy->bus, pair[1], rights), 0);
	return pair[0];
}

struct nlmsghdr *letter_put(struct letter *letter, uint16_t type, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(letter->data + letter->len);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = seq;
	memset(mnl_nlmsg_put_extra_header(nlh, sizeof(struct nfgenmsg)), 0,
	       sizeof(struct nfgenmsg));
	letter->len += nlh->nlmsg_len;
	return nlh;
}

void letter_attr(struct letter *letter, struct nlmsghdr *nlh, uint16_t type, const void *data,
		 uint16_t len)
{
	uint32_t before = nlh->nlmsg_len;

	mnl_attr_put(nlh, type, len, data);
	letter->len += nlh->nlmsg_len - before;
}

void letter_u32(struct letter *letter, struct nlmsghdr *nlh, uint16_t type, uint32_t value)
{
	uint32_t be = htonl(value);

	letter_attr(letter, nlh, type, &be, sizeof(be));
}

void letter_add(struct letter *letter, uint16_t flags, uint32_t seq, uint32_t number)
{
	struct nlmsghdr *nlh = letter_put(letter, TOY << 8 | TOY_ADD, flags, seq);

	letter_u32(letter, nlh, TOYA_NUMBER, number);
}

void letter_batch(struct letter *letter, uint16_t type, uint16_t flags, uint32_t seq, uint16_t id)
{
	struct nlmsghdr *nlh = letter_put(letter, type, flags, seq);

	((struct nfgenmsg *)NLMSG_DATA(nlh))->res_id = htons(id);
}

void letter_send(struct letter *letter, int fd)
{
	assert_int_equal(send(fd, letter->data, letter->len, MSG_NOSIGNAL), letter->len);
	letter->len = 0;
}

const struct nlmsghdr *letter_next(struct letter *letter, int fd)
{
	const struct nlmsghdr *nlh;
	ssize_t n;

	/* len: what is left of a datagram, at the end of which data's place is kept by moving it down */
	if (!letter->len) {
		n = recv(fd, letter->data, sizeof(letter->data) / 2, MSG_DONTWAIT | MSG_TRUNC);
		if (n <= 0)
			return NULL;
		assert_true((size_t)n <= sizeof(letter->data) / 2);
		letter->len = (size_t)n;
	} else {
		nlh = (const void *)letter->data;
		letter->len -= NLMSG_ALIGN(nlh->nlmsg_len);
		memmove(letter->data, letter->data + NLMSG_ALIGN(nlh->nlmsg_len), letter->len);
		if (!letter->len)
			return letter_next(letter, fd);
	}
	nlh = (const void *)letter->data;
	assert_true(nlh->nlmsg_len >= sizeof(*nlh) && nlh->nlmsg_len <= letter->len);
	return nlh;
}

static const char *sentence(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *body = NLMSG_DATA(nlh);
	size_t copy = nlh->nlmsg_flags & NLM_F_CAPPED ? sizeof(body->msg) : body->msg.nlmsg_len;
	size_t at = NLMSG_LENGTH(sizeof(int) + NLMSG_ALIGN(copy));
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return "";
	attr = (const void *)((const char *)nlh + at);
	assert_int_equal(mnl_attr_get_type(attr), NLMSGERR_ATTR_MSG);
	return mnl_attr_get_str(attr);
}

const char *expect_ack(struct letter *letter, int fd, uint32_t seq, int code)
{
	const struct nlmsghdr *nlh = letter_next(letter, fd);
	const struct nlmsgerr *body;

	assert_non_null(nlh);
	assert_int_equal(nlh->nlmsg_type, NLMSG_ERROR);
	body = NLMSG_DATA(nlh);
	assert_int_equal(body->error, code);
	assert_int_equal(nlh->nlmsg_seq, seq);
	assert_int_equal(body->msg.nlmsg_seq, seq);
	return sentence(nlh);
}

void expect_nothing(struct letter *letter, int fd)
{
	assert_null(letter_next(letter, fd));
}

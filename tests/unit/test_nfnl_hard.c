/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program should not send, and what becomes of it. */
#include "nfnl_bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALL = PKTT_RIGHT_VIEW | PKTT_RIGHT_ELEMENTS | PKTT_RIGHT_ALL };

static struct toy toy;
static struct letter out, in;
static int fd;

static int setup_with(const struct nfnl_config *config)
{
	in.len = out.len = 0;
	assert_int_equal(toy_new(&toy, config), 0);
	fd = program_new(&toy, ALL);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_with(NULL);
}

static int teardown(void **state)
{
	(void)state;
	close(fd);
	toy_free(&toy);
	assert_false(toy.is_open);
	return 0;
}

static void go(void)
{
	assert_int_equal(nfnl_run(toy.bus, 0), 0);
}

static void run(void)
{
	letter_send(&out, fd);
	go();
}

static void lengths(void **state)
{
	struct nlmsghdr *nlh;

	(void)state;
	letter_add(&out, NLM_F_ACK, 1, 1);
	nlh = letter_put(&out, TOY << 8 | TOY_ADD, NLM_F_ACK, 2);
	nlh->nlmsg_len = 4000; /* more than there is */
	run();
	expect_ack(&in, fd, 1, 0);
	expect_ack(&in, fd, 2, -EINVAL);
	nlh = letter_put(&out, TOY << 8 | TOY_ADD, NLM_F_ACK, 3);
	nlh->nlmsg_len = 3;		   /* less than a header */
	letter_add(&out, NLM_F_ACK, 4, 2); /* is lost with it */
	run();
	expect_ack(&in, fd, 3, -EINVAL);
	expect_nothing(&in, fd);
	out.len = 7; /* not even a header */
	run();
	expect_ack(&in, fd, 0, -EINVAL);
	nlh = letter_put(&out, TOY << 8 | TOY_ADD, NLM_F_ACK, 5);
	nlh->nlmsg_len = out.len = NLMSG_HDRLEN; /* no nfgenmsg */
	run();
	expect_ack(&in, fd, 5, -EINVAL);
	letter_add(&out, NLM_F_ACK, 6, 3); /* all is well still */
	run();
	expect_ack(&in, fd, 6, 0);
}

static void kinds(void **state)
{
	struct nlmsghdr *nlh;

	(void)state;
	letter_put(&out, 200 << 8, NLM_F_ACK, 1);
	letter_put(&out, TOY << 8 | 77, 0, 2);
	nlh = letter_put(&out, TOY << 8 | 77, NLM_F_ACK, 3);
	nlh->nlmsg_flags &= (uint16_t)~NLM_F_REQUEST;
	letter_put(&out, NLMSG_NOOP, NLM_F_ACK, 4);
	letter_put(&out, NLMSG_NOOP, 0, 5);
	run();
	assert_string_equal(expect_ack(&in, fd, 1, -EINVAL), "there is no subsystem 200");
	assert_string_equal(expect_ack(&in, fd, 2, -EINVAL), "toy has no message 77");
	expect_ack(&in, fd, 3, 0); /* skipped, as the kernel does */
	expect_ack(&in, fd, 4, 0);
	expect_nothing(&in, fd);
}

/* An addition with one more attribute is answered like this. */
static const char *with_attr(uint16_t type, const void *data, uint16_t len, int code)
{
	static uint32_t number = 100;
	struct nlmsghdr *nlh = letter_put(&out, TOY << 8 | TOY_ADD, NLM_F_ACK, 1);

	letter_u32(&out, nlh, TOYA_NUMBER, number++);
	letter_attr(&out, nlh, type, data, len);
	run();
	in.len = 0;
	return expect_ack(&in, fd, 1, code);
}

static void attributes(void **state)
{
	uint16_t nest[] = { 8, TOYA_NUMBER, 0, 0, 9, TOYA_NUMBER, 0, 0 };

	(void)state;
	with_attr(TOYA_NAME, "12345678", 9, 0);
	assert_string_equal(with_attr(TOYA_NAME, "123456789", 10, -ERANGE),
			    "TOYA_NAME has 9 bytes, more than 8");
	assert_string_equal(with_attr(TOYA_NAME, "1234", 4, -EINVAL),
			    "TOYA_NAME is not ended by a NUL");
	with_attr(TOYA_TEXT, "1234", 4, 0);
	assert_string_equal(with_attr(TOYA_NUMBER, "12", 2, -ERANGE),
			    "TOYA_NUMBER has 2 bytes where 4 are needed");
	with_attr(TOYA_NUMBER, "12345678", 8, -ERANGE);
	with_attr(TOYA_FLAG, "", 0, 0);
	with_attr(TOYA_FLAG, "1234", 4, -ERANGE);
	with_attr(TOYA_NEST, nest, 8, 0);
	assert_string_equal(with_attr(TOYA_NEST, nest, 16, -EINVAL),
			    "TOYA_NEST: the attributes within do not fill it");
	with_attr(TOYA_NEST, nest, 6, -EINVAL);
	with_attr(77, "what nobody knows", 17, 0);
	assert_string_equal(with_attr(77 | PKTTA_MUST, "1234", 4, -EOPNOTSUPP),
			    "ADD: attribute 77 must be understood, and is not");
	with_attr(TOYA_NAME | PKTTA_MUST, "123", 4, 0);
}

static void deep_nests(void **state)
{
	static uint16_t deep[40];

	(void)state;
	for (unsigned int i = 0; i < 20; i++) { /* each within the one before */
		deep[2 * i] = (uint16_t)(4 * (20 - i));
		deep[2 * i + 1] = NLA_F_NESTED | 1;
	}
	with_attr(TOYA_NEST, &deep[28], 24, 0);
	with_attr(TOYA_NEST, deep, 80, -EINVAL);
}

static void places(void **state)
{
	const struct nlmsghdr *nlh;
	const struct nlattr *attr;
	uint32_t offset = 0, line = 0;

	(void)state;
	letter_add(&out, 0, 1, 13);
	run();
	expect_ack(&in, fd, 1, -ERANGE);
	nlh = (const void *)in.data;
	assert_int_equal(nlh->nlmsg_flags, NLM_F_CAPPED | NLM_F_ACK_TLVS);
	mnl_attr_for_each(attr, nlh, sizeof(struct nlmsgerr))
	{
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS)
			offset = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_COOKIE)
			line = ntohl(mnl_attr_get_u32(attr));
	}
	assert_int_equal(offset, 20);
	assert_int_equal(line, 7);
}

static void garbage_behind(void **state)
{
	struct nlmsghdr *nlh = letter_put(&out, TOY << 8 | TOY_ADD, NLM_F_ACK, 1);

	(void)state;
	letter_u32(&out, nlh, TOYA_NUMBER, 1);
	memset(out.data + out.len, 0xff, 8);
	nlh->nlmsg_len += 8;
	out.len += 8;
	run();
	expect_ack(&in, fd, 1, -EINVAL);
	assert_int_equal(toy.count, 0);
}

static void too_long(void **state)
{
	struct nfnl_config config = { .receive_room = 256 };

	setup_with(&config);
	for (uint32_t i = 0; i < 10; i++)
		letter_add(&out, NLM_F_ACK, 10 + i, i);
	run();
	assert_string_equal(expect_ack(&in, fd, 10, -EMSGSIZE),
			    "a datagram of 280 bytes was expected to have 256 at most");
	for (uint32_t i = 0; i < 10; i++)
		letter_add(&out, NLM_F_ACK, 10 + i, i);
	run();
	for (uint32_t i = 0; i < 10; i++)
		expect_ack(&in, fd, 10 + i, 0);
	teardown(state);
}

static void begin(uint16_t id)
{
	letter_batch(&out, NFNL_MSG_BATCH_BEGIN, 0, 1, id);
}

static void end(void)
{
	letter_batch(&out, NFNL_MSG_BATCH_END, NLM_F_ACK, 99, TOY);
}

static void refused_batches(void **state)
{
	(void)state;
	begin(200);
	letter_add(&out, NLM_F_ACK, 2, 1);
	end();
	run();
	assert_string_equal(expect_ack(&in, fd, 1, -EOPNOTSUPP),
			    "subsystem 200 has no transactions");
	expect_ack(&in, fd, 99, -ECANCELED);
	begin(TOY);
	letter_batch(&out, NFNL_MSG_BATCH_BEGIN, 0, 2, TOY);
	letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_SET, 0, 3);
	end();
	run();
	assert_string_equal(expect_ack(&in, fd, 2, -EINVAL), "a transaction within a transaction");
	expect_ack(&in, fd, 3, -EINVAL);
	expect_ack(&in, fd, 99, -ECANCELED);
	begin(TOY);
	letter_add(&out, 0, 2, 1);
	run();
	letter_put(&out, NLMSG_NOOP, 0, 3);
	letter_add(&out, 0, 4, 13);
	end();
	run();
	expect_ack(&in, fd, 3, -EINVAL);
	expect_ack(&in, fd, 99, -ECANCELED);
	expect_nothing(&in, fd);
	assert_int_equal(toy.begun, toy.aborted);
	assert_int_equal(toy.count, 0);
}

static void spoilt_batch(void **state)
{
	(void)state;
	begin(TOY);
	letter_add(&out, 0, 2, 1);
	run();
	memset(out.data, 0, out.len = 20);
	run();
	expect_ack(&in, fd, 0, -EINVAL);
	end();
	run();
	expect_ack(&in, fd, 99, -ECANCELED);
	assert_int_equal(toy.begun, 0);
}

static void view_only(void **state)
{
	int viewer = program_new(&toy, PKTT_RIGHT_VIEW);

	(void)state;
	begin(TOY);
	letter_add(&out, 0, 2, 1);
	end();
	letter_add(&out, 0, 3, 2);
	letter_put(&out, TOY << 8 | TOY_GET, NLM_F_ACK, 4);
	letter_send(&out, viewer);
	go();
	expect_ack(&in, viewer, 1, -EPERM);
	expect_ack(&in, viewer, 99, -ECANCELED);
	assert_non_null(strstr(expect_ack(&in, viewer, 3, -EPERM), "may only look here"));
	assert_int_equal(letter_next(&in, viewer)->nlmsg_type, TOY << 8 | TOY_GET);
	expect_ack(&in, viewer, 4, 0);
	assert_int_equal(toy.begun, 0);
	close(viewer);
}

static void too_big(void **state)
{
	struct nfnl_config config = { .batch_max = 1024 };

	setup_with(&config);
	begin(TOY);
	for (uint32_t i = 20; i < 100; i++)
		letter_add(&out, NLM_F_ACK, i, i);
	run();
	assert_string_equal(expect_ack(&in, fd, 1, -EMSGSIZE),
			    "a transaction may have at most 1024 bytes");
	end();
	run();
	expect_ack(&in, fd, 99, -ECANCELED);
	expect_nothing(&in, fd);
	teardown(state);
}

static void many_errors(void **state)
{
	unsigned int n = 0;
	const struct nlmsghdr *nlh;

	(void)state;
	begin(TOY);
	for (uint32_t i = 0; i < 5000; i++) {
		letter_add(&out, 0, 100 + i, 13);
		if (out.len > 30000)
			run();
	}
	end();
	run();
	while ((nlh = letter_next(&in, fd)) && nlh->nlmsg_seq != 99) {
		n++;
		go();
	}
	assert_non_null(nlh);
	assert_int_equal(n, 1000);
	assert_int_equal(toy.aborted, 1);
}

static void killed(void **state)
{
	pid_t child;
	int status;

	(void)state;
	child = fork();
	if (!child) {
		begin(TOY);
		for (uint32_t i = 20; i < 1000; i++)
			letter_add(&out, NLM_F_ACK, i, i);
		letter_send(&out, fd);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	close(fd);
	go();
	assert_int_equal(toy.begun, 0);
	assert_int_equal(toy.count, 0);
	assert_int_equal(toy.forgotten, 1);
	fd = program_new(&toy, ALL);
	letter_add(&out, NLM_F_ACK, 1, 20);
	run();
	expect_ack(&in, fd, 1, 0);
}

/* A program that leaves at once after BATCH_END has said all that is needed. */
static void sent_and_gone(void **state)
{
	(void)state;
	toy.spin_us = 3;
	begin(TOY);
	for (uint32_t i = 20; i < 1000; i++)
		letter_add(&out, NLM_F_ACK, i, i);
	end();
	letter_send(&out, fd);
	letter_add(&out, NLM_F_ACK, 1000, 1000);
	letter_send(&out, fd);
	close(fd);
	for (unsigned int i = 0; i < 100000 && !toy.forgotten; i++)
		assert_int_equal(nfnl_run(toy.bus, 100), 0);
	assert_int_equal(toy.count, 981);
	assert_int_equal(toy.forgotten, 1);
	fd = program_new(&toy, ALL);
}

/* As little at a time as there is, so that the transaction has begun and is far from its end. */
static void run_until_open(void)
{
	while (!toy.is_open)
		assert_int_equal(nfnl_run(toy.bus, 1), 0);
}

/* A long transaction: reads go on, writes wait in order of arrival. */
static void turns(void **state)
{
	int reader = program_new(&toy, PKTT_RIGHT_VIEW), second = program_new(&toy, ALL);
	unsigned int rounds = 0, answered = 0;

	(void)state;
	toy.spin_us = 20;
	begin(TOY);
	for (uint32_t i = 20; i < 1020; i++)
		letter_add(&out, 0, i, i);
	end();
	letter_send(&out, fd);
	run_until_open();
	letter_add(&out, NLM_F_ACK, 5, 20); /* is there, when its turn comes */
	letter_send(&out, second);
	while (!toy.committed) {
		letter_put(&out, TOY << 8 | TOY_GET, 0, 7);
		letter_send(&out, reader);
		assert_int_equal(nfnl_run(toy.bus, 1000), 0);
		in.len = 0;
		answered += letter_next(&in, reader) != NULL;
		rounds++;
		if (!toy.committed) {
			in.len = 0;
			expect_nothing(&in, second);
		}
	}
	assert_true(rounds > 5 && answered > rounds / 3);
	go();
	in.len = 0;
	expect_ack(&in, second, 5, -EEXIST);
	in.len = 0;
	expect_ack(&in, fd, 99, 0);
	close(reader);
	close(second);
}

static unsigned int idle_at;
static void is_idle(void *ctx)
{
	struct toy *of = ctx;

	idle_at = of->committed + 1;
	assert_false(of->is_open);
}

static void when_idle(void **state)
{
	(void)state;
	idle_at = 0;
	assert_int_equal(nfnl_when_idle(toy.bus, TOY, is_idle, &toy), 0);
	assert_int_equal(idle_at, 1);
	toy.spin_us = 20;
	begin(TOY);
	for (uint32_t i = 20; i < 1020; i++)
		letter_add(&out, 0, i, i);
	end();
	letter_send(&out, fd);
	run_until_open();
	idle_at = 0;
	assert_int_equal(nfnl_when_idle(toy.bus, TOY, is_idle, &toy), 0);
	assert_int_equal(idle_at, 0);
	go();
	assert_int_equal(idle_at, 2);
}

/* Answers that are not read stop the reading of questions, and nothing else. */
static void unread_answers(void **state)
{
	int other = program_new(&toy, ALL);
	struct nfnl_peer *peer = nfnl_peer_next(toy.bus, NULL);
	struct nlmsghdr *nlh;
	unsigned int sent = 0, got = 0;

	(void)state;
	for (; sent < 100000; sent++) {
		nlh = letter_put(&out, TOY << 8 | TOY_FILL, 0, sent + 1);
		letter_u32(&out, nlh, TOYA_NUMBER, 10000);
		if (send(fd, out.data, out.len, MSG_NOSIGNAL) < 0)
			break;
		out.len = 0;
		go();
		assert_true(nfnl_peer_waiting(peer) < 300 * 1024);
	}
	assert_true(sent > 20 && sent < 100000);
	out.len = 0;
	letter_add(&out, NLM_F_ACK, 1, 1);
	letter_send(&out, other);
	go();
	expect_ack(&in, other, 1, 0);
	in.len = 0;
	while (got < sent && letter_next(&in, fd)) {
		got++;
		go();
	}
	assert_int_equal(got, sent);
	close(other);
}

static uint64_t seed;
static uint32_t chance(uint32_t below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % below;
}

static void random_message(void)
{
	static const uint16_t types[] = {
		TOY << 8 | TOY_ADD,	  TOY << 8 | TOY_ADD, TOY << 8 | TOY_GET,
		NFNL_MSG_BATCH_BEGIN,	  NFNL_MSG_BATCH_END, PKTT_SUBSYS_BUS << 8,
		PKTT_SUBSYS_BUS << 8 | 1, NLMSG_NOOP,	      TOY << 8 | TOY_LATER,
	};
	uint16_t type = types[chance(9)];
	size_t from = out.len;
	struct nlmsghdr *nlh = letter_put(&out, type, (uint16_t)chance(8), chance(1000));

	((struct nfgenmsg *)NLMSG_DATA(nlh))->res_id = htons(chance(4) ? TOY : 9);
	if (chance(3))
		letter_u32(&out, nlh, TOYA_NUMBER, chance(200));
	if (!chance(20))
		nlh->nlmsg_flags |= NLM_F_DUMP;
	if (!chance(30))
		nlh->nlmsg_len += chance(9) - 4;
	if (!chance(30))
		out.data[from + chance((uint32_t)(out.len - from))] ^= (uint8_t)chance(256);
}

/* Whatever comes: transactions are closed, and every program is forgotten in the end. */
static void random_streams(void **state)
{
	unsigned int made = 1;
	int other[8];

	(void)state;
	seed = 42;
	for (unsigned int i = 0; i < 8; i++, made++)
		other[i] = program_new(&toy, i ? ALL : PKTT_RIGHT_VIEW);
	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int who = chance(8);

		for (uint32_t n = chance(6) + 1; n; n--)
			random_message();
		(void)!send(other[who], out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		out.len = 0;
		assert_int_equal(nfnl_run(toy.bus, chance(3) ? 50 : 0), 0);
		if (chance(3))
			(void)!recv(other[who], in.data, sizeof(in.data), MSG_DONTWAIT);
		if (!chance(50)) {
			close(other[who]);
			other[who] = program_new(&toy, ALL);
			made++;
		}
	}
	for (unsigned int i = 0; i < 8; i++)
		close(other[i]);
	go();
	assert_int_equal(toy.forgotten, made - 1);
	assert_int_equal(toy.begun, toy.committed + toy.aborted);
	assert_true(toy.committed > 50 && toy.aborted > 50);
	in.len = out.len = 0;
}

#define TEST(x) cmocka_unit_test_setup_teardown(x, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lengths),
		TEST(kinds),
		TEST(attributes),
		TEST(deep_nests),
		TEST(places),
		TEST(garbage_behind),
		cmocka_unit_test(too_long),
		TEST(refused_batches),
		TEST(spoilt_batch),
		TEST(view_only),
		cmocka_unit_test(too_big),
		TEST(many_errors),
		TEST(killed),
		TEST(sent_and_gone),
		TEST(turns),
		TEST(when_idle),
		TEST(unread_answers),
		TEST(random_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

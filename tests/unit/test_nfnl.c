/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus: dispatch, answers, errors, transactions, dumps, groups, over real sockets. */
#include "nfnl_bench.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct toy toy;
static struct letter out, in;
static int fd;

static int setup(void **state)
{
	(void)state;
	in.len = out.len = 0;
	assert_int_equal(toy_new(&toy, NULL), 0);
	fd = program_new(&toy, PKTT_RIGHT_VIEW | PKTT_RIGHT_ELEMENTS | PKTT_RIGHT_ALL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(fd);
	toy_free(&toy);
	assert_false(toy.is_open);
	return 0;
}

static void run(void)
{
	letter_send(&out, fd);
	assert_int_equal(nfnl_run(toy.bus, 0), 0);
}

static void singles(void **state)
{
	(void)state;
	letter_add(&out, NLM_F_ACK, 1, 5);
	letter_add(&out, 0, 2, 6);
	letter_add(&out, 0, 3, 6);
	letter_put(&out, TOY << 8 | TOY_GET, 0, 4);
	run();
	expect_ack(&in, fd, 1, 0);
	assert_string_equal(expect_ack(&in, fd, 3, -EEXIST), "6 is there");
	assert_int_equal(letter_next(&in, fd)->nlmsg_type, TOY << 8 | TOY_GET);
	expect_nothing(&in, fd);
	assert_int_equal(toy.count, 2);
}

static void hello(void **state)
{
	struct nlmsghdr *nlh =
		letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_HELLO, NLM_F_ACK, 9);
	const struct nlmsghdr *got;

	(void)state;
	letter_u32(&out, nlh, PKTTB_PORT, 4711);
	run();
	got = letter_next(&in, fd);
	assert_int_equal(got->nlmsg_type, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_HELLO);
	assert_int_equal(got->nlmsg_pid, 4711);
	assert_int_equal(got->nlmsg_seq, 9);
	expect_ack(&in, fd, 9, 0);
}

static void transactions(void **state)
{
	(void)state;
	letter_batch(&out, NFNL_MSG_BATCH_BEGIN, 0, 1, TOY);
	letter_add(&out, NLM_F_ACK, 2, 5);
	letter_add(&out, 0, 3, 6);
	letter_batch(&out, NFNL_MSG_BATCH_END, NLM_F_ACK, 4, TOY);
	run();
	expect_ack(&in, fd, 2, 0);
	expect_ack(&in, fd, 4, 0);
	expect_nothing(&in, fd);
	assert_int_equal(toy.count, 2);
	letter_batch(&out, NFNL_MSG_BATCH_BEGIN, 0, 1, TOY);
	letter_add(&out, NLM_F_ACK, 2, 7);
	letter_add(&out, 0, 3, 13);
	letter_add(&out, 0, 4, 6);
	run(); /* in two datagrams */
	assert_int_equal(toy.begun, 1);
	letter_batch(&out, NFNL_MSG_BATCH_END, NLM_F_ACK, 5, TOY);
	run();
	assert_string_equal(expect_ack(&in, fd, 3, -ERANGE), "13 is not wanted");
	expect_ack(&in, fd, 4, -EEXIST);
	expect_ack(&in, fd, 5, -ECANCELED);
	expect_nothing(&in, fd);
	assert_int_equal(toy.count, 2);
	assert_int_equal(toy.aborted, 1);
}

static void dumps(void **state)
{
	unsigned int n = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		toy.has[1000 + i] = true;
	letter_put(&out, TOY << 8 | TOY_GET, NLM_F_DUMP, 4);
	letter_put(&out, TOY << 8 | TOY_GET, 0, 5);
	run();
	for (;;) {
		const struct nlmsghdr *nlh = letter_next(&in, fd);

		if (!nlh) {
			assert_int_equal(nfnl_run(toy.bus, 0), 0);
			nlh = letter_next(&in, fd);
		}
		assert_non_null(nlh);
		assert_int_equal(nlh->nlmsg_seq, 4);
		assert_int_equal(nlh->nlmsg_flags, NLM_F_MULTI);
		if (nlh->nlmsg_type == NLMSG_DONE)
			break;
		n++;
	}
	assert_int_equal(n, 1000);
	assert_int_equal(nfnl_run(toy.bus, 0), 0);
	assert_int_equal(letter_next(&in, fd)->nlmsg_seq, 5);
}

static void events(void **state)
{
	int listener = program_new(&toy, PKTT_RIGHT_VIEW);
	struct nlmsghdr *nlh = letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_JOIN, NLM_F_ACK, 1);
	const struct nlmsghdr *got;

	(void)state;
	letter_u32(&out, nlh, PKTTB_GROUP, TOY_GROUP);
	letter_send(&out, listener);
	assert_int_equal(nfnl_run(toy.bus, 0), 0);
	expect_ack(&in, listener, 1, 0);
	assert_int_equal(toy.heard, 1);
	letter_add(&out, 0, 1, 5);
	letter_add(&out, 0, 2, 6);
	run();
	in.len = 0;
	got = letter_next(&in, listener);
	assert_int_equal(got->nlmsg_type, TOY << 8 | TOY_ADD);
	assert_int_equal(got->nlmsg_pid, 0);
	assert_int_equal(letter_next(&in, listener)->nlmsg_type, TOY << 8 | TOY_ADD);
	expect_nothing(&in, listener);
	letter_add(&out, 0, 3, 7);
	letter_send(&out, listener); /* who may only look */
	assert_int_equal(nfnl_run(toy.bus, 0), 0);
	expect_ack(&in, listener, 3, -EPERM);
	close(listener);
	assert_int_equal(nfnl_run(toy.bus, 0), 0);
	assert_int_equal(toy.forgotten, 1);
	assert_int_equal(toy.unheard, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(singles, setup, teardown),
		cmocka_unit_test_setup_teardown(hello, setup, teardown),
		cmocka_unit_test_setup_teardown(transactions, setup, teardown),
		cmocka_unit_test_setup_teardown(dumps, setup, teardown),
		cmocka_unit_test_setup_teardown(events, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

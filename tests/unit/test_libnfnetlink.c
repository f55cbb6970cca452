/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libnfnetlink against the bus, which runs in a thread of its own. */
#include "nfnl_bench.h"

#include <libnfnetlink/libnfnetlink.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct toy toy;
static pthread_t thread;
static char folder[] = "/tmp/pktt-nfl-XXXXXX", path[64];
static bool is_over;
static struct nfl *nl;
static struct nfl_error err;

static void end(void *ctx)
{
	(void)ctx;
	is_over = true;
}

static void *serve(void *ctx)
{
	struct pollfd poller = { .fd = nfnl_fd(toy.bus), .events = POLLIN };

	(void)ctx;
	while (!is_over) {
		poll(&poller, 1, -1);
		assert_int_equal(nfnl_run(toy.bus, 2000), 0);
	}
	return NULL;
}

static int start(const struct nfnl_config *config)
{
	strcpy(folder, "/tmp/pktt-nfl-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	is_over = false;
	assert_int_equal(toy_new(&toy, config), 0);
	assert_int_equal(nfnl_listen(toy.bus, path, 0660, (gid_t)-1, 7, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
	return 0;
}

static int setup(void **state)
{
	struct nfl_options options = { .path = path };

	(void)state;
	start(NULL);
	assert_int_equal(nfl_open(&nl, &options, &err), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nfl_close(&nl);
	assert_int_equal(nfnl_post(toy.bus, end, NULL), 0);
	pthread_join(thread, NULL);
	toy_free(&toy);
	assert_int_equal(access(path, F_OK), -1); /* its socket has gone with it */
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

static struct nlmsghdr *message(uint16_t what, uint32_t number)
{
	struct nlmsghdr *nlh = nfl_begin(nl, 64, (uint16_t)(TOY << 8 | what), 0, 0);

	assert_non_null(nlh);
	assert_true(mnl_attr_put_u32_check(nlh, nfl_room(nl), TOYA_NUMBER, htonl(number)));
	return nlh;
}

static int add(uint32_t number)
{
	return nfl_call(nl, message(TOY_ADD, number), NULL, NULL, &err);
}

static int read_count(void *ctx, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr = mnl_nlmsg_get_payload_offset(nlh, sizeof(struct nfgenmsg));

	*(uint32_t *)ctx = ntohl(mnl_attr_get_u32(attr));
	return 0;
}

static uint32_t count(void)
{
	uint32_t n = 0;

	assert_int_equal(nfl_call(nl, message(TOY_GET, 0), read_count, &n, &err), 0);
	return n;
}

static void calls(void **state)
{
	(void)state;
	assert_int_equal(nfl_rights(nl), 7);
	assert_int_equal(nfl_port(nl), getpid());
	assert_int_equal(add(1), 0);
	assert_int_equal(add(1), -EEXIST);
	assert_string_equal(err.text, "1 is there");
	assert_int_equal(add(13), -ERANGE);
	assert_int_equal(err.code, -ERANGE);
	assert_int_equal(err.offset, 20);
	assert_int_equal(err.line, 7);
	assert_int_equal(err.column, 8);
	assert_int_equal(add(100000), -E2BIG);
	assert_string_equal(err.text, strerror(E2BIG));
	assert_int_equal(count(), 1);
}

static void nobody(void **state)
{
	struct nfl_options options = { .path = "/nonexistent/socket" };
	struct nfl *other = NULL;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0), pair[2];

	(void)state;
	assert_int_equal(nfl_open(&other, &options, &err), -ENOENT);
	assert_string_equal(err.text, "there is no pkttd: /nonexistent/socket does not exist");
	close(fd);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	close(pair[1]);
	assert_int_equal(nfl_open_fd(&other, pair[0], NULL, &err), -ENOTCONN);
	setenv("PKTT_SOCKET", "/nonexistent/too", 1);
	assert_int_equal(nfl_open(&other, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/too"));
	unsetenv("PKTT_SOCKET");
	assert_null(other);
}

static void silent(void **state)
{
	struct nfl *other = NULL;
	int pair[2];

	(void)state;
	nfl_set_timeout(nl, 20);
	assert_int_equal(nfl_call(nl, message(TOY_LATER, 0), NULL, NULL, &err), -ETIMEDOUT);
	assert_int_equal(add(3), 0); /* the connection is of use still */
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_true(send(pair[1], "nonsense", 8, 0) == 8);
	assert_int_equal(nfl_open_fd(&other, pair[0], NULL, &err), -EBADMSG);
	close(pair[1]);
}

struct listing {
	unsigned int n, restarts;
};

static int listed(void *ctx, const struct nlmsghdr *nlh)
{
	struct listing *listing = ctx;

	(void)nlh;
	return ++listing->n == 500000 ? -EDOM : 0;
}

/* The state is put right by what the bus' thread does between two dumps. */
static void again(void *ctx)
{
	struct listing *listing = ctx;

	listing->n = 0;
	listing->restarts++;
	__atomic_store_n(&toy.is_restless, listing->restarts < 2, __ATOMIC_RELEASE);
}

static void dumps(void **state)
{
	struct listing listing = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 3000; i++)
		toy.has[1000 + i] = true;
	assert_int_equal(nfl_dump(nl, message(TOY_GET, 0), listed, again, 5, &listing, &err), 0);
	assert_int_equal(listing.n, 3000);
	assert_int_equal(listing.restarts, 0);
	toy.is_restless = true;
	listing.n = 0;
	assert_int_equal(nfl_dump(nl, message(TOY_GET, 0), listed, again, 5, &listing, &err), 0);
	assert_int_equal(listing.n, 3000);
	assert_int_equal(listing.restarts, 2);
	toy.is_restless = true;
	assert_int_equal(nfl_dump(nl, message(TOY_GET, 0), listed, NULL, 5, &listing, &err), 1);
	toy.is_restless = false;
	toy.has[13] = true;
	assert_int_equal(nfl_dump(nl, message(TOY_GET, 0), listed, NULL, 1, &listing, &err), -EIO);
}

struct heard {
	unsigned int events, gaps, acks, errors, answers;
	uint64_t lost;
};

static void on_event(void *ctx, const struct nlmsghdr *nlh)
{
	struct heard *heard = ctx;

	assert_int_equal(nlh->nlmsg_type, TOY << 8 | TOY_ADD);
	heard->events++;
}

static void on_gap(void *ctx, uint32_t group, uint64_t lost)
{
	struct heard *heard = ctx;

	assert_int_equal(group, TOY_GROUP);
	heard->gaps++;
	heard->lost += lost;
}

static void on_answer(void *ctx, const struct nlmsghdr *nlh)
{
	struct heard *heard = ctx;

	(void)nlh;
	heard->answers++;
}

static void on_done(void *ctx, uint32_t seq, const struct nfl_error *why)
{
	struct heard *heard = ctx;

	assert_true(seq);
	if (why->code)
		heard->errors++;
	else
		heard->acks++;
}

static struct nfl_handler handler_of(struct heard *heard)
{
	return (struct nfl_handler){ on_event, on_gap, on_answer, on_done, heard };
}

/* More than any buffer between holds, of which every one is answered: neither side may hang. */
static void pipeline(void **state)
{
	struct heard heard = { 0 };
	struct nfl_handler handler = handler_of(&heard);

	(void)state;
	nfl_set_handler(nl, &handler);
	for (uint32_t i = 0; i < 100000; i++) {
		struct nlmsghdr *nlh = message(i % 100 ? TOY_ADD : TOY_GET, i < 4000 ? i : 13);

		nlh->nlmsg_flags |= NLM_F_ACK;
		assert_int_equal(nfl_send(nl, nlh, &err), 0);
	}
	assert_int_equal(nfl_drain(nl, &err), 0);
	assert_int_equal(heard.answers, 1000);
	assert_int_equal(heard.acks, 1000 + 3960 - 1);
	assert_int_equal(heard.errors, 99000 - 3960 + 1);
}

static void pieces(void **state)
{
	struct heard heard = { 0 };
	struct nfl_handler handler = handler_of(&heard);
	uint8_t bytes[256];
	struct nlmsghdr *nlh;
	size_t len = 0;

	(void)state;
	nfl_set_handler(nl, &handler);
	for (uint32_t i = 0; i < 3; i++) {
		nlh = message(TOY_ADD, i);
		nlh->nlmsg_flags |= NLM_F_ACK;
		memcpy(bytes + len, nlh, nlh->nlmsg_len);
		len += nlh->nlmsg_len;
	}
	assert_int_equal(
		nfl_sendv(nl, (struct iovec[]){ { bytes, 10 }, { bytes + 10, len - 10 } }, 2, &err),
		0);
	assert_int_equal(nfl_flush(nl, &err), 0);
	assert_int_equal(nfl_drain(nl, &err), 0);
	assert_int_equal(heard.acks, 3);
	assert_int_equal(nfl_sendv(nl, &(struct iovec){ bytes, 10 }, 1, &err), -EINVAL);
}

static void events(void **state)
{
	struct heard heard = { 0 };
	struct nfl_handler handler = handler_of(&heard);

	(void)state;
	nfl_set_handler(nl, &handler);
	assert_int_equal(nfl_join(nl, TOY_GROUP, &err), 0);
	assert_int_equal(nfl_join(nl, 5000, &err), -EINVAL);
	assert_string_equal(err.text, "there is no group 5000");
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(add(20 + i), 0);
	while (heard.events < 10)
		assert_true(nfl_receive(nl, 1000, &err) > 0);
	assert_int_equal(nfl_receive(nl, 0, &err), 0);
	assert_int_equal(nfl_receive(nl, 5, &err), 0);
	assert_int_equal(nfl_leave(nl, TOY_GROUP, &err), 0);
	assert_int_equal(add(100), 0);
	assert_int_equal(nfl_receive(nl, 20, &err), 0);
	assert_int_equal(heard.events, 10);
}

struct refusals {
	unsigned int n;
	uint32_t last;
};

static void on_refused(void *ctx, const struct nfl_error *why)
{
	struct refusals *refusals = ctx;

	refusals->n++;
	refusals->last = why->seq;
}

static void transactions(void **state)
{
	struct refusals refusals = { 0 };
	struct nfl_txn *txn = NULL, *second = NULL;
	struct nlmsghdr *nlh;
	uint32_t seq = 0;

	(void)state;
	assert_int_equal(nfl_txn_begin(&txn, nl, TOY, NULL, &err), 0);
	assert_int_equal(nfl_txn_begin(&second, nl, TOY, NULL, &err), -EBUSY);
	for (uint32_t i = 0; i < 4000; i++)
		if (i != 13)
			assert_int_equal(nfl_txn_add(txn, message(TOY_ADD, i), &err), 0);
	assert_int_equal(nfl_call(nl, message(TOY_GET, 0), NULL, NULL, &err), -EBUSY);
	assert_int_equal(nfl_txn_commit(txn, NULL, NULL, NULL, &err), 0);
	assert_int_equal(nfl_txn_add(txn, message(TOY_ADD, 1), &err), -ENOTCONN);
	nfl_txn_free(&txn);
	assert_int_equal(count(), 3999);

	assert_int_equal(nfl_txn_begin(&txn, nl, TOY, nfl_txn_message(nl, TOY, false), &err), 0);
	for (uint32_t i = 3998; i < 4010; i++) {
		nlh = message(TOY_ADD, i);
		seq = i == 3999 ? nlh->nlmsg_seq : seq;
		assert_int_equal(nfl_txn_add(txn, nlh, &err), 0);
	}
	assert_int_equal(nfl_txn_commit(txn, NULL, on_refused, &refusals, &err), -EEXIST);
	assert_int_equal(err.seq, seq - 1);
	assert_string_equal(err.text, "3998 is there");
	assert_int_equal(refusals.n, 2);
	assert_int_equal(refusals.last, seq);
	nfl_txn_free(&txn);
	assert_int_equal(count(), 3999);
}

static void given_up(void **state)
{
	struct nfl_txn *txn = NULL;

	(void)state;
	assert_int_equal(nfl_txn_begin(&txn, nl, TOY, NULL, &err), 0);
	for (uint32_t i = 20; i < 4000; i++)
		assert_int_equal(nfl_txn_add(txn, message(TOY_ADD, i), &err), 0);
	nfl_txn_free(&txn);
	assert_int_equal(count(), 0);
	assert_int_equal(toy.begun, 0);
	assert_int_equal(nfl_txn_begin(&txn, nl, TOY + 1, NULL, &err), 0);
	assert_int_equal(nfl_txn_commit(txn, NULL, NULL, NULL, &err), -EOPNOTSUPP);
	nfl_txn_free(&txn);
	toy.refuses_begin = true;
	assert_int_equal(nfl_txn_begin(&txn, nl, TOY, NULL, &err), 0);
	assert_int_equal(nfl_txn_commit(txn, nfl_txn_message(nl, TOY, true), NULL, NULL, &err),
			 -ESTALE);
	assert_string_equal(err.text, "not now");
	nfl_txn_free(&txn);
	toy.refuses_begin = false;
	toy.refuses_commit = true;
	assert_int_equal(nfl_txn_begin(&txn, nl, TOY, NULL, &err), 0);
	assert_int_equal(nfl_txn_commit(txn, NULL, NULL, NULL, &err), -ELOOP);
	nfl_txn_free(&txn);
}

/* The connection closes under an open transaction. */
static void closed(void **state)
{
	struct nfl_options options = { .path = path };
	struct nfl_txn *txn = NULL;

	(void)state;
	assert_int_equal(nfl_txn_begin(&txn, nl, TOY, NULL, &err), 0);
	assert_int_equal(nfl_txn_add(txn, message(TOY_ADD, 1), &err), 0);
	nfl_close(&nl);
	assert_int_equal(nfl_txn_commit(txn, NULL, NULL, NULL, &err), -ENOTCONN);
	nfl_txn_free(&txn);
	assert_int_equal(nfl_open(&nl, &options, &err), 0);
	assert_int_equal(count(), 0);
}

static void slow_listener(void **state)
{
	struct nfl_options options = { .path = path, .room = 8192 };
	struct heard heard = { 0 };
	struct nfl_handler handler = handler_of(&heard);
	struct nfl *slow = NULL;

	(void)state;
	assert_int_equal(nfl_open(&slow, &options, &err), 0);
	nfl_set_handler(slow, &handler);
	assert_int_equal(nfl_join(slow, TOY_GROUP, &err), 0);
	toy.event_bytes = 4096; /* so that they do not all fit in the socket */
	for (uint32_t i = 20; i < 1020; i++)
		assert_int_equal(add(i), 0);
	while (heard.events + heard.lost < 1000)
		assert_true(nfl_receive(slow, 1000, &err) > 0);
	assert_int_equal(heard.events + heard.lost, 1000);
	assert_int_equal(heard.gaps, 1);
	assert_true(heard.lost > 100);
	assert_int_equal(add(2000), 0);
	assert_true(nfl_receive(slow, 1000, &err) > 0);
	assert_int_equal(heard.events + heard.lost, 1001);
	nfl_close(&slow);
}

static void too_many(void **state)
{
	struct nfnl_config config = { .peers_max = 2 };
	struct nfl_options options = { .path = path };
	struct nfl *second = NULL, *third = NULL;

	start(&config);
	assert_int_equal(nfl_open(&nl, &options, &err), 0);
	assert_int_equal(nfl_open(&second, &options, &err), 0);
	assert_int_equal(nfl_open(&third, &options, &err), -EUSERS);
	assert_string_equal(err.text, "2 programs are connected, and no more are let in");
	nfl_close(&second);
	teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(calls, setup, teardown),
		cmocka_unit_test(nobody),
		cmocka_unit_test_setup_teardown(silent, setup, teardown),
		cmocka_unit_test_setup_teardown(dumps, setup, teardown),
		cmocka_unit_test_setup_teardown(pipeline, setup, teardown),
		cmocka_unit_test_setup_teardown(pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(events, setup, teardown),
		cmocka_unit_test_setup_teardown(transactions, setup, teardown),
		cmocka_unit_test_setup_teardown(given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(closed, setup, teardown),
		cmocka_unit_test_setup_teardown(slow_listener, setup, teardown),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections over the bus: libctnetlink on one side of a real socket, the subsystem and an engine on the
 * other, in a thread of its own. That the bytes are the kernel's, tests/oracle/ct_wire.py shows.
 */
#include "ct_bench.h"

#include "bus/sub.h"
#include "wire/ct.h"

#include <libctnetlink/libctnetlink.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct ct_bench bench;
static struct nfnl *bus;
static struct sub_ct *sub;
static struct ctnl *nl, *viewer;
static pthread_t thread;
static bool stops;

static void *serve(void *ctx)
{
	(void)ctx;
	while (!__atomic_load_n(&stops, __ATOMIC_ACQUIRE)) {
		struct pollfd fd = { .fd = nfnl_fd(bus), .events = POLLIN };

		(void)poll(&fd, 1, 1);
		sub_ct_drain(sub);
		if (nfnl_run(bus, 0))
			abort();
	}
	return NULL;
}

static int peer(unsigned int rights)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	assert_int_equal(nfnl_adopt(bus, fd[0], rights), 0);
	return fd[1];
}

static int setup(void **state)
{
	struct nfnl_config config = { .event_room = 1 << 24, .event_room_max = 1 << 24 };
	int fd[2];

	(void)state;
	ct_bench_init(&bench);
	ct_bench_start(&bench);
	assert_int_equal(nfnl_new(&bus, &config, NULL), 0);
	assert_int_equal(sub_ct_new(&sub, bus, bench.ct, 3, NULL), 0);
	fd[0] = peer(PKTT_RIGHT_VIEW | PKTT_RIGHT_ALL);
	fd[1] = peer(PKTT_RIGHT_VIEW);
	stops = false;
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
	assert_int_equal(ctnl_open_fd(&nl, fd[0], NULL), 0);
	assert_int_equal(ctnl_open_fd(&viewer, fd[1], NULL), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	__atomic_store_n(&stops, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	ctnl_close(&nl);
	ctnl_close(&viewer);
	nfnl_free(&bus);
	sub_ct_free(&sub);
	ct_bench_fini(&bench);
	return 0;
}

/* A TCP connection from 10.0.0.1 to 10.0.0.2. */
static struct ctnl_conn *tcp(uint16_t sport, uint16_t dport)
{
	static const uint8_t src[4] = { 10, 0, 0, 1 }, dst[4] = { 10, 0, 0, 2 };
	struct ctnl_conn *conn = ctnl_conn_new();

	assert_non_null(conn);
	assert_int_equal(ctnl_conn_set_addr(conn, CTNL_ORIG_SRC, src, 4), 0);
	assert_int_equal(ctnl_conn_set_addr(conn, CTNL_ORIG_DST, dst, 4), 0);
	assert_int_equal(ctnl_conn_set(conn, CTNL_PROTOCOL, 6), 0);
	assert_int_equal(ctnl_conn_set(conn, CTNL_ORIG_SPORT, sport), 0);
	assert_int_equal(ctnl_conn_set(conn, CTNL_ORIG_DPORT, dport), 0);
	ctnl_conn_complete(conn);
	return conn;
}

static int add(struct ctnl *to, uint16_t sport, uint32_t mark)
{
	struct ctnl_conn *conn = tcp(sport, 80);
	int r;

	ctnl_conn_set(conn, CTNL_TIMEOUT, 300);
	ctnl_conn_set(conn, CTNL_MARK, mark);
	ctnl_conn_set(conn, CTNL_STATE, 3);
	r = ctnl_conn_create(to, conn, NULL);
	ctnl_conn_free(&conn);
	return r;
}

/* --- Objects --------------------------------------------------------------------------------------- */

static void objects(void **state)
{
	static const uint8_t v4[4] = { 1, 2, 3, 4 }, v6[16] = { 0x20, 1 };
	struct ctnl_conn *conn = ctnl_conn_new(), *copy;
	uint8_t addr[16];

	(void)state;
	assert_false(ctnl_conn_has(conn, CTNL_FAMILY));
	assert_false(ctnl_conn_has(conn, CTNL_ORIG_SPORT));
	assert_int_equal(ctnl_conn_get_addr(conn, CTNL_ORIG_SRC, addr), 0);
	assert_int_equal(ctnl_conn_set_addr(conn, CTNL_ORIG_SRC, v4, 4), 0);
	assert_int_equal(ctnl_conn_get(conn, CTNL_FAMILY), AF_INET);
	assert_int_equal(ctnl_conn_set_addr(conn, CTNL_ORIG_DST, v6, 16), -EINVAL);
	assert_int_equal(ctnl_conn_set_addr(conn, CTNL_MARK, v4, 4), -EINVAL);
	assert_int_equal(ctnl_conn_set(conn, CTNL_ORIG_SPORT, 65536), -ERANGE);
	assert_int_equal(ctnl_conn_set(conn, CTNL_ORIG_SPORT, 443), 0);
	assert_int_equal(ctnl_conn_get(conn, CTNL_ORIG_SPORT), 443);
	assert_int_equal(ctnl_conn_set(conn, CTNL_HELPER, 1), -EINVAL);
	assert_int_equal(ctnl_conn_set_text(conn, CTNL_HELPER, "a-name-of-sixteen"), -ENAMETOOLONG);
	assert_int_equal(ctnl_conn_set_text(conn, CTNL_HELPER, "ftp"), 0);
	assert_string_equal(ctnl_conn_get_text(conn, CTNL_HELPER), "ftp");
	assert_null(ctnl_conn_get_text(conn, CTNL_SECCTX));
	assert_int_equal(ctnl_conn_set(conn, CTNL_ATTR_COUNT, 1), -EINVAL);
	copy = ctnl_conn_copy(conn);
	ctnl_conn_free(&conn);
	assert_int_equal(ctnl_conn_get_addr(copy, CTNL_ORIG_SRC, addr), 4);
	assert_memory_equal(addr, v4, 4);
	ctnl_conn_free(&copy);
	assert_null(copy);
}

/* Numbers that do not repeat, of a view's every byte. */
static void draw(struct ct_view *v, unsigned int *seed)
{
	uint8_t *byte = (uint8_t *)v;

	memset(v, 0, sizeof(*v));
	for (size_t i = 0; i < sizeof(*v); i++)
		byte[i] = (uint8_t)rand_r(seed);
	for (unsigned int i = 0; i < 2; i++) {
		v->tuple[i].family = (uint8_t)(*seed >> 5 & 1);
		v->tuple[i].protocol = 6;
	}
	v->master.family = v->tuple[0].family;
	v->master.protocol = 17;
	v->status = 0; /* a flow that is elsewhere has no timeout */
	v->has &= CTV_ORIG | CTV_REPLY | CTV_MASTER | CTV_ZONE | CTV_TIMEOUT | CTV_MARK | CTV_ID |
		  CTV_USE | CTV_COUNTER_0 | CTV_COUNTER_1 | CTV_LABEL | CTV_SEQADJ_0 |
		  CTV_SEQADJ_1 | CTV_SYNPROXY | CTV_MARK_MASK | CTV_STATUS_MASK;
	v->has |= CTV_ORIG | CTV_REPLY;
}

/* What is encoded, decoded and encoded again is the same bytes. */
static void there_and_back(void **state)
{
	uint64_t room[2][CT_WIRE_ROOM / 8];
	unsigned int seed = 1;

	(void)state;
	for (unsigned int round = 0; round < 2000; round++) {
		struct nlmsghdr *a = (void *)room[0], *b = (void *)room[1];
		struct ct_view v, again;

		draw(&v, &seed);
		memset(room, 0, sizeof(room));
		a->nlmsg_len = b->nlmsg_len = NLMSG_LENGTH(sizeof(struct nfgenmsg));
		*(uint8_t *)NLMSG_DATA(a) = *(uint8_t *)NLMSG_DATA(b) =
			ct_wire_family(v.tuple[0].family);
		assert_int_equal(ct_encode(a, CT_WIRE_ROOM, &v, CT_ORDER_DUMP), 0);
		assert_int_equal(ct_decode(a, &again, NULL), 0);
		assert_int_equal(again.has, v.has);
		assert_int_equal(ct_encode(b, CT_WIRE_ROOM, &again, CT_ORDER_DUMP), 0);
		assert_int_equal(a->nlmsg_len, b->nlmsg_len);
		assert_memory_equal(a, b, a->nlmsg_len);
		/* Cut short it is an error or less, and never more. */
		a->nlmsg_len -= (uint32_t)(rand_r(&seed) % (int)(a->nlmsg_len - 20));
		(void)ct_decode(a, &again, NULL);
		assert_int_equal(ct_encode(b, b->nlmsg_len + 3, &v, CT_ORDER_DUMP), -EMSGSIZE);
	}
}

/* --- Requests --------------------------------------------------------------------------------------- */

static int take(void *ctx, const struct ctnl_conn *conn)
{
	struct ctnl_conn **ret = ctx;

	ctnl_conn_free(ret);
	*ret = ctnl_conn_copy(conn);
	return 0;
}

static int count_one(void *ctx, const struct ctnl_conn *conn)
{
	(void)conn;
	++*(unsigned int *)ctx;
	return 0;
}

static unsigned int listed(const struct ctnl_conn *filter)
{
	unsigned int n = 0;

	assert_int_equal(ctnl_conn_dump(nl, filter, 0, count_one, &n, NULL), 0);
	return n;
}

static void requests(void **state)
{
	struct ctnl_conn *conn = tcp(1, 80), *found = NULL, *filter = ctnl_conn_new();
	struct ctnl_error err;
	uint32_t count, max;

	(void)state;
	assert_int_equal(add(nl, 1, 7), 0);
	assert_int_equal(add(nl, 1, 7), -EEXIST);
	assert_int_equal(add(nl, 2, 8), 0);
	assert_int_equal(ctnl_conn_find(nl, conn, take, &found, NULL), 0);
	assert_int_equal(ctnl_conn_get(found, CTNL_MARK), 7);
	assert_int_equal(ctnl_conn_get(found, CTNL_TIMEOUT), 300);
	assert_int_equal(ctnl_conn_get(found, CTNL_REPLY_DPORT), 1);
	ctnl_conn_set(conn, CTNL_MARK, 9);
	assert_int_equal(ctnl_conn_update(nl, conn, NULL), 0);
	assert_int_equal(ctnl_conn_find(nl, conn, take, &found, NULL), 0);
	assert_int_equal(ctnl_conn_get(found, CTNL_MARK), 9);
	assert_int_equal(listed(NULL), 2);
	ctnl_conn_set(filter, CTNL_MARK, 9);
	assert_int_equal(listed(filter), 1);
	ctnl_conn_set(filter, CTNL_STATE, 4);
	assert_int_equal(listed(filter), 0);
	assert_int_equal(ctnl_conn_flush(nl, filter, &err), -EOPNOTSUPP);
	assert_int_equal(ctnl_conn_count(nl, &count, &max, NULL), 0);
	assert_int_equal(count, 2);
	assert_int_equal(max, 262144);
	ctnl_conn_set(conn, CTNL_ID, ctnl_conn_get(found, CTNL_ID) + 1);
	assert_int_equal(ctnl_conn_delete(nl, conn, NULL), -ENOENT);
	assert_int_equal(ctnl_conn_delete(nl, found, NULL), 0);
	assert_int_equal(ctnl_conn_delete(nl, found, &err), -ENOENT);
	assert_string_equal(err.text, "there is no such connection");
	assert_int_equal(listed(NULL), 1);
	ctnl_conn_free(&conn);
	ctnl_conn_free(&found);
	ctnl_conn_free(&filter);
}

/* Who may only look changes nothing. */
static void rights(void **state)
{
	struct ctnl_conn *conn = tcp(1, 80);
	unsigned int n = 0;

	(void)state;
	assert_int_equal(add(nl, 1, 7), 0);
	assert_int_equal(add(viewer, 2, 7), -EPERM);
	assert_int_equal(ctnl_conn_update(viewer, conn, NULL), -EPERM);
	assert_int_equal(ctnl_conn_delete(viewer, conn, NULL), -EPERM);
	assert_int_equal(ctnl_conn_flush(viewer, NULL, NULL), -EPERM);
	assert_int_equal(ctnl_expect_flush(viewer, NULL, NULL), -EPERM);
	assert_int_equal(ctnl_conn_dump(viewer, NULL, CTNL_ZERO, count_one, &n, NULL), -EPERM);
	assert_int_equal(ctnl_conn_dump(viewer, NULL, 0, count_one, &n, NULL), 0);
	assert_int_equal(n, 1);
	ctnl_conn_free(&conn);
}

/* --- Many --------------------------------------------------------------------------------- */

enum { MANY = 30000 };
struct seen {
	uint8_t times[MANY];
	uint32_t n;
	bool stops;
};

static int see(void *ctx, const struct ctnl_conn *conn)
{
	struct seen *seen = ctx;
	uint8_t src[16];
	uint32_t n;

	ctnl_conn_get_addr(conn, CTNL_ORIG_SRC, src);
	n = (uint32_t)src[2] << 16 | (uint32_t)ctnl_conn_get(conn, CTNL_ORIG_SPORT);
	if (n < MANY)
		seen->times[n]++;
	return 0;
}

static void *disturb(void *ctx)
{
	struct seen *seen = ctx;

	for (uint32_t i = MANY; !__atomic_load_n(&seen->stops, __ATOMIC_ACQUIRE); i++) {
		struct conn *conn = ct_bench_conn(&bench, i, 0, NULL);

		if (i % 3)
			(void)ct_query_delete(bench.ct, conn);
		conn_put(conntrack_db(bench.ct), &conn);
		if (i == MANY + 100000)
			break;
	}
	return NULL;
}

/* Others come and go meanwhile: who stays is in the dump exactly once. */
static void dump_under_change(void **state)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	pthread_t other;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		struct conn *conn = ct_bench_conn(&bench, i, 0, NULL);

		conn_put(conntrack_db(bench.ct), &conn);
	}
	assert_int_equal(pthread_create(&other, NULL, disturb, seen), 0);
	for (unsigned int round = 1; round < 4; round++) {
		assert_int_equal(ctnl_conn_dump(nl, NULL, 0, see, seen, NULL), 0);
		for (uint32_t i = 0; i < MANY; i++)
			assert_int_equal(seen->times[i], round);
	}
	__atomic_store_n(&seen->stops, true, __ATOMIC_RELEASE);
	pthread_join(other, NULL);
	free(seen);
}

struct heard {
	unsigned int kinds[4];
	uint32_t mark;
};

static void hear(void *ctx, enum ctnl_kind kind, const struct ctnl_conn *conn, uint32_t port)
{
	struct heard *heard = ctx;

	(void)port;
	heard->kinds[kind]++;
	if (ctnl_conn_has(conn, CTNL_MARK))
		heard->mark = (uint32_t)ctnl_conn_get(conn, CTNL_MARK);
}

static void listen_to(struct ctnl *who, struct heard *heard)
{
	struct ctnl_handler handler = { .conn = hear, .ctx = heard };

	assert_int_equal(ctnl_listen(who, CTNL_EVENT_CONNS, &handler, NULL), 0);
}

static void wait_for(struct ctnl *who, const unsigned int *count, unsigned int wanted)
{
	for (unsigned int i = 0; i < 60000 && *count < wanted; i++)
		assert_true(ctnl_receive(who, 1, NULL) >= 0);
	assert_int_equal(*count, wanted);
}

static void events(void **state)
{
	struct heard one = { 0 }, two = { 0 };
	struct ctnl_conn *conn = tcp(5, 80);

	(void)state;
	listen_to(nl, &one);
	listen_to(viewer, &two);
	assert_int_equal(add(nl, 5, 77), 0);
	wait_for(nl, &one.kinds[CTNL_NEW], 1);
	wait_for(viewer, &two.kinds[CTNL_NEW], 1);
	assert_int_equal(two.mark, 77);
	ctnl_conn_set(conn, CTNL_MARK, 78);
	assert_int_equal(ctnl_conn_update(nl, conn, NULL), 0);
	wait_for(viewer, &two.kinds[CTNL_UPDATE], 1);
	assert_int_equal(two.mark, 78);
	assert_int_equal(ctnl_conn_delete(nl, conn, NULL), 0);
	wait_for(viewer, &two.kinds[CTNL_DESTROY], 1);
	wait_for(nl, &one.kinds[CTNL_DESTROY], 1);
	assert_int_equal(one.kinds[CTNL_NEW], 1);
	ctnl_conn_free(&conn);
}

/* At once for whoever looks; taken out, and told, behind the answer. */
static void flush_of_many(void **state)
{
	struct heard heard = { 0 };
	struct conn *conn;
	uint32_t count;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		conn = ct_bench_conn(&bench, i, 0, NULL);
		conn_put(conntrack_db(bench.ct), &conn);
	}
	listen_to(viewer, &heard);
	assert_int_equal(ctnl_conn_flush(nl, NULL, NULL), 0);
	assert_int_equal(ctnl_conn_count(nl, &count, NULL, NULL), 0);
	assert_int_equal(count, 0);
	assert_int_equal(listed(NULL), 0);
	/* A new one may have the tuple of one that has ended, and stays. */
	conn = ct_bench_conn(&bench, MANY - 1, 0, NULL);
	conn_put(conntrack_db(bench.ct), &conn);
	wait_for(viewer, &heard.kinds[CTNL_DESTROY], MANY);
	assert_int_equal(listed(NULL), 1);
	for (unsigned int i = 0; i < 60000 && ct_bench_live(&bench) > 1; i++)
		usleep(1000);
	assert_int_equal(ct_bench_live(&bench), 1);
}

/* --- Expectations ------------------------------------------------------------------------- */

static int take_expect(void *ctx, const struct ctnl_expect *expect)
{
	struct ctnl_expect **ret = ctx;

	ctnl_expect_free(ret);
	*ret = ctnl_expect_copy(expect);
	return 0;
}

static void expectations(void **state)
{
	static const uint8_t src[4] = { 192, 0, 2, 1 }, dst[4] = { 10, 0, 0, 0 };
	static const uint8_t all[4] = { 255, 255, 255, 255 };
	struct conn *conn = ct_bench_conn(&bench, 1, CT_HAS_HELPER, ct_bench_helper());
	struct ctnl_expect *expect = ctnl_expect_new(), *found = NULL;
	char text[512];

	(void)state;
	assert_int_equal(ctnl_expect_set_addr(expect, CTNL_EXP_SRC, src, 4), 0);
	assert_int_equal(ctnl_expect_set_addr(expect, CTNL_EXP_DST, dst, 4), 0);
	assert_int_equal(ctnl_expect_set(expect, CTNL_EXP_PROTOCOL, 17), 0);
	ctnl_expect_set(expect, CTNL_EXP_SPORT, 0);
	ctnl_expect_set(expect, CTNL_EXP_DPORT, 5000);
	ctnl_expect_set_addr(expect, CTNL_EXP_MASK_SRC, all, 4);
	ctnl_expect_set_addr(expect, CTNL_EXP_MASK_DST, all, 4);
	ctnl_expect_set(expect, CTNL_EXP_MASK_SPORT, 0);
	ctnl_expect_set(expect, CTNL_EXP_MASK_DPORT, 0xffff);
	ctnl_expect_set_addr(expect, CTNL_EXP_MASTER_SRC, dst, 4);
	ctnl_expect_set_addr(expect, CTNL_EXP_MASTER_DST, src, 4);
	ctnl_expect_set(expect, CTNL_EXP_MASTER_PROTOCOL, 17);
	ctnl_expect_set(expect, CTNL_EXP_MASTER_SPORT, 1);
	ctnl_expect_set(expect, CTNL_EXP_MASTER_DPORT, 53);
	ctnl_expect_set(expect, CTNL_EXP_TIMEOUT, 100);
	assert_int_equal(ctnl_expect_create(nl, expect, NULL), 0);
	assert_int_equal(ctnl_expect_create(nl, expect, NULL), -EEXIST);
	assert_int_equal(ctnl_expect_dump(nl, NULL, take_expect, &found, NULL), 0);
	ctnl_expect_print(found, CTNL_FORM_LINE, CTNL_LISTED, 0, text, sizeof(text));
	assert_string_equal(text, "100 proto=17 src=192.0.2.1 dst=10.0.0.0 sport=0 dport=5000 "
				  "mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 "
				  "dport=65535 master-src=10.0.0.0 master-dst=192.0.2.1 sport=1 "
				  "dport=53 class=0 helper=bench");
	assert_string_equal(ctnl_expect_get_text(found, CTNL_EXP_HELPER), "bench");
	assert_int_equal(ctnl_expect_delete(nl, expect, NULL), 0);
	assert_int_equal(ctnl_expect_delete(nl, expect, NULL), -ENOENT);
	ctnl_expect_free(&expect);
	ctnl_expect_free(&found);
	conn_put(conntrack_db(bench.ct), &conn);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects),
		cmocka_unit_test(there_and_back),
		T(requests),
		T(rights),
		T(dump_under_change),
		T(events),
		T(flush_of_many),
		T(expectations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many programs, old programs, programs that come and go; what other threads post, and time. */
#include "nfnl_bench.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALL = PKTT_RIGHT_VIEW | PKTT_RIGHT_ELEMENTS | PKTT_RIGHT_ALL, LISTENERS = 2000 };

static struct toy toy;
static struct letter out, in;
static int fd;

static int setup(void **state)
{
	(void)state;
	in.len = out.len = 0;
	assert_int_equal(toy_new(&toy, NULL), 0);
	fd = program_new(&toy, ALL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(fd);
	toy_free(&toy);
	return 0;
}

static void go(void)
{
	assert_int_equal(nfnl_run(toy.bus, 0), 0);
}

static void join(int at)
{
	struct nlmsghdr *nlh = letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_JOIN, 0, 1);

	letter_u32(&out, nlh, PKTTB_GROUP, TOY_GROUP);
	letter_send(&out, at);
	go();
}

static struct nlmsghdr *hello(uint16_t seq)
{
	return letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_HELLO, NLM_F_ACK, seq);
}

static void add(uint32_t number)
{
	letter_add(&out, 0, number, number);
	letter_send(&out, fd);
	go();
}

/* Every one hears every number; the one that reads nothing hears how many it missed, and goes on. */
static void thousands(void **state)
{
	static int listener[LISTENERS];
	struct rlimit limit = { 8192, 8192 };
	const struct nlmsghdr *nlh;
	const struct nlattr *attr;
	uint64_t heard = 0, lost = 0;

	(void)state;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	for (unsigned int i = 0; i < LISTENERS; i++) {
		listener[i] = program_new(&toy, PKTT_RIGHT_VIEW);
		join(listener[i]);
	}
	letter_u32(&out, letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_SET, 0, 1), PKTTB_ROOM,
		   100000);
	letter_send(&out, listener[0]);
	go();
	toy.event_bytes = 8000;
	for (uint32_t n = 20; n < 220; n++) {
		add(n);
		for (unsigned int i = 1; i < LISTENERS; i++) {
			in.len = 0;
			nlh = letter_next(&in, listener[i]);
			assert_int_equal(nlh->nlmsg_type, TOY << 8 | TOY_ADD);
		}
	}
	in.len = 0;
	while ((nlh = letter_next(&in, listener[0]))) {
		go();
		if (nlh->nlmsg_type == (TOY << 8 | TOY_ADD)) {
			heard++;
			assert_int_equal(lost, 0); /* the gap is where it was */
		} else {
			attr = mnl_nlmsg_get_payload_offset(nlh, sizeof(struct nfgenmsg));
			assert_int_equal(ntohl(mnl_attr_get_u32(attr)), TOY_GROUP);
			attr = mnl_attr_next(attr);
			lost += be64toh(mnl_attr_get_u64(attr));
		}
	}
	assert_true(lost > 10);
	assert_int_equal(heard + lost, 200);
	add(1000);
	assert_int_equal(letter_next(&in, listener[0])->nlmsg_type, TOY << 8 | TOY_ADD);
	for (unsigned int i = 0; i < LISTENERS; i++)
		close(listener[i]);
	go();
	assert_int_equal(toy.forgotten, LISTENERS);
	assert_int_equal(toy.heard, 1);
	assert_int_equal(toy.unheard, 1);
}

static void greetings(void **state)
{
	int other = program_new(&toy, ALL);

	(void)state;
	letter_u32(&out, hello(1), PKTTB_PORT, 77);
	letter_send(&out, other);
	go();
	assert_int_equal(letter_next(&in, other)->nlmsg_pid, 77);
	expect_ack(&in, other, 1, 0);
	letter_u32(&out, hello(2), PKTTB_PORT, 77);
	letter_send(&out, fd);
	go();
	in.len = 0;
	assert_string_equal(expect_ack(&in, fd, 2, -EADDRINUSE), "another socket has port 77");
	letter_u32(&out, hello(3), PKTTB_PROTOCOL, 99);
	letter_send(&out, fd);
	go();
	assert_string_equal(expect_ack(&in, fd, 3, -EPROTONOSUPPORT),
			    "netlink protocol 99 is not spoken here");
	letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_JOIN, 0, 4);
	letter_send(&out, fd);
	go();
	assert_string_equal(expect_ack(&in, fd, 4, -EINVAL), "PKTTB_GROUP is missing");
	assert_int_equal(nfnl_peer_who(nfnl_peer_next(toy.bus, NULL))->pid, getpid());
	assert_string_equal(nfnl_peer_who(nfnl_peer_next(toy.bus, NULL))->program,
			    program_invocation_short_name);
	close(other);
}

/* A netlink program unchanged: errors whole, one event a datagram, gaps as ENOBUFS. */
static void old_programs(void **state)
{
	struct nlmsghdr *nlh = hello(1);
	const struct nlmsghdr *got;

	(void)state;
	letter_attr(&out, nlh, PKTTB_LEGACY_GAPS, "", 0);
	letter_attr(&out, nlh, PKTTB_SINGLE, "", 0);
	letter_send(&out, fd);
	go();
	assert_non_null(letter_next(&in, fd));
	expect_ack(&in, fd, 1, 0);
	letter_add(&out, 0, 2, 13);
	letter_send(&out, fd);
	go();
	assert_string_equal(expect_ack(&in, fd, 2, -ERANGE), "13 is not wanted");
	got = (const void *)in.data;
	assert_int_equal(got->nlmsg_flags, NLM_F_ACK_TLVS);
	in.len = 0;
	join(fd);
	letter_add(&out, 0, 3, 3);
	letter_add(&out, 0, 4, 4);
	letter_send(&out, fd);
	go();
	for (unsigned int i = 0; i < 2; i++) {
		got = letter_next(&in, fd);
		assert_int_equal(in.len, got->nlmsg_len);
	}
	in.len = 0;
	toy.event_bytes = 8000;
	for (uint32_t n = 20; n < 320; n++)
		add(n);
	in.len = 0;
	do {
		got = letter_next(&in, fd);
		assert_non_null(got);
		go();
	} while (got->nlmsg_type != NLMSG_ERROR);
	assert_int_equal(((const struct nlmsgerr *)NLMSG_DATA(got))->error, -ENOBUFS);
	assert_int_equal(got->nlmsg_seq, 0);
}

static void old_protocols(void **state)
{
	struct nlmsghdr *nlh;

	(void)state;
	letter_u32(&out, hello(1), PKTTB_PROTOCOL, TOY_LEGACY);
	letter_put(&out, 0x13, 0, 2);
	letter_put(&out, 99, NLM_F_ACK, 3);
	nlh = letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_JOIN, NLM_F_ACK, 4);
	letter_u32(&out, nlh, PKTTB_GROUP, 32);
	letter_send(&out, fd);
	go();
	assert_non_null(letter_next(&in, fd));
	expect_ack(&in, fd, 1, 0);
	assert_int_equal(letter_next(&in, fd)->nlmsg_type, 0x13);
	expect_ack(&in, fd, 3, -EXDEV);
	expect_ack(&in, fd, 4, 0);
	assert_true(nfnl_group_is_heard(toy.bus, NFNL_LEGACY_GROUP(TOY_LEGACY, 32)));
	assert_false(nfnl_group_is_heard(toy.bus, 32));
}

static void later_answers(void **state)
{
	(void)state;
	letter_put(&out, TOY << 8 | TOY_LATER, NLM_F_ACK, 5);
	letter_send(&out, fd);
	go();
	expect_nothing(&in, fd);
	toy_answer(&toy, 0);
	go();
	expect_ack(&in, fd, 5, 0);
	toy_answer(&toy, -EDOM);
	go();
	expect_ack(&in, fd, 5, -EDOM);
	close(fd);
	go();
	assert_null(toy.later_peer);
	fd = program_new(&toy, ALL);
}

/* A program that dies within a dump. */
static void dead_dump(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3000; i++)
		toy.has[1000 + i] = true;
	letter_put(&out, TOY << 8 | TOY_GET, NLM_F_DUMP, 4);
	letter_send(&out, fd);
	go();
	close(fd);
	go();
	assert_int_equal(toy.forgotten, 1);
	assert_null(nfnl_peer_next(toy.bus, NULL));
	fd = program_new(&toy, ALL);
}

static unsigned int posted[4], wrong;
static void on_posted(void *ctx)
{
	uintptr_t value = (uintptr_t)ctx;

	wrong += posted[value >> 16]++ != (value & 0xffff); /* each thread's in order */
}

static void *poster(void *ctx)
{
	uintptr_t who = (uintptr_t)ctx;

	for (uintptr_t i = 0; i < 20000; i++)
		(void)nfnl_post(toy.bus, on_posted, (void *)(who << 16 | i));
	return NULL;
}

static void posts(void **state)
{
	struct pollfd poller = { .fd = nfnl_fd(toy.bus), .events = POLLIN };
	pthread_t thread[4];

	(void)state;
	memset(posted, 0, sizeof(posted));
	for (uintptr_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, poster, (void *)i), 0);
	while (posted[0] + posted[1] + posted[2] + posted[3] < 80000) {
		assert_int_equal(poll(&poller, 1, -1), 1);
		assert_int_equal(nfnl_run(toy.bus, 100), 0);
	}
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(wrong, 0);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static char rang[16];
static void ring(void *ctx)
{
	strcat(rang, ctx);
}

static void timers(void **state)
{
	struct pollfd poller = { .fd = nfnl_fd(toy.bus), .events = POLLIN };
	struct nfnl_timer *timer[4];
	char name[][2] = { "a", "b", "c", "d" };
	uint64_t from;

	(void)state;
	rang[0] = '\0';
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(nfnl_timer_new(&timer[i], toy.bus, ring, name[i]), 0);
	do { /* within less than what lies between them, else they are due in another order */
		from = now_us();
		for (unsigned int i = 0; i < 4; i++)
			nfnl_timer_set(timer[i], 9000 - 2000 * i);
	} while (now_us() - from > 1000);
	nfnl_timer_set(timer[1], 0);
	while (strlen(rang) < 3) {
		assert_int_equal(poll(&poller, 1, -1), 1);
		assert_int_equal(nfnl_run(toy.bus, 100), 0);
	}
	assert_string_equal(rang, "dca");
	nfnl_timer_set(timer[0], 1000);
	nfnl_timer_free(&timer[0]);
	teardown(state);
	for (unsigned int i = 1; i < 4; i++) {
		nfnl_timer_set(timer[i], 1); /* the bus has gone: nothing */
		nfnl_timer_free(&timer[i]);
	}
	setup(state);
}

static unsigned int only_look(void *ctx, const struct nfnl_who *who, int conn, unsigned int granted)
{
	gid_t group[64];
	int n = getgroups(64, group);

	(void)ctx;
	assert_int_equal(who->uid, getuid());
	assert_true(nfnl_is_member(who, conn, getgid()));
	for (int i = 0; i < n; i++)
		assert_true(nfnl_is_member(who, conn, group[i]));
	assert_false(nfnl_is_member(who, conn, (gid_t)-2));
	return granted & PKTT_RIGHT_VIEW;
}

static void listening(void **state)
{
	struct nfnl_config config = { .rights = only_look };
	char folder[] = "/tmp/pktt-nfnl-XXXXXX", path[64], file[64], longer[200];
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct pktt_error err;
	struct toy second;
	struct stat st;
	int client = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[199] = '\0';
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(file, sizeof(file), "%s/file", folder);
	fclose(fopen(file, "w"));
	assert_int_equal(toy_new(&second, &config), 0);
	assert_int_equal(nfnl_listen(second.bus, path, 0640, (gid_t)-1, ALL, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(nfnl_listen(toy.bus, path, 0640, (gid_t)-1, ALL, &err), -EADDRINUSE);
	assert_int_equal(nfnl_listen(toy.bus, file, 0640, (gid_t)-1, ALL, &err), -EEXIST);
	assert_int_equal(nfnl_listen(toy.bus, longer, 0640, (gid_t)-1, ALL, &err), -ENAMETOOLONG);
	strcpy(at.sun_path, path);
	assert_int_equal(connect(client, (const struct sockaddr *)&at, sizeof(at)), 0);
	letter_add(&out, NLM_F_ACK, 1, 1);
	letter_send(&out, client);
	assert_int_equal(nfnl_run(second.bus, 0), 0);
	expect_ack(&in, client, 1, -EPERM);
	close(client);
	toy_free(&second);
	assert_int_equal(access(path, F_OK), -1);
	/* a socket that somebody left behind is replaced */
	client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(bind(client, (const struct sockaddr *)&at, sizeof(at)), 0);
	close(client);
	assert_int_equal(nfnl_listen(toy.bus, path, 0640, (gid_t)-1, ALL, &err), 0);
	teardown(state);
	unlink(file);
	assert_int_equal(rmdir(folder), 0);
	setup(state);
}

#define TEST(x) cmocka_unit_test_setup_teardown(x, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(thousands),     TEST(greetings),	  TEST(old_programs),
		TEST(old_protocols), TEST(later_answers), TEST(dead_dump),
		TEST(posts),	     TEST(timers),	  TEST(listening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

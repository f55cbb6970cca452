/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bus costs, beside what it stands on and what it stands for: a bare SOCK_SEQPACKET pair whose
 * other end only echoes, and the kernel's own netlink acknowledging a message that asks for nothing.
 * All in one run, one thread each for the bus, the client, and the listeners.
 */
#include "base/own.h"
#include "bus/nfnl.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TOY = 70, GROUP = 100, ROUNDS = 50000, CHANGES = 400000, LISTENERS_MAX = 1000 };

static struct nfnl *bus;
static bool is_over;
static uint64_t changes, cpu_ns, heard_bytes, heard_datagrams;
static int control;

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int change(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct nlmsghdr *nlh;

	(void)ctx;
	(void)err;
	changes++;
	if (!nfnl_group_is_heard(bus, GROUP))
		return 0;
	nlh = nfnl_begin(bus, 256, TOY << 8, 0, 0, 0);
	mnl_attr_put_u32(nlh, 1, mnl_attr_get_u32(req->attr[1]));
	mnl_attr_put_strz(nlh, 2, "filter, INPUT and what else there is to say of a change");
	nfnl_multicast(bus, GROUP, nlh);
	return 0;
}

static int cpu_time(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	(void)req;
	(void)err;
	cpu_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
	return 0;
}

static int nothing(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	(void)req;
	(void)err;
	return 0;
}

static void no_abort(void *ctx, struct nfnl_peer *peer)
{
	(void)ctx;
	(void)peer;
}

static const struct nfnl_policy policy[] = {
	[1] = { "NUMBER", MNL_TYPE_U32, 4 },
	[2] = { "TEXT", MNL_TYPE_NUL_STRING, 100 },
};
static const struct nfnl_call calls[] = {
	{ "CHANGE", PKTT_RIGHT_ALL, policy, pktt_countof(policy), change },
	{ "TIME", 0, policy, pktt_countof(policy), cpu_time },
};
static const struct nfnl_subsys toy = {
	.name = "toy",
	.id = TOY,
	.ncalls = pktt_countof(calls),
	.call = calls,
	.begin = nothing,
	.commit = nothing,
	.abort = no_abort,
};

static void *serve(void *ctx)
{
	struct pollfd poller = { .fd = nfnl_fd(bus), .events = POLLIN };

	(void)ctx;
	while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
		poll(&poller, 1, -1);
		if (nfnl_run(bus, 2000))
			errx(1, "the bus fails");
	}
	return NULL;
}

static void *echo(void *ctx)
{
	int fd = *(int *)ctx;
	char buf[4096];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		if (send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
			break;
	return NULL;
}

/* In the bus' thread. */
static void adopt(void *ctx)
{
	int *fd = ctx;

	if (nfnl_adopt(bus, *fd, 7))
		errx(1, "a client");
	free(fd);
}

static int join_bus(uint32_t group)
{
	_Alignas(8) uint8_t buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	int pair[2], *other = malloc(sizeof(*other));

	if (!other || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		err(1, "a client");
	*other = pair[1];
	if (nfnl_post(bus, adopt, other))
		err(1, "a client");
	if (!group)
		return pair[0];
	nlh->nlmsg_type = PKTT_SUBSYS_BUS << 8 | PKTT_BUS_JOIN;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	memset(mnl_nlmsg_put_extra_header(nlh, 4), 0, 4);
	mnl_attr_put_u32(nlh, PKTTB_GROUP, htonl(group));
	if (send(pair[0], buf, nlh->nlmsg_len, 0) < 0)
		err(1, "send");
	return pair[0];
}

static size_t put(uint8_t *at, uint16_t type, uint16_t flags, uint32_t number)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(at);
	struct nfgenmsg *head;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = number;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	*head = (struct nfgenmsg){ .res_id = htons(TOY) };
	if (type == TOY << 8) {
		mnl_attr_put_u32(nlh, 1, htonl(number));
		mnl_attr_put_strz(nlh, 2, "as long as a rule has words, say sixty");
	}
	return nlh->nlmsg_len;
}

static void ask(int fd, const void *data, size_t len)
{
	static char answer[65536];

	if (send(fd, data, len, 0) < 0 || recv(fd, answer, sizeof(answer), 0) <= 0)
		err(1, "round trip");
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void round_trips(const char *name, int fd, uint16_t type)
{
	static uint64_t took[ROUNDS];
	_Alignas(8) uint8_t buf[256];
	uint64_t from;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		size_t len = put(buf, type, NLM_F_ACK, i + 1);

		from = now_ns(CLOCK_MONOTONIC);
		ask(fd, buf, len);
		took[i] = now_ns(CLOCK_MONOTONIC) - from;
	}
	qsort(took, ROUNDS, sizeof(took[0]), compare);
	printf("%-44s median %6.2f us  p99 %7.2f us\n", name, (double)took[ROUNDS / 2] / 1e3,
	       (double)took[ROUNDS / 100 * 99] / 1e3);
}

/* Of the bus' thread, when it has done all that was sent before. */
static uint64_t thread_cpu(int fd)
{
	_Alignas(8) uint8_t buf[256];

	ask(fd, buf, put(buf, TOY << 8 | 1, NLM_F_ACK, 1));
	return cpu_ns;
}

static void round_trips_of_bus(const char *name)
{
	int fd = join_bus(0);
	uint64_t before = thread_cpu(fd);

	round_trips(name, fd, TOY << 8);
	printf("%-44s        %6.2f us of the bus' thread, system calls included\n", "",
	       (double)(thread_cpu(fd) - before) / 1e3 / ROUNDS);
	close(fd);
}

static size_t put_change(uint8_t *at, bool is_transaction, uint32_t number)
{
	size_t len = 0;

	if (is_transaction)
		len += put(at, NFNL_MSG_BATCH_BEGIN, 0, 3 * number);
	len += put(at + len, TOY << 8, 0, 3 * number + 1);
	if (is_transaction)
		len += put(at + len, NFNL_MSG_BATCH_END, 0, 3 * number + 2);
	return len;
}

static double pipeline(bool is_transaction, size_t datagram)
{
	static _Alignas(8) uint8_t buf[65536];
	uint64_t from = now_ns(CLOCK_MONOTONIC), cpu;
	int fd = join_bus(0);
	size_t len = 0;
	double rate;

	cpu = thread_cpu(fd);
	for (uint32_t i = 0; i < CHANGES; i++) {
		len += put_change(buf + len, is_transaction, i);
		if (len < datagram && i + 1 < CHANGES)
			continue;
		if (send(fd, buf, len, 0) < 0)
			err(1, "send");
		len = 0;
	}
	cpu = thread_cpu(fd) - cpu;
	rate = CHANGES / ((double)(now_ns(CLOCK_MONOTONIC) - from) / 1e9);
	close(fd);
	printf("%-24s datagrams of %5zu bytes %9.0f/s   %5.0f ns each in the bus' thread\n",
	       is_transaction ? "transactions of one" : "single changes", datagram, rate,
	       (double)cpu / CHANGES);
	return rate;
}

static void *listen_all(void *ctx)
{
	static char buf[65536];
	int epoll = *(int *)ctx;
	struct epoll_event event[64];

	while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
		int n = epoll_wait(epoll, event, 64, 100);

		for (int i = 0; i < n; i++) {
			ssize_t len = recv(event[i].data.fd, buf, sizeof(buf), MSG_DONTWAIT);

			heard_bytes += len > 0 ? (uint64_t)len : 0;
			heard_datagrams += len > 0;
		}
	}
	return NULL;
}

static void with_listeners(unsigned int count)
{
	static int fd[LISTENERS_MAX];
	int epoll = epoll_create1(0);
	pthread_t thread;

	for (unsigned int i = 0; i < count; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		event.data.fd = fd[i] = join_bus(GROUP);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd[i], &event))
			err(1, "epoll");
	}
	heard_bytes = heard_datagrams = 0;
	if (pthread_create(&thread, NULL, listen_all, &epoll))
		errx(1, "thread");
	printf("with %u listeners: ", count);
	round_trips_of_bus("round trip of a change");
	pipeline(true, 16384);
	usleep(300000);
	printf("%52.1f MB heard in %llu datagrams\n", (double)heard_bytes / 1e6,
	       (unsigned long long)heard_datagrams);
	__atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	for (unsigned int i = 0; i < count; i++)
		close(fd[i]);
	close(epoll);
}

static pthread_t bus_start(void)
{
	struct nfnl_config config = { .event_room = 1024 * 1024 };
	pthread_t thread;

	is_over = false;
	if (nfnl_new(&bus, &config, NULL) || nfnl_register(bus, &toy))
		errx(1, "no bus");
	control = join_bus(0);
	return pthread_create(&thread, NULL, serve, NULL) ? 0 : thread;
}

static void wake(void *ctx)
{
	(void)ctx;
}

static void bus_stop(pthread_t thread)
{
	__atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
	nfnl_post(bus, wake, NULL);
	pthread_join(thread, NULL);
	nfnl_free(&bus);
	close(control);
}

static void peers_of_the_bus(void)
{
	int kernel = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), pair[2];
	pthread_t thread;

	if (kernel >= 0)
		round_trips("kernel's netlink, an acknowledgement", kernel, NLMSG_NOOP);
	close(kernel);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ||
	    pthread_create(&thread, NULL, echo, &pair[1]))
		err(1, "a pair");
	round_trips("bare SOCK_SEQPACKET, an echo", pair[0], NLMSG_NOOP);
	close(pair[0]);
	pthread_join(thread, NULL);
	close(pair[1]);
}

int main(void)
{
	static const unsigned int listeners[] = { 1, 10, 1000 };
	pthread_t thread;

	peers_of_the_bus();
	thread = bus_start();
	round_trips_of_bus("the bus, an acknowledged change");
	pipeline(false, 16384);
	pipeline(true, 1);
	pipeline(true, 16384);
	bus_stop(thread);
	for (size_t i = 0; i < pktt_countof(listeners); i++) {
		thread = bus_start();
		with_listeners(listeners[i]);
		bus_stop(thread);
	}
	return 0;
}

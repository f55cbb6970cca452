/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast connections are listed, ended and told of, over the bus; the kernel's ctnetlink beside it where
 * a namespace can be had.
 *
 *	ct_bench [CONNECTIONS]
 */
#include "engine_bench.h"
#include "soak_packet.h"

#include "bus/sub.h"
#include "conntrack/query.h"
#include "core/engine.h"
#include "nat/nat.h"

#include <libctnetlink/libctnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS UINT64_C(1000000000)

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS + (uint64_t)ts.tv_nsec;
}

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* --- Our side ------------------------------------------------------------------------------------- */

struct server {
	struct pktt_engine *engine;
	struct conntrack *ct;
	struct nfnl *bus;
	struct sub_ct *sub;
	bool stops;
};

static struct ct_tuple tuple_of(uint32_t i)
{
	struct ct_tuple t = { .family = PKTT_IPV4, .protocol = 6, .dport = htons(443) };
	uint32_t src = htonl(0x0a000000 + i / 50000), dst = htonl(0xc0000201);

	memcpy(t.src, &src, 4);
	memcpy(t.dst, &dst, 4);
	t.sport = htons((uint16_t)(1024 + i % 50000));
	return t;
}

static void make(struct conntrack *ct, uint32_t i, struct conn **ret)
{
	struct ct_change change = { .has = CT_HAS_TIMEOUT | CT_HAS_PROTOINFO | CT_HAS_STATUS,
				    .timeout = 432000,
				    .status = CT_CONFIRMED | CT_SEEN_REPLY | CT_ASSURED,
				    .l4_has = CT_L4_STATE };
	struct ct_tuple t = tuple_of(i);

	change.l4.tcp.state = 3;
	if (ct_query_create(ct, &t, NULL, &change, ret, NULL))
		abort();
}

static void server_init(struct server *s, uint32_t count)
{
	struct pktt_engine_config config = { .workers = 2, .seed = 1 };
	struct nfnl_config bus_config = { .event_room = 1 << 22, .event_room_max = 1 << 28 };
	struct ct_settings settings;

	memset(s, 0, sizeof(*s));
	ct_settings_init(&settings);
	settings.max = 16 << 20;
	if (pktt_engine_new(&s->engine, &config, NULL) ||
	    conntrack_attach(s->engine, &settings, NULL) || nat_attach(s->engine, NULL))
		abort();
	s->ct = conntrack_of(s->engine);
	conntrack_advance(s->ct, clock_ns(CLOCK_REALTIME));
	for (uint32_t i = 0; i < count; i++)
		make(s->ct, i, NULL);
	if (nfnl_new(&s->bus, &bus_config, NULL) || sub_ct_new(&s->sub, s->bus, s->ct, 1, NULL))
		abort();
}

static void *serve(void *ctx)
{
	struct server *s = ctx;

	while (!__atomic_load_n(&s->stops, __ATOMIC_ACQUIRE)) {
		struct pollfd fd = { .fd = nfnl_fd(s->bus), .events = POLLIN };

		(void)poll(&fd, 1, 1);
		sub_ct_drain(s->sub);
		if (nfnl_run(s->bus, 0))
			abort();
	}
	return NULL;
}

static void server_fini(struct server *s)
{
	nfnl_free(&s->bus);
	sub_ct_free(&s->sub);
	pktt_engine_free(&s->engine);
}

static int client_of(struct server *s)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) ||
	    nfnl_adopt(s->bus, fd[0], PKTT_RIGHT_VIEW | PKTT_RIGHT_ALL))
		abort();
	return fd[1];
}

/* --- What is asked ----------------------------------------------------------------------------------- */

/* Every message of a dump, looked at no further than its header. */
static uint32_t dump_raw(int fd)
{
	struct {
		struct nlmsghdr nlh;
		struct nfgenmsg head;
	} request = { .nlh = { sizeof(request), NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
			       NLM_F_REQUEST | NLM_F_DUMP, 1, 0 } };
	static char room[1 << 20] __attribute__((aligned(8)));
	uint32_t count = 0;

	if (send(fd, &request, sizeof(request), 0) < 0)
		abort();
	for (;;) {
		ssize_t got = recv(fd, room, sizeof(room), 0);
		const struct nlmsghdr *nlh = (const void *)room;
		unsigned int left = (unsigned int)got;

		if (got <= 0)
			abort();
		for (; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return count;
			count++;
		}
	}
}

struct sink {
	uint64_t count, bytes;
};

static int print_one(void *ctx, const struct ctnl_conn *conn)
{
	struct sink *sink = ctx;
	char line[1024];

	sink->bytes += ctnl_conn_print(conn, CTNL_FORM_LINE, CTNL_LISTED, 0, line, sizeof(line));
	sink->count++;
	return 0;
}

static void tell(const char *who, const char *what, uint64_t count, uint64_t ns)
{
	printf("%-8s %-22s %9lu in %8.1f ms  %7.2f million/s\n", who, what, (unsigned long)count,
	       (double)ns / 1e6, (double)count * 1e3 / (double)(ns ? ns : 1));
	fflush(stdout);
}

static void time_listing(const char *who, int fd, struct ctnl *nl)
{
	for (int round = 0; round < 3; round++) {
		struct sink sink = { 0 };
		uint64_t start = now_ns(), n = dump_raw(fd), middle = now_ns();

		tell(who, "dump, binary", n, middle - start);
		if (ctnl_conn_dump(nl, NULL, 0, print_one, &sink, NULL))
			abort();
		tell(who, "dump, as text", sink.count, now_ns() - middle);
	}
}

static void time_flush(const char *who, struct ctnl *nl)
{
	uint32_t before, after;
	uint64_t start, end;

	if (ctnl_conn_count(nl, &before, NULL, NULL))
		abort();
	start = now_ns();
	if (ctnl_conn_flush(nl, NULL, NULL))
		abort();
	end = now_ns();
	if (ctnl_conn_count(nl, &after, NULL, NULL) || after)
		abort();
	tell(who, "flush", before, end - start);
}

/* --- Events -------------------------------------------------------------------------------------------- */

enum { ROUND = 400000 };

/* CPU time of one who makes connections and ends them, ns each. */
static double make_and_end(struct conntrack *ct)
{
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	for (uint32_t i = 0; i < ROUND; i++) {
		struct conn *conn;

		make(ct, 1u << 24 | (i & 0xffff), &conn);
		(void)ct_query_delete(ct, conn);
		conn_put(conntrack_db(ct), &conn);
	}
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / ROUND;
}

static pid_t subscribe(struct server *s)
{
	int fd = client_of(s);
	pid_t pid = fork();

	if (pid == 0) {
		struct ctnl_handler nothing = { 0 };
		struct ctnl *nl;

		if (ctnl_open_fd(&nl, fd, NULL) ||
		    ctnl_listen(nl, CTNL_EVENT_CONNS, &nothing, NULL))
			_exit(1);
		while (ctnl_receive(nl, -1, NULL) >= 0)
			;
		_exit(0);
	}
	close(fd);
	return pid;
}

static void time_events(struct server *s)
{
	double alone = 1e9, heard = 1e9, ns;
	pid_t pid;

	for (int i = 0; i < 5; i++)
		alone = (ns = make_and_end(s->ct)) < alone ? ns : alone;
	pid = subscribe(s);
	usleep(200000);
	for (int i = 0; i < 5; i++)
		heard = (ns = make_and_end(s->ct)) < heard ? ns : heard;
	printf("pktt     a connection made and ended: %.0f ns, with a subscriber to new, update and "
	       "destroy %.0f ns: +%.1f %%\n",
	       alone, heard, (heard / alone - 1) * 100);
	kill(pid, 9);
	waitpid(pid, NULL, 0);
}

/* --- Traffic -------------------------------------------------------------------------------------------- */

static const char rules[] = "*filter\n"
			    "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n"
			    "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
			    "-A FORWARD -p udp --dport 53 -j ACCEPT\n"
			    "COMMIT\n";

static void forward(struct engine_bench *b, uint32_t i, bool is_reply)
{
	static const enum pktt_hook hooks[] = { PKTT_PRE_ROUTING, PKTT_FORWARD, PKTT_POST_ROUTING };
	struct soak_spec spec = { .protocol = 17,
				  .payload = (const uint8_t *)"x",
				  .payload_len = 1 };
	struct soak_end client = { .port = (uint16_t)(1024 + i % 50000) }, server = { .port = 53 };
	enum pktt_verdict v = PKTT_ACCEPT;
	struct pktt_packet *pkt;

	memcpy(client.addr, (uint8_t[]){ 10, 0, (uint8_t)(i >> 16), 1 }, 4);
	memcpy(server.addr, (uint8_t[]){ 10, 1, 0, 1 }, 4);
	spec.src = is_reply ? server : client;
	spec.dst = is_reply ? client : server;
	pkt = soak_packet(&spec);
	if (!pkt)
		abort();
	pkt->env = &b->env;
	pkt->in = &b->in;
	pkt->out = &b->out;
	pkt->time_ns = UINT64_C(1700000000) * NS;
	for (unsigned int h = 0; v == PKTT_ACCEPT && h < 3; h++)
		v = pktt_hook_run(b->engine, pkt, hooks[h]);
	conntrack_packet_done(pkt);
	pktt_packet_free(&pkt);
}

/* CPU time of a worker for a query and its answer, the shortest of connections, to its end. */
static double exchange(struct engine_bench *b, struct conntrack *ct)
{
	static const struct ct_filter all;
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID), cursor = 0;
	bool done;

	for (uint32_t i = 0; i < ROUND; i++) {
		forward(b, i & 0xffff, false);
		forward(b, i & 0xffff, true);
		if (i % 64 == 0)
			conndb_quiescent(conntrack_db(ct), 0);
		if ((i & 0xffff) == 0xffff)
			for (done = false; !done;)
				ct_query_flush(ct, &all, &cursor, 64, &done);
	}
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / ROUND;
}

static void time_traffic(void)
{
	struct nfnl_config config = { .event_room = 1 << 22, .event_room_max = 1 << 28 };
	struct server s = { 0 };
	struct engine_bench b;
	double ns, alone = 1e9, heard = 1e9;
	pthread_t thread;
	pid_t pid;

	engine_bench_init(&b);
	b.env.worker = 0;
	if (conntrack_attach(b.engine, NULL, NULL) || engine_bench_load(&b, PKTT_IPV4, rules, 0) ||
	    nfnl_new(&s.bus, &config, NULL))
		abort();
	b.env.generation = pktt_engine_generation(b.engine);
	s.ct = conntrack_of(b.engine);
	if (sub_ct_new(&s.sub, s.bus, s.ct, 0, NULL))
		abort();
	for (int i = 0; i < 5; i++)
		alone = (ns = exchange(&b, s.ct)) < alone ? ns : alone;
	pid = subscribe(&s);
	if (pthread_create(&thread, NULL, serve, &s))
		abort();
	usleep(200000);
	for (int i = 0; i < 5; i++)
		heard = (ns = exchange(&b, s.ct)) < heard ? ns : heard;
	printf("pktt     a query and its answer through three rules, to the connection's end: %.0f ns, with "
	       "a subscriber %.0f ns: +%.1f %%\n",
	       alone, heard, (heard / alone - 1) * 100);
	kill(pid, 9);
	waitpid(pid, NULL, 0);
	__atomic_store_n(&s.stops, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	nfnl_free(&s.bus);
	sub_ct_free(&s.sub);
	engine_bench_fini(&b);
}

/* --- The kernel's ----------------------------------------------------------------------------------------- */

static void kernel(uint32_t count)
{
	struct ctnl_options to = { .flags = CTNL_KERNEL };
	struct ctnl *nl;
	uint32_t made = 0;
	int fd;

	if (unshare(CLONE_NEWNET) || ctnl_open(&nl, &to, NULL)) {
		puts("kernel   no namespace to measure it in");
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct ct_tuple t = tuple_of(i);
		struct ctnl_conn *conn = ctnl_conn_new();

		ctnl_conn_set_addr(conn, CTNL_ORIG_SRC, t.src, 4);
		ctnl_conn_set_addr(conn, CTNL_ORIG_DST, t.dst, 4);
		ctnl_conn_set(conn, CTNL_PROTOCOL, 6);
		ctnl_conn_set(conn, CTNL_ORIG_SPORT, ntohs(t.sport));
		ctnl_conn_set(conn, CTNL_ORIG_DPORT, ntohs(t.dport));
		ctnl_conn_set(conn, CTNL_TIMEOUT, 432000);
		ctnl_conn_set(conn, CTNL_STATUS, 14);
		ctnl_conn_set(conn, CTNL_STATE, 3);
		ctnl_conn_complete(conn);
		made += ctnl_conn_create(nl, conn, NULL) == 0;
		ctnl_conn_free(&conn);
	}
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	if (made < count)
		printf("kernel   has room for %u\n", made);
	time_listing("kernel", fd, nl);
	time_flush("kernel", nl);
	close(fd);
	ctnl_close(&nl);
}

int main(int argc, char **argv)
{
	uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 1000000;
	struct server s;
	pthread_t thread;
	struct ctnl *nl;
	int raw, fd;

	server_init(&s, count);
	raw = client_of(&s);
	fd = client_of(&s);
	if (pthread_create(&thread, NULL, serve, &s) || ctnl_open_fd(&nl, fd, NULL))
		abort();
	time_listing("pktt", raw, nl);
	time_events(&s);
	time_flush("pktt", nl);
	__atomic_store_n(&s.stops, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	ctnl_close(&nl);
	close(raw);
	server_fini(&s);
	time_traffic();
	kernel(count < 200000 ? count : 200000);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables without any program around it: single-rule transactions by libnftnl, acknowledged, into a chain
 * that has so and so many rules already. Run in a network namespace of its own.
 * usage: bench_rules_nft RULES OPERATIONS -> "add|replace|delete MEDIAN_US P99_US"
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TABLE	   "bench"
#define CHAIN	   "input"
#define BATCH_ROOM (1u << 20)
#define BATCH_FULL (BATCH_ROOM - 4096)

struct client {
	struct mnl_socket *nl;
	char *buf;
	struct mnl_nlmsg_batch *batch;
	uint32_t seq;
	uint64_t handle; /* told by the kernel of the last rule */
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void begin(struct client *c)
{
	c->batch = mnl_nlmsg_batch_start(c->buf, BATCH_ROOM);
	nftnl_batch_begin(mnl_nlmsg_batch_current(c->batch), c->seq++);
	mnl_nlmsg_batch_next(c->batch);
}

static struct nlmsghdr *put(struct client *c, uint16_t type, uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(c->batch), type, NFPROTO_IPV4, flags,
				     c->seq++);
}

static int note_handle(const struct nlmsghdr *nlh, void *ctx)
{
	struct client *c = ctx;
	struct nftnl_rule *rule;

	if ((nlh->nlmsg_type & 0xff) != NFT_MSG_NEWRULE)
		return MNL_CB_OK;
	rule = nftnl_rule_alloc();
	if (rule && nftnl_rule_nlmsg_parse(nlh, rule) == 0)
		c->handle = nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE);
	nftnl_rule_free(rule);
	return MNL_CB_OK;
}

/* Send the batch and wait for the acknowledgement of its last message. */
static void end(struct client *c, uint32_t last)
{
	char answer[65536];
	ssize_t n;
	int r;

	nftnl_batch_end(mnl_nlmsg_batch_current(c->batch), c->seq++);
	mnl_nlmsg_batch_next(c->batch);
	if (mnl_socket_sendto(c->nl, mnl_nlmsg_batch_head(c->batch),
			      mnl_nlmsg_batch_size(c->batch)) < 0)
		die("send");
	mnl_nlmsg_batch_stop(c->batch);
	do {
		n = mnl_socket_recvfrom(c->nl, answer, sizeof(answer));
		if (n < 0)
			die("receive");
		r = mnl_cb_run(answer, (size_t)n, last, 0, note_handle, c);
		if (r < 0 && errno != ESRCH && errno != EPROTO)
			die("nftables");
	} while (r > 0 || (r < 0 && errno == EPROTO));
}

static void put_expr(struct nftnl_rule *rule, struct nftnl_expr *e)
{
	if (!e)
		die("expression");
	nftnl_rule_add_expr(rule, e);
}

static void put_load(struct nftnl_rule *rule, uint32_t base, uint32_t offset, uint32_t len)
{
	struct nftnl_expr *e = nftnl_expr_alloc("payload");

	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
	put_expr(rule, e);
}

static void put_compare(struct nftnl_rule *rule, const void *data, uint32_t len)
{
	struct nftnl_expr *e = nftnl_expr_alloc("cmp");

	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, len);
	put_expr(rule, e);
}

/* -s 10.x.y.z -p udp --dport P -j DROP, with a counter, as the others have one */
static void put_rule(struct client *c, uint32_t number, uint16_t flags, uint64_t handle)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	uint32_t addr = htonl(0x0a000000u | (number & 0xffffffu));
	uint16_t port = htons((uint16_t)(1 + number % 65535));
	uint8_t udp = 17;
	struct nftnl_expr *e;

	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, TABLE);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, CHAIN);
	if (handle)
		nftnl_rule_set_u64(rule, NFTNL_RULE_HANDLE, handle);
	put_load(rule, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	put_compare(rule, &addr, 4);
	put_load(rule, NFT_PAYLOAD_NETWORK_HEADER, 9, 1);
	put_compare(rule, &udp, 1);
	put_load(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
	put_compare(rule, &port, 2);
	put_expr(rule, nftnl_expr_alloc("counter"));
	e = nftnl_expr_alloc("immediate");
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, NF_DROP);
	put_expr(rule, e);
	nftnl_rule_nlmsg_build_payload(put(c, NFT_MSG_NEWRULE, flags), rule);
	mnl_nlmsg_batch_next(c->batch);
	nftnl_rule_free(rule);
}

static void make_chain(struct client *c)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct nftnl_chain *chain = nftnl_chain_alloc();

	begin(c);
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, TABLE);
	nftnl_table_nlmsg_build_payload(put(c, NFT_MSG_NEWTABLE, NLM_F_CREATE), table);
	mnl_nlmsg_batch_next(c->batch);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, TABLE);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, CHAIN);
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, NF_INET_LOCAL_IN);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, 0);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_nlmsg_build_payload(put(c, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK), chain);
	mnl_nlmsg_batch_next(c->batch);
	end(c, c->seq - 1);
	nftnl_table_free(table);
	nftnl_chain_free(chain);
}

static void fill(struct client *c, uint32_t rules)
{
	for (uint32_t i = 0; i < rules;) {
		begin(c);
		while (i + 1 < rules && mnl_nlmsg_batch_size(c->batch) < BATCH_FULL)
			put_rule(c, i++, NLM_F_CREATE | NLM_F_APPEND, 0);
		put_rule(c, i++, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK, 0);
		end(c, c->seq - 1);
	}
}

static void change(struct client *c, uint32_t number, uint16_t flags, uint64_t handle)
{
	begin(c);
	put_rule(c, number, NLM_F_ACK | NLM_F_ECHO | flags, handle);
	end(c, c->seq - 1);
}

static void delete (struct client *c, uint64_t handle)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();

	begin(c);
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, TABLE);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, CHAIN);
	nftnl_rule_set_u64(rule, NFTNL_RULE_HANDLE, handle);
	nftnl_rule_nlmsg_build_payload(put(c, NFT_MSG_DELRULE, NLM_F_ACK), rule);
	mnl_nlmsg_batch_next(c->batch);
	end(c, c->seq - 1);
	nftnl_rule_free(rule);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void report(const char *name, uint64_t *ns, unsigned int n)
{
	qsort(ns, n, sizeof(*ns), compare);
	printf("%s %.1f %.1f\n", name, (double)ns[n / 2] / 1e3, (double)ns[n - 1 - n / 100] / 1e3);
}

static void measure(struct client *c, uint32_t rules, unsigned int n)
{
	uint64_t *ns = calloc(3 * (size_t)n, sizeof(*ns));

	if (!ns)
		die("memory");
	for (unsigned int i = 0; i < n; i++) {
		uint64_t at = now_ns(), then;

		change(c, rules + i, NLM_F_CREATE | NLM_F_APPEND, 0);
		ns[i] = (then = now_ns()) - at;
		change(c, rules + i + 1, NLM_F_CREATE | NLM_F_REPLACE, c->handle);
		ns[n + i] = (at = now_ns()) - then;
		delete (c, c->handle);
		ns[2 * n + i] = now_ns() - at;
	}
	report("add", ns, n);
	report("replace", ns + n, n);
	report("delete", ns + 2 * n, n);
	free(ns);
}

int main(int argc, char **argv)
{
	struct client c = { .seq = 1 };
	uint32_t rules;

	if (argc != 3) {
		fputs("usage: bench_rules_nft RULES OPERATIONS\n", stderr);
		return 2;
	}
	rules = (uint32_t)strtoul(argv[1], NULL, 10);
	c.nl = mnl_socket_open(NETLINK_NETFILTER);
	c.buf = malloc(BATCH_ROOM * 2);
	if (!c.nl || !c.buf || mnl_socket_bind(c.nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	setsockopt(mnl_socket_get_fd(c.nl), SOL_SOCKET, SO_SNDBUFFORCE, &(int){ 8 << 20 },
		   sizeof(int));
	make_chain(&c);
	fill(&c, rules);
	measure(&c, rules, (unsigned int)strtoul(argv[2], NULL, 10));
	mnl_socket_close(c.nl);
	free(c.buf);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pkttd by libpkttnetlink: single-rule transactions, acknowledged and pipelined, batches and lists, in a
 * chain that has so and so many rules already. $PKTT_SOCKET says where.
 * usage: bench_rules_pktt RULES OPERATIONS
 * -> "add|replace|delete MEDIAN_US P99_US", "batch|pipelined|list RULES_A_SECOND"
 */
#include <libpkttnetlink/libpkttnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TABLE "filter"
#define CHAIN "INPUT"

struct client {
	struct pkttnl *nl;
	struct pkttnl_catalog *catalog;
	struct pkttnl_error err;
	uint64_t handle; /* of the rule that was made last */
	uint64_t listed;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void check(struct client *c, int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s (%d)\n", what, c->err.text, r);
	exit(1);
}

/* -s 10.x.y.z -p udp --dport P -j DROP, as the others have it */
static struct pkttnl_rule *make_rule(struct client *c, uint32_t number)
{
	uint8_t addr[4] = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
	struct pkttnl_rule *rule = NULL;
	struct pkttnl_use *udp = NULL;

	check(c, pkttnl_rule_new(&rule, c->catalog, PKTTNL_IPV4, &c->err), "rule");
	check(c, pkttnl_rule_set(rule, NULL, "protocol", "udp", &c->err), "protocol");
	check(c,
	      pkttnl_use_set_bytes(pkttnl_rule_use(rule, PKTTNL_HEAD, 0), "source", NULL, 0, addr,
				   sizeof(addr), &c->err),
	      "source");
	check(c, pkttnl_rule_add(&udp, rule, PKTTNL_MATCH, "udp", &c->err), "udp");
	check(c, pkttnl_use_set_u64(udp, "dport", NULL, 0, 1 + number % 65535, &c->err), "dport");
	check(c, pkttnl_rule_target(rule, "DROP", &c->err), "target");
	return rule;
}

static int note_handle(void *ctx, const struct pkttnl_object *obj)
{
	struct client *c = ctx;

	if (pkttnl_object_message(obj) == PKTT_MSG_NEWRULE)
		c->handle = pkttnl_object_u64(obj, PKTTA_HANDLE);
	return 0;
}

static struct pkttnl_txn *begin(struct client *c, unsigned int flags)
{
	struct pkttnl_txn *txn = NULL;

	check(c, pkttnl_txn_new(&txn, c->nl, 0, flags, &c->err), "transaction");
	pkttnl_txn_on_object(txn, note_handle, c);
	return txn;
}

static void commit(struct client *c, struct pkttnl_txn *txn)
{
	check(c, pkttnl_txn_commit(txn, NULL, &c->err), "commit");
	pkttnl_txn_free(&txn);
}

/* Rules are made before the clock starts: what is measured is their way into the engine. */
static uint64_t fill(struct client *c, uint32_t first, uint32_t count, unsigned int flags)
{
	struct pkttnl_rule **rule = calloc(count + 1, sizeof(struct pkttnl_rule *));
	struct pkttnl_txn *txn;
	uint64_t at;

	if (!rule)
		exit(1);
	for (uint32_t i = 0; i < count; i++)
		rule[i] = make_rule(c, first + i);
	at = now_ns();
	txn = begin(c, flags);
	for (uint32_t i = 0; i < count; i++)
		check(c, pkttnl_txn_append(txn, TABLE, CHAIN, rule[i], &c->err), "append");
	commit(c, txn);
	at = now_ns() - at;
	for (uint32_t i = 0; i < count; i++)
		pkttnl_rule_free(&rule[i]);
	free(rule);
	return at;
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

static void rate(const char *name, uint32_t count, uint64_t ns)
{
	if (count)
		printf("%s %.0f\n", name, (double)count * 1e9 / (double)ns);
}

enum kind { ADD, REPLACE, DELETE };

static uint64_t change(struct client *c, enum kind kind, const struct pkttnl_rule *rule)
{
	uint64_t at = now_ns();
	struct pkttnl_txn *txn = begin(c, kind == DELETE ? 0 : PKTTNL_ECHO);

	switch (kind) {
	case ADD:
		check(c, pkttnl_txn_append(txn, TABLE, CHAIN, rule, &c->err), "append");
		break;
	case REPLACE:
		check(c, pkttnl_txn_replace(txn, c->handle, rule, &c->err), "replace");
		break;
	case DELETE:
		check(c, pkttnl_txn_delete(txn, c->handle, &c->err), "delete");
		break;
	}
	commit(c, txn);
	return now_ns() - at;
}

static void measure(struct client *c, uint32_t rules, unsigned int n)
{
	uint64_t *ns = calloc(3 * (size_t)n, sizeof(*ns));
	struct pkttnl_rule *one = make_rule(c, rules), *other = make_rule(c, rules + 1);

	if (!ns)
		exit(1);
	for (unsigned int i = 0; i < n; i++) {
		ns[i] = change(c, ADD, one);
		ns[n + i] = change(c, REPLACE, other);
		ns[2 * n + i] = change(c, DELETE, NULL);
	}
	report("add", ns, n);
	report("replace", ns + n, n);
	report("delete", ns + 2 * n, n);
	pkttnl_rule_free(&one);
	pkttnl_rule_free(&other);
	free(ns);
}

static int count_rule(void *ctx, const struct pkttnl_object *obj)
{
	struct client *c = ctx;

	(void)obj;
	c->listed++;
	return 0;
}

static void list(struct client *c)
{
	uint64_t at = now_ns();

	c->listed = 0;
	check(c, pkttnl_list_rules(c->nl, PKTTNL_IPV4, TABLE, CHAIN, count_rule, c, &c->err),
	      "list");
	rate("list", (uint32_t)c->listed, now_ns() - at);
}

static void flush(struct client *c)
{
	struct pkttnl_txn *txn = begin(c, 0);

	check(c, pkttnl_txn_flush(txn, PKTTNL_IPV4, TABLE, CHAIN, &c->err), "flush");
	commit(c, txn);
}

int main(int argc, char **argv)
{
	struct client c = { 0 };
	uint32_t rules;
	unsigned int n;

	if (argc != 3) {
		fputs("usage: bench_rules_pktt RULES OPERATIONS\n", stderr);
		return 2;
	}
	rules = (uint32_t)strtoul(argv[1], NULL, 10);
	n = (unsigned int)strtoul(argv[2], NULL, 10);
	check(&c, pkttnl_open(&c.nl, NULL, "bench", 0, &c.err), "pkttd");
	check(&c, pkttnl_catalog_get(&c.catalog, c.nl, &c.err), "catalog");
	flush(&c);
	rate("batch", rules, fill(&c, 0, rules, 0));
	measure(&c, rules, n);
	rate("pipelined", 10 * n, fill(&c, rules, 10 * n, PKTTNL_EACH));
	list(&c);
	flush(&c);
	pkttnl_catalog_put(&c.catalog);
	pkttnl_close(&c.nl);
	return 0;
}

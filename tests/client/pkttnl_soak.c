/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A long session of changes over libpkttnetlink: rules come and go, in transactions and pipelined, sets
 * fill and empty, events are heard; at the end nothing is left and neither side has grown.
 *
 * usage: pkttnl_soak CHANGES PID, with $PKTT_SOCKET; PID is pkttd's. Says what it saw; 1 where memory grew.
 */
#include <libpkttnetlink/libpkttnetlink.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 200 };

struct soak {
	struct pkttnl *nl;
	struct pkttnl_catalog *cat;
	struct pkttnl_events *events;
	struct pkttnl_rule *rule[BATCH];
	uint64_t handle[BATCH];
	unsigned int nhandles;
	uint64_t changes, heard, lost;
	struct pkttnl_error err;
};

static void must(struct soak *s, int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s (%d)\n", what, s->err.text, r);
	exit(1);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* KiB in memory of a process. */
static unsigned long resident(const char *pid)
{
	unsigned long total = 0, pages = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/statm", pid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%lu %lu", &total, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * 4;
}

static int take_handle(void *ctx, const struct pkttnl_object *obj)
{
	struct soak *s = ctx;

	if (pkttnl_object_message(obj) == PKTT_MSG_NEWRULE && s->nhandles < BATCH)
		s->handle[s->nhandles++] = pkttnl_object_u64(obj, PKTTA_HANDLE);
	return 0;
}

static int take_event(void *ctx, const struct pkttnl_object *obj)
{
	struct soak *s = ctx;

	(void)obj;
	s->heard++;
	return 0;
}

static void take_gap(void *ctx, uint32_t group, uint64_t lost)
{
	struct soak *s = ctx;

	(void)group;
	s->lost += lost;
}

static int take_count(void *ctx, const struct pkttnl_object *obj)
{
	(void)obj;
	(*(unsigned int *)ctx)++;
	return 0;
}

static void make_rules(struct soak *s)
{
	char text[128];

	for (unsigned int i = 0; i < BATCH; i++) {
		snprintf(text, sizeof(text),
			 "-s 10.1.%u.0/24 -p tcp --dport %u -m limit --limit 5/min -j DROP", i,
			 i + 1);
		must(s, pkttnl_rule_parse(&s->rule[i], s->cat, PKTTNL_IPV4, text, &s->err), text);
	}
}

static struct pkttnl_txn *begin(struct soak *s, unsigned int flags)
{
	struct pkttnl_txn *txn = NULL;

	must(s, pkttnl_txn_new(&txn, s->nl, 0, flags, &s->err), "begin");
	return txn;
}

static void commit(struct soak *s, struct pkttnl_txn **txn)
{
	must(s, pkttnl_txn_commit(*txn, NULL, &s->err), "commit");
	s->changes += pkttnl_txn_changes(*txn);
	pkttnl_txn_free(txn);
	must(s, pkttnl_events_run(s->events, 0, &s->err), "events");
}

static void come_and_go(struct soak *s)
{
	struct pkttnl_txn *txn = begin(s, PKTTNL_ECHO);

	s->nhandles = 0;
	pkttnl_txn_on_object(txn, take_handle, s);
	for (unsigned int i = 0; i < BATCH; i++)
		must(s, pkttnl_txn_append(txn, "filter", "INPUT", s->rule[i], &s->err), "append");
	commit(s, &txn);
	if (s->nhandles != BATCH) {
		fprintf(stderr, "%u handles for %d rules\n", s->nhandles, BATCH);
		exit(1);
	}
	txn = begin(s, PKTTNL_EACH);
	for (unsigned int i = 0; i < BATCH; i += 2)
		must(s, pkttnl_txn_replace(txn, s->handle[i], s->rule[i], &s->err), "replace");
	for (unsigned int i = 1; i < BATCH; i += 2)
		must(s, pkttnl_txn_delete(txn, s->handle[i], &s->err), "delete");
	commit(s, &txn);
	txn = begin(s, 0);
	must(s, pkttnl_txn_flush(txn, PKTTNL_IPV4, "filter", "INPUT", &s->err), "flush");
	commit(s, &txn);
}

static void fill_and_empty(struct soak *s)
{
	struct pkttnl_txn *txn = begin(s, 0);
	char element[32];

	must(s, pkttnl_txn_new_set(txn, "soak", "hash:ip", "", &s->err), "set");
	for (unsigned int i = 0; i < BATCH; i++) {
		snprintf(element, sizeof(element), "192.0.2.%u", i);
		must(s, pkttnl_txn_add_element(txn, "soak", element, false, &s->err), element);
	}
	commit(s, &txn);
	txn = begin(s, 0);
	must(s, pkttnl_txn_flush_set(txn, "soak", &s->err), "flush");
	must(s, pkttnl_txn_delete_set(txn, "soak", &s->err), "delete");
	commit(s, &txn);
}

/* What is refused leaves nothing, either. */
static void refused(struct soak *s)
{
	struct pkttnl_txn *txn = begin(s, 0);
	struct pkttnl_rule *rule = NULL;

	must(s, pkttnl_rule_parse(&rule, s->cat, PKTTNL_IPV4, "-j NOWHERE", &s->err), "parse");
	must(s, pkttnl_txn_append(txn, "filter", "INPUT", s->rule[0], &s->err), "append");
	must(s, pkttnl_txn_append(txn, "filter", "INPUT", rule, &s->err), "append");
	if (pkttnl_txn_commit(txn, NULL, &s->err) == 0) {
		fprintf(stderr, "a jump to nowhere was accepted\n");
		exit(1);
	}
	pkttnl_txn_free(&txn);
	pkttnl_rule_free(&rule);
}

static void round_of_changes(struct soak *s)
{
	unsigned int left = 0;

	come_and_go(s);
	fill_and_empty(s);
	refused(s);
	must(s,
	     pkttnl_list_rules(s->nl, PKTTNL_IPV4, "filter", "INPUT", take_count, &left, &s->err),
	     "list");
	if (left) {
		fprintf(stderr, "%u rules are left\n", left);
		exit(1);
	}
}

static void set_up(struct soak *s)
{
	must(s, pkttnl_open(&s->nl, NULL, NULL, 0, &s->err), "open");
	must(s, pkttnl_catalog_get(&s->cat, s->nl, &s->err), "catalog");
	must(s,
	     pkttnl_events_new(&s->events, s->nl, PKTTNL_EVENTS_RULES | PKTTNL_EVENTS_ELEMENTS,
			       take_event, s, &s->err),
	     "events");
	pkttnl_events_on_gap(s->events, take_gap, s);
	make_rules(s);
}

static void tear_down(struct soak *s)
{
	for (unsigned int i = 0; i < BATCH; i++)
		pkttnl_rule_free(&s->rule[i]);
	pkttnl_events_free(&s->events);
	pkttnl_catalog_put(&s->cat);
	pkttnl_close(&s->nl);
}

int main(int argc, char **argv)
{
	uint64_t wanted = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000;
	const char *pid = argc > 2 ? argv[2] : "self";
	unsigned long there, here, grown;
	struct soak s = { 0 };
	double start;

	set_up(&s);
	while (s.changes < wanted / 5) /* until caches and pools are as large as they get */
		round_of_changes(&s);
	there = resident(pid);
	here = resident("self");
	start = now_s();
	wanted += s.changes;
	while (s.changes < wanted)
		round_of_changes(&s);
	printf("%.0f changes a second; pkttd %lu -> %lu KiB, client %lu -> %lu KiB; %" PRIu64
	       " events, %" PRIu64 " lost\n",
	       (double)(argc > 1 ? strtoull(argv[1], NULL, 10) : 10000) / (now_s() - start), there,
	       resident(pid), here, resident("self"), s.heard, s.lost);
	grown = resident(pid) > there ? resident(pid) - there : 0;
	tear_down(&s);
	return grown > there / 10 + 4096;
}

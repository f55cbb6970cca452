/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries out manipulations of TCP connections and expectations, a line each, and prints the name of each
 * one's error ("0" = none); at the end what is there, a line each.
 *
 *	create|update|delete SPORT DPORT [timeout=N status=N state=N mark=N mask=N helper=NAME master=SPORT]
 *	expect|unexpect MASTER DPORT [src=ADDR class=N flags=N]
 *	flush [HELPER]	of expectations
 */
#include "base/str.h"
#include "conntrack/helper.h"
#include "conntrack/query.h"
#include "conntrack/text.h"
#include "core/engine.h"
#include "nat/nat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT "10.0.0.1"
#define SERVER "10.0.0.2"

static struct conntrack *ct;

/* What a line gives beside its verb and numbers. */
struct given {
	struct ct_change change;
	struct expect expect; /* class, flags, and whether src is given */
	struct pktt_addr src;
	const char *helper, *master;
};

static struct ct_tuple tuple(uint16_t sport, uint16_t dport)
{
	struct ct_tuple t = { .protocol = 6, .family = PKTT_IPV4 };

	inet_pton(AF_INET, CLIENT, t.src);
	inet_pton(AF_INET, SERVER, t.dst);
	t.sport = htons(sport);
	t.dport = htons(dport);
	return t;
}

static struct conn *find(uint16_t sport, uint16_t dport)
{
	struct ct_tuple t = tuple(sport, dport);
	enum ct_dir dir;

	return ct_query_get(ct, &t, &dir);
}

static void put(struct conn *conn)
{
	if (conn)
		conn_put(conntrack_db(ct), &conn);
}

static void take(struct given *g, const char *key, char *value)
{
	struct ct_change *c = &g->change;
	uint32_t n = (uint32_t)strtoul(value, NULL, 0);

	if (strcmp(key, "timeout") == 0) {
		c->has |= CT_HAS_TIMEOUT;
		c->timeout = n;
	} else if (strcmp(key, "status") == 0) {
		c->has |= CT_HAS_STATUS;
		c->status = n;
	} else if (strcmp(key, "state") == 0) {
		c->has |= CT_HAS_PROTOINFO;
		c->l4_has = CT_L4_STATE;
		c->l4.tcp.state = (uint8_t)n;
	} else if (strcmp(key, "mark") == 0) {
		c->has |= CT_HAS_MARK;
		c->mark = n;
	} else if (strcmp(key, "mask") == 0) {
		c->mark_mask = n;
	} else if (strcmp(key, "helper") == 0) {
		g->helper = value;
	} else if (strcmp(key, "master") == 0) {
		g->master = value;
	} else if (strcmp(key, "class") == 0) {
		g->expect.class = (uint8_t)n;
	} else if (strcmp(key, "flags") == 0) {
		g->expect.flags = (uint8_t)n;
	} else if (strcmp(key, "src") == 0) {
		g->src.len = 4;
		inet_pton(AF_INET, value, g->src.byte);
	} else {
		abort();
	}
}

/* Names become what they name: ctnetlink's part. */
static int resolve(struct given *g, uint16_t dport)
{
	struct ct_change *c = &g->change;

	if (g->helper) {
		c->has |= CT_HAS_HELPER;
		c->helper = ct_helper_find(g->helper, PKTT_IPV4, 6);
		if (*g->helper && !c->helper)
			return -EOPNOTSUPP;
	}
	if (g->master) {
		c->has |= CT_HAS_MASTER;
		c->master = find((uint16_t)atoi(g->master), dport);
	}
	return 0;
}

static int create(struct given *g, uint16_t sport, uint16_t dport)
{
	struct ct_tuple t = tuple(sport, dport);
	struct conn *there = find(sport, dport);
	int r = there ? -EEXIST : 0;

	put(there);
	if (r == 0 && g->change.has & CT_HAS_TIMEOUT)
		r = resolve(g, dport);
	if (r == 0)
		r = ct_query_create(ct, &t, NULL, &g->change, NULL, NULL);
	put(g->change.master);
	return r;
}

static int update(struct given *g, uint16_t sport, uint16_t dport)
{
	struct conn *conn = find(sport, dport);
	int r = conn ? 0 : -ENOENT;

	if (r == 0 && g->master)
		r = -EOPNOTSUPP;
	if (r == 0)
		r = resolve(g, dport);
	/* A name that nobody has takes nothing from a connection of a master's. */
	if (r == -EOPNOTSUPP && !g->master && conn_status(conn) & CT_EXPECTED)
		r = -EBUSY;
	if (r == 0)
		r = ct_query_update(ct, conn, &g->change, NULL);
	put(conn);
	return r;
}

static int delete (uint16_t sport, uint16_t dport)
{
	struct conn *conn = find(sport, dport);
	int r = conn ? ct_query_delete(ct, conn) : -ENOENT;

	put(conn);
	return r;
}

static struct expect *find_expect(const struct given *g, uint16_t dport)
{
	struct ct_tuple t = { .protocol = 6, .family = PKTT_IPV4, .dport = htons(dport) };

	memcpy(t.src, g->src.byte, 4);
	inet_pton(AF_INET, CLIENT, t.dst);
	return expect_lookup(ct, &t);
}

static int unexpect(const struct given *g, uint16_t dport)
{
	struct expect *e = find_expect(g, dport);
	int r = e ? ct_query_expect_delete(ct, e) : -ENOENT;

	expect_put(&e);
	return r;
}

static int announce(const struct given *g, struct conn *master, uint16_t dport)
{
	struct pktt_addr to = { 4, { 0 } };
	uint16_t port = htons(dport);
	struct expect *e = expect_new(ct, master);
	int r;

	inet_pton(AF_INET, CLIENT, to.byte);
	expect_init(e, g->expect.class, g->src.len ? &g->src : NULL, &to, 6, NULL, &port);
	e->flags = g->expect.flags;
	r = ct_query_expect_create(ct, e, 0, NULL);
	expect_put(&e);
	return r;
}

static int expect(const struct given *g, uint16_t master, uint16_t dport)
{
	struct expect *there = find_expect(g, dport);
	struct conn *conn = find(master, 21);
	int r = there ? -EEXIST : conn ? announce(g, conn, dport) : -ENOENT;

	expect_put(&there);
	put(conn);
	return r;
}

static void print_expects(void)
{
	struct str out = STR_INIT;
	struct expect *e[8];
	uint64_t cursor = 0;
	unsigned int n;

	while ((n = expect_next(ct, &cursor, e, 8)) > 0)
		for (unsigned int i = 0; i < n; i++) {
			expect_text(ct, e[i], &out);
			str_putc(&out, '\n');
			expect_put(&e[i]);
		}
	fputs(str_text(&out), stdout);
	str_fini(&out);
}

static int carry_out(char *line)
{
	struct given g = { 0 };
	char *word[16] = { NULL }, *more = NULL;
	int n = 0;
	uint16_t a, b;

	for (char *w = strtok_r(line, " \n", &more); w && n < 16; w = strtok_r(NULL, " \n", &more))
		word[n++] = w;
	if (strcmp(word[0], "flush") == 0)
		return (void)ct_query_expect_flush(ct, n > 1 ? word[1] : NULL), 0;
	if (n < 3)
		abort();
	a = (uint16_t)atoi(word[1]);
	b = (uint16_t)atoi(word[2]);
	for (int i = 3; i < n; i++) {
		char *value = strchr(word[i], '=');

		*value = '\0';
		take(&g, word[i], value + 1);
	}
	switch (word[0][0]) {
	case 'c':
		return create(&g, a, b);
	case 'd':
		return delete (a, b);
	case 'e':
		return expect(&g, a, b);
	case 'u':
		if (word[0][1] == 'p')
			return update(&g, a, b);
		return unexpect(&g, b);
	}
	abort();
}

int main(void)
{
	struct pktt_engine_config config = { .workers = 1 };
	struct ct_settings settings;
	struct pktt_engine *engine;
	struct str out = STR_INIT;
	char line[512];

	ct_settings_init(&settings);
	settings.acct = false;
	if (pktt_engine_new(&engine, &config, NULL) || conntrack_attach(engine, &settings, NULL) ||
	    nat_attach(engine, NULL))
		return 1;
	ct = conntrack_of(engine);
	conntrack_advance(ct, UINT64_C(1700000000) * 1000000000);
	while (fgets(line, sizeof(line), stdin)) {
		int r = carry_out(line);

		puts(r ? strerrorname_np(-r) : "0");
	}
	conntrack_save(ct, &out);
	fputs(str_text(&out), stdout);
	str_fini(&out);
	print_expects();
	pktt_engine_free(&engine);
	return 0;
}

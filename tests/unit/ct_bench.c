/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ct_bench.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const struct ct_expect_policy classes[] = {
	[CLASS_TWO] = { "two", 2, 10 },
	[CLASS_ANY] = { "any", 0, 300 },
};

static enum pktt_verdict help(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info)
{
	(void)pkt;
	(void)conn;
	(void)info;
	return PKTT_ACCEPT;
}

PKTT_HELPER(bench) = {
	.name = "bench",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.protocol = { 17, 6 },
	.ports = { 53 },
	.classes = classes,
	.nclasses = 2,
	.help = help,
};

const struct ct_helper *ct_bench_helper(void)
{
	return ct_helper_find("bench", PKTT_IPV4, 17);
}

void ct_bench_init(struct ct_bench *b)
{
	memset(b, 0, sizeof(*b));
	ct_settings_init(&b->settings);
	b->workers = 4;
}

void ct_bench_start(struct ct_bench *b)
{
	struct pktt_engine_config config = { .workers = b->workers, .seed = 1 };

	if (pktt_engine_new(&b->engine, &config, NULL) ||
	    conntrack_attach(b->engine, &b->settings, NULL))
		abort();
	b->ct = conntrack_of(b->engine);
	ct_bench_time(b, 0);
}

void ct_bench_fini(struct ct_bench *b)
{
	pktt_engine_free(&b->engine);
}

void ct_bench_time(struct ct_bench *b, uint64_t ns)
{
	conntrack_advance(b->ct, CT_BEGIN + ns);
}

struct ct_tuple ct_bench_tuple(const char *src, const char *dst, uint8_t protocol, uint16_t sport,
			       uint16_t dport)
{
	struct ct_tuple t = { .protocol = protocol, .sport = PORT(sport), .dport = PORT(dport) };

	t.family = strchr(src, ':') ? PKTT_IPV6 : PKTT_IPV4;
	if (inet_pton(t.family == PKTT_IPV6 ? AF_INET6 : AF_INET, src, t.src) != 1 ||
	    inet_pton(t.family == PKTT_IPV6 ? AF_INET6 : AF_INET, dst, t.dst) != 1)
		abort();
	return t;
}

struct conn *ct_bench_conn(struct ct_bench *b, uint32_t n, uint32_t has,
			   const struct ct_helper *helper)
{
	struct ct_change change = { .has = CT_HAS_TIMEOUT | has, .timeout = 600, .helper = helper };
	struct ct_tuple t = ct_bench_tuple("10.0.0.0", "192.0.2.1", 17, (uint16_t)n, 53);
	struct conn *ret = NULL;

	t.src[1] = (uint8_t)(n >> 24);
	t.src[2] = (uint8_t)(n >> 16);
	if (ct_query_create(b->ct, &t, NULL, &change, &ret, NULL))
		abort();
	return ret;
}

uint32_t ct_bench_live(struct ct_bench *b)
{
	struct conndb_stats stats;

	conndb_stats(conntrack_db(b->ct), &stats);
	return stats.connections + stats.unconfirmed + stats.dying;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics that take more than reading a number: lengths of commits, states of connections, listeners. */
#include "daemon/metrics.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/own.h"
#include "base/str.h"
#include "conntrack/conn.h"
#include "conntrack/conndb.h"
#include "conntrack/conntrack.h"
#include "core/set.h"
#include "daemon/daemon.h"
#include "desc/ct_view.h"

/* --- Commits ---------------------------------------------------------------------------------- */

/* Upper bounds, ns. */
static const struct {
	uint64_t ns;
	const char *le;
} bounds[METRICS_COMMIT_BUCKETS] = {
	{ 10000, "0.00001" }, { 100000, "0.0001" }, { 1000000, "0.001" },   { 10000000, "0.01" },
	{ 100000000, "0.1" }, { 1000000000, "1" },  { UINT64_MAX, "+Inf" },
};

void metrics_commit(struct metrics_commits *m, uint64_t ns)
{
	unsigned int i = 0;

	while (ns > bounds[i].ns)
		i++;
	m->bucket[i]++;
	m->sum_ns += ns;
}

void metrics_put_commits(const struct metrics_commits *m, struct str *out)
{
	uint64_t count = 0;

	str_puts(out, "# TYPE pkttables_commit_seconds histogram\n"
		      "# UNIT pkttables_commit_seconds seconds\n"
		      "# HELP pkttables_commit_seconds Time that programs' transactions took.\n");
	for (unsigned int i = 0; i < METRICS_COMMIT_BUCKETS; i++) {
		count += m->bucket[i];
		str_putf(out, "pkttables_commit_seconds_bucket{le=\"%s\"} %" PRIu64 "\n",
			 bounds[i].le, count);
	}
	str_putf(out, "pkttables_commit_seconds_count %" PRIu64 "\n", count);
	str_putf(out, "pkttables_commit_seconds_sum %" PRIu64 ".%09" PRIu64 "\n",
		 m->sum_ns / UINT64_C(1000000000), m->sum_ns % UINT64_C(1000000000));
}

/* --- Connections by state --------------------------------------------------------------------- */

/* More than these are not gone through while others wait: the metric is left out then. */
enum { STATES_CONNECTIONS_MAX = 200000, STATES_MAX = 16, STEP = 64 };

struct states {
	uint64_t count[UINT8_MAX + 1][STATES_MAX];
};

static uint8_t state_of(const struct conn *conn)
{
	const union ct_l4 *l4 = conn_l4_const(conn);

	switch (conn->protocol) {
	case IPPROTO_TCP:
		return l4->tcp.state;
	case IPPROTO_SCTP:
		return l4->sctp.state;
	case IPPROTO_DCCP:
		return l4->dccp.state;
	default:
		return 0;
	}
}

static void count_states(struct conndb *db, struct states *states)
{
	struct conn *conn[STEP];
	uint64_t cursor = 0;
	unsigned int n;

	do {
		n = conndb_next(db, &cursor, conn, STEP);
		for (unsigned int i = 0; i < n; i++) {
			uint8_t state = state_of(conn[i]);

			states->count[conn[i]->protocol][state < STATES_MAX ? state : 0]++;
			conn_put(db, &conn[i]);
		}
	} while (n || cursor);
}

static void put_state(uint8_t protocol, uint8_t state, uint64_t count, struct str *out)
{
	const char *name = ct_state_name(protocol, state);

	str_putf(out,
		 "pkttables_conntrack_states{l4=\"%s\",protocol=\"%u\",state=\"%s\"} %" PRIu64 "\n",
		 ct_protocol_name(protocol), protocol, name ? name : "", count);
}

void metrics_put_states(const struct daemon *d, struct str *out)
{
	struct conndb *db = conntrack_db(d->ct);
	struct conndb_stats stats;
	struct states *states;

	conndb_stats(db, &stats);
	states = stats.connections > STATES_CONNECTIONS_MAX ? NULL : calloc(1, sizeof(*states));
	if (!states)
		return;
	count_states(db, states);
	str_puts(out,
		 "# TYPE pkttables_conntrack_states gauge\n"
		 "# HELP pkttables_conntrack_states Connections by state; not told of more than "
		 "200000.\n");
	for (unsigned int p = 0; p <= UINT8_MAX; p++)
		for (unsigned int s = 0; s < STATES_MAX; s++)
			if (states->count[p][s])
				put_state((uint8_t)p, (uint8_t)s, states->count[p][s], out);
	free(states);
}

/* --- Who listens ------------------------------------------------------------------------------ */

static const struct {
	uint32_t id;
	const char *name;
} groups[] = {
	{ 1, "conntrack-new" },	       { 2, "conntrack-update" },
	{ 3, "conntrack-destroy" },    { 4, "expect-new" },
	{ 5, "expect-update" },	       { 6, "expect-destroy" },
	{ PKTT_GROUP_RULES, "rules" }, { PKTT_GROUP_ELEMENTS, "elements" },
	{ PKTT_GROUP_TRACE, "trace" }, { PKTT_GROUP_LOG, "log" },
};

void metrics_put_listeners(const struct daemon *d, struct str *out)
{
	str_puts(out, "# TYPE pkttables_netlink_subscribers gauge\n"
		      "# HELP pkttables_netlink_subscribers Programs that are told of events.\n");
	for (size_t i = 0; i < pktt_countof(groups); i++)
		str_putf(out, "pkttables_netlink_subscribers{group=\"%s\"} %u\n", groups[i].name,
			 nfnl_group_count(d->bus, groups[i].id));
}

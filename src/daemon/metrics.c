/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenMetrics text. A metric that is one number stands in a table with the function that reads it; those
 * that have labels print themselves.
 */
#include "daemon/daemon.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/own.h"
#include "base/str.h"
#include "conntrack/conntrack.h"
#include "core/change.h"
#include "core/engine.h"
#include "core/set.h"
#include "daemon/history.h"
#include "daemon/journal.h"
#include "desc/family.h"

enum kind { GAUGE, COUNTER };

/* --- One number each -------------------------------------------------------------------------- */

static uint64_t generation(const struct daemon *d)
{
	return pktt_engine_generation(d->engine);
}

static uint64_t confirm_pending(const struct daemon *d)
{
	return history_pending(d->history);
}

static uint64_t count_rules(const struct daemon *d)
{
	uint64_t n = 0;

	for (struct pktt_table *t = NULL; (t = pktt_table_next(d->engine, t));)
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			for (struct pktt_rule *r = NULL; (r = pktt_rule_next(c, r));)
				n++;
	return n;
}

static uint64_t connections(const struct daemon *d)
{
	struct conndb_stats stats;

	conndb_stats(conntrack_db(d->ct), &stats);
	return stats.connections;
}

static uint64_t connections_max(const struct daemon *d)
{
	return conntrack_settings(d->ct)->max;
}

static uint64_t clients(const struct daemon *d)
{
	uint64_t n = 0;

	for (struct nfnl_peer *p = NULL; (p = nfnl_peer_next(d->bus, p));)
		n++;
	return n;
}

static uint64_t injected(const struct daemon *d)
{
	return d->injected;
}

static uint64_t waiting(const struct daemon *d)
{
	return workers_waiting(d->workers);
}

static uint64_t boot(const struct daemon *d)
{
	return d->boot;
}

static uint64_t lines_lost(const struct daemon *d)
{
	(void)d;
	return journal_lost();
}

static uint64_t start_time(const struct daemon *d)
{
	return d->started_ns / UINT64_C(1000000000);
}

static uint64_t resident_bytes(const struct daemon *d)
{
	struct rusage usage;

	(void)d;
	return getrusage(RUSAGE_SELF, &usage) ? 0 : (uint64_t)usage.ru_maxrss * 1024;
}

static const struct {
	const char *name, *help;
	enum kind kind;
	uint64_t (*read)(const struct daemon *d);
} numbers[] = {
	{ "generation", "changes of the rules since pkttd began", GAUGE, generation },
	{ "confirm_pending", "seconds until a load is taken back; 0 is none", GAUGE,
	  confirm_pending },
	{ "rules", "rules of all chains", GAUGE, count_rules },
	{ "conntrack_entries", "connections", GAUGE, connections },
	{ "conntrack_entries_limit", "connections that there may be", GAUGE, connections_max },
	{ "clients", "programs that are connected", GAUGE, clients },
	{ "injected_packets", "packets that programs handed in", COUNTER, injected },
	{ "worker_jobs", "packets that wait for a worker", GAUGE, waiting },
	{ "boot", "0 rules file, 1 no file, 2 last good rules, 3 none could be loaded", GAUGE,
	  boot },
	{ "log_lines_lost", "lines that log-rate kept back", COUNTER, lines_lost },
};

static const struct {
	const char *name, *help;
	uint64_t (*read)(const struct daemon *d);
} process[] = {
	{ "process_start_time_seconds", "when pkttd began, since the epoch", start_time },
	{ "process_max_resident_memory_bytes", "most memory that was in use", resident_bytes },
};

/* --- Lines ------------------------------------------------------------------------------------ */

static void head(struct str *out, const char *name, enum kind kind, const char *help)
{
	str_putf(out, "# TYPE pkttables_%s %s\n# HELP pkttables_%s %s.\n", name,
		 kind == GAUGE ? "gauge" : "counter", name, help);
}

/* A label's value: quotes, backslashes and line ends would end it. */
static void label(struct str *out, const char *name, const char *value)
{
	str_putf(out, "%s%s=\"", out->data[out->len - 1] == '{' ? "" : ",", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			str_putc(out, '\\');
		str_putc(out, (unsigned char)*value < ' ' ? '?' : *value);
	}
	str_putc(out, '"');
}

static void put_numbers(const struct daemon *d, struct str *out)
{
	for (size_t i = 0; i < pktt_countof(numbers); i++) {
		head(out, numbers[i].name, numbers[i].kind, numbers[i].help);
		str_putf(out, "pkttables_%s%s %" PRIu64 "\n", numbers[i].name,
			 numbers[i].kind == COUNTER ? "_total" : "", numbers[i].read(d));
	}
	for (size_t i = 0; i < pktt_countof(process); i++)
		str_putf(out, "# TYPE %s gauge\n# HELP %s %s.\n%s %" PRIu64 "\n", process[i].name,
			 process[i].name, process[i].help, process[i].name, process[i].read(d));
}

static void put_build(struct str *out)
{
	str_puts(out, "# TYPE pkttables_build info\n# HELP pkttables_build What runs.\n"
		      "pkttables_build_info{version=\"" PKTT_VERSION "\"} 1\n");
}

static void put_commits(const struct daemon *d, struct str *out)
{
	head(out, "commits", COUNTER, "transactions on the rules, and loads that were refused");
	str_putf(out, "pkttables_commits_total{result=\"ok\"} %" PRIu64 "\n", d->commits);
	str_putf(out, "pkttables_commits_total{result=\"refused\"} %" PRIu64 "\n", d->refused);
}

static void put_conntrack(const struct daemon *d, struct str *out)
{
	uint64_t count[CT_COUNT_COUNT];
	char name[64];

	conntrack_counters(d->ct, count);
	for (unsigned int i = 0; i < CT_COUNT_COUNT; i++) {
		snprintf(name, sizeof(name), "conntrack_%s", ct_count_names[i]);
		head(out, name, COUNTER, "as conntrack -S counts");
		str_putf(out, "pkttables_%s_total %" PRIu64 "\n", name, count[i]);
	}
}

static void put_sets(const struct daemon *d, struct str *out)
{
	head(out, "set_elements", GAUGE, "elements of a set, those that have expired included");
	for (struct pktt_set *s = NULL; (s = pktt_set_next(d->engine, s));) {
		str_puts(out, "pkttables_set_elements{");
		label(out, "set", pktt_set_name(s));
		str_putf(out, "} %" PRIu64 "\n", pktt_set_count(s));
	}
	head(out, "set_full", COUNTER, "elements that a full set did not take");
	for (struct pktt_set *s = NULL; (s = pktt_set_next(d->engine, s));) {
		str_puts(out, "pkttables_set_full_total{");
		label(out, "set", pktt_set_name(s));
		str_putf(out, "} %" PRIu64 "\n", pktt_set_full(s));
	}
}

/* --- Rules: those that have a name, as scripts know them --------------------------------------- */

static void place(const struct pktt_chain *chain, struct str *out)
{
	const struct pktt_table *table = pktt_chain_table(chain);

	str_putc(out, '{');
	label(out, "family", pktt_family_name(pktt_table_family(table)));
	label(out, "table", pktt_table_name(table));
	label(out, "chain", pktt_chain_name(chain));
}

enum of_rule { PACKETS, BYTES, LAST_HIT };

static void put_rule(const struct pktt_rule *rule, const char *name, enum of_rule what,
		     struct str *out)
{
	struct pktt_counters c;
	uint64_t hit = pktt_rule_last_hit(rule);

	if (!rule->spec->name[0] || (what == LAST_HIT && !hit))
		return;
	pktt_rule_counters(rule, &c);
	str_putf(out, "pkttables_%s", name);
	place(rule->chain, out);
	label(out, "rule", rule->spec->name);
	if (what == LAST_HIT)
		str_putf(out, "} %" PRIu64 ".%03u\n", hit / UINT64_C(1000000000),
			 (unsigned int)(hit / 1000000 % 1000));
	else
		str_putf(out, "} %" PRIu64 "\n", what == PACKETS ? c.packets : c.bytes);
}

static void put_rules(const struct daemon *d, const char *name, enum of_rule what, struct str *out)
{
	for (struct pktt_table *t = NULL; (t = pktt_table_next(d->engine, t));)
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			for (struct pktt_rule *r = NULL; (r = pktt_rule_next(c, r));)
				put_rule(r, name, what, out);
}

static void put_policies(const struct daemon *d, struct str *out)
{
	struct pktt_counters count;

	head(out, "policy_packets", COUNTER, "packets that a policy decided over");
	for (struct pktt_table *t = NULL; (t = pktt_table_next(d->engine, t));)
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));) {
			if (!pktt_chain_is_base(c))
				continue;
			pktt_chain_counters(c, &count);
			str_puts(out, "pkttables_policy_packets_total");
			place(c, out);
			str_putf(out, "} %" PRIu64 "\n", count.packets);
		}
}

static void put_log(struct str *out)
{
	static const char *const level[] = { "emerg",	"alert",  "crit", "err",
					     "warning", "notice", "info", "debug" };

	head(out, "log_events", COUNTER, "lines of the journal, by level");
	for (int i = 0; i <= LOG_DEBUG; i++)
		str_putf(out, "pkttables_log_events_total{level=\"%s\"} %" PRIu64 "\n", level[i],
			 journal_count(i));
}

void metrics_print(struct daemon *d, struct str *out)
{
	put_build(out);
	put_numbers(d, out);
	put_commits(d, out);
	metrics_put_commits(&d->commit_times, out);
	head(out, "rule_packets", COUNTER, "packets that a named rule has counted");
	put_rules(d, "rule_packets_total", PACKETS, out);
	head(out, "rule_bytes", COUNTER, "bytes that a named rule has counted");
	put_rules(d, "rule_bytes_total", BYTES, out);
	head(out, "rule_last_hit_timestamp_seconds", GAUGE, "when a named rule last counted");
	put_rules(d, "rule_last_hit_timestamp_seconds", LAST_HIT, out);
	put_policies(d, out);
	put_sets(d, out);
	put_conntrack(d, out);
	metrics_put_states(d, out);
	metrics_put_listeners(d, out);
	put_log(out);
	sub_queue_metrics(d->queues, out);
	sub_ulog_metrics(d->logs, out);
	str_puts(out, "# EOF\n");
}

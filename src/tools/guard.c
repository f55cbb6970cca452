/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/guard.h"

#include "base/own.h"
#include "base/str.h"
#include "datapath/replay/capture.h"
#include "datapath/replay/craft.h"
#include "datapath/replay/replay.h"
#include "datapath/replay/router.h"
#include "tools/explain_view.h"
#include "tools/mirror.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- Whose connection ------------------------------------------------------------------------------ */

static bool is_v6(const char *addr)
{
	return strchr(addr, ':') != NULL;
}

/* "198.51.100.7 40112 192.0.2.80 22", as sshd says it. */
static bool take_connection(struct guard *g, const char *text)
{
	if (!text ||
	    sscanf(text, "%63s %u %63s %u", g->from, &g->from_port, g->to, &g->to_port) != 4)
		return false;
	/* IPv4 addresses of a socket for both families are IPv4's for the rules */
	if (strncasecmp(g->from, "::ffff:", 7) == 0)
		memmove(g->from, g->from + 7, strlen(g->from + 7) + 1);
	if (strncasecmp(g->to, "::ffff:", 7) == 0)
		memmove(g->to, g->to + 7, strlen(g->to + 7) + 1);
	g->from[strcspn(g->from, "%")] = '\0';
	g->to[strcspn(g->to, "%")] = '\0';
	g->family = is_v6(g->from) ? PKTT_IPV6 : PKTT_IPV4;
	return is_v6(g->from) == is_v6(g->to) && g->from_port < 65536 && g->to_port < 65536;
}

/* The connection of an ancestor: sudo and the like clear the environment that sshd made. */
static bool of_ancestors(struct guard *g)
{
	pid_t pid = getppid();

	for (int depth = 0; pid > 1 && depth < 16; depth++) {
		char path[64], line[4096];
		FILE *f;
		size_t n;
		int parent = 0;

		snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
		f = fopen(path, "re");
		n = f ? fread(line, 1, sizeof(line) - 1, f) : 0;
		if (f)
			fclose(f);
		line[n] = '\0';
		for (size_t at = 0; at < n; at += strlen(line + at) + 1)
			if (strncmp(line + at, "SSH_CONNECTION=", 15) == 0)
				return take_connection(g, line + at + 15);
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		f = fopen(path, "re");
		n = f ? fread(line, 1, sizeof(line) - 1, f) : 0;
		if (f)
			fclose(f);
		line[n] = '\0';
		if (!strrchr(line, ')') || sscanf(strrchr(line, ')') + 1, " %*c %d", &parent) != 1)
			return false;
		pid = (pid_t)parent;
	}
	return false;
}

/* The interface that has the host's address of the connection. */
static void find_interface(struct guard *g)
{
	struct ifaddrs *all = NULL;
	char text[INET6_ADDRSTRLEN];

	snprintf(g->iface, sizeof(g->iface), "eth0");
	if (getifaddrs(&all))
		return;
	for (struct ifaddrs *i = all; i; i = i->ifa_next) {
		int family = i->ifa_addr ? i->ifa_addr->sa_family : 0;
		const void *addr = NULL;

		if (family == AF_INET)
			addr = &((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr;
		else if (family == AF_INET6)
			addr = &((struct sockaddr_in6 *)(void *)i->ifa_addr)->sin6_addr;
		if (addr && inet_ntop(family, addr, text, sizeof(text)) && strcmp(text, g->to) == 0)
			snprintf(g->iface, sizeof(g->iface), "%.15s", i->ifa_name);
	}
	freeifaddrs(all);
}

/* --- The mirror ------------------------------------------------------------------------------------ */

static int apply(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct guard *g = ctx;

	return pktt_txn_apply(g->rules.txn, cmd, g->rules.flags, err);
}

static int take_rules(struct guard *g)
{
	struct pktt_errors errs = { 0 };
	int r = mirror_read(&g->rules, g->session);

	return r ? r : pktt_txn_commit(&g->rules.txn, &errs);
}

/* The host with the connection's interface, and the peer behind it. */
static int make_paths(struct guard *g)
{
	static struct replay_settings settings;
	struct replay_config config = {
		.engine = g->rules.engine,
		.settings = &settings,
		.seed = 1,
	};
	char spec[128];
	int bits = g->family == PKTT_IPV6 ? 128 : 32;
	int r = router_new(&g->router, NULL);

	replay_settings_init(&settings);
	snprintf(spec, sizeof(spec), "%s=%s/%d", g->iface, g->to, bits);
	/* lo is there already, and what comes over it starts as the host's own */
	if (r == 0 && strcmp(g->iface, "lo") == 0)
		return -ENOTSUP;
	r = r ? r : router_add_interface(g->router, spec, NULL);
	snprintf(spec, sizeof(spec), "%s=%s", bits == 128 ? "::/0" : "0.0.0.0/0", g->iface);
	r = r ? r : router_add_route(g->router, spec, NULL);
	r = r ? r : router_finish(g->router, NULL);
	config.router = g->router;
	r = r ? r : replay_new(&g->in, &config, NULL);
	config.local_out = g->iface;
	return r ? r : replay_new(&g->out, &config, NULL);
}

/* --- Packets --------------------------------------------------------------------------------------- */

/* true: it passed. decision, if not NULL, says who decided. */
static bool send_packet(struct guard *g, bool inwards, const char *flags,
			struct pktt_decision *decision)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *pkt = NULL;
	bool v6 = g->family == PKTT_IPV6;
	const char *l = v6 ? "[" : "", *e = v6 ? "]" : "";
	struct capture_record record = { .linktype = CAPTURE_LINKTYPE_ETHERNET,
					 .interface = g->iface };
	const struct replay_result *result;
	struct craft_where where;
	char line[320];

	if (inwards)
		snprintf(line, sizeof(line), "tcp %s%s%s:%u > %s%s%s:%u %s", l, g->from, e,
			 g->from_port, l, g->to, e, g->to_port, flags);
	else
		snprintf(line, sizeof(line), "tcp %s%s%s:%u > %s%s%s:%u %s", l, g->to, e,
			 g->to_port, l, g->from, e, g->from_port, flags);
	if (craft_packet(&pkt, &where, line, NULL)) {
		g->failed = true;
		return true;
	}
	g->time_ns += 1000000;
	record.time_ns = (int64_t)g->time_ns;
	record.data = pkt->buf + pkt->l2;
	record.caplen = record.wirelen = pkt->end - pkt->l2;
	replay_batch(inwards ? g->in : g->out);
	result = replay_packet(inwards ? g->in : g->out, &record);
	if (decision)
		*decision = result->decision;
	return result->has_verdict &&
	       (result->verdict == PKTT_ACCEPT || result->verdict == PKTT_QUEUE);
}

/* The connection as it was made, so that tracking knows it; whether it is alive under these rules. */
static bool shake_hands(struct guard *g)
{
	bool good = send_packet(g, true, "syn seq=100 win=65535", NULL);

	good &= send_packet(g, false, "syn ack seq=500 ackno=101 win=65535", NULL);
	good &= send_packet(g, true, "ack seq=101 ackno=501 win=65535", NULL);
	/* Where new ones are refused but old ones kept, the tracker has none: then as it picks up. */
	return send_packet(g, true, "ack psh seq=101 ackno=501 win=65535", NULL) || good;
}

bool guard_begin(struct guard *guard, struct session *session)
{
	struct pktt_engine_config config = { .workers = 1, .label_file = TOOL_LABELS };
	struct guard g = { .session = session, .time_ns = live_now_ns() };
	struct pktt_error err = { 0 };

	if (!take_connection(&g, getenv("SSH_CONNECTION")) && !of_ancestors(&g))
		return false;
	find_interface(&g);
	*guard = g;
	if (tool_rules_init(&guard->rules, &config) || tool_rules_track(&guard->rules, NULL) ||
	    take_rules(guard) || make_paths(guard) || !shake_hands(guard) ||
	    pktt_txn_begin(&guard->rules.txn, guard->rules.engine, &err)) {
		guard_end(guard);
		return false;
	}
	return true;
}

void guard_end(struct guard *guard)
{
	replay_free(&guard->in);
	replay_free(&guard->out);
	router_free(&guard->router);
	tool_rules_fini(&guard->rules);
}

/* --- The change ------------------------------------------------------------------------------------ */

void guard_words(struct guard *guard, enum pktt_family family, int argc, const char *const *argv)
{
	struct pktt_receiver to = { apply, guard };
	struct pktt_source src = {
		.catalog = pktt_engine_catalog(guard->rules.engine),
		.family = family,
		.is_native = true,
	};

	/* -D of what is not there and the like is pkttd's to refuse */
	guard->rules.flags = PKTT_APPLY_COUNTERS;
	guard->failed |= pktt_words_read(&src, argc, argv, &to, NULL) != 0;
}

void guard_text(struct guard *guard, const char *path, enum pktt_family family, bool is_native,
		bool flushes)
{
	guard->rules.flags =
		flushes ? PKTT_APPLY_RESTORE | PKTT_APPLY_COUNTERS : PKTT_APPLY_COUNTERS;
	tool_rules_read(&guard->rules, path, family, is_native);
}

bool guard_running(struct guard *guard)
{
	guard->rules.flags = PKTT_APPLY_RESTORE | PKTT_APPLY_COUNTERS;
	guard->failed |= mirror_read(&guard->rules, guard->session) != 0;
	return !guard->failed;
}

/* --- The judgement --------------------------------------------------------------------------------- */

static void put_reason(const struct guard *g, const struct pktt_decision *d, struct str *out)
{
	str_putf(out, "this change cuts your own connection (%s:%u > %s:%u): ", g->from,
		 g->from_port, g->to, g->to_port);
	if (d->rule) {
		pktt_chain_number(d->rule->chain);
		str_putf(out, "%s/%s ", pktt_table_name(pktt_chain_table(d->chain)),
			 pktt_chain_name(d->chain));
		explain_rule_name(d->rule, out);
		str_puts(out, " drops it:  ");
		pktt_rule_spec_print(d->rule->spec, out);
	} else if (d->base) {
		str_putf(out, "the policy of %s/%s drops it",
			 pktt_table_name(pktt_chain_table(d->base)), pktt_chain_name(d->base));
	} else {
		str_putf(out, "dropped (%s)", pktt_reason_name(d->reason));
	}
}

static bool says_yes(void)
{
	char line[16];

	if (!isatty(STDIN_FILENO))
		return false;
	fputs("Go on? [y/N] ", stderr);
	return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

bool guard_cuts(struct guard *guard)
{
	struct pktt_errors errs = { 0 };
	struct pktt_decision decision = { 0 };
	struct str text = STR_INIT, safe = STR_INIT;

	if (guard->failed || guard->rules.errs.count || pktt_txn_commit(&guard->rules.txn, &errs))
		return false;
	if (send_packet(guard, true, "ack psh seq=101 ackno=501 win=65535", &decision) &&
	    send_packet(guard, false, "ack seq=501 ackno=101 win=65535", &decision))
		return false;
	put_reason(guard, &decision, &text);
	str_put_escaped(&safe, str_text(&text), text.len);
	fprintf(stderr, "pktt: %s\n", str_text(&safe));
	str_fini(&text);
	str_fini(&safe);
	return true;
}

int guard_ask(void)
{
	if (says_yes())
		return TOOL_OK;
	fputs("pktt: nothing changed; --yes does it all the same\n", stderr);
	return TOOL_REFUSED;
}

int guard_judge(struct guard *guard, bool yes)
{
	return guard_cuts(guard) && !yes ? guard_ask() : TOOL_OK;
}

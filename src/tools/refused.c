/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/refused.h"

#include "base/own.h"
#include "base/str.h"
#include "datapath/replay/capture.h"
#include "datapath/replay/craft.h"
#include "datapath/replay/replay.h"
#include "datapath/replay/router.h"
#include "tools/host.h"
#include "tools/mirror.h"
#include "tools/rule_files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Packets that come in by whatever interface, or that the host sends by this one. */
struct way {
	struct way *next;
	const struct pktt_iface *out; /* NULL: they come in */
	struct replay *replay;
};

struct refused {
	struct tool_rules rules;
	struct router *router;
	struct replay_settings settings;
	struct way *ways;
	uint64_t time_ns;
};

/* --- Making ---------------------------------------------------------------------------------------- */

static int take_rules(struct refused *f, struct session *session)
{
	struct pktt_engine_config config = { .workers = 1, .label_file = TOOL_LABELS };
	struct pktt_errors errs = { 0 };
	int r = tool_rules_init(&f->rules, &config);

	r = r ? r : tool_rules_track(&f->rules, NULL);
	r = r ? r : mirror_read(&f->rules, session);
	return r ? r : pktt_txn_commit(&f->rules.txn, &errs);
}

static int take_host(struct refused *f, struct session *session)
{
	struct pktt_error err = { 0 };
	int r = host_router(&f->router, &err);

	r = r ? r : router_finish(f->router, &err);
	if (r)
		session->err = (struct pkttnl_error){ .code = r };
	if (r)
		snprintf(session->err.text, sizeof(session->err.text), "%s", err.text);
	return r;
}

struct refused *refused_new(struct session *session)
{
	PKTT_AUTO(refused_free) struct refused *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->time_ns = live_now_ns();
	replay_settings_init(&f->settings);
	if (take_rules(f, session) || take_host(f, session))
		return NULL;
	return pktt_take(&f);
}

void refused_free(struct refused **slot)
{
	struct refused *f = *slot;

	if (!f)
		return;
	while (f->ways) {
		struct way *next = f->ways->next;

		replay_free(&f->ways->replay);
		free(f->ways);
		f->ways = next;
	}
	router_free(&f->router);
	tool_rules_fini(&f->rules);
	free(f);
	*slot = NULL;
}

/* --- Ways ------------------------------------------------------------------------------------------ */

static struct replay *way(struct refused *f, const struct pktt_iface *out)
{
	struct replay_config config = {
		.engine = f->rules.engine,
		.router = f->router,
		.settings = &f->settings,
		.local_out = out ? out->name : NULL,
		.seed = 1,
	};
	struct way *w = f->ways;

	while (w && w->out != out)
		w = w->next;
	if (w)
		return w->replay;
	w = calloc(1, sizeof(*w));
	if (!w || replay_new(&w->replay, &config, NULL)) {
		free(w);
		return NULL;
	}
	w->out = out;
	w->next = f->ways;
	f->ways = w;
	return w->replay;
}

static bool address(const struct ctnl_conn *conn, enum ctnl_attr attr, struct pktt_addr *ret)
{
	*ret = (struct pktt_addr){ 0 };
	ret->len = (uint8_t)ctnl_conn_get_addr(conn, attr, ret->byte);
	return ret->len != 0;
}

/* Where its first packet would come from: in by an interface, or from the host itself. */
static struct replay *find_way(struct refused *f, const struct ctnl_conn *conn, const char **in)
{
	struct pktt_addr src, dst;
	struct pktt_route route = { 0 };
	bool is_own;

	if (!address(conn, CTNL_ORIG_SRC, &src) || !address(conn, CTNL_ORIG_DST, &dst))
		return NULL;
	is_own = router_is_own(f->router, &src);
	if (router_lookup(f->router, is_own ? &dst : &src, NULL, &route) || !route.out)
		return NULL;
	*in = route.out->name;
	return way(f, is_own ? route.out : NULL);
}

/* --- The first packet ------------------------------------------------------------------------------ */

static void put_end(struct str *out, const struct pktt_addr *addr, uint64_t port, bool has_port)
{
	char text[INET6_ADDRSTRLEN];
	bool v6 = addr->len == 16;

	inet_ntop(v6 ? AF_INET6 : AF_INET, addr->byte, text, sizeof(text));
	str_putf(out, v6 ? "[%s]" : "%s", text);
	if (has_port)
		str_putf(out, ":%u", (unsigned int)port);
}

static const struct {
	unsigned int protocol;
	bool has_ports;
	const char *name, *first;
} kinds[] = {
	{ IPPROTO_TCP, true, "tcp", "syn" },	       { IPPROTO_UDP, true, "udp", "len=8" },
	{ IPPROTO_UDPLITE, true, "udplite", "len=8" }, { IPPROTO_SCTP, true, "sctp", "type=1" },
	{ IPPROTO_ICMP, false, "icmp", "" },	       { IPPROTO_ICMPV6, false, "icmpv6", "" },
};

/* The line of craft.h; false where none is known. */
static bool put_first(struct str *out, const struct ctnl_conn *conn)
{
	uint64_t protocol = ctnl_conn_get(conn, CTNL_PROTOCOL);
	struct pktt_addr src, dst;
	size_t k = 0;

	while (k < pktt_countof(kinds) && kinds[k].protocol != protocol)
		k++;
	if (k == pktt_countof(kinds) || !address(conn, CTNL_ORIG_SRC, &src) ||
	    !address(conn, CTNL_ORIG_DST, &dst))
		return false;
	str_putf(out, "%s ", kinds[k].name);
	put_end(out, &src, ctnl_conn_get(conn, CTNL_ORIG_SPORT), kinds[k].has_ports);
	str_puts(out, " > ");
	put_end(out, &dst, ctnl_conn_get(conn, CTNL_ORIG_DPORT), kinds[k].has_ports);
	if (kinds[k].has_ports)
		str_putf(out, " %s", kinds[k].first);
	else
		str_putf(out, " type=%u code=%u id=%u",
			 (unsigned int)ctnl_conn_get(conn, CTNL_ICMP_TYPE),
			 (unsigned int)ctnl_conn_get(conn, CTNL_ICMP_CODE),
			 (unsigned int)ctnl_conn_get(conn, CTNL_ICMP_ID));
	return !out->failed;
}

static bool is_stopped(struct refused *f, struct replay *replay, const char *in, const char *line)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *pkt = NULL;
	struct capture_record record = { .linktype = CAPTURE_LINKTYPE_ETHERNET, .interface = in };
	const struct replay_result *result;
	struct craft_where where;

	if (craft_packet(&pkt, &where, line, NULL))
		return false;
	f->time_ns += 1000;
	record.time_ns = (int64_t)f->time_ns;
	record.data = pkt->buf + pkt->l2;
	record.caplen = record.wirelen = pkt->end - pkt->l2;
	replay_batch(replay);
	result = replay_packet(replay, &record);
	return result->has_verdict &&
	       (result->verdict == PKTT_DROP || result->verdict == PKTT_REJECT) &&
	       (result->decision.rule || result->decision.base);
}

bool refused_is(struct refused *f, const struct ctnl_conn *conn)
{
	struct str line = STR_INIT;
	const char *in = NULL;
	struct replay *replay = NULL;
	bool is = false;

	if (!(ctnl_conn_get(conn, CTNL_STATUS) & IPS_EXPECTED))
		replay = find_way(f, conn, &in);
	if (replay && put_first(&line, conn))
		is = is_stopped(f, replay, in, str_text(&line));
	str_fini(&line);
	return is;
}

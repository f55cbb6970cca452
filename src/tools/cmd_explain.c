/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt explain: one packet's way through the rules, and why it ended as it did. */
#include "tools/cmd_explain.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "datapath/replay/capture.h"
#include "datapath/replay/craft.h"
#include "datapath/replay/replay.h"
#include "datapath/replay/router.h"
#include "tools/explain_view.h"
#include "tools/mirror.h"
#include "tools/options.h"
#include "tools/router_options.h"
#include "tools/rule_files.h"

#include <pktt/wire.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum {
	INTERFACE = TOOL_RULE_OPTION_COUNT,
	ROUTE,
	BRIDGE,
	IN,
	OUT,
	EXPECT,
	AT,
	JSON,
	TIMEOUT_POLICY,
	SOCKET,
};

static const struct tool_option options[] = {
	TOOL_RULE_OPTIONS,
	TOOL_ROUTER_OPTIONS,
	[IN] = { "in", 'i', "NAME", "interface that the packet comes in by", false },
	[OUT] = { "out", 'o', "NAME",
		  "without --interface: the packet leaves by it instead of being delivered",
		  false },
	[EXPECT] = { "expect", 0, "VERDICT",
		     "exit status 1 if it is another (accept, drop, reject)", false },
	[AT] = { "at", 0, "SECONDS", "the packet's time, in seconds since the epoch; default: now",
		 false },
	[JSON] = { "json", 0, NULL, "the same as one JSON object", false },
	[TIMEOUT_POLICY] = TOOL_TIMEOUT_OPTION,
	[SOCKET] = { "socket", 0, "PATH",
		     "where pkttd listens, whose rules are meant without --rules", false },
};

struct explain {
	const struct tool_args *args;
	struct explain_view view;
	struct str words;
	uint32_t length;
	enum pktt_family family;
};

/* --- Watching --------------------------------------------------------------------------------- */

static void arrived(void *ctx, struct pktt_packet *pkt)
{
	struct explain *e = ctx;

	pkt->trace = true; /* so that every policy is told of */
	e->length = pktt_packet_wire_len(pkt);
	e->family = pkt->family;
}

static void look(void *ctx, struct pktt_packet *pkt, const struct pktt_chain *chain,
		 const struct pktt_rule *rule, const struct pktt_use *missed, enum pktt_hit hit)
{
	struct explain *e = ctx;

	explain_view_look(&e->view, pkt, chain, rule, missed, hit);
}

static void step(void *ctx, const struct pktt_step *s)
{
	explain_view_policy(&((struct explain *)ctx)->view, s);
}

static void beside(void *ctx, struct pktt_packet *pkt, const struct pktt_hook_fn *fn,
		   enum pktt_verdict verdict)
{
	explain_view_beside(&((struct explain *)ctx)->view, pkt, fn, verdict);
}

/* --- The answer ------------------------------------------------------------------------------- */

static const char *verdict_word(const struct replay_result *result)
{
	static const char *const word[] = {
		[PKTT_CONTINUE] = "none", [PKTT_ACCEPT] = "ACCEPT", [PKTT_DROP] = "DROP",
		[PKTT_REJECT] = "REJECT", [PKTT_STOLEN] = "STOLEN", [PKTT_QUEUE] = "QUEUE",
		[PKTT_REPEAT] = "REPEAT", [PKTT_RETURN] = "RETURN",
	};

	return result->has_verdict ? word[result->verdict] : "none";
}

static void put_decision(const struct pktt_decision *d, struct str *out)
{
	if (d->rule)
		str_putf(out, " by %s/%s ", pktt_table_name(pktt_chain_table(d->chain)),
			 pktt_chain_name(d->chain));
	if (d->rule)
		explain_rule_name(d->rule, out);
	if (d->rule)
		str_putf(out, " (handle %" PRIu64 ")", d->rule->handle);
	else if (d->reason != PKTT_REASON_NONE)
		str_putf(out, " by the router itself: %s", pktt_reason_name(d->reason));
	else if (d->base)
		str_putf(out, " by the policy of %s/%s", pktt_table_name(pktt_chain_table(d->base)),
			 pktt_chain_name(d->base));
}

static void put_way(const struct replay_result *result, struct str *out)
{
	if (result->verdict == PKTT_ACCEPT && result->nemitted)
		for (size_t i = 0; i < result->nemitted; i++)
			str_putf(out, "%s out by %s", i ? "," : "leaves  ",
				 result->emitted[i].out ? result->emitted[i].out->name : "nothing");
	else if (result->verdict == PKTT_ACCEPT)
		str_puts(out, "goes to this host");
	else
		return;
	str_putc(out, '\n');
}

static void put_nearest(const struct explain_view *view, const struct replay_result *result,
			struct str *out)
{
	const struct seen_rule *near = explain_view_nearest(view);
	const struct pktt_rule_spec *spec;
	struct str remedy = STR_INIT;

	if (!near || result->verdict == PKTT_ACCEPT)
		return;
	spec = near->rule->spec;
	str_puts(out, "nearest  ");
	explain_rule_name(near->rule, out);
	str_putf(out, " differs only in %s", near->condition);
	if (spec->place.file && spec->place.line)
		str_putf(out, " (%s:%" PRIu32 ")", spec->place.file, spec->place.line);
	if (explain_view_remedy(near, &remedy))
		str_putf(out, "; to admit:  %s", str_text(&remedy));
	str_putc(out, '\n');
	str_fini(&remedy);
}

static void put_text(const struct explain *e, const struct replay_result *result, uint64_t gen,
		     struct str *out)
{
	static const char *const family[] = {
		[PKTT_IPV4] = "IPv4", [PKTT_IPV6] = "IPv6",    [PKTT_INET] = "IP",
		[PKTT_ARP] = "ARP",   [PKTT_BRIDGE] = "frame",
	};

	str_putf(out, "packet   %s in  %s  %s\n", result->interface ? result->interface : "nowhere",
		 family[e->family], str_text(&result->words));
	explain_view_text(&e->view, out);
	put_way(result, out);
	str_putf(out, "verdict  %s", verdict_word(result));
	put_decision(&result->decision, out);
	str_putf(out, ", generation %" PRIu64 "\n", gen);
	put_nearest(&e->view, result, out);
}

static void put_json(const struct explain *e, const struct replay_result *result, uint64_t gen,
		     struct str *out)
{
	const struct pktt_decision *d = &result->decision;
	const struct seen_rule *near = explain_view_nearest(&e->view);
	struct str remedy = STR_INIT;
	struct json j = json_to(out);
	char verdict[16];

	snprintf(verdict, sizeof(verdict), "%s", verdict_word(result));
	for (char *c = verdict; *c; c++)
		*c = (char)(*c | 0x20);
	json_begin_object(&j);
	json_put_text(&j, "packet", str_text(&result->words));
	json_put_uint(&j, "bytes", e->length);
	json_key(&j, "chains");
	explain_view_json(&e->view, &j);
	json_key(&j, "steps");
	explain_view_steps_json(&e->view, &j);
	if (result->connection.len) {
		json_key(&j, "ct");
		json_raw(&j, str_text(&result->connection), result->connection.len);
	}
	json_put_text(&j, "verdict", verdict);
	if (d->reason != PKTT_REASON_NONE)
		json_put_text(&j, "reason", pktt_reason_name(d->reason));
	if (d->rule) {
		json_put_text(&j, "chain", pktt_chain_name(d->chain));
		json_put_uint(&j, "number", d->rule->number);
		json_put_uint(&j, "handle", d->rule->handle);
	}
	json_put_uint(&j, "generation", gen);
	if (near && result->verdict != PKTT_ACCEPT) {
		json_key(&j, "nearest");
		json_begin_object(&j);
		json_put_uint(&j, "number", near->rule->number);
		json_put_uint(&j, "handle", near->rule->handle);
		json_put_text(&j, "condition", near->condition);
		if (explain_view_remedy(near, &remedy))
			json_put_text(&j, "remedy", str_text(&remedy));
		json_end_object(&j);
	}
	json_end_object(&j);
	str_putc(out, '\n');
	str_fini(&remedy);
}

static int answer(const struct explain *e, const struct replay_result *result,
		  struct pktt_engine *engine)
{
	const char *want = tool_args_value(e->args, EXPECT);
	uint64_t gen = pktt_engine_generation(engine);
	struct str out = STR_INIT;

	if (tool_args_has(e->args, JSON))
		put_json(e, result, gen, &out);
	else
		put_text(e, result, gen, &out);
	fputs(str_text(&out), stdout);
	str_fini(&out);
	return want && strcasecmp(want, verdict_word(result)) != 0 ? TOOL_REFUSED : TOOL_OK;
}

/* --- The way there ---------------------------------------------------------------------------- */

static void addr_text(const struct pktt_addr *addr, char *text, size_t room)
{
	struct pktt_param p = { .name = "address", .type = &pktt_type_addr };
	struct pktt_context ctx = { &p, NULL, addr->len == 16 ? PKTT_IPV6 : PKTT_IPV4 };
	struct str out = STR_INIT;

	pktt_type_addr.print(&ctx, addr, &out);
	snprintf(text, room, "%s", str_text(&out));
	str_fini(&out);
}

/*
 * Nobody said what the router looks like: the packet is for this host, or with --out for beyond
 * it.
 */
static int assume_router(struct router *router, const struct explain *e, const char *in,
			 const struct pktt_packet *pkt, struct pktt_error *err)
{
	const char *out = tool_args_value(e->args, OUT);
	struct pktt_addr dst = pktt_packet_dst(pkt);
	char addr[64], spec[128];
	int r;

	addr_text(&dst, addr, sizeof(addr));
	if (out || dst.len == 0)
		snprintf(spec, sizeof(spec), "%s=", in);
	else
		snprintf(spec, sizeof(spec), "%s=%s/%u", in, addr, dst.len * 8u);
	r = router_add_interface(router, spec, err);
	if (r || !out)
		return r;
	snprintf(spec, sizeof(spec), "%s=", out);
	r = strcmp(in, out) == 0 ? 0 : router_add_interface(router, spec, err);
	snprintf(spec, sizeof(spec), "%s=%s", dst.len == 16 ? "::/0" : "0.0.0.0/0", out);
	return r ? r : router_add_route(router, spec, err);
}

static int make_router(struct router **ret, const struct explain *e, const char *in,
		       const struct pktt_packet *pkt, struct pktt_error *err)
{
	int r = router_new(ret, err);

	if (r)
		return r;
	if (tool_args_has(e->args, INTERFACE))
		r = tool_router_options(*ret, e->args, INTERFACE, err);
	else
		r = assume_router(*ret, e, in, pkt, err);
	return r ? r : router_finish(*ret, err);
}

static int run_packet(struct explain *e, struct tool_rules *rules, const struct pktt_packet *pkt,
		      const char *in, struct pktt_error *err)
{
	PKTT_AUTO(router_free) struct router *router = NULL;
	PKTT_AUTO(replay_free) struct replay *replay = NULL;
	const char *at = tool_args_value(e->args, AT);
	struct replay_settings settings;
	const struct replay_watch watch = { arrived, look, step, beside, e };
	struct replay_config config = {
		.engine = rules->engine,
		.settings = &settings,
		.seed = 1,
		.describes = true,
		.tells_connections = true,
		.watch = &watch,
	};
	struct capture_record record = {
		.time_ns = (at ? strtoll(at, NULL, 10) : (int64_t)time(NULL)) * 1000000000,
		.data = pkt->buf + pkt->l2,
		.caplen = pkt->end - pkt->l2,
		.wirelen = pkt->end - pkt->l2,
		.linktype = CAPTURE_LINKTYPE_ETHERNET,
		.interface = in,
	};
	int r = make_router(&router, e, in, pkt, err);

	replay_settings_init(&settings);

	config.router = router;
	if (r == 0)
		r = replay_new(&replay, &config, err);
	if (r)
		return -1;
	tool_rules_number(rules);
	replay_batch(replay);
	return answer(e, replay_packet(replay, &record), rules->engine);
}

static int explain_line(struct explain *e, struct tool_rules *rules)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *pkt = NULL;
	struct craft_where where;
	struct pktt_error err = { 0 };
	const char *in = tool_args_value(e->args, IN);
	int r;

	if (craft_packet(&pkt, &where, e->args->operand[0], &err))
		return tool_usage_error(e->args->command, &err);
	if (!in)
		in = where.in[0] ? where.in : "eth0";
	r = run_packet(e, rules, pkt, in, &err);
	return r < 0 ? tool_usage_error(e->args->command, &err) : r;
}

static bool has_files(const struct tool_args *args)
{
	for (size_t i = 0; i < TOOL_PLUGINS; i++)
		if (tool_args_has(args, i))
			return true;
	return false;
}

/* Without rule files: those that pkttd has now, with their handles, in an engine of our own. */
static int read_running(const struct tool_args *args, struct tool_rules *rules)
{
	struct live live = { .command = "explain", .socket = tool_args_value(args, SOCKET) };
	struct session session;
	bool is_named = live.socket || getenv(PKTT_SOCKET_ENV);
	int status = live_enter(&live);

	/* On a host without pkttd there are no rules, and a packet is explained without. */
	if (status == TOOL_OK && !is_named && access(live.socket, F_OK) != 0)
		return TOOL_OK;
	status = status ? status : session_open(&session, &live);
	if (status)
		return status;
	if (mirror_read(rules, &session))
		status = session_refused(&session);
	session_close(&session);
	return status;
}

static int run(const struct tool_args *args)
{
	const struct pktt_engine_config config = { 0 };
	struct explain e = { .args = args };
	struct tool_rules rules;
	int ret = TOOL_REFUSED;

	if (tool_rules_open(&rules, args, config, NULL, TIMEOUT_POLICY) == 0) {
		ret = TOOL_OK;
		if (has_files(args))
			tool_rules_read_all(&rules, args);
		else
			ret = read_running(args, &rules);
		if (ret == TOOL_OK && tool_rules_commit(&rules))
			ret = TOOL_REFUSED;
		if (ret == TOOL_OK)
			ret = explain_line(&e, &rules);
	}
	explain_view_fini(&e.view);
	tool_rules_fini(&rules);
	return ret;
}

const struct tool_command cmd_explain = {
	.name = "explain",
	.summary = "say what the rules do to a packet, and why",
	.operands = "PACKET",
	.operands_min = 1,
	.operands_max = 1,
	.text = "PACKET is one word such as 'tcp 198.51.100.7:40112 > 192.0.2.80:22 syn', with "
		"ttl=, tos=, mark=, len=, type=, mac= and others as needed, or 'hex 4500...', the "
		"bytes of layer 3. Where the rules need state, the packet is the first of a "
		"connection, and what tracking and NAT do to it is told too. Without rule "
		"files the rules are those that pkttd has. Without --interface the packet is taken to be for this host, with --out to be forwarded.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};

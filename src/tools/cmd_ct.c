/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pktt ct, pktt nat: the connections of a running pkttd. Options, words and exit statuses are
 * conntrack(8)'s where it has them: nothing deleted is 1.
 */
#include "tools/cmd_ct.h"

#include "tools/ct_request.h"
#include "tools/refused.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* -n and -q are conntrack's, so what they mean elsewhere is said in full. */
static const struct tool_option options[] = {
	[LIVE_SOCKET] = { "socket", 0, "PATH",
			  "where pkttd listens; default: $PKTT_SOCKET, or "
			  "/run/pkttables/pkttables.sock",
			  false },
	[LIVE_NETNS] = { "netns", 0, "NAME", "in this network namespace (of ip netns), or PATH",
			 false },
	[LIVE_JSON] = { "json", 0, NULL, "answer in JSON", false },
	[LIVE_NUMERIC] = { "numeric", 0, NULL, "numbers instead of names", false },
	[LIVE_QUIET] = { "quiet", 0, NULL, "say nothing but errors", false },
	[LIVE_VERBOSE] = { "verbose", 'v', NULL, "say more", false },
	[LIVE_COLOR] = { "color", 0, "WHEN", "auto (default), always or never", false },
	[LIVE_FAMILY] = { "family", 'f', "FAMILY", "ipv4 or ipv6; default: both", false },
	[LIVE_IPV4] = { "ipv4", '4', NULL, "the same as --family ipv4", false },
	[LIVE_IPV6] = { "ipv6", '6', NULL, "the same as --family ipv6", false },
#define X(id, name, letter, value, help) [CT_OPTION_##id] = { name, letter, value, help, false },
	CT_OPTIONS(X)
#undef X
};

static const struct {
	const char *word;
	int (*run)(struct ct_request *req);
	bool is_nat;	 /* pktt nat has it */
	bool has_expect; /* WORD expect */
} verbs[] = {
	{ "list", ct_run_list, true, true },	   { "watch", ct_run_watch, true, true },
	{ "get", ct_run_get, false, false },	   { "del", ct_run_delete, false, false },
	{ "flush", ct_run_flush, false, true },	   { "count", ct_run_count, false, true },
	{ "stats", ct_run_stats, false, true },	   { "add", ct_run_add, false, false },
	{ "update", ct_run_update, false, false },
};

static int open_tracker(struct ct_request *req)
{
	struct ctnl_options to = { .path = req->live.socket, .room = req->buffer };
	struct ctnl_error err = { 0 };
	int r;

	to.flags = req->kernel ? CTNL_KERNEL : 0;
	r = ctnl_open(&req->nl, &to, &err);
	if (r == 0)
		return TOOL_OK;
	if (!req->kernel && (r == -ENOENT || r == -ECONNREFUSED || r == -EACCES || r == -EPERM))
		return live_no_daemon(&req->live, r);
	return live_refused(&req->live, r, err.text);
}

/* --refused: asked of the rules that pkttd has now. */
static int take_rules(struct ct_request *req)
{
	struct session session;
	int status = session_open(&session, &req->live);

	if (status)
		return status;
	req->refused = refused_new(&session);
	if (!req->refused)
		status = session_refused(&session);
	session_close(&session);
	return status;
}

static int bad_words(const struct tool_args *args, const char *word)
{
	struct pktt_error err = { 0 };

	(void)pktt_fail(&err, -EINVAL, "there is no %.60s", word);
	return tool_usage_error(args->command, &err);
}

static int run(const struct tool_args *args, bool is_nat)
{
	struct ct_request req = { .any_nat = is_nat, .to = stdout };
	size_t i = 0, n = sizeof(verbs) / sizeof(verbs[0]);
	int status;

	while (i < n &&
	       (strcmp(verbs[i].word, args->operand[0]) != 0 || (is_nat && !verbs[i].is_nat)))
		i++;
	if (i == n)
		return bad_words(args, args->operand[0]);
	req.is_expect = args->noperands > 1;
	if (req.is_expect &&
	    (strcmp(args->operand[1], "expect") != 0 || !verbs[i].has_expect || is_nat))
		return bad_words(args, args->operand[1]);
	status = live_begin(&req.live, args);
	if (status == TOOL_OK)
		status = ct_request_read(&req, args);
	if (status == TOOL_OK)
		status = open_tracker(&req);
	if (status == TOOL_OK && tool_args_has(args, CT_OPTION_REFUSED))
		status = take_rules(&req);
	if (status == TOOL_OK)
		status = verbs[i].run(&req);
	ct_request_fini(&req);
	return status;
}

static int run_ct(const struct tool_args *args)
{
	return run(args, false);
}

static int run_nat(const struct tool_args *args)
{
	return run(args, true);
}

const struct tool_command cmd_ct = {
	.name = "ct",
	.summary = "connections: list, watch, change and end them",
	.operands = "list|watch|get|del|flush|count|stats|add|update [expect]",
	.operands_min = 1,
	.operands_max = 2,
	.text = "Lists connections as conntrack(8) does, and watches them come and go. del, update and "
		"list take what they are about from the options; del without one ends nothing. flush ends "
		"all of them, or those of a zone, mark, status or address. add makes one; it needs both "
		"ends, a protocol and a timeout. With the word expect: expectations. Exit status 1 where "
		"nothing fits.",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.run = run_ct,
};

const struct tool_command cmd_nat = {
	.name = "nat",
	.summary = "connections whose addresses are translated",
	.operands = "list|watch",
	.operands_min = 1,
	.operands_max = 1,
	.text = "As pktt ct, of those connections alone that NAT has changed.",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.run = run_nat,
};

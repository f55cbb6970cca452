/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt test: does the policy do to a capture what it is meant to? Answers in TAP. */
#include "tools/cmd_test.h"

#include "base/own.h"
#include "base/str.h"
#include "datapath/replay/capture.h"
#include "datapath/replay/replay.h"
#include "datapath/replay/router.h"
#include "tools/expect.h"
#include "tools/explain_view.h"
#include "tools/options.h"
#include "tools/router_options.h"
#include "tools/rule_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { INTERFACE = TOOL_RULE_OPTION_COUNT, ROUTE, BRIDGE, READ, EXPECT, IN, TIMEOUT_POLICY };

static const struct tool_option options[] = {
	TOOL_RULE_OPTIONS,
	TOOL_ROUTER_OPTIONS,
	[READ] = { "read", 'r', "FILE", "the capture, pcap or pcapng", false },
	[EXPECT] = { "expect", 0, "FILE", "what is expected: VERDICT \"NAME\" CONDITIONS a line",
		     false },
	[IN] = { "in", 0, "NAME", "interface of packets whose capture names none", false },
	[TIMEOUT_POLICY] = TOOL_TIMEOUT_OPTION,
};

/* Packets between looks at newer rules; there are none here, but the reader's contract asks. */
#define BATCH 256u

struct job {
	const struct tool_args *args;
	struct tool_rules rules;
	struct expectations expect;
};

static void arrived(void *ctx, struct pktt_packet *pkt)
{
	expectations_meet(&((struct job *)ctx)->expect, pkt);
}

static char *culprit(const struct replay_result *result)
{
	const struct pktt_decision *d = &result->decision;
	struct str out = STR_INIT;
	char *text;

	if (d->rule) {
		explain_rule_name(d->rule, &out);
		str_putf(&out, " of %s/%s", pktt_table_name(pktt_chain_table(d->chain)),
			 pktt_chain_name(d->chain));
	} else if (d->reason != PKTT_REASON_NONE) {
		str_putf(&out, "the router (%s)", pktt_reason_name(d->reason));
	} else if (d->base) {
		str_putf(&out, "the policy of %s", pktt_chain_name(d->base));
	}
	text = strdup(str_text(&out));
	str_fini(&out);
	return text;
}

static void note(struct job *job, const struct replay_result *result)
{
	for (size_t i = 0; i < job->expect.n; i++) {
		struct expectation *e = &job->expect.item[i];

		if (!e->is_met || !result->has_verdict)
			continue;
		e->is_met = false;
		e->packets++;
		if (e->verdicts >> result->verdict & 1)
			continue;
		if (e->wrong++ == 0) {
			e->first_wrong = result->number;
			e->culprit = culprit(result);
		}
	}
}

static void put_line(const struct expectation *e, size_t number, struct str *out)
{
	bool ok = e->packets > 0 && e->wrong == 0;

	str_putf(out, "%sok %zu - ", ok ? "" : "not ", number);
	str_put_escaped(out, e->name, strlen(e->name));
	if (e->packets == 0)
		str_puts(out, ": no packet of the capture fits");
	else if (ok)
		str_putf(out, " (%" PRIu64 " packet%s)", e->packets, e->packets == 1 ? "" : "s");
	else
		str_putf(out, ": %" PRIu64 " of %" PRIu64 " not, by %s, first at packet %" PRIu64,
			 e->wrong, e->packets, e->culprit ? e->culprit : "?", e->first_wrong);
	str_putc(out, '\n');
}

static int report(const struct job *job)
{
	struct str out = STR_INIT;
	size_t failed = 0;

	str_putf(&out, "1..%zu\n", job->expect.n);
	for (size_t i = 0; i < job->expect.n; i++) {
		const struct expectation *e = &job->expect.item[i];

		put_line(e, i + 1, &out);
		failed += e->packets == 0 || e->wrong > 0;
	}
	fputs(str_text(&out), stdout);
	str_fini(&out);
	return failed ? TOOL_REFUSED : TOOL_OK;
}

static int run_capture(struct job *job, struct replay *replay, struct capture *capture,
		       struct pktt_error *err)
{
	struct capture_record record;
	uint64_t n = 0;
	int r;

	while ((r = capture_next(capture, &record, err)) > 0) {
		if (n++ % BATCH == 0)
			replay_batch(replay);
		for (size_t i = 0; i < job->expect.n; i++)
			job->expect.item[i].is_met = false;
		note(job, replay_packet(replay, &record));
	}
	return r;
}

static int open_and_run(struct job *job, const struct router *router, FILE *in,
			struct pktt_error *err)
{
	PKTT_AUTO(replay_free) struct replay *replay = NULL;
	PKTT_AUTO(capture_close) struct capture *capture = NULL;
	struct replay_settings settings;
	const struct replay_watch watch = { arrived, NULL, NULL, NULL, job };
	struct replay_config config = {
		.engine = job->rules.engine,
		.router = router,
		.settings = &settings,
		.in_name = tool_args_value(job->args, IN),
		.seed = 1,
		.watch = &watch,
	};
	int r;

	replay_settings_init(&settings);
	r = replay_new(&replay, &config, err);
	if (r == 0)
		r = capture_open(&capture, in, tool_args_value(job->args, READ), err);
	return r ? r : run_capture(job, replay, capture, err);
}

static int run_all(struct job *job)
{
	PKTT_AUTO(router_free) struct router *router = NULL;
	const char *path = tool_args_value(job->args, READ);
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct pktt_error err = { 0 };
	int r;

	if (!in)
		r = pktt_fail(&err, -errno, "%s: %s", path, strerror(errno));
	else
		r = router_new(&router, &err);
	if (r == 0)
		r = tool_router_options(router, job->args, INTERFACE, &err);
	if (r == 0)
		r = router_finish(router, &err);
	if (r == 0)
		r = open_and_run(job, router, in, &err);
	if (in && in != stdin)
		fclose(in);
	if (r < 0) {
		fprintf(stderr, "pktt test: %s\n", err.text);
		return TOOL_REFUSED;
	}
	return report(job);
}

/* Expectations use the engine's catalog, and their errors are shown with those of the rules. */
static int read_expectations(struct job *job)
{
	const char *path = tool_args_value(job->args, EXPECT);
	size_t len;
	const char *text = tool_rules_text(&job->rules, path, &len);

	if (!text)
		return -ENOENT;
	return expectations_read(&job->expect, pktt_engine_catalog(job->rules.engine), path, text,
				 len, &job->rules.errs);
}

static int run(const struct tool_args *args)
{
	const struct pktt_engine_config config = { 0 };
	struct job job = { .args = args };
	struct pktt_error err;
	int ret = TOOL_REFUSED;

	if (!tool_args_has(args, READ) || !tool_args_has(args, EXPECT)) {
		pktt_fail(&err, -EINVAL, "--read FILE and --expect FILE are needed");
		return tool_usage_error(args->command, &err);
	}
	if (tool_rules_open(&job.rules, args, config, NULL, TIMEOUT_POLICY) == 0) {
		tool_rules_read_all(&job.rules, args);
		(void)!read_expectations(&job);
		if (tool_rules_commit(&job.rules) == 0) {
			tool_rules_number(&job.rules);
			ret = run_all(&job);
		}
	}
	expectations_fini(&job.expect);
	tool_rules_fini(&job.rules);
	return ret;
}

const struct tool_command cmd_test = {
	.name = "test",
	.summary = "test what a policy does to a capture; answers in TAP",
	.text = "A line of the expectations is VERDICT \"NAME\" CONDITIONS, where VERDICT is accept, "
		"drop, reject, refuse (drop or reject), queue or stolen, and CONDITIONS are those "
		"of a rule; a family may stand first. An expectation that no packet fits fails.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};

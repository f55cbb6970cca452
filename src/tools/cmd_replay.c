/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt replay: every packet of a capture, and what the rules make of it. */
#include "tools/cmd_replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#include "base/own.h"
#include "base/str.h"
#include "datapath/replay/capture.h"
#include "datapath/replay/replay.h"
#include "datapath/replay/report.h"
#include "datapath/replay/router.h"
#include "ext/nfacct.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "tools/replay_save.h"
#include "tools/replay_write.h"
#include "tools/router_options.h"
#include "tools/rule_files.h"

enum {
	INTERFACE = TOOL_RULE_OPTION_COUNT,
	ROUTE,
	BRIDGE,
	READ,
	WRITE,
	IN,
	LOCAL_OUT,
	JSON,
	SUMMARY,
	QUIET,
	SAVE_RULES,
	SAVE_CONNTRACK,
	SEED,
	SET,
	TIMEOUT_POLICY,
};

static const struct tool_option options[] = {
	TOOL_RULE_OPTIONS,
	TOOL_ROUTER_OPTIONS,
	[READ] = { "read", 'r', "FILE", "the capture, pcap or pcapng; - is standard input", false },
	[WRITE] = { "write", 'w', "FILE", "what leaves the router, as pcapng", false },
	[IN] = { "in", 0, "NAME", "interface of packets whose capture names none", false },
	[LOCAL_OUT] = { "local-out", 0, "NAME",
			"all packets are this host's own and start at OUTPUT", false },
	[JSON] = { "json", 0, NULL, "one JSON object a packet", false },
	[SUMMARY] = { "summary", 0, NULL, "counters of every rule at the end", false },
	[QUIET] = { "quiet", 'q', NULL, "no line for each packet", false },
	[SAVE_RULES] = { "save-rules", 0, "PREFIX",
			 "write the rules with their counters to PREFIX.v4, PREFIX.v6, PREFIX.arp",
			 false },
	[SAVE_CONNTRACK] = { "save-conntrack", 0, "FILE",
			     "the connections at the end, as conntrack -L -o extended has them; "
			     "- is standard output",
			     false },
	[SEED] = { "seed", 0, "N", "of every random choice; 0 unless given", false },
	[SET] = { "set", 0, "KEY=VALUE",
		  "a setting of the router or of connection tracking, such as hz, "
		  "icmp-ratelimit, max or tcp_loose; pktt(8) lists them",
		  true },
	[TIMEOUT_POLICY] = TOOL_TIMEOUT_OPTION,
};

/* Packets between two looks at the newest rules. */
enum { BATCH = 256, FLUSH = 1 << 16 };

struct job {
	const struct tool_args *args;
	struct router *router;
	struct replay_settings settings;
	uint64_t seed;
	struct tool_rules rules;
	struct replay *replay;
	FILE *in;
	struct capture *capture;
	struct replay_write *write;
	struct progress progress;
	struct report_totals totals;
	struct str out, logs;
};

static bool has(const struct job *job, size_t option)
{
	return tool_args_has(job->args, option);
}

/* --- The command line ------------------------------------------------------------------------- */

static int parse_seed(const char *text, uint64_t *ret, struct pktt_error *err)
{
	char *end;

	errno = 0;
	*ret = strtoull(text, &end, 0);
	if (errno || *end || *text < '0' || *text > '9')
		return pktt_fail(err, -EINVAL, "--seed: \"%.40s\" is no number", text);
	return 0;
}

static int build_router(struct job *job, struct pktt_error *err)
{
	int r = router_new(&job->router, err);

	if (r == 0)
		r = tool_router_options(job->router, job->args, INTERFACE, err);
	return r ? r : router_finish(job->router, err);
}

static int check_options(const struct job *job, struct pktt_error *err)
{
	const char *to = tool_args_value(job->args, WRITE);
	const char *connections = tool_args_value(job->args, SAVE_CONNTRACK);

	if (!has(job, READ))
		return pktt_fail(err, -EINVAL, "--read FILE is missing");
	if (connections && strcmp(connections, "-") == 0 &&
	    ((to && strcmp(to, "-") == 0) || has(job, JSON)))
		return pktt_fail(err, -EINVAL,
				 "--save-conntrack - wants the standard output for itself");
	if (to && strcmp(to, "-") == 0 && has(job, JSON))
		return pktt_fail(err, -EINVAL,
				 "--json and --write - both want the standard output");
	return 0;
}

static int check_name(const struct job *job, size_t option, struct pktt_error *err)
{
	const char *name = tool_args_value(job->args, option), *near;

	if (!name || router_iface(job->router, name))
		return 0;
	near = router_suggest(job->router, name);
	if (near)
		return pktt_fail(err, -EINVAL,
				 "--%s: there is no interface %.20s; did you mean %s?",
				 options[option].name, name, near);
	return pktt_fail(err, -EINVAL, "--%s: there is no interface %.20s", options[option].name,
			 name);
}

static int configure(struct job *job, struct pktt_error *err)
{
	const char *seed = tool_args_value(job->args, SEED);
	int r = check_options(job, err);

	replay_settings_init(&job->settings);
	for (size_t i = 0; r == 0 && i < job->args->ngiven; i++)
		if (job->args->given[i].option == SET)
			r = replay_settings_set(&job->settings, job->args->given[i].value, err);
	if (r == 0 && seed)
		r = parse_seed(seed, &job->seed, err);
	if (r == 0)
		r = build_router(job, err);
	if (r == 0)
		r = check_name(job, IN, err);
	return r ? r : check_name(job, LOCAL_OUT, err);
}

/* --- Opening ---------------------------------------------------------------------------------- */

static int load_rules(struct job *job)
{
	struct pktt_engine_config config = { .seed = job->seed, .hz = job->settings.hz };
	int r = tool_rules_open(&job->rules, job->args, config, &job->settings.ct, TIMEOUT_POLICY);

	if (r)
		return r;
	/* A replay counts its own packets, whatever the files had counted before. */
	job->rules.flags = PKTT_APPLY_RESTORE;
	tool_rules_read_all(&job->rules, job->args);
	return tool_rules_commit(&job->rules);
}

static int open_input(struct job *job, struct pktt_error *err)
{
	const char *name = tool_args_value(job->args, READ);

	if (strcmp(name, "-") == 0)
		job->in = stdin;
	else
		job->in = fopen(name, "re");
	if (!job->in)
		return pktt_fail(err, -errno, "%s: %s", name, strerror(errno));
	progress_begin(&job->progress, job->in);
	return capture_open(&job->capture, job->in, name, err);
}

static int open_all(struct job *job, struct pktt_error *err)
{
	struct replay_config config = {
		.engine = job->rules.engine,
		.router = job->router,
		.settings = &job->settings,
		.in_name = tool_args_value(job->args, IN),
		.local_out = tool_args_value(job->args, LOCAL_OUT),
		.seed = job->seed,
		.describes = !has(job, JSON) && !has(job, QUIET),
		.tells_connections = has(job, JSON),
	};
	int r = replay_new(&job->replay, &config, err);

	if (r == 0)
		r = open_input(job, err);
	if (r == 0 && has(job, WRITE))
		r = replay_write_open(&job->write, tool_args_value(job->args, WRITE), job->router,
				      err);
	return r;
}

/* --- Running ---------------------------------------------------------------------------------- */

/* Where lines go: standard output, unless the packets go there. */
static FILE *lines_to(const struct job *job)
{
	const char *to = tool_args_value(job->args, WRITE);

	return to && strcmp(to, "-") == 0 ? stderr : stdout;
}

static void flush(struct job *job, size_t from)
{
	if (job->logs.len > 0) {
		fputs(str_text(&job->logs), stderr);
		str_clear(&job->logs);
	}
	if (job->out.len < from || job->out.len == 0)
		return;
	fwrite(job->out.data, 1, job->out.len, lines_to(job));
	str_clear(&job->out);
}

static int tell(struct job *job, const struct replay_result *r, struct pktt_error *err)
{
	report_count(&job->totals, r);
	if (has(job, JSON) && !has(job, QUIET))
		report_json(r, &job->out);
	else if (!has(job, QUIET))
		report_text(r, &job->out);
	if (!has(job, JSON))
		report_logs(r, &job->logs);
	flush(job, FLUSH);
	if (r->failed || job->out.failed || r->bytes.failed)
		return pktt_fail(err, -ENOMEM, "out of memory at packet %" PRIu64, r->number);
	return job->write ? replay_write_result(job->write, r, err) : 0;
}

static int run_packets(struct job *job, struct pktt_error *err)
{
	struct capture_record record;
	unsigned int n = 0;
	int r;

	while ((r = capture_next(job->capture, &record, err)) > 0) {
		r = tell(job, replay_packet(job->replay, &record), err);
		if (r)
			break;
		if (++n % BATCH)
			continue;
		rcu_quiescent_state();
		replay_batch(job->replay);
		progress_tell(&job->progress, capture_bytes_read(job->capture), n);
	}
	progress_end(&job->progress);
	flush(job, 0);
	return r;
}

/* As nfacct list prints it. */
static void put_account(void *ctx, const char *name, const struct nfacct_count *count)
{
	str_putf(ctx, "{ pkts = %020" PRIu64 ", bytes = %020" PRIu64 " } = %s;\n", count->packets,
		 count->bytes, name);
}

static int finish(struct job *job, struct pktt_error *err)
{
	const char *prefix = tool_args_value(job->args, SAVE_RULES);
	const char *connections = tool_args_value(job->args, SAVE_CONNTRACK);
	int r = 0, closed;

	if (has(job, SUMMARY)) {
		report_summary(&job->totals, job->rules.engine, &job->out);
		nfacct_each(job->rules.engine, put_account, &job->out);
		flush(job, 0);
	}
	if (prefix)
		r = replay_save_rules(job->rules.engine, prefix, err);
	if (r == 0 && connections)
		r = replay_save_conntrack(job->rules.engine, connections, err);
	closed = replay_write_close(&job->write, r ? NULL : err);
	return r ? r : closed;
}

static void job_fini(struct job *job)
{
	struct pktt_error ignored;

	(void)!replay_write_close(&job->write, &ignored);
	capture_close(&job->capture);
	if (job->in && job->in != stdin)
		fclose(job->in);
	replay_free(&job->replay);
	router_free(&job->router);
	str_fini(&job->out);
	str_fini(&job->logs);
}

static int complain(const struct pktt_error *err)
{
	fprintf(stderr, "pktt replay: %s\n", err->text);
	return TOOL_REFUSED;
}

/* With rules loaded: what came before an error stands, so it is written and saved as well. */
static int replay_all(struct job *job)
{
	struct pktt_error err = { 0 };
	int status = TOOL_OK;

	if (open_all(job, &err) < 0)
		return complain(&err);
	if (run_packets(job, &err) < 0)
		status = complain(&err);
	if (finish(job, &err) < 0)
		status = complain(&err);
	return status;
}

static int run(const struct tool_args *args)
{
	struct job job = { .args = args };
	struct pktt_error err = { 0 };
	int status = TOOL_REFUSED;

	if (configure(&job, &err) < 0) {
		job_fini(&job);
		return tool_usage_error(args->command, &err);
	}
	if (load_rules(&job) == 0)
		status = replay_all(&job);
	job_fini(&job);
	tool_rules_fini(&job.rules);
	return status;
}

const struct tool_command cmd_replay = {
	.name = "replay",
	.summary = "say for every packet of a capture what the rules make of it",
	.text = "The packets of a capture pass through a Linux router with these interfaces, routes "
		"and rules. Each is told with the hook and the rule that decided over it and with "
		"what left the router. Where rules need state, connections are tracked, translated "
		"and timed out by the capture's own clock, and --json tells the connection of each "
		"packet. No privilege is needed, nothing of this machine is touched.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};

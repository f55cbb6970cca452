/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt inject: packets of a capture go to a running pkttd, which says what became of each. */
#include "tools/cmd_inject.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnfnetlink/libnfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/own.h"
#include "base/str.h"
#include "datapath/replay/capture.h"
#include "tools/live.h"

enum { IN = LIVE_OPTION_COUNT, READ, RATE, KEEP_TIME };

static const struct tool_option options[] = {
	LIVE_OPTIONS,
	[IN] = { "in", 0, "IFACE", "the interface of pkttd at which the packets arrive", false },
	[READ] = { "read", 'r', "FILE", "the capture, pcap or pcapng; - is standard input", false },
	[RATE] = { "rate", 0, "N", "packets a second; without it as fast as they are judged",
		   false },
	[KEEP_TIME] = { "capture-time", 0, NULL,
			"the capture's clock, where it is not behind pkttd's; else that is theirs",
			false },
};

/* Packets that were sent and are not judged yet: more wait here. */
enum { WINDOW = 256 };

struct job {
	const struct tool_args *args;
	struct live live;
	struct nfl *nl;
	FILE *in;
	struct capture *capture;
	const char *interface;
	uint64_t interval_ns, next_ns;
	unsigned int under_way;
	struct nfl_error refused; /* the first */
};

/* --- Answers ---------------------------------------------------------------------------------- */

/* The object comes in pieces; the readable line stands in one. */
static void answer(void *ctx, const struct nlmsghdr *nlh)
{
	const struct job *job = ctx;
	uint16_t wanted = job->live.json ? PKTTA_TEXT : PKTTA_NAME;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, 4)
	{
		const char *text = mnl_attr_get_payload(attr);
		size_t len = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) != wanted || job->live.quiet)
			continue;
		fwrite(text, 1, wanted == PKTTA_NAME ? strnlen(text, len) : len, stdout);
	}
}

static void done(void *ctx, uint32_t seq, const struct nfl_error *err)
{
	struct job *job = ctx;

	(void)seq;
	job->under_way--;
	if (err->code && !job->refused.code)
		job->refused = *err;
}

/* --- Sending ---------------------------------------------------------------------------------- */

static void pace(struct job *job)
{
	struct timespec wait;
	uint64_t now = live_now_ns();

	if (!job->interval_ns)
		return;
	if (job->next_ns > now) {
		wait.tv_sec = (time_t)((job->next_ns - now) / 1000000000);
		wait.tv_nsec = (long)((job->next_ns - now) % 1000000000);
		nanosleep(&wait, NULL);
	}
	job->next_ns = (job->next_ns > now ? job->next_ns : now) + job->interval_ns;
}

static int send_one(struct job *job, const struct capture_record *record, struct nfl_error *err)
{
	struct nlmsghdr *nlh = nfl_begin(job->nl, record->caplen + 512,
					 PKTT_SUBSYS_RULES << 8 | PKTT_MSG_PACKET, NLM_F_ACK, 0);
	size_t room = nfl_room(job->nl);

	if (!nlh)
		return -ENOMEM;
	mnl_attr_put_u32_check(nlh, room, PKTTA_NUMBER, htonl((uint32_t)record->number));
	mnl_attr_put_u32_check(nlh, room, PKTTA_LENGTH, htonl(record->wirelen));
	mnl_attr_put_u32_check(nlh, room, PKTTA_KIND, htonl(record->linktype));
	mnl_attr_put_strz_check(nlh, room, PKTTA_IFACE, job->interface);
	if (tool_args_has(job->args, KEEP_TIME) && record->time_ns > 0)
		mnl_attr_put_u64_check(nlh, room, PKTTA_TIME, htobe64((uint64_t)record->time_ns));
	if (!mnl_attr_put_check(nlh, room, PKTTA_DATA, record->caplen, record->data))
		return -EMSGSIZE;
	nlh->nlmsg_seq = nfl_sequence(job->nl);
	job->under_way++;
	return nfl_send(job->nl, nlh, err);
}

/* What has come already is taken; if the window is full, what comes is waited for, however long. */
static int make_room(struct job *job, struct nfl_error *err)
{
	int r = nfl_flush(job->nl, err);

	while (r >= 0 && job->under_way >= WINDOW)
		r = nfl_receive(job->nl, -1, err);
	return r < 0 ? r : 0;
}

static int finish(struct job *job, struct nfl_error *err)
{
	int r = nfl_flush(job->nl, err);

	while (r >= 0 && job->under_way)
		r = nfl_receive(job->nl, -1, err);
	return r < 0 ? r : 0;
}

static int send_all(struct job *job, struct pktt_error *why, struct nfl_error *err)
{
	struct capture_record record;
	int r, sent = 0;

	while (sent == 0 && !job->refused.code &&
	       (r = capture_next(job->capture, &record, why)) > 0) {
		pace(job);
		sent = send_one(job, &record, err);
		if (sent == 0 && (job->interval_ns || job->under_way >= WINDOW))
			sent = make_room(job, err);
	}
	return sent ? sent : finish(job, err);
}

/* --- The command ------------------------------------------------------------------------------ */

static int open_all(struct job *job, struct pktt_error *err)
{
	const char *name = tool_args_value(job->args, READ);

	job->in = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	if (!job->in)
		return pktt_fail(err, -errno, "%.150s: %s", name, strerror(errno));
	return capture_open(&job->capture, job->in, name, err);
}

static int configure(struct job *job, struct pktt_error *err)
{
	const char *rate = tool_args_value(job->args, RATE);
	char *end = NULL;
	unsigned long n = rate ? strtoul(rate, &end, 10) : 0;

	job->interface = tool_args_value(job->args, IN);
	if (!job->interface || !tool_args_has(job->args, READ))
		return pktt_fail(err, -EINVAL, "--in IFACE and --read FILE are needed");
	if (rate && (*end || n == 0 || n > 1000000000 || *rate < '0' || *rate > '9'))
		return pktt_fail(err, -EINVAL, "--rate: \"%.40s\" is no number of packets", rate);
	job->interval_ns = n ? 1000000000 / n : 0;
	return 0;
}

static int inject(struct job *job)
{
	const struct nfl_options to = { .path = job->live.socket, .program = "pktt" };
	const struct nfl_handler handler = { .answer = answer, .done = done, .ctx = job };
	struct nfl_error err = { 0 };
	struct pktt_error why = { 0 };
	int r = nfl_open(&job->nl, &to, &err);

	if (r)
		return live_no_daemon(&job->live, r);
	nfl_set_handler(job->nl, &handler);
	r = send_all(job, &why, &err);
	if (r)
		return live_refused(&job->live, r, err.text);
	if (job->refused.code)
		return live_refused(&job->live, job->refused.code, job->refused.text);
	return why.code ? live_refused(&job->live, why.code, why.text) : TOOL_OK;
}

static int run(const struct tool_args *args)
{
	struct job job = { .args = args };
	struct pktt_error err = { 0 };
	int status;

	if (configure(&job, &err))
		return tool_usage_error(args->command, &err);
	status = live_begin(&job.live, args);
	if (status == TOOL_OK && open_all(&job, &err))
		status = live_refused(&job.live, err.code, err.text);
	if (status == TOOL_OK)
		status = inject(&job);
	nfl_close(&job.nl);
	capture_close(&job.capture);
	if (job.in && job.in != stdin)
		fclose(job.in);
	return status;
}

const struct tool_command cmd_inject = {
	.name = "inject",
	.summary = "hand the packets of a capture to pkttd, and say what became of each",
	.text = "pkttd judges the packets as if they had arrived at that interface now, with its own "
		"rules, connections and queues. A packet that a rule leaves to a program is told of when "
		"the program has decided. With --json each is an object as of pktt replay.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};

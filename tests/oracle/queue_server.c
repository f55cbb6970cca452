/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The router of replay behind a bus with queues and packet logs: our side of queue_oracle.py. Frames come
 * by standard input, "INTERFACE HEX" a line; what became of each is told by "done VERDICT HEX..." when no
 * program has it any more, and "idle" follows each line once all is done that can be done.
 *
 *	queue_server PATH RULES INTERFACE... ROUTE...	words of pktt replay's --interface, or --route
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#include "bus/sub.h"
#include "conntrack/conntrack.h"
#include "core/engine.h"
#include "datapath/replay/capture.h"
#include "datapath/replay/replay.h"
#include "datapath/replay/router.h"
#include "tools/rule_files.h"

static struct sub_queue *queues;
static struct sub_ulog *logs;
static struct replay *replay;

static void die(const char *what, const struct pktt_error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(1);
}

static bool queue(void *ctx, struct pktt_packet *pkt, bool *go_on)
{
	(void)ctx;
	return sub_queue_packet(queues, pkt, go_on);
}

static void nflog(void *ctx, const struct pktt_nflog *log)
{
	(void)ctx;
	sub_ulog_packet(logs, log);
}

static bool never(void *ctx, const struct pktt_packet *pkt)
{
	(void)ctx;
	(void)pkt;
	return false;
}

static void advance(void *ctx, uint64_t now)
{
	conntrack_advance(ctx, now);
}

static void done(void *ctx, void *user, struct replay_result *result)
{
	(void)ctx;
	(void)user;
	printf("done %d", (int)result->verdict);
	for (size_t i = 0; i < result->nemitted; i++) {
		const struct replay_emitted *e = &result->emitted[i];

		printf(" ");
		for (size_t at = e->l3; at < e->len; at++)
			printf("%02x", (uint8_t)result->bytes.data[e->at + at]);
	}
	printf("\n");
	replay_result_free(&result);
}

static void resume(void *ctx, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict)
{
	const struct replay_verdict v = {
		.verdict = verdict->verdict,
		.queue = verdict->queue,
		.has_mark = verdict->has_mark,
		.mark = verdict->mark,
		.data = verdict->data,
		.len = verdict->len,
	};

	(void)ctx;
	replay_resume(replay, pkt, &v);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void submit(const char *name, const char *hex)
{
	static uint8_t data[70000];
	struct capture_record record = {
		.time_ns = (int64_t)now_ns(),
		.data = data,
		.linktype = CAPTURE_LINKTYPE_ETHERNET,
		.interface = name,
		.direction = CAPTURE_INBOUND,
	};

	for (unsigned int byte; sscanf(hex, "%2x", &byte) == 1 && record.caplen < sizeof(data);
	     hex += 2)
		data[record.caplen++] = (uint8_t)byte;
	record.wirelen = record.caplen;
	replay_batch(replay);
	if (replay_submit(replay, &record, NULL))
		exit(1);
}

/* false = the end. Lines come one by one, each waited for. */
static bool read_line(void)
{
	static char line[150000];
	char *hex;

	if (!fgets(line, sizeof(line), stdin))
		return false;
	hex = strchr(line, ' ');
	if (hex) {
		*hex++ = '\0';
		submit(line, hex);
	}
	return true;
}

static void serve(struct nfnl *bus)
{
	struct pollfd fds[2] = { { .fd = nfnl_fd(bus), .events = POLLIN },
				 { .fd = STDIN_FILENO, .events = POLLIN } };
	bool goes_on = true;

	while (goes_on) {
		poll(fds, 2, -1);
		if (fds[1].revents)
			goes_on = read_line();
		if (nfnl_run(bus, 0))
			abort();
		if (fds[1].revents)
			puts("idle");
		fflush(stdout);
	}
}

static struct router *build(int argc, char **argv)
{
	struct pktt_error err = { 0 };
	struct router *router;

	if (router_new(&router, &err))
		die("router", &err);
	for (int i = 0; i < argc; i++) {
		bool is_route = argv[i][0] >= '0' && argv[i][0] <= '9';

		if ((is_route ? router_add_route : router_add_interface)(router, argv[i], &err))
			die(argv[i], &err);
	}
	if (router_finish(router, &err))
		die("router", &err);
	return router;
}

int main(int argc, char **argv)
{
	const struct pktt_engine_config config = { .workers = 1, .seed = 1 };
	const struct nfnl_config bus_config = { .event_room = 1 << 22 };
	const struct sub_queue_ops ops = { .resume = resume };
	struct replay_live live = {
		.queue = queue,
		.advance = advance,
		.done = done,
		.nflog = nflog,
		.wants_trace = never,
	};
	struct replay_config replay_config = { .live = &live, .seed = 1 };
	struct replay_settings settings;
	struct pktt_error err = { 0 };
	struct tool_rules rules = { 0 };
	struct nfnl *bus;

	replay_settings_init(&settings);
	if (argc < 4 || tool_rules_init(&rules, &config) || tool_rules_track(&rules, &settings.ct))
		return 2;
	tool_rules_read(&rules, argv[2], PKTT_IPV4, true);
	if (tool_rules_commit(&rules))
		return 2;
	replay_config.engine = rules.engine;
	live.ctx = conntrack_of(rules.engine);
	replay_config.router = build(argc - 3, argv + 3);
	replay_config.settings = &settings;
	if (nfnl_new(&bus, &bus_config, &err) || sub_queue_new(&queues, bus, &ops, &err) ||
	    sub_ulog_new(&logs, bus, &err) || replay_new(&replay, &replay_config, &err) ||
	    nfnl_listen(bus, argv[1], 0600, (gid_t)-1, PKTT_RIGHT_VIEW | PKTT_RIGHT_ALL, &err))
		die("start", &err);
	puts("ready");
	fflush(stdout);
	serve(bus);
	nfnl_free(&bus);
	sub_queue_free(&queues);
	sub_ulog_free(&logs);
	replay_free(&replay);
	tool_rules_fini(&rules);
	return 0;
}

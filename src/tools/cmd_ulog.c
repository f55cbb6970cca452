/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt ulog: packets that rules hand to a group, as ulogd would write them, or into a capture. */
#include "tools/cmd_ulog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnfnetlink/libnfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "base/str.h"
#include "tools/live.h"
#include "tools/log_packet.h"

enum { GROUP = LIVE_OPTION_COUNT, WRITE, LIMIT };

static const struct tool_option options[] = {
	LIVE_OPTIONS,
	[GROUP] = { "group", 'g', "N", "of NFLOG rules, 0 to 65535; default 0", false },
	[WRITE] = { "write", 'w', "FILE", "write a capture (LINKTYPE_NFLOG); - is standard output",
		    false },
	[LIMIT] = { "limit", 0, "N", "end after so many packets", false },
};

struct watch {
	const struct live *live;
	struct nfl *nl;
	FILE *pcap;
	char host[256];
	unsigned long left; /* 0 = without end */
	bool is_done;
	struct log_packet log;
};

/* --- Captures ---------------------------------------------------------------------------------- */

struct pcap_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, length, link;
};

struct pcap_record {
	uint32_t sec, usec, held, length;
};

static int open_capture(struct watch *w, const char *path)
{
	const struct pcap_head head = { 0xa1b2c3d4, 2, 4, 0, 0, 262144, 239 };
	char text[300];

	if (!path)
		return TOOL_OK;
	w->pcap = strcmp(path, "-") ? fopen(path, "wb") : stdout;
	if (w->pcap && fwrite(&head, sizeof(head), 1, w->pcap) == 1 && !fflush(w->pcap))
		return TOOL_OK;
	snprintf(text, sizeof(text), "cannot write %.200s: %s", path, strerror(errno));
	return live_refused(w->live, -errno, text);
}

/* A packet of LINKTYPE_NFLOG is the message without its first header. */
static void write_packet(struct watch *w, const struct nlmsghdr *nlh)
{
	uint64_t now = w->log.pkt.time_ns ? w->log.pkt.time_ns : live_now_ns();
	uint32_t len = (uint32_t)mnl_nlmsg_get_payload_len(nlh);
	const struct pcap_record record = {
		(uint32_t)(now / 1000000000u),
		(uint32_t)(now % 1000000000u / 1000),
		len,
		len,
	};

	fwrite(&record, sizeof(record), 1, w->pcap);
	fwrite(mnl_nlmsg_get_payload(nlh), len, 1, w->pcap);
	fflush(w->pcap);
}

/* --- Packets ------------------------------------------------------------------------------------ */

static void print_packet(struct watch *w)
{
	PKTT_AUTO(str_fini) struct str out = STR_INIT;

	if (w->live->json)
		log_packet_json(&w->log, w->host, &out);
	else
		log_packet_text(&w->log, w->host, &out);
	fputs(str_text(&out), stdout);
	fflush(stdout);
}

static void event(void *ctx, const struct nlmsghdr *nlh)
{
	struct watch *w = ctx;

	if (w->is_done || !log_packet_read(&w->log, nlh))
		return;
	if (w->pcap)
		write_packet(w, nlh);
	else
		print_packet(w);
	w->is_done = (w->left && --w->left == 0) || ferror(w->pcap ? w->pcap : stdout);
	if (w->is_done)
		nfl_stop(w->nl);
}

static void gap(void *ctx, uint32_t group, uint64_t lost)
{
	const struct watch *w = ctx;

	(void)group;
	if (!w->live->json || w->pcap)
		fprintf(stderr, "%llu packets were not read in time\n", (unsigned long long)lost);
	else
		printf("{\"event\":\"gap\",\"lost\":%llu}\n", (unsigned long long)lost);
}

static int bind_group(struct watch *w, uint16_t group, struct nfl_error *err)
{
	const struct nfulnl_msg_config_cmd cmd = { NFULNL_CFG_CMD_BIND };
	struct nlmsghdr *nlh =
		nfl_begin(w->nl, 128, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, 0, 0);

	if (!nlh)
		return -ENOMEM;
	((struct nfgenmsg *)mnl_nlmsg_get_payload(nlh))->res_id = htons(group);
	mnl_attr_put(nlh, NFULA_CFG_CMD, sizeof(cmd), &cmd);
	/* Packets are to be seen when they come. */
	mnl_attr_put_u32(nlh, NFULA_CFG_QTHRESH, htonl(1));
	return nfl_call(w->nl, nlh, NULL, NULL, err);
}

static int watch(struct watch *w, uint16_t group)
{
	const struct nfl_handler handler = { .event = event, .gap = gap, .ctx = w };
	struct nfl_error err = { 0 };
	int rc;

	nfl_set_handler(w->nl, &handler);
	rc = bind_group(w, group, &err);
	while (rc >= 0 && !w->is_done)
		rc = nfl_receive(w->nl, -1, &err);
	return rc < 0 ? live_refused(w->live, rc, err.text) : TOOL_OK;
}

static int read_number(const struct tool_args *args, size_t option, unsigned long max,
		       unsigned long *ret, struct pktt_error *err)
{
	const char *text = tool_args_value(args, option);
	char *end;

	*ret = 0;
	if (!text)
		return 0;
	errno = 0;
	*ret = strtoul(text, &end, 10);
	if (errno || *end || !*text || *text == '-' || *ret > max)
		return pktt_fail(err, -ERANGE, "--%s: %.40s is not a number from 0 to %lu",
				 args->command->options[option].name, text, max);
	return 0;
}

static int begin(struct watch *w, struct live *live, const struct tool_args *args,
		 unsigned long *group)
{
	struct pktt_error usage;
	int status;

	if (args->noperands && strcmp(args->operand[0], "watch")) {
		(void)pktt_fail(&usage, -EINVAL, "%.40s: it is watch", args->operand[0]);
		return tool_usage_error(args->command, &usage);
	}
	if (read_number(args, GROUP, 65535, group, &usage) ||
	    read_number(args, LIMIT, 4294967295, &w->left, &usage))
		return tool_usage_error(args->command, &usage);
	status = live_begin(live, args);
	w->live = live;
	gethostname(w->host, sizeof(w->host) - 1);
	return status ? status : open_capture(w, tool_args_value(args, WRITE));
}

static int run(const struct tool_args *args)
{
	PKTT_AUTO_FREE struct watch *w = calloc(1, sizeof(*w));
	struct nfl_error err = { 0 };
	unsigned long group = 0;
	struct live live;
	int status;

	if (!w)
		return TOOL_REFUSED;
	status = begin(w, &live, args, &group);
	if (status == TOOL_OK) {
		status = nfl_open(&w->nl, NULL, &err);
		status = status ? live_no_daemon(&live, status) : watch(w, (uint16_t)group);
		nfl_close(&w->nl);
	}
	if (w->pcap && w->pcap != stdout)
		fclose(w->pcap);
	return status;
}

const struct tool_command cmd_ulog = {
	.name = "ulog",
	.summary = "show packets that NFLOG rules hand to a group",
	.operands = "watch",
	.operands_max = 1,
	.text = "Lines are those of ulogd's LOGEMU, JSON has ulogd's keys. A group has one listener at a "
		"time.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};

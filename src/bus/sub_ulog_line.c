/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: what LOG says, as PKTT_MSG_LOG events. A rule that logs a flood must not become one: lines have
 * a rate, what is beyond it is counted, and the next line that is told says how many were not.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "bus/sub_ulog_own.h"
#include "core/env.h"

enum {
	LINES_WAITING = 4096,
	LINE_BURST = 1000,
};
#define LINE_COST_NS   UINT64_C(1000000) /* 1,000 lines a second */
#define LINE_CREDIT_NS (LINE_BURST * LINE_COST_NS)

struct line {
	struct list link;
	uint64_t time_ns, untold;
	uint8_t level;
	char in[16], out[16];
	char text[];
};

/* Packets' clocks may jump either way; credit only grows. */
static bool is_within_rate(struct sub_ulog *sub, uint64_t now_ns)
{
	uint64_t since = now_ns > sub->line_last_ns ? now_ns - sub->line_last_ns : 0;

	sub->line_last_ns = now_ns;
	if (since > LINE_CREDIT_NS - sub->line_credit_ns)
		sub->line_credit_ns = LINE_CREDIT_NS;
	else
		sub->line_credit_ns += since;
	if (sub->line_credit_ns < LINE_COST_NS || sub->nlines >= LINES_WAITING)
		return false;
	sub->line_credit_ns -= LINE_COST_NS;
	return true;
}

static struct line *line_new(const struct pktt_log *log)
{
	size_t len = strlen(log->text);
	struct line *line = calloc(1, sizeof(*line) + len + 1);

	if (!line)
		return NULL;
	memcpy(line->text, log->text, len);
	line->time_ns = log->pkt->time_ns;
	line->level = log->level;
	if (log->pkt->in)
		memcpy(line->in, log->pkt->in->name, sizeof(line->in) - 1);
	if (log->pkt->out)
		memcpy(line->out, log->pkt->out->name, sizeof(line->out) - 1);
	return line;
}

static void append(struct sub_ulog *sub, const struct pktt_log *log)
{
	struct line *line = is_within_rate(sub, log->pkt->time_ns) ? line_new(log) : NULL;

	if (!line) {
		sub->lines_untold++;
		sub->lines_lost++;
		return;
	}
	line->untold = sub->lines_untold;
	sub->lines_untold = 0;
	sub->lines++;
	sub->nlines++;
	list_insert_before(&sub->line, &line->link);
}

void sub_ulog_line(struct sub_ulog *sub, const struct pktt_log *log)
{
	bool has_work;

	if (!__atomic_load_n(&sub->lines_are_heard, __ATOMIC_RELAXED))
		return;
	pthread_mutex_lock(&sub->lock);
	append(sub, log);
	has_work = sub_ulog_has_work(sub);
	pthread_mutex_unlock(&sub->lock);
	if (has_work)
		sub_ulog_post(sub);
}

static void send_line(struct sub_ulog *sub, const struct line *line)
{
	struct nlmsghdr *nlh = nfnl_begin(sub->bus, strlen(line->text) + 256,
					  PKTT_SUBSYS_RULES << 8 | PKTT_MSG_LOG, 0, 0, 0);

	if (!nlh)
		return;
	mnl_attr_put_u32(nlh, PKTTA_LEVEL, htonl(line->level));
	mnl_attr_put_strz(nlh, PKTTA_TEXT, line->text);
	mnl_attr_put_u64(nlh, PKTTA_TIME, htobe64(line->time_ns));
	if (line->in[0])
		mnl_attr_put_strz(nlh, PKTTA_IFACE, line->in);
	if (line->out[0])
		mnl_attr_put_strz(nlh, PKTTA_OUT_IFACE, line->out);
	if (line->untold)
		mnl_attr_put_u64(nlh, PKTTA_COUNT, htobe64(line->untold));
	nfnl_multicast(sub->bus, PKTT_GROUP_LOG, nlh);
}

static struct line *next_line(struct sub_ulog *sub)
{
	struct line *line = NULL;

	pthread_mutex_lock(&sub->lock);
	if (!list_is_empty(&sub->line)) {
		line = list_entry(sub->line.next, struct line, link);
		list_remove(&line->link);
		sub->nlines--;
	}
	pthread_mutex_unlock(&sub->lock);
	return line;
}

void sub_ulog_lines_send(struct sub_ulog *sub)
{
	struct line *line;

	while ((line = next_line(sub))) {
		send_line(sub, line);
		free(line);
	}
}

void sub_ulog_lines_drop(struct sub_ulog *sub)
{
	struct line *line;

	while ((line = next_line(sub)))
		free(line);
}

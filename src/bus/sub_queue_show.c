/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queues as others see them: NEWQUEUE, and metrics. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "bus/sub_queue_own.h"

enum { MESSAGE_BYTES = 512, SLOTS = QUEUE_LEGACY_PEERS + QUEUE_NUMBERS };

/* A queue at one moment. */
struct view {
	bool is_there; /* somebody listens, or packets were lost for want of it */
	uint32_t protocol, number;
	struct nfnl_peer *peer;
	uint32_t mode, range, flags, length, max;
	uint64_t queued, dropped, user_dropped, lost, bypassed;
};

/* All slots, ip_queue's first. */
static struct queue_slot *slot_at(struct sub_queue *sub, uint32_t at)
{
	return at < QUEUE_LEGACY_PEERS ? &sub->legacy[at] : &sub->slot[at - QUEUE_LEGACY_PEERS];
}

static void look_at(struct view *view, const struct queue *queue)
{
	view->peer = queue->peer;
	view->mode = queue->mode;
	view->range = queue->range;
	view->flags = queue->flags;
	view->length = queue->store.count;
	view->max = queue->max;
	view->queued = queue->store.seq;
	view->dropped = queue->dropped;
	view->user_dropped = queue->user_dropped;
}

/* With the lock held. */
static void look(struct sub_queue *sub, uint32_t at, struct view *view)
{
	const struct queue_slot *slot = slot_at(sub, at);
	static const uint32_t legacy[QUEUE_LEGACY_PEERS] = { 3, 13 };

	*view = (struct view){
		.protocol = at < QUEUE_LEGACY_PEERS ? legacy[at] : NETLINK_NETFILTER,
		.number = at < QUEUE_LEGACY_PEERS ? 0 : at - QUEUE_LEGACY_PEERS,
		.max = sub->ops.limits.length,
	};
	view->lost = slot->lost;
	view->bypassed = slot->bypassed;
	if (slot->queue)
		look_at(view, slot->queue);
	view->is_there = view->peer || view->lost || view->bypassed;
}

/* --- GETQUEUE --------------------------------------------------------------------------------- */

static void put_who(struct nlmsghdr *nlh, const struct nfnl_peer *peer)
{
	const struct nfnl_who *who = nfnl_peer_who(peer);
	struct nlattr *nest = mnl_attr_nest_start(nlh, PKTTA_WHO);

	mnl_attr_put_u32(nlh, PKTTA_WHO_UID, htonl(who->uid));
	mnl_attr_put_u32(nlh, PKTTA_WHO_PID, htonl((uint32_t)who->pid));
	mnl_attr_put_strz(nlh, PKTTA_WHO_PROGRAM, who->program);
	mnl_attr_nest_end(nlh, nest);
}

static void put_view(struct nlmsghdr *nlh, const struct view *view)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, PKTTA_QUEUE);

	mnl_attr_put_u32(nlh, PKTTA_QUEUE_NUMBER, htonl(view->number));
	mnl_attr_put_u32(nlh, PKTTA_QUEUE_PROTOCOL, htonl(view->protocol));
	mnl_attr_put_u32(nlh, PKTTA_QUEUE_PORT, htonl(view->peer ? nfnl_peer_port(view->peer) : 0));
	mnl_attr_put_u32(nlh, PKTTA_QUEUE_MODE, htonl(view->mode));
	mnl_attr_put_u32(nlh, PKTTA_QUEUE_RANGE, htonl(view->range));
	mnl_attr_put_u32(nlh, PKTTA_QUEUE_FLAGS, htonl(view->flags));
	mnl_attr_put_u32(nlh, PKTTA_QUEUE_LENGTH, htonl(view->length));
	mnl_attr_put_u32(nlh, PKTTA_QUEUE_MAX, htonl(view->max));
	mnl_attr_put_u64(nlh, PKTTA_QUEUE_QUEUED, htobe64(view->queued));
	mnl_attr_put_u64(nlh, PKTTA_QUEUE_DROPPED, htobe64(view->dropped));
	mnl_attr_put_u64(nlh, PKTTA_QUEUE_USER_DROPPED, htobe64(view->user_dropped));
	mnl_attr_put_u64(nlh, PKTTA_QUEUE_LOST, htobe64(view->lost));
	mnl_attr_put_u64(nlh, PKTTA_QUEUE_BYPASSED, htobe64(view->bypassed));
	mnl_attr_nest_end(nlh, nest);
	if (view->peer)
		put_who(nlh, view->peer);
}

struct dump_state {
	struct sub_queue *sub;
	uint32_t at;
};

static bool dump_one(struct nfnl_dump *dump, const struct view *view)
{
	struct nlmsghdr *nlh = nfnl_begin(dump->bus, MESSAGE_BYTES,
					  PKTT_SUBSYS_RULES << 8 | PKTT_MSG_NEWQUEUE, 0, 0, 0);

	if (!nlh)
		return true;
	put_view(nlh, view);
	return nfnl_dump_send(dump, nlh);
}

static int fill(struct nfnl_dump *dump, void *vstate)
{
	struct dump_state *state = vstate;
	bool has_room = true;
	struct view view;

	pthread_mutex_lock(&state->sub->lock);
	while (has_room && state->at < SLOTS) {
		look(state->sub, state->at++, &view);
		if (view.is_there)
			has_room = dump_one(dump, &view);
	}
	pthread_mutex_unlock(&state->sub->lock);
	return state->at < SLOTS;
}

int sub_queue_get(struct sub_queue *sub, struct nfnl_request *req, struct pktt_error *err)
{
	struct nfnl_dump dump = { .fill = fill, .free = free };
	struct dump_state *state;

	if (!(req->nlh->nlmsg_flags & NLM_F_DUMP))
		return pktt_fail(err, -EINVAL, "queues are listed all at once");
	state = calloc(1, sizeof(*state));
	if (!state)
		return pktt_fail(err, -ENOMEM, "no memory for a list of queues");
	state->sub = sub;
	dump.state = state;
	return nfnl_dump_start(req, &dump);
}

/* --- Metrics ---------------------------------------------------------------------------------- */

static const struct metric {
	const char *name, *help;
	size_t offset;
	bool is_counter; /* and 64 bits */
} metrics[] = {
	{ "length", "packets that wait for a verdict", offsetof(struct view, length), false },
	{ "max", "packets that may wait", offsetof(struct view, max), false },
	{ "packets", "packets that were queued", offsetof(struct view, queued), true },
	{ "dropped", "packets dropped because the queue was full", offsetof(struct view, dropped),
	  true },
	{ "user_dropped", "packets dropped because the listener did not read",
	  offsetof(struct view, user_dropped), true },
	{ "lost", "packets dropped because nobody listened", offsetof(struct view, lost), true },
};

static uint64_t value_of(const struct metric *metric, const struct view *view)
{
	const void *at = (const char *)view + metric->offset;

	return metric->is_counter ? *(const uint64_t *)at : *(const uint32_t *)at;
}

static void put_metric(struct sub_queue *sub, const struct metric *metric, struct str *out)
{
	static const char *const legacy[QUEUE_LEGACY_PEERS] = { "ip_queue", "ip6_queue" };
	struct view view;

	str_putf(out, "# HELP pkttables_queue_%s %s\n", metric->name, metric->help);
	str_putf(out, "# TYPE pkttables_queue_%s %s\n", metric->name,
		 metric->is_counter ? "counter" : "gauge");
	for (uint32_t at = 0; at < SLOTS; at++) {
		look(sub, at, &view);
		if (!view.is_there)
			continue;
		str_putf(out, "pkttables_queue_%s%s{queue=\"", metric->name,
			 metric->is_counter ? "_total" : "");
		if (at < QUEUE_LEGACY_PEERS)
			str_puts(out, legacy[at]);
		else
			str_putf(out, "%u", view.number);
		str_putf(out, "\"} %llu\n", (unsigned long long)value_of(metric, &view));
	}
}

void sub_queue_metrics(struct sub_queue *sub, struct str *out)
{
	pthread_mutex_lock(&sub->lock);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		put_metric(sub, &metrics[i], out);
	pthread_mutex_unlock(&sub->lock);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events: a connection of its own, on which nothing is asked that takes long, so that what is read are
 * events and no answers.
 */
#include "libpkttnetlink/link.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { LAST_MAX = 1024 };

struct pkttnl_events {
	struct pkttnl *nl;
	struct pkttnl_catalog *cat;
	pkttnl_take *take;
	void *ctx;
	void (*gap)(void *ctx, uint32_t group, uint64_t lost);
	void *gap_ctx;
	unsigned int handed; /* in the run that is under way */
	int stopped;	     /* what take() returned */
	int refused;	     /* an event that cannot be read */
	bool hears_both;     /* RULES and ELEMENTS, which both tell of sets */
	uint32_t last_len;   /* of the last event of a set; 0 = the last was another */
	uint8_t last[LAST_MAX];
	struct pkttnl_error err;
};

static const struct {
	unsigned int flag;
	uint32_t group;
} groups[] = {
	{ PKTTNL_EVENTS_RULES, PKTT_GROUP_RULES },
	{ PKTTNL_EVENTS_ELEMENTS, PKTT_GROUP_ELEMENTS },
	{ PKTTNL_EVENTS_TRACE, PKTT_GROUP_TRACE },
	{ PKTTNL_EVENTS_LOG, PKTT_GROUP_LOG },
};

static int join(struct pkttnl_events *events, unsigned int which, struct pkttnl_error *err)
{
	struct nfl_error e = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < pktt_countof(groups); i++)
		if (which & groups[i].flag)
			r = nfl_join(events->nl->nfl, groups[i].group, &e);
	return pkttnl_said(err, &e, r);
}

static void take_gap(void *ctx, uint32_t group, uint64_t lost)
{
	struct pkttnl_events *e = ctx;

	e->handed++;
	if (e->gap)
		e->gap(e->gap_ctx, group, lost);
}

static bool is_of_sets(const struct nlmsghdr *nlh)
{
	unsigned int message = nlh->nlmsg_type & 0xff;

	return message == PKTT_MSG_NEWSET || message == PKTT_MSG_DELSET ||
	       message == PKTT_MSG_FLUSH || message == PKTT_MSG_SWAPSET;
}

/* What both groups tell comes twice, one after the other. */
static bool is_told_again(struct pkttnl_events *e, const struct nlmsghdr *nlh)
{
	bool again = e->last_len == nlh->nlmsg_len && memcmp(e->last, nlh, e->last_len) == 0;

	e->last_len = 0;
	if (!again && is_of_sets(nlh) && nlh->nlmsg_len <= LAST_MAX) {
		memcpy(e->last, nlh, nlh->nlmsg_len);
		e->last_len = nlh->nlmsg_len;
	}
	return again;
}

static void take_event(void *ctx, const struct nlmsghdr *nlh)
{
	struct pkttnl_events *e = ctx;
	struct pkttnl_object *lent = &e->nl->lent;

	if (nlh->nlmsg_type >> 8 != PKTT_SUBSYS_RULES)
		return;
	if (e->hears_both && is_told_again(e, nlh))
		return;
	e->refused = pkttnl_object_decode(lent, e->cat, nlh, &e->err);
	if (e->refused == 0) {
		e->handed++;
		e->stopped = e->take(e->ctx, lent);
	}
	pkttnl_object_clear(lent);
	if (e->refused || e->stopped)
		nfl_stop(e->nl->nfl);
}

int pkttnl_events_new(struct pkttnl_events **ret, struct pkttnl *nl, unsigned int events,
		      pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	PKTT_AUTO(pkttnl_events_free) struct pkttnl_events *e = calloc(1, sizeof(*e));
	struct nfl_handler handler = { .event = take_event, .gap = take_gap };
	int r;

	if (!e)
		return pkttnl_no_memory(err);
	e->take = take;
	e->ctx = ctx;
	e->hears_both = events & PKTTNL_EVENTS_RULES && events & PKTTNL_EVENTS_ELEMENTS;
	handler.ctx = e;
	r = pkttnl_catalog_get(&e->cat, nl, err);
	if (r == 0)
		r = pkttnl_open(&e->nl, nl->path, nl->program, 0, err);
	if (r == 0) {
		nfl_set_handler(e->nl->nfl, &handler);
		r = join(e, events, err);
	}
	if (r == 0)
		*ret = pktt_take(&e);
	return r;
}

void pkttnl_events_free(struct pkttnl_events **events)
{
	if (!*events)
		return;
	pkttnl_close(&(*events)->nl);
	pkttnl_catalog_put(&(*events)->cat);
	free(*events);
	*events = NULL;
}

void pkttnl_events_on_gap(struct pkttnl_events *events,
			  void (*gap)(void *ctx, uint32_t group, uint64_t lost), void *ctx)
{
	events->gap = gap;
	events->gap_ctx = ctx;
}

int pkttnl_events_fd(const struct pkttnl_events *events)
{
	return nfl_fd(events->nl->nfl);
}

int pkttnl_events_run(struct pkttnl_events *events, int timeout_ms, struct pkttnl_error *err)
{
	struct nfl_error e = { 0 };
	int r;

	events->handed = 0;
	events->stopped = events->refused = 0;
	do {
		r = nfl_receive(events->nl->nfl, events->handed ? 0 : timeout_ms, &e);
	} while (r > 0 && !events->stopped && !events->refused);
	if (events->refused && err)
		*err = events->err;
	if (events->refused || events->stopped)
		return events->refused ? events->refused : events->stopped;
	return r < 0 ? pkttnl_said(err, &e, r) : (int)events->handed;
}

static int take_nothing(void *ctx, const struct nlmsghdr *nlh)
{
	(void)ctx, (void)nlh;
	return 0;
}

int pkttnl_events_set_room(struct pkttnl_events *events, uint32_t bytes, struct pkttnl_error *err)
{
	struct nlmsghdr *nlh =
		nfl_begin(events->nl->nfl, 64, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_SET, 0, 0);
	struct nfl_error e = { 0 };

	if (!nlh)
		return pkttnl_no_memory(err);
	mnl_attr_put_u32(nlh, PKTTB_ROOM, htonl(bytes));
	return pkttnl_said(err, &e, nfl_call(events->nl->nfl, nlh, take_nothing, NULL, &e));
}

/* --- Tracing ---------------------------------------------------------------------------------- */

int pkttnl_events_trace(struct pkttnl_events *events, const char *filter, uint32_t limit,
			struct pkttnl_error *err)
{
	PKTT_AUTO(pkttnl_object_free) struct pkttnl_object *obj = NULL;
	int r = pkttnl_object_new(&obj, PKTT_MSG_NEWTRACE, PKTTNL_ANY_FAMILY);

	if (r == 0)
		r = pkttnl_object_set_text(obj, PKTTA_TEXT, filter);
	if (r == 0 && limit)
		r = pkttnl_object_set_u64(obj, PKTTA_NUMBER, limit);
	if (r)
		return pkttnl_no_memory(err);
	return pkttnl_request(events->nl, obj, NULL, NULL, err);
}

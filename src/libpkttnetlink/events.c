/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events: a connection of its own, on which nothing is asked that takes long, so that what is read are
 * events and no answers.
 */
#include "libpkttnetlink/link.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct pkttnl_events {
	struct pkttnl *nl;
	struct pkttnl_catalog *cat;
	pkttnl_take *take;
	void *ctx;
	void (*gap)(void *ctx, uint32_t group, uint64_t lost);
	void *gap_ctx;
	unsigned int handed; /* in the run that is under way */
	int stopped;	     /* what take() returned */
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
	int r = 0;

	for (size_t i = 0; r == 0 && i < pktt_countof(groups); i++)
		if (which & groups[i].flag)
			r = pkttnl_link_bus(events->nl, PKTT_BUS_JOIN, PKTTB_GROUP, groups[i].group,
					    err);
	return r;
}

int pkttnl_events_new(struct pkttnl_events **ret, struct pkttnl *nl, unsigned int events,
		      pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	PKTT_AUTO(pkttnl_events_free) struct pkttnl_events *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return pkttnl_no_memory(err);
	e->take = take;
	e->ctx = ctx;
	r = pkttnl_catalog_get(&e->cat, nl, err);
	if (r == 0)
		r = pkttnl_open(&e->nl, nl->path, nl->program, 0, err);
	if (r == 0)
		r = join(e, events, err);
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
	return events->nl->fd;
}

/* --- What comes ---------------------------------------------------------------------------------------- */

static void take_gap(struct pkttnl_events *e, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	uint64_t lost = 0;
	uint32_t group = 0;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		size_t len = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) == PKTTB_GROUP && len == sizeof(group))
			group = ntohl(mnl_attr_get_u32(attr));
		if (mnl_attr_get_type(attr) == PKTTB_LOST && len == sizeof(lost))
			lost = be64toh(mnl_attr_get_u64(attr));
	}
	if (e->gap)
		e->gap(e->gap_ctx, group, lost);
	e->handed++;
}

static int take_event(void *ctx, const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	struct pkttnl_events *e = ctx;
	struct pkttnl_object *lent = &e->nl->lent;
	int r;

	if (nlh->nlmsg_type == (PKTT_SUBSYS_BUS << 8 | PKTT_BUS_GAP)) {
		take_gap(e, nlh);
		return 0;
	}
	if (nlh->nlmsg_type >> 8 != PKTT_SUBSYS_RULES || e->stopped)
		return 0;
	r = pkttnl_object_decode(lent, e->cat, nlh, err);
	if (r == 0) {
		e->stopped = e->take(e->ctx, lent);
		e->handed++;
	}
	pkttnl_object_clear(lent);
	return r;
}

int pkttnl_events_run(struct pkttnl_events *events, int timeout_ms, struct pkttnl_error *err)
{
	int r;

	events->handed = 0;
	events->stopped = 0;
	r = pkttnl_link_wait(events->nl, POLLIN, timeout_ms);
	if (r < 0)
		return pkttnl_fail(err, r, "waiting for pkttd: %s", strerror(-r));
	while (r > 0 && !events->stopped) {
		r = pkttnl_link_poll(events->nl, take_event, events, err);
		if (r < 0)
			return r;
	}
	return events->stopped ? events->stopped : (int)events->handed;
}

int pkttnl_events_set_room(struct pkttnl_events *events, uint32_t bytes, struct pkttnl_error *err)
{
	return pkttnl_link_bus(events->nl, PKTT_BUS_SET, PKTTB_ROOM, bytes, err);
}

/* --- Tracing --------------------------------------------------------------------------------------------- */

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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules' subsystem: what programs ask of tables, chains, rules, sets and elements.
 *
 * Overview: a request becomes a command of the language (wire/command.h), which the engine carries out
 * in a transaction: the peer's own between BATCH_BEGIN and BATCH_END, or one of a single change
 * (sub_pktt_change.c). What a commit changed is told to who listens, by the engine's own list of changes
 * (sub_pktt_event.c), whoever made it. Listings hold a generation, and so are whole at any length
 * (sub_pktt_list.c).
 *
 * Synchronization: everything runs in the bus' thread, which is the engine's writer, but for traces
 * (sub_pktt_trace.c), whose steps come from workers.
 */
#include "bus/sub_pktt_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOOK = PKTT_RIGHT_VIEW | PKTT_RIGHT_ELEMENTS | PKTT_RIGHT_ALL,
	ELEMENTS = PKTT_RIGHT_ELEMENTS | PKTT_RIGHT_ALL,
	ALL = PKTT_RIGHT_ALL,
};

/* Attributes are looked at by wire/object.c, so calls have no policy. */
static const struct nfnl_call calls[PKTT_MSG_COUNT] = {
	[PKTT_MSG_NEWTABLE] = { "NEWTABLE", ALL, NULL, 0, sub_change },
	[PKTT_MSG_GETTABLE] = { "GETTABLE", LOOK, NULL, 0, sub_get_table },
	[PKTT_MSG_NEWCHAIN] = { "NEWCHAIN", ALL, NULL, 0, sub_change },
	[PKTT_MSG_GETCHAIN] = { "GETCHAIN", LOOK, NULL, 0, sub_get_chain },
	[PKTT_MSG_DELCHAIN] = { "DELCHAIN", ALL, NULL, 0, sub_change },
	[PKTT_MSG_NEWRULE] = { "NEWRULE", ALL, NULL, 0, sub_change },
	[PKTT_MSG_GETRULE] = { "GETRULE", LOOK, NULL, 0, sub_get_rule },
	[PKTT_MSG_DELRULE] = { "DELRULE", ALL, NULL, 0, sub_change },
	[PKTT_MSG_MOVERULE] = { "MOVERULE", ALL, NULL, 0, sub_change },
	[PKTT_MSG_FLUSH] = { "FLUSH", ELEMENTS, NULL, 0, sub_change },
	[PKTT_MSG_ZERO] = { "ZERO", ALL, NULL, 0, sub_change },
	[PKTT_MSG_NEWSET] = { "NEWSET", ALL, NULL, 0, sub_change },
	[PKTT_MSG_GETSET] = { "GETSET", LOOK, NULL, 0, sub_get_set },
	[PKTT_MSG_DELSET] = { "DELSET", ALL, NULL, 0, sub_change },
	[PKTT_MSG_NEWELEM] = { "NEWELEM", ELEMENTS, NULL, 0, sub_change },
	[PKTT_MSG_GETELEM] = { "GETELEM", LOOK, NULL, 0, sub_get_element },
	[PKTT_MSG_DELELEM] = { "DELELEM", ELEMENTS, NULL, 0, sub_change },
	[PKTT_MSG_SWAPSET] = { "SWAPSET", ALL, NULL, 0, sub_change },
	[PKTT_MSG_GETEXT] = { "GETEXT", LOOK, NULL, 0, sub_get_ext },
	[PKTT_MSG_GETGEN] = { "GETGEN", LOOK, NULL, 0, sub_get_generation },
	[PKTT_MSG_NEWTRACE] = { "NEWTRACE", LOOK, NULL, 0, sub_trace_start },
	[PKTT_MSG_DELTRACE] = { "DELTRACE", LOOK, NULL, 0, sub_trace_stop },
};

static int run_other(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	const struct sub_other *other = &sub->other[req->nlh->nlmsg_type & 0xff];

	return other->run(other->ctx, req, err);
}

int sub_pktt_extend(struct sub_pktt *sub, enum pktt_rules_msg msg, const struct nfnl_call *call,
		    void *ctx)
{
	if (sub->call[msg].name)
		return -EEXIST;
	sub->call[msg] = *call;
	sub->call[msg].run = run_other;
	sub->other[msg] = (struct sub_other){ call->run, ctx };
	return 0;
}

void *sub_pktt_user(struct sub_pktt *sub, const struct nfnl_who *who)
{
	sub->own = (struct sub_user){ .is_peer = who != NULL };
	if (who)
		sub->own.who = *who;
	return &sub->own;
}

static void forget(void *ctx, struct nfnl_peer *peer, void *state)
{
	(void)state;
	sub_trace_forget(ctx, peer);
}

static void take_calls(struct sub_pktt *sub)
{
	const struct nfnl_call *more = sub->config.calls;

	memcpy(sub->call, calls, sizeof(calls));
	for (unsigned int i = 0; more && i < PKTT_MSG_COUNT; i++)
		if (!sub->call[i].name && more[i].name)
			sub->call[i] = more[i];
}

static int attach(struct sub_pktt *sub, struct pktt_error *err)
{
	struct pktt_change_listener listener = sub_listener;
	int r;

	listener.ctx = sub;
	r = nfnl_register(sub->bus, &sub->subsys);
	if (r)
		return pktt_fail(err, r, "subsystem %d is on the bus already", PKTT_SUBSYS_RULES);
	r = pktt_engine_listen(sub->engine, &listener);
	return r ? pktt_fail(err, r, "too many listen to the engine's changes") : 0;
}

int sub_pktt_new(struct sub_pktt **ret, struct nfnl *bus, const struct sub_pktt_config *config,
		 struct pktt_error *err)
{
	struct sub_pktt *sub = calloc(1, sizeof(*sub));
	int r;

	if (!sub || !(sub->version = strdup(config->version ? config->version : "")) ||
	    sub_trace_new(&sub->trace, sub)) {
		sub_pktt_free(&sub);
		return pktt_fail(err, -ENOMEM, "no memory for the rules' subsystem");
	}
	sub->bus = bus;
	sub->engine = config->engine;
	sub->config = *config;
	take_calls(sub);
	sub->subsys = (struct nfnl_subsys){
		.name = "rules",
		.id = PKTT_SUBSYS_RULES,
		.ncalls = PKTT_MSG_COUNT,
		.call = sub->call,
		.ctx = sub,
		.begin = sub_begin,
		.commit = sub_commit,
		.abort = sub_abort,
		.forget = forget,
	};
	sub_limit_init(sub);
	r = attach(sub, err);
	if (r)
		sub_pktt_free(&sub);
	else
		*ret = sub;
	return r;
}

/* Rules' places point into its memory, so that the engine must not be asked for them any more. */
void sub_pktt_free(struct sub_pktt **slot)
{
	struct sub_pktt *sub = *slot;

	if (!sub)
		return;
	if (sub->engine)
		pktt_engine_unlisten(sub->engine, sub);
	pktt_txn_abort(&sub->txn);
	sub_trace_free(&sub->trace);
	sub_limit_fini(sub);
	sub_files_free(sub);
	free(sub->echo);
	free(sub->version);
	free(sub);
	*slot = NULL;
}

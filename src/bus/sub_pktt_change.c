/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes: a peer's transaction, or a change that is one by itself; echoes; names of files. */
#include "bus/sub_pktt_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- Names of files ---------------------------------------- */

enum { FILES_MAX = 4096, FILE_BUCKETS = 1024, FILE_NAME_MAX = 4096 };

struct sub_file {
	struct sub_file *next;
	char name[];
};

static struct sub_file **file_bucket(struct sub_pktt *sub, const char *name)
{
	uint64_t h = 14695981039346656037u;

	for (const char *c = name; *c; c++)
		h = (h ^ (unsigned char)*c) * 1099511628211u;
	return &sub->file[(h ^ h >> 32) % FILE_BUCKETS];
}

/* A place without its file is better than memory that grows with every name that somebody invents. */
const char *sub_file(struct sub_pktt *sub, const char *name)
{
	size_t len = name ? strlen(name) : 0;
	struct sub_file **bucket, *f;

	if (len == 0 || len > FILE_NAME_MAX)
		return NULL;
	if (!sub->file && !(sub->file = calloc(FILE_BUCKETS, sizeof(struct sub_file *))))
		return NULL;
	bucket = file_bucket(sub, name);
	for (f = *bucket; f; f = f->next)
		if (strcmp(f->name, name) == 0)
			return f->name;
	if (sub->nfiles >= FILES_MAX || !(f = malloc(sizeof(*f) + len + 1)))
		return NULL;
	memcpy(f->name, name, len + 1);
	f->next = *bucket;
	*bucket = f;
	sub->nfiles++;
	return f->name;
}

void sub_files_free(struct sub_pktt *sub)
{
	for (unsigned int i = 0; sub->file && i < FILE_BUCKETS; i++)
		while (sub->file[i]) {
			struct sub_file *next = sub->file[i]->next;

			free(sub->file[i]);
			sub->file[i] = next;
		}
	free(sub->file);
}

/* The rule outlives the message. */
static void own_places(struct sub_pktt *sub, struct pktt_command *cmd)
{
	struct pktt_rule_spec *rule = cmd->rule;
	const char *file;

	if (!rule)
		return;
	file = sub_file(sub, rule->place.file);
	rule->place.file = rule->head.place.file = file;
	for (unsigned int i = 0; i < rule->nmatches; i++)
		rule->match[i].place.file = file;
	for (unsigned int i = 0; i < rule->ntargets; i++)
		rule->target[i].place.file = file;
}

/* --- Echoes ---------------------------------------- */

static void copy_name(char *to, const char *from)
{
	size_t len = strnlen(from, PKTT_NAME_MAX - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

/* What a rule that is deleted was is asked now, while the current generation has it. */
static void fill_echo(struct sub_pktt *sub, const struct pktt_command *cmd, struct sub_echo *e)
{
	const struct pktt_rule *rule =
		cmd->handle ? pktt_rule_by_handle(sub->engine, cmd->handle) : NULL;

	copy_name(e->table, cmd->table);
	copy_name(e->chain, cmd->chain);
	copy_name(e->other, cmd->other);
	if (!rule)
		return;
	copy_name(e->table, pktt_table_name(pktt_chain_table(rule->chain)));
	copy_name(e->chain, pktt_chain_name(rule->chain));
	copy_name(e->name, rule->spec->name);
}

static int note_echo(struct sub_pktt *sub, const struct nfnl_request *req,
		     const struct pktt_command *cmd)
{
	struct sub_echo *e;

	if (sub->nechoes == sub->echo_room) {
		size_t room = sub->echo_room ? 2 * sub->echo_room : 4;
		struct sub_echo *more = reallocarray(sub->echo, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		sub->echo = more;
		sub->echo_room = room;
	}
	e = &sub->echo[sub->nechoes++];
	*e = (struct sub_echo){
		.seq = req->nlh->nlmsg_seq,
		.msg = req->nlh->nlmsg_type & 0xff,
		.family = cmd->family,
		.handle = cmd->handle,
	};
	fill_echo(sub, cmd, e);
	return 0;
}

static void echo_rule(struct sub_pktt *sub, const struct sub_echo *e, struct wire_object *obj)
{
	const struct pktt_rule *rule = pktt_rule_by_handle(sub->engine, e->handle);

	if (rule && e->msg != PKTT_MSG_DELRULE) {
		sub_object_rule(obj, e->msg, rule);
		wire_set_u64(obj, PKTTA_NUMBER, pktt_rule_position(rule));
		return;
	}
	wire_set_u64(obj, PKTTA_HANDLE, e->handle);
	if (e->name[0])
		wire_set_text(obj, PKTTA_NAME, e->name);
}

static bool is_of_sets(const struct sub_echo *e)
{
	return (e->msg >= PKTT_MSG_NEWSET && e->msg <= PKTT_MSG_SWAPSET) ||
	       (e->msg == PKTT_MSG_FLUSH && !e->table[0] && e->chain[0]);
}

static void send_echo(struct sub_pktt *sub, struct nfnl_peer *peer, const struct sub_echo *e)
{
	struct wire_object obj;
	struct nlmsghdr *nlh;

	wire_object_init(&obj, (enum pktt_rules_msg)e->msg, e->family);
	if (e->table[0] && !is_of_sets(e))
		wire_set_text(&obj, PKTTA_TABLE, e->table);
	if (e->chain[0])
		wire_set_text(&obj, is_of_sets(e) ? PKTTA_SET : PKTTA_CHAIN, e->chain);
	if (e->handle)
		echo_rule(sub, e, &obj);
	wire_set_u64(&obj, PKTTA_GENERATION, pktt_engine_generation(sub->engine));
	nlh = sub_message(sub->bus, &obj);
	if (nlh)
		nfnl_send(peer, nlh, e->seq);
}

/* --- One change ---------------------------------------- */

static int apply(struct sub_pktt *sub, struct pktt_command *cmd, unsigned int flags,
		 struct pktt_error *err)
{
	unsigned int how = (flags & WIRE_RESTORE ? PKTT_APPLY_RESTORE : 0) |
			   (flags & WIRE_COUNTERS ? PKTT_APPLY_COUNTERS : 0);
	uint64_t before = sub_limit_elements(sub, cmd);
	int r = sub_limit_check(sub, cmd, flags, err);

	if (r == 0)
		r = pktt_txn_apply(sub->txn, cmd, how, err);
	return r ? r : sub_limit_applied(sub, cmd, before, err);
}

/* All elements of the message; the first is in cmd. */
static int apply_elements(struct sub_pktt *sub, struct pktt_command *cmd, unsigned int flags,
			  const struct nlmsghdr *nlh, struct pktt_error *err)
{
	const struct nlattr *at = NULL;
	int r = 0;

	while (r == 0 && (cmd->element = wire_next_element(nlh, &at))) {
		if (strpbrk(cmd->element, "\r\n"))
			return pktt_fail(err, -EINVAL, "an element is one line");
		r = apply(sub, cmd, flags, err);
	}
	return r;
}

static bool may(const struct nfnl_request *req, const struct pktt_command *cmd)
{
	bool is_elements = cmd->verb == PKTT_SET_ADD || cmd->verb == PKTT_SET_DELETE ||
			   cmd->verb == PKTT_SET_FLUSH;

	return is_elements || nfnl_peer_rights(req->peer) & PKTT_RIGHT_ALL;
}

static int run_command(struct sub_pktt *sub, const struct nfnl_request *req,
		       struct pktt_command *cmd, unsigned int flags, struct pktt_error *err)
{
	int r;

	if (!may(req, cmd))
		return pktt_fail(err, -EPERM, "uid %u may change elements of sets only",
				 (unsigned int)nfnl_peer_who(req->peer)->uid);
	own_places(sub, cmd);
	if (cmd->verb == PKTT_SET_ADD || cmd->verb == PKTT_SET_DELETE)
		r = apply_elements(sub, cmd, flags, req->nlh, err);
	else
		r = apply(sub, cmd, flags, err);
	if (r == 0 && req->nlh->nlmsg_flags & NLM_F_ECHO && note_echo(sub, req, cmd))
		r = pktt_fail(err, -ENOMEM, "no memory for an echo");
	return r;
}

static int change(struct sub_pktt *sub, const struct nfnl_request *req, struct pktt_error *err)
{
	struct pktt_command cmd;
	struct wire_object obj;
	unsigned int flags;
	int r = wire_command_decode(&cmd, &flags, &obj, req->nlh, pktt_engine_catalog(sub->engine),
				    err);

	if (r)
		return r;
	r = run_command(sub, req, &cmd, flags, err);
	obj.owned = cmd.rule; /* NULL where the engine took it */
	wire_object_fini(&obj);
	return r;
}

/* --- Transactions ---------------------------------------- */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

uint64_t sub_pktt_lasted_ns(const struct sub_pktt *sub)
{
	return now_ns() - sub->begun_ns;
}

static int begin(struct sub_pktt *sub, const struct nfnl_request *req, struct pktt_error *err)
{
	int r;

	if (sub->txn)
		return pktt_fail(err, -EBUSY, "another transaction is open");
	sub_limit_begin(sub);
	r = pktt_txn_begin(&sub->txn, sub->engine, err);
	if (r)
		return r;
	sub->user.who = *nfnl_peer_who(req->peer);
	sub->user.is_peer = true;
	sub->tally = (struct sub_tally){ 0 };
	sub->nechoes = 0;
	sub->seconds = 0;
	sub->begun_ns = now_ns();
	pktt_txn_set_user(sub->txn, &sub->user);
	return 0;
}

static void send_echoes(struct sub_pktt *sub, struct nfnl_peer *peer)
{
	for (size_t i = 0; i < sub->nechoes; i++)
		send_echo(sub, peer, &sub->echo[i]);
	sub->nechoes = 0;
}

static int commit(struct sub_pktt *sub, struct nfnl_peer *peer, struct pktt_error *err)
{
	struct pktt_errors errs;
	int r;

	errs.count = errs.kept = 0;
	r = pktt_txn_commit(&sub->txn, &errs);
	if (r && errs.kept) {
		if (err)
			*err = errs.item[0];
		return r;
	}
	if (r)
		return pktt_fail(err, r, "the changes could not be made");
	send_echoes(sub, peer);
	return 0;
}

int sub_change(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	int r;

	if (req->is_batched)
		return change(sub, req, err);
	r = begin(sub, req, err);
	if (r)
		return r;
	r = change(sub, req, err);
	if (r == 0)
		return commit(sub, req->peer, err);
	pktt_txn_abort(&sub->txn);
	return r;
}

/* Attributes behind BATCH_BEGIN and BATCH_END. */
static bool get_number(const struct nlmsghdr *nlh, uint16_t type, size_t size, uint64_t *ret)
{
	const struct nlattr *attr;

	/* libmnl looks for attributes up to the next multiple. */
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nfgenmsg) ||
	    nlh->nlmsg_len % MNL_ALIGNTO)
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		const uint8_t *p = mnl_attr_get_payload(attr);

		if ((mnl_attr_get_type(attr) & ~PKTTA_MUST) != type ||
		    mnl_attr_get_payload_len(attr) != size)
			continue;
		*ret = 0;
		for (size_t i = 0; i < size; i++)
			*ret = *ret << 8 | p[i];
		return true;
	}
	return false;
}

int sub_begin(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	uint64_t is = pktt_engine_generation(sub->engine), wanted;

	if (req->nlh->nlmsg_len % MNL_ALIGNTO)
		return pktt_fail(err, -EINVAL, "BATCH_BEGIN's length is not a multiple of 4");
	if (get_number(req->nlh, PKTTA_IF_GENERATION, 8, &wanted) && wanted != is)
		return pktt_fail(err, -ESTALE,
				 "the rules have changed: this is generation %llu, not %llu",
				 (unsigned long long)is, (unsigned long long)wanted);
	return begin(sub, req, err);
}

int sub_commit(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	uint64_t seconds;

	if (get_number(req->nlh, PKTTA_SECONDS, 4, &seconds))
		sub->seconds = (uint32_t)seconds;
	return commit(sub, req->peer, err);
}

void sub_abort(void *ctx, struct nfnl_peer *peer)
{
	struct sub_pktt *sub = ctx;

	(void)peer;
	sub->nechoes = 0;
	pktt_txn_abort(&sub->txn);
}

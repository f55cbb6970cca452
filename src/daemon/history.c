/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: every commit becomes an entry: who, when, what, and its undo. Entries are bounded by number
 * and bytes; the oldest go first. A generation's content is reached by taking back what came after it, in
 * one transaction, which is an entry of its own.
 *
 * A load may hold for a time only. What was before it is written to state/pending at once, so that it is
 * what pkttd starts with if it ends before somebody confirms. The last good rules, state/good, are what was
 * confirmed, or has stood for a while; whole checkpoints are in state/history.
 */
#include "daemon/history.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "base/own.h"
#include "base/str.h"
#include "core/change.h"
#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "daemon/rules.h"
#include "daemon/state.h"
#include "daemon/undo.h"

enum { CHECKPOINTS_MAX = 100 };

struct entry {
	struct list node; /* newest last */
	uint64_t generation, time_ns;
	struct nfnl_who who; /* pid 0 = pkttd itself */
	char text[160];
	struct undo *undo;
	uint64_t same_as; /* it went back to that generation's content; 0 = it did not */
};

struct history {
	struct daemon *d;
	struct list entries;
	size_t count, bytes;
	struct undo *collected; /* of the commit that is told now */
	/* What pkttd itself commits, for whom and why; "" = it does not. */
	char acting[160];
	const struct nfnl_who *acting_for;
	uint64_t acting_back_to;
	struct pktt_snapshot *before; /* the newest commit's */
	struct nfnl_timer *settle, *confirm;
	uint64_t pending; /* the generation to go back to; 0 = none */
	uint64_t deadline_ns;
	uint64_t started; /* with this generation; older content is not known */
	bool has_begun;
	unsigned int next_checkpoint;
};

static struct entry *entry_of(struct list *node)
{
	return list_entry(node, struct entry, node);
}

/* --- Entries ---------------------------------------------------------------------------------- */

static void entry_free(struct history *h, struct entry *e)
{
	list_remove(&e->node);
	h->count--;
	h->bytes -= e->undo ? undo_bytes(e->undo) : 0;
	undo_free(&e->undo);
	free(e);
}

/* The newest stays, however large: it is the one that is taken back. */
static void bound(struct history *h)
{
	const struct daemon_config *c = &h->d->config;

	while (h->count > 1 && (h->count > c->history || h->bytes > c->history_bytes))
		entry_free(h, entry_of(h->entries.next));
}

static struct entry *newest(const struct history *h)
{
	return list_is_empty(&h->entries) ? NULL : entry_of(h->entries.prev);
}

static void told_change(void *ctx, const struct pktt_change *change, uint64_t generation,
			void *user)
{
	struct history *h = ctx;

	(void)user;
	if (!h->collected && undo_new(&h->collected))
		return;
	undo_note(h->collected, h->d->engine, change, generation);
}

static void told_commit(void *ctx, uint64_t generation, uint64_t nchanges, void *user)
{
	struct history *h = ctx;
	struct entry *e = calloc(1, sizeof(*e));

	(void)nchanges;
	(void)user;
	pktt_snapshot_put(&h->before);
	(void)!pktt_snapshot_get_at(&h->before, h->d->engine, generation - 1);
	if (!e) {
		undo_free(&h->collected);
		return;
	}
	e->generation = generation;
	e->time_ns = daemon_now_ns();
	e->undo = pktt_take(&h->collected);
	snprintf(e->text, sizeof(e->text), "%s", h->acting);
	if (h->acting_for)
		e->who = *h->acting_for;
	e->same_as = h->acting_back_to;
	if (e->undo)
		undo_finish(e->undo);
	list_insert_before(&h->entries, &e->node);
	h->count++;
	h->bytes += e->undo ? undo_bytes(e->undo) : 0;
	bound(h);
}

/* What pkttd does itself is told by itself. */
void history_act(struct history *h, const struct nfnl_who *who, const char *what)
{
	snprintf(h->acting, sizeof(h->acting), "%s", what);
	h->acting_for = who;
}

void history_acted(struct history *h)
{
	h->acting[0] = '\0';
	h->acting_for = NULL;
	h->acting_back_to = 0;
}

/* --- Files ------------------------------------------------------------------------------------ */

static int write_text(struct history *h, const char *folder, const char *name,
		      const struct str *text)
{
	struct pktt_error err = { 0 };
	int r = text->failed ? pktt_fail(&err, -ENOMEM, "no memory for %s", name)
			     : state_folder(folder, &err);

	(void)h;
	if (r == 0)
		r = state_write(folder, name, str_text(text), text->len, &err);
	if (r)
		journal_say(LOG_ERR, "%s", err.text);
	return r;
}

/* state/history/NNN, the number growing over restarts. */
static void checkpoint(struct history *h, const char *why)
{
	struct str text = STR_INIT;
	char folder[300], name[16];

	snprintf(folder, sizeof(folder), "%s/history", h->d->config.state);
	snprintf(name, sizeof(name), "%03u", h->next_checkpoint);
	str_putf(&text, "# generation %" PRIu64 ", %s\n", pktt_engine_generation(h->d->engine),
		 why);
	text.failed |= rules_save(h->d->engine, &text) != 0;
	if (write_text(h, folder, name, &text) == 0) {
		if (h->next_checkpoint >= CHECKPOINTS_MAX) {
			snprintf(name, sizeof(name), "%03u", h->next_checkpoint - CHECKPOINTS_MAX);
			state_remove(folder, name);
		}
		h->next_checkpoint++;
	}
	str_fini(&text);
}

static void find_checkpoint(struct history *h)
{
	char folder[300];
	const struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/history", h->d->config.state);
	dir = opendir(folder);
	h->next_checkpoint = 1;
	while (dir && (entry = readdir(dir))) {
		unsigned long n = strtoul(entry->d_name, NULL, 10);

		if (n >= h->next_checkpoint && n < UINT32_MAX)
			h->next_checkpoint = (unsigned int)n + 1;
	}
	if (dir)
		closedir(dir);
}

static void write_good(struct history *h)
{
	struct str text = STR_INIT;

	text.failed |= rules_save(h->d->engine, &text) != 0;
	write_text(h, h->d->config.state, "good", &text);
	str_fini(&text);
}

void history_keep(struct history *h)
{
	if (!h->has_begun || h->pending)
		return;
	nfnl_timer_set(h->settle, 0);
	write_good(h);
	checkpoint(h, "pkttd stopped");
}

static void settled(void *ctx)
{
	struct history *h = ctx;

	if (!h->pending)
		write_good(h);
}

/* --- Loads that hold for a time ---------------------------------------------------------------- */

const char *history_pending_file(struct daemon *d)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/pending", d->config.state);
	return access(path, F_OK) == 0 ? path : NULL;
}

static void end_pending(struct history *h)
{
	h->pending = 0;
	nfnl_timer_set(h->confirm, 0);
	state_remove(h->d->config.state, "pending");
}

uint32_t history_pending(const struct history *h)
{
	uint64_t now = daemon_now_ns();

	if (!h->pending)
		return 0;
	return now < h->deadline_ns ? (uint32_t)((h->deadline_ns - now) / 1000000000) + 1 : 1;
}

/* A second load while one is pending goes back to before the first, later. */
static void begin_pending(struct history *h, uint64_t generation, uint32_t seconds)
{
	struct str text = STR_INIT;

	if (!h->pending) {
		h->pending = generation - 1;
		if (h->before)
			undo_save(h->d->engine, h->before, &text);
		write_text(h, h->d->config.state, "pending", &text);
		str_fini(&text);
	}
	h->deadline_ns = daemon_now_ns() + seconds * UINT64_C(1000000000);
	nfnl_timer_set(h->confirm, seconds * UINT64_C(1000000));
	nfnl_timer_set(h->settle, 0);
}

static void go_back(void *ctx)
{
	struct history *h = ctx;
	struct pktt_error err = { 0 };
	uint64_t to = h->pending;

	/* Somebody may have confirmed them while another's transaction was under way. */
	if (!to || daemon_now_ns() < h->deadline_ns)
		return;
	journal_say(LOG_WARNING, "nobody confirmed the rules: back to generation %" PRIu64, to);
	end_pending(h);
	if (history_rollback(h, to, NULL, &err))
		journal_say(LOG_ERR, "the rules stay: %s", err.text);
}

/* Behind a transaction that is under way: this thread runs both. */
static void not_confirmed(void *ctx)
{
	struct history *h = ctx;

	if (nfnl_when_idle(h->d->bus, PKTT_SUBSYS_RULES, go_back, h))
		nfnl_timer_set(h->confirm, 1000000);
}

int history_confirm(struct history *h, const struct nfnl_who *who, struct pktt_error *err)
{
	if (!h->pending)
		return pktt_fail(err, -ENOENT, "nothing waits to be confirmed");
	end_pending(h);
	write_good(h);
	checkpoint(h, "confirmed");
	journal_change(who, pktt_engine_generation(h->d->engine), "confirmed");
	return 0;
}

/* --- Commits ---------------------------------------------------------------------------------- */

void history_committed(void *ctx, const struct nfnl_who *who, uint64_t generation, const char *text,
		       uint32_t seconds)
{
	struct daemon *d = ctx;
	struct history *h = d->history;
	struct entry *e = newest(h);

	d->commits++;
	if (who && !h->acting[0])
		metrics_commit(&d->commit_times, sub_pktt_lasted_ns(d->rules));
	if (e && e->generation == generation && !h->acting[0]) {
		snprintf(e->text, sizeof(e->text), "%s", text);
		if (who)
			e->who = *who;
	}
	if (h->acting[0])
		journal_change(h->acting_for, generation, h->acting);
	else
		journal_change(who, generation, text);
	if (!h->has_begun)
		return;
	if (seconds)
		begin_pending(h, generation, seconds);
	else if (!h->pending)
		nfnl_timer_set(h->settle, d->config.settle * UINT64_C(1000000) + 1);
}

/* --- Back ------------------------------------------------------------------------------------- */

static struct entry *entry_at(const struct history *h, uint64_t generation)
{
	for (struct list *n = h->entries.prev; n != &h->entries; n = n->prev)
		if (entry_of(n)->generation <= generation)
			return entry_of(n);
	return NULL;
}

static int no_way(uint64_t generation, const char *why, struct pktt_error *err)
{
	if (why)
		return pktt_fail(err, -ENOTSUP, "generation %" PRIu64 ": %s", generation, why);
	return pktt_fail(err, -ENOENT,
			 "what was before generation %" PRIu64 " is not kept any more", generation);
}

/*
 * Take back, in txn (NULL: only see whether it can be done), what came after a generation. What itself went
 * back far enough need not be taken back: its content is that of where it went.
 */
static int walk_back(const struct history *h, uint64_t to, struct pktt_txn *txn,
		     struct pktt_error *err)
{
	uint64_t at = pktt_engine_generation(h->d->engine);
	int r = 0;

	while (r == 0 && at > to) {
		const struct entry *e = entry_at(h, at);

		if (!e || e->generation != at || (e->undo && undo_refusal(e->undo)))
			return no_way(at, e && e->generation == at ? undo_refusal(e->undo) : NULL,
				      err);
		if (e->same_as && e->same_as >= to) {
			at = e->same_as;
			continue;
		}
		if (txn && e->undo)
			r = undo_apply(e->undo, txn, h->d->engine, err);
		at--;
	}
	return r;
}

static int check_reach(const struct history *h, uint64_t generation, struct pktt_error *err)
{
	uint64_t now = pktt_engine_generation(h->d->engine);

	if (generation >= now)
		return pktt_fail(err, -EINVAL, "generation %" PRIu64 " is %s", generation,
				 generation == now ? "what is running" : "not there yet");
	return walk_back(h, generation, NULL, err);
}

static int take_back(struct history *h, uint64_t generation, struct pktt_error *err)
{
	struct pktt_errors errs = { 0 };
	struct pktt_txn *txn;
	int r = pktt_txn_begin(&txn, h->d->engine, err);

	if (r)
		return r;
	pktt_txn_set_user(txn, sub_pktt_user(h->d->rules, h->acting_for));
	r = walk_back(h, generation, txn, err);
	if (r) {
		pktt_txn_abort(&txn);
		return r;
	}
	r = pktt_txn_commit(&txn, &errs);
	return r ? pktt_fail(err, r, "%.220s", errs.item[0].text) : 0;
}

int history_rollback(struct history *h, uint64_t generation, const struct nfnl_who *who,
		     struct pktt_error *err)
{
	uint64_t now = pktt_engine_generation(h->d->engine);
	char what[80];
	int r;

	if (generation == 0)
		generation = now - 1;
	r = check_reach(h, generation, err);
	if (r)
		return r;
	snprintf(what, sizeof(what), "back to the content of %" PRIu64, generation);
	history_act(h, who, what);
	h->acting_back_to = generation;
	r = take_back(h, generation, err);
	history_acted(h);
	if (r == 0 && h->pending && generation <= h->pending)
		end_pending(h);
	return r;
}

/* --- Listing ---------------------------------------------------------------------------------- */

static void put_who(struct nlmsghdr *nlh, size_t room, const struct nfnl_who *who)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, room, PKTTA_WHO);

	if (!nest)
		return;
	mnl_attr_put_u32_check(nlh, room, PKTTA_WHO_UID, htonl(who->uid));
	mnl_attr_put_u32_check(nlh, room, PKTTA_WHO_PID, htonl((uint32_t)who->pid));
	mnl_attr_put_strz_check(nlh, room, PKTTA_WHO_PROGRAM, who->pid ? who->program : "pkttd");
	mnl_attr_nest_end(nlh, nest);
}

struct listing {
	struct history *h;
	uint64_t next; /* generation to be told, downwards; 0 = all told */
};

static bool tell(struct nfnl_dump *dump, const struct listing *l, const struct entry *e)
{
	uint64_t now = pktt_engine_generation(l->h->d->engine);
	struct nlmsghdr *nlh =
		nfnl_begin(dump->bus, 1024, PKTT_SUBSYS_RULES << 8 | PKTT_MSG_NEWHISTORY, 0, 0, 0);
	size_t room = nfnl_room(dump->bus);
	uint32_t flags =
		(e->generation == now ? PKTT_HISTORY_CURRENT : 0) |
		(l->h->pending && e->generation > l->h->pending ? PKTT_HISTORY_PENDING : 0);

	if (!nlh)
		return false;
	mnl_attr_put_u64_check(nlh, room, PKTTA_GENERATION, htobe64(e->generation));
	mnl_attr_put_u64_check(nlh, room, PKTTA_TIME, htobe64(e->time_ns));
	put_who(nlh, room, &e->who);
	mnl_attr_put_strz_check(nlh, room, PKTTA_TEXT, e->text);
	mnl_attr_put_u32_check(nlh, room, PKTTA_FLAGS, htonl(flags));
	if (flags & PKTT_HISTORY_PENDING)
		mnl_attr_put_u32_check(nlh, room, PKTTA_SECONDS, htonl(history_pending(l->h)));
	return nfnl_dump_send(dump, nlh);
}

static int fill(struct nfnl_dump *dump, void *state)
{
	struct listing *l = state;
	const struct entry *e;

	while (l->next && (e = entry_at(l->h, l->next))) {
		l->next = e->generation - 1;
		if (!tell(dump, l, e))
			return 1;
	}
	return 0;
}

int history_dump(struct history *h, struct nfnl_request *req, struct pktt_error *err)
{
	struct listing *l = malloc(sizeof(*l));
	const struct nfnl_dump dump = { .fill = fill, .free = free, .state = l };

	if (!l)
		return pktt_fail(err, -ENOMEM, "no memory for a listing");
	*l = (struct listing){ h, UINT64_MAX };
	return nfnl_dump_start(req, &dump);
}

/* --- Life-cycle ------------------------------------------------------------------------------- */

int history_new(struct history **ret, struct daemon *d, struct pktt_error *err)
{
	const struct pktt_change_listener listener = { .change = told_change,
						       .committed = told_commit };
	PKTT_AUTO(history_free) struct history *h = calloc(1, sizeof(*h));
	struct pktt_change_listener own = listener;
	int r;

	if (!h)
		return pktt_fail(err, -ENOMEM, "no memory for the history");
	h->d = d;
	list_init(&h->entries);
	own.ctx = h;
	r = nfnl_timer_new(&h->settle, d->bus, settled, h);
	if (r == 0)
		r = nfnl_timer_new(&h->confirm, d->bus, not_confirmed, h);
	if (r == 0)
		r = pktt_engine_listen(d->engine, &own);
	if (r)
		return pktt_fail(err, r, "no memory for the history");
	find_checkpoint(h);
	*ret = pktt_take(&h);
	return 0;
}

void history_begin(struct history *h)
{
	h->has_begun = true;
	h->started = pktt_engine_generation(h->d->engine);
	state_remove(h->d->config.state, "pending");
	if (h->d->boot == DAEMON_BOOT_RULES)
		nfnl_timer_set(h->settle, h->d->config.settle * UINT64_C(1000000) + 1);
}

void history_free(struct history **slot)
{
	struct history *h = *slot;

	if (!h)
		return;
	pktt_engine_unlisten(h->d->engine, h);
	pktt_snapshot_put(&h->before);
	while (!list_is_empty(&h->entries))
		entry_free(h, entry_of(h->entries.next));
	undo_free(&h->collected);
	nfnl_timer_free(&h->settle);
	nfnl_timer_free(&h->confirm);
	free(h);
	*slot = NULL;
}

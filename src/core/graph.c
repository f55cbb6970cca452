/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: the graph of chains. An edge is a jump or goto of a living rule.
 *
 * Loops are looked for by a coloured depth-first walk from the chains that got new edges: a new
 * loop must pass one of them. Colours carry the walk's serial number, so that nothing is cleared
 * and a chain is walked once per commit however many new edges lead to it. No recursion: the walk
 * keeps its path in the chains themselves.
 *
 * Hooks: which base chains reach a chain decides what may stand in it (REJECT not in PREROUTING).
 * The set is kept, not searched for: an edge that comes or goes pushes the change downwards.
 *
 * Synchronization: writer only.
 */
#include "core/store.h"

#include "base/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum colour { GREY = 1, BLACK = 2 };

void graph_link(struct jump *jump, struct pktt_chain *to)
{
	struct use *use = &jump->rule->target[jump->target];

	jump->to = to;
	if (use->to != to) /* of a rule that moved readers look at it */
		use->to = to;
	list_insert_before(&jump->rule->pub.chain->jumps, &jump->out_node);
	list_insert_before(&to->callers, &jump->in_node);
	jump->is_linked = true;
}

void graph_unlink(struct rule *rule)
{
	for (unsigned int i = 0; i < rule->njumps; i++) {
		struct jump *j = &rule->jump[i];

		if (!j->is_linked)
			continue;
		list_remove(&j->out_node);
		list_remove(&j->in_node);
		j->is_linked = false;
	}
}

static struct jump *out_edge(struct list *n)
{
	return list_entry(n, struct jump, out_node);
}

static void set_colour(struct pktt_chain *c, uint64_t serial, enum colour colour)
{
	c->visit = serial << 2 | colour;
}

static bool has_colour(const struct pktt_chain *c, uint64_t serial, enum colour colour)
{
	return c->visit == (serial << 2 | colour);
}

/* The next edge after at whose chain is not done with; NULL at the end. */
static struct jump *next_edge(struct pktt_chain *c, struct list *at, uint64_t gen, uint64_t serial)
{
	for (struct list *n = at->next; n != &c->jumps; n = n->next) {
		struct jump *j = out_edge(n);

		if (life_is_at(&j->rule->life, gen) && !has_colour(j->to, serial, BLACK))
			return j;
	}
	return NULL;
}

/* "A -> B -> A", from the path of open edges; the place is that of the jump that closes it. */
static int loop_error(struct jump *const *path, size_t n, const struct jump *closing,
		      struct pktt_error *err)
{
	const struct pktt_rule *rule = &closing->rule->pub;
	char text[160] = "";
	size_t i = 0, len;

	while (i < n && path[i]->rule->pub.chain != closing->to)
		i++;
	for (; i < n; i++) {
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "%s -> ",
			 chain_name(path[i]->rule->pub.chain));
	}
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, "%s -> %s", chain_name(rule->chain),
		 chain_name(closing->to));
	if (err)
		err->place = rule->spec->target[closing->target].place;
	return pktt_fail(err, -ELOOP, "chains call each other in a loop: %s", text);
}

static int push(struct jump ***path, size_t *n, size_t *room, struct jump *j)
{
	if (*n == *room) {
		size_t more = *room ? *room * 2 : 64;
		struct jump **p = realloc(*path, more * sizeof(struct jump *));

		if (!p)
			return -ENOMEM;
		*path = p;
		*room = more;
	}
	(*path)[(*n)++] = j;
	return 0;
}

int graph_check_loop(struct pktt_txn *txn, struct pktt_chain *from, uint64_t serial,
		     struct pktt_error *err)
{
	PKTT_AUTO_FREE struct jump **path = NULL;
	struct pktt_chain *c = from;
	struct list *at = &from->jumps;
	size_t n = 0, room = 0;

	if (has_colour(from, serial, BLACK))
		return 0;
	set_colour(from, serial, GREY);
	for (;;) {
		struct jump *j = next_edge(c, at, txn->gen, serial);

		if (j && has_colour(j->to, serial, GREY))
			return loop_error(path, n, j, err);
		if (j) {
			if (push(&path, &n, &room, j))
				return pktt_fail(err, -ENOMEM, "no memory to look for loops");
			c = j->to;
			at = &c->jumps;
			set_colour(c, serial, GREY);
			continue;
		}
		set_colour(c, serial, BLACK);
		if (n == 0)
			return 0;
		j = path[--n];
		c = j->rule->pub.chain;
		at = &j->out_node;
	}
}

static uint32_t hooks_by_callers(const struct pktt_chain *c, uint64_t gen)
{
	uint32_t hooks = 0;

	if (c->is_base)
		return PKTT_HOOK(c->hook);
	list_for_each (n, &c->callers) {
		const struct rule *r = list_entry(n, struct jump, in_node)->rule;

		if (life_is_at(&r->life, gen))
			hooks |= r->pub.chain->hooks;
	}
	return hooks;
}

/* Chains whose set of hooks may have changed, waiting to be looked at. */
struct queue {
	struct pktt_chain **chain;
	size_t n, room;
};

/*
 * Once, however many jumps lead there: else thousands of jumps to a chain would cost their
 * square.
 */
static int enqueue(struct queue *q, struct pktt_chain *c)
{
	if (c->is_queued)
		return 0;
	if (q->n == q->room) {
		size_t more = q->room ? q->room * 2 : 64;
		struct pktt_chain **p = realloc(q->chain, more * sizeof(struct pktt_chain *));

		if (!p)
			return -ENOMEM;
		q->chain = p;
		q->room = more;
	}
	q->chain[q->n++] = c;
	c->is_queued = true;
	return 0;
}

static struct pktt_chain *dequeue(struct queue *q)
{
	struct pktt_chain *c = q->chain[--q->n];

	c->is_queued = false;
	return c;
}

static int touch_rules(struct pktt_txn *txn, const struct pktt_chain *c)
{
	int r = 0;

	for (struct rule *rule = NULL; r == 0 && (rule = rule_next_at(c, rule, txn->gen));)
		r = txn_touch(txn, rule);
	return r;
}

/* Only a loop could make this run for ever, and loops were refused before. */
static int update_one(struct pktt_txn *txn, struct pktt_chain *c, struct queue *q)
{
	uint32_t hooks = hooks_by_callers(c, txn->gen);
	int r = 0;

	if (hooks == c->hooks)
		return 0;
	if (hooks & ~c->hooks)
		r = touch_rules(txn, c);
	c->hooks = hooks;
	list_for_each (n, &c->jumps)
		if (r == 0 && life_is_at(&out_edge(n)->rule->life, txn->gen))
			r = enqueue(q, out_edge(n)->to);
	return r;
}

int graph_update_hooks(struct pktt_txn *txn, struct pktt_chain *chain, uint64_t serial)
{
	struct queue q = { 0 };
	int r;

	if (has_colour(chain, serial, BLACK))
		return 0;
	set_colour(chain, serial, BLACK);
	r = enqueue(&q, chain);
	while (r == 0 && q.n > 0)
		r = update_one(txn, dequeue(&q), &q);
	while (q.n > 0)
		dequeue(&q);
	free(q.chain);
	return r;
}

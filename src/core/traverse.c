/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: the reference traversal: walk the list. Rules are tried in order; a rule's matches until
 * one misses, its targets until one gives a verdict. Counters count a rule when all its matches hit,
 * before its targets run, as Linux does.
 *
 * A jump remembers where to go on - in the rule that jumped, at its next target - on an explicit
 * stack; a goto does not, so that the end of its chain returns to the caller before. At the end of a
 * base chain, and for RETURN there, its policy is the verdict.
 *
 * Synchronization: the caller is inside an RCU read side and has loaded env->generation in it.
 */
#include "core/ext.h"
#include "core/store.h"

#include <stdlib.h>
#include <string.h>

/* Deeper nesting than anybody writes; beyond it the packet is dropped, never let through. */
#define STACK_MAX 256

/* A hook asked again by REPEAT this often is a loop that a program made. */
#define REPEAT_MAX 8

struct frame {
	const struct pktt_chain *chain;
	const struct rule *rule;
	unsigned int target; /* that runs next */
};

struct walk {
	struct pktt_packet *pkt;
	const struct pktt_chain *base;
	struct frame at;
	unsigned int depth;
	struct frame stack[STACK_MAX];
};

/* A worker's own pair; readers of the sum may see one of the two a packet ahead of the other. */
static void add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

static void count(struct hits *hits, const struct pktt_packet *pkt)
{
	struct hits *mine = &hits[pkt->env->worker];

	add(&mine->c.packets, 1);
	add(&mine->c.bytes, pktt_packet_wire_len(pkt));
	__atomic_store_n(&mine->last_ns, pkt->time_ns, __ATOMIC_RELAXED);
}

/* Rules with memory that packets change are asked by one worker at a time. */
static bool is_serial(const struct use *use)
{
	return use->state && !(use->ext->flags & PKTT_EXT_FIXED_STATE);
}

static void state_lock(struct use *use)
{
	if (is_serial(use))
		while (__atomic_exchange_n(&use->lock, 1, __ATOMIC_ACQUIRE))
			;
}

static void state_unlock(struct use *use)
{
	if (is_serial(use))
		__atomic_store_n(&use->lock, 0, __ATOMIC_RELEASE);
}

static enum pktt_hit match_run(struct use *use, struct pktt_packet *pkt)
{
	enum pktt_hit hit;

	state_lock(use);
	hit = pktt_match_run(use->ext, pkt, use->args, use->state);
	state_unlock(use);
	return hit;
}

static enum pktt_verdict target_run(struct use *use, struct pktt_packet *pkt)
{
	enum pktt_verdict v;

	state_lock(use);
	v = pktt_target_run(use->ext, pkt, use->args, use->state);
	state_unlock(use);
	return v;
}

/* The first use that did not hit, in *missed; NULL = all did. */
static enum pktt_hit rule_match(const struct rule *rule, struct pktt_packet *pkt,
				const struct pktt_use **missed)
{
	const struct pktt_rule_spec *spec = rule->pub.spec;
	enum pktt_hit hit = pktt_match_run(spec->head.ext, pkt, spec->head.args, NULL);

	*missed = hit == PKTT_HIT ? NULL : &spec->head;
	for (unsigned int i = 0; hit == PKTT_HIT && i < spec->nmatches; i++) {
		hit = match_run(&rule->match[i], pkt);
		if (hit != PKTT_HIT)
			*missed = &spec->match[i];
	}
	return hit;
}

static void tell_step(const struct walk *w, enum pktt_step_kind kind, enum pktt_verdict verdict)
{
	const struct pktt_env *env = w->pkt->env;
	struct pktt_step step = {
		.kind = kind,
		.pkt = w->pkt,
		.base = w->base,
		.chain = w->at.chain,
		.rule = w->at.rule ? &w->at.rule->pub : NULL,
		.verdict = verdict,
	};

	if (w->pkt->trace && env->ops->step)
		env->ops->step(w->pkt->env, &step);
}

static enum pktt_verdict decide(struct walk *w, enum pktt_verdict verdict, enum pktt_reason reason)
{
	w->pkt->decision = (struct pktt_decision){
		.base = w->base,
		.chain = w->at.chain,
		.rule = w->at.rule ? &w->at.rule->pub : NULL,
		.reason = reason,
	};
	return verdict;
}

static enum pktt_verdict policy(struct walk *w)
{
	enum pktt_verdict v = chain_policy_at(w->base, w->pkt->env->generation);

	w->at = (struct frame){ .chain = w->base };
	count(w->base->hits, w->pkt);
	tell_step(w, PKTT_STEP_POLICY, v);
	return decide(w, v, PKTT_REASON_NONE);
}

static void first_rule(struct walk *w, const struct pktt_chain *chain)
{
	w->at.chain = chain;
	w->at.rule = rule_next_at(chain, NULL, w->pkt->env->generation);
	w->at.target = 0;
}

static void next_rule(struct walk *w)
{
	w->at.rule = rule_next_at(w->at.chain, w->at.rule, w->pkt->env->generation);
	w->at.target = 0;
}

/* To the caller, or false: this is the base chain's own end. */
static bool pop(struct walk *w)
{
	if (w->depth == 0)
		return false;
	w->at = w->stack[--w->depth];
	return true;
}

static bool push(struct walk *w, unsigned int next_target)
{
	if (w->depth == STACK_MAX)
		return false;
	w->stack[w->depth] = w->at;
	w->stack[w->depth++].target = next_target;
	return true;
}

enum outcome { GO_ON, DONE };

/* Run the rule's targets from at.target on. DONE leaves the verdict in *ret. */
static enum outcome run_targets(struct walk *w, enum pktt_verdict *ret)
{
	const struct rule *rule = w->at.rule;

	while (w->at.target < rule->pub.spec->ntargets) {
		struct use *use = &rule->target[w->at.target++];
		enum pktt_verdict v;

		if (use->is_jump) {
			if (!use->is_goto && !push(w, w->at.target)) {
				*ret = decide(w, PKTT_DROP, PKTT_REASON_STACK);
				return DONE;
			}
			first_rule(w, use->to);
			return GO_ON;
		}
		v = target_run(use, w->pkt);
		if (v == PKTT_CONTINUE)
			continue;
		if (v != PKTT_RETURN) {
			*ret = decide(w, v, PKTT_REASON_NONE);
			return DONE;
		}
		tell_step(w, PKTT_STEP_RETURN, v);
		if (pop(w))
			return GO_ON;
		*ret = policy(w);
		return DONE;
	}
	next_rule(w);
	return GO_ON;
}

/* Of a base chain its policy; else back to the caller, unless ebtables gave it a policy as well. */
static enum outcome end_of_chain(struct walk *w, enum pktt_verdict *ret)
{
	enum pktt_verdict v = chain_policy_at(w->at.chain, w->pkt->env->generation);

	if (w->depth && v != PKTT_RETURN) {
		tell_step(w, PKTT_STEP_POLICY, v);
		*ret = decide(w, v, PKTT_REASON_NONE);
		return DONE;
	}
	tell_step(w, PKTT_STEP_RETURN, PKTT_RETURN);
	if (pop(w))
		return GO_ON;
	*ret = policy(w);
	return DONE;
}

static enum outcome try_rule(struct walk *w, enum pktt_verdict *ret)
{
	struct pktt_env *env = w->pkt->env;
	const struct pktt_use *missed;
	enum pktt_hit hit = rule_match(w->at.rule, w->pkt, &missed);

	if (env->look)
		env->look(env, w->pkt, w->at.chain, &w->at.rule->pub, missed, hit);
	if (hit == PKTT_BAD) {
		*ret = decide(w, PKTT_DROP, PKTT_REASON_UNREADABLE);
		return DONE;
	}
	if (hit == PKTT_MISS) {
		next_rule(w);
		return GO_ON;
	}
	count(w->at.rule->hits, w->pkt);
	tell_step(w, PKTT_STEP_RULE, PKTT_CONTINUE);
	return run_targets(w, ret);
}

static enum pktt_verdict chain_run(struct walk *w, const struct pktt_chain *base)
{
	enum pktt_verdict v = PKTT_DROP;
	enum outcome o = GO_ON;

	w->base = base;
	w->depth = 0;
	first_rule(w, base);
	while (o == GO_ON) {
		if (!w->at.rule)
			o = end_of_chain(w, &v);
		else if (w->at.target)
			o = run_targets(w, &v);
		else
			o = try_rule(w, &v);
	}
	return v;
}

/* Of a packet that leaves this host: what nf_queue() saves to see whether a program changed it. */
static void note_route(struct pktt_packet *pkt)
{
	const uint8_t *tos = pktt_packet_read(pkt, PKTT_L3, 1, 1);

	if (pkt->hook != PKTT_LOCAL_OUT)
		return;
	pkt->queue_at.mark = pkt->mark;
	pkt->queue_at.src = pktt_packet_src(pkt);
	pkt->queue_at.dst = pktt_packet_dst(pkt);
	pkt->queue_at.tos = tos && pkt->l3_family == PKTT_IPV4 ? *tos : 0;
}

/* What a hook does with a chain's verdict; CONTINUE = the next chain. */
static enum pktt_verdict after_chain(struct pktt_packet *pkt, enum pktt_verdict v)
{
	if (v == PKTT_ACCEPT)
		return PKTT_CONTINUE;
	if (v != PKTT_QUEUE)
		return v;
	note_route(pkt);
	if (pkt->env->ops->queue && pkt->env->ops->queue(pkt->env, pkt))
		return PKTT_STOLEN;
	return pkt->queue.bypass ? PKTT_CONTINUE : PKTT_QUEUE;
}

/* What a route is chosen by; mangle's OUTPUT may change it, and Linux then chooses anew. */
struct route_key {
	uint32_t mark;
	uint8_t header[40];
};

static struct route_key route_key_of(const struct pktt_packet *pkt)
{
	struct route_key key = { .mark = pkt->mark };
	uint32_t len = pkt->l3_family == PKTT_IPV6 ? 40 : 20;
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, len);

	if (!ip)
		return key;
	memcpy(key.header, ip, len);
	if (pkt->l3_family == PKTT_IPV6)
		memset(key.header + 4, 0, 3); /* length, next header */
	else
		memset(key.header + 2, 0, 10);
	return key;
}

/* ip_route_me_harder(): a destination to which no way leads ends here, before other tables see it. */
static bool is_lost(const struct pktt_packet *pkt)
{
	struct pktt_route_query query = { .family = pkt->l3_family, .dst = pktt_packet_dst(pkt) };
	struct pktt_route route;

	return pkt->env->ops->route && pkt->env->ops->route(pkt->env, &query, &route) < 0;
}

static enum pktt_verdict run_rerouting(struct walk *w, const struct pktt_chain *chain)
{
	struct route_key before = route_key_of(w->pkt), after;
	struct pktt_addr was = pktt_packet_dst(w->pkt), is;
	enum pktt_verdict v = chain_run(w, chain);
	bool is_elsewhere;

	after = route_key_of(w->pkt);
	if (memcmp(&before, &after, sizeof(before)) == 0)
		return v;
	w->pkt->is_rerouted = true;
	is = pktt_packet_dst(w->pkt);
	/* A copy went to its gateway so far, not by the way of its destination, which may not exist. */
	is_elsewhere = w->pkt->is_tee || memcmp(&was, &is, sizeof(was)) != 0;
	if (v == PKTT_ACCEPT && is_elsewhere && is_lost(w->pkt)) {
		w->at = (struct frame){ 0 };
		w->base = NULL;
		return decide(w, PKTT_DROP, PKTT_REASON_NO_ROUTE);
	}
	return v;
}

static bool is_rerouting(const struct pktt_chain *chain)
{
	return chain->hook == PKTT_LOCAL_OUT && strcmp(chain->table->name, "mangle") == 0;
}

/* A base chain, as often as REPEAT asks for it. CONTINUE = the next. */
static enum pktt_verdict run_base(struct walk *w, const struct pktt_chain *chain)
{
	enum pktt_verdict v;
	unsigned int repeats = 0;

	do
		v = after_chain(w->pkt, is_rerouting(chain) ? run_rerouting(w, chain)
							    : chain_run(w, chain));
	while (v == PKTT_REPEAT && ++repeats < REPEAT_MAX);
	return v == PKTT_REPEAT ? PKTT_DROP : v;
}

static const struct hooks *hooks_of(const struct pktt_packet *pkt, enum pktt_hook hook)
{
	return __atomic_load_n(&pkt->engine->hooks[pkt->family][hook], __ATOMIC_ACQUIRE);
}

static enum pktt_verdict run_beside(struct pktt_packet *pkt, const struct pktt_hook_fn *fn)
{
	struct pktt_env *env = pkt->env;
	enum pktt_verdict v;

	if (!env->beside)
		return fn->run(pkt, fn->hook);
	env->beside(env, pkt, fn, PKTT_CONTINUE);
	v = fn->run(pkt, fn->hook);
	env->beside(env, pkt, fn, v);
	return v;
}

static const void *entry_of(const struct hook_entry *e)
{
	return e->fn ? (const void *)e->fn : e->chain;
}

static enum pktt_verdict run_entry(struct walk *w, const struct hook_entry *e, bool is_stateful)
{
	enum pktt_verdict v;

	w->pkt->queue_at.entry = entry_of(e);
	w->pkt->queue_at.priority = e->priority;
	if (e->fn) {
		v = is_stateful ? run_beside(w->pkt, e->fn) : PKTT_ACCEPT;
		return v == PKTT_ACCEPT ? PKTT_CONTINUE : v;
	}
	if (!life_is_at(&e->chain->life, w->pkt->env->generation))
		return PKTT_CONTINUE;
	/* Where connections are tracked, these are asked by NAT, for the first packet only. */
	if (e->chain->is_nat && is_stateful)
		return PKTT_CONTINUE;
	return run_base(w, e->chain);
}

/* What stands at the hook from number i on. */
static enum pktt_verdict run_from(struct pktt_packet *pkt, const struct hooks *hooks, uint32_t i)
{
	bool is_stateful = pktt_engine_is_stateful(pkt->engine, pkt->family);
	enum pktt_verdict v = PKTT_CONTINUE;
	struct walk w; /* its stack is not cleared: only what was pushed is read */

	w.pkt = pkt;
	for (; v == PKTT_CONTINUE && hooks && i < hooks->count; i++)
		v = run_entry(&w, &hooks->at[i], is_stateful);
	reclaim_read_end(pkt->engine);
	return v == PKTT_CONTINUE ? PKTT_ACCEPT : v;
}

enum pktt_verdict pktt_hook_run(struct pktt_engine *engine, struct pktt_packet *pkt,
				enum pktt_hook hook)
{
	pkt->hook = hook;
	pkt->engine = engine;
	return run_from(pkt, hooks_of(pkt, hook), 0);
}

/* --- After a program's verdict ---------------------------------------------------------------- */

static bool is_same_address(const struct pktt_addr *a, const struct pktt_addr *b)
{
	return a->len == b->len && memcmp(a->byte, b->byte, a->len) == 0;
}

/* nf_ip_reroute(): false = no way leads to where the program sends it. */
static bool reroute(struct pktt_packet *pkt)
{
	struct pktt_queue_at was = pkt->queue_at;
	bool is_elsewhere;

	if (pkt->hook != PKTT_LOCAL_OUT)
		return true;
	note_route(pkt);
	is_elsewhere = !is_same_address(&was.dst, &pkt->queue_at.dst);
	if (!is_elsewhere && was.mark == pkt->mark && was.tos == pkt->queue_at.tos &&
	    is_same_address(&was.src, &pkt->queue_at.src))
		return true;
	pkt->is_rerouted = true;
	return !is_elsewhere || !is_lost(pkt);
}

/* The entry where the packet was; else the first behind its priority, and *has_gone. */
static uint32_t find_entry(const struct pktt_packet *pkt, const struct hooks *hooks, bool *has_gone)
{
	uint32_t i = 0;

	*has_gone = false;
	while (i < hooks->count && entry_of(&hooks->at[i]) != pkt->queue_at.entry)
		i++;
	if (i < hooks->count)
		return i;
	*has_gone = true;
	for (i = 0; i < hooks->count && hooks->at[i].priority <= pkt->queue_at.priority;)
		i++;
	return i;
}

/* What asked for the program's verdict once more; CONTINUE = what stands behind it. */
static enum pktt_verdict run_again(struct pktt_packet *pkt, const struct hook_entry *e)
{
	bool is_stateful = pktt_engine_is_stateful(pkt->engine, pkt->family);
	struct walk w;

	w.pkt = pkt;
	return run_entry(&w, e, is_stateful);
}

enum pktt_verdict pktt_hook_resume(struct pktt_engine *engine, struct pktt_packet *pkt,
				   enum pktt_verdict verdict)
{
	const struct hooks *hooks;
	bool has_gone = false;
	uint32_t i = 0;

	pkt->engine = engine;
	hooks = hooks_of(pkt, pkt->hook);
	if (hooks)
		i = find_entry(pkt, hooks, &has_gone);
	if (verdict == PKTT_REPEAT)
		verdict = has_gone || !hooks ? PKTT_ACCEPT : run_again(pkt, &hooks->at[i]);
	else if (verdict == PKTT_QUEUE)
		verdict = after_chain(pkt, verdict);
	if (verdict != PKTT_ACCEPT && verdict != PKTT_CONTINUE)
		return verdict;
	if (!reroute(pkt))
		return pktt_packet_drop(pkt, PKTT_REASON_NO_ROUTE);
	return run_from(pkt, hooks, i + !has_gone);
}

enum pktt_verdict pktt_hook_run_nat(struct pktt_packet *pkt, enum pktt_hook hook,
				    bool (*is_done)(const struct pktt_packet *pkt))
{
	const struct hooks *hooks = hooks_of(pkt, hook);
	struct walk w;

	w.pkt = pkt;
	for (uint32_t i = 0; hooks && i < hooks->count; i++) {
		const struct pktt_chain *chain = hooks->at[i].chain;
		enum pktt_verdict v;

		if (!chain || !chain->is_nat || !life_is_at(&chain->life, pkt->env->generation))
			continue;
		v = run_base(&w, chain);
		if (v != PKTT_CONTINUE)
			return v;
		if (is_done(pkt))
			break;
	}
	return PKTT_ACCEPT;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What extensions may ask of the host, answered by the router; what they hand over, noted. */
#include <string.h>

#include "base/own.h"
#include "conntrack/conntrack.h"
#include "core/log_text.h"
#include "path.h"

/* splitmix64 (Steele, Lea, Flood 2014): every choice of a run follows from the seed. */
static uint32_t env_random(struct pktt_env *env)
{
	struct replay *replay = replay_of(env);
	uint64_t z = replay->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) >> 32);
}

static int env_route(struct pktt_env *env, const struct pktt_route_query *q, struct pktt_route *ret)
{
	return path_route(replay_of(env), q, ret);
}

static enum pktt_route_type env_addr_type(struct pktt_env *env, const struct pktt_addr *addr,
					  const struct pktt_iface *dev)
{
	return router_addr_type(replay_of(env)->config.router, addr, dev);
}

static int env_source(struct pktt_env *env, const struct pktt_addr *dst,
		      const struct pktt_iface *dev, struct pktt_addr *ret)
{
	return router_source(replay_of(env)->config.router, dst, dev, ret);
}

static bool env_broadcast_mask(struct pktt_env *env, const struct pktt_iface *dev,
			       const struct pktt_addr *addr, struct pktt_addr *mask)
{
	(void)env;
	return router_broadcast_mask(dev, addr, mask);
}

static int env_own_address(struct pktt_env *env, const struct pktt_addr *dst,
			   const struct pktt_iface *dev, struct pktt_addr *ret)
{
	(void)env;
	return router_own_address(dst, dev, ret);
}

static void env_emit(struct pktt_env *env, struct pktt_packet **reply,
		     const struct pktt_packet *cause)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *pkt = pktt_take(reply);

	path_made(replay_of(env), pkt, cause);
}

/* nf_dup_ipv4(): the copy's way is the gateway's, whatever its destination. */
static void env_tee(struct pktt_env *env, struct pktt_packet **copy,
		    const struct pktt_addr *gateway, const char *oif)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *pkt = pktt_take(copy);
	struct replay *replay = replay_of(env);
	struct flight f = {
		.replay = replay,
		.pkt = pkt,
		.kind = FLIGHT_MADE,
		.arrived = pkt->in,
	};
	struct pktt_route_query q = { .family = pkt->l3_family,
				      .dst = *gateway,
				      .mark = pkt->mark };

	if (replay->depth == PATH_DEPTH_MAX)
		return;
	if (oif && *oif && !(q.oif = router_iface(replay->config.router, oif)))
		return;
	if (path_route(replay, &q, &f.route) < 0)
		return;
	if (!f.route.via.len)
		f.route.via = *gateway;
	pkt->is_tee = true;
	pkt->l2_len = 0;
	replay->depth++;
	path_output_routed(&f);
	replay->depth--;
	conntrack_packet_done(pkt);
}

static void env_emit_frame(struct pktt_env *env, struct pktt_packet **frame,
			   const struct pktt_iface *out)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *pkt = pktt_take(frame);
	struct replay *replay = replay_of(env);
	struct flight f = {
		.replay = replay,
		.pkt = pkt,
		.kind = FLIGHT_MADE,
		.is_reply = true,
	};

	if (replay->depth == PATH_DEPTH_MAX)
		return;
	replay->depth++;
	path_output_arp(&f, out);
	replay->depth--;
}

static void env_log(struct pktt_env *env, const struct pktt_log *log)
{
	struct replay_log what = {
		.kind = REPLAY_LOG,
		.number = log->level,
		.text_len = strlen(log->text),
	};

	const struct replay_live *live = replay_of(env)->config.live;

	if (live)
		live->log(live->ctx, log);
	result_log(replay_of(env), &what, log->text, NULL);
}

static void env_nflog(struct pktt_env *env, const struct pktt_nflog *log)
{
	const char *prefix = log->prefix ? log->prefix : "";
	struct replay_log what = {
		.kind = log->is_ulog ? REPLAY_ULOG : REPLAY_NFLOG,
		.number = log->group,
		.text_len = strlen(prefix),
		.data_len = packet_len(log->pkt, PKTT_L3),
	};
	const uint8_t *data = pktt_packet_read(log->pkt, PKTT_L3, 0, (uint32_t)what.data_len);
	const struct replay_live *live = replay_of(env)->config.live;
	bool is_limited = log->is_ulog ? log->range != 0 : log->has_range;

	if (live)
		live->nflog(live->ctx, log);
	if (is_limited && log->range < what.data_len)
		what.data_len = log->range;
	result_log(replay_of(env), &what, prefix, data);
}

static const char *step_name(enum pktt_step_kind kind)
{
	switch (kind) {
	case PKTT_STEP_RULE:
		return "rule";
	case PKTT_STEP_RETURN:
		return "return";
	case PKTT_STEP_POLICY:
		break;
	}
	return "policy";
}

/* The rule's; behind the last rule of the chain, for its end and its policy. */
static unsigned int step_number(const struct pktt_step *step)
{
	unsigned int number = 1;

	if (step->rule) {
		pktt_chain_number(step->rule->chain);
		return step->rule->number;
	}
	for (struct pktt_rule *r = NULL; (r = pktt_rule_next(step->chain, r));)
		number++;
	return number;
}

/* The kernel's line of TRACE: "TRACE: raw:PREROUTING:rule:2 IN=..." */
static void env_step(struct pktt_env *env, const struct pktt_step *step)
{
	struct str prefix = STR_INIT, line = STR_INIT;
	struct replay_log what = { .kind = REPLAY_TRACE, .number = 4 };
	const struct replay_watch *watch = replay_of(env)->config.watch;
	const struct replay_live *live = replay_of(env)->config.live;

	if (live) {
		live->step(live->ctx, step);
		return;
	}
	if (watch && watch->step) {
		watch->step(watch->ctx, step);
		return;
	}
	str_putf(&prefix, "TRACE: %s:%s:%s:%u ", pktt_table_name(pktt_chain_table(step->chain)),
		 pktt_chain_name(step->chain), step_name(step->kind), step_number(step));
	pktt_log_text(step->pkt, str_text(&prefix),
		      PKTT_LOG_TCPSEQ | PKTT_LOG_TCPOPT | PKTT_LOG_IPOPT, &line);
	what.text_len = line.len;
	result_log(replay_of(env), &what, str_text(&line), NULL);
	str_fini(&prefix);
	str_fini(&line);
}

/* Whether a program has it is seen when the hook has been left; where none can, nobody listens. */
static bool env_queue(struct pktt_env *env, struct pktt_packet *pkt)
{
	struct replay *replay = replay_of(env);

	(void)pkt;
	if (!replay->config.live || !replay->flight->next)
		return false;
	replay->flight->is_queued = true;
	return true;
}

const struct pktt_env_ops replay_env_ops = {
	.random = env_random,
	.route = env_route,
	.addr_type = env_addr_type,
	.source = env_source,
	.own_address = env_own_address,
	.broadcast_mask = env_broadcast_mask,
	.emit = env_emit,
	.tee = env_tee,
	.emit_frame = env_emit_frame,
	.log = env_log,
	.nflog = env_nflog,
	.queue = env_queue,
	.step = env_step,
};

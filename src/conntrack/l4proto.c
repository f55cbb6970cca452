/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocols by number, and what each of them may ask of tracking for a packet. */
#include "conntrack/l4proto.h"

#include "base/str.h"
#include "conntrack/event.h"
#include "conntrack/own.h"
#include "core/log_text.h"

#include <netinet/in.h>

static const struct ct_l4proto *const protos[256] = {
	[IPPROTO_TCP] = &ct_proto_tcp,	       [IPPROTO_UDP] = &ct_proto_udp,
	[IPPROTO_UDPLITE] = &ct_proto_udplite, [IPPROTO_ICMP] = &ct_proto_icmp,
	[IPPROTO_ICMPV6] = &ct_proto_icmpv6,   [IPPROTO_SCTP] = &ct_proto_sctp,
	[IPPROTO_DCCP] = &ct_proto_dccp,       [IPPROTO_GRE] = &ct_proto_gre,
};

/* One family's ICMP in the other is found too: its packets are invalid there. */
const struct ct_l4proto *ct_l4proto_of(uint8_t family, uint8_t protocol)
{
	(void)family;
	return protos[protocol] ? protos[protocol] : &ct_proto_generic;
}

uint8_t ct_l4_state_size(uint8_t family, uint8_t protocol)
{
	return ct_l4proto_of(family, protocol)->state_size;
}

void ct_account(struct ct_meet *meet)
{
	struct ct_counter *c = &meet->conn->counter[meet->dir];

	if (!meet->settings->acct)
		return;
	__atomic_fetch_add(&c->packets, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&c->bytes, pktt_packet_wire_len(meet->pkt), __ATOMIC_RELAXED);
}

void ct_refresh(struct ct_meet *meet, uint32_t seconds)
{
	uint64_t ms = (uint64_t)seconds * 1000;

	if (!(conn_status(meet->conn) & CT_FIXED_TIMEOUT))
		conn_set_timeout(meet->conn, meet->now_ms,
				 ms > INT32_MAX ? INT32_MAX : (uint32_t)ms);
	ct_account(meet);
}

bool ct_kill(struct ct_meet *meet)
{
	return conntrack_kill(meet->ct, meet->pkt->env->worker, meet->conn);
}

void ct_set_assured(struct ct_meet *meet)
{
	if (conn_set_status(meet->conn, CT_ASSURED))
		ct_event(meet->ct, meet->pkt->env->worker, meet->conn, CT_EVENT_ASSURED);
}

void ct_protoinfo_changed(struct ct_meet *meet)
{
	ct_event(meet->ct, meet->pkt->env->worker, meet->conn, CT_EVENT_PROTOINFO);
}

void ct_log_invalid(struct ct_meet *meet, const char *reason)
{
	const struct pktt_env *env = meet->pkt->env;
	uint8_t wanted = meet->settings->log_invalid;
	struct str prefix = STR_INIT, line = STR_INIT;
	struct pktt_log log = { .pkt = meet->pkt, .level = 5 };

	if (!env->ops->log || !wanted || (wanted != 255 && wanted != meet->pkt->protocol))
		return;
	str_putf(&prefix, "nf_ct_proto_%d: %s ", meet->pkt->protocol, reason);
	pktt_log_text(meet->pkt, str_text(&prefix),
		      PKTT_LOG_TCPSEQ | PKTT_LOG_TCPOPT | PKTT_LOG_IPOPT | PKTT_LOG_UID, &line);
	log.text = str_text(&line);
	env->ops->log(meet->pkt->env, &log);
	str_fini(&line);
	str_fini(&prefix);
}

bool ct_checksum_is_bad(const struct ct_meet *meet)
{
	struct pktt_packet *pkt = meet->pkt;

	if (!meet->settings->checksum || pkt->hook != PKTT_PRE_ROUTING)
		return false;
	/* Not final yet, or not all there: nothing can be said of it. */
	if (pkt->csum_unneeded || pkt->csum_partial || pkt->l3 + pkt->wire_len > pkt->end)
		return false;
	pkt->csum_right = pktt_csum_l4_ok(pkt);
	return !pkt->csum_right;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SYNPROXY: SYNs are answered with cookies in the server's place; only a client that acknowledges its
 * cookie is let through to the server.
 *
 * Overview, after Linux's nf_synproxy_core.c: the SYN is not tracked; the SYN-ACK carries the cookie as
 * its sequence number and the client's options in its time stamp. The client's ACK makes us send the SYN
 * to the server in the client's name: that opens the connection, and the extension remembers the cookie.
 * When the server's SYN-ACK comes, both sides are told, and from then on sequence numbers and time
 * stamps are shifted by what the server's differ from ours.
 */
#include <netinet/in.h>

#include "conntrack/event.h"
#include "conntrack/proto_tcp.h"
#include "core/env.h"
#include "core/hook.h"
#include "ext/stateful.h"
#include "ext/synproxy.h"

enum { SACK, TIMESTAMP, WSCALE, MSS, ECN };

static const struct pktt_param synproxy_params[] = {
	[SACK] = {
		.name = "sack-perm",
		.help = "the server takes selective acknowledgements",
		PKTT_STORE(struct synproxy_args, sack, flag),
	},
	[TIMESTAMP] = {
		.name = "timestamp",
		.help = "the server takes time stamps",
		PKTT_STORE(struct synproxy_args, timestamp, flag),
	},
	[WSCALE] = {
		.name = "wscale",
		.help = "window scale of the server",
		PKTT_STORE(struct synproxy_args, wscale, u8),
		.max = 14,
	},
	[MSS] = {
		.name = "mss",
		.help = "maximum segment size of the server",
		PKTT_STORE(struct synproxy_args, mss, u16),
	},
	[ECN] = {
		.name = "ecn",
		.help = "the server takes explicit congestion notification",
		PKTT_STORE(struct synproxy_args, ecn, flag),
	},
};

/* --- Cookies in time stamps: what no other option of an ACK could carry --------------------- */

enum { TIME_SCALE = 0xf, TIME_SACK = 1 << 4, TIME_ECN = 1 << 5, TIME_BITS = 0x3f };

static void make_time(const struct synproxy_args *args, struct synproxy_tcp *t, uint64_t time_ns)
{
	t->tsecr = t->tsval;
	t->tsval = (uint32_t)(time_ns / 1000000) & ~(uint32_t)TIME_BITS;
	if (t->options & SYNPROXY_WSCALE) {
		t->tsval |= t->wscale;
		t->wscale = args->wscale;
	} else {
		t->tsval |= TIME_SCALE;
	}
	if (t->options & SYNPROXY_SACK)
		t->tsval |= TIME_SACK;
	if (t->options & SYNPROXY_ECN)
		t->tsval |= TIME_ECN;
}

static void read_time(struct synproxy_tcp *t)
{
	t->wscale = t->tsecr & TIME_SCALE;
	if (t->wscale != TIME_SCALE)
		t->options |= SYNPROXY_WSCALE;
	if (t->tsecr & TIME_SACK)
		t->options |= SYNPROXY_SACK;
	if (t->tsecr & TIME_ECN)
		t->options |= SYNPROXY_ECN;
}

/* --- The handshake ---------------------------------------------------------------------------- */

static const struct ct_template proxied = { .is_synproxy = true };

static uint32_t allowed(const struct synproxy_args *args)
{
	uint32_t options = SYNPROXY_MSS;

	if (args->sack)
		options |= SYNPROXY_SACK;
	if (args->timestamp)
		options |= SYNPROXY_TIMESTAMP;
	if (pktt_given(args, WSCALE))
		options |= SYNPROXY_WSCALE;
	if (args->ecn)
		options |= SYNPROXY_ECN;
	return pktt_given(args, MSS) ? options : options & ~(uint32_t)SYNPROXY_MSS;
}

static void answer_syn(struct pktt_packet *pkt, const struct synproxy_args *args,
		       struct synproxy_tcp syn)
{
	struct siphash_key key = conntrack_hash_key(conntrack_of(pkt->engine));
	uint16_t mss = syn.options & SYNPROXY_MSS ? syn.mss : 0;
	struct synproxy_tcp t = syn;

	if (syn.flags & TCP_ECE && syn.flags & TCP_CWR)
		t.options |= SYNPROXY_ECN;
	t.mss = args->mss;
	t.options &= allowed(args);
	if (t.options & SYNPROXY_TIMESTAMP)
		make_time(args, &t, pkt->time_ns);
	else
		t.options &= ~(uint32_t)(SYNPROXY_WSCALE | SYNPROXY_SACK | SYNPROXY_ECN);
	t.sport = syn.dport;
	t.dport = syn.sport;
	t.seq = synproxy_cookie(&key, pkt, &syn, mss);
	t.ack = syn.seq + 1;
	t.flags = TCP_SYN | TCP_ACK | (t.options & SYNPROXY_ECN ? TCP_ECE : 0);
	t.window = 0;
	synproxy_send(pkt, &t, true, pkt->ct, PKTT_CT_ESTABLISHED_REPLY, NULL);
}

/*
 * The ACK of a cookie: the server gets its SYN. seq is the first number of the client's data: a keep-alive
 * is one below it, which Linux does not heed where it reads the cookie; so the size is the next one then.
 */
static bool answer_ack(struct pktt_packet *pkt, struct synproxy_tcp t, uint32_t seq)
{
	struct siphash_key key = conntrack_hash_key(conntrack_of(pkt->engine));

	t.mss = synproxy_cookie_mss(&key, pkt, &t, t.seq);
	if (!t.mss)
		return false;
	t.options |= SYNPROXY_MSS;
	if (t.options & SYNPROXY_TIMESTAMP)
		read_time(&t);
	t.seq = seq - 1;
	t.ack -= 1; /* our own number, for the hook that will see this SYN leave */
	t.flags = TCP_SYN | (t.options & SYNPROXY_ECN ? TCP_ECE | TCP_CWR : 0);
	synproxy_send(pkt, &t, false, NULL, PKTT_CT_NONE, &proxied);
	return true;
}

static enum pktt_verdict synproxy_run(struct pktt_packet *pkt, const void *args, void *state)
{
	enum { KINDS = TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST };
	struct synproxy_tcp t;

	(void)state;
	if (!conntrack_of(pkt->engine) || !pktt_csum_l4_ok(pkt) || !synproxy_read(pkt, &t))
		return PKTT_DROP;
	if ((t.flags & KINDS) == TCP_SYN) {
		answer_syn(pkt, args, t);
		return PKTT_STOLEN;
	}
	if ((t.flags & KINDS) == TCP_ACK)
		return answer_ack(pkt, t, t.seq) ? PKTT_STOLEN : PKTT_DROP;
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, synproxy) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "SYNPROXY",
		.summary = "answer SYNs with cookies in the place of the server",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.hooks = PKTT_HOOK(PKTT_LOCAL_IN) | PKTT_HOOK(PKTT_FORWARD),
		.l4 = { IPPROTO_TCP },
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT | PKTT_EXT_TERMINAL,
		PKTT_PARAMS(synproxy_params, struct synproxy_args),
	},
	.run = synproxy_run,
};

/* --- Connections through the proxy ------------------------------------------------------------ */

static void shift_numbers(struct pktt_packet *pkt, uint32_t off)
{
	struct conn_ext *ext = pkt->ct->ext;
	struct ct_seqadj *adj = &ext->seqadj[ct_packet_dir(pkt)];

	if (!off)
		return;
	ext->has_seqadj = true;
	adj->offset_before = adj->offset_after = (int32_t)off;
	conn_set_status(pkt->ct, CT_SEQ_ADJUST);
}

static void tell(struct pktt_packet *pkt, uint32_t events)
{
	ct_event(conntrack_of(pkt->engine), pkt->env->worker, pkt->ct, events);
}

/* The SYN that we send to the server, or a keep-alive of a client who waits for it. */
static enum pktt_verdict on_syn(struct pktt_packet *pkt, struct ct_synproxy *proxy)
{
	struct synproxy_tcp t;

	if (!synproxy_read(pkt, &t))
		return pktt_packet_drop(pkt, PKTT_REASON_CONNTRACK);
	if (!(t.flags & TCP_SYN) && t.flags & TCP_ACK && ct_packet_dir(pkt) == CT_ORIGINAL)
		return answer_ack(pkt, t, t.seq + 1) ? PKTT_STOLEN
						     : pktt_packet_drop(pkt, PKTT_REASON_CONNTRACK);
	proxy->isn = t.ack;
	if (t.options & SYNPROXY_TIMESTAMP)
		proxy->its = t.tsecr;
	tell(pkt, CT_EVENT_SYNPROXY);
	return PKTT_ACCEPT;
}

static void ack_server(struct pktt_packet *pkt, const struct synproxy_tcp *from, uint32_t max_win)
{
	struct synproxy_tcp t = *from;

	t.sport = from->dport;
	t.dport = from->sport;
	t.seq = from->ack;
	t.ack = from->seq + 1;
	t.tsval = from->tsecr;
	t.tsecr = from->tsval;
	t.flags = TCP_ACK;
	t.window = (uint16_t)(max_win > UINT16_MAX ? UINT16_MAX : max_win);
	synproxy_send(pkt, &t, true, NULL, PKTT_CT_NONE, NULL);
}

static void ack_client(struct pktt_packet *pkt, const struct synproxy_tcp *from, uint8_t wscale)
{
	struct synproxy_tcp t = *from;

	t.seq = from->seq + 1;
	t.flags = TCP_ACK;
	t.window = (uint16_t)(from->window >> wscale);
	synproxy_send(pkt, &t, false, pkt->ct, PKTT_CT_ESTABLISHED_REPLY, NULL);
}

static enum pktt_verdict on_syn_ack(struct pktt_packet *pkt, struct ct_synproxy *proxy,
				    uint32_t max_win)
{
	struct synproxy_tcp t;
	uint8_t wscale;

	if (!synproxy_read(pkt, &t))
		return pktt_packet_drop(pkt, PKTT_REASON_CONNTRACK);
	wscale = t.wscale;
	if (t.options & SYNPROXY_TIMESTAMP)
		proxy->tsoff = t.tsval - proxy->its;
	t.options &= SYNPROXY_TIMESTAMP;
	ack_server(pkt, &t, max_win);
	shift_numbers(pkt, proxy->isn - t.seq);
	tell(pkt, CT_EVENT_SYNPROXY | CT_EVENT_SEQADJ);
	ack_client(pkt, &t, wscale);
	return PKTT_STOLEN;
}

/* A reset before the connection was, or a new SYN in its place: the numbers begin anew. */
static bool on_closed(struct pktt_packet *pkt, struct ct_synproxy *proxy,
		      const struct synproxy_tcp *t)
{
	bool is_original = ct_packet_dir(pkt) == CT_ORIGINAL;

	if (t->flags & TCP_RST && !is_original) {
		shift_numbers(pkt, proxy->isn - t->seq + 1);
		return false;
	}
	if (!(t->flags & TCP_SYN) || t->flags & TCP_ACK || !is_original)
		return false;
	pkt->ct->ext->seqadj[CT_ORIGINAL] = (struct ct_seqadj){ 0 };
	*proxy = (struct ct_synproxy){ 0 };
	return true;
}

static enum pktt_verdict pass(struct pktt_packet *pkt, struct ct_synproxy *proxy)
{
	const struct ct_tcp *tcp = &conn_l4_const(pkt->ct)->tcp;
	struct synproxy_tcp t;

	if (!synproxy_read(pkt, &t))
		return PKTT_ACCEPT;
	if (tcp->state == CT_TCP_SYN_SENT ||
	    (tcp->state == CT_TCP_CLOSE && on_closed(pkt, proxy, &t))) {
		enum pktt_verdict v = on_syn(pkt, proxy);

		if (v != PKTT_ACCEPT)
			return v;
	} else if (tcp->state == CT_TCP_SYN_RECV && t.flags & TCP_SYN && t.flags & TCP_ACK) {
		return on_syn_ack(pkt, proxy, tcp->seen[CT_ORIGINAL].max_win);
	}
	synproxy_shift_time(pkt, ct_packet_dir(pkt) == CT_ORIGINAL, proxy->tsoff);
	return PKTT_ACCEPT;
}

static enum pktt_verdict hook(struct pktt_packet *pkt, enum pktt_hook at)
{
	struct conn_ext *ext = pkt->ct ? pkt->ct->ext : NULL;

	(void)at;
	if (!ext || !ext->has_synproxy || !pkt->has_l4 || pkt->protocol != IPPROTO_TCP)
		return PKTT_ACCEPT;
	return pass(pkt, &ext->synproxy);
}

static const struct pktt_hook_fn hooks[] = {
	{ "synproxy", PKTT_LOCAL_IN, PKTT_PRIO_CONFIRM - 1, PKTT_FAM_V4 | PKTT_FAM_V6, hook },
	{ "synproxy", PKTT_POST_ROUTING, PKTT_PRIO_CONFIRM - 1, PKTT_FAM_V4 | PKTT_FAM_V6, hook },
};

int synproxy_attach(struct pktt_engine *engine)
{
	return pktt_engine_hook(engine, hooks, sizeof(hooks) / sizeof(hooks[0]));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARP (RFC 826): mangle rewrites the addresses of a packet, arpreply answers one on a bridge. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "core/env.h"
#include "ext/br_verdict.h"

/* The fixed header; addresses follow: sender's hardware, protocol, then the target's. */
enum { HEADER = 8, MAC_LEN = 6, IP_LEN = 4 };
enum { SENDER_IP = HEADER + MAC_LEN, TARGET_MAC = SENDER_IP + IP_LEN };
enum { TARGET_IP = TARGET_MAC + MAC_LEN, WHOLE = TARGET_IP + IP_LEN };

struct mangle_args {
	struct pktt_args head;
	struct pktt_addr ip_s, ip_d;
	struct pktt_mac mac_s, mac_d;
	uint8_t verdict;
};

enum { IP_S, MAC_S, IP_D, MAC_D, VERDICT };

static const struct pktt_symbol verdicts[] = {
	{ "DROP", PKTT_DROP },
	{ "CONTINUE", PKTT_CONTINUE },
	{ "ACCEPT", PKTT_ACCEPT },
	{ 0 },
};

static const struct pktt_param mangle_params[] = {
	[IP_S] = {
		.name = "mangle-ip-s",
		.help = "new IPv4 address of the sender",
		PKTT_STORE(struct mangle_args, ip_s, addr),
		.flags = PKTT_ONLY_V4,
	},
	[MAC_S] = {
		.name = "mangle-mac-s",
		.help = "new hardware address of the sender",
		PKTT_STORE(struct mangle_args, mac_s, mac),
	},
	[IP_D] = {
		.name = "mangle-ip-d",
		.help = "new IPv4 address of the target",
		PKTT_STORE(struct mangle_args, ip_d, addr),
		.flags = PKTT_ONLY_V4,
	},
	[MAC_D] = {
		.name = "mangle-mac-d",
		.help = "new hardware address of the target",
		PKTT_STORE(struct mangle_args, mac_d, mac),
	},
	[VERDICT] = {
		.name = "mangle-target",
		.help = "verdict that follows",
		PKTT_STORE(struct mangle_args, verdict, enum8),
		.symbols = verdicts,
		.def = "ACCEPT",
		.flags = PKTT_HIDE_DEFAULT,
	},
};

/* One address and its place, of the length that the packet says; room is what we have of it. */
static bool put(struct pktt_packet *pkt, uint32_t at, const uint8_t *bytes, uint32_t len,
		uint32_t room)
{
	uint8_t *field = pktt_packet_write(pkt, PKTT_L3, at, len);

	if (!field || len > room)
		return false;
	memcpy(field, bytes, len);
	return true;
}

/* false = there is no such place in this packet, or no such address. */
static bool mangle(struct pktt_packet *pkt, const struct mangle_args *args)
{
	const uint8_t *arp = pktt_packet_read(pkt, PKTT_L3, 0, HEADER);
	uint32_t mac = arp ? arp[4] : 0, ip = arp ? arp[5] : 0, at = HEADER;

	if (!arp || (pktt_given(args, MAC_S) && !put(pkt, at, args->mac_s.byte, mac, MAC_LEN)))
		return false;
	at += mac;
	if (pktt_given(args, IP_S) && !put(pkt, at, args->ip_s.byte, ip, IP_LEN))
		return false;
	at += ip;
	if (pktt_given(args, MAC_D) && !put(pkt, at, args->mac_d.byte, mac, MAC_LEN))
		return false;
	at += mac;
	return !pktt_given(args, IP_D) || put(pkt, at, args->ip_d.byte, ip, IP_LEN);
}

static enum pktt_verdict mangle_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mangle_args *args = vargs;

	(void)state;
	return mangle(pkt, args) ? (enum pktt_verdict)args->verdict : PKTT_DROP;
}

PKTT_REGISTER(pktt_target, mangle) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "mangle",
		.summary = "rewrite the addresses of an ARP packet",
		.families = PKTT_FAM_ARP,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(mangle_params, struct mangle_args),
	},
	.run = mangle_run,
};

/* --- arpreply --------------------------------------------------------------------------------- */

struct arpreply_args {
	struct pktt_args head;
	struct pktt_mac mac;
	uint8_t verdict;
};

enum { REPLY_MAC, REPLY_VERDICT };

static const struct pktt_param arpreply_params[] = {
	[REPLY_MAC] = {
		.name = "arpreply-mac",
		.help = "hardware address to answer with",
		PKTT_STORE(struct arpreply_args, mac, mac),
		.def = "00:00:00:00:00:00",
		.flags = PKTT_SHOW_ALWAYS,
	},
	[REPLY_VERDICT] = {
		.name = "arpreply-target",
		.help = "verdict that follows",
		PKTT_STORE(struct arpreply_args, verdict, enum8),
		.symbols = br_verdicts,
		.def = "DROP",
		.flags = PKTT_HIDE_DEFAULT,
	},
};

/* The answer to the request in arp, from mac: an Ethernet frame. */
static int build_reply(struct pktt_packet **ret, const struct pktt_packet *request,
		       const uint8_t *arp, const struct pktt_mac *mac)
{
	enum { ETHERNET = 14 };
	struct pktt_packet *reply;
	uint8_t *frame;
	int rc = pktt_packet_new(&reply, ETHERNET + WHOLE);

	if (rc)
		return rc;
	frame = pktt_packet_write(reply, PKTT_L3, 0, ETHERNET + WHOLE);
	if (!frame) {
		pktt_packet_free(&reply);
		return -EINVAL;
	}
	memcpy(frame, arp + HEADER, MAC_LEN);
	memcpy(frame + MAC_LEN, mac->byte, MAC_LEN);
	put_be16(frame + 12, 0x0806);
	frame += ETHERNET;
	memcpy(frame, arp, HEADER);
	put_be16(frame, 1);	/* Ethernet */
	put_be16(frame + 6, 2); /* reply */
	memcpy(frame + HEADER, mac->byte, MAC_LEN);
	memcpy(frame + SENDER_IP, arp + TARGET_IP, IP_LEN);
	memcpy(frame + TARGET_MAC, arp + HEADER, MAC_LEN);
	memcpy(frame + TARGET_IP, arp + SENDER_IP, IP_LEN);
	reply->l2 = reply->l3;
	reply->l2_len = ETHERNET;
	reply->l3 += ETHERNET;
	reply->wire_len = WHOLE;
	reply->family = PKTT_ARP;
	reply->l3_family = PKTT_ARP;
	reply->ethertype = 0x0806;
	reply->is_local = true;
	reply->time_ns = request->time_ns;
	reply->env = request->env;
	reply->engine = request->engine;
	*ret = reply;
	return 0;
}

static enum pktt_verdict arpreply_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	/* Of any hardware: protocol IPv4, lengths, operation request. */
	static const uint8_t request[] = { 8, 0, MAC_LEN, IP_LEN, 0, 1 };
	const struct arpreply_args *args = vargs;
	const uint8_t *arp = pktt_packet_read(pkt, PKTT_L3, 0, HEADER);
	struct pktt_packet *reply = NULL;

	(void)state;
	if (pkt->ethertype != 0x0806)
		return PKTT_CONTINUE;
	if (!arp)
		return PKTT_DROP;
	if (memcmp(arp + 2, request, sizeof(request)) != 0)
		return PKTT_CONTINUE;
	arp = pktt_packet_read(pkt, PKTT_L3, 0, WHOLE);
	if (!arp)
		return PKTT_DROP;
	if (pkt->env->ops->emit_frame && !build_reply(&reply, pkt, arp, &args->mac))
		pkt->env->ops->emit_frame(pkt->env, &reply, pkt->in);
	pktt_packet_free(&reply);
	return (enum pktt_verdict)args->verdict;
}

PKTT_REGISTER(pktt_target, arpreply) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "arpreply",
		.summary = "answer an ARP request in the place of its target",
		.families = PKTT_FAM_BR,
		.tables = "nat",
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING),
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(arpreply_params, struct arpreply_args),
	},
	.run = arpreply_run,
};

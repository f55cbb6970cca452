/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP and UDP-Lite: no connection but what both sides do. Who answers makes it replied; what goes on
 * after two seconds is a stream, which lasts longer and is not the first to go under pressure.
 */
#include "base/buf.h"
#include "conntrack/l4proto.h"

#include <netinet/in.h>
#include <string.h>

#define HEADER	       8u
#define STREAM_FROM_MS 2000

static bool tuple(struct buf l4, struct ct_tuple *ret)
{
	const uint8_t *h = buf_get(&l4, 4);

	if (!h)
		return false;
	memcpy(&ret->sport, h, 2);
	memcpy(&ret->dport, h + 2, 2);
	return true;
}

/* By the wire: what a capture cut off was there. */
static uint32_t datagram_len(const struct pktt_packet *pkt)
{
	uint32_t before = pkt->l4 - pkt->l3;

	return pkt->wire_len > before ? pkt->wire_len - before : 0;
}

static const char *udp_fault(const struct ct_meet *meet)
{
	const uint8_t *h = pktt_packet_read(meet->pkt, PKTT_L4, 0, HEADER);

	if (!h)
		return "short packet";
	if (get_be16(h + 4) > datagram_len(meet->pkt) || get_be16(h + 4) < HEADER)
		return "truncated/malformed packet";
	if (get_be16(h + 6) && ct_checksum_is_bad(meet))
		return "bad checksum";
	return NULL;
}

/* When an unanswered one began is no matter: from then on packets both ways are a stream. */
static bool is_stream(struct ct_meet *meet)
{
	return (int32_t)(meet->now_ms - (uint32_t)conn_l4(meet->conn)->udp.stream_ms) > 0;
}

static enum ct_judge udp_packet(struct ct_meet *meet)
{
	const char *fault = udp_fault(meet);
	uint32_t status = conn_status(meet->conn);
	bool stream;

	if (fault) {
		ct_log_invalid(meet, fault);
		return CT_INVALID;
	}
	if (!(status & CT_CONFIRMED))
		conn_l4(meet->conn)->udp.stream_ms = (uint32_t)(meet->now_ms + STREAM_FROM_MS);
	stream = status & CT_SEEN_REPLY && is_stream(meet);
	ct_refresh(meet, meet->timeouts[stream ? CT_UDP_STREAM_TIMEOUT : CT_UDP_UNREPLIED_TIMEOUT]);
	if (stream && !(status & CT_NAT_CLASH))
		ct_set_assured(meet);
	return CT_OK;
}

/*
 * As Linux 6.18 has it, with UDP's number in the pseudo header where RFC 3828 wants UDP-Lite's own: what
 * a correct host sends is refused. Who wants UDP-Lite tracked switches the verification off, there as
 * here.
 */
static bool is_udplite_checksum_bad(const struct ct_meet *meet, uint32_t covered)
{
	const struct pktt_packet *pkt = meet->pkt;
	const uint8_t *data = pktt_packet_read(pkt, PKTT_L4, 0, covered);
	uint32_t sum;

	if (!meet->settings->checksum || pkt->hook != PKTT_PRE_ROUTING || pkt->csum_unneeded ||
	    !data)
		return false;
	sum = pktt_csum_pseudo(pkt, IPPROTO_UDP, datagram_len(pkt));
	return pktt_csum_fold(pktt_csum_add(sum, data, covered)) != 0;
}

/* Its "length" is how much the checksum covers (RFC 3828); 0 is all, and there is always one. */
static const char *udplite_fault(const struct ct_meet *meet)
{
	const uint8_t *h = pktt_packet_read(meet->pkt, PKTT_L4, 0, HEADER);
	uint32_t len = datagram_len(meet->pkt), covered;

	if (!h)
		return "short packet";
	covered = get_be16(h + 4) ? get_be16(h + 4) : len;
	if (covered < HEADER || covered > len)
		return "invalid checksum coverage";
	if (get_be16(h + 6) == 0)
		return "checksum missing";
	return is_udplite_checksum_bad(meet, covered) ? "bad checksum" : NULL;
}

static enum ct_judge udplite_packet(struct ct_meet *meet)
{
	const char *fault = udplite_fault(meet);
	uint32_t status = conn_status(meet->conn);
	bool replied = status & CT_SEEN_REPLY;

	if (fault) {
		ct_log_invalid(meet, fault);
		return CT_INVALID;
	}
	ct_refresh(meet,
		   meet->timeouts[replied ? CT_UDP_STREAM_TIMEOUT : CT_UDP_UNREPLIED_TIMEOUT]);
	if (replied && !(status & CT_NAT_CLASH))
		ct_set_assured(meet);
	return CT_OK;
}

static const char *const timeout_names[CT_UDP_TIMEOUT_COUNT] = {
#define X(id, name, seconds) name,
	CT_UDP_TIMEOUTS(X)
#undef X
};

const struct ct_l4proto ct_proto_udp = {
	.protocol = IPPROTO_UDP,
	.name = "udp",
	.state_size = sizeof(struct ct_udp),
	.has_ports = true,
	.tuple = tuple,
	.packet = udp_packet,
	.timeout_count = CT_UDP_TIMEOUT_COUNT,
	.timeout_names = timeout_names,
	.timeouts_offset = offsetof(struct ct_settings, udp),
};

const struct ct_l4proto ct_proto_udplite = {
	.protocol = IPPROTO_UDPLITE,
	.name = "udplite",
	.has_ports = true,
	.tuple = tuple,
	.packet = udplite_packet,
	.timeout_count = CT_UDP_TIMEOUT_COUNT,
	.timeout_names = timeout_names,
	.timeouts_offset = offsetof(struct ct_settings, udp) /* as in Linux */,
};

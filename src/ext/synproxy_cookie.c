/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/synproxy.h"

#include "base/own.h"

#include <string.h>

#define NS_PER_MINUTE UINT64_C(60000000000)
#define DATA_MASK     0xffffffu
#define TIME_SHIFT    24
#define AGE_MAX	      2u

/* Sizes that fit most links: three bits would do for eight, Linux has these four. */
static const uint16_t sizes_v4[] = { 536, 1300, 1440, 1460 };
static const uint16_t sizes_v6[] = { 1280 - 60, 1480 - 60, 1500 - 60, 9000 - 60 };

static const uint16_t *sizes_of(const struct pktt_packet *pkt)
{
	return pkt->l3_family == PKTT_IPV6 ? sizes_v6 : sizes_v4;
}

static uint32_t minutes(const struct pktt_packet *pkt)
{
	return (uint32_t)(pkt->time_ns / NS_PER_MINUTE);
}

static uint32_t hash(const struct siphash_key *key, const struct pktt_packet *pkt,
		     const struct synproxy_tcp *tcp, uint32_t count, uint32_t which)
{
	struct {
		uint8_t src[16], dst[16];
		uint16_t sport, dport;
		uint32_t count, which;
	} in = { .sport = tcp->sport, .dport = tcp->dport, .count = count, .which = which };
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);

	memcpy(in.src, src.byte, src.len);
	memcpy(in.dst, dst.byte, dst.len);
	return (uint32_t)siphash(key, &in, sizeof(in));
}

uint32_t synproxy_cookie(const struct siphash_key *key, const struct pktt_packet *syn,
			 const struct synproxy_tcp *tcp, uint16_t mss)
{
	const uint16_t *size = sizes_of(syn);
	uint32_t count = minutes(syn), index = pktt_countof(sizes_v4) - 1;

	while (index && mss < size[index])
		index--;
	return hash(key, syn, tcp, 0, 0) + tcp->seq + (count << TIME_SHIFT) +
	       ((hash(key, syn, tcp, count, 1) + index) & DATA_MASK);
}

uint16_t synproxy_cookie_mss(const struct siphash_key *key, const struct pktt_packet *ack,
			     const struct synproxy_tcp *tcp, uint32_t client_seq)
{
	uint32_t count = minutes(ack), age, index;
	uint32_t cookie = tcp->ack - 1 - hash(key, ack, tcp, 0, 0) - (client_seq - 1);

	age = (count - (cookie >> TIME_SHIFT)) & 0xff;
	if (age >= AGE_MAX)
		return 0;
	index = (cookie - hash(key, ack, tcp, count - age, 1)) & DATA_MASK;
	return index < pktt_countof(sizes_v4) ? sizes_of(ack)[index] : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers of TCP as the proxy reads and writes them: RFC 9293, 7323, 2018. */
#include "ext/synproxy.h"

#include "base/buf.h"
#include "base/own.h"
#include "conntrack/conntrack.h"
#include "core/env.h"
#include "core/reply_icmp.h"

#include <netinet/in.h>
#include <string.h>

enum { HEADER = 20, OPTIONS_MAX = 40, CHECKSUM_AT = 16 };
enum { OPT_END = 0, OPT_NOP = 1, OPT_MSS = 2, OPT_WSCALE = 3, OPT_SACK = 4, OPT_TIME = 8 };
enum { LEN_MSS = 4, LEN_WSCALE = 3, LEN_SACK = 2, LEN_TIME = 10, WSCALE_MAX = 14 };

static void read_option(struct synproxy_tcp *t, uint8_t kind, struct buf value)
{
	size_t len = buf_left(&value) + 2;
	uint8_t scale = 0;

	if (kind == OPT_MSS && len == LEN_MSS) {
		buf_get_be16(&value, &t->mss);
		t->options |= SYNPROXY_MSS;
	} else if (kind == OPT_WSCALE && len == LEN_WSCALE) {
		buf_get_u8(&value, &scale);
		t->wscale = scale > WSCALE_MAX ? WSCALE_MAX : scale;
		t->options |= SYNPROXY_WSCALE;
	} else if (kind == OPT_TIME && len == LEN_TIME) {
		buf_get_be32(&value, &t->tsval);
		buf_get_be32(&value, &t->tsecr);
		t->options |= SYNPROXY_TIMESTAMP;
	} else if (kind == OPT_SACK && len == LEN_SACK) {
		t->options |= SYNPROXY_SACK;
	}
}

static void read_options(struct synproxy_tcp *t, struct buf b)
{
	uint8_t kind = 0, len = 0;
	struct buf value;

	while (buf_left(&b) && buf_get_u8(&b, &kind) && kind != OPT_END) {
		if (kind == OPT_NOP)
			continue;
		if (!buf_get_u8(&b, &len) || len < 2 || !buf_get_buf(&b, len - 2u, &value))
			return;
		read_option(t, kind, value);
	}
}

bool synproxy_read(const struct pktt_packet *pkt, struct synproxy_tcp *t)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L4, 0, HEADER), *options;
	uint32_t len;

	memset(t, 0, sizeof(*t));
	if (!h || (h[12] >> 4) * 4u < HEADER)
		return false;
	len = (h[12] >> 4) * 4u - HEADER;
	options = pktt_packet_read(pkt, PKTT_L4, HEADER, len);
	if (!options)
		return false;
	t->sport = get_be16(h);
	t->dport = get_be16(h + 2);
	t->seq = get_be32(h + 4);
	t->ack = get_be32(h + 8);
	t->flags = h[13];
	t->window = get_be16(h + 14);
	read_options(t, buf_of(options, len));
	return true;
}

/* In the order and with the padding that Linux writes them with. Returns their length. */
static uint32_t write_options(const struct synproxy_tcp *t, uint8_t *to)
{
	uint8_t *at = to;

	if (t->options & SYNPROXY_MSS) {
		*at++ = OPT_MSS;
		*at++ = LEN_MSS;
		put_be16(at, t->mss);
		at += 2;
	}
	if (t->options & (SYNPROXY_TIMESTAMP | SYNPROXY_SACK)) {
		bool has_sack = t->options & SYNPROXY_SACK;

		if (!(t->options & SYNPROXY_TIMESTAMP)) {
			*at++ = OPT_NOP;
			*at++ = OPT_NOP;
		}
		*at++ = has_sack ? OPT_SACK : OPT_NOP;
		*at++ = has_sack ? LEN_SACK : OPT_NOP;
	}
	if (t->options & SYNPROXY_TIMESTAMP) {
		*at++ = OPT_TIME;
		*at++ = LEN_TIME;
		put_be32(at, t->tsval);
		put_be32(at + 4, t->tsecr);
		at += 8;
	}
	if (t->options & SYNPROXY_WSCALE) {
		*at++ = OPT_NOP;
		*at++ = OPT_WSCALE;
		*at++ = LEN_WSCALE;
		*at++ = t->wscale;
	}
	return (uint32_t)(at - to);
}

static int fill(struct pktt_packet *pkt, uint32_t ip_len, const struct synproxy_tcp *t,
		const uint8_t *options, uint32_t options_len)
{
	uint8_t *h = pktt_packet_write(pkt, PKTT_L3, 0, ip_len + HEADER + options_len);

	if (!h)
		return -1;
	if (pkt->l3_family == PKTT_IPV4)
		h[6] = 0x40; /* never fragmented, so the identification may be 0: RFC 6864 */
	h += ip_len;
	put_be16(h, t->sport);
	put_be16(h + 2, t->dport);
	put_be32(h + 4, t->seq);
	put_be32(h + 8, t->ack);
	h[12] = (uint8_t)((HEADER + options_len) / 4 << 4);
	h[13] = t->flags;
	put_be16(h + 14, t->window);
	memcpy(h + HEADER, options, options_len);
	return pktt_reply_finish(pkt, IPPROTO_TCP, CHECKSUM_AT);
}

void synproxy_send(const struct pktt_packet *cause, const struct synproxy_tcp *t, bool is_back,
		   struct conn *ct, enum pktt_ct_info info, const struct ct_template *ct_template)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *pkt = NULL;
	struct pktt_addr src = pktt_packet_src(cause), dst = pktt_packet_dst(cause);
	uint32_t ip_len = cause->l3_family == PKTT_IPV6 ? 40 : 20, options_len;
	uint8_t options[OPTIONS_MAX];

	options_len = write_options(t, options);
	if (!cause->env->ops->emit || pktt_reply_new(&pkt, cause, ip_len + HEADER + options_len))
		return;
	pktt_reply_ip_header(pkt, IPPROTO_TCP, is_back ? &dst : &src, is_back ? &src : &dst);
	if (fill(pkt, ip_len, t, options, options_len))
		return;
	pkt->ct_template = ct_template;
	if (ct && conn_get(ct)) {
		pkt->ct = ct;
		pkt->ct_info = info;
	}
	cause->env->ops->emit(cause->env, &pkt, cause);
}

/* Where the time stamp option stands in layer 4, or 0. */
static uint32_t find_time(const struct pktt_packet *pkt)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L4, 0, HEADER), *o;
	uint32_t end = h ? (h[12] >> 4) * 4u : 0, at = HEADER;

	while ((o = pktt_packet_read(pkt, PKTT_L4, at, 2)) && at + 2 <= end && *o != OPT_END) {
		if (*o == OPT_TIME && o[1] == LEN_TIME && at + LEN_TIME <= end)
			return at;
		if (*o != OPT_NOP && o[1] < 2)
			break;
		at += *o == OPT_NOP ? 1 : o[1];
	}
	return 0;
}

void synproxy_shift_time(struct pktt_packet *pkt, bool is_original, uint32_t off)
{
	uint32_t at = off ? find_time(pkt) : 0;
	uint8_t *csum = pktt_packet_write(pkt, PKTT_L4, CHECKSUM_AT, 2), *word, was[4];

	word = at ? pktt_packet_write(pkt, PKTT_L4, at + (is_original ? 6 : 2), 4) : NULL;
	if (!word || !csum)
		return;
	memcpy(was, word, 4);
	put_be32(word, get_be32(word) + (is_original ? off : 0 - off));
	pktt_csum_replace(csum, was, word, 4);
}

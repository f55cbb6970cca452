/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 options (RFC 791, 3.1), read and filled in as Linux's __ip_options_compile() does on
 * receiving and ip_forward_options() on leaving. Between the two the header checksum does not fit,
 * in Linux as here: rules that look at it see so.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "path.h"

enum {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_RR = 7,
	OPT_TIMESTAMP = 68,
	OPT_LSRR = 131,
	OPT_CIPSO = 134,
	OPT_SSRR = 137,
	OPT_ROUTER_ALERT = 148,
	OPT_COPIED = 0x80,
};

enum { TS_ONLY = 0, TS_AND_ADDRESS = 1, TS_PRESPECIFIED = 3 };
enum { PARAMETER_PROBLEM = 12, HEADER = 20, CIPSO_MIN = 8 };

/* Options being read: at is the offset of opt in layer 3. */
struct reader {
	struct flight *f;
	uint8_t *opt;
	uint32_t at, len; /* len: of this option */
};

/* Errors are the offset of the byte that is wrong: what the ICMP message points to. */
#define WRONG_AT(r, n) ((int)((r)->at + (n)))

/* fib_compute_spec_dst(): our address on the packet's way. */
static struct pktt_addr our_address(const struct flight *f)
{
	const struct router *router = f->replay->config.router;
	struct pktt_addr src = pktt_packet_src(f->pkt), dst = pktt_packet_dst(f->pkt);
	struct pktt_addr ours = { .len = 4 };
	struct pktt_route back;

	if (f->route.type == PKTT_ROUTE_LOCAL)
		return dst;
	if (src.byte[0] != 0 && router_lookup(router, &src, NULL, &back) == 0)
		return back.preferred;
	router_source(router, &src, f->pkt->in, &ours);
	return ours;
}

/* inet_current_timestamp(): milliseconds since midnight UTC. */
static void put_time(const struct flight *f, uint8_t *to)
{
	const uint64_t day_ns = UINT64_C(86400) * 1000000000;

	put_be32(to, (uint32_t)(f->pkt->time_ns % day_ns / 1000000));
}

static void put_our_address(const struct reader *r, uint8_t *to)
{
	struct pktt_addr ours = our_address(r->f);

	memcpy(to, ours.byte, 4);
	r->f->opt.is_changed = true;
}

static int read_source_route(const struct reader *r)
{
	struct ipv4_options *opt = &r->f->opt;

	if (r->len < 3)
		return WRONG_AT(r, 1);
	if (r->opt[2] < 4)
		return WRONG_AT(r, 2);
	if (opt->srr)
		return WRONG_AT(r, 0);
	opt->is_strict = r->opt[0] == OPT_SSRR;
	opt->srr = (uint8_t)r->at;
	return 0;
}

static int read_record_route(const struct reader *r)
{
	struct ipv4_options *opt = &r->f->opt;
	uint8_t pointer;

	if (opt->rr)
		return WRONG_AT(r, 0);
	if (r->len < 3)
		return WRONG_AT(r, 1);
	pointer = r->opt[2];
	if (pointer < 4)
		return WRONG_AT(r, 2);
	opt->rr = (uint8_t)r->at;
	if (pointer > r->len)
		return 0;
	if (pointer + 3u > r->len) {
		opt->rr = 0;
		return WRONG_AT(r, 2);
	}
	put_our_address(r, r->opt + pointer - 1);
	r->opt[2] += 4;
	opt->rr_needaddr = true;
	return 0;
}

/* No room left: the overflow counter of RFC 791. */
static int count_overflow(const struct reader *r)
{
	uint8_t overflow = r->opt[3] >> 4;

	if ((r->opt[3] & 15) == TS_PRESPECIFIED)
		return 0;
	if (overflow == 15)
		return WRONG_AT(r, 3);
	r->opt[3] = (uint8_t)((r->opt[3] & 15) | (overflow + 1) << 4);
	r->f->opt.is_changed = true;
	return 0;
}

/* A host that the sender named: a unicast address is somebody else's turn. */
static bool is_our_turn(const struct reader *r, const uint8_t *named)
{
	struct pktt_addr a = { .len = 4 };

	memcpy(a.byte, named, 4);
	return router_addr_type(r->f->replay->config.router, &a, NULL) != PKTT_ROUTE_UNICAST;
}

static int stamp(const struct reader *r, uint8_t pointer)
{
	struct ipv4_options *opt = &r->f->opt;
	uint8_t kind = r->opt[3] & 15, *slot = r->opt + pointer - 1;

	if (kind != TS_ONLY && kind != TS_AND_ADDRESS && kind != TS_PRESPECIFIED)
		return 0;
	if (kind != TS_ONLY && pointer + 7u > r->len)
		return WRONG_AT(r, 2);
	if (kind == TS_PRESPECIFIED && !is_our_turn(r, slot))
		return 0;
	if (kind == TS_AND_ADDRESS) {
		put_our_address(r, slot);
	}
	put_time(r->f, kind == TS_ONLY ? slot : slot + 4);
	opt->is_changed = true;
	r->opt[2] += kind == TS_ONLY ? 4 : 8;
	return 0;
}

static int read_timestamp(const struct reader *r)
{
	struct ipv4_options *opt = &r->f->opt;
	uint8_t pointer;
	int wrong;

	if (opt->ts)
		return WRONG_AT(r, 0);
	if (r->len < 4)
		return WRONG_AT(r, 1);
	pointer = r->opt[2];
	if (pointer < 5)
		return WRONG_AT(r, 2);
	if (pointer > r->len)
		wrong = count_overflow(r);
	else if (pointer + 3u > r->len)
		wrong = WRONG_AT(r, 2);
	else
		wrong = stamp(r, pointer);
	if (!wrong)
		opt->ts = (uint8_t)r->at;
	return wrong;
}

static int read_router_alert(const struct reader *r)
{
	if (r->len < 4)
		return WRONG_AT(r, 1);
	if (r->opt[2] == 0 && r->opt[3] == 0)
		r->f->opt.router_alert = (uint8_t)r->at;
	return 0;
}

/* No label domain is configured here, so none is known: cipso_v4_validate() refuses all. */
static int read_cipso(const struct reader *r)
{
	return WRONG_AT(r, r->len < CIPSO_MIN ? 1 : 2);
}

static int read_one(const struct reader *r)
{
	switch (r->opt[0]) {
	case OPT_SSRR:
	case OPT_LSRR:
		return read_source_route(r);
	case OPT_RR:
		return read_record_route(r);
	case OPT_TIMESTAMP:
		return read_timestamp(r);
	case OPT_ROUTER_ALERT:
		return read_router_alert(r);
	case OPT_CIPSO:
		return read_cipso(r);
	}
	return 0;
}

/* Behind the end of the list stands padding; whatever else was there is blanked. */
static void blank_rest(struct flight *f, uint8_t *rest, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (rest[i] == OPT_END)
			continue;
		rest[i] = OPT_END;
		f->opt.is_changed = true;
	}
}

/* __ip_options_compile(): 0, or the offset of the wrong byte. */
static int read_options(struct flight *f, uint8_t *ip, uint32_t end)
{
	struct reader r = { .f = f, .at = HEADER };
	int wrong = 0;

	while (!wrong && r.at < end) {
		r.opt = ip + r.at;
		if (*r.opt == OPT_END) {
			blank_rest(f, r.opt + 1, end - r.at - 1);
			break;
		}
		if (*r.opt == OPT_NOP) {
			r.at++;
			continue;
		}
		if (end - r.at < 2 || r.opt[1] < 2 || r.opt[1] > end - r.at)
			return WRONG_AT(&r, 0);
		r.len = r.opt[1];
		wrong = read_one(&r);
		r.at += r.len;
	}
	return wrong;
}

int ipv4_options_receive(struct flight *f)
{
	uint8_t *ip = pktt_packet_write(f->pkt, PKTT_L3, 0, HEADER);
	uint32_t end = ip ? (ip[0] & 15u) * 4 : 0;
	int wrong;

	ip = pktt_packet_write(f->pkt, PKTT_L3, 0, end);
	if (!ip || end < HEADER)
		return -EINVAL;
	f->opt = (struct ipv4_options){ .len = (uint8_t)(end - HEADER) };
	wrong = read_options(f, ip, end);
	if (wrong) {
		path_error(f, PARAMETER_PROBLEM, 0, (uint32_t)wrong << 24);
		return -EINVAL;
	}
	if (f->opt.srr && !f->replay->config.settings->accept_source_route)
		return -EPERM;
	return 0;
}

/* ip_rt_get_source(): the address that we would send to the destination from, by this way. */
static void put_leaving_address(const struct flight *f, uint32_t at)
{
	struct pktt_addr dst = pktt_packet_dst(f->pkt), ours = { .len = 4 };
	uint8_t *slot = pktt_packet_write(f->pkt, PKTT_L3, at, 4);
	struct pktt_route route;

	if (router_lookup(f->replay->config.router, &dst, f->route.out, &route) == 0)
		ours = route.preferred;
	else
		router_source(f->replay->config.router, &dst, f->route.out, &ours);
	if (slot)
		memcpy(slot, ours.byte, 4);
}

void ipv4_options_forward(struct flight *f)
{
	struct ipv4_options *opt = &f->opt;
	uint32_t end = HEADER + opt->len;
	uint8_t *ip = pktt_packet_write(f->pkt, PKTT_L3, 0, end);

	if (!ip)
		return;
	/*
	 * The pointer has been moved on already: the slot is the one before. In a timestamp Linux
	 * leaves the address of the side that the packet came from.
	 */
	if (opt->rr_needaddr)
		put_leaving_address(f, opt->rr + ip[opt->rr + 2] - 5u);
	if (!opt->is_changed && !opt->rr_needaddr)
		return;
	opt->is_changed = false;
	put_be16(ip + 10, 0);
	put_be16(ip + 10, pktt_csum_fold(pktt_csum_add(0, ip, end)));
}

void ipv4_options_uncopied(uint8_t *options, uint32_t len)
{
	uint32_t at = 0;

	while (at < len && options[at] != OPT_END) {
		uint32_t n = 1;

		if (options[at] != OPT_NOP) {
			if (len - at < 2 || options[at + 1] < 2 || options[at + 1] > len - at)
				return;
			n = options[at + 1];
			if (!(options[at] & OPT_COPIED))
				memset(options + at, OPT_NOP, n);
		}
		at += n;
	}
}

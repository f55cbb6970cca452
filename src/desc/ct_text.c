/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections and expectations as lines of conntrack(8) 1.4.7, which prints a field and a blank, in a
 * fixed order, and takes the last blank away. What a view does not have is not printed.
 */
#include "desc/ct_line.h"
#include "desc/ct_view.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <time.h>

static void put_pair(struct ct_line *l, const char *key, uint64_t n)
{
	line_puts(l, key);
	line_uint(l, n);
	line_putc(l, ' ');
}

static void put_address(struct ct_line *l, const char *key, uint8_t family, const uint8_t *addr)
{
	line_puts(l, key);
	line_addr(l, family, addr);
	line_putc(l, ' ');
}

static void put_keys(struct ct_line *l, const struct ct_tuple *t)
{
	line_lit(l, "srckey=");
	line_hex(l, ntohs(t->sport));
	line_lit(l, " dstkey=");
	line_hex(l, ntohs(t->dport));
	line_putc(l, ' ');
}

/* What stands for ports; the protocol tells what the two numbers are. */
static void put_l4(struct ct_line *l, const struct ct_tuple *t)
{
	const uint8_t *type = (const uint8_t *)&t->dport;

	if (ct_protocol_is_icmp(t->protocol)) {
		put_pair(l, "type=", type[0]);
		put_pair(l, "code=", type[1]);
		put_pair(l, "id=", ntohs(t->sport));
	} else if (t->protocol == IPPROTO_GRE) {
		put_keys(l, t);
	} else if (ct_protocol_has_ports(t->protocol)) {
		put_pair(l, "sport=", ntohs(t->sport));
		put_pair(l, "dport=", ntohs(t->dport));
	}
}

static void put_tuple(struct ct_line *l, const struct ct_tuple *t)
{
	put_address(l, "src=", t->family, t->src);
	put_address(l, "dst=", t->family, t->dst);
	put_l4(l, t);
}

static void finish(struct ct_line *l, struct str *out)
{
	if (l->len && l->text[l->len - 1] == ' ')
		l->len--;
	str_putn(out, l->text, l->len);
}

/* --- Connections ------------------------------------------------------------------------------ */

static void put_head(struct ct_line *l, const struct ct_view *v, unsigned int flags)
{
	const struct ct_tuple *t = &v->tuple[0];
	bool is_ipv6 = t->family == PKTT_IPV6;

	if (flags & CT_TEXT_EXTENDED) {
		line_left(l, is_ipv6 ? "ipv6" : "ipv4", 8);
		put_pair(l, " ", is_ipv6 ? 10 : 2);
	}
	line_left(l, ct_protocol_name(t->protocol), 8);
	put_pair(l, " ", t->protocol);
	/* Linux says neither of a flow that has left for a faster path. */
	if (v->status & CT_OFFLOAD)
		return;
	if (v->has & CTV_TIMEOUT)
		put_pair(l, "", v->timeout);
	if (v->has & CTV_STATE && ct_state_name(t->protocol, v->state)) {
		line_puts(l, ct_state_name(t->protocol, v->state));
		line_putc(l, ' ');
	}
}

static void put_direction(struct ct_line *l, const struct ct_view *v, enum ct_dir dir)
{
	put_tuple(l, &v->tuple[dir]);
	if (v->tuple[dir].zone && !(v->has & CTV_ZONE))
		put_pair(l, dir == CT_ORIGINAL ? "zone-orig=" : "zone-reply=", v->tuple[dir].zone);
	if (v->has & (dir == CT_ORIGINAL ? CTV_COUNTER_0 : CTV_COUNTER_1)) {
		put_pair(l, "packets=", v->counter[dir].packets);
		put_pair(l, "bytes=", v->counter[dir].bytes);
	}
}

static void put_assured(struct ct_line *l, uint32_t status)
{
	if (status & CT_HW_OFFLOAD)
		line_lit(l, "[HW_OFFLOAD] ");
	else if (status & CT_OFFLOAD)
		line_lit(l, "[OFFLOAD] ");
	else if (status & CT_ASSURED)
		line_lit(l, "[ASSURED] ");
}

/* As ctime(3) writes it, in the time zone of who reads. */
static void put_date(struct ct_line *l, const char *key, uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char text[64];

	if (!ns || !ctime_r(&seconds, text))
		return;
	line_puts(l, key);
	line_putn(l, text, strnlen(text, 24));
	line_lit(l, "] ");
}

static void put_times(struct ct_line *l, const struct ct_view *v, unsigned int flags,
		      uint64_t now_ns)
{
	uint64_t end = v->has & CTV_STOP ? v->stop_ns : now_ns;

	if (!(v->has & CTV_START))
		return;
	put_pair(l, "delta-time=", end > v->start_ns ? (end - v->start_ns) / 1000000000 : 0);
	if (flags & CT_TEXT_TIMESTAMP) {
		put_date(l, "[start=", v->start_ns);
		put_date(l, "[stop=", v->has & CTV_STOP ? v->stop_ns : 0);
	}
}

static void put_labels(struct ct_line *l, const uint64_t label[2])
{
	bool is_first = true;

	for (unsigned int bit = 0; bit < 128; bit++)
		if (label[bit / 64] >> bit % 64 & 1) {
			line_puts(l, is_first ? "labels=" : ",");
			line_uint(l, bit);
			is_first = false;
		}
	if (!is_first)
		line_putc(l, ' ');
}

static void put_name(struct ct_line *l, const char *key, const char *name, size_t max)
{
	if (!*name)
		return;
	line_puts(l, key);
	line_plain(l, name, max);
	line_putc(l, ' ');
}

static void put_tail(struct ct_line *l, const struct ct_view *v, unsigned int flags,
		     uint64_t now_ns)
{
	if (v->has & CTV_MARK)
		put_pair(l, "mark=", v->mark);
	if (v->has & CTV_SECCTX)
		put_name(l, "secctx=", v->secctx, sizeof(v->secctx));
	if (v->has & CTV_ZONE && v->zone)
		put_pair(l, "zone=", v->zone);
	put_times(l, v, flags, now_ns);
	if (v->has & CTV_HELPER)
		put_name(l, "helper=", v->helper, sizeof(v->helper));
	if (v->has & CTV_USE)
		put_pair(l, "use=", v->use);
	if (flags & CT_TEXT_ID && v->has & CTV_ID)
		put_pair(l, "id=", v->id);
	if (flags & CT_TEXT_LABELS && v->has & CTV_LABEL)
		put_labels(l, v->label);
}

void ct_view_text(const struct ct_view *v, unsigned int flags, uint64_t now_ns, struct str *out)
{
	struct ct_line l;

	l.len = 0;
	put_head(&l, v, flags);
	put_direction(&l, v, CT_ORIGINAL);
	if (v->has & CTV_STATUS && !(v->status & CT_SEEN_REPLY))
		line_lit(&l, "[UNREPLIED] ");
	put_direction(&l, v, CT_REPLY);
	put_assured(&l, v->status);
	put_tail(&l, v, flags, now_ns);
	finish(&l, out);
}

void ct_event_prefix(enum ct_event_kind kind, unsigned int flags, uint64_t now_ns, struct str *out)
{
	static const char *const word[CT_KIND_COUNT] = { "", "    [NEW] ", " [UPDATE] ",
							 "[DESTROY] " };

	if (flags & CT_TEXT_WHEN)
		str_putf(out, "[%lu.%-6lu]\t", (unsigned long)(now_ns / 1000000000),
			 (unsigned long)(now_ns / 1000 % 1000000));
	str_puts(out, word[kind]);
}

/* --- Expectations ------------------------------------------------------------------------------ */

static void put_flags(struct ct_line *l, uint32_t flags)
{
	static const char *const name[] = { "PERMANENT", "INACTIVE", "USERSPACE" };
	const char *between = "";

	for (unsigned int i = 0; i < 3; i++)
		if (flags >> i & 1) {
			line_puts(l, between);
			line_puts(l, name[i]);
			between = ",";
		}
	if (*between)
		line_putc(l, ' ');
}

void ct_expect_view_text(const struct ct_expect_view *v, struct str *out)
{
	struct ct_tuple mask = v->mask;
	struct ct_line l;

	l.len = 0;
	mask.family = v->tuple.family;
	mask.protocol = v->tuple.protocol;
	if (v->has & CTX_TIMEOUT)
		put_pair(&l, "", v->timeout);
	put_pair(&l, "proto=", v->tuple.protocol);
	put_tuple(&l, &v->tuple);
	put_address(&l, "mask-src=", mask.family, mask.src);
	put_address(&l, "mask-dst=", mask.family, mask.dst);
	put_l4(&l, &mask);
	put_address(&l, "master-src=", v->master.family, v->master.src);
	put_address(&l, "master-dst=", v->master.family, v->master.dst);
	put_l4(&l, &v->master);
	if (v->has & CTX_ZONE && v->zone)
		put_pair(&l, "zone=", v->zone);
	put_flags(&l, v->flags);
	put_pair(&l, "class=", v->class);
	if (v->has & CTX_HELPER)
		put_name(&l, "helper=", v->helper, sizeof(v->helper));
	finish(&l, out);
}

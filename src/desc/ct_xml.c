/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections and expectations as conntrack -o xml, and as the options of conntrack(8) that make them again
 * (-o save). Two things of 1.4.7 are not imitated: a state of SCTP under TCP's name, and a start time
 * with the word "start" in it.
 */
#include "desc/ct_line.h"
#include "desc/ct_view.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <time.h>

static void put_number(struct ct_line *l, const char *tag, uint64_t n)
{
	line_putc(l, '<');
	line_puts(l, tag);
	line_putc(l, '>');
	line_uint(l, n);
	line_lit(l, "</");
	line_puts(l, tag);
	line_putc(l, '>');
}

static void put_word(struct ct_line *l, const char *tag, const char *text, size_t max)
{
	line_putc(l, '<');
	line_puts(l, tag);
	line_putc(l, '>');
	line_plain(l, text, max);
	line_lit(l, "</");
	line_puts(l, tag);
	line_putc(l, '>');
}

static void put_addresses(struct ct_line *l, const struct ct_tuple *t)
{
	line_lit(l, "<src>");
	line_addr(l, t->family, t->src);
	line_lit(l, "</src><dst>");
	line_addr(l, t->family, t->dst);
	line_lit(l, "</dst>");
}

static void put_ports(struct ct_line *l, const struct ct_tuple *t)
{
	if (t->protocol == IPPROTO_GRE) {
		line_lit(l, "<srckey>");
		line_hex(l, ntohs(t->sport));
		line_lit(l, "</srckey><dstkey>");
		line_hex(l, ntohs(t->dport));
		line_lit(l, "</dstkey>");
	} else if (ct_protocol_has_ports(t->protocol)) {
		put_number(l, "sport", ntohs(t->sport));
		put_number(l, "dport", ntohs(t->dport));
	}
}

static void open_layer(struct ct_line *l, int layer, unsigned int number, const char *name)
{
	line_puts(l, layer == 3 ? "<layer3 protonum=\"" : "<layer4 protonum=\"");
	line_uint(l, number);
	line_lit(l, "\" protoname=\"");
	line_puts(l, name);
	line_lit(l, "\">");
}

static void open_layer3(struct ct_line *l, const struct ct_tuple *t)
{
	bool is_ipv6 = t->family == PKTT_IPV6;

	open_layer(l, 3, is_ipv6 ? 10 : 2, is_ipv6 ? "ipv6" : "ipv4");
}

static void put_direction(struct ct_line *l, const struct ct_view *v, enum ct_dir dir)
{
	const struct ct_tuple *t = &v->tuple[dir];

	line_puts(l, dir == CT_ORIGINAL ? "<meta direction=\"original\">"
					: "<meta direction=\"reply\">");
	open_layer3(l, t);
	put_addresses(l, t);
	line_lit(l, "</layer3>");
	open_layer(l, 4, t->protocol, ct_protocol_name(t->protocol));
	put_ports(l, t);
	line_lit(l, "</layer4>");
	if (t->zone && !(v->has & CTV_ZONE))
		put_number(l, "zone", t->zone);
	if (v->has & (dir == CT_ORIGINAL ? CTV_COUNTER_0 : CTV_COUNTER_1)) {
		line_lit(l, "<counters>");
		put_number(l, "packets", v->counter[dir].packets);
		put_number(l, "bytes", v->counter[dir].bytes);
		line_lit(l, "</counters>");
	}
	line_lit(l, "</meta>");
}

static void put_times(struct ct_line *l, const struct ct_view *v, unsigned int flags,
		      uint64_t now_ns)
{
	uint64_t end = v->has & CTV_STOP ? v->stop_ns : now_ns;

	if (!(v->has & CTV_START))
		return;
	if (flags & CT_TEXT_TIMESTAMP) {
		line_lit(l, "<timestamp>");
		put_number(l, "start", v->start_ns);
		if (v->has & CTV_STOP)
			put_number(l, "stop", v->stop_ns);
		line_lit(l, "</timestamp>");
	}
	put_number(l, "deltatime", end > v->start_ns ? (end - v->start_ns) / 1000000000 : 0);
}

static void put_state(struct ct_line *l, const struct ct_view *v)
{
	const char *state =
		v->has & CTV_STATE ? ct_state_name(v->tuple[0].protocol, v->state) : NULL;

	if (state)
		put_word(l, "state", state, 32);
	if (v->has & CTV_TIMEOUT)
		put_number(l, "timeout", v->timeout);
	if (v->has & CTV_MARK)
		put_number(l, "mark", v->mark);
	if (v->has & CTV_SECCTX)
		put_word(l, "secctx", v->secctx, sizeof(v->secctx));
	if (v->has & CTV_ZONE && v->zone)
		put_number(l, "zone", v->zone);
	if (v->has & CTV_USE)
		put_number(l, "use", v->use);
	if (v->has & CTV_ID)
		put_number(l, "id", v->id);
	if (v->has & CTV_STATUS && v->status & CT_ASSURED)
		line_lit(l, "<assured/>");
	else if (v->has & CTV_STATUS && !(v->status & CT_SEEN_REPLY))
		line_lit(l, "<unreplied/>");
}

static void put_two(struct ct_line *l, const char *tag, unsigned int n)
{
	char text[3] = { (char)('0' + n / 10 % 10), (char)('0' + n % 10), 0 };

	put_word(l, tag, text, 2);
}

static void put_when(struct ct_line *l, uint64_t now_ns)
{
	time_t seconds = (time_t)(now_ns / 1000000000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return;
	line_lit(l, "<when>");
	put_number(l, "hour", (unsigned int)tm.tm_hour);
	put_two(l, "min", (unsigned int)tm.tm_min);
	put_two(l, "sec", (unsigned int)tm.tm_sec);
	put_number(l, "wday", (unsigned int)tm.tm_wday + 1);
	put_number(l, "day", (unsigned int)tm.tm_mday);
	put_number(l, "month", (unsigned int)tm.tm_mon + 1);
	put_number(l, "year", (unsigned int)tm.tm_year + 1900);
	line_lit(l, "</when>");
}

static void open_flow(struct ct_line *l, enum ct_event_kind kind)
{
	line_lit(l, "<flow");
	if (kind) {
		line_lit(l, " type=\"");
		line_puts(l, ct_event_kind_name(kind));
		line_putc(l, '"');
	}
	line_putc(l, '>');
}

static void put_labels(struct ct_line *l, const uint64_t label[2])
{
	line_lit(l, "<labels>");
	for (unsigned int bit = 0; bit < 128; bit++)
		if (label[bit / 64] >> bit % 64 & 1)
			put_number(l, "label", bit);
	line_lit(l, "</labels>");
}

void ct_view_xml(const struct ct_view *v, enum ct_event_kind kind, unsigned int flags,
		 uint64_t now_ns, struct str *out)
{
	struct ct_line l;

	l.len = 0;
	open_flow(&l, kind);
	put_direction(&l, v, CT_ORIGINAL);
	put_direction(&l, v, CT_REPLY);
	line_lit(&l, "<meta direction=\"independent\">");
	put_state(&l, v);
	put_times(&l, v, flags, now_ns);
	line_lit(&l, "</meta>");
	if (flags & CT_TEXT_WHEN)
		put_when(&l, now_ns);
	if (v->has & CTV_HELPER && v->helper[0])
		put_word(&l, "helper", v->helper, sizeof(v->helper));
	if (flags & CT_TEXT_LABELS && v->has & CTV_LABEL)
		put_labels(&l, v->label);
	line_lit(&l, "</flow>");
	str_putn(out, l.text, l.len);
}

/* --- Expectations ------------------------------------------------------------------------------ */

struct side {
	const char *open, *close;
	struct ct_tuple t;
};

static void put_sides(struct ct_line *l, const struct side side[3],
		      void (*put)(struct ct_line *l, const struct ct_tuple *t))
{
	for (unsigned int i = 0; i < 3; i++) {
		line_puts(l, side[i].open);
		put(l, &side[i].t);
		line_puts(l, side[i].close);
	}
}

void ct_expect_view_xml(const struct ct_expect_view *v, enum ct_event_kind kind, unsigned int flags,
			uint64_t now_ns, struct str *out)
{
	struct side side[3] = { { "<expected>", "</expected>", v->tuple },
				{ "<mask>", "</mask>", v->mask },
				{ "<master>", "</master>", v->master } };
	struct ct_line l;

	l.len = 0;
	side[1].t.family = v->tuple.family;
	side[1].t.protocol = v->tuple.protocol;
	open_flow(&l, kind);
	open_layer3(&l, &v->tuple);
	put_sides(&l, side, put_addresses);
	line_lit(&l, "</layer3>");
	open_layer(&l, 4, v->tuple.protocol, ct_protocol_name(v->tuple.protocol));
	put_sides(&l, side, put_ports);
	line_lit(&l, "</layer4><meta>");
	if (v->has & CTX_HELPER && v->helper[0])
		put_word(&l, "helper-name", v->helper, sizeof(v->helper));
	if (v->has & CTX_TIMEOUT)
		put_number(&l, "timeout", v->timeout);
	put_number(&l, "class", v->class);
	if (v->has & CTX_ZONE && v->zone)
		put_number(&l, "zone", v->zone);
	if (flags & CT_TEXT_WHEN)
		put_when(&l, now_ns);
	line_lit(&l, "</meta></flow>");
	str_putn(out, l.text, l.len);
}

/* --- Options ------------------------------------------------------------------------------------ */

static void put_option(struct ct_line *l, const char *option, uint64_t n)
{
	line_puts(l, option);
	line_putc(l, ' ');
	line_uint(l, n);
	line_putc(l, ' ');
}

static void put_addr_option(struct ct_line *l, const char *option, uint8_t family,
			    const uint8_t *addr)
{
	line_puts(l, option);
	line_putc(l, ' ');
	line_addr(l, family, addr);
	line_putc(l, ' ');
}

static void put_status(struct ct_line *l, uint32_t status)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} words[] = {
		{ CT_SEEN_REPLY, "SEEN_REPLY" },
		{ CT_ASSURED, "ASSURED" },
		{ CT_FIXED_TIMEOUT, "FIXED_TIMEOUT" },
	};
	const char *between = "-u ";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (status & words[i].bit) {
			line_puts(l, between);
			line_puts(l, words[i].name);
			between = ",";
		}
	line_puts(l, *between == ',' ? " " : "-u UNSET ");
}

static void put_l4_options(struct ct_line *l, const struct ct_view *v)
{
	const struct ct_tuple *t = &v->tuple[0], *r = &v->tuple[1];
	const uint8_t *type = (const uint8_t *)&t->dport;
	bool is_v6 = t->protocol == IPPROTO_ICMPV6, is_gre = t->protocol == IPPROTO_GRE;

	if (ct_protocol_is_icmp(t->protocol)) {
		put_option(l, is_v6 ? "--icmpv6-type" : "--icmp-type", type[0]);
		put_option(l, is_v6 ? "--icmpv6-code" : "--icmp-code", type[1]);
		put_option(l, is_v6 ? "--icmpv6-id" : "--icmp-id", ntohs(t->sport));
	} else if (ct_protocol_has_ports(t->protocol)) {
		put_option(l, is_gre ? "--srckey" : "--sport", ntohs(t->sport));
		put_option(l, is_gre ? "--dstkey" : "--dport", ntohs(t->dport));
		put_option(l, is_gre ? "--reply-key-src" : "--reply-port-src", ntohs(r->sport));
		put_option(l, is_gre ? "--reply-key-dst" : "--reply-port-dst", ntohs(r->dport));
	}
	if (v->has & CTV_STATE && ct_state_name(t->protocol, v->state)) {
		line_lit(l, "--state ");
		line_puts(l, ct_state_name(t->protocol, v->state));
		line_putc(l, ' ');
	}
	if (v->has & CTV_SCTP_VTAG) {
		put_option(l, "--orig-vtag", v->sctp_vtag[0]);
		put_option(l, "--reply-vtag", v->sctp_vtag[1]);
	}
}

static void put_zones(struct ct_line *l, const struct ct_view *v)
{
	if (v->has & CTV_ZONE) {
		if (v->zone)
			put_option(l, "-w", v->zone);
		return;
	}
	if (v->tuple[0].zone)
		put_option(l, "--orig-zone", v->tuple[0].zone);
	if (v->tuple[1].zone)
		put_option(l, "--reply-zone", v->tuple[1].zone);
}

static void put_protocol_option(struct ct_line *l, uint8_t protocol)
{
	const char *name = ct_protocol_name(protocol);

	line_lit(l, "-p ");
	if (strcmp(name, "unknown") == 0)
		line_uint(l, protocol);
	else
		line_puts(l, name);
	line_putc(l, ' ');
}

void ct_view_save(const struct ct_view *v, struct str *out)
{
	const struct ct_tuple *t = &v->tuple[0], *r = &v->tuple[1];
	struct ct_line l;

	l.len = 0;
	if (v->has & CTV_TIMEOUT)
		put_option(&l, "-t", v->timeout);
	put_status(&l, v->status);
	put_zones(&l, v);
	put_addr_option(&l, "-s", t->family, t->src);
	put_addr_option(&l, "-d", t->family, t->dst);
	put_addr_option(&l, v->status & CT_DST_NAT ? "-g" : "-r", r->family, r->src);
	put_addr_option(&l, v->status & CT_SRC_NAT ? "-n" : "-q", r->family, r->dst);
	put_protocol_option(&l, t->protocol);
	put_l4_options(&l, v);
	str_putn(out, l.text, l.len - 1);
}

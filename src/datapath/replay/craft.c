/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the line to the values: see craft.h. The bytes are craft_build.c's. */
#include "datapath/replay/craft.h"

#include "base/own.h"
#include "base/str.h"
#include "datapath/replay/craft_build.h"
#include "desc/args.h"
#include "desc/describe.h"
#include "desc/lex.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
#define FLAG(field, text, about) \
	{ .name = (text), .help = (about), PKTT_STORE(struct craft_args, field, flag) }
#define VALUE(field, ty, text, about) \
	{ .name = (text), .help = (about), PKTT_STORE(struct craft_args, field, ty) }
/* clang-format on */

static const struct pktt_param params[] = {
	VALUE(in, ifname, "in", "interface that it came in by"),
	VALUE(out, ifname, "out", "interface that it leaves by"),
	VALUE(physin, ifname, "physin", "bridge port that it came in by"),
	VALUE(physout, ifname, "physout", "bridge port that it leaves by"),
	VALUE(mark, hex32, "mark", "packet mark"),
	VALUE(mac, mac, "mac", "source MAC address"),
	VALUE(to_mac, mac, "to-mac", "destination MAC address"),
	VALUE(vlan, u16, "vlan", "802.1Q tag: priority and VLAN number"),
	VALUE(ttl, u8, "ttl", "time to live or hop limit"),
	VALUE(tos, u8, "tos", "type of service or traffic class"),
	VALUE(id, u16, "id", "identification of IPv4, of an echo"),
	FLAG(df, "df", "must not be fragmented"),
	FLAG(mf, "mf", "more fragments follow"),
	VALUE(frag, u16, "frag", "fragment offset in bytes"),
	VALUE(options, hex_pattern, "options", "bytes of IPv4 or TCP options, as |hex|"),
	VALUE(hbh, hex_pattern, "hbh", "IPv6 hop-by-hop options, as |hex|"),
	VALUE(dst, hex_pattern, "dst", "IPv6 destination options, as |hex|"),
	VALUE(rt, hex_pattern, "rt", "IPv6 routing header behind its length, as |hex|"),
	FLAG(syn, "syn", "TCP flag"),
	FLAG(ack, "ack", "TCP flag"),
	FLAG(fin, "fin", "TCP flag"),
	FLAG(rst, "rst", "TCP flag"),
	FLAG(psh, "psh", "TCP flag"),
	FLAG(urg, "urg", "TCP flag"),
	FLAG(ece, "ece", "TCP flag"),
	FLAG(cwr, "cwr", "TCP flag"),
	VALUE(seq, u32, "seq", "TCP sequence number, ESP or AH sequence, echo sequence"),
	VALUE(ackno, u32, "ackno", "TCP acknowledgement number"),
	VALUE(win, u16, "win", "TCP window"),
	VALUE(mss, u16, "mss", "TCP option: maximum segment size"),
	VALUE(type, u8, "type", "ICMP type, SCTP chunk type, DCCP packet type"),
	VALUE(code, u8, "code", "ICMP code, SCTP chunk flags"),
	VALUE(op, u16, "op", "ARP operation: 1 request, 2 reply"),
	VALUE(spi, u32, "spi", "AH or ESP security parameters index, IPComp CPI"),
	VALUE(len, u16, "len", "bytes of payload, zero"),
	VALUE(payload, hex_pattern, "payload", "payload: text with |hex|"),
	FLAG(badcsum, "badcsum", "a wrong layer-4 checksum"),
};

static const struct pktt_ext notation = {
	.kind = PKTT_KIND_SET, /* an options table and nothing else */
	.name = "packet",
	.summary = "PROTOCOL SOURCE[:PORT] > DESTINATION[:PORT] [key=value] ...",
	.families = PKTT_FAM_ALL,
	PKTT_PARAMS(params, struct craft_args),
};

struct line {
	struct lex lex;
	unsigned int at;
	struct craft_args *args;
	struct pktt_error *err;
};

static int fail_at(const struct line *l, int code)
{
	if (l->err && l->at < l->lex.nwords)
		l->err->place = lex_place(NULL, &l->lex.word[l->at]);
	return code;
}

static int take_option(struct line *l, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : "";
	unsigned int n;

	if (pktt_args_lookup(&notation, PKTT_INET, word, len, &n))
		return pktt_fail(l->err, -EINVAL, "'%.40s' means nothing in a packet", word);
	if ((pktt_args_words(&notation, n) > 0) != (word[len] == '='))
		return pktt_fail(l->err, -EINVAL, "%s is written %s", params[n].name,
				 word[len] ? "without a value" : "with =VALUE");
	return pktt_args_take(&notation, PKTT_INET, l->args, n, false, &value, l->err);
}

/* ADDR, ADDR:PORT, [ADDR6]:PORT */
static int take_end(struct line *l, struct pktt_addr *addr, uint16_t *port)
{
	const struct pktt_param p = { .name = "address", .type = &pktt_type_addr };
	const struct pktt_param q = { .name = "port", .type = &pktt_type_port };
	struct pktt_context ac = { &p, &notation, PKTT_INET }, pc = { &q, &notation, PKTT_INET };
	char text[64];
	char *host = text, *tail;
	const char *words[1];

	if (l->at == l->lex.nwords)
		return pktt_fail(l->err, -EINVAL, "an address is missing");
	snprintf(text, sizeof(text), "%s", l->lex.word[l->at].text);
	tail = strrchr(text, ':');
	if (text[0] == '[' && strchr(text, ']')) {
		host = text + 1;
		tail = strchr(text, ']');
		*tail++ = '\0';
	} else if (tail && strchr(text, ':') != tail) {
		tail = NULL; /* a bare IPv6 address */
	}
	if (tail && *tail == ':')
		*tail++ = '\0';
	words[0] = host;
	if (pktt_type_addr.parse(&ac, words, addr, l->err))
		return fail_at(l, -EINVAL);
	words[0] = tail;
	if (tail && *tail && pktt_type_port.parse(&pc, words, port, l->err))
		return fail_at(l, -EINVAL);
	l->at++;
	return 0;
}

static int take_ends(struct line *l)
{
	int r = take_end(l, &l->args->saddr, &l->args->sport);

	if (r)
		return r;
	if (l->at == l->lex.nwords || strcmp(l->lex.word[l->at].text, ">") != 0)
		return fail_at(l,
			       pktt_fail(l->err, -EINVAL, "'>' and the destination are missing"));
	l->at++;
	r = take_end(l, &l->args->daddr, &l->args->dport);
	if (r == 0 && l->args->saddr.len != l->args->daddr.len)
		return pktt_fail(l->err, -EINVAL, "one address is IPv4, the other IPv6");
	return r;
}

static const struct {
	const char *name;
	enum craft_kind kind;
	uint8_t protocol;
} protocols[] = {
	{ "tcp", CRAFT_TCP, IPPROTO_TCP },
	{ "tcp6", CRAFT_TCP, IPPROTO_TCP },
	{ "udp", CRAFT_UDP, IPPROTO_UDP },
	{ "udp6", CRAFT_UDP, IPPROTO_UDP },
	{ "udplite", CRAFT_UDP, IPPROTO_UDPLITE },
	{ "icmp", CRAFT_ICMP, IPPROTO_ICMP },
	{ "icmp6", CRAFT_ICMP, IPPROTO_ICMPV6 },
	{ "sctp", CRAFT_SCTP, IPPROTO_SCTP },
	{ "dccp", CRAFT_DCCP, IPPROTO_DCCP },
	{ "esp", CRAFT_SPI, IPPROTO_ESP },
	{ "ah", CRAFT_AH, IPPROTO_AH },
	{ "ipcomp", CRAFT_IPCOMP, IPPROTO_COMP },
	{ "gre", CRAFT_OTHER, IPPROTO_GRE },
	{ "ip", CRAFT_OTHER, 253 },
	{ "arp", CRAFT_ARP, 0 },
	{ "hex", CRAFT_HEX, 0 },
	{ "frame", CRAFT_FRAME, 0 },
};

static bool take_protocol(struct line *l, const char *word)
{
	for (size_t i = 0; i < pktt_countof(protocols); i++)
		if (strcmp(protocols[i].name, word) == 0) {
			l->args->kind = protocols[i].kind;
			l->args->protocol = protocols[i].protocol;
			return true;
		}
	if (strncmp(word, "proto=", 6) == 0) {
		l->args->kind = CRAFT_OTHER;
		l->args->protocol = (uint8_t)strtoul(word + 6, NULL, 0);
		return true;
	}
	return false;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = strchr(digits, c | 0x20);

	return c && at && *at ? (int)(at - digits) : -1;
}

static int take_hex(struct line *l)
{
	struct craft_args *a = l->args;

	for (; l->at < l->lex.nwords; l->at++) {
		const char *t = l->lex.word[l->at].text;

		if (strchr(t, '='))
			return 0;
		for (; *t; t += 2) {
			int hi = hex_digit(t[0]), lo = hi < 0 ? -1 : hex_digit(t[1]);

			if (lo < 0 || a->nraw == sizeof(a->raw))
				return fail_at(
					l, pktt_fail(l->err, -EINVAL,
						     "hex and frame take at most %zu bytes of two "
						     "digits each",
						     sizeof(a->raw)));
			a->raw[a->nraw++] = (uint8_t)(hi << 4 | lo);
		}
	}
	return 0;
}

static int no_protocol(const struct line *l)
{
	return pktt_fail(
		l->err, -EINVAL,
		"a packet begins with its protocol (tcp, udp, icmp, icmp6, sctp, dccp, esp, ah, "
		"gre, ip, proto=N, arp, hex, frame)");
}

static int parse_line(struct line *l)
{
	int r = 0;

	for (; r == 0 && l->at < l->lex.nwords; l->at++) {
		const char *word = l->lex.word[l->at].text;

		if (l->args->kind != CRAFT_NONE || !take_protocol(l, word)) {
			bool is_option = l->args->kind != CRAFT_NONE || strchr(word, '=');

			r = fail_at(l, is_option ? take_option(l, word) : no_protocol(l));
			continue;
		}
		l->at++;
		r = craft_is_raw(l->args) ? take_hex(l) : take_ends(l);
		l->at--;
	}
	if (r == 0 && l->args->kind == CRAFT_NONE)
		r = no_protocol(l);
	return r ? r : pktt_args_finish(&notation, PKTT_INET, l->args, l->err);
}

static void where_of(struct craft_where *where, const struct craft_args *a)
{
	memcpy(where->in, a->in.name, sizeof(where->in));
	memcpy(where->out, a->out.name, sizeof(where->out));
	memcpy(where->physin, a->physin.name, sizeof(where->physin));
	memcpy(where->physout, a->physout.name, sizeof(where->physout));
}

int craft_packet(struct pktt_packet **ret, struct craft_where *where, const char *line,
		 struct pktt_error *err)
{
	struct craft_args args = { 0 };
	struct line l = { .args = &args, .err = err };
	const struct lex_line text = { line, strlen(line), 1, false };
	int r = lex_split(&l.lex, &text, err);

	if (r == 0)
		r = parse_line(&l);
	if (r == 0)
		r = craft_build(ret, &args, err);
	if (r == 0)
		where_of(where, &args);
	lex_fini(&l.lex);
	return r;
}

void craft_help(struct str *out)
{
	str_puts(out, "PACKET is PROTOCOL SOURCE[:PORT] > DESTINATION[:PORT] and any of:\n");
	for (size_t i = 0; i < pktt_countof(params); i++)
		str_putf(out, "  %-8s%-16s %s\n", params[i].name,
			 params[i].type->words ? params[i].type->syntax : "", params[i].help);
	str_puts(out, "or hex BYTES, the bytes of layer 3; frame BYTES, with the link header.\n");
}

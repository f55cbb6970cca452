/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/sub_pktt_filter.h"

#include "base/buf.h"
#include "base/own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum term {
	TERM_PROTOCOL,
	TERM_SRC,
	TERM_DST,
	TERM_HOST,
	TERM_SPORT,
	TERM_DPORT,
	TERM_PORT,
	TERM_IN,
	TERM_OUT,
	TERM_IFACE,
};

static const struct word {
	const char *name;
	enum term term;
	uint32_t protocol; /* of a word that is one by itself; UINT32_MAX: a value follows */
} words[] = {
	{ "tcp", TERM_PROTOCOL, 6 },
	{ "udp", TERM_PROTOCOL, 17 },
	{ "icmp", TERM_PROTOCOL, 1 },
	{ "icmpv6", TERM_PROTOCOL, 58 },
	{ "icmp6", TERM_PROTOCOL, 58 },
	{ "sctp", TERM_PROTOCOL, 132 },
	{ "gre", TERM_PROTOCOL, 47 },
	{ "esp", TERM_PROTOCOL, 50 },
	{ "proto", TERM_PROTOCOL, UINT32_MAX },
	{ "src", TERM_SRC, UINT32_MAX },
	{ "dst", TERM_DST, UINT32_MAX },
	{ "host", TERM_HOST, UINT32_MAX },
	{ "sport", TERM_SPORT, UINT32_MAX },
	{ "dport", TERM_DPORT, UINT32_MAX },
	{ "port", TERM_PORT, UINT32_MAX },
	{ "in", TERM_IN, UINT32_MAX },
	{ "out", TERM_OUT, UINT32_MAX },
	{ "iface", TERM_IFACE, UINT32_MAX },
};

/* --- Reading ---------------------------------------- */

static int parse_number(const char *word, uint32_t most, uint32_t *ret, struct pktt_error *err)
{
	char *end;
	unsigned long v = strtoul(word, &end, 10);

	if (*word < '0' || *word > '9' || *end || v > most)
		return pktt_fail(err, -EINVAL, "expected a number up to %u, not \"%.40s\"", most,
				 word);
	*ret = (uint32_t)v;
	return 0;
}

static int parse_address(char *word, struct sub_term *t, struct pktt_error *err)
{
	char *slash = strchr(word, '/');
	uint32_t bits;

	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, word, t->addr.byte) == 1)
		t->addr.len = 4;
	else if (inet_pton(AF_INET6, word, t->addr.byte) == 1)
		t->addr.len = 16;
	else
		return pktt_fail(err, -EINVAL, "\"%.60s\" is no address", word);
	bits = 8u * t->addr.len;
	if (slash && parse_number(slash + 1, bits, &bits, err))
		return -EINVAL;
	t->bits = (uint8_t)bits;
	return 0;
}

static int parse_iface(const char *word, struct sub_term *t, struct pktt_error *err)
{
	if (strlen(word) >= sizeof(t->iface))
		return pktt_fail(err, -EINVAL, "\"%.60s\" is too long for an interface", word);
	memcpy(t->iface, word, strlen(word) + 1);
	return 0;
}

static int parse_value(char *word, struct sub_term *t, struct pktt_error *err)
{
	switch ((enum term)t->kind) {
	case TERM_PROTOCOL:
		return parse_number(word, 255, &t->number, err);
	case TERM_SRC:
	case TERM_DST:
	case TERM_HOST:
		return parse_address(word, t, err);
	case TERM_SPORT:
	case TERM_DPORT:
	case TERM_PORT:
		return parse_number(word, 65535, &t->number, err);
	case TERM_IN:
	case TERM_OUT:
	case TERM_IFACE:
		return parse_iface(word, t, err);
	}
	return -EINVAL;
}

static int parse_term(const char *name, char **rest, struct sub_term *t, struct pktt_error *err)
{
	const struct word *w = NULL;
	char *value;

	for (size_t i = 0; i < pktt_countof(words) && !w; i++)
		if (strcmp(words[i].name, name) == 0)
			w = &words[i];
	if (!w)
		return pktt_fail(
			err, -EINVAL,
			"a filter has words such as tcp, src, dst, sport, dport, in, out, not "
			"\"%.40s\"",
			name);
	t->kind = (uint8_t)w->term;
	t->number = w->protocol;
	if (w->protocol != UINT32_MAX)
		return 0;
	value = strtok_r(NULL, " \t", rest);
	if (!value)
		return pktt_fail(err, -EINVAL, "a value is missing behind %s", name);
	return parse_value(value, t, err);
}

static int parse_words(struct sub_filter *ret, char *text, struct pktt_error *err)
{
	char *rest = NULL;
	bool is_not = false;
	int r = 0;

	for (char *word = strtok_r(text, " \t", &rest); r == 0 && word;
	     word = strtok_r(NULL, " \t", &rest)) {
		if (strcmp(word, "and") == 0)
			continue;
		if (strcmp(word, "not") == 0 || strcmp(word, "!") == 0) {
			is_not = !is_not;
			continue;
		}
		if (ret->n == SUB_TERMS_MAX)
			return pktt_fail(err, -EINVAL, "a filter has at most %d conditions",
					 SUB_TERMS_MAX);
		ret->term[ret->n].is_not = is_not;
		r = parse_term(word, &rest, &ret->term[ret->n++], err);
		is_not = false;
	}
	if (r == 0 && is_not)
		r = pktt_fail(err, -EINVAL, "a condition is missing behind \"not\"");
	return r;
}

int sub_filter_parse(struct sub_filter *ret, const char *text, struct pktt_error *err)
{
	PKTT_AUTO_FREE char *copy = strdup(text);

	*ret = (struct sub_filter){ 0 };
	return copy ? parse_words(ret, copy, err) : pktt_fail(err, -ENOMEM, "no memory");
}

/* --- Looking ---------------------------------------- */

static bool is_within(const struct sub_term *t, struct pktt_addr addr)
{
	unsigned int whole = t->bits / 8, rest = t->bits % 8;

	if (addr.len != t->addr.len || memcmp(addr.byte, t->addr.byte, whole) != 0)
		return false;
	return rest == 0 || ((addr.byte[whole] ^ t->addr.byte[whole]) >> (8 - rest)) == 0;
}

static bool has_ports(const struct pktt_packet *pkt)
{
	static const uint8_t with[] = { 6, 17, 33, 132, 136 };

	return memchr(with, pktt_packet_protocol(pkt), sizeof(with)) &&
	       !pktt_packet_is_later_fragment(pkt);
}

static bool is_port(const struct sub_term *t, const struct pktt_packet *pkt)
{
	const uint8_t *p = has_ports(pkt) ? pktt_packet_read(pkt, PKTT_L4, 0, 4) : NULL;

	if (!p)
		return false;
	return (t->kind != TERM_DPORT && get_be16(p) == t->number) ||
	       (t->kind != TERM_SPORT && get_be16(p + 2) == t->number);
}

static bool is_iface(const struct sub_term *t, const char *name)
{
	size_t len = strlen(t->iface);

	if (len && t->iface[len - 1] == '+')
		return strncmp(t->iface, name, len - 1) == 0;
	return strcmp(t->iface, name) == 0;
}

static bool holds(const struct sub_term *t, const struct pktt_packet *pkt)
{
	switch ((enum term)t->kind) {
	case TERM_PROTOCOL:
		return pktt_packet_protocol(pkt) == t->number;
	case TERM_SRC:
		return is_within(t, pktt_packet_src(pkt));
	case TERM_DST:
		return is_within(t, pktt_packet_dst(pkt));
	case TERM_HOST:
		return is_within(t, pktt_packet_src(pkt)) || is_within(t, pktt_packet_dst(pkt));
	case TERM_SPORT:
	case TERM_DPORT:
	case TERM_PORT:
		return is_port(t, pkt);
	case TERM_IN:
		return is_iface(t, pktt_packet_in(pkt));
	case TERM_OUT:
		return is_iface(t, pktt_packet_out(pkt));
	case TERM_IFACE:
		return is_iface(t, pktt_packet_in(pkt)) || is_iface(t, pktt_packet_out(pkt));
	}
	return false;
}

bool sub_filter_fits(const struct sub_filter *f, const struct pktt_packet *pkt)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (holds(&f->term[i], pkt) == f->term[i].is_not)
			return false;
	return true;
}

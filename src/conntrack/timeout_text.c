/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timeout policies as nfct(8) has them in words: "web inet tcp established 3600 close 5". */
#include "conntrack/timeout.h"

#include "base/distance.h"
#include "conntrack/l4proto.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words {
	const char *text, *at;
};

struct word {
	const char *at;
	size_t len;
	unsigned int column; /* from 1 */
};

static bool next_word(struct words *w, struct word *ret)
{
	const char *at = w->at + strspn(w->at, " \t");

	*ret = (struct word){ at, strcspn(at, " \t"), (unsigned int)(at - w->text) + 1 };
	w->at = at + ret->len;
	return ret->len;
}

static bool is(const struct word *word, const char *text)
{
	return strlen(text) == word->len && memcmp(word->at, text, word->len) == 0;
}

static int wrong(const struct word *word, const char *expected, struct pktt_error *err)
{
	int len = word->len > 40 ? 40 : (int)word->len;

	if (!word->len)
		return pktt_fail(err, -EINVAL, "column %u: expected %s", word->column, expected);
	return pktt_fail(err, -EINVAL, "column %u: expected %s, not %.*s", word->column, expected,
			 len, word->at);
}

static const struct ct_l4proto *protocol_named(const struct word *word, uint8_t family)
{
	if (is(word, ct_proto_generic.name) || is(word, "generic"))
		return &ct_proto_generic;
	for (unsigned int i = 1; i < 256; i++) {
		const struct ct_l4proto *proto = ct_l4proto_of(family, (uint8_t)i);

		if (proto != &ct_proto_generic && is(word, proto->name))
			return proto;
	}
	return NULL;
}

/* The nearest name, if one is near; else NULL. */
static const char *nearest(const struct ct_l4proto *proto, const struct word *word)
{
	size_t best = (size_t)-1;
	const char *ret = NULL;

	for (unsigned int i = 0; i < proto->timeout_count; i++) {
		const char *name = proto->timeout_names[i];
		size_t d = distance(word->at, word->len, name, strlen(name));

		if (d >= best || !distance_is_near(d, word->len))
			continue;
		best = d;
		ret = name;
	}
	return ret;
}

static int no_state(const struct ct_l4proto *proto, const struct word *word, struct pktt_error *err)
{
	const char *near = nearest(proto, word);
	char all[160] = "";
	size_t len = 0;

	if (near)
		return pktt_fail(err, -EINVAL, "column %u: %s has no state %.*s; did you mean %s?",
				 word->column, proto->name, (int)word->len, word->at, near);
	for (unsigned int i = 0; i < proto->timeout_count && len < sizeof(all); i++)
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", len ? " " : "",
					proto->timeout_names[i]);
	return wrong(word, all, err);
}

/* -1 with a sentence that knows which one was meant, or says all. */
static int state_named(const struct ct_l4proto *proto, const struct word *word,
		       struct pktt_error *err)
{
	for (unsigned int i = 0; i < proto->timeout_count; i++)
		if (is(word, proto->timeout_names[i]))
			return (int)i;
	no_state(proto, word, err);
	return -1;
}

static bool read_seconds(const struct word *word, uint32_t *ret)
{
	char *end;
	unsigned long n = word->len ? strtoul(word->at, &end, 10) : 0;

	if (!word->len || *word->at == '-' || end != word->at + word->len || n == 0 ||
	    n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

static int read_states(struct words *w, const struct ct_l4proto *proto,
		       struct ct_timeout_policy *ret, struct pktt_error *err)
{
	struct word word;

	while (next_word(w, &word)) {
		int state = state_named(proto, &word, err);

		if (state < 0)
			return -EINVAL;
		next_word(w, &word);
		if (!read_seconds(&word, &ret->seconds[state]))
			return wrong(&word, "a number of seconds", err);
	}
	return 0;
}

int ct_timeout_policy_parse(const char *text, struct ct_timeout_policy *ret, struct pktt_error *err)
{
	struct words w = { text, text };
	const struct ct_l4proto *proto;
	struct word word;

	*ret = (struct ct_timeout_policy){ .family = PKTT_IPV4 };
	if (!next_word(&w, &word) || word.len >= sizeof(ret->name))
		return wrong(&word, "the name of the policy, of 1 to 31 bytes", err);
	memcpy(ret->name, word.at, word.len);
	next_word(&w, &word);
	if (is(&word, "inet6"))
		ret->family = PKTT_IPV6;
	else if (!is(&word, "inet"))
		return wrong(&word, "inet or inet6", err);
	next_word(&w, &word);
	proto = protocol_named(&word, ret->family);
	if (!proto)
		return wrong(&word,
			     "a protocol (tcp udp udplite icmp icmpv6 sctp dccp gre generic)", err);
	ret->protocol = proto->protocol;
	return read_states(&w, proto, ret, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of every type of value.
 *
 *	1. A value made of random parts that check() lets pass prints as text that parses to an equal
 *	   value, which prints the same.
 *	2. So does the value of a good text that was damaged and still parses.
 *	3. No text whatever, and no bytes as a value, make a type crash, run on or fall silent.
 *
 * The seed is fixed; PKTT_SEED sets another, PKTT_ROUNDS the rounds for each type. Each type must
 * have been exercised: one whose values were all refused fails.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/family.h"
#include "desc/types.h"

static uint64_t rnd_state;

/* SplitMix64 (Steele, Lea, Flood, 2014). */
static uint64_t rnd(void)
{
	uint64_t z = rnd_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)(rnd() % n);
}

/* --- Parameters to stand in ------------------------------------------------------------------- */

static const struct pktt_symbol symbols[] = {
	{ "alpha", 1 },
	{ "beta", 2 },
	{ "gamma", 4 },
	{ "delta", 8 },
	{ "ALL", 15 },
	{ "none", 0 },
	{ "icmp-name", PKTT_ICMP(0, 3, 3) },
	{ 0 },
};

static const struct pktt_symbol small_symbols[] = {
	{ "alpha", 1 }, { "beta", 2 }, { "gamma", 4 }, { "ALL", 7 }, { "none", 0 }, { 0 },
};

/*
 * Good texts of each type, as seeds of damage; those of several words stand as on a command line.
 */
static const struct {
	const char *type, *text[8];
} seeds[] = {
	{ "u8", { "0", "255", "0x1f", "017" } },
	{ "u16", { "65535", "0x8000" } },
	{ "u32", { "4294967295", "0xdeadbeef" } },
	{ "u64", { "18446744073709551615", "0" } },
	{ "hex32", { "0xffffffff", "7" } },
	{ "enum8", { "alpha", "none" } },
	{ "enum16", { "alpha", "gamma" } },
	{ "enum32", { "beta", "none" } },
	{ "bits32", { "alpha,beta", "ALL", "delta" } },
	{ "flags8", { "alpha,beta alpha", "ALL none" } },
	{ "range8", { "1:2", "7", "9:" } },
	{ "range16", { "1:2", "65535", ":" } },
	{ "range32", { "1:4294967295", "70000" } },
	{ "range64", { "1:18446744073709551615", "5:" } },
	{ "port", { "22", "ssh", "http-alt" } },
	{ "port-range", { "1024:", ":80", "ssh:http", "5" } },
	{ "port-list", { "22,80,443", "1:2,3,4:5", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15" } },
	{ "nat-ports", { "80-90", "80", "http-alt" } },
	{ "addr", { "10.0.0.1", "2001:db8::1", "255.255.255.255", "::ffff:1.2.3.4" } },
	{ "prefix",
	  { "10.0.0.0/8", "10.0.0.1/255.0.255.0", "2001:db8::/32", "::1/ffff::1", "0/0" } },
	{ "addr-range", { "10.0.0.1-10.0.0.9", "::1-::9", "1.2.3.4" } },
	{ "addr-list", { "::1,::2", "10.0.0.1" } },
	{ "nat-range",
	  { "1.2.3.4-1.2.3.9:80-90/5", ":80", "[2001:db8::1]:80", "[::1-::2]:1-2", "1.2.3.4" } },
	{ "mac", { "00:11:22:33:44:55", "a:b:c:d:e:f" } },
	{ "mac-mask", { "00:11:22:33:44:55/ff:ff:ff:00:00:00", "Multicast", "BGA" } },
	{ "mac-list", { "00:11:22:33:44:55=10.0.0.1,00:11:22:33:44:56,", "1:2:3:4:5:6=::1" } },
	{ "ifname", { "eth0", "eth+", "br-lan.12" } },
	{ "mark", { "0x1/0xff", "5" } },
	{ "xmark", { "0x1/0xff", "5" } },
	{ "tc-class", { "1:10", "ffff:ffff" } },
	{ "tos", { "0x10/0x3f", "Minimize-Delay", "8" } },
	{ "rate", { "3/hour", "120/min", "7", "512kb/s", "1mb/s", "1000b/s", "1440/day" } },
	{ "duration", { "90", "1h30m", "2d" } },
	{ "time-of-day", { "08:00", "23:59:59" } },
	{ "timestamp", { "2020", "2020-02-29T23:59:59", "1970-01-01" } },
	{ "weekdays", { "Mon,Tue", "1,7", "Su" } },
	{ "monthdays", { "1,15,31", "2nd" } },
	{ "icmp", { "8", "3/4", "icmp-name", "255" } },
	{ "proto", { "tcp", "47", "ipv6-icmp" } },
	{ "ethertype", { "IPv4", "0800", "0x86dd" } },
	{ "pattern", { "GET /", "a\"b\\c", "\x01\xff" } },
	{ "hex-pattern", { "|0d 0a|abc", "a\\|b", "|00ff|" } },
	{ "bitmap256", { "1,2,255", "alpha,7" } },
	{ "set-ref", { "blocklist src,dst", "a.b src" } },
	{ "opt-list", { "1:2,3,4:0", "255:255" } },
	{ "bpf",
	  { "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0", "3,2 0 0 3,96 0 0 3,6 0 0 1",
	    "2,48 0 0 4294963200,6 0 0 1" } },
	{ "u32-tests", { "0>>22&0x3C@0&0xFF=0x1:0x5&&4&0x1F=0,5:6", "6&0xFF=1", "0=1" } },
	{ "sctp-chunks", { "any DATA:Be,INIT", "all ALL", "only NONE", "any ABORT:t,PAD" } },
	{ "mark-test", { "0x1/0xff", "5", "/0x0f" } },
	{ "tc-time", { "10ms", "1s", "250us" } },
	{ "amount", { "100", "16kb", "5mb", "7b" } },
	{ "probability", { "0.25", "1", "0.0000000005" } },
	{ "uid-range", { "0-100", "root", "5" } },
	{ "gid-range", { "0-100", "root", "5" } },
	{ "text", { "plain", "two words", "a\"b'c\\d", "" } },
};

struct subject {
	struct pktt_param param;
	struct pktt_context ctx;
	size_t size;
	unsigned int by_parts, by_text; /* values that were good */
};

static void subject_init(struct subject *s, const struct pktt_type *type)
{
	static const uint32_t flags[] = { 0,
					  PKTT_NUMERIC,
					  PKTT_CASELESS | PKTT_PREFIX | PKTT_SHOW_BARE,
					  PKTT_SHOW_HEX,
					  PKTT_NUMERIC | PKTT_SHOW_HEX,
					  PKTT_ONLY_V4,
					  PKTT_ONLY_V6 };
	bool is_small = type == &pktt_type_enum8 || type == &pktt_type_flags8 ||
			type == &pktt_type_bitmap256;

	s->param = (struct pktt_param){
		.name = "opt",
		.type = type,
		.size = type->size ? type->size : 24,
		.symbols = is_small ? small_symbols : symbols,
		.flags = flags[below(pktt_countof(flags))],
	};
	s->ctx = (struct pktt_context){ &s->param, NULL,
					(enum pktt_family)below(PKTT_FAMILY_COUNT) };
	s->size = pktt_args_value_size(&s->param);
}

_Noreturn static void broken(const struct subject *s, const char *property, const char *text)
{
	PKTT_AUTO(str_fini) struct str shown = STR_INIT;

	str_put_escaped(&shown, text, strlen(text));
	fprintf(stderr, "type %s, family %s, flags 0x%x: %s: %s\n", s->param.type->name,
		pktt_family_name(s->ctx.family), s->param.flags, property, str_text(&shown));
	exit(1);
}

/* --- The properties --------------------------------------------------------------------------- */

static void make_canonical(const struct subject *s, void *val)
{
	if (s->param.type->canon)
		s->param.type->canon(val);
}

/* A good value and its text say the same. */
static void text_and_back(const struct subject *s, const void *val)
{
	PKTT_AUTO_FREE void *again = calloc(1, s->size + 1);
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	PKTT_AUTO(str_fini) struct str once = STR_INIT;
	PKTT_AUTO(str_fini) struct str twice = STR_INIT;
	struct pktt_error err = { .code = 0 };

	if (!s->param.type->print)
		return;
	s->param.type->print(&s->ctx, val, &once);
	pktt_args_value_text(&s->ctx, val, &text);
	if (memchr(str_text(&once), '\n', once.len))
		broken(s, "a line end is printed", str_text(&once));
	if (pktt_args_value_parse(&s->ctx, str_text(&text), again, &err) ||
	    pktt_args_value_check(&s->ctx, again, &err)) {
		fprintf(stderr, "%s\n", err.text);
		broken(s, "what was printed is refused", str_text(&once));
	}
	make_canonical(s, again);
	s->param.type->print(&s->ctx, again, &twice);
	if (!pktt_args_value_equal(&s->ctx, val, again))
		broken(s, "what was printed is another value", str_text(&once));
	if (strcmp(str_text(&once), str_text(&twice)) != 0)
		broken(s, "it prints otherwise the second time", str_text(&twice));
	pktt_args_value_reset(&s->param, again);
}

static uint64_t random_number(void)
{
	switch (below(6)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return UINT64_C(1) << below(64);
	case 3:
		return below(8);
	case 4:
		return below(256);
	}
	return rnd();
}

static void fill_addr(struct pktt_addr *addr)
{
	addr->len = (uint8_t[]){ 4, 16, 4, 16, 0, (uint8_t)below(20) }[below(6)];
	for (unsigned int i = 0; i < addr->len && i < sizeof(addr->byte); i++)
		addr->byte[i] = (uint8_t)(below(2) ? 0 : random_number());
}

static void fill_text(char *at, size_t room)
{
	size_t len = below((uint32_t)room);

	for (size_t i = 0; i < len; i++)
		at[i] = (char)(below(4) ? 33 + below(94) : 1 + below(255));
}

static void fill_part(const struct subject *s, const struct pktt_part *part, void *val)
{
	char *at = (char *)val + part->offset;

	switch (part->kind) {
	case PKTT_PART_END:
		break;
	case PKTT_PART_UINT:
	case PKTT_PART_INT:
		pktt_part_put(part, val, random_number());
		break;
	case PKTT_PART_BOOL:
		pktt_part_put(part, val, below(2));
		break;
	case PKTT_PART_ADDR:
		fill_addr((struct pktt_addr *)(void *)at);
		break;
	case PKTT_PART_BYTES:
		for (unsigned int i = 0; i < part->size; i++)
			at[i] = (char)(below(2) ? 0 : random_number());
		break;
	case PKTT_PART_TEXT:
		fill_text(at, pktt_part_size(&s->param, part));
		break;
	}
}

/* Parts are as large as those of another now and then, so that what must be equal may be. */
static void fill_parts(const struct subject *s, void *at)
{
	const struct pktt_type *type = s->param.type;

	for (size_t i = 0; i < PKTT_PARTS_MAX && type->part[i].kind; i++) {
		const struct pktt_part *part = &type->part[i];

		fill_part(s, part, at);
		if (i > 0 && part->size == part[-1].size && part->kind == part[-1].kind &&
		    !below(2))
			memcpy((char *)at + part->offset, (char *)at + part[-1].offset, part->size);
	}
}

static void fill_value(const struct subject *s, void *val)
{
	const struct pktt_type *type = s->param.type;
	uint16_t count = (uint16_t)(below(4) ? 1 + below(3) : below(type->list_max + 1u));

	if (!type->list_max) {
		fill_parts(s, val);
		return;
	}
	memcpy(val, &count, sizeof(count));
	for (unsigned int i = 0; i < pktt_args_value_count(type, val); i++)
		fill_parts(s, (char *)val + type->list_offset + (size_t)i * type->list_stride);
}

static void random_parts(struct subject *s)
{
	PKTT_AUTO_FREE void *val = calloc(1, s->size + 1);
	struct pktt_error err = { .code = 0 };
	PKTT_AUTO(str_fini) struct str out = STR_INIT;

	if (s->param.type->part[0].kind == PKTT_PART_END)
		return;
	fill_value(s, val);
	if (pktt_args_value_check(&s->ctx, val, &err) == 0) {
		s->by_parts++;
		make_canonical(s, val);
		text_and_back(s, val);
	} else if (strncmp(err.text, "--opt", 5) != 0) {
		broken(s, "the sentence does not name the option", err.text);
	} else if (s->param.type->print) {
		s->param.type->print(&s->ctx, val,
				     &out); /* of a bad value anything, but no crash */
	}
}

/* --- Texts ------------------------------------------------------------------------------------ */

static const char *seed_of(const struct pktt_type *type)
{
	static const char *const plain[] = { "1", "a", "1:2", "10.0.0.1" };
	unsigned int n = 0;

	for (size_t i = 0; i < pktt_countof(seeds); i++) {
		if (strcmp(seeds[i].type, type->name) != 0)
			continue;
		while (n < pktt_countof(seeds[i].text) && seeds[i].text[n])
			n++;
		return seeds[i].text[below(n)];
	}
	return plain[below(pktt_countof(plain))];
}

/* One letter replaced, removed, doubled, or a piece repeated. */
static void damage(char *text, size_t room)
{
	static const char likely[] = "0123456789abcdefx:/,.-+*!&<>@=|\\\"' \t[]";
	size_t len = strlen(text), at = below((uint32_t)len + 1);
	char c = below(8) ? likely[below(sizeof(likely) - 1)] : (char)(1 + below(255));

	switch (below(4)) {
	case 0:
		if (at < len)
			text[at] = c;
		break;
	case 1:
		if (at < len)
			memmove(text + at, text + at + 1, len - at);
		break;
	case 2:
		if (len + 2 < room) {
			memmove(text + at + 1, text + at, len - at + 1);
			text[at] = c;
		}
		break;
	case 3:
		if (2 * len + 1 < room) {
			memcpy(text + len, text + at, len - at);
			text[2 * len - at] = '\0';
		}
		break;
	}
}

static void one_text(struct subject *s, const char *text)
{
	PKTT_AUTO_FREE void *val = calloc(1, s->size + 1);
	struct pktt_error err = { .code = 0 };
	int r = pktt_args_value_parse(&s->ctx, text, val, &err);

	if (r == 0)
		r = pktt_args_value_check(&s->ctx, val, &err);
	if (r == 0) {
		s->by_text++;
		make_canonical(s, val);
		text_and_back(s, val);
	} else if (r != err.code || strncmp(err.text, "--opt", 5) != 0) {
		broken(s, "it is refused without a sentence", text);
	}
	for (const char *c = err.text; *c; c++)
		if (iscntrl((unsigned char)*c))
			broken(s, "the sentence has control characters", text);
	pktt_args_value_reset(&s->param, val);
}

static void damaged_text(struct subject *s)
{
	char text[512];

	snprintf(text, sizeof(text), "%s", seed_of(s->param.type));
	for (unsigned int n = below(4); n > 0; n--)
		damage(text, sizeof(text));
	one_text(s, text);
}

static void garbage(struct subject *s)
{
	char text[300] = { 0 };

	for (unsigned int n = below(sizeof(text) - 1), i = 0; i < n; i++)
		text[i] = (char)(1 + below(255));
	one_text(s, text);
}

/* C itself forbids a bool that is neither 0 nor 1; every entrance makes it one of them. */
static bool has_bool(const struct pktt_type *type)
{
	for (size_t i = 0; i < PKTT_PARTS_MAX && type->part[i].kind; i++)
		if (type->part[i].kind == PKTT_PART_BOOL)
			return true;
	return false;
}

/* Bytes as they come: check() must refuse what print() and equal() could not bear. */
static void raw_bytes(struct subject *s)
{
	PKTT_AUTO_FREE unsigned char *val = calloc(1, s->size + 1);
	struct pktt_error err = { .code = 0 };

	if (s->param.type->fini || has_bool(s->param.type))
		return;
	for (size_t i = 0; i < s->size; i++)
		val[i] = (unsigned char)(below(3) ? 0 : random_number());
	if (pktt_args_value_check(&s->ctx, val, &err) == 0)
		text_and_back(s, val);
}

/* Whether a type has no part that random bytes could be, or no text. */
static bool was_exercised(const struct subject *s, unsigned int by_parts, unsigned int by_text)
{
	bool has_parts = s->param.type->part[0].kind != PKTT_PART_END;

	return (by_parts || !has_parts) && (by_text || s->param.type->words == 0);
}

static void exercise(const struct pktt_type *type, unsigned int rounds)
{
	unsigned int by_parts = 0, by_text = 0;
	struct subject s = { .by_parts = 0 };

	for (unsigned int i = 0; i < rounds; i++) {
		s.by_parts = s.by_text = 0;
		subject_init(&s, type);
		random_parts(&s);
		damaged_text(&s);
		garbage(&s);
		raw_bytes(&s);
		by_parts += s.by_parts;
		by_text += s.by_text;
	}
	if (!was_exercised(&s, by_parts, by_text))
		broken(&s, "no good value came up; add texts of it to seeds", "");
	printf("%-12s %6u values, %6u texts\n", type->name, by_parts, by_text);
}

int main(void)
{
	const char *seed = getenv("PKTT_SEED"), *rounds = getenv("PKTT_ROUNDS");
	unsigned int n = rounds ? (unsigned int)strtoul(rounds, NULL, 0) : 2000;

	rnd_state = seed ? strtoull(seed, NULL, 0) : 20261123;
	printf("seed %llu, %u rounds for each type\n", (unsigned long long)rnd_state, n);
	for (size_t i = 0; pktt_type_at(i); i++)
		exercise(pktt_type_at(i), n);
	return 0;
}

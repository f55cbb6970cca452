/* SPDX-License-Identifier: BSD-2-Clause */
/* Text, interface names, search patterns, references to sets. */
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"
#include "desc/types.h"

#include <errno.h>

/* --- Text ------------------------------------------------------------------------------------- */

/* Whether a word of such bytes is printed without quotes. */
static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

void pktt_word_print(const char *text, size_t len, struct str *out)
{
	size_t n = 0;

	while (n < len && is_bare(text[n]))
		n++;
	if (n == len && len > 0) {
		str_putn(out, text, len);
		return;
	}
	str_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\' || text[i] == '\'')
			str_putc(out, '\\');
		str_putc(out, text[i]);
	}
	str_putc(out, '"');
}

static int parse_text(const struct pktt_context *ctx, const char *const *word, void *val,
		      struct pktt_error *err)
{
	size_t len = strlen(word[0]);

	if (len >= ctx->param->size)
		return pktt_fail(err, -E2BIG, "--%s: the text has %zu characters, at most %u fit",
				 ctx->param->name, len, ctx->param->size - 1u);
	memcpy(val, word[0], len);
	return 0;
}

/* A line end would break the line of a saved rule; all else is carried. */
static int check_text(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	size_t len = strnlen(val, ctx->param->size);

	if (len == ctx->param->size)
		return pktt_fail(err, -E2BIG, "--%s: the text is longer than %u characters",
				 ctx->param->name, ctx->param->size - 1u);
	if (len < ctx->param->min)
		return pktt_fail(err, -EINVAL,
				 "--%s: the text has %zu characters, at least %u"
				 " are expected",
				 ctx->param->name, len, (unsigned int)ctx->param->min);
	if (memchr(val, '\n', len) || memchr(val, '\r', len))
		return type_fail(ctx, -EINVAL, err, "line ends are not possible in a text");
	return 0;
}

/* As it stands, where a line of rules holds that as one word. */
static void print_bare(const char *text, size_t len, struct str *out)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || strchr("\"'\\", text[i]) || text[i] == 0x7f) {
			pktt_word_print(text, len, out);
			return;
		}
	if (len)
		str_putn(out, text, len);
	else
		pktt_word_print(text, len, out);
}

static void print_text(const struct pktt_context *ctx, const void *val, struct str *out)
{
	size_t len = strnlen(val, ctx->param->size);

	if (ctx->param->flags & PKTT_SHOW_BARE)
		print_bare(val, len, out);
	else
		pktt_word_print(val, len, out);
}

const struct pktt_type pktt_type_text = {
	.name = "text",
	.syntax = "TEXT",
	.size = 0,
	.words = 1,
	.part = { { "", 0, 0, PKTT_PART_TEXT } },
	.parse = parse_text,
	.check = check_text,
	.print = print_text,
};

/* --- Interface names -------------------------------------------------------------------------- */

static int parse_ifname(const struct pktt_context *ctx, const char *const *word, void *val,
			struct pktt_error *err)
{
	struct pktt_ifname *v = val;
	struct span s = span_of(word[0]);

	if (!span_copy(s, v->name, sizeof(v->name)))
		return type_refuse(ctx, s, "an interface name: at most 15 characters", err);
	return 0;
}

/* What the kernel refuses in the name of a device cannot be matched either. */
static int check_ifname(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_ifname *v = val;
	size_t len = strnlen(v->name, sizeof(v->name));

	if (len == sizeof(v->name))
		return type_fail(ctx, -EINVAL, err, "an interface name has at most 15 characters");
	if (len == 0)
		return type_fail(ctx, -EINVAL, err, "an interface name is expected");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)v->name[i] <= ' ' || v->name[i] == '/' || v->name[i] == 0x7f)
			return type_refuse(ctx, (struct span){ v->name, len },
					   "an interface name: no blanks, no '/'", err);
	return 0;
}

static void print_ifname(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_ifname *v = val;

	(void)ctx;
	print_bare(v->name, strnlen(v->name, sizeof(v->name)), out);
}

const struct pktt_type pktt_type_ifname = {
	.name = "ifname",
	.syntax = "NAME[+]",
	.size = sizeof(struct pktt_ifname),
	.words = 1,
	.part = { { "", 0, sizeof(struct pktt_ifname), PKTT_PART_TEXT } },
	.parse = parse_ifname,
	.check = check_ifname,
	.print = print_ifname,
};

/* --- Search patterns -------------------------------------------------------------------------- */

static int put_byte(const struct pktt_context *ctx, struct pktt_pattern *p, unsigned int byte,
		    struct pktt_error *err)
{
	if (p->len == sizeof(p->byte))
		return pktt_fail(err, -E2BIG, "--%s: the pattern is longer than %zu bytes",
				 ctx->param->name, sizeof(p->byte));
	p->byte[p->len++] = (uint8_t)byte;
	return 0;
}

static int parse_pattern(const struct pktt_context *ctx, const char *const *word, void *val,
			 struct pktt_error *err)
{
	int r = 0;

	for (const char *c = word[0]; r == 0 && *c; c++)
		r = put_byte(ctx, val, (unsigned char)*c, err);
	return r;
}

static int check_pattern(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_pattern *p = val;

	if (p->len == 0 || p->len > sizeof(p->byte))
		return pktt_fail(err, -EINVAL, "--%s: a pattern of 1 to %zu bytes is expected",
				 ctx->param->name, sizeof(p->byte));
	return 0;
}

/* What no line of a rule file could hold is for a hex_pattern to say. */
static int check_plain(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_pattern *p = val;
	int r = check_pattern(ctx, val, err);

	for (unsigned int i = 0; r == 0 && i < p->len; i++)
		if (p->byte[i] == '\0' || p->byte[i] == '\n' || p->byte[i] == '\r')
			r = type_fail(ctx, -EINVAL, err,
				      "line ends and zeros need a pattern in hexadecimal");
	return r;
}

/* Always in quotes, as iptables-save writes --string. */
static void print_pattern(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_pattern *p = val;

	(void)ctx;
	str_putc(out, '"');
	for (unsigned int i = 0; i < p->len && i < sizeof(p->byte); i++) {
		if (p->byte[i] == '"' || p->byte[i] == '\\')
			str_putc(out, '\\');
		str_putc(out, (char)p->byte[i]);
	}
	str_putc(out, '"');
}

const struct pktt_type pktt_type_pattern = {
	.name = "pattern",
	.syntax = "TEXT",
	.size = sizeof(struct pktt_pattern),
	.words = 1,
	.part = { { "", 0, 1, PKTT_PART_UINT } },
	.list_max = sizeof(((struct pktt_pattern *)0)->byte),
	.list_offset = offsetof(struct pktt_pattern, byte),
	.list_stride = 1,
	.parse = parse_pattern,
	.check = check_plain,
	.print = print_pattern,
};

/* The bytes of "0d 0a" between two bars. */
static int parse_hex(const struct pktt_context *ctx, struct span s, struct pktt_pattern *p,
		     struct pktt_error *err)
{
	int r = 0;

	if (s.len == 0)
		return type_fail(ctx, -EINVAL, err, "there is nothing between two '|'");
	while (r == 0 && s.len) {
		char pair[5] = { '0', 'x' };
		uint64_t byte;

		if (s.at[0] == ' ') {
			s.at++;
			s.len--;
			continue;
		}
		if (s.len < 2)
			return type_refuse(ctx, s, "a pair of hexadecimal digits", err);
		memcpy(pair + 2, s.at, 2);
		if (type_number(span_of(pair), 255, &byte))
			return type_refuse(ctx, (struct span){ s.at, 2 },
					   "a pair of hexadecimal digits", err);
		r = put_byte(ctx, p, (unsigned int)byte, err);
		s.at += 2;
		s.len -= 2;
	}
	return r;
}

static int parse_hex_pattern(const struct pktt_context *ctx, const char *const *word, void *val,
			     struct pktt_error *err)
{
	const char *c = word[0];
	int r = 0;

	while (r == 0 && *c) {
		if (*c == '|') {
			const char *end = strchr(c + 1, '|');

			if (!end)
				return type_fail(ctx, -EINVAL, err,
						 "the part in hexadecimal has no second '|'");
			r = parse_hex(ctx, (struct span){ c + 1, (size_t)(end - c) - 1 }, val, err);
			c = end + 1;
			continue;
		}
		if (*c == '\\' && c[1])
			c++;
		r = put_byte(ctx, val, (unsigned char)*c++, err);
	}
	return r;
}

static void print_hex_pattern(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_pattern *p = val;

	(void)ctx;
	str_puts(out, "\"|");
	for (unsigned int i = 0; i < p->len && i < sizeof(p->byte); i++)
		str_putf(out, "%02x", p->byte[i]);
	str_puts(out, "|\"");
}

const struct pktt_type pktt_type_hex_pattern = {
	.name = "hex-pattern",
	.syntax = "TEXT with |HEX|",
	.size = sizeof(struct pktt_pattern),
	.words = 1,
	.part = { { "", 0, 1, PKTT_PART_UINT } },
	.list_max = sizeof(((struct pktt_pattern *)0)->byte),
	.list_offset = offsetof(struct pktt_pattern, byte),
	.list_stride = 1,
	.parse = parse_hex_pattern,
	.check = check_pattern,
	.print = print_hex_pattern,
};

/* --- References to sets: NAME src,dst --------------------------------------------------------- */

#define SET_DIMS 6

static int parse_set_ref(const struct pktt_context *ctx, const char *const *word, void *val,
			 struct pktt_error *err)
{
	struct pktt_set_ref *set = val;
	struct span name = span_of(word[0]), rest = span_of(word[1]), side;

	if (!span_copy(name, set->name, sizeof(set->name)))
		return type_refuse(ctx, name, "the name of a set: at most 31 characters", err);
	while (span_cut(&rest, ',', &side)) {
		bool is_src = span_is(side, "src");

		if (!is_src && !span_is(side, "dst"))
			return type_refuse(ctx, side, "src or dst", err);
		if (set->dims == SET_DIMS)
			return type_fail(ctx, -E2BIG, err, "at most 6 of src and dst are possible");
		set->src |= (uint8_t)(is_src << set->dims++);
	}
	return 0;
}

static int check_set_ref(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_set_ref *set = val;
	size_t len = strnlen(set->name, sizeof(set->name));

	if (len == 0 || len == sizeof(set->name))
		return type_fail(ctx, -EINVAL, err, "the name of a set has 1 to 31 characters");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)set->name[i] <= ' ' || set->name[i] == 0x7f)
			return type_refuse(ctx, (struct span){ set->name, len },
					   "the name of a set: no blanks", err);
	if (set->dims == 0 || set->dims > SET_DIMS || set->src >> set->dims)
		return type_fail(ctx, -EINVAL, err,
				 "1 to 6 of src and dst are expected after the name of the set");
	return 0;
}

static void print_set_ref(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_set_ref *set = val;

	(void)ctx;
	print_bare(set->name, strnlen(set->name, sizeof(set->name)), out);
	for (unsigned int i = 0; i < set->dims && i < SET_DIMS; i++)
		str_putf(out, "%c%s", i ? ',' : ' ', set->src >> i & 1 ? "src" : "dst");
}

const struct pktt_type pktt_type_set_ref = {
	.name = "set-ref",
	.syntax = "SET src|dst[,...]",
	.size = sizeof(struct pktt_set_ref),
	.words = 2,
	.part = { TYPE_PART(struct pktt_set_ref, name, TEXT),
		  TYPE_PART(struct pktt_set_ref, dims, UINT),
		  TYPE_PART(struct pktt_set_ref, src, UINT) },
	.parse = parse_set_ref,
	.check = check_set_ref,
	.print = print_set_ref,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Types and codes of ICMP as ebtables has them: TYPE[:TYPE][/CODE[:CODE]], or a name. */
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>

static bool read_range(struct span s, uint8_t *min, uint8_t *max)
{
	struct span low, high;
	uint64_t v, w;
	bool has_high = span_split(s, ':', &low, &high);

	if (type_number(low, 255, &v))
		return false;
	w = v;
	if (has_high && type_number(high, 255, &w))
		return false;
	*min = (uint8_t)v;
	*max = (uint8_t)w;
	return true;
}

static int parse_icmp_range(const struct pktt_context *ctx, const char *const *word, void *val,
			    struct pktt_error *err)
{
	struct pktt_icmp_range *r = val;
	struct span whole = span_of(word[0]), type, code;
	bool has_code = span_split(whole, '/', &type, &code);
	uint32_t named;

	if (whole.len && (whole.at[0] < '0' || whole.at[0] > '9')) {
		int e = type_symbol(ctx, whole, &named, err);

		if (e)
			return e;
		r->type_min = r->type_max = (uint8_t)(named >> 16);
		r->code_min = (uint8_t)(named >> 8);
		r->code_max = (uint8_t)named;
		return 0;
	}
	r->code_max = 255;
	if (read_range(type, &r->type_min, &r->type_max) &&
	    (!has_code || read_range(code, &r->code_min, &r->code_max)))
		return 0;
	return type_refuse(ctx, whole, "TYPE[:TYPE][/CODE[:CODE]], each 0 to 255, or a name", err);
}

static int check_icmp_range(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_icmp_range *r = val;

	if (r->type_min <= r->type_max && r->code_min <= r->code_max)
		return 0;
	return type_fail(ctx, -ERANGE, err, "the lower end of a range comes first");
}

static void put_range(struct str *out, unsigned int min, unsigned int max)
{
	str_putf(out, "%u", min);
	if (min != max)
		str_putf(out, ":%u", max);
}

static void print_icmp_range(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_icmp_range *r = val;
	uint32_t key = (uint32_t)PKTT_ICMP(r->type_min, r->code_min, r->code_max);
	const char *name =
		r->type_min == r->type_max ? type_symbol_name(ctx->param->symbols, key) : NULL;

	if (name) {
		str_puts(out, name);
		return;
	}
	put_range(out, r->type_min, r->type_max);
	if (r->code_min == 0 && r->code_max == 255)
		return;
	str_putc(out, '/');
	put_range(out, r->code_min, r->code_max);
}

const struct pktt_type pktt_type_icmp_range = {
	.name = "icmp-range",
	.syntax = "TYPE[:TYPE][/CODE[:CODE]]|NAME",
	.size = sizeof(struct pktt_icmp_range),
	.words = 1,
	.part = { TYPE_PART(struct pktt_icmp_range, type_min, UINT),
		  TYPE_PART(struct pktt_icmp_range, type_max, UINT),
		  TYPE_PART(struct pktt_icmp_range, code_min, UINT),
		  TYPE_PART(struct pktt_icmp_range, code_max, UINT) },
	.parse = parse_icmp_range,
	.check = check_icmp_range,
	.print = print_icmp_range,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports: numbers or the names of /etc/services, printed as numbers. */
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>

static bool lookup_service(const char *name, uint16_t *ret)
{
	struct servent entry, *found = NULL;
	char buf[1024];

	if (getservbyname_r(name, NULL, &entry, buf, sizeof(buf), &found) || !found)
		return false;
	*ret = ntohs((uint16_t)entry.s_port);
	return true;
}

int type_port(const struct pktt_context *ctx, struct span s, uint16_t *ret, struct pktt_error *err)
{
	char name[64];
	uint64_t v;

	if (type_number(s, UINT16_MAX, &v) == 0) {
		*ret = (uint16_t)v;
		return 0;
	}
	if (s.len && span_copy(s, name, sizeof(name)) && lookup_service(name, ret))
		return 0;
	return type_refuse(ctx, s, "a port: a number from 0 to 65535 or a name of /etc/services",
			   err);
}

static int parse_port(const struct pktt_context *ctx, const char *const *word, void *val,
		      struct pktt_error *err)
{
	return type_port(ctx, span_of(word[0]), val, err);
}

static void print_port(const struct pktt_context *ctx, const void *val, struct str *out)
{
	(void)ctx;
	str_put_uint(out, *(const uint16_t *)val);
}

const struct pktt_type pktt_type_port = {
	.name = "port",
	.syntax = "PORT",
	.size = sizeof(uint16_t),
	.words = 1,
	.cmp = PKTT_CMP_EQUAL,
	.part = TYPE_SOLE(uint16_t, UINT),
	.parse = parse_port,
	.print = print_port,
};

/* --- Ranges ---------------------------------------------------------------------------------- */

/* An empty end stands for the least or the greatest port where is_open; else it is refused. */
static int parse_range(const struct pktt_context *ctx, struct span s, char sep, bool is_open,
		       struct pktt_range16 *ret, struct pktt_error *err)
{
	struct span low, high;
	int r = 0;

	if (!span_split(s, sep, &low, &high)) {
		r = type_port(ctx, low, &ret->min, err);
		ret->max = ret->min;
		return r;
	}
	ret->min = 0;
	ret->max = UINT16_MAX;
	if (low.len || !is_open)
		r = type_port(ctx, low, &ret->min, err);
	if (r == 0 && (high.len || !is_open))
		r = type_port(ctx, high, &ret->max, err);
	return r;
}

static int check_order(const struct pktt_context *ctx, const struct pktt_range16 *v,
		       struct pktt_error *err)
{
	if (v->min <= v->max)
		return 0;
	return pktt_fail(err, -ERANGE,
			 "--%s: the range from port %u to %u is backwards; write the lower first",
			 ctx->param->name, v->min, v->max);
}

static void print_range(const struct pktt_range16 *v, char sep, struct str *out)
{
	str_put_uint(out, v->min);
	if (v->min == v->max)
		return;
	str_putc(out, sep);
	str_put_uint(out, v->max);
}

static int parse_port_range(const struct pktt_context *ctx, const char *const *word, void *val,
			    struct pktt_error *err)
{
	return parse_range(ctx, span_of(word[0]), ':', true, val, err);
}

static int check_port_range(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	return check_order(ctx, val, err);
}

static void print_port_range(const struct pktt_context *ctx, const void *val, struct str *out)
{
	(void)ctx;
	print_range(val, ':', out);
}

const struct pktt_type pktt_type_port_range = {
	.name = "port-range",
	.syntax = "PORT[:PORT]",
	.size = sizeof(struct pktt_range16),
	.words = 1,
	.cmp = PKTT_CMP_RANGE,
	.part = { TYPE_PART(struct pktt_range16, min, UINT),
		  TYPE_PART(struct pktt_range16, max, UINT) },
	.parse = parse_port_range,
	.check = check_port_range,
	.print = print_port_range,
};

/* A name that has a dash (such as http-alt) is looked up whole first. */
static int parse_nat_ports(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	struct pktt_range16 *v = val;

	if (strchr(word[0], '-') && lookup_service(word[0], &v->min)) {
		v->max = v->min;
		return 0;
	}
	return parse_range(ctx, span_of(word[0]), '-', false, v, err);
}

static void print_nat_ports(const struct pktt_context *ctx, const void *val, struct str *out)
{
	(void)ctx;
	print_range(val, '-', out);
}

const struct pktt_type pktt_type_nat_ports = {
	.name = "nat-ports",
	.syntax = "PORT[-PORT]",
	.size = sizeof(struct pktt_range16),
	.words = 1,
	.part = { TYPE_PART(struct pktt_range16, min, UINT),
		  TYPE_PART(struct pktt_range16, max, UINT) },
	.parse = parse_nat_ports,
	.check = check_port_range,
	.print = print_nat_ports,
};

/* --- Lists: at most 15 ports, a range counting two, as the kernel's multiport stores them ----- */

#define PORT_SLOTS 15

static int parse_port_list(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	struct pktt_port_list *list = val;
	struct span rest = span_of(word[0]), piece;

	while (span_cut(&rest, ',', &piece)) {
		int r;

		if (list->count == PORT_SLOTS)
			return type_fail(ctx, -E2BIG, err,
					 "at most 15 ports are possible, a range counting two");
		r = parse_range(ctx, piece, ':', false, &list->range[list->count], err);
		if (r)
			return r;
		list->count++;
	}
	return 0;
}

static int check_port_list(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_port_list *list = val;
	unsigned int slots = 0;

	if (list->count == 0)
		return type_fail(ctx, -EINVAL, err, "at least one port is expected");
	for (unsigned int i = 0; i < list->count && i < PORT_SLOTS; i++) {
		int r = check_order(ctx, &list->range[i], err);

		if (r)
			return r;
		slots += list->range[i].min == list->range[i].max ? 1 : 2;
	}
	if (slots > PORT_SLOTS || list->count > PORT_SLOTS)
		return type_fail(ctx, -E2BIG, err,
				 "at most 15 ports are possible, a range counting two");
	return 0;
}

static void print_port_list(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_port_list *list = val;

	(void)ctx;
	for (unsigned int i = 0; i < list->count && i < PORT_SLOTS; i++) {
		if (i)
			str_putc(out, ',');
		print_range(&list->range[i], ':', out);
	}
}

const struct pktt_type pktt_type_port_list = {
	.name = "port-list",
	.syntax = "PORT[:PORT][,...]",
	.size = sizeof(struct pktt_port_list),
	.words = 1,
	.part = { TYPE_PART(struct pktt_range16, min, UINT),
		  TYPE_PART(struct pktt_range16, max, UINT) },
	.list_max = PORT_SLOTS,
	.list_offset = offsetof(struct pktt_port_list, range),
	.list_stride = sizeof(struct pktt_range16),
	.parse = parse_port_list,
	.check = check_port_list,
	.print = print_port_list,
};

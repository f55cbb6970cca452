/* SPDX-License-Identifier: BSD-2-Clause */
/* Hardware addresses, with masks (ebtables' names included), and lists of them. */
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>
#include <strings.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Six hexadecimal numbers of one or two digits. */
static bool read_mac(struct span s, struct pktt_mac *ret)
{
	struct span octet;
	unsigned int n = 0;

	for (; span_cut(&s, ':', &octet); n++) {
		int high = octet.len == 2 ? hex_digit(octet.at[0]) : 0;
		int low = octet.len ? hex_digit(octet.at[octet.len - 1]) : -1;

		if (n == 6 || octet.len > 2 || high < 0 || low < 0)
			return false;
		ret->byte[n] = (uint8_t)(high << 4 | low);
	}
	return n == 6;
}

int type_mac(const struct pktt_context *ctx, struct span s, struct pktt_mac *ret,
	     struct pktt_error *err)
{
	if (read_mac(s, ret))
		return 0;
	return type_refuse(ctx, s, "a hardware address such as 00:50:56:c0:00:01", err);
}

void type_mac_print(const struct pktt_mac *mac, struct str *out)
{
	for (unsigned int i = 0; i < sizeof(mac->byte); i++)
		str_putf(out, "%s%02x", i ? ":" : "", mac->byte[i]);
}

static int parse_mac(const struct pktt_context *ctx, const char *const *word, void *val,
		     struct pktt_error *err)
{
	return type_mac(ctx, span_of(word[0]), val, err);
}

static void print_mac(const struct pktt_context *ctx, const void *val, struct str *out)
{
	(void)ctx;
	type_mac_print(val, out);
}

const struct pktt_type pktt_type_mac = {
	.name = "mac",
	.syntax = "XX:XX:XX:XX:XX:XX",
	.size = sizeof(struct pktt_mac),
	.words = 1,
	.cmp = PKTT_CMP_EQUAL,
	.part = TYPE_SOLE(struct pktt_mac, BYTES),
	.parse = parse_mac,
	.print = print_mac,
};

/* --- With a mask ------------------------------------------------------------------------------ */

#define ONES                                               \
	{                                                  \
		{                                          \
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff \
		}                                          \
	}

/* The names that ebtables reads and prints. */
static const struct {
	const char *name;
	struct pktt_mac_mask value;
} mac_names[] = {
	{ "Unicast", { { { 0 } }, { { 1 } } } },
	{ "Multicast", { { { 1 } }, { { 1 } } } },
	{ "Broadcast", { ONES, ONES } },
	{ "BGA", { { { 0x01, 0x80, 0xc2 } }, ONES } },
};

static int parse_mac_mask(const struct pktt_context *ctx, const char *const *word, void *val,
			  struct pktt_error *err)
{
	struct pktt_mac_mask *m = val;
	struct span addr, mask;
	int r = 0;

	for (size_t i = 0; i < pktt_countof(mac_names); i++)
		if (strcasecmp(word[0], mac_names[i].name) == 0) {
			*m = mac_names[i].value;
			return 0;
		}
	memset(&m->mask, 0xff, sizeof(m->mask));
	if (span_split(span_of(word[0]), '/', &addr, &mask))
		r = type_mac(ctx, mask, &m->mask, err);
	if (r == 0)
		r = type_mac(ctx, addr, &m->addr, err);
	for (unsigned int i = 0; i < sizeof(m->addr.byte); i++)
		m->addr.byte[i] &= m->mask.byte[i];
	return r;
}

static int check_mac_mask(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_mac_mask *m = val;

	for (unsigned int i = 0; i < sizeof(m->addr.byte); i++)
		if (m->addr.byte[i] & ~m->mask.byte[i])
			return type_fail(ctx, -EINVAL, err,
					 "the address has bits outside the mask");
	return 0;
}

static void print_mac_mask(const struct pktt_context *ctx, const void *val, struct str *out)
{
	static const struct pktt_mac ones = ONES;
	const struct pktt_mac_mask *m = val;

	for (size_t i = 0; ctx->family == PKTT_BRIDGE && i < pktt_countof(mac_names); i++)
		if (memcmp(m, &mac_names[i].value, sizeof(*m)) == 0) {
			str_puts(out, mac_names[i].name);
			return;
		}
	type_mac_print(&m->addr, out);
	if (memcmp(&m->mask, &ones, sizeof(ones)) != 0) {
		str_putc(out, '/');
		type_mac_print(&m->mask, out);
	}
}

const struct pktt_type pktt_type_mac_mask = {
	.name = "mac-mask",
	.syntax = "MAC[/MASK]|Unicast|Multicast|Broadcast|BGA",
	.size = sizeof(struct pktt_mac_mask),
	.words = 1,
	.cmp = PKTT_CMP_MASK,
	.part = { TYPE_PART(struct pktt_mac_mask, addr, BYTES),
		  TYPE_PART(struct pktt_mac_mask, mask, BYTES) },
	.parse = parse_mac_mask,
	.check = check_mac_mask,
	.print = print_mac_mask,
};

/* --- Lists MAC[=IP],..., sorted, so that a lookup is a binary search -------------------------- */

static int compare_items(const void *va, const void *vb)
{
	const struct pktt_mac_ip *a = va, *b = vb;
	int r = memcmp(&a->mac, &b->mac, sizeof(a->mac));

	if (r)
		return r;
	r = (int)a->addr.len - (int)b->addr.len;
	return r ? r : memcmp(a->addr.byte, b->addr.byte, sizeof(a->addr.byte));
}

static int parse_item(const struct pktt_context *ctx, struct span s, struct pktt_mac_ip *item,
		      struct pktt_error *err)
{
	struct span mac, addr;
	bool has_addr = span_split(s, '=', &mac, &addr);
	int r = type_mac(ctx, mac, &item->mac, err);

	if (r == 0 && has_addr)
		r = type_addr(ctx, addr, &item->addr, err);
	return r;
}

static void sort_unique(struct pktt_mac_list *list)
{
	uint32_t n = 0;

	qsort(list->item, list->count, sizeof(*list->item), compare_items);
	for (uint32_t i = 0; i < list->count; i++)
		if (i == 0 || compare_items(&list->item[i], &list->item[n - 1]))
			list->item[n++] = list->item[i];
	list->count = n;
}

static void fini_mac_list(void *val)
{
	struct pktt_mac_list *list = val;

	free(list->item);
	*list = (struct pktt_mac_list){ 0, NULL };
}

static int copy_mac_list(void *dst, const void *src)
{
	const struct pktt_mac_list *from = src;
	struct pktt_mac_list *to = dst;

	if (from->count == 0)
		return 0;
	to->item = calloc(from->count, sizeof(*to->item));
	if (!to->item)
		return -ENOMEM;
	memcpy(to->item, from->item, from->count * sizeof(*to->item));
	to->count = from->count;
	return 0;
}

/* A comma may end the list, as ebtables allows. */
static int parse_mac_list(const struct pktt_context *ctx, const char *const *word, void *val,
			  struct pktt_error *err)
{
	struct pktt_mac_list *list = val;
	struct span rest = span_of(word[0]), piece;
	uint32_t most = 1, n = 0;
	int r;

	for (size_t i = 0; i < rest.len; i++)
		most += rest.at[i] == ',';
	list->item = calloc(most, sizeof(*list->item));
	if (!list->item)
		return type_fail(ctx, -ENOMEM, err, "no memory for a list of this length");
	while (span_cut(&rest, ',', &piece)) {
		if (piece.len == 0 && !rest.at && n > 0)
			break;
		r = parse_item(ctx, piece, &list->item[n], err);
		if (r) {
			fini_mac_list(list);
			return r;
		}
		n++;
	}
	list->count = n;
	sort_unique(list);
	return 0;
}

static int check_mac_list(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_mac_list *list = val;

	if (list->count == 0)
		return type_fail(ctx, -EINVAL, err, "at least one hardware address is expected");
	for (uint32_t i = 0; i < list->count; i++) {
		const struct pktt_addr *addr = &list->item[i].addr;
		int r = addr->len ? type_addr_check(ctx, addr, err) : 0;

		if (r)
			return r;
		if (i && compare_items(&list->item[i - 1], &list->item[i]) >= 0)
			return type_fail(ctx, -EINVAL, err,
					 "the list is not sorted, or has an entry twice");
	}
	return 0;
}

/* Without leading zeros: ebtables prints these by ether_ntoa(3), and other addresses not. */
static void print_short(const struct pktt_mac *mac, struct str *out)
{
	for (unsigned int i = 0; i < sizeof(mac->byte); i++)
		str_putf(out, "%s%x", i ? ":" : "", mac->byte[i]);
}

static void print_mac_list(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_mac_list *list = val;

	(void)ctx;
	for (uint32_t i = 0; i < list->count; i++) {
		if (i)
			str_putc(out, ',');
		print_short(&list->item[i].mac, out);
		if (list->item[i].addr.len) {
			str_putc(out, '=');
			type_addr_print(&list->item[i].addr, out);
		}
	}
}

const struct pktt_type pktt_type_mac_list = {
	.name = "mac-list",
	.syntax = "MAC[=ADDRESS][,...]",
	.size = sizeof(struct pktt_mac_list),
	.words = 1,
	.parse = parse_mac_list,
	.check = check_mac_list,
	.print = print_mac_list,
	.fini = fini_mac_list,
	.copy = copy_mac_list,
};

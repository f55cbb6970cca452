/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements and options of sets as ipset writes them.
 *
 * An element may name many: ranges of addresses and ports are gone through value by value, the last
 * dimension fastest; a range of addresses where prefixes are stored becomes the fewest prefixes.
 */
#include "core/set_words.h"

#include "base/buf.h"
#include "base/str.h"
#include "desc/args.h"
#include "desc/args_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Options --------------------------------------------------------------------------------- */

static bool is_exist(const struct set_piece *word)
{
	return set_piece_is(word, "-exist") || set_piece_is(word, "-!");
}

/* "--name: ..." of a command line is "name: ..." here. */
static int fail_option(const struct set_piece *word, struct pktt_error *why, struct pktt_error *err)
{
	const char *text = strncmp(why->text, "--", 2) == 0 ? why->text + 2 : why->text;

	return set_fail_at(err, word->column, word->len, why->code, "%s", text);
}

static int unknown_option(const struct pktt_ext *ext, const struct set_piece *word,
			  struct pktt_error *err)
{
	char name[64] = "";
	const char *near;

	set_piece_copy(word, name, sizeof(name));
	near = pktt_args_suggest(ext, PKTT_INET, name);
	if (near)
		return set_fail_at(err, word->column, word->len, -EINVAL,
				   "there is no option %s; did you mean %s?", name, near);
	return set_piece_refuse(word, "an option such as timeout, counters or comment", err);
}

static int take_option(const struct pktt_ext *ext, void *args, const struct set_piece *word,
		       struct set_piece *rest, struct pktt_error *err)
{
	struct pktt_error why = { 0 };
	struct set_piece value = *word;
	const char *words[1];
	char text[256];
	unsigned int n;

	if (pktt_args_lookup(ext, PKTT_INET, word->at, word->len, &n))
		return unknown_option(ext, word, err);
	words[0] = text;
	text[0] = '\0';
	if (pktt_args_words(ext, n)) {
		if (!set_piece_word(rest, &value))
			return set_fail_at(err, word->column, word->len, -EINVAL,
					   "%s needs a value", ext->params[n].name);
		if (!set_piece_copy(&value, text, sizeof(text)))
			return set_piece_refuse(&value, "at most 255 characters", err);
	}
	if (pktt_args_take(ext, PKTT_INET, args, n, false, words, &why))
		return fail_option(&value, &why, err);
	return 0;
}

static int take_options(const struct pktt_ext *ext, struct set_piece *rest, void *args,
			bool *exists_too, struct pktt_error *err)
{
	struct set_piece word;
	int r = 0;

	while (r == 0 && set_piece_word(rest, &word)) {
		if (is_exist(&word))
			*exists_too = true;
		else
			r = take_option(ext, args, &word, rest, err);
	}
	return r;
}

int set_options_parse(const struct set_type *type, const char *text, struct set_args *args,
		      bool *exists_too, struct pktt_error *err)
{
	struct set_piece rest = { text ? text : "", 0, 0 };
	struct set_piece whole = { rest.at, strlen(rest.at), 0 };
	struct pktt_error why = { 0 };
	int r;

	memset(args, 0, sizeof(*args));
	*exists_too = false;
	r = take_options(&type->ext, &rest, args, exists_too, err);
	if (r)
		return r;
	if (pktt_args_finish(&type->ext, PKTT_INET, args, &why))
		return fail_option(&whole, &why, err);
	if (!args->markmask)
		args->markmask = UINT32_MAX;
	return 0;
}

/* --- What an element carries ----------------------------------------------------------------- */

/* The set's option without which the element's is refused. */
static const char *missing_option(const struct pktt_set *set, const struct set_add_args *args)
{
	const struct set_layout *l = &set->layout;
	uint64_t given = args->head.given;
	const uint64_t counts = UINT64_C(1) << SET_ADD_PACKETS | UINT64_C(1) << SET_ADD_BYTES;
	const uint64_t skb = UINT64_C(1) << SET_ADD_SKBMARK | UINT64_C(1) << SET_ADD_SKBPRIO |
			     UINT64_C(1) << SET_ADD_SKBQUEUE;

	if (given >> SET_ADD_TIMEOUT & 1 && l->expires == SET_NO_PLACE)
		return "timeout";
	if (given & counts && l->counters == SET_NO_PLACE)
		return "counters";
	if (given >> SET_ADD_COMMENT & 1 && l->comment == SET_NO_PLACE)
		return "comment";
	return given & skb && l->skb == SET_NO_PLACE ? "skbinfo" : NULL;
}

static int check_carried(const struct pktt_set *set, const struct set_add_args *args,
			 struct pktt_error *err)
{
	const char *missing = missing_option(set, args);
	bool has_iface = set->shape.key_words != set->shape.hash_words;

	if (missing)
		return pktt_fail(err, -EINVAL, "set %s was created without %s", set->name, missing);
	if (args->nomatch && !set->nnets)
		return pktt_fail(err, -EINVAL, "nomatch is for types with prefixes, not for %s",
				 set->type->ext.name);
	if (args->wildcard && !has_iface)
		return pktt_fail(err, -EINVAL, "wildcard is for types with interfaces, not for %s",
				 set->type->ext.name);
	return 0;
}

static void carry(struct set_element *e)
{
	const struct set_add_args *args = &e->args;

	e->attr = (struct set_attr){
		.flags = (args->nomatch ? SET_NOMATCH : 0) | (args->wildcard ? SET_WILDCARD : 0),
		.has_timeout = pktt_given(args, SET_ADD_TIMEOUT),
		.timeout_s = args->timeout,
		.packets = pktt_given(args, SET_ADD_PACKETS) ? args->packets : SET_NO_COUNT,
		.bytes = pktt_given(args, SET_ADD_BYTES) ? args->bytes : SET_NO_COUNT,
		.mark = args->skbmark,
		.priority = args->skbprio,
		.queue = args->skbqueue,
		.comment = pktt_given(args, SET_ADD_COMMENT) ? args->comment : NULL,
	};
}

/* --- Elements -------------------------------------------------------------------------------- */

/* Sets in a list: NAME [before|after NAME]. */
static int parse_member(struct set_piece word, struct set_piece *rest, struct set_element *e,
			struct pktt_error *err)
{
	struct set_piece look = *rest, next;

	e->dims = 1;
	if (!set_piece_copy(&word, e->member, sizeof(e->member)))
		return set_piece_refuse(&word, "a set's name of at most 31 characters", err);
	if (!set_piece_word(&look, &next))
		return 0;
	e->is_before = set_piece_is(&next, "before");
	e->is_after = set_piece_is(&next, "after");
	if (!e->is_before && !e->is_after)
		return 0;
	if (!set_piece_word(&look, &next) || !set_piece_copy(&next, e->beside, sizeof(e->beside)))
		return set_fail_at(err, next.column, next.len, -EINVAL,
				   "before and after need a set's name");
	*rest = look;
	return 0;
}

static int parse_dims(const struct pktt_set *set, struct set_piece word, struct set_element *e,
		      struct pktt_error *err)
{
	const struct set_type *type = set->type;
	struct set_piece piece, rest = word;
	int r = 0;

	while (r == 0 && set_piece_cut(&rest, ',', &piece)) {
		if (e->dims == type->dims)
			return set_fail_at(err, piece.column, piece.len, -EINVAL,
					   "an element of %s has %u part%s", type->ext.name,
					   type->dims, type->dims > 1 ? "s" : "");
		r = set_range_parse(set, e->dims, piece, &e->range[e->dims], err);
		e->dims++;
	}
	if (r)
		return r;
	if (e->dims < type->dims && !(type->flags & SET_MAC_OPTIONAL))
		return set_fail_at(err, word.column, word.len, -EINVAL,
				   "an element of %s has %u parts, separated by commas",
				   type->ext.name, type->dims);
	if (e->dims == 2 && type->flags & SET_MAC_OPTIONAL) {
		e->attr.has_mac = true;
		memcpy(e->attr.mac, e->range[1].at.mac, sizeof(e->attr.mac));
	}
	return 0;
}

static int parse_carried(const struct pktt_set *set, struct set_piece *rest, struct set_element *e,
			 struct pktt_error *err)
{
	const bool has_mac = e->attr.has_mac;
	const char *start = rest->at + strspn(rest->at, " \t");
	struct set_piece whole = { start, strlen(start),
				   rest->column + (size_t)(start - rest->at) };
	struct pktt_error why = { 0 };
	uint8_t mac[6];
	int r;

	memcpy(mac, e->attr.mac, sizeof(mac));
	if (*start) {
		r = take_options(&set_add_ext, rest, &e->args, &e->exists_too, err);
		if (r)
			return r;
		if (pktt_args_finish(&set_add_ext, PKTT_INET, &e->args, &why) ||
		    check_carried(set, &e->args, &why))
			return fail_option(&whole, &why, err);
	}
	carry(e);
	e->attr.has_mac = has_mac;
	memcpy(e->attr.mac, mac, sizeof(mac));
	return 0;
}

int set_element_parse(const struct pktt_set *set, const char *text, struct set_element *e,
		      struct pktt_error *err)
{
	struct set_piece rest = { text, strlen(text), 0 }, word;
	int r;

	memset(e, 0, sizeof(*e));
	do
		if (!set_piece_word(&rest, &word))
			return set_fail_at(err, 0, 1, -EINVAL, "expected an element of set %s",
					   set->name);
	while (is_exist(&word) && (e->exists_too = true));
	r = set->type->store == SET_LIST ? parse_member(word, &rest, e, err)
					 : parse_dims(set, word, e, err);
	return r ? r : parse_carried(set, &rest, e, err);
}

/* --- Elements one after the other ------------------------------------------------------------ */

/* The longest range from ip on that is a prefix and ends at last or before. */
static uint32_t prefix_from(uint32_t ip, uint32_t last, uint8_t *cidr)
{
	for (*cidr = 0; *cidr < 32; (*cidr)++) {
		uint32_t host = UINT32_MAX >> *cidr;

		if ((ip & host) == 0 && ip + host <= last)
			return ip + host;
	}
	return ip;
}

/*
 * Where networks are elements, a range goes from its first address on by the size of a network, so that
 * the one of its last address may be left out: as ipset has it.
 */
static unsigned int step_shift(const struct pktt_set *set)
{
	if (set->type->store == SET_BITMAP)
		return set->shift;
	return set->args.netmask && set->addr_len == 4 ? 32u - set->args.netmask : 0;
}

static bool is_addresses(const struct pktt_set *set, unsigned int d)
{
	return set->type->part[d] == SET_PART_IP || set->type->part[d] == SET_PART_NET;
}

static bool is_split(const struct pktt_set *set, const struct set_range *r, unsigned int d)
{
	return set->type->part[d] == SET_PART_NET && r->is_range;
}

uint64_t set_element_count(const struct pktt_set *set, const struct set_element *e)
{
	uint64_t n = 1;

	for (unsigned int d = 0; d < e->dims; d++) {
		const struct set_range *r = &e->range[d];
		unsigned int shift = step_shift(set);

		if (!r->is_range)
			continue;
		if (set->type->part[d] == SET_PART_PORT)
			n *= r->port_last - r->at.port + 1u;
		else if (set->type->part[d] == SET_PART_IP)
			n *= ((r->ip_last - r->ip) >> shift) + UINT64_C(1);
	}
	return n;
}

static void dim_first(const struct pktt_set *set, const struct set_range *r, unsigned int d,
		      struct set_dim *dim)
{
	*dim = r->at;
	if (is_split(set, r, d))
		prefix_from(r->ip, r->ip_last, &dim->cidr);
}

static bool address_next(const struct pktt_set *set, const struct set_range *r, unsigned int d,
			 struct set_dim *dim)
{
	uint32_t ip = get_be32(dim->ip), end = ip;

	if (is_split(set, r, d))
		end = prefix_from(ip, r->ip_last, &dim->cidr);
	else
		end = ip + (uint32_t)((UINT64_C(1) << step_shift(set)) - 1);
	if (end >= r->ip_last || end < ip)
		return false;
	put_be32(dim->ip, end + 1);
	if (is_split(set, r, d))
		prefix_from(end + 1, r->ip_last, &dim->cidr);
	return true;
}

static bool dim_next(const struct pktt_set *set, const struct set_range *r, unsigned int d,
		     struct set_dim *dim)
{
	if (!r->is_range)
		return false;
	if (is_addresses(set, d))
		return address_next(set, r, d, dim);
	if (set->type->part[d] != SET_PART_PORT || dim->port == r->port_last)
		return false;
	dim->port++;
	return true;
}

void set_element_first(const struct pktt_set *set, struct set_element *e, struct set_point *point)
{
	for (unsigned int d = 0; d < set->type->dims; d++)
		dim_first(set, &e->range[d], d, &point->dim[d]);
}

bool set_element_next(const struct pktt_set *set, struct set_element *e, struct set_point *point)
{
	for (unsigned int d = set->type->dims; d-- > 0;) {
		if (dim_next(set, &e->range[d], d, &point->dim[d]))
			return true;
		dim_first(set, &e->range[d], d, &point->dim[d]);
	}
	return false;
}

/* --- Printing -------------------------------------------------------------------------------- */

void set_element_print(const struct pktt_set *set, const uint32_t *key, const char *record,
		       struct str *out)
{
	struct set_point point;
	unsigned int dims = set->type->dims;

	set_unpack(set, key, &point);
	if (set->layout.mac != SET_NO_PLACE) {
		const struct set_mac *mac = (const void *)(record + set->layout.mac);

		memcpy(point.dim[1].mac, mac->byte, sizeof(mac->byte));
		dims = mac->is_filled ? 2 : 1;
	}
	for (unsigned int d = 0; d < dims; d++) {
		if (d)
			str_putc(out, ',');
		set_dim_print(set, d, &point.dim[d], out);
	}
}

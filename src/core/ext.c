/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running extensions: what the table declares is done here, once, for all of them - the layer-4
 * header's minimum, plain comparisons of fields - and the function is called for the rest.
 */
#include "core/ext.h"

#include "base/own.h"
#include "core/set_type.h"
#include "desc/args.h"
#include "desc/catalog.h"

#include <errno.h>

/* The linker gathers what PKTT_REGISTER made; a program without extensions has none. */
extern const struct pktt_match *const __start_pktt_matchs[] __attribute__((weak));
extern const struct pktt_match *const __stop_pktt_matchs[] __attribute__((weak));
extern const struct pktt_target *const __start_pktt_targets[] __attribute__((weak));
extern const struct pktt_target *const __stop_pktt_targets[] __attribute__((weak));

int pktt_ext_register_builtin(struct pktt_catalog *cat, struct pktt_error *err)
{
	int r = 0;

	for (const struct pktt_match *const *m = __start_pktt_matchs;
	     r == 0 && m != __stop_pktt_matchs; m++)
		r = pktt_catalog_add(cat, &(*m)->ext, err);
	for (const struct pktt_target *const *t = __start_pktt_targets;
	     r == 0 && t != __stop_pktt_targets; t++)
		r = pktt_catalog_add(cat, &(*t)->ext, err);
	return r ? r : set_type_register(cat, err);
}

static uint64_t field_get(const uint8_t *at, unsigned int size)
{
	uint64_t v = 0;

	while (size-- > 0)
		v = v << 8 | *at++;
	return v;
}

static bool compare(const struct pktt_param *p, const void *val, uint64_t got)
{
	uint64_t a = pktt_part_get(&p->type->part[0], val), b;

	switch (p->type->cmp) {
	case PKTT_CMP_RANGE:
		b = pktt_part_get(&p->type->part[1], val);
		return a <= got && got <= b;
	case PKTT_CMP_MASK:
		b = pktt_part_get(&p->type->part[1], val);
		return (got & b) == a;
	case PKTT_CMP_EQUAL:
		return got == a;
	case PKTT_CMP_NONE:
		break;
	}
	return false;
}

static enum pktt_hit compare_field(const struct pktt_ext *ext, unsigned int n,
				   const struct pktt_packet *pkt, const void *args)
{
	const struct pktt_param *p = &ext->params[n];
	const uint8_t *at = pktt_packet_read(pkt, p->field.layer, p->field.offset, p->field.size);

	if (!at)
		return PKTT_BAD;
	return pktt_test(args, n,
			 compare(p, (const char *)args + p->offset, field_get(at, p->field.size)));
}

/* Offset 8 would overwrite the flags of a TCP header that the first fragment holds in part. */
static bool hides_header(const struct pktt_ext *ext, const struct pktt_packet *pkt)
{
	return ext->flags & PKTT_EXT_FRAG8_BAD && pkt->l3_family == PKTT_IPV4 && pkt->frag_off == 8;
}

enum pktt_hit pktt_match_run(const struct pktt_ext *ext, struct pktt_packet *pkt, const void *args,
			     void *state)
{
	const struct pktt_match *m = pktt_container_of_const(ext, struct pktt_match, ext);
	uint64_t given = ((const struct pktt_args *)args)->given;

	if (ext->l4_min && pktt_packet_is_later_fragment(pkt))
		return hides_header(ext, pkt) ? PKTT_BAD : PKTT_MISS;
	if (ext->l4_min && pktt_packet_length(pkt, PKTT_L4) < ext->l4_min)
		return PKTT_BAD;
	for (; given; given &= given - 1) {
		unsigned int n = (unsigned int)__builtin_ctzll(given);
		enum pktt_hit hit = PKTT_HIT;

		if (ext->params[n].field.layer != PKTT_NO_FIELD)
			hit = compare_field(ext, n, pkt, args);
		if (hit != PKTT_HIT)
			return hit;
	}
	return m->match ? m->match(pkt, args, state) : PKTT_HIT;
}

enum pktt_verdict pktt_target_run(const struct pktt_ext *ext, struct pktt_packet *pkt,
				  const void *args, void *state)
{
	const struct pktt_target *t = pktt_container_of_const(ext, struct pktt_target, ext);

	return t->run(pkt, args, state);
}

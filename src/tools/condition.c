/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/condition.h"

#include "base/own.h"
#include "base/str.h"
#include "core/ext.h"
#include "desc/args.h"

#include <stdlib.h>
#include <string.h>

/* Asking it twice gives the same answer, and changes nothing. */
static bool is_repeatable(const struct pktt_ext *ext)
{
	return ext->state_size == 0 && !ext->setup &&
	       !(ext->reads & (PKTT_READS_RANDOM | PKTT_READS_OWN_STATE)) &&
	       !(ext->flags & (PKTT_EXT_NEEDS_CT | PKTT_EXT_INERT));
}

/* One option of a use alone. The copy of the arguments is shallow: nothing in it is freed. */
static bool holds_alone(const struct pktt_use *use, unsigned int n, struct pktt_packet *pkt)
{
	size_t size = pktt_args_size(use->ext);
	PKTT_AUTO_FREE struct pktt_args *args = malloc(size);

	if (!args)
		return true;
	memcpy(args, use->args, size);
	args->given = UINT64_C(1) << n;
	args->negated &= args->given;
	return pktt_match_run(use->ext, pkt, args, NULL) == PKTT_HIT;
}

static bool holds(const struct pktt_use *use, struct pktt_packet *pkt,
		  const struct pktt_use *missed)
{
	if (!is_repeatable(use->ext))
		return use != missed;
	return pktt_match_run(use->ext, pkt, use->args, NULL) == PKTT_HIT;
}

/* Misses of a use, by its options where one of them alone is to blame. */
static unsigned int use_misses(const struct pktt_use *use, struct pktt_packet *pkt,
			       const struct pktt_use *missed, struct condition *first)
{
	const struct pktt_args *args = use->args;
	unsigned int n = 0;

	if (holds(use, pkt, missed))
		return 0;
	for (unsigned int i = 0; is_repeatable(use->ext) && i < use->ext->nparams; i++) {
		if (!(args->given >> i & 1) || holds_alone(use, i, pkt))
			continue;
		if (n++ == 0)
			*first = (struct condition){ use, i };
	}
	if (n == 0)
		*first = (struct condition){ use, CONDITION_WHOLE };
	return n ? n : 1;
}

unsigned int condition_misses(const struct pktt_rule *rule, struct pktt_packet *pkt,
			      const struct pktt_use *missed, struct condition *ret)
{
	const struct pktt_rule_spec *spec = rule->spec;
	unsigned int total = use_misses(&spec->head, pkt, missed, ret);

	for (unsigned int i = 0; i < spec->nmatches; i++) {
		struct condition c;
		unsigned int n = use_misses(&spec->match[i], pkt, missed, &c);

		if (n && total == 0)
			*ret = c;
		total += n;
	}
	return total;
}

static unsigned int given_count(const struct pktt_use *use)
{
	return (unsigned int)__builtin_popcountll(((const struct pktt_args *)use->args)->given);
}

unsigned int condition_count(const struct pktt_rule *rule)
{
	unsigned int n = given_count(&rule->spec->head);

	for (unsigned int i = 0; i < rule->spec->nmatches; i++)
		n += given_count(&rule->spec->match[i]);
	return n;
}

void condition_print(const struct condition *c, enum pktt_family family, struct str *out)
{
	const struct pktt_param *p;
	struct pktt_context ctx = { NULL, c->use->ext, family };

	if (c->param == CONDITION_WHOLE) {
		str_putf(out, "-m %s ", c->use->ext->name);
		pktt_args_print(c->use->ext, family, c->use->args, out);
		return;
	}
	p = ctx.param = &c->use->ext->params[c->param];
	if (pktt_negated(c->use->args, c->param))
		str_puts(out, "! ");
	if (p->letter)
		str_putf(out, "-%c", p->letter);
	else
		str_putf(out, "--%s", p->name);
	if (!p->type->words || !p->type->print)
		return;
	str_putc(out, ' ');
	p->type->print(&ctx, (const char *)c->use->args + p->offset, out);
}

/* --- What the packet has there ---------------------------------------------------------------- */

/* A value of an option's type that is the packet's, where the header field is declared. */
static bool print_field(const struct pktt_param *p, const struct pktt_packet *pkt, struct str *out)
{
	const uint8_t *at = pktt_packet_read(pkt, p->field.layer, p->field.offset, p->field.size);
	uint32_t v = 0;

	if (p->field.layer == PKTT_NO_FIELD || p->field.size > 4 || !at)
		return false;
	for (unsigned int i = 0; i < p->field.size; i++)
		v = v << 8 | at[i];
	str_putf(out, "%u", v);
	return true;
}

static void print_addr(const struct pktt_addr *addr, struct str *out)
{
	struct pktt_param p = { .name = "address", .type = &pktt_type_addr };
	struct pktt_context ctx = { &p, NULL, addr->len == 4 ? PKTT_IPV4 : PKTT_IPV6 };

	pktt_type_addr.print(&ctx, addr, out);
}

static bool print_proto(const struct pktt_packet *pkt, struct str *out)
{
	struct pktt_param p = { .name = "protocol", .type = &pktt_type_proto };
	struct pktt_context ctx = { &p, NULL, pkt->family };

	if (!pkt->has_l4)
		return false;
	pktt_type_proto.print(&ctx, &pkt->protocol, out);
	return true;
}

/* The plain conditions of IPv4 and IPv6 have letters, and those name their fields. */
static bool print_head(char letter, const struct pktt_packet *pkt, struct str *out)
{
	struct pktt_addr addr;

	switch (letter) {
	case 's':
	case 'd':
		addr = letter == 's' ? pktt_packet_src(pkt) : pktt_packet_dst(pkt);
		if (addr.len)
			print_addr(&addr, out);
		return addr.len > 0;
	case 'i':
		str_puts(out, pkt->in ? pkt->in->name : "none");
		return true;
	case 'o':
		str_puts(out, pkt->out ? pkt->out->name : "none");
		return true;
	case 'p':
		return print_proto(pkt, out);
	default:
		return false;
	}
}

static bool print_value(const struct condition *c, const struct pktt_packet *pkt, struct str *out)
{
	const struct pktt_ext *ext = c->use->ext;

	if (c->param == CONDITION_WHOLE)
		return false;
	if (ext->kind == PKTT_KIND_HEAD)
		return print_head(ext->params[c->param].letter, pkt, out);
	return print_field(&ext->params[c->param], pkt, out);
}

static bool asks_state(const struct condition *c)
{
	return c->param == CONDITION_WHOLE && (strcmp(c->use->ext->name, "conntrack") == 0 ||
					       strcmp(c->use->ext->name, "state") == 0);
}

void condition_print_packet(const struct condition *c, const struct pktt_packet *pkt,
			    struct str *out)
{
	struct str value = STR_INIT;

	if (asks_state(c) && pktt_ct_info_name(pkt->ct_info))
		str_putf(out, "state is %s", pktt_ct_info_name(pkt->ct_info));
	else if (print_value(c, pkt, &value))
		str_putf(out, "%s is %s", c->use->ext->params[c->param].name, str_text(&value));
	str_fini(&value);
}

void condition_print_remedy(const struct condition *c, const struct pktt_packet *pkt,
			    struct str *out)
{
	const struct pktt_param *p;
	struct str value = STR_INIT;

	if (!print_value(c, pkt, &value)) {
		str_fini(&value);
		return;
	}
	p = &c->use->ext->params[c->param];
	if (p->letter)
		str_putf(out, "-%c %s", p->letter, str_text(&value));
	else
		str_putf(out, "--%s %s", p->name, str_text(&value));
	str_fini(&value);
}

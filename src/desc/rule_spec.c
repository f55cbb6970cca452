/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules as descriptions: made, copied, compared and checked as a whole. */
#include "desc/command.h"

#include "base/own.h"
#include "desc/args.h"
#include "desc/catalog.h"
#include "desc/family.h"
#include "desc/rule_protocol.h"

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* --- Names -------------------------------------------------------------------------------- */

int pktt_name_check(const char *what, const char *name, struct pktt_error *err)
{
	size_t len = strlen(name);

	if (len == 0)
		return pktt_fail(err, -EINVAL, "the name of a %s is empty", what);
	if (len >= PKTT_NAME_MAX)
		return pktt_fail(err, -ENAMETOOLONG, "the name of a %s has at most %d characters",
				 what, PKTT_NAME_MAX - 1);
	if (strchr("-!'[:*#", name[0]))
		return pktt_fail(err, -EINVAL, "the name of a %s must not begin with %c", what,
				 name[0]);
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '"' || *c == '\\')
			return pktt_fail(err, -EINVAL,
					 "the name of a %s has no blanks, quotes or backslashes",
					 what);
	return 0;
}

/* --- Life --------------------------------------------------------------------------------- */

/*
 * A rule and its parts come and go together, so they share memory: a piece that suffices for most
 * rules, and more of them for the others. Where addresses are checked each part is a piece of its
 * own, so that what is written behind one is seen.
 */
#ifdef __SANITIZE_ADDRESS__
enum { ROOM_FIRST = 0, ROOM_MORE = 0 };
#else
enum { ROOM_FIRST = 608, ROOM_MORE = 368 };
#endif

struct pktt_rule_room {
	struct pktt_rule_room *older;
	size_t left, size;
	alignas(max_align_t) char bytes[];
};

/* Zeroed memory, from *room or from a new piece before it, of least bytes at least. */
static void *take_room(struct pktt_rule_room **room, size_t size, size_t least)
{
	const size_t unit = alignof(max_align_t);
	struct pktt_rule_room *r = *room;

	size = (size + unit - 1) / unit * unit;
	if (!r || r->left < size) {
		least = least < size ? size : least;
		r = malloc(sizeof(*r) + least);
		if (!r)
			return NULL;
		*r = (struct pktt_rule_room){ *room, least, least };
		*room = r;
	}
	r->left -= size;
	return memset(r->bytes + (r->size - r->left - size), 0, size);
}

static int use_init(struct pktt_rule_spec *rule, struct pktt_use *use, const struct pktt_ext *ext)
{
	void *args = take_room(&rule->room, pktt_args_size(ext), ROOM_MORE);

	if (!args)
		return -ENOMEM;
	*use = (struct pktt_use){ .ext = ext, .args = args };
	return 0;
}

static void use_fini(struct pktt_use *use)
{
	if (use->args)
		pktt_args_fini(use->ext, use->args);
	*use = (struct pktt_use){ 0 };
}

/* A rule with nothing in it, at the start of its memory. */
static struct pktt_rule_spec *spec_alloc(size_t least)
{
	struct pktt_rule_room *room = NULL;
	struct pktt_rule_spec *rule = take_room(&room, sizeof(*rule), least);

	if (rule)
		rule->room = room;
	return rule;
}

int pktt_rule_spec_new(struct pktt_rule_spec **ret, const struct pktt_catalog *cat,
		       enum pktt_family family)
{
	const struct pktt_ext *head = pktt_catalog_head(cat, family);
	PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *rule = NULL;

	if (!head)
		return -EAFNOSUPPORT;
	rule = spec_alloc(ROOM_FIRST);
	if (!rule || use_init(rule, &rule->head, head))
		return -ENOMEM;
	rule->family = family;
	*ret = pktt_take(&rule);
	return 0;
}

void pktt_rule_spec_free(struct pktt_rule_spec **rule)
{
	struct pktt_rule_spec *r = *rule;
	struct pktt_rule_room *room;

	if (!r)
		return;
	for (unsigned int i = 0; i < r->nmatches; i++)
		use_fini(&r->match[i]);
	for (unsigned int i = 0; i < r->ntargets; i++)
		use_fini(&r->target[i]);
	use_fini(&r->head);
	room = r->room; /* the oldest piece holds the rule */
	while (room) {
		struct pktt_rule_room *older = room->older;

		free(room);
		room = older;
	}
	*rule = NULL;
}

/* Room for one more. The capacity is not stored: it is the next power of two. */
static int use_reserve(struct pktt_rule_spec *rule, struct pktt_use **use, unsigned int n)
{
	struct pktt_use *more;

	if (n & (n - 1))
		return 0;
	more = take_room(&rule->room, (n ? 2 * (size_t)n : 1) * sizeof(*more), ROOM_MORE);
	if (!more)
		return -ENOMEM;
	if (n)
		memcpy(more, *use, n * sizeof(*more));
	*use = more;
	return 0;
}

static bool remove_use(struct pktt_use *list, unsigned int *n, const void *args)
{
	for (unsigned int i = 0; i < *n; i++) {
		if (list[i].args != args)
			continue;
		use_fini(&list[i]);
		memmove(&list[i], &list[i + 1], (*n - i - 1) * sizeof(list[0]));
		(*n)--;
		return true;
	}
	return false;
}

/*
 * What it held stays the rule's until the rule goes. An array that is full when its number is a power
 * of two is then made anew, with the same room once more: that loses nothing.
 */
bool pktt_rule_spec_remove(struct pktt_rule_spec *rule, const void *args)
{
	return remove_use(rule->match, &rule->nmatches, args) ||
	       remove_use(rule->target, &rule->ntargets, args);
}

unsigned int pktt_rule_spec_watchers(const struct pktt_rule_spec *rule)
{
	unsigned int n = 0;

	while (n < rule->ntargets && rule->target[n].ext->flags & PKTT_EXT_IMPLICIT)
		n++;
	return n;
}

/* Watchers run before the target, wherever they were written. */
static unsigned int place_for(const struct pktt_rule_spec *rule, const struct pktt_ext *ext)
{
	return ext->flags & PKTT_EXT_IMPLICIT ? pktt_rule_spec_watchers(rule) : rule->ntargets;
}

struct pktt_use *pktt_rule_spec_add(struct pktt_rule_spec *rule, const struct pktt_ext *ext)
{
	bool is_target = ext->kind == PKTT_KIND_TARGET;
	struct pktt_use **list = is_target ? &rule->target : &rule->match;
	unsigned int *n = is_target ? &rule->ntargets : &rule->nmatches;
	unsigned int at = is_target ? place_for(rule, ext) : *n;
	struct pktt_use use;

	if (use_reserve(rule, list, *n) || use_init(rule, &use, ext))
		return NULL;
	memmove(&(*list)[at + 1], &(*list)[at], (*n - at) * sizeof(use));
	(*list)[at] = use;
	(*n)++;
	return &(*list)[at];
}

static int use_copy(struct pktt_rule_spec *rule, const struct pktt_use *from)
{
	struct pktt_use *to = pktt_rule_spec_add(rule, from->ext);

	if (!to)
		return -ENOMEM;
	to->place = from->place;
	return pktt_args_copy(to->ext, to->args, from->args);
}

static int copy_uses(struct pktt_rule_spec *to, const struct pktt_rule_spec *from)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < from->nmatches; i++)
		r = use_copy(to, &from->match[i]);
	for (unsigned int i = 0; r == 0 && i < from->ntargets; i++)
		r = use_copy(to, &from->target[i]);
	return r;
}

int pktt_rule_spec_copy(struct pktt_rule_spec **ret, const struct pktt_rule_spec *rule)
{
	PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *copy = spec_alloc(ROOM_FIRST);
	struct pktt_rule_room *room = copy ? copy->room : NULL;
	int r;

	if (!copy)
		return -ENOMEM;
	*copy = *rule;
	copy->room = room;
	copy->match = copy->target = NULL;
	copy->nmatches = copy->ntargets = 0;
	copy->head = (struct pktt_use){ 0 };
	r = use_init(copy, &copy->head, rule->head.ext);
	if (r)
		return r;
	copy->head.place = rule->head.place;
	r = pktt_args_copy(rule->head.ext, copy->head.args, rule->head.args);
	if (r == 0)
		r = copy_uses(copy, rule);
	if (r == 0)
		*ret = pktt_take(&copy);
	return r;
}

/* --- Comparing ---------------------------------------------------------------------------- */

static bool is_same_use(const struct pktt_use *a, const struct pktt_use *b)
{
	return a->ext == b->ext && pktt_args_equal(a->ext, a->args, b->args);
}

bool pktt_rule_spec_equal(const struct pktt_rule_spec *a, const struct pktt_rule_spec *b)
{
	if (a->family != b->family || a->nmatches != b->nmatches || a->ntargets != b->ntargets)
		return false;
	if (!is_same_use(&a->head, &b->head))
		return false;
	for (unsigned int i = 0; i < a->nmatches; i++)
		if (!is_same_use(&a->match[i], &b->match[i]))
			return false;
	for (unsigned int i = 0; i < a->ntargets; i++)
		if (!is_same_use(&a->target[i], &b->target[i]))
			return false;
	return true;
}

/* --- Checking ----------------------------------------------------------------------------- */

bool pktt_rule_protocol(const struct pktt_rule_spec *rule, uint8_t *ret, bool *is_negated)
{
	const struct pktt_ext *head = rule->head.ext;

	for (unsigned int n = 0; n < head->nparams; n++) {
		const struct pktt_param *p = &head->params[n];

		if (p->type != &pktt_type_proto || p->same_as)
			continue;
		*ret = *((const uint8_t *)rule->head.args + p->offset);
		*is_negated = pktt_negated(rule->head.args, n);
		return pktt_given(rule->head.args, n);
	}
	return false;
}

static bool has_protocol(const uint8_t *l4, uint8_t protocol)
{
	for (size_t i = 0; i < sizeof(((struct pktt_ext *)0)->l4) && l4[i]; i++)
		if (l4[i] == protocol)
			return true;
	return false;
}

/* Which layer-4 protocol a bridge rule means is up to its match for ip or ip6. */
static int check_protocol(const struct pktt_rule_spec *rule, const struct pktt_use *use,
			  struct pktt_error *err)
{
	const struct pktt_ext *ext = use->ext;
	const uint8_t *l4 = ext->l4_for ? ext->l4_for(use->args) : ext->l4;
	bool is_negated = false;
	uint8_t protocol = 0;

	if (!l4[0] || !(PKTT_FAM(rule->family) & PKTT_FAM_IP))
		return 0;
	if (pktt_rule_protocol(rule, &protocol, &is_negated) && !is_negated &&
	    has_protocol(l4, protocol))
		return 0;
	return pktt_fail(err, -EINVAL, "%s %s needs -p %s, without !",
			 ext->kind == PKTT_KIND_TARGET ? "target" : "match", ext->name,
			 pktt_protocol_match(l4[0]) ? pktt_protocol_match(l4[0]) : "PROTOCOL");
}

static int check_family(const struct pktt_rule_spec *rule, const struct pktt_ext *ext,
			struct pktt_error *err)
{
	uint32_t both = PKTT_FAM_V4 | PKTT_FAM_V6;

	if (!ext->families || ext->families & PKTT_FAM(rule->family))
		return 0;
	if (rule->family == PKTT_INET && (ext->families & both) == both)
		return 0;
	return pktt_fail(err, -EINVAL, "%s is not for family %s", ext->name,
			 pktt_family_name(rule->family));
}

static int use_finish(const struct pktt_rule_spec *rule, struct pktt_use *use,
		      struct pktt_error *err)
{
	int r;

	if (err)
		err->place = use->place;
	r = check_family(rule, use->ext, err);
	if (r == 0)
		r = pktt_args_finish(use->ext, rule->family, use->args, err);
	if (r == 0)
		r = check_protocol(rule, use, err);
	if (r == 0 && use->ext->flags & PKTT_EXT_JUMP)
		r = pktt_name_check("chain", ((struct pktt_jump_args *)use->args)->chain, err);
	return r;
}

/* What a use needs of the rest of the rule, now that all of it is finished. */
static int check_whole(const struct pktt_rule_spec *rule, const struct pktt_use *use,
		       struct pktt_error *err)
{
	if (!use->ext->check_rule)
		return 0;
	if (err)
		err->place = use->place;
	return use->ext->check_rule(rule, use->args, err);
}

int pktt_rule_spec_finish(struct pktt_rule_spec *rule, struct pktt_error *err)
{
	int r;

	if (rule->name[0] && pktt_name_check("rule", rule->name, err))
		return -EINVAL;
	r = use_finish(rule, &rule->head, err);
	for (unsigned int i = 0; r == 0 && i < rule->nmatches; i++)
		r = use_finish(rule, &rule->match[i], err);
	for (unsigned int i = 0; r == 0 && i < rule->ntargets; i++)
		r = use_finish(rule, &rule->target[i], err);
	for (unsigned int i = 0; r == 0 && i < rule->nmatches; i++)
		r = check_whole(rule, &rule->match[i], err);
	for (unsigned int i = 0; r == 0 && i < rule->ntargets; i++)
		r = check_whole(rule, &rule->target[i], err);
	return r;
}

/* --- What iptables can express ------------------------------------------------------------ */

#define IPTABLES_CHAIN_MAX 28

static int check_iptables_target(const struct pktt_use *use, struct pktt_error *err)
{
	const struct pktt_jump_args *jump = use->args;

	if (!(use->ext->flags & PKTT_EXT_JUMP) || strlen(jump->chain) <= IPTABLES_CHAIN_MAX)
		return 0;
	return pktt_fail(err, -ENOTSUP, "iptables has no chain names longer than %d characters: %s",
			 IPTABLES_CHAIN_MAX, jump->chain);
}

int pktt_rule_spec_is_iptables(const struct pktt_rule_spec *rule, struct pktt_error *err)
{
	unsigned int watchers = pktt_rule_spec_watchers(rule);

	if (rule->family == PKTT_INET)
		return pktt_fail(err, -ENOTSUP, "iptables has no rules for family inet");
	if (rule->ntargets - watchers > 1)
		return pktt_fail(err, -ENOTSUP, "iptables has one target a rule, not %u",
				 rule->ntargets - watchers);
	if (rule->name[0])
		return pktt_fail(err, -ENOTSUP, "iptables has no names for rules (%s)", rule->name);
	if (watchers == rule->ntargets)
		return 0;
	return check_iptables_target(&rule->target[watchers], err);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one head, match or target of a rule is set to.
 *
 * Text goes the way of a command line (desc/args.h). Numbers and bytes go straight into the parts of the
 * value, which its type declares; the rule's check judges them, as it judges all that was set.
 */
#include "libpkttnetlink/private.h"

#include "base/own.h"
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/catalog.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))

/* One option of a use, seen through the parameter that stores it. */
struct value {
	struct pktt_context ctx;
	unsigned int option; /* as it was named */
	unsigned int n;	     /* that stores it */
	void *val;
};

/* --- Uses of a rule ------------------------------------------------------------------------------- */

static struct pkttnl_use *use_of(struct pkttnl_rule *rule, const struct pktt_use *of)
{
	struct pkttnl_use *use;

	for (use = rule->uses; use; use = use->next)
		if (use->args == of->args)
			return use;
	use = calloc(1, sizeof(*use));
	if (!use)
		return NULL;
	*use = (struct pkttnl_use){ rule->uses, rule, of->ext, of->args };
	rule->uses = use;
	return use;
}

unsigned int pkttnl_rule_uses(const struct pkttnl_rule *rule, enum pkttnl_kind kind)
{
	if (kind == PKTTNL_MATCH)
		return rule->spec->nmatches;
	if (kind == PKTTNL_TARGET)
		return rule->spec->ntargets;
	return kind == PKTTNL_HEAD ? 1 : 0;
}

struct pkttnl_use *pkttnl_rule_use(struct pkttnl_rule *rule, enum pkttnl_kind kind,
				   unsigned int index)
{
	if (index >= pkttnl_rule_uses(rule, kind))
		return NULL;
	if (kind == PKTTNL_HEAD)
		return use_of(rule, &rule->spec->head);
	return use_of(rule, kind == PKTTNL_MATCH ? &rule->spec->match[index]
						 : &rule->spec->target[index]);
}

static int fail_ext(const struct pkttnl_rule *rule, enum pkttnl_kind kind, const char *name,
		    struct pkttnl_error *err)
{
	const char *meant = pktt_catalog_suggest(rule->cat->desc, (enum pktt_ext_kind)kind, name,
						 rule->spec->family);
	const char *what = kind == PKTTNL_MATCH ? "match" : "target";

	if (meant)
		return pkttnl_fail(err, -ENOENT, "there is no %s %.60s; did you mean %s?", what,
				   name, meant);
	return pkttnl_fail(err, -ENOENT, "there is no %s %.60s", what, name);
}

int pkttnl_rule_add(struct pkttnl_use **ret, struct pkttnl_rule *rule, enum pkttnl_kind kind,
		    const char *name, struct pkttnl_error *err)
{
	const struct pktt_ext *ext;
	struct pkttnl_use *use;
	struct pktt_use *added;

	if (kind != PKTTNL_MATCH && kind != PKTTNL_TARGET)
		return pkttnl_fail(err, -EINVAL, "a rule takes matches and targets");
	ext = pktt_catalog_lookup(rule->cat->desc, (enum pktt_ext_kind)kind, name,
				  rule->spec->family);
	if (!ext)
		return fail_ext(rule, kind, name, err);
	added = pktt_rule_spec_add(rule->spec, ext);
	use = added ? use_of(rule, added) : NULL;
	if (!use)
		return pkttnl_no_memory(err);
	if (ret)
		*ret = use;
	return 0;
}

static bool take_out(struct pktt_use *list, unsigned int *n, const void *args)
{
	for (unsigned int i = 0; i < *n; i++) {
		if (list[i].args != args)
			continue;
		pktt_args_fini(list[i].ext, list[i].args);
		free(list[i].args);
		memmove(&list[i], &list[i + 1], (*n - i - 1) * sizeof(list[0]));
		(*n)--;
		return true;
	}
	return false;
}

/*
 * The spec's arrays have room for the next power of two and are enlarged when their number is one: after
 * a removal they would be enlarged to the same room once more, which loses nothing.
 */
void pkttnl_use_remove(struct pkttnl_use **use)
{
	struct pkttnl_use *u = pktt_take(use), **at;
	struct pktt_rule_spec *spec = u->rule->spec;

	if (!take_out(spec->match, &spec->nmatches, u->args) &&
	    !take_out(spec->target, &spec->ntargets, u->args))
		return; /* the head stays */
	for (at = &u->rule->uses; *at != u;)
		at = &(*at)->next;
	*at = u->next;
	free(u);
}

const struct pkttnl_ext *pkttnl_use_ext(const struct pkttnl_use *use)
{
	return pkttnl_catalog_wrapped(use->rule->cat, use->ext);
}

/* --- One option ------------------------------------------------------------------------------------- */

static bool find_value(const struct pkttnl_use *use, const char *param, struct value *ret)
{
	enum pktt_family family = use->rule->spec->family;

	if (pktt_args_lookup(use->ext, family, param, strlen(param), &ret->option))
		return false;
	ret->n = pktt_param_real(use->ext, ret->option);
	ret->ctx = (struct pktt_context){ &use->ext->params[ret->n], use->ext, family };
	ret->val = (char *)use->args + ret->ctx.param->offset;
	return true;
}

static int need_value(const struct pkttnl_use *use, const char *param, struct value *ret,
		      struct pkttnl_error *err)
{
	const char *meant;

	if (find_value(use, param, ret))
		return 0;
	meant = pktt_args_suggest(use->ext, use->rule->spec->family, param);
	if (meant)
		return pkttnl_fail(err, -ENOENT, "%s has no option --%.60s; did you mean --%s?",
				   use->ext->name, param, meant);
	return pkttnl_fail(err, -ENOENT, "%s has no option --%.60s", use->ext->name, param);
}

bool pkttnl_use_has(const struct pkttnl_use *use, const char *param)
{
	struct value v;

	return find_value(use, param, &v) && pktt_given(use->args, v.n);
}

bool pkttnl_use_is_not(const struct pkttnl_use *use, const char *param)
{
	struct value v;

	return find_value(use, param, &v) && pktt_given(use->args, v.n) &&
	       pktt_negated(use->args, v.n);
}

static void forget(struct pkttnl_use *use, const struct value *v)
{
	struct pktt_args *head = use->args;

	pktt_args_value_reset(v->ctx.param, v->val);
	head->given &= ~BIT(v->n);
	head->negated &= ~BIT(v->n);
}

int pkttnl_use_unset(struct pkttnl_use *use, const char *param, struct pkttnl_error *err)
{
	struct value v;
	int r = need_value(use, param, &v, err);

	if (r == 0)
		forget(use, &v);
	return r;
}

int pkttnl_use_set_not(struct pkttnl_use *use, const char *param, bool is_not,
		       struct pkttnl_error *err)
{
	struct pktt_args *head = use->args;
	struct value v;
	int r = need_value(use, param, &v, err);

	if (r)
		return r;
	if (!pktt_given(use->args, v.n))
		return pkttnl_fail(err, -ENOENT, "--%.60s was not given", param);
	if (is_not && !(v.ctx.param->flags & PKTT_NEGATABLE))
		return pkttnl_fail(err, -EINVAL, "\"!\" does not apply to --%.60s", param);
	head->negated = is_not ? head->negated | BIT(v.n) : head->negated & ~BIT(v.n);
	return 0;
}

/* --- Text -------------------------------------------------------------------------------------------- */

/* The words of a value, in copy, which is the caller's to free. */
static int split(const struct pkttnl_use *use, unsigned int option, const char *value,
		 const char *word[PKTT_WORDS_MAX], char **copy)
{
	unsigned int words = pktt_args_words(use->ext, option);

	if (words == 0)
		return value && *value ? -EINVAL : 0;
	if (!value)
		return -EINVAL;
	word[0] = value;
	if (words == 1)
		return 0;
	*copy = strdup(value);
	if (!*copy)
		return -ENOMEM;
	return pktt_words_split(*copy, word, PKTT_WORDS_MAX) == (int)words ? 0 : -EINVAL;
}

static int fail_words(const struct pkttnl_use *use, const struct value *v, const char *param,
		      struct pkttnl_error *err)
{
	const struct pktt_param *p = &use->ext->params[v->option];
	const struct pktt_type *type = p->type ? p->type : v->ctx.param->type;

	if (pktt_args_words(use->ext, v->option) == 0)
		return pkttnl_fail(err, -EINVAL, "--%.60s takes no value", param);
	return pkttnl_fail(err, -EINVAL, "--%.60s takes %s", param, type->syntax);
}

static int set_text(struct pkttnl_use *use, const char *param, const char *value, bool is_not,
		    struct pkttnl_error *err)
{
	const char *word[PKTT_WORDS_MAX] = { NULL, NULL };
	PKTT_AUTO_FREE char *copy = NULL;
	struct pktt_error e = { 0 };
	struct value v;
	int r = need_value(use, param, &v, err);

	if (r)
		return r;
	r = split(use, v.option, value, word, &copy);
	if (r == -ENOMEM)
		return pkttnl_no_memory(err);
	if (r)
		return fail_words(use, &v, param, err);
	if (pktt_args_in_group(use->ext, use->args, v.option) == v.option)
		((struct pktt_args *)use->args)->given &= ~BIT(v.n);
	r = pktt_args_take(use->ext, v.ctx.family, use->args, v.option, is_not, word, &e);
	return pkttnl_told(err, &e, r);
}

int pkttnl_use_set(struct pkttnl_use *use, const char *param, const char *value,
		   struct pkttnl_error *err)
{
	return set_text(use, param, value, false, err);
}

/* The last use of that name, a match before a target; added where there is none. */
static int use_named(struct pkttnl_rule *rule, const char *ext, struct pkttnl_use **ret,
		     struct pkttnl_error *err)
{
	static const enum pkttnl_kind kinds[] = { PKTTNL_MATCH, PKTTNL_TARGET };
	enum pkttnl_kind missing = PKTTNL_MATCH;
	const struct pktt_ext *found = NULL;

	for (size_t k = pktt_countof(kinds); k-- > 0;) {
		const struct pktt_ext *e = pktt_catalog_lookup(
			rule->cat->desc, (enum pktt_ext_kind)kinds[k], ext, rule->spec->family);

		if (e) {
			found = e;
			missing = kinds[k];
		}
	}
	for (unsigned int i = pkttnl_rule_uses(rule, missing); found && i-- > 0;) {
		*ret = pkttnl_rule_use(rule, missing, i);
		if (*ret && (*ret)->ext == found)
			return 0;
	}
	return pkttnl_rule_add(ret, rule, missing, ext, err);
}

static int set_by_name(struct pkttnl_rule *rule, const char *ext, const char *param,
		       const char *value, bool is_not, struct pkttnl_error *err)
{
	struct pkttnl_use *use = NULL;
	int r = 0;

	if (ext)
		r = use_named(rule, ext, &use, err);
	else
		use = pkttnl_rule_use(rule, PKTTNL_HEAD, 0);
	if (r)
		return r;
	if (!use)
		return pkttnl_no_memory(err);
	return set_text(use, param, value, is_not, err);
}

int pkttnl_rule_set(struct pkttnl_rule *rule, const char *ext, const char *param, const char *value,
		    struct pkttnl_error *err)
{
	return set_by_name(rule, ext, param, value, false, err);
}

int pkttnl_rule_set_not(struct pkttnl_rule *rule, const char *ext, const char *param,
			const char *value, struct pkttnl_error *err)
{
	return set_by_name(rule, ext, param, value, true, err);
}

int pkttnl_rule_target(struct pkttnl_rule *rule, const char *name, struct pkttnl_error *err)
{
	return pkttnl_rule_add(NULL, rule, PKTTNL_TARGET, name, err);
}

int pkttnl_rule_jump(struct pkttnl_rule *rule, const char *chain, bool is_goto,
		     struct pkttnl_error *err)
{
	struct pkttnl_use *use = NULL;
	int r = pkttnl_rule_add(&use, rule, PKTTNL_TARGET, "jump", err);

	if (r == 0)
		r = pkttnl_use_set(use, "chain", chain, err);
	if (r == 0 && is_goto)
		r = pkttnl_use_set(use, "goto", NULL, err);
	if (r && use)
		pkttnl_use_remove(&use);
	return r;
}

int pkttnl_use_text(const struct pkttnl_use *use, const char *param, char *buf, size_t room)
{
	struct str text = STR_INIT;
	struct value v;

	if (!find_value(use, param, &v))
		return -ENOENT;
	if (!pktt_given(use->args, v.n) && !v.ctx.param->def)
		return -ENOENT;
	pktt_args_value_text(&v.ctx, v.val, &text);
	return pkttnl_text_out(&text, buf, room);
}

/* --- Numbers and bytes --------------------------------------------------------------------------------- */

static bool is_named(const struct pktt_part *part, const char *name)
{
	return !name || strcmp(part->name, name) == 0;
}

static bool is_number(const struct pktt_part *part)
{
	return part->kind == PKTT_PART_UINT || part->kind == PKTT_PART_INT ||
	       part->kind == PKTT_PART_BOOL;
}

/* Whether v can be kept in the part. An INT takes what a cast of a negative number gives. */
static bool fits(const struct pktt_part *part, uint64_t v)
{
	unsigned int bits = part->size < 8 ? 8u * part->size : 64;

	if (part->kind == PKTT_PART_BOOL)
		return v <= 1;
	if (part->kind == PKTT_PART_UINT)
		return bits == 64 || v >> bits == 0;
	return bits == 64 || (v + (UINT64_C(1) << (bits - 1))) >> bits == 0;
}

/* The element to write to; one more than there are appends. NULL: there is no such place. */
static void *element_for(const struct value *v, unsigned int at)
{
	const struct pktt_type *type = v->ctx.param->type;
	unsigned int count = pktt_args_value_count(type, v->val);
	uint16_t more = (uint16_t)(at + 1);

	if (!type->list_max)
		return at == 0 ? v->val : NULL;
	if (at > count || at >= type->list_max || type->fini)
		return NULL;
	if (at == count) {
		memset(pktt_args_value_slot(type, v->val, at), 0, type->list_stride);
		memcpy(v->val, &more, sizeof(more));
	}
	return pktt_args_value_slot(type, v->val, at);
}

static const void *element_at(const struct value *v, unsigned int at)
{
	const struct pktt_type *type = v->ctx.param->type;

	if (type->fini || at >= pktt_args_value_count(type, v->val))
		return NULL;
	return pktt_args_value_element(type, v->val, at);
}

/*
 * What a part becomes when the value is set as a whole: both ends of a range, a value under a full
 * mask. False: it is left as it is.
 */
static bool whole_value(const struct pktt_part *part, uint64_t *value)
{
	if (part->kind == PKTT_PART_BOOL && part->name[0])
		return false;
	if (strcmp(part->name, "mask") == 0)
		*value = UINT64_MAX >> (64 - 8 * part->size);
	return true;
}

static bool is_whole(const struct pktt_part *part)
{
	static const char *const name[] = { "", "min", "max", "value", "mask" };

	for (size_t i = 0; i < pktt_countof(name); i++)
		if (strcmp(part->name, name[i]) == 0)
			return true;
	return part->kind == PKTT_PART_BOOL;
}

/* The numbers of that name, all of which must take the value; without a name there is one meaning. */
static int check_number(const struct value *v, const char *name, const char *part, uint64_t value,
			struct pkttnl_error *err)
{
	const struct pktt_part *p = v->ctx.param->type->part;
	int n = 0;

	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p[i].kind; i++) {
		if (!is_named(&p[i], part) || !is_number(&p[i]))
			continue;
		if (!part && !is_whole(&p[i]))
			return pkttnl_fail(err, -EINVAL, "--%.60s is no single number: which part?",
					   name);
		if (!fits(&p[i], value))
			return pkttnl_fail(err, -ERANGE, "--%.60s: %" PRIu64 " does not fit", name,
					   value);
		n++;
	}
	if (n == 0)
		return pkttnl_fail(err, part ? -ENOENT : -EINVAL, "--%.60s has no number%s%.30s",
				   name, part ? " " : "", part ? part : "");
	return 0;
}

static void put_numbers(const struct value *v, const char *part, void *element, uint64_t value)
{
	const struct pktt_part *p = v->ctx.param->type->part;

	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p[i].kind; i++) {
		uint64_t put = value;

		if (!is_named(&p[i], part) || !is_number(&p[i]))
			continue;
		if (part || whole_value(&p[i], &put))
			pktt_part_put(&p[i], element, put);
	}
}

static void given(struct pkttnl_use *use, const struct value *v)
{
	struct pktt_args *head = use->args;

	if (!(head->given & BIT(v->n)))
		head->negated &= ~BIT(v->n);
	head->given |= BIT(v->n);
}

/* A default that the check has filled in is no beginning of a list. */
static void start_anew(struct pkttnl_use *use, const struct value *v)
{
	if (!pktt_given(use->args, v->n))
		pktt_args_value_reset(v->ctx.param, v->val);
}

static int fail_element(const char *param, unsigned int at, struct pkttnl_error *err)
{
	return pkttnl_fail(err, -ENOENT, "--%.60s has no element %u", param, at);
}

int pkttnl_use_set_u64(struct pkttnl_use *use, const char *param, const char *part, unsigned int at,
		       uint64_t value, struct pkttnl_error *err)
{
	struct value v;
	void *element;
	int r = need_value(use, param, &v, err);

	if (r == 0 && v.option != v.n)
		r = pkttnl_fail(err, -EINVAL, "--%.60s takes text only", param);
	if (r == 0)
		r = check_number(&v, param, part, value, err);
	if (r)
		return r;
	start_anew(use, &v);
	element = element_for(&v, at);
	if (!element)
		return fail_element(param, at, err);
	put_numbers(&v, part, element, value);
	given(use, &v);
	return 0;
}

int pkttnl_use_set_flag(struct pkttnl_use *use, const char *param, bool value,
			struct pkttnl_error *err)
{
	return value ? set_text(use, param, NULL, false, err) : pkttnl_use_unset(use, param, err);
}

/* A pattern or another string of bytes is a list whose elements are the bytes. */
static int put_list(const struct value *v, const void *bytes, size_t len)
{
	const struct pktt_type *type = v->ctx.param->type;
	uint16_t count = (uint16_t)len;

	if (len > type->list_max)
		return -ERANGE;
	pktt_args_value_reset(v->ctx.param, v->val);
	memcpy(v->val, &count, sizeof(count));
	if (len)
		memcpy(pktt_args_value_slot(type, v->val, 0), bytes, len);
	return 0;
}

static int put_bytes(const struct value *v, const struct pktt_part *part, void *element,
		     const void *bytes, size_t len)
{
	size_t size = pktt_part_size(v->ctx.param, part);
	char *at = (char *)element + part->offset;
	struct pktt_addr addr = { .len = (uint8_t)len };

	if (part->kind == PKTT_PART_ADDR) {
		if (len != 4 && len != 16)
			return -ERANGE;
		memcpy(addr.byte, bytes, len);
		memcpy(at, &addr, sizeof(addr));
	} else if (part->kind == PKTT_PART_BYTES) {
		if (len != size)
			return -ERANGE;
		memcpy(at, bytes, len);
	} else if (part->kind == PKTT_PART_TEXT) {
		if (len >= size || memchr(bytes, '\0', len))
			return -ERANGE;
		memset(at, 0, size);
		memcpy(at, bytes, len);
	} else {
		return 0;
	}
	return 1;
}

/* The mask of an address or MAC address that was set as a whole is full. */
static void fill_mask(const struct value *v, const struct pktt_part *part, void *element,
		      size_t len)
{
	char *at = (char *)element + part->offset;
	struct pktt_addr full = { .len = (uint8_t)len };

	if (part->kind == PKTT_PART_ADDR) {
		memset(full.byte, 0xff, len);
		memcpy(at, &full, sizeof(full));
	} else if (part->kind == PKTT_PART_BYTES) {
		memset(at, 0xff, pktt_part_size(v->ctx.param, part));
	}
}

static int put_parts(const struct value *v, const char *name, void *element, const void *bytes,
		     size_t len)
{
	const struct pktt_part *p = v->ctx.param->type->part;
	int r, n = 0;

	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p[i].kind; i++) {
		if (!name && strcmp(p[i].name, "mask") == 0) {
			fill_mask(v, &p[i], element, len);
			continue;
		}
		if (!is_named(&p[i], name))
			continue;
		r = put_bytes(v, &p[i], element, bytes, len);
		if (r < 0)
			return r;
		n += r;
	}
	return n ? 0 : name ? -ENOENT : -EINVAL;
}

int pkttnl_use_set_bytes(struct pkttnl_use *use, const char *param, const char *part,
			 unsigned int at, const void *bytes, size_t len, struct pkttnl_error *err)
{
	struct value v;
	void *element;
	int r = need_value(use, param, &v, err);

	if (r == 0 && v.option != v.n)
		r = pkttnl_fail(err, -EINVAL, "--%.60s takes text only", param);
	if (r)
		return r;
	start_anew(use, &v);
	if (!part && pktt_args_value_is_bytes(v.ctx.param->type)) {
		r = put_list(&v, bytes, len);
	} else {
		element = element_for(&v, at);
		if (!element)
			return fail_element(param, at, err);
		r = put_parts(&v, part, element, bytes, len);
	}
	if (r)
		return pkttnl_fail(err, r, "--%.60s does not take these %zu bytes", param, len);
	given(use, &v);
	return 0;
}

int pkttnl_use_count(const struct pkttnl_use *use, const char *param)
{
	struct value v;

	if (!find_value(use, param, &v) || (!pktt_given(use->args, v.n) && !v.ctx.param->def))
		return -ENOENT;
	if (pktt_args_value_is_bytes(v.ctx.param->type))
		return 1;
	return (int)pktt_args_value_count(v.ctx.param->type, v.val);
}

/* The part of that name, or the first that fits() what is asked. */
static const struct pktt_part *find_part(const struct value *v, const char *name, bool number)
{
	const struct pktt_part *p = v->ctx.param->type->part;

	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p[i].kind; i++)
		if (is_named(&p[i], name) && is_number(&p[i]) == number)
			return &p[i];
	return NULL;
}

int pkttnl_use_u64(const struct pkttnl_use *use, const char *param, const char *part,
		   unsigned int at, uint64_t *ret)
{
	const struct pktt_part *p;
	const void *element;
	struct value v;

	if (!find_value(use, param, &v) || (!pktt_given(use->args, v.n) && !v.ctx.param->def))
		return -ENOENT;
	p = find_part(&v, part, true);
	if (!p)
		return -EINVAL;
	element = element_at(&v, at);
	if (!element)
		return -ENOENT;
	*ret = pktt_part_get(p, element);
	return 0;
}

static int copy_out(const void *from, size_t len, void *buf, size_t room)
{
	if (room)
		memcpy(buf, from, len < room ? len : room);
	return (int)len;
}

int pkttnl_use_bytes(const struct pkttnl_use *use, const char *param, const char *part,
		     unsigned int at, void *buf, size_t room)
{
	const struct pktt_part *p;
	const char *element;
	struct pktt_addr addr;
	struct value v;

	if (!find_value(use, param, &v) || (!pktt_given(use->args, v.n) && !v.ctx.param->def))
		return -ENOENT;
	if (!part && pktt_args_value_is_bytes(v.ctx.param->type))
		return copy_out(pktt_args_value_element(v.ctx.param->type, v.val, 0),
				pktt_args_value_count(v.ctx.param->type, v.val), buf, room);
	p = find_part(&v, part, false);
	if (!p)
		return -EINVAL;
	element = element_at(&v, at);
	if (!element)
		return -ENOENT;
	if (p->kind == PKTT_PART_ADDR) {
		memcpy(&addr, element + p->offset, sizeof(addr));
		return copy_out(addr.byte, addr.len, buf, room);
	}
	if (p->kind == PKTT_PART_TEXT)
		return copy_out(element + p->offset,
				strnlen(element + p->offset, pktt_part_size(v.ctx.param, p)), buf,
				room);
	return copy_out(element + p->offset, p->size, buf, room);
}

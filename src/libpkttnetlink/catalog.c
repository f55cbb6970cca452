/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Catalogs and what they say of extensions.
 *
 * Synchronization: a catalog is constant after it was made; references are counted atomically, so that
 * threads may share one.
 */
#include "libpkttnetlink/private.h"

#include "base/json.h"
#include "base/own.h"
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/catalog.h"
#include "desc/describe.h"
#include "desc/describe_own.h"
#include "desc/family.h"

#include <errno.h>
#include <string.h>

/* The public numbers are the language's. */
#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #ours)
SAME(PKTTNL_IPV4, PKTT_IPV4);
SAME(PKTTNL_IPV6, PKTT_IPV6);
SAME(PKTTNL_INET, PKTT_INET);
SAME(PKTTNL_ARP, PKTT_ARP);
SAME(PKTTNL_BRIDGE, PKTT_BRIDGE);
SAME(PKTTNL_HEAD, PKTT_KIND_HEAD);
SAME(PKTTNL_MATCH, PKTT_KIND_MATCH);
SAME(PKTTNL_TARGET, PKTT_KIND_TARGET);
SAME(PKTTNL_SET, PKTT_KIND_SET);
SAME(PKTTNL_CONTINUE, PKTT_CONTINUE);
SAME(PKTTNL_ACCEPT, PKTT_ACCEPT);
SAME(PKTTNL_DROP, PKTT_DROP);
SAME(PKTTNL_REJECT, PKTT_REJECT);
SAME(PKTTNL_STOLEN, PKTT_STOLEN);
SAME(PKTTNL_QUEUE, PKTT_QUEUE);
SAME(PKTTNL_REPEAT, PKTT_REPEAT);
SAME(PKTTNL_RETURN, PKTT_RETURN);
#undef SAME

const char *pkttnl_family_name(int family)
{
	if (family < 0 || family >= PKTT_FAMILY_COUNT)
		return NULL;
	return pktt_family_name((enum pktt_family)family);
}

int pkttnl_family_lookup(const char *name)
{
	enum pktt_family family;

	return pktt_family_parse(name, &family) ? -EINVAL : (int)family;
}

const char *pkttnl_verdict_name(uint32_t verdict)
{
	static const char *const name[] = {
		[PKTT_CONTINUE] = "CONTINUE", [PKTT_ACCEPT] = "ACCEPT", [PKTT_DROP] = "DROP",
		[PKTT_REJECT] = "REJECT",     [PKTT_STOLEN] = "STOLEN", [PKTT_QUEUE] = "QUEUE",
		[PKTT_REPEAT] = "REPEAT",     [PKTT_RETURN] = "RETURN",
	};

	return verdict < pktt_countof(name) ? name[verdict] : NULL;
}

/* --- Life ------------------------------------------------------------------------------------- */

static void catalog_free(struct pkttnl_catalog *cat)
{
	for (size_t i = 0; i < cat->next; i++)
		free(cat->ext[i].param);
	free(cat->ext);
	free(cat->version);
	if (cat->free_owner)
		cat->free_owner(cat->owner);
	free(cat);
}

static int wrap_params(struct pkttnl_ext *ext)
{
	ext->param = calloc(ext->ext->nparams + 1u, sizeof(*ext->param));
	if (!ext->param)
		return -ENOMEM;
	for (unsigned int n = 0; n < ext->ext->nparams; n++)
		ext->param[n] = (struct pkttnl_param){ ext->ext, n };
	return 0;
}

static int wrap_all(struct pkttnl_catalog *cat)
{
	size_t count = 0;

	while (pktt_catalog_at(cat->desc, count))
		count++;
	cat->ext = calloc(count + 1, sizeof(*cat->ext));
	if (!cat->ext)
		return -ENOMEM;
	for (; cat->next < count; cat->next++) {
		cat->ext[cat->next].ext = pktt_catalog_at(cat->desc, cat->next);
		if (wrap_params(&cat->ext[cat->next]))
			return -ENOMEM;
	}
	return 0;
}

int pkttnl_catalog_new(struct pkttnl_catalog **ret, const struct pktt_catalog *desc,
		       const char *version, void *owner, void (*free_owner)(void *owner))
{
	struct pkttnl_catalog *cat = calloc(1, sizeof(*cat));

	if (!cat) {
		if (free_owner)
			free_owner(owner);
		return -ENOMEM;
	}
	cat->references = 1;
	cat->desc = desc;
	cat->owner = owner;
	cat->free_owner = free_owner;
	cat->version = strdup(version);
	if (!cat->version || wrap_all(cat)) {
		catalog_free(cat);
		return -ENOMEM;
	}
	*ret = cat;
	return 0;
}

int pkttnl_catalog_of(struct pkttnl_catalog **ret, const struct pktt_catalog *desc,
		      const char *version)
{
	return pkttnl_catalog_new(ret, desc, version, NULL, NULL);
}

struct pkttnl_catalog *pkttnl_catalog_hold(struct pkttnl_catalog *cat)
{
	atomic_fetch_add_explicit(&cat->references, 1, memory_order_relaxed);
	return cat;
}

void pkttnl_catalog_put(struct pkttnl_catalog **cat)
{
	struct pkttnl_catalog *c = pktt_take(cat);

	if (c && atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) == 1)
		catalog_free(c);
}

const char *pkttnl_catalog_version(const struct pkttnl_catalog *cat)
{
	return cat->version;
}

const struct pktt_catalog *pkttnl_catalog_desc(const struct pkttnl_catalog *cat)
{
	return cat->desc;
}

int pkttnl_catalog_schema(const struct pkttnl_catalog *cat, char *buf, size_t room)
{
	struct str text = STR_INIT;

	pktt_schema_print(cat->desc, &text);
	return pkttnl_text_out(&text, buf, room);
}

/* --- Extensions ------------------------------------------------------------------------------- */

const struct pktt_ext *pkttnl_ext_desc(const struct pkttnl_ext *ext)
{
	return ext->ext;
}

const struct pkttnl_ext *pkttnl_catalog_wrapped(const struct pkttnl_catalog *cat,
						const struct pktt_ext *ext)
{
	for (size_t i = 0; i < cat->next; i++)
		if (cat->ext[i].ext == ext)
			return &cat->ext[i];
	return NULL;
}

const struct pkttnl_ext *pkttnl_ext_next(const struct pkttnl_catalog *cat,
					 const struct pkttnl_ext *after)
{
	size_t at = after ? (size_t)(after - cat->ext) + 1 : 0;

	return at < cat->next ? &cat->ext[at] : NULL;
}

static bool is_family(int family)
{
	return family >= 0 && family < PKTT_FAMILY_COUNT;
}

const struct pkttnl_ext *pkttnl_ext_lookup(const struct pkttnl_catalog *cat, enum pkttnl_kind kind,
					   const char *name, enum pkttnl_family family)
{
	const struct pktt_ext *ext = NULL;

	for (int f = 0; !ext && f < PKTT_FAMILY_COUNT; f++) {
		if (family != PKTTNL_ANY_FAMILY && f != (int)family)
			continue;
		if (kind == PKTTNL_HEAD && is_family((int)family))
			ext = pktt_catalog_head(cat->desc, (enum pktt_family)f);
		else
			ext = pktt_catalog_lookup(cat->desc, (enum pktt_ext_kind)kind, name,
						  (enum pktt_family)f);
	}
	return ext ? pkttnl_catalog_wrapped(cat, ext) : NULL;
}

const char *pkttnl_ext_suggest(const struct pkttnl_catalog *cat, enum pkttnl_kind kind,
			       const char *name, enum pkttnl_family family)
{
	if (!is_family((int)family))
		return NULL;
	return pktt_catalog_suggest(cat->desc, (enum pktt_ext_kind)kind, name,
				    (enum pktt_family)family);
}

enum pkttnl_kind pkttnl_ext_kind(const struct pkttnl_ext *ext)
{
	return (enum pkttnl_kind)ext->ext->kind;
}

const char *pkttnl_ext_name(const struct pkttnl_ext *ext)
{
	return ext->ext->name;
}

const char *pkttnl_ext_aliases(const struct pkttnl_ext *ext)
{
	return ext->ext->aliases ? ext->ext->aliases : "";
}

const char *pkttnl_ext_summary(const struct pkttnl_ext *ext)
{
	return ext->ext->summary ? ext->ext->summary : "";
}

const char *pkttnl_ext_why(const struct pkttnl_ext *ext)
{
	return ext->ext->why;
}

uint32_t pkttnl_ext_families(const struct pkttnl_ext *ext)
{
	return pktt_describe_ext_families(ext->ext);
}

const char *pkttnl_ext_tables(const struct pkttnl_ext *ext)
{
	return ext->ext->tables;
}

uint32_t pkttnl_ext_hooks(const struct pkttnl_ext *ext)
{
	return ext->ext->hooks;
}

unsigned int pkttnl_ext_protocols(const struct pkttnl_ext *ext, uint8_t ret[8])
{
	unsigned int n = 0;

	while (n < sizeof(ext->ext->l4) && ext->ext->l4[n])
		n++;
	memcpy(ret, ext->ext->l4, sizeof(ext->ext->l4));
	return n;
}

bool pkttnl_ext_is_terminal(const struct pkttnl_ext *ext)
{
	return ext->ext->flags & PKTT_EXT_TERMINAL;
}

int pkttnl_ext_json(const struct pkttnl_ext *ext, char *buf, size_t room)
{
	struct str text = STR_INIT;
	struct json out = json_to(&text);

	pktt_describe_json(ext->ext, &out);
	return pkttnl_text_out(&text, buf, room);
}

static int describe(const struct pkttnl_ext *ext,
		    void (*print)(const struct pktt_ext *ext, struct str *out), char *buf,
		    size_t room)
{
	struct str text = STR_INIT;

	print(ext->ext, &text);
	return pkttnl_text_out(&text, buf, room);
}

int pkttnl_ext_line(const struct pkttnl_ext *ext, char *buf, size_t room)
{
	return describe(ext, pktt_describe_line, buf, room);
}

int pkttnl_ext_help(const struct pkttnl_ext *ext, char *buf, size_t room)
{
	return describe(ext, pktt_describe_help, buf, room);
}

int pkttnl_ext_manual(const struct pkttnl_ext *ext, char *buf, size_t room)
{
	return describe(ext, pktt_describe_scdoc, buf, room);
}

/* --- Parameters ------------------------------------------------------------------------------- */

static const struct pktt_param *param_of(const struct pkttnl_param *param)
{
	return &param->ext->params[param->n];
}

/* Where the value is stored, whose type always stands in the table. */
static const struct pktt_param *real_of(const struct pkttnl_param *param)
{
	return &param->ext->params[pktt_param_real(param->ext, param->n)];
}

const struct pkttnl_param *pkttnl_param_next(const struct pkttnl_ext *ext,
					     const struct pkttnl_param *after)
{
	unsigned int n = after ? after->n + 1 : 0;

	return n < ext->ext->nparams ? &ext->param[n] : NULL;
}

const struct pkttnl_param *pkttnl_param_lookup(const struct pkttnl_ext *ext, const char *name,
					       enum pkttnl_family family)
{
	for (int f = 0; f < PKTT_FAMILY_COUNT; f++) {
		unsigned int n;

		if (family != PKTTNL_ANY_FAMILY && f != (int)family)
			continue;
		if (pktt_args_lookup(ext->ext, (enum pktt_family)f, name, strlen(name), &n) == 0)
			return &ext->param[n];
	}
	return NULL;
}

const char *pkttnl_param_name(const struct pkttnl_param *param)
{
	return param_of(param)->name;
}

const char *pkttnl_param_aliases(const struct pkttnl_param *param)
{
	return param_of(param)->aliases ? param_of(param)->aliases : "";
}

char pkttnl_param_letter(const struct pkttnl_param *param)
{
	return param_of(param)->letter;
}

const char *pkttnl_param_help(const struct pkttnl_param *param)
{
	return param_of(param)->help ? param_of(param)->help : "";
}

const char *pkttnl_param_type(const struct pkttnl_param *param)
{
	const struct pktt_type *type = pktt_describe_argument(param->ext, param->n);

	return type ? type->name : "flag";
}

const char *pkttnl_param_syntax(const struct pkttnl_param *param)
{
	const struct pktt_type *type = pktt_describe_argument(param->ext, param->n);

	return type ? type->syntax : "";
}

const char *pkttnl_param_default(const struct pkttnl_param *param)
{
	return param_of(param)->def;
}

unsigned int pkttnl_param_flags(const struct pkttnl_param *param)
{
	static const struct {
		uint32_t theirs, ours;
	} flag[] = {
		{ PKTT_REQUIRED, PKTTNL_PARAM_REQUIRED },
		{ PKTT_NEGATABLE, PKTTNL_PARAM_NEGATABLE },
		{ PKTT_REPEATABLE, PKTTNL_PARAM_REPEATABLE },
		{ PKTT_HIDDEN, PKTTNL_PARAM_HIDDEN },
		{ PKTT_NUMERIC, PKTTNL_PARAM_NUMERIC },
	};
	const struct pktt_param *p = param_of(param);
	unsigned int set = p->same_as ? PKTTNL_PARAM_SYNONYM : 0;

	for (size_t i = 0; i < pktt_countof(flag); i++)
		if (p->flags & flag[i].theirs)
			set |= flag[i].ours;
	if (real_of(param)->type->list_max && !pktt_args_value_is_bytes(real_of(param)->type))
		set |= PKTTNL_PARAM_LIST;
	return set;
}

uint32_t pkttnl_param_families(const struct pkttnl_param *param)
{
	return param_of(param)->families;
}

bool pkttnl_param_bounds(const struct pkttnl_param *param, uint64_t *min, uint64_t *max)
{
	return pktt_describe_bounds(param_of(param), min, max);
}

const char *pkttnl_param_value(const struct pkttnl_param *param, unsigned int index, uint32_t *ret)
{
	const struct pktt_symbol *s = pktt_describe_symbols(param->ext, param->n);

	for (; s && s->name && index; index--)
		s++;
	if (!s || !s->name)
		return NULL;
	*ret = s->value;
	return s->name;
}

const char *pkttnl_param_part(const struct pkttnl_param *param, unsigned int index)
{
	const struct pktt_type *type = real_of(param)->type;

	if (index >= PKTT_PARTS_MAX)
		return NULL;
	for (unsigned int i = 0; i <= index; i++)
		if (type->part[i].kind == PKTT_PART_END)
			return NULL;
	return type->part[index].name;
}

uint64_t pkttnl_param_excludes(const struct pkttnl_param *param)
{
	return param_of(param)->excludes;
}

uint64_t pkttnl_param_needs(const struct pkttnl_param *param)
{
	return param_of(param)->needs;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/rule.h"

#include "base/own.h"
#include "desc/args.h"
#include "desc/catalog.h"
#include "desc/family.h"

#include <errno.h>
#include <string.h>

/* --- Out ---------------------------------------------------------------------------------------- */

/* Arguments go straight to where they belong; the attribute's header is written when they are there. */
static int put_args(struct nlmsghdr *nlh, size_t room, uint16_t type, const struct pktt_use *use)
{
	struct nlattr *attr = mnl_nlmsg_get_payload_tail(nlh);
	uint8_t *at = (uint8_t *)attr + MNL_ATTR_HDRLEN;
	long len;

	if (nlh->nlmsg_len + MNL_ATTR_HDRLEN > room)
		return -EMSGSIZE;
	len = pktt_args_encode(use->ext, use->args, at, room - nlh->nlmsg_len - MNL_ATTR_HDRLEN);
	if (len < 0 || len > UINT16_MAX - (long)MNL_ATTR_HDRLEN)
		return -EMSGSIZE;
	attr->nla_type = type;
	attr->nla_len = (uint16_t)(MNL_ATTR_HDRLEN + (size_t)len);
	nlh->nlmsg_len += MNL_ATTR_HDRLEN + (uint32_t)len; /* a multiple of 4: args pad */
	return 0;
}

static int put_use(struct nlmsghdr *nlh, size_t room, uint16_t type, const struct pktt_use *use)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, room, type);
	size_t len;

	if (!nest ||
	    !wire_put(nlh, room, PKTTA_USE_NAME, use->ext->name, strlen(use->ext->name) + 1) ||
	    put_args(nlh, room, PKTTA_USE_ARGS, use))
		return -EMSGSIZE;
	len = (size_t)((char *)mnl_nlmsg_get_payload_tail(nlh) - (char *)nest);
	if (len > UINT16_MAX)
		return -EMSGSIZE;
	mnl_attr_nest_end(nlh, nest);
	return 0;
}

int wire_rule_put(const struct pktt_rule_spec *rule, struct nlmsghdr *nlh, size_t room)
{
	int r = put_args(nlh, room, PKTTA_HEAD, &rule->head);

	for (unsigned int i = 0; r == 0 && i < rule->nmatches; i++)
		r = put_use(nlh, room, PKTTA_MATCH, &rule->match[i]);
	for (unsigned int i = 0; r == 0 && i < rule->ntargets; i++)
		r = put_use(nlh, room, PKTTA_TARGET, &rule->target[i]);
	return r;
}

/* --- In ----------------------------------------------------------------------------------------- */

struct use_attrs {
	const char *name;
	const struct nlattr *args;
};

/* Of a nest whose length is within the message. */
static int split_use(const struct nlattr *nest, struct use_attrs *ret, struct pktt_error *err)
{
	const struct nlattr *attr;

	*ret = (struct use_attrs){ 0 };
	mnl_attr_for_each_nested(attr, nest)
	{
		const char *text = mnl_attr_get_payload(attr);
		uint16_t len = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) == PKTTA_USE_ARGS)
			ret->args = attr;
		else if (mnl_attr_get_type(attr) == PKTTA_USE_NAME && len > 0 &&
			 strnlen(text, len) == len - 1u)
			ret->name = text;
		else if (mnl_attr_get_type(attr) & PKTTA_MUST)
			return pktt_fail(err, -EOPNOTSUPP,
					 "a match or target has a newer attribute, %u",
					 mnl_attr_get_type(attr) & ~(unsigned int)PKTTA_MUST);
	}
	return ret->name ? 0 : pktt_fail(err, -EBADMSG, "a match or target without a name");
}

static int fail_unknown(const struct pktt_catalog *cat, enum pktt_ext_kind kind, const char *name,
			enum pktt_family family, struct pktt_error *err)
{
	const char *what = kind == PKTT_KIND_TARGET ? "target" : "match";
	const char *near = pktt_catalog_suggest(cat, kind, name, family);

	if (near)
		return pktt_fail(err, -ENOENT, "there is no %s %.60s for %s; did you mean %s?",
				 what, name, pktt_family_name(family), near);
	return pktt_fail(err, -ENOENT, "there is no %s %.60s for %s", what, name,
			 pktt_family_name(family));
}

static int get_args(const struct pktt_use *use, enum pktt_family family, const struct nlattr *attr,
		    struct pktt_error *err)
{
	if (!attr)
		return 0;
	return pktt_args_read(use->ext, family, mnl_attr_get_payload(attr),
			      mnl_attr_get_payload_len(attr), use->args, err);
}

static int get_use(struct pktt_rule_spec *rule, const struct pktt_catalog *cat,
		   enum pktt_ext_kind kind, const struct nlattr *nest, struct pktt_error *err)
{
	const struct pktt_ext *ext;
	struct use_attrs attrs;
	struct pktt_use *use;
	int r = split_use(nest, &attrs, err);

	if (r)
		return r;
	ext = pktt_catalog_lookup(cat, kind, attrs.name, rule->family);
	if (!ext)
		return fail_unknown(cat, kind, attrs.name, rule->family, err);
	use = pktt_rule_spec_add(rule, ext);
	if (!use)
		return pktt_fail(err, -ENOMEM, "no memory for a rule");
	use->place = rule->place;
	return get_args(use, rule->family, attrs.args, err);
}

static int get_uses(struct pktt_rule_spec *rule, const struct pktt_catalog *cat,
		    const struct nlmsghdr *nlh, struct pktt_error *err)
{
	const struct nlattr *attr;
	int r = 0;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		unsigned int type = mnl_attr_get_type(attr) & ~(unsigned int)PKTTA_MUST;

		if (type == PKTTA_HEAD)
			r = get_args(&rule->head, rule->family, attr, err);
		else if (type == PKTTA_MATCH)
			r = get_use(rule, cat, PKTT_KIND_MATCH, attr, err);
		else if (type == PKTTA_TARGET)
			r = get_use(rule, cat, PKTT_KIND_TARGET, attr, err);
		if (r)
			return r;
	}
	return 0;
}

static int get_facts(struct pktt_rule_spec *rule, const struct wire_object *obj,
		     struct pktt_error *err)
{
	const char *name = wire_text(obj, PKTTA_NAME);

	rule->place = rule->head.place = wire_place(obj);
	rule->handle = wire_u64(obj, PKTTA_HANDLE);
	rule->counters.packets = wire_u64(obj, PKTTA_PACKETS);
	rule->counters.bytes = wire_u64(obj, PKTTA_BYTES);
	rule->has_counters = wire_has(obj, PKTTA_PACKETS);
	if (!name || !*name)
		return 0;
	if (strlen(name) >= sizeof(rule->name))
		return pktt_name_check("rule", name, err);
	memcpy(rule->name, name, strlen(name) + 1);
	return 0;
}

int wire_rule_get(struct pktt_rule_spec **ret, const struct wire_object *obj,
		  const struct nlmsghdr *nlh, const struct pktt_catalog *cat,
		  struct pktt_error *err)
{
	PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *rule = NULL;
	int r = -EAFNOSUPPORT;

	if (obj->family != WIRE_ANY_FAMILY)
		r = pktt_rule_spec_new(&rule, cat, (enum pktt_family)obj->family);
	if (r)
		return pktt_fail(err, r,
				 r == -ENOMEM ? "no memory for a rule"
					      : "a rule needs a family that is known");
	r = get_facts(rule, obj, err);
	if (r == 0)
		r = get_uses(rule, cat, nlh, err);
	if (r == 0)
		r = pktt_rule_spec_finish(rule, err);
	if (r == 0)
		*ret = pktt_take(&rule);
	return r;
}

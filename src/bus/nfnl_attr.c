/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes, held against the call's policy before it runs.
 *
 * Every length is proven to lie within the message, nested attributes to their ends. What a policy
 * does not name is skipped, unless the sender marked it as one that must be understood.
 */
#include "bus/nfnl_own.h"

#include <errno.h>
#include <string.h>

enum { DEPTH_MAX = 8, TYPE_MASK = NLA_TYPE_MASK & ~PKTTA_MUST };

static const uint8_t *end_of(const struct nlattr *attr)
{
	return (const uint8_t *)attr + NLA_ALIGN(attr->nla_len);
}

/* Is there a whole attribute at place? Fewer bytes than a header are padding, not an attribute. */
static const struct nlattr *attr_at(const uint8_t *place, const uint8_t *end)
{
	const void *p = place;
	const struct nlattr *attr = p;

	if (end - place < NLA_HDRLEN || attr->nla_len < NLA_HDRLEN || attr->nla_len > end - place)
		return NULL;
	return attr;
}

/* Do attributes fill the bytes, and what is nested in them too? */
static bool is_whole(const uint8_t *place, const uint8_t *end, unsigned int depth)
{
	const struct nlattr *attr;

	if (depth > DEPTH_MAX)
		return false;
	for (; place < end; place = end_of(attr)) {
		attr = attr_at(place, end);
		if (!attr)
			return false;
		if (attr->nla_type & NLA_F_NESTED &&
		    !is_whole(mnl_attr_get_payload(attr), (const uint8_t *)attr + attr->nla_len,
			      depth + 1))
			return false;
	}
	return true;
}

/* Bytes that a type has; 0 = any number. */
static uint16_t size_of(enum mnl_attr_data_type type)
{
	static const uint16_t size[MNL_TYPE_MAX] = {
		[MNL_TYPE_U8] = 1,  [MNL_TYPE_U16] = 2,	  [MNL_TYPE_U32] = 4,
		[MNL_TYPE_U64] = 8, [MNL_TYPE_MSECS] = 8,
	};

	return type < MNL_TYPE_MAX ? size[type] : 0;
}

static int check_text(const struct nfnl_policy *policy, const char *text, size_t len,
		      struct pktt_error *err)
{
	const char *nul = memchr(text, '\0', len);

	if (policy->type == MNL_TYPE_NUL_STRING && !nul)
		return pktt_fail(err, -EINVAL, "%s is not ended by a NUL", policy->name);
	if (nul)
		len = (size_t)(nul - text);
	if (policy->max && len > policy->max)
		return pktt_fail(err, -ERANGE, "%s has %zu bytes, more than %u", policy->name, len,
				 policy->max);
	return 0;
}

static int check_size(const struct nfnl_policy *policy, size_t len, struct pktt_error *err)
{
	uint16_t size = size_of(policy->type);

	if (size && len < size)
		return pktt_fail(err, -ERANGE, "%s has %zu bytes where %u are needed", policy->name,
				 len, size);
	if (policy->type == MNL_TYPE_FLAG && len)
		return pktt_fail(err, -ERANGE, "%s is a flag, and has %zu bytes", policy->name,
				 len);
	if (policy->max && len > policy->max)
		return pktt_fail(err, -ERANGE, "%s has %zu bytes, more than %u", policy->name, len,
				 policy->max);
	return 0;
}

static int check(const struct nfnl_policy *policy, const struct nlattr *attr,
		 struct pktt_error *err)
{
	const void *payload = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);

	if (policy->type == MNL_TYPE_STRING || policy->type == MNL_TYPE_NUL_STRING)
		return check_text(policy, payload, len, err);
	if (policy->type == MNL_TYPE_NESTED &&
	    !is_whole(payload, (const uint8_t *)attr + attr->nla_len, 0))
		return pktt_fail(err, -EINVAL, "%s: the attributes within do not fill it",
				 policy->name);
	return check_size(policy, len, err);
}

static int read_one(struct nfnl_request *req, const struct nfnl_call *call,
		    const struct nlattr *attr, struct pktt_error *err)
{
	unsigned int type = attr->nla_type & TYPE_MASK;
	int rc = 0;

	if (type < call->attrs && call->policy[type].name) {
		rc = check(&call->policy[type], attr, err);
		req->bus->attr[type] = attr;
	} else if (attr->nla_type & PKTTA_MUST) {
		rc = pktt_fail(err, -EOPNOTSUPP, "%s: attribute %u must be understood, and is not",
			       call->name, type);
	}
	if (rc)
		req->bad = attr;
	return rc;
}

int nfnl_attrs_read(struct nfnl_request *req, const struct nfnl_call *call, struct pktt_error *err)
{
	const uint8_t *at = (const uint8_t *)req->nlh + NLMSG_LENGTH(sizeof(struct nfgenmsg));
	const uint8_t *end = (const uint8_t *)req->nlh + req->nlh->nlmsg_len;
	const struct nlattr *attr;
	int rc;

	memset(req->bus->attr, 0, call->attrs * sizeof(req->bus->attr[0]));
	req->attr = req->bus->attr;
	for (; at < end; at = end_of(attr)) {
		attr = attr_at(at, end);
		if (!attr) /* the kernel's subsystems never minded what follows the last attribute */
			return NFNL_SUBSYS_ID(req->nlh->nlmsg_type) < PKTT_SUBSYS_RULES
				       ? 0
				       : pktt_fail(err, -EINVAL,
						   "%s: attributes do not fill the message",
						   call->name);
		rc = read_one(req, call, attr, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/object.h"

#include "base/own.h"
#include "wire/rule.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <string.h>

/* --- What attributes are ------------------------------------------------------------------------ */

static const struct attr {
	const char *name; /* NULL: there is no such attribute */
	uint8_t kind;	  /* enum wire_kind */
	bool repeats;
} attrs[] = {
	[PKTTA_TABLE] = { "TABLE", WIRE_TEXT, false },
	[PKTTA_CHAIN] = { "CHAIN", WIRE_TEXT, false },
	[PKTTA_HANDLE] = { "HANDLE", WIRE_U64, false },
	[PKTTA_NAME] = { "NAME", WIRE_TEXT, false },
	[PKTTA_NEW_NAME] = { "NEW_NAME", WIRE_TEXT, false },
	[PKTTA_POLICY] = { "POLICY", WIRE_U32, false },
	[PKTTA_NUMBER] = { "NUMBER", WIRE_U32, false },
	[PKTTA_TO_NUMBER] = { "TO_NUMBER", WIRE_U32, false },
	[PKTTA_BEFORE] = { "BEFORE", WIRE_U64, false },
	[PKTTA_AFTER] = { "AFTER", WIRE_U64, false },
	[PKTTA_PACKETS] = { "PACKETS", WIRE_U64, false },
	[PKTTA_BYTES] = { "BYTES", WIRE_U64, false },
	[PKTTA_HEAD] = { "HEAD", WIRE_NEST, false },
	[PKTTA_MATCH] = { "MATCH", WIRE_NEST, true },
	[PKTTA_TARGET] = { "TARGET", WIRE_NEST, true },
	[PKTTA_HOOK] = { "HOOK", WIRE_U32, false },
	[PKTTA_PRIORITY] = { "PRIORITY", WIRE_S32, false },
	[PKTTA_REFERENCES] = { "REFERENCES", WIRE_U32, false },
	[PKTTA_LAST_HIT] = { "LAST_HIT", WIRE_U64, false },
	[PKTTA_SET] = { "SET", WIRE_TEXT, false },
	[PKTTA_SET_TYPE] = { "SET_TYPE", WIRE_TEXT, false },
	[PKTTA_OPTIONS] = { "OPTIONS", WIRE_TEXT, false },
	[PKTTA_ELEMENT] = { "ELEMENT", WIRE_TEXT, true },
	[PKTTA_COUNT] = { "COUNT", WIRE_U64, false },
	[PKTTA_GENERATION] = { "GENERATION", WIRE_U64, false },
	[PKTTA_IF_GENERATION] = { "IF_GENERATION", WIRE_U64, false },
	[PKTTA_WHO] = { "WHO", WIRE_NEST, false },
	[PKTTA_EXT] = { "EXT", WIRE_DATA, false },
	[PKTTA_FILE] = { "FILE", WIRE_TEXT, false },
	[PKTTA_LINE] = { "LINE", WIRE_U32, false },
	[PKTTA_COLUMN] = { "COLUMN", WIRE_U32, false },
	[PKTTA_LENGTH] = { "LENGTH", WIRE_U32, false },
	[PKTTA_TEXT] = { "TEXT", WIRE_TEXT, false },
	[PKTTA_TIME] = { "TIME", WIRE_U64, false },
	[PKTTA_FLAGS] = { "FLAGS", WIRE_U32, false },
	[PKTTA_DATA] = { "DATA", WIRE_DATA, false },
	[PKTTA_IFACE] = { "IFACE", WIRE_TEXT, false },
	[PKTTA_OUT_IFACE] = { "OUT_IFACE", WIRE_TEXT, false },
	[PKTTA_VERDICT] = { "VERDICT", WIRE_U32, false },
	[PKTTA_SECONDS] = { "SECONDS", WIRE_U32, false },
	[PKTTA_LEVEL] = { "LEVEL", WIRE_U32, false },
	[PKTTA_VERSION] = { "VERSION", WIRE_TEXT, false },
	[PKTTA_KIND] = { "KIND", WIRE_U32, false },
	[PKTTA_PAD] = { "PAD", WIRE_DATA, true },
	[PKTTA_QUEUE] = { "QUEUE", WIRE_DATA, false },
};
_Static_assert(sizeof(attrs) / sizeof(attrs[0]) == PKTTA_ATTR_COUNT, "every attribute has a kind");
_Static_assert(PKTTA_ATTR_COUNT <= 64, "one bit each");

enum wire_kind wire_attr_kind(enum pktt_attr attr)
{
	return attr < PKTTA_ATTR_COUNT ? (enum wire_kind)attrs[attr].kind : WIRE_DATA;
}

const char *wire_attr_name(enum pktt_attr attr)
{
	return attr < PKTTA_ATTR_COUNT ? attrs[attr].name : NULL;
}

static const uint8_t families[] = {
	[PKTT_IPV4] = NFPROTO_IPV4, [PKTT_IPV6] = NFPROTO_IPV6,	    [PKTT_INET] = NFPROTO_INET,
	[PKTT_ARP] = NFPROTO_ARP,   [PKTT_BRIDGE] = NFPROTO_BRIDGE,
};

uint8_t wire_family(unsigned int family)
{
	return family < pktt_countof(families) ? families[family] : NFPROTO_UNSPEC;
}

int wire_family_lookup(uint8_t nfproto, unsigned int *ret)
{
	*ret = WIRE_ANY_FAMILY;
	if (nfproto == NFPROTO_UNSPEC)
		return 0;
	for (unsigned int f = 0; f < pktt_countof(families); f++)
		if (families[f] == nfproto) {
			*ret = f;
			return 0;
		}
	return -EAFNOSUPPORT;
}

/* --- Setting ------------------------------------------------------------------------------------ */

void wire_object_init(struct wire_object *obj, enum pktt_rules_msg msg, unsigned int family)
{
	obj->msg = msg;
	obj->flags = 0;
	obj->family = family;
	obj->has = 0;
	obj->rule = NULL;
	obj->owned = NULL;
}

void wire_object_fini(struct wire_object *obj)
{
	pktt_rule_spec_free(&obj->owned);
	obj->rule = NULL;
	obj->has = 0;
}

void wire_set_u64(struct wire_object *obj, enum pktt_attr attr, uint64_t number)
{
	obj->has |= UINT64_C(1) << attr;
	obj->value[attr].number = number;
}

void wire_set_text(struct wire_object *obj, enum pktt_attr attr, const char *text)
{
	if (!text)
		return;
	obj->has |= UINT64_C(1) << attr;
	obj->value[attr].text = text;
	obj->value[attr].len = strlen(text);
}

void wire_set_data(struct wire_object *obj, enum pktt_attr attr, const void *data, size_t len)
{
	obj->has |= UINT64_C(1) << attr;
	obj->value[attr].data = data;
	obj->value[attr].len = len;
}

void wire_set_place(struct wire_object *obj, const struct pktt_place *place)
{
	if (!place->line)
		return;
	wire_set_text(obj, PKTTA_FILE, place->file);
	wire_set_u64(obj, PKTTA_LINE, place->line);
	wire_set_u64(obj, PKTTA_COLUMN, place->column);
	wire_set_u64(obj, PKTTA_LENGTH, place->length);
}

void wire_set_who(struct wire_object *obj, const struct wire_who *who)
{
	obj->has |= UINT64_C(1) << PKTTA_WHO;
	obj->who = *who;
}

void wire_set_rule(struct wire_object *obj, const struct pktt_rule_spec *rule)
{
	obj->rule = rule;
	if (rule->name[0])
		wire_set_text(obj, PKTTA_NAME, rule->name);
	wire_set_place(obj, &rule->place);
}

struct pktt_place wire_place(const struct wire_object *obj)
{
	return (struct pktt_place){
		.file = wire_text(obj, PKTTA_FILE),
		.line = (uint32_t)wire_u64(obj, PKTTA_LINE),
		.column = (uint32_t)wire_u64(obj, PKTTA_COLUMN),
		.length = (uint32_t)wire_u64(obj, PKTTA_LENGTH),
	};
}

/* --- Out ---------------------------------------------------------------------------------------- */

bool wire_put(struct nlmsghdr *nlh, size_t room, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = mnl_nlmsg_get_payload_tail(nlh);
	size_t whole = MNL_ALIGN(MNL_ATTR_HDRLEN + len);
	char *at = (char *)attr + MNL_ATTR_HDRLEN;

	if (len > UINT16_MAX - MNL_ATTR_HDRLEN || nlh->nlmsg_len + whole > room)
		return false;
	attr->nla_type = type;
	attr->nla_len = (uint16_t)(MNL_ATTR_HDRLEN + len);
	if (len)
		memcpy(at, data, len);
	memset(at + len, 0, whole - MNL_ATTR_HDRLEN - len);
	nlh->nlmsg_len += (uint32_t)whole;
	return true;
}

static bool put_u32(struct nlmsghdr *nlh, size_t room, uint16_t type, uint32_t v)
{
	v = htobe32(v);
	return wire_put(nlh, room, type, &v, sizeof(v));
}

static bool put_u64(struct nlmsghdr *nlh, size_t room, uint16_t type, uint64_t v)
{
	v = htobe64(v);
	return wire_put(nlh, room, type, &v, sizeof(v));
}

static bool put_who(const struct wire_who *who, struct nlmsghdr *nlh, size_t room)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, room, PKTTA_WHO);

	if (!nest || !put_u32(nlh, room, PKTTA_WHO_UID, who->uid) ||
	    !put_u32(nlh, room, PKTTA_WHO_PID, who->pid))
		return false;
	if (who->program &&
	    !wire_put(nlh, room, PKTTA_WHO_PROGRAM, who->program, strlen(who->program) + 1))
		return false;
	mnl_attr_nest_end(nlh, nest);
	return true;
}

static bool put_value(const struct wire_object *obj, uint16_t type, struct nlmsghdr *nlh,
		      size_t room)
{
	const struct wire_value *v = &obj->value[type];

	switch ((enum wire_kind)attrs[type].kind) {
	case WIRE_U32:
	case WIRE_S32:
		return put_u32(nlh, room, type, (uint32_t)v->number);
	case WIRE_U64:
		return put_u64(nlh, room, type, v->number);
	case WIRE_TEXT:
		return wire_put(nlh, room, type, v->text, v->len + 1);
	case WIRE_DATA:
		return wire_put(nlh, room, type, v->data, v->len);
	case WIRE_NEST:
		return type != PKTTA_WHO || put_who(&obj->who, nlh, room);
	}
	return false;
}

int wire_object_put(const struct wire_object *obj, struct nlmsghdr *nlh, size_t room)
{
	for (uint64_t left = obj->has; left; left &= left - 1)
		if (!put_value(obj, (uint16_t)__builtin_ctzll(left), nlh, room))
			return -EMSGSIZE;
	return obj->rule ? wire_rule_put(obj->rule, nlh, room) : 0;
}

int wire_put_element(struct nlmsghdr *nlh, size_t room, const char *element)
{
	return wire_put(nlh, room, PKTTA_ELEMENT, element, strlen(element) + 1) ? 0 : -EMSGSIZE;
}

long wire_object_encode(const struct wire_object *obj, void *buf, size_t room)
{
	struct nfgenmsg head = { .nfgen_family = wire_family(obj->family),
				 .version = PKTT_WIRE_VERSION };
	struct nlmsghdr *nlh = buf;

	if (room < MNL_NLMSG_HDRLEN + sizeof(head))
		return -EMSGSIZE;
	*nlh = (struct nlmsghdr){
		.nlmsg_len = MNL_NLMSG_HDRLEN + sizeof(head),
		.nlmsg_type = (uint16_t)(PKTT_SUBSYS_RULES << 8 | obj->msg),
		.nlmsg_flags = obj->flags,
	};
	memcpy((char *)buf + MNL_NLMSG_HDRLEN, &head, sizeof(head));
	return wire_object_put(obj, nlh, room) ? -EMSGSIZE : (long)nlh->nlmsg_len;
}

/* --- In ----------------------------------------------------------------------------------------- */

static int fail_value(uint16_t type, struct pktt_error *err)
{
	return pktt_fail(err, -EBADMSG, "attribute %s does not have a value of its type",
			 attrs[type].name);
}

static bool get_who_attr(const struct nlattr *attr, struct wire_who *who)
{
	const char *text = mnl_attr_get_payload(attr);
	uint16_t len = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case PKTTA_WHO_UID:
		who->uid = len == 4 ? be32toh(mnl_attr_get_u32(attr)) : 0;
		return len == 4;
	case PKTTA_WHO_PID:
		who->pid = len == 4 ? be32toh(mnl_attr_get_u32(attr)) : 0;
		return len == 4;
	case PKTTA_WHO_PROGRAM:
		who->program = text;
		return len > 0 && strnlen(text, len) == len - 1u;
	}
	return true;
}

static int get_who(struct wire_object *obj, const struct nlattr *nest, struct pktt_error *err)
{
	const struct nlattr *attr;

	obj->who = (struct wire_who){ 0 };
	mnl_attr_for_each_nested(attr, nest)
	{
		if (!get_who_attr(attr, &obj->who))
			return fail_value(PKTTA_WHO, err);
	}
	return 0;
}

static int get_value(struct wire_object *obj, uint16_t type, const struct nlattr *attr,
		     struct pktt_error *err)
{
	struct wire_value *v = &obj->value[type];
	const void *data = mnl_attr_get_payload(attr);
	uint16_t len = mnl_attr_get_payload_len(attr);

	switch ((enum wire_kind)attrs[type].kind) {
	case WIRE_U32:
		v->number = len == 4 ? be32toh(mnl_attr_get_u32(attr)) : 0;
		return len == 4 ? 0 : fail_value(type, err);
	case WIRE_S32:
		v->number = len == 4 ? (uint64_t)(int32_t)be32toh(mnl_attr_get_u32(attr)) : 0;
		return len == 4 ? 0 : fail_value(type, err);
	case WIRE_U64:
		v->number = len == 8 ? be64toh(mnl_attr_get_u64(attr)) : 0;
		return len == 8 ? 0 : fail_value(type, err);
	case WIRE_TEXT:
		v->text = data;
		v->len = strnlen(data, len);
		return v->len + 1 == len ? 0 : fail_value(type, err);
	case WIRE_DATA:
	case WIRE_NEST:
		v->data = data;
		v->len = len;
		return type == PKTTA_WHO ? get_who(obj, attr, err) : 0;
	}
	return 0;
}

static int get_attr(struct wire_object *obj, const struct nlattr *attr, struct pktt_error *err)
{
	uint16_t type = mnl_attr_get_type(attr);
	uint64_t bit;

	if (type >= PKTTA_ATTR_COUNT || !attrs[type].name) {
		if (!(type & PKTTA_MUST))
			return 0;
		type &= (uint16_t)~PKTTA_MUST;
		if (type >= PKTTA_ATTR_COUNT || !attrs[type].name)
			return pktt_fail(err, -EOPNOTSUPP,
					 "attribute %u is newer than this program, and the message "
					 "has no meaning without it",
					 type);
	}
	bit = UINT64_C(1) << type;
	if (obj->has & bit && !attrs[type].repeats)
		return pktt_fail(err, -EBADMSG, "attribute %s is given twice", attrs[type].name);
	/* Of those that may repeat, the first is what the object shows. */
	if (obj->has & bit && type != PKTTA_ELEMENT)
		return 0;
	if (obj->has & bit) {
		struct wire_value first = obj->value[type];
		int r = get_value(obj, type, attr, err);

		obj->value[type] = first;
		return r;
	}
	obj->has |= bit;
	return get_value(obj, type, attr, err);
}

static int get_attrs(struct wire_object *obj, const struct nlmsghdr *nlh, struct pktt_error *err)
{
	const char *end = mnl_nlmsg_get_payload_tail(nlh);
	const struct nlattr *attr;
	int r = 0;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		r = get_attr(obj, attr, err);
		if (r)
			return r;
	}
	if ((const char *)attr < end)
		return pktt_fail(err, -EBADMSG, "the message ends within an attribute");
	return 0;
}

static int get_header(struct wire_object *obj, const struct nlmsghdr *nlh, struct pktt_error *err)
{
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(nlh);
	unsigned int msg = nlh->nlmsg_type & 0xff, family;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*head))
		return pktt_fail(err, -EBADMSG, "the message ends within its header");
	/* libmnl looks for attributes up to the next multiple. */
	if (nlh->nlmsg_len % MNL_ALIGNTO)
		return pktt_fail(err, -EBADMSG, "the message's length is not a multiple of 4");
	if (nlh->nlmsg_type >> 8 != PKTT_SUBSYS_RULES || msg >= PKTT_MSG_COUNT)
		return pktt_fail(err, -EBADMSG, "message 0x%04x is not about rules",
				 nlh->nlmsg_type);
	if (wire_family_lookup(head->nfgen_family, &family))
		return pktt_fail(err, -EAFNOSUPPORT, "there is no family %u", head->nfgen_family);
	wire_object_init(obj, (enum pktt_rules_msg)msg, family);
	obj->flags = nlh->nlmsg_flags;
	return 0;
}

static bool has_rule(const struct wire_object *obj)
{
	return wire_has(obj, PKTTA_HEAD) || wire_has(obj, PKTTA_MATCH) ||
	       wire_has(obj, PKTTA_TARGET);
}

int wire_object_decode(struct wire_object *ret, const struct nlmsghdr *nlh,
		       const struct pktt_catalog *cat, struct pktt_error *err)
{
	int r;

	wire_object_init(ret, PKTT_MSG_NEWTABLE, WIRE_ANY_FAMILY);
	r = get_header(ret, nlh, err);
	if (r == 0)
		r = get_attrs(ret, nlh, err);
	if (err && r == 0)
		err->place = wire_place(ret);
	if (r == 0 && cat && has_rule(ret)) {
		r = wire_rule_get(&ret->owned, ret, nlh, cat, err);
		ret->rule = ret->owned;
	}
	if (r) {
		if (err && !err->place.line)
			err->place = wire_place(ret);
		wire_object_fini(ret);
	}
	return r;
}

const char *wire_next_element(const struct nlmsghdr *nlh, const struct nlattr **at)
{
	const struct nlattr *attr =
		*at ? mnl_attr_next(*at)
		    : mnl_nlmsg_get_payload_offset(nlh, sizeof(struct nfgenmsg));
	const char *end = mnl_nlmsg_get_payload_tail(nlh);

	while (mnl_attr_ok(attr, (int)(end - (const char *)attr))) {
		uint16_t type = mnl_attr_get_type(attr) & (uint16_t)~PKTTA_MUST;

		if (type == PKTTA_ELEMENT) {
			*at = attr;
			return mnl_attr_get_payload(attr);
		}
		attr = mnl_attr_next(attr);
	}
	return NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "libpkttnetlink/object.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))

_Static_assert(PKTTNL_ANY_FAMILY == WIRE_ANY_FAMILY, "any family");

/* --- Life ------------------------------------------------------------------------------------- */

/* Texts are borrowed by a lent object; else they are ours, though what reads them must not write. */
static void free_const(const void *p)
{
	free((void *)(uintptr_t)p);
}

static bool is_owned(enum wire_kind kind)
{
	return kind == WIRE_TEXT || kind == WIRE_DATA;
}

static void free_owned(struct pkttnl_object *obj)
{
	for (uint64_t left = obj->wire.has; left; left &= left - 1) {
		enum pktt_attr attr = (enum pktt_attr)__builtin_ctzll(left);

		if (is_owned(wire_attr_kind(attr)) && attr != PKTTA_ELEMENT)
			free_const(obj->wire.value[attr].data);
	}
	for (unsigned int i = 0; i < obj->nelements; i++)
		free_const(obj->element[i]);
	free_const(obj->wire.who.program);
}

void pkttnl_object_clear(struct pkttnl_object *obj)
{
	if (!obj->is_lent)
		free_owned(obj);
	pkttnl_rule_free(&obj->rule);
	wire_object_fini(&obj->wire);
	free(obj->element);
	obj->element = NULL;
	obj->nelements = 0;
	obj->wire.who.program = NULL;
	obj->nlh = NULL;
	obj->lost = 0;
	obj->is_lent = true;
}

int pkttnl_object_new(struct pkttnl_object **ret, enum pktt_rules_msg message,
		      enum pkttnl_family family)
{
	struct pkttnl_object *obj = calloc(1, sizeof(*obj));

	if (!obj)
		return -ENOMEM;
	wire_object_init(&obj->wire, message, (unsigned int)family);
	*ret = obj;
	return 0;
}

void pkttnl_object_free(struct pkttnl_object **obj)
{
	if (!*obj)
		return;
	pkttnl_object_clear(*obj);
	free(*obj);
	*obj = NULL;
}

static int clone_value(struct pkttnl_object *to, const struct pkttnl_object *from,
		       enum pktt_attr attr)
{
	const struct wire_value *v = &from->wire.value[attr];
	const char *element;
	int r = 0;

	switch (wire_attr_kind(attr)) {
	case WIRE_U32:
	case WIRE_S32:
	case WIRE_U64:
		wire_set_u64(&to->wire, attr, v->number);
		break;
	case WIRE_TEXT:
		if (attr != PKTTA_ELEMENT)
			return pkttnl_object_set_text(to, attr, v->text);
		for (unsigned int i = 0; r == 0 && (element = pkttnl_object_element(from, i)); i++)
			r = pkttnl_object_add_element(to, element);
		return r;
	case WIRE_DATA:
		return attr == PKTTA_DATA ? pkttnl_object_set_data(to, v->data, v->len) : 0;
	case WIRE_NEST: /* the rule is cloned as a whole */
		break;
	}
	return 0;
}

static int clone_who(struct pkttnl_object *to, const struct pkttnl_object *from)
{
	struct wire_who who = from->wire.who;

	if (!wire_has(&from->wire, PKTTA_WHO))
		return 0;
	who.program = who.program ? strdup(who.program) : NULL;
	if (from->wire.who.program && !who.program)
		return -ENOMEM;
	wire_set_who(&to->wire, &who);
	return 0;
}

static int clone_rule(struct pkttnl_object *to, const struct pkttnl_object *from)
{
	int r = from->rule ? pkttnl_rule_clone(&to->rule, from->rule) : 0;

	if (r == 0 && to->rule)
		to->wire.rule = to->rule->spec;
	return r;
}

int pkttnl_object_clone(struct pkttnl_object **ret, const struct pkttnl_object *obj)
{
	PKTT_AUTO(pkttnl_object_free) struct pkttnl_object *copy = NULL;
	int r = pkttnl_object_new(&copy, obj->wire.msg, (enum pkttnl_family)obj->wire.family);

	if (r)
		return r;
	copy->wire.flags = obj->wire.flags;
	copy->lost = obj->lost;
	for (uint64_t left = obj->wire.has; r == 0 && left; left &= left - 1)
		r = clone_value(copy, obj, (enum pktt_attr)__builtin_ctzll(left));
	if (r == 0)
		r = clone_who(copy, obj);
	if (r == 0)
		r = clone_rule(copy, obj);
	if (r == 0)
		*ret = pktt_take(&copy);
	return r;
}

/* --- Messages --------------------------------------------------------------------------------- */

int pkttnl_object_decode(struct pkttnl_object *obj, struct pkttnl_catalog *cat,
			 const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	struct pktt_error e = { 0 };
	int r = wire_object_decode(&obj->wire, nlh, cat ? cat->desc : NULL, &e);

	obj->nlh = nlh;
	if (r)
		return pkttnl_told(err, &e, r);
	if (!obj->wire.owned)
		return 0;
	if (pkttnl_rule_from_spec(&obj->rule, cat, &obj->wire.owned)) {
		obj->wire.rule = NULL;
		return pkttnl_no_memory(err);
	}
	return 0;
}

static int put_elements(const struct pkttnl_object *obj, struct nlmsghdr *nlh, size_t room)
{
	int r = 0;

	for (unsigned int i = 1; r == 0 && i < obj->nelements; i++)
		r = wire_put_element(nlh, room, obj->element[i]);
	return r;
}

long pkttnl_object_encode(const struct pkttnl_object *obj, void *buf, size_t room, uint16_t flags)
{
	struct nlmsghdr *nlh = buf;
	long len = wire_object_encode(&obj->wire, buf, room);

	if (len < 0)
		return len;
	if (put_elements(obj, nlh, room))
		return -EMSGSIZE;
	nlh->nlmsg_flags = obj->wire.flags | flags;
	return (long)nlh->nlmsg_len;
}

/* --- Looking ---------------------------------------------------------------------------------- */

enum pktt_rules_msg pkttnl_object_message(const struct pkttnl_object *obj)
{
	return obj->wire.msg;
}

enum pkttnl_family pkttnl_object_family(const struct pkttnl_object *obj)
{
	return (enum pkttnl_family)obj->wire.family;
}

static bool is_number(enum wire_kind kind)
{
	return kind == WIRE_U32 || kind == WIRE_S32 || kind == WIRE_U64;
}

static bool is_attr(enum pktt_attr attr)
{
	return (unsigned int)attr < PKTTA_ATTR_COUNT && wire_attr_name(attr);
}

bool pkttnl_object_has(const struct pkttnl_object *obj, enum pktt_attr attr)
{
	return is_attr(attr) && wire_has(&obj->wire, attr);
}

uint64_t pkttnl_object_u64(const struct pkttnl_object *obj, enum pktt_attr attr)
{
	return is_attr(attr) && is_number(wire_attr_kind(attr)) ? wire_u64(&obj->wire, attr) : 0;
}

const char *pkttnl_object_text(const struct pkttnl_object *obj, enum pktt_attr attr)
{
	if (!is_attr(attr) || wire_attr_kind(attr) != WIRE_TEXT)
		return NULL;
	return wire_text(&obj->wire, attr);
}

const void *pkttnl_object_data(const struct pkttnl_object *obj, size_t *len)
{
	bool has = wire_has(&obj->wire, PKTTA_DATA);

	*len = has ? obj->wire.value[PKTTA_DATA].len : 0;
	return has ? obj->wire.value[PKTTA_DATA].data : NULL;
}

bool pkttnl_object_who(const struct pkttnl_object *obj, uint32_t *uid, uint32_t *pid,
		       const char **program)
{
	if (!wire_has(&obj->wire, PKTTA_WHO))
		return false;
	if (uid)
		*uid = obj->wire.who.uid;
	if (pid)
		*pid = obj->wire.who.pid;
	if (program)
		*program = obj->wire.who.program ? obj->wire.who.program : "";
	return true;
}

const char *pkttnl_object_element(const struct pkttnl_object *obj, unsigned int index)
{
	const struct nlattr *at = NULL;
	const char *element = NULL;

	if (!wire_has(&obj->wire, PKTTA_ELEMENT))
		return NULL;
	if (!obj->nlh)
		return index < obj->nelements ? obj->element[index] : NULL;
	for (unsigned int i = 0; i <= index; i++) {
		element = wire_next_element(obj->nlh, &at);
		if (!element)
			return NULL;
	}
	return element;
}

struct pkttnl_rule *pkttnl_object_rule(const struct pkttnl_object *obj)
{
	return obj->rule;
}

uint16_t pkttnl_object_flags(const struct pkttnl_object *obj)
{
	return obj->wire.flags;
}

/* --- Setting ---------------------------------------------------------------------------------- */

int pkttnl_object_set_u64(struct pkttnl_object *obj, enum pktt_attr attr, uint64_t value)
{
	if (obj->is_lent || !is_attr(attr) || !is_number(wire_attr_kind(attr)))
		return -EINVAL;
	if (wire_attr_kind(attr) == WIRE_U32 && value > UINT32_MAX)
		return -ERANGE;
	wire_set_u64(&obj->wire, attr, value);
	return 0;
}

/* Takes the copy, which may be NULL: the attribute goes. */
static void replace(struct pkttnl_object *obj, enum pktt_attr attr, void *copy, size_t len)
{
	if (wire_has(&obj->wire, attr))
		free_const(obj->wire.value[attr].data);
	obj->wire.has &= ~BIT(attr);
	if (copy)
		wire_set_data(&obj->wire, attr, copy, len);
}

int pkttnl_object_set_text(struct pkttnl_object *obj, enum pktt_attr attr, const char *value)
{
	char *copy;

	if (obj->is_lent || !is_attr(attr) || wire_attr_kind(attr) != WIRE_TEXT ||
	    attr == PKTTA_ELEMENT)
		return -EINVAL;
	copy = value ? strdup(value) : NULL;
	if (value && !copy)
		return -ENOMEM;
	replace(obj, attr, copy, value ? strlen(value) : 0);
	return 0;
}

int pkttnl_object_set_data(struct pkttnl_object *obj, const void *data, size_t len)
{
	void *copy;

	if (obj->is_lent)
		return -EINVAL;
	copy = malloc(len ? len : 1);
	if (!copy)
		return -ENOMEM;
	if (len)
		memcpy(copy, data, len);
	replace(obj, PKTTA_DATA, copy, len);
	return 0;
}

int pkttnl_object_add_element(struct pkttnl_object *obj, const char *element)
{
	const char **more;
	char *copy;

	if (obj->is_lent)
		return -EINVAL;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
	more = reallocarray(obj->element, obj->nelements + 1u, sizeof(*more));
	if (!more)
		return -ENOMEM;
	obj->element = more;
	copy = strdup(element);
	if (!copy)
		return -ENOMEM;
	more[obj->nelements++] = copy;
	wire_set_text(&obj->wire, PKTTA_ELEMENT, more[0]);
	return 0;
}

int pkttnl_object_set_rule(struct pkttnl_object *obj, const struct pkttnl_rule *rule)
{
	struct pkttnl_rule *copy = NULL;
	int r;

	if (obj->is_lent)
		return -EINVAL;
	r = pkttnl_rule_clone(&copy, rule);
	if (r)
		return r;
	pkttnl_rule_free(&obj->rule);
	obj->rule = copy;
	obj->wire.rule = copy->spec;
	obj->wire.family = (unsigned int)copy->spec->family;
	return copy->spec->name[0] ? pkttnl_object_set_text(obj, PKTTA_NAME, copy->spec->name) : 0;
}

void pkttnl_object_set_flags(struct pkttnl_object *obj, uint16_t flags)
{
	obj->wire.flags = flags;
}

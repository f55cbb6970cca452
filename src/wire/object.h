/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message of the rules' subsystem, taken apart: its attributes by number, and its rule. Requests,
 * answers and events are all objects; what an attribute is stands in one table (object.c), which
 * <pktt/wire.h> describes.
 *
 * Overview: to send, wire_object_init(), set, wire_object_encode() (or wire_object_put() behind
 * headers that are there). To receive, wire_object_decode(), look, wire_object_fini(). Texts and data are
 * borrowed: from whoever set them, or from the message.
 */
#ifndef WIRE_OBJECT_H
#define WIRE_OBJECT_H

#include "desc/command.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include <pktt/wire.h>

struct pktt_catalog;

#define WIRE_ANY_FAMILY 255 /* a request that lists all */

struct wire_value {
	union {
		uint64_t number;
		const char *text;
		const void *data; /* DATA, EXT: len bytes */
	};
	size_t len;
};

struct wire_who {
	uint32_t uid, pid;
	const char *program; /* NULL = not said */
};

struct wire_object {
	enum pktt_rules_msg msg;
	uint16_t flags;				   /* NLM_F_*; of requests */
	unsigned int family;			   /* enum pktt_family, or WIRE_ANY_FAMILY */
	uint64_t has;				   /* bits of attributes */
	struct wire_value value[PKTTA_ATTR_COUNT]; /* of those that it has */
	struct wire_who who;
	const struct pktt_rule_spec *rule; /* NULL = none */
	struct pktt_rule_spec *owned;	   /* the same, where decoding made it */
};

void wire_object_init(struct wire_object *obj, enum pktt_rules_msg msg, unsigned int family);
void wire_object_fini(struct wire_object *obj);

static inline bool wire_has(const struct wire_object *obj, enum pktt_attr attr)
{
	return obj->has >> attr & 1;
}

/* 0 where it has none. */
static inline uint64_t wire_u64(const struct wire_object *obj, enum pktt_attr attr)
{
	return wire_has(obj, attr) ? obj->value[attr].number : 0;
}

/* NULL where it has none. */
static inline const char *wire_text(const struct wire_object *obj, enum pktt_attr attr)
{
	return wire_has(obj, attr) ? obj->value[attr].text : NULL;
}

void wire_set_u64(struct wire_object *obj, enum pktt_attr attr, uint64_t number);
/* NULL = it has none. */
void wire_set_text(struct wire_object *obj, enum pktt_attr attr, const char *text);
void wire_set_data(struct wire_object *obj, enum pktt_attr attr, const void *data, size_t len);
/* FILE, LINE, COLUMN, LENGTH; a place without a line sets nothing. */
void wire_set_place(struct wire_object *obj, const struct pktt_place *place);
void wire_set_who(struct wire_object *obj, const struct wire_who *who);
/* The rule with its name and its place. Counters and handle are set by themselves. */
void wire_set_rule(struct wire_object *obj, const struct pktt_rule_spec *rule);
/* FILE, LINE, COLUMN, LENGTH of the object. */
struct pktt_place wire_place(const struct wire_object *obj);

/* What an attribute holds, and what sentences call it. */
enum wire_kind { WIRE_U32, WIRE_S32, WIRE_U64, WIRE_TEXT, WIRE_DATA, WIRE_NEST };
enum wire_kind wire_attr_kind(enum pktt_attr attr);
const char *wire_attr_name(enum pktt_attr attr); /* "TABLE"; NULL for a number that is none */

/* --- Messages ----------------------------------------------------------------------------------- */

/* nfgen_family of a family, and back: -EAFNOSUPPORT. */
uint8_t wire_family(unsigned int family);
int wire_family_lookup(uint8_t nfproto, unsigned int *ret);

/*
 * The whole message, sequence number 0, into buf (aligned for a nlmsghdr): its length, a multiple of 4;
 * -EMSGSIZE where room bytes do not do.
 */
long wire_object_encode(const struct wire_object *obj, void *buf, size_t room);
/* The attributes alone, behind those that nlh has; room counts from nlh. -EMSGSIZE. */
int wire_object_put(const struct wire_object *obj, struct nlmsghdr *nlh, size_t room);
/*
 * One attribute behind those; room counts from nlh, false where it does not do. Unlike libmnl's
 * before 1.0.5 this writes the padding, so that nothing that stood in the memory travels along.
 */
bool wire_put(struct nlmsghdr *nlh, size_t room, uint16_t type, const void *data, size_t len);
/* One more ELEMENT behind that. -EMSGSIZE, and then nlh is as it was. */
int wire_put_element(struct nlmsghdr *nlh, size_t room, const char *element);

/*
 * Take a message of PKTT_SUBSYS_RULES apart, of which its length alone was checked (mnl_nlmsg_ok()). A
 * rule is made of cat's extensions and finished, and its places borrow FILE from the message; with cat
 * NULL rules are left aside. On failure *ret holds nothing. err's place is what the message says, or the
 * part of the rule that is at fault.
 * -EBADMSG: no such message, or not of whole attributes; -ENOENT: an extension or parameter that cat
 * does not have; -EINVAL: what pktt_rule_spec_finish() refuses; -EOPNOTSUPP: a newer attribute without
 * which the message would mean something else.
 */
int wire_object_decode(struct wire_object *ret, const struct nlmsghdr *nlh,
		       const struct pktt_catalog *cat, struct pktt_error *err);
/* The ELEMENTs of a message that was decoded, one after the other; *at is NULL at first. NULL ends. */
const char *wire_next_element(const struct nlmsghdr *nlh, const struct nlattr **at);

#endif

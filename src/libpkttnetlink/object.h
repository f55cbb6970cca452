/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects: decoded messages of the rules' subsystem, and requests before they are encoded. */
#ifndef LIBPKTTNETLINK_OBJECT_H
#define LIBPKTTNETLINK_OBJECT_H

#include "libpkttnetlink/private.h"
#include "wire/object.h"

/*
 * What is lent to callbacks borrows its texts from the message; what the caller has owns them. One lent
 * object is used for a whole listing, so that a message costs no memory but its rule's.
 */
struct pkttnl_object {
	struct wire_object wire; /* wire.rule is rule's */
	bool is_lent;
	const struct nlmsghdr *nlh; /* lent: the message */
	const char **element;	    /* not lent: all of them */
	unsigned int nelements;
	struct pkttnl_rule *rule;
	uint64_t lost; /* of a gap */
};

/* Releases what it has and leaves it lent and empty, for the next message. */
void pkttnl_object_clear(struct pkttnl_object *obj);
/* A message into a cleared, lent object, which is to be cleared before nlh goes. */
int pkttnl_object_decode(struct pkttnl_object *obj, struct pkttnl_catalog *cat,
			 const struct nlmsghdr *nlh, struct pkttnl_error *err);
/*
 * The message of an object at buf, which is aligned for one, sequence number 0. Its length, or
 * -EMSGSIZE where room bytes do not suffice.
 */
long pkttnl_object_encode(const struct pkttnl_object *obj, void *buf, size_t room, uint16_t flags);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a rule is, as attributes HEAD, MATCH, TARGET; used by object.c. */
#ifndef WIRE_RULE_H
#define WIRE_RULE_H

#include "wire/object.h"

/* -EMSGSIZE; room counts from nlh. */
int wire_rule_put(const struct pktt_rule_spec *rule, struct nlmsghdr *nlh, size_t room);
/* The rule of obj, whose attributes are checked, with name, counters, handle and place; finished. */
int wire_rule_get(struct pktt_rule_spec **ret, const struct wire_object *obj,
		  const struct nlmsghdr *nlh, const struct pktt_catalog *cat,
		  struct pktt_error *err);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of the language (desc/command.h) as messages, and back. */
#ifndef WIRE_COMMAND_H
#define WIRE_COMMAND_H

#include "wire/object.h"

enum wire_command_flags {
	WIRE_RESTORE = 1 << 0,	/* *table flushes the table */
	WIRE_COUNTERS = 1 << 1, /* counters of chains and rules are taken along */
};

/* Whether a command is a message at all: COMMIT and the verbs that list are not. */
bool wire_command_travels(enum pktt_verb verb);
/*
 * As a message with sequence number 0 and NLM_F_REQUEST, into buf (aligned for a nlmsghdr). Its length;
 * 0 for a command that does not travel; -EMSGSIZE where room bytes do not do. wire_put_element() adds
 * further elements to a SET_ADD or SET_DELETE.
 */
long wire_command_encode(const struct pktt_command *cmd, unsigned int flags, void *buf,
			 size_t room);
/* The same as an object that borrows from cmd. false: it does not travel. */
bool wire_command_object(const struct pktt_command *cmd, unsigned int flags,
			 struct wire_object *ret);

/*
 * The command that a message asks for. *ret is whole and checked as far as that can be without the
 * rules that there are; cmd->rule, cmd->element and places borrow from obj, unless the caller takes
 * obj->owned. *flags: WIRE_RESTORE for a TABLE_BEGIN that has it; WIRE_COUNTERS where counters came
 * along. -EINVAL for a message that asks for nothing that can be done, or whose attributes
 * contradict each other. A GETRULE with a rule is RULE_CHECK; other GETs are no commands.
 */
int wire_command_of(struct pktt_command *ret, unsigned int *flags, const struct wire_object *obj,
		    struct pktt_error *err);
/* Both steps; *obj is the caller's to finish, after success. */
int wire_command_decode(struct pktt_command *ret, unsigned int *flags, struct wire_object *obj,
			const struct nlmsghdr *nlh, const struct pktt_catalog *cat,
			struct pktt_error *err);

#endif

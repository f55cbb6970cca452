/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a message about rules (the first byte even: the next is the message's number, then what
 * follows the netlink header), or as the description of an extension (odd). Beyond the sanitizers'
 * silence: what is taken for a command says the same when it is sent on, and a rule comes back equal.
 */
#include "wire/command.h"
#include "wire/ext.h"

#include "../unit/round_trip.h"
#include "desc/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static union {
	struct nlmsghdr nlh;
	char bytes[1 << 20];
} again;

static void complain(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	abort();
}

static void send_on(const struct pktt_command *cmd, unsigned int flags)
{
	struct pktt_error err = { 0 };
	struct pktt_command other;
	struct wire_object obj;
	unsigned int others;

	if (wire_command_encode(cmd, flags, again.bytes, sizeof(again)) <= 0)
		complain("a command that came does not go", "too long");
	if (wire_command_decode(&other, &others, &obj, &again.nlh, round_trip_catalog(), &err))
		complain("a command that came is refused", err.text);
	if (other.verb != cmd->verb || strcmp(other.chain, cmd->chain) != 0 ||
	    !other.rule != !cmd->rule ||
	    (cmd->rule && !pktt_rule_spec_equal(cmd->rule, other.rule)))
		complain("a command is another when it is sent on", cmd->chain);
	wire_object_fini(&obj);
}

static void try_message(uint8_t msg, const uint8_t *data, size_t size)
{
	struct nlmsghdr *nlh = malloc(sizeof(*nlh) + size);
	const struct nlattr *at = NULL;
	struct pktt_error err = { 0 };
	struct pktt_command cmd;
	struct wire_object obj;
	unsigned int flags;

	if (!nlh)
		return;
	*nlh = (struct nlmsghdr){ .nlmsg_len = (uint32_t)(sizeof(*nlh) + size),
				  .nlmsg_type = PKTT_SUBSYS_RULES << 8 | msg % 64,
				  .nlmsg_flags = (uint16_t)((msg / 64) << 8) };
	memcpy(nlh + 1, data, size);
	if (wire_command_decode(&cmd, &flags, &obj, nlh, round_trip_catalog(), &err) == 0) {
		send_on(&cmd, flags);
		wire_object_fini(&obj);
	} else if (!err.text[0]) {
		complain("a message is refused", "without a word");
	}
	if (wire_object_decode(&obj, nlh, NULL, NULL) == 0) {
		while (wire_next_element(nlh, &at))
			continue;
		wire_object_fini(&obj);
	}
	free(nlh);
}

static void try_description(const uint8_t *data, size_t size)
{
	struct wire_catalog *cat = NULL;
	const struct pktt_ext *ext;

	if (wire_catalog_new(&cat))
		return;
	if (wire_catalog_add(cat, data, size, NULL) == 0) {
		ext = pktt_catalog_at(wire_catalog_desc(cat), 0);
		if (!ext || wire_ext_encode(ext, again.bytes, sizeof(again)) < 0)
			complain("a description that came does not go", ext ? ext->name : "");
	}
	wire_catalog_free(&cat);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	if (data[0] & 1)
		try_description(data + 1, size - 1);
	else if (size <= UINT16_MAX)
		try_message(data[1], data + 2, size - 2);
	return 0;
}

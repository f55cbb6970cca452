/* SPDX-License-Identifier: BSD-2-Clause */
/* Frequent changes, as plain calls: each is a command of the language (desc/command.h). */
#include "libpkttnetlink/txn.h"

#include "desc/command_read.h"

#include <errno.h>
#include <string.h>

/* --- Commands --------------------------------------------------------------------------------- */

static int add(struct pkttnl_txn *txn, struct pktt_command *cmd, unsigned int flags,
	       struct pktt_error *e, struct pkttnl_error *err)
{
	struct pkttnl_error said = { 0 };
	int r = pkttnl_txn_command(txn, cmd, flags | PKTTNL_NOFLUSH, e);

	if (r == 0)
		return 0;
	pkttnl_told(&said, e, r);
	said.command = txn->changes + 1;
	pkttnl_txn_note(txn, &said);
	if (err)
		*err = said;
	return r;
}

/* A name that may be missing. */
static int put_name(const char *what, const char *name, char field[PKTT_NAME_MAX],
		    struct pktt_error *e)
{
	return name ? command_name(what, name, field, e) : 0;
}

static struct pktt_command command(enum pktt_verb verb, enum pkttnl_family family)
{
	return (struct pktt_command){ .verb = verb,
				      .family = (enum pktt_family)family,
				      .policy = PKTT_CONTINUE };
}

/* e: what the command's names were refused for, if code is not 0. */
static int add_named(struct pkttnl_txn *txn, struct pktt_command *cmd, const char *table,
		     const char *chain, struct pktt_error *e, struct pkttnl_error *err)
{
	struct pkttnl_error said = { 0 };
	int r = e->code;

	if (r == 0 && !pkttnl_family_name((int)cmd->family))
		r = pktt_fail(e, -EINVAL, "there is no family %d", (int)cmd->family);
	if (r == 0)
		r = put_name("table", table, cmd->table, e);
	if (r == 0)
		r = put_name("chain", chain, cmd->chain, e);
	if (r == 0)
		return add(txn, cmd, PKTTNL_COUNTERS, e, err);
	pkttnl_told(&said, e, r);
	said.command = txn->changes + 1;
	pkttnl_txn_note(txn, &said);
	if (err)
		*err = said;
	return r;
}

static int plain(struct pkttnl_txn *txn, struct pktt_command *cmd, const char *table,
		 const char *chain, struct pkttnl_error *err)
{
	struct pktt_error e = { 0 };

	return add_named(txn, cmd, table, chain, &e, err);
}

/* --- Rules ------------------------------------------------------------------------------------ */

/* The rule is finished first, so that what leaves is whole. */
static int with_rule(struct pkttnl_txn *txn, struct pktt_command *cmd, const char *table,
		     const char *chain, const struct pkttnl_rule *rule, struct pkttnl_error *err)
{
	struct pktt_error e = { 0 };

	cmd->rule = rule->spec;
	cmd->family = rule->spec->family;
	cmd->place = rule->spec->place;
	cmd->place.file = NULL; /* the rule's, which may go before the transaction */
	pktt_rule_spec_finish(rule->spec, &e);
	return add_named(txn, cmd, table, chain, &e, err);
}

int pkttnl_txn_append(struct pkttnl_txn *txn, const char *table, const char *chain,
		      const struct pkttnl_rule *rule, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_RULE_APPEND, PKTTNL_IPV4);

	return with_rule(txn, &cmd, table, chain, rule, err);
}

int pkttnl_txn_insert(struct pkttnl_txn *txn, const char *table, const char *chain, uint32_t number,
		      const struct pkttnl_rule *rule, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_RULE_INSERT, PKTTNL_IPV4);

	cmd.number = number;
	return with_rule(txn, &cmd, table, chain, rule, err);
}

int pkttnl_txn_insert_before(struct pkttnl_txn *txn, uint64_t handle,
			     const struct pkttnl_rule *rule, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_RULE_INSERT, PKTTNL_IPV4);

	cmd.before = handle;
	return with_rule(txn, &cmd, NULL, NULL, rule, err);
}

int pkttnl_txn_insert_after(struct pkttnl_txn *txn, uint64_t handle, const struct pkttnl_rule *rule,
			    struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_RULE_INSERT, PKTTNL_IPV4);

	cmd.after = handle;
	return with_rule(txn, &cmd, NULL, NULL, rule, err);
}

int pkttnl_txn_replace(struct pkttnl_txn *txn, uint64_t handle, const struct pkttnl_rule *rule,
		       struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_RULE_REPLACE, PKTTNL_IPV4);

	cmd.handle = handle;
	return with_rule(txn, &cmd, NULL, NULL, rule, err);
}

int pkttnl_txn_move_before(struct pkttnl_txn *txn, uint64_t handle, uint64_t other,
			   struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_RULE_MOVE, PKTTNL_IPV4);

	cmd.handle = handle;
	cmd.before = other;
	return plain(txn, &cmd, NULL, NULL, err);
}

int pkttnl_txn_move_after(struct pkttnl_txn *txn, uint64_t handle, uint64_t other,
			  struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_RULE_MOVE, PKTTNL_IPV4);

	cmd.handle = handle;
	cmd.after = other;
	return plain(txn, &cmd, NULL, NULL, err);
}

int pkttnl_txn_delete(struct pkttnl_txn *txn, uint64_t handle, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_RULE_DELETE_AT, PKTTNL_IPV4);

	cmd.handle = handle;
	return plain(txn, &cmd, NULL, NULL, err);
}

int pkttnl_txn_delete_equal(struct pkttnl_txn *txn, const char *table, const char *chain,
			    const struct pkttnl_rule *rule, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_RULE_DELETE, PKTTNL_IPV4);

	return with_rule(txn, &cmd, table, chain, rule, err);
}

int pkttnl_txn_zero_rule(struct pkttnl_txn *txn, uint64_t handle, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_CHAIN_ZERO, PKTTNL_IPV4);

	cmd.handle = handle;
	return plain(txn, &cmd, NULL, NULL, err);
}

/* --- Chains ----------------------------------------------------------------------------------- */

int pkttnl_txn_new_chain(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
			 const char *chain, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_CHAIN_NEW, family);

	return plain(txn, &cmd, table, chain, err);
}

int pkttnl_txn_delete_chain(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
			    const char *chain, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_CHAIN_DELETE, family);

	return plain(txn, &cmd, table, chain, err);
}

int pkttnl_txn_rename_chain(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
			    const char *chain, const char *name, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_CHAIN_RENAME, family);
	struct pktt_error e = { 0 };

	put_name("chain", name, cmd.other, &e);
	return add_named(txn, &cmd, table, chain, &e, err);
}

int pkttnl_txn_policy(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
		      const char *chain, enum pkttnl_verdict policy, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_CHAIN_POLICY, family);

	cmd.policy = (enum pktt_verdict)policy;
	return plain(txn, &cmd, table, chain, err);
}

int pkttnl_txn_flush(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
		     const char *chain, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_CHAIN_FLUSH, family);

	return plain(txn, &cmd, table, chain, err);
}

int pkttnl_txn_zero(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
		    const char *chain, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_CHAIN_ZERO, family);

	return plain(txn, &cmd, table, chain, err);
}

/* --- Sets ------------------------------------------------------------------------------------- */

static int with_set(struct pkttnl_txn *txn, struct pktt_command *cmd, const char *set,
		    struct pktt_error *e, struct pkttnl_error *err)
{
	if (e->code == 0)
		put_name("set", set, cmd->chain, e);
	return add_named(txn, cmd, NULL, NULL, e, err);
}

int pkttnl_txn_new_set(struct pkttnl_txn *txn, const char *set, const char *type,
		       const char *options, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_SET_CREATE, PKTTNL_IPV4);
	struct pktt_error e = { 0 };

	put_name("type", type, cmd.other, &e);
	cmd.element = options ? options : "";
	return with_set(txn, &cmd, set, &e, err);
}

int pkttnl_txn_delete_set(struct pkttnl_txn *txn, const char *set, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_SET_DESTROY, PKTTNL_IPV4);
	struct pktt_error e = { 0 };

	return with_set(txn, &cmd, set, &e, err);
}

int pkttnl_txn_flush_set(struct pkttnl_txn *txn, const char *set, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_SET_FLUSH, PKTTNL_IPV4);
	struct pktt_error e = { 0 };

	return with_set(txn, &cmd, set, &e, err);
}

int pkttnl_txn_swap_sets(struct pkttnl_txn *txn, const char *set, const char *other,
			 struct pkttnl_error *err)
{
	struct pktt_command cmd = command(PKTT_SET_SWAP, PKTTNL_IPV4);
	struct pktt_error e = { 0 };

	put_name("set", other, cmd.other, &e);
	return with_set(txn, &cmd, set, &e, err);
}

/* "-exist" is how ipset's language says it. */
static int element(struct pkttnl_txn *txn, enum pktt_verb verb, const char *set, const char *text,
		   bool exist, struct pkttnl_error *err)
{
	struct pktt_command cmd = command(verb, PKTTNL_IPV4);
	struct pktt_error e = { 0 };
	struct str whole = STR_INIT;
	int r;

	str_puts(&whole, text);
	if (exist)
		str_puts(&whole, " -exist");
	cmd.element = str_text(&whole);
	if (whole.failed)
		pktt_fail(&e, -ENOMEM, "there is no memory");
	else if (!text[0] || strpbrk(text, "\r\n"))
		pktt_fail(&e, -EINVAL, "an element is one line of text");
	r = with_set(txn, &cmd, set, &e, err);
	str_fini(&whole);
	return r;
}

int pkttnl_txn_add_element(struct pkttnl_txn *txn, const char *set, const char *text, bool exist,
			   struct pkttnl_error *err)
{
	return element(txn, PKTT_SET_ADD, set, text, exist, err);
}

int pkttnl_txn_delete_element(struct pkttnl_txn *txn, const char *set, const char *text, bool exist,
			      struct pkttnl_error *err)
{
	return element(txn, PKTT_SET_DELETE, set, text, exist, err);
}

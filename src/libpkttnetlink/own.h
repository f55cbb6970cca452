/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same rules and catalogs as the language (src/desc) sees them: for programs of this project that
 * link the library statically and print or compare rules themselves.
 */
#ifndef LIBPKTTNETLINK_OWN_H
#define LIBPKTTNETLINK_OWN_H

#include "desc/command.h"

#include <libpkttnetlink/libpkttnetlink.h>

/* A catalog that the program has already, as the engine's: borrowed, and to outlive *ret. */
int pkttnl_catalog_of(struct pkttnl_catalog **ret, const struct pktt_catalog *desc,
		      const char *version);
/* Borrowed from cat. */
const struct pktt_catalog *pkttnl_catalog_desc(const struct pkttnl_catalog *cat);
/* Borrowed from the rule, which must not be changed by pkttnl_*() while this is held. */
const struct pktt_rule_spec *pkttnl_rule_spec(const struct pkttnl_rule *rule);
/* The description itself, now the caller's; the rule is good for nothing more but to be freed. */
struct pktt_rule_spec *pkttnl_rule_take_spec(struct pkttnl_rule *rule);
/* A rule of a description made with cat's catalog; takes *spec. */
int pkttnl_rule_from_spec(struct pkttnl_rule **ret, struct pkttnl_catalog *cat,
			  struct pktt_rule_spec **spec);
/*
 * Add a command of the language to a transaction. flags: PKTTNL_NOFLUSH, PKTTNL_COUNTERS. Verbs that
 * list or check do nothing. cmd->rule stays the caller's.
 */
int pkttnl_txn_command(struct pkttnl_txn *txn, const struct pktt_command *cmd, unsigned int flags,
		       struct pktt_error *err);
/* The catalog's ext behind the opaque one, and back. */
const struct pktt_ext *pkttnl_ext_desc(const struct pkttnl_ext *ext);

#endif

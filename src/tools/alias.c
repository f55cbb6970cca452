/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is particular to the names under which programs call us: which they are, and the sentences and
 * exit codes by which scripts know what went wrong.
 */
#include "tools/verbs.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>

static const struct alias aliases[] = {
	{ "iptables", PKTT_IPV4, ALIAS_VERBS },
	{ "iptables-save", PKTT_IPV4, ALIAS_SAVE },
	{ "iptables-restore", PKTT_IPV4, ALIAS_RESTORE },
	{ "ip6tables", PKTT_IPV6, ALIAS_VERBS },
	{ "ip6tables-save", PKTT_IPV6, ALIAS_SAVE },
	{ "ip6tables-restore", PKTT_IPV6, ALIAS_RESTORE },
	{ "arptables", PKTT_ARP, ALIAS_VERBS },
	{ "arptables-save", PKTT_ARP, ALIAS_SAVE },
	{ "arptables-restore", PKTT_ARP, ALIAS_RESTORE },
	{ "ebtables", PKTT_BRIDGE, ALIAS_VERBS },
	{ "ebtables-save", PKTT_BRIDGE, ALIAS_SAVE },
	{ "ebtables-restore", PKTT_BRIDGE, ALIAS_RESTORE },
};

const struct alias *alias_lookup(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	const char *name = slash ? slash + 1 : argv0;

	for (size_t i = 0; name && i < pktt_countof(aliases); i++)
		if (strcmp(aliases[i].name, name) == 0)
			return &aliases[i];
	return NULL;
}

/* What libiptc says for an errno of a verb; our own words tell which of several it was. */
static const struct {
	int code;
	int verb;	       /* enum pktt_verb; -1 = any */
	const char *beginning; /* of our sentence; NULL = any */
	const char *sentence;
	int status;
} sentences[] = {
	{ ENOENT, -1, "there is no chain", "No chain/target/match by that name.", 1 },
	{ ENOENT, PKTT_RULE_DELETE, "chain ",
	  "Bad rule (does a matching rule exist in that chain?).", 1 },
	{ ENOENT, PKTT_RULE_CHECK, NULL, "Bad rule (does a matching rule exist in that chain?).",
	  1 },
	{ ENOENT, PKTT_RULE_DELETE_AT, NULL, "Index of deletion too big.", 1 },
	{ ENOENT, PKTT_RULE_REPLACE, "chain ", "Index of replacement too big.", 1 },
	{ ERANGE, PKTT_RULE_INSERT, NULL, "Index of insertion too big.", 1 },
	{ ENOENT, PKTT_CHAIN_ZERO, "chain ", "Index of counter too big.", 1 },
	{ EEXIST, PKTT_CHAIN_RENAME, NULL, "File exists.", 1 },
	{ EEXIST, -1, NULL, "Chain already exists.", 1 },
	{ ENOTEMPTY, -1, NULL, "Directory not empty.", 1 },
	{ EBUSY, -1, NULL, "Too many links.", 1 },
	{ EINVAL, PKTT_CHAIN_POLICY, "chain ", "Bad built-in chain name.", 1 },
	{ ELOOP, -1, NULL, "Too many levels of symbolic links.", 1 },
	{ EPERM, -1, NULL, "Permission denied (you must be root).", 4 },
};

const char *alias_sentence(const struct verbs *v, const struct pktt_error *err, int *status)
{
	int code = err->code < 0 ? -err->code : err->code;

	if (code == ENOENT && v->seen.verb == PKTT_RULE_INSERT && strstr(err->text, "number")) {
		*status = 1;
		return "Index of insertion too big.";
	}
	for (size_t i = 0; i < pktt_countof(sentences); i++) {
		const char *begin = sentences[i].beginning;

		if (sentences[i].code != code ||
		    (sentences[i].verb >= 0 && sentences[i].verb != (int)v->seen.verb) ||
		    (begin && strncmp(begin, err->text, strlen(begin)) != 0))
			continue;
		*status = sentences[i].status;
		return sentences[i].sentence;
	}
	return NULL;
}

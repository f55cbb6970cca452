/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules as listings, comparisons and completion look at them: read from a daemon, or from files that
 * were loaded into an engine of our own. A picture: it does not change with what it was read from.
 */
#ifndef TOOLS_BOOK_H
#define TOOLS_BOOK_H

#include "base/str.h"
#include "core/engine.h"

struct book_rule {
	struct pktt_rule_spec *spec; /* owned; NULL: what it says stands in its chain's printed */
	size_t printed_at, printed_len;
	uint64_t handle;
	struct pktt_counters counters;
	uint64_t last_hit_ns; /* since the epoch; 0 = never, or not known */
};

struct book_chain {
	char name[PKTT_NAME_MAX];
	bool is_base;
	enum pktt_verdict policy; /* RETURN: none */
	struct pktt_counters counters;
	unsigned int references;
	struct book_rule *rule;
	size_t nrules, room;
	struct str printed; /* rules as text or as members of a JSON object */
};

struct book_table {
	enum pktt_family family;
	char name[PKTT_NAME_MAX];
	struct book_chain *chain;
	size_t nchains, room;
};

struct book {
	struct book_table *table;
	size_t ntables, room;
	uint64_t generation;
	struct str *sets; /* as ipset save has them; owned, or NULL */
};

void book_fini(struct book *book);
/* Tables, chains and rules are appended, at the last table and chain; NULL or -ENOMEM without memory. */
struct book_table *book_add_table(struct book *book, enum pktt_family family, const char *name);
struct book_chain *book_add_chain(struct book_table *table, const char *name);
int book_add_rule(struct book_chain *chain, struct pktt_rule_spec **spec, uint64_t handle);
/*
 * The chain's last rule as it will be shown, in place of its description: a long list is printed while
 * it comes, which needs a fraction of the memory. As text only where iptables can express it, for whoever
 * saves for iptables says why it cannot. -ENOMEM.
 */
enum book_form { BOOK_SPEC, BOOK_TEXT, BOOK_JSON };
int book_print_last(struct book_chain *chain, enum book_form form);
/* "-p tcp -j ACCEPT", from the description or as it was printed. */
void book_put_rule(const struct book_chain *chain, const struct book_rule *rule, struct str *out);
struct book_table *book_table(const struct book *book, enum pktt_family family, const char *name);
struct book_chain *book_chain(const struct book_table *table, const char *name);
/* User-defined chains by name behind the others, as iptables lists them. */
void book_sort(struct book *book);
/* Everything that an engine has. -ENOMEM. */
int book_of_engine(struct book *ret, struct pktt_engine *engine);
size_t book_count_rules(const struct book *book);

#endif

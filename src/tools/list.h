/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listings of rules: the columns of iptables -L, arptables -L and ebtables -L; the lines of -S. */
#ifndef TOOLS_LIST_H
#define TOOLS_LIST_H

#include "tools/book.h"

struct list_style {
	bool numeric, verbose, exact, numbers; /* -n -v -x --line-numbers */
	bool asks_names;  /* without -n: addresses by the names that the resolver has for them */
	bool has_extra;	  /* name, handle and last hit behind what iptables shows */
	uint64_t now_ns;  /* for "last hit" */
	const char *only; /* this chain alone; NULL = all */
	uint32_t number;  /* this rule alone; 0 = all */
};

/* -L: a table's chains, in its family's own manner. */
void list_table(const struct book_table *table, const struct list_style *style, struct str *out);
/* -S: lines that make the same again; with verbose counters. */
void list_rules(const struct book_table *table, const struct list_style *style, struct str *out);
/* "DROP  tcp opt -- in eth0 out *  0.0.0.0/0  -> 0.0.0.0/0   tcp dpt:22": what -A says with -v. */
void list_one_line(const struct pktt_rule_spec *rule, struct str *out);

/* --- Parts --------------------------------------------------------------------------------------- */

/* What a match or target shows behind the columns, with a blank before it. */
void list_use(const struct pktt_rule_spec *rule, const struct pktt_use *use, bool numeric,
	      struct str *out);
/* An option's value as save prints it; false where it was not given. */
bool list_value(const struct pktt_rule_spec *rule, const struct pktt_use *use, const char *option,
		struct str *out);
bool list_is_given(const struct pktt_rule_spec *rule, const struct pktt_use *use,
		   const char *option);
/* A number within its value (enum order of the type's parts); 0 where there is no such option. */
uint64_t list_part(const struct pktt_rule_spec *rule, const struct pktt_use *use,
		   const char *option, unsigned int part);
/* "tcp", or with numeric "6" */
void list_protocol(unsigned int number, bool numeric, struct str *out);
bool list_is_negated(const struct pktt_rule_spec *rule, const struct pktt_use *use,
		     const char *option);
/* "   12" or with exact all digits, "   99K": xtables_print_num(). */
void list_number(uint64_t number, bool exact, struct str *out);
/* "   name web handle 5 last hit 3 s ago": the columns that iptables has not. */
void list_extra(const struct book_rule *rule, const struct list_style *style, struct str *out);
void list_arp(const struct book_table *table, const struct list_style *style, struct str *out);
void list_bridge(const struct book_table *table, const struct list_style *style, struct str *out);

#endif

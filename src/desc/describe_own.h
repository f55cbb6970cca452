/* SPDX-License-Identifier: BSD-2-Clause */
/* What the descriptions for people (help, one line, manual page) and for programs share. */
#ifndef PKTT_DESC_DESCRIBE_OWN_H
#define PKTT_DESC_DESCRIBE_OWN_H

#include <pktt/ext.h>

struct str;

/* Names of bits, as files and options spell them. */
const char *pktt_describe_family(unsigned int family);
const char *pktt_describe_hook(unsigned int hook);
const char *pktt_describe_kind(const struct pktt_ext *ext);

/* What stands before an option: "--", and nothing with the options of sets, as ipset has it. */
const char *pktt_describe_dashes(const struct pktt_ext *ext);

/* Bits of the families that an extension, or one of its parameters, serves. */
uint32_t pktt_describe_ext_families(const struct pktt_ext *ext);
uint32_t pktt_describe_param_families(const struct pktt_ext *ext, const struct pktt_param *p);
/* The type whose text option n takes, or NULL where it takes none. */
const struct pktt_type *pktt_describe_argument(const struct pktt_ext *ext, unsigned int n);
/* Bounds of the numbers of p, the type's own where it declares none; false without any bound. */
bool pktt_describe_bounds(const struct pktt_param *p, uint64_t *min, uint64_t *max);
/* The symbols that option n takes, or NULL. */
const struct pktt_symbol *pktt_describe_symbols(const struct pktt_ext *ext, unsigned int n);
/* "tcp", "132" */
void pktt_describe_protocol(uint8_t protocol, struct str *out);

/* Calls one(ctx, word, length) for every word of a text separated by spaces; NULL has none. */
void pktt_describe_words(const char *text, void (*one)(void *ctx, const char *word, size_t len),
			 void *ctx);
/*
 * "1 to 10000; default 5; also --burst": all that there is to say of option n beyond its help, or
 * nothing. max_names is how many names of symbols are told at most; beyond it only their number.
 */
void pktt_describe_facts(const struct pktt_ext *ext, unsigned int n, unsigned int max_names,
			 struct str *out);
/* "does nothing here: WHY" and so on, for the flags of the extension; empty without them. */
void pktt_describe_notes(const struct pktt_ext *ext, struct str *out);

#endif

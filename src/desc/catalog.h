/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The catalog: which extensions there are. The engine fills it with its registered tables and
 * plug-ins, a client with the descriptions it was sent; the language (rule text, JSON, help,
 * completion) knows extensions through it only.
 */
#ifndef PKTT_DESC_CATALOG_H
#define PKTT_DESC_CATALOG_H

#include <pktt/ext.h>

struct pktt_catalog;

int pktt_catalog_new(struct pktt_catalog **ret);
void pktt_catalog_free(struct pktt_catalog **cat);
/*
 * Add one table, which is borrowed and must outlive the catalog. -EEXIST with a sentence when an
 * extension of that kind, name and a common family is there; -EINVAL when the table has a fault
 * (pktt_lint_ext).
 */
int pktt_catalog_add(struct pktt_catalog *cat, const struct pktt_ext *ext, struct pktt_error *err);
/* By name or alias, serving family; an extension for IPv4 and IPv6 both serves inet. */
const struct pktt_ext *pktt_catalog_lookup(const struct pktt_catalog *cat, enum pktt_ext_kind kind,
					   const char *name, enum pktt_family family);
/* The head of a family (there is one each). */
const struct pktt_ext *pktt_catalog_head(const struct pktt_catalog *cat, enum pktt_family family);
/* In name order; NULL ends. */
const struct pktt_ext *pktt_catalog_at(const struct pktt_catalog *cat, size_t index);
/*
 * The name nearest to a misspelt one by edit distance (at most a third of its length), or NULL.
 */
const char *pktt_catalog_suggest(const struct pktt_catalog *cat, enum pktt_ext_kind kind,
				 const char *name, enum pktt_family family);

/* Faults of a table: the sentence names extension and parameter. Run at start and in a test. */
int pktt_lint_ext(const struct pktt_ext *ext, struct pktt_error *err);

#endif

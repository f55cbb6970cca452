/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of libpkttnetlink know of each other. */
#ifndef LIBPKTTNETLINK_PRIVATE_H
#define LIBPKTTNETLINK_PRIVATE_H

#include "libpkttnetlink/own.h"

#include "base/str.h"

#include <stdatomic.h>

struct pktt_catalog;

/* --- Errors ----------------------------------------------------------------------------------- */

/* As pktt_fail(). Leaves the place alone. */
int pkttnl_fail(struct pkttnl_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int pkttnl_no_memory(struct pkttnl_error *err);
/* The language's error for the library's callers; to may be NULL. */
void pkttnl_error_from(struct pkttnl_error *to, const struct pktt_error *from);
/* The same, and the code back: for "return". r 0 leaves to alone. */
int pkttnl_told(struct pkttnl_error *to, const struct pktt_error *from, int r);
/* What a text function returns for text, which is released: see the public header. */
int pkttnl_text_out(struct str *text, char *buf, size_t room);

/* --- Catalogs --------------------------------------------------------------------------------- */

struct pkttnl_param {
	const struct pktt_ext *ext;
	unsigned int n; /* of ext->params */
};

struct pkttnl_ext {
	const struct pktt_ext *ext;
	struct pkttnl_param *param; /* ext->nparams of them */
};

struct pkttnl_catalog {
	atomic_uint references;
	const struct pktt_catalog *desc;
	struct pkttnl_ext *ext; /* in the order of desc */
	size_t next;
	char *version;
	void (*free_owner)(void *owner); /* of desc; NULL: it is borrowed */
	void *owner;
};

/* Takes owner, which free_owner() frees, also on failure. */
int pkttnl_catalog_new(struct pkttnl_catalog **ret, const struct pktt_catalog *desc,
		       const char *version, void *owner, void (*free_owner)(void *owner));
struct pkttnl_catalog *pkttnl_catalog_hold(struct pkttnl_catalog *cat);
const struct pkttnl_ext *pkttnl_catalog_wrapped(const struct pkttnl_catalog *cat,
						const struct pktt_ext *ext);

/* --- Rules ------------------------------------------------------------------------------------ */

struct pkttnl_use {
	struct pkttnl_use *next; /* of the same rule */
	struct pkttnl_rule *rule;
	const struct pktt_ext *ext;
	void *args; /* the spec's, which stays where it is when its arrays grow */
};

struct pkttnl_rule {
	struct pkttnl_catalog *cat;
	struct pktt_rule_spec *spec;
	struct pkttnl_use *uses; /* that somebody asked for */
	char *file;		 /* the spec's places point to it, or NULL */
};

/* A place's name of a file, which the spec borrows, becomes the rule's own. */
int pkttnl_rule_own_file(struct pkttnl_rule *rule);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounting objects: counters with a name, for rules of any table that say it. nfacct(8)'s, with their
 * quotas. An object lives as long as a rule names it.
 */
#ifndef PKTT_EXT_NFACCT_H
#define PKTT_EXT_NFACCT_H

#include "core/engine.h"

enum nfacct_quota { NFACCT_NO_QUOTA, NFACCT_QUOTA_PACKETS, NFACCT_QUOTA_BYTES };

struct nfacct_count {
	uint64_t packets, bytes;
	enum nfacct_quota kind;
	uint64_t quota; /* in its unit; beyond it the match hits */
};

/* -ENOENT: no rule names it. take: what was counted goes, in one step each. */
int nfacct_get(struct pktt_engine *engine, const char *name, bool take, struct nfacct_count *ret);
/* -ENOENT. */
int nfacct_set_quota(struct pktt_engine *engine, const char *name, enum nfacct_quota kind,
		     uint64_t quota);
/* All of them, in order of their making. */
void nfacct_each(const struct pktt_engine *engine,
		 void (*each)(void *ctx, const char *name, const struct nfacct_count *count),
		 void *ctx);

#endif

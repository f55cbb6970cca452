/* SPDX-License-Identifier: BSD-2-Clause */
/* A transaction: what its files share. */
#ifndef LIBPKTTNETLINK_TXN_H
#define LIBPKTTNETLINK_TXN_H

#include "libpkttnetlink/link.h"

enum { PKTTNL_ERRORS_KEPT = 20 };

/* From which change on a text was read. */
struct pkttnl_txn_file {
	uint64_t first;
	const char *name; /* borrowed from sources */
};

struct pkttnl_txn {
	struct pkttnl *nl;
	struct nfl_txn *nfl; /* NULL with PKTTNL_EACH, and after the end */
	unsigned int flags;  /* PKTTNL_EACH, PKTTNL_ECHO */
	uint32_t first_seq;  /* of change 1, minus 1 */
	uint64_t changes;
	uint32_t confirm_seconds;
	uint64_t generation; /* that an answer told */
	bool is_over;
	unsigned int errors;
	struct pkttnl_error error[PKTTNL_ERRORS_KEPT];
	struct pktt_sources *sources; /* NULL until a text is read */
	struct pkttnl_txn_file *file;
	size_t nfiles;
	pkttnl_take *take;
	void *ctx;
	int stopped; /* what take() returned */
	size_t room;
	void *buf; /* the message that is being made */
};

void pkttnl_txn_note(struct pkttnl_txn *txn, const struct pkttnl_error *err);
/* The command that is being added is of this file. */
int pkttnl_txn_set_file(struct pkttnl_txn *txn, const char *name);

#endif

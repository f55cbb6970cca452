/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What takes a commit back.
 *
 * Overview: from what a commit tells of its changes an undo is made: steps that reverse it, newest first.
 * Rules are kept as text with their handles and counters, so that what comes back is what it was. A table
 * that was flushed, and a set, are kept whole, as they were the generation before; what else the commit
 * did to them needs no step then.
 */
#ifndef DAEMON_UNDO_H
#define DAEMON_UNDO_H

#include "core/change.h"

struct str;
struct undo;

/* -ENOMEM. */
int undo_new(struct undo **ret);
void undo_free(struct undo **undo);
/* While the commit is told (pktt_change_listener.change); the new generation. */
void undo_note(struct undo *undo, struct pktt_engine *engine, const struct pktt_change *change,
	       uint64_t generation);
/* The commit is told to its end. */
void undo_finish(struct undo *undo);
size_t undo_bytes(const struct undo *undo);
/* Why it cannot be taken back (no memory when it was made), or NULL. */
const char *undo_refusal(const struct undo *undo);
/* Take it back in the transaction, in which everything is as it was right after that commit. */
int undo_apply(const struct undo *undo, struct pktt_txn *txn, struct pktt_engine *engine,
	       struct pktt_error *err);

/* Everything as it was in a snapshot, as text. */
void undo_save(struct pktt_engine *engine, const struct pktt_snapshot *snapshot, struct str *out);

#endif

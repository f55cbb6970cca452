/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the match set and the target SET share: a rule's hold on the sets that it names. */
#ifndef PKTT_EXT_SET_H
#define PKTT_EXT_SET_H

#include "core/set.h"

/*
 * The set that ref names, held. -ENOENT; -EINVAL where ref names fewer directions than the set has
 * dimensions: no packet would ever be in it. Directions beyond them mean nothing, as in Linux.
 */
int set_hold(struct pktt_engine *engine, const struct pktt_set_ref *ref, struct pktt_set **ret,
	     struct pktt_error *err);
void set_release(struct pktt_set **set);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which is the n-th, and the how manieth is this one: a list's items once more, in order, in a B+ tree
 * that counts. Items that are in but do not count have a place and no number: rules that died and may
 * come back by an abort. All is O(log n). Writer only.
 */
#ifndef PKTT_CORE_RANK_H
#define PKTT_CORE_RANK_H

#include <stdbool.h>
#include <stdint.h>

struct rank_node;

struct rank {
	struct rank_node *root;
};

struct rank_item {
	struct rank_node *leaf; /* NULL: it is not in */
};

/* Before at; NULL = at the end. It counts. -ENOMEM. */
int rank_insert(struct rank *rank, struct rank_item *item, const struct rank_item *at);
void rank_remove(struct rank *rank, struct rank_item *item);
/* Whether it counts from now on. */
void rank_set(struct rank_item *item, bool counts);
/* How many count up to this one, itself included if it does. */
uint32_t rank_number(const struct rank_item *item);
/* The n-th that counts, from 1; NULL = there are not so many. */
struct rank_item *rank_at(const struct rank *rank, uint32_t n);
uint32_t rank_count(const struct rank *rank);
/* The tree goes; the items, which are not looked at, stay. */
void rank_fini(struct rank *rank);

#endif

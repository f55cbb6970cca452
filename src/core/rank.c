/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes are split when full - at the end of the whole the old one stays full, so that appending fills
 * them - and a node that has become small takes in its right neighbour if both are. Where an item stands
 * in its leaf, and a node in its parent, is searched: sixty-four pointers in eight cache lines.
 */
#include "core/rank.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FAN   64u
#define SMALL 16u
#define DEPTH 16u

struct rank_node {
	struct rank_node *parent;
	uint32_t n;
	bool is_leaf;
	uint64_t counts;     /* leaf: a bit an item */
	uint32_t count[FAN]; /* else: below each child */
	void *child[FAN];    /* nodes or items */
};

static uint64_t low_bits(unsigned int n)
{
	return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static unsigned int place(const struct rank_node *in, const void *child)
{
	unsigned int i = 0;

	while (in->child[i] != child)
		i++;
	return i;
}

static uint32_t sum(const struct rank_node *node, unsigned int n)
{
	uint32_t total = 0;

	if (node->is_leaf)
		return (uint32_t)__builtin_popcountll(node->counts & low_bits(n));
	for (unsigned int i = 0; i < n; i++)
		total += node->count[i];
	return total;
}

/* A leaf's count changed. */
static void tell(const struct rank_node *node, int by)
{
	for (; node->parent; node = node->parent)
		node->parent->count[place(node->parent, node)] += (uint32_t)by;
}

static void adopt(struct rank_node *node, unsigned int i)
{
	if (node->is_leaf)
		((struct rank_item *)node->child[i])->leaf = node;
	else
		((struct rank_node *)node->child[i])->parent = node;
}

/* Open a gap at i. */
static void shift_up(struct rank_node *node, unsigned int i)
{
	memmove(&node->child[i + 1], &node->child[i], (node->n - i) * sizeof(node->child[0]));
	memmove(&node->count[i + 1], &node->count[i], (node->n - i) * sizeof(node->count[0]));
	node->counts = (node->counts & low_bits(i)) | (node->counts & ~low_bits(i)) << 1;
	node->n++;
}

static void shift_down(struct rank_node *node, unsigned int i)
{
	node->n--;
	memmove(&node->child[i], &node->child[i + 1], (node->n - i) * sizeof(node->child[0]));
	memmove(&node->count[i], &node->count[i + 1], (node->n - i) * sizeof(node->count[0]));
	node->counts = (node->counts & low_bits(i)) | (node->counts >> 1 & ~low_bits(i));
}

/* Everything of from, from i on, to the end of to. */
static void move(struct rank_node *to, struct rank_node *from, unsigned int i)
{
	unsigned int n = from->n - i, at = to->n;

	memcpy(&to->child[at], &from->child[i], n * sizeof(to->child[0]));
	memcpy(&to->count[at], &from->count[i], n * sizeof(to->count[0]));
	if (n && from->is_leaf)
		to->counts |= from->counts >> i << at;
	from->counts &= low_bits(i);
	from->n = i;
	to->n += n;
	for (; at < to->n; at++)
		adopt(to, at);
}

/* --- Growing --------------------------------------------------------------------------------- */

struct spare {
	struct rank_node *node[DEPTH];
	unsigned int n;
};

static struct rank_node *take(struct spare *spare, bool is_leaf)
{
	struct rank_node *node = spare->node[--spare->n];

	node->is_leaf = is_leaf;
	return node;
}

/* As many as splitting this one will need. */
static int prepare(struct spare *spare, const struct rank_node *node)
{
	unsigned int n = 0;

	for (; node && node->n == FAN; node = node->parent)
		n += node->parent ? 1 : 2;
	for (; spare->n < n; spare->n++) {
		spare->node[spare->n] = calloc(1, sizeof(struct rank_node));
		if (spare->node[spare->n])
			continue;
		while (spare->n > 0)
			free(spare->node[--spare->n]);
		return -ENOMEM;
	}
	return 0;
}

static void put_child(struct rank_node *in, unsigned int i, struct rank_node *child)
{
	shift_up(in, i);
	in->child[i] = child;
	in->count[i] = sum(child, child->n);
	child->parent = in;
}

/* Everything from i on goes to a new right neighbour, which is returned. */
static struct rank_node *split(struct rank *rank, struct rank_node *node, unsigned int i,
			       struct spare *spare)
{
	struct rank_node *right = take(spare, node->is_leaf), *parent = node->parent;
	unsigned int at;

	if (!parent) {
		rank->root = parent = take(spare, false);
		put_child(parent, 0, node);
	}
	at = place(parent, node);
	if (parent->n == FAN) {
		bool is_last = i == FAN && at + 1 == FAN;
		struct rank_node *other = split(rank, parent, is_last ? FAN : FAN / 2, spare);

		if (is_last) {
			put_child(other, 0, right);
			return right;
		}
		parent = node->parent;
		at = place(parent, node);
	}
	move(right, node, i);
	put_child(parent, at + 1, right);
	parent->count[at] = sum(node, node->n);
	return right;
}

static struct rank_node *last_leaf(const struct rank *rank)
{
	struct rank_node *node = rank->root;

	while (node && !node->is_leaf)
		node = node->child[node->n - 1];
	return node;
}

int rank_insert(struct rank *rank, struct rank_item *item, const struct rank_item *at)
{
	struct rank_node *leaf = at ? at->leaf : last_leaf(rank);
	struct spare spare = { .n = 0 };
	unsigned int i;

	if (!leaf) {
		leaf = calloc(1, sizeof(*leaf));
		if (!leaf)
			return -ENOMEM;
		leaf->is_leaf = true;
		rank->root = leaf;
	}
	i = at ? place(leaf, at) : leaf->n;
	if (leaf->n == FAN) {
		unsigned int from = i == FAN ? FAN : FAN / 2;
		struct rank_node *right;

		if (prepare(&spare, leaf))
			return -ENOMEM;
		right = split(rank, leaf, from, &spare);
		if (i >= from) {
			leaf = right;
			i -= from;
		}
	}
	shift_up(leaf, i);
	leaf->child[i] = item;
	leaf->counts |= UINT64_C(1) << i;
	item->leaf = leaf;
	tell(leaf, 1);
	return 0;
}

/* --- Shrinking ------------------------------------------------------------------------------- */

static void collapse(struct rank *rank)
{
	while (rank->root && !rank->root->is_leaf && rank->root->n == 1) {
		struct rank_node *old = rank->root;

		rank->root = old->child[0];
		rank->root->parent = NULL;
		free(old);
	}
}

/* Take in the right neighbour, if there is one and both are small. */
static void merge(struct rank_node *node)
{
	struct rank_node *parent = node->parent, *right;
	unsigned int at = place(parent, node);

	if (at + 1 == parent->n)
		return;
	right = parent->child[at + 1];
	if (node->n + right->n > FAN / 2)
		return;
	move(node, right, 0);
	parent->count[at] += parent->count[at + 1];
	shift_down(parent, at + 1);
	free(right);
}

static void drop(struct rank *rank, struct rank_node *node)
{
	while (node->n == 0) {
		struct rank_node *parent = node->parent;

		if (!parent)
			rank->root = NULL;
		else
			shift_down(parent, place(parent, node));
		free(node);
		if (!parent)
			return;
		node = parent;
	}
	if (node->parent && node->n < SMALL)
		merge(node);
	collapse(rank);
}

void rank_remove(struct rank *rank, struct rank_item *item)
{
	struct rank_node *leaf = item->leaf;
	unsigned int i;

	if (!leaf)
		return;
	rank_set(item, false);
	i = place(leaf, item);
	shift_down(leaf, i);
	item->leaf = NULL;
	if (leaf->n < SMALL)
		drop(rank, leaf);
}

void rank_fini(struct rank *rank)
{
	struct rank_node *node = rank->root;

	while (node) {
		struct rank_node *next = node->parent;

		if (!node->is_leaf && node->n) {
			next = node->child[--node->n];
		} else {
			free(node);
		}
		node = next;
	}
	rank->root = NULL;
}

/* --- Asking ---------------------------------------------------------------------------------- */

void rank_set(struct rank_item *item, bool counts)
{
	struct rank_node *leaf = item->leaf;
	uint64_t bit;

	if (!leaf)
		return;
	bit = UINT64_C(1) << place(leaf, item);
	if (!(leaf->counts & bit) == !counts)
		return;
	leaf->counts ^= bit;
	tell(leaf, counts ? 1 : -1);
}

uint32_t rank_number(const struct rank_item *item)
{
	const struct rank_node *node = item->leaf;
	uint32_t n = sum(node, place(node, item) + 1);

	for (; node->parent; node = node->parent)
		n += sum(node->parent, place(node->parent, node));
	return n;
}

uint32_t rank_count(const struct rank *rank)
{
	return rank->root ? sum(rank->root, rank->root->n) : 0;
}

struct rank_item *rank_at(const struct rank *rank, uint32_t n)
{
	const struct rank_node *node = rank->root;
	unsigned int i;

	if (n == 0 || n > rank_count(rank))
		return NULL;
	while (!node->is_leaf) {
		for (i = 0; n > node->count[i]; i++)
			n -= node->count[i];
		node = node->child[i];
	}
	for (i = 0;; i++) {
		n -= node->counts >> i & 1;
		if (n == 0)
			return node->child[i];
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* A circular doubly linked list whose head is a node; liburcu's macros walk and publish it. */
#ifndef PKTT_BASE_LIST_H
#define PKTT_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(l)       \
	{                  \
		&(l), &(l) \
	}

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_is_empty(const struct list *l)
{
	return l->next == l;
}

/* Insert n before at; before the head means at the end. next is published last, for readers. */
static inline void list_insert_before(struct list *at, struct list *n)
{
	n->next = at;
	n->prev = at->prev;
	__atomic_store_n(&at->prev->next, n, __ATOMIC_RELEASE);
	at->prev = n;
}

/* Unlink n; its own next stays, so that a reader who stands on it finds the way on. */
static inline void list_remove(struct list *n)
{
	__atomic_store_n(&n->prev->next, n->next, __ATOMIC_RELEASE);
	n->next->prev = n->prev;
}

static inline struct list *list_next(const struct list *n)
{
	return __atomic_load_n(&n->next, __ATOMIC_ACQUIRE);
}

#define list_entry(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define list_for_each(pos, head) \
	for (struct list *pos = list_next(head); pos != (head); pos = list_next(pos))

#define list_for_each_safe(pos, tmp, head)                                     \
	for (struct list *pos = (head)->next, *tmp = pos->next; pos != (head); \
	     pos = tmp, tmp = pos->next)

#endif

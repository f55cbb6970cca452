/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the connection table share: a table that logs, and numbered tuples. */
#ifndef PKTT_TEST_CONNDB_COMMON_H
#define PKTT_TEST_CONNDB_COMMON_H

#include "conntrack/conndb.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000u

struct log {
	unsigned int released, expired;
	uint16_t port[4096]; /* of what expired, in order */
};

struct conndb *db_new(struct log *log, uint32_t max, uint64_t key);
/* The n-th tuple of a kind, and what answers to it. */
struct ct_tuple tuple(uint8_t family, uint8_t protocol, uint32_t n);
struct ct_tuple inverted(const struct ct_tuple *t);
/* A connection of the n-th tuple: unconfirmed; entered. */
struct conn *make(struct conndb *db, uint8_t family, uint8_t protocol, uint32_t n,
		  uint32_t timeout_ms);
void add(struct conndb *db, uint8_t family, uint8_t protocol, uint32_t n, uint32_t now_ms,
	 uint32_t timeout_ms);
/* Whether a tuple is found, then in this direction; whether both of the n-th are. */
bool has(struct conndb *db, const struct ct_tuple *t, uint32_t now_ms, enum ct_dir want);
bool has_n(struct conndb *db, uint8_t family, uint8_t protocol, uint32_t n, uint32_t now_ms);

static inline uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

#endif
